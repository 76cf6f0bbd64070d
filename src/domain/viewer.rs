//! Who a query or an action is for, and when: all that `me`, `my-team`, `today` and `age` need.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::field::Lang;
use super::kind::KindId;
use super::right::{Rights, Scope, Verb};

/// A person of the staff, as the program needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: i64,
    pub login: String,
    pub name: String,
    /// The role's name, such as `admin` or `sales`.
    pub role: String,
    /// What the role may do.
    pub rights: Arc<Rights>,
    pub team: Option<i64>,
    /// The person's team and all teams below it.
    pub teams: Vec<i64>,
    pub team_name: String,
    /// The absent colleagues for whom they stand in: whose records they have as they have their own.
    pub stands_in: Vec<i64>,
    /// Where their days begin, as kept with their login.
    pub zone: Option<Tz>,
}

impl Person {
    /// True for who manages people, keys and the workspace.
    pub fn is_admin(&self) -> bool {
        self.role == "admin"
    }

    /// How far they see records of that kind.
    pub fn sees(&self, kind: KindId) -> Scope {
        self.rights.reach(kind, Verb::Read)
    }
}

/// A person at a moment in a place.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub me: Person,
    pub now: DateTime<Utc>,
    pub zone: Tz,
    pub lang: Lang,
}

//! The people of the workspace as an admin sees them: who may come in, and how.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Cx, Desk, Result, failed, rights};
use crate::store::people;

/// A person, and what opens the door for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    pub id: i64,
    pub login: String,
    pub name: String,
    /// The role's name, such as `sales`.
    pub role: String,
    pub team: Option<String>,
    /// May come in.
    pub active: bool,
    /// How many that open.
    pub keys: u32,
    /// Over SSH, now.
    pub seats: u32,
    /// Of an invitation that is open.
    pub invited_until: Option<DateTime<Utc>>,
    /// Of a second factor.
    pub factor_since: Option<DateTime<Utc>>,
    /// The last time, over SSH, in the 400 days of which it is kept.
    pub came_in: Option<DateTime<Utc>>,
    /// The last day of being away; `None`: here today.
    pub away_until: Option<NaiveDate>,
    /// The login of whoever stands in meanwhile.
    pub deputy: Option<String>,
}

impl Desk {
    /// Everybody, or that person, and what opens the door for them: those who may come in first, then by name. For who
    /// manages users.
    pub async fn people(&self, cx: &Cx, login: Option<&str>) -> Result<Vec<Colleague>> {
        let (en, zh) = (
            "Only who manages users sees who may come in; ask an admin.",
            "只有可管理用户的人可以查看谁可以登录，请联系管理员。",
        );
        rights::manages_users(&cx.viewer, en, zh)?;
        let mut tx = self.read_tx(cx).await?;
        let person = match login {
            Some(login) => Some(self.person_of(&mut tx, cx, login).await?),
            None => None,
        };
        let rows = people::all(&mut tx, person).await.map_err(|e| failed(cx.viewer.lang, e))?;
        let colleague = |row: people::Row| Colleague {
            id: row.id,
            login: row.login,
            name: row.name,
            role: row.role,
            team: row.team,
            active: row.active,
            keys: u32::try_from(row.keys).unwrap_or(u32::MAX),
            seats: u32::try_from(row.seats).unwrap_or(u32::MAX),
            invited_until: row.invited_until,
            factor_since: row.factor_since,
            came_in: row.came_in,
            away_until: row.away_until,
            deputy: row.deputy,
        };
        Ok(rows.into_iter().map(colleague).collect())
    }
}

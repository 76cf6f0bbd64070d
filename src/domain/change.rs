//! What happened: operations and the changes they made.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::kind::KindId;

/// Through which door somebody came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Door {
    /// The terminal application.
    Tui,
    /// A subcommand.
    Cli,
    /// Written in SQL by hand.
    Psql,
    /// An import.
    Import,
    /// Rules, clocks and jobs.
    Worker,
}

impl Door {
    pub fn name(self) -> &'static str {
        match self {
            Self::Tui => "tui",
            Self::Cli => "cli",
            Self::Psql => "psql",
            Self::Import => "import",
            Self::Worker => "worker",
        }
    }
}

/// What a change did to its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    Create,
    Update,
    /// Removed for good, from SQL; the recycle bin is an update of `deleted`.
    Erase,
}

/// One record's part of an operation, as history shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub id: i64,
    pub operation: i64,
    /// The operation's action: `set`, `import`, `undo`, ….
    pub action: String,
    pub at: DateTime<Utc>,
    /// Who, by name; empty when no person could be told.
    pub by: String,
    pub by_id: Option<i64>,
    /// `tui`, `cli`, `psql`, ….
    pub door: String,
    pub kind: KindId,
    pub record: i64,
    pub version: i64,
    pub deed: Deed,
    /// Per changed field (canonical name): before and after, as the database's JSON; references with the labels they
    /// have now when those could be read.
    pub fields: Vec<FieldChange>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    pub field: String,
    pub before: serde_json::Value,
    pub after: serde_json::Value,
}

/// What the feed tells of one change: no values, so nobody learns what they may not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    pub kind: KindId,
    pub record: i64,
    pub operation: i64,
    pub version: i64,
    /// Who did it.
    pub by: Option<i64>,
    /// Changed fields by canonical name; empty for a creation.
    pub fields: Vec<String>,
    pub created: bool,
}

//! What happened: operations and the changes they made.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::field::{Field, FieldType};
use super::kind::KindId;
use super::value::{Ref, Value};

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
    pub before: Json,
    pub after: Json,
}

/// A value of history as the field's own; `None` where it is no longer of the field's type.
pub fn value(field: &Field, json: &Json) -> Option<Value> {
    Some(match (&field.ty, json) {
        (_, Json::Null) => Value::Null,
        (FieldType::Ref(_), json) => {
            let label = json["label"].as_str().unwrap_or_default().to_owned();
            Value::Ref(Ref { id: json["id"].as_i64().or(json.as_i64())?, label })
        }
        (FieldType::Tags, Json::Array(tags)) => {
            Value::Tags(tags.iter().filter_map(|t| t.as_str().map(str::to_owned)).collect())
        }
        (FieldType::Choice(_), Json::String(code)) => Value::Choice(code.clone()),
        (FieldType::Bool, Json::Bool(on)) => Value::Bool(*on),
        (FieldType::Day, Json::String(day)) => Value::Day(day.parse().ok()?),
        (FieldType::Instant, Json::String(at)) => Value::Instant(at.parse().ok()?),
        (FieldType::Decimal | FieldType::Money { .. } | FieldType::Int, Json::Number(n)) => {
            Value::Decimal(n.to_string().parse().ok()?)
        }
        (FieldType::Decimal | FieldType::Money { .. } | FieldType::Int, Json::String(n)) => {
            Value::Decimal(n.parse().ok()?)
        }
        (
            FieldType::Text | FieldType::LongText | FieldType::Email | FieldType::Phone | FieldType::Url,
            Json::String(s),
        ) => Value::Text(s.clone()),
        _ => return None,
    })
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

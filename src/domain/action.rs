//! What one may do to records, as values: keys, palette, bulk edits, macros, the command line and later rules all build
//! these, and `desk::perform` carries them out.

use serde::{Deserialize, Serialize};

use super::kind::KindId;
use super::query::Query;
use super::value::Value;

/// One field of a `Set`: it conflicts when the current value differs from both `was` and `now`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// Canonical field name.
    pub field: String,
    /// What the person saw; `None` overrules whatever is there (bulk edits, a chooser pressed again).
    pub was: Option<Value>,
    pub now: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// A new record; targets are ignored.
    Create {
        kind: KindId,
        values: Vec<(String, Value)>,
    },
    /// Assigning, moving a stage, changing status or priority are this with one field.
    Set {
        edits: Vec<Edit>,
    },
    Tag {
        add: Vec<String>,
        remove: Vec<String>,
    },
    /// An internal note: a message on a ticket, a `note` activity on any other record.
    Comment {
        text: String,
    },
    /// A reply in a ticket's conversation. Kept, not yet sent anywhere.
    Reply {
        text: String,
    },
    /// An activity with these fields, linked to each target.
    Log {
        values: Vec<(String, Value)>,
    },
    /// To the recycle bin.
    Delete,
    /// Out of the recycle bin.
    Restore,
}

impl Action {
    /// A `Set` of one field, overruling what is there.
    pub fn set(field: &str, now: Value) -> Self {
        Self::Set { edits: vec![Edit { field: field.into(), was: None, now }] }
    }

    /// The name kept in the operation's row: `create`, `set`, `tag`, `comment`, `reply`, `log`, `delete`, `restore`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Set { .. } => "set",
            Self::Tag { .. } => "tag",
            Self::Comment { .. } => "comment",
            Self::Reply { .. } => "reply",
            Self::Log { .. } => "log",
            Self::Delete => "delete",
            Self::Restore => "restore",
        }
    }
}

/// The records that an action is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// For `Create`.
    None,
    /// Records of one kind by id.
    Records(KindId, Vec<i64>),
    /// All that match; `expect` is the number that the person confirmed, checked again before writing.
    Matching { kind: KindId, query: Query, expect: Option<u64> },
}

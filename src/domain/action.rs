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
    /// A reply in a ticket's conversation, the mail that carries it to the customer, and what becomes of the ticket.
    Reply {
        text: String,
        /// `None`: to the ticket's contact, where they have a mail address.
        #[serde(default)]
        mail: Option<Envelope>,
        /// The ticket's status afterwards; `None`: as it was.
        #[serde(default)]
        status: Option<String>,
        /// The last message of the conversation that was read; others' later ones are a conflict.
        #[serde(default)]
        seen: Option<i64>,
    },
    /// The next ticket that nobody has, by urgency, becomes the person's own; targets are ignored.
    Pull,
    /// An activity with these fields, linked to each target.
    Log {
        values: Vec<(String, Value)>,
    },
    /// To the recycle bin.
    Delete,
    /// Out of the recycle bin.
    Restore,
}

/// Who a reply's mail goes to and comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Empty: no mail, the reply is only kept.
    pub to: String,
    pub cc: String,
    pub sender: String,
}

impl Action {
    /// A plain reply to the ticket's contact.
    pub fn reply(text: impl Into<String>) -> Self {
        Self::Reply { text: text.into(), mail: None, status: None, seen: None }
    }

    /// A `Set` of one field, overruling what is there.
    pub fn set(field: &str, now: Value) -> Self {
        Self::Set { edits: vec![Edit { field: field.into(), was: None, now }] }
    }

    /// False for what must not happen again by one careless key: what makes records, deletes them or speaks to customers.
    pub fn can_repeat(&self) -> bool {
        matches!(self, Self::Set { .. } | Self::Tag { .. } | Self::Restore)
    }

    /// The same for other records: what stood in the first one does not bind it.
    #[must_use]
    pub fn afresh(mut self) -> Self {
        if let Self::Set { edits } = &mut self {
            for edit in edits {
                edit.was = None;
            }
        }
        self
    }

    /// The name kept in the operation's row: `create`, `set`, `tag`, `comment`, `reply`, `pull`, `log`, `delete`,
    /// `restore`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Set { .. } => "set",
            Self::Tag { .. } => "tag",
            Self::Comment { .. } => "comment",
            Self::Reply { .. } => "reply",
            Self::Pull => "pull",
            Self::Log { .. } => "log",
            Self::Delete => "delete",
            Self::Restore => "restore",
        }
    }
}

/// The records that an action is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// For `Create` and `Pull`.
    None,
    /// Records of one kind by id.
    Records(KindId, Vec<i64>),
    /// All that match; `expect` is the number that the person confirmed, checked again before writing.
    Matching { kind: KindId, query: Query, expect: Option<u64> },
}

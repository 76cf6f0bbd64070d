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
    /// Several actions to each record, of which all happen or none: one step of undo. A macro by its name.
    Macro {
        name: String,
        steps: Vec<Action>,
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
        match self {
            Self::Macro { steps, .. } => steps.iter().all(Self::can_repeat),
            _ => matches!(self, Self::Set { .. } | Self::Tag { .. } | Self::Restore),
        }
    }

    /// True for what may be a macro's step: nothing that reaches customers, deletes, or makes records out of nothing.
    pub fn can_be_recorded(&self) -> bool {
        match self {
            Self::Macro { steps, .. } => steps.iter().all(Self::can_be_recorded),
            _ => matches!(self, Self::Set { .. } | Self::Tag { .. } | Self::Comment { .. } | Self::Log { .. }),
        }
    }

    /// The same with as few steps as can be: fields are set at once, the last value counts; so are tags. Steps of macros
    /// stand in their place.
    pub fn merged(actions: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let (mut edits, mut add, mut remove): (Vec<Edit>, Vec<String>, Vec<String>) = Default::default();
        let mut others = Vec::new();
        let mut waiting: std::collections::VecDeque<Self> = actions.into_iter().collect();
        while let Some(action) = waiting.pop_front() {
            match action {
                Self::Macro { steps, .. } => {
                    for step in steps.into_iter().rev() {
                        waiting.push_front(step);
                    }
                }
                Self::Set { edits: more } => {
                    for edit in more {
                        edits.retain(|e| e.field != edit.field);
                        edits.push(edit);
                    }
                }
                Self::Tag { add: new, remove: gone } => {
                    add.retain(|tag| !gone.contains(tag));
                    remove.retain(|tag| !new.contains(tag));
                    add.extend(new);
                    remove.extend(gone);
                }
                other => others.push(other),
            }
        }
        let mut merged = Vec::new();
        if !edits.is_empty() {
            merged.push(Self::Set { edits });
        }
        if !add.is_empty() || !remove.is_empty() {
            merged.push(Self::Tag { add, remove });
        }
        merged.extend(others);
        merged
    }

    /// The same for other records: what stood in the first one does not bind it.
    #[must_use]
    pub fn afresh(mut self) -> Self {
        match &mut self {
            Self::Set { edits } => {
                for edit in edits {
                    edit.was = None;
                }
            }
            Self::Macro { steps, .. } => *steps = std::mem::take(steps).into_iter().map(Self::afresh).collect(),
            _ => {}
        }
        self
    }

    /// The name kept in the operation's row: `create`, `set`, `tag`, `comment`, `reply`, `pull`, `log`, `macro`,
    /// `delete`, `restore`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Set { .. } => "set",
            Self::Tag { .. } => "tag",
            Self::Comment { .. } => "comment",
            Self::Reply { .. } => "reply",
            Self::Pull => "pull",
            Self::Log { .. } => "log",
            Self::Macro { .. } => "macro",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_becomes_as_few_steps_as_can_be() {
        let tag = |add: &[&str], remove: &[&str]| Action::Tag {
            add: add.iter().map(ToString::to_string).collect(),
            remove: remove.iter().map(ToString::to_string).collect(),
        };
        let set = |field: &str, to: &str| Action::set(field, Value::text(to));
        let said = Action::Comment { text: "seen".into() };
        let inner = Action::Macro { name: "inner".into(), steps: vec![set("status", "open"), tag(&["a"], &[])] };
        let merged =
            Action::merged([set("status", "new"), said.clone(), inner, tag(&["b"], &["a"]), set("type", "fault")]);
        let Action::Set { edits } = &merged[0] else { panic!("fields first: {merged:?}") };
        let fields: Vec<_> = edits.iter().map(|e| (e.field.as_str(), e.now.as_str().unwrap_or_default())).collect();
        assert_eq!(fields, [("status", "open"), ("type", "fault")]);
        assert_eq!(merged[1..], [tag(&["b"], &["a"]), said]);
    }

    #[test]
    fn steps_survive_being_kept() {
        let steps = vec![Action::set("owner", Value::reference(3)), Action::Comment { text: "x".into() }];
        let kept = serde_json::to_string(&steps).expect("plain data");
        assert_eq!(serde_json::from_str::<Vec<Action>>(&kept).expect("as kept"), steps);
    }

    #[test]
    fn what_reaches_customers_is_no_step() {
        assert!(!Action::reply("hello").can_be_recorded() && !Action::Delete.can_be_recorded());
        let macro_of = |steps| Action::Macro { name: "m".into(), steps };
        assert!(macro_of(vec![Action::set("status", Value::Null)]).can_repeat());
        assert!(!macro_of(vec![Action::Comment { text: "x".into() }]).can_repeat());
    }
}

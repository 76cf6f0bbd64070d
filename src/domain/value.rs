//! What a field can hold. Knows no field, no screen and no SQL.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::field::Lang;

/// One field's content in one record. `Null` is the query language's `none`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Value {
    #[default]
    Null,
    Text(String),
    Int(i64),
    /// Also money; its currency is the sibling field that `FieldType::Money` names.
    Decimal(Decimal),
    Bool(bool),
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    /// A choice's canonical code, such as `high`; label and rank are in the field.
    Choice(String),
    Ref(Ref),
    /// Sorted, without repeats.
    Tags(Vec<String>),
    /// A computed span in seconds (`age`, `idle`, `sla`); negative is past.
    Seconds(i64),
}

/// Another record, with the title it had when read, so that a list can show it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ref {
    pub id: i64,
    /// Empty when only the id is known; never part of equality.
    pub label: String,
}

impl PartialEq for Ref {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Ref {}

impl Ref {
    /// What people are shown: the title, not yet inert. A record that the viewer may not see has none, and says no more
    /// than that.
    pub fn shown(&self, lang: Lang) -> &str {
        match (self.label.as_str(), lang) {
            ("", Lang::En) => "not visible to you",
            ("", Lang::Zh) => "无权查看",
            (label, _) => label,
        }
    }
}

impl Value {
    /// A reference whose title is not known yet.
    pub fn reference(id: i64) -> Self {
        Self::Ref(Ref { id, label: String::new() })
    }

    /// Text as a value; empty or blank text is `Null`.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.trim().is_empty() { Self::Null } else { Self::Text(text) }
    }

    /// `Null`, and tags without a tag.
    pub fn is_none(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Tags(tags) => tags.is_empty(),
            _ => false,
        }
    }

    /// The text of `Text` and `Choice`.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Choice(text) => Some(text),
            _ => None,
        }
    }

    /// The id of a `Ref`.
    pub fn as_id(&self) -> Option<i64> {
        match self {
            Self::Ref(reference) => Some(reference.id),
            _ => None,
        }
    }

    /// The number of `Int` and `Decimal`.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Int(n) => Some((*n).into()),
            Self::Decimal(n) => Some(*n),
            _ => None,
        }
    }

    pub fn as_instant(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Instant(at) => Some(*at),
            _ => None,
        }
    }
}

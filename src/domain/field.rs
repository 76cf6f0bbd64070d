//! A field: name, type, label, requiredness, choices, and where its value comes from. Built-in and custom fields are
//! both this; nothing else in the program lists fields.

use serde::{Deserialize, Serialize};

use super::kind::KindId;
use super::when::Lean;

/// The two interface languages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Lang {
    #[default]
    En,
    Zh,
}

/// A word in both languages, for what is declared as data; the interface's own sentences are in the catalogues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub en: String,
    pub zh: String,
}

impl Label {
    pub fn new(en: &str, zh: &str) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }

    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// One value of a fixed list. Its place in `FieldType::Choice` is its rank, by which it compares and sorts; the digit
/// that picks it on a screen is its place plus one and never moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Lower-case ASCII for built-in ones (`at_risk`); as typed for custom fields.
    pub code: String,
    pub label: Label,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line.
    Text,
    /// Many lines, edited in the editor.
    LongText,
    /// Checked, compared and searched in lower case.
    Email,
    /// Kept as typed; searched by its digits.
    Phone,
    Url,
    Int,
    Decimal,
    /// `numeric(19,4)`; `currency` names the sibling field with the ISO code.
    Money {
        currency: String,
    },
    Bool,
    Day,
    Instant,
    /// Computed: see `Source`. Never set.
    Span,
    Choice(Vec<Choice>),
    /// A record of that kind.
    Ref(KindId),
    Tags,
}

/// Where a field's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The column of that name in the kind's table (`owner_id` for `owner`, `c_size` for a custom `size`).
    Column(String),
    /// True while the viewer watches the record of that kind; each person's own, and no column of the kind's table.
    Watch(String),
    /// Seconds from the column's instant to now: `age`, `idle`.
    Since(String),
    /// Seconds from now to the column's instant, negative when past: `sla`.
    Until(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent marks of a field, each read by itself")]
pub struct Field {
    /// Canonical name in queries, JSON and history: lower-case ASCII.
    pub name: String,
    pub label: Label,
    /// Other names that queries and import headers may use, lower case, either language.
    pub aliases: Vec<String>,
    pub ty: FieldType,
    pub source: Source,
    pub required: bool,
    /// Set by the program, never by a person (`created`, `updated`, spans).
    pub readonly: bool,
    /// Unique among the kind's records that are not deleted.
    pub unique: bool,
    pub custom: bool,
    /// Has an index that serves filters and sorts.
    pub indexed: bool,
    /// Place in the default list columns; the smallest survive longest when the screen narrows. `None`: not shown
    /// unless chosen.
    pub column: Option<u8>,
    /// Shown in forms and in the record's field block.
    pub form: bool,
    /// Set by others only: this role may not.
    #[serde(skip)]
    pub fixed: bool,
    /// Its dates lie in the past: `tue` is the last Tuesday, where others mean the next.
    #[serde(default)]
    pub past: bool,
}

impl Field {
    pub(crate) fn new(name: &str, en: &str, zh: &str, ty: FieldType) -> Self {
        let column = match &ty {
            FieldType::Ref(_) => format!("{name}_id"),
            _ => name.to_owned(),
        };
        Self {
            name: name.into(),
            label: Label::new(en, zh),
            aliases: Vec::new(),
            ty,
            source: Source::Column(column),
            required: false,
            readonly: false,
            unique: false,
            custom: false,
            indexed: false,
            column: None,
            form: true,
            fixed: false,
            past: false,
        }
    }

    /// A field added at run time, kept in column `c_<name>`.
    pub fn custom(name: &str, label: Label, ty: FieldType) -> Self {
        let mut field = Self::new(name, "", "", ty);
        field.label = label;
        field.source = Source::Column(format!("c_{name}"));
        field.custom = true;
        field
    }

    pub(crate) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) fn readonly(mut self) -> Self {
        self.readonly = true;
        self.form = false;
        self
    }

    /// Seen, and set by others only: what a role may not set.
    pub(crate) fn fixed(mut self) -> Self {
        self.readonly = true;
        self.fixed = true;
        self
    }

    pub(crate) fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    pub(crate) fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    pub(crate) fn column(mut self, place: u8) -> Self {
        self.column = Some(place);
        self
    }

    pub(crate) fn source(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    pub(crate) fn off_form(mut self) -> Self {
        self.form = false;
        self
    }

    pub(crate) fn past(mut self) -> Self {
        self.past = true;
        self
    }

    /// Which way dates in words look in it.
    pub fn lean(&self) -> Lean {
        if self.past { Lean::Back } else { Lean::Ahead }
    }

    pub(crate) fn alias(mut self, aliases: &[&str]) -> Self {
        self.aliases.extend(aliases.iter().map(|&a| a.to_owned()));
        self
    }

    /// The table's column behind the field; what the table does not hold goes by the field's name.
    pub fn db_column(&self) -> &str {
        match &self.source {
            Source::Column(name) | Source::Since(name) | Source::Until(name) => name,
            Source::Watch(_) => &self.name,
        }
    }

    /// The choices of a `Choice` field, by rank; empty for other types.
    pub fn choices(&self) -> &[Choice] {
        match &self.ty {
            FieldType::Choice(choices) => choices,
            _ => &[],
        }
    }

    /// The rank of a choice's code, from 0.
    pub fn rank(&self, code: &str) -> Option<usize> {
        self.choices().iter().position(|c| c.code == code)
    }

    /// True when `word` (any case) is the field's name, a label or an alias.
    pub fn is_called(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        self.name == word
            || self.label.en.to_lowercase() == word
            || self.label.zh.to_lowercase() == word
            || self.aliases.contains(&word)
    }
}

/// Choices from (code, English, Chinese) rows, in rank order.
pub(crate) fn choices(rows: &[(&str, &str, &str)]) -> FieldType {
    FieldType::Choice(
        rows.iter().map(|(code, en, zh)| Choice { code: (*code).into(), label: Label::new(en, zh) }).collect(),
    )
}

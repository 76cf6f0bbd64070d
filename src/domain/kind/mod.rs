//! Kinds: what a record can be. Each kind is declared in one file here and listed once in `Registry::builtin`; lists,
//! forms, filters, import, export, the command line, history, undo and rights all read the declaration.

mod activity;
mod canned;
mod company;
mod contact;
pub mod deal;
mod message;
mod pipeline;
mod product;
mod recorded;
pub mod stage;
mod team;
mod ticket;
mod user;
mod view;

pub use contact::full_name;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::field::{Field, FieldType, Label, Source, choices};

/// A kind's name, such as `contact`: the key to the registry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct KindId(pub &'static str);

impl fmt::Debug for KindId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for KindId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'de> Deserialize<'de> for KindId {
    /// Only names of built-in kinds: kinds are not made at run time.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Registry::builtin()
            .by_name(&name)
            .map(|kind| kind.id)
            .ok_or_else(|| serde::de::Error::custom(format!("no kind is called “{name}”")))
    }
}

pub const COMPANY: KindId = KindId("company");
pub const CONTACT: KindId = KindId("contact");
pub const PRODUCT: KindId = KindId("product");
pub const PIPELINE: KindId = KindId("pipeline");
pub const STAGE: KindId = KindId("stage");
pub const DEAL: KindId = KindId("deal");
pub const TICKET: KindId = KindId("ticket");
pub const MESSAGE: KindId = KindId("message");
pub const ACTIVITY: KindId = KindId("activity");
pub const USER: KindId = KindId("user");
pub const TEAM: KindId = KindId("team");
pub const VIEW: KindId = KindId("view");
pub const CANNED: KindId = KindId("canned");
pub const MACRO: KindId = KindId("macro");

/// Records that people watch, to hear of what others do to them. The trigger `told_watchers` knows the same.
const WATCHED: [KindId; 5] = [COMPANY, CONTACT, DEAL, TICKET, ACTIVITY];

/// How widely records of a kind are shared before roles narrow it further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Customer data: has owner and team; roles see all, their team's, their own or none.
    Owned,
    /// Configuration that everyone reads and an admin writes (products, pipelines, stages, users, teams).
    Common,
}

/// What a record of one sort is: its table, its letter, its fields.
#[derive(Clone, Debug)]
pub struct Kind {
    pub id: KindId,
    /// First letter of a record's code (`T1042`); unique.
    pub letter: char,
    pub one: Label,
    pub many: Label,
    /// The table; its name but for `user`, which Postgres reserves (`staff`).
    pub table: &'static str,
    /// The field whose value names a record in lists and references.
    pub title: &'static str,
    /// Default sort in the query language: `name`, `-created`.
    pub sort: &'static str,
    pub sharing: Sharing,
    /// Built-in fields in declared order, then the common ones, then custom ones. `Record::values` runs parallel.
    pub fields: Vec<Field>,
    /// Some of its fields are not there for this person: the table's other columns cannot be read either.
    pub hides: bool,
}

impl Kind {
    pub(crate) fn new(id: KindId, letter: char, one: (&str, &str), many: (&str, &str)) -> Self {
        Self {
            id,
            letter,
            one: Label::new(one.0, one.1),
            many: Label::new(many.0, many.1),
            table: id.0,
            title: "name",
            sort: "name",
            sharing: Sharing::Owned,
            fields: Vec::new(),
            hides: false,
        }
    }

    pub(crate) fn title(mut self, field: &'static str) -> Self {
        self.title = field;
        self
    }

    pub(crate) fn sort(mut self, sort: &'static str) -> Self {
        self.sort = sort;
        self
    }

    pub(crate) fn common(mut self) -> Self {
        self.sharing = Sharing::Common;
        self
    }

    pub(crate) fn fields(mut self, fields: Vec<Field>) -> Self {
        self.fields = fields;
        self
    }

    /// Adds the fields that every kind has; called once by the registry, after the kind's own.
    fn with_common_fields(mut self) -> Self {
        let at = |name: &str| Source::Column(name.to_owned());
        if self.sharing == Sharing::Owned {
            self.fields.extend([
                Field::new("owner", "Owner", "负责人", FieldType::Ref(USER)).indexed().column(5).alias(&[
                    "assignee",
                    "agent",
                    "sales agent",
                    "sales_agent",
                    "owner name",
                    "负责人员",
                ]),
                Field::new("team", "Team", "团队", FieldType::Ref(TEAM)).indexed().alias(&["department", "部门"]),
                Field::new("tags", "Tags", "标签", FieldType::Tags).alias(&["tag", "labels", "label"]),
            ]);
        }
        if WATCHED.contains(&self.id) {
            self.fields.push(
                Field::new("watching", "Watching", "关注", FieldType::Bool)
                    .source(Source::Watch(self.id.0.to_owned()))
                    .readonly()
                    .alias(&["watched", "已关注"]),
            );
        }
        self.fields.extend([
            Field::new("created", "Created", "创建时间", FieldType::Instant)
                .source(at("created_at"))
                .readonly()
                .indexed()
                .alias(&["created at", "created_at", "creation date", "created date", "create date", "create time"]),
            Field::new("creator", "Created by", "创建人", FieldType::Ref(USER)).source(at("created_by")).readonly(),
            Field::new("updated", "Updated", "更新时间", FieldType::Instant).source(at("updated_at")).readonly(),
            Field::new("updater", "Updated by", "更新人", FieldType::Ref(USER)).source(at("updated_by")).readonly(),
            Field::new("deleted", "Deleted", "删除时间", FieldType::Instant).source(at("deleted_at")).readonly(),
            Field::new("age", "Age", "存在时长", FieldType::Span).source(Source::Since("created_at".into())).readonly(),
            Field::new("idle", "Idle", "闲置时长", FieldType::Span)
                .source(Source::Since("updated_at".into()))
                .readonly(),
        ]);
        self
    }

    /// A field by its canonical name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The place of a field in `fields` and in `Record::values`.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    /// A field by name, label or alias in either language, any case.
    pub fn find_field(&self, word: &str) -> Option<&Field> {
        self.field(word).or_else(|| self.fields.iter().find(|f| f.is_called(word)))
    }

    /// The fields of the default list, most important first.
    pub fn default_columns(&self) -> Vec<&Field> {
        let mut fields: Vec<_> = self.fields.iter().filter(|f| f.column.is_some()).collect();
        fields.sort_by_key(|f| f.column);
        fields
    }

    /// `T1042`.
    pub fn code(&self, id: i64) -> String {
        format!("{}{id}", self.letter)
    }
}

/// Every kind with the fields it has in one workspace. Cheap to clone; replaced whole when a custom field is added.
#[derive(Clone, Debug)]
pub struct Registry {
    kinds: Arc<Vec<Kind>>,
}

impl Registry {
    /// The kinds as declared, without custom fields. A new kind is one more line here.
    pub fn builtin() -> Self {
        Self::of(vec![
            company::kind(),
            contact::kind(),
            product::kind(),
            pipeline::kind(),
            stage::kind(),
            deal::kind(),
            ticket::kind(),
            message::kind(),
            activity::kind(),
            user::kind(),
            team::kind(),
            view::kind(),
            canned::kind(),
            recorded::kind(),
        ])
    }

    /// A registry of just these kinds, each completed with the common fields.
    pub fn of(kinds: Vec<Kind>) -> Self {
        Self { kinds: Arc::new(kinds.into_iter().map(Kind::with_common_fields).collect()) }
    }

    /// These kinds and one more, completed with the common fields.
    #[must_use]
    pub fn with_kind(&self, kind: Kind) -> Self {
        let mut kinds = (*self.kinds).clone();
        kinds.push(kind.with_common_fields());
        Self { kinds: Arc::new(kinds) }
    }

    /// The same kinds with custom fields added at the end of theirs.
    #[must_use]
    pub fn with_custom(&self, custom: Vec<(KindId, Field)>) -> Self {
        let mut kinds = (*self.kinds).clone();
        for (id, field) in custom {
            if let Some(kind) = kinds.iter_mut().find(|k| k.id == id) {
                kind.fields.push(field);
            }
        }
        Self { kinds: Arc::new(kinds) }
    }

    /// The same kinds with each field as `fit` makes it; `None` leaves it out.
    #[must_use]
    pub fn with_fields(&self, fit: impl Fn(&Kind, &Field) -> Option<Field>) -> Self {
        let fitted = |kind: &Kind| {
            let fields: Vec<Field> = kind.fields.iter().filter_map(|field| fit(kind, field)).collect();
            Kind { hides: kind.hides || fields.len() < kind.fields.len(), fields, ..kind.clone() }
        };
        Self { kinds: Arc::new(self.kinds.iter().map(fitted).collect()) }
    }

    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind behind an id. Ids come from the registry, so a missing one is a mistake in the program.
    pub fn kind(&self, id: KindId) -> &Kind {
        self.kinds.iter().find(|k| k.id == id).expect("every KindId is registered")
    }

    /// A kind by its name or label, singular or plural, either language, any case.
    pub fn by_name(&self, word: &str) -> Option<&Kind> {
        let word = word.to_lowercase();
        self.kinds
            .iter()
            .find(|k| k.id.0 == word || [&k.one, &k.many].iter().any(|l| l.en.to_lowercase() == word || l.zh == word))
    }

    /// The record that a code such as `T1042` (any case) names; it need not exist.
    pub fn by_code(&self, code: &str) -> Option<(KindId, i64)> {
        let mut letters = code.trim().chars();
        let letter = letters.next()?.to_ascii_uppercase();
        let digits = letters.as_str();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let kind = self.kinds.iter().find(|k| k.letter == letter)?;
        Some((kind.id, digits.parse().ok()?))
    }
}

/// Lifecycle of a customer, shared by company and contact.
fn lifecycle() -> Field {
    Field::new(
        "lifecycle",
        "Lifecycle",
        "客户阶段",
        choices(&[
            ("lead", "Lead", "线索"),
            ("prospect", "Prospect", "潜在客户"),
            ("customer", "Customer", "客户"),
            ("loyal", "Loyal", "忠实客户"),
            ("at_risk", "At risk", "有流失风险"),
            ("lost", "Lost", "已流失"),
        ]),
    )
    .indexed()
    .alias(&["lifecycle stage", "stage of life", "客户级别"])
}

/// The sibling of every money field.
fn currency() -> Field {
    Field::new("currency", "Currency", "币种", FieldType::Text).alias(&["deal currency", "货币"])
}

//! What a role may do, as data: for each kind how far it goes with each verb, what it may besides, and which fields are
//! kept from it. The rows are in the database, which decides by them as well; here is what they mean.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::field::{Field, Label, Source};
use super::kind::{
    ACTIVITY, COMPANY, CONTACT, DEAL, Kind, KindId, MESSAGE, PIPELINE, PRODUCT, Registry, STAGE, Sharing, TEAM, TICKET,
    USER,
};

/// What is done to records, as far as rights tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    Read,
    Create,
    Edit,
    /// Into the recycle bin and out of it.
    Delete,
    Export,
}

impl Verb {
    /// In the order of a row.
    pub const ALL: [Self; 5] = [Self::Read, Self::Create, Self::Edit, Self::Delete, Self::Export];

    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::Export => "export",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }
}

/// How far a right goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    #[default]
    None,
    /// Records whose owner I am.
    Own,
    /// My own, and those of my team and the teams below it.
    Team,
    All,
}

impl Scope {
    pub const ALL: [Self; 4] = [Self::None, Self::Own, Self::Team, Self::All];

    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Own => "own",
            Self::Team => "team",
            Self::All => "all",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// How far one role goes with one kind, by verb.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reach([Scope; 5]);

impl Reach {
    /// The same for every verb.
    pub fn same(scope: Scope) -> Self {
        Self([scope; 5])
    }

    pub fn of(self, verb: Verb) -> Scope {
        self.0[verb as usize]
    }

    /// With another scope for one verb, and what follows: nobody works on what they do not see, and deleting is a way of
    /// editing. What would have to grow along is the error; what has to shrink does.
    pub fn with(self, verb: Verb, scope: Scope) -> Result<Self, Verb> {
        let mut made = self;
        made.0[verb as usize] = scope;
        match verb {
            Verb::Create | Verb::Edit | Verb::Export if scope > made.of(Verb::Read) => return Err(Verb::Read),
            Verb::Delete if scope > made.of(Verb::Edit) => return Err(Verb::Edit),
            _ => {}
        }
        for (verb, most) in [
            (Verb::Create, Verb::Read),
            (Verb::Edit, Verb::Read),
            (Verb::Export, Verb::Read),
            (Verb::Delete, Verb::Edit),
        ] {
            made.0[verb as usize] = made.of(verb).min(made.of(most));
        }
        Ok(made)
    }
}

/// What a role may besides, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Add, change and disable users and teams, but no admins.
    Users,
    /// Pipelines, stages, products, custom fields, the workspace's zone.
    Configuration,
    /// Take back what others did.
    Undo,
    /// See fields that are marked as sensitive.
    Sensitive,
}

impl Permission {
    pub const ALL: [Self; 4] = [Self::Users, Self::Configuration, Self::Undo, Self::Sensitive];

    pub fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Configuration => "configuration",
            Self::Undo => "undo",
            Self::Sensitive => "sensitive",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.name() == name)
    }
}

/// A field that is kept from a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub kind: String,
    pub field: String,
    /// Else it is seen and cannot be set.
    pub is_hidden: bool,
}

/// All that a role may do, whichever row says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    pub may: Vec<Permission>,
    /// The most records that one operation may touch; `None`: any number.
    pub bulk: Option<u64>,
    pub kinds: BTreeMap<String, Reach>,
    pub held: Vec<Held>,
}

impl Rights {
    /// What an admin may.
    pub fn everything() -> Self {
        Self::of_all(Scope::All, Scope::All, &Permission::ALL)
    }

    /// Customer data of one's team, configuration to read: what `sales` may at first.
    pub fn of_team() -> Self {
        Self::of_all(Scope::Team, Scope::None, &[])
    }

    fn of_all(owned: Scope, common: Scope, may: &[Permission]) -> Self {
        let reach = |kind: &Kind| match kind.sharing {
            Sharing::Owned => Reach::same(owned),
            Sharing::Common => Reach([Scope::All, common, common, common, Scope::All]),
        };
        let kinds = Registry::builtin().kinds().iter().map(|kind| (kind.id.0.to_owned(), reach(kind))).collect();
        Self { may: may.to_vec(), bulk: None, kinds, held: Vec::new() }
    }

    /// How far the role goes with records of that kind.
    pub fn reach(&self, kind: KindId, verb: Verb) -> Scope {
        self.kinds.get(kind.0).map_or(Scope::None, |reach| reach.of(verb))
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.may.contains(&permission)
    }

    /// The kinds as the role has them: hidden fields are not there, fixed ones cannot be set.
    #[must_use]
    pub fn narrow(&self, registry: &Registry) -> Registry {
        if self.held.is_empty() {
            return registry.clone();
        }
        registry.with_fields(|kind, field| {
            match self.held.iter().find(|held| held.kind == kind.id.0 && is_of(kind, field, &held.field)) {
                Some(Held { is_hidden: true, .. }) => None,
                Some(Held { is_hidden: false, .. }) => Some(field.clone().fixed()),
                None => Some(field.clone()),
            }
        })
    }
}

/// The field itself, and spans that would tell of it.
fn is_of(kind: &Kind, field: &Field, held: &str) -> bool {
    field.name == held || kind.field(held).is_some_and(|held| held.db_column() == field.db_column())
}

/// The rows behind a role's rights, as they are changed: kinds that have none of their own follow [`OTHERS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    pub may: Vec<Permission>,
    pub bulk: Option<u64>,
    pub kinds: BTreeMap<String, Reach>,
    pub fields: Vec<FieldRow>,
}

impl Definition {
    /// How far it goes with a kind; the same rule as the database's `right_on`.
    fn reach(&self, kind: &Kind) -> Reach {
        let own = self.kinds.get(kind.id.0).filter(|_| !is_permitted_by_name(kind.id));
        let said = own.or_else(|| self.kinds.get(OTHERS)).copied().unwrap_or_default();
        if kind.sharing == Sharing::Owned {
            return said;
        }
        let named = if is_permitted_by_name(kind.id) { Permission::Users } else { Permission::Configuration };
        let is_written = |verb| self.may.contains(&named) || own.is_some_and(|own| own.of(verb) == Scope::All);
        let writes = |verb| if is_written(verb) { Scope::All } else { Scope::None };
        let exports = if said.of(Verb::Export) == Scope::None { Scope::None } else { Scope::All };
        Reach([Scope::All, writes(Verb::Create), writes(Verb::Edit), writes(Verb::Delete), exports])
    }
}

/// The row of every kind that has none of its own.
pub const OTHERS: &str = "*";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRow {
    pub kind: String,
    pub field: String,
    pub column: String,
    pub hold: Hold,
}

/// How a field is kept from a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// Not seen, nowhere.
    Hidden,
    /// Seen, and set by others only.
    Fixed,
}

/// One change of a role's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// `None`: every kind without a row of its own.
    Reach(Option<KindId>, Verb, Scope),
    Permission(Permission, bool),
    Bulk(Option<u64>),
    Field(KindId, String, Option<Hold>),
}

/// What is another in `after`, in words: `contact: edit team → own`, `may undo`.
pub fn differences(registry: &Registry, before: &Definition, after: &Definition) -> Vec<String> {
    let mut told = Vec::new();
    let kinds: std::collections::BTreeSet<&String> = before.kinds.keys().chain(after.kinds.keys()).collect();
    for kind in kinds {
        let name = if kind == OTHERS { "others" } else { kind.as_str() };
        let reach = |of: &Definition| match registry.by_name(kind) {
            Some(kind) => of.reach(kind),
            None => of.kinds.get(kind).copied().unwrap_or_default(),
        };
        let (was, now) = (reach(before), reach(after));
        let cells: Vec<String> = Verb::ALL
            .into_iter()
            .filter(|verb| was.of(*verb) != now.of(*verb))
            .map(|verb| format!("{} {} → {}", verb.name(), was.of(verb).name(), now.of(verb).name()))
            .collect();
        if !cells.is_empty() {
            told.push(format!("{name}: {}", cells.join(", ")));
        }
    }
    for permission in Permission::ALL {
        match (before.may.contains(&permission), after.may.contains(&permission)) {
            (false, true) => told.push(format!("may {}", permission.name())),
            (true, false) => told.push(format!("may not {}", permission.name())),
            _ => {}
        }
    }
    if before.bulk != after.bulk {
        let said = |n: Option<u64>| n.map_or_else(|| "any number".to_owned(), |n| n.to_string());
        told.push(format!("at once {} → {}", said(before.bulk), said(after.bulk)));
    }
    let hold = |of: &Definition, row: &FieldRow| {
        of.fields.iter().find(|f| (&f.kind, &f.field) == (&row.kind, &row.field)).map(|f| f.hold)
    };
    for row in &after.fields {
        if hold(before, row) != Some(row.hold) {
            let hold = if row.hold == Hold::Hidden { "hidden" } else { "fixed" };
            told.push(format!("{}.{} {hold}", row.kind, row.field));
        }
    }
    for row in &before.fields {
        if hold(after, row).is_none() {
            told.push(format!("{}.{} free", row.kind, row.field));
        }
    }
    told
}

/// True for kinds whose rights are a named permission's alone.
pub fn is_permitted_by_name(kind: KindId) -> bool {
    [USER, TEAM].contains(&kind)
}

/// Why a field cannot be kept from a role in that way, as the end of a sentence; `None` when it can.
pub fn why_not_held(kind: &Kind, field: &Field, hold: Hold) -> Option<Label> {
    let because = |en: &str, zh: &str| Some(Label::new(en, zh));
    let is = |names: &[&str]| !field.custom && names.contains(&field.name.as_str());
    if kind.id == MESSAGE {
        return because("a conversation is read as a whole", "对话需完整显示");
    }
    if ![COMPANY, CONTACT, DEAL, TICKET, ACTIVITY, PRODUCT].contains(&kind.id) {
        return because("what everybody works by is open to everybody", "这类设置对所有人公开");
    }
    if matches!(field.source, Source::Watch(_)) {
        return because("it is each person's own", "它只属于各人自己");
    }
    if field.name == kind.title || is(&["family_name", "given_name"]) && hold == Hold::Hidden {
        return because("it names the record wherever that is shown", "记录处处以它显示");
    }
    if is(&["created", "creator", "updated", "updater", "deleted", "age", "idle"]) {
        return because("history tells it", "历史记录会显示它");
    }
    if is(&["pipeline", "stage", "state"]) && kind.id == DEAL {
        return because("it says where on the board the deal stands", "它决定商机在看板上的位置");
    }
    if kind.id == ACTIVITY && is(&["type", "at", "due", "done", "outcome", "body"]) {
        return because("timelines and to-do lists are made of it", "时间线和待办由它组成");
    }
    match hold {
        Hold::Hidden if is(&["owner", "team"]) => because("it decides who sees the record", "它决定谁能看到记录"),
        Hold::Hidden if is(&["company", "contact", "deal", "ticket"]) => {
            because("timelines are made of what belongs together", "时间线由关联记录组成")
        }
        Hold::Hidden if kind.id == TICKET && is(&["status", "priority", "due", "sla", "snoozed"]) => {
            because("the queue is ordered by it", "工单队列按它排序")
        }
        Hold::Fixed if field.readonly => because("nobody sets it", "它本来就不能修改"),
        _ => None,
    }
}

/// What a role is called; one's own is called by its name.
pub fn role_label(name: &str) -> Label {
    match name {
        "admin" => Label::new("Admin", "管理员"),
        "manager" => Label::new("Manager", "经理"),
        "sales" => Label::new("Sales", "销售"),
        "support" => Label::new("Support", "客服"),
        "marketing" => Label::new("Marketing", "市场"),
        "analyst" => Label::new("Analyst", "分析"),
        "read-only" => Label::new("Read only", "只读"),
        own => Label::new(own, own),
    }
}

/// Kinds in the order in which rights are shown: customer data first.
pub fn in_order(registry: &Registry) -> Vec<&Kind> {
    let place = |kind: &Kind| {
        let first = [COMPANY, CONTACT, DEAL, TICKET, MESSAGE];
        let last = [PRODUCT, PIPELINE, STAGE, USER, TEAM];
        let at = |list: &[KindId]| list.iter().position(|id| *id == kind.id);
        at(&first).unwrap_or_else(|| at(&last).map_or(100, |at| 200 + at))
    };
    let mut kinds: Vec<&Kind> = registry.kinds().iter().collect();
    kinds.sort_by_key(|kind| place(kind));
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_not_worked_on() {
        let team = Reach::same(Scope::Team);
        assert_eq!(team.with(Verb::Edit, Scope::All), Err(Verb::Read));
        assert_eq!(team.with(Verb::Read, Scope::Own), Ok(Reach::same(Scope::Own)), "the others shrink along");
        let wide = team.with(Verb::Read, Scope::All).expect("wider");
        assert_eq!(
            Verb::ALL.map(|verb| wide.of(verb)),
            [Scope::All, Scope::Team, Scope::Team, Scope::Team, Scope::Team]
        );
        let less = wide.with(Verb::Edit, Scope::Own).expect("less");
        assert_eq!(less.of(Verb::Delete), Scope::Own);
        assert_eq!(less.with(Verb::Delete, Scope::Team), Err(Verb::Edit));
    }

    #[test]
    fn a_hidden_field_is_not_there_and_a_fixed_one_cannot_be_set() {
        let registry = Registry::builtin();
        let held = |field: &str, is_hidden| Held { kind: "ticket".into(), field: field.into(), is_hidden };
        let rights = Rights { held: vec![held("due", true), held("category", false)], ..Rights::of_team() };
        let narrow = rights.narrow(&registry);
        let ticket = narrow.kind(TICKET);
        assert!(ticket.field("due").is_none() && ticket.field("sla").is_none(), "nor what is counted from it");
        assert!(ticket.field("category").is_some_and(|field| field.readonly));
        assert!(narrow.kind(DEAL).field("amount").is_some());
        assert!(ticket.hides && !narrow.kind(DEAL).hides);
    }

    #[test]
    fn words_lead_back_to_what_they_name() {
        for verb in Verb::ALL {
            assert_eq!(Verb::named(verb.name()), Some(verb));
        }
        for scope in Scope::ALL {
            assert_eq!(Scope::named(scope.name()), Some(scope));
        }
        for permission in Permission::ALL {
            assert_eq!(Permission::named(permission.name()), Some(permission));
        }
    }
}

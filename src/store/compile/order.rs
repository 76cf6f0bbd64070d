//! Order and keyset: where a page goes on, so that one index scan reads it.

use std::fmt::Write;

use sqlx::{Postgres, QueryBuilder};

use super::super::record::columns;
use super::Start;
use super::row::{column, name, title};
use crate::domain::field::{Field, FieldType, Source};
use crate::domain::kind::{Kind, KindId, Registry, Sharing};
use crate::domain::query::{Query, Sort, can_sort, instant_behind};
use crate::domain::record::Record;
use crate::domain::value::Value;

/// What a list is sorted by; the id comes last, in the direction of the last key.
pub(super) struct Order<'a> {
    kind: &'a Kind,
    keys: Vec<Key<'a>>,
}

struct Key<'a> {
    field: &'a Field,
    /// The value sorted by, over the table `t` (and `j`, the joined one, for the first key).
    expr: String,
    /// The same without the join.
    alone: String,
    descending: bool,
    nullable: bool,
    target: Option<Target<'a>>,
}

/// Records that a reference is sorted by.
struct Target<'a> {
    kind: &'a Kind,
    /// Column of the target.
    column: String,
    joined: bool,
}

/// A part of the list read by one range of an index.
pub(super) struct Branch {
    /// So many leading keys are level with the record of `Start`.
    level: usize,
    /// The next key is empty; else, where it may be, it is not.
    empty: bool,
    /// The first key is empty, so that nothing is joined.
    blank: bool,
    /// Against the query's order, from the list's end.
    backward: bool,
    goes_on: GoesOn,
}

/// Where a branch begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GoesOn {
    AtItsEnd,
    /// Behind the record by the keys that are not level and the id, as one comparison of rows.
    ByRow,
    /// Behind the record by the next key alone.
    ByKey,
}

impl Branch {
    /// Read from its other end.
    pub(super) fn reversed(&self) -> Self {
        Self { backward: !self.backward, ..*self }
    }

    /// The first key that differs within the branch.
    fn first_key(&self) -> usize {
        self.level + usize::from(self.empty)
    }
}

impl<'a> Order<'a> {
    pub(super) fn of(registry: &'a Registry, kind: KindId, query: &Query) -> Self {
        let kind = registry.kind(kind);
        let mut sorts: Vec<Sort> = query.group.iter().map(|f| Sort { field: f.clone(), descending: false }).collect();
        sorts.extend(query.sort.iter().cloned());
        if query.sort.is_empty() {
            let descending = kind.sort.starts_with('-');
            sorts.push(Sort { field: kind.sort.trim_start_matches('-').into(), descending });
        }
        let mut keys: Vec<Key<'a>> = Vec::new();
        for sort in &sorts {
            // A field that is gone since the query was saved sorts nothing.
            let Some(field) = kind.field(&sort.field).filter(|f| can_sort(f)) else { continue };
            if keys.iter().all(|key| key.field.name != field.name) {
                keys.push(Key::of(registry, field, sort.descending, keys.is_empty()));
                // Namesakes, and stages of two pipelines at one place, are groups of their own.
                if query.group.as_ref() == Some(&sort.field) && matches!(field.ty, FieldType::Ref(_)) {
                    keys.push(Key::own(field));
                }
            }
        }
        Self { kind, keys }
    }

    /// The branches of a page, in the order of reading.
    pub(super) fn branches(&self, start: Start<'_>) -> Vec<Branch> {
        let backward = matches!(start, Start::Before(_) | Start::Last);
        if let Start::After(record) | Start::Before(record) = start {
            return self.behind(0, record, backward);
        }
        let whole = |empty| Branch { level: 0, empty, blank: empty, backward, goes_on: GoesOn::AtItsEnd };
        if self.keys.first().is_some_and(|key| key.nullable) {
            vec![whole(backward), whole(!backward)]
        } else {
            vec![whole(false)]
        }
    }

    /// What is behind the record and level with it by so many keys: first what is level by one more, then what is
    /// behind by that one. Each is one range of an index, where a comparison by all of them would read everything level.
    fn behind(&self, level: usize, record: &Record, backward: bool) -> Vec<Branch> {
        let is_empty = |key: &Key<'_>| key.nullable && key.is_empty(self.kind, record);
        let blank = level > 0 && is_empty(&self.keys[0]);
        let branch = |empty, goes_on| Branch { level, empty, blank: blank || level == 0 && empty, backward, goes_on };
        let row = branch(false, GoesOn::ByRow);
        let Some(key) = self.keys.get(level) else { return vec![row] };
        let mut found = if is_empty(key) {
            self.behind(level + 1, record, backward)
        } else if self.is_row(&row) {
            vec![row]
        } else {
            let mut found = self.behind(level + 1, record, backward);
            found.push(branch(false, GoesOn::ByKey));
            found
        };
        // Empty values come last.
        if key.nullable && is_empty(key) == backward {
            found.push(branch(!backward, GoesOn::AtItsEnd));
        }
        found
    }

    /// `select t.*, key as k0 … from table t [join …]`
    pub(super) fn select(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch) {
        self.select_from(sql, branch, &format!("{} t", name(self.kind.table)));
    }

    /// The same from what has the kind's rows as `t`.
    pub(super) fn select_from(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch, from: &str) {
        // Some columns may not be read.
        if self.kind.hides {
            sql.push("select t.id, t.version");
            for column in columns(self.kind) {
                sql.push(format_args!(", t.{}", name(column)));
            }
        } else {
            sql.push("select t.*");
        }
        self.named_keys(sql, branch);
        sql.push(format_args!(" from {from}"));
        if let Some((key, target)) = self.joined().filter(|_| !branch.blank) {
            sql.push(format_args!(" join {} j on j.id = {}", name(target.kind.table), column("t", key.field)));
        }
    }

    /// As `select`, but the keys and the id alone.
    pub(super) fn keys(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch) {
        sql.push("select t.id");
        self.named_keys(sql, branch);
        sql.push(format_args!(" from {} t", name(self.kind.table)));
    }

    fn named_keys(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch) {
        for (i, key) in self.keys.iter().enumerate() {
            if branch.blank && i == 0 {
                // Null there, but of the key's type.
                sql.push(format_args!(", {} as k0", key.alone));
            } else {
                sql.push(format_args!(", {} as k{i}", key.expr));
            }
        }
    }

    /// True when the branch's keys make one comparison of rows: all go the same way and none but the first of a list is
    /// ever empty.
    fn is_row(&self, branch: &Branch) -> bool {
        let keys = &self.keys[branch.first_key()..];
        keys.iter().all(|key| key.descending == self.id_descends())
            && keys.iter().skip(usize::from(!branch.empty)).all(|key| !key.nullable)
    }

    /// True when a page may end at a row of the list (`within`).
    pub(super) fn is_even(&self, branch: &Branch) -> bool {
        branch.level == 0 && self.is_row(branch) && self.joined().is_none()
    }

    /// Before the row of the bound `b`.
    pub(super) fn within(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch) {
        let keys = self.keys.iter().enumerate().skip(branch.first_key());
        sql.push(" and (");
        for (_, key) in keys.clone() {
            sql.push(&key.expr).push(", ");
        }
        sql.push(if self.id_descends() == branch.backward { "t.id) <= (" } else { "t.id) >= (" });
        for (i, _) in keys {
            sql.push(format_args!("(select k{i} from b), "));
        }
        sql.push("(select id from b))");
    }

    /// Conditions that the branch and the start add.
    pub(super) fn restrict(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch, start: Start<'_>) {
        let next = self.keys.get(branch.level);
        if let Start::After(record) | Start::Before(record) = start {
            for (i, key) in self.keys.iter().take(branch.level).enumerate() {
                if key.nullable && key.is_empty(self.kind, record) {
                    self.is_empty(sql, i, true);
                } else {
                    sql.push(format_args!(" and {} = ", key.expr));
                    key.bind(sql, self.kind, record);
                }
            }
            match (branch.goes_on, next) {
                (GoesOn::ByRow, _) => {
                    sql.push(" and ");
                    self.beyond_row(sql, &self.keys[branch.level..], record, branch.backward);
                }
                (GoesOn::ByKey, Some(key)) => {
                    let sign = if key.descending == branch.backward { ">" } else { "<" };
                    sql.push(format_args!(" and {} {sign} ", key.expr));
                    key.bind(sql, self.kind, record);
                }
                _ => {}
            }
        }
        if next.is_some_and(|key| key.nullable) {
            self.is_empty(sql, branch.level, branch.empty);
        }
    }

    /// The key has no value, or has one.
    fn is_empty(&self, sql: &mut QueryBuilder<Postgres>, at: usize, empty: bool) {
        match self.joined() {
            Some((key, target)) if at == 0 && empty => {
                sql.push(format_args!(
                    " and not exists (select from {} j where j.id = {} and {} is not null)",
                    name(target.kind.table),
                    column("t", key.field),
                    key.expr
                ));
            }
            _ => {
                let not = if empty { "" } else { "not " };
                sql.push(format_args!(" and {} is {not}null", self.keys[at].expr));
            }
        }
    }

    fn id_descends(&self) -> bool {
        self.keys.last().is_some_and(|key| key.descending)
    }

    /// `(a, b, id) > (…)`: one index condition, when all go the same way and none is empty.
    fn beyond_row(&self, sql: &mut QueryBuilder<Postgres>, keys: &[Key<'_>], record: &Record, backward: bool) {
        sql.push("(");
        for key in keys {
            sql.push(&key.expr).push(", ");
        }
        sql.push(if self.id_descends() == backward { "t.id) > (" } else { "t.id) < (" });
        for key in keys {
            key.bind(sql, self.kind, record);
            sql.push(", ");
        }
        sql.push_bind(record.id).push(")");
    }

    /// The order of a branch, as an index has it.
    pub(super) fn inner(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch) {
        let mut list = String::from(" order by ");
        for (i, key) in self.keys.iter().enumerate().skip(branch.first_key()) {
            let descending = key.descending != branch.backward;
            let _ = write!(list, "{}{}", key.expr, if descending { " desc" } else { "" });
            if key.nullable && i > branch.level {
                list.push_str(if branch.backward { " nulls first" } else { " nulls last" });
            }
            list.push_str(", ");
        }
        let _ = write!(list, "t.id{}", if self.id_descends() == branch.backward { "" } else { " desc" });
        sql.push(list);
    }

    /// The order of a branch over rows that were read in several ways, aliased `s`.
    pub(super) fn merge(&self, sql: &mut QueryBuilder<Postgres>, branch: &Branch) {
        let mut list = String::from(" order by ");
        for (i, key) in self.keys.iter().enumerate().skip(branch.first_key()) {
            let descending = key.descending != branch.backward;
            let _ = write!(list, "s.k{i}{}", if descending { " desc" } else { "" });
            if key.nullable && i > branch.level {
                list.push_str(if branch.backward { " nulls first" } else { " nulls last" });
            }
            list.push_str(", ");
        }
        let _ = write!(list, "s.id{}", if self.id_descends() == branch.backward { "" } else { " desc" });
        sql.push(list);
    }

    /// The kind's own order, or its reverse: indexes of often-used filters have it.
    pub(super) fn is_the_kinds(&self) -> bool {
        self.keys.len() == 1 && self.keys[0].field.name == self.kind.sort.trim_start_matches('-')
    }

    /// Owners and teams have indexes in that order.
    pub(super) fn is_indexed(&self) -> bool {
        self.keys.first().is_some_and(|key| key.field.indexed)
    }

    /// The query's order over the page's few rows.
    pub(super) fn outer(&self, sql: &mut QueryBuilder<Postgres>, branches: &[Branch]) {
        let mut list = String::from(" order by ");
        let skip = usize::from(branches.iter().all(|branch| branch.blank));
        for (i, key) in self.keys.iter().enumerate().skip(skip) {
            let _ = write!(list, "t.k{i}{} nulls last, ", if key.descending { " desc" } else { "" });
        }
        let _ = write!(list, "t.id{}", if self.id_descends() { " desc" } else { "" });
        sql.push(list);
    }

    fn joined(&self) -> Option<(&Key<'a>, &Target<'a>)> {
        let key = self.keys.first()?;
        key.target.as_ref().filter(|target| target.joined).map(|target| (key, target))
    }
}

impl<'a> Key<'a> {
    fn of(registry: &'a Registry, field: &'a Field, descending: bool, first: bool) -> Self {
        let own = column("t", field);
        let kept = field.required || matches!(field.db_column(), "created_at" | "updated_at");
        let mut key =
            Self { field, expr: own.clone(), alone: String::new(), descending, nullable: !kept, target: None };
        match &field.ty {
            // Younger is a later date.
            FieldType::Span => key.descending = descending != matches!(field.source, Source::Since(_)),
            FieldType::Choice(_) => key.expr = format!("array_position({}, {own})", ranks(field)),
            FieldType::Ref(target) => {
                let target = registry.kind(*target);
                // Stages by their place, people and companies by name.
                let sort = target.field(target.sort).filter(|f| can_sort(f));
                let by = |alias: &str| sort.map_or_else(|| title(alias, target), |field| column(alias, field));
                // A reference to what the viewer may not see sorts like an empty one.
                key.nullable |= target.sharing == Sharing::Owned || sort.is_some_and(|field| !field.required);
                let joined = first && key.nullable;
                key.alone = format!("(select {} from {} r where r.id = {own})", by("r"), name(target.table));
                key.expr = if joined { by("j") } else { key.alone.clone() };
                key.target = Some(Target { kind: target, column: by("r"), joined });
            }
            _ => {}
        }
        if key.target.is_none() {
            key.alone.clone_from(&key.expr);
        }
        key
    }

    /// A reference by its id, whatever it is called.
    fn own(field: &'a Field) -> Self {
        let own = column("t", field);
        Self { field, expr: own.clone(), alone: own, descending: false, nullable: true, target: None }
    }

    /// True when the record has nothing to be sorted by; for a reference, nothing that the viewer may see.
    fn is_empty(&self, kind: &Kind, record: &Record) -> bool {
        match (&self.field.ty, record.get(kind, &self.field.name)) {
            (FieldType::Span, _) => instant_behind(kind, self.field, record).is_none(),
            (FieldType::Choice(_), Value::Choice(code)) => self.field.rank(code).is_none(),
            (_, Value::Ref(reference)) => self.target.is_some() && reference.label.is_empty(),
            (_, value) => *value == Value::Null,
        }
    }

    /// The record's value as `expr` has it.
    fn bind(&self, sql: &mut QueryBuilder<Postgres>, kind: &Kind, record: &Record) {
        if self.field.ty == FieldType::Span {
            sql.push_bind(instant_behind(kind, self.field, record));
            return;
        }
        match record.get(kind, &self.field.name) {
            Value::Null | Value::Tags(_) | Value::Seconds(_) => sql.push("null"),
            Value::Text(text) => sql.push_bind(text.clone()),
            Value::Choice(code) => sql.push_bind(self.field.rank(code).and_then(|rank| i32::try_from(rank + 1).ok())),
            Value::Int(n) => sql.push_bind(*n),
            Value::Decimal(n) => sql.push_bind(*n),
            Value::Bool(yes) => sql.push_bind(*yes),
            Value::Day(day) => sql.push_bind(*day),
            Value::Instant(at) => sql.push_bind(*at),
            Value::Ref(reference) => match &self.target {
                Some(target) => {
                    sql.push(format_args!(
                        "(select {} from {} r where r.id = ",
                        target.column,
                        name(target.kind.table)
                    ));
                    sql.push_bind(reference.id).push(")")
                }
                None => sql.push_bind(reference.id),
            },
        };
    }
}

/// The choices in rank order as an array, spelt as the indexes spell it: `'{low,normal,high}'::text[]`.
fn ranks(field: &Field) -> String {
    let codes: Vec<_> = field
        .choices()
        .iter()
        .map(|choice| {
            if choice.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
                choice.code.clone()
            } else {
                // Custom codes are any text: quoted for the array, then for the literal.
                format!("\"{}\"", choice.code.replace('\\', "\\\\").replace('"', "\\\""))
            }
        })
        .collect();
    format!("'{{{}}}'::text[]", codes.join(",").replace('\'', "''"))
}

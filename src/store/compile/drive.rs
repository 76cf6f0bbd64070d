//! Reading a list value by value.
//!
//! An index on (value, list's order) gives the records of one value in that order, and those of several values in none.
//! So each value of an often-used filter, and each of the viewer's teams, is read by itself until a page is full, and
//! the pages are merged. A text field's values are those that hold the filter's words: where the field has but few
//! values (countries, industries), they are picked out by skipping through its index from one to the next.

use sqlx::{Postgres, QueryBuilder};

use super::filter::Conditions;
use super::paths::Scope;
use super::row::{column, name};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{Kind, Registry, Sharing};
use crate::domain::query::window::{Windows, windows};
use crate::domain::query::{Filter, Operand, Query, Term, Test};
use crate::domain::search::{is_ident, plain};
use crate::domain::viewer::Viewer;

/// Values of a text field that are looked at; one that has more is no list of values.
const VALUES: u32 = 200;

/// A part of a filter that the list is read by.
pub(super) struct Drive<'a> {
    /// Which of the parts joined by `and`.
    pub(super) part: usize,
    pub(super) field: &'a Field,
    values: Values<'a>,
}

enum Values<'a> {
    /// Several choices.
    Codes(Vec<String>),
    /// Several records.
    Ids(Vec<i64>),
    /// Records of a kind that has few, by words of their titles.
    Titled(&'a [Operand]),
    /// Values that hold one of these words, which may go on.
    Worded(Vec<(&'a str, bool)>),
}

impl<'a> Drive<'a> {
    /// The part of the filter to read by, when the list comes in its kind's own order: that is the order of the indexes.
    pub(super) fn of(registry: &'a Registry, kind: &'a Kind, query: &'a Query, viewer: &Viewer) -> Option<Self> {
        if query.filter.mentions("deleted") {
            return None;
        }
        let found = query.filter.parts().iter().enumerate().filter_map(|(part, filter)| {
            let Filter::Term(Term { path, test: test @ Test::Is(operands) }) = filter else { return None };
            let [word] = path.as_slice() else { return None };
            let field = kind.field(word).filter(|f| f.indexed && f.name != kind.title && !is_holder(f))?;
            let values = match &field.ty {
                FieldType::Choice(_) if operands.iter().all(|o| matches!(o, Operand::Choice(_))) => {
                    match windows(field, test, viewer)? {
                        Windows::Codes(codes) if codes.len() > 1 => Values::Codes(codes),
                        _ => return None,
                    }
                }
                FieldType::Ref(target) if registry.kind(*target).sharing == Sharing::Common => {
                    let mut ids: Vec<i64> = operands.iter().filter_map(|o| id(o, viewer)).collect();
                    let is_ids = ids.len() == operands.len();
                    ids.sort_unstable();
                    ids.dedup();
                    if operands.iter().all(|o| matches!(o, Operand::Text { .. })) {
                        Values::Titled(operands)
                    } else if is_ids && ids.len() > 1 {
                        Values::Ids(ids)
                    } else {
                        return None;
                    }
                }
                // Numbers of other systems are all different.
                FieldType::Text if !is_ident(field) => {
                    let words: Vec<_> = operands.iter().filter_map(words).collect();
                    if words.len() != operands.len() {
                        return None;
                    }
                    Values::Worded(words)
                }
                _ => return None,
            };
            Some(Self { part, field, values })
        });
        // Words have no index but this one; of the others an index may serve one value even beside a list.
        found.min_by_key(|drive| !drive.is_worded())
    }

    /// True when the values must be found first, and may be too many.
    pub(super) fn is_worded(&self) -> bool {
        matches!(self.values, Values::Worded(_))
    }

    /// `v (team, value)`: the values that there are, one by one; `c`: the first of them; `f`: those that hold the words.
    pub(super) fn ctes(&self, sql: &mut QueryBuilder<Postgres>, kind: &Kind, viewer: &Viewer, scopes: &[Scope]) {
        let Values::Worded(words) = &self.values else { return };
        let (table, value) = (name(kind.table), column("t", self.field));
        for (i, scope) in scopes.iter().enumerate() {
            let next = |sql: &mut QueryBuilder<Postgres>, from: &str, beyond: &str| {
                sql.push(format_args!("(select {value} from {table} t where t.deleted_at is null and "));
                match scope {
                    Scope::Whole => {}
                    Scope::Own => {
                        sql.push("t.owner_id = ").push_bind(viewer.me.id).push(" and ");
                    }
                    Scope::Teams => {
                        sql.push(format_args!("t.team_id = {from}.team and "));
                    }
                }
                sql.push(format_args!("{value} {beyond} order by {value} limit 1)"));
            };
            sql.push(if i > 0 { ", " } else { "" });
            sql.push(format_args!("v{i} (team, value) as (select s.team, "));
            next(sql, "s", "is not null");
            match scope {
                Scope::Teams => {
                    sql.push(" from unnest(").push_bind(viewer.me.teams.clone()).push("::bigint[]) s (team)")
                }
                Scope::Whole | Scope::Own => sql.push(" from (select null::bigint) s (team)"),
            };
            sql.push(" union all select v.team, ");
            next(sql, "v", "> v.value");
            sql.push(format_args!(
                " from v{i} v where v.value is not null), c{i} as materialized (select * from v{i} where value is not null limit {}), \
                 f{i} as materialized (select * from c{i} where ",
                VALUES + 1
            ));
            for (j, (text, prefix)) in words.iter().enumerate() {
                sql.push(if j > 0 { " or " } else { "" });
                Conditions::worded(sql, "plain_words(value)", text, *prefix);
            }
            sql.push(")");
        }
    }

    /// Opens the way by values, or the one without, by how many values there are.
    pub(super) fn gate(&self, sql: &mut QueryBuilder<Postgres>, scopes: &[Scope], is_driven: bool) {
        if !self.is_worded() {
            return;
        }
        for i in 0..scopes.len() {
            sql.push(if i > 0 { " + " } else { "" }).push(format_args!("(select count(*) from c{i})"));
        }
        sql.push(format_args!(" {} {VALUES} and ", if is_driven { "<=" } else { ">" }));
    }

    /// The rows that the list is read for, one after the other, as `v (value)`.
    pub(super) fn seeds(
        &self,
        sql: &mut QueryBuilder<Postgres>,
        registry: &Registry,
        kind: &Kind,
        viewer: &Viewer,
        scope: usize,
    ) {
        match &self.values {
            Values::Codes(codes) => sql.push("unnest(").push_bind(codes.clone()).push("::text[]) v (value)"),
            Values::Ids(ids) => sql.push("unnest(").push_bind(ids.clone()).push("::bigint[]) v (value)"),
            Values::Worded(_) => sql.push(format_args!("f{scope} v")),
            Values::Titled(operands) => {
                for (i, operand) in operands.iter().enumerate() {
                    let (FieldType::Ref(target), Operand::Text { text, prefix }) = (&self.field.ty, operand) else {
                        continue;
                    };
                    sql.push(if i > 0 { " union " } else { "(" });
                    Conditions::new(sql, registry, kind.id, viewer).titled(*target, text, *prefix);
                }
                sql.push(") v (value)")
            }
        };
    }
}

/// The people and teams that records are shared by.
fn is_holder(field: &Field) -> bool {
    matches!(field.db_column(), "owner_id" | "team_id")
}

fn id(operand: &Operand, viewer: &Viewer) -> Option<i64> {
    match operand {
        Operand::Me => Some(viewer.me.id),
        Operand::Record(id) => Some(*id),
        _ => None,
    }
}

fn words(operand: &Operand) -> Option<(&str, bool)> {
    match operand {
        Operand::Text { text, prefix } if !plain(text).is_empty() => Some((text, *prefix)),
        _ => None,
    }
}

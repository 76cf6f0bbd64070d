//! Queries as SQL. All text here is from the registry or from this module; every value from outside is bound.
//!
//! Run what these give as `builder.build().persistent(false)` inside the viewer's transaction (role and `me()` set):
//! row-level security guards, the predicates here are the path. The reads have one shape: [`columns`], in that order,
//! which [`decode`] turns into a `Record`. `filter` compiles conditions, `order` sorts and keysets.

mod drive;
mod filter;
mod metric;
mod order;
mod page;
mod paths;
mod probe;
mod row;

use sqlx::{Postgres, QueryBuilder};

use self::filter::Conditions;
pub use self::metric::{Counted, Split, metric, metric_ends};
use self::page::Page;
pub use self::paths::Reach;
use self::paths::{Paths, Way};
use self::probe::Probe;
pub(super) use self::row::column_or;
pub use self::row::{columns, decode};
use crate::domain::field::Field;
use crate::domain::kind::{DEAL, KindId, Registry};
use crate::domain::query::{Query, searched_along};
use crate::domain::record::Record;
use crate::domain::viewer::Viewer;

/// Where a page of a list starts.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    First,
    /// Behind this record, which is on the page before.
    After(&'a Record),
    /// Before this record; the rows still come in the query's order.
    Before(&'a Record),
    /// The list's last rows, in the query's order.
    Last,
}

/// A page: the rows that match, in the query's order (group, then sort, else the kind's), empty values last; at most
/// `limit`. Decode with [`decode`].
///
/// An index on `(sort column, id)` serves both directions: rows without a value are a branch of their own, read only
/// when those with one do not fill the page. Labels of references are looked up for the page's rows only.
pub fn list(
    registry: &Registry,
    kind: KindId,
    query: &Query,
    viewer: &Viewer,
    start: Start<'_>,
    limit: u32,
) -> QueryBuilder<Postgres> {
    list_within(registry, kind, query, viewer, start, limit, Reach::USUAL)
}

/// The same page by the ways that reach so far.
pub fn list_within(
    registry: &Registry,
    kind: KindId,
    query: &Query,
    viewer: &Viewer,
    start: Start<'_>,
    limit: u32,
    reach: Reach,
) -> QueryBuilder<Postgres> {
    Page::of(registry, kind, query, viewer, start, limit, reach).sql()
}

/// One row with one `bigint`: how many match, counting no further than `cap`.
pub fn count(
    registry: &Registry,
    kind: KindId,
    query: &Query,
    viewer: &Viewer,
    cap: Option<u32>,
) -> QueryBuilder<Postgres> {
    let paths = Paths::of(registry, kind, query, viewer, None, Reach::USUAL);
    let table = row::name(registry.kind(kind).table);
    let mut sql = QueryBuilder::new("");
    // Of a word that is looked for in another kind too, all records of both would be put together first.
    let word = paths.probes.iter().position(Probe::is_word).filter(|_| searched_along(kind).is_some());
    if let (Some(word), Some(cap)) = (word, cap) {
        let few = cap.saturating_mul(4);
        sql.push(format_args!("with h{word} as materialized ("));
        Conditions::new(&mut sql, registry, kind, viewer).hits(paths.asked(word), query, few);
        sql.push(format_args!(
            ") select case when f.n >= {cap} or (select count(*) from h{word}) < {few} then f.n else \
             (select count(*) from (select from {table} t where "
        ));
        Conditions::new(&mut sql, registry, kind, viewer).all(query);
        sql.push(format_args!(" limit {cap}) c) end from (select count(*) as n from (select from {table} t where "));
        Conditions::new(&mut sql, registry, kind, viewer).along_way(&paths, &Way::by(word), query);
        sql.push(format_args!(" limit {cap}) c) f"));
        return sql;
    }
    let cap = cap.map(|cap| format!(" limit {cap}")).unwrap_or_default();
    if paths.drive.is_none() || paths.probes.iter().any(Probe::is_word) {
        sql.push(format_args!("select count(*) from (select from {table} t where "));
        Conditions::new(&mut sql, registry, kind, viewer).all(query);
        sql.push(cap).push(") c");
        return sql;
    }
    paths.ctes(&mut sql);
    sql.push("select count(*) from (select from (");
    for (i, way) in paths.ways().iter().enumerate() {
        sql.push(if i > 0 { " union all (" } else { "(" });
        paths.begin(&mut sql, way);
        sql.push(format_args!("select from {table} t where "));
        paths.open(&mut sql, way);
        Conditions::new(&mut sql, registry, kind, viewer).along_way(&paths, way, query);
        sql.push(&cap);
        if paths.is_seeded(way) {
            paths.end(&mut sql, way);
            sql.push(&cap);
        }
        sql.push(")");
    }
    sql.push(") w").push(cap).push(") c");
    sql
}

/// Rows of text and `bigint`: the values of the query's group, an empty one as empty text, and how many match with each,
/// looking at `cap` records at most.
pub fn groups(
    registry: &Registry,
    kind: KindId,
    query: &Query,
    field: &Field,
    viewer: &Viewer,
    cap: u32,
) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new("select coalesce(c.v::text, ''), count(*) from (select ");
    sql.push(row::column("t", field)).push(" as v from ").push(row::name(registry.kind(kind).table)).push(" t where ");
    Conditions::new(&mut sql, registry, kind, viewer).all(query);
    sql.push(format_args!(" limit {cap}) c group by 1"));
    sql
}

/// Rows of one `bigint`: those of `ids` that match now.
pub fn matching(
    registry: &Registry,
    kind: KindId,
    query: &Query,
    viewer: &Viewer,
    ids: &[i64],
) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new("select t.id from ");
    sql.push(row::name(registry.kind(kind).table)).push(" t where t.id = any(");
    sql.push_bind(ids.to_vec()).push(") and ");
    Conditions::new(&mut sql, registry, kind, viewer).all(query);
    sql
}

/// Rows of one `bigint`: ids above `after` that match, ascending, at most `limit`. For bulk actions and exports.
pub fn ids(
    registry: &Registry,
    kind: KindId,
    query: &Query,
    viewer: &Viewer,
    after: i64,
    limit: u32,
) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new("select t.id from ");
    sql.push(row::name(registry.kind(kind).table)).push(" t where t.id > ");
    sql.push_bind(after).push(" and ");
    Conditions::new(&mut sql, registry, kind, viewer).all(query);
    sql.push(format_args!(" order by t.id limit {limit}"));
    sql
}

/// Rows of `stage_id, currency, deals, amount`: the open deals that match in these stages, by stage and currency, the
/// commonest currency of a stage first.
pub fn sums(registry: &Registry, query: &Query, viewer: &Viewer, stages: &[i64]) -> QueryBuilder<Postgres> {
    let deal = registry.kind(DEAL);
    let amount = column_or("t", deal, "amount", "0::numeric");
    let currency = column_or("t", deal, "currency", "null::text");
    let mut sql = QueryBuilder::new(format!(
        "select t.stage_id, coalesce({currency}, '')::text as currency, count(*) as deals, \
         coalesce(sum({amount}), 0) as amount from deal t where t.state = 'open' and t.stage_id = any(",
    ));
    sql.push_bind(stages.to_vec()).push(") and ");
    Conditions::new(&mut sql, registry, DEAL, viewer).all(query);
    sql.push(format_args!(" group by t.stage_id, {currency} order by t.stage_id, deals desc, currency"));
    sql
}

/// The records with these ids, deleted ones too, in no promised order. Decode with [`decode`].
pub fn read(registry: &Registry, kind: KindId, ids: &[i64]) -> QueryBuilder<Postgres> {
    let kind = registry.kind(kind);
    let mut sql = QueryBuilder::new("select ");
    sql.push(columns(registry, kind)).push(" from ").push(row::name(kind.table)).push(" t where t.id = any(");
    sql.push_bind(ids.to_vec()).push(")");
    sql
}

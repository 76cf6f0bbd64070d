//! Queries as SQL. All text here is from the registry or from this module; every value from outside is bound.
//!
//! Run what these give as `builder.build().persistent(false)` inside the viewer's transaction (role and `me()` set):
//! row-level security guards, the predicates here are the path. The reads have one shape: [`columns`], in that order,
//! which [`decode`] turns into a `Record`. `filter` compiles conditions, `order` sorts and keysets.

mod filter;
mod order;
mod paths;
mod row;

use sqlx::{Postgres, QueryBuilder};

use self::filter::Conditions;
use self::order::Order;
use self::paths::Paths;
pub use self::row::{columns, decode};
use crate::domain::kind::{KindId, Registry};
use crate::domain::query::Query;
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
    let order = Order::of(registry, kind, query);
    let paths = Paths::of(registry, kind, query, viewer, order.is_by_title());
    let mut sql = QueryBuilder::new("");
    paths.hits(&mut sql, registry, kind, viewer);
    sql.push("select ").push(columns(registry, registry.kind(kind))).push(" from (");
    let branches = order.branches(start);
    let several = branches.len() > 1;
    for (i, branch) in branches.iter().enumerate() {
        sql.push(match (i, several) {
            (0, true) => "(",
            (0, false) => "",
            _ => ") union all (",
        });
        let ways = paths.ways();
        if ways.len() > 1 {
            sql.push("select * from ((");
        }
        for (j, way) in ways.iter().enumerate() {
            sql.push(if j > 0 { ") union all (" } else { "" });
            order.select(&mut sql, branch);
            sql.push(" where ");
            Conditions::new(&mut sql, registry, kind, viewer).along_way(&paths, way, query);
            order.restrict(&mut sql, branch, start);
            order.inner(&mut sql, branch);
            sql.push(format_args!(" limit {limit}"));
        }
        if ways.len() > 1 {
            sql.push(")) s");
            order.merge(&mut sql, branch);
            sql.push(format_args!(" limit {limit}"));
        }
    }
    if several {
        // Read one after the other: the second only when the first leaves room.
        sql.push(format_args!(") limit {limit}"));
    }
    sql.push(") t");
    order.outer(&mut sql, &branches);
    sql
}

/// One row with one `bigint`: how many match, counting no further than `cap`.
pub fn count(
    registry: &Registry,
    kind: KindId,
    query: &Query,
    viewer: &Viewer,
    cap: Option<u32>,
) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new("select count(*) from (select from ");
    sql.push(row::name(registry.kind(kind).table)).push(" t where ");
    Conditions::new(&mut sql, registry, kind, viewer).all(query);
    if let Some(cap) = cap {
        sql.push(format_args!(" limit {cap}"));
    }
    sql.push(") c");
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

/// The records with these ids, deleted ones too, in no promised order. Decode with [`decode`].
pub fn read(registry: &Registry, kind: KindId, ids: &[i64]) -> QueryBuilder<Postgres> {
    let kind = registry.kind(kind);
    let mut sql = QueryBuilder::new("select ");
    sql.push(columns(registry, kind)).push(" from ").push(row::name(kind.table)).push(" t where t.id = any(");
    sql.push_bind(ids.to_vec()).push(")");
    sql
}

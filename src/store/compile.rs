//! Queries as SQL. All text here is from the registry or from this file; every value from outside is bound.
//!
//! Run what these give as `builder.build().persistent(false)` inside the viewer's transaction (role and `me()` set):
//! row-level security guards, the predicates here are the path. The reads have one shape: [`columns`], in that order,
//! which [`decode`] turns into a `Record`.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder};

use crate::domain::kind::{Kind, KindId, Registry};
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

/// A page: the rows that match, in the query's order (else the kind's), empty values last; at most `limit`.
/// Decode with [`decode`].
pub fn list(
    _registry: &Registry,
    _kind: KindId,
    _query: &Query,
    _viewer: &Viewer,
    _start: Start<'_>,
    _limit: u32,
) -> QueryBuilder<Postgres> {
    unimplemented!("this evening")
}

/// One row with one `bigint`: how many match, counting no further than `cap`.
pub fn count(
    _registry: &Registry,
    _kind: KindId,
    _query: &Query,
    _viewer: &Viewer,
    _cap: Option<u32>,
) -> QueryBuilder<Postgres> {
    unimplemented!("this evening")
}

/// Rows of one `bigint`: those of `ids` that match now.
pub fn matching(
    _registry: &Registry,
    _kind: KindId,
    _query: &Query,
    _viewer: &Viewer,
    _ids: &[i64],
) -> QueryBuilder<Postgres> {
    unimplemented!("this evening")
}

/// Rows of one `bigint`: ids above `after` that match, ascending, at most `limit`. For bulk actions and exports.
pub fn ids(
    _registry: &Registry,
    _kind: KindId,
    _query: &Query,
    _viewer: &Viewer,
    _after: i64,
    _limit: u32,
) -> QueryBuilder<Postgres> {
    unimplemented!("this evening")
}

/// The records with these ids, deleted ones too, in no promised order. Decode with [`decode`].
pub fn read(_registry: &Registry, _kind: KindId, _ids: &[i64]) -> QueryBuilder<Postgres> {
    unimplemented!("this evening")
}

/// The select list that [`decode`] reads, over the kind's table aliased `t`: for reads written by hand.
pub fn columns(_registry: &Registry, _kind: &Kind) -> String {
    unimplemented!("this evening")
}

/// A row of [`columns`] as a record; `now` is for the spans (`age`, `idle`, `sla`).
pub fn decode(_row: &PgRow, _kind: &Kind, _now: DateTime<Utc>) -> Result<Record, sqlx::Error> {
    unimplemented!("this evening")
}

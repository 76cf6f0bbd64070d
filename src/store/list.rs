//! Lists and searches: what `compile` makes of a query, run.

use sqlx::PgConnection;

use super::Result;
use super::compile::{self, Start};
use crate::domain::field::Field;
use crate::domain::kind::{KindId, Registry};
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::domain::viewer::Viewer;

/// Ids asked for in one go when all that match are wanted.
const BATCH: u32 = 50_000;

/// A page of records, in the query's order.
pub(crate) async fn page(
    conn: &mut PgConnection,
    registry: &Registry,
    kind: KindId,
    query: &Query,
    viewer: &Viewer,
    start: Start<'_>,
    limit: u32,
) -> Result<Vec<Record>> {
    let mut sql = compile::list(registry, kind, query, viewer, start, limit);
    let rows = sql.build().persistent(false).fetch_all(conn).await?;
    let kind = registry.kind(kind);
    Ok(rows.iter().map(|row| compile::decode(row, kind, viewer.now)).collect::<std::result::Result<_, _>>()?)
}

/// How many match, counting no further than `cap`.
pub(crate) async fn count(
    conn: &mut PgConnection,
    registry: &Registry,
    kind: KindId,
    query: &Query,
    viewer: &Viewer,
    cap: Option<u32>,
) -> Result<i64> {
    let mut sql = compile::count(registry, kind, query, viewer, cap);
    Ok(sql.build_query_scalar().persistent(false).fetch_one(conn).await?)
}

/// How many match for each value of a field, as text, looking at `cap` records at most.
pub(crate) async fn groups(
    conn: &mut PgConnection,
    registry: &Registry,
    kind: KindId,
    query: &Query,
    field: &Field,
    viewer: &Viewer,
    cap: u32,
) -> Result<Vec<(String, i64)>> {
    let mut sql = compile::groups(registry, kind, query, field, viewer, cap);
    Ok(sql.build_query_as().persistent(false).fetch_all(conn).await?)
}

/// Of these ids, those that match now.
pub(crate) async fn matching(
    conn: &mut PgConnection,
    registry: &Registry,
    kind: KindId,
    query: &Query,
    viewer: &Viewer,
    ids: &[i64],
) -> Result<Vec<i64>> {
    let mut sql = compile::matching(registry, kind, query, viewer, ids);
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}

/// The ids of all that match, ascending.
pub(crate) async fn all_ids(
    conn: &mut PgConnection,
    registry: &Registry,
    kind: KindId,
    query: &Query,
    viewer: &Viewer,
) -> Result<Vec<i64>> {
    let mut ids: Vec<i64> = Vec::new();
    loop {
        let after = ids.last().copied().unwrap_or(0);
        let mut sql = compile::ids(registry, kind, query, viewer, after, BATCH);
        let batch: Vec<i64> = sql.build_query_scalar().persistent(false).fetch_all(&mut *conn).await?;
        let full = batch.len() == BATCH as usize;
        ids.extend(batch);
        if !full {
            return Ok(ids);
        }
    }
}

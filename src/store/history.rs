//! A record's changes and who made them.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::Result;
use crate::domain::kind::{Kind, KindId};

/// A change as it is kept: columns, not fields.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) operation: i64,
    pub(crate) action: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) by: String,
    pub(crate) by_id: Option<i64>,
    pub(crate) door: String,
    pub(crate) record: i64,
    pub(crate) version: i64,
    pub(crate) deed: String,
    /// `{"column": [before, after]}`.
    pub(crate) fields: Option<Json>,
}

/// The changes of one record, newest first; older than `before`; at most `limit`, and those of the same moment.
pub(crate) async fn of_record(
    conn: &mut PgConnection,
    kind: KindId,
    id: i64,
    before: Option<DateTime<Utc>>,
    limit: i64,
) -> Result<Vec<Row>> {
    Ok(query(kind, id, before, limit).build_query_as().fetch_all(conn).await?)
}

/// What `of_record` asks.
pub fn query(kind: KindId, id: i64, before: Option<DateTime<Utc>>, limit: i64) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(
        "select c.id, c.operation, o.action, c.at, coalesce(s.name, '') as by, c.by_id, o.door, c.record, c.version, \
         c.deed, c.fields from (select * from change where kind = ",
    );
    sql.push_bind(kind.0).push(" and record = ").push_bind(id);
    if let Some(before) = before {
        sql.push(" and at < ").push_bind(before);
    }
    sql.push(" order by at desc fetch first ").push_bind(limit).push(
        " rows with ties) c join operation o on o.id = c.operation left join staff s on s.id = c.by_id \
         order by c.at desc, c.id desc",
    );
    sql
}

/// Who changed a column of a record last, and when; `None` when nobody has since its creation.
pub(crate) async fn last_change(
    conn: &mut PgConnection,
    kind: &Kind,
    id: i64,
    column: &str,
) -> Result<Option<(String, DateTime<Utc>)>> {
    let row = sqlx::query_as(
        "select coalesce(s.name, ''), c.at from change c left join staff s on s.id = c.by_id \
         where c.kind = $1 and c.record = $2 and c.fields ? $3 order by c.id desc limit 1",
    )
    .bind(kind.id.0)
    .bind(id)
    .bind(column)
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

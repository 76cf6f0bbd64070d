//! A person's inbox. Notices are written by triggers, with the change that they speak of; here they are read and marked.
//! One whose record the person may not see (any more) is none of theirs.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Result;

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) why: String,
    pub(crate) kind: String,
    pub(crate) record: i64,
    pub(crate) records: i64,
    pub(crate) said_kind: Option<String>,
    pub(crate) said: Option<i64>,
    /// The name of whoever did it.
    pub(crate) by: Option<String>,
    /// The name of the absent person for whom the person stands in.
    pub(crate) on_behalf: Option<String>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) is_read: bool,
}

/// Of the logins that a text names, those of nobody who could hear of it; read as by the trigger `told`.
pub(crate) async fn unknown_logins(conn: &mut PgConnection, text: &str) -> Result<Vec<String>> {
    let found = sqlx::query_scalar(
        "select distinct rtrim(m.hit[1], '.-') \
         from regexp_matches($1, '(?:^|[^[:alnum:]._@-])[@＠]([a-zA-Z0-9][a-zA-Z0-9._@-]*)', 'g') m (hit) \
         where not exists (select from staff s where lower(s.login) = lower(rtrim(m.hit[1], '.-')) \
           and s.active and s.deleted_at is null) order by 1",
    );
    Ok(found.bind(text).fetch_all(conn).await?)
}

/// The newest notices, newest first.
pub(crate) async fn newest(conn: &mut PgConnection, only_unread: bool, limit: i64) -> Result<Vec<Row>> {
    let unread = if only_unread { "and n.read_at is null" } else { "" };
    // An id that is given later belongs to a change that is committed about then; several of one moment keep their order.
    let sql = format!(
        "select n.id, n.why, n.kind, n.record, n.records, n.said_kind, n.said, s.name as by, f.name as on_behalf, n.at, \
           n.read_at is not null as is_read \
         from notice n left join staff s on s.id = n.by_id left join staff f on f.id = n.for_id \
         where n.person = (select me()) {unread} and visible(n.kind, n.record) order by n.id desc limit $1"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(limit).fetch_all(conn).await?)
}

/// Those of these that are unread still, newest first.
pub(crate) async fn these(conn: &mut PgConnection, ids: &[i64]) -> Result<Vec<Row>> {
    let found = sqlx::query_as(
        "select n.id, n.why, n.kind, n.record, n.records, n.said_kind, n.said, s.name as by, f.name as on_behalf, n.at, false as is_read \
         from notice n left join staff s on s.id = n.by_id left join staff f on f.id = n.for_id \
         where n.person = (select me()) and n.id = any ($1) and n.read_at is null and visible(n.kind, n.record) \
         order by n.id desc",
    );
    Ok(found.bind(ids).fetch_all(conn).await?)
}

/// How many are unread, counted up to `at_most`.
pub(crate) async fn unread(conn: &mut PgConnection, at_most: i64) -> Result<i64> {
    let count = sqlx::query_scalar(
        "select count(*) from (select from notice n where n.person = (select me()) and n.read_at is null \
           and visible(n.kind, n.record) order by n.id desc limit $1) u",
    );
    Ok(count.bind(at_most).fetch_one(conn).await?)
}

/// Marks these as read or unread; `None`: all of them.
pub(crate) async fn mark(conn: &mut PgConnection, ids: Option<&[i64]>, read: bool) -> Result<u64> {
    let marked = sqlx::query(
        "update notice set read_at = case when $2 then clock_timestamp() end \
         where person = (select me()) and (read_at is null) = $2 and ($1::bigint[] is null or id = any ($1))",
    );
    Ok(marked.bind(ids).bind(read).execute(conn).await?.rows_affected())
}

/// Leaves word that the person's change of a record met somebody else's. It goes when they change the record.
pub(crate) async fn conflict(conn: &mut PgConnection, kind: &str, record: i64) -> Result<()> {
    sqlx::query(
        "insert into notice (why, kind, record, by_id) select 'conflict', $1, $2, \
           (select c.by_id from change c where c.kind = $1 and c.record = $2 order by c.id desc limit 1) \
         on conflict (person, kind, record) where why = 'conflict' do update set read_at = null",
    )
    .bind(kind)
    .bind(record)
    .execute(conn)
    .await?;
    Ok(())
}

//! Operations and how to take them back: set-wise from their change rows, whose values stay the database's JSON all the
//! way, so that nothing is lost in between.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::Result;
use crate::domain::kind::{Kind, KindId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Operation {
    pub(crate) id: i64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) by_id: Option<i64>,
    /// That person's login; empty when no person could be told.
    pub(crate) by: String,
    pub(crate) door: String,
    pub(crate) action: String,
}

/// An operation with the columns of [`Operation`].
const OPERATION: &str = "select o.id, o.at, o.by_id, coalesce(s.login, '') as by, o.door, o.action \
     from operation o left join staff s on s.id = o.by_id where ";

pub(crate) async fn operation(conn: &mut PgConnection, id: i64) -> Result<Option<Operation>> {
    let mut sql = QueryBuilder::new(OPERATION);
    sql.push("o.id = ").push_bind(id);
    Ok(sql.build_query_as().fetch_optional(conn).await?)
}

/// The acting person's latest operations that changed something, newest first; with a seat, only that seat's.
pub(crate) async fn recent(conn: &mut PgConnection, seat: Option<&str>, limit: i64) -> Result<Vec<Operation>> {
    Ok(recent_query(seat, limit).build_query_as().fetch_all(conn).await?)
}

/// What `recent` asks.
pub fn recent_query(seat: Option<&str>, limit: i64) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(OPERATION);
    sql.push("o.id in (select my_operations(").push_bind(seat.map(str::to_owned)).push(", ").push_bind(limit);
    sql.push(")) order by o.id desc");
    sql
}

/// An operation that takes another back.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Undoing {
    pub(crate) id: i64,
    pub(crate) by_id: Option<i64>,
    pub(crate) undoes: i64,
    /// It was cut between two of its transactions, or is at work just now.
    pub(crate) is_unfinished: bool,
}

/// The operations that take these back, and those that take these back in turn.
pub(crate) async fn undoings(conn: &mut PgConnection, ids: &[i64]) -> Result<Vec<Undoing>> {
    let found = sqlx::query_as(
        "with recursive u as (select id, by_id, undoes, note from operation where undoes = any($1) \
         union select o.id, o.by_id, o.undoes, o.note from operation o join u on o.undoes = u.id) \
         select id, by_id, undoes, coalesce(note ? 'unfinished', false) as is_unfinished from u",
    );
    Ok(found.bind(ids).fetch_all(conn).await?)
}

/// Marks an own undoing as not yet whole, or it and all that undo the same as whole.
pub(crate) async fn set_unfinished(conn: &mut PgConnection, operation: i64, is_unfinished: bool) -> Result<()> {
    sqlx::query("select set_unfinished($1, $2)").bind(operation).bind(is_unfinished).execute(conn).await?;
    Ok(())
}

/// Of these records, the ones that one of the operations changed.
pub(crate) async fn changed_by(
    conn: &mut PgConnection,
    operations: &[i64],
    kind: KindId,
    ids: &[i64],
) -> Result<Vec<i64>> {
    // By record, one after the other: an operation may have a million changes.
    let found = sqlx::query_scalar(
        "select r from unnest($2::bigint[]) r where exists \
         (select from change c where c.kind = $1 and c.record = r and c.operation = any($3) offset 0)",
    );
    Ok(found.bind(kind.0).bind(ids).bind(operations).fetch_all(conn).await?)
}

/// Until the transaction ends nobody else takes this operation back.
pub(crate) async fn lock(conn: &mut PgConnection, operation: i64) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('frontdesk undo', $1))")
        .bind(operation)
        .execute(conn)
        .await?;
    Ok(())
}

/// A record that an operation changed, with the first and the last of those changes.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Touched {
    pub(crate) kind: String,
    pub(crate) record: i64,
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// The records of an operation by kind and id, as far as the person may see them.
pub(crate) async fn touched(conn: &mut PgConnection, operation: i64) -> Result<Vec<Touched>> {
    let found = sqlx::query_as(
        "select kind, record, min(id) as first, max(id) as last from change where operation = $1 \
         group by kind, record order by kind, record",
    );
    Ok(found.bind(operation).fetch_all(conn).await?)
}

/// What an operation did to one record, its changes taken together.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Deeds {
    pub(crate) record: i64,
    pub(crate) created: bool,
    pub(crate) erased: bool,
    /// The columns changed.
    pub(crate) columns: Vec<String>,
    /// JSON objects by column: the value before the first of the changes and after the last.
    pub(crate) before: String,
    pub(crate) after: String,
}

/// Reads the changes between `first` and `last` only, so that a chunk of a long operation does not read all of it.
pub(crate) async fn deeds(
    conn: &mut PgConnection,
    operation: i64,
    kind: KindId,
    ids: &[i64],
    (first, last): (i64, i64),
) -> Result<Vec<Deeds>> {
    let found = sqlx::query_as(
        "select record, bool_or(deed = 'create') as created, bool_or(deed = 'erase') as erased, \
         coalesce(array_agg(distinct key) filter (where key is not null), '{}') as columns, \
         coalesce(jsonb_object_agg(key, before) filter (where is_first), '{}')::text as before, \
         coalesce(jsonb_object_agg(key, after) filter (where is_last), '{}')::text as after \
         from (select c.record, c.deed, f.key, f.value -> 0 as before, f.value -> 1 as after, \
           f.key is not null and row_number() over (partition by c.record, f.key order by c.id) = 1 as is_first, \
           f.key is not null and row_number() over (partition by c.record, f.key order by c.id desc) = 1 as is_last \
           from change c left join lateral jsonb_each(c.fields) f on c.deed = 'update' \
           where c.operation = $1 and c.kind = $2 and c.record = any($3) and c.id between $4 and $5) e \
         group by record order by record",
    );
    Ok(found.bind(operation).bind(kind.0).bind(ids).bind(first).bind(last).fetch_all(conn).await?)
}

/// Locks these records in the order of their ids and tells for each which of `columns` no longer have the value in its
/// JSON object of `after`. Records that the person may not write are missing.
pub(crate) async fn moved(
    conn: &mut PgConnection,
    kind: &Kind,
    columns: &[&str],
    ids: &[i64],
    after: &[&str],
) -> Result<Vec<(i64, Vec<String>)>> {
    let mut sql = QueryBuilder::new("select t.id, array_remove(array[null::text");
    for column in columns {
        sql.push(format_args!(
            ", case when v.doc ? '{column}' and t.\"{column}\" is distinct from p.\"{column}\" then '{column}' end"
        ));
    }
    sql.push("], null) from unnest(").push_bind(ids).push("::bigint[], ").push_bind(after);
    sql.push(format_args!(
        "::text[]) d (id, txt) cross join lateral (select d.txt::jsonb) v (doc) \
         cross join lateral jsonb_populate_record(null::\"{0}\", v.doc) p join \"{0}\" t on t.id = d.id \
         order by t.id for no key update of t",
        kind.table
    ));
    Ok(sql.build_query_as().persistent(false).fetch_all(conn).await?)
}

/// Gives each record the values of its JSON object; columns that an object lacks stay as they are. The ids written.
pub(crate) async fn put(
    conn: &mut PgConnection,
    kind: &Kind,
    columns: &[&str],
    ids: &[i64],
    values: &[&str],
) -> Result<Vec<i64>> {
    let mut sql = QueryBuilder::new(format!("update \"{}\" t set ", kind.table));
    for (place, column) in columns.iter().enumerate() {
        sql.push(format_args!(
            "{}\"{column}\" = case when v.doc ? '{column}' then p.\"{column}\" else t.\"{column}\" end",
            if place > 0 { ", " } else { "" }
        ));
    }
    sql.push(" from unnest(").push_bind(ids).push("::bigint[], ").push_bind(values);
    sql.push(format_args!(
        "::text[]) d (id, txt) cross join lateral (select d.txt::jsonb) v (doc) \
         cross join lateral jsonb_populate_record(null::\"{}\", v.doc) p where t.id = d.id returning t.id",
        kind.table
    ));
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}

/// A JSON object without these columns; done by the database, since numbers would lose digits on the way through floats.
pub(crate) async fn without(conn: &mut PgConnection, doc: &str, columns: &[String]) -> Result<String> {
    Ok(sqlx::query_scalar("select ($1::jsonb - $2::text[])::text").bind(doc).bind(columns).fetch_one(conn).await?)
}

//! Writing and finding many records at once for an import: a batch goes to the server as one array of texts per column,
//! which Postgres casts to the columns' types. Knows nothing of files.

use std::cmp::Ordering;

use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use super::{Error, Result};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::Kind;

/// A batch, column by column.
#[derive(Debug, Default)]
pub(crate) struct Batch<'a> {
    pub fields: Vec<&'a Field>,
    /// Parallel to `fields`; each has a text (or none) per row.
    pub columns: Vec<Vec<Option<&'a str>>>,
    /// Of records to insert, the words that `search` and `ident` are to hold, where they are made already.
    pub words: Option<[Vec<Option<&'a str>>; 2]>,
}

impl Batch<'_> {
    /// `unnest($1, $2, …) with ordinality as u (c0, c1, …, place)`.
    fn push_rows(&self, sql: &mut QueryBuilder<Postgres>, ids: Option<&[i64]>) {
        sql.push("unnest(");
        if let Some(ids) = ids {
            sql.push_bind(ids.to_vec()).push(", ");
        }
        for (place, column) in self.columns.iter().enumerate() {
            if place > 0 {
                sql.push(", ");
            }
            sql.push_bind(column.as_slice());
        }
        for column in self.words.iter().flatten() {
            sql.push(", ").push_bind(column.as_slice());
        }
        sql.push(") with ordinality as u (");
        if ids.is_some() {
            sql.push("id, ");
        }
        for place in 0..self.columns.len() {
            sql.push(format_args!("c{place}, "));
        }
        sql.push(if self.words.is_some() { "search, ident, place)" } else { "place)" });
    }

    fn push_names(&self, sql: &mut QueryBuilder<Postgres>) {
        for (place, field) in self.fields.iter().enumerate() {
            sql.push(format_args!("{}\"{}\"", if place > 0 { ", " } else { "" }, field.db_column()));
        }
    }
}

/// The type that a field's text is cast to.
fn cast(field: &Field) -> &'static str {
    match &field.ty {
        FieldType::Text
        | FieldType::LongText
        | FieldType::Email
        | FieldType::Phone
        | FieldType::Url
        | FieldType::Choice(_) => "text",
        FieldType::Int | FieldType::Ref(_) | FieldType::Span => "bigint",
        FieldType::Decimal => "numeric",
        FieldType::Money { .. } => "numeric(19,4)",
        FieldType::Bool => "boolean",
        FieldType::Day => "date",
        FieldType::Instant => "timestamptz",
        FieldType::Tags => "text[]",
    }
}

/// Inserts the batch; the new ids in the order of its rows.
pub(crate) async fn insert(conn: &mut PgConnection, kind: &Kind, batch: &Batch<'_>) -> Result<Vec<i64>> {
    let mut sql = QueryBuilder::new(format!("insert into \"{}\" (", kind.table));
    batch.push_names(&mut sql);
    if batch.words.is_some() {
        sql.push(", search, ident");
    }
    sql.push(") select ");
    for (place, field) in batch.fields.iter().enumerate() {
        let comma = if place > 0 { ", " } else { "" };
        match (field.db_column(), &field.ty) {
            // Columns that are never null.
            ("created_at", _) => sql.push(format_args!("{comma}coalesce(u.c{place}::timestamptz, now())")),
            (_, FieldType::Tags) => sql.push(format_args!("{comma}coalesce(u.c{place}::text[], '{{}}')")),
            (_, FieldType::Bool) => sql.push(format_args!("{comma}coalesce(u.c{place}::boolean, false)")),
            _ => sql.push(format_args!("{comma}u.c{place}::{}", cast(field))),
        };
    }
    if batch.words.is_some() {
        sql.push(", u.search::tsvector, u.ident");
    }
    sql.push(" from ");
    batch.push_rows(&mut sql, None);
    sql.push(" order by u.place returning id");
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}

/// The records that have the batch's values, as (row of the batch, id). Mails are compared in lower case; a row whose
/// values are all blank has none.
///
/// Rows are told apart by the first value that they have: that one is compared by `=`, which an index can serve.
pub(crate) async fn find(conn: &mut PgConnection, kind: &Kind, keys: &Batch<'_>) -> Result<Vec<(i64, i64)>> {
    let mut sql = QueryBuilder::new("with u as materialized (select * from ");
    keys.push_rows(&mut sql, None);
    sql.push(")");
    for first in 0..keys.fields.len() {
        sql.push(if first > 0 { " union all " } else { " " });
        sql.push(format_args!("select u.place - 1, t.id from u join \"{}\" t on t.deleted_at is null", kind.table));
        for (place, field) in keys.fields.iter().enumerate() {
            let column = field.db_column();
            let (has, wanted) = match &field.ty {
                FieldType::Email => (format!("lower(t.\"{column}\")"), format!("lower(u.c{place})")),
                _ => (format!("t.\"{column}\""), format!("u.c{place}::{}", cast(field))),
            };
            match (place.cmp(&first), &field.ty) {
                // Nobody is known by having no mail.
                (Ordering::Equal, _) | (_, FieldType::Email) => sql.push(format_args!(" and {has} = {wanted}")),
                (Ordering::Less, _) => sql.push(format_args!(" and u.c{place} is null and {has} is null")),
                (Ordering::Greater, _) => sql.push(format_args!(" and {has} is not distinct from {wanted}")),
            };
        }
    }
    Ok(sql.build_query_as().persistent(false).fetch_all(conn).await?)
}

/// Of the records with these ids, those that the batch's values would change. A blank changes nothing.
pub(crate) async fn differing(
    conn: &mut PgConnection,
    kind: &Kind,
    ids: &[i64],
    batch: &Batch<'_>,
) -> Result<Vec<i64>> {
    let mut sql = QueryBuilder::new("select t.id from ");
    batch.push_rows(&mut sql, Some(ids));
    sql.push(format_args!(" join \"{}\" t on t.id = u.id where ", kind.table));
    push_differs(&mut sql, batch);
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}

/// Updates the records with these ids where the batch's values differ; the ids written. A blank changes nothing.
pub(crate) async fn update(conn: &mut PgConnection, kind: &Kind, ids: &[i64], batch: &Batch<'_>) -> Result<Vec<i64>> {
    let mut sql = QueryBuilder::new(format!("update \"{}\" t set ", kind.table));
    for (place, field) in batch.fields.iter().enumerate() {
        let column = field.db_column();
        let comma = if place > 0 { ", " } else { "" };
        sql.push(format_args!("{comma}\"{column}\" = coalesce(u.c{place}::{}, t.\"{column}\")", cast(field)));
    }
    sql.push(" from ");
    batch.push_rows(&mut sql, Some(ids));
    sql.push(" where t.id = u.id and ");
    push_differs(&mut sql, batch);
    sql.push(" returning t.id");
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}

fn push_differs(sql: &mut QueryBuilder<Postgres>, batch: &Batch<'_>) {
    sql.push("(false");
    for (place, field) in batch.fields.iter().enumerate() {
        let (column, cast) = (field.db_column(), cast(field));
        sql.push(format_args!(" or (u.c{place} is not null and t.\"{column}\" is distinct from u.c{place}::{cast})"));
    }
    sql.push(")");
}

/// A record that a name may mean.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bearer {
    pub id: i64,
    pub title: String,
    /// The other column's value, when one was asked for.
    pub other: String,
}

/// How names are compared with titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By<'a> {
    /// Titles in lower case.
    Title,
    /// Titles without all but letters and digits, in lower case.
    Squeezed,
    /// Another column, as it is.
    Column(&'a str),
    /// Another column in lower case.
    Lower(&'a str),
}

/// The records of a kind that one of these words names, with their titles and one more column.
pub(crate) async fn bearers(
    conn: &mut PgConnection,
    kind: &Kind,
    by: By<'_>,
    words: &[String],
    other: Option<&str>,
) -> Result<Vec<Bearer>> {
    let title = kind.field(kind.title).map_or("name", Field::db_column);
    let mut sql = QueryBuilder::new(format!("select t.id, coalesce(t.\"{title}\", '') as title, "));
    match other {
        Some(column) => sql.push(format_args!("coalesce(t.\"{column}\"::text, '')")),
        None => sql.push("''"),
    };
    sql.push(format_args!(" as other from \"{}\" t where t.deleted_at is null and ", kind.table));
    match by {
        By::Title => sql.push(format_args!("lower(t.\"{title}\")")),
        By::Squeezed => sql.push(format_args!("regexp_replace(lower(t.\"{title}\"), '[^[:alnum:]]+', '', 'g')")),
        By::Column(column) => sql.push(format_args!("t.\"{column}\"")),
        By::Lower(column) => sql.push(format_args!("lower(t.\"{column}\")")),
    };
    sql.push(" = any(").push_bind(words).push(") order by t.id");
    let rows = sql.build().persistent(false).fetch_all(conn).await?;
    rows.iter()
        .map(|row| Ok(Bearer { id: row.try_get("id")?, title: row.try_get("title")?, other: row.try_get("other")? }))
        .collect()
}

/// All stages as (id, pipeline, name, position, state), by position.
pub(crate) async fn stages(conn: &mut PgConnection) -> Result<Vec<(i64, i64, String, i64, String)>> {
    let sql = "select id, pipeline_id, name, coalesce(position, 0), state from stage where deleted_at is null \
               order by pipeline_id, position, id";
    Ok(sqlx::query_as(sql).fetch_all(conn).await?)
}

/// All pipelines as (id, name), in their order.
pub(crate) async fn pipelines(conn: &mut PgConnection) -> Result<Vec<(i64, String)>> {
    let sql = "select id, name from pipeline where deleted_at is null order by position nulls last, id";
    Ok(sqlx::query_as(sql).fetch_all(conn).await?)
}

/// Makes room in a pipeline: stages from this position on move one further.
pub(crate) async fn shift_stages(conn: &mut PgConnection, pipeline: i64, from: i64) -> Result<()> {
    let sql =
        "update stage set position = position + 1 where pipeline_id = $1 and position >= $2 and deleted_at is null";
    sqlx::query(sql).bind(pipeline).bind(from).execute(conn).await?;
    Ok(())
}

/// Every user's id, login and team.
pub(crate) async fn staff(conn: &mut PgConnection) -> Result<Vec<(i64, String, Option<i64>)>> {
    Ok(sqlx::query_as("select id, login, team_id from staff").fetch_all(conn).await?)
}

/// Names of people without access who own no deal at all: an import's idle ones.
pub(crate) async fn idle_staff(conn: &mut PgConnection) -> Result<Vec<String>> {
    let sql = "select s.name from staff s where not s.active and s.deleted_at is null \
               and not exists (select from deal d where d.owner_id = s.id and d.deleted_at is null) \
               and not exists (select from staff below where below.manager_id = s.id) order by s.name";
    Ok(sqlx::query_scalar(sql).fetch_all(conn).await?)
}

/// Lets the transaction's statements take their time: a batch is bigger work than anything a screen asks for, and between
/// batches the file is read. What is asked again for each row, as whether the record that it names is there, is planned
/// once: planned each time, that was a third of a batch.
pub(crate) async fn be_patient(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("set local statement_timeout = '10min'").execute(&mut *conn).await?;
    sqlx::query("set local idle_in_transaction_session_timeout = '10min'").execute(&mut *conn).await?;
    sqlx::query("set local plan_cache_mode = auto").execute(conn).await?;
    Ok(())
}

/// Says for the transaction that records come with their words, made by the rules of `domain::words`.
pub(crate) async fn give_words(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("select set_config('frontdesk.words', 'given', true)").execute(conn).await?;
    Ok(())
}

/// Marks a place to come back to when a batch is refused.
pub(crate) async fn savepoint(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("savepoint batch").execute(conn).await?;
    Ok(())
}

pub(crate) async fn release(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("release savepoint batch").execute(conn).await?;
    Ok(())
}

pub(crate) async fn rollback_to_savepoint(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("rollback to savepoint batch").execute(&mut *conn).await?;
    release(conn).await
}

/// True when a value does not fit an index or the search words: SQLSTATE class 54.
pub(crate) fn is_too_long(error: &Error) -> bool {
    is_of_class(error, "54")
}

/// True when a value is none of its column's type: SQLSTATE class 22.
pub(crate) fn is_no_value(error: &Error) -> bool {
    is_of_class(error, "22")
}

fn is_of_class(error: &Error, class: &str) -> bool {
    let Error::Other(inner) = error else { return false };
    let Some(sqlx::Error::Database(database)) = inner.downcast_ref::<sqlx::Error>() else { return false };
    database.code().is_some_and(|code| code.starts_with(class))
}

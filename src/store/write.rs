//! Writing records of any kind, always set-wise: one statement whether one record changes or two thousand. Version,
//! search words and history are the triggers' part.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use super::Result;
use super::record::value;
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::Kind;
use crate::domain::value::Value;

/// Binds a value for its field's column; `Null` is bound with the column's type.
pub(crate) fn push_value(sql: &mut QueryBuilder<Postgres>, field: &Field, value: &Value) {
    match value {
        Value::Text(text) | Value::Choice(text) => sql.push_bind(text.clone()),
        Value::Int(n) | Value::Seconds(n) => sql.push_bind(*n),
        Value::Decimal(n) => sql.push_bind(*n),
        Value::Bool(yes) => sql.push_bind(*yes),
        Value::Day(day) => sql.push_bind(*day),
        Value::Instant(at) => sql.push_bind(*at),
        Value::Ref(reference) => sql.push_bind(reference.id),
        Value::Tags(tags) => sql.push_bind(tags.clone()),
        Value::Null => match &field.ty {
            FieldType::Text
            | FieldType::LongText
            | FieldType::Email
            | FieldType::Phone
            | FieldType::Url
            | FieldType::Choice(_) => sql.push_bind(None::<String>),
            FieldType::Int | FieldType::Ref(_) | FieldType::Span => sql.push_bind(None::<i64>),
            FieldType::Decimal | FieldType::Money { .. } => sql.push_bind(None::<rust_decimal::Decimal>),
            FieldType::Bool => sql.push_bind(None::<bool>),
            FieldType::Day => sql.push_bind(None::<chrono::NaiveDate>),
            FieldType::Instant => sql.push_bind(None::<DateTime<Utc>>),
            // The column has no null: no tags is an empty array.
            FieldType::Tags => sql.push_bind(Vec::<String>::new()),
        },
    };
}

/// Inserts one record and returns its id. Columns not named take the table's defaults.
pub(crate) async fn insert(conn: &mut PgConnection, kind: &Kind, values: &[(&Field, Value)]) -> Result<i64> {
    let mut sql = QueryBuilder::new(format!("insert into \"{}\" (", kind.table));
    push_names(&mut sql, values.iter().map(|(field, _)| *field));
    sql.push(") values (");
    for (place, (field, value)) in values.iter().enumerate() {
        if place > 0 {
            sql.push(", ");
        }
        push_value(&mut sql, field, value);
    }
    sql.push(") returning id");
    Ok(sql.build_query_scalar().persistent(false).fetch_one(conn).await?)
}

/// Where a column of a derived record comes from.
pub(crate) enum From<'a> {
    /// The same for all.
    Value(Value),
    /// The target's id.
    Id,
    /// A column of the target.
    Column(&'a Field),
    /// A column of the target, or where that is empty a value.
    ColumnOr(&'a Field, Value),
}

/// Inserts one record of `kind` for each target (a note on each deal, say) and returns the new ids in the targets' order.
pub(crate) async fn insert_for(
    conn: &mut PgConnection,
    kind: &Kind,
    values: &[(&Field, From<'_>)],
    target: &Kind,
    ids: &[i64],
) -> Result<Vec<i64>> {
    let mut sql = QueryBuilder::new(format!("insert into \"{}\" (", kind.table));
    push_names(&mut sql, values.iter().map(|(field, _)| *field));
    sql.push(") select ");
    for (place, (field, from)) in values.iter().enumerate() {
        if place > 0 {
            sql.push(", ");
        }
        match from {
            From::Value(value) => push_value(&mut sql, field, value),
            From::Id => {
                sql.push("t.id");
            }
            From::Column(column) => {
                sql.push(format_args!("t.\"{}\"", column.db_column()));
            }
            From::ColumnOr(column, value) => {
                sql.push(format_args!("coalesce(t.\"{}\", ", column.db_column()));
                push_value(&mut sql, field, value);
                sql.push(")");
            }
        }
    }
    sql.push(format_args!(" from \"{}\" t where t.id = any(", target.table)).push_bind(ids);
    sql.push(") order by t.id returning id");
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    None,
    Write,
}

/// A record's present state, as far as an action asks for it.
pub(crate) struct Present {
    pub(crate) id: i64,
    pub(crate) is_deleted: bool,
    pub(crate) values: Vec<Value>,
}

/// The present values of records. `Lock::Write` locks those that the person may write, always in the order of their ids,
/// so that two bulk edits queue up instead of deadlocking; records missing from the answer do not exist, or are not
/// theirs to write.
pub(crate) async fn present(
    conn: &mut PgConnection,
    kind: &Kind,
    ids: &[i64],
    fields: &[&Field],
    lock: Lock,
) -> Result<Vec<Present>> {
    let mut sql = QueryBuilder::new("select r.id, r.deleted_at is not null as is_deleted");
    for field in fields {
        sql.push(format_args!(", r.\"{}\"", field.db_column()));
    }
    sql.push(format_args!(" from \"{}\" r where r.id = any(", kind.table)).push_bind(ids);
    sql.push(") order by r.id");
    if lock == Lock::Write {
        sql.push(" for no key update");
    }
    let rows = sql.build().persistent(false).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            Ok(Present {
                id: row.try_get("id")?,
                is_deleted: row.try_get("is_deleted")?,
                values: fields.iter().map(|field| value(row, field)).collect::<Result<_>>()?,
            })
        })
        .collect()
}

/// Gives all these records the same values; the ids written.
pub(crate) async fn update(
    conn: &mut PgConnection,
    kind: &Kind,
    ids: &[i64],
    values: &[(&Field, Value)],
) -> Result<Vec<i64>> {
    let mut sql = QueryBuilder::new(format!("update \"{}\" set ", kind.table));
    for (place, (field, value)) in values.iter().enumerate() {
        sql.push(format_args!("{}\"{}\" = ", if place > 0 { ", " } else { "" }, field.db_column()));
        push_value(&mut sql, field, value);
    }
    sql.push(" where id = any(").push_bind(ids).push(") returning id");
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}

/// Adds and removes tags; records whose tags would stay as they are are left alone. The ids written.
pub(crate) async fn tag(
    conn: &mut PgConnection,
    kind: &Kind,
    ids: &[i64],
    add: &[String],
    remove: &[String],
) -> Result<Vec<i64>> {
    let mut sql = QueryBuilder::new(format!(
        "with wanted as (select t.id, coalesce(array_agg(distinct tag order by tag) filter (where tag is not null), '{{}}') as tags \
         from \"{}\" t left join lateral (select unnest(t.tags || ",
        kind.table
    ));
    sql.push_bind(add).push(") as tag) as one on tag <> all(").push_bind(remove);
    sql.push(") where t.id = any(").push_bind(ids);
    sql.push(format_args!(
        ") group by t.id) update \"{}\" t set tags = wanted.tags from wanted \
         where t.id = wanted.id and t.tags is distinct from wanted.tags returning t.id",
        kind.table
    ));
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}

/// Puts records into the recycle bin (`true`) or takes them out; those already there are left alone. The ids written.
pub(crate) async fn bin(conn: &mut PgConnection, kind: &Kind, ids: &[i64], is_deleted: bool) -> Result<Vec<i64>> {
    let (to, only) = if is_deleted { ("now()", "is null") } else { ("null", "is not null") };
    let mut sql = QueryBuilder::new(format!(
        "update \"{}\" set deleted_at = {to} where deleted_at {only} and id = any(",
        kind.table
    ));
    sql.push_bind(ids).push(") returning id");
    Ok(sql.build_query_scalar().persistent(false).fetch_all(conn).await?)
}

fn push_names<'a>(sql: &mut QueryBuilder<Postgres>, fields: impl Iterator<Item = &'a Field>) {
    for (place, field) in fields.enumerate() {
        sql.push(format_args!("{}\"{}\"", if place > 0 { ", " } else { "" }, field.db_column()));
    }
}

/// From here a refused statement can be forgotten without losing the transaction; see `rollback_to_savepoint`.
pub(crate) async fn savepoint(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("savepoint try").execute(conn).await?;
    Ok(())
}

pub(crate) async fn release_savepoint(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("release savepoint try").execute(conn).await?;
    Ok(())
}

pub(crate) async fn rollback_to_savepoint(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("rollback to savepoint try").execute(&mut *conn).await?;
    release_savepoint(conn).await
}

/// True when the database refused the values or the rights, so that other records may still be written.
pub(crate) fn is_refusal(error: &super::Error) -> bool {
    matches!(error, super::Error::Constraint(_) | super::Error::Denied(_))
}

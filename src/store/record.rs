//! Reading records of any kind: columns and types come from the registry, so no kind has a reader of its own.
//! Writing is in `write`. Who may see a row is decided by the transaction's role, never here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, QueryBuilder, Row};

use super::{Result, compile};
use crate::domain::field::{Field, FieldType, Source};
use crate::domain::kind::{Kind, KindId, Registry};
use crate::domain::record::Record;
use crate::domain::value::Value;

/// The columns of a kind's table behind its fields, each once, in the order of the fields.
pub(crate) fn columns(kind: &Kind) -> Vec<&str> {
    let mut columns: Vec<&str> = Vec::with_capacity(kind.fields.len());
    for field in kind.fields.iter().filter(|field| !matches!(field.source, Source::Watch(_))) {
        if !columns.contains(&field.db_column()) {
            columns.push(field.db_column());
        }
    }
    columns
}

/// One field's value from a row that has its column; spans have none of their own.
pub(crate) fn value(row: &PgRow, field: &Field) -> Result<Value> {
    let column = field.db_column();
    let value = match &field.ty {
        FieldType::Text | FieldType::LongText | FieldType::Email | FieldType::Phone | FieldType::Url => {
            row.try_get::<Option<String>, _>(column)?.filter(|text| !text.is_empty()).map(Value::Text)
        }
        FieldType::Choice(_) => row.try_get::<Option<String>, _>(column)?.map(Value::Choice),
        FieldType::Int => row.try_get::<Option<i64>, _>(column)?.map(Value::Int),
        FieldType::Decimal | FieldType::Money { .. } => {
            row.try_get::<Option<Decimal>, _>(column)?.map(|n| Value::Decimal(n.normalize()))
        }
        FieldType::Bool => row.try_get::<Option<bool>, _>(column)?.map(Value::Bool),
        FieldType::Day => row.try_get::<Option<NaiveDate>, _>(column)?.map(Value::Day),
        FieldType::Instant => row.try_get::<Option<DateTime<Utc>>, _>(column)?.map(Value::Instant),
        FieldType::Span => None,
        FieldType::Ref(_) => row.try_get::<Option<i64>, _>(column)?.map(Value::reference),
        FieldType::Tags => {
            row.try_get::<Option<Vec<String>>, _>(column)?.filter(|tags| !tags.is_empty()).map(Value::Tags)
        }
    };
    Ok(value.unwrap_or_default())
}

/// The records with these ids that the transaction's person may see, deleted ones too, with the titles of what they refer
/// to, as far as that may be read; in no promised order.
pub(crate) async fn read(
    conn: &mut PgConnection,
    registry: &Registry,
    kind: KindId,
    ids: &[i64],
    now: DateTime<Utc>,
) -> Result<Vec<Record>> {
    let mut sql = compile::read(registry, kind, ids);
    // Of the same text each time.
    let rows = sql.build().fetch_all(conn).await?;
    let kind = registry.kind(kind);
    Ok(rows.iter().map(|row| compile::decode(row, kind, now)).collect::<std::result::Result<_, _>>()?)
}

/// Of these ids, the ones that the transaction's person may see, ascending.
pub(crate) async fn visible(conn: &mut PgConnection, kind: &Kind, ids: &[i64]) -> Result<Vec<i64>> {
    let mut sql = QueryBuilder::new(format!("select id from \"{}\" where id = any(", kind.table));
    sql.push_bind(ids).push(") order by id");
    Ok(sql.build_query_scalar().fetch_all(conn).await?)
}

/// References whose titles are wanted, gathered so that one round trip reads them all.
#[derive(Default)]
pub(crate) struct Wanted(BTreeMap<KindId, BTreeSet<i64>>);

impl Wanted {
    pub(crate) fn id(&mut self, kind: KindId, id: i64) {
        self.0.entry(kind).or_default().insert(id);
    }

    pub(crate) fn value(&mut self, field: &Field, value: &Value) {
        if let (FieldType::Ref(kind), Value::Ref(reference)) = (&field.ty, value) {
            self.id(*kind, reference.id);
        }
    }

    /// Titles are cut at 200 characters, since a message's title is its text.
    pub(crate) async fn read(self, conn: &mut PgConnection, registry: &Registry) -> Result<Labels> {
        let mut labels = HashMap::new();
        if self.0.is_empty() {
            return Ok(Labels(labels));
        }
        let mut sql = QueryBuilder::new("");
        let kinds: Vec<KindId> = self.0.keys().copied().collect();
        for (place, (id, ids)) in self.0.into_iter().enumerate() {
            let kind = registry.kind(id);
            let title = kind.field(kind.title).map_or("id::text", Field::db_column);
            if place > 0 {
                sql.push(" union all ");
            }
            sql.push(format_args!(
                "select {place}, id, left(\"{title}\", 200) from \"{}\" where id = any(",
                kind.table
            ));
            sql.push_bind(ids.into_iter().collect::<Vec<_>>()).push(")");
        }
        let rows: Vec<(i32, i64, Option<String>)> = sql.build_query_as().persistent(false).fetch_all(conn).await?;
        for (place, id, title) in rows {
            labels.insert((kinds[place as usize], id), title.unwrap_or_default());
        }
        Ok(Labels(labels))
    }
}

/// Titles by kind and id.
#[derive(Default)]
pub(crate) struct Labels(HashMap<(KindId, i64), String>);

impl Labels {
    pub(crate) fn get(&self, kind: KindId, id: i64) -> Option<&str> {
        self.0.get(&(kind, id)).map(String::as_str)
    }

    pub(crate) fn put(&self, field: &Field, value: &mut Value) {
        if let (FieldType::Ref(kind), Value::Ref(reference)) = (&field.ty, value)
            && let Some(label) = self.get(*kind, reference.id)
        {
            label.clone_into(&mut reference.label);
        }
    }
}

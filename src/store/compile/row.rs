//! The select list of any kind, and a row of it as a record.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::domain::field::{Field, FieldType, Source};
use crate::domain::kind::{Kind, Registry};
use crate::domain::record::Record;
use crate::domain::value::{Ref, Value};

/// A name of the registry as an identifier; some are words of SQL.
pub(super) fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The column behind a field, of the table aliased so; of what the viewer watches, true or null.
pub(super) fn column(alias: &str, field: &Field) -> String {
    match &field.source {
        Source::Watch(kind) => format!("nullif({}, false)", watched(alias, kind)),
        _ => format!("{alias}.{}", name(field.db_column())),
    }
}

/// The same of a field by its name, and `none` where the kind has no such field, as where a role does not see it.
pub(in crate::store) fn column_or(alias: &str, kind: &Kind, field: &str, none: &str) -> String {
    kind.field(field).map_or_else(|| none.to_owned(), |field| column(alias, field))
}

/// Whether the row is one that the acting person watches: by their few records, not row by row.
pub(super) fn watched(alias: &str, kind: &str) -> String {
    format!("({alias}.id in (select o.record from watch o where o.person = (select me()) and o.kind = '{kind}'))")
}

/// The column that names a kind's records.
pub(super) fn title(alias: &str, kind: &Kind) -> String {
    kind.field(kind.title).map_or_else(|| format!("{alias}.id"), |field| column(alias, field))
}

/// The select list that [`decode`] reads, over rows aliased `t` that have the columns of the kind's table: for reads
/// written by hand.
pub fn columns(registry: &Registry, kind: &Kind) -> String {
    let mut list = String::from("t.id, t.version");
    for field in &kind.fields {
        if field.ty == FieldType::Span {
            continue;
        }
        let _ = write!(list, ", {}", column("t", field));
        if let FieldType::Ref(target) = field.ty {
            let target = registry.kind(target);
            // A subselect, not a join: it runs for the rows that are returned, whatever had to be sorted before.
            let _ = write!(
                list,
                ", (select left({}, 200) from {} r where r.id = {})",
                title("r", target),
                name(target.table),
                column("t", field)
            );
        }
    }
    list
}

/// A row of [`columns`] as a record; `now` is for the spans (`age`, `idle`, `sla`).
pub fn decode(row: &PgRow, kind: &Kind, now: DateTime<Utc>) -> Result<Record, sqlx::Error> {
    let mut record = Record { kind: kind.id, id: row.try_get(0)?, version: row.try_get(1)?, values: Vec::new() };
    record.values.reserve(kind.fields.len());
    let mut at = 2;
    for field in &kind.fields {
        if field.ty == FieldType::Span {
            record.values.push(Value::Null);
            continue;
        }
        let value = match &field.ty {
            FieldType::Text | FieldType::LongText | FieldType::Email | FieldType::Phone | FieldType::Url => {
                row.try_get::<Option<String>, _>(at)?.map(Value::Text)
            }
            FieldType::Choice(_) => row.try_get::<Option<String>, _>(at)?.map(Value::Choice),
            FieldType::Int => row.try_get::<Option<i64>, _>(at)?.map(Value::Int),
            FieldType::Decimal | FieldType::Money { .. } => {
                row.try_get::<Option<Decimal>, _>(at)?.map(|n| Value::Decimal(n.normalize()))
            }
            FieldType::Bool => row.try_get::<Option<bool>, _>(at)?.map(Value::Bool),
            FieldType::Day => row.try_get::<Option<NaiveDate>, _>(at)?.map(Value::Day),
            FieldType::Instant => row.try_get::<Option<DateTime<Utc>>, _>(at)?.map(Value::Instant),
            FieldType::Tags => row.try_get::<Option<Vec<String>>, _>(at)?.map(|mut tags| {
                tags.sort();
                tags.dedup();
                Value::Tags(tags)
            }),
            FieldType::Ref(_) => {
                let id = row.try_get::<Option<i64>, _>(at)?;
                at += 1;
                match id {
                    None => None,
                    Some(id) => {
                        let label = row.try_get::<Option<String>, _>(at)?.unwrap_or_default();
                        Some(Value::Ref(Ref { id, label }))
                    }
                }
            }
            FieldType::Span => None,
        };
        at += 1;
        record.values.push(value.unwrap_or_default());
    }
    count_spans(kind, &mut record, now);
    Ok(record)
}

/// Fills the fields that are spans up to `now`.
fn count_spans(kind: &Kind, record: &mut Record, now: DateTime<Utc>) {
    for (i, field) in kind.fields.iter().enumerate() {
        let Some(at) = crate::domain::query::instant_behind(kind, field, record) else { continue };
        record.values[i] = match field.source {
            Source::Since(_) => Value::Seconds((now - at).num_seconds()),
            Source::Until(_) => Value::Seconds((at - now).num_seconds()),
            Source::Column(_) | Source::Watch(_) => continue,
        };
    }
}

//! What happened to one record, in the registry's words.

use serde_json::{Value as Json, json};
use sqlx::PgConnection;

use super::rights;
use super::{Cx, Desk, Result, failed, not_there};
use crate::domain::change::{Change, Deed, FieldChange};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{Kind, KindId, Registry};
use crate::domain::right::Verb;
use crate::store::history::{self, Row};
use crate::store::{self, record};

/// Changes of one record that history shows.
const SHOWN: i64 = 200;

impl Desk {
    /// A record's changes, newest first, at most 200.
    pub async fn history(&self, cx: &Cx, kind: KindId, id: i64) -> Result<Vec<Change>> {
        let lang = cx.viewer.lang;
        let registry = self.registry_for(cx);
        let kind = registry.kind(kind);
        rights::may(&cx.viewer, kind, Verb::Read)?;
        let mut tx = self.lookup_tx(cx).await?;
        let rows = history::of_record(&mut tx, kind.id, id, None, SHOWN).await.map_err(|e| failed(lang, e))?;
        if rows.is_empty() && record::visible(&mut tx, kind, &[id]).await.map_err(|e| failed(lang, e))?.is_empty() {
            return Err(not_there(lang, kind, id));
        }
        changes(&mut tx, &registry, kind, rows).await.map_err(|e| failed(lang, e))
    }
}

/// Rows as changes: columns become fields, references get the titles that they have now.
pub(super) async fn changes(
    conn: &mut PgConnection,
    registry: &Registry,
    kind: &Kind,
    rows: Vec<Row>,
) -> store::Result<Vec<Change>> {
    let mut wanted = record::Wanted::default();
    for (field, value) in rows.iter().flat_map(|row| values(kind, row)) {
        if let (Some(Field { ty: FieldType::Ref(to), .. }), Some(id)) = (field, value.as_i64()) {
            wanted.id(*to, id);
        }
    }
    let labels = wanted.read(conn, registry).await?;
    let labelled = |field: Option<&Field>, value: &Json| match (field, value.as_i64()) {
        (Some(Field { ty: FieldType::Ref(to), .. }), Some(id)) => {
            json!({ "id": id, "label": labels.get(*to, id).unwrap_or_default() })
        }
        _ => value.clone(),
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let mut fields: Vec<FieldChange> = columns(&row)
                .map(|(column, before, after)| {
                    let field = field_of(kind, column);
                    FieldChange {
                        field: field.map_or(column, |f| f.name.as_str()).to_owned(),
                        before: labelled(field, before),
                        after: labelled(field, after),
                    }
                })
                .collect();
            // In the order of the registry, not of the JSON's keys.
            fields.sort_by_key(|f| kind.index(&f.field).unwrap_or(usize::MAX));
            Change {
                id: row.id,
                operation: row.operation,
                action: row.action,
                at: row.at,
                by: row.by,
                by_id: row.by_id,
                door: row.door,
                kind: kind.id,
                record: row.record,
                version: row.version,
                deed: match row.deed.as_str() {
                    "create" => Deed::Create,
                    "erase" => Deed::Erase,
                    _ => Deed::Update,
                },
                fields,
            }
        })
        .collect())
}

/// The field that a column belongs to; spans share theirs and are none.
fn field_of<'a>(kind: &'a Kind, column: &str) -> Option<&'a Field> {
    kind.fields.iter().find(|f| f.db_column() == column && f.ty != FieldType::Span)
}

fn columns(row: &Row) -> impl Iterator<Item = (&str, &Json, &Json)> {
    const NULL: &Json = &Json::Null;
    row.fields
        .iter()
        .filter_map(Json::as_object)
        .flatten()
        .map(|(column, pair)| (column.as_str(), pair.get(0).unwrap_or(NULL), pair.get(1).unwrap_or(NULL)))
}

fn values<'a>(kind: &'a Kind, row: &'a Row) -> impl Iterator<Item = (Option<&'a Field>, &'a Json)> {
    columns(row).flat_map(|(column, before, after)| {
        let field = field_of(kind, column);
        [(field, before), (field, after)]
    })
}

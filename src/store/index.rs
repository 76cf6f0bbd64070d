//! Indexes of custom fields, built without locking anybody out.

use sqlx::{AssertSqlSafe, Connection};

use super::{Result, Store, connect_as_owner};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{Kind, Sharing};

/// Builds the indexes that serve filters and sorts by this field, as the owner of the schema and outside a transaction.
/// One that an earlier, interrupted build left behind unfinished is made anew.
pub(crate) async fn build(store: &Store, kind: &Kind, field: &Field) -> Result<()> {
    let mut conn = connect_as_owner(store.database()).await?;
    for (name, columns) in indexes(kind, field) {
        let is_broken: bool = sqlx::query_scalar(
            "select exists (select from pg_index where indexrelid = to_regclass($1) and not indisvalid)",
        )
        .bind(&name)
        .fetch_one(&mut conn)
        .await?;
        if is_broken {
            let drop = format!("drop index concurrently if exists \"{name}\"");
            sqlx::query(AssertSqlSafe(drop)).execute(&mut conn).await?;
        }
        let create = format!(
            "create index concurrently if not exists \"{name}\" on \"{}\" ({columns}) where deleted_at is null",
            kind.table
        );
        sqlx::query(AssertSqlSafe(create)).execute(&mut conn).await?;
    }
    conn.close().await?;
    Ok(())
}

/// Names and columns, as `index_for_all` in the schema has them for the built-in fields: for those who see all, for a
/// team's records and for one person's. Values that many records share lead the list's own order.
fn indexes(kind: &Kind, field: &Field) -> Vec<(String, String)> {
    let column = field.db_column();
    let is_shared = matches!(field.ty, FieldType::Text | FieldType::Choice(_) | FieldType::Ref(_) | FieldType::Bool);
    let order = kind.field(kind.sort.trim_start_matches('-')).filter(|sort| is_shared && sort.name != field.name);
    let own =
        order.map_or_else(|| format!("\"{column}\", id"), |sort| format!("\"{column}\", \"{}\", id", sort.db_column()));
    let mut found = vec![(format!("{}_{column}_idx", kind.table), own.clone())];
    if kind.sharing == Sharing::Owned {
        for who in ["team", "owner"] {
            found.push((format!("{}_{who}_{column}_idx", kind.table), format!("{who}_id, {own}")));
        }
    }
    found
}

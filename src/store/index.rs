//! Indexes of custom fields, built without locking anybody out.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Result, Store};
use crate::domain::field::Field;
use crate::domain::kind::Kind;

/// Builds the index that serves filters and sorts by this field, as the owner of the schema and outside a transaction. One
/// that an earlier, interrupted build left behind unfinished is made anew.
pub(crate) async fn build(store: &Store, kind: &Kind, field: &Field) -> Result<()> {
    let mut conn = PgConnection::connect_with(&store.database().owner).await?;
    let (table, column) = (kind.table, field.db_column());
    let name = format!("{table}_{column}_idx");
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
        "create index concurrently if not exists \"{name}\" on \"{table}\" (\"{column}\", id) where deleted_at is null"
    );
    sqlx::query(AssertSqlSafe(create)).execute(&mut conn).await?;
    conn.close().await?;
    Ok(())
}

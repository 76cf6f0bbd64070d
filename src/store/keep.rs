//! What the desk keeps for a person beside records: unfinished texts and settings. Only their own rows are in reach.

use serde_json::Value as Json;
use sqlx::PgConnection;

use super::Result;

pub(crate) async fn draft(conn: &mut PgConnection, key: &str) -> Result<Option<Json>> {
    let found = sqlx::query_scalar("select body from draft where person = (select me()) and key = $1").bind(key);
    Ok(found.fetch_optional(conn).await?)
}

/// Keeps a draft; `None` removes it.
pub(crate) async fn save_draft(conn: &mut PgConnection, key: &str, body: Option<&Json>) -> Result<()> {
    let query = match body {
        Some(body) => sqlx::query(
            "insert into draft (key, body) values ($1, $2) \
             on conflict (person, key) do update set body = excluded.body, at = now()",
        )
        .bind(key)
        .bind(body),
        None => sqlx::query("delete from draft where person = (select me()) and key = $1").bind(key),
    };
    query.execute(conn).await?;
    Ok(())
}

pub(crate) async fn setting(conn: &mut PgConnection, key: &str) -> Result<Option<Json>> {
    let found = sqlx::query_scalar("select value from setting where person = (select me()) and key = $1").bind(key);
    Ok(found.fetch_optional(conn).await?)
}

pub(crate) async fn save_setting(conn: &mut PgConnection, key: &str, value: &Json) -> Result<()> {
    sqlx::query(
        "insert into setting (key, value) values ($1, $2) on conflict (person, key) do update set value = excluded.value",
    )
    .bind(key)
    .bind(value)
    .execute(conn)
    .await?;
    Ok(())
}

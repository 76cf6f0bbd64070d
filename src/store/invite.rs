//! Codes that let a newcomer in once. Only their hashes are here.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Result, Store};

/// A new invitation; it replaces the person's other one.
pub(crate) async fn make(
    conn: &mut PgConnection,
    person: i64,
    hash: &[u8; 32],
    expires_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query("insert into invite (person, hash, expires_at) values ($1, $2, $3)")
        .bind(person)
        .bind(&hash[..])
        .bind(expires_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes the person's open invitation back; false when there is none.
pub(crate) async fn withdraw(conn: &mut PgConnection, person: i64) -> Result<bool> {
    Ok(sqlx::query_scalar("select withdraw_invite($1)").bind(person).fetch_one(conn).await?)
}

/// The login of whose code it is. With a key (algorithm, fingerprint) the code is spent and the key theirs. `None` when it
/// opens nothing, which is written down.
pub(crate) async fn use_code(
    store: &Store,
    hash: &[u8; 32],
    from: IpAddr,
    key: Option<(&str, &str)>,
) -> Result<Option<String>> {
    let mut tx = store.begin_as_service().await?;
    let login = sqlx::query_scalar("select use_invite($1, $2, $3, $4)")
        .bind(&hash[..])
        .bind(from.to_canonical().to_string())
        .bind(key.map(|(algorithm, _)| algorithm))
        .bind(key.map(|(_, fingerprint)| fingerprint))
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(login)
}

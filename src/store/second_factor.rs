//! Second factors. Only the service reads a secret, on the way of somebody coming in; what was used once is kept, so that
//! it is not used again.

use std::net::IpAddr;

use sqlx::PgConnection;

use super::{Result, Store};

/// A person's new secret, of which this step's code was used, with the hashes of its recovery codes; for them and admins.
pub(crate) async fn set(
    conn: &mut PgConnection,
    person: i64,
    secret: &[u8],
    step: i64,
    recovery: &[Vec<u8>],
) -> Result<()> {
    let set = sqlx::query("select set_factor($1, $2, $3, $4)").bind(person).bind(secret).bind(step).bind(recovery);
    set.execute(conn).await?;
    Ok(())
}

/// Takes it away; false when there was none. For them and admins.
pub(crate) async fn drop(conn: &mut PgConnection, person: i64) -> Result<bool> {
    Ok(sqlx::query_scalar("select drop_factor($1)").bind(person).fetch_one(conn).await?)
}

/// The secret of somebody who is coming in.
pub(crate) async fn secret(store: &Store, login: &str) -> Result<Option<Vec<u8>>> {
    let mut tx = store.begin_unnamed().await?;
    Ok(sqlx::query_scalar("select factor_of($1)").bind(login).fetch_one(&mut *tx).await?)
}

/// The first secret of somebody who is coming in; false when they have one already.
pub(crate) async fn enrol(
    store: &Store,
    login: &str,
    secret: &[u8],
    step: i64,
    recovery: &[Vec<u8>],
    key: &str,
    from: IpAddr,
) -> Result<bool> {
    let mut tx = store.begin_as_service().await?;
    let enrolled = sqlx::query_scalar("select enrol_factor($1, $2, $3, $4, $5, $6)")
        .bind(login)
        .bind(secret)
        .bind(step)
        .bind(recovery)
        .bind(key)
        .bind(from.to_canonical().to_string())
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(enrolled)
}

/// Whether the code that somebody typed opens: of a step that is later than the last one used, else a recovery code that
/// was not used. What does not is written down.
pub(crate) async fn try_code(
    store: &Store,
    login: &str,
    step: Option<i64>,
    recovery: &[u8; 32],
    key: &str,
    from: IpAddr,
) -> Result<bool> {
    let mut tx = store.begin_as_service().await?;
    let opens = sqlx::query_scalar("select try_factor($1, $2, $3, $4, $5)")
        .bind(login)
        .bind(step)
        .bind(&recovery[..])
        .bind(key)
        .bind(from.to_canonical().to_string())
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(opens)
}

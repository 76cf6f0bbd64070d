//! What happened at the door over SSH: invitations, codes, keys, who came in. Only ever added to.

use std::net::IpAddr;

use sqlx::PgConnection;

use super::{Result, Store};

/// The holder of this key came in from there.
pub(crate) async fn came_in(store: &Store, fingerprint: &str, from: IpAddr) -> Result<()> {
    let mut tx = store.begin_as_service().await?;
    sqlx::query("select came_in($1, $2)")
        .bind(fingerprint)
        .bind(from.to_canonical().to_string())
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Says for the rest of the transaction where the acting person's client is.
pub(crate) async fn from(conn: &mut PgConnection, from: IpAddr) -> Result<()> {
    sqlx::query("select set_config('frontdesk.address', $1, true)")
        .bind(from.to_canonical().to_string())
        .execute(conn)
        .await?;
    Ok(())
}

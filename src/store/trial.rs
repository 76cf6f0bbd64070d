//! Custom fields that an import adds: on trial until it is through, so that one that is cut off leaves none behind.

use sqlx::PgConnection;

use super::{Result, Store};

/// Says for as long as the transaction lives that the import of this field is under way.
pub(crate) async fn hold(conn: &mut PgConnection, kind: &str, field: &str) -> Result<()> {
    // It only waits, for as long as the file is long.
    sqlx::query("select set_config('idle_in_transaction_session_timeout', '0', true)").execute(&mut *conn).await?;
    let lock = sqlx::query("select pg_try_advisory_xact_lock(hashtextextended('trial_field ' || $1 || ' ' || $2, 0))");
    lock.bind(kind).bind(field).execute(conn).await?;
    Ok(())
}

/// In the transaction that adds the field.
pub(crate) async fn begin(conn: &mut PgConnection, kind: &str, field: &str) -> Result<()> {
    sqlx::query("select try_custom_field($1, $2)").bind(kind).bind(field).execute(conn).await?;
    Ok(())
}

/// Takes the field away when nobody filled it in, else keeps it for good.
pub(crate) async fn settle(conn: &mut PgConnection, kind: &str, field: &str) -> Result<()> {
    sqlx::query("select settle_custom_field($1, $2)").bind(kind).bind(field).execute(conn).await?;
    Ok(())
}

impl Store {
    /// The same for the fields of imports that are no longer there; how many.
    pub(crate) async fn settle_cut_fields(&self) -> Result<i32> {
        let mut tx = self.begin_as_service().await?;
        let settled = sqlx::query_scalar("select settle_cut_fields()").fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(settled)
    }
}

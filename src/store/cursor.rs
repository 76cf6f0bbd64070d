//! How far a reader of the feed has read.

use sqlx::{Postgres, Transaction};

use super::Result;

/// A snapshot, and of which epoch: in another one its transaction ids mean nothing.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    pub snapshot: String,
    pub epoch: i64,
}

impl Cursor {
    /// Everything committed so far is behind it. Whoever is the first to see that the database was restored into another
    /// cluster begins its next epoch here, so the transaction must be one that may write.
    pub(super) async fn now(mut tx: Transaction<'static, Postgres>) -> Result<Self> {
        // Restored history may be long.
        sqlx::query("select set_config('statement_timeout', '10min', true)").execute(&mut *tx).await?;
        let epoch = sqlx::query_scalar("select settle_epoch()").fetch_one(&mut *tx).await?;
        let snapshot = sqlx::query_scalar("select pg_current_snapshot()::text").fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(Self { snapshot, epoch })
    }
}

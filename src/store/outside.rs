//! Notices that go outside, to a hook or webhook. A server takes them and says what became of them, as the service does.

use std::time::Duration;

use super::{Result, Store};

/// A person's notices that go now.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) login: String,
    pub(crate) email: Option<String>,
    pub(crate) lang: String,
    pub(crate) notices: Vec<i64>,
}

/// Takes those that have been unread for so long and whose people sit nowhere. Written down when this returns.
pub(crate) async fn take(store: &Store, after: Duration) -> Result<Vec<Row>> {
    let mut tx = store.begin_as_service().await?;
    let rows = sqlx::query_as("select login, email, lang, notices from outside_take($1)");
    let rows = rows.bind(after).fetch_all(&mut *tx).await?;
    tx.commit().await?;
    Ok(rows)
}

/// They are told, or will be tried again after the pause, doubled with each try.
pub(crate) async fn told(store: &Store, notices: &[i64], is_told: bool, pause: Duration) -> Result<()> {
    let mut tx = store.begin_as_service().await?;
    let done = sqlx::query("select outside_told($1, $2, $3)").bind(notices).bind(is_told).bind(pause);
    done.execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

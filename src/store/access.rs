//! What happened at the door over SSH: invitations, codes, keys, who came in. Only ever added to.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Result, Store};

/// That person came in with this key from there; the note says more of how.
pub(crate) async fn came_in(store: &Store, login: &str, fingerprint: &str, note: &str, from: IpAddr) -> Result<()> {
    let mut tx = store.begin_as_service().await?;
    sqlx::query("select came_in_as($1, $2, $3, $4)")
        .bind(login)
        .bind(fingerprint)
        .bind(note)
        .bind(from.to_canonical().to_string())
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// The first person's screen is about to be shown to the second, whose client is there; false when one of them may not
/// come in any more.
pub(crate) async fn screen_shown(store: &Store, owner: i64, watcher: i64, from: Option<IpAddr>) -> Result<bool> {
    let mut tx = store.begin_as_service().await?;
    let shown = sqlx::query_scalar("select screen_shown($1, $2, $3)");
    let shown = shown.bind(owner).bind(watcher).bind(from.map(|from| from.to_canonical().to_string()));
    let is_shown = shown.fetch_one(&mut *tx).await?;
    tx.commit().await?;
    Ok(is_shown)
}

/// It is shown no more; the note says who ended it.
pub(crate) async fn screen_closed(
    store: &Store,
    owner: i64,
    watcher: i64,
    from: Option<IpAddr>,
    note: &str,
) -> Result<()> {
    let mut tx = store.begin_as_service().await?;
    sqlx::query("select screen_closed($1, $2, $3, $4)")
        .bind(owner)
        .bind(watcher)
        .bind(from.map(|from| from.to_canonical().to_string()))
        .bind(note)
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

/// What happened, as it is kept.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) at: DateTime<Utc>,
    pub(crate) deed: String,
    pub(crate) login: Option<String>,
    pub(crate) by: Option<String>,
    pub(crate) fingerprint: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) note: String,
    pub(crate) times: i32,
}

/// The latest that the acting person may hear of, about that person or about all, with whose screens that person saw;
/// newest first.
pub(crate) async fn latest(conn: &mut PgConnection, person: Option<i64>, limit: i64) -> Result<Vec<Row>> {
    let rows = sqlx::query_as(
        "select a.at, a.deed, p.login, b.login as by, a.fingerprint, host(a.address) as address, a.note, a.times \
         from access a left join staff p on p.id = a.person left join staff b on b.id = a.by_id \
         where $1::bigint is null or a.person = $1 \
         or a.by_id = $1 and a.deed in ('screen_shown', 'screen_closed') order by a.id desc limit $2",
    );
    Ok(rows.bind(person).bind(limit).fetch_all(conn).await?)
}

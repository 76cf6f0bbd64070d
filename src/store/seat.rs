//! Who sits at which server, and the seats that admins end. A server writes its own seats as the service does, before
//! and beside anybody's acting; only admins read them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Result, Store};

/// A seat at a server; it counts for a minute unless it is renewed.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) seat: String,
    pub(crate) login: String,
    pub(crate) server: String,
    pub(crate) address: String,
    pub(crate) since: DateTime<Utc>,
    pub(crate) touched_at: DateTime<Utc>,
}

/// Writes and renews a server's seats: objects of seat, person, address, since and `touched_at`.
pub(crate) async fn live(store: &Store, server: &str, seats: &serde_json::Value) -> Result<()> {
    let mut tx = store.begin_as_service().await?;
    sqlx::query("select seats_live($1, $2)").bind(server).bind(seats).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

pub(crate) async fn left(store: &Store, seat: &str) -> Result<()> {
    let mut tx = store.begin_as_service().await?;
    sqlx::query("select seat_left($1)").bind(seat).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

/// Those of these seats that were ended: seat, the login of whoever did, and what they said.
pub(crate) async fn ended(conn: &mut PgConnection, seats: &[String]) -> Result<Vec<(String, String, String)>> {
    let rows = sqlx::query_as("select seat, by_login, said from seats_ended($1)");
    Ok(rows.bind(seats).fetch_all(conn).await?)
}

/// Live seats, the oldest first.
pub(crate) async fn all(conn: &mut PgConnection) -> Result<Vec<Row>> {
    let rows = sqlx::query_as(
        "select s.seat, p.login, s.server, s.address, s.since, s.touched_at from seat s join staff p on p.id = s.person \
         where s.at > clock_timestamp() - interval '1 minute' order by s.since, s.seat",
    );
    Ok(rows.fetch_all(conn).await?)
}

/// Ends the live seat of that name, or all of the person with that login; how many.
pub(crate) async fn end(conn: &mut PgConnection, which: &str, said: &str) -> Result<u64> {
    let ended = sqlx::query(
        "insert into seat_word (seat, person, address, said) \
         select s.seat, s.person, s.address, $2 from seat s join staff p on p.id = s.person \
         where (s.seat = $1 or p.login = $1) and s.at > clock_timestamp() - interval '1 minute'",
    );
    Ok(ended.bind(which).bind(said).execute(conn).await?.rows_affected())
}

/// What was told to all seats in the last minutes: number, when, login of whoever told it, text; oldest first.
pub(crate) async fn told(conn: &mut PgConnection) -> Result<Vec<(i64, DateTime<Utc>, String, String)>> {
    let rows = sqlx::query_as(
        "select a.id, a.at, s.login, a.said from announcement a join staff s on s.id = a.by_id \
         where a.at > clock_timestamp() - interval '2 minutes' order by a.id",
    );
    Ok(rows.fetch_all(conn).await?)
}

/// Tells all seats.
pub(crate) async fn tell(conn: &mut PgConnection, said: &str) -> Result<()> {
    sqlx::query("insert into announcement (said) values ($1)").bind(said).execute(conn).await?;
    Ok(())
}

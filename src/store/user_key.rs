//! The keys by which people come in over SSH. Rows are never deleted: a key that was taken back keeps its history.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Result;

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) login: String,
    pub(crate) algorithm: String,
    pub(crate) fingerprint: String,
    pub(crate) comment: String,
    pub(crate) added_at: DateTime<Utc>,
    pub(crate) used_at: Option<DateTime<Utc>>,
    pub(crate) revoked_at: Option<DateTime<Utc>>,
}

/// The login of whoever comes in with this key; the service asks, before anybody acts.
pub(crate) async fn login_of(conn: &mut PgConnection, fingerprint: &str) -> Result<Option<String>> {
    Ok(sqlx::query_scalar("select login_of_key($1)").bind(fingerprint).fetch_one(conn).await?)
}

/// The acting person came in with this key just now.
pub(crate) async fn used(conn: &mut PgConnection, fingerprint: &str) -> Result<()> {
    sqlx::query("select key_used($1)").bind(fingerprint).execute(conn).await?;
    Ok(())
}

/// Constraint `user_key_fingerprint_key` when somebody has the key already.
pub(crate) async fn add(
    conn: &mut PgConnection,
    person: i64,
    algorithm: &str,
    fingerprint: &str,
    comment: &str,
) -> Result<()> {
    sqlx::query("insert into user_key (person, algorithm, fingerprint, comment) values ($1, $2, $3, $4)")
        .bind(person)
        .bind(algorithm)
        .bind(fingerprint)
        .bind(comment)
        .execute(conn)
        .await?;
    Ok(())
}

/// The keys of that person, else of all that the acting person may see, oldest first.
pub(crate) async fn all(conn: &mut PgConnection, person: Option<i64>) -> Result<Vec<Row>> {
    let rows = sqlx::query_as(
        "select s.login, k.algorithm, k.fingerprint, k.comment, k.added_at, k.used_at, k.revoked_at \
         from user_key k join staff s on s.id = k.person where $1::bigint is null or k.person = $1 order by k.id",
    );
    Ok(rows.bind(person).fetch_all(conn).await?)
}

/// The login of whoever has this key.
pub(crate) async fn owner(conn: &mut PgConnection, fingerprint: &str) -> Result<Option<String>> {
    let found = sqlx::query_scalar(
        "select s.login from user_key k join staff s on s.id = k.person where k.fingerprint = $1 and k.revoked_at is null",
    );
    Ok(found.bind(fingerprint).fetch_optional(conn).await?)
}

/// Takes a key back; false when there is none.
pub(crate) async fn revoke(conn: &mut PgConnection, fingerprint: &str) -> Result<bool> {
    let revoked = sqlx::query(
        "update user_key set revoked_at = clock_timestamp(), revoked_by = me() \
         where fingerprint = $1 and revoked_at is null",
    );
    Ok(revoked.bind(fingerprint).execute(conn).await?.rows_affected() > 0)
}

//! Bringing a workspace's database to this program's schema.

use std::collections::BTreeMap;

use pinyin::ToPinyinMulti;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Connection, PgConnection};

use super::{Error, Result};
use crate::config::Database;

/// The folder is read whenever the crate is compiled; a migration alone does not make cargo compile it.
static MIGRATOR: Migrator = sqlx::migrate!("src/store/migrations");

/// Applies what is missing, as the schema's owner, once however many processes call it at the same time. A workspace
/// without staff gets `first_admin` (a login) as its first person, an administrator. `Newer` when the database knows
/// migrations that this program does not.
pub async fn migrate(database: &Database, first_admin: Option<&str>) -> Result<()> {
    // A connection of its own: after an error it may still hold the migrator's lock, and in a pool would go on holding it.
    let mut conn = PgConnection::connect_with(&database.owner).await?;
    let done = bring_up(&mut conn, database.service.get_username(), first_admin).await;
    if done.is_ok() {
        conn.close().await?;
    } else {
        // The first error is the one to tell.
        let _ = conn.close_hard().await;
    }
    done
}

async fn bring_up(conn: &mut PgConnection, service: &str, first_admin: Option<&str>) -> Result<()> {
    let applied = applied(conn).await?;
    refuse_newer(&applied)?;
    MIGRATOR.run_direct(None, &mut *conn, false).await.map_err(explain)?;
    let mut tx = conn.begin().await?;
    // The migrator's lock is free again: what follows needs one too.
    sqlx::query("select pg_advisory_xact_lock(7013, 1)").execute(&mut *tx).await?;
    sqlx::query("select add_change_partitions()").execute(&mut *tx).await?;
    fill_pinyin(&mut tx).await?;
    if let Some(login) = first_admin {
        sqlx::query(
            // On a shared server they are known by the login of the url; the service's own says nothing about anybody.
            "insert into staff (name, login, role, db_login) select $1, $1, 'admin', nullif($2, service_role())
             where not exists (select from staff where role = 'admin' and active and deleted_at is null)",
        )
        .bind(login)
        .bind(service)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// `Older` or `Newer` unless the database has exactly this program's migrations. Needs no rights but to read.
pub(super) async fn check(conn: &mut PgConnection) -> Result<()> {
    let applied = applied(conn).await?;
    refuse_newer(&applied)?;
    if MIGRATOR.iter().any(|m| !applied.contains(&m.version)) {
        return Err(Error::Older);
    }
    Ok(())
}

/// The versions of the migrations that the database has.
async fn applied(conn: &mut PgConnection) -> Result<Vec<i64>> {
    let begun: bool =
        sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(&mut *conn).await?;
    if !begun {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_scalar("select version from _sqlx_migrations where success order by version")
        .fetch_all(conn)
        .await?)
}

fn refuse_newer(applied: &[i64]) -> Result<()> {
    let program = MIGRATOR.iter().map(|m| m.version).max().unwrap_or_default();
    match applied.iter().find(|&&version| !MIGRATOR.version_exists(version)) {
        Some(&database) => Err(Error::Newer { database, program }),
        None => Ok(()),
    }
}

fn explain(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) => error.into(),
        MigrateError::ExecuteMigration(sqlx::Error::Database(e), _) if e.message().contains("pg_trgm") => Error::other(
            "Postgres would not add its extension pg_trgm; let a superuser run `create extension pg_trgm` in this database, then try again",
        ),
        MigrateError::ExecuteMigration(sqlx::Error::Database(e), _) if e.message().contains("create role") => {
            Error::other(
                "this login may not make the roles that guard the workspace; let a superuser give it the right with `alter role … createrole`, then try again",
            )
        }
        other => Error::Other(Box::new(other)),
    }
}

/// How each Han character may be typed in Latin letters, first the most usual.
async fn fill_pinyin(conn: &mut PgConnection) -> Result<()> {
    let filled: bool = sqlx::query_scalar("select exists (select from pinyin)").fetch_one(&mut *conn).await?;
    if filled {
        return Ok(());
    }
    let sounds: BTreeMap<char, String> = ['\u{3007}']
        .into_iter()
        .chain('\u{3400}'..='\u{9FFF}')
        .chain('\u{20000}'..='\u{323AF}')
        .filter_map(|ch| readings(ch).map(|found| (ch, found.join(" "))))
        .collect();
    let (chars, readings): (Vec<String>, Vec<String>) =
        sounds.into_iter().map(|(ch, all)| (ch.to_string(), all)).unzip();
    sqlx::query(
        "insert into pinyin (ch, readings)
         select ch, string_to_array(said, ' ') from unnest($1::text[], $2::text[]) u (ch, said)",
    )
    .bind(chars)
    .bind(readings)
    .execute(conn)
    .await?;
    Ok(())
}

/// The readings of a Han character without tones, each once; `ü` as it is typed, `v`.
fn readings(ch: char) -> Option<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for sound in ch.to_pinyin_multi()? {
        let plain = sound.plain().replace('ü', "v");
        if !found.contains(&plain) {
            found.push(plain);
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_typed_forms_without_repeats() {
        assert_eq!(readings('王').and_then(|r| r.into_iter().next()).as_deref(), Some("wang"), "the usual one first");
        assert!(readings('曾').is_some_and(|r| r.contains(&"zeng".into()) && r.contains(&"ceng".into())));
        assert!(readings('吕').is_some_and(|r| r.contains(&"lv".into())));
        assert_eq!(readings('a'), None);
    }
}

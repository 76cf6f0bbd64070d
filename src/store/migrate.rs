//! Bringing a workspace's database to this program's schema.

use std::collections::BTreeMap;

use pinyin::ToPinyinMulti;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Error, Result, connect_as_owner, one_login};
use crate::config::Database;

/// The folder is read whenever the crate is compiled; a migration alone does not make cargo compile it.
static MIGRATOR: Migrator = sqlx::migrate!("src/store/migrations");

/// Applies what is missing, as the schema's owner, once however many processes call it at the same time. A workspace
/// without staff gets `first_admin` (a login) as its first person, an administrator. `Newer` when the database knows
/// migrations that this program does not.
pub async fn migrate(database: &Database, first_admin: Option<&str>) -> Result<()> {
    // A connection of its own: after an error it may still hold the migrator's lock, and in a pool would go on holding it.
    let mut conn = connect_as_owner(database).await?;
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
    add_extensions(conn).await?;
    let is_one_login = one_login::is_needed(conn).await?;
    if is_one_login {
        let migrator = one_login::migrator(&MIGRATOR);
        // Held over all of them, until the connection ends or it is through: what is done in between is for one alone.
        sqlx::query("select pg_advisory_lock(7013, 2)").execute(&mut *conn).await?;
        for migration in MIGRATOR.iter().filter(|m| !applied.contains(&m.version)) {
            migrator.run_direct(Some(migration.version), &mut *conn, false).await.map_err(explain)?;
            one_login::settle(conn).await?;
        }
        sqlx::query("select pg_advisory_unlock(7013, 2)").execute(&mut *conn).await?;
    } else {
        MIGRATOR.run_direct(None, &mut *conn, false).await.map_err(explain)?;
    }
    let mut tx = conn.begin().await?;
    // The migrator's lock is free again: what follows needs one too.
    sqlx::query("select pg_advisory_xact_lock(7013, 1)").execute(&mut *tx).await?;
    mark_leakproof(&mut tx).await?;
    if MIGRATOR.iter().any(|m| !applied.contains(&m.version)) {
        // Roles beside the first two get what the new migrations gave `sales`.
        sqlx::query("select hold_roles()").execute(&mut *tx).await?;
    }
    sqlx::query("select add_change_partitions()").execute(&mut *tx).await?;
    // After a restore elsewhere this may take a while; here nothing bounds it.
    sqlx::query("select settle_epoch()").execute(&mut *tx).await?;
    fill_pinyin(&mut tx).await?;
    renew_order(&mut tx).await?;
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

/// Trusted, so that who may create in the database may add them; asked first, since words of an error are in any
/// language.
async fn add_extensions(conn: &mut PgConnection) -> Result<()> {
    for name in ["pg_trgm", "btree_gin"] {
        match sqlx::query(AssertSqlSafe(format!("create extension if not exists {name}"))).execute(&mut *conn).await {
            // Two at once.
            Err(sqlx::Error::Database(e)) if matches!(e.code().as_deref(), Some("23505" | "42710")) => {}
            Err(sqlx::Error::Database(e)) => {
                return Err(Error::other(format!(
                    "Postgres would not add its extension {name} ({}); let a superuser run `create extension {name}` in \
                     this database, then try again",
                    e.message()
                )));
            }
            done => {
                done?;
            }
        }
    }
    Ok(())
}

/// As in `0008_first.sql`, whose time may have been one without a superuser.
async fn mark_leakproof(conn: &mut PgConnection) -> Result<()> {
    const MARKED: &str =
        "'ts_match_vq', 'ts_match_qv', 'texticlike', 'texticnlike', 'textlike', 'textnlike', 'lower', 'upper',
        'arraycontains', 'arraycontained', 'arrayoverlap', 'array_eq', 'array_ne', 'array_position', 'numeric_eq',
        'numeric_ne', 'numeric_lt', 'numeric_le', 'numeric_gt', 'numeric_ge', 'numeric_cmp', 'text_lt', 'text_le',
        'text_gt', 'text_ge', 'bttextcmp', 'textlen', 'starts_with', 'date_lt', 'date_le', 'date_gt', 'date_ge',
        'row_security_active'";
    let functions: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
        "select p.oid::regprocedure::text from pg_proc p, pg_roles r
         where r.rolname = current_user and r.rolsuper and p.pronamespace = 'pg_catalog'::regnamespace
           and not p.proleakproof and p.proname in ({MARKED})"
    )))
    .fetch_all(&mut *conn)
    .await?;
    for function in functions {
        sqlx::query(AssertSqlSafe(format!("alter function {function} leakproof"))).execute(&mut *conn).await?;
    }
    Ok(())
}

fn explain(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) => error.into(),
        other => Error::Other(Box::new(other)),
    }
}

/// Builds the indexes of names anew when the server's library now orders names in another way than when they were built:
/// a list read from them would miss some.
async fn renew_order(conn: &mut PgConnection) -> Result<()> {
    let is_old: bool = sqlx::query_scalar(
        "select exists (select from pg_collation where oid = 'public.name_order'::regcollation
         and collversion <> pg_collation_actual_version(oid))",
    )
    .fetch_one(&mut *conn)
    .await?;
    if !is_old {
        return Ok(());
    }
    let indexes: Vec<String> = sqlx::query_scalar(
        "select indexrelid::regclass::text from pg_index
         where 'public.name_order'::regcollation::oid = any(indcollation::oid[])",
    )
    .fetch_all(&mut *conn)
    .await?;
    for index in indexes {
        sqlx::query(AssertSqlSafe(format!("reindex index {index}"))).execute(&mut *conn).await?;
    }
    sqlx::query("alter collation public.name_order refresh version").execute(conn).await?;
    Ok(())
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

//! Servers on which the owner of a workspace may make no roles, as some managed ones are: the same migrations, with one
//! login for everything.
//!
//! Only the block of the first migration that makes roles cannot run there, and nothing that runs before it could help:
//! the program puts other text in its place (`one_login.sql`) under the same version and checksum. The migrations'
//! grants then go from the login to itself. `0015_managed.sql` makes the policies ask for the acting person's role.

use sqlx::migrate::{Migration, Migrator};
use sqlx::{AssertSqlSafe, PgConnection, SqlSafeStr};

use super::Result;

/// True when this database is of that kind, or, with nothing in it yet, would have to be.
pub(super) async fn is_needed(conn: &mut PgConnection) -> Result<bool> {
    let begun: bool =
        sqlx::query_scalar("select to_regprocedure('service_role()') is not null").fetch_one(&mut *conn).await?;
    let asked = if begun {
        "select coalesce(bool_and(pg_role = service_role()), false) from role"
    } else {
        "select not (rolsuper or rolcreaterole) from pg_roles where rolname = current_user"
    };
    Ok(sqlx::query_scalar(asked).fetch_one(conn).await?)
}

/// The same migrations for one login.
pub(super) fn migrator(migrator: &Migrator) -> Migrator {
    let adapted = |migration: &Migration| {
        let sql = match migration.version {
            1 => AssertSqlSafe(without_roles(migration.sql.as_str())).into_sql_str(),
            _ => migration.sql.clone(),
        };
        Migration { sql, ..migration.clone() }
    };
    Migrator::with_migrations(migrator.iter().map(adapted).collect())
}

/// After each migration: policies and grants as one login needs them.
pub(super) async fn settle(conn: &mut PgConnection) -> Result<()> {
    let knows: bool =
        sqlx::query_scalar("select to_regprocedure('hold_by_person()') is not null").fetch_one(&mut *conn).await?;
    let settle = if knows {
        "select hold_by_person()"
    } else {
        // The helpers of earlier migrations take from a role, and so from the owner, what the next migration needs.
        "do $$ begin execute format('grant all on all tables in schema public to %I', current_user); end $$"
    };
    sqlx::query(settle).execute(conn).await?;
    Ok(())
}

const BLOCK: (&str, &str) = ("do $$\n", "end $$;\n");

fn without_roles(sql: &str) -> String {
    let parts = sql.split_once(BLOCK.0).and_then(|(before, rest)| Some((before, rest.split_once(BLOCK.1)?.1)));
    let Some((before, after)) = parts else { return sql.to_owned() };
    format!("{before}{}{after}", include_str!("one_login.sql"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_first_migration_only_the_making_of_roles_is_exchanged() {
        let whole = include_str!("migrations/0001_roles.sql");
        let adapted = without_roles(whole);
        assert!(whole.contains("create role") && !adapted.contains("create role") && !adapted.contains("grant"));
        for kept in ["create table role", "create extension", "create table staff", "function act_as", "my_teams"] {
            assert!(adapted.contains(kept), "{kept}");
        }
        for made in ["insert into role", "function service_role()", "function is_program()"] {
            assert_eq!(adapted.matches(made).count(), 1, "{made}");
        }
    }
}

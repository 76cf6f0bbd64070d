//! A workspace is a database of the private server.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Error, Lease};
use crate::config::Database;
use crate::store::connect_as_owner;

impl Lease {
    /// The workspace of that name, made empty if it is not there. What is in it is the migrations' business.
    pub async fn workspace(&self, name: &str) -> Result<Database, Error> {
        let database = self.database(name);
        let failed = |e: sqlx::Error| Error(format!("The workspace “{name}” cannot be opened: {e}"));
        let mut admin =
            PgConnection::connect_with(&database.owner.clone().database("postgres")).await.map_err(failed)?;
        let there = "select exists (select from pg_database where datname = $1)";
        if !sqlx::query_scalar(there).bind(name).fetch_one(&mut admin).await.map_err(failed)? {
            let create = format!("create database \"{}\"", name.replace('"', "\"\""));
            match sqlx::query(AssertSqlSafe(create)).execute(&mut admin).await {
                Ok(_) => {}
                // Somebody else was quicker.
                Err(sqlx::Error::Database(e)) if matches!(e.code().as_deref(), Some("42P04" | "23505")) => {}
                Err(e) => return Err(failed(e)),
            }
        }
        let _ = admin.close().await;
        Ok(database)
    }

    /// The same workspace with the service's login as the database itself names it: a clone keeps its template's roles.
    pub async fn with_own_service(&self, mut database: Database) -> Result<Database, Error> {
        let failed = |e: sqlx::Error| Error(format!("The workspace cannot be opened: {e}"));
        let mut owner = PgConnection::connect_with(&database.owner).await.map_err(failed)?;
        let login: String =
            sqlx::query_scalar("select service_role()::text").fetch_one(&mut owner).await.map_err(failed)?;
        database.service = database.service.username(&login);
        let _ = owner.close().await;
        Ok(database)
    }
}

/// Whom the login of a shared server's url stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// One person's own, by their frontdesk login.
    As(String),
    /// The only one that there is: everybody's.
    Anybody,
    /// Nobody's on the staff.
    Nobody,
}

/// Whom this database's login stands for.
pub async fn known(database: &Database) -> Result<Known, sqlx::Error> {
    let mut conn = PgConnection::connect_with(&database.service).await?;
    // In a transaction, and as text without preparing: a pooler may be in between.
    let mut tx = conn.begin().await?;
    let (login, is_shared): (Option<String>, bool) = sqlx::query_as(
        "select (select login from staff where id = me() and active and deleted_at is null),
                session_user = service_role() and is_one_login()",
    )
    .persistent(false)
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    let _ = conn.close().await;
    Ok(match login {
        Some(login) => Known::As(login),
        None if is_shared => Known::Anybody,
        None => Known::Nobody,
    })
}

/// A person's id and Postgres role by login, asked as the owner.
pub async fn person(database: &Database, login: &str) -> Result<Option<(i64, String)>, sqlx::Error> {
    let mut conn = connect_as_owner(database).await?;
    let found = sqlx::query_as(
        "select s.id, r.pg_role::text from staff s join role r on r.name = s.role
         where s.login = $1 and s.active and s.deleted_at is null",
    )
    .bind(login)
    .fetch_optional(&mut conn)
    .await?;
    let _ = conn.close().await;
    Ok(found)
}

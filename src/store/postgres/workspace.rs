//! A workspace is a database of the private server.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Error, Lease};
use crate::config::Database;

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

/// The person whose own Postgres login this database's url names, by their frontdesk login.
pub async fn personal_login(database: &Database) -> Result<Option<String>, sqlx::Error> {
    let mut conn = PgConnection::connect_with(&database.service).await?;
    let login = sqlx::query_scalar("select login from staff where id = me() and active and deleted_at is null")
        .fetch_optional(&mut conn)
        .await?;
    let _ = conn.close().await;
    Ok(login)
}

/// A person's id and Postgres role by login, asked as the owner.
pub async fn person(database: &Database, login: &str) -> Result<Option<(i64, String)>, sqlx::Error> {
    let mut conn = PgConnection::connect_with(&database.owner).await?;
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

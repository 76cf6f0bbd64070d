//! Roles as rows: who may do what, and who changed that. The database brings its own roles in line by itself.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::types::Json as Stored;
use sqlx::{Connection, PgConnection, Postgres};

use super::{Error, Result};
use crate::domain::right::{Definition, Rights};

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) is_builtin: bool,
    pub(crate) rights: Stored<Rights>,
    /// Logins of the active ones who have it.
    pub(crate) people: Vec<String>,
}

/// Names of all roles: the first two, the other built-in ones, then by name.
pub(crate) async fn names(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "select name from role order by array_position('{admin,sales,manager,support,marketing,analyst}'::text[], name), \
         is_builtin desc, name",
    )
    .fetch_all(conn)
    .await?)
}

pub(crate) async fn all(conn: &mut PgConnection) -> Result<Vec<Row>> {
    Ok(sqlx::query_as(
        "select r.name, r.is_builtin, rights_of(r.name) as rights, \
         array(select s.login from staff s where s.role = r.name and s.deleted_at is null and s.active order by s.login) as people \
         from role r order by array_position('{admin,sales,manager,support,marketing,analyst}'::text[], r.name), \
         r.is_builtin desc, r.name",
    )
    .fetch_all(conn)
    .await?)
}

/// Everybody who has the role, also the disabled and those in the recycle bin: while there are any, it stays.
pub(crate) async fn holders(conn: &mut PgConnection, role: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar("select login from staff where role = $1 order by login").bind(role).fetch_all(conn).await?)
}

/// The rows of a role, as they are kept; `None` when there is no such role.
pub(crate) async fn definition(conn: &mut PgConnection, role: &str) -> Result<Option<Json>> {
    Ok(sqlx::query_scalar("select role_definition($1)").bind(role).fetch_one(conn).await?)
}

pub(crate) async fn make(conn: &mut PgConnection, name: &str, like: &str) -> Result<()> {
    change(conn, || sqlx::query("select new_role($1, $2)").bind(name).bind(like)).await
}

pub(crate) async fn set(conn: &mut PgConnection, name: &str, was: &Json, now: &Json) -> Result<()> {
    change(conn, || sqlx::query("select set_role_rights($1, $2, $3)").bind(name).bind(was).bind(now)).await
}

pub(crate) async fn delete(conn: &mut PgConnection, name: &str) -> Result<()> {
    change(conn, || sqlx::query("select delete_role($1)").bind(name)).await
}

pub(crate) async fn set_sensitive(
    conn: &mut PgConnection,
    kind: &str,
    field: &str,
    column: &str,
    is_so: bool,
) -> Result<()> {
    let mark = "select set_sensitive($1, $2, $3, $4)";
    change(conn, || sqlx::query(mark).bind(kind).bind(field).bind(column).bind(is_so)).await
}

/// A change of policies locks one table after the other, which others read in another order: whoever is in the way goes
/// first, and it is tried again.
async fn change<'q>(conn: &mut PgConnection, query: impl Fn() -> Query<'q, Postgres, PgArguments>) -> Result<()> {
    let mut tries = 0;
    loop {
        tries += 1;
        let mut step = conn.begin().await?;
        match query().execute(&mut *step).await.map_err(Error::from) {
            Ok(_) => return Ok(step.commit().await?),
            Err(error) if error.is_worth_another(tries) => step.rollback().await?,
            Err(error) => return Err(error),
        }
    }
}

#[derive(sqlx::FromRow)]
pub(crate) struct Logged {
    pub(crate) at: DateTime<Utc>,
    pub(crate) by: Option<String>,
    pub(crate) role: String,
    pub(crate) before: Option<Json>,
    pub(crate) after: Option<Json>,
}

impl Logged {
    /// One side as a definition; `None` for what is none.
    pub(crate) fn definition(side: Option<&Json>) -> Option<Definition> {
        serde_json::from_value(side?.clone()).ok()
    }
}

/// The latest changes of that role or of all, newest first.
pub(crate) async fn log(conn: &mut PgConnection, role: Option<&str>, limit: i64) -> Result<Vec<Logged>> {
    Ok(sqlx::query_as(
        "select l.at, s.login as by, l.role, l.before, l.after from role_log l left join staff s on s.id = l.by_id \
         where $1::text is null or l.role = $1 order by l.id desc limit $2",
    )
    .bind(role)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

//! Who works here, as read before it is known who sits down, and the fields added to kinds.

use std::sync::Arc;

use serde_json::Value as Json;
use sqlx::PgConnection;
use sqlx::types::Json as Stored;

use super::Result;
use crate::domain::right::Rights;
use crate::domain::viewer::Person;

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    login: String,
    name: String,
    role: String,
    rights: Stored<Rights>,
    team: Option<i64>,
    team_name: Option<String>,
    active: bool,
    zone: Option<String>,
    teams: Vec<i64>,
    stands_in: Vec<i64>,
}

/// The person with this login (any case), and whether they may still come in.
pub(crate) async fn person(conn: &mut PgConnection, login: &str) -> Result<Option<(Person, bool)>> {
    let row: Option<Row> = sqlx::query_as(
        "select s.id, s.login, s.name, s.role, rights_of(s.role) as rights, s.team_id as team, t.name as team_name, s.active, s.zone, \
         array(with recursive mine as (select s.team_id as id where s.team_id is not null \
           union select below.id from team below join mine on below.parent_id = mine.id) \
           select id from mine order by id) as teams, \
         array(select a.person from absences() a where a.deputy = s.id order by a.person) as stands_in \
         from staff s left join team t on t.id = s.team_id \
         where lower(s.login) = lower($1) and s.deleted_at is null order by s.login = $1 desc limit 1",
    )
    .bind(login)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| {
        let person = Person {
            id: row.id,
            login: row.login,
            name: row.name,
            role: row.role,
            rights: Arc::new(row.rights.0),
            team: row.team,
            teams: row.teams,
            team_name: row.team_name.unwrap_or_default(),
            stands_in: row.stands_in,
            zone: row.zone.and_then(|zone| zone.parse().ok()),
        };
        (person, row.active)
    }))
}

/// Where that person gets mail.
pub(crate) async fn email(conn: &mut PgConnection, person: i64) -> Result<Option<String>> {
    Ok(sqlx::query_scalar("select email from staff where id = $1").bind(person).fetch_one(conn).await?)
}

/// Kind and definition of every custom field, in the order in which they were added to their kind.
pub(crate) async fn custom_fields(conn: &mut PgConnection) -> Result<Vec<(String, Json)>> {
    Ok(sqlx::query_as(
        "select c.kind, c.definition from custom_field c join kind k on k.name = c.kind \
         join pg_attribute a on a.attrelid = k.tbl and a.attname = 'c_' || c.name order by c.kind, a.attnum",
    )
    .fetch_all(conn)
    .await?)
}

/// Adds a field to a kind: its column, its words, its entry. Tells every process.
pub(crate) async fn add_custom_field(conn: &mut PgConnection, kind: &str, definition: &Json) -> Result<()> {
    sqlx::query("select add_custom_field($1, $2)").bind(kind).bind(definition).execute(conn).await?;
    Ok(())
}

/// Makes a login to Postgres for a person, or gives theirs another password; its name, and the database it is for.
pub(crate) async fn give_db_login(conn: &mut PgConnection, person: i64, verifier: &str) -> Result<(String, String)> {
    Ok(sqlx::query_as("select give_db_login($1, $2), current_database()::text")
        .bind(person)
        .bind(verifier)
        .fetch_one(conn)
        .await?)
}

/// The login of one of these people who is disabled or gone.
pub(crate) async fn disabled(conn: &mut PgConnection, people: &[i64]) -> Result<Option<String>> {
    let found = sqlx::query_scalar(
        "select login from staff where id = any ($1) and (not active or deleted_at is not null) order by id limit 1",
    );
    Ok(found.bind(people).fetch_optional(conn).await?)
}

/// True when the acting person manages that one: their keys, invitations, second factor and seats, role and team.
pub(crate) async fn manages(conn: &mut PgConnection, person: i64) -> Result<bool> {
    Ok(sqlx::query_scalar("select manages($1)").bind(person).fetch_one(conn).await?)
}

/// The login of a person who is there.
pub(crate) async fn login(conn: &mut PgConnection, person: i64) -> Result<Option<String>> {
    let found = sqlx::query_scalar("select login from staff where id = $1 and deleted_at is null");
    Ok(found.bind(person).fetch_optional(conn).await?)
}

//! Small reads behind defaults and checks: does a referenced record stand, where does a new deal start.

use sqlx::{PgConnection, QueryBuilder};

use super::Result;
use crate::domain::kind::{Kind, USER};

/// What a reference to a record needs to know of it.
pub(crate) struct State {
    pub(crate) is_deleted: bool,
    /// False only for users who left.
    pub(crate) is_active: bool,
}

/// `None` when there is no such record for this person.
pub(crate) async fn state(conn: &mut PgConnection, kind: &Kind, id: i64) -> Result<Option<State>> {
    let active = if kind.id == USER { "active" } else { "true" };
    let mut sql =
        QueryBuilder::new(format!("select deleted_at is not null, {active} from \"{}\" where id = ", kind.table));
    sql.push_bind(id);
    let row: Option<(bool, bool)> = sql.build_query_as().persistent(false).fetch_optional(conn).await?;
    Ok(row.map(|(is_deleted, is_active)| State { is_deleted, is_active }))
}

/// A pipeline and its first open stage.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(crate) struct Start {
    pub(crate) pipeline: i64,
    pub(crate) stage: i64,
}

/// The first open stage of this pipeline, or of the first pipeline that has one.
pub(crate) async fn first_stage(conn: &mut PgConnection, pipeline: Option<i64>) -> Result<Option<Start>> {
    let found = sqlx::query_as(
        "select p.id as pipeline, s.id as stage from stage s join pipeline p on p.id = s.pipeline_id \
         where s.state = 'open' and s.deleted_at is null and p.deleted_at is null and ($1 is null or p.id = $1) \
         order by p.position nulls last, p.id, s.position nulls last, s.id limit 1",
    )
    .bind(pipeline)
    .fetch_optional(conn)
    .await?;
    Ok(found)
}

/// The pipeline that a stage stands in.
pub(crate) async fn pipeline_of(conn: &mut PgConnection, stage: i64) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar("select pipeline_id from stage where id = $1").bind(stage).fetch_optional(conn).await?)
}

/// The names of the fields that a stage demands, as kept.
pub(crate) async fn stage_requires(conn: &mut PgConnection, stage: i64) -> Result<Option<String>> {
    let found: Option<Option<String>> =
        sqlx::query_scalar("select requires from stage where id = $1").bind(stage).fetch_optional(conn).await?;
    Ok(found.flatten())
}

/// The company that a contact works for.
pub(crate) async fn company_of(conn: &mut PgConnection, contact: i64) -> Result<Option<i64>> {
    let found: Option<Option<i64>> =
        sqlx::query_scalar("select company_id from contact where id = $1").bind(contact).fetch_optional(conn).await?;
    Ok(found.flatten())
}

/// The team that a person is in.
pub(crate) async fn team_of(conn: &mut PgConnection, person: i64) -> Result<Option<i64>> {
    let found: Option<Option<i64>> =
        sqlx::query_scalar("select team_id from staff where id = $1").bind(person).fetch_optional(conn).await?;
    Ok(found.flatten())
}

/// The currency used last in records of a kind, among its latest fifty.
pub(crate) async fn last_currency(conn: &mut PgConnection, kind: &Kind, column: &str) -> Result<Option<String>> {
    let mut sql = QueryBuilder::new(format!(
        "select money from (select id, \"{column}\" as money from \"{}\" order by id desc limit 50) r \
         where money is not null order by id desc limit 1",
        kind.table
    ));
    Ok(sql.build_query_scalar().persistent(false).fetch_optional(conn).await?)
}

//! Who is away, and who stands in. Which day it is, is the workspace's matter: see the function `absences`.

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::Result;

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) person: i64,
    pub(crate) name: String,
    /// The last day.
    pub(crate) until: NaiveDate,
    /// The name of whoever stands in and is not disabled.
    pub(crate) deputy: Option<String>,
}

/// Those of these people who are away today, by name.
pub(crate) async fn of(conn: &mut PgConnection, people: &[i64]) -> Result<Vec<Row>> {
    let rows = sqlx::query_as(
        "select a.person, s.name, a.until, d.name as deputy from absences() a join staff s on s.id = a.person \
         left join staff d on d.id = a.deputy where a.person = any ($1) order by lower(s.name), s.id",
    );
    Ok(rows.bind(people).fetch_all(conn).await?)
}

/// The day that it is for the workspace.
pub(crate) async fn today(conn: &mut PgConnection) -> Result<NaiveDate> {
    Ok(sqlx::query_scalar("select workspace_today()").fetch_one(conn).await?)
}

/// Keeps an absence; without days there is none. Whose it is and who may do that the database decides.
pub(crate) async fn set(
    conn: &mut PgConnection,
    person: i64,
    days: Option<(Option<NaiveDate>, NaiveDate)>,
    deputy: Option<i64>,
) -> Result<()> {
    sqlx::query("select set_away($1, $2, $3, $4)")
        .bind(person)
        .bind(days.and_then(|(from, _)| from))
        .bind(days.map(|(_, until)| until))
        .bind(deputy)
        .execute(conn)
        .await?;
    Ok(())
}

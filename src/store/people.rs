//! The people of the workspace, as an admin sees them.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::Result;

/// More than a team has: beyond, a list of people is no screen.
const MOST: i64 = 2_000;

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) team: Option<String>,
    pub(crate) active: bool,
    pub(crate) keys: i64,
    pub(crate) seats: i64,
    pub(crate) invited_until: Option<DateTime<Utc>>,
    pub(crate) factor_since: Option<DateTime<Utc>>,
    pub(crate) came_in: Option<DateTime<Utc>>,
    pub(crate) away_until: Option<NaiveDate>,
    pub(crate) deputy: Option<String>,
}

/// Everybody, or that person; those who may come in first, then by name.
pub(crate) async fn all(conn: &mut PgConnection, person: Option<i64>) -> Result<Vec<Row>> {
    let rows = sqlx::query_as(
        "select s.id, s.login, s.name, s.role, t.name as team, s.active, \
         (select count(*) from user_key k where k.person = s.id and k.revoked_at is null) as keys, \
         (select count(*) from seat w where w.person = s.id and w.at > clock_timestamp() - interval '1 minute') as seats, \
         i.expires_at as invited_until, f.since as factor_since, \
         (select max(a.at) from access a where a.person = s.id and a.deed = 'came_in') as came_in, \
         w.until as away_until, d.login as deputy \
         from staff s left join team t on t.id = s.team_id left join open_invites() i on i.person = s.id \
         left join factors() f on f.person = s.id \
         left join absences() w on w.person = s.id left join staff d on d.id = w.deputy \
         where s.deleted_at is null and ($1::bigint is null or s.id = $1) \
         order by not s.active, lower(s.name), s.id limit $2",
    );
    Ok(rows.bind(person).bind(MOST).fetch_all(conn).await?)
}

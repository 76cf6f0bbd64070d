//! The next ticket that nobody has.

use sqlx::{AssertSqlSafe, PgConnection};

use super::Result;

/// Overdue or due so soon, a ticket goes before all that are not.
const SOON: &str = "1 hour";

/// Locks and returns the ticket to take next: of what is overdue or due within the hour the most urgent, then the one
/// due first; if there is none, the same of all. Tickets that somebody else is taking at this moment are passed over.
/// Source: `ticket`, index `ticket_pull_idx`, which holds no others.
pub(crate) async fn next(conn: &mut PgConnection) -> Result<Option<i64>> {
    for only in [format!("and due_at <= now() + interval '{SOON}'"), String::new()] {
        let sql = format!(
            "select id from ticket where deleted_at is null and owner_id is null and status in ('new', 'open') {only} \
               and (snoozed_until is null or snoozed_until <= now()) \
             order by array_position('{{low,normal,high,urgent}}'::text[], priority) desc, due_at, id \
             limit 1 for update skip locked"
        );
        let found = sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false).fetch_optional(&mut *conn).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

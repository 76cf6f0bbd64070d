//! What whoever answers a ticket has to know: whom, as whom, and what a canned answer's blanks stand for.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Result;
use super::compile::column_or;
use crate::domain::kind::{CONTACT, Registry, TICKET};

#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Answering {
    pub(crate) subject: String,
    pub(crate) contact: Option<String>,
    pub(crate) salutation: Option<String>,
    pub(crate) mail: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) my_name: String,
    pub(crate) my_mail: Option<String>,
    /// The conversation's last message; 0 before the first.
    pub(crate) seen: i64,
    /// The beginning of what the customer said last, who and when; the ticket's description before any message.
    pub(crate) asked: Option<String>,
    pub(crate) asked_by: Option<String>,
    pub(crate) asked_at: DateTime<Utc>,
}

/// `None` when the person does not see the ticket. Source: `ticket` with what it refers to, as far as that is visible and
/// the registry has its fields.
pub(crate) async fn answering(conn: &mut PgConnection, registry: &Registry, ticket: i64) -> Result<Option<Answering>> {
    let (contacts, tickets) = (registry.kind(CONTACT), registry.kind(TICKET));
    let salutation = column_or("c", contacts, "salutation", "null::text");
    let mail = column_or("c", contacts, "email", "null::text");
    let description = column_or("t", tickets, "description", "null::text");
    let product = column_or("t", tickets, "product", "null::bigint");
    let sql = format!(
        "select t.subject, c.name as contact, {salutation} as salutation, {mail} as mail, o.name as company, \
           p.name as product, \
           s.name as my_name, s.email as my_mail, \
           coalesce((select max(m.id) from message m where m.ticket_id = t.id and m.deleted_at is null), 0) as seen, \
           left(coalesce(q.body, {description}), 2000) as asked, coalesce(q.by, c.name) as asked_by, \
           coalesce(q.sent_at, t.created_at) as asked_at \
         from ticket t join staff s on s.id = (select me()) left join contact c on c.id = t.contact_id \
         left join company o on o.id = t.company_id left join product p on p.id = {product} \
         left join lateral (select m.body, m.sent_at, w.name as by from message m left join contact w on w.id = m.contact_id \
           where m.ticket_id = t.id and m.direction = 'in' and m.deleted_at is null \
           order by m.sent_at desc, m.id desc limit 1) q on true where t.id = $1",
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).persistent(false).bind(ticket).fetch_optional(conn).await?)
}

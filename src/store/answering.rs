//! What whoever answers a ticket has to know: whom, as whom, and what a canned answer's blanks stand for.

use sqlx::PgConnection;

use super::Result;

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
}

/// `None` when the person does not see the ticket. Source: `ticket` with what it refers to, as far as that is visible.
pub(crate) async fn answering(conn: &mut PgConnection, ticket: i64) -> Result<Option<Answering>> {
    let found = sqlx::query_as(
        "select t.subject, c.name as contact, c.salutation, c.email as mail, o.name as company, p.name as product, \
           s.name as my_name, s.email as my_mail, \
           coalesce((select max(m.id) from message m where m.ticket_id = t.id and m.deleted_at is null), 0) as seen \
         from ticket t join staff s on s.id = (select me()) left join contact c on c.id = t.contact_id \
         left join company o on o.id = t.company_id left join product p on p.id = t.product_id where t.id = $1",
    );
    Ok(found.bind(ticket).fetch_optional(conn).await?)
}

//! Mail on its way out, and who wrote in a conversation since.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Result;
use crate::domain::action::Envelope;

/// How long mail is held back, so that it can be taken back.
pub(crate) const HOLD_SECONDS: f64 = 10.0;

/// Queues the mails of these replies, held back for ten seconds. Without an envelope, or with `to_contact` one without an
/// address, they go to the tickets' contacts; replies that nobody has an address for are not queued.
pub(crate) async fn queue(
    conn: &mut PgConnection,
    messages: &[i64],
    envelope: Option<&Envelope>,
    to_contact: bool,
) -> Result<()> {
    let to = envelope.map(|e| e.to.as_str()).filter(|to| !to_contact || !to.trim().is_empty());
    sqlx::query(
        "insert into outbox (ticket_id, message_id, to_address, cc, sender, subject, not_before) \
         select t.id, m.id, $2, nullif($3, ''), \
           coalesce(nullif($4, ''), s.name || coalesce(' <' || s.email || '>', '')), \
           'Re: ' || t.subject || ' [T' || t.id || ']', clock_timestamp() + make_interval(secs => $5) \
         from message m join ticket t on t.id = m.ticket_id join staff s on s.id = (select me()) \
         where m.id = any ($1) and $2 is distinct from '' order by m.id",
    )
    .bind(messages)
    .bind(to)
    .bind(envelope.map_or("", |e| e.cc.as_str()))
    .bind(envelope.map_or("", |e| e.sender.as_str()))
    .bind(HOLD_SECONDS)
    .execute(conn)
    .await?;
    Ok(())
}

/// When those of the replies left that cannot be held back any more. The others stay until this transaction ends.
pub(crate) async fn left(conn: &mut PgConnection, messages: &[i64]) -> Result<Vec<DateTime<Utc>>> {
    Ok(sqlx::query_scalar("select at from left_outbox($1) order by at").bind(messages).fetch_all(conn).await?)
}

/// True when a mail of the operation cannot be held back any more.
pub(crate) async fn has_left(conn: &mut PgConnection, operation: i64) -> Result<bool> {
    let found = sqlx::query_scalar(
        "select exists (select from change c join outbox b on b.message_id = c.record \
         where c.operation = $1 and c.kind = 'message' \
           and (b.state = 'sent' or b.state = 'queued' and b.not_before <= clock_timestamp()))",
    );
    Ok(found.bind(operation).fetch_one(conn).await?)
}

/// Of these messages, those that have or had a mail.
pub(crate) async fn mailed(conn: &mut PgConnection, messages: &[i64]) -> Result<Vec<i64>> {
    let found = sqlx::query_scalar("select message_id from outbox where message_id = any ($1)");
    Ok(found.bind(messages).fetch_all(conn).await?)
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Mail {
    pub(crate) message: i64,
    pub(crate) to: String,
    pub(crate) cc: Option<String>,
    pub(crate) sender: String,
    /// `queued`, `sent` or `cancelled`.
    pub(crate) state: String,
    pub(crate) not_before: DateTime<Utc>,
    /// By the database's clock it is still held back.
    pub(crate) is_held: bool,
}

/// The mails of a ticket, the latest 200; without their addresses for who does not see such.
pub(crate) async fn of_ticket(conn: &mut PgConnection, ticket: i64, with_addresses: bool) -> Result<Vec<Mail>> {
    let addresses = if with_addresses { "to_address as to, cc" } else { "'' as to, null::text as cc" };
    let sql = format!(
        "select message_id as message, {addresses}, sender, state, not_before, \
           state = 'queued' and not_before > clock_timestamp() as is_held \
         from outbox where ticket_id = $1 order by id desc limit 200",
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(ticket).fetch_all(conn).await?)
}

/// What somebody else said in a ticket's conversation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Said {
    pub(crate) body: String,
    pub(crate) by: String,
    pub(crate) at: Option<DateTime<Utc>>,
}

/// The latest message behind `seen` that the person did not write; internal notes do not count.
pub(crate) async fn said_since(conn: &mut PgConnection, ticket: i64, seen: i64, me: i64) -> Result<Option<Said>> {
    let found = sqlx::query_as(
        "select m.body, coalesce(s.name, c.name, '') as by, m.sent_at as at from message m \
         left join staff s on s.id = m.author_id left join contact c on c.id = m.contact_id and m.direction = 'in' \
         where m.ticket_id = $1 and m.id > $2 and m.deleted_at is null and m.direction in ('in', 'out') \
           and m.author_id is distinct from $3 order by m.id desc limit 1",
    );
    Ok(found.bind(ticket).bind(seen).bind(me).fetch_optional(conn).await?)
}

/// A message's ticket, text and author.
pub(crate) async fn message(conn: &mut PgConnection, id: i64) -> Result<Option<(i64, String, Option<i64>)>> {
    let found = sqlx::query_as("select ticket_id, body, author_id from message where id = $1");
    Ok(found.bind(id).fetch_optional(conn).await?)
}

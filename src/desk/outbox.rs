//! Mail on its way out, as its ticket shows it; taking it back while it is held.

use chrono::{DateTime, Utc};

use super::perform::Trouble;
use super::{Cx, Desk, Error, Result, failed, say};
use crate::domain::kind::{CONTACT, KindId, TICKET};
use crate::store::{Tx, keep, outbox};

/// The mail of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub message: i64,
    /// Empty for who does not see addresses.
    pub to: String,
    pub cc: String,
    pub sender: String,
    pub state: Leaving,
    /// Until then it is held back.
    pub at: DateTime<Utc>,
}

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// It can be taken back.
    Held,
    /// Due: it is the sender's, and cannot be taken back.
    Queued,
    Sent,
    Cancelled,
}

/// The text of a reply that was taken back, and the record it was for.
pub(super) type Draft = (KindId, i64, String);

impl Desk {
    /// The mails of a ticket's replies, the latest first, at most 200.
    pub async fn outgoing(&self, cx: &Cx, ticket: i64) -> Result<Vec<Outgoing>> {
        let with_addresses = self.registry_for(cx).kind(CONTACT).field("email").is_some();
        let mut tx = self.lookup_tx(cx).await?;
        let mails = outbox::of_ticket(&mut tx, ticket, with_addresses).await.map_err(|e| failed(cx.viewer.lang, e))?;
        Ok(mails.into_iter().map(outgoing).collect())
    }
}

fn outgoing(mail: outbox::Mail) -> Outgoing {
    let state = match mail.state.as_str() {
        "sent" => Leaving::Sent,
        "cancelled" => Leaving::Cancelled,
        _ if mail.is_held => Leaving::Held,
        _ => Leaving::Queued,
    };
    let cc = mail.cc.unwrap_or_default();
    Outgoing { message: mail.message, to: mail.to, cc, sender: mail.sender, state, at: mail.not_before }
}

/// Refuses to take a reply back whose mail has left, and to send one again by redoing it. Mails that are still held stay
/// so until the transaction ends.
pub(super) async fn may_undo(tx: &mut Tx, cx: &Cx, action: &str, messages: &[i64]) -> std::result::Result<(), Trouble> {
    let lang = cx.viewer.lang;
    let refuse = |reason| Err(Trouble::Said(Error::Invalid { field: String::new(), reason }));
    if messages.is_empty() {
        return Ok(());
    }
    if matches!(action, "undo" | "redo") {
        if outbox::mailed(tx, messages).await?.is_empty() {
            return Ok(());
        }
        return refuse(say(
            lang,
            "A reply that was taken back is not sent again by redo; its text is a draft in the reply editor.",
            "撤回的回复不会因重做而再次发送，其内容已作为草稿保存在回复编辑器中。",
        ));
    }
    let left = outbox::left(tx, messages).await?;
    let Some(at) = left.first() else { return Ok(()) };
    let at = at.with_timezone(&cx.viewer.zone).format("%H:%M:%S");
    refuse(say(
        lang,
        format!("That reply was passed on for sending at {at} and cannot be taken back; write another one."),
        format!("该回复已于 {at} 交付发送，无法撤回，请另写一封。"),
    ))
}

/// Makes the text of a reply that was taken back a draft again, unless there is one already.
pub(super) async fn draft_again(tx: &mut Tx, cx: &Cx, messages: &[i64]) -> std::result::Result<Option<Draft>, Trouble> {
    // Only one's own words become one's draft, and several at once have no one editor to go to.
    let [id] = messages else { return Ok(None) };
    let Some((ticket, body, author)) = outbox::message(tx, *id).await? else { return Ok(None) };
    if author != Some(cx.viewer.me.id) {
        return Ok(None);
    }
    let key = format!("{TICKET}:{ticket}:reply");
    if keep::draft(tx, &key).await?.is_none() {
        let draft = serde_json::json!({ "content": body, "at": cx.viewer.now });
        keep::save_draft(tx, &key, Some(&draft)).await?;
    }
    Ok(Some((TICKET, ticket, body)))
}

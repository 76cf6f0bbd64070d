//! Answering a ticket: whom, as whom, and what is known for the blanks of a canned answer.

use chrono::{DateTime, Utc};

use super::{Cx, Desk, Result, failed, not_there};
use crate::domain::action::Envelope;
use crate::domain::kind::TICKET;
use crate::store::answering;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answering {
    pub subject: String,
    /// From the person to the ticket's contact; `to` is empty when no mail address is known.
    pub envelope: Envelope,
    /// The conversation's last message; 0 before the first.
    pub seen: i64,
    /// What the customer said last.
    pub asked: Option<Asked>,
    /// Blanks by name, such as `contact.name`, and what they stand for; unknown ones are missing.
    pub blanks: Vec<(&'static str, String)>,
}

/// The customer's last words on a ticket, or its description before any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The contact's name, as far as the person may see it.
    pub by: Option<String>,
    pub at: DateTime<Utc>,
    /// The beginning, at most 2,000 characters.
    pub body: String,
}

impl Answering {
    /// What a blank stands for.
    pub fn blank(&self, name: &str) -> Option<String> {
        self.blanks.iter().find(|(blank, _)| *blank == name).map(|(_, value)| value.clone())
    }
}

impl Desk {
    /// Whom a ticket's reply goes to, as whom, and what a canned answer's blanks stand for.
    pub async fn answering(&self, cx: &Cx, ticket: i64) -> Result<Answering> {
        let lang = cx.viewer.lang;
        let registry = self.registry_for(cx);
        let kind = registry.kind(TICKET);
        let mut tx = self.read_tx(cx).await?;
        let found = answering::answering(&mut tx, &registry, ticket).await.map_err(|e| failed(lang, e))?;
        let found = found.ok_or_else(|| not_there(lang, kind, ticket))?;
        let blanks = [
            ("ticket.number", Some(kind.code(ticket))),
            ("ticket.subject", Some(found.subject.clone())),
            ("contact.name", found.contact),
            ("contact.salutation", found.salutation),
            ("company.name", found.company),
            ("product.name", found.product),
            ("me.name", Some(found.my_name.clone())),
        ];
        let sender = match found.my_mail {
            Some(mail) => format!("{} <{mail}>", found.my_name),
            None => found.my_name,
        };
        Ok(Answering {
            subject: found.subject,
            envelope: Envelope { to: found.mail.unwrap_or_default(), cc: String::new(), sender },
            seen: found.seen,
            asked: found.asked.map(|body| Asked { by: found.asked_by, at: found.asked_at, body }),
            blanks: blanks.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        })
    }
}

//! A person's inbox: what others did that concerns them. Notices come with the changes they speak of and go when these
//! are undone; only that they were read is the person's own.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::{Cx, Desk, Result, failed};
use crate::domain::kind::{ACTIVITY, KindId, MESSAGE};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::store::{Tx, notice, record, watch};

/// Notices that a page of the inbox has, at most.
const PAGE: i64 = 200;
/// Unread ones are counted up to here.
pub const COUNTED: u64 = 100;

/// Why somebody hears of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is theirs now.
    Assigned,
    /// The customer or a colleague wrote in the conversation of a ticket that is theirs or that they watch.
    Reply,
    /// An internal note on a record that is theirs or that they watch.
    Comment,
    /// Named with an @ in a note.
    Mention,
    /// Their change of it met somebody else's and was not saved.
    Conflict,
    /// They watch it, and its status, stage or lifecycle is another.
    Status,
    /// They watch it, and somebody else has it now.
    Given,
}

impl Why {
    /// As the database keeps it, and the setting `notices` too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Reply => "reply",
            Self::Comment => "comment",
            Self::Mention => "mention",
            Self::Conflict => "conflict",
            Self::Status => "status",
            Self::Given => "given",
        }
    }

    fn of(name: &str) -> Option<Self> {
        let all =
            [Self::Assigned, Self::Reply, Self::Comment, Self::Mention, Self::Conflict, Self::Status, Self::Given];
        all.into_iter().find(|why| why.name() == name)
    }
}

/// One entry of an inbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub id: i64,
    pub why: Why,
    /// The record it is about; of several, the first.
    pub kind: KindId,
    pub record: i64,
    pub title: String,
    /// How many records it is about.
    pub records: u64,
    /// Who did it, by name; empty when no person could be told.
    pub by: String,
    /// The name of the absent colleague whom it concerns; empty for what concerns oneself.
    pub on_behalf: String,
    /// What was written, whole; empty for what needs no words.
    pub said: String,
    pub at: DateTime<Utc>,
    pub is_read: bool,
}

impl Desk {
    /// Of the logins that a text names with `@`, those that nobody here has.
    pub async fn unknown_logins(&self, cx: &Cx, text: &str) -> Result<Vec<String>> {
        let mut tx = self.read_tx(cx).await?;
        notice::unknown_logins(&mut tx, text).await.map_err(|e| failed(cx.viewer.lang, e))
    }

    /// What others did that concerns the person, newest first, at most 200.
    pub async fn inbox(&self, cx: &Cx, only_unread: bool) -> Result<Vec<Notice>> {
        let mut tx = self.read_tx(cx).await?;
        let rows = notice::newest(&mut tx, only_unread, PAGE).await.map_err(|e| failed(cx.viewer.lang, e))?;
        self.noticed(cx, tx, rows).await
    }

    /// Rows with what they speak of, as far as the person may see it.
    pub(super) async fn noticed(&self, cx: &Cx, mut tx: Tx, rows: Vec<notice::Row>) -> Result<Vec<Notice>> {
        let lost = |e| failed(cx.viewer.lang, e);
        let registry = self.registry_for(cx);
        let known = |name: &str| registry.kinds().iter().find(|k| k.id.0 == name).map(|k| k.id);
        let mut titles = record::Wanted::default();
        let mut wanted: BTreeMap<KindId, Vec<i64>> = BTreeMap::new();
        for row in &rows {
            if let Some(kind) = known(&row.kind) {
                titles.id(kind, row.record);
            }
            if let (Some(kind), Some(said)) = (row.said_kind.as_deref().and_then(known), row.said) {
                wanted.entry(kind).or_default().push(said);
            }
        }
        let titles = titles.read(&mut tx, &registry).await.map_err(lost)?;
        let mut said: HashMap<(KindId, i64), Record> = HashMap::new();
        for (kind, ids) in wanted {
            let found = record::read(&mut tx, &registry, kind, &ids, cx.viewer.now).await.map_err(lost)?;
            said.extend(found.into_iter().map(|r| ((kind, r.id), r)));
        }
        let notices = rows.into_iter().filter_map(|row| {
            let kind = known(&row.kind)?;
            let words = row.said_kind.as_deref().and_then(known).zip(row.said).and_then(|key| said.get(&key));
            let text =
                |name: &str| words.map(|r| r.get(registry.kind(r.kind), name).as_str().unwrap_or_default().to_owned());
            // What the customer wrote is theirs, whoever took it down.
            let customer = words.filter(|r| r.kind == MESSAGE).and_then(|r| {
                let message = registry.kind(MESSAGE);
                let is_theirs = r.get(message, "direction").as_str() == Some("in");
                match r.get(message, "contact") {
                    Value::Ref(contact) if is_theirs => Some(contact.shown(cx.viewer.lang).to_owned()),
                    _ => None,
                }
            });
            let said = match words.map(|r| r.kind) {
                Some(ACTIVITY) => text("body").filter(|body| !body.is_empty()).or_else(|| text("subject")),
                _ => text("body"),
            };
            Some(Notice {
                id: row.id,
                why: Why::of(&row.why)?,
                kind,
                record: row.record,
                title: titles.get(kind, row.record).unwrap_or_default().to_owned(),
                records: row.records.unsigned_abs(),
                by: customer.or(row.by).unwrap_or_default(),
                on_behalf: row.on_behalf.unwrap_or_default(),
                said: said.unwrap_or_default(),
                at: row.at,
                is_read: row.is_read,
            })
        });
        Ok(notices.collect())
    }

    /// How many notices of the inbox are unread, counted up to [`COUNTED`].
    pub async fn unread(&self, cx: &Cx) -> Result<u64> {
        let lost = |e| failed(cx.viewer.lang, e);
        let mut tx = self.read_tx(cx).await?;
        let unread = notice::unread(&mut tx, COUNTED as i64).await.map_err(lost)?;
        if watch::has_unseen(&mut tx).await.map_err(lost)? {
            drop(tx);
            let mut tx = self.quiet_tx(cx).await?;
            watch::forget_unseen(&mut tx).await.map_err(lost)?;
            tx.commit().await.map_err(lost)?;
        }
        Ok(unread.unsigned_abs())
    }

    /// Marks notices as read or unread, `None`: all of them; how many became so.
    pub async fn mark_notices(&self, cx: &Cx, ids: Option<&[i64]>, read: bool) -> Result<u64> {
        let lost = |e| failed(cx.viewer.lang, e);
        let mut tx = self.quiet_tx(cx).await?;
        let marked = notice::mark(&mut tx, ids, read).await.map_err(lost)?;
        tx.commit().await.map_err(lost)?;
        Ok(marked)
    }

    /// Keeps in mind that the person's change of a record met somebody else's.
    pub(super) async fn note_conflict(&self, cx: &Cx, kind: KindId, record: i64) {
        let noted = async {
            let mut tx = self.inner.store.begin_quiet(&cx.actor()).await?;
            notice::conflict(&mut tx, kind.0, record).await?;
            tx.commit().await
        };
        // The person hears of the conflict anyway.
        if let Err(error) = noted.await {
            tracing::warn!(%error, "a conflict is not in the inbox");
        }
    }
}

//! The application: on behalf of one person it runs Queries and performs Actions. Every use case takes a `Cx`, so none
//! can be called without saying who asks. No screen and no SQL here.

pub mod import;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::broadcast;

use crate::domain::action::{Action, Targets};
use crate::domain::change::{Change, Door, Touched};
use crate::domain::field::{Field, Lang};
use crate::domain::kind::{KindId, Registry};
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::domain::viewer::{Person, Viewer};
use crate::store::Store;

/// Who asks, through which door, and when; `viewer.now` is set anew for every request.
#[derive(Clone, Debug)]
pub struct Cx {
    pub viewer: Viewer,
    pub door: Door,
    /// Tells this seat's operations from the same person's others, so that `u` takes back the right one.
    pub seat: String,
}

/// What a person can act on. Each has a sentence for the screen; details went to the log where the error was handled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Denied(String),
    /// A field and what is wrong with it; field is empty when it is the whole record.
    #[error("{reason}")]
    Invalid { field: String, reason: String },
    #[error("{0}")]
    NotFound(String),
    /// The record changed under the person's hands; one entry per field of theirs that somebody else changed.
    #[error("somebody else changed {}", .0.iter().map(|c| c.field.as_str()).collect::<Vec<_>>().join(", "))]
    Conflict(Vec<Conflict>),
    /// The database cannot be reached or is too slow; trying again may help.
    #[error("{0}")]
    Unavailable(String),
    #[error("{0}")]
    Internal(String),
}

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    pub field: String,
    pub was: Value,
    pub mine: Value,
    pub theirs: Value,
    /// Who set theirs, and when.
    pub by: String,
    pub at: Option<DateTime<Utc>>,
}

/// One page of a list, in the query's order.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub records: Vec<Record>,
    /// There are more records in the direction of reading.
    pub more: bool,
}

/// Where a page starts.
#[derive(Clone, Debug, Default)]
pub enum From {
    #[default]
    Start,
    /// Behind this record, which is on the page before.
    After(Record),
    /// Before this record; the page still comes in the query's order.
    Before(Record),
    /// The list's end.
    End,
}

/// How many match. Above `1,000` for filters that cannot be counted cheaply, `exact` is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub n: u64,
    pub exact: bool,
}

/// What an action did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The operation to undo; `None` when nothing was written.
    pub operation: Option<i64>,
    /// The kind and ids of the records written, at most the first 1,000.
    pub records: Vec<(KindId, i64)>,
    pub done: u64,
    /// Records already as wanted.
    pub unchanged: u64,
    /// Refused ones by code, with the reason.
    pub failed: Vec<(String, String)>,
}

/// What a bulk action would do, shown before it is done.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    pub total: u64,
    pub will_change: u64,
    pub unchanged: u64,
    /// Reasons with how many records they refuse.
    pub refused: Vec<(String, u64)>,
    /// The first few, with what would change.
    pub sample: Vec<Record>,
}

/// One entry of a record's timeline, newest first: an activity, message, related deal or ticket, or a change.
#[derive(Clone, Debug)]
pub struct Moment {
    pub at: DateTime<Utc>,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    /// An activity, a message, a deal or a ticket that touches the record.
    Record(Record),
    Change(Change),
}

/// A record found by words, for pickers and the palette.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub kind: KindId,
    pub id: i64,
    pub title: String,
    /// What tells it from its namesakes: company, mail, stage.
    pub detail: String,
}

/// Somebody who has a record open, or is typing on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    pub person: i64,
    pub name: String,
    pub kind: KindId,
    pub record: i64,
    pub typing: bool,
}

/// A possible duplicate of a record being entered.
#[derive(Clone, Debug, PartialEq)]
pub struct Twin {
    pub hit: Hit,
    /// The field that is the same: `email`, `phone`, `name`.
    pub same: String,
}

/// What a listening seat is told.
#[derive(Clone, Debug)]
pub enum News {
    /// Committed changes, each told once.
    Touched(Arc<Vec<Touched>>),
    /// The feed lost its place (new server, long cut): read everything on screen anew.
    Resync,
    Presence,
    /// A custom field or role changed: take `Desk::registry` anew.
    Registry,
    /// The connection to the database is gone / is back.
    Line(bool),
}

/// The application on one workspace. Cheap to clone; one for all seats of a process.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    registry: std::sync::RwLock<Registry>,
    news: broadcast::Sender<News>,
}

impl Desk {
    /// Opens the workspace: reads the registry with its custom fields and starts the feed's listener.
    pub async fn open(_store: Store) -> Result<Self> {
        unbuilt()
    }

    /// The kinds as they are now, custom fields included.
    pub fn registry(&self) -> Registry {
        self.inner.registry.read().expect("no writer panics while it holds the registry").clone()
    }

    /// Sits a person down by login. Unknown or disabled: `Denied`.
    pub async fn sit(&self, _login: &str, _door: Door, _zone: chrono_tz::Tz, _lang: Lang) -> Result<Cx> {
        unbuilt()
    }

    /// What happens from now on. A receiver that lags must treat it as `News::Resync`.
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.inner.news.subscribe()
    }

    /// Records of a kind that match, in the query's order (else the kind's), at most `limit` (1–500).
    pub async fn page(&self, _cx: &Cx, _kind: KindId, _query: &Query, _from: &From, _limit: u32) -> Result<Page> {
        unbuilt()
    }

    /// How many match.
    pub async fn count(&self, _cx: &Cx, _kind: KindId, _query: &Query) -> Result<Count> {
        unbuilt()
    }

    /// The records with these ids that `cx` may see, deleted ones too, in no promised order.
    pub async fn read(&self, _cx: &Cx, _kind: KindId, _ids: &[i64]) -> Result<Vec<Record>> {
        unbuilt()
    }

    /// Of these ids, the ones that match the query now: tells a live list which rows stay.
    pub async fn still_match(&self, _cx: &Cx, _kind: KindId, _query: &Query, _ids: &[i64]) -> Result<Vec<i64>> {
        unbuilt()
    }

    /// Everything that touches a record, newest first, older than `before`, at most `limit`.
    pub async fn timeline(
        &self,
        _cx: &Cx,
        _kind: KindId,
        _id: i64,
        _before: Option<DateTime<Utc>>,
        _limit: u32,
    ) -> Result<Vec<Moment>> {
        unbuilt()
    }

    /// A record's changes, newest first, at most 200.
    pub async fn history(&self, _cx: &Cx, _kind: KindId, _id: i64) -> Result<Vec<Change>> {
        unbuilt()
    }

    /// Carries an action out. Up to 2,000 records in one transaction, more in chunks under one operation; `progress`
    /// hears how many are done.
    pub async fn perform(
        &self,
        _cx: &Cx,
        _targets: &Targets,
        _action: &Action,
        _progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Outcome> {
        unbuilt()
    }

    /// What `perform` would do, without doing it.
    pub async fn preview(&self, _cx: &Cx, _targets: &Targets, _action: &Action) -> Result<Preview> {
        unbuilt()
    }

    /// Undoes an operation, or the seat's (command line: the person's) latest not undone yet. Fields changed since are
    /// left and listed in `failed`. Undoing an undo is redo.
    pub async fn undo(&self, _cx: &Cx, _operation: Option<i64>) -> Result<Outcome> {
        unbuilt()
    }

    /// Takes back this seat's latest undo.
    pub async fn redo(&self, _cx: &Cx) -> Result<Outcome> {
        unbuilt()
    }

    /// One sentence naming what `undo` would take back; `None` when there is nothing.
    pub async fn undoable(&self, _cx: &Cx) -> Result<Option<String>> {
        unbuilt()
    }

    /// Records whose words fit what was typed, best first, for pickers and the palette; `kinds` empty means all.
    pub async fn find(&self, _cx: &Cx, _text: &str, _kinds: &[KindId], _limit: u32) -> Result<Vec<Hit>> {
        unbuilt()
    }

    /// Likely duplicates of a record that is being entered.
    pub async fn twins(&self, _cx: &Cx, _record: &Record) -> Result<Vec<Twin>> {
        unbuilt()
    }

    /// Values that a field has, most frequent first, that begin with `prefix`: for completion.
    pub async fn values(&self, _cx: &Cx, _kind: KindId, _field: &str, _prefix: &str) -> Result<Vec<String>> {
        unbuilt()
    }

    /// Adds a custom field (`name`: lower-case letters, digits, `_`), validated; every process hears of it.
    pub async fn add_field(&self, _cx: &Cx, _kind: KindId, _field: Field) -> Result<()> {
        unbuilt()
    }

    /// Says that the seat has a record open (`None`: no longer), and whether it is typing there.
    pub async fn attend(&self, _cx: &Cx, _record: Option<(KindId, i64)>, _typing: bool) -> Result<()> {
        unbuilt()
    }

    /// Who else is on records now; own seats are left out.
    pub async fn present(&self, _cx: &Cx) -> Result<Vec<Present>> {
        unbuilt()
    }

    /// Keeps the text of an unfinished form under a key such as `contact:new` or `ticket:1042:reply`; empty removes it.
    pub async fn save_draft(&self, _cx: &Cx, _key: &str, _draft: &serde_json::Value) -> Result<()> {
        unbuilt()
    }

    /// A draft saved earlier under this key by this person.
    pub async fn draft(&self, _cx: &Cx, _key: &str) -> Result<Option<serde_json::Value>> {
        unbuilt()
    }

    /// The person's kept settings for a screen (columns, sort, position), by key.
    pub async fn setting(&self, _cx: &Cx, _key: &str) -> Result<Option<serde_json::Value>> {
        unbuilt()
    }

    pub async fn keep_setting(&self, _cx: &Cx, _key: &str, _value: &serde_json::Value) -> Result<()> {
        unbuilt()
    }
}

fn unbuilt<T>() -> Result<T> {
    Err(Error::Internal("not built yet".into()))
}

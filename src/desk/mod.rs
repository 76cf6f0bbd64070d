//! The application: on behalf of one person it runs Queries and performs Actions. Every use case takes a `Cx`, so none
//! can be called without saying who asks. No screen and no SQL here.
//!
//! Here: the types that use cases share. `open` sits people down; `news` passes on what is committed; `query` reads records;
//! `perform` (with `plan`, `demand`, `create`, `rights`) writes them; `board` is a pipeline with its sums; `undo` takes
//! operations back; `history` and `timeline` tell what happened; `metric` counts; `find` finds by words; `answering`,
//! `outbox`, `filing` and `pull` are what tickets need besides; `inbox` is what a person should hear of, `watch` what they
//! chose to, `outside` what programs are told of it; `user_key`, `pass`, `invite` and `second_factor` are how people come in
//! over SSH, `access` what happened there and `seats` who sits where; `db_login` is their way into `psql`, `role` what
//! roles may, `people` is all of them, `letter` the mail to who is invited, `handover` what becomes of a leaver's records,
//! `away` who is absent and who stands in;
//! `presence`, `drafts` and `fields` are what they say; `errors` has the sentences.

mod access;
mod answering;
mod away;
mod board;
mod code;
mod create;
mod db_login;
mod demand;
mod drafts;
mod errors;
mod fields;
mod filing;
mod find;
mod handover;
mod history;
pub mod import;
mod inbox;
mod invite;
mod letter;
mod look;
mod metric;
mod news;
mod open;
mod outbox;
mod outside;
mod pass;
mod people;
mod perform;
mod plan;
mod presence;
mod pull;
mod query;
mod rights;
mod role;
mod seats;
mod second_factor;
mod timeline;
mod undo;
mod user_key;
mod watch;

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::broadcast;

use crate::domain::change::{Change, Door, Touched};
use crate::domain::kind::{KindId, Registry};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::domain::viewer::Viewer;
pub use crate::store::Measures;
use crate::store::{Actor, Store, Tx};

pub use self::access::Access;
pub use self::answering::{Answering, Asked};
pub use self::away::{Absence, Away};
pub use self::board::{Board, Column, Sum};
pub use self::db_login::DbLogin;
use self::errors::{constraint, failed, invalid, not_there, say};
pub use self::filing::{Agent, Category, Filing, Likely};
pub use self::inbox::{COUNTED, Notice, Why};
pub use self::invite::{INVITATION_LASTS, Invitation};
pub use self::letter::{Address, Reached};
pub use self::metric::MetricAsk;
pub use self::outbox::{Leaving, Outgoing};
pub use self::outside::Outside;
pub use self::pass::Pass;
pub use self::people::Colleague;
pub use self::role::{Can, Role, RoleChange, Standing};
pub use self::seats::{Announcement, EndedSeat, LiveSeat, SeatHere};
pub use self::second_factor::NewFactor;
pub use self::user_key::{NewKey, UserKey};

/// Who asks, through which door, and when; `viewer.now` is set anew for every request.
#[derive(Clone, Debug)]
pub struct Cx {
    pub viewer: Viewer,
    pub door: Door,
    /// Tells this seat's operations from the same person's others, so that `u` takes back the right one.
    pub seat: String,
    /// Where the client is; `None` at the machine itself.
    pub from: Option<IpAddr>,
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

/// What touched records are now, and which of them match.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// In no promised order.
    pub records: Vec<Record>,
    pub matching: Vec<i64>,
    /// A colleague of the same rights read them: whether one watches them oneself is left open.
    pub is_by_another: bool,
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
    /// Of an undo or redo: what was taken back.
    pub undid: Option<Box<Undid>>,
    /// What one should know besides: that somebody who was given something is away.
    pub notes: Vec<String>,
}

/// An operation that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undid {
    pub operation: i64,
    /// `set`, `import`, `undo`, ….
    pub action: String,
    /// Whose it was, by login; empty when no person could be told.
    pub by: String,
    pub door: String,
    pub at: DateTime<Utc>,
    /// How many records of each kind it touched, most first.
    pub records: Vec<(KindId, u64)>,
    /// Code and title of the record, when it was for one.
    pub title: String,
    /// The text of one's own reply that was taken back, and the record it was for: it is a draft again.
    pub draft: Option<(KindId, i64, String)>,
}

/// What the next undo would take back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoable {
    pub operation: i64,
    /// `set`, `import`, ….
    pub action: String,
    /// A sentence that names it.
    pub what: String,
    /// Of its records the first thousand.
    pub records: Vec<(KindId, i64)>,
    /// A sentence about what came later and cannot be taken back.
    pub stays: Option<String>,
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

/// A record that the person may not see and that has the very mail, number or host of one being entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The field that is the same.
    pub same: String,
    /// Whose it is; `None` when it is no team's.
    pub team: Option<String>,
}

/// What a listening seat is told.
#[derive(Clone, Debug)]
pub enum News {
    /// Committed changes, each told once.
    Touched(Arc<Vec<Touched>>),
    /// The feed lost its place (new server, long cut): read everything on screen anew.
    Resync,
    Presence,
    /// An admin ended seats or told all of them something, or a key was taken back.
    Seats,
    /// These people's inboxes are others now.
    Notices(Arc<[i64]>),
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
    /// Without custom fields.
    declared: Registry,
    registry: std::sync::RwLock<Registry>,
    news: broadcast::Sender<News>,
    /// The feed is followed from the first listener on: a process that only runs a command needs none.
    following: std::sync::Once,
    attending: presence::Attending,
    readings: look::Readings,
}

impl Inner {
    fn tell(&self, news: News) {
        // What was read before is old for whoever hears of it.
        self.readings.forget();
        // Nobody may be listening just now.
        self.news.send(news).ok();
    }
}

impl Cx {
    fn actor(&self) -> Actor {
        let today = self.viewer.now.with_timezone(&self.viewer.zone).date_naive();
        Actor { person: self.viewer.me.id, door: self.door, seat: self.seat.clone(), today }
    }
}

impl Desk {
    /// Opens the workspace: reads the registry with its custom fields and starts the feed's listener.
    pub async fn open(store: Store) -> Result<Self> {
        open::open(store, Registry::builtin()).await
    }

    /// The same with other kinds than the built-in ones; each has its table attached in the database.
    pub async fn open_with(store: Store, declared: Registry) -> Result<Self> {
        open::open(store, declared).await
    }

    /// The kinds as they are now, custom fields included.
    pub fn registry(&self) -> Registry {
        self.inner.registry.read().expect("no writer panics while it holds the registry").clone()
    }

    /// The same person at the same seat, with the role, rights and teams that they have now.
    pub async fn renew(&self, cx: &Cx) -> Result<Cx> {
        let sat = self.sit(&cx.viewer.me.login, cx.door, cx.viewer.zone, cx.viewer.lang).await?;
        let viewer = Viewer { me: sat.viewer.me, ..cx.viewer.clone() };
        Ok(Cx { viewer, ..cx.clone() })
    }

    /// The same person, seeing what their role may export of a kind. `Denied` when that is nothing.
    pub fn for_export(&self, cx: &Cx, kind: KindId) -> Result<Cx> {
        rights::for_export(cx, self.registry().kind(kind))
    }

    /// What this process has asked of the database.
    pub fn measures(&self) -> Measures {
        self.inner.store.measures()
    }

    /// What happens from now on. A receiver that lags must treat it as `News::Resync`.
    pub fn news(&self) -> broadcast::Receiver<News> {
        let news = self.inner.news.subscribe();
        self.inner.following.call_once(|| news::start(&self.inner));
        news
    }

    /// A transaction that reads with the person's rights.
    async fn read_tx(&self, cx: &Cx) -> Result<Tx> {
        self.inner.store.begin(&cx.actor(), None).await.map_err(|e| failed(cx.viewer.lang, e))
    }

    /// A transaction that reads a few rows found by their ids, with the person's rights.
    async fn lookup_tx(&self, cx: &Cx) -> Result<Tx> {
        self.inner.store.begin_lookup(&cx.actor()).await.map_err(|e| failed(cx.viewer.lang, e))
    }

    /// A transaction that writes what has no history: drafts, settings, presence.
    async fn quiet_tx(&self, cx: &Cx) -> Result<Tx> {
        self.inner.store.begin_quiet(&cx.actor()).await.map_err(|e| failed(cx.viewer.lang, e))
    }
}

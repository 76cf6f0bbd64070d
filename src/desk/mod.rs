//! The application: on behalf of one person it runs Queries and performs Actions. Every use case takes a `Cx`, so none
//! can be called without saying who asks. No screen and no SQL here.
//!
//! Here: the types, and every use case by name. `open` sits people down; `news` passes on what is committed; `query` reads records;
//! `perform` (with `plan`, `demand`, `create`, `rights`) writes them; `board` is a pipeline with its sums; `undo` takes
//! operations back; `history` and `timeline` tell what happened; `metric` counts; `find` finds by words; `answering`,
//! `outbox`, `filing` and `pull` are what tickets need besides; `inbox` is what a person should hear of, `watch` what they
//! chose to, `outside` what programs are told of it; `user_key`, `pass`, `invite` and `second_factor` are how people come in
//! over SSH, `access` what happened there and `seats` who sits where; `db_login` is their way into `psql`, `role` what
//! roles may, `people` is all of them, `letter` the mail to who is invited, `handover` what becomes of a leaver's records;
//! `presence`, `drafts` and `fields` are what they say; `errors` has the sentences.

mod access;
mod answering;
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

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::broadcast;

use crate::domain::action::{Action, Targets};
use crate::domain::change::{Change, Door, Touched};
use crate::domain::field::{Field, Lang};
use crate::domain::kind::{KindId, Registry};
use crate::domain::metric::Figures;
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::domain::viewer::Viewer;
pub use crate::store::Measures;
use crate::store::{Actor, Store, Tx};

pub use self::access::Access;
pub use self::answering::{Answering, Asked};
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
        let sat = self.do_sit(&cx.viewer.me.login, cx.door, cx.viewer.zone, cx.viewer.lang).await?;
        let viewer = Viewer { me: sat.viewer.me, ..cx.viewer.clone() };
        Ok(Cx { viewer, ..cx.clone() })
    }

    /// The same person, seeing what their role may export of a kind. `Denied` when that is nothing.
    pub fn for_export(&self, cx: &Cx, kind: KindId) -> Result<Cx> {
        rights::for_export(cx, self.registry().kind(kind))
    }

    /// Sits a person down by login. Unknown or disabled: `Denied`.
    pub async fn sit(&self, login: &str, door: Door, zone: chrono_tz::Tz, lang: Lang) -> Result<Cx> {
        self.do_sit(login, door, zone, lang).await
    }

    /// The login of whoever comes in with this; nobody when a key is unknown or taken back, and when whoever it is for is
    /// disabled. For a server.
    pub async fn holder(&self, pass: &Pass) -> Result<Option<String>> {
        self.do_holder(pass).await
    }

    /// Sits down whoever comes in with this, and notes that a key was used. `Denied` when nobody does.
    pub async fn sit_by(&self, pass: &Pass, door: Door, zone: chrono_tz::Tz, lang: Lang) -> Result<Cx> {
        self.do_sit_by(pass, door, zone, lang).await
    }

    /// What this process has asked of the database.
    pub fn measures(&self) -> Measures {
        self.inner.store.measures()
    }

    /// Gives a person a key; for admins. `Invalid` when somebody has it already.
    pub async fn add_key(&self, cx: &Cx, login: &str, key: &NewKey) -> Result<()> {
        self.do_add_key(cx, login, key).await
    }

    /// The keys of that person, else of everybody – for who is no admin, of themselves –, oldest first, also those that
    /// were taken back.
    pub async fn keys(&self, cx: &Cx, login: Option<&str>) -> Result<Vec<UserKey>> {
        self.do_keys(cx, login).await
    }

    /// Takes a key back, which then opens nothing; for admins. `NotFound` when nobody has it.
    pub async fn remove_key(&self, cx: &Cx, fingerprint: &str) -> Result<()> {
        self.do_remove_key(cx, fingerprint).await
    }

    /// Invites a person to come in over SSH for the first time, for 5 minutes to 30 days; it replaces an invitation before.
    /// For admins. The code is told here and never again.
    pub async fn invite(&self, cx: &Cx, login: &str, lasting: TimeDelta) -> Result<Invitation> {
        self.do_invite(cx, login, lasting).await
    }

    /// The login of whoever was invited with this code; with a key it is spent, and the key is theirs. `None` when it opens
    /// nothing: unknown, spent, replaced, too old, of somebody disabled, the key another's, or too many tries from there.
    /// All of it is written down. For a server.
    pub async fn use_code(&self, code: &str, from: IpAddr, key: Option<&NewKey>) -> Result<Option<String>> {
        self.do_use_code(code, from, key).await
    }

    /// Takes a person's open invitation back; for admins. `NotFound` when there is none.
    pub async fn withdraw_invite(&self, cx: &Cx, login: &str) -> Result<()> {
        self.do_withdraw_invite(cx, login).await
    }

    /// Everybody, or that person, and what opens the door for them: those who may come in first, then by name. For admins.
    pub async fn people(&self, cx: &Cx, login: Option<&str>) -> Result<Vec<Colleague>> {
        self.do_people(cx, login).await
    }

    /// A new second factor for a person: oneself, or as an admin anybody. It is kept nowhere until [`Self::set_factor`].
    pub async fn new_factor(&self, cx: &Cx, login: &str) -> Result<NewFactor> {
        self.do_new_factor(cx, login).await
    }

    /// Makes it count, by the code that the app shows now; it replaces the person's other one. The recovery codes, told
    /// here and never again. Another code: `Invalid`.
    pub async fn set_factor(&self, cx: &Cx, factor: &NewFactor, typed: &str) -> Result<Vec<String>> {
        self.do_set_factor(cx, factor, typed).await
    }

    /// Takes a second factor away: one's own, or as an admin anybody's. `NotFound` when there is none.
    pub async fn drop_factor(&self, cx: &Cx, login: &str) -> Result<()> {
        self.do_drop_factor(cx, login).await
    }

    /// Whether that person is to type a code besides showing their key. For a server.
    pub async fn has_factor(&self, login: &str) -> Result<bool> {
        self.do_has_factor(login).await
    }

    /// A second factor for somebody who is coming in without one. For a server that requires it.
    pub fn first_factor(login: &str) -> NewFactor {
        Self::do_first_factor(login)
    }

    /// Makes that one count, by the code that the app shows now; the recovery codes. `None` for another code, and when they
    /// have got one meanwhile. For a server.
    pub async fn enrol(
        &self,
        factor: &NewFactor,
        typed: &str,
        pass: &Pass,
        from: IpAddr,
    ) -> Result<Option<Vec<String>>> {
        self.do_enrol(factor, typed, pass, from).await
    }

    /// Whether this code opens for that person, once: their app's, half a minute early or late, or a recovery code. After
    /// ten wrong ones in ten minutes none does. All but an app's right code is written down. For a server.
    pub async fn use_factor(&self, login: &str, typed: &str, pass: &Pass, from: IpAddr) -> Result<bool> {
        self.do_use_factor(login, typed, pass, from).await
    }

    /// Writes down that this person came in with that, from there. For a server.
    pub async fn came_in(&self, login: &str, pass: &Pass, from: IpAddr) -> Result<()> {
        self.do_came_in(login, pass, from).await
    }

    /// What happened at the door over SSH, to that person or to all that `cx` may hear of (an admin of everybody, others of
    /// themselves), newest first, at most `limit`.
    pub async fn accesses(&self, cx: &Cx, login: Option<&str>, limit: u32) -> Result<Vec<Access>> {
        self.do_accesses(cx, login, limit).await
    }

    /// Says who sits at this server (`host:process`); a seat is listed for a minute after it was said. For a server.
    pub async fn seats_here(&self, server: &str, seats: &[SeatHere]) -> Result<()> {
        self.do_seats_here(server, seats).await
    }

    /// The seat is gone. For its server.
    pub async fn seat_left(&self, seat: &str) -> Result<()> {
        self.do_seat_left(seat).await
    }

    /// Those of these seats that an admin has ended. For their server, after `News::Seats`.
    pub async fn ended_seats(&self, seats: &[String]) -> Result<Vec<EndedSeat>> {
        self.do_ended_seats(seats).await
    }

    /// Live seats at all servers, the oldest first; for admins.
    pub async fn seats(&self, cx: &Cx) -> Result<Vec<LiveSeat>> {
        self.do_seats(cx).await
    }

    /// Ends a seat by its name, or all of a person by login, telling whoever sits there what was said (200 characters
    /// at most); how many. For admins. `NotFound` when there is none.
    pub async fn end_seats(&self, cx: &Cx, which: &str, said: &str) -> Result<u64> {
        self.do_end_seats(cx, which, said).await
    }

    /// Tells everybody who has a seat (1–200 characters). For admins.
    pub async fn announce(&self, cx: &Cx, said: &str) -> Result<()> {
        self.do_announce(cx, said).await
    }

    /// What was told to all seats in the last two minutes, the oldest first.
    pub async fn announcements(&self, cx: &Cx) -> Result<Vec<Announcement>> {
        self.do_announcements(cx).await
    }

    /// What happens from now on. A receiver that lags must treat it as `News::Resync`.
    pub fn news(&self) -> broadcast::Receiver<News> {
        let news = self.inner.news.subscribe();
        self.inner.following.call_once(|| news::start(&self.inner));
        news
    }

    /// Records of a kind that match, in the query's order (else the kind's), at most `limit` (1–500).
    pub async fn page(&self, cx: &Cx, kind: KindId, query: &Query, from: &From, limit: u32) -> Result<Page> {
        self.do_page(cx, kind, query, from, limit).await
    }

    /// How many match. For terminals it counts no further than 1,000; for the command line and jobs it is exact.
    pub async fn count(&self, cx: &Cx, kind: KindId, query: &Query) -> Result<Count> {
        self.do_count(cx, kind, query).await
    }

    /// How many match for each value of the field that the query groups by, as text; an empty value is empty text.
    /// Nothing when more than 1,000 match, or when the field's values are no groups of their own (moments, amounts).
    pub async fn groups(&self, cx: &Cx, kind: KindId, query: &Query) -> Result<std::collections::HashMap<String, u64>> {
        self.do_groups(cx, kind, query).await
    }

    /// The records with these ids that `cx` may see, deleted ones too, in no promised order.
    pub async fn read(&self, cx: &Cx, kind: KindId, ids: &[i64]) -> Result<Vec<Record>> {
        self.do_read(cx, kind, ids).await
    }

    /// The open stages of a pipeline in their order, by default and when it is gone of the first one, each with the number
    /// and sums of the deals that match; their cards are pages of [`Board::column`]. `NotFound` when there
    /// is no pipeline.
    pub async fn board(&self, cx: &Cx, pipeline: Option<i64>, query: &Query) -> Result<Board> {
        self.do_board(cx, pipeline, query).await
    }

    /// Of these ids, the ones that match the query now: tells a live list which rows stay.
    pub async fn still_match(&self, cx: &Cx, kind: KindId, query: &Query, ids: &[i64]) -> Result<Vec<i64>> {
        self.do_still_match(cx, kind, query, ids).await
    }

    /// Everything that touches a record, newest first, older than `before`, at most `limit`; more only when several
    /// happened at the very moment of the last.
    pub async fn timeline(
        &self,
        cx: &Cx,
        kind: KindId,
        id: i64,
        before: Option<DateTime<Utc>>,
        limit: u32,
    ) -> Result<Vec<Moment>> {
        self.do_timeline(cx, kind, id, before, limit).await
    }

    /// A record's changes, newest first, at most 200.
    pub async fn history(&self, cx: &Cx, kind: KindId, id: i64) -> Result<Vec<Change>> {
        self.do_history(cx, kind, id).await
    }

    /// Carries an action out. Up to 2,000 records in one transaction, more in chunks under one operation; `progress`
    /// hears how many are done. For a single record, named by id, a refusal is the error; for several, refusals are
    /// listed in `failed`. `Matching` whose number is not the expected one is `Invalid`.
    pub async fn perform(
        &self,
        cx: &Cx,
        targets: &Targets,
        action: &Action,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Outcome> {
        self.do_perform(cx, targets, action, progress).await
    }

    /// A login to Postgres for a person, or another password for the one they have; admins only. It may there what the
    /// person may here, and ends with them.
    pub async fn give_db_login(&self, cx: &Cx, login: &str) -> Result<DbLogin> {
        self.do_give_db_login(cx, login).await
    }

    /// Gives all open records of a person to others, who share them evenly, as one operation; admins only. Says how many
    /// of each kind.
    pub async fn hand_over(&self, cx: &Cx, from: i64, to: &[i64]) -> Result<(Outcome, Vec<(KindId, u64)>)> {
        self.do_hand_over(cx, from, to).await
    }

    /// What `perform` would do, without doing it.
    pub async fn preview(&self, cx: &Cx, targets: &Targets, action: &Action) -> Result<Preview> {
        self.do_preview(cx, targets, action).await
    }

    /// Undoes an operation, or the seat's (command line: the person's) latest not undone yet. Fields changed since are
    /// left and listed in `failed`. Undoing an undo is redo. Nothing to undo: `NotFound`; undone already: `Invalid`;
    /// another person's, and not an admin: `Denied`.
    pub async fn undo(&self, cx: &Cx, operation: Option<i64>) -> Result<Outcome> {
        self.do_undo(cx, operation).await
    }

    /// Takes back this seat's latest undo, unless something new was done since.
    pub async fn redo(&self, cx: &Cx) -> Result<Outcome> {
        self.do_redo(cx).await
    }

    /// What is to be taken back next by this seat; replies that have left are passed over. `None` when there is nothing.
    pub async fn undoable(&self, cx: &Cx) -> Result<Option<Undoable>> {
        self.do_undoable(cx).await
    }

    /// Records whose words fit what was typed, best first, for pickers and the palette; `kinds` empty means all but
    /// messages.
    pub async fn find(&self, cx: &Cx, text: &str, kinds: &[KindId], limit: u32) -> Result<Vec<Hit>> {
        self.do_find(cx, text, kinds, limit).await
    }

    /// Likely duplicates of a record that is being entered.
    pub async fn twins(&self, cx: &Cx, record: &Record) -> Result<Vec<Twin>> {
        self.do_twins(cx, record).await
    }

    /// Of the logins that a text names with `@`, those that nobody here has.
    pub async fn unknown_logins(&self, cx: &Cx, text: &str) -> Result<Vec<String>> {
        self.do_unknown_logins(cx, text).await
    }

    /// Values that a field has, most frequent first, that begin with `prefix`: for completion.
    pub async fn values(&self, cx: &Cx, kind: KindId, field: &str, prefix: &str) -> Result<Vec<String>> {
        self.do_values(cx, kind, field, prefix).await
    }

    /// Adds a custom field (`name`: lower-case letters, digits, `_`), validated; every process hears of it.
    pub async fn add_field(&self, cx: &Cx, kind: KindId, field: Field) -> Result<()> {
        self.do_add_field(cx, kind, field).await
    }

    /// Says that the seat has a record open (`None`: no longer), and whether it is typing there. To be called again when
    /// keys are pressed there (it costs nothing unless something changed): two minutes after the last call the seat
    /// counts as away.
    pub async fn attend(&self, cx: &Cx, record: Option<(KindId, i64)>, typing: bool) -> Result<()> {
        self.do_attend(cx, record, typing).await
    }

    /// Who else is on records now; own seats are left out.
    pub async fn present(&self, cx: &Cx) -> Result<Vec<Present>> {
        self.do_present(cx).await
    }

    /// What others did that concerns the person, newest first, at most 200.
    pub async fn inbox(&self, cx: &Cx, only_unread: bool) -> Result<Vec<Notice>> {
        self.do_inbox(cx, only_unread).await
    }

    /// How many notices of the inbox are unread, counted up to [`COUNTED`].
    pub async fn unread(&self, cx: &Cx) -> Result<u64> {
        self.do_unread(cx).await
    }

    /// What goes outside now: notices unread for so long whose people sit nowhere. Each is given out once; what became of
    /// it must be told. For a server.
    pub async fn take_outside(&self, after: std::time::Duration) -> Result<Vec<Outside>> {
        self.do_take_outside(after).await
    }

    /// It was told outside, or is to be tried again after the pause, doubled with each try. For a server.
    pub async fn told_outside(&self, outside: &Outside, is_told: bool, pause: std::time::Duration) -> Result<()> {
        self.do_told_outside(outside, is_told, pause).await
    }

    /// Marks notices as read or unread, `None`: all of them; how many became so.
    pub async fn mark_notices(&self, cx: &Cx, ids: Option<&[i64]>, read: bool) -> Result<u64> {
        self.do_mark_notices(cx, ids, read).await
    }

    /// The person watches these records from now on, or no longer; how many that changed. Who may not see a record does
    /// not watch it. `Invalid` for kinds that nobody watches and for too many.
    pub async fn watch(&self, cx: &Cx, targets: &Targets, on: bool) -> Result<u64> {
        self.do_watch(cx, targets, on).await
    }

    /// Whom a ticket's reply goes to, as whom, and what a canned answer's blanks stand for.
    pub async fn answering(&self, cx: &Cx, ticket: i64) -> Result<Answering> {
        self.do_answering(cx, ticket).await
    }

    /// The mails of a ticket's replies, the latest first, at most 200.
    pub async fn outgoing(&self, cx: &Cx, ticket: i64) -> Result<Vec<Outgoing>> {
        self.do_outgoing(cx, ticket).await
    }

    /// What a ticket is filed by: categories and people with the letters they keep, and what is likely. Gives letters
    /// to those that have none.
    pub async fn filing(&self, cx: &Cx, ticket: i64) -> Result<Filing> {
        self.do_filing(cx, ticket).await
    }

    /// Keeps the text of an unfinished form under a key such as `contact:new` or `ticket:1042:reply`; empty removes it.
    pub async fn save_draft(&self, cx: &Cx, key: &str, draft: &serde_json::Value) -> Result<()> {
        self.do_save_draft(cx, key, draft).await
    }

    /// A draft saved earlier under this key by this person.
    pub async fn draft(&self, cx: &Cx, key: &str) -> Result<Option<serde_json::Value>> {
        self.do_draft(cx, key).await
    }

    /// The person's kept settings for a screen (columns, sort, position), by key.
    pub async fn setting(&self, cx: &Cx, key: &str) -> Result<Option<serde_json::Value>> {
        self.do_setting(cx, key).await
    }

    pub async fn keep_setting(&self, cx: &Cx, key: &str, value: &serde_json::Value) -> Result<()> {
        self.do_keep_setting(cx, key, value).await
    }

    /// What a metric comes to over the records that `cx` may see, by the workspace's calendar. Unknown name: `NotFound`;
    /// more groups than an answer can have: `Invalid`.
    pub async fn metric(&self, cx: &Cx, ask: &MetricAsk) -> Result<Figures> {
        self.do_metric(cx, ask).await
    }

    /// The time zone in which the workspace's days begin; `None` when neither it nor its first admin says, and each
    /// person's own counts.
    pub async fn workspace_zone(&self, cx: &Cx) -> Result<Option<chrono_tz::Tz>> {
        self.do_workspace_zone(cx).await
    }

    /// Sets the workspace's time zone. Not an admin: `Denied`.
    pub async fn set_workspace_zone(&self, cx: &Cx, zone: chrono_tz::Tz) -> Result<()> {
        self.do_set_workspace_zone(cx, zone).await
    }

    /// A transaction that reads with the person's rights.
    async fn read_tx(&self, cx: &Cx) -> Result<Tx> {
        self.inner.store.begin(&cx.actor(), None).await.map_err(|e| failed(cx.viewer.lang, e))
    }

    /// A transaction that writes what has no history: drafts, settings, presence.
    async fn quiet_tx(&self, cx: &Cx) -> Result<Tx> {
        self.inner.store.begin_quiet(&cx.actor()).await.map_err(|e| failed(cx.viewer.lang, e))
    }
}

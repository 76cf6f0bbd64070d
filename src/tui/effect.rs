//! What `update` wants done. Layers collect wishes in an [`Out`]; the seat turns them into tasks and stack changes.
//! Questions to the desk mirror its API one to one, so that tests can compare them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::external::Edited;
use super::layer::{Layer, Place, Reply};
use super::share::Wish;
use crate::desk::{
    self, Answering, Board, Count, Filing, From, Hit, MetricAsk, Moment, Notice, Outcome, Outgoing, Page, Present,
    Preview, Twin, import,
};
use crate::domain::action::{Action, Targets};
use crate::domain::change::Change;
use crate::domain::field::Field;
use crate::domain::kind::KindId;
use crate::domain::metric::Figures;
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::domain::right::Grant;

/// A request's number: unique in a seat, compared on the answer, so that stale answers are dropped.
pub type Ask = u64;

/// What can be asked of the desk. Each variant is the `Desk` method of that name.
#[derive(Clone, Debug)]
pub enum Question {
    Page {
        kind: KindId,
        query: Query,
        from: From,
        limit: u32,
    },
    Count {
        kind: KindId,
        query: Query,
    },
    Board {
        pipeline: Option<i64>,
        query: Query,
    },
    Groups {
        kind: KindId,
        query: Query,
    },
    Metric {
        ask: MetricAsk,
    },
    Read {
        kind: KindId,
        ids: Vec<i64>,
    },
    Look {
        kind: KindId,
        query: Query,
        ids: Vec<i64>,
        is_own: bool,
    },
    Timeline {
        kind: KindId,
        id: i64,
        before: Option<DateTime<Utc>>,
        limit: u32,
    },
    History {
        kind: KindId,
        id: i64,
    },
    Perform {
        targets: Targets,
        action: Action,
    },
    Preview {
        targets: Targets,
        action: Action,
    },
    Undo {
        operation: Option<i64>,
    },
    Redo,
    Undoable,
    Find {
        text: String,
        kinds: Vec<KindId>,
        limit: u32,
    },
    Twins {
        record: Record,
    },
    /// What a record being entered is known by where the person may not look.
    Elsewhere {
        record: Record,
    },
    /// Of the `@logins` in a text, those that nobody has: `Answer::Values`.
    Unknown {
        text: String,
    },
    Values {
        kind: KindId,
        field: String,
        prefix: String,
    },
    AddField {
        kind: KindId,
        field: Field,
    },
    Attend {
        record: Option<(KindId, i64)>,
        typing: bool,
    },
    Present,
    Answering {
        ticket: i64,
    },
    Outgoing {
        ticket: i64,
    },
    Filing {
        ticket: i64,
    },
    Inbox {
        only_unread: bool,
    },
    /// A file of the person's own machine.
    Import {
        file: PathBuf,
        options: Box<import::Options>,
    },
    /// Who sits here, with what they may now: `Answer::Me`.
    Renew,
    Unread,
    Watch {
        targets: Targets,
        on: bool,
    },
    Announcements,
    Roles,
    /// What a person may do with a record.
    Standing {
        person: i64,
        about: (KindId, i64),
    },
    SetRole {
        role: String,
        grant: Grant,
    },
    UndoRole {
        role: String,
    },
    NewRole {
        role: String,
        like: String,
    },
    DeleteRole {
        role: String,
    },
    Seats,
    /// A seat, or all seats of a login; and why.
    EndSeats {
        which: String,
        why: String,
    },
    Announce {
        said: String,
    },
    People,
    /// For as long as invitations usually last.
    Invite {
        login: String,
    },
    WithdrawInvite {
        login: String,
    },
    DropFactor {
        login: String,
    },
    /// `None`: the person is here. `Answer::Told`.
    SetAway {
        login: String,
        absence: Option<desk::Absence>,
    },
    HandOver {
        from: i64,
        to: Vec<i64>,
    },
    MarkNotices {
        ids: Option<Vec<i64>>,
        read: bool,
    },
    SaveDraft {
        key: String,
        draft: Json,
    },
    Draft {
        key: String,
    },
    Setting {
        key: String,
    },
    KeepSetting {
        key: String,
        value: Json,
    },
}

/// The desk's answers, one variant per result type.
#[derive(Debug)]
pub enum Answer {
    Page(desk::Result<Page>),
    Count(desk::Result<Count>),
    Board(desk::Result<Board>),
    Groups(desk::Result<HashMap<String, u64>>),
    Metric(desk::Result<Figures>),
    Records(desk::Result<Vec<Record>>),
    Looked(desk::Result<desk::Looked>),
    Timeline(desk::Result<Vec<Moment>>),
    History(desk::Result<Vec<Change>>),
    /// Of `Perform`, `HandOver`, `Undo` and `Redo`.
    Outcome(desk::Result<Outcome>),
    Preview(desk::Result<Preview>),
    Undoable(desk::Result<Option<desk::Undoable>>),
    Hits(desk::Result<Vec<Hit>>),
    Twins(desk::Result<Vec<Twin>>),
    Elsewhere(desk::Result<Vec<desk::Elsewhere>>),
    Values(desk::Result<Vec<String>>),
    Present(desk::Result<Vec<Present>>),
    Answering(desk::Result<Answering>),
    Outgoing(desk::Result<Vec<Outgoing>>),
    Filing(desk::Result<Filing>),
    Inbox(desk::Result<Vec<Notice>>),
    Import(desk::Result<Box<import::Report>>),
    Me(desk::Result<Box<(desk::Cx, crate::domain::kind::Registry)>>),
    Unread(desk::Result<u64>),
    Announcements(desk::Result<Vec<desk::Announcement>>),
    Roles(desk::Result<Vec<desk::Role>>),
    Standing(desk::Result<desk::Standing>),
    /// Of `SetAway`, `SetRole` and `UndoRole`: what is another now, in words.
    Told(desk::Result<Vec<String>>),
    Seats(desk::Result<Vec<desk::LiveSeat>>),
    People(desk::Result<Vec<desk::Colleague>>),
    Invited(desk::Result<desk::Invitation>),
    /// How many were.
    SeatsEnded(desk::Result<u64>),
    /// Of `MarkNotices`: how many.
    Marked(desk::Result<u64>),
    /// Of `Watch`: how many.
    Watched(desk::Result<u64>),
    /// Of `Draft` and `Setting`.
    Json(desk::Result<Option<Json>>),
    /// Of `AddField`, `NewRole`, `DeleteRole`, `Announce`, `Attend`, `DropFactor`, `KeepSetting`, `SaveDraft` and
    /// `WithdrawInvite`.
    Done(desk::Result<()>),
    /// Of `Out::edit`.
    Edited(Edited),
    /// A long `Perform` has got this far; the outcome follows.
    Progress(u64),
}

/// How a message on the status line looks and how long it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Info,
    Good,
    Warn,
    /// Stays until the next key.
    Bad,
}

/// What a layer's update, or the application's, wants done.
pub enum Effect {
    Ask {
        ask: Ask,
        question: Question,
    },
    /// `LayerMsg::Wake(ask)` after that time, and not at the time wanted before under the same number. Waking is not
    /// work: a seat with only these pending is idle.
    Wake {
        ask: Ask,
        after: Duration,
    },
    Push(Box<dyn Layer>),
    /// Closes the layer that says so; the one below hears the reply.
    Close(Option<Reply>),
    Go(Place),
    Say(Tone, String),
    /// To the clipboard of the person's terminal (OSC 52).
    Copy(String),
    /// A sentence to the person's desktop, where their terminal passes it on.
    Notify(String),
    /// For the hub of the server's seats; what it says comes as `LayerMsg::Share`.
    Share(Wish),
    /// The person's own editor on this text; the answer is `Edited`.
    Edit {
        ask: Ask,
        text: String,
    },
    /// What `.` does again from now on.
    Remember(KindId, Action),
    /// As if the key of this command had been pressed.
    Run(super::command::Cmd),
    Quit,
}

/// Where updates put their wishes. Effects are carried out in order after `update` returned.
#[derive(Default)]
pub struct Out {
    next: Ask,
    pub(super) effects: Vec<Effect>,
}

impl Out {
    /// Asks the desk; keep the number and compare it on `LayerMsg::Answer`.
    pub fn ask(&mut self, question: Question) -> Ask {
        self.next += 1;
        self.effects.push(Effect::Ask { ask: self.next, question });
        self.next
    }

    /// Wants to be woken; keep the number and compare it on `LayerMsg::Wake`.
    pub fn wake(&mut self, after: Duration) -> Ask {
        self.next += 1;
        self.effects.push(Effect::Wake { ask: self.next, after });
        self.next
    }

    /// Wants to be woken that much later than now, whatever was wanted under this number before; a wake that is `None`
    /// gets a number.
    pub fn rewake(&mut self, wake: &mut Option<Ask>, after: Duration) {
        match *wake {
            Some(ask) => self.effects.push(Effect::Wake { ask, after }),
            None => *wake = Some(self.wake(after)),
        }
    }

    /// Wants the text edited in the person's own editor; keep the number and compare it on `LayerMsg::Answer`.
    pub fn edit(&mut self, text: impl Into<String>) -> Ask {
        self.next += 1;
        self.effects.push(Effect::Edit { ask: self.next, text: text.into() });
        self.next
    }

    /// Puts a layer on top of this one.
    pub fn push(&mut self, layer: impl Layer + 'static) {
        self.effects.push(Effect::Push(Box::new(layer)));
    }

    pub fn push_box(&mut self, layer: Box<dyn Layer>) {
        self.effects.push(Effect::Push(layer));
    }

    /// Closes this layer.
    pub fn close(&mut self) {
        self.effects.push(Effect::Close(None));
    }

    /// Closes this layer and tells the one below.
    pub fn reply(&mut self, reply: Reply) {
        self.effects.push(Effect::Close(Some(reply)));
    }

    /// Opens a tab, a list or a record.
    pub fn go(&mut self, place: Place) {
        self.effects.push(Effect::Go(place));
    }

    /// One sentence on the status line.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.effects.push(Effect::Say(tone, text.into()));
    }

    pub fn copy(&mut self, text: impl Into<String>) {
        self.effects.push(Effect::Copy(text.into()));
    }

    pub fn share(&mut self, wish: Wish) {
        self.effects.push(Effect::Share(wish));
    }

    /// Keeps an action for `.`.
    pub fn remember(&mut self, kind: KindId, action: Action) {
        self.effects.push(Effect::Remember(kind, action));
    }

    pub fn run(&mut self, cmd: super::command::Cmd) {
        self.effects.push(Effect::Run(cmd));
    }

    pub(super) fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The questions asked so far and not taken: for tests of one layer.
    #[cfg(test)]
    pub fn questions(&self) -> Vec<(Ask, &Question)> {
        let asked = |e| if let &Effect::Ask { ask, ref question } = e { Some((ask, question)) } else { None };
        self.effects.iter().filter_map(asked).collect()
    }
}

/// One question of which only the newest answer counts: one is in flight, the newest one waits, older ones are dropped.
#[derive(Debug, Default)]
pub struct Latest {
    flying: Option<Ask>,
    waiting: Option<Question>,
}

impl Latest {
    /// Asks now, or as soon as the one in flight is answered.
    pub fn ask(&mut self, question: Question, out: &mut Out) {
        if self.flying.is_some() {
            self.waiting = Some(question);
        } else {
            self.flying = Some(out.ask(question));
        }
    }

    /// True when the answer with this number is to be used. False for answers to other questions, and for a stale one,
    /// whose successor is asked now.
    pub fn take(&mut self, ask: Ask, out: &mut Out) -> bool {
        if self.flying != Some(ask) {
            return false;
        }
        self.flying = None;
        match self.waiting.take() {
            Some(question) => {
                self.flying = Some(out.ask(question));
                false
            }
            None => true,
        }
    }

    /// A question is in flight.
    pub fn is_busy(&self) -> bool {
        self.flying.is_some()
    }

    /// Lets go of what is in flight: its answer will be stale.
    pub fn forget(&mut self) {
        self.flying = None;
        self.waiting = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_question_replaces_the_one_waiting() {
        let (mut out, mut latest) = (Out::default(), Latest::default());
        let setting = |key: &str| Question::Setting { key: key.into() };
        latest.ask(setting("a"), &mut out);
        latest.ask(setting("b"), &mut out);
        latest.ask(setting("c"), &mut out);
        assert_eq!(out.questions().len(), 1);
        assert!(!latest.take(1, &mut out), "a is stale");
        assert!(matches!(out.questions()[1], (2, Question::Setting { key }) if key == "c"));
        assert!(latest.take(2, &mut out));
        assert!(!latest.take(2, &mut out), "an answer counts once");
    }
}

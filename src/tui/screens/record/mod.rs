//! One record of any kind: its fields, what refers to it, and one timeline of everything that touched it. Refreshes in
//! place; what the cursor stands on stays under it.

mod acts;
pub(super) mod compose;
mod draw;
mod log;
mod mention;
mod ticket;
mod view;

use std::cell::Cell;
use std::collections::HashSet;
use std::time::Duration;

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::Rect;

use self::acts::Acting;
pub(in crate::tui::screens) use self::acts::solves;
use self::compose::Compose;
use self::log::Log;
use crate::desk::{self, Moment, News, Outgoing, Page, What};
use crate::domain::change::Touched;
use crate::domain::field::FieldType;
use crate::domain::kind::{ACTIVITY, CANNED, KindId, MACRO, MESSAGE, PIPELINE, STAGE, TICKET, USER, VIEW};
use crate::domain::query::{Filter, Operand, Query};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Latest, Out, Question};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Place, Reply, Subject};
use crate::tui::screens::history::History;
use crate::tui::screens::plain::Plain;
use crate::tui::spoken::Spoken;
use crate::tui::ui::Ui;

/// Entries of the timeline read at a time.
const MOMENTS: u32 = 40;
/// Rows of a related list before "all of them".
const RELATED: u32 = 6;
/// How long a value that somebody changed shines.
const SHINE: Duration = Duration::from_secs(2);

/// What the cursor can stand on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Fields,
    /// A further line of a block, where each can be stood on (plain mode).
    Line(Box<Key>, usize),
    Text(String),
    Record(KindId, i64),
    All(KindId, String),
    Moment(KindId, i64),
    Change(i64),
    Older,
}

/// Records of a kind whose field points here.
struct Related {
    kind: KindId,
    field: String,
    page: Page,
    asking: Latest,
}

/// The box that logs a touch with a record; answers `Reply::Saved`.
pub(super) fn log(kind: KindId, id: i64, ui: &Ui) -> Box<dyn Layer> {
    Box::new(log::Log::new(kind, id, ui))
}

pub struct RecordScreen {
    kind: KindId,
    id: i64,
    record: Option<Record>,
    /// What is around it was asked for.
    is_asked: bool,
    /// Why the record cannot be shown.
    failed: Option<String>,
    /// It has the keys; false while it only stands beside a list.
    has_keys: bool,
    related: Vec<Related>,
    timeline: Vec<Moment>,
    /// The mails of a ticket's replies.
    mails: Vec<Outgoing>,
    has_older: bool,
    at: Key,
    /// First line drawn, and the size it was drawn in, which moving needs to know.
    top: Cell<usize>,
    size: Cell<(u16, u16)>,
    /// Where on the screen its first line was drawn.
    corner: Cell<(u16, u16)>,
    /// Long texts shown whole.
    opened: HashSet<Key>,
    fresh: Vec<String>,
    fresh_wake: Option<Ask>,
    reading: Latest,
    timing: Latest,
    mailing: Latest,
    /// A mail that is held back leaves then.
    mail_wake: Option<Ask>,
    older: Option<Ask>,
    acting: Acting,
}

impl RecordScreen {
    pub fn new(kind: KindId, id: i64, ui: &Ui) -> Self {
        let refers = |kind: &crate::domain::kind::Kind| {
            let skipped = [MESSAGE, ACTIVITY, PIPELINE, STAGE, USER, VIEW, CANNED, MACRO].contains(&kind.id);
            kind.fields
                .iter()
                .filter(move |_| !skipped)
                .map(|f| (f.ty.clone(), f.name.clone(), f.form))
                .collect::<Vec<_>>()
        };
        let mut related = Vec::new();
        for other in ui.registry.kinds() {
            for (ty, field, is_form) in refers(other) {
                // Everything has an owner and a team; those lists are the tabs' own.
                if ty == FieldType::Ref(kind) && is_form && !["owner", "team"].contains(&field.as_str()) {
                    related.push(Related { kind: other.id, field, page: Page::default(), asking: Latest::default() });
                }
            }
        }
        Self {
            kind,
            id,
            record: None,
            is_asked: false,
            failed: None,
            has_keys: true,
            related,
            timeline: Vec::new(),
            mails: Vec::new(),
            has_older: false,
            at: Key::Fields,
            top: Cell::new(0),
            size: Cell::new((80, 22)),
            corner: Cell::new((1, 2)),
            opened: HashSet::new(),
            fresh: Vec::new(),
            fresh_wake: None,
            reading: Latest::default(),
            timing: Latest::default(),
            mailing: Latest::default(),
            mail_wake: None,
            older: None,
            acting: Acting::default(),
        }
    }

    /// One whose values are known: they are shown before anything is read.
    pub fn of(record: Record, ui: &Ui) -> Self {
        let screen = Self::new(record.kind, record.id, ui);
        Self { record: Some(record), ..screen }
    }

    fn load(&mut self, out: &mut Out) {
        self.reading.ask(Question::Read { kind: self.kind, ids: vec![self.id] }, out);
        self.load_around(out);
    }

    fn load_around(&mut self, out: &mut Out) {
        self.is_asked = true;
        // As much as is shown, so that nothing read before falls off.
        let limit = (self.timeline.len() as u32).clamp(MOMENTS, 200);
        self.timing.ask(Question::Timeline { kind: self.kind, id: self.id, before: None, limit }, out);
        for related in &mut self.related {
            let query = Query { filter: Filter::is(&related.field, Operand::Record(self.id)), ..Query::default() };
            let question = Question::Page { kind: related.kind, query, from: desk::From::Start, limit: RELATED };
            related.asking.ask(question, out);
        }
    }

    fn news(&mut self, news: &News, out: &mut Out) {
        match news {
            News::Resync | News::Line(true) => self.load(out),
            News::Touched(touched) => {
                let is_me = |t: &Touched| t.kind == self.kind && t.record == self.id;
                // The feed does not say what an activity or a deal is about; those kinds are read again.
                let is_near = |t: &Touched| {
                    [MESSAGE, ACTIVITY].contains(&t.kind) || self.related.iter().any(|r| r.kind == t.kind)
                };
                if touched.iter().any(is_me) {
                    self.load(out);
                } else if touched.iter().any(is_near) {
                    self.load_around(out);
                }
            }
            _ => {}
        }
    }

    fn answer(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) {
        let Some(answer) = self.acted(ask, answer, ui, out) else { return };
        if self.reading.take(ask, out) {
            match answer {
                Answer::Records(Ok(records)) => self.read(records.into_iter().next(), ui, out),
                Answer::Records(Err(error)) if self.record.is_none() => self.failed = Some(error.to_string()),
                _ => {}
            }
        } else if self.timing.take(ask, out) {
            if let Answer::Timeline(Ok(moments)) = answer {
                self.hold(ui, |me| {
                    me.has_older = moments.len() >= MOMENTS as usize;
                    me.timeline = moments;
                });
                self.load_mails(ui, out);
            }
        } else if self.mailing.take(ask, out) {
            if let Answer::Outgoing(Ok(mails)) = answer {
                self.mails_read(mails, ui, out);
            }
        } else if self.older == Some(ask) {
            self.older = None;
            if let Answer::Timeline(Ok(moments)) = answer {
                self.has_older = moments.len() >= MOMENTS as usize;
                let first = moments.first().map(moment_key);
                self.timeline.extend(moments);
                self.at = first.unwrap_or(Key::Fields);
            }
        } else if let Some(at) = (0..self.related.len()).find(|&i| self.related[i].asking.take(ask, out))
            && let Answer::Page(Ok(page)) = answer
        {
            self.hold(ui, |me| me.related[at].page = page);
        }
    }

    fn read(&mut self, now: Option<Record>, ui: &Ui, out: &mut Out) {
        let Some(now) = now else {
            self.failed = Some(ui.tr("record-gone", &[("code", ui.registry.kind(self.kind).code(self.id).into())]));
            self.record = None;
            return;
        };
        self.failed = None;
        let kind = ui.registry.kind(self.kind);
        if let Some(before) = &self.record {
            let changed = kind.fields.iter().zip(before.values.iter().zip(&now.values));
            let names = changed.filter(|(f, (a, b))| a != b && !matches!(f.ty, FieldType::Span));
            self.fresh = names.map(|(f, _)| f.name.clone()).collect();
            if !self.fresh.is_empty() {
                out.rewake(&mut self.fresh_wake, SHINE);
            }
        }
        self.hold(ui, |me| me.record = Some(now));
    }

    /// Changes what is shown while the cursor's block stays on its line of the screen.
    fn hold(&mut self, ui: &Ui, change: impl FnOnce(&mut Self)) {
        let before = self.start_of(&self.at, ui);
        change(self);
        if self.at == Key::Fields {
            return;
        }
        match (before, self.start_of(&self.at, ui)) {
            (Some(was), Some(is)) => self.top.set((self.top.get() + is).saturating_sub(was)),
            (_, None) => self.at = Key::Fields,
            _ => {}
        }
    }

    fn start_of(&self, key: &Key, ui: &Ui) -> Option<usize> {
        let mut line = 0;
        for block in self.blocks(self.size.get().0, ui) {
            if block.key.as_ref() == Some(key) {
                return Some(line);
            }
            line += block.lines.len();
        }
        None
    }

    /// Blocks that can be stood on: key, first line, number of lines; and the number of all lines.
    fn stops(&self, ui: &Ui) -> (Vec<(Key, usize, usize)>, usize) {
        let mut line = 0;
        let mut stops = Vec::new();
        for block in self.blocks(self.size.get().0, ui) {
            let n = block.lines.len();
            if let Some(key) = block.key {
                stops.push((key, line, n));
            }
            line += n;
        }
        (stops, line)
    }

    /// Down or up by one block, or within a block that is taller than the screen.
    fn step(&mut self, down: bool, ui: &Ui) {
        let room = usize::from(self.size.get().1).max(1);
        let (stops, total) = self.stops(ui);
        let Some(at) = stops.iter().position(|(key, ..)| *key == self.at) else {
            self.at = Key::Fields;
            return;
        };
        let (_, start, n) = &stops[at];
        let top = self.top.get();
        if down && start + n > top + room {
            self.top.set((top + 3).min(total.saturating_sub(room)));
        } else if !down && *start < top {
            self.top.set(top.saturating_sub(3).max(*start));
        } else {
            let to = if down { (at + 1).min(stops.len() - 1) } else { at.saturating_sub(1) };
            self.at = stops[to].0.clone();
            self.show_stop(&stops[to], down);
        }
    }

    fn page(&mut self, down: bool, ui: &Ui) {
        let room = usize::from(self.size.get().1).max(2);
        let (stops, total) = self.stops(ui);
        let top = self.top.get();
        let last = total.saturating_sub(room);
        let top = if down { (top + room - 1).min(last) } else { top.saturating_sub(room - 1) };
        self.top.set(top);
        // The cursor comes along to what is in sight; at the ends, to the very end.
        let in_sight = |(_, start, n): &&(Key, usize, usize)| start + n > top && *start < top + room;
        let stop = match (down && top == last, !down && top == 0) {
            (true, _) => stops.last(),
            (_, true) => stops.first(),
            _ => stops.iter().find(in_sight),
        };
        if let Some((key, ..)) = stop {
            self.at = key.clone();
        }
    }

    fn show_stop(&self, (_, start, n): &(Key, usize, usize), down: bool) {
        let room = usize::from(self.size.get().1).max(1);
        let top = self.top.get();
        let fits = (*n).min(room);
        if *start < top {
            // A heading above the first row of a section comes into sight with it.
            self.top.set(if *n > room && !down { start + n - room } else { start.saturating_sub(2) });
        } else if start + fits > top + room {
            self.top.set(start + fits - room);
        }
    }

    fn open(&mut self, ui: &Ui, out: &mut Out) {
        let mut key = self.at.clone();
        if let Key::Line(block, _) = key {
            key = *block;
        }
        match key {
            Key::Fields => {
                // From the fields one goes to what the record belongs to: its company, its contact.
                let Some(record) = &self.record else { return };
                let kind = ui.registry.kind(self.kind);
                let target = kind.fields.iter().find_map(|f| match (&f.ty, record.get(kind, &f.name)) {
                    (FieldType::Ref(to), Value::Ref(r)) if f.form && ![USER, STAGE, PIPELINE].contains(to) => {
                        // One that may not be seen cannot be gone to.
                        Some((*to, r.id)).filter(|_| f.name != "team" && !r.label.is_empty())
                    }
                    _ => None,
                });
                if let Some((kind, id)) = target {
                    out.go(Place::Record(kind, id));
                }
            }
            Key::Record(kind, id) => out.go(Place::Record(kind, id)),
            Key::Moment(kind, id) if ![MESSAGE, ACTIVITY].contains(&kind) => out.go(Place::Record(kind, id)),
            Key::All(kind, field) => {
                let code = ui.registry.kind(self.kind).code(self.id);
                out.go(Place::List { kind, filter: format!("{field}:{code}") });
            }
            Key::Older => self.ask_older(out),
            Key::Change(_) => out.push(History::new(self.kind, self.id)),
            key => {
                if !self.opened.remove(&key) {
                    self.opened.insert(key);
                }
            }
        }
    }

    fn ask_older(&mut self, out: &mut Out) {
        if self.older.is_none() {
            let before = self.timeline.last().map(|m| m.at);
            self.older = Some(out.ask(Question::Timeline { kind: self.kind, id: self.id, before, limit: MOMENTS }));
        }
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        match cmd {
            Cmd::RecordDown => self.step(true, ui),
            Cmd::RecordUp => self.step(false, ui),
            Cmd::RecordPageDown => self.page(true, ui),
            Cmd::RecordPageUp => self.page(false, ui),
            Cmd::RecordTop => {
                self.at = Key::Fields;
                self.top.set(0);
            }
            Cmd::RecordBottom => {
                let (stops, total) = self.stops(ui);
                if let Some((key, ..)) = stops.last() {
                    self.at = key.clone();
                }
                self.top.set(total.saturating_sub(usize::from(self.size.get().1)));
            }
            Cmd::RecordOpen => self.open(ui, out),
            Cmd::RecordEdit => {
                if let Some(record) = &self.record
                    && let Some(form) = super::form_edit(record, ui)
                {
                    out.push_box(form);
                }
            }
            Cmd::RecordReply if self.kind == TICKET && self.record.is_some() => {
                out.push(Compose::reply(self.kind, self.id, None));
            }
            Cmd::RecordNote if self.record.is_some() => out.push(Compose::note(self.kind, self.id)),
            Cmd::RecordNext => out.reply(Reply::Beside(self.kind, self.id, 1)),
            Cmd::RecordPrevious => out.reply(Reply::Beside(self.kind, self.id, -1)),
            Cmd::RecordLog if self.record.is_some() => out.push(Log::new(self.kind, self.id, ui)),
            Cmd::RecordPlain => out.push(Plain::new(self.plain(ui))),
            Cmd::RecordHistory => out.push(History::new(self.kind, self.id)),
            Cmd::Redraw => self.load(out),
            Cmd::Back | Cmd::RecordLeave => out.close(),
            cmd => {
                self.act(cmd, ui, out);
            }
        }
    }

    /// What is on the screen and below it, without boxes: the title, then as many lines as the screen has.
    fn plain(&self, ui: &Ui) -> Vec<String> {
        let mut lines = vec![self.title(usize::from(ui.width), ui).0.to_string().trim().to_owned()];
        let blocks = self.blocks(ui.width, ui).into_iter().flat_map(|block| block.lines);
        lines.extend(blocks.skip(self.top.get()).take(usize::from(ui.height)).map(|line| line.to_string()));
        lines
    }

    /// The wheel scrolls, a click puts the cursor on a row, another one opens it.
    fn mouse(&mut self, mouse: MouseEvent, ui: &Ui, out: &mut Out) {
        let (stops, total) = self.stops(ui);
        let room = usize::from(self.size.get().1).max(1);
        let top = self.top.get();
        match mouse.kind {
            MouseEventKind::ScrollDown => self.top.set((top + 3).min(total.saturating_sub(room))),
            MouseEventKind::ScrollUp => self.top.set(top.saturating_sub(3)),
            MouseEventKind::Down(MouseButton::Left) => {
                let Some(line) = usize::from(mouse.row).checked_sub(usize::from(self.corner.get().1)) else { return };
                let line = top + line;
                let Some((key, ..)) = stops.into_iter().find(|(_, start, n)| (*start..start + n).contains(&line))
                else {
                    return;
                };
                if self.at == key {
                    self.open(ui, out);
                } else {
                    self.at = key;
                }
            }
            _ => {}
        }
    }
}

fn moment_key(moment: &Moment) -> Key {
    match &moment.what {
        What::Record(record) => Key::Moment(record.kind, record.id),
        What::Change(change) => Key::Change(change.id),
    }
}

impl Layer for RecordScreen {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Record, Scope::Main, Scope::Everywhere]
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { stale } => {
                if stale || self.record.is_none() {
                    self.load(out);
                } else if !self.is_asked {
                    self.load_around(out);
                }
            }
            LayerMsg::Command(cmd) => self.command(cmd, ui, out),
            LayerMsg::Answer(ask, answer) => self.answer(ask, answer, ui, out),
            LayerMsg::Wake(ask) => {
                if self.fresh_wake == Some(ask) {
                    self.fresh_wake = None;
                    self.fresh.clear();
                } else if self.mail_wake == Some(ask) {
                    self.mail_wake = None;
                    self.load_mails(ui, out);
                }
            }
            LayerMsg::Reply(reply) if self.replied(&reply, ui, out) => {}
            LayerMsg::Reply(Reply::Sent { id, solved }) if (TICKET, id) == (self.kind, self.id) => {
                self.load(out);
                if solved {
                    self.acting.ask_to_advance(out);
                }
            }
            LayerMsg::Reply(Reply::Saved(kind, id)) if (kind, id) == (self.kind, self.id) => self.load(out),
            LayerMsg::Reply(_) => self.load_around(out),
            LayerMsg::News(news) => self.news(&news, out),
            LayerMsg::Mouse(mouse, _) => self.mouse(mouse, ui, out),
            // What was taken back comes as news.
            LayerMsg::Undid { .. } | LayerMsg::Share(_) => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        self.draw(frame, area, ui);
    }

    fn spoken(&self, rows: usize, ui: &Ui) -> Option<Spoken> {
        self.say(rows, ui)
    }

    fn set_focus(&mut self, has_keys: bool) {
        self.has_keys = has_keys;
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(self.kind), record: self.record.as_ref().map(|r| r.id), marked: 0 }
    }

    fn awaits(&self) -> Awaits {
        if self.acting.awaits_box() {
            Awaits::Box
        } else if self.record.is_none() && self.failed.is_none() {
            Awaits::Content
        } else {
            Awaits::Nothing
        }
    }

    fn shows(&self, kind: KindId, id: i64) -> bool {
        kind == self.kind && id == self.id
            || self.related.iter().any(|r| r.kind == kind && r.page.records.iter().any(|r| r.id == id))
            || self.timeline.iter().any(|m| moment_key(m) == Key::Moment(kind, id))
    }

    fn attends(&self) -> Option<(KindId, i64, bool)> {
        self.record.as_ref().map(|_| (self.kind, self.id, false))
    }
}

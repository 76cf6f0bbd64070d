//! One seat's state: tabs with their stacks of layers, the strokes typed so far, the status line. `update` is
//! synchronous and asks for all I/O by effects; `view` reads.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use crossterm::event::{Event, KeyEvent, KeyEventKind};

use super::command::{Cmd, Scope};
use super::effect::{Answer, Ask, Effect, Latest, Out, Question, Tone};
use super::keymap::{Folded, Found, Stroke, fold};
use super::layer::{Layer, LayerMsg, Place, Reply, Shape, Subject};
use super::msg::Msg;
use super::screens::{self, help::Help, list::List, palette::Palette};
use super::ui::Ui;
use crate::desk::{News, Outcome};
use crate::domain::kind::{CONTACT, DEAL, KindId, TICKET};

/// How long a message stays on the status line.
const TOAST: Duration = Duration::from_secs(6);
/// How long the screen may be ahead of the kept position.
const KEEP: Duration = Duration::from_secs(2);

/// The tabs in their order on the top line: the key that opens one, its kind.
pub(super) const TABS: [(char, KindId, Cmd); 3] =
    [('2', CONTACT, Cmd::Contacts), ('3', DEAL, Cmd::Pipeline), ('4', TICKET, Cmd::Tickets)];

type LayerId = u64;
/// The application itself, as an asker.
const SELF: LayerId = 0;

pub(super) struct Slot {
    id: LayerId,
    pub(super) layer: Box<dyn Layer>,
}

pub(super) struct Tab {
    pub(super) kind: KindId,
    pub(super) stack: Vec<Slot>,
    /// Something happened while the tab was hidden.
    stale: bool,
}

pub(super) struct Toast {
    pub(super) tone: Tone,
    pub(super) text: String,
    wake: Ask,
}

pub struct App {
    pub ui: Ui,
    pub(super) tabs: Vec<Tab>,
    pub(super) tab: usize,
    /// The beginning of a sequence such as `g c`.
    pub(super) strokes: Vec<Stroke>,
    pub(super) toast: Option<Toast>,
    out: Out,
    owners: HashMap<Ask, LayerId>,
    next_layer: LayerId,
    /// Tabs that jumps came from, for Backspace.
    trail: Vec<usize>,
    /// The records of the latest operation, to know whether undoing it is seen.
    last_done: Option<Vec<(KindId, i64)>>,
    /// `u` was pressed and named what it will take back.
    undo_armed: bool,
    undo: Option<Ask>,
    /// What was asked last was a redo: its outcome is told as one.
    redoing: bool,
    present: Latest,
    attended: Option<(KindId, i64, bool)>,
    kept: HashMap<String, serde_json::Value>,
    keeping: Option<Ask>,
    restoring: Option<Ask>,
    /// A place to open once the position is restored (`frontdesk T1042`).
    start: Option<Place>,
}

impl App {
    pub fn new(ui: Ui, start: Option<Place>) -> Self {
        let mut next_layer = SELF;
        let tabs = TABS
            .iter()
            .map(|&(_, kind, _)| {
                next_layer += 1;
                let list = Slot { id: next_layer, layer: Box::new(List::new(kind, &ui)) };
                Tab { kind, stack: vec![list], stale: false }
            })
            .collect();
        Self {
            ui,
            tabs,
            tab: 0,
            strokes: Vec::new(),
            toast: None,
            out: Out::default(),
            owners: HashMap::new(),
            next_layer,
            trail: Vec::new(),
            last_done: None,
            undo_armed: false,
            undo: None,
            redoing: false,
            present: Latest::default(),
            attended: None,
            kept: HashMap::new(),
            keeping: None,
            restoring: None,
            start,
        }
    }

    /// The first questions: where the person was, and who else is here.
    pub fn begin(&mut self) -> Vec<Effect> {
        self.restoring = Some(self.out.ask(Question::Setting { key: "tab".into() }));
        self.present.ask(Question::Present, &mut self.out);
        self.settle(SELF)
    }

    /// Takes a message in; what comes back is for the seat: questions, timers, copies, leaving.
    pub fn update(&mut self, msg: Msg, now: DateTime<Utc>) -> Vec<Effect> {
        self.ui.now = now;
        self.ui.cx.viewer.now = now;
        let mut work = Vec::new();
        match msg {
            Msg::Input(event) => self.input(event, &mut work),
            Msg::Answer(ask, answer) => work.extend(self.answer(ask, answer)),
            Msg::Wake(ask) => work.extend(self.woken(ask)),
            Msg::News(news) => work.extend(self.news(&news)),
            Msg::Registry(registry) => {
                self.ui.registry = registry;
                work.extend(self.news(&News::Resync));
            }
            Msg::Minute => {}
        }
        let attends = self.tabs[self.tab].stack.iter().rev().find_map(|slot| slot.layer.attends());
        if attends != self.attended {
            self.attended = attends;
            let question = Question::Attend {
                record: attends.map(|(kind, id, _)| (kind, id)),
                typing: attends.is_some_and(|(_, _, typing)| typing),
            };
            self.out.ask(question);
            work.extend(self.settle(SELF));
        }
        work
    }

    pub fn cx(&self) -> &crate::desk::Cx {
        &self.ui.cx
    }

    /// Scopes of the top layer.
    pub(super) fn scopes(&self) -> &'static [Scope] {
        self.top().scopes()
    }

    pub(super) fn top(&self) -> &dyn Layer {
        &*self.tabs[self.tab].stack.last().expect("a tab always has its list").layer
    }

    pub(super) fn subject(&self) -> Subject {
        self.top().subject()
    }

    /// The status line, for tests.
    pub fn status(&self) -> Option<&str> {
        self.toast.as_ref().map(|t| t.text.as_str())
    }

    fn input(&mut self, event: Event, work: &mut Vec<Effect>) {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                work.extend(self.key(key));
                if self.keeping.is_none() {
                    self.keeping = Some(self.out.wake(KEEP));
                    work.extend(self.settle(SELF));
                }
            }
            Event::Paste(text) => {
                let (id, taken) = self.with_top(|layer, ui, out| layer.paste(&text, ui, out));
                if !taken {
                    let hint = self.ui.t("paste-offer");
                    self.out.say(Tone::Info, hint);
                }
                work.extend(self.settle(id));
            }
            Event::Resize(width, height) => {
                // The screen that is drawn: layers measure by it.
                let size = super::port::clamp(width, height);
                (self.ui.width, self.ui.height) = (size.width, size.height);
                let id = self.tell_top(LayerMsg::Shown { stale: false });
                work.extend(self.settle(id));
            }
            Event::Mouse(mouse) => {
                let area = super::frame::body(self.ui.width, self.ui.height);
                let id = self.tell_top(LayerMsg::Mouse(mouse, area));
                work.extend(self.settle(id));
            }
            _ => {}
        }
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        self.toast = None;
        if self.strokes.is_empty() {
            let (id, taken) = self.with_top(|layer, ui, out| layer.key(key, ui, out));
            if taken {
                return self.settle(id);
            }
        }
        let Some(stroke) = Stroke::of(key) else { return Vec::new() };
        let stroke = match fold(stroke) {
            Folded::Key(stroke) => stroke,
            Folded::InputMethod => {
                self.strokes.clear();
                let hint = self.ui.t("input-method-on");
                self.out.say(Tone::Warn, hint);
                return self.settle(SELF);
            }
        };
        self.strokes.push(stroke);
        match self.ui.keymap.find(self.scopes(), &self.strokes) {
            Found::Command(cmd) => {
                self.strokes.clear();
                let ctrl_c = Stroke::parse("ctrl-c").is_ok_and(|c| c == stroke);
                if ctrl_c {
                    let hint = self.ui.t("ctrl-c-hint");
                    self.out.say(Tone::Info, hint);
                }
                let mut work = self.settle(SELF);
                work.extend(self.run(cmd));
                work
            }
            Found::Prefix => Vec::new(),
            Found::Nothing => {
                let typed = self.strokes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                let cancelled = self.strokes.len() > 1 && key.code == crossterm::event::KeyCode::Esc;
                self.strokes.clear();
                if !cancelled {
                    let help = self.ui.keymap.key(Cmd::Keys);
                    let hint = self.ui.tr("key-unbound", &[("key", typed.into()), ("help", help.into())]);
                    self.out.say(Tone::Info, hint);
                }
                self.settle(SELF)
            }
        }
    }

    fn run(&mut self, cmd: Cmd) -> Vec<Effect> {
        if cmd != Cmd::Undo {
            self.undo_armed = false;
        }
        if let Some(&(_, kind, _)) = TABS.iter().find(|(_, _, c)| *c == cmd) {
            return self.go(Place::Tab(kind));
        }
        match cmd {
            Cmd::Undo => self.undo(),
            Cmd::Redo => {
                self.redoing = true;
                self.undo = Some(self.out.ask(Question::Redo));
                self.settle(SELF)
            }
            Cmd::Leave => self.leave(),
            Cmd::JumpBack => self.jump_back(),
            Cmd::Palette | Cmd::PaletteColon => {
                let palette = Palette::new(self.scopes(), self.subject());
                self.out.push(palette);
                self.settle(SELF)
            }
            Cmd::Keys | Cmd::Help => {
                let help = Help::new(self.scopes());
                self.out.push(help);
                self.settle(SELF)
            }
            cmd => {
                let id = self.tell_top(LayerMsg::Command(cmd));
                let mut work = self.settle(id);
                if cmd == Cmd::Redraw {
                    work.push(Effect::Run(Cmd::Redraw));
                }
                work
            }
        }
    }

    /// Takes the last operation back; when it is off screen, names it first and wants the key again.
    fn undo(&mut self) -> Vec<Effect> {
        let on_screen = self.last_done.as_ref().is_some_and(|records| {
            let stack = &self.tabs[self.tab].stack;
            records.iter().any(|&(kind, id)| stack.iter().any(|slot| slot.layer.shows(kind, id)))
        });
        let question =
            if on_screen || self.undo_armed { Question::Undo { operation: None } } else { Question::Undoable };
        self.undo_armed = false;
        self.redoing = false;
        self.undo = Some(self.out.ask(question));
        self.settle(SELF)
    }

    fn leave(&mut self) -> Vec<Effect> {
        let unsaved = self.tabs.iter().flat_map(|t| &t.stack).any(|slot| slot.layer.is_unsaved());
        if unsaved {
            let text = self.ui.t("leave-unsaved");
            let ask = screens::confirm::Confirm::new(text).running(Effect::Quit);
            self.out.push(ask);
            return self.settle(SELF);
        }
        self.finish()
    }

    fn finish(&mut self) -> Vec<Effect> {
        let mut work = self.cut();
        work.push(Effect::Quit);
        work
    }

    /// The line was cut: what should be kept is asked for, so that the person comes back to the same place and finds
    /// all that was typed.
    pub fn cut(&mut self) -> Vec<Effect> {
        let mut work = self.settle(SELF);
        for tab in 0..self.tabs.len() {
            for at in 0..self.tabs[tab].stack.len() {
                let slot = &mut self.tabs[tab].stack[at];
                slot.layer.keep_now(&self.ui, &mut self.out);
                let id = slot.id;
                work.extend(self.settle(id));
            }
        }
        self.keep_position();
        work.extend(self.settle(SELF));
        work
    }

    fn jump_back(&mut self) -> Vec<Effect> {
        if self.tabs[self.tab].stack.len() > 1 {
            let id = self.tell_top(LayerMsg::Command(Cmd::Back));
            return self.settle(id);
        }
        match self.trail.pop() {
            Some(tab) => self.show_tab(tab),
            None => Vec::new(),
        }
    }

    fn go(&mut self, place: Place) -> Vec<Effect> {
        let before = self.tab;
        let work = match place {
            Place::Tab(kind) => match self.tab_of(kind) {
                Some(tab) => self.show_tab(tab),
                None => Vec::new(),
            },
            Place::List { kind, filter } => {
                let Some(tab) = self.tab_of(kind) else { return Vec::new() };
                self.next_layer += 1;
                let list = List::filtered(kind, &filter, &self.ui);
                self.tabs[tab].stack = vec![Slot { id: self.next_layer, layer: Box::new(list) }];
                self.show_tab(tab)
            }
            Place::Record(kind, id) => {
                let mut work = match self.tab_of(kind) {
                    Some(tab) if tab != self.tab => self.show_tab(tab),
                    _ => Vec::new(),
                };
                if let Some(record) = screens::record(kind, id, &self.ui) {
                    self.out.push_box(record);
                }
                work.extend(self.settle(SELF));
                work
            }
        };
        if before != self.tab {
            self.trail.push(before);
        }
        work
    }

    fn tab_of(&self, kind: KindId) -> Option<usize> {
        self.tabs.iter().position(|t| t.kind == kind)
    }

    fn show_tab(&mut self, tab: usize) -> Vec<Effect> {
        self.tab = tab;
        self.strokes.clear();
        let stale = std::mem::take(&mut self.tabs[tab].stale);
        let mut work = Vec::new();
        for at in 0..self.tabs[tab].stack.len() {
            let id = self.tell(tab, at, LayerMsg::Shown { stale });
            work.extend(self.settle(id));
        }
        work
    }

    fn answer(&mut self, ask: Ask, answer: Answer) -> Vec<Effect> {
        let owner = match answer {
            Answer::Progress(_) => self.owners.get(&ask).copied(),
            _ => self.owners.remove(&ask),
        };
        if let Answer::Outcome(Ok(outcome)) = &answer
            && outcome.operation.is_some()
        {
            self.last_done = Some(outcome.records.clone());
        }
        match owner {
            Some(SELF) => self.own_answer(ask, answer),
            Some(id) => match self.find(id) {
                Some((tab, at)) => {
                    self.tell(tab, at, LayerMsg::Answer(ask, answer));
                    self.settle(id)
                }
                None => Vec::new(),
            },
            None => Vec::new(),
        }
    }

    fn own_answer(&mut self, ask: Ask, answer: Answer) -> Vec<Effect> {
        if self.present.take(ask, &mut self.out) {
            if let Answer::Present(Ok(present)) = answer {
                self.ui.present = present;
            }
            return self.settle(SELF);
        }
        if self.restoring == Some(ask) {
            self.restoring = None;
            let kept = if let Answer::Json(Ok(Some(json))) = answer { json.as_str().map(str::to_owned) } else { None };
            let tab = kept.and_then(|name| self.tabs.iter().position(|t| t.kind.0 == name)).unwrap_or(0);
            let mut work = self.show_tab(tab);
            if let Some(place) = self.start.take() {
                work.extend(self.go(place));
            }
            return work;
        }
        if self.undo == Some(ask) {
            self.undo = None;
            self.undone(answer);
        }
        self.settle(SELF)
    }

    fn undone(&mut self, answer: Answer) {
        match answer {
            Answer::Undoable(Ok(Some(what))) => {
                self.undo_armed = true;
                let key = self.ui.keymap.key(Cmd::Undo);
                let text = self.ui.tr("undo-again", &[("what", what.into()), ("key", key.into())]);
                self.out.say(Tone::Warn, text);
            }
            Answer::Undoable(Ok(None)) => {
                let text = self.ui.t("undo-nothing");
                self.out.say(Tone::Info, text);
            }
            Answer::Outcome(Ok(Outcome { done, failed, operation, .. })) => {
                let text = match failed.first() {
                    None if operation.is_none() && self.redoing => self.ui.t("redo-nothing"),
                    None if operation.is_none() => self.ui.t("undo-nothing"),
                    None if self.redoing => self.ui.tr("redone", &[("n", done.into())]),
                    None => self.ui.tr("undone", &[("n", done.into())]),
                    Some((code, reason)) => self.ui.tr(
                        "undone-but",
                        &[
                            ("n", done.into()),
                            ("failed", failed.len().into()),
                            ("code", code.into()),
                            ("reason", reason.into()),
                        ],
                    ),
                };
                self.out.say(if failed.is_empty() { Tone::Good } else { Tone::Warn }, text);
            }
            Answer::Undoable(Err(e)) | Answer::Outcome(Err(e)) => self.out.say(Tone::Bad, e.to_string()),
            _ => {}
        }
    }

    fn woken(&mut self, ask: Ask) -> Vec<Effect> {
        if self.toast.as_ref().is_some_and(|t| t.wake == ask) {
            self.toast = None;
            return Vec::new();
        }
        if self.keeping == Some(ask) {
            self.owners.remove(&ask);
            self.keeping = None;
            self.keep_position();
            return self.settle(SELF);
        }
        match self.owners.remove(&ask).and_then(|id| self.find(id).map(|at| (id, at))) {
            Some((id, (tab, at))) => {
                self.tell(tab, at, LayerMsg::Wake(ask));
                self.settle(id)
            }
            None => Vec::new(),
        }
    }

    fn news(&mut self, news: &News) -> Vec<Effect> {
        match news {
            News::Line(up) => self.ui.online = *up,
            News::Presence => self.present.ask(Question::Present, &mut self.out),
            _ => {}
        }
        let mut work = self.settle(SELF);
        for tab in 0..self.tabs.len() {
            if tab != self.tab {
                self.tabs[tab].stale = true;
                continue;
            }
            for at in 0..self.tabs[tab].stack.len() {
                let id = self.tell(tab, at, LayerMsg::News(news.clone()));
                work.extend(self.settle(id));
            }
        }
        work
    }

    /// Asks the desk to keep the positions that changed since they were kept last.
    fn keep_position(&mut self) {
        let mut now = vec![("tab".to_owned(), serde_json::Value::from(self.tabs[self.tab].kind.0))];
        now.extend(self.tabs.iter().flat_map(|t| &t.stack).filter_map(|slot| slot.layer.position()));
        for (key, value) in now {
            if self.kept.get(&key) != Some(&value) {
                self.out.ask(Question::KeepSetting { key: key.clone(), value: value.clone() });
                self.kept.insert(key, value);
            }
        }
    }

    fn find(&self, id: LayerId) -> Option<(usize, usize)> {
        self.tabs
            .iter()
            .enumerate()
            .find_map(|(tab, t)| t.stack.iter().position(|slot| slot.id == id).map(|at| (tab, at)))
    }

    fn tell_top(&mut self, msg: LayerMsg) -> LayerId {
        let at = self.tabs[self.tab].stack.len() - 1;
        self.tell(self.tab, at, msg)
    }

    fn tell(&mut self, tab: usize, at: usize, msg: LayerMsg) -> LayerId {
        let slot = &mut self.tabs[tab].stack[at];
        slot.layer.update(msg, &self.ui, &mut self.out);
        slot.id
    }

    fn with_top<T>(&mut self, act: impl FnOnce(&mut dyn Layer, &Ui, &mut Out) -> T) -> (LayerId, T) {
        let slot = self.tabs[self.tab].stack.last_mut().expect("a tab always has its list");
        let answer = act(&mut *slot.layer, &self.ui, &mut self.out);
        (slot.id, answer)
    }

    /// Carries out the wishes of `by` that concern the stack, and returns those for the seat.
    fn settle(&mut self, by: LayerId) -> Vec<Effect> {
        let mut work = Vec::new();
        for effect in self.out.take() {
            match effect {
                Effect::Ask { ask, .. } | Effect::Wake { ask, .. } => {
                    self.owners.insert(ask, by);
                    work.push(effect);
                }
                Effect::Push(layer) => work.extend(self.push(layer)),
                Effect::Close(reply) => work.extend(self.close(by, reply)),
                Effect::Go(place) => work.extend(self.go(place)),
                Effect::Say(tone, text) => {
                    let wake = self.out.wake(TOAST);
                    // The status line's timer belongs to the application, whoever spoke.
                    if let Some(effect) = self.out.effects.pop() {
                        work.push(effect);
                    }
                    self.toast = Some(Toast { tone, text, wake });
                }
                Effect::Remember(kind, action) => self.ui.last_action = Some((kind, action)),
                Effect::Run(cmd) => work.extend(self.run(cmd)),
                Effect::Quit => work.extend(self.finish()),
                Effect::Copy(_) => work.push(effect),
            }
        }
        work
    }

    fn push(&mut self, layer: Box<dyn Layer>) -> Vec<Effect> {
        self.next_layer += 1;
        let id = self.next_layer;
        self.tabs[self.tab].stack.push(Slot { id, layer });
        self.tell_top(LayerMsg::Shown { stale: false });
        self.settle(id)
    }

    /// Removes a layer; the one below hears the reply, and that it is seen again.
    fn close(&mut self, id: LayerId, reply: Option<Reply>) -> Vec<Effect> {
        let Some((tab, at)) = self.find(id) else { return Vec::new() };
        if at == 0 {
            return Vec::new();
        }
        let gone = self.tabs[tab].stack.remove(at);
        if let Some((key, value)) = gone.layer.position() {
            self.kept.insert(key.clone(), value.clone());
            self.out.ask(Question::KeepSetting { key, value });
        }
        let mut work = self.settle(SELF);
        let below = at - 1;
        if let Some(reply) = reply {
            let by = self.tell(tab, below, LayerMsg::Reply(reply));
            work.extend(self.settle(by));
        }
        if below < self.tabs[tab].stack.len() && gone.layer.shape() == Shape::Full {
            let by = self.tell(tab, below, LayerMsg::Shown { stale: true });
            work.extend(self.settle(by));
        }
        work
    }
}

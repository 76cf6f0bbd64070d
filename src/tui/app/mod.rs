//! One seat's state: tabs with their stacks of layers, the strokes typed so far, the status line. `update` is
//! synchronous and asks for all I/O by effects; `view` reads.
//!
//! `welcome` asks newcomers what their screen shows, `first` teaches them, `tour` shows them round, `plain` is for screen readers, `inbox` counts what is unread, `desktop` tells of it outside, `keys`
//! makes commands of keys, `mouse` has the mouse, `looks` language and theme, `recording` records macros, `stack` keeps tabs and layers, `share` shows
//! the screen to colleagues, `undo` talks about undoing, `keep` brings a person back to where they were.

mod desktop;
mod first;
mod inbox;
mod keep;
mod keys;
pub mod looks;
mod mouse;
mod plain;
mod presence;
mod recording;
mod rights;
mod share;
mod stack;
mod told;
mod tour;
mod undo;
mod welcome;

pub(super) use self::share::{login, of_theirs};

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};
use crossterm::event::{Event, KeyEventKind};

use super::command::{Cmd, Scope, command};
use super::effect::{Answer, Ask, Effect, Latest, Out, Question, Tone};
use super::keymap::Stroke;
use super::layer::{Layer, LayerMsg, Place, Root, Subject};
use super::msg::Msg;
use super::own::Fresh;
use super::screens::{self, help::Help, menu::Menu, palette::Palette};
use super::ui::Ui;
use crate::desk::News;
use crate::domain::kind::{CONTACT, DEAL, KindId, TICKET};

/// How long the screen may be ahead of the kept position.
const KEEP: Duration = Duration::from_secs(5);
/// When the lists of the other tabs are read, so that they are there when they are wanted: behind the first screen.
const AHEAD: Duration = Duration::from_secs(1);

/// The tabs in their order on the top line: the key that opens one, and what it begins with.
pub(super) const TABS: [(char, Root, Cmd); 5] = [
    ('1', Root::Home, Cmd::Home),
    ('2', Root::Kind(CONTACT), Cmd::Contacts),
    ('3', Root::Kind(DEAL), Cmd::Pipeline),
    ('4', Root::Kind(TICKET), Cmd::Tickets),
    ('5', Root::Dashboards, Cmd::Dashboards),
];

/// The tab whose root has this name.
pub(super) fn tab(name: &str) -> Option<Root> {
    TABS.iter().map(|(_, root, _)| *root).find(|root| root.name() == name)
}

type LayerId = u64;
/// The application itself, as an asker.
const SELF: LayerId = 0;

pub(super) struct Slot {
    id: LayerId,
    pub(super) layer: Box<dyn Layer>,
}

pub(super) struct Tab {
    pub(super) root: Root,
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
    /// Keys typed ahead of what they act on, oldest first.
    held: VecDeque<keys::Typed>,
    undoing: undo::Undoing,
    recording: Option<recording::Recording>,
    pointer: mouse::Pointer,
    looks: looks::Looks,
    first: first::First,
    /// The first questions are to come, if the person is new.
    greets: bool,
    tour: tour::Tour,
    plain: plain::PlainMode,
    presence: presence::Reading,
    unread: Latest,
    renewing: rights::Renewing,
    wishes: Option<Ask>,
    desktop: desktop::Told,
    told: told::Told,
    pub(super) sharing: share::Sharing,
    /// When the person came.
    began: chrono::DateTime<chrono::Utc>,
    attended: Option<(KindId, i64, bool)>,
    kept: HashMap<String, serde_json::Value>,
    keeping: Option<Ask>,
    restoring: Option<Ask>,
    ahead: Option<Ask>,
    /// A place to open once the position is restored (`frontdesk T1042`).
    start: Option<Place>,
}

impl App {
    pub fn new(ui: Ui, start: Option<Place>) -> Self {
        let mut next_layer = SELF;
        let began = ui.now;
        let plain = plain::PlainMode { size: (ui.width, ui.height), ..plain::PlainMode::default() };
        let tabs = TABS
            .iter()
            .map(|&(_, root, _)| {
                next_layer += 1;
                let first = Slot { id: next_layer, layer: screens::root(root, &ui) };
                Tab { root, stack: vec![first], stale: false }
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
            held: VecDeque::new(),
            undoing: undo::Undoing::default(),
            recording: None,
            pointer: mouse::Pointer::default(),
            looks: looks::Looks::default(),
            first: first::First::default(),
            greets: false,
            tour: tour::Tour::default(),
            plain,
            presence: presence::Reading::default(),
            unread: Latest::default(),
            renewing: rights::Renewing::default(),
            wishes: None,
            desktop: desktop::Told::default(),
            told: told::Told::default(),
            sharing: share::Sharing::default(),
            began,
            attended: None,
            kept: HashMap::new(),
            keeping: None,
            restoring: None,
            ahead: None,
            start,
        }
    }

    /// The first questions: where the person was, and who else is here.
    pub fn begin(&mut self) -> Vec<Effect> {
        self.restoring = Some(self.out.ask(Question::Setting { key: "tab".into() }));
        self.presence_news();
        self.ask_plain();
        self.ask_looks();
        self.count_unread();
        self.ask_wishes();
        self.ask_mouse();
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
            Msg::Share(told) => work.extend(self.share(&told)),
            Msg::Own(fresh) => work.extend(self.own(*fresh)),
            Msg::Minute => {
                self.days_may_have_passed();
                work.extend(self.settle(SELF));
            }
        }
        work.extend(self.greet());
        work.extend(self.catch_up());
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

    /// False for a message that changes nothing on the screen: an answer that nobody waits for any more, one that
    /// something of the application's own was written, the timer that keeps positions.
    pub fn is_seen(&self, msg: &Msg) -> bool {
        match msg {
            Msg::Answer(ask, answer) => match self.owners.get(ask) {
                Some(&SELF) => !matches!(answer, Answer::Done(Ok(()))),
                owner => owner.is_some(),
            },
            Msg::Wake(ask) => [self.keeping, self.ahead, self.presence.resting()].iter().all(|own| *own != Some(*ask)),
            // What became of it is read first.
            Msg::News(News::Touched(_) | News::Presence) => false,
            _ => true,
        }
    }

    pub fn cx(&self) -> &crate::desk::Cx {
        &self.ui.cx
    }

    /// Scopes of the top layer.
    pub(super) fn scopes(&self) -> &'static [Scope] {
        self.top().scopes()
    }

    pub(super) fn top(&self) -> &dyn Layer {
        &*self.tabs[self.tab].stack.last().expect("a tab always has its root").layer
    }

    pub(super) fn subject(&self) -> Subject {
        self.top().subject()
    }

    /// What the status line says.
    pub(super) fn said(&self) -> Option<&Toast> {
        self.toast.as_ref().or(self.told.shown.as_ref())
    }

    /// The status line, for tests.
    pub fn status(&self) -> Option<&str> {
        self.said().map(|t| t.text.as_str())
    }

    fn input(&mut self, event: Event, work: &mut Vec<Effect>) {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                work.extend(self.typed(key));
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
                self.plain.size = (size.width, size.height);
                self.fit();
                let id = self.tell_top(LayerMsg::Shown { stale: false });
                work.extend(self.settle(id));
            }
            Event::Mouse(mouse) => work.extend(self.mouse(mouse)),
            event => {
                self.focus(&event);
            }
        }
    }

    /// The person's own files were read again: what is right in them holds from now on.
    fn own(&mut self, fresh: Fresh) -> Vec<Effect> {
        let mut wrong = Vec::new();
        match fresh.theme {
            Some(Ok(theme)) => self.ui.theme = theme,
            Some(Err(reason)) => wrong.push(self.ui.tr("own-theme-wrong", &[("reason", reason.into())])),
            None => {}
        }
        match fresh.keys {
            Some(Ok(keymap)) => {
                self.ui.keymap = keymap;
                self.strokes.clear();
            }
            Some(Err(reason)) => wrong.push(self.ui.tr("own-keys-wrong", &[("reason", reason.into())])),
            None => {}
        }
        if let Some(said) = wrong.into_iter().next() {
            self.out.say(Tone::Bad, said);
        }
        self.settle(SELF)
    }

    fn run(&mut self, cmd: Cmd) -> Vec<Effect> {
        if cmd != Cmd::Undo {
            self.undoing.disarm();
        }
        self.tour_hears(cmd);
        if let Some(&(_, root, _)) = TABS.iter().find(|(_, _, c)| *c == cmd) {
            return self.go(Place::Tab(root));
        }
        match cmd {
            Cmd::Undo => self.undo(),
            Cmd::Redo => self.redo(),
            Cmd::Leave => self.leave(),
            Cmd::JumpBack => self.jump_back(),
            Cmd::Inbox => self.open_inbox(),
            Cmd::Notices | Cmd::InboxNotices => self.open_notices(),
            Cmd::Screen => self.go(Place::Screen(None)),
            Cmd::Showing => self.showing(),
            Cmd::Seats => {
                self.out.push(screens::seats::Seats::default());
                self.settle(SELF)
            }
            Cmd::Roles => {
                self.out.push(screens::roles::Roles::default());
                self.settle(SELF)
            }
            Cmd::People => {
                self.out.push(screens::people::People::default());
                self.settle(SELF)
            }
            Cmd::Away => {
                let absent = screens::absent::Absent::new(self.ui.cx.viewer.me.login.clone(), &self.ui);
                self.out.push(absent);
                self.settle(SELF)
            }
            Cmd::Can => {
                let subject = self.subject();
                if let (Some(kind), Some(id)) = (subject.kind, subject.record) {
                    self.out.push(screens::can::Can::new(kind, id));
                }
                self.settle(SELF)
            }
            Cmd::Import if self.ui.is_local => {
                // Home's boxes are of many kinds; who comes with a file has people in it.
                let root = self.tabs[self.tab].root;
                let kind = if let Root::Kind(kind) = root { kind } else { CONTACT };
                self.out.push(screens::import::Import::new(kind));
                self.settle(SELF)
            }
            Cmd::Import => {
                let text = self.ui.t("import-remote");
                self.out.say(Tone::Warn, text);
                self.settle(SELF)
            }
            Cmd::Welcome => self.welcome(),
            Cmd::WelcomeOther
            | Cmd::WelcomeEnglish
            | Cmd::WelcomeChinese
            | Cmd::WelcomeColours
            | Cmd::WelcomeLines
            | Cmd::WelcomeGo
            | Cmd::WelcomeSkip => self.welcomed(cmd),
            Cmd::Tour => self.start_tour(),
            Cmd::TourNext => self.next_stop(),
            Cmd::TourEnd => self.end_tour(),
            Cmd::PlainOn | Cmd::PlainOff => self.switch_plain(cmd == Cmd::PlainOn),
            Cmd::LanguageEnglish
            | Cmd::LanguageChinese
            | Cmd::ThemeDark
            | Cmd::ThemeLight
            | Cmd::ThemeContrast
            | Cmd::ThemeMono => self.choose_looks(cmd),
            Cmd::MacroRecord => self.record_macro(),
            Cmd::MacroEnd | Cmd::MacroDrop => self.end_recording(cmd == Cmd::MacroEnd),
            Cmd::MouseOn | Cmd::MouseOff => self.switch_mouse(cmd == Cmd::MouseOn),
            Cmd::Palette | Cmd::PaletteColon => {
                let palette = Palette::new(self.scopes(), self.subject());
                self.out.push(palette);
                self.settle(SELF)
            }
            cmd if command(cmd).is_menu() => {
                let menu = Menu::new(self.scopes(), self.subject(), &self.ui);
                self.out.push(menu);
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

    fn answer(&mut self, ask: Ask, answer: Answer) -> Vec<Effect> {
        let owner = match answer {
            Answer::Progress(_) => self.owners.get(&ask).copied(),
            _ => self.owners.remove(&ask),
        };
        let mut notes = Vec::new();
        if let Answer::Outcome(Ok(outcome)) = &answer {
            self.watched(ask, outcome);
            notes.clone_from(&outcome.notes);
        }
        let mut work = self.pass_on(owner, ask, answer);
        if !notes.is_empty() {
            // Behind what was said of it, or alone.
            let said = self.toast.as_ref().map(|toast| toast.text.trim_end_matches('.').to_owned());
            let said: Vec<String> = said.into_iter().chain(notes).collect();
            self.out.say(Tone::Warn, said.join(" · "));
            work.extend(self.settle(SELF));
        }
        work
    }

    fn pass_on(&mut self, owner: Option<LayerId>, ask: Ask, answer: Answer) -> Vec<Effect> {
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
        let Some(answer) = self.presence_answered(ask, answer) else { return self.settle(SELF) };
        if let Some(mut work) = self.looks_answered(ask, &answer) {
            work.extend(self.settle(SELF));
            return work;
        }
        if let Some(work) = self.renewed(ask, &answer) {
            return work;
        }
        let is_taken = self.mouse_answered(ask, &answer)
            || self.first_answered(ask, &answer)
            || self.tour_answered(ask, &answer)
            || self.plain_answered(ask, &answer)
            || self.unread_answered(ask, &answer)
            || self.wishes_answered(ask, &answer)
            || self.desktop_answered(ask, &answer)
            || self.told_answered(ask, &answer);
        if is_taken {
            return self.settle(SELF);
        }
        if self.restoring == Some(ask) {
            self.restoring = None;
            self.ahead = Some(self.out.wake(AHEAD));
            let kept = if let Answer::Json(Ok(Some(json))) = answer { json.as_str().map(str::to_owned) } else { None };
            self.tab = kept.and_then(|name| self.tabs.iter().position(|t| t.root.name() == name)).unwrap_or(0);
            return match self.start.take() {
                // Another tab is wanted: the kept one need not load.
                Some(place @ (Place::Tab(_) | Place::List { .. })) => self.go(place),
                place => {
                    let mut work = self.show_tab(self.tab);
                    work.extend(place.into_iter().flat_map(|place| self.go(place)));
                    work
                }
            };
        }
        if self.undoing.take(ask) {
            self.undone(answer);
        }
        self.settle(SELF)
    }

    fn woken(&mut self, ask: Ask) -> Vec<Effect> {
        if self.toast.as_ref().is_some_and(|t| t.wake == ask) {
            self.toast = None;
            return Vec::new();
        }
        if self.told_woken(ask) {
            return Vec::new();
        }
        if self.desktop_woken(ask) || self.presence_woken(ask) {
            self.owners.remove(&ask);
            return self.settle(SELF);
        }
        if self.keeping == Some(ask) {
            self.owners.remove(&ask);
            self.keeping = None;
            self.keep_position();
            return self.settle(SELF);
        }
        if self.ahead == Some(ask) {
            self.owners.remove(&ask);
            self.ahead = None;
            return self.read_ahead();
        }
        match self.owners.remove(&ask).and_then(|id| self.find(id).map(|at| (id, at))) {
            Some((id, (tab, at))) => {
                self.tell(tab, at, LayerMsg::Wake(ask));
                self.settle(id)
            }
            None => Vec::new(),
        }
    }

    /// Has the lists of the other tabs read; boards and dashboards, which ask for more, are not.
    fn read_ahead(&mut self) -> Vec<Effect> {
        let is_list = |tab: &Tab| matches!(tab.root, Root::Kind(kind) if kind != DEAL);
        let lists: Vec<usize> = (0..self.tabs.len()).filter(|&at| at != self.tab && is_list(&self.tabs[at])).collect();
        let mut work = Vec::new();
        for tab in lists {
            let id = self.tell(tab, 0, LayerMsg::Shown { stale: false });
            work.extend(self.settle(id));
        }
        work
    }

    fn news(&mut self, news: &News) -> Vec<Effect> {
        match news {
            News::Line(up) => self.ui.online = *up,
            News::Presence => self.presence_news(),
            _ => {}
        }
        self.inbox_news(news);
        self.rights_news(news);
        self.told_news(news);
        self.desktop_news(news);
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
}

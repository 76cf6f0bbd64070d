//! A layer: a screen or popup with its own state. Layers are a stack per tab, asked from the top.

use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::command::{Cmd, Scope};
use super::effect::{Answer, Ask, Out};
use super::share::Told;
use super::spoken::Spoken;
use super::ui::Ui;
use crate::desk::{Hit, News};
use crate::domain::action::{Action, Edit, Envelope};
use crate::domain::kind::{DEAL, KindId};
use crate::domain::query::Sort;

/// What a layer hears.
#[derive(Debug)]
pub enum LayerMsg {
    /// It has come to the top: pushed, uncovered, or its tab shown. `stale`: what it shows may be out of date.
    Shown { stale: bool },
    /// A key that is bound in one of its scopes, or a choice in a menu.
    Command(Cmd),
    /// The desk's answer to its question of that number.
    Answer(Ask, Answer),
    /// The time it wanted to be woken at.
    Wake(Ask),
    /// The layer above closed and left this.
    Reply(Reply),
    /// The person took this operation back, or did it again; so many of its records stayed as they were.
    Undid { operation: i64, again: bool, left: usize },
    /// Something happened in the workspace. Only layers of the open tab hear it.
    News(News),
    /// What the hub of the server's seats says.
    Share(Told),
    /// The mouse, in the screen's coordinates, and where this layer stands on it.
    Mouse(MouseEvent, Rect),
}

/// What a closing layer tells the one below it. The one below remembers what it asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// A choice's place in the list that was offered.
    Chosen(usize),
    /// A record picked; `None` means "none" was picked.
    Picked(Option<Hit>),
    /// What is to be done to the records at hand.
    Act(Action),
    /// Text typed.
    Text(String),
    /// Yes to a question.
    Confirmed,
    /// The columns box: fields shown, in order, the sort, and the field grouped by.
    Columns { columns: Vec<String>, sort: Vec<Sort>, group: Option<String> },
    /// Tags chosen.
    Tags(Vec<String>),
    /// A form saved this record.
    Saved(KindId, i64),
    /// What a record's fields shall be; none: nothing is to be changed.
    Edits(Vec<Edit>),
    /// How a reply leaves, and the ticket's status afterwards.
    Send(Envelope, &'static str),
    /// A reply to this ticket is on its way; the ticket is solved with it.
    Sent { id: i64, solved: bool },
    /// The record so many rows further shall be opened instead of this one.
    Beside(KindId, i64, isize),
}

/// What a tab begins with; it stays below everything opened there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// A person's own work of today.
    Home,
    /// The records of a kind.
    Kind(KindId),
    /// Figures over all that a person may see.
    Dashboards,
}

impl Root {
    /// In settings; never shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Dashboards => "dashboards",
            Self::Kind(kind) => kind.0,
        }
    }

    /// What the tab is called.
    pub fn label(self, ui: &Ui) -> String {
        match self {
            Self::Home => ui.t("tab-home"),
            Self::Dashboards => ui.t("tab-dashboards"),
            Self::Kind(DEAL) => ui.t("tab-pipeline"),
            Self::Kind(kind) => ui.registry.kind(kind).many.get(ui.lang()).to_owned(),
        }
    }
}

/// Where a person can go from anywhere.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// A tab as it was left.
    Tab(Root),
    /// A kind's list with a filter: in its tab, or on top of what is open for kinds without one.
    List { kind: KindId, filter: String },
    /// One record, on top of what is open.
    Record(KindId, i64),
    /// A colleague's screen, by their seat or login; the choice of one when none is named.
    Screen(Option<String>),
}

/// How much of the screen a layer wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All between the top and the bottom line.
    Full,
    /// The whole screen, without the program's own lines and without the mouse.
    Bare,
    /// A box in the middle, at most this large.
    Popup { width: u16, height: u16 },
    /// A strip over the bottom, at most this high.
    Strip { height: u16 },
}

/// What keys typed now would act on and what is not here yet. They wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaits {
    Nothing,
    /// The layer's own content: its commands wait, those of the whole program do not.
    Content,
    /// A box that will take the keys: all wait.
    Box,
}

/// What the keys act on, for commands' needs and for knowing what is on screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    pub kind: Option<KindId>,
    /// The record under the cursor or open.
    pub record: Option<i64>,
    /// How many are marked.
    pub marked: usize,
}

/// A screen or popup. `update` is synchronous: it changes its own state and leaves wishes in `out`. `view` only reads.
pub trait Layer: Send {
    /// Its scopes in the command table, innermost first. Full screens end with `Scope::Main` and `Scope::Everywhere`,
    /// popups with `Scope::Popup` and `Scope::Everywhere`.
    fn scopes(&self) -> &'static [Scope];

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out);

    /// Draws itself within `area`. A layer with a text field places the cursor.
    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui);

    /// Itself as lines for a screen reader, with room for so many: the page that has the cursor, or all. `None`: what it
    /// draws, without what only the eye needs.
    fn spoken(&self, _rows: usize, _ui: &Ui) -> Option<Spoken> {
        None
    }

    fn shape(&self) -> Shape {
        Shape::Full
    }

    /// Told to a layer shown inside another one: whether it has the keys.
    fn set_focus(&mut self, _has_keys: bool) {}

    /// The raw key, before the keymap: text fields take what they can use and return true.
    fn key(&mut self, _key: KeyEvent, _ui: &Ui, _out: &mut Out) -> bool {
        false
    }

    /// Pasted text, for a text field; true when taken. Outside a field a paste never acts.
    fn paste(&mut self, _text: &str, _ui: &Ui, _out: &mut Out) -> bool {
        false
    }

    fn subject(&self) -> Subject {
        Subject::default()
    }

    /// What keys have to wait for.
    fn awaits(&self) -> Awaits {
        Awaits::Nothing
    }

    /// True when this record is on screen here, so that undoing its change needs no second key.
    fn shows(&self, _kind: KindId, _id: i64) -> bool {
        false
    }

    /// Dragging the mouse does something here.
    fn drags(&self) -> bool {
        false
    }

    /// Holds text that closing would lose.
    fn is_unsaved(&self) -> bool {
        false
    }

    /// The seat ends: a draft is kept now, not when its timer rings. Asks for nothing else.
    fn keep_now(&mut self, _ui: &Ui, _out: &mut Out) {}

    /// The record that this layer has open for presence, and whether the person is typing there.
    fn attends(&self) -> Option<(KindId, i64, bool)> {
        None
    }

    /// What to keep to come back here after a restart: a setting's key and value.
    fn position(&self) -> Option<(String, serde_json::Value)> {
        None
    }
}

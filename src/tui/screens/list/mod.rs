//! The list of any kind: a window on the records that match, live, with filter, sort, columns, views, marks and bulk
//! actions. Knows no kind in particular; fields come from the registry.
//!
//! `rows` is the window, `groups` its headings, `load` asks for records, `live` takes changes in, `filter` the typed
//! query, `acts` what is done to records, `choose` the boxes for views and columns, `view` draws, `host` is for another
//! screen that shows the same records.

mod acts;
mod choose;
mod columns;
mod filter;
mod groups;
pub(in crate::tui::screens) mod host;
mod live;
mod load;
pub(in crate::tui::screens) mod rows;
mod ticket;
mod view;
mod watch;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use crossterm::event::{KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::Rect;

use self::acts::{Marks, Pending};
use self::filter::Filtering;
use self::groups::Grouping;
use self::rows::Rows;
pub(super) use self::view::{cell, ideal, say_fields};
use crate::desk::Count;
use crate::domain::kind::KindId;
use crate::domain::query::{Query, Sort};
use crate::domain::record::Record;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Ask, Latest, Out, Tone};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Reply, Subject};
use crate::tui::screens;
use crate::tui::screens::plain::Plain;
use crate::tui::spoken::Spoken;
use crate::tui::ui::Ui;

/// From this width on the record stands right of the list.
const SIDE_FROM: u16 = 100;
/// How long the cursor rests before the record beside the list is read.
const SETTLE: Duration = Duration::from_millis(120);

/// A saved view, or the kind's whole list.
#[derive(Clone, Debug, Default)]
struct View {
    id: Option<i64>,
    name: String,
    query: Query,
}

pub struct List {
    kind: KindId,
    rows: Rows,
    view: View,
    filter: Filtering,
    /// Chosen over the view's and the kind's.
    sort: Option<Vec<Sort>>,
    grouping: Grouping,
    groups: groups::Groups,
    /// Columns by field name, chosen or the view's; `None`: the kind's own.
    columns: Option<Vec<String>>,
    /// Columns chosen in each view, by its id; the whole list's under 0.
    own_columns: BTreeMap<i64, Vec<String>>,
    count: Option<Count>,
    marks: Marks,
    /// The last mark set, where a range begins.
    last_mark: Option<i64>,
    pending: Option<Pending>,
    /// Records with a conflict to settle: the field, for the key that overrules.
    conflicts: HashMap<i64, String>,
    /// The record beside the list.
    side: Option<(i64, Box<dyn Layer>)>,
    side_focused: bool,
    side_wake: Option<Ask>,

    // Questions in flight.
    restoring: Option<Ask>,
    wanted: Option<Ask>,
    pages: Latest,
    counting: Latest,
    below: Option<Ask>,
    above: Option<Ask>,
    around: Option<load::Around>,
    heading: load::Heading,
    error: Option<String>,
    /// Loading has taken long enough to be shown.
    slow: bool,
    slow_wake: Option<Ask>,
    loaded: bool,

    live: live::Live,
    acting: acts::Acting,
    working: ticket::Working,
    fresh: HashSet<(i64, usize)>,
    fresh_wake: Option<Ask>,
    /// Set while another screen shows the records.
    host: Option<host::Host>,
    /// The filter that it was opened with over another screen, to which Esc leads back. It is no place of its own.
    visited_with: Option<String>,
}

impl List {
    /// The kind's list as this person left it.
    pub fn new(kind: KindId, _ui: &Ui) -> Self {
        Self {
            kind,
            rows: Rows::default(),
            view: View::default(),
            filter: Filtering::default(),
            sort: None,
            grouping: Grouping::default(),
            groups: groups::Groups::default(),
            columns: None,
            own_columns: BTreeMap::new(),
            count: None,
            marks: Marks::default(),
            last_mark: None,
            pending: None,
            conflicts: HashMap::new(),
            side: None,
            side_focused: false,
            side_wake: None,
            restoring: None,
            wanted: None,
            pages: Latest::default(),
            counting: Latest::default(),
            below: None,
            above: None,
            around: None,
            heading: load::Heading::default(),
            error: None,
            slow: false,
            slow_wake: None,
            loaded: false,
            live: live::Live::default(),
            acting: acts::Acting::default(),
            working: ticket::Working::default(),
            fresh: HashSet::new(),
            fresh_wake: None,
            host: None,
            visited_with: None,
        }
    }

    /// The kind's list with a filter, whatever was there before.
    pub fn filtered(kind: KindId, filter: &str, ui: &Ui) -> Self {
        let mut list = Self::new(kind, ui);
        list.filter.set(filter, kind, ui);
        list.loaded = true;
        list
    }

    /// A filter's records, shown over another screen; Esc goes back there.
    pub fn over(kind: KindId, filter: &str, ui: &Ui) -> Self {
        let list = Self::filtered(kind, filter, ui);
        Self { visited_with: Some(list.filter.text().to_owned()), ..list }
    }

    /// What the list shows: the view, narrowed by the filter, in the chosen order.
    fn query(&self) -> Query {
        let mut query = self.view.query.and(&self.filter.query);
        if let Some(sort) = &self.sort
            && self.filter.query.sort.is_empty()
        {
            query.sort.clone_from(sort);
        }
        match &self.grouping {
            _ if self.filter.query.group.is_some() => {}
            Grouping::Given => {}
            Grouping::None => query.group = None,
            Grouping::By(field) => query.group = Some(field.clone()),
        }
        query
    }

    fn record(&self) -> Option<&Record> {
        match &self.host {
            Some(host) => host.record.as_ref(),
            None => self.rows.selected().map(|row| &row.record),
        }
    }

    fn record_id(&self) -> Option<i64> {
        self.record().map(|record| record.id)
    }

    /// Rows that fit the list on this screen.
    fn height(&self, ui: &Ui) -> usize {
        usize::from(view::parts(ui, &self.filter).rows.height)
    }

    fn has_side(ui: &Ui) -> bool {
        ui.width >= SIDE_FROM
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        let height = self.reach(ui);
        match cmd {
            Cmd::Down => self.moved(ui, out, |rows| rows.step(1, height)),
            Cmd::Up => self.moved(ui, out, |rows| rows.step(-1, height)),
            Cmd::PageDown => self.moved(ui, out, |rows| rows.turn(1, height)),
            Cmd::PageUp => self.moved(ui, out, |rows| rows.turn(-1, height)),
            Cmd::Top => self.go_to_start(ui, out),
            Cmd::Bottom => self.go_to_end(ui, out),
            Cmd::Open => self.open(ui, out),
            Cmd::Right | Cmd::NextPane => self.focus_side(ui, out),
            Cmd::New => match screens::form_new(self.kind, &[], ui) {
                Some(form) => out.push_box(form),
                None => out.say(Tone::Warn, ui.t("no-form")),
            },
            Cmd::Edit => {
                if let Some(form) = self.record().and_then(|record| screens::form_edit(record, ui)) {
                    out.push_box(form);
                }
            }
            Cmd::Reply | Cmd::Note | Cmd::File | Cmd::Snooze | Cmd::Pull | Cmd::Advance => self.work(cmd, ui, out),
            Cmd::Log => {
                if let Some(id) = self.record_id() {
                    out.push_box(screens::log(self.kind, id, ui));
                }
            }
            Cmd::FieldAdd => out.push(screens::form::field::FieldForm::new(self.kind, ui)),
            Cmd::Filter => self.begin_filter(),
            Cmd::Back => self.back(ui, out),
            Cmd::Redraw => self.refresh(out),
            Cmd::Views => self.choose_view(out),
            Cmd::Columns => self.choose_columns(ui, out),
            Cmd::Plain => out.push(Plain::new(self.plain(ui))),
            Cmd::CopyCode | Cmd::CopyMail | Cmd::CopyRow => self.copy(cmd, ui, out),
            _ => self.act(cmd, ui, out),
        }
    }

    /// Moves the cursor, drops the greyed row it leaves, fetches ahead, and lets the record beside follow.
    fn moved(&mut self, ui: &Ui, out: &mut Out, step: impl FnOnce(&mut Rows)) {
        let before = self.rows.id();
        step(&mut self.rows);
        if let Some(id) = before
            && self.rows.id() != before
            && self.rows.leave(id)
        {
            self.recount(out);
        }
        // At the end there is nowhere to move on to: the greyed row goes all the same.
        if before.is_some() && self.rows.id() == before {
            self.rows.drop_gone();
        }
        self.see(ui);
        self.live.rest(out);
        self.fetch_ahead(ui, out);
        self.side_later(ui, out);
    }

    /// Esc: a box that has not come yet, marks, then filter. The view stays: `v` chooses another.
    pub(super) fn back(&mut self, ui: &Ui, out: &mut Out) {
        if self.acting.awaits_box() || self.working.awaits_box() {
            self.acting.forget_box();
            self.working.forget();
        } else if !self.marks.is_empty() {
            self.marks = Marks::default();
        } else if self.filter.text() != self.visited_with.as_deref().unwrap_or_default() {
            let own = self.visited_with.clone().unwrap_or_default();
            self.filter.set(&own, self.kind, ui);
            self.reload(out);
        } else {
            // A tab's own list stays whatever is said.
            out.close();
        }
    }

    fn open(&mut self, ui: &Ui, out: &mut Out) {
        let Some(record) = self.rows.selected().map(|row| &row.record) else { return };
        if Self::has_side(ui) {
            self.focus_side(ui, out);
        } else {
            out.push_box(screens::known_record(record, ui));
        }
    }

    fn focus_side(&mut self, ui: &Ui, out: &mut Out) {
        if Self::has_side(ui) && self.rows.id().is_some() {
            self.show_side(ui, out);
            self.focus(self.side.is_some());
        }
    }

    /// Gives the keys to the record beside the list, or takes them back.
    fn focus(&mut self, on_side: bool) {
        self.side_focused = on_side;
        if let Some((_, side)) = &mut self.side {
            side.set_focus(on_side);
        }
    }

    /// The record beside follows a single step at once, many when the cursor rests; then what is around it is read.
    fn side_later(&mut self, ui: &Ui, out: &mut Out) {
        if Self::has_side(ui) && self.side.as_ref().map(|(id, _)| *id) != self.rows.id() {
            if self.side_wake.is_none() {
                self.put_side(ui);
            }
            out.rewake(&mut self.side_wake, SETTLE);
        }
    }

    /// The selected row's record beside the list, with what is known of it.
    fn put_side(&mut self, ui: &Ui) {
        let selected = self.rows.selected().map(|row| &row.record);
        if self.side.as_ref().map(|(id, _)| *id) != selected.map(|record| record.id) {
            self.side = selected.map(|record| {
                let mut side = screens::known_record(record, ui);
                side.set_focus(self.side_focused);
                (record.id, side)
            });
        }
    }

    fn show_side(&mut self, ui: &Ui, out: &mut Out) {
        self.put_side(ui);
        self.side_update(LayerMsg::Shown { stale: false }, ui, out);
    }

    fn copy(&self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        let Some(record) = self.record() else { return };
        let kind = ui.registry.kind(self.kind);
        let text = match cmd {
            Cmd::CopyCode => kind.code(record.id),
            Cmd::CopyMail => record.get(kind, "email").as_str().unwrap_or_default().to_owned(),
            _ => {
                let cells = self.shown_fields(ui).into_iter().map(|f| crate::tui::show::field(record, kind, f, ui));
                std::iter::once(kind.code(record.id)).chain(cells).collect::<Vec<_>>().join("\t")
            }
        };
        if text.is_empty() {
            out.say(Tone::Warn, ui.t("copy-nothing"));
        } else {
            out.say(Tone::Good, ui.tr("copied", &[("what", text.as_str().into())]));
            out.copy(text);
        }
    }

    /// The wheel moves; a click selects, and opens what is selected; one on a column's head sorts. Over the record
    /// beside, the mouse is that one's.
    fn mouse(&mut self, mouse: MouseEvent, ui: &Ui, out: &mut Out) {
        let height = self.reach(ui);
        let parts = view::parts(ui, &self.filter);
        let here = (mouse.column, mouse.row).into();
        let is_click = mouse.kind == MouseEventKind::Down(MouseButton::Left);
        if parts.side.is_some_and(|side| side.contains(here)) {
            if is_click && !self.filter.typing {
                self.focus_side(ui, out);
            }
            return self.side_update(LayerMsg::Mouse(mouse, parts.side.unwrap_or_default()), ui, out);
        }
        match mouse.kind {
            MouseEventKind::ScrollDown => self.moved(ui, out, |rows| rows.step(3, height)),
            MouseEventKind::ScrollUp => self.moved(ui, out, |rows| rows.step(-3, height)),
            _ if !is_click => {}
            _ if parts.rows.contains(here) => {
                let Some(at) = self.row_at(usize::from(mouse.row - parts.rows.y), ui) else { return };
                self.focus(false);
                if at == self.rows.at {
                    self.open(ui, out);
                } else {
                    let by = at as isize - self.rows.at as isize;
                    self.moved(ui, out, |rows| rows.step(by, height));
                }
            }
            _ if parts.head.contains(here) => {
                if let Some(field) = self.column_at(usize::from(mouse.column - parts.head.x), parts.head.width, ui) {
                    let turned = self.order(ui).first().is_some_and(|s| s.field == field && !s.descending);
                    let group = self.query().group;
                    self.arrange(vec![Sort { field, descending: turned }], group, ui, out);
                }
            }
            _ => {}
        }
    }

    /// Sorts and groups so from now on, whatever the filter said about it.
    fn arrange(&mut self, sort: Vec<Sort>, group: Option<String>, ui: &Ui, out: &mut Out) {
        let now = self.query().group;
        if sort == self.order(ui) && group == now {
            return;
        }
        let said = &self.filter.query;
        if !said.sort.is_empty() || said.group.is_some() {
            let rest = Query { sort: Vec::new(), group: None, ..said.clone() };
            self.filter.set(&rest.print(&ui.registry, self.kind), self.kind, ui);
        }
        self.sort = Some(sort);
        self.grouping = group.map_or(Grouping::None, Grouping::By);
        self.reload_from_start(out);
    }

    fn side_update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        if let Some((_, side)) = &mut self.side {
            side.update(msg, ui, out);
        }
    }
}

impl Layer for List {
    fn scopes(&self) -> &'static [Scope] {
        match &self.side {
            _ if self.filter.typing => &[Scope::Search, Scope::Complete, Scope::Dialog, Scope::Everywhere],
            Some((_, side)) if self.side_focused => side.scopes(),
            _ => &[Scope::List, Scope::Main, Scope::Everywhere],
        }
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        self.live.rest(out);
        if self.filter.typing {
            return self.filter_key(key, ui, out);
        }
        match &mut self.side {
            Some((_, side)) if self.side_focused => side.key(key, ui, out),
            _ => false,
        }
    }

    fn paste(&mut self, text: &str, ui: &Ui, out: &mut Out) -> bool {
        if self.filter.typing {
            self.filter_paste(text, ui, out);
            return true;
        }
        match &mut self.side {
            Some((_, side)) if self.side_focused => side.paste(text, ui, out),
            _ => {
                self.filter.offered = Some(text.to_owned());
                false
            }
        }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { stale } => {
                if self.side_focused && !Self::has_side(ui) {
                    self.focus(false);
                    // There is no room beside the list any more: whoever reads there goes on over it.
                    self.open(ui, out);
                }
                self.rows.follow(self.height(ui));
                self.see(ui);
                self.shown(stale, out);
                if stale {
                    self.side_update(LayerMsg::Shown { stale }, ui, out);
                }
                self.side_later(ui, out);
            }
            LayerMsg::Command(cmd) if self.filter.typing => self.filter_command(cmd, ui, out),
            // Out of the record beside the list; its own Esc inside comes first.
            LayerMsg::Command(Cmd::Back | Cmd::RecordLeave | Cmd::Left | Cmd::NextPane | Cmd::Close)
                if self.side_focused =>
            {
                self.focus(false);
            }
            LayerMsg::Command(Cmd::RecordNext) if self.side_focused => self.beside(1, ui, out),
            LayerMsg::Command(Cmd::RecordPrevious) if self.side_focused => self.beside(-1, ui, out),
            LayerMsg::Command(Cmd::RecordPull) if self.side_focused => self.work(Cmd::Pull, ui, out),
            LayerMsg::Command(cmd) if self.side_focused => self.side_update(LayerMsg::Command(cmd), ui, out),
            LayerMsg::Command(cmd) => self.command(cmd, ui, out),
            LayerMsg::Answer(ask, answer) => {
                if let Some(answer) = self.answered(ask, answer, ui, out) {
                    self.side_update(LayerMsg::Answer(ask, answer), ui, out);
                }
            }
            LayerMsg::Wake(ask) => {
                if self.side_wake == Some(ask) {
                    self.side_wake = None;
                    self.show_side(ui, out);
                } else if !self.woken(ask, ui, out) {
                    self.side_update(LayerMsg::Wake(ask), ui, out);
                }
            }
            LayerMsg::Reply(reply @ Reply::Beside(..)) => self.heard_back(&reply, ui, out),
            // The box belongs to whoever has the keys; what the list itself waited for once was left by Esc.
            LayerMsg::Reply(reply) if self.side_focused => self.side_update(LayerMsg::Reply(reply), ui, out),
            LayerMsg::Reply(reply) => match self.pending.take() {
                Some(pending) => self.replied(pending, reply, ui, out),
                None => self.heard_back(&reply, ui, out),
            },
            LayerMsg::News(news) => {
                self.heard(&news, out);
                self.side_update(LayerMsg::News(news), ui, out);
            }
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

    fn subject(&self) -> Subject {
        match &self.side {
            Some((_, side)) if self.side_focused => side.subject(),
            _ => Subject {
                kind: Some(self.kind),
                record: self.record_id(),
                marked: self.marks.len(self.count.map_or(0, |c| c.n)),
            },
        }
    }

    fn awaits(&self) -> Awaits {
        match &self.side {
            // The filter is typed whatever the rows are.
            _ if self.filter.typing => Awaits::Nothing,
            Some((_, side)) if self.side_focused && !self.working.awaits_box() => side.awaits(),
            _ if self.acting.awaits_box() || self.working.awaits_box() => Awaits::Box,
            // On the way to an end of the list the cursor counts its steps itself.
            _ if self.restoring.is_some() || self.wanted.is_some() => Awaits::Content,
            _ if self.pages.is_busy() && self.heading == load::Heading::Nowhere => Awaits::Content,
            _ => Awaits::Nothing,
        }
    }

    fn shows(&self, kind: KindId, id: i64) -> bool {
        kind == self.kind && self.rows.place(id).is_some()
    }

    fn is_unsaved(&self) -> bool {
        self.side.as_ref().is_some_and(|(_, side)| side.is_unsaved())
    }

    fn attends(&self) -> Option<(KindId, i64, bool)> {
        // Resting the cursor on a row is not yet opening it.
        self.side.as_ref().filter(|_| self.side_focused).and_then(|(_, side)| side.attends())
    }

    fn position(&self) -> Option<(String, serde_json::Value)> {
        // One that was never looked at has no place to come back to.
        let is_place = self.loaded && self.restoring.is_none() && self.visited_with.is_none();
        is_place.then(|| (self.key_of_position(), self.kept_position()))
    }
}

/// Ids as a set, for comparing.
fn set(ids: &[i64]) -> BTreeSet<i64> {
    ids.iter().copied().collect()
}

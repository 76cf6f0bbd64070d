//! A list whose records another screen shows: filter, views, marks and actions are the list's, the rows are the other
//! screen's. It says which record the keys act on, and hears what the list would have read.

use std::collections::BTreeSet;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::acts::Marks;
use super::{List, view};
use crate::desk::Count;
use crate::domain::action::{Action, Targets};
use crate::domain::query::{Filter, Query, Sort};
use crate::domain::record::Record;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Out};
use crate::tui::layer::{Layer, LayerMsg, Subject};
use crate::tui::text;
use crate::tui::ui::Ui;

/// What the screen says to the list, and what it has not heard yet.
#[derive(Default)]
pub(super) struct Host {
    pub(super) record: Option<Record>,
    /// Which of the records that match the query the screen shows.
    narrow: Filter,
    ids: BTreeSet<i64>,
    heard: Vec<Heard>,
}

/// What the list would have done to its rows.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui::screens) enum Heard {
    /// The query changed, or everything is wanted anew.
    Reload,
    /// These were written.
    Touched(Vec<i64>),
    /// A form above saved this record, perhaps a new one.
    Saved(i64),
    /// An action on these is on its way.
    Began(Vec<i64>, Action),
    /// It was refused; the person has been told why.
    Failed(Vec<i64>),
}

impl List {
    /// True when another screen was told instead.
    pub(super) fn tell_host(&mut self, heard: Heard) -> bool {
        let Some(host) = &mut self.host else { return false };
        host.heard.push(heard);
        true
    }

    /// What matches on the screen that shows the records.
    pub(super) fn narrowed(&self) -> Query {
        let query = self.query();
        match &self.host {
            Some(host) => Query { filter: Filter::all(vec![query.filter.clone(), host.narrow.clone()]), ..query },
            None => query,
        }
    }

    pub(super) fn ids_at_hand(&self) -> BTreeSet<i64> {
        self.host.as_ref().map_or_else(|| self.rows.ids(), |host| host.ids.clone())
    }

    /// From now on another screen shows the records. The list reads none.
    pub(in crate::tui::screens) fn lend(&mut self) {
        self.side = None;
        self.side_focused = false;
        self.host.get_or_insert_default();
    }

    /// The list shows its records itself again, beginning at this one.
    pub(in crate::tui::screens) fn take_back(&mut self, ui: &Ui, out: &mut Out) {
        let record = self.host.take().and_then(|host| host.record);
        self.loaded = true;
        self.rows.replace(Vec::new(), None, 0);
        match record {
            Some(record) => self.begin_at(vec![record], ui, out),
            None => self.reload(out),
        }
    }

    /// The record that keys act on.
    pub(in crate::tui::screens) fn point_at(&mut self, record: Option<&Record>) {
        if let Some(host) = &mut self.host {
            host.record = record.cloned();
        }
    }

    /// What "all that match" are, how many there are, and which of them are in sight.
    pub(in crate::tui::screens) fn say_what_is_there(&mut self, narrow: Filter, count: u64, ids: BTreeSet<i64>) {
        self.count = Some(Count { n: count, exact: true });
        if let Some(host) = &mut self.host {
            host.narrow = narrow;
            host.ids = ids;
        }
    }

    /// What happened since it was asked last.
    pub(in crate::tui::screens) fn heard_by_host(&mut self) -> Vec<Heard> {
        self.host.as_mut().map(|host| std::mem::take(&mut host.heard)).unwrap_or_default()
    }

    pub(in crate::tui::screens) fn is_lent(&self) -> bool {
        self.host.is_some()
    }

    /// View and filter as one query.
    pub(in crate::tui::screens) fn shown_query(&self) -> Query {
        self.query()
    }

    pub(in crate::tui::screens) fn sorted_by(&self, ui: &Ui) -> Vec<Sort> {
        self.order(ui)
    }

    /// The view's name; empty for the whole list.
    pub(in crate::tui::screens) fn view_name(&self) -> &str {
        if self.view.id.is_some() { &self.view.name } else { "" }
    }

    /// The filter as typed, and whether it has a mistake.
    pub(in crate::tui::screens) fn filter_text(&self) -> (String, bool) {
        (text::inert(self.filter.text()).into_owned(), self.filter.mistake.is_some())
    }

    pub(in crate::tui::screens) fn is_typing(&self) -> bool {
        self.filter.typing
    }

    /// Lines that the filter needs while it is typed; 0 otherwise.
    pub(in crate::tui::screens) fn filter_lines(&self, width: u16, ui: &Ui) -> u16 {
        if self.filter.typing { 1 + view::said(ui, &self.filter, width).len() as u16 } else { 0 }
    }

    pub(in crate::tui::screens) fn draw_filter_line(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        self.draw_filter(frame, area, ui);
    }

    pub(in crate::tui::screens) fn has_marks(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Esc would take something away: marks, filter or view.
    pub(in crate::tui::screens) fn backs_out(&self) -> bool {
        self.acting.awaits_box() || self.has_marks() || !self.filter.text().is_empty() || self.view.id.is_some()
    }

    pub(in crate::tui::screens) fn toggle_mark(&mut self, id: i64) -> bool {
        self.last_mark = Some(id);
        self.marks.toggle(id)
    }

    /// Marks these too.
    pub(in crate::tui::screens) fn mark_all_of(&mut self, ids: impl IntoIterator<Item = i64>) {
        if let Marks::Some(marked) = &mut self.marks {
            marked.extend(ids);
        }
    }

    pub(in crate::tui::screens) fn last_marked(&self) -> Option<i64> {
        self.last_mark
    }

    /// Records are being written: how many are done.
    pub(in crate::tui::screens) fn progress(&self) -> Option<u64> {
        self.acting.progress
    }

    /// Moves the record pointed at, or the marked ones, to a stage.
    pub(in crate::tui::screens) fn move_deals(&mut self, stage: &Record, ui: &Ui, out: &mut Out) {
        let seen = self.seen("stage", ui);
        self.move_to(stage, None, seen, ui, out);
    }

    /// The kept position, taken in as the list's own.
    pub(in crate::tui::screens) fn restore_from(&mut self, kept: &serde_json::Value, ui: &Ui, out: &mut Out) {
        self.loaded = true;
        self.restore(kept, ui, out);
    }

    /// The list shows its records itself, from the kept position or from the start.
    pub(in crate::tui::screens) fn resume(&mut self, kept: Option<&serde_json::Value>, ui: &Ui, out: &mut Out) {
        self.host = None;
        self.loaded = true;
        match kept {
            Some(kept) => self.restore(kept, ui, out),
            None => self.reload(out),
        }
    }

    /// An action on this record is on its way.
    pub(in crate::tui::screens) fn acts_on(&self, id: i64) -> bool {
        self.acting
            .performing
            .iter()
            .any(|(_, targets, _)| matches!(targets, Targets::Records(_, ids) if ids.contains(&id)))
    }

    /// A command that is about records, filter, views or marks.
    pub(in crate::tui::screens) fn run(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        self.update(LayerMsg::Command(cmd), ui, out);
    }

    pub(in crate::tui::screens) fn scopes_of(&self) -> &'static [Scope] {
        self.scopes()
    }

    pub(in crate::tui::screens) fn typed(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        self.key(key, ui, out)
    }

    pub(in crate::tui::screens) fn take(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) {
        self.update(LayerMsg::Answer(ask, answer), ui, out);
    }

    pub(in crate::tui::screens) fn what_is_at_hand(&self) -> Subject {
        self.subject()
    }

    /// The key under which the position is kept, and the position.
    pub(in crate::tui::screens) fn keeps(&self) -> (String, serde_json::Value) {
        (self.key_of_position(), self.kept_position())
    }
}

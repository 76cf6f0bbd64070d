//! The pipeline as a board: a column for each open stage, cards that move by key and mouse, sums in the heads. The same
//! deals as a table are the list inside, which also has the filter, the views, the marks and what is done to records.
//!
//! `column` is a window on one stage, `load` asks for heads and cards, `live` takes changes in, `moves` moves cards,
//! `mouse` scrolls, selects and drags them, `view` draws.

mod column;
mod live;
mod load;
mod mouse;
mod moves;
#[cfg(test)]
mod tests;
mod view;

use std::collections::{BTreeSet, HashMap, HashSet};

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use self::column::Column;
use self::mouse::Drag;
use self::moves::Moved;
use super::chooser::{Chooser, Item};
use super::list::List;
use super::list::host::Heard;
use super::plain::Plain;
use crate::desk;
use crate::domain::kind::{DEAL, Kind, KindId, PIPELINE};
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::domain::value::{Ref, Value};
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Ask, Latest, Out};
use crate::tui::layer::{Awaits, Layer, LayerMsg, Reply, Subject};
use crate::tui::screens;
use crate::tui::spoken::Spoken;
use crate::tui::ui::Ui;

pub struct Board {
    list: List,
    pipeline: Option<i64>,
    pipelines: Vec<Record>,
    /// Of the pipeline, closed ones too.
    stages: Vec<Record>,
    stage_kind: Kind,
    columns: Vec<Column>,
    /// The column with the cursor.
    at: usize,
    /// The first column drawn.
    left: usize,
    /// Where the cursor was last time: stage and card.
    wanted: Option<(i64, Option<i64>)>,

    restoring: Option<Ask>,
    heads: Latest,
    error: Option<String>,
    live: live::Live,
    /// Cards moved on the screen, until the desk has said that they are.
    moved: HashMap<i64, Moved>,
    /// Cards that changed a moment ago.
    fresh: HashSet<i64>,
    drag: Option<Drag>,
    /// The pipelines are offered in a box.
    choosing: bool,
    /// Opened with a filter: the kept one does not count.
    is_given: bool,
    shown: bool,
}

impl Board {
    /// The board, or the table, as this person left it.
    pub fn new(ui: &Ui) -> Self {
        let mut list = List::new(DEAL, ui);
        list.lend();
        Self::with(list, ui)
    }

    /// With a filter, whatever was there before; board or table as this person likes it.
    pub fn filtered(filter: &str, ui: &Ui) -> Self {
        let mut list = List::filtered(DEAL, filter, ui);
        list.lend();
        Self { is_given: true, ..Self::with(list, ui) }
    }

    fn with(list: List, ui: &Ui) -> Self {
        Self {
            list,
            pipeline: None,
            pipelines: Vec::new(),
            stages: Vec::new(),
            stage_kind: Self::stages_declared(ui),
            columns: Vec::new(),
            at: 0,
            left: 0,
            wanted: None,
            restoring: None,
            heads: Latest::default(),
            error: None,
            live: live::Live::default(),
            moved: HashMap::new(),
            fresh: HashSet::new(),
            drag: None,
            choosing: false,
            is_given: false,
            shown: false,
        }
    }

    fn is_table(&self) -> bool {
        !self.list.is_lent()
    }

    /// What board and table show: view and filter.
    fn query(&self) -> Query {
        self.list.shown_query()
    }

    fn selected(&self) -> Option<&Record> {
        self.columns.get(self.at)?.rows.selected().map(|row| &row.record)
    }

    fn column_of(&self, id: i64) -> Option<usize> {
        self.columns.iter().position(|c| c.rows.place(id).is_some())
    }

    /// Keeps the cursor's column and card in sight, and tells the list which card that is.
    fn follow(&mut self, ui: &Ui) {
        let height = self.height(ui);
        self.at = self.at.min(self.columns.len().saturating_sub(1));
        let shown = view::fitting(ui.width, self.columns.len());
        self.left = self.left.min(self.columns.len().saturating_sub(shown)).min(self.at);
        if self.at >= self.left + shown {
            self.left = self.at + 1 - shown;
        }
        for column in &mut self.columns {
            column.rows.follow(height);
        }
        let record = self.columns.get(self.at).and_then(|c| c.rows.selected()).map(|row| &row.record);
        self.list.point_at(record);
    }

    /// Lets the list do something to the card that the cursor is on, and hears what came of it.
    fn delegate<T>(&mut self, ui: &Ui, out: &mut Out, act: impl FnOnce(&mut List, &mut Out) -> T) -> T {
        self.follow(ui);
        if self.list.has_marks() {
            let ids: BTreeSet<i64> =
                self.columns.iter().flat_map(|c| c.rows.all.iter().map(|row| row.record.id)).collect();
            self.say_what_is_there(ids);
        }
        let done = act(&mut self.list, out);
        self.hear(ui, out);
        done
    }

    fn say_what_is_there(&mut self, ids: BTreeSet<i64>) {
        let Some(pipeline) = self.pipeline else { return };
        let narrow = desk::Board::whole(&Query::default(), pipeline).filter;
        let count = self.columns.iter().map(|c| c.deals).sum();
        self.list.say_what_is_there(narrow, count, ids);
    }

    fn hear(&mut self, ui: &Ui, out: &mut Out) {
        for heard in self.list.heard_by_host() {
            match heard {
                Heard::Reload => self.reload(ui, out),
                Heard::Touched(ids) => self.look_at(ids.into_iter().map(|id| (id, true)).collect(), out),
                Heard::Saved(id) => self.want(id, out),
                Heard::Began(ids, action) => self.began(&ids, &action, ui),
                Heard::Failed(ids) => {
                    self.failed(&ids, ui);
                    self.look_at(ids.into_iter().map(|id| (id, true)).collect(), out);
                }
            }
        }
        self.follow(ui);
        self.load_in_sight(ui, out);
    }

    /// Moves within a column; the greyed card that the cursor leaves goes.
    fn step(&mut self, by: isize, column: usize, ui: &Ui, out: &mut Out) {
        let (height, query) = (self.height(ui), self.query());
        let Some(column) = self.columns.get_mut(column) else { return };
        let before = column.rows.id();
        column.rows.step(by, height);
        if let Some(id) = before {
            if column.rows.id() == before {
                column.rows.drop_gone();
            } else {
                column.rows.leave(id);
            }
        }
        column.fetch_ahead(&query, height, out);
        self.follow(ui);
    }

    /// To another column, on the same line.
    fn step_column(&mut self, by: isize, ui: &Ui, out: &mut Out) {
        let Some(to) = self.at.checked_add_signed(by).filter(|to| *to < self.columns.len()) else { return };
        let rows = &self.columns[self.at].rows;
        let line = rows.at.saturating_sub(rows.top);
        // A greyed card goes when the cursor leaves it.
        self.columns[self.at].rows.drop_gone();
        self.at = to;
        let height = self.height(ui);
        let rows = &mut self.columns[to].rows;
        let by = (rows.top + line) as isize - rows.at as isize;
        rows.step(by, height);
        self.follow(ui);
        self.load_in_sight(ui, out);
    }

    fn command(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        let (height, query) = (self.height(ui), self.query());
        match cmd {
            Cmd::Down => self.step(1, self.at, ui, out),
            Cmd::Up => self.step(-1, self.at, ui, out),
            Cmd::PageDown | Cmd::PageUp => {
                let pages = if cmd == Cmd::PageDown { 1 } else { -1 };
                if let Some(column) = self.columns.get_mut(self.at) {
                    column.rows.turn(pages, height);
                    column.fetch_ahead(&query, height, out);
                }
                self.follow(ui);
            }
            Cmd::Top => match self.columns.get_mut(self.at) {
                Some(column) if column.rows.more_above => column.load(&query, out),
                _ => self.step(isize::MIN / 2, self.at, ui, out),
            },
            Cmd::Bottom => match self.columns.get_mut(self.at) {
                Some(column) if column.rows.more_below => {
                    column.rows.at = column.rows.all.len().saturating_sub(1);
                    column.load_end(&query, out);
                }
                _ => self.step(isize::MAX / 2, self.at, ui, out),
            },
            Cmd::BoardLeft | Cmd::Left => self.step_column(-1, ui, out),
            Cmd::BoardRight | Cmd::Right | Cmd::NextPane => self.step_column(1, ui, out),
            Cmd::CardBack => self.move_by(-1, ui, out),
            Cmd::CardOn => self.move_by(1, ui, out),
            Cmd::BoardTable => self.show_table(ui, out),
            Cmd::Pipelines => self.choose_pipeline(ui, out),
            Cmd::Open => {
                if let Some(record) = self.selected() {
                    out.push_box(screens::known_record(record, ui));
                }
            }
            Cmd::New => {
                if let Some(form) = screens::form_new(DEAL, &self.given(), ui) {
                    out.push_box(form);
                }
            }
            Cmd::Mark => {
                if let Some(id) = self.selected().map(|r| r.id) {
                    if !self.list.toggle_mark(id) {
                        return out.say(crate::tui::effect::Tone::Info, ui.t("marked-all-hint"));
                    }
                    self.step(1, self.at, ui, out);
                }
            }
            Cmd::MarkRange => self.mark_range(),
            Cmd::Plain => out.push(Plain::new(self.plain(ui))),
            Cmd::Redraw => self.refresh(ui, out),
            Cmd::Back if !self.list.backs_out() => out.close(),
            Cmd::Columns => {}
            cmd => self.delegate(ui, out, |list, out| list.run(cmd, ui, out)),
        }
    }

    /// What a new deal of this column begins with.
    fn given(&self) -> Vec<(String, Value)> {
        let to = |record: &Record, title: &str| Value::Ref(Ref { id: record.id, label: title.to_owned() });
        let mut given = Vec::new();
        if let Some(column) = self.columns.get(self.at) {
            given.push(("stage".to_owned(), to(&column.stage, column.stage.title(&self.stage_kind))));
        }
        if let Some(pipeline) = self.pipelines.iter().find(|p| Some(p.id) == self.pipeline) {
            let title = pipeline.values.iter().find_map(Value::as_str).unwrap_or_default();
            given.push(("pipeline".to_owned(), to(pipeline, title)));
        }
        given
    }

    /// From the last mark to the cursor, within this column's cards at hand.
    fn mark_range(&mut self) {
        let Some(column) = self.columns.get(self.at) else { return };
        let here = column.rows.at;
        let from = self.list.last_marked().and_then(|id| column.rows.place(id)).unwrap_or(here);
        let (a, b) = (from.min(here), from.max(here));
        let ids: Vec<i64> = column.rows.all.iter().skip(a).take(b + 1 - a).map(|row| row.record.id).collect();
        self.list.mark_all_of(ids);
    }

    fn show_table(&mut self, ui: &Ui, out: &mut Out) {
        self.follow(ui);
        // Answers on their way to the board go to the list from now on.
        self.heads.forget();
        (self.columns, self.live, self.drag) = (Vec::new(), live::Live::default(), None);
        self.moved.clear();
        self.fresh.clear();
        self.list.take_back(ui, out);
    }

    fn show_board(&mut self, ui: &Ui, out: &mut Out) {
        let record = self.list.what_is_at_hand().record;
        self.list.lend();
        self.wanted = None;
        self.reload(ui, out);
        if let Some(id) = record {
            self.want(id, out);
        }
    }

    fn choose_pipeline(&mut self, ui: &Ui, out: &mut Out) {
        if self.pipelines.len() < 2 {
            return out.say(crate::tui::effect::Tone::Info, ui.t("board-one-pipeline"));
        }
        let items = self.pipelines.iter().map(|p| Item::of(p, &ui.registry)).collect();
        let current = self.pipelines.iter().position(|p| Some(p.id) == self.pipeline);
        self.choosing = true;
        out.push(Chooser::new(ui.registry.kind(PIPELINE).one.get(ui.lang()), items, current));
    }

    fn replied(&mut self, reply: Reply, ui: &Ui, out: &mut Out) {
        if std::mem::take(&mut self.choosing)
            && let Reply::Chosen(at) = reply
        {
            if let Some(pipeline) = self.pipelines.get(at).map(|p| p.id).filter(|id| Some(*id) != self.pipeline) {
                self.pipeline = Some(pipeline);
                (self.columns, self.at, self.left) = (Vec::new(), 0, 0);
                self.reload(ui, out);
            }
            return;
        }
        self.delegate(ui, out, |list, out| list.update(LayerMsg::Reply(reply), ui, out));
    }
}

impl Layer for Board {
    fn scopes(&self) -> &'static [Scope] {
        let of_list = self.list.scopes_of();
        if of_list.first() != Some(&Scope::List) {
            return of_list;
        }
        if self.is_table() {
            &[Scope::Table, Scope::List, Scope::Main, Scope::Everywhere]
        } else {
            &[Scope::Board, Scope::List, Scope::Main, Scope::Everywhere]
        }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        if self.is_table() {
            return match msg {
                LayerMsg::Command(Cmd::TableBoard) => self.show_board(ui, out),
                msg => self.list.update(msg, ui, out),
            };
        }
        match msg {
            LayerMsg::Shown { stale } => self.come_up(stale, ui, out),
            LayerMsg::Command(cmd) if self.list.is_typing() => {
                self.delegate(ui, out, |list, out| list.run(cmd, ui, out));
            }
            LayerMsg::Command(cmd) => {
                self.pressed(ui, out);
                self.command(cmd, ui, out);
            }
            LayerMsg::Answer(ask, answer) => self.answered(ask, answer, ui, out),
            LayerMsg::Wake(ask) => {
                if !self.woken(ask, ui, out) {
                    self.delegate(ui, out, |list, out| list.update(LayerMsg::Wake(ask), ui, out));
                }
            }
            LayerMsg::Reply(reply) => self.replied(reply, ui, out),
            LayerMsg::News(news) => self.heard(&news, ui, out),
            LayerMsg::Mouse(mouse, _) => {
                self.pressed(ui, out);
                self.mouse(mouse, ui, out);
            }
            // What was taken back comes as news.
            LayerMsg::Undid { .. } | LayerMsg::Share(_) => {}
        }
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        if self.is_table() {
            return self.list.typed(key, ui, out);
        }
        self.drag = None;
        self.delegate(ui, out, |list, out| list.typed(key, ui, out))
    }

    fn paste(&mut self, text: &str, ui: &Ui, out: &mut Out) -> bool {
        if self.is_table() {
            return self.list.paste(text, ui, out);
        }
        self.delegate(ui, out, |list, out| list.paste(text, ui, out))
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        if self.is_table() { self.list.view(frame, area, ui) } else { self.draw(frame, area, ui) }
    }

    fn spoken(&self, rows: usize, ui: &Ui) -> Option<Spoken> {
        if self.is_table() { self.list.spoken(rows, ui) } else { self.say(rows, ui) }
    }

    fn subject(&self) -> Subject {
        let mut subject = self.list.what_is_at_hand();
        if !self.is_table() {
            subject.record = self.selected().map(|r| r.id);
        }
        subject
    }

    fn awaits(&self) -> Awaits {
        if self.is_table() || self.list.is_typing() {
            return self.list.awaits();
        }
        let is_loading = || self.columns.get(self.at).map_or(self.heads.is_busy(), Column::is_loading);
        match self.list.awaits() {
            Awaits::Box => Awaits::Box,
            _ if self.restoring.is_some() || is_loading() => Awaits::Content,
            other => other,
        }
    }

    fn shows(&self, kind: KindId, id: i64) -> bool {
        if self.is_table() { self.list.shows(kind, id) } else { kind == DEAL && self.column_of(id).is_some() }
    }

    fn drags(&self) -> bool {
        !self.is_table() && self.drag.is_some()
    }

    fn is_unsaved(&self) -> bool {
        self.list.is_unsaved()
    }

    fn attends(&self) -> Option<(KindId, i64, bool)> {
        self.list.attends()
    }

    fn position(&self) -> Option<(String, serde_json::Value)> {
        if self.restoring.is_some() || !self.shown {
            return None;
        }
        let (key, mut kept) = self.list.keeps();
        let stage = self.columns.get(self.at).map(|c| c.stage.id);
        kept["board"] = serde_json::json!({ "table": self.is_table(), "pipeline": self.pipeline, "stage": stage });
        Some((key, kept))
    }
}

//! Asking for heads and cards: the position as kept, the columns in sight, everything anew.

use super::Board;
use super::column::Column;
use super::view;
use crate::desk;
use crate::tui::effect::{Answer, Ask, Out, Question};
use crate::tui::ui::Ui;

impl Board {
    /// On top again: the first time the kept position is asked for, later the cards only when they may be stale.
    pub(super) fn come_up(&mut self, stale: bool, ui: &Ui, out: &mut Out) {
        if !self.shown {
            self.shown = true;
            let (key, _) = self.list.keeps();
            self.restoring = Some(out.ask(Question::Setting { key }));
        } else if self.restoring.is_none() && stale {
            self.refresh(ui, out);
        }
        self.follow(ui);
        self.load_in_sight(ui, out);
    }

    fn restored(&mut self, answer: Answer, ui: &Ui, out: &mut Out) {
        let kept = if let Answer::Json(Ok(kept)) = answer { kept } else { None };
        if let Some(kept) = kept {
            let board = kept.get("board").cloned().unwrap_or_default();
            self.pipeline = board.get("pipeline").and_then(serde_json::Value::as_i64);
            if !self.is_given {
                self.list.restore_from(&kept, ui, out);
                let card = kept.get("cursor").and_then(serde_json::Value::as_i64);
                self.wanted = board.get("stage").and_then(serde_json::Value::as_i64).map(|stage| (stage, card));
            }
            if board.get("table").and_then(serde_json::Value::as_bool) == Some(true) {
                return self.list.resume(Some(&kept).filter(|_| !self.is_given), ui, out);
            }
        }
        // What the list wants read is read now.
        self.list.heard_by_host();
        self.reload(ui, out);
    }

    /// Everything anew from the first cards on, the old ones staying until the new ones are here.
    pub(super) fn reload(&mut self, ui: &Ui, out: &mut Out) {
        for column in &mut self.columns {
            column.is_stale = true;
            column.from_start = true;
            (column.rows.at, column.rows.top) = (0, 0);
        }
        self.ask_heads(out);
        self.load_in_sight(ui, out);
    }

    /// The cards around the cursors anew, and the sums.
    pub(super) fn refresh(&mut self, ui: &Ui, out: &mut Out) {
        for column in &mut self.columns {
            column.is_stale = true;
        }
        self.ask_heads(out);
        self.take_waiting(ui, out);
    }

    pub(super) fn ask_heads(&mut self, out: &mut Out) {
        self.heads.ask(Question::Board { pipeline: self.pipeline, query: self.query() }, out);
    }

    /// Reads the cards of the columns on the screen that have none yet, or old ones.
    pub(super) fn load_in_sight(&mut self, ui: &Ui, out: &mut Out) {
        if self.restoring.is_some() {
            return;
        }
        let (query, height) = (self.query(), self.height(ui));
        let shown = view::fitting(ui.width, self.columns.len());
        for column in self.columns.iter_mut().skip(self.left).take(shown).filter(|c| c.is_stale) {
            if column.from_start {
                column.load(&query, out);
            } else {
                column.refresh(&query, out);
            }
            column.fetch_ahead(&query, height, out);
        }
    }

    pub(super) fn answered(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) {
        if self.restoring == Some(ask) {
            self.restoring = None;
            return self.restored(answer, ui, out);
        }
        let answer = match answer {
            Answer::Board(board) => {
                if self.heads.take(ask, out) {
                    match board {
                        Ok(board) => self.headed(board, ui, out),
                        Err(e) => self.error = Some(e.to_string()),
                    }
                }
                return;
            }
            Answer::Page(page) => {
                let (query, height, at) = (self.query(), self.height(ui), self.at);
                let mut page = Some(page);
                for (i, column) in self.columns.iter_mut().enumerate() {
                    if column.answered(ask, &mut page, &query, height, out) {
                        if i == at {
                            self.find_wanted(out);
                        }
                        break;
                    }
                }
                self.follow(ui);
                match page {
                    Some(page) => Answer::Page(page),
                    None => return,
                }
            }
            answer => match self.live_answer(ask, answer, ui, out) {
                Some(answer) => answer,
                None => return,
            },
        };
        self.delegate(ui, out, |list, out| list.take(ask, answer, ui, out));
    }

    /// The card where the cursor was last time: on the first page, or wherever it is now.
    fn find_wanted(&mut self, out: &mut Out) {
        let Some((_, Some(id))) = self.wanted.take() else { return };
        let rows = &mut self.columns[self.at].rows;
        match rows.place(id) {
            Some(at) => rows.at = at,
            None => self.want(id, out),
        }
    }

    /// The heads came: columns keep their cards as long as their stage is the same.
    fn headed(&mut self, board: desk::Board, ui: &Ui, out: &mut Out) {
        self.error = None;
        let is_first = self.columns.is_empty();
        let stage = self.columns.get(self.at).map(|c| c.stage.id).or(self.wanted.map(|(stage, _)| stage));
        self.pipeline = Some(board.pipeline);
        self.pipelines = board.pipelines;
        self.stages = board.stages;
        let mut old: Vec<Column> = std::mem::take(&mut self.columns);
        for column in board.columns {
            match old.iter().position(|c| c.stage.id == column.stage.id) {
                Some(at) => {
                    let mut kept = old.remove(at);
                    (kept.stage, kept.deals, kept.sums) = (column.stage, column.deals, column.sums);
                    self.columns.push(kept);
                }
                None => self.columns.push(Column::new(column)),
            }
        }
        if let Some(at) = stage.and_then(|id| self.columns.iter().position(|c| c.stage.id == id)) {
            self.at = at;
        }
        if is_first
            && self.wanted.is_none_or(|(stage, _)| self.columns.get(self.at).is_none_or(|c| c.stage.id != stage))
        {
            self.wanted = None;
        }
        let ids = std::collections::BTreeSet::new();
        self.say_what_is_there(ids);
        self.follow(ui);
        self.load_in_sight(ui, out);
        self.look(out);
    }
}

//! Live without disturbing: cards change in place and say where others moved them; cards that come, go or change their
//! column wait for rest, unless it was me. The cursor stays.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Board;
use crate::desk::{self, Looked, News};
use crate::domain::kind::{DEAL, PIPELINE, STAGE};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::effect::{Answer, Ask, Out, Question};
use crate::tui::ui::Ui;

/// So long without a key is rest.
pub(super) const REST: Duration = Duration::from_secs(2);
/// Sums are read anew no more often than this.
const HEADS: Duration = Duration::from_millis(250);
/// How long a changed value is lit.
const LIT: Duration = Duration::from_millis(1500);
/// More touched deals than this at once are not looked at one by one.
const MANY: usize = 300;

#[derive(Default)]
pub(super) struct Live {
    /// Touched deals not yet looked at, and whether it was this person.
    touched: BTreeMap<i64, bool>,
    looking: Option<(Ask, BTreeMap<i64, bool>)>,
    last_key: Option<DateTime<Utc>>,
    resting: Option<Ask>,
    heads_wake: Option<Ask>,
    fresh_wake: Option<Ask>,
    /// A card that a form saved: the cursor goes to it when it is read.
    wanted: Option<i64>,
}

impl Board {
    pub(super) fn heard(&mut self, news: &News, ui: &Ui, out: &mut Out) {
        match news {
            News::Touched(all) => {
                let me = Some(ui.cx.viewer.me.id);
                let deals = all.iter().filter(|t| t.kind == DEAL).map(|t| (t.record, t.by == me));
                self.look_at(deals.collect::<Vec<_>>(), out);
                if all.iter().any(|t| t.kind == STAGE || t.kind == PIPELINE) {
                    self.heads_soon(out);
                }
            }
            News::Resync | News::Line(true) => {
                self.live.touched.clear();
                self.refresh(ui, out);
            }
            News::Presence | News::Seats | News::Notices(_) | News::Registry | News::Line(false) => {}
        }
    }

    /// A key was pressed: rest begins again.
    pub(super) fn pressed(&mut self, ui: &Ui, out: &mut Out) {
        self.live.last_key = Some(ui.now);
        if self.has_waiting() {
            out.rewake(&mut self.live.resting, REST);
        }
    }

    fn is_at_rest(&self, ui: &Ui) -> bool {
        self.live.last_key.is_none_or(|at| (ui.now - at).to_std().is_ok_and(|quiet| quiet >= REST))
    }

    fn has_waiting(&self) -> bool {
        self.columns.iter().any(|c| !c.waiting.is_empty() || c.is_unsorted || c.rows.all.iter().any(|row| row.gone))
    }

    /// The sums anew, soon: many changes in a row are one question.
    pub(super) fn heads_soon(&mut self, out: &mut Out) {
        if self.live.heads_wake.is_none() {
            self.live.heads_wake = Some(out.wake(HEADS));
        }
    }

    /// The cursor goes to this deal when it is read.
    pub(super) fn want(&mut self, id: i64, out: &mut Out) {
        self.live.wanted = Some(id);
        self.look_at(vec![(id, true)], out);
    }

    /// These deals were changed, by me or another.
    pub(super) fn look_at(&mut self, ids: Vec<(i64, bool)>, out: &mut Out) {
        for (id, mine) in ids {
            *self.live.touched.entry(id).or_default() |= mine;
        }
        self.look(out);
    }

    /// Looks at the touched deals, one round at a time.
    pub(super) fn look(&mut self, out: &mut Out) {
        let live = &mut self.live;
        let (Some(pipeline), None) = (self.pipeline, &live.looking) else { return };
        if live.touched.is_empty() || self.columns.is_empty() {
            return;
        }
        let touched = std::mem::take(&mut live.touched);
        self.heads_soon(out);
        if touched.len() > MANY {
            for column in &mut self.columns {
                column.is_stale = true;
            }
            out.rewake(&mut self.live.resting, REST);
            return;
        }
        let ids: Vec<i64> = touched.keys().copied().collect();
        let query = desk::Board::whole(&self.query(), pipeline);
        let is_own = touched.values().any(|mine| *mine);
        self.live.looking = Some((out.ask(Question::Look { kind: DEAL, query, ids, is_own }), touched));
    }

    /// Takes a live answer in; gives back what was not for here.
    pub(super) fn live_answer(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) -> Option<Answer> {
        match answer {
            Answer::Looked(looked) if self.live.looking.as_ref().is_some_and(|(asked, _)| *asked == ask) => {
                let (_, touched) = self.live.looking.take().unwrap_or_default();
                self.looked(touched, looked.unwrap_or_default(), ui, out);
                self.look(out);
                None
            }
            answer => Some(answer),
        }
    }

    /// What was touched is known: cards change, go, and come.
    fn looked(&mut self, touched: BTreeMap<i64, bool>, looked: Looked, ui: &Ui, out: &mut Out) {
        let kind = ui.registry.kind(DEAL);
        let Looked { mut records, matching, is_by_another } = looked;
        if is_by_another {
            for record in &mut records {
                let mut rows = self.columns.iter().map(|column| &column.rows);
                if let Some(was) = rows.find_map(|rows| Some(&rows.all[rows.place(record.id)?].record)) {
                    record.keep_watched(kind, was);
                }
            }
        }
        let at_rest = self.is_at_rest(ui);
        let before = self.fresh.len();
        for (id, mine) in touched {
            // Moved again meanwhile: its own answer says where it is.
            if self.list.acts_on(id) {
                continue;
            }
            let record = records.iter().find(|r| r.id == id);
            let stage = record.filter(|_| matching.contains(&id)).and_then(|r| r.get(kind, "stage").as_id());
            let home = stage.and_then(|stage| self.columns.iter().position(|c| c.stage.id == stage));
            let here = self.column_of(id);
            let wanted = self.live.wanted.take_if(|wanted| *wanted == id).is_some();
            let is_selected = self.selected().is_some_and(|r| r.id == id);
            // What I did shows at once; what others did to the card I am on never pulls it away.
            let at_once = mine || at_rest && !is_selected;
            if mine || home == here {
                self.moved.remove(&id);
            }
            match (here, home, record) {
                (Some(here), Some(home), Some(record)) if here == home => self.changed(here, record, ui),
                (here, Some(home), Some(record)) if at_once || wanted => {
                    if let Some(here) = here {
                        self.columns[here].remove(id);
                    }
                    self.take_in(home, record.clone(), wanted || is_selected && mine, ui);
                }
                (Some(here), home, record) => {
                    if at_once && home.is_none() {
                        self.columns[here].remove(id);
                    } else if let Some(record) = record {
                        self.changed(here, record, ui);
                        self.grey(here, id);
                    } else {
                        self.grey(here, id);
                    }
                    if let Some(home) = home {
                        self.columns[home].waiting.insert(id);
                    }
                }
                (None, Some(home), _) => {
                    self.columns[home].waiting.insert(id);
                }
                (None, None, _) => {
                    for column in &mut self.columns {
                        column.waiting.remove(&id);
                    }
                }
            }
        }
        if self.fresh.len() > before {
            out.rewake(&mut self.live.fresh_wake, LIT);
        }
        if self.has_waiting() {
            out.rewake(&mut self.live.resting, REST);
        }
        self.follow(ui);
        self.load_in_sight(ui, out);
    }

    fn grey(&mut self, column: usize, id: i64) {
        let rows = &mut self.columns[column].rows;
        if let Some(at) = rows.place(id) {
            rows.all[at].gone = true;
        }
    }

    /// New values in place, lit for a moment where they differ.
    fn changed(&mut self, column: usize, record: &Record, ui: &Ui) {
        let kind = ui.registry.kind(DEAL);
        let order = self.list.sorted_by(ui);
        let column = &mut self.columns[column];
        let rows = &mut column.rows;
        let Some(at) = rows.place(record.id) else { return };
        let old = &mut rows.all[at];
        old.gone = false;
        let differs = old.record.values.iter().zip(&record.values).any(|(was, now)| {
            // Spans such as ages differ at every reading.
            was != now && !matches!(now, Value::Seconds(_) | Value::Instant(_))
        });
        if differs {
            self.fresh.insert(record.id);
        }
        column.is_unsorted |= order.iter().any(|s| old.record.get(kind, &s.field) != record.get(kind, &s.field));
        old.record = record.clone();
    }

    /// A timer rang; true when it was the board's.
    pub(super) fn woken(&mut self, ask: Ask, ui: &Ui, out: &mut Out) -> bool {
        if self.live.heads_wake == Some(ask) {
            self.live.heads_wake = None;
            self.ask_heads(out);
            return true;
        }
        if self.live.fresh_wake == Some(ask) {
            self.live.fresh_wake = None;
            self.fresh.clear();
            return true;
        }
        if self.live.resting == Some(ask) {
            self.live.resting = None;
            self.take_waiting(ui, out);
            return true;
        }
        false
    }

    /// Columns with something waiting are read around their cursors; greyed cards go, but for the one I am on.
    pub(super) fn take_waiting(&mut self, ui: &Ui, out: &mut Out) {
        let at = self.at;
        for (i, column) in self.columns.iter_mut().enumerate() {
            let selected = if i == at { column.rows.id() } else { None };
            let gone: Vec<i64> = column
                .rows
                .all
                .iter()
                .filter(|r| r.gone)
                .map(|r| r.record.id)
                .filter(|id| Some(*id) != selected)
                .collect();
            for id in &gone {
                column.remove(*id);
            }
            column.is_stale |= !column.waiting.is_empty() || column.is_unsorted;
        }
        self.follow(ui);
        self.load_in_sight(ui, out);
    }
}

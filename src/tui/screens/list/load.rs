//! Asking for records: the position as kept, pages on from the window, the window read anew around the cursor, counts.

use std::time::Duration;

use serde_json::json;

use super::groups::Grouping;
use super::host;
use super::rows::PAGE;
use super::{List, View};
use crate::desk::{self, From, Page};
use crate::domain::query::{Query, Sort};
use crate::domain::record::Record;
use crate::tui::effect::{Answer, Ask, Out, Question};
use crate::tui::ui::Ui;

/// Loading that takes longer than this is shown.
const SLOW: Duration = Duration::from_millis(150);

/// The window being read anew: both halves must have come.
pub(super) struct Around {
    /// The row that the halves lie before and behind; the cursor may have moved on since.
    anchor: i64,
    before: (Ask, Option<Page>),
    after: (Ask, Option<Page>),
}

/// Where the cursor goes when the rows asked for are here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Heading {
    /// It stays on its row.
    #[default]
    Nowhere,
    Start,
    End,
}

impl List {
    /// On top again: the first time the kept position is asked for, later the rows only when they may be stale.
    pub(super) fn shown(&mut self, stale: bool, out: &mut Out) {
        if !self.loaded {
            self.loaded = true;
            self.restoring = Some(out.ask(Question::Setting { key: self.key_of_position() }));
        } else if self.restoring.is_none() && self.rows.all.is_empty() && !self.pages.is_busy() {
            self.reload(out);
        } else if stale && self.restoring.is_none() {
            self.refresh(out);
        }
    }

    pub(super) fn key_of_position(&self) -> String {
        format!("list:{}", self.kind)
    }

    pub(super) fn kept_position(&self) -> serde_json::Value {
        json!({
            "view": self.view.id,
            "view_name": self.view.name,
            "view_query": self.view.query,
            "filter": self.filter.applied(),
            "typed": self.filter.typing.then(|| self.filter.text()),
            "sort": self.sort,
            "group": match &self.grouping {
                Grouping::Given => serde_json::Value::Null,
                Grouping::None => json!(false),
                Grouping::By(field) => json!(field),
            },
            "columns": self.columns,
            "own_columns": self.own_columns,
            "cursor": self.record_id(),
        })
    }

    pub(super) fn restore(&mut self, kept: &serde_json::Value, ui: &Ui, out: &mut Out) {
        let part = |name: &str| kept.get(name).cloned().unwrap_or_default();
        // What an older program kept may not be read any more: then the list simply begins anew.
        if let Some(id) = part("view").as_i64() {
            let query = serde_json::from_value::<Query>(part("view_query")).unwrap_or_default();
            self.view = View { id: Some(id), name: part("view_name").as_str().unwrap_or_default().to_owned(), query };
        }
        self.filter.set(part("filter").as_str().unwrap_or_default(), self.kind, ui);
        // What was being typed is back in its line, and Esc takes it away as it would have then.
        if let Some(typed) = part("typed").as_str() {
            self.begin_filter();
            self.filter.set(typed, self.kind, ui);
        }
        self.sort = serde_json::from_value::<Option<Vec<Sort>>>(part("sort")).unwrap_or_default();
        self.grouping = match part("group") {
            serde_json::Value::String(field) => Grouping::By(field),
            serde_json::Value::Bool(false) => Grouping::None,
            _ => Grouping::Given,
        };
        self.columns = serde_json::from_value(part("columns")).unwrap_or_default();
        self.own_columns = serde_json::from_value(part("own_columns")).unwrap_or_default();
        match part("cursor").as_i64() {
            _ if self.host.is_some() => {}
            Some(id) => self.wanted = Some(out.ask(Question::Read { kind: self.kind, ids: vec![id] })),
            None => self.reload(out),
        }
    }

    /// Everything anew from the list's start, the old rows staying until the new ones are here.
    pub(super) fn reload(&mut self, out: &mut Out) {
        if self.tell_host(host::Heard::Reload) {
            return;
        }
        self.page(From::Start, out);
        self.recount(out);
    }

    /// Other rows, or in another order: the cursor goes to the first, whatever row it was on.
    pub(super) fn reload_from_start(&mut self, out: &mut Out) {
        (self.rows.at, self.rows.top) = (0, 0);
        self.reload(out);
        if self.host.is_none() {
            self.heading = Heading::Start;
        }
    }

    fn page(&mut self, from: From, out: &mut Out) {
        (self.below, self.above, self.around) = (None, None, None);
        self.heading = Heading::Nowhere;
        self.live.taken_in();
        self.pages.ask(Question::Page { kind: self.kind, query: self.query(), from, limit: PAGE }, out);
        out.rewake(&mut self.slow_wake, SLOW);
    }

    pub(super) fn recount(&mut self, out: &mut Out) {
        if self.host.is_some() {
            return;
        }
        self.counting.ask(Question::Count { kind: self.kind, query: self.query() }, out);
        self.count_groups(out);
    }

    /// The rows around the cursor anew: what came, moved or left is taken in, the cursor stays where it is.
    pub(super) fn refresh(&mut self, out: &mut Out) {
        if self.tell_host(host::Heard::Reload) {
            return;
        }
        self.live.taken_in();
        let Some(selected) = self.record().cloned() else {
            self.reload(out);
            return;
        };
        let heading = self.heading;
        if heading != Heading::Nowhere {
            // The rows on their way may be older than what made them stale.
            self.page(if heading == Heading::End { From::End } else { From::Start }, out);
            self.heading = heading;
            self.recount(out);
            return;
        }
        (self.below, self.above) = (None, None);
        let half = |from| Question::Page { kind: self.kind, query: self.query(), from, limit: PAGE };
        let anchor = selected.id;
        let before = out.ask(half(From::Before(selected.clone())));
        let after = out.ask(half(From::After(selected)));
        self.around = Some(Around { anchor, before: (before, None), after: (after, None) });
        self.recount(out);
        // Neither half has the selected row itself.
        self.look_at(std::iter::once(anchor), out);
    }

    pub(super) fn go_to_start(&mut self, ui: &Ui, out: &mut Out) {
        if self.rows.more_above {
            self.rows.at = 0;
            self.rows.top = 0;
            self.page(From::Start, out);
            self.heading = Heading::Start;
        } else {
            let height = self.height(ui);
            self.moved(ui, out, |rows| rows.step(isize::MIN / 2, height));
        }
    }

    pub(super) fn go_to_end(&mut self, ui: &Ui, out: &mut Out) {
        if self.rows.more_below {
            self.rows.at = self.rows.all.len().saturating_sub(1);
            self.page(From::End, out);
            self.heading = Heading::End;
        } else {
            let height = self.height(ui);
            self.moved(ui, out, |rows| rows.step(isize::MAX / 2, height));
        }
    }

    /// Asks for the next page before the cursor gets to the window's edge.
    pub(super) fn fetch_ahead(&mut self, ui: &Ui, out: &mut Out) {
        if self.heading != Heading::Nowhere {
            return;
        }
        let ahead = self.height(ui).max(10) * 2;
        let (kind, query, limit) = (self.kind, self.query(), PAGE);
        let near_end = self.rows.at + ahead >= self.rows.all.len();
        if let Some(last) = self.rows.all.last().filter(|_| self.rows.more_below && self.below.is_none() && near_end) {
            let from = From::After(last.record.clone());
            self.below = Some(out.ask(Question::Page { kind, query: query.clone(), from, limit }));
        }
        let near_start = self.rows.at < ahead;
        if let Some(first) =
            self.rows.all.first().filter(|_| self.rows.more_above && self.above.is_none() && near_start)
        {
            let from = From::Before(first.record.clone());
            self.above = Some(out.ask(Question::Page { kind, query, from, limit }));
        }
    }

    /// Takes an answer in; gives back what was not asked here.
    pub(super) fn answered(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) -> Option<Answer> {
        if self.restoring == Some(ask) {
            self.restoring = None;
            match answer {
                Answer::Json(Ok(Some(kept))) => self.restore(&kept, ui, out),
                // Nobody was here yet: the tab begins with the view at place 0, if there is one.
                Answer::Json(Ok(None)) => self.restoring = Some(self.ask_first_view(out)),
                Answer::Page(Ok(page)) if !page.records.is_empty() => self.take_view(&page.records, 1, ui, out),
                _ => self.reload(out),
            }
            return None;
        }
        if self.wanted == Some(ask) {
            self.wanted = None;
            match answer {
                Answer::Records(Ok(records)) if !records.is_empty() => self.begin_at(records, ui, out),
                _ => self.reload(out),
            }
            self.begun_at(ui, out);
            return None;
        }
        let answer = self.worked(ask, answer, ui, out)?;
        let (pages, counting) = (self.pages.is_busy(), self.counting.is_busy());
        match answer {
            Answer::Page(page) if pages && !self.is_part(ask) => {
                if self.pages.take(ask, out) {
                    self.replaced(page, ui, out);
                    None
                } else {
                    // Stale, or not ours: rows beside the list may have asked.
                    self.chosen_page(ask, page, ui, out)
                }
            }
            Answer::Page(page) if self.is_part(ask) => {
                self.part(ask, page, ui, out);
                None
            }
            Answer::Page(page) => self.chosen_page(ask, page, ui, out),
            Answer::Values(values) => {
                if self.filter.asking.take(ask, out) {
                    self.filter.offer_values(&values.unwrap_or_default());
                    return None;
                }
                Some(Answer::Values(values))
            }
            Answer::Groups(counts) => {
                if self.groups.counting.take(ask, out) {
                    self.groups.counted(counts.unwrap_or_default());
                }
                None
            }
            Answer::Count(count) if counting => {
                if self.counting.take(ask, out) {
                    self.count = count.ok();
                }
                None
            }
            answer => {
                let answer = self.live_answer(ask, answer, ui, out)?;
                self.acted(ask, answer, ui, out)
            }
        }
    }

    fn is_part(&self, ask: Ask) -> bool {
        let around = self.around.as_ref().is_some_and(|a| a.before.0 == ask || a.after.0 == ask);
        around || self.below == Some(ask) || self.above == Some(ask)
    }

    /// The whole window came: from the list's start or end.
    fn replaced(&mut self, page: desk::Result<Page>, ui: &Ui, out: &mut Out) {
        self.slow = false;
        let heading = std::mem::take(&mut self.heading);
        match page {
            Ok(page) => {
                self.error = None;
                let at_end = heading == Heading::End;
                if at_end {
                    // Steps back that were taken meanwhile count from the end.
                    let back = self.rows.all.len().saturating_sub(self.rows.at + 1);
                    self.rows.at = page.records.len().saturating_sub(back + 1);
                }
                let height = self.height(ui);
                // On the way to an end the cursor counts its steps from there, whatever row it was on.
                let keep = if heading == Heading::Nowhere { self.rows.id() } else { None };
                let keep = keep.filter(|id| page.records.iter().any(|r| r.id == *id));
                if heading == Heading::Nowhere && keep.is_none() {
                    (self.rows.at, self.rows.top) = (0, 0);
                }
                self.rows.replace(page.records, keep, height);
                let total = self.count.filter(|c| c.exact).map(|c| c.n);
                (self.rows.more_above, self.rows.more_below) =
                    if at_end { (page.more, false) } else { (false, page.more) };
                self.rows.above = if at_end && page.more {
                    total.map(|n| n.saturating_sub(self.rows.all.len() as u64))
                } else {
                    Some(0)
                };
                self.see(ui);
                self.fetch_ahead(ui, out);
                self.side_later(ui, out);
            }
            Err(e) => self.error = Some(e.to_string()),
        }
    }

    /// The window begins around a record that was selected last time.
    pub(super) fn begin_at(&mut self, records: Vec<Record>, ui: &Ui, out: &mut Out) {
        let height = self.height(ui);
        let Some(record) = records.into_iter().next() else { return };
        self.rows.select(record, height);
        self.rows.above = None;
        (self.rows.more_above, self.rows.more_below) = (true, true);
        self.refresh(out);
        self.side_later(ui, out);
    }

    /// One page of several: behind, before, or half of the window read anew.
    fn part(&mut self, ask: Ask, page: desk::Result<Page>, ui: &Ui, out: &mut Out) {
        self.slow = false;
        let page = match page {
            Ok(page) => page,
            Err(e) => {
                self.error = Some(e.to_string());
                (self.below, self.above, self.around) = (None, None, None);
                return;
            }
        };
        self.error = None;
        let height = self.height(ui);
        if self.below == Some(ask) {
            self.below = None;
            self.rows.append(page.records, page.more);
        } else if self.above == Some(ask) {
            self.above = None;
            self.rows.prepend(page.records, page.more, height);
        } else if let Some(mut around) = self.around.take() {
            let half = if around.before.0 == ask { &mut around.before } else { &mut around.after };
            half.1 = Some(page);
            match (around.before, around.after) {
                ((_, Some(before)), (_, Some(after))) => {
                    // Pages asked for meanwhile go on from the old window's ends.
                    (self.below, self.above) = (None, None);
                    let more = (before.more, after.more);
                    if !self.rows.around(around.anchor, before.records, after.records, height) {
                        self.refresh(out);
                        return;
                    }
                    self.rows.above = if more.0 { None } else { Some(0) };
                    (self.rows.more_above, self.rows.more_below) = more;
                }
                (before, after) => self.around = Some(Around { before, after, ..around }),
            }
        }
        self.see(ui);
        self.fetch_ahead(ui, out);
    }

    /// A timer rang; true when it was the list's.
    pub(super) fn woken(&mut self, ask: Ask, ui: &Ui, out: &mut Out) -> bool {
        if self.slow_wake == Some(ask) {
            self.slow_wake = None;
            self.slow = self.pages.is_busy();
            return true;
        }
        if self.fresh_wake == Some(ask) {
            self.fresh_wake = None;
            self.fresh.clear();
            return true;
        }
        if self.live.rested(ask) {
            if self.live.has_waiting() || self.rows.all.iter().any(|r| r.gone && Some(r.record.id) != self.rows.id()) {
                self.refresh(out);
            }
            return true;
        }
        let _ = ui;
        false
    }
}

//! One column: a window on the deals of its stage, read in pages as the cursor nears its edges.

use std::collections::BTreeSet;

use crate::desk::{self, Board, From, Page, Sum};
use crate::domain::kind::DEAL;
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::tui::effect::{Ask, Latest, Out, Question};
use crate::tui::screens::list::rows::{PAGE, Row, Rows};

/// Both halves of a window that is read anew must have come.
struct Around {
    anchor: i64,
    before: (Ask, Option<Page>),
    after: (Ask, Option<Page>),
}

#[expect(clippy::struct_excessive_bools, reason = "independent facts about a window")]
pub(super) struct Column {
    pub(super) stage: Record,
    pub(super) rows: Rows,
    pub(super) deals: u64,
    pub(super) sums: Vec<Sum>,
    /// Deals that would come in.
    pub(super) waiting: BTreeSet<i64>,
    /// The cards are to be read, anew or at all, once the column is in sight.
    pub(super) is_stale: bool,
    /// When they are read, then from the first one on.
    pub(super) from_start: bool,
    /// Cards have been read at all.
    pub(super) is_loaded: bool,
    /// A card changed by which they are sorted; it goes to its place when the person rests.
    pub(super) is_unsorted: bool,
    pub(super) error: Option<String>,
    pages: Latest,
    /// The page on its way is the stage's last one.
    to_end: bool,
    below: Option<Ask>,
    above: Option<Ask>,
    around: Option<Around>,
}

impl Column {
    pub(super) fn new(column: desk::Column) -> Self {
        Self {
            stage: column.stage,
            rows: Rows::default(),
            deals: column.deals,
            sums: column.sums,
            waiting: BTreeSet::new(),
            is_stale: true,
            from_start: true,
            is_loaded: false,
            is_unsorted: false,
            error: None,
            pages: Latest::default(),
            to_end: false,
            below: None,
            above: None,
            around: None,
        }
    }

    /// True while what the keys act on is not here yet.
    pub(super) fn is_loading(&self) -> bool {
        self.pages.is_busy() && !self.to_end
    }

    fn page(&mut self, query: &Query, from: From, out: &mut Out) {
        (self.below, self.above, self.around) = (None, None, None);
        self.to_end = matches!(from, From::End);
        (self.is_stale, self.from_start, self.is_unsorted) = (false, false, false);
        self.waiting.clear();
        let query = Board::column(query, self.stage.id);
        self.pages.ask(Question::Page { kind: DEAL, query, from, limit: PAGE }, out);
    }

    /// From the first card on.
    pub(super) fn load(&mut self, query: &Query, out: &mut Out) {
        self.page(query, From::Start, out);
    }

    pub(super) fn load_end(&mut self, query: &Query, out: &mut Out) {
        self.page(query, From::End, out);
    }

    /// The cards around the cursor anew: what came, moved or left is taken in, the cursor stays where it is.
    pub(super) fn refresh(&mut self, query: &Query, out: &mut Out) {
        let Some(selected) = self.rows.selected().map(|row| row.record.clone()).filter(|_| !self.pages.is_busy())
        else {
            return self.load(query, out);
        };
        (self.below, self.above) = (None, None);
        (self.is_stale, self.is_unsorted) = (false, false);
        self.waiting.clear();
        let query = Board::column(query, self.stage.id);
        let half = |from| Question::Page { kind: DEAL, query: query.clone(), from, limit: PAGE };
        let anchor = selected.id;
        let before = out.ask(half(From::Before(selected.clone())));
        let after = out.ask(half(From::After(selected)));
        self.around = Some(Around { anchor, before: (before, None), after: (after, None) });
    }

    /// Asks for the next page before the cursor gets to the window's edge.
    pub(super) fn fetch_ahead(&mut self, query: &Query, height: usize, out: &mut Out) {
        if self.pages.is_busy() || self.around.is_some() {
            return;
        }
        let ahead = height.max(10) * 2;
        let here = Board::column(query, self.stage.id);
        let mut ask = |from| out.ask(Question::Page { kind: DEAL, query: here.clone(), from, limit: PAGE });
        let rows = &self.rows;
        if rows.more_below
            && self.below.is_none()
            && rows.at.max(rows.top) + ahead >= rows.all.len()
            && let Some(last) = rows.all.last()
        {
            self.below = Some(ask(From::After(last.record.clone())));
        }
        if rows.more_above
            && self.above.is_none()
            && rows.at.min(rows.top) < ahead
            && let Some(first) = rows.all.first()
        {
            self.above = Some(ask(From::Before(first.record.clone())));
        }
    }

    /// Takes a page in that it asked for; what is left is another's. True when the cards are other ones now.
    pub(super) fn answered(
        &mut self,
        ask: Ask,
        page: &mut Option<desk::Result<Page>>,
        query: &Query,
        height: usize,
        out: &mut Out,
    ) -> bool {
        let is_half = self.around.as_ref().is_some_and(|a| a.before.0 == ask || a.after.0 == ask);
        let is_whole = self.pages.take(ask, out);
        if !is_half && !is_whole && self.below != Some(ask) && self.above != Some(ask) {
            return false;
        }
        let page = match page.take() {
            Some(Ok(page)) => page,
            Some(Err(e)) => {
                self.error = Some(e.to_string());
                (self.below, self.above, self.around) = (None, None, None);
                return true;
            }
            None => return false,
        };
        self.error = None;
        if is_whole {
            self.replaced(page, height);
        } else if self.below.take_if(|below| *below == ask).is_some() {
            self.rows.append(page.records, page.more);
        } else if self.above.take_if(|above| *above == ask).is_some() {
            self.rows.prepend(page.records, page.more, height);
        } else if let Some(mut around) = self.around.take() {
            let half = if around.before.0 == ask { &mut around.before } else { &mut around.after };
            half.1 = Some(page);
            match (around.before, around.after) {
                ((_, Some(before)), (_, Some(after))) => {
                    let more = (before.more, after.more);
                    if !self.rows.around(around.anchor, before.records, after.records, height) {
                        self.refresh(query, out);
                        return true;
                    }
                    self.is_loaded = true;
                    self.rows.above = if more.0 { None } else { Some(0) };
                    (self.rows.more_above, self.rows.more_below) = more;
                }
                (before, after) => self.around = Some(Around { before, after, ..around }),
            }
        }
        self.fetch_ahead(query, height, out);
        true
    }

    fn replaced(&mut self, page: Page, height: usize) {
        let to_end = std::mem::take(&mut self.to_end);
        let keep = self.rows.id().filter(|id| !to_end && page.records.iter().any(|r| r.id == *id));
        if to_end {
            // Steps back that were taken meanwhile count from the end.
            let back = self.rows.all.len().saturating_sub(self.rows.at + 1);
            self.rows.at = page.records.len().saturating_sub(back + 1);
        } else if keep.is_none() {
            (self.rows.at, self.rows.top) = (0, 0);
        }
        self.rows.replace(page.records, keep, height);
        (self.rows.more_above, self.rows.more_below) = if to_end { (page.more, false) } else { (false, page.more) };
        self.rows.above = match (to_end, page.more) {
            (true, true) => Some(self.deals.saturating_sub(self.rows.all.len() as u64)),
            _ => Some(0),
        };
        self.is_loaded = true;
    }

    /// Takes a card out; the cursor rests on the following one.
    pub(super) fn remove(&mut self, id: i64) -> Option<(usize, Row)> {
        let at = self.rows.place(id)?;
        let row = self.rows.all.remove(at);
        if at < self.rows.at {
            // The cursor stays on its card and line.
            self.rows.at -= 1;
            self.rows.top = self.rows.top.saturating_sub(1);
        }
        self.rows.at = self.rows.at.min(self.rows.all.len().saturating_sub(1));
        Some((at, row))
    }

    /// Puts a card in at a place.
    pub(super) fn insert(&mut self, record: Record, at: usize) {
        let at = at.min(self.rows.all.len());
        if at <= self.rows.at && !self.rows.all.is_empty() {
            self.rows.at += 1;
            self.rows.top += 1;
        }
        self.rows.all.insert(at, Row { record, gone: false });
    }
}

//! The rows that a list has around its cursor: a window on the whole list, with what lies beyond unknown or at an end.
//! Selection follows the id; the selected row keeps its line on the screen when rows come and go.

use std::collections::BTreeSet;

use crate::domain::record::Record;

/// Rows asked for at once.
pub(in crate::tui::screens) const PAGE: u32 = 100;
/// Rows kept; beyond this the far side is let go.
const KEPT: usize = 600;

#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui::screens) struct Row {
    pub(in crate::tui::screens) record: Record,
    /// No longer belongs here; stays greyed until the person moves on.
    pub(in crate::tui::screens) gone: bool,
}

#[derive(Clone, Debug, Default)]
pub(in crate::tui::screens) struct Rows {
    pub(in crate::tui::screens) all: Vec<Row>,
    pub(in crate::tui::screens) at: usize,
    /// The first row drawn.
    pub(in crate::tui::screens) top: usize,
    pub(in crate::tui::screens) more_above: bool,
    pub(in crate::tui::screens) more_below: bool,
    /// How many rows of the whole list lie above the window, while that is known.
    pub(in crate::tui::screens) above: Option<u64>,
}

impl Rows {
    pub(in crate::tui::screens) fn selected(&self) -> Option<&Row> {
        self.all.get(self.at)
    }

    pub(in crate::tui::screens) fn id(&self) -> Option<i64> {
        self.selected().map(|row| row.record.id)
    }

    pub(in crate::tui::screens) fn place(&self, id: i64) -> Option<usize> {
        self.all.iter().position(|row| row.record.id == id)
    }

    pub(in crate::tui::screens) fn ids(&self) -> BTreeSet<i64> {
        self.all.iter().map(|row| row.record.id).collect()
    }

    /// The selected row's number in the whole list, from 1.
    pub(in crate::tui::screens) fn number(&self) -> Option<u64> {
        self.above.filter(|_| !self.all.is_empty()).map(|n| n + self.at as u64 + 1)
    }

    /// Replaces everything. The cursor goes to `keep` if it is there, else stays at its place.
    pub(in crate::tui::screens) fn replace(&mut self, records: Vec<Record>, keep: Option<i64>, height: usize) {
        let line = self.at.saturating_sub(self.top);
        self.all = records.into_iter().map(|record| Row { record, gone: false }).collect();
        self.at = keep.and_then(|id| self.place(id)).unwrap_or(self.at).min(self.all.len().saturating_sub(1));
        self.top = self.at.saturating_sub(line);
        self.follow(height);
    }

    /// Puts the cursor on a record, taking it in where the cursor is when it is not there yet.
    pub(in crate::tui::screens) fn select(&mut self, record: Record, height: usize) {
        let row = Row { record, gone: false };
        if let Some(place) = self.place(row.record.id) {
            self.at = place;
            self.all[place] = row;
        } else {
            self.at = self.at.min(self.all.len());
            self.all.insert(self.at, row);
        }
        self.follow(height);
    }

    /// Rows behind the last one; the ones far above are let go.
    pub(in crate::tui::screens) fn append(&mut self, records: Vec<Record>, more: bool) {
        let known = self.ids();
        self.all
            .extend(records.into_iter().filter(|r| !known.contains(&r.id)).map(|record| Row { record, gone: false }));
        self.more_below = more;
        let spare = self.all.len().saturating_sub(KEPT).min(self.top);
        if spare > 0 {
            self.all.drain(..spare);
            self.at -= spare;
            self.top -= spare;
            self.more_above = true;
            self.above = self.above.map(|n| n + spare as u64);
        }
    }

    /// Rows before the first one; the ones far below are let go.
    pub(in crate::tui::screens) fn prepend(&mut self, records: Vec<Record>, more: bool, height: usize) {
        let known = self.ids();
        let new: Vec<Row> =
            records.into_iter().filter(|r| !known.contains(&r.id)).map(|record| Row { record, gone: false }).collect();
        let n = new.len();
        self.all.splice(..0, new);
        self.at += n;
        self.top += n;
        self.more_above = more;
        self.above = if more { self.above.map(|a| a.saturating_sub(n as u64)) } else { Some(0) };
        if self.all.len() > KEPT {
            self.all.truncate(KEPT.max(self.top + height + 1).min(self.all.len()));
            self.more_below = true;
        }
    }

    /// Moves the cursor; the view turns by half its height at the edges instead of creeping row by row.
    pub(in crate::tui::screens) fn step(&mut self, by: isize, height: usize) {
        let last = self.all.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
        let turn = (height / 2).max(1);
        if self.at < self.top {
            self.top = (self.at + 1).saturating_sub(turn.max(1)).min(self.at);
        } else if height > 0 && self.at >= self.top + height {
            self.top = self.at.saturating_sub(turn);
        }
        self.follow(height);
    }

    /// A page on or back: the cursor keeps its line where it can.
    pub(in crate::tui::screens) fn turn(&mut self, pages: isize, height: usize) {
        let by = pages * height.saturating_sub(1).max(1) as isize;
        let last = self.all.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
        self.top = self.top.saturating_add_signed(by);
        self.follow(height);
    }

    /// Keeps the cursor in sight and the screen full.
    pub(in crate::tui::screens) fn follow(&mut self, height: usize) {
        let height = height.max(1);
        self.at = self.at.min(self.all.len().saturating_sub(1));
        self.top = self.top.min(self.all.len().saturating_sub(height)).min(self.at);
        if self.at >= self.top + height {
            self.top = self.at + 1 - height;
        }
    }

    /// The rows read anew before and behind `anchor`, which was selected when they were asked for. The cursor stays on
    /// its record and line, wherever it has moved since. False, and nothing changed, when its record is not among
    /// them: then they have to be read around that.
    pub(in crate::tui::screens) fn around(
        &mut self,
        anchor: i64,
        before: Vec<Record>,
        after: Vec<Record>,
        height: usize,
    ) -> bool {
        let line = self.at.saturating_sub(self.top);
        let cursor = self.id();
        // A row that changed its place is where it was found, except under the cursor, where it stays.
        let moved = cursor != Some(anchor) && before.iter().chain(&after).any(|r| r.id == anchor);
        // One that the cursor has left and that went with it does not come back.
        let kept = self.place(anchor).filter(|_| !moved).map(|place| self.all[place].clone());
        let keep = kept.is_some().then_some(anchor);
        let row = |record| Row { record, gone: false };
        let mut rows: Vec<Row> = before.into_iter().filter(|r| Some(r.id) != keep).map(row).collect();
        rows.extend(kept);
        rows.extend(after.into_iter().filter(|r| Some(r.id) != keep).map(row));
        let at = cursor.map_or(Some(0), |id| rows.iter().position(|row| row.record.id == id));
        let Some(at) = at else { return false };
        self.at = at;
        self.all = rows;
        self.top = self.at.saturating_sub(line);
        self.follow(height);
        true
    }

    /// Drops the selected row if it was greyed.
    pub(in crate::tui::screens) fn drop_gone(&mut self) {
        if self.selected().is_some_and(|row| row.gone) {
            self.all.remove(self.at);
            self.at = self.at.min(self.all.len().saturating_sub(1));
        }
    }

    /// The cursor has left `id`: if it was greyed it goes. True when it went.
    pub(in crate::tui::screens) fn leave(&mut self, id: i64) -> bool {
        let Some(place) = self.place(id).filter(|&p| self.all[p].gone && p != self.at) else { return false };
        self.all.remove(place);
        if place < self.at {
            self.at -= 1;
            self.top = self.top.saturating_sub(usize::from(place < self.top));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{CONTACT, Registry};

    fn records(ids: impl IntoIterator<Item = i64>) -> Vec<Record> {
        let registry = Registry::builtin();
        let empty = Record::empty(registry.kind(CONTACT));
        ids.into_iter().map(|id| Record { id, ..empty.clone() }).collect()
    }

    fn rows(ids: impl IntoIterator<Item = i64>) -> Rows {
        let mut rows = Rows { above: Some(0), ..Rows::default() };
        rows.append(records(ids), true);
        rows
    }

    #[test]
    fn the_cursor_stays_on_its_record_and_line() {
        let mut list = rows(1..=50);
        list.step(12, 10);
        let (id, line) = (list.id(), list.at - list.top);
        list.around(13, records([101, 102, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), records(14..=60), 10);
        assert_eq!((list.id(), list.at - list.top), (id, line));
        list.prepend(records(200..=210), false, 10);
        assert_eq!((list.id(), list.at - list.top), (id, line));
        assert_eq!(list.above, Some(0));
    }

    #[test]
    fn rows_read_around_one_row_are_spliced_there_though_the_cursor_moved_on() {
        let mut list = rows(1..=50);
        list.step(9, 10);
        list.step(3, 10);
        let (id, line) = (list.id(), list.at - list.top);
        assert_eq!(id, Some(13));
        assert!(list.around(10, records(1..=9), records(11..=60), 10));
        let ids: Vec<i64> = list.all.iter().map(|row| row.record.id).collect();
        assert_eq!(ids, (1..=60).collect::<Vec<i64>>(), "each row once and in order");
        assert_eq!((list.id(), list.at - list.top), (id, line));
        assert!(!list.around(40, records(30..=39), records(41..=50), 10), "the cursor is not among them");
        assert_eq!((list.id(), list.all.len()), (id, 60));
        assert!(list.around(10, records(1..=9), records([11, 12, 13, 10, 14]), 10), "10 was sorted behind 13");
        assert_eq!(list.place(10), Some(12));
        assert_eq!(list.id(), id);
    }

    #[test]
    fn no_row_is_skipped_when_the_greyed_one_goes() {
        let mut list = rows(1..=5);
        list.step(2, 10);
        list.all[2].gone = true;
        list.step(1, 10);
        assert_eq!(list.id(), Some(4));
        assert!(list.leave(3));
        assert_eq!(list.id(), Some(4));
        assert_eq!(list.all.len(), 4);
        assert!(!list.leave(4), "only greyed rows go");
    }

    #[test]
    fn far_rows_are_let_go_and_counted() {
        let mut list = rows(1..=100);
        for page in 1..9 {
            list.step(1000, 20);
            list.append(records(page * 100 + 1..=page * 100 + 100), true);
        }
        assert!(list.all.len() <= KEPT + 20);
        assert!(list.more_above);
        let number = list.number().unwrap();
        assert_eq!(Some(number as i64), list.id());
    }

    #[test]
    fn moving_in_any_size_keeps_the_cursor_in_sight() {
        for height in [0, 1, 2, 3, 10, 200] {
            let mut list = rows(1..=30);
            for by in [1, 5, -2, 40, -100, 7, 12, -3] {
                list.step(by, height);
                assert!(list.at >= list.top && list.at < list.top + height.max(1), "height {height}");
                list.turn(by.signum(), height);
                assert!(list.at >= list.top && list.at < list.top + height.max(1), "height {height}");
            }
        }
        Rows::default().step(1, 10);
    }
}

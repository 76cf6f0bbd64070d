//! Cards on the move: by key or mouse, at once on the screen, confirmed or put back by the answer.

use std::cmp::Ordering;

use super::Board;
use super::mouse::Drag;
use crate::domain::action::Action;
use crate::domain::kind::{DEAL, Kind, STAGE};
use crate::domain::query::Sort;
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::effect::{Out, Tone};
use crate::tui::ui::Ui;

/// A card that was moved on the screen and not yet in the database.
pub(super) struct Moved {
    /// As it was.
    record: Record,
    stage: i64,
    place: usize,
}

impl Board {
    /// A stage back or on; stops at the first and last open one.
    pub(super) fn move_by(&mut self, by: isize, ui: &Ui, out: &mut Out) {
        let to = self.at.checked_add_signed(by).filter(|to| *to < self.columns.len());
        match to {
            Some(_) if !self.list.has_marks() && self.selected().is_none() => {
                out.say(Tone::Info, ui.t("nothing-selected"));
            }
            Some(to) => self.move_to_column(to, ui, out),
            None if by > 0 => {
                let keys = ui.keymap.key(crate::tui::command::Cmd::Status);
                out.say(Tone::Info, ui.tr("board-last-stage", &[("key", keys.into())]));
            }
            None => out.say(Tone::Info, ui.t("board-first-stage")),
        }
    }

    fn move_to_column(&mut self, to: usize, ui: &Ui, out: &mut Out) {
        let stage = self.columns[to].stage.clone();
        self.delegate(ui, out, |list, out| list.move_deals(&stage, ui, out));
    }

    /// The mouse let go of a card over a column.
    pub(super) fn drop_on(&mut self, drag: &Drag, to: usize, ui: &Ui, out: &mut Out) {
        if self.columns[to].rows.place(drag.id).is_some() || self.selected().is_none_or(|r| r.id != drag.id) {
            return;
        }
        let stage = self.columns[to].stage.clone();
        self.delegate(ui, out, |list, out| list.move_deals(&stage, ui, out));
    }

    /// An action on these is on its way: a card that it moves goes at once, and the cursor with it.
    pub(super) fn began(&mut self, ids: &[i64], action: &Action, ui: &Ui) {
        let ([id], Action::Set { edits }) = (ids, action) else { return };
        let Some(to) = edits.iter().find(|e| e.field == "stage").and_then(|e| e.now.as_id()) else { return };
        let Some(from) = self.column_of(*id) else { return };
        if self.columns[from].stage.id == to {
            return;
        }
        let kind = ui.registry.kind(DEAL);
        let Some((place, row)) = self.columns[from].remove(*id) else { return };
        let stage = self.columns[from].stage.id;
        let mut record = row.record.clone();
        for edit in edits {
            record.set(kind, &edit.field, edit.now.clone());
        }
        // Moved again before the first answer: what is put back is what was there at first.
        self.moved.entry(*id).or_insert(Moved { record: row.record, stage, place });
        self.count(from, &record, kind, -1);
        if let Some(to) = self.columns.iter().position(|c| c.stage.id == to) {
            self.count(to, &record, kind, 1);
            self.take_in(to, record, true, ui);
        }
    }

    /// It was refused: the card is where it was.
    pub(super) fn failed(&mut self, ids: &[i64], ui: &Ui) {
        let kind = ui.registry.kind(DEAL);
        for id in ids {
            let Some(Moved { record, stage, place }) = self.moved.remove(id) else { continue };
            if let Some(at) = self.column_of(*id) {
                self.columns[at].remove(*id);
                self.count(at, &record, kind, -1);
            }
            let Some(back) = self.columns.iter().position(|c| c.stage.id == stage) else { continue };
            self.count(back, &record, kind, 1);
            self.columns[back].insert(record, place);
            self.select(back, *id, ui);
        }
    }

    /// Puts a card into a column where the order wants it; the cursor follows if told to.
    pub(super) fn take_in(&mut self, to: usize, record: Record, follow: bool, ui: &Ui) {
        let kind = ui.registry.kind(DEAL);
        let order = self.list.sorted_by(ui);
        let id = record.id;
        let column = &mut self.columns[to];
        column.waiting.remove(&id);
        column.remove(id);
        let at = column.rows.all.partition_point(|row| compare(&row.record, &record, &order, kind) == Ordering::Less);
        let was_empty = column.rows.all.is_empty();
        // Where it really belongs is known once the cards around it are read.
        column.is_stale |= !column.is_loaded || at == column.rows.all.len() && column.rows.more_below;
        // Around the card, wherever that is.
        column.from_start &= !follow;
        column.insert(record, at);
        if was_empty {
            (column.rows.at, column.rows.top) = (0, 0);
        }
        if follow {
            self.select(to, id, ui);
        }
    }

    /// The cursor goes to a card.
    pub(super) fn select(&mut self, column: usize, id: i64, ui: &Ui) {
        self.at = column;
        let height = self.height(ui);
        let rows = &mut self.columns[column].rows;
        if let Some(at) = rows.place(id) {
            let by = at as isize - rows.at as isize;
            rows.step(by, height);
        }
        self.follow(ui);
    }

    /// The head of a column with one card more or less, until the desk says better.
    fn count(&mut self, column: usize, record: &Record, kind: &Kind, by: i64) {
        let column = &mut self.columns[column];
        column.deals = column.deals.saturating_add_signed(by);
        if kind.field("amount").is_none() {
            return;
        }
        let currency = record.get(kind, "currency").as_str().unwrap_or_default();
        let amount = record.get(kind, "amount").as_decimal().unwrap_or_default();
        let chance = column.stage.get(&self.stage_kind, "probability").as_decimal().unwrap_or_default();
        let sign = rust_decimal::Decimal::from(by);
        if !column.sums.iter().any(|sum| sum.currency == currency) {
            let (deals, zero) = (0, rust_decimal::Decimal::ZERO);
            column.sums.push(crate::desk::Sum { currency: currency.into(), deals, amount: zero, weighted: zero });
        }
        for sum in column.sums.iter_mut().filter(|sum| sum.currency == currency) {
            sum.deals = sum.deals.saturating_add_signed(by);
            sum.amount += sign * amount;
            sum.weighted += sign * amount * chance / rust_decimal::Decimal::ONE_HUNDRED;
        }
        column.sums.retain(|sum| sum.deals > 0);
    }

    /// Where a stage that is no column stands, by name: for cards that went there.
    pub(super) fn stage_name(&self, id: i64) -> Option<&str> {
        self.stages.iter().find(|stage| stage.id == id).map(|stage| stage.title(&self.stage_kind))
    }

    pub(super) fn stages_declared(ui: &Ui) -> Kind {
        ui.registry.kind(STAGE).clone()
    }
}

/// The order of two records in a list sorted so, as near as one can tell without the database: texts are compared by
/// their letters, empty values come last.
fn compare(a: &Record, b: &Record, order: &[Sort], kind: &Kind) -> Ordering {
    let mut descends = false;
    for sort in order {
        let Some(field) = kind.field(&sort.field) else { continue };
        descends = sort.descending;
        let rank = |v: &Value| v.as_str().and_then(|code| field.rank(code));
        let (x, y) = (a.get(kind, &sort.field), b.get(kind, &sort.field));
        let found = match (x, y) {
            (Value::Null, Value::Null) => Ordering::Equal,
            (Value::Null, _) => return Ordering::Greater,
            (_, Value::Null) => return Ordering::Less,
            (Value::Text(x), Value::Text(y)) => x.cmp(y),
            (Value::Choice(_), Value::Choice(_)) => rank(x).cmp(&rank(y)),
            (Value::Day(x), Value::Day(y)) => x.cmp(y),
            (Value::Instant(x), Value::Instant(y)) => x.cmp(y),
            (Value::Ref(x), Value::Ref(y)) => x.label.cmp(&y.label),
            (Value::Seconds(x), Value::Seconds(y)) => x.cmp(y),
            _ => x.as_decimal().cmp(&y.as_decimal()),
        };
        let found = if sort.descending { found.reverse() } else { found };
        if found != Ordering::Equal {
            return found;
        }
    }
    if descends { b.id.cmp(&a.id) } else { a.id.cmp(&b.id) }
}

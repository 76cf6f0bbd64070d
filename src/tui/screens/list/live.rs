//! Live without disturbing: values change in place, rows that come, move or leave wait for rest, the cursor stays.

use std::collections::BTreeSet;
use std::time::Duration;

use super::host::Heard;
use super::{List, set};
use crate::desk::News;
use crate::domain::field::{Field, FieldType};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::effect::{Answer, Ask, Out, Question};
use crate::tui::layer::Reply;
use crate::tui::ui::Ui;

/// Two seconds without a key are rest.
const REST: Duration = Duration::from_secs(2);
/// How long a changed value is lit.
const LIT: Duration = Duration::from_millis(1500);
/// More touched records than this at once are not looked at one by one.
const MANY: usize = 300;

#[derive(Default)]
pub(super) struct Live {
    /// Touched records not yet looked at.
    touched: BTreeSet<i64>,
    /// Something among them was changed here, which the news may not have told yet.
    is_own: bool,
    /// A form has just saved one of the rows: it need not wait for rest.
    saved: Option<i64>,
    looking: Option<(Ask, Vec<i64>)>,
    /// Records that would come in.
    waiting: BTreeSet<i64>,
    /// Something changed the order or more came than was looked at.
    moved: bool,
    resting: Option<Ask>,
}

impl Live {
    /// A key was pressed: rest begins again.
    pub(super) fn rest(&mut self, out: &mut Out) {
        if self.has_waiting() {
            out.rewake(&mut self.resting, REST);
        }
    }

    /// True when the person has rested since the last key.
    pub(super) fn rested(&mut self, ask: Ask) -> bool {
        let rested = self.resting == Some(ask);
        if rested {
            self.resting = None;
        }
        rested
    }

    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty() || self.moved
    }

    /// How many rows wait to come in.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The window is read anew: nothing waits any more.
    pub(super) fn taken_in(&mut self) {
        self.waiting.clear();
        self.moved = false;
        self.resting = None;
    }
}

impl List {
    pub(super) fn heard(&mut self, news: &News, out: &mut Out) {
        match news {
            News::Touched(all) => {
                let kind = self.kind;
                self.touched(all.iter().filter(|t| t.kind == kind).map(|t| t.record), out);
            }
            News::Resync | News::Line(true) => {
                self.live.touched.clear();
                if self.restoring.is_none() {
                    self.refresh(out);
                }
            }
            News::Presence | News::Seats | News::Notices(_) | News::Registry | News::Line(false) => {}
        }
    }

    /// These records were changed from here, or are to be read anew for another reason.
    pub(super) fn look_at(&mut self, ids: impl Iterator<Item = i64>, out: &mut Out) {
        self.live.is_own = true;
        self.touched(ids, out);
    }

    /// These records were changed, by whomever.
    fn touched(&mut self, ids: impl Iterator<Item = i64>, out: &mut Out) {
        if self.host.is_some() {
            self.tell_host(Heard::Touched(ids.collect()));
            return;
        }
        self.live.touched.extend(ids);
        self.look(out);
    }

    /// Looks at the touched records, one round at a time.
    pub(super) fn look(&mut self, out: &mut Out) {
        let live = &mut self.live;
        if live.touched.is_empty() || live.looking.is_some() || self.restoring.is_some() {
            return;
        }
        let ids: Vec<i64> = std::mem::take(&mut live.touched).into_iter().collect();
        if ids.len() > MANY {
            live.moved = true;
            out.rewake(&mut live.resting, REST);
            return;
        }
        let (kind, query, is_own) = (self.kind, self.query(), std::mem::take(&mut self.live.is_own));
        self.live.looking = Some((out.ask(Question::Look { kind, query, ids: ids.clone(), is_own }), ids));
    }

    /// Takes a live answer in; gives back what was not for here.
    pub(super) fn live_answer(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) -> Option<Answer> {
        match answer {
            Answer::Looked(looked) if self.live.looking.as_ref().is_some_and(|(asked, _)| *asked == ask) => {
                let (_, asked) = self.live.looking.take().unwrap_or_default();
                if let Ok(mut looked) = looked {
                    if looked.is_by_another {
                        self.keep_watched(&mut looked.records, ui);
                    }
                    self.changed(looked.records, ui, out);
                    self.checked(&asked, &set(&looked.matching), out);
                    if self.live.saved.take_if(|saved| asked.contains(saved)).is_some() && self.live.moved {
                        self.refresh(out);
                    }
                }
                self.look(out);
                None
            }
            answer => Some(answer),
        }
    }

    fn keep_watched(&self, records: &mut [Record], ui: &Ui) {
        let kind = ui.registry.kind(self.kind);
        for record in records {
            if let Some(place) = self.rows.place(record.id) {
                record.keep_watched(kind, &self.rows.all[place].record);
            }
        }
    }

    /// Greys rows that no longer match; counts those that would come.
    fn checked(&mut self, asked: &[i64], matching: &BTreeSet<i64>, out: &mut Out) {
        let mut is_other = false;
        for id in asked {
            match (self.rows.place(*id), matching.contains(id)) {
                (Some(place), stays) => {
                    let gone = &mut self.rows.all[place].gone;
                    is_other |= *gone == stays;
                    *gone = !stays;
                    self.live.moved |= is_other;
                }
                (None, true) => is_other |= self.live.waiting.insert(*id),
                (None, false) => is_other |= self.live.waiting.remove(id),
            }
        }
        if self.live.has_waiting() {
            out.rewake(&mut self.live.resting, REST);
        }
        // As many as before match when they are the same.
        if is_other {
            self.recount(out);
        }
    }

    /// New values in place, lit for a moment where they differ. What stands at another place of the order now moves
    /// there when the person rests.
    pub(super) fn changed(&mut self, records: Vec<Record>, ui: &Ui, out: &mut Out) {
        let kind = ui.registry.kind(self.kind);
        let group = self.query().group;
        let order: Vec<String> = self.order(ui).into_iter().map(|sort| sort.field).chain(group).collect();
        // Spans such as ages differ at every reading; one that is sorted by may have changed with anything.
        let is_placed_by = |field: &Field| field.ty == FieldType::Span && order.contains(&field.name);
        let moves_with_all = kind.fields.iter().any(is_placed_by);
        for record in records {
            let Some(place) = self.rows.place(record.id) else { continue };
            let old = &mut self.rows.all[place].record;
            for (i, (was, now)) in old.values.iter().zip(&record.values).enumerate() {
                if was != now && !matches!(now, Value::Seconds(_)) {
                    self.fresh.insert((record.id, i));
                    self.live.moved |= moves_with_all || order.contains(&kind.fields[i].name);
                }
            }
            *old = record;
        }
        if !self.fresh.is_empty() {
            out.rewake(&mut self.fresh_wake, LIT);
        }
        if self.live.has_waiting() {
            out.rewake(&mut self.live.resting, REST);
        }
    }

    /// A form above saved a record: show it, selected when it is new.
    pub(super) fn saved(&mut self, reply: &Reply, out: &mut Out) {
        if let Reply::Saved(kind, id) = reply
            && *kind == self.kind
            && !self.tell_host(Heard::Saved(*id))
        {
            if self.rows.place(*id).is_some() {
                self.live.saved = Some(*id);
                self.look_at(std::iter::once(*id), out);
                return;
            }
            self.wanted = Some(out.ask(Question::Read { kind: self.kind, ids: vec![*id] }));
        }
    }
}

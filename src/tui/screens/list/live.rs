//! Live without disturbing: values change in place, rows that come, move or leave wait for rest, the cursor stays.

use std::collections::BTreeSet;
use std::time::Duration;

use super::host::Heard;
use super::{List, set};
use crate::desk::News;
use crate::domain::kind::KindId;
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::effect::{Answer, Ask, Out, Question};
use crate::tui::layer::Reply;

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
    /// Created ones among all touched, to count what waits.
    reading: Option<Ask>,
    checking: Option<(Ask, Vec<i64>)>,
    /// Records that would come in.
    waiting: BTreeSet<i64>,
    /// Something changed the order or more came than was looked at.
    moved: bool,
    resting: Option<Ask>,
}

/// What an answer was for the live part.
pub(super) enum Reread {
    NotOurs(Answer),
    Changed(Vec<Record>),
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

    /// Asks which of these still belong here.
    pub(super) fn check(&mut self, ids: Vec<i64>, kind: KindId, query: Query, out: &mut Out) {
        let ask = out.ask(Question::StillMatch { kind, query, ids: ids.clone() });
        self.checking = Some((ask, ids));
    }
}

impl List {
    pub(super) fn heard(&mut self, news: &News, out: &mut Out) {
        match news {
            News::Touched(all) => {
                let kind = self.kind;
                self.look_at(all.iter().filter(|t| t.kind == kind).map(|t| t.record), out);
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

    /// These records were changed, by whomever.
    pub(super) fn look_at(&mut self, ids: impl Iterator<Item = i64>, out: &mut Out) {
        if self.host.is_some() {
            self.tell_host(Heard::Touched(ids.collect()));
            return;
        }
        self.live.touched.extend(ids);
        self.look(out);
    }

    /// Looks at the touched records, one round at a time.
    fn look(&mut self, out: &mut Out) {
        let live = &mut self.live;
        if live.touched.is_empty() || live.reading.is_some() || live.checking.is_some() || self.restoring.is_some() {
            return;
        }
        let ids: Vec<i64> = std::mem::take(&mut live.touched).into_iter().collect();
        if ids.len() > MANY {
            live.moved = true;
            out.rewake(&mut live.resting, REST);
            return;
        }
        let here: Vec<i64> = ids.iter().copied().filter(|id| self.rows.place(*id).is_some()).collect();
        if !here.is_empty() {
            self.live.reading = Some(out.ask(Question::Read { kind: self.kind, ids: here }));
        }
        let query = self.query();
        self.live.check(ids, self.kind, query, out);
    }

    /// Takes a live answer in; gives back what was not for here.
    pub(super) fn live_answer(&mut self, ask: Ask, answer: Answer, out: &mut Out) -> Option<Reread> {
        match answer {
            Answer::Records(records) if self.live.reading == Some(ask) => {
                self.live.reading = None;
                Some(Reread::Changed(records.unwrap_or_default()))
            }
            Answer::Ids(matching) if self.live.checking.as_ref().is_some_and(|(a, _)| *a == ask) => {
                let (_, asked) = self.live.checking.take().unwrap_or_default();
                if let Ok(matching) = matching {
                    self.checked(&asked, &set(&matching), out);
                }
                self.look(out);
                None
            }
            answer => Some(Reread::NotOurs(answer)),
        }
    }

    /// Greys rows that no longer match; counts those that would come.
    fn checked(&mut self, asked: &[i64], matching: &BTreeSet<i64>, out: &mut Out) {
        let mut moved = false;
        for id in asked {
            match (self.rows.place(*id), matching.contains(id)) {
                (Some(place), stays) => {
                    moved |= self.rows.all[place].gone == stays;
                    self.rows.all[place].gone = !stays;
                }
                (None, true) => {
                    self.live.waiting.insert(*id);
                }
                (None, false) => {
                    self.live.waiting.remove(id);
                }
            }
        }
        self.live.moved |= moved;
        if self.live.has_waiting() {
            out.rewake(&mut self.live.resting, REST);
            self.recount(out);
        }
    }

    /// New values in place, lit for a moment where they differ.
    pub(super) fn changed(&mut self, records: Vec<Record>, out: &mut Out) {
        for record in records {
            let Some(place) = self.rows.place(record.id) else { continue };
            let old = &mut self.rows.all[place].record;
            for (i, (was, now)) in old.values.iter().zip(&record.values).enumerate() {
                // Spans such as ages differ at every reading.
                if was != now && !matches!(now, Value::Seconds(_)) {
                    self.fresh.insert((record.id, i));
                    // The sort may have changed with it; the row moves when the person rests.
                    self.live.moved = true;
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
        self.look(out);
    }

    /// A form above saved a record: show it, selected when it is new.
    pub(super) fn saved(&mut self, reply: &Reply, out: &mut Out) {
        if let Reply::Saved(kind, id) = reply
            && *kind == self.kind
            && !self.tell_host(Heard::Saved(*id))
        {
            self.wanted = Some(out.ask(Question::Read { kind: self.kind, ids: vec![*id] }));
        }
    }
}

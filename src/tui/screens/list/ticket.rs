//! Working through tickets from their list: reply and note, filing, snoozing, the next one pulled or opened.

use serde_json::Value as Json;

use super::List;
use super::acts::{Marks, Pending};
use crate::desk::{self, Outcome};
use crate::domain::action::{Action, Edit, Targets};
use crate::domain::kind::TICKET;
use crate::tui::command::Cmd;
use crate::tui::effect::{Answer, Ask, Out, Question, Tone};
use crate::tui::layer::Reply;
use crate::tui::screens;
use crate::tui::screens::ticket::ADVANCE;
use crate::tui::screens::ticket::file::FileStrip;
use crate::tui::screens::ticket::snooze::Snooze;
use crate::tui::ui::Ui;

/// What is under way.
#[derive(Default)]
pub(super) struct Working {
    /// Filings not yet confirmed: whoever files fast is rows ahead of the database.
    filing: Vec<(Ask, Targets, Action)>,
    pull: Option<Ask>,
    /// Pulled, and opened as soon as its row is here.
    opening: Option<i64>,
    /// Whether the next one opens, asked when one was solved.
    advance: Option<Ask>,
    /// The same, to be switched.
    switching: Option<Ask>,
}

impl Working {
    /// What comes changes what the next keys mean.
    pub(super) fn awaits_box(&self) -> bool {
        self.pull.is_some() || self.advance.is_some() || self.opening.is_some()
    }

    pub(super) fn forget(&mut self) {
        (self.pull, self.advance, self.opening) = (None, None, None);
    }
}

impl List {
    pub(super) fn work(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) {
        if self.kind != TICKET {
            return out.say(Tone::Info, ui.t("tickets-only"));
        }
        match cmd {
            Cmd::Pull => {
                let question = Question::Perform { targets: Targets::None, action: Action::Pull };
                self.working.pull = Some(out.ask(question));
                return;
            }
            Cmd::Advance => {
                self.working.switching = Some(out.ask(Question::Setting { key: ADVANCE.into() }));
                return;
            }
            _ => {}
        }
        let Some(record) = self.record() else { return out.say(Tone::Info, ui.t("nothing-selected")) };
        let of = self.marks.len(self.count.map_or(0, |c| c.n)).max(1);
        match cmd {
            Cmd::Reply => out.push_box(screens::reply(TICKET, record.id, None)),
            Cmd::Note => out.push_box(screens::note(TICKET, record.id)),
            Cmd::File => {
                out.push(FileStrip::new(record, of));
                self.pending = Some(Pending::Edits { moves_on: true });
            }
            Cmd::Snooze => {
                out.push(Snooze::new(record, of));
                self.pending = Some(Pending::Edits { moves_on: false });
            }
            _ => {}
        }
    }

    /// A strip closed: all its fields are set as one operation. One filed ticket leaves the cursor on the next.
    pub(super) fn edited(&mut self, mut edits: Vec<Edit>, moves_on: bool, ui: &Ui, out: &mut Out) {
        if !self.marks.is_empty() {
            // What stood in the row under the cursor does not bind the others.
            for edit in &mut edits {
                edit.was = None;
            }
        }
        let is_one = self.marks.is_empty();
        if !edits.is_empty() {
            let action = Action::Set { edits };
            if moves_on && is_one {
                let targets = self.targets();
                let ask = out.ask(Question::Perform { targets: targets.clone(), action: action.clone() });
                self.working.filing.push((ask, targets, action));
            } else {
                self.start(action, ui, out);
            }
        } else if !moves_on || !is_one {
            out.say(Tone::Info, ui.t("form-unchanged"));
        }
        if moves_on && is_one {
            let height = self.height(ui);
            self.moved(ui, out, |rows| rows.step(1, height));
        }
    }

    /// A layer above closed that the list did not wait for.
    pub(super) fn heard_back(&mut self, reply: &Reply, ui: &Ui, out: &mut Out) {
        match reply {
            Reply::Sent { id, solved } if self.kind == TICKET => {
                self.look_at(std::iter::once(*id), out);
                if *solved {
                    self.ask_to_advance(out);
                }
            }
            Reply::Beside(kind, id, by) if *kind == self.kind => {
                if let Some(place) = self.rows.place(*id) {
                    self.rows.at = place;
                    self.beside(*by, ui, out);
                    self.open(ui, out);
                }
            }
            reply => self.saved(reply, out),
        }
    }

    /// Moves on by a row, and the record beside with it at once.
    pub(super) fn beside(&mut self, by: isize, ui: &Ui, out: &mut Out) {
        let (height, before) = (self.height(ui), self.rows.id());
        self.moved(ui, out, |rows| rows.step(by, height));
        if self.rows.id() == before {
            out.say(Tone::Info, ui.t("no-further"));
        }
        if Self::has_side(ui) {
            self.show_side(ui, out);
        }
    }

    pub(super) fn ask_to_advance(&mut self, out: &mut Out) {
        if self.kind == TICKET {
            self.working.advance = Some(out.ask(Question::Setting { key: ADVANCE.into() }));
        }
    }

    /// Takes an answer in; gives back what was not asked here.
    pub(super) fn worked(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) -> Option<Answer> {
        match answer {
            Answer::Outcome(outcome) if self.working.pull == Some(ask) => {
                self.working.pull = None;
                self.pulled(outcome, ui, out);
            }
            Answer::Outcome(outcome) => {
                let Some(at) = self.working.filing.iter().position(|(asked, ..)| *asked == ask) else {
                    return Some(Answer::Outcome(outcome));
                };
                let (_, targets, action) = self.working.filing.remove(at);
                self.filed(outcome, &targets, action, ui, out);
            }
            Answer::Progress(_) if self.working.filing.iter().any(|(asked, ..)| *asked == ask) => {}
            Answer::Json(kept) if self.working.advance == Some(ask) => {
                self.working.advance = None;
                if matches!(kept, Ok(Some(Json::Bool(true)))) {
                    self.beside(1, ui, out);
                }
            }
            Answer::Json(kept) if self.working.switching == Some(ask) => {
                self.working.switching = None;
                let is_on = !matches!(kept, Ok(Some(Json::Bool(true))));
                out.ask(Question::KeepSetting { key: ADVANCE.into(), value: Json::Bool(is_on) });
                out.say(Tone::Good, if is_on { ui.t("advance-on") } else { ui.t("advance-off") });
            }
            answer => return Some(answer),
        }
        None
    }

    /// One of several filings: what went wrong names its ticket, since the cursor is elsewhere by now.
    fn filed(&mut self, outcome: desk::Result<Outcome>, targets: &Targets, action: Action, ui: &Ui, out: &mut Out) {
        let code = match targets {
            Targets::Records(kind, ids) => ids.first().map(|id| ui.registry.kind(*kind).code(*id)),
            _ => None,
        };
        match (outcome, code) {
            (Err(error), Some(code)) if !matches!(error, desk::Error::Conflict(_)) => {
                out.say(Tone::Bad, format!("{code}: {error}"));
            }
            (outcome, _) => self.done(outcome, targets, action, ui, out),
        }
    }

    fn pulled(&mut self, outcome: desk::Result<Outcome>, ui: &Ui, out: &mut Out) {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return out.say(Tone::Info, error.to_string()),
        };
        let Some(&(_, id)) = outcome.records.first() else { return };
        let code = ui.registry.kind(TICKET).code(id);
        let args = [("code", code.into()), ("key", ui.keymap.key(Cmd::Undo).into())];
        out.say(Tone::Good, ui.tr("pulled", &args));
        self.marks = Marks::default();
        if let Some(place) = self.rows.place(id) {
            let by = place as isize - self.rows.at as isize;
            let height = self.height(ui);
            self.moved(ui, out, |rows| rows.step(by, height));
            self.look_at(std::iter::once(id), out);
            self.open(ui, out);
        } else {
            self.working.opening = Some(id);
            self.saved(&Reply::Saved(TICKET, id), out);
        }
    }

    /// A record was put under the cursor: opened, when it is the one that was pulled.
    pub(super) fn begun_at(&mut self, ui: &Ui, out: &mut Out) {
        if self.working.opening.take().is_some_and(|id| self.rows.id() == Some(id)) {
            self.open(ui, out);
        }
    }
}

//! What is done to the open record with one key: assign, priority, status, tags, the bin.

use serde_json::Value as Json;

use super::RecordScreen;
use crate::desk::{self, From};
use crate::domain::action::{Action, Edit, Targets};
use crate::domain::field::FieldType;
use crate::domain::kind::{STAGE, TICKET, USER};
use crate::domain::query::{Filter, Operand, Query};
use crate::domain::record::Record;
use crate::domain::value::{Ref, Value};
use crate::tui::command::Cmd;
use crate::tui::effect::{Answer, Ask, Out, Question, Tone};
use crate::tui::layer::{Place, Reply};
use crate::tui::screens;
use crate::tui::screens::chooser::{Chooser, Item};
use crate::tui::screens::macros::MacroMenu;
use crate::tui::screens::moving::{Moving, Reason, moving};
use crate::tui::screens::tags::Tags;
use crate::tui::screens::ticket;
use crate::tui::screens::ticket::file::FileStrip;
use crate::tui::screens::ticket::snooze::Snooze;
use crate::tui::screens::watch;
use crate::tui::text;
use crate::tui::ui::Ui;

/// What a box that was opened is for.
pub(super) enum Pending {
    /// A choice of this field, whose value was this when the box was opened: its codes.
    Choice(String, Value, Vec<String>),
    /// One of these stages; the deal's stage when the box was opened.
    Stage(Value, Vec<Record>),
    /// Why the deal is lost that goes to this stage.
    Reason(Value, Record),
    Owner(Value),
    Tags(Vec<String>),
    Macro,
    /// A strip that says what the fields shall be.
    Edits,
}

/// What is being done.
#[derive(Default)]
pub(super) struct Acting {
    pub(super) pending: Option<Pending>,
    perform: Option<(Ask, Action)>,
    stages: Option<Ask>,
    /// Whether the next ticket opens when one is solved.
    advance: Option<Ask>,
    /// A ticket that is being pulled.
    pull: Option<Ask>,
    /// The field that somebody else changed under a chooser: chosen again, it overrules.
    overrule: Option<String>,
    /// The record is being watched, or no longer.
    watching: Option<(Ask, bool)>,
}

impl Acting {
    /// A box is on its way that will take the keys.
    pub(super) fn awaits_box(&self) -> bool {
        self.stages.is_some() || self.advance.is_some() || self.pull.is_some()
    }

    /// The ticket is solved: whether the next one opens is the person's own setting.
    pub(super) fn ask_to_advance(&mut self, out: &mut Out) {
        self.advance = Some(out.ask(Question::Setting { key: ticket::ADVANCE.into() }));
    }
}

impl RecordScreen {
    /// True when the command was one of these.
    pub(super) fn act(&mut self, cmd: Cmd, ui: &Ui, out: &mut Out) -> bool {
        let Some(record) = &self.record else { return false };
        let kind = ui.registry.kind(self.kind);
        match cmd {
            Cmd::RecordAssign => {
                if let Some(picker) = screens::picker(&[USER], self.of_what(&ui.t("record-owner"), ui), ui) {
                    self.acting.pending = Some(Pending::Owner(record.get(kind, "owner").clone()));
                    out.push_box(picker);
                }
            }
            Cmd::RecordPriority => self.choose("priority", ui, out),
            Cmd::RecordStatus => {
                let names = ["status", "stage", "lifecycle"];
                if let Some(field) = names.into_iter().find(|name| kind.field(name).is_some()) {
                    self.choose(field, ui, out);
                }
            }
            Cmd::RecordTags => {
                let now = match record.get(kind, "tags") {
                    Value::Tags(tags) => tags.clone(),
                    _ => Vec::new(),
                };
                out.push(Tags::new(self.kind, &now, ui));
                self.acting.pending = Some(Pending::Tags(now));
            }
            Cmd::RecordMacro => {
                out.push(MacroMenu::new(self.kind, ui));
                self.acting.pending = Some(Pending::Macro);
            }
            Cmd::RecordFile if self.kind == TICKET => {
                out.push(FileStrip::new(record, 1));
                self.acting.pending = Some(Pending::Edits);
            }
            Cmd::RecordSnooze if self.kind == TICKET => {
                out.push(Snooze::new(record, 1));
                self.acting.pending = Some(Pending::Edits);
            }
            Cmd::RecordPull if self.kind == TICKET => {
                let question = Question::Perform { targets: Targets::None, action: Action::Pull };
                self.acting.pull = Some(out.ask(question));
            }
            Cmd::RecordWatch => {
                let on = *record.get(kind, "watching") != Value::Bool(true);
                let targets = Targets::Records(self.kind, vec![self.id]);
                self.acting.watching = Some((out.ask(Question::Watch { targets, on }), on));
            }
            Cmd::RecordDelete => self.perform(Action::Delete, out),
            Cmd::RecordRestore => self.perform(Action::Restore, out),
            Cmd::RecordRepeat => match &ui.last_action {
                Some((kind, action)) if *kind == self.kind => self.perform(action.clone(), out),
                _ => out.say(Tone::Info, ui.t("repeat-nothing")),
            },
            Cmd::RecordCode => {
                let code = kind.code(self.id);
                out.say(Tone::Good, ui.tr("copied", &[("what", code.as_str().into())]));
                out.copy(code);
            }
            Cmd::RecordMail => match record.get(kind, "email").as_str() {
                Some(mail) => {
                    out.say(Tone::Good, ui.tr("copied", &[("what", text::inert(mail).into_owned().into())]));
                    out.copy(mail);
                }
                None => out.say(Tone::Warn, ui.t("copy-nothing")),
            },
            _ => return false,
        }
        true
    }

    /// A box's title with what it is for: `Status · T1042`.
    fn of_what(&self, title: &str, ui: &Ui) -> String {
        format!("{title} · {}", ui.registry.kind(self.kind).code(self.id))
    }

    fn choose(&mut self, field: &str, ui: &Ui, out: &mut Out) {
        let (Some(record), kind) = (&self.record, ui.registry.kind(self.kind)) else { return };
        let Some(declared) = kind.field(field) else { return };
        if let FieldType::Ref(_) = declared.ty {
            let filter = match record.get(kind, "pipeline").as_id() {
                Some(id) => Filter::is("pipeline", Operand::Record(id)),
                None => Filter::All,
            };
            let query = Query { filter, ..Query::default() };
            let ask = out.ask(Question::Page { kind: STAGE, query, from: From::Start, limit: 50 });
            self.acting.stages = Some(ask);
            return;
        }
        let codes: Vec<String> = declared.choices().iter().map(|c| c.code.clone()).collect();
        let items = declared.choices().iter().map(|c| Item::new(c.label.get(ui.lang()))).collect();
        let was = record.get(kind, field).clone();
        let current = was.as_str().and_then(|code| declared.rank(code));
        self.acting.pending = Some(Pending::Choice(field.to_owned(), was, codes));
        out.push(Chooser::new(self.of_what(declared.label.get(ui.lang()), ui), items, current));
    }

    /// A box closed with an answer; false when none was open.
    pub(super) fn replied(&mut self, reply: &Reply, ui: &Ui, out: &mut Out) -> bool {
        let Some(pending) = self.acting.pending.take() else { return false };
        match (pending, reply) {
            (Pending::Choice(field, was, codes), Reply::Chosen(at)) => {
                if let Some(code) = codes.get(*at) {
                    self.set(&field, was, Value::Choice(code.clone()), out);
                }
            }
            (Pending::Stage(was, stages), Reply::Chosen(at)) => {
                if let Some(stage) = stages.get(*at) {
                    self.move_to(stage, was, None, ui, out);
                }
            }
            (Pending::Reason(was, stage), Reply::Text(reason)) => self.move_to(&stage, was, Some(reason), ui, out),
            (Pending::Owner(was), Reply::Picked(hit)) => {
                let owner = hit.as_ref().map_or(Value::Null, |h| Value::Ref(Ref { id: h.id, label: h.title.clone() }));
                self.set("owner", was, owner, out);
            }
            (Pending::Tags(was), Reply::Tags(now)) => {
                // As additions and removals, which never conflict with another's tags.
                let add: Vec<String> = now.iter().filter(|t| !was.contains(t)).cloned().collect();
                let remove: Vec<String> = was.iter().filter(|t| !now.contains(t)).cloned().collect();
                if !add.is_empty() || !remove.is_empty() {
                    self.perform(Action::Tag { add, remove }, out);
                }
            }
            (Pending::Macro, Reply::Act(action)) => self.perform(action.clone(), out),
            (Pending::Edits, Reply::Edits(edits)) => {
                if !edits.is_empty() {
                    self.perform(Action::Set { edits: edits.clone() }, out);
                }
            }
            _ => return false,
        }
        true
    }

    /// Sets one field; it conflicts with what others changed since the box was opened, unless this is the second time.
    fn set(&mut self, field: &str, was: Value, now: Value, out: &mut Out) {
        let overrules = self.acting.overrule.as_deref() == Some(field);
        let was = (!overrules).then_some(was);
        self.perform(Action::Set { edits: vec![Edit { field: field.into(), was, now }] }, out);
    }

    /// Moves the deal to a stage, asking first what that takes.
    fn move_to(&mut self, stage: &Record, was: Value, reason: Option<&str>, ui: &Ui, out: &mut Out) {
        let overrules = self.acting.overrule.as_deref() == Some("stage");
        let seen = (!overrules).then(|| was.clone());
        match moving(stage, self.record.as_ref(), seen, reason, ui) {
            Moving::Ready(edits) => self.perform(Action::Set { edits }, out),
            Moving::Asks(form) => out.push_box(form),
            Moving::AsksWhy => {
                self.acting.pending = Some(Pending::Reason(was, stage.clone()));
                out.push(Reason::new(ui));
            }
        }
    }

    fn perform(&mut self, action: Action, out: &mut Out) {
        let targets = Targets::Records(self.kind, vec![self.id]);
        let ask = out.ask(Question::Perform { targets, action: action.clone() });
        self.acting.perform = Some((ask, action));
    }

    /// Takes an answer in; gives back what was not asked here.
    pub(super) fn acted(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) -> Option<Answer> {
        if self.acting.stages == Some(ask) {
            self.acting.stages = None;
            let Answer::Page(Ok(page)) = answer else { return None };
            let kind = ui.registry.kind(self.kind);
            let was = self.record.as_ref().map(|r| r.get(kind, "stage").clone()).unwrap_or_default();
            let items = page.records.iter().map(|r| Item::of(r, &ui.registry)).collect();
            let current = page.records.iter().position(|r| Some(r.id) == was.as_id());
            let title = kind.field("stage").map_or("", |f| f.label.get(ui.lang()));
            out.push(Chooser::new(self.of_what(title, ui), items, current));
            self.acting.pending = Some(Pending::Stage(was, page.records));
            return None;
        }
        if self.acting.advance == Some(ask) {
            self.acting.advance = None;
            if matches!(answer, Answer::Json(Ok(Some(Json::Bool(true))))) {
                // By the way of the key: beside a list, the list moves on.
                out.run(Cmd::RecordNext);
            }
            return None;
        }
        if self.acting.pull == Some(ask) {
            self.acting.pull = None;
            Self::pulled(answer, ui, out);
            return None;
        }
        if let Some((_, on)) = self.acting.watching.take_if(|(a, _)| *a == ask) {
            match answer {
                Answer::Watched(Ok(_)) => {
                    let code = ui.registry.kind(self.kind).code(self.id);
                    out.say(Tone::Good, watch::said(on, code, ui.keymap.key(Cmd::RecordWatch), ui));
                    self.load(out);
                }
                Answer::Watched(Err(error)) => out.say(Tone::Bad, error.to_string()),
                _ => {}
            }
            return None;
        }
        if self.acting.perform.as_ref().is_none_or(|(a, _)| *a != ask) {
            return Some(answer);
        }
        // Word of progress is not yet the outcome.
        if let Answer::Outcome(outcome) = answer
            && let Some((_, action)) = self.acting.perform.take()
        {
            self.done(outcome, action, ui, out);
        }
        None
    }

    /// The pulled ticket takes this one's place.
    fn pulled(answer: Answer, ui: &Ui, out: &mut Out) {
        match answer {
            Answer::Outcome(Ok(outcome)) => {
                let Some(&(kind, id)) = outcome.records.first() else { return };
                let code = ui.registry.kind(kind).code(id);
                out.say(
                    Tone::Good,
                    ui.tr("pulled", &[("code", code.into()), ("key", ui.keymap.key(Cmd::Undo).into())]),
                );
                out.close();
                out.go(Place::Record(kind, id));
            }
            Answer::Outcome(Err(error)) => out.say(Tone::Bad, error.to_string()),
            _ => {}
        }
    }

    fn done(&mut self, outcome: desk::Result<desk::Outcome>, action: Action, ui: &Ui, out: &mut Out) {
        let kind = ui.registry.kind(self.kind);
        match outcome {
            Ok(outcome) => {
                self.acting.overrule = None;
                if let Some((_, reason)) = outcome.failed.into_iter().next() {
                    out.say(Tone::Bad, reason);
                    return;
                }
                let args = [("code", kind.code(self.id).into()), ("key", ui.keymap.key(Cmd::Undo).into())];
                let said = match action {
                    Action::Delete => ui.tr("record-deleted-now", &args),
                    Action::Restore => ui.tr("record-restored-now", &args),
                    _ => ui.tr("record-done", &args),
                };
                out.say(Tone::Good, said);
                let solves = self.kind == TICKET && solves(&action);
                out.remember(self.kind, action);
                self.load(out);
                if solves {
                    self.acting.ask_to_advance(out);
                }
            }
            Err(desk::Error::Conflict(conflicts)) => {
                let Some(conflict) = conflicts.into_iter().next() else { return };
                let field = kind.field(&conflict.field);
                let label = field.map_or(conflict.field.clone(), |f| f.label.get(ui.lang()).to_owned());
                let theirs = field.map(|f| crate::tui::show::value(&conflict.theirs, f, ui)).unwrap_or_default();
                let by = if conflict.by.is_empty() { ui.t("somebody") } else { conflict.by };
                self.acting.overrule = Some(conflict.field);
                let args = [("by", by.into()), ("field", label.into()), ("theirs", theirs.into())];
                out.say(Tone::Warn, ui.tr("conflict", &args));
                self.load(out);
            }
            Err(error) => out.say(Tone::Bad, error.to_string()),
        }
    }
}

/// True for an action that ends the work on a ticket.
pub(in crate::tui::screens) fn solves(action: &Action) -> bool {
    match action {
        Action::Macro { steps, .. } => steps.iter().any(solves),
        Action::Set { edits } => {
            edits.iter().any(|edit| edit.field == "status" && edit.now.as_str().is_some_and(ticket::is_done))
        }
        _ => false,
    }
}

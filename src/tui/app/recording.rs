//! A macro being recorded: what the person does to records of its kind, as long as it lasts. What they undo meanwhile is
//! not part of it.

use std::collections::HashMap;

use super::{App, SELF};
use crate::desk::Outcome;
use crate::domain::action::{Action, Targets};
use crate::domain::kind::KindId;
use crate::tui::command::Cmd;
use crate::tui::effect::{Ask, Effect, Question, Tone};
use crate::tui::screens::macros::NameMacro;

pub(super) struct Recording {
    kind: KindId,
    /// Each with the operation that it was.
    steps: Vec<(Option<i64>, Action)>,
    /// On their way to the desk.
    asked: HashMap<Ask, Action>,
}

impl App {
    pub(super) fn record_macro(&mut self) -> Vec<Effect> {
        match self.subject().kind {
            _ if self.recording.is_some() => {}
            Some(kind) => {
                self.recording = Some(Recording { kind, steps: Vec::new(), asked: HashMap::new() });
                self.ui.recording = Some(0);
                let many = self.ui.registry.kind(kind).many.get(self.ui.lang()).to_owned();
                let key = self.ui.keymap.key(Cmd::Macro);
                let text = self.ui.tr("macro-recording", &[("many", many.into()), ("key", key.into())]);
                self.out.say(Tone::Info, text);
            }
            None => {
                let text = self.ui.t("nothing-selected");
                self.out.say(Tone::Info, text);
            }
        }
        self.settle(SELF)
    }

    /// Ends the recording: what was recorded gets a name, if it is to be kept and there is something.
    pub(super) fn end_recording(&mut self, keep: bool) -> Vec<Effect> {
        self.ui.recording = None;
        let said = match self.recording.take() {
            None => Some("macro-none"),
            Some(_) if !keep => Some("macro-dropped"),
            Some(recording) if recording.steps.is_empty() => Some("macro-nothing-done"),
            Some(recording) => {
                let steps = Action::merged(recording.steps.into_iter().map(|(_, action)| action));
                self.out.push(NameMacro::new(recording.kind, steps, &self.ui));
                None
            }
        };
        if let Some(said) = said {
            let text = self.ui.t(said);
            self.out.say(Tone::Info, text);
        }
        self.settle(SELF)
    }

    /// Somebody asks the desk for something: a step, perhaps.
    pub(super) fn watch(&mut self, ask: Ask, question: &Question) {
        let Some(recording) = &mut self.recording else { return };
        let Question::Perform { targets: Targets::Records(kind, _) | Targets::Matching { kind, .. }, action } =
            question
        else {
            return;
        };
        if *kind == recording.kind && action.can_be_recorded() {
            recording.asked.insert(ask, action.clone());
        }
    }

    /// It was done, or stood so already: then it is one. What was undone is none any more.
    pub(super) fn watched(&mut self, ask: Ask, outcome: &Outcome) {
        let Some(recording) = &mut self.recording else { return };
        if let Some(undid) = &outcome.undid {
            recording.steps.retain(|(operation, _)| *operation != Some(undid.operation));
        }
        if let Some(action) = recording.asked.remove(&ask)
            && outcome.done + outcome.unchanged > 0
        {
            recording.steps.push((outcome.operation, action.afresh()));
        }
        self.ui.recording = Some(recording.steps.len());
    }
}

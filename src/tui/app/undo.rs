//! The conversation about undo and redo: what is off screen is named first, and wants the key again.

use super::{App, SELF};
use crate::desk::Outcome;
use crate::domain::kind::KindId;
use crate::tui::command::Cmd;
use crate::tui::effect::{Answer, Ask, Effect, Question, Tone};
use crate::tui::screens;

/// How far the conversation has come.
#[derive(Default)]
pub(super) struct Undoing {
    /// The records of the latest operation, to know whether undoing it is seen.
    last_done: Option<Vec<(KindId, i64)>>,
    /// `u` was pressed and named what it will take back.
    armed: bool,
    asked: Option<Ask>,
    /// What was asked last was a redo: its outcome is told as one.
    redoing: bool,
}

impl Undoing {
    /// Something was done, whoever asked for it.
    pub(super) fn done(&mut self, outcome: &Outcome) {
        if outcome.operation.is_some() {
            self.last_done = Some(outcome.records.clone());
        }
    }

    /// A file was imported: what was done before is no longer the latest.
    pub(super) fn imported(&mut self) {
        self.last_done = None;
    }

    /// Another command came between: `u` names again.
    pub(super) fn disarm(&mut self) {
        self.armed = false;
    }

    /// True when the answer with this number is the conversation's.
    pub(super) fn take(&mut self, ask: Ask) -> bool {
        self.asked.take_if(|asked| *asked == ask).is_some()
    }
}

impl App {
    pub(super) fn undo(&mut self) -> Vec<Effect> {
        let on_screen = self.undoing.last_done.as_ref().is_some_and(|records| {
            let stack = &self.tabs[self.tab].stack;
            records.iter().any(|&(kind, id)| stack.iter().any(|slot| slot.layer.shows(kind, id)))
        });
        let question =
            if on_screen || self.undoing.armed { Question::Undo { operation: None } } else { Question::Undoable };
        self.undoing.armed = false;
        self.undoing.redoing = false;
        self.undoing.asked = Some(self.out.ask(question));
        self.settle(SELF)
    }

    pub(super) fn redo(&mut self) -> Vec<Effect> {
        self.undoing.redoing = true;
        self.undoing.asked = Some(self.out.ask(Question::Redo));
        self.settle(SELF)
    }

    pub(super) fn undone(&mut self, answer: Answer) {
        match answer {
            Answer::Undoable(Ok(Some(what))) => {
                self.undoing.armed = true;
                let key = self.ui.keymap.key(Cmd::Undo);
                let text = self.ui.tr("undo-again", &[("what", what.into()), ("key", key.into())]);
                self.out.say(Tone::Warn, text);
            }
            Answer::Undoable(Ok(None)) => {
                let text = self.ui.t("undo-nothing");
                self.out.say(Tone::Info, text);
            }
            Answer::Outcome(Ok(Outcome { undid: Some(undid), .. })) if undid.draft.is_some() => {
                let Some((kind, id, text)) = undid.draft else { return };
                self.out.push_box(screens::reply(kind, id, Some(&text)));
                let text = self.ui.tr("reply-taken-back", &[("code", self.ui.registry.kind(kind).code(id).into())]);
                self.out.say(Tone::Good, text);
            }
            Answer::Outcome(Ok(Outcome { done, failed, operation, .. })) => {
                let redoing = self.undoing.redoing;
                let text = match failed.first() {
                    None if operation.is_none() && redoing => self.ui.t("redo-nothing"),
                    None if operation.is_none() => self.ui.t("undo-nothing"),
                    None if redoing => self.ui.tr("redone", &[("n", done.into())]),
                    None => self.ui.tr("undone", &[("n", done.into())]),
                    Some((code, reason)) => self.ui.tr(
                        "undone-but",
                        &[
                            ("n", done.into()),
                            ("failed", failed.len().into()),
                            ("code", code.into()),
                            ("reason", reason.into()),
                        ],
                    ),
                };
                self.out.say(if failed.is_empty() { Tone::Good } else { Tone::Warn }, text);
            }
            Answer::Undoable(Err(e)) | Answer::Outcome(Err(e)) => self.out.say(Tone::Bad, e.to_string()),
            _ => {}
        }
    }
}

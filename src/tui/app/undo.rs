//! The conversation about undo and redo: what is off screen is named first, and wants the key again.

use super::{App, SELF};
use crate::desk::Outcome;
use crate::domain::kind::KindId;
use crate::tui::command::Cmd;
use crate::tui::effect::{Answer, Ask, Effect, Question, Tone};
use crate::tui::layer::LayerMsg;
use crate::tui::screens;

/// How far the conversation has come.
#[derive(Default)]
pub(super) struct Undoing {
    /// The operation that `u` has named, and takes back when it is pressed again.
    armed: Option<i64>,
    asked: Option<Ask>,
    /// How often `u` was pressed while an answer was awaited.
    again: u32,
    /// What was asked last was a redo: its outcome is told as one.
    redoing: bool,
}

impl Undoing {
    /// Another command came between: `u` names again.
    pub(super) fn disarm(&mut self) {
        (self.armed, self.again) = (None, 0);
    }

    /// True when the answer with this number is the conversation's.
    pub(super) fn take(&mut self, ask: Ask) -> bool {
        self.asked.take_if(|asked| *asked == ask).is_some()
    }
}

impl App {
    /// What is on screen is taken back at once; what is not is named first.
    pub(super) fn undo(&mut self) -> Vec<Effect> {
        if self.undoing.asked.is_some() {
            self.undoing.again += 1;
        } else {
            self.undo_next();
        }
        self.settle(SELF)
    }

    fn undo_next(&mut self) {
        let named = self.undoing.armed.take();
        let question = named.map_or(Question::Undoable, |id| Question::Undo { operation: Some(id) });
        self.undoing.redoing = false;
        self.undoing.asked = Some(self.out.ask(question));
    }

    fn is_on_screen(&self, records: &[(KindId, i64)]) -> bool {
        let stack = &self.tabs[self.tab].stack;
        records.iter().any(|&(kind, id)| stack.iter().any(|slot| slot.layer.shows(kind, id)))
    }

    pub(super) fn redo(&mut self) -> Vec<Effect> {
        self.undoing.redoing = true;
        self.undoing.asked = Some(self.out.ask(Question::Redo));
        self.settle(SELF)
    }

    pub(super) fn undone(&mut self, answer: Answer) {
        match answer {
            Answer::Undoable(Ok(Some(next))) => {
                self.undoing.armed = Some(next.operation);
                // Of a file, what is on screen is hardly all.
                if next.stays.is_none() && next.action != "import" && self.is_on_screen(&next.records) {
                    return self.undo_next();
                }
                // Keys pressed before it was named do not confirm it.
                self.undoing.again = 0;
                let key = self.ui.keymap.key(Cmd::Undo);
                let text = self.ui.tr("undo-again", &[("what", next.what.into()), ("key", key.into())]);
                let text = next.stays.map_or(text.clone(), |stays| format!("{stays} {text}"));
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
            Answer::Outcome(Ok(Outcome { done, failed, operation, undid, .. })) => {
                let redoing = self.undoing.redoing;
                if let Some(undid) = &undid {
                    let (operation, left) = (undid.operation, failed.len());
                    for at in 0..self.tabs[self.tab].stack.len() {
                        self.tell(self.tab, at, LayerMsg::Undid { operation, again: redoing, left });
                    }
                }
                let what = undid.map_or_else(String::new, |undid| undid.what(&self.ui.registry, self.ui.lang()));
                let text = match failed.first() {
                    None if operation.is_none() && redoing => self.ui.t("redo-nothing"),
                    None if operation.is_none() => self.ui.t("undo-nothing"),
                    None if redoing => self.ui.tr("redone", &[("what", what.into())]),
                    None => self.ui.tr("undone", &[("what", what.into())]),
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
        if self.undoing.again > 0 {
            self.undoing.again -= 1;
            self.undo_next();
        }
    }
}

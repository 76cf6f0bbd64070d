//! Writing a reply or an internal note below its record. The text is a draft until it is saved.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use serde_json::Value as Json;

use crate::desk::News;
use crate::domain::action::{Action, Targets};
use crate::domain::kind::KindId;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Out, Question, Tone};
use crate::tui::frame::boxed;
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape, Subject};
use crate::tui::screens::draft::{Heard, Keeper};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::widgets::editor::Editor;
use crate::tui::widgets::input::Outcome;

pub(super) struct Compose {
    kind: KindId,
    id: i64,
    is_reply: bool,
    editor: Editor,
    keeper: Keeper,
    saving: Option<Ask>,
    notice: Option<(Role, String)>,
}

impl Compose {
    /// A reply in a ticket's conversation.
    pub(super) fn reply(kind: KindId, id: i64, _ui: &Ui) -> Self {
        Self::new(kind, id, true)
    }

    /// An internal note.
    pub(super) fn note(kind: KindId, id: i64, _ui: &Ui) -> Self {
        Self::new(kind, id, false)
    }

    fn new(kind: KindId, id: i64, is_reply: bool) -> Self {
        let what = if is_reply { "reply" } else { "note" };
        let keeper = Keeper::new(format!("{kind}:{id}:{what}"));
        Self { kind, id, is_reply, editor: Editor::default(), keeper, saving: None, notice: None }
    }

    fn draft(&self) -> Json {
        if self.editor.is_blank() { Json::Null } else { Json::from(self.editor.text()) }
    }

    fn typed(&mut self, outcome: Outcome, out: &mut Out) -> bool {
        if outcome == Outcome::Changed {
            self.notice = None;
            self.keeper.changed(out);
        }
        outcome != Outcome::Ignored
    }

    fn save(&mut self, ui: &Ui, out: &mut Out) {
        if self.saving.is_some() {
            return;
        }
        if self.editor.is_blank() {
            self.notice = Some((Role::Warn, ui.t("compose-empty")));
            return;
        }
        let text = self.editor.text().trim_end().to_owned();
        let action = if self.is_reply { Action::Reply { text } } else { Action::Comment { text } };
        let targets = Targets::Records(self.kind, vec![self.id]);
        self.saving = Some(out.ask(Question::Perform { targets, action }));
    }

    fn answer(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) {
        match self.keeper.answered(ask, &answer, out) {
            Heard::No => {}
            Heard::Yes => return,
            Heard::Found(content, _) => {
                // An empty editor takes the draft at once; typed text is not overwritten.
                if self.editor.is_blank() {
                    self.editor = Editor::new(content.as_str().unwrap_or_default());
                    self.notice = Some((Role::Accent, ui.t("compose-restored")));
                }
                return;
            }
        }
        if self.saving != Some(ask) {
            return;
        }
        if let Answer::Outcome(outcome) = answer {
            self.saving = None;
            match outcome {
                Ok(outcome) if outcome.failed.is_empty() => {
                    self.keeper.drop_draft(out);
                    let said = if self.is_reply { ui.t("compose-replied") } else { ui.t("compose-noted") };
                    out.say(Tone::Good, said);
                    out.reply(Reply::Saved(self.kind, self.id));
                }
                Ok(outcome) => self.notice = outcome.failed.into_iter().next().map(|(_, reason)| (Role::Bad, reason)),
                Err(error) => self.notice = Some((Role::Bad, error.to_string())),
            }
        }
    }
}

impl Layer for Compose {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Editor, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Strip { height: 12 }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } => self.keeper.load(out),
            LayerMsg::Command(Cmd::EditorSave) => self.save(ui, out),
            LayerMsg::Command(Cmd::EditorLeave) => {
                if !self.editor.is_blank() {
                    out.say(Tone::Info, ui.t("compose-kept"));
                }
                let draft = self.draft();
                self.keeper.keep_now(draft, ui.now, out);
                out.close();
            }
            LayerMsg::Answer(ask, answer) => self.answer(ask, answer, ui, out),
            LayerMsg::Wake(ask) if self.keeper.woken(ask) => {
                let draft = self.draft();
                self.keeper.keep(draft, ui.now, out);
            }
            LayerMsg::News(News::Line(true)) => {
                self.keeper.doubt();
                let draft = self.draft();
                self.keeper.keep(draft, ui.now, out);
            }
            _ => {}
        }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, out: &mut Out) -> bool {
        let is_typing = matches!(key.code, KeyCode::Char(_))
            && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        if self.saving.is_some() {
            return is_typing;
        }
        let outcome = self.editor.on_key(key);
        self.typed(outcome, out) || is_typing
    }

    fn paste(&mut self, text: &str, _ui: &Ui, out: &mut Out) -> bool {
        let outcome = self.editor.paste(text);
        self.typed(outcome, out)
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let code = ui.registry.kind(self.kind).code(self.id);
        let title = if self.is_reply {
            ui.tr("compose-reply-to", &[("code", code.into())])
        } else {
            ui.tr("compose-note-on", &[("code", code.into())])
        };
        let block = boxed(format!(" {title} "), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.height == 0 || inner.width < 6 {
            return;
        }
        let mut body = Rect { x: inner.x + 1, width: inner.width - 2, ..inner };
        if let Some((role, notice)) = &self.notice
            && body.height > 1
        {
            body.height -= 1;
            let line = text::cut(notice, usize::from(body.width)).into_owned();
            frame.buffer_mut().set_string(body.x, body.bottom(), line, ui.style(*role));
        }
        let cursor = self.editor.render(body, frame.buffer_mut(), ui.style(Role::Text));
        frame.set_cursor_position(cursor);
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(self.kind), record: Some(self.id), marked: 0 }
    }

    fn shows(&self, kind: KindId, id: i64) -> bool {
        (kind, id) == (self.kind, self.id)
    }

    fn is_unsaved(&self) -> bool {
        !self.editor.is_blank()
    }

    fn keep_now(&mut self, ui: &Ui, out: &mut Out) {
        let draft = self.draft();
        self.keeper.keep_now(draft, ui.now, out);
    }

    fn attends(&self) -> Option<(KindId, i64, bool)> {
        Some((self.kind, self.id, true))
    }
}

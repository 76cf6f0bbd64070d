//! Tags of a record, taken in and out by typing a little.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::picker::{items, question};
use crate::domain::kind::KindId;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Latest, Out};
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape};
use crate::tui::line::is_typing;
use crate::tui::ui::Ui;
use crate::tui::widgets::form::Wanted;
use crate::tui::widgets::picker::{Item, Outcome, Picker};

pub struct Tags {
    kind: KindId,
    picker: Picker,
    asking: Latest,
    request: u64,
}

impl Tags {
    /// Starts with the record's tags; answers `Reply::Tags`.
    pub fn new(kind: KindId, now: &[String], ui: &Ui) -> Self {
        let chosen = now.iter().map(|t| Item::new(t, t, "")).collect();
        let picker = Picker::asked(ui.t("record-tags-title"), "")
            .several(chosen)
            .with_hint(ui.t("picker-keys-several"), ui.t("picker-nothing"));
        Self { kind, picker, asking: Latest::default(), request: 0 }
    }

    fn apply(&mut self, outcome: Outcome, out: &mut Out) -> bool {
        match outcome {
            Outcome::Ignored => return false,
            Outcome::Ask { request, text } => {
                self.request = request;
                self.asking.ask(question(&Wanted::Values("tags".into()), self.kind, text), out);
            }
            Outcome::Done(items) => out.reply(Reply::Tags(items.into_iter().map(|i| i.key).collect())),
            Outcome::Cancelled => out.close(),
            Outcome::Moved | Outcome::Chosen(_) | Outcome::Cleared => {}
        }
        true
    }
}

impl Layer for Tags {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Picker, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 64, height: 14 }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } => {
                let outcome = self.picker.ask();
                self.apply(outcome, out);
            }
            LayerMsg::Command(Cmd::PickerLeave) => out.close(),
            LayerMsg::Answer(ask, answer) if self.asking.take(ask, out) => {
                let items = items(answer, ui);
                self.picker.answer(self.request, items);
            }
            _ => {}
        }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, out: &mut Out) -> bool {
        let is_typing = is_typing(key);
        let outcome = if matches!(key.code, KeyCode::Tab) { self.picker.finish() } else { self.picker.on_key(key) };
        self.apply(outcome, out) || is_typing
    }

    fn paste(&mut self, text: &str, _ui: &Ui, out: &mut Out) -> bool {
        let outcome = self.picker.paste(text);
        self.apply(outcome, out)
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let cursor = self.picker.render(area, frame.buffer_mut(), &ui.theme);
        frame.set_cursor_position(cursor);
    }
}

//! A box with one line to type; Enter replies the text.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::help::search_line;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::boxed;
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape};
use crate::tui::line::Line;
use crate::tui::ui::Ui;

pub struct Prompt {
    title: String,
    /// Shown while nothing is typed.
    hint: String,
    line: Line,
}

impl Prompt {
    pub fn new(title: String, hint: String, text: String) -> Self {
        Self { title, hint, line: Line::new(text) }
    }

    /// What is typed by now.
    pub fn text(&self) -> &str {
        self.line.text()
    }
}

impl Layer for Prompt {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Search, Scope::Dialog, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 60, height: 3 }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, _out: &mut Out) -> bool {
        self.line.key(key)
    }

    fn paste(&mut self, text: &str, _ui: &Ui, _out: &mut Out) -> bool {
        self.line.insert(text.trim());
        true
    }

    fn update(&mut self, msg: LayerMsg, _ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Command(Cmd::SearchDone) => out.reply(Reply::Text(self.line.text().to_owned())),
            LayerMsg::Command(Cmd::Dismiss) => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", self.title), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        search_line(frame, inner, &self.line, &self.hint, ui);
    }
}

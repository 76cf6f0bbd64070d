//! A list or a record as plain text: no boxes, no lines of the program, the mouse left to the terminal, so that all of
//! it can be selected there. Any key returns.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::tui::command::Scope;
use crate::tui::effect::Out;
use crate::tui::layer::{Layer, LayerMsg, Shape};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

pub struct Plain {
    lines: Vec<String>,
}

impl Plain {
    /// Lines that are inert and end where the screen does.
    pub fn new(lines: Vec<String>) -> Self {
        Self { lines }
    }
}

impl Layer for Plain {
    fn scopes(&self) -> &'static [Scope] {
        &[]
    }

    fn shape(&self) -> Shape {
        Shape::Bare
    }

    fn key(&mut self, _key: KeyEvent, _ui: &Ui, out: &mut Out) -> bool {
        out.close();
        true
    }

    fn paste(&mut self, _text: &str, _ui: &Ui, out: &mut Out) -> bool {
        out.close();
        true
    }

    fn update(&mut self, _msg: LayerMsg, _ui: &Ui, _out: &mut Out) {}

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        for (y, line) in (area.y..area.bottom()).zip(&self.lines) {
            let line = text::cut(line.trim_end(), usize::from(area.width));
            frame.buffer_mut().set_string(area.x, y, line, ui.style(Role::Text));
        }
    }
}

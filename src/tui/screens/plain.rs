//! A list or a record as plain text: no boxes, no lines of the program, the mouse left to the terminal, so that all of
//! it can be selected there. Any key turns the page, and at the end returns.

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
    /// The first line shown.
    from: usize,
}

impl Plain {
    /// Lines that are inert and end where the screen does.
    pub fn new(lines: Vec<String>) -> Self {
        Self { lines, from: 0 }
    }

    /// Lines of a page; the last one says that there are more.
    fn page(height: u16) -> usize {
        usize::from(height).saturating_sub(1).max(1)
    }

    fn has_more(&self, height: u16) -> bool {
        self.lines.len() > self.from + usize::from(height)
    }
}

impl Layer for Plain {
    fn scopes(&self) -> &'static [Scope] {
        &[]
    }

    fn shape(&self) -> Shape {
        Shape::Bare
    }

    fn key(&mut self, _key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        if self.has_more(ui.height) {
            self.from += Self::page(ui.height);
        } else {
            out.close();
        }
        true
    }

    fn paste(&mut self, _text: &str, _ui: &Ui, out: &mut Out) -> bool {
        out.close();
        true
    }

    fn update(&mut self, _msg: LayerMsg, _ui: &Ui, _out: &mut Out) {}

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        for (y, line) in (area.y..area.bottom()).zip(&self.lines[self.from.min(self.lines.len())..]) {
            let line = text::cut(line.trim_end(), usize::from(area.width));
            frame.buffer_mut().set_string(area.x, y, line, ui.style(Role::Text));
        }
        if self.has_more(area.height) {
            let last = Rect { y: area.bottom() - 1, height: 1, ..area };
            let words = text::pad(&ui.t("plain-more"), usize::from(area.width));
            frame.buffer_mut().set_string(last.x, last.y, words, ui.style(Role::Dim));
        }
    }
}

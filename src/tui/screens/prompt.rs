//! A box with one line to type; Enter replies the text. What stands there at first is selected: typing replaces it.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::help::search_line;
use crate::domain::field::Lang;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::boxed;
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape};
use crate::tui::line::{Line, is_typing};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Why a text is refused, in the person's language.
type Check = fn(&str, Lang) -> Result<(), String>;

const WIDTH: u16 = 60;

pub struct Prompt {
    title: String,
    /// Shown while nothing is typed.
    hint: String,
    line: Line,
    /// The text is as it came.
    is_selected: bool,
    check: Option<Check>,
    failed: Option<String>,
}

impl Prompt {
    pub fn new(title: String, hint: String, text: String) -> Self {
        Self { title, hint, is_selected: !text.is_empty(), line: Line::new(text), check: None, failed: None }
    }

    /// Refuses texts: the box stays with the text in it and says why.
    #[must_use]
    pub fn checked(self, check: Check) -> Self {
        Self { check: Some(check), ..self }
    }

    /// What is typed by now.
    pub fn text(&self) -> &str {
        self.line.text()
    }

    fn why(&self, cells: u16) -> Vec<String> {
        self.failed.as_deref().map(|why| text::wrap(why, usize::from(cells))).unwrap_or_default()
    }
}

impl Layer for Prompt {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Search, Scope::Dialog, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: WIDTH, height: 3 + self.why(WIDTH - 4).len() as u16 }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, _out: &mut Out) -> bool {
        let clears = matches!(key.code, KeyCode::Backspace | KeyCode::Delete);
        if self.is_selected && (clears || is_typing(key)) {
            self.line = Line::default();
        }
        let taken = self.line.key(key);
        if taken {
            (self.is_selected, self.failed) = (false, None);
        }
        taken
    }

    fn paste(&mut self, text: &str, _ui: &Ui, _out: &mut Out) -> bool {
        if std::mem::take(&mut self.is_selected) {
            self.line = Line::default();
        }
        self.line.insert(text.trim());
        self.failed = None;
        true
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Command(Cmd::SearchDone) => match self.check.map(|check| check(self.line.text(), ui.lang())) {
                Some(Err(why)) => self.failed = Some(why),
                _ => out.reply(Reply::Text(self.line.text().to_owned())),
            },
            LayerMsg::Command(Cmd::Dismiss) => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", self.title), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        search_line(frame, Rect { height: inner.height.min(1), ..inner }, &self.line, &self.hint, ui);
        if self.is_selected && inner.height > 0 && inner.width > 3 {
            let cells = text::width(self.line.text()).min(usize::from(inner.width) - 3) as u16;
            let text = Rect { x: inner.x + 3, width: cells, height: 1, ..inner };
            frame.buffer_mut().set_style(text, ui.style(Role::Selected));
        }
        for (y, line) in (inner.y + 1..inner.bottom()).zip(self.why(inner.width.saturating_sub(2))) {
            frame.buffer_mut().set_string(inner.x + 1, y, line, ui.style(Role::Bad));
        }
    }
}

//! A box of fixed choices. With nine or fewer a digit takes one at once; its digit is its place and never moves.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::{bar_row, boxed};
use crate::tui::layer::{Layer, LayerMsg, Reply, Shape};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

/// Labels before notes get no more than this: longer ones are cut off.
const LABELS: usize = 30;

/// One choice; `note` stands dim behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    pub label: String,
    pub note: String,
}

impl Item {
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), note: String::new() }
    }
}

pub struct Chooser {
    title: String,
    items: Vec<Item>,
    at: usize,
    /// The present value, marked.
    current: Option<usize>,
}

impl Chooser {
    pub fn new(title: impl Into<String>, items: Vec<Item>, current: Option<usize>) -> Self {
        Self { title: title.into(), items, at: current.unwrap_or(0), current }
    }

    /// How wide the column of labels before the notes is; 0 when there are none.
    fn labels(&self) -> usize {
        let noted = self.items.iter().filter(|i| !i.note.is_empty());
        noted.map(|i| text::width(&i.label)).max().unwrap_or(0).min(LABELS)
    }

    fn has_digits(&self) -> bool {
        self.items.len() <= 9
    }
}

impl Layer for Chooser {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Menu, Scope::Popup, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        let row = |i: &Item| text::width(&i.label).max(self.labels()) + text::width(&i.note) + 10;
        let wide = self.items.iter().map(row).max().unwrap_or(0).max(text::width(&self.title) + 6);
        Shape::Popup { width: wide.clamp(26, 72) as u16, height: self.items.len() as u16 + 2 }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, out: &mut Out) -> bool {
        if let (KeyCode::Char(c @ '1'..='9'), KeyModifiers::NONE) = (key.code, key.modifiers) {
            let place = c as usize - '1' as usize;
            if self.has_digits() && place < self.items.len() {
                out.reply(Reply::Chosen(place));
                return true;
            }
        }
        false
    }

    fn update(&mut self, msg: LayerMsg, _ui: &Ui, out: &mut Out) {
        let LayerMsg::Command(cmd) = msg else { return };
        let last = self.items.len().saturating_sub(1);
        match cmd {
            Cmd::MenuDown => self.at = if self.at == last { 0 } else { self.at + 1 },
            Cmd::MenuUp => self.at = if self.at == 0 { last } else { self.at - 1 },
            Cmd::MenuTop => self.at = 0,
            Cmd::MenuBottom => self.at = last,
            Cmd::MenuTake if !self.items.is_empty() => out.reply(Reply::Chosen(self.at)),
            Cmd::Close => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", self.title), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let skip = (self.at + 1).saturating_sub(usize::from(inner.height));
        for (line, (i, item)) in self.items.iter().enumerate().skip(skip).take(usize::from(inner.height)).enumerate() {
            let row = Rect { y: inner.y + line as u16, height: 1, ..inner };
            let digit = if self.has_digits() { format!("{} ", i + 1) } else { String::new() };
            let tick = if self.current == Some(i) { "•" } else { " " };
            let on = i == self.at;
            let lead = format!("{digit}{tick} ");
            if item.note.is_empty() {
                bar_row(frame, row, &format!("{lead}{}", item.label), on, Style::default(), ui);
                continue;
            }
            let label = format!("{lead}{}  ", text::pad(&item.label, self.labels()));
            let used = (1 + text::width(&label) as u16).min(row.width);
            bar_row(frame, Rect { width: used, ..row }, &label, on, Style::default(), ui);
            let base = if on { ui.style(Role::Selected) } else { Style::default() };
            let note = Rect { x: row.x + used, width: row.width - used, ..row };
            let said = text::pad(&item.note, usize::from(note.width));
            frame.render_widget(Line::styled(said, base.patch(ui.style(Role::Dim))), note);
        }
    }
}

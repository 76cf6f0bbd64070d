//! All keys that work here, from the command table, narrowed by what is typed.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::command::{Cmd, Command, Scope};
use crate::tui::effect::Out;
use crate::tui::frame::{boxed, first_row};
use crate::tui::keymap::Keymap;
use crate::tui::layer::{Layer, LayerMsg, Shape};
use crate::tui::line;
use crate::tui::paint;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

pub struct Help {
    scopes: &'static [Scope],
    search: line::Line,
    at: usize,
}

impl Help {
    /// The keys of these scopes.
    pub fn new(scopes: &'static [Scope]) -> Self {
        Self { scopes, search: line::Line::default(), at: 0 }
    }

    fn rows(&self, ui: &Ui) -> Vec<(&'static Command, String, String)> {
        let wanted = self.search.text().to_lowercase();
        Keymap::commands(self.scopes)
            .filter(|c| ui.keymap.reaches(self.scopes, c.id))
            .map(|c| (c, ui.keymap.keys(c.id).join("  "), ui.t(&c.title_key())))
            .filter(|(_, keys, title)| !keys.is_empty() && (title.to_lowercase().contains(&wanted) || *keys == wanted))
            .collect()
    }
}

impl Layer for Help {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Search, Scope::Dialog, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 76, height: 40 }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, _out: &mut Out) -> bool {
        let taken = self.search.key(key);
        if taken {
            self.at = 0;
        }
        taken
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        let LayerMsg::Command(cmd) = msg else { return };
        let rows = self.rows(ui);
        match cmd {
            Cmd::SearchDown => self.at = (self.at + 1).min(rows.len().saturating_sub(1)),
            Cmd::SearchUp => self.at = self.at.saturating_sub(1),
            Cmd::SearchDone => {
                out.close();
                if let Some((command, ..)) = rows.get(self.at) {
                    out.run(command.id);
                }
            }
            Cmd::Dismiss => out.close(),
            _ => {}
        }
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let block = boxed(format!(" {} ", ui.t("help-title")), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        search_line(frame, Rect { height: 1.min(inner.height), ..inner }, &self.search, &ui.t("help-search"), ui);
        let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
        let rows = self.rows(ui);
        let skip = first_row(self.at, usize::from(list.height));
        for (line, (i, (_, keys, title))) in
            rows.iter().enumerate().skip(skip).take(usize::from(list.height)).enumerate()
        {
            let row = Rect { y: list.y + line as u16, height: 1, ..list };
            let on = i == self.at;
            let style = if on { ui.style(Role::Selected) } else { ui.style(Role::Text) };
            let room = usize::from(row.width).saturating_sub(21);
            let spans = vec![
                Span::styled(if on { "▌" } else { " " }, if on { ui.style(Role::Bar) } else { style }),
                Span::styled(text::pad(keys, 18), style.patch(ui.style(Role::Key))),
                Span::styled(format!("  {}", text::pad(title, room)), style),
            ];
            paint::line(frame.buffer_mut(), Line::from(spans), row);
        }
    }
}

/// A line being typed in, with its prompt when empty; places the cursor.
pub(in crate::tui) fn search_line(frame: &mut Frame, area: Rect, line: &line::Line, prompt: &str, ui: &Ui) {
    if area.height == 0 || area.width < 4 {
        return;
    }
    let cells = usize::from(area.width) - 3;
    let (shown, _, column) = line.window(cells);
    let (body, style) = if shown.is_empty() {
        (text::pad(prompt, cells), ui.style(Role::Dim))
    } else {
        (text::pad(shown, cells), ui.style(Role::Input))
    };
    let spans = vec![Span::styled(" › ", ui.style(Role::Key)), Span::styled(body, style)];
    paint::line(frame.buffer_mut(), Line::from(spans), area);
    frame.set_cursor_position((area.x + 3 + column, area.y));
}

//! A form as lines for a screen reader: `name: value`, what is wrong or understood behind it, and the cursor where the
//! terminal's belongs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::entry::Entry;
use super::{Form, Row};
use crate::tui::spoken::{Spoken, lines_of};
use crate::tui::text;
use crate::tui::theme::Theme;

/// Lines of a long text that has the keys.
const LONG: u16 = 8;

impl Form {
    /// All fields, one a line, at most so wide; below the field with the keys what it offers.
    pub fn spoken(&self, width: u16, theme: &Theme) -> Spoken {
        let mut spoken = Spoken::default();
        for (i, row) in self.rows.iter().enumerate() {
            let is_at = i == self.at;
            let mark = if row.field.required { "*" } else { "" };
            let label = format!("{}{mark}: ", row.field.label.get(self.cx.lang));
            if !is_at {
                spoken.lines.push(self.told(row, &format!("{label}{}", self.value_words(row))));
                continue;
            }
            spoken.line = spoken.lines.len();
            spoken.column = text::width(&label);
            let room = width.saturating_sub(spoken.column as u16).max(8);
            match &row.entry {
                Entry::Line(input) => {
                    let mut buf = Buffer::empty(Rect::new(0, 0, room, 1));
                    spoken.column += usize::from(input.render(buf.area, &mut buf, Style::new()).x);
                    spoken.lines.push(self.told(row, &format!("{label}{}", input.text())));
                }
                Entry::Long(editor) => {
                    spoken.lines.push(self.told(row, label.trim_end()));
                    let mut buf = Buffer::empty(Rect::new(0, 0, width.max(8), LONG));
                    let cursor = editor.render(buf.area, &mut buf, Style::new());
                    let words = crate::tui::backend::text_of(&buf);
                    let shown = words.trim_end().lines().count().max(usize::from(cursor.y) + 1);
                    spoken.line = spoken.lines.len() + usize::from(cursor.y);
                    spoken.column = cursor.x.into();
                    spoken.lines.extend(words.lines().take(shown).map(str::to_owned));
                }
                _ => spoken.lines.push(self.told(row, &format!("{label}{}", self.value_words(row)))),
            }
            let mut foot = Buffer::empty(Rect::new(0, 0, width.max(12), 1));
            self.render_foot(foot.area, 0, 1, 1, &mut foot, theme);
            let foot = crate::tui::backend::text_of(&foot);
            if !foot.trim().is_empty() {
                spoken.lines.push(format!("  {}", foot.trim()));
            }
            if let Some(picker) = &self.open {
                let mut buf = Buffer::empty(Rect::new(0, 0, width.max(12), picker.height().max(3)));
                let cursor = picker.render(buf.area, &mut buf, theme);
                let mut offered = lines_of(&buf, Some(cursor));
                (spoken.line, spoken.column) = (spoken.lines.len() + offered.line, offered.column);
                spoken.choice = offered.choice;
                spoken.lines.append(&mut offered.lines);
            }
        }
        spoken
    }

    /// With what is to be said of the field.
    fn told(&self, row: &Row, line: &str) -> String {
        let changed = if row.is_dirty() { format!(" ({})", self.words.changed) } else { String::new() };
        match self.note(row) {
            Some((note, _)) => format!("{line}{changed}  {note}"),
            None => format!("{line}{changed}"),
        }
    }
}

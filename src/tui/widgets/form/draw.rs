//! How a form looks: names left, what is entered beside them, what is wrong or understood behind that, and on the last
//! line what the field with the keyboard takes.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::entry::{self, Entry};
use super::{Form, Row};
use crate::domain::field::FieldType;
use crate::tui::text;
use crate::tui::theme::{Role, Theme};

/// Lines that a long text takes, at least and at most.
const LONG: std::ops::RangeInclusive<usize> = 2..=8;

/// Where the parts of every row are.
struct Columns {
    label: u16,
    value: u16,
    /// Cells for notes right of the value; 0: they go on a line of their own below.
    note: u16,
}

impl Columns {
    fn of(form: &Form, width: u16) -> Self {
        let longest = form.rows.iter().map(|r| text::width(r.field.label.get(form.cx.lang))).max().unwrap_or(0);
        // The bar and a blank before the name; the sign of a required field and two blanks behind it.
        let label = (longest as u16).min(width / 3).max(4);
        let rest = width.saturating_sub(label + 5);
        let note = if rest >= 52 { (rest * 2 / 5).min(40) } else { 0 };
        Self { label, value: rest.saturating_sub(note + 1).min(64), note }
    }

    fn value_x(&self) -> u16 {
        self.label + 5
    }

    /// Long texts have no note worth the room beside them.
    fn long(&self) -> u16 {
        (self.value + self.note).min(96)
    }
}

impl Form {
    /// Draws the form; returns where the terminal's cursor belongs.
    pub fn render(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        if area.height < 2 || area.width < 12 {
            return None;
        }
        let columns = Columns::of(self, area.width);
        let body = Rect { height: area.height - 1, ..area };
        let heights: Vec<u16> = self.rows.iter().map(|r| self.row_height(r, &columns)).collect();
        let start = |i: usize| heights[..i].iter().sum::<u16>();
        let at = self.at.min(self.rows.len().saturating_sub(1));
        let total: u16 = heights.iter().sum();
        let mut top = self.top.get().min(total.saturating_sub(body.height));
        let end = start(at) + heights.get(at).copied().unwrap_or(1);
        if end > top + body.height {
            top = end - body.height;
        }
        top = top.min(start(at));
        self.top.set(top);

        let mut cursor = None;
        let mut y = 0;
        for (i, row) in self.rows.iter().enumerate() {
            let height = heights[i];
            // A row is drawn from its first line on; what reaches past the end is cut.
            if y >= top && y < top + body.height {
                let height = height.min(top + body.height - y);
                let line = Rect { x: body.x, y: body.y + y - top, width: body.width, height };
                let place = self.render_row(row, i == at, line, &columns, buf, theme);
                if i == at {
                    cursor = place;
                }
            }
            y += height;
        }
        self.render_foot(Rect { y: area.bottom() - 1, height: 1, ..area }, top, total, body.height, buf, theme);
        if let Some(picker) = &self.open {
            let field_y = body.y + start(at).saturating_sub(top);
            let x = (area.x + columns.value_x()).saturating_sub(2);
            let width = (columns.value + 4).max(38).min(area.right().saturating_sub(x)).min(64);
            let below = area.bottom().saturating_sub(field_y + 1);
            let above = field_y.saturating_sub(area.y);
            let wanted = picker.height();
            let place = if below >= wanted.min(6) || below >= above {
                Rect { x, y: field_y + 1, width, height: wanted.min(below) }
            } else {
                let height = wanted.min(above);
                Rect { x, y: field_y - height, width, height }
            };
            return Some(picker.render(place, buf, theme));
        }
        cursor
    }

    fn row_height(&self, row: &Row, columns: &Columns) -> u16 {
        let lines = match &row.entry {
            Entry::Long(editor) => editor.height(columns.long()).clamp(*LONG.start(), *LONG.end()) as u16,
            _ => 1,
        };
        let is_below = columns.note == 0 || matches!(row.entry, Entry::Long(_));
        lines + u16::from(is_below && self.note(row).is_some())
    }

    /// What is said behind the value: another's change, what is wrong, or what was understood.
    pub(super) fn note(&self, row: &Row) -> Option<(String, Role)> {
        if let Some(fault) = &row.fault {
            return Some((format!("✗ {}", self.words.fault(fault)), Role::Bad));
        }
        if let Some(mark) = &row.mark {
            return Some((format!("≠ {}", text::inert(mark)), Role::Warn));
        }
        if row.is_dirty() {
            return row.entry.echo(&row.field, &self.cx).map(|echo| (format!("= {echo}"), Role::Good));
        }
        None
    }

    fn render_row(
        &self,
        row: &Row,
        is_focused: bool,
        line: Rect,
        columns: &Columns,
        buf: &mut Buffer,
        theme: &Theme,
    ) -> Option<Position> {
        let (x, y) = (line.x, line.y);
        if is_focused {
            buf.set_string(x, y, "▌", theme.style(Role::Bar));
        }
        let label = text::cut(row.field.label.get(self.cx.lang), usize::from(columns.label)).into_owned();
        let label_style = theme.style(if is_focused { Role::Accent } else { Role::Dim });
        buf.set_string(x + 2, y, &label, label_style);
        if row.field.required {
            buf.set_string(x + 2 + text::width(&label) as u16, y, "*", theme.style(Role::Warn));
        }
        let is_long = matches!(row.entry, Entry::Long(_));
        let wide = if is_long { columns.long() } else { columns.value };
        let value = Rect::new(x + columns.value_x(), y, wide, line.height).intersection(buf.area);
        if value.is_empty() {
            return None;
        }
        // A changed field has a dot before it, so that one sees what saving will write.
        if row.is_dirty() {
            buf.set_string(value.x - 2, y, "•", theme.style(Role::Accent));
        }
        let style = if is_focused { theme.style(Role::Input) } else { theme.style(Role::Text) };
        let cursor = self.render_value(row, is_focused, value, style, buf, theme);
        if let Some((note, role)) = self.note(row) {
            let at = if columns.note > 0 && !is_long {
                Rect::new(value.right() + 1, y, line.right().saturating_sub(value.right() + 1), 1)
            } else {
                Rect::new(value.x, line.bottom() - 1, line.right().saturating_sub(value.x), 1)
            };
            if columns.note > 0 && !is_long || line.height > 1 {
                buf.set_string(at.x, at.y, text::cut(&note, usize::from(at.width)), theme.style(role));
            }
        }
        cursor
    }

    fn render_value(
        &self,
        row: &Row,
        is_focused: bool,
        value: Rect,
        style: Style,
        buf: &mut Buffer,
        theme: &Theme,
    ) -> Option<Position> {
        let first = Rect { height: 1, ..value };
        match &row.entry {
            Entry::Line(input) if is_focused => return Some(input.render(first, buf, style)),
            Entry::Long(editor) if is_focused => {
                let lines = (editor.height(value.width).clamp(*LONG.start(), *LONG.end()) as u16).min(value.height);
                return Some(editor.render(Rect { height: lines, ..value }, buf, style));
            }
            Entry::Long(editor) if !editor.is_blank() => {
                let lines = text::wrap(&editor.text(), usize::from(value.width));
                let room = usize::from(value.height).min(*LONG.end());
                for (i, l) in lines.iter().take(room).enumerate() {
                    let more = i + 1 == room && lines.len() > room;
                    let l = if more {
                        text::cut(&format!("{l} …"), usize::from(value.width)).into_owned()
                    } else {
                        l.clone()
                    };
                    buf.set_string(value.x, value.y + i as u16, l, style);
                }
                return None;
            }
            _ => {}
        }
        if is_focused {
            buf.set_style(first, style);
        }
        let shown = self.value_words(row);
        if shown.is_empty() {
            buf.set_string(first.x, first.y, "·", style.patch(theme.style(Role::Dim)));
        } else {
            buf.set_string(first.x, first.y, text::cut(&shown, usize::from(first.width)), style);
        }
        is_focused.then(|| Position::new(first.x, first.y))
    }

    /// What was entered, in words.
    pub(super) fn value_words(&self, row: &Row) -> String {
        match &row.entry {
            Entry::Line(input) => input.text().to_owned(),
            Entry::Flag(on) => {
                on.map(|on| if on { &self.words.yes } else { &self.words.no }).cloned().unwrap_or_default()
            }
            entry => entry
                .read(&row.field, &self.cx)
                .map(|v| entry::shown(&v, &row.field, &self.cx, [&self.words.yes, &self.words.no]))
                .unwrap_or_default(),
        }
    }

    /// The last line: what the field takes, and how much of the form is out of sight.
    pub(super) fn render_foot(&self, line: Rect, top: u16, total: u16, room: u16, buf: &mut Buffer, theme: &Theme) {
        let mut right = line.right();
        let below = total.saturating_sub(top + room);
        let more = match (top > 0, below > 0) {
            (false, false) => String::new(),
            (true, false) => format!("↑{top}"),
            (false, true) => format!("↓{below}"),
            (true, true) => format!("↑{top} ↓{below}"),
        };
        if !more.is_empty() {
            right = right.saturating_sub(text::width(&more) as u16 + 1);
            buf.set_string(right, line.y, &more, theme.style(Role::Dim));
        }
        let Some(row) = self.rows.get(self.at) else { return };
        let mut x = line.x + 2;
        let words = &self.words;
        if let Some(fault) = &row.fault {
            // Beside the field there may be no room for the whole sentence.
            let room = usize::from(right.saturating_sub(x + 1));
            buf.set_string(x, line.y, text::cut(&words.fault(fault), room), theme.style(Role::Bad));
            return;
        }
        let hint = match (&row.entry, &row.field.ty) {
            (Entry::Choice(code), _) if row.field.choices().len() <= 9 => {
                for (i, choice) in row.field.choices().iter().enumerate() {
                    let label = choice.label.get(self.cx.lang);
                    if x + text::width(label) as u16 + 4 > right {
                        break;
                    }
                    buf.set_string(x, line.y, (i + 1).to_string(), theme.style(Role::Key));
                    let on = code.as_deref() == Some(choice.code.as_str());
                    buf.set_string(x + 2, line.y, label, theme.style(if on { Role::Accent } else { Role::Dim }));
                    x += text::width(label) as u16 + 4;
                }
                return;
            }
            (Entry::Choice(_), _) => &words.hint_choice,
            (Entry::Flag(_), _) => &words.hint_flag,
            (Entry::Ref(_), _) => &words.hint_reference,
            (Entry::Tags(_), _) => &words.hint_tags,
            (Entry::Long(_), _) => &words.hint_long,
            (_, FieldType::Day | FieldType::Instant) if row.field.past => &words.hint_past,
            (_, FieldType::Day | FieldType::Instant) => &words.hint_when,
            (_, FieldType::Int | FieldType::Decimal | FieldType::Money { .. }) => &words.hint_number,
            _ => return,
        };
        let room = usize::from(right.saturating_sub(x + 1));
        buf.set_string(x, line.y, text::cut(hint, room), theme.style(Role::Dim));
    }
}

//! Drawing Home: two columns of boxes where there is room, else one below the other, of which the one with the cursor is
//! the tallest.

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Home;
use super::section::{LEFT, Section, Source};
use crate::domain::record::Record;
use crate::tui::frame::{bar_row, boxed, first_row};
use crate::tui::paint;
use crate::tui::screens::inbox;
use crate::tui::screens::list::{cell, ideal, say_fields};
use crate::tui::spoken::Spoken;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::{show, text};

/// From this width on the boxes stand in two columns.
const TWO_FROM: u16 = 100;
/// The narrowest useful title of a row.
const TITLE: usize = 18;
/// A box without the cursor when there is little room: borders and one row.
const CLOSED: u16 = 3;

impl Home {
    pub(super) fn draw(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        for (at, place) in self.places(area, ui).into_iter().enumerate() {
            if place.height > 0 {
                self.sections[at].draw(frame, place, at == self.at, ui);
            }
        }
    }

    /// The boxes one after the other: what each is, how many it has, and its rows.
    pub(super) fn say(&self, ui: &Ui) -> Spoken {
        let mut spoken = Spoken::default();
        for (at, section) in self.sections.iter().enumerate() {
            let has_cursor = at == self.at;
            let len = section.len(ui);
            let said = section.said(ui).map(|(said, _)| said);
            // An empty box is stood on by its one line.
            if has_cursor {
                spoken.line = spoken.lines.len() + if len == 0 { 0 } else { 1 + section.at };
            }
            let title = ui.t(section.declared.title);
            match said {
                Some(said) => spoken.lines.push(format!("{title}: {said}")),
                None => spoken.lines.push(format!("{title}: {len}")),
            }
            spoken.lines.extend((0..len).map(|row| section.say_row(row, ui)));
        }
        spoken
    }

    /// A click goes to its box and row; the wheel moves the cursor.
    pub(super) fn mouse(&mut self, mouse: MouseEvent, area: Rect, ui: &Ui) {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.step(true, ui),
            MouseEventKind::ScrollUp => self.step(false, ui),
            MouseEventKind::Down(_) => {
                let place = (mouse.column, mouse.row).into();
                let Some((at, rect)) = self.places(area, ui).into_iter().enumerate().find(|(_, r)| r.contains(place))
                else {
                    return;
                };
                let section = &mut self.sections[at];
                let rows = usize::from(rect.height.saturating_sub(2));
                let row = usize::from(mouse.row - rect.y).saturating_sub(1) + first_row(section.at, rows);
                if row < section.len(ui) {
                    section.at = row;
                }
                self.at = at;
            }
            _ => {}
        }
    }

    /// Where each box stands.
    fn places(&self, area: Rect, ui: &Ui) -> Vec<Rect> {
        if area.width < TWO_FROM {
            return self.stacked(area, 0..self.sections.len(), ui);
        }
        let half = area.width / 2;
        let left = Rect { width: half, ..area };
        let right = Rect { x: area.x + half, width: area.width - half, ..area };
        let mut places = self.stacked(left, 0..LEFT, ui);
        places.extend(self.stacked(right, LEFT..self.sections.len(), ui));
        places
    }

    /// Boxes one below the other: each as high as its rows, as far as there is room.
    fn stacked(&self, area: Rect, which: std::ops::Range<usize>, ui: &Ui) -> Vec<Rect> {
        let wanted: Vec<u16> =
            which.clone().map(|at| (self.sections[at].len(ui).max(1) as u16).saturating_add(2)).collect();
        let n = wanted.len() as u16;
        let focus = which.clone().position(|at| at == self.at).unwrap_or(0);
        let mut heights: Vec<u16> = if wanted.iter().sum::<u16>() <= area.height {
            wanted
        } else {
            // Even shares; what a box does not need goes to the one with the cursor.
            let closed = if area.height >= n * CLOSED { CLOSED } else { 0 };
            let share = (area.height / n).max(closed);
            let share = if share < 6 { closed } else { share };
            wanted.iter().map(|high| (*high).min(share)).collect()
        };
        let used: u16 = heights.iter().sum();
        heights[focus] += area.height.saturating_sub(used);
        let mut y = area.y;
        heights
            .into_iter()
            .map(|height| {
                let height = height.min(area.bottom().saturating_sub(y));
                let place = Rect { y, height, ..area };
                y += height;
                place
            })
            .collect()
    }
}

impl Section {
    /// What stands in the box instead of rows.
    fn said(&self, ui: &Ui) -> Option<(String, Role)> {
        match &self.failed {
            Some(failed) => Some((failed.clone(), Role::Bad)),
            None if self.len(ui) > 0 => None,
            None if !matches!(self.declared.source, Source::Present) && !self.is_read => {
                Some((String::new(), Role::Dim))
            }
            None => {
                let key = ui.keymap.key(crate::tui::command::Cmd::HomeNew);
                Some((ui.tr(self.declared.empty, &[("key", key.into())]), Role::Dim))
            }
        }
    }

    /// A row as a line.
    fn say_row(&self, row: usize, ui: &Ui) -> String {
        match self.declared.source {
            Source::Records { fields, .. } => {
                let record = &self.rows[row];
                let kind = ui.registry.kind(record.kind);
                let mut parts = vec![format!("{} {}", kind.code(record.id), text::inert(record.title(kind)))];
                parts.extend(say_fields(record, kind, fields.iter().filter_map(|name| kind.field(name)), ui));
                parts.join("; ")
            }
            Source::Inbox => inbox::sentence(&self.notices[row], ui),
            Source::Present => person(row, ui).unwrap_or_default(),
        }
    }

    fn draw(&self, frame: &mut Frame, area: Rect, has_cursor: bool, ui: &Ui) {
        let count = match (self.count, self.declared.source) {
            (Some(count), _) => {
                format!(" {}{} ", show::grouped(count.n.into()), if count.exact { "" } else { "+" })
            }
            (None, Source::Inbox) if !self.notices.is_empty() => format!(" {} ", self.notices.len()),
            (None, Source::Present) if !ui.present.is_empty() => format!(" {} ", ui.present.len()),
            _ => String::new(),
        };
        let block = boxed(format!(" {} ", ui.t(self.declared.title)), has_cursor, ui)
            .title(Line::styled(count, ui.style(Role::Text)).right_aligned());
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.height == 0 || inner.width < 8 {
            return;
        }
        if let Some((said, role)) = self.said(ui) {
            let cells = usize::from(inner.width) - 2;
            for (y, line) in (inner.y..inner.bottom()).zip(text::wrap(&said, cells)) {
                frame.buffer_mut().set_string(inner.x + 1, y, line, ui.style(role));
            }
            return;
        }
        let skip = first_row(self.at, usize::from(inner.height));
        for (y, row) in (inner.y..inner.bottom()).zip(skip..self.len(ui)) {
            let place = Rect { y, height: 1, ..inner };
            let selected = has_cursor && row == self.at;
            match self.declared.source {
                Source::Records { fields, .. } => draw_record(frame, place, &self.rows[row], fields, selected, ui),
                Source::Inbox => {
                    bar_row(
                        frame,
                        place,
                        &inbox::line(&self.notices[row], inbox::SHORT, ui),
                        selected,
                        ui.style(Role::Text),
                        ui,
                    );
                }
                Source::Present => draw_person(frame, place, row, selected, ui),
            }
        }
    }
}

fn draw_record(frame: &mut Frame, area: Rect, record: &Record, fields: &[&str], selected: bool, ui: &Ui) {
    let kind = ui.registry.kind(record.kind);
    let mut style = ui.style(Role::Text);
    if selected {
        style = style.patch(ui.style(Role::Selected));
    }
    let bar = if selected { Span::styled("▌", ui.style(Role::Bar)) } else { Span::styled(" ", style) };
    let mut shown: Vec<_> = fields.iter().filter_map(|name| kind.field(name)).collect();
    let room = usize::from(area.width).saturating_sub(2);
    let wide = |field: &crate::domain::field::Field| match (field.name.as_str(), kind.title) {
        (name, title) if name == title => TITLE,
        // Countdowns and times of day; what lies further off gives its day.
        ("due", _) => 10,
        _ => ideal(field, ui),
    };
    while shown.len() > 1 && shown.iter().map(|f| wide(f) + 1).sum::<usize>() > room {
        // The last that is not the title gives way.
        let last = shown.iter().rposition(|f| f.name != kind.title).unwrap_or(0);
        shown.remove(last);
    }
    let spare = room.saturating_sub(shown.iter().map(|f| wide(f) + 1).sum());
    let mut spans = vec![bar];
    for field in shown {
        let width = wide(field) + if field.name == kind.title { spare } else { 0 };
        let (value, role) = cell(record, kind, field, ui);
        let value = if show::is_right(&field.ty) || field.name == "due" {
            text::pad_left(&value, width)
        } else {
            text::pad(&value, width)
        };
        let own = role.map_or(Style::default(), |role| ui.style(role));
        spans.push(Span::styled(value, style.patch(own)));
        spans.push(Span::styled(" ", style));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::styled(" ".repeat(usize::from(area.width).saturating_sub(used)), style));
    paint::line(frame.buffer_mut(), Line::from(spans), area);
}

/// Who is on which record.
fn person(row: usize, ui: &Ui) -> Option<String> {
    let present = ui.present.get(row)?;
    let code = ui.registry.kind(present.kind).code(present.record);
    let typing = if present.typing { format!(" ✎ {}", ui.t("home-typing")) } else { String::new() };
    Some(format!("{} · {code}{typing}", text::inert(&present.name)))
}

fn draw_person(frame: &mut Frame, area: Rect, row: usize, selected: bool, ui: &Ui) {
    let Some(body) = person(row, ui) else { return };
    bar_row(frame, area, &body, selected, ui.style(Role::Text), ui);
}

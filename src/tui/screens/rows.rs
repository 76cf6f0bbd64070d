//! Rows of a screen that is read whole, under a cursor: what the screens of admins have in common.

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::desk;
use crate::tui::frame::{bar_row, boxed, first_row};
use crate::tui::layer::Awaits;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

pub(super) struct Rows<T> {
    all: Vec<T>,
    is_read: bool,
    failed: Option<String>,
    at: usize,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { all: Vec::new(), is_read: false, failed: None, at: 0 }
    }
}

impl<T> Rows<T> {
    pub(super) fn all(&self) -> &[T] {
        &self.all
    }

    pub(super) fn here(&self) -> Option<&T> {
        self.all.get(self.at)
    }

    /// So many rows further, or back.
    pub(super) fn step(&mut self, by: isize) {
        self.at = self.at.saturating_add_signed(by).min(self.last());
    }

    pub(super) fn top(&mut self) {
        self.at = 0;
    }

    pub(super) fn bottom(&mut self) {
        self.at = self.last();
    }

    fn last(&self) -> usize {
        self.all.len().saturating_sub(1)
    }

    /// What was read. The cursor stays on the row of its key; where that is gone, on its place.
    pub(super) fn take<K: PartialEq>(&mut self, read: desk::Result<Vec<T>>, key: impl Fn(&T) -> K) {
        match read {
            Ok(rows) => {
                let here = self.here().map(&key);
                self.at = rows.iter().position(|row| Some(key(row)) == here).unwrap_or(self.at);
                (self.all, self.is_read, self.failed) = (rows, true, None);
                self.at = self.at.min(self.last());
            }
            Err(error) => (self.all, self.failed) = (Vec::new(), Some(error.to_string())),
        }
    }

    pub(super) fn mouse(&mut self, mouse: MouseEvent, area: Rect) {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.step(1),
            MouseEventKind::ScrollUp => self.step(-1),
            MouseEventKind::Down(_) if area.contains((mouse.column, mouse.row).into()) => {
                let height = usize::from(area.height.saturating_sub(3));
                let row = usize::from(mouse.row - area.y).checked_sub(2).map(|row| row + first_row(self.at, height));
                if let Some(row) = row.filter(|row| *row < self.all.len()) {
                    self.at = row;
                }
            }
            _ => {}
        }
    }

    /// In a box: the count, a head, and a line for each row, both of so many cells; `none` is said where there is no row.
    pub(super) fn view(
        &self,
        frame: &mut Frame,
        area: Rect,
        ui: &Ui,
        (title, none): (&str, Option<&str>),
        head: impl Fn(usize) -> String,
        line: impl Fn(&T, usize) -> (String, Style),
    ) {
        let count = Line::styled(format!(" {} ", self.all.len()), ui.style(Role::Text)).right_aligned();
        let block = boxed(format!(" {title} "), true, ui).title(count);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.width < 10 || inner.height == 0 {
            return;
        }
        let said = match (&self.failed, self.is_read) {
            (Some(failed), _) => Some((failed.clone(), Role::Bad)),
            (None, false) => Some((ui.t("record-loading"), Role::Dim)),
            (None, true) => none.filter(|_| self.all.is_empty()).map(|none| (none.to_owned(), Role::Dim)),
        };
        if let Some((said, role)) = said {
            for (y, line) in (inner.y..inner.bottom()).zip(text::wrap(&said, usize::from(inner.width) - 2)) {
                frame.buffer_mut().set_string(inner.x + 1, y, line, ui.style(role));
            }
            return;
        }
        let width = usize::from(inner.width) - 1;
        frame.buffer_mut().set_string(inner.x + 1, inner.y, head(width), ui.style(Role::Dim));
        let body = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
        let skip = first_row(self.at, usize::from(body.height));
        for (y, (at, row)) in (body.y..body.bottom()).zip(self.all.iter().enumerate().skip(skip)) {
            let (line, style) = line(row, width);
            bar_row(frame, Rect { y, height: 1, ..body }, &line, at == self.at, style, ui);
        }
    }

    pub(super) fn awaits(&self) -> Awaits {
        if !self.is_read && self.failed.is_none() { Awaits::Content } else { Awaits::Nothing }
    }
}

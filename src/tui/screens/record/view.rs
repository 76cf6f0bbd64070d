//! How a record stands on the screen: its title, and the blocks of `draw` in their place, or as lines for a screen reader.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Key, RecordScreen};
use crate::tui::frame::boxed;
use crate::tui::paint;
use crate::tui::spoken::Spoken;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;

impl RecordScreen {
    /// Code and title left; version and who else is here right.
    pub(super) fn title<'a>(&self, width: usize, ui: &Ui) -> (Line<'a>, Line<'a>) {
        let kind = ui.registry.kind(self.kind);
        let code = kind.code(self.id);
        let Some(record) = &self.record else {
            return (Line::raw(format!(" {code} ")), Line::default());
        };
        let mut right = vec![Span::styled(format!(" v{} ", record.version), ui.style(Role::Dim))];
        let (mut here, mut typing) = (Vec::new(), Vec::new());
        for person in ui.others_on(self.kind, self.id) {
            let name = text::inert(&person.name).into_owned();
            if person.typing { typing.push(name) } else { here.push(name) }
        }
        if !here.is_empty() {
            let said = ui.tr("presence-here", &[("names", here.join(", ").into())]);
            right.push(Span::styled(format!("· {said} "), ui.style(Role::Accent)));
        }
        if !typing.is_empty() {
            let said = ui.tr("presence-typing", &[("names", typing.join(", ").into())]);
            right.push(Span::styled(format!("· {said} "), ui.style(Role::Warn)));
        }
        let right = Line::from(right);
        let room = width.saturating_sub(right.width() + text::width(&code) + 6);
        let title = text::inert(record.title(kind)).into_owned();
        let left = Line::from(vec![
            Span::styled(format!(" {code} "), ui.style(Role::Accent)),
            Span::styled(format!("{} ", text::cut(&title, room)), ui.style(Role::Title)),
        ]);
        (left, right)
    }

    pub(super) fn draw(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let (left, right) = self.title(usize::from(area.width), ui);
        let block = boxed(left, self.has_keys, ui).title(right.right_aligned());
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.width < 4 || inner.height == 0 {
            return;
        }
        self.size.set((inner.width, inner.height));
        self.corner.set((inner.x, inner.y));
        if let Some(failed) = &self.failed {
            for (y, line) in (inner.y..inner.bottom()).zip(text::wrap(failed, usize::from(inner.width) - 2)) {
                frame.buffer_mut().set_string(inner.x + 1, y, line, ui.style(Role::Bad));
            }
            return;
        }
        let blocks = self.blocks(inner.width, ui);
        let total: usize = blocks.iter().map(|b| b.lines.len()).sum();
        let room = usize::from(inner.height);
        let top = self.top.get().min(total.saturating_sub(room));
        self.top.set(top);
        let mut line = 0;
        for block in blocks {
            let is_at = block.key.as_ref() == Some(&self.at);
            for (i, text) in block.lines.into_iter().enumerate() {
                if (top..top + room).contains(&line) {
                    let y = inner.y + (line - top) as u16;
                    let row = Rect { x: inner.x + 1, y, width: inner.width - 2, height: 1 };
                    if is_at && self.has_keys && i == 0 && self.at != Key::Fields {
                        let whole = Rect { x: inner.x, y, width: inner.width, height: 1 };
                        frame.buffer_mut().set_style(whole, ui.style(Role::Selected));
                    }
                    if is_at && self.has_keys && (i == 0 || self.at != Key::Fields) {
                        frame.buffer_mut().set_string(inner.x, y, "▌", ui.style(Role::Bar));
                    }
                    paint::line(frame.buffer_mut(), text, row);
                }
                line += 1;
            }
        }
        // How far down one is, on the lower line.
        if total > room && area.height > 1 {
            let share = ((top + room) * 100 / total).min(100);
            let said = format!(" {share}% ");
            let x = area.right().saturating_sub(said.len() as u16 + 2);
            frame.buffer_mut().set_string(x, area.bottom() - 1, said, ui.style(Role::Dim));
        }
    }

    pub(super) fn say(&self, rows: usize, ui: &Ui) -> Option<Spoken> {
        if self.failed.is_some() {
            return None;
        }
        self.size.set((ui.width, rows as u16));
        let (left, right) = self.title(usize::from(ui.width) * 2, ui);
        let one = ui.registry.kind(self.kind).one.get(ui.lang());
        let title = format!("{one} {} {}", left.to_string().trim(), right.to_string().trim());
        let mut spoken = Spoken { title, ..Spoken::default() };
        for block in self.blocks(ui.width, ui) {
            if block.key.as_ref() == Some(&self.at) {
                spoken.line = spoken.lines.len();
            }
            // Headings lose their lines.
            let lines = block.lines.into_iter().map(|line| line.to_string().trim_matches(['─', ' ']).to_owned());
            spoken.lines.extend(lines.filter(|line| !line.is_empty()));
        }
        Some(spoken)
    }
}

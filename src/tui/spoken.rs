//! Plain mode, for screen readers: no boxes, no clock, one column of lines, the hardware cursor on the line or field that
//! has the keys. The first line says where one is, the last one what happened, or else which keys work here.

use ratatui::Frame;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::app::App;
use super::frame::{body, place};
use super::layer::Layer;
use super::text;
use super::ui::Ui;

/// Layers are laid out no wider than this, so that they have one column.
pub(super) const WIDEST: u16 = 98;

/// A layer as lines of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// What is shown, in a few words.
    pub title: String,
    pub lines: Vec<String>,
    /// The line that has the keys.
    pub line: usize,
    /// The cursor's place in it, in cells.
    pub column: usize,
    /// What Enter would take while the cursor is in a text field above.
    pub choice: Option<String>,
}

impl App {
    pub(super) fn view_plain(&self, frame: &mut Frame, area: Rect) {
        let below = 1 + self.lines_below();
        let rows = usize::from(area.height.saturating_sub(1 + below)).max(1);
        let layer = self.top();
        let spoken = layer.spoken(rows, &self.ui).unwrap_or_else(|| drawn(layer, &self.ui));
        let mut head = vec![self.tabs[self.tab].root.label(&self.ui)];
        if !spoken.title.is_empty() && spoken.title != head[0] {
            head.push(spoken.title.clone());
        }
        if self.ui.unread > 0 {
            head.push(self.ui.tr("plain-unread", &[("n", self.ui.unread.into())]));
        }
        if let Some(steps) = self.ui.recording {
            head.push(self.ui.tr("plain-recording", &[("n", steps.into())]));
        }
        if !self.ui.online {
            head.push(self.ui.t("line-offline"));
        }
        let width = usize::from(area.width);
        let put = |frame: &mut Frame, y: u16, line: &str| {
            frame.buffer_mut().set_string(area.x, area.y + y, text::cut(line, width), ratatui::style::Style::new());
        };
        put(frame, 0, &text::inert(&head.join(". ")));
        // Pages are turned, not scrolled: a line stays where it was heard.
        let first = spoken.line / rows * rows;
        for (y, line) in spoken.lines.iter().skip(first).take(rows).enumerate() {
            put(frame, y as u16 + 1, line);
        }
        for (y, said) in (area.height - below.min(area.height)..).zip(self.tour_says().into_iter().flatten()) {
            put(frame, y, &said);
        }
        if area.height > 1 {
            match &spoken.choice {
                Some(choice) if self.toast.is_none() => put(frame, area.height - 1, &format!("→ {choice}")),
                _ => self.bottom_line(frame, Rect { y: area.bottom() - 1, height: 1, ..area }),
            }
        }
        let y = (spoken.line - first) as u16 + 1;
        let x = spoken.column.min(width.saturating_sub(1)) as u16;
        frame.set_cursor_position(Position::new(area.x + x, (area.y + y).min(area.bottom().saturating_sub(1))));
    }
}

/// A layer that has no words of its own for this: what it draws, without what only the eye needs.
fn drawn(layer: &dyn Layer, ui: &Ui) -> Spoken {
    let area = place(layer.shape(), body(ui.width, ui.height));
    let mut terminal = Terminal::new(TestBackend::new(ui.width, ui.height)).expect("memory does not fail");
    let seen = terminal.draw(|frame| layer.view(frame, area, ui)).expect("memory does not fail").buffer.clone();
    let cursor = terminal.get_cursor_position().expect("memory does not fail");
    lines_of(&seen, Some(cursor).filter(|at| *at != Position::ORIGIN))
}

/// The words on a screen, line by line; lines without any are left out. The line with the text cursor has the keys, else
/// the one with the bar.
pub(super) fn lines_of(seen: &Buffer, cursor: Option<Position>) -> Spoken {
    let mut spoken = Spoken::default();
    let mut is_found = false;
    for y in seen.area.top()..seen.area.bottom() {
        let mut line = String::new();
        let mut has_bar = false;
        let mut x = seen.area.left();
        while x < seen.area.right() {
            let symbol = seen[(x, y)].symbol();
            has_bar |= symbol == "▌" && line.trim().is_empty();
            line.push_str(if is_ornament(symbol) { " " } else { symbol });
            x += text::width(symbol).max(1) as u16;
        }
        let has_cursor = cursor.is_some_and(|at| at.y == y);
        if line.trim().is_empty() && !has_cursor {
            continue;
        }
        let lead = line.len() - line.trim_start().len();
        if has_cursor || has_bar && !is_found && cursor.is_none() {
            is_found = true;
            spoken.line = spoken.lines.len();
            spoken.column = cursor.map_or(0, |at| usize::from(at.x).saturating_sub(lead));
        }
        if has_bar && cursor.is_some() && !has_cursor {
            spoken.choice = Some(line.trim().to_owned());
        }
        spoken.lines.push(line.trim().to_owned());
    }
    spoken
}

/// Lines, corners and blocks: they say nothing aloud, or say it too often.
fn is_ornament(symbol: &str) -> bool {
    symbol.chars().all(|c| matches!(c, '\u{2500}'..='\u{259f}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_the_eye_needs_is_left_out_and_the_bar_becomes_the_cursor() {
        let seen = Buffer::with_lines(["╭ Tasks ─── 2 ╮", "│  Call 王伟  │", "│▌ Visit █▌ 3 │", "╰─────────────╯"]);
        let spoken = lines_of(&seen, None);
        assert_eq!(spoken.lines, ["Tasks     2", "Call 王伟", "Visit    3"]);
        assert_eq!((spoken.line, spoken.column), (2, 0));
        let spoken = lines_of(&seen, Some(Position::new(5, 1)));
        assert_eq!((spoken.line, spoken.column), (1, 2), "a text field has it, if there is one");
        assert_eq!(spoken.choice.as_deref(), Some("Visit    3"), "and what is chosen below is announced");
    }
}

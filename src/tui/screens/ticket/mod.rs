//! Boxes that only tickets have: filing in four keys, what happens to a reply, canned answers, snoozing.

pub(super) mod canned;
pub(super) mod file;
pub(super) mod send;
pub(super) mod snooze;

#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::text;

/// The person's setting that the next ticket opens when one is solved.
pub(super) const ADVANCE: &str = "advance";

/// True for the states in which a ticket needs nothing more from us.
pub(super) fn is_done(status: &str) -> bool {
    matches!(status, "solved" | "closed")
}

/// Writes pieces one after the other, each whole, on as many lines as they take; the lines used.
pub(super) fn flow(area: Rect, pieces: &[(String, Style)], buf: &mut Buffer) -> u16 {
    let (mut x, mut y) = (area.x, area.y);
    for (piece, style) in pieces {
        let wide = text::width(piece) as u16;
        if x > area.x && x + wide > area.right() {
            (x, y) = (area.x, y + 1);
        }
        if y >= area.bottom() {
            break;
        }
        let shown = text::cut(piece, usize::from(area.right().saturating_sub(x)));
        buf.set_string(x, y, shown.as_ref(), *style);
        x = (x + wide + 2).min(area.right());
    }
    (y + 1).saturating_sub(area.y).min(area.height)
}

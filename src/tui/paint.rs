//! Text into the cells of a screen. The same as ratatui's own widgets, and a quarter of their time for ASCII, of which
//! a screen mostly is: no clusters are looked for where there are none.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::text;
use crate::domain::inert::is_plain;

/// Puts text at a place, cut to so many cells, and returns how many it took. What is left of them stays as it is.
pub(super) fn text(buf: &mut Buffer, x: u16, y: u16, shown: &str, cells: u16, style: Style) -> u16 {
    let area = buf.area;
    if y < area.y || y >= area.bottom() || x < area.x || x >= area.right() {
        return 0;
    }
    let cells = cells.min(area.right() - x);
    let shown = text::cut(shown, cells.into());
    if is_plain(&shown) {
        plain(buf, x, y, &shown, style);
        shown.len() as u16
    } else {
        buf.set_stringn(x, y, &shown, cells.into(), style).0 - x
    }
}

/// A line in its place, as the widget draws it: its style everywhere, its spans by its alignment, cut where it is longer.
pub(super) fn line<'a>(buf: &mut Buffer, line: impl Into<Line<'a>>, area: Rect) {
    let line = line.into();
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    let wide = line.spans.iter().map(|span| text::width(&span.content)).sum::<usize>();
    if wide == 0 {
        return;
    }
    if wide > area.width.into() {
        return line.render(area, buf);
    }
    if line.style != Style::default() {
        buf.set_style(Rect { height: 1, ..area }, line.style);
    }
    let mut x = area.x
        + match line.alignment {
            None | Some(Alignment::Left) => 0,
            Some(Alignment::Center) => (area.width - wide as u16) / 2,
            Some(Alignment::Right) => area.width - wide as u16,
        };
    for span in &line.spans {
        let cells = text::width(&span.content) as u16;
        if is_plain(&span.content) {
            plain(buf, x, area.y, &span.content, span.style);
        } else {
            span.render(Rect::new(x, area.y, cells, 1), buf);
        }
        x += cells;
    }
}

/// The text fits its row.
fn plain(buf: &mut Buffer, x: u16, y: u16, text: &str, style: Style) {
    if text.is_empty() {
        return;
    }
    let at = buf.index_of(x, y);
    for (cell, byte) in buf.content[at..].iter_mut().zip(text.bytes()) {
        cell.set_char(byte.into()).set_style(style);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::{Color, Modifier};
    use ratatui::text::Span;

    use super::*;
    use crate::tui::widgets::testing::cases;

    fn any_style() -> impl Strategy<Value = Style> {
        prop_oneof![
            Just(Style::new()),
            Just(Style::new().fg(Color::Red)),
            Just(Style::new().bg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::BOLD)),
        ]
    }

    proptest! {
        #![proptest_config(cases(400))]

        #[test]
        fn a_line_is_drawn_as_its_widget_draws_it(
            spans in prop::collection::vec(("[ -~]{0,9}|[a-z客户é…]{0,6}", any_style()), 0..5),
            style in any_style(),
            alignment in prop_oneof![Just(None), Just(Some(Alignment::Center)), Just(Some(Alignment::Right))],
            width in 0_u16..31,
        ) {
            let spans: Vec<Span> = spans.into_iter().map(|(text, style)| Span::styled(text, style)).collect();
            let mut drawn = Line::from(spans).style(style);
            drawn.alignment = alignment;
            let area = Rect::new(1, 1, width, 1);
            let (mut ours, mut theirs) = (Buffer::empty(Rect::new(0, 0, 1 + width, 3)), Buffer::empty(Rect::new(0, 0, 1 + width, 3)));
            line(&mut ours, drawn.clone(), area);
            drawn.render(area, &mut theirs);
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn text_takes_no_more_cells_than_it_may(shown in "[ -~]{0,9}|[a-z客户é…\u{301}]{0,9}", x in 0_u16..12, cells in 0_u16..12) {
            let mut buf = Buffer::filled(Rect::new(0, 0, 10, 1), ratatui::buffer::Cell::new("#"));
            let took = text(&mut buf, x, 0, &shown, cells, Style::new());
            prop_assert!(took <= cells && took <= 10);
            for free in (0..x.min(10)).chain(x + took..10) {
                prop_assert_eq!(buf[(free, 0)].symbol(), "#", "{} at {}", shown, free);
            }
        }
    }
}

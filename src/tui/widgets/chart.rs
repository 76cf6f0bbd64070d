//! Pictures of numbers. Each is readable without colour, and in a place of one row.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, LineGauge, Sparkline, SparklineBar};

/// How two courses, the point that is looked at and the axes look.
#[derive(Clone, Copy, Debug)]
pub struct Looks {
    pub now: Style,
    pub before: Style,
    pub point: Style,
    pub axis: Style,
}

/// Eighths of a cell.
const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar `cells` wide at most, of so much of one; `mark` is where it stood before, drawn where the bar does not reach.
pub fn bar(share: f64, mark: Option<f64>, cells: usize) -> String {
    if cells == 0 {
        return String::new();
    }
    let eighths = |share: f64| (share.clamp(0.0, 1.0) * cells as f64 * 8.0).round() as usize;
    let long = eighths(share);
    // What is there is seen, however little it is.
    let long = if share > 0.0 { long.max(1) } else { long };
    let mut bar = "█".repeat(long / 8) + PARTS[long % 8];
    let used = long.div_ceil(8);
    let mark = mark.map(|mark| eighths(mark).div_ceil(8)).filter(|at| *at > used && *at <= cells);
    match mark {
        Some(at) => {
            bar.push_str(&" ".repeat(at - 1 - used));
            bar.push('╎');
            bar.push_str(&" ".repeat(cells - at));
        }
        None => bar.push_str(&" ".repeat(cells - used)),
    }
    bar
}

/// A bar in the middle of its place.
pub fn middle_bar(share: f64, cells: usize) -> String {
    let long = (share.clamp(0.0, 1.0) * cells as f64).round() as usize;
    let long = if share > 0.0 { long.max(1).min(cells) } else { long };
    let left = (cells - long) / 2;
    format!("{}{}{}", " ".repeat(left), "█".repeat(long), " ".repeat(cells - long - left))
}

/// How much of one, in one row, with its number before it.
pub fn gauge(frame: &mut Frame, area: Rect, share: f64, label: String, looks: Looks) {
    let gauge = LineGauge::default()
        .ratio(share.clamp(0.0, 1.0))
        .label(label)
        .filled_symbol("█")
        .unfilled_symbol("░")
        .style(looks.axis)
        .filled_style(looks.now)
        .unfilled_style(looks.axis);
    frame.render_widget(gauge, area);
}

/// Numbers over time in little columns, each as wide as there is room; `at` is looked at. `None` leaves a gap.
pub fn spark(frame: &mut Frame, area: Rect, course: &[Option<f64>], at: Option<usize>, looks: Looks) {
    if course.is_empty() || area.width == 0 {
        return;
    }
    let most = course.iter().flatten().copied().fold(0.0, f64::max);
    let scaled = |value: f64| if most > 0.0 { (value / most * 1_000.0).round() as u64 } else { 0 };
    let wide = (usize::from(area.width) / course.len()).max(1);
    let bars = course.iter().enumerate().flat_map(|(place, value)| {
        let style = if Some(place) == at { looks.point } else { looks.now };
        let of = move |gap: bool| SparklineBar::from(value.filter(|_| !gap).map(scaled)).style(style);
        (0..wide).map(move |i| of(wide > 2 && i + 1 == wide))
    });
    let absent = looks.axis;
    frame.render_widget(Sparkline::default().data(bars).max(1_000).absent_value_style(absent), area);
}

/// What a course is drawn with.
pub struct Course<'a> {
    /// Of each place, what is and what was.
    pub points: &'a [(Option<f64>, Option<f64>)],
    /// The place that is looked at.
    pub at: Option<usize>,
    /// The names of the first and the last place.
    pub ends: [&'a str; 2],
    /// The number at the top, as it is written there.
    pub top: &'a str,
}

/// A line over time, with a dotted one for what it is compared with. Axes where there is room.
pub fn line(frame: &mut Frame, area: Rect, course: &Course<'_>, looks: Looks) {
    let now: Vec<(f64, f64)> = points(course.points.iter().map(|(now, _)| *now));
    let before: Vec<(f64, f64)> = points(course.points.iter().map(|(_, before)| *before));
    let most = now.iter().chain(&before).map(|(_, y)| *y).fold(0.0, f64::max);
    let last = course.points.len().saturating_sub(1).max(1) as f64;
    if area.height < 4 || area.width < 24 || course.points.len() < 2 {
        let values: Vec<_> = course.points.iter().map(|(now, _)| *now).collect();
        return spark(frame, area, &values, course.at, looks);
    }
    let here: Vec<(f64, f64)> =
        course.at.and_then(|at| Some((at as f64, course.points.get(at)?.0?))).into_iter().collect();
    let set = |data, marker, graph, style| Dataset::default().data(data).marker(marker).graph_type(graph).style(style);
    let sets = vec![
        set(&before, Marker::Dot, GraphType::Scatter, looks.before),
        set(&now, Marker::Braille, GraphType::Line, looks.now),
        set(&here, Marker::Block, GraphType::Scatter, looks.point),
    ];
    let label = |text: &str| Line::from(Span::styled(text.to_owned(), looks.axis));
    let x = Axis::default().bounds([0.0, last]).style(looks.axis).labels(course.ends.map(label));
    let top = if most > 0.0 { most * 1.05 } else { 1.0 };
    let y = Axis::default().bounds([0.0, top]).style(looks.axis).labels([label("0"), label(course.top)]);
    frame.render_widget(Chart::new(sets).x_axis(x).y_axis(y).legend_position(None), area);
}

fn points(values: impl Iterator<Item = Option<f64>>) -> Vec<(f64, f64)> {
    values.enumerate().filter_map(|(x, y)| Some((x as f64, y?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::text::width;

    #[test]
    fn bars_are_as_long_as_their_share() {
        for (share, mark, cells, drawn) in [
            (0.5, None, 8, "████    "),
            (1.0, None, 4, "████"),
            (2.0, None, 4, "████"),
            (0.0, None, 4, "    "),
            (0.001, None, 4, "▏   "),
            (0.3, None, 5, "█▌   "),
            (0.25, Some(0.75), 8, "██   ╎  "),
            (0.75, Some(0.25), 8, "██████  "),
            (0.5, Some(1.0), 4, "██ ╎"),
            (0.5, None, 0, ""),
        ] {
            assert_eq!(bar(share, mark, cells), drawn, "{share} {mark:?}");
        }
        for cells in 0..30 {
            for step in 0..=20 {
                let share = f64::from(step) / 20.0;
                assert_eq!(width(&bar(share, Some(1.0 - share), cells)), cells, "{share} in {cells}");
                if cells > 0 {
                    assert_eq!(width(&middle_bar(share, cells)), cells, "{share} in {cells}");
                }
            }
        }
        assert_eq!(middle_bar(0.5, 8), "  ████  ");
    }

    #[test]
    fn no_place_is_too_small_for_a_picture() {
        use ratatui::Terminal;
        use ratatui::backend::TestBackend;
        let looks = Looks { now: Style::new(), before: Style::new(), point: Style::new(), axis: Style::new() };
        let courses: [&[(Option<f64>, Option<f64>)]; 4] =
            [&[], &[(Some(1.0), None)], &[(Some(0.0), None), (None, Some(3.0))], &[(None, None); 40]];
        for (width, height) in [(1, 1), (3, 1), (10, 2), (24, 4), (80, 9)] {
            for points in courses {
                let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
                terminal
                    .draw(|frame| {
                        let course = Course { points, at: Some(1), ends: ["2026-01", "2026-12"], top: "12k" };
                        line(frame, frame.area(), &course, looks);
                        gauge(frame, frame.area(), 0.4, "40 %".into(), looks);
                    })
                    .unwrap();
            }
        }
    }
}

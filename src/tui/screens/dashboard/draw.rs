//! Drawing a page: a line that says which page, of which days, against which; below it boxes in two columns where there is
//! room, else one below the other, of which those around the cursor are seen.

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Dashboards;
use super::pages::{Chart, Page};
use super::panel::{Panel, When, number};
use crate::domain::field::Lang;
use crate::domain::metric::{self, Compare, Figure, Figures, Unit};
use crate::domain::query::date;
use crate::tui::frame::{bar_row, boxed};
use crate::tui::paint;
use crate::tui::show;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::widgets::chart::{self, Course, Looks};

/// From this width on the boxes stand in two columns.
const TWO_FROM: u16 = 100;
/// The least useful height of a box: borders, the number in words, four rows of picture.
const BOX: u16 = 7;
/// The widest name of a group.
const NAME: usize = 20;
/// A figure in brief; Chinese units are wider.
const FIGURE: usize = 9;

impl Dashboards {
    pub(super) fn draw(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        paint::line(frame.buffer_mut(), self.head(area.width, ui), Rect { height: 1.min(area.height), ..area });
        for (at, place) in self.places(area) {
            self.panels[at].draw(frame, place, at == self.at, &self.when, ui);
        }
    }

    /// The pages, the open one in brackets; the period and what it is compared with.
    fn head(&self, cells: u16, ui: &Ui) -> Line<'static> {
        let mut spans = Vec::new();
        for page in Page::ALL {
            let name = ui.t(page.title());
            let (name, role) =
                if page == self.page { (format!("[{name}]"), Role::TabOn) } else { (format!(" {name} "), Role::Tab) };
            spans.push(Span::styled(name, ui.style(role)));
        }
        let dated = self.panels.iter().find_map(|panel| panel.figures.as_ref().filter(|f| f.frame.is_some()));
        let days = dated.and_then(|figures| figures.frame).map(Figures::days);
        let said = show::period(&self.when.period, ui);
        // Days that were typed as such are said once.
        let period = match days.filter(|days| *days != self.when.period.print()) {
            Some(days) => format!("  {said}  {days}"),
            None => format!("  {said}"),
        };
        let with = match self.when.compare {
            Compare::None => Some(ui.t("dash-alone")),
            _ => self.panels.iter().find_map(|panel| panel.figures.as_ref()?.before).map(|before| {
                let days = Figures::days(before);
                ui.tr("dash-against", &[("days", days.into())])
            }),
        };
        let with = with.map(|with| format!("  {with}")).unwrap_or_default();
        for (said, role) in [(period, Role::Accent), (with, Role::Dim)] {
            let room = usize::from(cells).saturating_sub(spans.iter().map(Span::width).sum());
            spans.push(Span::styled(text::cut(&said, room).into_owned(), ui.style(role)));
        }
        Line::from(spans)
    }

    /// The boxes that are seen, and where.
    fn places(&self, area: Rect) -> Vec<(usize, Rect)> {
        let area = Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area };
        if area.height == 0 || self.panels.is_empty() {
            return Vec::new();
        }
        let columns = if area.width >= TWO_FROM { 2 } else { 1 };
        let lines = self.panels.len().div_ceil(columns);
        let seen = usize::from(area.height / BOX).clamp(1, lines);
        // The box with the cursor is always among them.
        let first = (self.at / columns + 1).saturating_sub(seen);
        let high =
            |line: usize| area.height * (line as u16 + 1) / seen as u16 - area.height * line as u16 / seen as u16;
        let wide = area.width / columns as u16;
        let mut places = Vec::new();
        let mut y = area.y;
        for line in 0..seen {
            for column in 0..columns {
                let at = (first + line) * columns + column;
                let x = area.x + wide * column as u16;
                let width = if column + 1 == columns { area.right() - x } else { wide };
                if at < self.panels.len() {
                    places.push((at, Rect { x, y, width, height: high(line) }));
                }
            }
            y += high(line);
        }
        places
    }

    /// A click goes to its box and figure; the wheel moves the cursor.
    pub(super) fn mouse(&mut self, mouse: MouseEvent, area: Rect) {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.step(true),
            MouseEventKind::ScrollUp => self.step(false),
            MouseEventKind::Down(_) => {
                let point = (mouse.column, mouse.row).into();
                let Some((at, place)) = self.places(area).into_iter().find(|(_, place)| place.contains(point)) else {
                    return;
                };
                let panel = &mut self.panels[at];
                panel.at = panel.figure_at(inner(place), mouse.row).unwrap_or(panel.at);
                self.at = at;
            }
            _ => {}
        }
    }
}

/// A box without its border.
fn inner(area: Rect) -> Rect {
    ratatui::widgets::Block::bordered().inner(area)
}

/// A line of a box with bars.
enum Shown<'f> {
    /// The place of the row.
    Row(usize),
    /// The currency of the rows below.
    Currency(&'f str),
}

impl Panel {
    fn title(&self, when: &When, ui: &Ui) -> String {
        let metric = self.metric();
        let what = metric.label.get(ui.lang()).to_owned();
        if let Some(beside) = self.metric_beside() {
            return ui.tr("dash-beside", &[("what", what.into()), ("other", beside.label.get(ui.lang()).into())]);
        }
        let Some(by) = self.by(metric, when, ui) else { return what };
        if let Some(unit) = by.unit {
            let unit = ui.t(unit_title(unit));
            return ui.tr("dash-over", &[("what", what.into()), ("unit", unit.into())]);
        }
        let field = by.field(&ui.registry, metric).map(|(_, field)| field.label.get(ui.lang()).to_lowercase());
        let by = text::inert(&field.unwrap_or_default()).into_owned();
        ui.tr("dash-by", &[("what", what.into()), ("by", by.into())])
    }

    fn draw(&self, frame: &mut Frame, area: Rect, has_cursor: bool, when: &When, ui: &Ui) {
        let brief = self.figures.as_ref().and_then(|figures| figures.total.first()).map(|figure| {
            let value = metric::brief(self.metric(), figure.now, figure.currency.as_deref(), ui.lang());
            match metric::change(self.metric(), figure) {
                Some(change) => format!(" {value} {change} "),
                None => format!(" {value} "),
            }
        });
        let brief = text::inert(&brief.unwrap_or_default()).into_owned();
        let room = usize::from(area.width).saturating_sub(5 + text::width(&brief));
        let title = text::cut(&self.title(when, ui), room).into_owned();
        let block = boxed(format!(" {title} "), has_cursor, ui)
            .title(Line::styled(brief, ui.style(Role::Text)).right_aligned());
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.height == 0 || inner.width < 8 {
            return;
        }
        if let Some(failed) = &self.failed {
            return say(frame, inner, failed, Role::Bad, ui);
        }
        let Some(figures) = &self.figures else { return };
        let first = Rect { height: 1, ..inner };
        bar_row(
            frame,
            first,
            &self.words(figures, ui),
            has_cursor && (self.at == 0 || self.is_over_time()),
            Style::new(),
            ui,
        );
        let rest = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
        if rest.height == 0 {
            return;
        }
        if figures.groups.iter().all(|group| group.figures.iter().all(is_nothing)) {
            return say(frame, rest, &ui.t("dash-none"), Role::Dim, ui);
        }
        match self.declared.chart {
            Chart::Bars | Chart::Funnel => self.bars(frame, rest, figures, has_cursor, ui),
            Chart::Gauge => {
                let share = figures.total.first().and_then(|figure| number(figure.now)).unwrap_or_default() / 100.0;
                let gauge = Rect { x: rest.x + 1, width: rest.width - 2, height: 1, ..rest };
                let total = figures.total.first().map(|f| metric::brief(self.metric(), f.now, None, ui.lang()));
                chart::gauge(frame, gauge, share, total.unwrap_or_default(), looks(ui));
                let below = Rect { y: rest.y + 1, height: rest.height - 1, ..rest };
                self.bars(frame, below, figures, has_cursor, ui);
            }
            Chart::Line | Chart::Spark => self.over_time(frame, rest, figures, ui),
        }
    }

    /// The figure in words: in all, or of the days that the cursor is on.
    fn words(&self, figures: &Figures, ui: &Ui) -> String {
        let metric = self.metric();
        let here = self.group().filter(|_| self.is_over_time());
        let of = here.map_or(&figures.total, |group| &group.figures);
        let said = |figure: &Figure| metric::said(metric, figure.now, figure.currency.as_deref(), ui.lang());
        let mut parts: Vec<String> = vec![of.iter().map(said).collect::<Vec<_>>().join(" · ")];
        if metric.unit == Unit::Records {
            parts[0] = format!("{} {}", parts[0], ui.registry.kind(metric.kind).many.get(ui.lang()).to_lowercase());
        }
        if let Some(group) = here {
            parts.insert(0, group.label.clone());
        }
        if let (Some(beside), Some(other)) = (self.metric_beside(), &self.beside) {
            let group = here.and_then(|_| other.groups.get(self.at - 1));
            let of = group.map_or(&other.total, |group| &group.figures);
            if let Some(figure) = of.first() {
                let label = beside.label.get(ui.lang());
                parts.push(format!(
                    "{label} {}",
                    metric::said(beside, figure.now, figure.currency.as_deref(), ui.lang())
                ));
            }
        }
        if let Some(figure) = of.first() {
            if let Some(change) = metric::change(metric, figure) {
                parts.push(change);
            }
            if let Some(before) = figure.before.filter(|before| before.records > 0) {
                let was = metric::said(metric, before, figure.currency.as_deref(), ui.lang());
                parts.push(ui.tr("dash-before", &[("was", was.into())]));
            }
            if metric.unit != Unit::Records {
                let n = of.iter().map(|figure| figure.now.records.cast_unsigned()).sum::<u64>();
                parts.push(ui.tr("dash-records", &[("n", n.into())]));
            }
        }
        text::inert(&parts.join("  ")).into_owned()
    }

    /// A row for each figure: name, bar, number. Each currency has a scale of its own, and after the first a heading. The
    /// rows around the cursor are seen.
    fn bars(&self, frame: &mut Frame, area: Rect, figures: &Figures, has_cursor: bool, ui: &Ui) {
        let room = usize::from(area.width).saturating_sub(1);
        let longest = figures.groups.iter().map(|group| text::width(&group.label)).max().unwrap_or(0);
        let name = longest.min(NAME).min(room / 3);
        let wide = if ui.lang() == Lang::Zh { FIGURE + 2 } else { FIGURE };
        let cells = room.saturating_sub(name + wide + 3);
        let high = usize::from(area.height);
        let lines = self.lines(figures);
        let skip = self.skipped(&lines, high);
        for (y, line) in (area.y..).zip(lines.iter().skip(skip).take(high)) {
            let place = Rect { y, height: 1, ..area };
            let (group, figure, selected) = match line {
                Shown::Currency(currency) => {
                    let rule = format!(" {currency} {}", "╌".repeat(room.saturating_sub(text::width(currency) + 2)));
                    paint::line(frame.buffer_mut(), Line::styled(rule, ui.style(Role::Dim)), place);
                    continue;
                }
                Shown::Row(row) => {
                    let (group, figure) = self.rows[*row];
                    (
                        &figures.groups[group],
                        figures.groups[group].figures.get(figure),
                        has_cursor && self.at == row + 1,
                    )
                }
            };
            let said = figure
                .map_or_else(String::new, |f| metric::brief(self.metric(), f.now, f.currency.as_deref(), ui.lang()));
            let style = if selected { ui.style(Role::Selected) } else { ui.style(Role::Text) };
            let sign = if selected { Span::styled("▌", ui.style(Role::Bar)) } else { Span::styled(" ", style) };
            let label = text::pad(&text::inert(&group.label), name);
            let bar = figure.map_or_else(|| " ".repeat(cells), |figure| self.bar(figures, figure, cells));
            let spans = vec![
                sign,
                Span::styled(label, style),
                Span::styled(" ", style),
                Span::styled(bar, style.patch(if selected { Style::new() } else { ui.style(Role::Accent) })),
                Span::styled(format!(" {} ", text::pad_left(&text::inert(&said), wide)), style),
            ];
            paint::line(frame.buffer_mut(), Line::from(spans), place);
        }
        let left = lines.len().saturating_sub(skip + high);
        if left > 0 || figures.more {
            let more = format!(" {} ", ui.t("dash-more"));
            let wide = text::width(&more).min(usize::from(area.width)) as u16;
            let place = Rect { x: area.right() - wide, y: area.bottom(), width: wide, height: 1 };
            paint::line(frame.buffer_mut(), Line::styled(more, ui.style(Role::Dim)), place);
        }
    }

    /// As long as the figure is big among those of its currency.
    fn bar(&self, figures: &Figures, figure: &Figure, cells: usize) -> String {
        let value = |figure: &Figure| number(figure.now);
        let before = |figure: &Figure| number(figure.before?);
        let all = figures.groups.iter().flat_map(|group| &group.figures).filter(|f| f.currency == figure.currency);
        let all = all.flat_map(|figure| [value(figure), before(figure)]).flatten();
        let most = if self.metric().unit == Unit::Percent { 100.0 } else { all.fold(0.0, f64::max) };
        let share = |value: f64| if most > 0.0 { value / most } else { 0.0 };
        let now = share(value(figure).unwrap_or_default());
        if self.declared.chart == Chart::Funnel {
            return chart::middle_bar(now, cells);
        }
        chart::bar(now, before(figure).map(share), cells)
    }

    /// The rows with a heading before those of each currency but the first.
    fn lines<'f>(&self, figures: &'f Figures) -> Vec<Shown<'f>> {
        let currency = |row: usize| {
            let (group, figure) = self.rows[row];
            figures.groups[group].figures.get(figure)?.currency.as_deref()
        };
        let mut lines = Vec::new();
        let mut last = figures.total.first().and_then(|total| total.currency.as_deref());
        for row in 0..self.rows.len() {
            match currency(row) {
                Some(here) if last != Some(here) => {
                    lines.push(Shown::Currency(here));
                    last = Some(here);
                }
                _ => {}
            }
            lines.push(Shown::Row(row));
        }
        lines
    }

    /// Lines above the first one drawn.
    fn skipped(&self, lines: &[Shown], high: usize) -> usize {
        let at = lines.iter().position(|line| matches!(line, Shown::Row(row) if row + 1 == self.at));
        at.map_or(0, |at| (at + 1).saturating_sub(high))
    }

    /// The figure whose row that is.
    fn figure_at(&self, inner: Rect, row: u16) -> Option<usize> {
        let line = usize::from(row.checked_sub(inner.y)?);
        if line == 0 || self.is_over_time() {
            return Some(0);
        }
        let above = if self.declared.chart == Chart::Gauge { 2 } else { 1 };
        let lines = self.lines(self.figures.as_ref()?);
        let high = usize::from(inner.height).saturating_sub(above);
        match lines.get(line.checked_sub(above)? + self.skipped(&lines, high))? {
            Shown::Row(row) => Some(row + 1),
            Shown::Currency(_) => None,
        }
    }

    fn over_time(&self, frame: &mut Frame, area: Rect, figures: &Figures, ui: &Ui) {
        let course = self.course(ui);
        let at = self.at.checked_sub(1).and_then(|place| course.iter().position(|(p, ..)| *p == place));
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        if self.declared.chart == Chart::Spark {
            let values: Vec<Option<f64>> = course.iter().map(|(_, now, _)| *now).collect();
            return chart::spark(frame, area, &values, at, looks(ui));
        }
        let points: Vec<_> = course.iter().map(|(_, now, before)| (*now, *before)).collect();
        let label = |place: Option<&(usize, Option<f64>, Option<f64>)>| {
            place.and_then(|(place, ..)| figures.groups.get(*place)).map_or("", |group| group.label.as_str())
        };
        let most = points.iter().flat_map(|(now, before)| [*now, *before]).flatten().fold(0.0, f64::max);
        let amount = metric::Amount { records: 0, value: rust_decimal::Decimal::from_f64_retain(most) };
        let currency = figures.total.first().and_then(|figure| figure.currency.as_deref());
        let top = metric::brief(self.metric(), amount, currency, ui.lang());
        let ends = [label(course.first()), label(course.last())];
        chart::line(frame, area, &Course { points: &points, at, ends, top: &top }, looks(ui));
    }
}

fn looks(ui: &Ui) -> Looks {
    Looks {
        now: ui.style(Role::Accent),
        before: ui.style(Role::Dim),
        point: ui.style(Role::Warn),
        axis: ui.style(Role::Dim),
    }
}

fn is_nothing(figure: &Figure) -> bool {
    figure.now.records == 0 && figure.before.is_none_or(|before| before.records == 0)
}

fn unit_title(unit: date::Unit) -> &'static str {
    match unit {
        date::Unit::Day => "dash-unit-day",
        date::Unit::Week => "dash-unit-week",
        date::Unit::Month => "dash-unit-month",
        date::Unit::Quarter => "dash-unit-quarter",
        date::Unit::Year => "dash-unit-year",
    }
}

fn say(frame: &mut Frame, area: Rect, said: &str, role: Role, ui: &Ui) {
    for (y, line) in (area.y..area.bottom()).zip(text::wrap(said, usize::from(area.width) - 2)) {
        frame.buffer_mut().set_string(area.x + 1, y, line, ui.style(role));
    }
}

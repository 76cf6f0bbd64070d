//! One box of a page: what it asks, the figures that came, and the figure that the cursor is on.

use rust_decimal::prelude::ToPrimitive;

use super::pages::{Chart, Declared};
use crate::desk::MetricAsk;
use crate::domain::metric::{self, Amount, By, Compare, Figure, Figures, Frame, Group, Key, Metric, Period};
use crate::domain::query::Query;
use crate::tui::effect::{Answer, Ask, Latest, Out, Question};
use crate::tui::ui::Ui;

/// Of which days a page is, and which days before these it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct When {
    pub(super) period: Period,
    pub(super) compare: Compare,
}

pub(super) struct Panel {
    pub(super) declared: Declared,
    pub(super) figures: Option<Figures>,
    pub(super) beside: Option<Figures>,
    pub(super) failed: Option<String>,
    /// 0 is the whole, then the rows.
    pub(super) at: usize,
    /// What stands below the whole: the places of a group and of one of its figures. Rows of one currency stand together.
    pub(super) rows: Vec<(usize, usize)>,
    reading: Latest,
    reading_beside: Latest,
}

impl Panel {
    pub(super) fn new(declared: Declared) -> Self {
        Self {
            declared,
            figures: None,
            beside: None,
            failed: None,
            at: 0,
            rows: Vec::new(),
            reading: Latest::default(),
            reading_beside: Latest::default(),
        }
    }

    pub(super) fn metric(&self) -> &'static Metric {
        metric::by_name(self.declared.metric).expect("a test looks the panels' metrics up")
    }

    pub(super) fn metric_beside(&self) -> Option<&'static Metric> {
        self.declared.beside.and_then(metric::by_name)
    }

    /// What it is split by, for a period of that length.
    pub(super) fn by(&self, metric: &Metric, when: &When, ui: &Ui) -> Option<By> {
        let word = self.declared.by.unwrap_or_else(|| unit(when, ui));
        By::parse(word, &ui.registry, metric).ok()
    }

    pub(super) fn load(&mut self, when: &When, ui: &Ui, out: &mut Out) {
        self.reading.ask(self.question(self.metric(), when, ui), out);
        if let Some(beside) = self.metric_beside() {
            self.reading_beside.ask(self.question(beside, when, ui), out);
        }
    }

    fn question(&self, metric: &'static Metric, when: &When, ui: &Ui) -> Question {
        let (period, compare) = match metric.date {
            Some(_) if self.declared.beside.is_some() => (when.period.clone(), Compare::None),
            Some(_) => (when.period.clone(), when.compare),
            None => (Period::All, Compare::None),
        };
        let by = self.by(metric, when, ui);
        Question::Metric { ask: MetricAsk { by, period, compare, ..MetricAsk::of(metric.name) } }
    }

    pub(super) fn is_loading(&self) -> bool {
        self.reading.is_busy()
    }

    /// True when the answer was to a question of this box.
    pub(super) fn take(&mut self, ask: Ask, answer: &mut Option<Answer>, out: &mut Out) -> bool {
        let is_mine = self.reading.take(ask, out);
        if !is_mine && !self.reading_beside.take(ask, out) {
            return false;
        }
        match answer.take() {
            Some(Answer::Metric(Ok(figures))) if is_mine => self.show(figures),
            Some(Answer::Metric(Ok(figures))) => self.beside = Some(figures),
            Some(Answer::Metric(Err(error))) => self.failed = Some(error.to_string()),
            _ => {}
        }
        true
    }

    /// The cursor stays on its figure; where that is gone, on the one that follows.
    fn show(&mut self, figures: Figures) {
        let named = |figures: &Figures, (group, figure): (usize, usize)| {
            let group = figures.groups.get(group)?;
            Some((group.key.clone(), group.figures.get(figure)?.currency.clone()))
        };
        let rows = if self.is_over_time() { in_order(&figures) } else { by_currency(&figures) };
        let here = self.figures.as_ref().zip(self.row()).and_then(|(figures, row)| named(figures, row));
        if here.is_some() {
            let place = rows.iter().position(|row| named(&figures, *row) == here);
            self.at = place.map_or(self.at, |place| place + 1).min(rows.len());
        }
        (self.figures, self.rows, self.failed) = (Some(figures), rows, None);
    }

    /// Drawn over days: the first row tells of those that the cursor is on.
    pub(super) fn is_over_time(&self) -> bool {
        matches!(self.declared.chart, Chart::Line | Chart::Spark)
    }

    /// Of which group, and which of its figures; `None` on the whole.
    fn row(&self) -> Option<(usize, usize)> {
        self.rows.get(self.at.checked_sub(1)?).copied()
    }

    /// How many figures there are to stand on.
    pub(super) fn len(&self) -> usize {
        self.rows.len() + 1
    }

    /// The group that the cursor is on; `None` on the whole.
    pub(super) fn group(&self) -> Option<&Group> {
        self.figures.as_ref()?.groups.get(self.row()?.0)
    }

    /// The records behind the figure that the cursor is on.
    pub(super) fn rows(&self) -> Option<&Query> {
        let figures = self.figures.as_ref()?;
        Some(self.group().map_or(&figures.query, |group| &group.query))
    }

    /// Its groups by days, as far as there are any yet: of each its place, its days' figure, and the one before it.
    pub(super) fn course(&self, ui: &Ui) -> Vec<(usize, Option<f64>, Option<f64>)> {
        let Some(figures) = &self.figures else { return Vec::new() };
        let today = ui.now.with_timezone(&ui.cx.viewer.zone).date_naive();
        let to_come = |group: &Group| matches!(group.key, Key::Days(Frame { first, .. }) if first > today);
        let beside = |place: usize| {
            let figures = self.beside.as_ref()?;
            number(main(figures, &figures.groups.get(place)?.figures)?.now)
        };
        let days = figures.groups.iter().enumerate().filter(|(_, group)| matches!(group.key, Key::Days(_)));
        days.map(|(place, group)| {
            let figure = main(figures, &group.figures);
            let now = figure.filter(|_| !to_come(group)).and_then(|figure| number(figure.now));
            let other = match self.metric_beside() {
                Some(_) => beside(place).filter(|_| !to_come(group)),
                None => figure.and_then(|figure| number(figure.before?)),
            };
            (place, now, other)
        })
        .collect()
    }
}

/// Each group once.
fn in_order(figures: &Figures) -> Vec<(usize, usize)> {
    (0..figures.groups.len()).map(|at| (at, 0)).collect()
}

/// The groups with a figure in the commonest currency, or in none, then those of each other currency: bars of different
/// currencies are not to be compared.
fn by_currency(figures: &Figures) -> Vec<(usize, usize)> {
    let has =
        |group: &Group, currency: &Option<String>| group.figures.iter().position(|figure| figure.currency == *currency);
    let mut rows = Vec::new();
    for (rank, total) in figures.total.iter().enumerate() {
        for (at, group) in figures.groups.iter().enumerate() {
            let is_of_none = || figures.total.iter().all(|total| has(group, &total.currency).is_none());
            let place = has(group, &total.currency).or_else(|| (rank == 0 && is_of_none()).then_some(0));
            rows.extend(place.map(|figure| (at, figure)));
        }
    }
    rows
}

/// The figure in the currency that charts are drawn in: that of most records. Currencies are never added.
pub(super) fn main<'f>(figures: &Figures, of: &'f [Figure]) -> Option<&'f Figure> {
    let currency = figures.total.first().map(|figure| &figure.currency)?;
    of.iter().find(|figure| figure.currency == *currency)
}

pub(super) fn number(amount: Amount) -> Option<f64> {
    amount.value.and_then(|value| value.to_f64())
}

/// Days are put together so that a period has about a dozen to thirty.
fn unit(when: &When, ui: &Ui) -> &'static str {
    let frame = when.period.frame(ui.now, ui.cx.viewer.zone);
    match frame.map(|frame| (frame.after - frame.first).num_days()) {
        Some(..=35) => "day",
        Some(36..=120) => "week",
        Some(121..=800) => "month",
        Some(801..) | None => "quarter",
    }
}

//! What a metric comes to.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::period::Frame;
use super::{Measure, Metric};
use crate::domain::query::Query;

/// A metric at a moment: in all, and by groups when it was asked so.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Its days; `None` for all, or for what has no past.
    pub frame: Option<Frame>,
    /// The days that it is compared with.
    pub before: Option<Frame>,
    /// For money one for each currency, most records first; else exactly one.
    pub total: Vec<Figure>,
    /// By rank for choices, by place for stages, by time for dates, else the biggest first; records without a value last.
    pub groups: Vec<Group>,
    /// There are more groups than these.
    pub more: bool,
    /// The records behind the total.
    pub query: Query,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub key: Key,
    /// As people read it, in their language.
    pub label: String,
    /// As `Figures::total`.
    pub figures: Vec<Figure>,
    /// The records behind it.
    pub query: Query,
}

/// What the records of a group have in common.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// No value.
    None,
    /// A choice's code.
    Choice(String),
    Record(i64),
    /// In lower case.
    Text(String),
    Tag(String),
    Number(Decimal),
    Bool(bool),
    /// These days.
    Days(Frame),
}

/// One number with what it was before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// Of money; `None` for amounts without one.
    pub currency: Option<String>,
    pub now: Amount,
    /// `None` when nothing is compared.
    pub before: Option<Amount>,
}

/// A number over so many records; `None` when there is nothing to make it of, as an average of no records.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Amount {
    pub records: i64,
    pub value: Option<Decimal>,
}

impl Amount {
    /// What the database counted and made: rows, the aggregate, how many of them match the share's query.
    pub fn of(metric: &Metric, records: i64, value: Option<Decimal>, hits: i64) -> Self {
        let value = match metric.measure {
            Measure::Count => Some(Decimal::from(records)),
            Measure::Share(_) if records == 0 => None,
            Measure::Share(_) => {
                Some((Decimal::from(hits) * Decimal::ONE_HUNDRED / Decimal::from(records)).round_dp(6))
            }
            Measure::Sum(_) | Measure::Weighted(..) => Some(value.unwrap_or_default()),
            _ => value,
        };
        Self { records, value: value.map(|v| v.normalize()) }
    }

    /// The amount of no records.
    pub fn nothing(metric: &Metric) -> Self {
        Self::of(metric, 0, None, 0)
    }
}

impl Figure {
    /// Now against before, as a share of before in percent; `None` when there is no before or it was nothing.
    pub fn change(&self) -> Option<Decimal> {
        let (now, before) = (self.now.value?, self.before?.value?);
        (!before.is_zero()).then(|| ((now - before) * Decimal::ONE_HUNDRED / before.abs()).round_dp(1))
    }
}

impl Figures {
    /// The days of a figure in words that sort: `2026-11-01..2026-11-30`.
    pub fn days(frame: Frame) -> String {
        let show = |day: NaiveDate| day.to_string();
        if frame.first == frame.last() { show(frame.first) } else { format!("{}..{}", frame.first, frame.last()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::by_name;

    #[test]
    fn nothing_is_zero_or_no_number_as_the_measure_has_it() {
        for (name, value) in [
            ("won-deals", Some(Decimal::ZERO)),
            ("won", Some(Decimal::ZERO)),
            ("win-rate", None),
            ("cycle", None),
            ("rating", None),
        ] {
            assert_eq!(Amount::nothing(by_name(name).expect("declared")).value, value, "{name}");
        }
        let rate = Amount::of(by_name("win-rate").expect("declared"), 6711, None, 4238);
        assert_eq!(rate.value.map(|v| v.round_dp(2).to_string()).as_deref(), Some("63.15"));
    }

    #[test]
    fn a_change_is_relative_to_what_was() {
        let figure = |now: i64, before: Option<i64>| Figure {
            currency: None,
            now: Amount { records: 1, value: Some(now.into()) },
            before: before.map(|b| Amount { records: 1, value: Some(b.into()) }),
        };
        for (now, before, change) in
            [(150, Some(100), Some(50)), (50, Some(100), Some(-50)), (5, Some(0), None), (5, None, None)]
        {
            assert_eq!(figure(now, before).change(), change.map(Decimal::from), "{now} {before:?}");
        }
    }
}

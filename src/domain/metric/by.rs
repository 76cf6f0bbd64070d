//! What a metric is split by: a field, perhaps by way of references, or days put together to months and the like.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::period::Frame;
use super::{Metric, Unfit};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{Kind, Registry};
use crate::domain::query::date::Unit;
use crate::domain::query::{find_field, target};

/// Buckets that one answer may have.
const MOST: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// Canonical names: references on the way, then the field. Never empty.
    pub path: Vec<String>,
    /// For days and instants: put together to these.
    pub unit: Option<Unit>,
}

const UNITS: [(Unit, [&str; 2]); 5] = [
    (Unit::Day, ["day", "日"]),
    (Unit::Week, ["week", "周"]),
    (Unit::Month, ["month", "月"]),
    (Unit::Quarter, ["quarter", "季"]),
    (Unit::Year, ["year", "年"]),
];

fn unit_called(word: &str) -> Option<Unit> {
    UNITS.iter().find(|(_, words)| words.contains(&word)).map(|(unit, _)| *unit)
}

fn unit_name(unit: Unit) -> &'static str {
    UNITS.iter().find(|(of, _)| *of == unit).map_or("day", |(_, words)| words[0])
}

impl By {
    /// Reads `owner`, `company.country`, `expected.month`, or `month` alone for the metric's own date. Fields may be
    /// named as in queries. A date without a unit goes by month.
    pub fn parse(text: &str, registry: &Registry, metric: &Metric) -> Result<Self, Unfit> {
        let text = text.trim().to_lowercase();
        let mut words: Vec<&str> = text.split('.').map(str::trim).collect();
        let unit = words.last().and_then(|word| unit_called(word));
        if unit.is_some() {
            words.pop();
        }
        if words.is_empty() {
            let date = metric.date.ok_or_else(|| {
                Unfit::new(
                    format!(
                        "{} is how things stand now and has no date of its own; name one, as in created.month.",
                        metric.label.en
                    ),
                    format!("“{}”反映当前状况，没有自己的日期；请指明字段，如 created.month。", metric.label.zh),
                )
            })?;
            return Ok(Self { path: vec![date.to_owned()], unit });
        }
        let (path, field) = walk(&words, registry, registry.kind(metric.kind))?;
        let is_date = matches!(field.ty, FieldType::Day | FieldType::Instant);
        let fits = match field.ty {
            FieldType::Day
            | FieldType::Instant
            | FieldType::Text
            | FieldType::Email
            | FieldType::Int
            | FieldType::Decimal
            | FieldType::Bool
            | FieldType::Choice(_)
            | FieldType::Ref(_) => true,
            FieldType::Tags => path.len() == 1,
            FieldType::LongText | FieldType::Phone | FieldType::Url | FieldType::Money { .. } | FieldType::Span => {
                false
            }
        };
        if !fits || (unit.is_some() && !is_date) {
            return Err(Unfit::new(
                format!("{} makes no groups; choose another field.", field.label.en),
                format!("不能按“{}”分组；请换一个字段。", field.label.zh),
            ));
        }
        Ok(Self { path, unit: unit.or(is_date.then_some(Unit::Month)) })
    }

    /// As `parse` reads it.
    pub fn print(&self, metric: &Metric) -> String {
        match self.unit {
            Some(unit) if self.is_of_date(metric) => unit_name(unit).into(),
            Some(unit) => format!("{}.{}", self.path.join("."), unit_name(unit)),
            None => self.path.join("."),
        }
    }

    /// True when it follows the date that the metric's periods go by.
    pub fn is_of_date(&self, metric: &Metric) -> bool {
        matches!((self.path.as_slice(), metric.date), ([only], Some(date)) if only == date)
    }

    /// The kind and field at its end; `None` when the registry (no longer) has it.
    pub fn field<'r>(&self, registry: &'r Registry, metric: &Metric) -> Option<(&'r Kind, &'r Field)> {
        target(registry, metric.kind, &self.path)
    }
}

fn walk<'r>(words: &[&str], registry: &'r Registry, kind: &'r Kind) -> Result<(Vec<String>, &'r Field), Unfit> {
    let mut kind = kind;
    let mut path = Vec::new();
    let mut at = words.iter().peekable();
    while let Some(word) = at.next() {
        let field = find_field(kind, word).ok_or_else(|| {
            Unfit::new(
                format!("{} has no field called “{word}”.", kind.many.en),
                format!("{}没有名为“{word}”的字段。", kind.many.zh),
            )
        })?;
        path.push(field.name.clone());
        match (&field.ty, at.peek()) {
            (_, None) => return Ok((path, field)),
            (FieldType::Ref(next), Some(_)) => kind = registry.kind(*next),
            (_, Some(_)) => {
                return Err(Unfit::new(
                    format!("{} is not another record, so nothing can follow its dot.", field.label.en),
                    format!("“{}”不是关联记录，点号后面不能再接字段。", field.label.zh),
                ));
            }
        }
    }
    Err(Unfit::new("Name a field.", "请指明字段。"))
}

/// A period cut into days, weeks, months, ….
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    pub unit: Unit,
    /// Where each begins, and where the last ends: one more than there are buckets. Ascending.
    pub bounds: Vec<NaiveDate>,
}

impl Buckets {
    /// Those of a period; the first and the last may be cut. Too many, and it is refused.
    pub fn of(frame: Frame, unit: Unit) -> Result<Self, Unfit> {
        let mut bounds = vec![frame.first];
        let mut start = unit.start(frame.first);
        while bounds.last().is_some_and(|last| *last < frame.after) {
            let next = unit.shift(start, 1);
            if bounds.len() > MOST || next <= start {
                return Err(Unfit::new(
                    format!("That is more than {MOST} groups; choose longer ones or a shorter period."),
                    format!("分组超过 {MOST} 个；请用更长的单位或更短的时段。"),
                ));
            }
            start = next;
            bounds.push(next.min(frame.after));
        }
        Ok(Self { unit, bounds })
    }

    pub fn len(&self) -> usize {
        self.bounds.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The days of one.
    pub fn frame(&self, at: usize) -> Option<Frame> {
        Some(Frame { first: *self.bounds.get(at)?, after: *self.bounds.get(at + 1)? })
    }

    /// `2026-11`, `2026-Q4`, `2026`; the Monday of a week.
    pub fn label(&self, at: usize) -> String {
        let Some(first) = self.bounds.get(at).map(|day| self.unit.start(*day)) else { return String::new() };
        match self.unit {
            Unit::Day | Unit::Week => first.to_string(),
            Unit::Month => first.format("%Y-%m").to_string(),
            Unit::Quarter => format!("{}-Q{}", first.year(), first.month0() / 3 + 1),
            Unit::Year => first.year().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::by_name;

    #[test]
    fn fields_paths_and_dates() {
        let registry = Registry::builtin();
        let won = by_name("won").expect("declared");
        for (text, printed) in [
            ("owner", "owner"),
            ("Sales Agent", "owner"),
            ("负责人", "owner"),
            ("company.country", "company.country"),
            ("公司.国家", "company.country"),
            ("owner.manager", "owner.manager"),
            ("month", "month"),
            ("周", "week"),
            ("closed", "month"),
            ("closed.quarter", "quarter"),
            ("created.week", "created.week"),
            ("expected", "expected.month"),
            ("tags", "tags"),
        ] {
            let by = By::parse(text, &registry, won).unwrap_or_else(|unfit| panic!("{text}: {unfit:?}"));
            assert_eq!(by.print(won), printed, "{text}");
            assert_eq!(By::parse(printed, &registry, won), Ok(by));
        }
        for text in ["", "nothing", "owner.month", "amount", "note", "age", "name.x", "company.tags", "owner."] {
            assert!(By::parse(text, &registry, won).is_err(), "{text}");
        }
        let open = by_name("open-deals").expect("declared");
        assert!(By::parse("month", &registry, open).is_err(), "it has no date");
        assert!(By::parse("expected.month", &registry, open).is_ok());
    }

    #[test]
    fn a_period_is_cut_at_the_calendar() {
        let day = |text: &str| -> NaiveDate { text.parse().expect("a day") };
        let frame = Frame { first: day("2026-10-27"), after: day("2026-12-02") };
        for (unit, labels) in [
            (Unit::Month, &["2026-10", "2026-11", "2026-12"][..]),
            (Unit::Quarter, &["2026-Q4"]),
            (Unit::Year, &["2026"]),
            (Unit::Week, &["2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30"]),
        ] {
            let buckets = Buckets::of(frame, unit).expect("not too many");
            let shown: Vec<_> = (0..buckets.len()).map(|at| buckets.label(at)).collect();
            assert_eq!(shown, labels);
            assert_eq!(buckets.frame(0).map(|f| f.first), Some(frame.first), "cut");
            assert_eq!(buckets.frame(labels.len() - 1).map(|f| f.after), Some(frame.after), "cut");
            assert_eq!(buckets.frame(labels.len()), None);
        }
        assert_eq!(Buckets::of(frame, Unit::Day).map(|b| b.len()), Ok(36));
        let long = Frame { first: day("1970-01-01"), after: day("2026-01-01") };
        assert!(Buckets::of(long, Unit::Day).is_err());
        let none = Frame { first: day("2026-01-01"), after: day("2026-01-01") };
        assert!(Buckets::of(none, Unit::Day).is_ok_and(|b| b.is_empty()));
    }
}

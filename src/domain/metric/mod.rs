//! Metrics: numbers over records, each declared once. A metric is an aggregate over a Query with a unit, a direction,
//! the date its periods go by and the fields it is naturally split by; dashboards and the command line read the
//! declaration, `store` compiles it.
//!
//! Here: what a metric is. `sales` and `service` declare them, `period` says of which days, `by` how they are split,
//! `figures` what comes out, `drill` which records are behind a figure, `words` how figures are written.

mod by;
mod drill;
mod figures;
mod period;
mod sales;
mod service;
mod words;

pub use by::{Buckets, By};
pub use drill::{Drill, behind};
pub use figures::{Amount, Figure, Figures, Group, Key};
pub use period::{Compare, Frame, Period, Shift};
pub use words::{brief, change, said};

use super::field::{FieldType, Label};
use super::kind::{KindId, Registry};
use super::query::Query;

/// A number over records.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Unique, lower-case ASCII with hyphens: `win-rate`.
    pub name: &'static str,
    pub label: Label,
    /// One sentence: what is counted.
    pub about: Label,
    pub kind: KindId,
    /// The records it is over, in the query language.
    pub base: &'static str,
    pub measure: Measure,
    pub unit: Unit,
    pub better: Better,
    /// The field of its kind that periods go by; `None` for what is so now (open tickets) and has no past.
    pub date: Option<&'static str>,
    /// Fields it is naturally split by, as [`By::parse`] reads them; any other field will do as well.
    pub by: &'static [&'static str],
}

/// What is made of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Count,
    /// Over a number or amount of the kind itself; amounts for each currency apart.
    Sum(&'static str),
    /// The same, each amount by the chance of a hundred that the record's reference (first) has in a field (second).
    Weighted(&'static str, [&'static str; 2]),
    Average(&'static str),
    Median(&'static str),
    /// Of a hundred records, how many match this query too.
    Share(&'static str),
    /// Average time between two days (in days) or two instants (in seconds) of a record.
    Between(&'static str, &'static str),
    MedianBetween(&'static str, &'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Records.
    Records,
    /// In each currency apart; never added across.
    Money,
    /// Of a hundred.
    Percent,
    Days,
    Seconds,
    /// A bare number, such as a mean rating.
    Number,
}

impl Unit {
    pub fn name(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Money => "money",
            Self::Percent => "percent",
            Self::Days => "days",
            Self::Seconds => "seconds",
            Self::Number => "number",
        }
    }
}

/// Which way is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    Up,
    Down,
    Neither,
}

impl Better {
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Neither => "neither",
        }
    }
}

/// Why a metric cannot be asked that, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit(pub Label);

impl Unfit {
    pub(crate) fn new(en: impl AsRef<str>, zh: impl AsRef<str>) -> Self {
        Self(Label::new(en.as_ref(), zh.as_ref()))
    }
}

impl Metric {
    fn new(name: &'static str, kind: KindId, en: &str, zh: &str) -> Self {
        Self {
            name,
            label: Label::new(en, zh),
            about: Label::new("", ""),
            kind,
            base: "",
            measure: Measure::Count,
            unit: Unit::Records,
            better: Better::Neither,
            date: None,
            by: &[],
        }
    }

    fn about(mut self, en: &str, zh: &str) -> Self {
        self.about = Label::new(en, zh);
        self
    }

    fn over(mut self, base: &'static str) -> Self {
        self.base = base;
        self
    }

    fn measure(mut self, measure: Measure, unit: Unit) -> Self {
        self.measure = measure;
        self.unit = unit;
        self
    }

    fn up(mut self) -> Self {
        self.better = Better::Up;
        self
    }

    fn down(mut self) -> Self {
        self.better = Better::Down;
        self
    }

    fn date(mut self, date: &'static str) -> Self {
        self.date = Some(date);
        self
    }

    fn by(mut self, by: &'static [&'static str]) -> Self {
        self.by = by;
        self
    }

    /// The records it is over.
    pub fn base_query(&self, registry: &Registry) -> Query {
        // A test parses every declared base.
        Query::parse(self.base, registry, self.kind).unwrap_or_default()
    }

    /// True when the registry has all that it is made of: who does not see a field sees no number made of it either.
    pub fn is_seen(&self, registry: &Registry) -> bool {
        let kind = registry.kind(self.kind);
        let has = |field: &str| kind.field(field).is_some();
        let is_read = |query: &str| Query::parse(query, registry, self.kind).is_ok();
        let is_measured = match self.measure {
            Measure::Count => true,
            Measure::Sum(of) | Measure::Average(of) | Measure::Median(of) => has(of),
            Measure::Weighted(of, [through, _]) => has(of) && has(through),
            Measure::Share(of) => is_read(of),
            Measure::Between(from, to) | Measure::MedianBetween(from, to) => has(from) && has(to),
        };
        // Without their currencies amounts would be added up that do not go together.
        is_read(self.base) && is_measured && self.date.is_none_or(has) && self.currency(registry).is_none_or(has)
    }

    /// The field with the currency of what it adds up, for money.
    pub fn currency<'r>(&self, registry: &'r Registry) -> Option<&'r str> {
        let (Measure::Sum(field) | Measure::Weighted(field, _) | Measure::Average(field) | Measure::Median(field)) =
            self.measure
        else {
            return None;
        };
        match &registry.kind(self.kind).field(field)?.ty {
            FieldType::Money { currency } => Some(currency),
            _ => None,
        }
    }

    /// True for figures that may be added up over groups of records that do not overlap.
    pub fn adds_up(&self) -> bool {
        matches!(self.measure, Measure::Count | Measure::Sum(_) | Measure::Weighted(..))
    }
}

/// Every metric, in the order in which lists show them. A new metric is one more declaration in `sales` or `service`.
pub fn all() -> &'static [Metric] {
    static ALL: std::sync::LazyLock<Vec<Metric>> = std::sync::LazyLock::new(|| {
        let mut all = sales::metrics();
        all.extend(service::metrics());
        all
    });
    &ALL
}

/// A metric by its name or label, any case, `_` or blanks for the hyphens.
pub fn by_name(word: &str) -> Option<&'static Metric> {
    let word = word.trim().to_lowercase();
    let name = word.replace(['_', ' '], "-");
    all()
        .iter()
        .find(|m| m.name == name)
        .or_else(|| all().iter().find(|m| m.label.en.to_lowercase() == word || m.label.zh == word))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::field::Field;

    #[test]
    fn every_declaration_holds() {
        let registry = Registry::builtin();
        let mut names = BTreeSet::new();
        for metric in all() {
            let name = metric.name;
            let kind = registry.kind(metric.kind);
            assert!(names.insert(name.to_owned()), "{name} is declared twice");
            assert!(names.insert(metric.label.en.to_lowercase()) || name == metric.label.en.to_lowercase(), "{name}");
            assert!(names.insert(metric.label.zh.clone()), "{name}: {}", metric.label.zh);
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}");
            assert!(!metric.about.en.is_empty() && !metric.about.zh.is_empty(), "{name} says what it counts");
            let base = Query::parse(metric.base, &registry, metric.kind);
            assert!(base.as_ref().is_ok_and(|q| q.sort.is_empty() && q.group.is_none()), "{name}: {base:?}");
            let field = |name: &str| -> &Field { kind.field(name).unwrap_or_else(|| panic!("{} {name}", kind.id)) };
            if let Some(date) = metric.date {
                assert!(matches!(field(date).ty, FieldType::Day | FieldType::Instant), "{name}");
            }
            for by in metric.by {
                let read = By::parse(by, &registry, metric).unwrap_or_else(|unfit| panic!("{name} by {by}: {unfit:?}"));
                assert_eq!(read.print(metric), *by, "{name}: written as it is printed");
            }
            match (metric.measure, metric.unit) {
                (Measure::Count, Unit::Records) => {}
                (
                    Measure::Sum(of) | Measure::Weighted(of, _) | Measure::Average(of) | Measure::Median(of),
                    Unit::Money,
                ) => {
                    if let Measure::Weighted(_, [through, chance]) = metric.measure {
                        let FieldType::Ref(to) = field(through).ty else { panic!("{name}: {through}") };
                        assert!(registry.kind(to).field(chance).is_some(), "{name}: {chance}");
                    }
                    assert!(matches!(field(of).ty, FieldType::Money { .. }), "{name}");
                    assert!(metric.currency(&registry).is_some_and(|c| kind.field(c).is_some()), "{name}");
                }
                (Measure::Average(of) | Measure::Median(of), Unit::Number) => {
                    assert!(matches!(field(of).ty, FieldType::Int | FieldType::Decimal), "{name}");
                }
                (Measure::Share(of), Unit::Percent) => {
                    assert!(Query::parse(of, &registry, metric.kind).is_ok(), "{name}");
                }
                (Measure::Between(a, b) | Measure::MedianBetween(a, b), unit) => {
                    let of = if unit == Unit::Days { FieldType::Day } else { FieldType::Instant };
                    assert!([Unit::Days, Unit::Seconds].contains(&unit), "{name}");
                    assert_eq!([&field(a).ty, &field(b).ty], [&of, &of], "{name}");
                }
                other => panic!("{name}: {other:?} do not go together"),
            }
        }
        assert_eq!(by_name("Win_Rate").map(|m| m.name), Some("win-rate"));
        assert_eq!(by_name("赢单率").map(|m| m.name), Some("win-rate"));
        assert!(by_name("nothing").is_none());
    }
}

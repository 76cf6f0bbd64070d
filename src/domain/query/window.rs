//! What a test of an ordered field means for a viewer: windows that the value must lie in. The matcher and the SQL
//! compiler both read these, so a day or a rank is never worked out twice.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Op, Operand, Test};
use crate::domain::field::{Field, FieldType, Source};
use crate::domain::search::lower_case;
use crate::domain::viewer::Viewer;

/// From and to; a value must lie in one of them.
pub(crate) type Window<T> = (Bound<T>, Bound<T>);

#[derive(Debug, PartialEq)]
pub(crate) enum Windows {
    Ints(Vec<Window<i64>>),
    Numbers(Vec<Window<Decimal>>),
    Days(Vec<Window<NaiveDate>>),
    /// Of an instant field, or of the instant behind a span.
    Instants(Vec<Window<DateTime<Utc>>>),
    /// In lower case, compared byte by byte.
    Texts(Vec<Window<String>>),
    /// Choices by code.
    Codes(Vec<String>),
}

/// The windows of a test; `None`, `Any` and operands of other types are left out. `None` for a field without order.
pub(crate) fn windows(field: &Field, test: &Test, viewer: &Viewer) -> Option<Windows> {
    let now = viewer.now.trunc_subsecs(6);
    Some(match &field.ty {
        FieldType::Int => Windows::Ints(cover(test, |operand| match operand {
            Operand::Number(n) => n.to_i64().map(Ends::point),
            _ => None,
        })),
        FieldType::Decimal | FieldType::Money { .. } => Windows::Numbers(cover(test, |operand| match operand {
            Operand::Number(n) => Some(Ends::point(*n)),
            _ => None,
        })),
        FieldType::Day => Windows::Days(cover(test, |operand| match operand {
            Operand::Date(date) => Some(Ends::period(date.days(now, viewer.zone))),
            _ => None,
        })),
        FieldType::Instant => Windows::Instants(cover(test, |operand| match operand {
            Operand::Date(date) if date.is_point() => Some(Ends::point(date.instants(now, viewer.zone).0)),
            Operand::Date(date) => Some(Ends::period(date.instants(now, viewer.zone))),
            _ => None,
        })),
        FieldType::Span => {
            let spans = cover(test, |operand| match operand {
                Operand::Span(seconds) => Some(Ends::point(*seconds)),
                _ => None,
            });
            Windows::Instants(spans.into_iter().map(|window| moments(field, window, now)).collect())
        }
        FieldType::Text | FieldType::Email => Windows::Texts(cover(test, |operand| match operand {
            Operand::Text { text, .. } => Some(Ends::point(lower_case(text))),
            _ => None,
        })),
        FieldType::Choice(choices) => {
            let ranks: Vec<Window<usize>> = cover(test, |operand| match operand {
                Operand::Choice(code) => field.rank(code).map(Ends::point),
                _ => None,
            });
            let inside = |rank: usize| ranks.iter().any(|window| holds(window, &rank));
            Windows::Codes(
                choices.iter().enumerate().filter(|(rank, _)| inside(*rank)).map(|(_, c)| c.code.clone()).collect(),
            )
        }
        _ => return None,
    })
}

/// True when the window holds the value.
pub(crate) fn holds<T: Ord>(window: &Window<T>, value: &T) -> bool {
    use std::ops::RangeBounds;
    (window.0.as_ref(), window.1.as_ref()).contains(value)
}

/// A literal's extent: a point, or a period without its end.
struct Ends<T> {
    from: T,
    to: Option<T>,
}

impl<T> Ends<T> {
    fn point(at: T) -> Self {
        Self { from: at, to: None }
    }

    fn period((from, to): (T, T)) -> Self {
        Self { from, to: Some(to) }
    }
}

fn cover<T: Clone>(test: &Test, ends: impl Fn(&Operand) -> Option<Ends<T>>) -> Vec<Window<T>> {
    let last = |ends: Ends<T>| ends.to.map_or(Included(ends.from), Excluded);
    let first = |ends: Ends<T>| Included(ends.from);
    let both = |a: Ends<T>| {
        let from = Included(a.from.clone());
        (from, last(a))
    };
    match test {
        Test::Is(operands) => operands.iter().filter_map(&ends).map(both).collect(),
        Test::Compare(op, operand) => ends(operand)
            .map(|ends| match op {
                Op::Less => (Unbounded, Excluded(ends.from)),
                Op::AtMost => (Unbounded, last(ends)),
                Op::More => (ends.to.map_or(Excluded(ends.from), Included), Unbounded),
                Op::AtLeast => (first(ends), Unbounded),
            })
            .into_iter()
            .collect(),
        Test::Range(from, to) => {
            ends(from).zip(ends(to)).map(|(from, to)| (first(from), last(to))).into_iter().collect()
        }
    }
}

/// A window of spans as one of the instants they are counted from or to.
fn moments(field: &Field, window: Window<i64>, now: DateTime<Utc>) -> Window<DateTime<Utc>> {
    let since = matches!(field.source, Source::Since(_));
    let at = |seconds: i64| {
        let seconds = if since { seconds.saturating_neg() } else { seconds };
        let end = if seconds < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        TimeDelta::try_seconds(seconds).and_then(|delta| now.checked_add_signed(delta)).unwrap_or(end)
    };
    let (from, to) = (window.0.map(at), window.1.map(at));
    if since { (to, from) } else { (from, to) }
}

//! Dates as a query says them, and what they mean at a moment in a place.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::domain::when;

/// A date literal, kept as said so that a saved query moves with the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Date {
    Now,
    /// `-7d`, `+2h`, `+1mo`: from now, by the calendar of the place. All parts have the same sign; not all are 0.
    Offset {
        months: i32,
        days: i32,
        seconds: i64,
    },
    /// `today`, `last-week`, `this-quarter`, `next-year`: the period that many periods after the current one.
    Period {
        unit: Unit,
        shift: i32,
    },
    /// `2026-11-22T14:30`, to the minute.
    Minute(NaiveDateTime),
    Day(NaiveDate),
    /// `2026-11`: the first of the month.
    Month(NaiveDate),
    /// `2026-Q4`: the first of the quarter.
    Quarter(NaiveDate),
    Year(i32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Day,
    /// From Monday.
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    /// The first day of the unit that holds `day`.
    fn start(self, day: NaiveDate) -> NaiveDate {
        let first = |month| NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day);
        match self {
            Self::Day => day,
            Self::Week => {
                let back = Days::new(day.weekday().num_days_from_monday().into());
                day.checked_sub_days(back).unwrap_or(day)
            }
            Self::Month => first(day.month()),
            Self::Quarter => first((day.month() - 1) / 3 * 3 + 1),
            Self::Year => first(1),
        }
    }

    /// `start` moved by `n` units.
    fn shift(self, start: NaiveDate, n: i32) -> NaiveDate {
        match self {
            Self::Day => days(start, n),
            Self::Week => days(start, n.saturating_mul(7)),
            Self::Month => months(start, n),
            Self::Quarter => months(start, n.saturating_mul(3)),
            Self::Year => months(start, n.saturating_mul(12)),
        }
    }
}

impl Date {
    /// First day and the day after the last, on the calendar of `zone`.
    pub fn days(&self, now: DateTime<Utc>, zone: Tz) -> (NaiveDate, NaiveDate) {
        let local = now.with_timezone(&zone).naive_local();
        let (start, unit) = match self {
            Self::Period { unit, shift } => (unit.shift(unit.start(local.date()), *shift), *unit),
            Self::Day(day) => (*day, Unit::Day),
            Self::Month(first) => (*first, Unit::Month),
            Self::Quarter(first) => (*first, Unit::Quarter),
            Self::Year(year) => (NaiveDate::from_ymd_opt(*year, 1, 1).unwrap_or_default(), Unit::Year),
            Self::Minute(at) => (at.date(), Unit::Day),
            Self::Now | Self::Offset { .. } => {
                (self.instants(now, zone).0.with_timezone(&zone).date_naive(), Unit::Day)
            }
        };
        (start, unit.shift(start, 1))
    }

    /// Start and end (not included); equal for a point in time (`now`, `-7d`).
    pub fn instants(&self, now: DateTime<Utc>, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        match self {
            Self::Now => (now, now),
            Self::Offset { months: m, days: d, seconds } => {
                let at = if *m == 0 && *d == 0 {
                    now
                } else {
                    let local = now.with_timezone(&zone).naive_local();
                    instant(days(months(local.date(), *m), *d).and_time(local.time()), zone)
                };
                let at = TimeDelta::try_seconds(*seconds).and_then(|delta| at.checked_add_signed(delta)).unwrap_or(at);
                (at, at)
            }
            Self::Minute(at) => {
                let start = instant(*at, zone);
                (start, start + TimeDelta::minutes(1))
            }
            _ => {
                let (first, after) = self.days(now, zone);
                (instant(first.and_time(NaiveTime::MIN), zone), instant(after.and_time(NaiveTime::MIN), zone))
            }
        }
    }

    /// True for `now` and offsets, which are a moment and no period.
    pub fn is_point(&self) -> bool {
        matches!(self, Self::Now | Self::Offset { .. })
    }
}

fn days(day: NaiveDate, n: i32) -> NaiveDate {
    let by = Days::new(n.unsigned_abs().into());
    if n < 0 { day.checked_sub_days(by) } else { day.checked_add_days(by) }.unwrap_or(day)
}

fn months(day: NaiveDate, n: i32) -> NaiveDate {
    let by = Months::new(n.unsigned_abs());
    if n < 0 { day.checked_sub_months(by) } else { day.checked_add_months(by) }.unwrap_or(day)
}

/// A wall-clock time as an instant.
fn instant(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    when::at(local.date(), local.time(), zone).unwrap_or_else(|| Utc.from_utc_datetime(&local))
}

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
    pub(crate) fn start(self, day: NaiveDate) -> NaiveDate {
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
    pub(crate) fn shift(self, start: NaiveDate, n: i32) -> NaiveDate {
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

#[cfg(test)]
mod tests {
    use super::super::literal::date;
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    #[test]
    fn dates_follow_the_calendar_of_the_place() {
        // A Sunday evening in Berlin, already Monday in Shanghai; the clocks went back three weeks ago.
        let now = utc("2026-11-15T20:30:00Z");
        let (berlin, shanghai) = (chrono_tz::Europe::Berlin, chrono_tz::Asia::Shanghai);
        for (text, zone, from, to) in [
            ("today", berlin, "2026-11-14T23:00:00Z", "2026-11-15T23:00:00Z"),
            ("today", shanghai, "2026-11-15T16:00:00Z", "2026-11-16T16:00:00Z"),
            ("this-week", berlin, "2026-11-08T23:00:00Z", "2026-11-15T23:00:00Z"),
            ("this-week", shanghai, "2026-11-15T16:00:00Z", "2026-11-22T16:00:00Z"),
            ("last-month", berlin, "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"),
            ("this-quarter", berlin, "2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z"),
            ("next-year", berlin, "2026-12-31T23:00:00Z", "2027-12-31T23:00:00Z"),
            ("2026-10-25", berlin, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
            ("2026-Q1", berlin, "2025-12-31T23:00:00Z", "2026-03-31T22:00:00Z"),
            ("2026-11-15T21:30", berlin, "2026-11-15T20:30:00Z", "2026-11-15T20:31:00Z"),
            ("now", berlin, "2026-11-15T20:30:00Z", "2026-11-15T20:30:00Z"),
            ("-2h", berlin, "2026-11-15T18:30:00Z", "2026-11-15T18:30:00Z"),
            ("+1mo", berlin, "2026-12-15T20:30:00Z", "2026-12-15T20:30:00Z"),
            // The same time of day before the clocks went back.
            ("-30d", berlin, "2026-10-16T19:30:00Z", "2026-10-16T19:30:00Z"),
        ] {
            let date = date(text).expect("a date");
            assert_eq!(date.instants(now, zone), (utc(from), utc(to)), "{text} in {zone}");
        }
    }

    #[test]
    fn a_point_falls_on_a_day() {
        let now = utc("2026-11-15T20:30:00Z");
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        for (text, first) in
            [("-7d", "2026-11-08"), ("+4h", "2026-11-16"), ("now", "2026-11-15"), ("+1mo", "2026-12-15")]
        {
            let days = date(text).expect("a date").days(now, chrono_tz::Europe::Berlin);
            assert_eq!(days, (day(first), day(first).succ_opt().expect("a day")), "{text}");
        }
    }
}

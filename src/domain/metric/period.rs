//! Of which days a figure is, and which earlier days it is compared with.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Unfit;
use crate::domain::query::date::{Date, Unit};
use crate::domain::query::{print_date, read_date};

/// A period as said, so that a kept one moves with the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Whenever, records without a date among them.
    #[default]
    All,
    /// `this-month`, `2026-Q1`, `2026-11-22`; `-30d` is the thirty days up to today, `+3mo` those from today on.
    Of(Date),
    /// `2017-03..2017-06`: the last one whole.
    Between(Date, Date),
}

/// First day and the day after the last, on the workspace's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    pub first: NaiveDate,
    pub after: NaiveDate,
}

/// How far back the days lie that a figure is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    pub months: u32,
    pub days: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    #[default]
    None,
    /// As many days or months just before.
    Previous,
    /// The same days a year before.
    Year,
}

impl Compare {
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Previous => "previous",
            Self::Year => "year",
        }
    }
}

impl Period {
    /// Reads `all`, a date literal of the query language, or two of them with `..` between.
    pub fn parse(text: &str) -> Result<Self, Unfit> {
        let text = text.trim();
        let wrong = |part: &str| {
            Unfit::new(
                format!(
                    "“{part}” is no period; write this-month, last-year, 2026, 2026-11, 2026-Q1, -30d, 2026-03..2026-06 or all."
                ),
                format!("“{part}”不是时段；请写本月、去年、2026、2026-11、2026-Q1、-30d、2026-03..2026-06 或全部。"),
            )
        };
        if matches!(text.to_lowercase().as_str(), "all" | "全部" | "所有") {
            return Ok(Self::All);
        }
        let whole_days = |part: &str| match read_date(part.trim()) {
            // Hours and minutes are no days, and now has no length.
            Some(Date::Now | Date::Minute(_)) | None => Err(wrong(part)),
            Some(Date::Offset { seconds, .. }) if seconds != 0 => Err(wrong(part)),
            Some(date) => Ok(date),
        };
        match text.split_once("..") {
            Some((from, to)) => Ok(Self::Between(whole_days(from)?, whole_days(to)?)),
            None => Ok(Self::Of(whole_days(text)?)),
        }
    }

    /// As `parse` reads it.
    pub fn print(&self) -> String {
        match self {
            Self::All => "all".into(),
            Self::Of(date) => print_date(date),
            Self::Between(from, to) => format!("{}..{}", print_date(from), print_date(to)),
        }
    }

    /// Its days; `None` for all. A range that ends before it begins has none.
    pub fn frame(&self, now: DateTime<Utc>, zone: Tz) -> Option<Frame> {
        let today = now.with_timezone(&zone).date_naive();
        let (first, after) = match self {
            Self::All => return None,
            Self::Of(date @ Date::Offset { months, days, .. }) => {
                let (there, behind) = date.days(now, zone);
                if *months < 0 || *days < 0 { (behind, next(today)) } else { (today, there) }
            }
            Self::Of(date) => date.days(now, zone),
            Self::Between(from, to) => (from.days(now, zone).0, to.days(now, zone).1),
        };
        Some(Frame { first, after: after.max(first) })
    }
}

fn next(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

impl Frame {
    /// The last of its days.
    pub fn last(self) -> NaiveDate {
        self.after.checked_sub_days(Days::new(1)).unwrap_or(self.first).max(self.first)
    }

    pub fn holds(self, day: NaiveDate) -> bool {
        self.first <= day && day < self.after
    }

    /// How far back the days lie that `compare` means. Whole months are shifted by months; buckets of weeks keep their
    /// Mondays.
    pub fn shift(self, compare: Compare, unit: Option<Unit>) -> Option<Shift> {
        let whole_months = || {
            let months = |day: NaiveDate| day.year() * 12 + day.month0().cast_signed();
            let n = months(self.after) - months(self.first);
            (self.first.day() == 1 && self.after.day() == 1 && n > 0).then(|| n.unsigned_abs())
        };
        match compare {
            Compare::None => None,
            Compare::Previous => Some(match whole_months() {
                Some(months) => Shift { months, days: 0 },
                None => Shift { months: 0, days: (self.after - self.first).num_days().unsigned_abs() },
            }),
            Compare::Year if unit == Some(Unit::Week) => Some(Shift { months: 0, days: 364 }),
            Compare::Year => Some(Shift { months: 12, days: 0 }),
        }
    }

    /// The days before, so far back. Of a period that is not over, only as many as have passed: this month so far is
    /// compared with last month up to the same day.
    #[must_use]
    pub fn before(self, shift: Shift, today: NaiveDate) -> Self {
        let is_begun = self.holds(today) && next(today) < self.after;
        // Today's own day before counts, where its month is shorter too: until March 30 is until February 28.
        let after = if is_begun { next(shift.back(today)) } else { shift.back(self.after) };
        Self { first: shift.back(self.first), after }
    }

    /// The calendar unit that it is exactly one of.
    pub fn is_one(self) -> Option<Unit> {
        [Unit::Year, Unit::Quarter, Unit::Month, Unit::Day]
            .into_iter()
            .find(|unit| unit.start(self.first) == self.first && unit.shift(self.first, 1) == self.after)
    }
}

impl Shift {
    pub fn back(self, day: NaiveDate) -> NaiveDate {
        let moved = day.checked_sub_months(Months::new(self.months)).unwrap_or(day);
        moved.checked_sub_days(Days::new(self.days)).unwrap_or(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn periods_are_days_and_have_days_before_them() {
        // A Wednesday; already Thursday in Shanghai.
        let now: DateTime<Utc> = "2026-11-25T20:00:00Z".parse().expect("an instant");
        let zone = chrono_tz::UTC;
        for (text, printed, days, previous, year) in [
            ("today", "today", "2026-11-25 2026-11-26", "2026-11-24 2026-11-25", "2025-11-25 2025-11-26"),
            ("this-month", "this-month", "2026-11-01 2026-12-01", "2026-10-01 2026-10-26", "2025-11-01 2025-11-26"),
            ("last-month", "last-month", "2026-10-01 2026-11-01", "2026-09-01 2026-10-01", "2025-10-01 2025-11-01"),
            ("this-quarter", "this-quarter", "2026-10-01 2027-01-01", "2026-07-01 2026-08-26", "2025-10-01 2025-11-26"),
            ("2017", "2017", "2017-01-01 2018-01-01", "2016-01-01 2017-01-01", "2016-01-01 2017-01-01"),
            ("2017-q3", "2017-Q3", "2017-07-01 2017-10-01", "2017-04-01 2017-07-01", "2016-07-01 2016-10-01"),
            ("-30d", "-30d", "2026-10-27 2026-11-26", "2026-09-27 2026-10-27", "2025-10-27 2025-11-26"),
            ("+1mo", "+1mo", "2026-11-25 2026-12-25", "2026-10-26 2026-10-27", "2025-11-25 2025-11-26"),
            (
                "2017-03..2017-06",
                "2017-03..2017-06",
                "2017-03-01 2017-07-01",
                "2016-11-01 2017-03-01",
                "2016-03-01 2016-07-01",
            ),
            (
                "2026-11-05..2026-11-09",
                "2026-11-05..2026-11-09",
                "2026-11-05 2026-11-10",
                "2026-10-31 2026-11-05",
                "2025-11-05 2025-11-10",
            ),
            ("last month", "last-month", "2026-10-01 2026-11-01", "2026-09-01 2026-10-01", "2025-10-01 2025-11-01"),
            (
                "Last  Quarter",
                "last-quarter",
                "2026-07-01 2026-10-01",
                "2026-04-01 2026-07-01",
                "2025-07-01 2025-10-01",
            ),
            ("上个月", "last-month", "2026-10-01 2026-11-01", "2026-09-01 2026-10-01", "2025-10-01 2025-11-01"),
            ("这个季度", "this-quarter", "2026-10-01 2027-01-01", "2026-07-01 2026-08-26", "2025-10-01 2025-11-26"),
            ("上季度", "last-quarter", "2026-07-01 2026-10-01", "2026-04-01 2026-07-01", "2025-07-01 2025-10-01"),
            ("去年", "last-year", "2025-01-01 2026-01-01", "2024-01-01 2025-01-01", "2024-01-01 2025-01-01"),
            ("今年", "this-year", "2026-01-01 2027-01-01", "2025-01-01 2025-11-26", "2025-01-01 2025-11-26"),
        ] {
            let period = Period::parse(text).unwrap_or_else(|unfit| panic!("{text}: {unfit:?}"));
            assert_eq!(period.print(), printed);
            assert_eq!(Period::parse(printed).as_ref(), Ok(&period));
            let frame = period.frame(now, zone).expect("days");
            let shown = |f: Frame| format!("{} {}", f.first, f.after);
            assert_eq!(shown(frame), days, "{text}");
            for (compare, wanted) in [(Compare::Previous, previous), (Compare::Year, year)] {
                let shift = frame.shift(compare, None).expect("a comparison");
                assert_eq!(shown(frame.before(shift, day("2026-11-25"))), wanted, "{text} {compare:?}");
            }
            assert_eq!(frame.shift(Compare::None, None), None);
        }
        assert_eq!(Period::parse(" ALL "), Ok(Period::All));
        assert_eq!(Period::All.frame(now, zone), None);
        let shanghai = Period::parse("today").expect("a period").frame(now, chrono_tz::Asia::Shanghai);
        assert_eq!(shanghai.map(|f| f.first), Some(day("2026-11-26")));
        for text in ["", "now", "-2h", "soon", "2026-11-22T14:30", "..", "2026..", "7d"] {
            assert!(Period::parse(text).is_err(), "{text}");
        }
        let backwards = Period::parse("2026..2025").expect("a period").frame(now, zone).expect("days");
        assert_eq!(backwards.first, backwards.after, "no days at all");
    }

    #[test]
    fn quarters_and_leap_years_are_compared_by_the_calendar() {
        for (text, today, previous, year) in [
            ("2026-Q1", "2026-11-25", "2025-10-01 2026-01-01", "2025-01-01 2025-04-01"),
            ("2025-Q1", "2026-11-25", "2024-10-01 2025-01-01", "2024-01-01 2024-04-01"),
            ("2024-Q1", "2026-11-25", "2023-10-01 2024-01-01", "2023-01-01 2023-04-01"),
            ("2024-02", "2026-11-25", "2024-01-01 2024-02-01", "2023-02-01 2023-03-01"),
            ("2025-02", "2026-11-25", "2025-01-01 2025-02-01", "2024-02-01 2024-03-01"),
            // Not over: as far as today, whose day before is the last one where the month is shorter.
            ("2024-02", "2024-02-29", "2024-01-01 2024-02-01", "2023-02-01 2023-03-01"),
            ("2024", "2024-02-29", "2023-01-01 2023-03-01", "2023-01-01 2023-03-01"),
            ("2026-03", "2026-03-30", "2026-02-01 2026-03-01", "2025-03-01 2025-03-31"),
            ("2026-03", "2026-03-31", "2026-02-01 2026-03-01", "2025-03-01 2025-04-01"),
        ] {
            let now: DateTime<Utc> = format!("{today}T12:00:00Z").parse().expect("an instant");
            let frame = Period::parse(text).ok().and_then(|p| p.frame(now, chrono_tz::UTC)).expect("days");
            for (compare, wanted) in [(Compare::Previous, previous), (Compare::Year, year)] {
                let before = frame.before(frame.shift(compare, None).expect("a comparison"), day(today));
                assert_eq!(format!("{} {}", before.first, before.after), wanted, "{text} {compare:?} on {today}");
            }
        }
    }

    #[test]
    fn weeks_keep_their_mondays_and_frames_know_what_they_are() {
        let week = Frame { first: day("2026-11-23"), after: day("2026-11-30") };
        let shift = week.shift(Compare::Year, Some(Unit::Week)).expect("a comparison");
        assert_eq!(shift.back(week.first), day("2025-11-24"), "a Monday");
        for (first, after, unit) in [
            ("2026-01-01", "2027-01-01", Some(Unit::Year)),
            ("2026-04-01", "2026-07-01", Some(Unit::Quarter)),
            ("2026-02-01", "2026-03-01", Some(Unit::Month)),
            ("2026-02-01", "2026-04-01", None),
            ("2026-02-28", "2026-03-01", Some(Unit::Day)),
        ] {
            assert_eq!(Frame { first: day(first), after: day(after) }.is_one(), unit);
        }
        assert_eq!(week.last(), day("2026-11-29"));
    }
}

//! Dates, times and spans as people type them, in English and Chinese: `tomorrow 9`, `fri`, `2h`, `下周三下午3点`.
//!
//! An own grammar reads what our users type; what it does not know goes to `interim`, which knows more English. What
//! names a day of any week or year, such as `fri` or `24 dec`, is the next one to come, or where the past is meant the
//! last one; `next fri` is the Friday of next week. Weeks begin on Monday. In numeric dates with the
//! year last the day stands first unless only the other order is a date.

use chrono::{DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use winnow::ascii::{digit1, space0};
use winnow::combinator::{alt, eof, opt, preceded, repeat, terminated};
use winnow::prelude::*;
use winnow::token::one_of;

mod words;

use crate::domain::search::half_width;
use words::{DAYS, HAN_NUMBERS, HAN_WEEKDAYS, MONTHS, UNITS, WEEKDAYS};

/// The time of day meant by a day alone, as in `fri`.
const MORNING: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("nine is a time of day");

/// `周一` to `周日`, as they are read too.
pub fn weekday_in_chinese(weekday: Weekday) -> String {
    format!("周{}", HAN_WEEKDAYS[weekday.num_days_from_monday() as usize].0)
}

/// Text that is no date, time or span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a date or time; try “tomorrow 9”, “fri”, “2h” or “2026-11-22 14:00”")]
pub struct Misread(pub String);

/// Which way a word looks that says no year, week or direction of its own: `tue`, `24 dec`, `9:00`, `2h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lean {
    /// What is planned: the next one.
    Ahead,
    /// What has happened: the last one.
    Back,
}

/// A moment; a day alone means nine in the morning there.
pub fn instant(text: &str, now: DateTime<Utc>, zone: Tz, lean: Lean) -> Result<DateTime<Utc>, Misread> {
    let local = now.with_timezone(&zone);
    let clean = fold(text);
    if let Ok(moment) = DateTime::parse_from_rfc3339(text.trim()) {
        return Ok(moment.to_utc());
    }
    match whole(moment).parse(clean.as_str()) {
        Ok(spoken) => spoken.resolve(local, lean).ok_or_else(|| Misread(text.into())),
        Err(_) => foreign(&clean, local).ok_or_else(|| Misread(text.into())),
    }
}

/// A day in the zone; a time of day typed with it is dropped.
pub fn day(text: &str, now: DateTime<Utc>, zone: Tz, lean: Lean) -> Result<NaiveDate, Misread> {
    instant(text, now, zone, lean).map(|at| at.with_timezone(&zone).date_naive())
}

/// A span in seconds, such as `2h`, `1h30m`, `3 days`, `-2d`, `半小时`. Months count 30 days, years 365.
pub fn span(text: &str) -> Result<i64, Misread> {
    let clean = fold(text);
    let (sign, rest) = match clean.strip_prefix('-') {
        Some(rest) => (-1, rest.trim_start()),
        None => (1, clean.strip_prefix('+').unwrap_or(&clean).trim_start()),
    };
    let amounts = whole(amounts).parse(rest).map_err(|_| Misread(text.into()))?;
    let seconds = amounts.iter().try_fold(0_i64, |sum, amount| amount.seconds().and_then(|s| sum.checked_add(s)));
    seconds.map(|s| sign * s).ok_or_else(|| Misread(text.into()))
}

/// A local date and time as an instant. In the hour that a clock change skips, an hour later; in the one it repeats,
/// the earlier.
pub fn at(day: NaiveDate, time: NaiveTime, zone: Tz) -> Option<DateTime<Utc>> {
    let local = day.and_time(time);
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
        LocalResult::None => zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest().map(|at| at.to_utc()),
    }
}

/// Lower case, ASCII digits and punctuation, single spaces.
fn fold(text: &str) -> String {
    let folded: String = text
        .chars()
        .map(|c| match c {
            '\u{3000}' | ',' | '，' | '、' => ' ',
            c => half_width(c),
        })
        .collect();
    folded.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Amount {
    n: i64,
    /// Half a unit more (`半`).
    half: bool,
    unit: Unit,
}

impl Amount {
    fn seconds(self) -> Option<i64> {
        let one = match self.unit {
            Unit::Second => 1,
            Unit::Minute => 60,
            Unit::Hour => 3_600,
            Unit::Day => 86_400,
            Unit::Week => 604_800,
            Unit::Month => 2_592_000,
            Unit::Year => 31_536_000,
        };
        self.n.checked_mul(one)?.checked_add(if self.half { one / 2 } else { 0 })
    }

    /// Moves a local moment; months and years by the calendar, keeping the day where the month has it.
    fn shift(self, local: DateTime<Tz>, forward: bool) -> Option<DateTime<Tz>> {
        let months = match self.unit {
            Unit::Month => self.n,
            Unit::Year => self.n.checked_mul(12)?,
            _ => {
                let span = TimeDelta::try_seconds(self.seconds()?)?;
                return if forward { local.checked_add_signed(span) } else { local.checked_sub_signed(span) };
            }
        };
        let months = Months::new(u32::try_from(months).ok()?);
        if forward { local.checked_add_months(months) } else { local.checked_sub_months(months) }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum DayWord {
    /// Days from today.
    Relative(i64),
    /// The next such weekday after today, or the last one before.
    Nearest(Weekday),
    /// That weekday of the week so many weeks from this one.
    OfWeek(i64, Weekday),
    Ymd(i32, u32, u32),
    /// Day, month, year as typed; see the module's rule on their order.
    Numeric(u32, u32, i32),
    /// A month and day of this year or, when that lies the other way, the year beside it.
    MonthDay(u32, u32),
    /// The first of the month so many months on.
    MonthStart(u32),
    MonthEnd,
    QuarterEnd,
    YearEnd,
    WeekEnd,
}

impl DayWord {
    fn resolve(&self, today: NaiveDate, lean: Lean) -> Option<NaiveDate> {
        let monday = today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))?;
        match *self {
            Self::Relative(days) => today.checked_add_signed(TimeDelta::try_days(days)?),
            Self::Nearest(weekday) => {
                let ahead = (7 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
                match lean {
                    Lean::Ahead => today.checked_add_days(Days::new(if ahead == 0 { 7 } else { u64::from(ahead) })),
                    Lean::Back => today.checked_sub_days(Days::new(u64::from(7 - ahead))),
                }
            }
            Self::OfWeek(weeks, weekday) => {
                monday.checked_add_signed(TimeDelta::days(weeks * 7 + i64::from(weekday.num_days_from_monday())))
            }
            Self::Ymd(year, month, day) => NaiveDate::from_ymd_opt(year, month, day),
            Self::Numeric(day, month, year) => {
                NaiveDate::from_ymd_opt(year, month, day).or_else(|| NaiveDate::from_ymd_opt(year, day, month))
            }
            Self::MonthDay(month, day) => {
                let of = |year| NaiveDate::from_ymd_opt(year, month, day);
                let (fits, beside): (fn(&NaiveDate, &NaiveDate) -> bool, _) = match lean {
                    Lean::Ahead => (NaiveDate::ge, today.year() + 1),
                    Lean::Back => (NaiveDate::le, today.year() - 1),
                };
                of(today.year()).filter(|date| fits(date, &today)).or_else(|| of(beside))
            }
            Self::MonthStart(months) => today.with_day(1)?.checked_add_months(Months::new(months)),
            Self::MonthEnd => month_end(today, 1),
            Self::QuarterEnd => month_end(today, 3 - today.month0() % 3),
            Self::YearEnd => NaiveDate::from_ymd_opt(today.year(), 12, 31),
            Self::WeekEnd => monday.checked_add_days(Days::new(6)),
        }
    }
}

/// The last day before the first of the month so many months on.
fn month_end(today: NaiveDate, months: u32) -> Option<NaiveDate> {
    today.with_day(1)?.checked_add_months(Months::new(months))?.pred_opt()
}

/// What was said, not yet tied to a calendar.
#[derive(Clone, Debug, PartialEq)]
enum Spoken {
    Now,
    Shift {
        amounts: Vec<Amount>,
        /// Where `in`, `ago` or a sign says it.
        forward: Option<bool>,
    },
    Day(DayWord, Option<NaiveTime>),
    /// Today at that time or, when that lies the other way, the day beside it.
    Time(NaiveTime),
}

impl Spoken {
    fn resolve(&self, local: DateTime<Tz>, lean: Lean) -> Option<DateTime<Utc>> {
        let zone = local.timezone();
        match self {
            Self::Now => Some(local.to_utc()),
            Self::Shift { amounts, forward } => {
                let forward = forward.unwrap_or(lean == Lean::Ahead);
                let shifted = amounts.iter().try_fold(local, |at, amount| amount.shift(at, forward))?;
                Some(shifted.to_utc())
            }
            Self::Day(day, time) => at(day.resolve(local.date_naive(), lean)?, time.unwrap_or(MORNING), zone),
            Self::Time(time) => {
                let (now, today) = (local.to_utc(), at(local.date_naive(), *time, zone)?);
                match lean {
                    Lean::Ahead if today > now => Some(today),
                    Lean::Ahead => at(local.date_naive().succ_opt()?, *time, zone),
                    Lean::Back if today <= now => Some(today),
                    Lean::Back => at(local.date_naive().pred_opt()?, *time, zone),
                }
            }
        }
    }
}

fn foreign(text: &str, local: DateTime<Tz>) -> Option<DateTime<Utc>> {
    // interim reads numeric dates in orders of its own; the grammar above is the only one for those.
    if text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit()) || !text.is_ascii() {
        return None;
    }
    let read = |text| interim::parse_date_string(text, local, interim::Dialect::Uk).ok();
    let at = read(text)?;
    // It reads a beginning and is silent about the rest: a last word that changes nothing was not read.
    let is_whole = text.rsplit_once(' ').is_none_or(|(before, _)| read(before) != Some(at));
    is_whole.then(|| at.to_utc())
}

fn whole<'a, O>(inner: impl Parser<&'a str, O, Fault>) -> impl Parser<&'a str, O, Fault> {
    terminated(inner, (space0, eof))
}

type Fault = winnow::error::ErrMode<winnow::error::EmptyError>;
type Parsed<O> = winnow::Result<O, Fault>;

fn number<T: std::str::FromStr>(input: &mut &str) -> Parsed<T> {
    digit1.parse_to().parse_next(input)
}

/// The first of the words that the text begins with; list longer ones before their beginnings.
fn word<T: Clone>(rows: &'static [(&'static str, T)]) -> impl FnMut(&mut &str) -> Parsed<T> {
    move |input| {
        for (text, meaning) in rows {
            if let Some(rest) = input.strip_prefix(text) {
                // A Latin word ends where its letters end: `m` is not the beginning of `march`.
                let inside = text.ends_with(|c: char| c.is_ascii_alphabetic())
                    && rest.starts_with(|c: char| c.is_ascii_alphabetic());
                if !inside {
                    *input = rest;
                    return Ok(meaning.clone());
                }
            }
        }
        Err(winnow::error::ErrMode::Backtrack(winnow::error::EmptyError))
    }
}

fn unit(input: &mut &str) -> Parsed<Unit> {
    word(UNITS).parse_next(input)
}

fn amount(input: &mut &str) -> Parsed<Amount> {
    alt((
        ("半", space0, opt("个"), unit).map(|(_, _, _, unit)| Amount { n: 0, half: true, unit }),
        (number, opt("个半"), space0, unit).map(|(n, half, _, unit)| Amount { n, half: half.is_some(), unit }),
        (han_number, opt("个半"), unit).map(|(n, half, unit)| Amount { n, half: half.is_some(), unit }),
    ))
    .parse_next(input)
}

fn amounts(input: &mut &str) -> Parsed<Vec<Amount>> {
    repeat(1.., terminated(amount, space0)).parse_next(input)
}

/// 一 to 十二, and 两.
fn han_number(input: &mut &str) -> Parsed<i64> {
    word(HAN_NUMBERS).parse_next(input)
}

fn weekday(input: &mut &str) -> Parsed<Weekday> {
    word(WEEKDAYS).parse_next(input)
}

fn han_weekday(input: &mut &str) -> Parsed<Weekday> {
    preceded(alt(("星期", "礼拜", "周")), word(HAN_WEEKDAYS)).parse_next(input)
}

fn month(input: &mut &str) -> Parsed<u32> {
    word(MONTHS).parse_next(input)
}

/// A number with exactly four digits.
fn year(input: &mut &str) -> Parsed<i32> {
    digit1.verify(|digits: &str| digits.len() == 4).parse_to().parse_next(input)
}

fn day_word(input: &mut &str) -> Parsed<DayWord> {
    alt((written_date, named_day)).parse_next(input)
}

fn written_date(input: &mut &str) -> Parsed<DayWord> {
    let sep = || one_of(['-', '/', '.']);
    alt((
        (year, sep(), number, sep(), number).map(|(y, _, m, _, d)| DayWord::Ymd(y, m, d)),
        (year, "年", number, "月", number, opt(alt(("日", "号")))).map(|(y, _, m, _, d, _)| DayWord::Ymd(y, m, d)),
        (number, sep(), number, sep(), year).map(|(d, _, m, _, y)| DayWord::Numeric(d, m, y)),
        (number, "月", number, opt(alt(("日", "号")))).map(|(m, _, d, _)| DayWord::MonthDay(m, d)),
        (number, opt(one_of(['.'])), space0, month, space0, year).map(|(d, _, _, m, _, y)| DayWord::Ymd(y, m, d)),
        (number, opt(one_of(['.'])), space0, month).map(|(d, _, _, m)| DayWord::MonthDay(m, d)),
        (month, space0, number, space0, year).map(|(m, _, d, _, y)| DayWord::Ymd(y, m, d)),
        (month, space0, number).map(|(m, _, d)| DayWord::MonthDay(m, d)),
    ))
    .parse_next(input)
}

fn named_day(input: &mut &str) -> Parsed<DayWord> {
    alt((
        word(DAYS),
        preceded(("next ", space0), weekday).map(|day| DayWord::OfWeek(1, day)),
        preceded(("this ", space0), weekday).map(|day| DayWord::OfWeek(0, day)),
        preceded(("last ", space0), weekday).map(|day| DayWord::OfWeek(-1, day)),
        weekday.map(DayWord::Nearest),
        han_named_weekday,
    ))
    .parse_next(input)
}

fn han_named_weekday(input: &mut &str) -> Parsed<DayWord> {
    alt((
        preceded(("下下", opt("个")), han_weekday).map(|day| DayWord::OfWeek(2, day)),
        preceded(("下", opt("个")), han_weekday).map(|day| DayWord::OfWeek(1, day)),
        preceded(("上", opt("个")), han_weekday).map(|day| DayWord::OfWeek(-1, day)),
        preceded(alt(("本", "这个", "这")), han_weekday).map(|day| DayWord::OfWeek(0, day)),
        alt(("下个星期", "下星期", "下周")).value(DayWord::OfWeek(1, Weekday::Mon)),
        han_weekday.map(DayWord::Nearest),
    ))
    .parse_next(input)
}

#[derive(Clone, Copy)]
enum Half {
    Am,
    Pm,
    Noon,
}

fn clock(hour: u32, minute: u32, half: Option<Half>) -> Option<NaiveTime> {
    let hour = match half {
        Some(Half::Am) if hour == 12 => 0,
        Some(Half::Pm) if hour < 12 => hour + 12,
        Some(Half::Noon) if hour < 3 => hour + 12,
        _ => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, 0)
}

/// A time that says it is one: `9:30`, `9am`, `14点`, `下午3点半`, `noon`.
fn time(input: &mut &str) -> Parsed<NaiveTime> {
    let half = || word(&[("am", Half::Am), ("a.m.", Half::Am), ("pm", Half::Pm), ("p.m.", Half::Pm)]);
    let han_half = || {
        word(&[
            ("早上", Half::Am),
            ("上午", Half::Am),
            ("凌晨", Half::Am),
            ("中午", Half::Noon),
            ("下午", Half::Pm),
            ("傍晚", Half::Pm),
            ("晚上", Half::Pm),
        ])
    };
    let han_hour = || alt((number::<u32>, han_number.map(|n| n as u32)));
    alt((
        word(&[("noon", (12, 0)), ("midday", (12, 0)), ("midnight", (0, 0))]).verify_map(|(h, m)| clock(h, m, None)),
        (
            number,
            one_of([':', '.']),
            number,
            opt(preceded((one_of([':']), digit1), opt(preceded((".", digit1), space0)))),
            space0,
            opt(half()),
        )
            .verify_map(|(h, _, m, _, _, half)| clock(h, m, half)),
        (number, space0, half()).verify_map(|(h, _, half)| clock(h, 0, Some(half))),
        (opt(han_half()), space0, han_hour(), alt(("点", "時", "时")), "半")
            .verify_map(|(half, _, h, _, _)| clock(h, 30, half)),
        (opt(han_half()), space0, han_hour(), alt(("点", "時", "时")), opt(terminated(number, opt("分"))))
            .verify_map(|(half, _, h, _, m)| clock(h, m.unwrap_or(0), half)),
        (han_half(), space0, number, ":", number).verify_map(|(half, _, h, _, m)| clock(h, m, Some(half))),
        (han_half(), space0, number).verify_map(|(half, _, h)| clock(h, 0, Some(half))),
        "中午".verify_map(|_| clock(12, 0, None)),
    ))
    .parse_next(input)
}

/// A time after a day, where a bare number is an hour: `tomorrow 9`.
fn time_of_day(input: &mut &str) -> Parsed<NaiveTime> {
    let hour = number.verify_map(|hour| clock(hour, 0, None));
    preceded((space0, opt(alt(("at ", "@", "t", "的"))), space0), alt((time, hour))).parse_next(input)
}

fn moment(input: &mut &str) -> Parsed<Spoken> {
    let ago = || alt(("ago", "before", "前", "之前", "以前"));
    let later = || alt(("from now", "later", "后", "之后", "以后"));
    alt((
        terminated(alt(("now", "现在")), eof).value(Spoken::Now),
        terminated((day_word, opt(time_of_day)), (space0, eof)).map(|(day, time)| Spoken::Day(day, time)),
        terminated((time, space0, day_word), (space0, eof)).map(|(time, _, day)| Spoken::Day(day, Some(time))),
        terminated(terminated(amounts, (space0, ago())), (space0, eof))
            .map(|amounts| Spoken::Shift { amounts, forward: Some(false) }),
        terminated(terminated(amounts, (space0, later())), (space0, eof))
            .map(|amounts| Spoken::Shift { amounts, forward: Some(true) }),
        terminated((opt("in "), opt("+"), space0, amounts), (space0, eof)).map(|(word, sign, _, amounts)| {
            Spoken::Shift { amounts, forward: (word.is_some() || sign.is_some()).then_some(true) }
        }),
        terminated(preceded(("-", space0), amounts), (space0, eof))
            .map(|amounts| Spoken::Shift { amounts, forward: Some(false) }),
        terminated(time, (space0, eof)).map(Spoken::Time),
    ))
    .parse_next(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sunday, 22 November 2026, 10:15 in Berlin.
    fn now() -> DateTime<Utc> {
        "2026-11-22T09:15:00Z".parse().unwrap()
    }

    fn local(text: &str) -> String {
        leaning(text, Lean::Ahead)
    }

    fn leaning(text: &str, lean: Lean) -> String {
        match instant(text, now(), chrono_tz::Europe::Berlin, lean) {
            Ok(at) => at.with_timezone(&chrono_tz::Europe::Berlin).format("%a %Y-%m-%d %H:%M").to_string(),
            Err(_) => "no".into(),
        }
    }

    #[test]
    fn moments_in_both_languages() {
        let rows = [
            ("now", "Sun 2026-11-22 10:15"),
            ("tomorrow 9", "Mon 2026-11-23 09:00"),
            ("tomorrow at 14:30", "Mon 2026-11-23 14:30"),
            ("9pm tomorrow", "Mon 2026-11-23 21:00"),
            ("Fri", "Fri 2026-11-27 09:00"),
            ("fri 10", "Fri 2026-11-27 10:00"),
            ("sunday", "Sun 2026-11-29 09:00"),
            ("next fri", "Fri 2026-11-27 09:00"),
            ("this sun 20", "Sun 2026-11-22 20:00"),
            ("2h", "Sun 2026-11-22 12:15"),
            ("in 2 hours", "Sun 2026-11-22 12:15"),
            ("1h30m", "Sun 2026-11-22 11:45"),
            ("+3d", "Wed 2026-11-25 10:15"),
            ("2 days ago", "Fri 2026-11-20 10:15"),
            ("in 1 month", "Tue 2026-12-22 10:15"),
            ("end of month", "Mon 2026-11-30 09:00"),
            ("end of quarter", "Thu 2026-12-31 09:00"),
            ("noon", "Sun 2026-11-22 12:00"),
            ("9:00", "Mon 2026-11-23 09:00"),
            ("2026-12-01", "Tue 2026-12-01 09:00"),
            ("2026-12-01 16:45", "Tue 2026-12-01 16:45"),
            ("2026-12-01T16:45:10", "Tue 2026-12-01 16:45"),
            ("2026-12-01T16:45:10Z", "Tue 2026-12-01 17:45"),
            ("22-03-2021", "Mon 2021-03-22 09:00"),
            ("03/22/2021", "Mon 2021-03-22 09:00"),
            ("01-06-2023 12:15", "Thu 2023-06-01 12:15"),
            ("24 dec", "Thu 2026-12-24 09:00"),
            ("jan 5", "Tue 2027-01-05 09:00"),
            ("5. march 2027", "Fri 2027-03-05 09:00"),
            ("今天下午3点", "Sun 2026-11-22 15:00"),
            ("明天 9点", "Mon 2026-11-23 09:00"),
            ("后天上午10点半", "Tue 2026-11-24 10:30"),
            ("下周一", "Mon 2026-11-23 09:00"),
            ("下周三下午3点", "Wed 2026-11-25 15:00"),
            ("周五", "Fri 2026-11-27 09:00"),
            ("下个月", "Tue 2026-12-01 09:00"),
            ("月底", "Mon 2026-11-30 09:00"),
            ("2小时后", "Sun 2026-11-22 12:15"),
            ("半小时后", "Sun 2026-11-22 10:45"),
            ("三天后", "Wed 2026-11-25 10:15"),
            ("２０２６年１２月１日", "Tue 2026-12-01 09:00"),
            ("12月24号 18点", "Thu 2026-12-24 18:00"),
        ];
        for (text, expected) in rows {
            assert_eq!(local(text), expected, "{text}");
        }
    }

    #[test]
    fn what_says_no_direction_looks_back_where_the_past_is_meant() {
        for (text, expected) in [
            ("tue", "Tue 2026-11-17 09:00"),
            ("tue 15:00", "Tue 2026-11-17 15:00"),
            ("sunday", "Sun 2026-11-15 09:00"),
            ("sat", "Sat 2026-11-21 09:00"),
            ("周二", "Tue 2026-11-17 09:00"),
            ("周二下午3点", "Tue 2026-11-17 15:00"),
            ("24 dec", "Wed 2025-12-24 09:00"),
            ("22 nov", "Sun 2026-11-22 09:00"),
            ("12月24号", "Wed 2025-12-24 09:00"),
            ("9:00", "Sun 2026-11-22 09:00"),
            ("11:00", "Sat 2026-11-21 11:00"),
            ("2h", "Sun 2026-11-22 08:15"),
            ("半小时", "Sun 2026-11-22 09:45"),
            // What says where it is stays there.
            ("in 2h", "Sun 2026-11-22 12:15"),
            ("+2h", "Sun 2026-11-22 12:15"),
            ("2 hours ago", "Sun 2026-11-22 08:15"),
            ("next tue", "Tue 2026-11-24 09:00"),
            ("下周二", "Tue 2026-11-24 09:00"),
            ("tomorrow 9", "Mon 2026-11-23 09:00"),
            ("2026-12-01", "Tue 2026-12-01 09:00"),
        ] {
            assert_eq!(leaning(text, Lean::Back), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "soon-ish",
            "32.13.2026",
            "2026-02-30",
            "tomorrow 25",
            "tomorrow 3pm send",
            "fri 10 call him",
            "99999999999999999999d",
            "9",
            "下",
        ] {
            assert_eq!(local(text), "no", "{text}");
        }
    }

    #[test]
    fn spans() {
        let rows = [
            ("2h", 7_200),
            ("1h30m", 5_400),
            ("-7d", -604_800),
            ("3 weeks", 1_814_400),
            ("90 min", 5_400),
            ("半小时", 1_800),
            ("一个半小时", 5_400),
            ("2天", 172_800),
        ];
        for (text, seconds) in rows {
            assert_eq!(span(text), Ok(seconds), "{text}");
        }
        for text in ["", "2", "h", "2 parsecs", "9223372036854775807y"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_skipped_hour_of_spring_is_an_hour_later() {
        let at = instant("2027-03-28 02:30", now(), chrono_tz::Europe::Berlin, Lean::Ahead).unwrap();
        assert_eq!(at.to_rfc3339(), "2027-03-28T01:30:00+00:00");
    }
}

//! Literals of the language: numbers with `k`, `M`, `万`, spans, dates. Read in both languages, printed in one way.

use std::fmt::Write;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use winnow::ModalResult;
use winnow::ascii::digit1;
use winnow::combinator::{alt, delimited, eof, opt, preceded, repeat, terminated};
use winnow::prelude::*;
use winnow::token::{one_of, take};

use super::date::{Date, Unit};

/// `10`, `2.5k`, `-3`, `1M`, `5万`, `2亿`. Not in any currency.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let (digits, factor) = [
        ("k", 1_000),
        ("K", 1_000),
        ("千", 1_000),
        ("万", 10_000),
        ("m", 1_000_000),
        ("M", 1_000_000),
        ("百万", 1_000_000),
        ("亿", 100_000_000),
    ]
    .iter()
    .rev()
    .find_map(|(suffix, factor)| text.strip_suffix(suffix).map(|digits| (digits, *factor)))
    .unwrap_or((text, 1));
    let unsigned = digits.strip_prefix(['-', '+']).unwrap_or(digits);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) || !unsigned.chars().all(|c| c.is_ascii_digit() || c == '.')
    {
        return None;
    }
    let number = digits.strip_prefix('+').unwrap_or(digits).parse::<Decimal>().ok()?;
    number.checked_mul(Decimal::from(factor)).map(|n| n.normalize())
}

/// A signed amount of time in its calendar parts.
#[derive(Clone, Copy, Default)]
struct Parts {
    months: i64,
    days: i64,
    seconds: i64,
}

/// `7d`, `1h30m`, `2周`: one or more numbers with units, biggest first or not.
fn parts(text: &str) -> Option<Parts> {
    let unit = |input: &mut &str| -> ModalResult<Parts> {
        let count: i64 = digit1.try_map(str::parse).parse_next(input)?;
        // The longer spelling first: `min` before `m`, `mo` before `m`.
        let of = |months: i64, days: i64, seconds: i64| Parts {
            months: count.saturating_mul(months),
            days: count.saturating_mul(days),
            seconds: count.saturating_mul(seconds),
        };
        alt((
            alt(("years", "year", "yr", "y", "年")).value(of(12, 0, 0)),
            alt(("quarters", "quarter", "q", "季度", "季")).value(of(3, 0, 0)),
            alt(("months", "month", "mo", "个月", "月")).value(of(1, 0, 0)),
            alt(("weeks", "week", "wk", "w", "个星期", "星期", "周")).value(of(0, 7, 0)),
            alt(("days", "day", "d", "天", "日")).value(of(0, 1, 0)),
            alt(("hours", "hour", "hrs", "hr", "h", "个小时", "小时", "时")).value(of(0, 0, 3600)),
            alt(("minutes", "minute", "mins", "min", "m", "分钟", "分")).value(of(0, 0, 60)),
            alt(("seconds", "second", "secs", "sec", "s", "秒")).value(of(0, 0, 1)),
        ))
        .parse_next(input)
    };
    let sum = |sum: Parts, one: Parts| Parts {
        months: sum.months.saturating_add(one.months),
        days: sum.days.saturating_add(one.days),
        seconds: sum.seconds.saturating_add(one.seconds),
    };
    let lower = text.to_lowercase();
    terminated(repeat(1.., unit).fold(Parts::default, sum), eof).parse(lower.as_str()).ok()
}

/// A span in seconds, `-` for past; months count 30 days, years 365. `0` needs no unit.
pub(super) fn span(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let parts = parts(rest)?;
    let days = (parts.months / 12).checked_mul(365)?.checked_add(parts.months % 12 * 30)?.checked_add(parts.days)?;
    let seconds = days.checked_mul(86_400)?.checked_add(parts.seconds)?;
    // A thousand years are enough, and stay inside every clock.
    (seconds <= 366 * 1000 * 86_400).then_some(sign * seconds)
}

/// `1d2h`, `-30m`, `0`.
pub(super) fn print_span(seconds: i64) -> String {
    if seconds == 0 {
        return "0".into();
    }
    let mut out = String::from(if seconds < 0 { "-" } else { "" });
    let mut rest = seconds.unsigned_abs();
    for (unit, size) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] {
        if rest >= size {
            let _ = write!(out, "{}{unit}", rest / size);
            rest %= size;
        }
    }
    out
}

/// Words for periods: unit, shift, spellings; the first is printed.
const PERIODS: [(Unit, i32, &[&str]); 15] = [
    (Unit::Day, 0, &["today", "今天", "今日"]),
    (Unit::Day, -1, &["yesterday", "昨天", "昨日"]),
    (Unit::Day, 1, &["tomorrow", "明天", "明日"]),
    (Unit::Week, 0, &["this-week", "本周", "这周", "这个星期"]),
    (Unit::Week, -1, &["last-week", "上周", "上个星期"]),
    (Unit::Week, 1, &["next-week", "下周", "下个星期"]),
    (Unit::Month, 0, &["this-month", "本月", "这个月"]),
    (Unit::Month, -1, &["last-month", "上月", "上个月"]),
    (Unit::Month, 1, &["next-month", "下月", "下个月"]),
    (Unit::Quarter, 0, &["this-quarter", "本季度", "本季", "这个季度", "这季度"]),
    (Unit::Quarter, -1, &["last-quarter", "上季度", "上季", "上个季度"]),
    (Unit::Quarter, 1, &["next-quarter", "下季度", "下季", "下个季度"]),
    (Unit::Year, 0, &["this-year", "今年", "本年"]),
    (Unit::Year, -1, &["last-year", "去年", "上一年"]),
    (Unit::Year, 1, &["next-year", "明年"]),
];

/// The words that dates may be, as printed; for completion.
pub(super) fn date_words() -> impl Iterator<Item = &'static str> {
    PERIODS.iter().map(|(_, _, words)| words[0]).chain(["now"])
}

/// `today`, `-7d`, `2026-11`, `2026-Q4`, `2026-11-22`, `2026-11-22T14:30`, `2026年11月`, ….
pub(crate) fn date(text: &str) -> Option<Date> {
    let word = text.to_lowercase().replace('_', "-");
    if matches!(word.as_str(), "now" | "现在") {
        return Some(Date::Now);
    }
    let joined = word.split_whitespace().collect::<Vec<_>>().join("-");
    if let Some((unit, shift, _)) = PERIODS.iter().find(|(_, _, words)| words.contains(&joined.as_str())) {
        return Some(Date::Period { unit: *unit, shift: *shift });
    }
    if let Some(rest) = word.strip_prefix(['-', '+']) {
        let sign = if word.starts_with('-') { -1 } else { 1 };
        let parts = parts(rest)?;
        let small = |n: i64| i32::try_from(n).ok().filter(|n| *n < 400_000).map(|n| n * sign);
        let (months, days) = (small(parts.months)?, small(parts.days)?);
        let seconds = (parts.seconds < 400_000 * 86_400).then_some(parts.seconds * i64::from(sign))?;
        return Some(if (months, days, seconds) == (0, 0, 0) {
            Date::Now
        } else {
            Date::Offset { months, days, seconds }
        });
    }
    calendar.parse(word.as_str()).ok()
}

fn calendar(input: &mut &str) -> ModalResult<Date> {
    fn figures<'a, T: std::str::FromStr>(
        n: usize,
    ) -> impl Parser<&'a str, T, winnow::error::ErrMode<winnow::error::ContextError>> {
        take(n).verify(|s: &str| s.bytes().all(|b| b.is_ascii_digit())).verify_map(|s: &str| s.parse().ok())
    }
    fn one_or_two<'a>() -> impl Parser<&'a str, u32, winnow::error::ErrMode<winnow::error::ContextError>> {
        digit1.verify(|s: &str| s.len() <= 2).verify_map(|s: &str| s.parse().ok())
    }
    let year: i32 = figures(4).verify(|y| *y >= 1000).parse_next(input)?;
    let first = |month| NaiveDate::from_ymd_opt(year, month, 1);
    let time = (alt(('t', ' ')), one_or_two(), ':', figures::<u32>(2)).map(|(_, h, _, m)| (h, m));
    alt((
        terminated(opt('年'), eof).value(Date::Year(year)),
        delimited(opt('-'), preceded('q', one_of('1'..='4')), eof)
            .verify_map(|q: char| q.to_digit(10).and_then(|q| first(q * 3 - 2)).map(Date::Quarter)),
        delimited('年', one_or_two(), ('月', eof)).verify_map(|m| first(m).map(Date::Month)),
        delimited('-', one_or_two(), eof).verify_map(|m| first(m).map(Date::Month)),
        (
            alt((
                (preceded('-', one_or_two()), preceded('-', one_or_two())),
                (preceded('/', one_or_two()), preceded('/', one_or_two())),
                (delimited('年', one_or_two(), '月'), terminated(one_or_two(), opt(alt(('日', '号'))))),
            )),
            opt(time),
        )
            .verify_map(|((m, d), time)| {
                let day = NaiveDate::from_ymd_opt(year, m, d)?;
                match time {
                    None => Some(Date::Day(day)),
                    Some((h, min)) => day.and_hms_opt(h, min, 0).map(Date::Minute),
                }
            }),
    ))
    .parse_next(input)
}

/// The canonical spelling.
pub(crate) fn print_date(date: &Date) -> String {
    match date {
        Date::Now => "now".into(),
        Date::Offset { months, days, seconds } => {
            let past = *months < 0 || *days < 0 || *seconds < 0;
            let mut out = String::from(if past { "-" } else { "+" });
            for (count, unit) in [(*months, "mo"), (*days, "d")] {
                if count != 0 {
                    let _ = write!(out, "{}{unit}", count.unsigned_abs());
                }
            }
            let mut rest = seconds.unsigned_abs();
            for (unit, size) in [("h", 3600), ("m", 60), ("s", 1)] {
                if rest >= size {
                    let _ = write!(out, "{}{unit}", rest / size);
                    rest %= size;
                }
            }
            out
        }
        Date::Period { unit, shift } => PERIODS
            .iter()
            .find(|(u, s, _)| u == unit && s == shift)
            .map_or_else(|| "today".into(), |(_, _, words)| words[0].to_owned()),
        Date::Minute(at) => minute(*at),
        Date::Day(day) => day.format("%Y-%m-%d").to_string(),
        Date::Month(first) => first.format("%Y-%m").to_string(),
        Date::Quarter(first) => format!("{}-Q{}", first.year(), first.month0() / 3 + 1),
        Date::Year(year) => year.to_string(),
    }
}

fn minute(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, value) in [
            ("10", "10"),
            ("2.50", "2.5"),
            ("10k", "10000"),
            ("1.5M", "1500000"),
            ("5万", "50000"),
            ("2百万", "2000000"),
            ("-3", "-3"),
            ("0", "0"),
        ] {
            assert_eq!(number(text), value.parse().ok(), "{text}");
        }
        for text in ["", "k", "1k2", "abc", "--1", "1e5", ".5", "€5", "99999999999999999999999999999999"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn spans() {
        for (text, seconds, printed) in [
            ("7d", 604_800, "7d"),
            ("1h30m", 5400, "1h30m"),
            ("90min", 5400, "1h30m"),
            ("2周", 1_209_600, "14d"),
            ("-2h", -7200, "-2h"),
            ("0", 0, "0"),
            ("1mo", 2_592_000, "30d"),
            ("1y", 31_536_000, "365d"),
        ] {
            assert_eq!(span(text), Some(seconds), "{text}");
            assert_eq!(print_span(seconds), printed);
            assert_eq!(span(printed), Some(seconds));
        }
        for text in ["7", "d", "1x", "", "99999999999999999999d", "9999999999999y"] {
            assert_eq!(span(text), None, "{text}");
        }
    }

    #[test]
    fn dates() {
        for (text, printed) in [
            ("today", "today"),
            ("今天", "today"),
            ("This-Week", "this-week"),
            ("上个月", "last-month"),
            ("-7d", "-7d"),
            ("+2h", "+2h"),
            ("-2w", "-14d"),
            ("+1y2mo", "+14mo"),
            ("+0d", "now"),
            ("2026", "2026"),
            ("2026年", "2026"),
            ("2026-11", "2026-11"),
            ("2026年11月", "2026-11"),
            ("2026-q4", "2026-Q4"),
            ("2026Q4", "2026-Q4"),
            ("2026-11-22", "2026-11-22"),
            ("2026/1/2", "2026-01-02"),
            ("2026年1月2日", "2026-01-02"),
            ("2026-11-22T14:30", "2026-11-22T14:30"),
            ("2026-11-22 9:05", "2026-11-22T09:05"),
        ] {
            let date = date(text);
            assert_eq!(date.as_ref().map(print_date).as_deref(), Some(printed), "{text}");
            assert_eq!(super::date(printed), date);
        }
        for text in ["7d", "2026-13", "2026-02-30", "monday-ish", "0026", "-", "+x", "2026-11-22T25:00"] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}

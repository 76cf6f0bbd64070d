//! Dates as files write them. What order day and month come in is decided once for a whole column, from the cells that
//! can be read only one way.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// Which of the two numbers comes first in `03/04/2024`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    DayFirst,
    MonthFirst,
}

/// What a column's cells say about its order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    pub day_first: u64,
    pub month_first: u64,
    /// Cells that could be either, and are not the same day in both.
    pub either: u64,
    /// Of those, how many use `/`, as month-first countries do.
    pub slashes: u64,
}

impl Evidence {
    pub fn add(&mut self, text: &str) {
        if let Some(Written::Numbers { first, second, slash, .. }) = date_part(text.trim()).map(|(w, _)| w) {
            match (first > 12, second > 12) {
                (true, false) => self.day_first += 1,
                (false, true) => self.month_first += 1,
                (false, false) if first != second => {
                    self.either += 1;
                    self.slashes += u64::from(slash);
                }
                _ => {}
            }
        }
    }

    /// The order that the unambiguous cells prove; `None` when there are none, or they disagree.
    pub fn proof(self) -> Option<Order> {
        match (self.day_first, self.month_first) {
            (0, 0) => None,
            (_, 0) => Some(Order::DayFirst),
            (0, _) => Some(Order::MonthFirst),
            _ => None,
        }
    }

    pub fn disagrees(self) -> bool {
        self.day_first > 0 && self.month_first > 0
    }

    /// The likelier order of a column without proof: slashes are American more often than not, dots and hyphens are not.
    pub fn guess(self) -> Order {
        if self.slashes * 2 > self.either { Order::MonthFirst } else { Order::DayFirst }
    }
}

/// A moment as written: with an offset when the text has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    Day(NaiveDate),
    Local(NaiveDateTime),
    Fixed(DateTime<FixedOffset>),
}

impl Moment {
    pub fn date(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Local(at) => at.date(),
            Self::Fixed(at) => at.date_naive(),
        }
    }
}

/// Reads a date with or without a time. `order` of `None` (a column that contradicts itself) refuses what could be
/// either.
pub fn parse(text: &str, order: Option<Order>) -> Result<Moment, String> {
    let text = text.trim();
    if let Some(moment) = serial(text) {
        return Ok(moment);
    }
    let (written, rest) = date_part(text).ok_or_else(|| format!("“{}” is not a date", shown(text)))?;
    let day = match written {
        Written::Day(day) => day,
        Written::Numbers { first, second, year, .. } => {
            let order = match (first > 12, second > 12, order) {
                (true, false, _) => Order::DayFirst,
                (false, true, _) => Order::MonthFirst,
                (_, _, Some(order)) => order,
                _ if first == second => Order::DayFirst,
                _ => {
                    return Err(format!(
                        "“{text}” could be day/month or month/day, and the column has both; write it as 2024-03-31"
                    ));
                }
            };
            let (day, month) = if order == Order::DayFirst { (first, second) } else { (second, first) };
            NaiveDate::from_ymd_opt(year, month, day)
        }
        .ok_or_else(|| format!("“{text}” is not a day of the calendar"))?,
    };
    let rest = rest.trim_start_matches([',', ' ', '\u{a0}', '\u{202f}']);
    let rest = rest.strip_prefix(['T', 't']).unwrap_or(rest);
    if rest.is_empty() {
        return Ok(Moment::Day(day));
    }
    let (time, offset) =
        time_part(rest).ok_or_else(|| format!("“{}” has a date, but no time after it", shown(text)))?;
    let local = day.and_time(time);
    match offset {
        None => Ok(Moment::Local(local)),
        Some(offset) => local
            .and_local_timezone(offset)
            .single()
            .map(Moment::Fixed)
            .ok_or_else(|| format!("“{}” is not a moment", shown(text))),
    }
}

/// True when the text reads as a date that is not merely a number.
pub fn looks_like(text: &str) -> bool {
    date_part(text.trim()).is_some()
}

fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// A spreadsheet's count of days since 1899-12-30, from 1927 to 2119, with a part of a day as the time.
fn serial(text: &str) -> Option<Moment> {
    let number: f64 = text.bytes().all(|b| b.is_ascii_digit() || b == b'.').then(|| text.parse().ok())??;
    let digits = text.split('.').next()?.len();
    if digits != 5 || !(10_000.0..80_000.0).contains(&number) {
        return None;
    }
    let day = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(number.trunc() as u64))?;
    let seconds = (number.fract() * 86_400.0).round() as i64;
    if !text.contains('.') {
        return Some(Moment::Day(day));
    }
    Some(Moment::Local(day.and_time(NaiveTime::MIN) + TimeDelta::seconds(seconds)))
}

enum Written {
    Day(NaiveDate),
    Numbers { first: u32, second: u32, year: i32, slash: bool },
}

/// The date that the text begins with, and what is left of it.
fn date_part(text: &str) -> Option<(Written, &str)> {
    let text = without_weekday(text);
    let mut cursor = Cursor(text);
    if let Some((digits, number)) = cursor.number() {
        if digits == 8 {
            let (year, month, day) = ((number / 10_000) as i32, number / 100 % 100, number % 100);
            return (1800..2200)
                .contains(&year)
                .then(|| NaiveDate::from_ymd_opt(year, month, day))?
                .map(|day| (Written::Day(day), cursor.0));
        }
        if digits == 4 {
            let month = if cursor.eat(&["年"]) {
                let month = cursor.number()?.1;
                cursor.eat(&["月"]).then_some(month)?
            } else {
                cursor.eat(&["-", "/", "."]).then_some(())?;
                cursor.month()?
            };
            if !cursor.eat(&["-", "/", "."]) && !text.contains('月') {
                return None;
            }
            let day = cursor.number()?.1;
            cursor.eat(&["日", "号"]);
            return Some((Written::Day(NaiveDate::from_ymd_opt(number as i32, month, day)?), cursor.0));
        }
        if digits > 2 {
            return None;
        }
        if cursor.eat(&["-", "/", "."]) {
            let slash = text.contains('/');
            let before = cursor.0;
            if let Some((_, second)) = cursor.number() {
                cursor.eat(&["-", "/", "."]).then_some(())?;
                let year = cursor.year()?;
                return Some((Written::Numbers { first: number, second, year, slash }, cursor.0));
            }
            cursor.0 = before;
        } else {
            cursor.eat(&["st", "nd", "rd", "th"]);
            cursor.spaces();
            cursor.eat(&["of "]);
        }
        let month = cursor.month_name()?;
        cursor.separator();
        let year = cursor.year()?;
        return Some((Written::Day(NaiveDate::from_ymd_opt(year, month, number)?), cursor.0));
    }
    let month = cursor.month_name()?;
    cursor.separator();
    let day = cursor.number()?.1;
    cursor.eat(&["st", "nd", "rd", "th"]);
    cursor.separator();
    let year = cursor.year()?;
    Some((Written::Day(NaiveDate::from_ymd_opt(year, month, day)?), cursor.0))
}

fn without_weekday(text: &str) -> &str {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let word = text.split([',', ' ']).next().unwrap_or_default();
    let is_weekday = word.get(..3).is_some_and(|three| DAYS.contains(&three.to_ascii_lowercase().as_str()))
        && word.trim_end_matches('.').bytes().all(|b| b.is_ascii_alphabetic());
    if is_weekday { text[word.len()..].trim_start_matches([',', ' ']) } else { text }
}

/// `14:05`, `2:05:30 pm`, `14时05分`, with `Z`, `+02:00`, `UTC` behind.
fn time_part(text: &str) -> Option<(NaiveTime, Option<FixedOffset>)> {
    let mut cursor = Cursor(text);
    let afternoon = if cursor.eat(&["下午", "晚上"]) {
        Some(true)
    } else if cursor.eat(&["上午", "早上"]) {
        Some(false)
    } else {
        None
    };
    cursor.spaces();
    let mut hour = cursor.number()?.1;
    let (mut minute, mut second, mut nanos) = (0, 0, 0);
    let mut has_minutes = false;
    if cursor.eat(&[":", "：", "时", "点", "."]) {
        has_minutes = true;
        if let Some((_, number)) = cursor.number() {
            minute = number;
            cursor.eat(&["分"]);
        }
        if cursor.eat(&[":", "："]) || (text.contains('秒') && !cursor.0.is_empty()) {
            second = cursor.number()?.1;
            cursor.eat(&["秒"]);
            if cursor.eat(&[".", ","]) {
                let digits = cursor.0.bytes().take_while(u8::is_ascii_digit).count();
                nanos = format!("{:0<9.9}", &cursor.0[..digits]).parse().ok()?;
                cursor.0 = &cursor.0[digits..];
            }
        }
    }
    cursor.spaces();
    let afternoon = if cursor.eat(&["pm", "p.m.", "下午"]) {
        Some(true)
    } else if cursor.eat(&["am", "a.m.", "上午"]) {
        Some(false)
    } else {
        afternoon
    };
    if afternoon.is_none() && !has_minutes {
        return None;
    }
    match afternoon {
        Some(true) if hour < 12 => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        _ => {}
    }
    cursor.spaces();
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)?;
    let rest = cursor.0;
    if rest.is_empty() {
        return Some((time, None));
    }
    if ["z", "utc", "gmt"].contains(&rest.to_ascii_lowercase().as_str()) {
        return Some((time, FixedOffset::east_opt(0)));
    }
    let sign = if cursor.eat(&["+"]) {
        1
    } else if cursor.eat(&["-", "−"]) {
        -1
    } else {
        return None;
    };
    let (digits, number) = cursor.number()?;
    let (hours, minutes) = match digits {
        1..=2 if cursor.eat(&[":"]) => (number, cursor.number()?.1),
        1..=2 => (number, 0),
        _ => (number / 100, number % 100),
    };
    // No clock is further away from UTC than 18 hours.
    if !cursor.0.is_empty() || hours > 18 || minutes > 59 {
        return None;
    }
    let offset = FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60) as i32)?;
    Some((time, Some(offset)))
}

struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    /// Up to nine digits: how many there are, and their value.
    fn number(&mut self) -> Option<(usize, u32)> {
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 9 {
            return None;
        }
        let number = self.0[..digits].parse().ok()?;
        self.0 = &self.0[digits..];
        Some((digits, number))
    }

    /// A year of four digits, or two: 70 and later are of the last century.
    fn year(&mut self) -> Option<i32> {
        match self.number()? {
            (4, year) => Some(year as i32),
            (2, year) => Some(year as i32 + if year >= 70 { 1900 } else { 2000 }),
            _ => None,
        }
    }

    fn month(&mut self) -> Option<u32> {
        self.number().map(|(_, month)| month).or_else(|| self.month_name())
    }

    fn month_name(&mut self) -> Option<u32> {
        const MONTHS: [&str; 12] = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let letters = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        let word = self.0[..letters].to_ascii_lowercase();
        let month = MONTHS.iter().position(|m| word.len() >= 3 && (m.starts_with(&word) || word == "sept"))?;
        let month = if word == "sept" { 8 } else { month };
        self.0 = self.0[letters..].trim_start_matches('.');
        Some(month as u32 + 1)
    }

    fn eat(&mut self, words: &[&str]) -> bool {
        for word in words {
            if self.0.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
                self.0 = &self.0[word.len()..];
                return true;
            }
        }
        false
    }

    fn spaces(&mut self) {
        self.0 = self.0.trim_start();
    }

    fn separator(&mut self) {
        self.0 = self.0.trim_start_matches([' ', ',', '-', '/', '.']);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str, order: Option<Order>) -> String {
        match parse(text, order) {
            Ok(Moment::Day(day)) => day.to_string(),
            Ok(Moment::Local(at)) => at.format("%F %T").to_string(),
            Ok(Moment::Fixed(at)) => at.to_rfc3339(),
            Err(_) => "refused".into(),
        }
    }

    #[test]
    fn many_ways_of_writing() {
        use Order::{DayFirst, MonthFirst};
        for (text, order, wanted) in [
            ("2017-03-01", None, "2017-03-01"),
            ("2017/3/1", None, "2017-03-01"),
            ("20170301", None, "2017-03-01"),
            ("2017-Mar-01", None, "2017-03-01"),
            ("2017年3月1日", None, "2017-03-01"),
            ("2017年3月1日 下午3:05", None, "2017-03-01 15:05:00"),
            ("2017年3月1日 14时05分", None, "2017-03-01 14:05:00"),
            ("22-03-2021", None, "2021-03-22"),
            ("3/22/2021", None, "2021-03-22"),
            ("03/04/2021", Some(DayFirst), "2021-04-03"),
            ("03/04/2021", Some(MonthFirst), "2021-03-04"),
            ("03/04/2021", None, "refused"),
            ("04/04/2021", None, "2021-04-04"),
            ("1.2.99", Some(DayFirst), "1999-02-01"),
            ("22 Mar 2021", None, "2021-03-22"),
            ("Mar 22, 2021", None, "2021-03-22"),
            ("March 22nd, 2021 9:05 am", None, "2021-03-22 09:05:00"),
            ("22-Mar-21", None, "2021-03-22"),
            ("Mon, 22 Mar 2021 09:05:00 +0200", None, "2021-03-22T09:05:00+02:00"),
            ("10 Sept 2020", None, "2020-09-10"),
            ("2/26/2018 19:58", Some(MonthFirst), "2018-02-26 19:58:00"),
            ("01-06-2023 12:15", Some(DayFirst), "2023-06-01 12:15:00"),
            ("2023-06-01T12:15:30Z", None, "2023-06-01T12:15:30+00:00"),
            ("2023-06-01T12:15:30.123456+05:30", None, "2023-06-01T12:15:30.123456+05:30"),
            ("2023-06-01 12:15 PM", None, "2023-06-01 12:15:00"),
            ("43831", None, "2020-01-01"),
            ("43831.75", None, "2020-01-01 18:00:00"),
            ("31/02/2021", Some(DayFirst), "refused"),
            ("2021-13-01", None, "refused"),
            ("soon", None, "refused"),
            ("12", None, "refused"),
            ("", None, "refused"),
            ("2021-01-01 nonsense", None, "refused"),
            ("1/2/3/4", Some(DayFirst), "refused"),
            ("2023-06-01 12:15 +999999999", None, "refused"),
            ("2023-06-01 12:15 +9:999999999", None, "refused"),
            ("2023-06-01 12:15 +99:00", None, "refused"),
        ] {
            assert_eq!(iso(text, order), wanted, "{text}");
        }
    }

    #[test]
    fn a_column_proves_its_order() {
        let evidence = |cells: &[&str]| {
            let mut e = Evidence::default();
            for cell in cells {
                e.add(cell);
            }
            e
        };
        assert_eq!(evidence(&["01/02/2020", "25/02/2020"]).proof(), Some(Order::DayFirst));
        assert_eq!(evidence(&["01/02/2020", "02/25/2020 10:00"]).proof(), Some(Order::MonthFirst));
        assert!(evidence(&["25/02/2020", "02/25/2020"]).disagrees());
        let open = evidence(&["01/02/2020", "03-04-2020"]);
        assert_eq!((open.proof(), open.either), (None, 2));
        assert_eq!(evidence(&["01/02/2020"]).guess(), Order::MonthFirst);
        assert_eq!(evidence(&["01.02.2020"]).guess(), Order::DayFirst);
        assert_eq!(evidence(&["2020-01-02"]), Evidence::default());
    }
}

//! The words of `when`'s grammar. Longer ones stand before their own beginnings.

use chrono::Weekday;

use super::{DayWord, Unit};

#[rustfmt::skip]
pub(super) const UNITS: &[(&str, Unit)] = &[
    ("seconds", Unit::Second), ("second", Unit::Second), ("secs", Unit::Second), ("sec", Unit::Second),
    ("s", Unit::Second), ("minutes", Unit::Minute), ("minute", Unit::Minute), ("mins", Unit::Minute),
    ("min", Unit::Minute), ("m", Unit::Minute), ("hours", Unit::Hour), ("hour", Unit::Hour), ("hrs", Unit::Hour),
    ("hr", Unit::Hour), ("h", Unit::Hour), ("days", Unit::Day), ("day", Unit::Day), ("d", Unit::Day),
    ("weeks", Unit::Week), ("week", Unit::Week), ("w", Unit::Week), ("months", Unit::Month), ("month", Unit::Month),
    ("mo", Unit::Month), ("years", Unit::Year), ("year", Unit::Year), ("y", Unit::Year), ("秒钟", Unit::Second),
    ("秒", Unit::Second), ("分钟", Unit::Minute), ("分", Unit::Minute), ("个小时", Unit::Hour), ("小时", Unit::Hour),
    ("个钟头", Unit::Hour), ("天", Unit::Day), ("日", Unit::Day), ("个星期", Unit::Week), ("星期", Unit::Week),
    ("周", Unit::Week), ("个月", Unit::Month), ("月", Unit::Month), ("年", Unit::Year),
];

#[rustfmt::skip]
pub(super) const HAN_NUMBERS: &[(&str, i64)] = &[
    ("十二", 12), ("十一", 11), ("十", 10), ("一", 1), ("二", 2), ("两", 2), ("三", 3), ("四", 4), ("五", 5), ("六", 6),
    ("七", 7), ("八", 8), ("九", 9),
];

#[rustfmt::skip]
pub(super) const WEEKDAYS: &[(&str, Weekday)] = &[
    ("monday", Weekday::Mon), ("mon", Weekday::Mon), ("tuesday", Weekday::Tue), ("tues", Weekday::Tue),
    ("tue", Weekday::Tue), ("wednesday", Weekday::Wed), ("wed", Weekday::Wed), ("thursday", Weekday::Thu),
    ("thurs", Weekday::Thu), ("thu", Weekday::Thu), ("friday", Weekday::Fri), ("fri", Weekday::Fri),
    ("saturday", Weekday::Sat), ("sat", Weekday::Sat), ("sunday", Weekday::Sun), ("sun", Weekday::Sun),
];

#[rustfmt::skip]
pub(super) const HAN_WEEKDAYS: &[(&str, Weekday)] = &[
    ("一", Weekday::Mon), ("二", Weekday::Tue), ("三", Weekday::Wed), ("四", Weekday::Thu), ("五", Weekday::Fri),
    ("六", Weekday::Sat), ("日", Weekday::Sun), ("天", Weekday::Sun),
];

#[rustfmt::skip]
pub(super) const MONTHS: &[(&str, u32)] = &[
    ("january", 1), ("jan", 1), ("february", 2), ("feb", 2), ("march", 3), ("mar", 3), ("april", 4), ("apr", 4),
    ("may", 5), ("june", 6), ("jun", 6), ("july", 7), ("jul", 7), ("august", 8), ("aug", 8), ("september", 9),
    ("sept", 9), ("sep", 9), ("october", 10), ("oct", 10), ("november", 11), ("nov", 11), ("december", 12),
    ("dec", 12),
];

#[rustfmt::skip]
pub(super) const DAYS: &[(&str, DayWord)] = &[
    ("day after tomorrow", DayWord::Relative(2)), ("the day after tomorrow", DayWord::Relative(2)),
    ("today", DayWord::Relative(0)), ("tod", DayWord::Relative(0)), ("tomorrow", DayWord::Relative(1)),
    ("tom", DayWord::Relative(1)), ("yesterday", DayWord::Relative(-1)), ("今天", DayWord::Relative(0)),
    ("今日", DayWord::Relative(0)), ("明天", DayWord::Relative(1)), ("明日", DayWord::Relative(1)),
    ("大后天", DayWord::Relative(3)), ("后天", DayWord::Relative(2)), ("昨天", DayWord::Relative(-1)),
    ("前天", DayWord::Relative(-2)), ("next week", DayWord::OfWeek(1, Weekday::Mon)),
    ("next month", DayWord::MonthStart(1)), ("end of the week", DayWord::WeekEnd), ("end of week", DayWord::WeekEnd),
    ("end of the month", DayWord::MonthEnd), ("end of month", DayWord::MonthEnd), ("eom", DayWord::MonthEnd),
    ("end of quarter", DayWord::QuarterEnd), ("end of year", DayWord::YearEnd), ("本月底", DayWord::MonthEnd),
    ("月底", DayWord::MonthEnd), ("本季末", DayWord::QuarterEnd), ("季末", DayWord::QuarterEnd), ("今年年底", DayWord::YearEnd),
    ("年底", DayWord::YearEnd), ("周末", DayWord::OfWeek(0, Weekday::Sat)), ("下个月", DayWord::MonthStart(1)),
    ("下月", DayWord::MonthStart(1)),
];

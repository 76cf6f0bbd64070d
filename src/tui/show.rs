//! Values as people read them: in the viewer's zone and language, inert, one line.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;

use super::text::{head, inert};
use super::ui::Ui;
use crate::domain::field::{Field, FieldType, Lang};
pub use crate::domain::figures::{grouped, short, span};
use crate::domain::kind::Kind;
use crate::domain::metric::Period;
use crate::domain::query::date::{Date, Unit};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::domain::when::weekday_in_chinese;

/// What is shown of a text in one line, in bytes: more than the widest screen has cells.
const LONG: usize = 10_000;

/// A field's value in a record; empty for `Null`. Money brings its currency.
pub fn field(record: &Record, kind: &Kind, field: &Field, ui: &Ui) -> String {
    let value = record.get(kind, &field.name);
    match (&field.ty, value) {
        (FieldType::Money { currency }, Value::Decimal(amount)) => {
            money(*amount, record.get(kind, currency).as_str().unwrap_or_default())
        }
        _ => self::value(value, field, ui),
    }
}

/// A value of a field without its record: money without currency.
pub fn value(value: &Value, field: &Field, ui: &Ui) -> String {
    let zone = ui.cx.viewer.zone;
    match value {
        Value::Null => String::new(),
        Value::Text(text) => inert(head(text, LONG)).into_owned(),
        Value::Int(n) => n.to_string(),
        Value::Decimal(n) => grouped(*n),
        Value::Bool(yes) => if *yes { "✔" } else { "–" }.to_owned(),
        Value::Day(day) => self::day(*day, ui.now.with_timezone(&zone).date_naive(), ui.lang()),
        Value::Instant(at) => instant(*at, ui.now, zone, ui.lang()),
        Value::Choice(code) => match field.choices().iter().find(|c| c.code == *code) {
            Some(choice) => inert(choice.label.get(ui.lang())).into_owned(),
            None => inert(code).into_owned(),
        },
        Value::Ref(reference) => inert(reference.shown(ui.lang())).into_owned(),
        Value::Tags(tags) => inert(&tags.join(" ")).into_owned(),
        Value::Seconds(seconds) => span(*seconds, ui.lang()),
    }
}

/// A period in the person's language: `this year`, `最近30天`; calendar dates as they are typed.
pub fn period(period: &Period, ui: &Ui) -> String {
    match period {
        Period::All => ui.t("dash-all-time"),
        Period::Of(Date::Period { unit, shift }) => named_period(*unit, *shift, ui),
        Period::Of(Date::Offset { months, days, .. }) => {
            let (n, key) = match (*months, *days) {
                (0, ..0) => (days.unsigned_abs(), "period-last-days"),
                (0, _) => (days.unsigned_abs(), "period-next-days"),
                (..0, 0) => (months.unsigned_abs(), "period-last-months"),
                (_, 0) => (months.unsigned_abs(), "period-next-months"),
                _ => return period.print(),
            };
            ui.tr(key, &[("n", u64::from(n).into())])
        }
        Period::Of(_) => period.print(),
        Period::Between(from, to) => {
            let one = |date: &Date| self::period(&Period::Of(date.clone()), ui);
            ui.tr("period-between", &[("from", one(from).into()), ("to", one(to).into())])
        }
    }
}

/// The same as it may be typed: words where they are read back as this period.
pub fn typed_period(period: &Period, ui: &Ui) -> String {
    let said = self::period(period, ui);
    if Period::parse(&said).is_ok_and(|read| read == *period) { said } else { period.print() }
}

fn named_period(unit: Unit, shift: i32, ui: &Ui) -> String {
    let key = match (unit, shift) {
        (Unit::Day, ..0) => "period-yesterday",
        (Unit::Day, 0) => "period-today",
        (Unit::Day, _) => "period-tomorrow",
        (Unit::Week, ..0) => "period-last-week",
        (Unit::Week, 0) => "period-this-week",
        (Unit::Week, _) => "period-next-week",
        (Unit::Month, ..0) => "period-last-month",
        (Unit::Month, 0) => "period-this-month",
        (Unit::Month, _) => "period-next-month",
        (Unit::Quarter, ..0) => "period-last-quarter",
        (Unit::Quarter, 0) => "period-this-quarter",
        (Unit::Quarter, _) => "period-next-quarter",
        (Unit::Year, ..0) => "period-last-year",
        (Unit::Year, 0) => "period-this-year",
        (Unit::Year, _) => "period-next-year",
    };
    ui.t(key)
}

/// A view's name; one that comes with the program is said in the person's language.
pub fn view_name(name: &str, ui: &Ui) -> String {
    VIEWS.iter().find(|(own, _)| *own == name).map_or_else(|| inert(name).into_owned(), |(_, key)| ui.t(key))
}

/// The names that migrations give to views, and their keys in the catalogue.
const VIEWS: &[(&str, &str)] = &[
    ("All", "view-name-all"),
    ("Mine", "view-name-mine"),
    ("At risk", "view-name-at-risk"),
    ("Customers", "view-name-customers"),
    ("Open", "view-name-open"),
    ("Won", "view-name-won"),
    ("Lost", "view-name-lost"),
    ("All open", "view-name-all-open"),
    ("Unassigned", "view-name-unassigned"),
    ("Urgent", "view-name-urgent"),
    ("Solved", "view-name-solved"),
    ("Queue", "view-name-queue"),
    ("Snoozed", "view-name-snoozed"),
];

/// Numbers, money, days and spans stand right in their column.
pub fn is_right(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Int | FieldType::Decimal | FieldType::Money { .. } | FieldType::Span)
}

/// `€1,234.50`, `1,234 SEK`. A whole amount has no decimals.
pub fn money(amount: Decimal, currency: &str) -> String {
    with_currency(grouped(amount), currency)
}

/// The same in three digits and a unit: `€84k`, `¥8.4万`.
pub fn money_short(amount: Decimal, currency: &str, lang: Lang) -> String {
    with_currency(short(amount, lang), currency)
}

fn with_currency(number: String, currency: &str) -> String {
    match currency {
        "" => number,
        "EUR" => format!("€{number}"),
        "USD" => format!("${number}"),
        "GBP" => format!("£{number}"),
        "CNY" | "JPY" => format!("¥{number}"),
        other => format!("{number} {}", inert(other)),
    }
}

/// Near days short (`14 Mar`), others with the year (`14 Mar 2025`); Chinese `3月14日`, `2025-03-14`.
pub fn day(day: NaiveDate, today: NaiveDate, lang: Lang) -> String {
    match (lang, day.year() == today.year()) {
        (Lang::En, true) => day.format("%-d %b").to_string(),
        (Lang::En, false) => day.format("%-d %b %Y").to_string(),
        (Lang::Zh, true) => format!("{}月{}日", day.month(), day.day()),
        (Lang::Zh, false) => day.format("%Y-%m-%d").to_string(),
    }
}

/// Today as time, this year as day and time when within a week, else the day.
pub fn instant(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz, lang: Lang) -> String {
    let (local, here) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let away = (local.date_naive() - here.date_naive()).num_days();
    let time = local.format("%H:%M");
    match (away, lang) {
        (0, _) => time.to_string(),
        (-1, Lang::Zh) => format!("昨天 {time}"),
        (1, Lang::Zh) => format!("明天 {time}"),
        (-6..=6, Lang::En) => format!("{} {time}", local.format("%a")),
        (-6..=6, Lang::Zh) => format!("{} {time}", weekday_in_chinese(local.weekday())),
        _ => day(local.date_naive(), here.date_naive(), lang),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_its_currency() {
        assert_eq!(money(Decimal::from(40_000), "EUR"), "€40,000");
        assert_eq!(money(Decimal::from(5), "SEK"), "5 SEK");
    }

    #[test]
    fn periods_are_said_in_the_persons_language_and_can_be_typed_so() {
        for (text, en, zh, typed) in [
            ("this-year", "this year", "今年", "今年"),
            ("last-quarter", "last quarter", "上季度", "上季度"),
            ("this-month..today", "this month..today", "本月..今天", "本月..今天"),
            ("-30d", "last 30 days", "最近 30 天", "-30d"),
            ("+3mo", "next 3 months", "未来 3 个月", "+3mo"),
            ("2026-Q1", "2026-Q1", "2026-Q1", "2026-Q1"),
            ("all", "all time", "全部时间", "all"),
        ] {
            let period = Period::parse(text).expect("a period");
            let (english, chinese) = (crate::tui::stage::ui(Lang::En, 80, 24), crate::tui::stage::ui(Lang::Zh, 80, 24));
            assert_eq!((self::period(&period, &english), self::period(&period, &chinese)), (en.into(), zh.into()));
            assert_eq!(typed_period(&period, &chinese), typed);
        }
    }

    #[test]
    fn times_are_as_short_as_they_may_be() {
        let zone = chrono_tz::Europe::Berlin;
        let now: DateTime<Utc> = "2026-03-14T09:00:00Z".parse().unwrap();
        for (at, en, zh) in [
            ("2026-03-14T07:05:00Z", "08:05", "08:05"),
            ("2026-03-13T07:05:00Z", "Fri 08:05", "昨天 08:05"),
            ("2026-03-18T07:05:00Z", "Wed 08:05", "周三 08:05"),
            ("2026-01-02T07:05:00Z", "2 Jan", "1月2日"),
            ("2025-12-31T07:05:00Z", "31 Dec 2025", "2025-12-31"),
        ] {
            let at = at.parse().unwrap();
            assert_eq!((instant(at, now, zone, Lang::En), instant(at, now, zone, Lang::Zh)), (en.into(), zh.into()));
        }
    }
}

//! Figures as people read them.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::figures::{Amount, Figure};
use super::{Metric, Unit};
use crate::domain::field::Lang;
use crate::domain::figures::{self, grouped, span};

/// In full: `1,153,214 EUR`, `63.15 %`, `51.78 d`, `3h 5m`; `—` when there is no number.
pub fn said(metric: &Metric, amount: Amount, currency: Option<&str>, lang: Lang) -> String {
    let Some(value) = amount.value else { return "—".into() };
    match metric.unit {
        Unit::Records => grouped(value),
        Unit::Money => format!("{} {}", grouped(value.round_dp(2)), currency.unwrap_or_default()).trim_end().to_owned(),
        Unit::Percent => format!("{} %", grouped(value.round_dp(2))),
        Unit::Days => format!("{} {}", grouped(value.round_dp(2)), days(lang)),
        Unit::Seconds => span(value.round().to_i64().unwrap_or_default(), lang),
        Unit::Number => grouped(value.round_dp(2)),
    }
}

/// The same in a few columns, for charts: `1.2M EUR`, in Chinese `120万 EUR`, `63%`, `52d`.
pub fn brief(metric: &Metric, amount: Amount, currency: Option<&str>, lang: Lang) -> String {
    let Some(value) = amount.value else { return "—".into() };
    match metric.unit {
        Unit::Records => short(value, lang),
        Unit::Money => format!("{} {}", short(value, lang), currency.unwrap_or_default()).trim_end().to_owned(),
        Unit::Percent => format!("{}%", value.round_dp(0)),
        Unit::Days => format!("{}{}", short(value.round_dp(0), lang), days(lang)),
        Unit::Seconds => span(value.round().to_i64().unwrap_or_default(), lang),
        Unit::Number => value.round_dp(1).normalize().to_string(),
    }
}

/// How it changed: `+12 %`, `−3.1 %`; for shares in points: `+2.4`. `None` when there is nothing to compare with.
pub fn change(metric: &Metric, figure: &Figure) -> Option<String> {
    let signed = |n: Decimal| {
        if n < Decimal::ZERO { format!("−{}", n.abs().normalize()) } else { format!("+{}", n.normalize()) }
    };
    if metric.unit == Unit::Percent {
        let points = figure.now.value? - figure.before?.value?;
        return Some(signed(points.round_dp(1)));
    }
    figure.change().map(|share| {
        let whole = if share.abs() >= Decimal::TEN { share.round_dp(0) } else { share };
        format!("{} %", signed(whole))
    })
}

fn days(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "d",
        Lang::Zh => "天",
    }
}

/// Three digits and a letter: `950`, `9.5k`, `1.2M`; `950`, `9,500`, `120万`.
fn short(n: Decimal, lang: Lang) -> String {
    if lang == Lang::Zh && n.abs() >= Decimal::ONE_THOUSAND {
        return figures::short(n, lang);
    }
    let steps = [(1_000_000_000_i64, "G"), (1_000_000, "M"), (1_000, "k")];
    // What would round up to a thousand belongs to the next letter.
    for (size, letter) in steps {
        let part = n / Decimal::from(size);
        if part.abs() >= Decimal::new(9995, 4) {
            let digits = u32::from(part.abs() < Decimal::new(995, 2));
            return format!("{}{letter}", part.round_dp(digits).normalize());
        }
    }
    n.round_dp(u32::from(n.abs() < Decimal::TEN)).normalize().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::by_name;

    fn amount(text: &str) -> Amount {
        Amount { records: 1, value: text.parse().ok() }
    }

    #[test]
    fn figures_in_full_and_in_brief() {
        for (name, value, currency, full, few) in [
            ("won", "1153214", Some("EUR"), "1,153,214 EUR", "1.2M EUR"),
            ("won", "10005534", None, "10,005,534", "10M"),
            ("won-deals", "4238", None, "4,238", "4.2k"),
            ("won-deals", "999960", None, "999,960", "1M"),
            ("won-deals", "95", None, "95", "95"),
            ("win-rate", "63.149456", None, "63.15 %", "63%"),
            ("cycle", "51.784", None, "51.78 d", "52d"),
            ("first-reply", "11100.4", None, "3h 5m", "3h 5m"),
            ("rating", "3.011", None, "3.01", "3"),
            ("rating", "", None, "—", "—"),
        ] {
            let metric = by_name(name).expect("declared");
            assert_eq!(said(metric, amount(value), currency, Lang::En), full);
            assert_eq!(brief(metric, amount(value), currency, Lang::En), few);
        }
    }

    #[test]
    fn figures_in_chinese() {
        for (name, value, full, few) in [
            ("won", "6400000", "6,400,000 CNY", "640万 CNY"),
            ("won", "123456789", "123,456,789 CNY", "1.2亿 CNY"),
            ("won", "5600", "5,600 CNY", "5,600 CNY"),
            ("cycle", "51.784", "51.78 天", "52天"),
            ("first-reply", "11100.4", "3小时5分", "3小时5分"),
        ] {
            let (metric, currency) = (by_name(name).expect("declared"), name.starts_with("won").then_some("CNY"));
            assert_eq!(said(metric, amount(value), currency, Lang::Zh), full);
            assert_eq!(brief(metric, amount(value), currency, Lang::Zh), few);
        }
    }

    #[test]
    fn changes_have_signs_and_shares_change_in_points() {
        let figure =
            |now: &str, before: &str| Figure { currency: None, now: amount(now), before: Some(amount(before)) };
        for (name, now, before, shown) in [
            ("won", "112", "100", Some("+12 %")),
            ("won", "97", "100", Some("−3 %")),
            ("won", "100", "100", Some("+0 %")),
            ("win-rate", "63.15", "60", Some("+3.2")),
            ("win-rate", "50", "", None),
            ("won", "5", "0", None),
        ] {
            let metric = by_name(name).expect("declared");
            assert_eq!(change(metric, &figure(now, before)).as_deref(), shown, "{name} {now} {before}");
        }
    }
}

//! Numbers and spans of time as people read them, in lists and on the command line alike.

use rust_decimal::Decimal;

use super::field::Lang;

/// `1,234,567.5`: thousands apart, trailing zeros gone; two decimals when there are any.
pub fn grouped(n: Decimal) -> String {
    let n = n.normalize();
    let text = if n.scale() == 1 { format!("{n:.2}") } else { n.to_string() };
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), ""), |(w, r)| (w, r));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |d| ("-", d));
    let mut out = String::from(sign);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// Three digits and a unit, for heads of columns: `840`, `84k`, `1.2M`; in Chinese `8.4万`, `1.2亿`.
pub fn short(n: Decimal, lang: Lang) -> String {
    let units: &[(i64, &str)] = match lang {
        Lang::En => &[(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")],
        Lang::Zh => &[(100_000_000, "亿"), (10_000, "万")],
    };
    let (size, sign) = (n.abs().round(), if n.is_sign_negative() && !n.is_zero() { "-" } else { "" });
    // What rounds up to a thousand of one unit is one of the next.
    let fits =
        |unit: i64| size * Decimal::from(1_000) >= Decimal::from(unit) * Decimal::from(999) + Decimal::from(unit / 2);
    let Some((unit, name)) = units.iter().find(|(unit, _)| fits(*unit)) else {
        return format!("{sign}{}", grouped(size));
    };
    let scaled = size / Decimal::from(*unit);
    let digits = u32::from(scaled < Decimal::from(100));
    format!("{sign}{}{name}", short_grouped(scaled.round_dp(digits)))
}

fn short_grouped(n: Decimal) -> String {
    let n = n.normalize();
    if n.scale() == 0 { grouped(n) } else { n.to_string() }
}

/// Two units at most: `12m`, `3h 5m`, `8d`, in Chinese `3小时5分`; negative with `-`.
pub fn span(seconds: i64, lang: Lang) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let s = seconds.unsigned_abs();
    let (m, h, d) = (s / 60, s / 3600, s / 86400);
    let (second, minute, hour, and, day, year) = match lang {
        Lang::En => ("s", "m", "h", " ", "d", "y"),
        Lang::Zh => ("秒", "分", "小时", "", "天", "年"),
    };
    let words = match s {
        0..60 => format!("{s}{second}"),
        60..3600 => format!("{m}{minute}"),
        3600..36000 if m % 60 > 0 => format!("{h}{hour}{and}{}{minute}", m % 60),
        3600..86400 => format!("{h}{hour}"),
        86400..31_536_000 => format!("{d}{day}"),
        _ => format!("{}{year}", d / 365),
    };
    format!("{sign}{words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (n, shown) in [
            ("1234567.5", "1,234,567.50"),
            ("999", "999"),
            ("-1000", "-1,000"),
            ("-1234567", "-1,234,567"),
            ("0.125", "0.125"),
            ("100.00", "100"),
        ] {
            assert_eq!(grouped(n.parse().unwrap()), shown);
        }
    }

    #[test]
    fn spans_have_two_units_at_most() {
        for (s, en, zh) in [
            (30, "30s", "30秒"),
            (-720, "-12m", "-12分"),
            (11_100, "3h 5m", "3小时5分"),
            (7200, "2h", "2小时"),
            (86_400 * 8, "8d", "8天"),
        ] {
            assert_eq!((span(s, Lang::En), span(s, Lang::Zh)), (en.into(), zh.into()));
        }
    }

    #[test]
    fn long_numbers_are_short() {
        for (n, en, zh) in [
            (0_i64, "0", "0"),
            (840, "840", "840"),
            (84_000, "84k", "8.4万"),
            (84_260, "84.3k", "8.4万"),
            (999_960, "1M", "100万"),
            (1_240_000, "1.2M", "124万"),
            (123_456_789, "123M", "1.2亿"),
            (45_600_000_000, "45.6B", "456亿"),
            (-1_500, "-1.5k", "-1,500"),
        ] {
            assert_eq!((short(n.into(), Lang::En), short(n.into(), Lang::Zh)), (en.into(), zh.into()), "{n}");
        }
    }
}

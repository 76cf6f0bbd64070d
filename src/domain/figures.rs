//! Numbers and spans of time as people read them, in lists and on the command line alike.

use rust_decimal::Decimal;

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

/// Two units at most: `12m`, `3h 5m`, `8d`; negative with `-`.
pub fn span(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let s = seconds.unsigned_abs();
    let (m, h, d) = (s / 60, s / 3600, s / 86400);
    let words = match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{m}m"),
        3600..36000 if m % 60 > 0 => format!("{h}h {}m", m % 60),
        3600..86400 => format!("{h}h"),
        86400..31_536_000 => format!("{d}d"),
        _ => format!("{}y", d / 365),
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
        for (s, shown) in [(30, "30s"), (-720, "-12m"), (11_100, "3h 5m"), (7200, "2h"), (86_400 * 8, "8d")] {
            assert_eq!(span(s), shown);
        }
    }
}

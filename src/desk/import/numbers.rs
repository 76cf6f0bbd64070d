//! Numbers and money as files write them. Whether `,` or `.` is the decimal sign is decided for a whole column.

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

/// What a column's cells say about its decimal sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    pub comma: u64,
    pub point: u64,
}

impl Evidence {
    pub fn add(&mut self, text: &str) {
        if !text.contains([',', '.']) {
            return;
        }
        let last = |c| text.rfind(c);
        match (last(','), last('.')) {
            (Some(comma), Some(point)) if comma > point => self.comma += 1,
            (Some(_), Some(_)) => self.point += 1,
            (Some(at), None) if is_decimal(text, ',', at) => self.comma += 1,
            (None, Some(at)) if is_decimal(text, '.', at) => self.point += 1,
            _ => {}
        }
    }

    /// True when the comma is the decimal sign.
    pub fn comma_is_decimal(self) -> bool {
        self.comma > self.point
    }
}

/// A lone sign with other than three digits behind it cannot separate thousands.
fn is_decimal(text: &str, sign: char, at: usize) -> bool {
    text.matches(sign).count() == 1 && text[at + 1..].bytes().take_while(u8::is_ascii_digit).count() != 3
}

/// A number, and the currency that its cell names.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    pub number: Decimal,
    pub currency: Option<&'static str>,
}

const CURRENCIES: &[(&str, &str)] = &[
    ("us$", "USD"),
    ("hk$", "HKD"),
    ("a$", "AUD"),
    ("c$", "CAD"),
    ("r$", "BRL"),
    ("$", "USD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("人民币", "CNY"),
    ("rmb", "CNY"),
    ("¥", "CNY"),
    ("元", "CNY"),
    ("₹", "INR"),
    ("₩", "KRW"),
    ("₽", "RUB"),
    ("zł", "PLN"),
    ("kč", "CZK"),
    ("chf", "CHF"),
];

/// Reads a number with separators, a sign or parentheses, a currency, a percent sign, `k`, `M`, `万` or `亿`.
pub fn parse(text: &str, comma_is_decimal: bool) -> Result<Amount, String> {
    let refuse = || format!("“{}” is not a number", text.chars().take(40).collect::<String>());
    let folded: String = text.nfkc().collect::<String>().trim().to_lowercase();
    let (folded, currency) = take_currency(&folded);
    let mut body = folded.as_str();
    let in_parentheses = body.starts_with('(') && body.ends_with(')');
    if in_parentheses {
        body = &body[1..body.len() - 1];
    }
    let (body, scale) = take_scale(body.trim());
    let body = body.trim_end_matches('%');
    let mut plain = String::with_capacity(body.len());
    let mut exponent = "";
    let mut decimals_begun = false;
    for (i, c) in body.char_indices() {
        match c {
            '0'..='9' => plain.push(c),
            '-' | '−' if plain.is_empty() => plain.push('-'),
            '+' if i == 0 => {}
            ' ' | '\u{a0}' | '\'' | '’' | '_' if !plain.is_empty() => {}
            ' ' => {}
            ',' | '.' if (c == ',') == comma_is_decimal => {
                if decimals_begun {
                    return Err(refuse());
                }
                decimals_begun = true;
                plain.push('.');
            }
            ',' | '.' if !decimals_begun && groups_three(&body[i + 1..]) => {}
            'e' if !plain.is_empty() => {
                exponent = &body[i..];
                break;
            }
            _ => return Err(refuse()),
        }
    }
    let plain = plain.trim_end_matches('.');
    let number: Result<Decimal, _> =
        if exponent.is_empty() { plain.parse() } else { Decimal::from_scientific(&format!("{plain}{exponent}")) };
    let mut number = number.ok().and_then(|number| number.checked_mul(scale)).ok_or_else(refuse)?;
    if in_parentheses {
        number.set_sign_negative(true);
    }
    Ok(Amount { number, currency })
}

/// True when exactly three digits follow, as behind a thousands sign; India's groups of two pass as well.
fn groups_three(rest: &str) -> bool {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits == 3 || (digits == 2 && rest[2..].starts_with([',', '.']))
}

fn take_currency(text: &str) -> (String, Option<&'static str>) {
    for (sign, code) in CURRENCIES {
        if text.contains(sign) {
            return (text.replacen(sign, "", 1).trim().to_owned(), Some(code));
        }
    }
    for part in [text.get(..3), text.len().checked_sub(3).and_then(|at| text.get(at..))].into_iter().flatten() {
        if let Some(code) = iso_code(part) {
            return (text.replacen(part, "", 1).trim().to_owned(), Some(code));
        }
    }
    (text.to_owned(), None)
}

/// An ISO 4217 code in any case.
pub fn iso_code(text: &str) -> Option<&'static str> {
    iso_currency::Currency::from_code(&text.trim().to_uppercase()).map(|currency| currency.code())
}

fn take_scale(text: &str) -> (&str, Decimal) {
    for (sign, scale) in [("万", 10_000), ("亿", 100_000_000), ("k", 1_000), ("m", 1_000_000), ("bn", 1_000_000_000)]
    {
        if let Some(rest) = text.strip_suffix(sign)
            && rest.ends_with(|c: char| c.is_ascii_digit() || c == ' ')
        {
            return (rest.trim_end(), Decimal::from(scale));
        }
    }
    (text, Decimal::ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_many_forms() {
        for (text, comma, wanted) in [
            ("1054", false, "1054"),
            ("1100.04", false, "1100.04"),
            ("1,234,567.5", false, "1234567.5"),
            ("1.234.567,5", true, "1234567.5"),
            ("1 234,50", true, "1234.50"),
            ("12'000", false, "12000"),
            ("12,34,567", false, "1234567"),
            ("$1,054.00", false, "1054.00"),
            ("-$5", false, "-5"),
            ("(1,200)", false, "-1200"),
            ("€40k", false, "40000"),
            ("1.5 M", false, "1500000.0"),
            ("３５万", false, "350000"),
            ("12 %", false, "12"),
            ("USD 99", false, "99"),
            ("99 eur", false, "99"),
            ("1e3", false, "1000"),
            ("(1e3)", false, "-1000"),
            ("1e28 k", false, "refused"),
            ("+7", false, "7"),
            ("11129.580000000002", false, "11129.580000000002"),
            ("1,23", false, "refused"),
            ("1.2.3", false, "refused"),
            ("abc", false, "refused"),
            ("-", false, "refused"),
            ("12 apples", false, "refused"),
        ] {
            let got = parse(text, comma).map_or_else(|_| "refused".into(), |a| a.number.to_string());
            assert_eq!(got, wanted, "{text}");
        }
        assert_eq!(parse("¥300", false).map(|a| a.currency), Ok(Some("CNY")));
        assert_eq!(parse("300 PLN", false).map(|a| a.currency), Ok(Some("PLN")));
    }

    #[test]
    fn a_column_proves_its_decimal_sign() {
        let evidence = |cells: &[&str]| {
            let mut e = Evidence::default();
            for cell in cells {
                e.add(cell);
            }
            e.comma_is_decimal()
        };
        assert!(evidence(&["1,5", "1.000"]));
        assert!(evidence(&["1.234,56"]));
        assert!(!evidence(&["1,234.56", "1,000"]));
        assert!(!evidence(&["1,000"]));
    }
}

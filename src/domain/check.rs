//! Whether a value fits its field: what forms, imports, the command line and actions all ask before anything is written.
//! Needs no database; that a referenced record exists is asked by the desk.

use chrono::SubsecRound;
use chrono_tz::Tz;
use email_address::{EmailAddress, Options};
use iso_currency::Currency;
use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use super::field::{Field, FieldType, Lang};
use super::kind::{Kind, USER};
use super::value::Value;

/// A value that a field cannot take, and why, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Canonical name of the field; empty when it is the whole record.
    pub field: String,
    en: String,
    zh: String,
}

impl Invalid {
    pub fn new(field: &str, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { field: field.into(), en: en.into(), zh: zh.into() }
    }

    /// One sentence for the person: what is wrong and what to do.
    pub fn message(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// Longest one-line text, in characters; the database holds the same limit.
pub const TEXT_MAX: usize = 2_000;
/// Longest text of many lines, in characters.
pub const LONG_TEXT_MAX: usize = 200_000;
const EMAIL_MAX: usize = 254;
const PHONE_MAX: usize = 64;
const TAG_MAX: usize = 60;
const TAGS_MAX: usize = 50;

/// The value as it will be kept: control characters and outer blanks gone, choices and currencies in canonical form, tags
/// sorted. Blank text is `Null`; an empty required field, a readonly field and a value of the wrong type are refused.
pub fn check(kind: &Kind, field: &Field, value: Value) -> Result<Value, Invalid> {
    let (en, zh) = (&field.label.en, &field.label.zh);
    let refuse =
        |why: &str, why_zh: &str| Err(Invalid::new(&field.name, format!("{en} {why}"), format!("{zh}{why_zh}")));
    if field.fixed {
        return refuse("is set by others: your role may not change it.", "由他人维护，你的角色不能修改。");
    }
    if field.readonly {
        return refuse("is kept by the program and cannot be set.", "由程序维护，不能修改。");
    }
    let value = match (&field.ty, value) {
        (_, Value::Null) => Value::Null,
        (FieldType::Text, Value::Text(text) | Value::Choice(text)) => {
            let text = one_line(&text);
            if text.chars().count() > TEXT_MAX {
                return refuse("is longer than 2,000 characters; shorten it.", "超过 2000 个字符，请缩短。");
            }
            if is_currency(kind, field) && !text.is_empty() {
                match currency(&text) {
                    Some(code) => Value::Text(code),
                    None => {
                        return refuse(
                            "is not a currency code; write one such as EUR or CNY.",
                            "不是货币代码，请填写 CNY、EUR 之类的代码。",
                        );
                    }
                }
            } else if is_zone(kind, field) && !text.is_empty() {
                match zone(&text) {
                    Some(zone) => Value::text(zone.name()),
                    None => {
                        return refuse(
                            "is not a time zone; write one such as Europe/Berlin or UTC.",
                            "不是时区，请填写 Asia/Shanghai、UTC 之类的名称。",
                        );
                    }
                }
            } else {
                Value::text(text)
            }
        }
        (FieldType::LongText, Value::Text(text)) => {
            let text = many_lines(&text);
            if text.chars().count() > LONG_TEXT_MAX {
                return refuse("is longer than 200,000 characters; shorten it.", "超过 200000 个字符，请缩短。");
            }
            Value::text(text)
        }
        (FieldType::Email, Value::Text(text)) => {
            let text = one_line(&text);
            if !text.is_empty() && !is_email(&text) {
                return refuse(
                    "is not a mail address; write one such as ana@example.com.",
                    "不是邮箱地址，请填写 ana@example.com 之类的地址。",
                );
            }
            Value::text(text)
        }
        (FieldType::Phone, Value::Text(text)) => {
            let text = one_line(&text);
            if !text.is_empty() && !is_phone(&text) {
                return refuse(
                    "is not a phone number; use digits, blanks and + - ( ) . / only.",
                    "不是电话号码，只能用数字、空格和 + - ( ) . /。",
                );
            }
            Value::text(text)
        }
        (FieldType::Url, Value::Text(text)) => {
            let text = one_line(&text);
            if !text.is_empty() && !is_url(&text) {
                return refuse(
                    "is not a web address; write one such as example.com.",
                    "不是网址，请填写 example.com 之类的网址。",
                );
            }
            Value::text(text)
        }
        (FieldType::Int, Value::Int(n)) => Value::Int(n),
        (FieldType::Int, Value::Decimal(n)) if n.fract().is_zero() => match i64::try_from(n) {
            Ok(n) => Value::Int(n),
            Err(_) => return refuse("is too large a number.", "数值过大。"),
        },
        (FieldType::Decimal, Value::Decimal(n)) => Value::Decimal(n),
        (FieldType::Decimal, Value::Int(n)) => Value::Decimal(n.into()),
        (FieldType::Money { .. }, Value::Decimal(n)) => return money(field, n).map(Value::Decimal),
        (FieldType::Money { .. }, Value::Int(n)) => return money(field, n.into()).map(Value::Decimal),
        (FieldType::Bool, Value::Bool(yes)) => Value::Bool(yes),
        (FieldType::Day, Value::Day(day)) => Value::Day(day),
        // The database keeps microseconds; what is compared later must be what was kept.
        (FieldType::Instant, Value::Instant(at)) => Value::Instant(at.trunc_subsecs(6)),
        (FieldType::Choice(choices), Value::Choice(word) | Value::Text(word)) => {
            let word = one_line(&word);
            if word.is_empty() {
                Value::Null
            } else {
                let folded = word.to_lowercase();
                let found = choices.iter().find(|c| c.code == word).or_else(|| {
                    choices
                        .iter()
                        .find(|c| [&c.code, &c.label.en, &c.label.zh].iter().any(|name| name.to_lowercase() == folded))
                });
                let Some(choice) = found else {
                    let list = |lang| choices.iter().map(|c| c.label.get(lang)).collect::<Vec<_>>().join(", ");
                    return refuse(
                        &format!("cannot be “{word}”; choose one of {}.", list(Lang::En)),
                        &format!("不能是“{word}”，请从中选择：{}。", list(Lang::Zh)),
                    );
                };
                Value::Choice(choice.code.clone())
            }
        }
        (FieldType::Ref(_), Value::Ref(reference)) => Value::Ref(reference),
        (FieldType::Ref(_), Value::Int(id)) => Value::reference(id),
        (FieldType::Tags, Value::Tags(tags)) => return self::tags(field, &tags).map(Value::Tags),
        (FieldType::Tags, Value::Text(text)) => {
            let parts: Vec<String> = text.split([',', ';', '，', '、', '；']).map(str::to_owned).collect();
            return tags(field, &parts).map(Value::Tags);
        }
        _ => return refuse("has a value of the wrong type.", "的值类型不对。"),
    };
    if field.required && value.is_none() {
        return refuse("is required.", "为必填项。");
    }
    Ok(value)
}

/// True for the field that holds the currency of the kind's money.
pub fn is_currency(kind: &Kind, field: &Field) -> bool {
    kind.fields.iter().any(|f| matches!(&f.ty, FieldType::Money { currency } if *currency == field.name))
}

/// True for the field that says where a person's days begin.
fn is_zone(kind: &Kind, field: &Field) -> bool {
    kind.id == USER && field.name == "zone"
}

/// A time zone by its name, any case.
fn zone(name: &str) -> Option<Tz> {
    name.parse().ok().or_else(|| chrono_tz::TZ_VARIANTS.into_iter().find(|zone| zone.name().eq_ignore_ascii_case(name)))
}

/// Text for one line: line breaks and tabs are blanks, other control characters go, and so do outer blanks.
pub fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect();
    spaced.chars().filter(|&c| is_kept(c)).collect::<String>().trim().to_owned()
}

/// Text of many lines: line ends become `\n`, control characters but tab go, and so do blank ends.
pub fn many_lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|&c| c == '\n' || c == '\t' || is_kept(c)).collect::<String>().trim_end().to_owned()
}

/// Control characters would move a terminal's cursor and marks of writing direction would disguise text; joiners stay,
/// since scripts and emoji need them.
fn is_kept(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A tag list as kept: trimmed, without `#`, sorted, without repeats.
pub fn tags(field: &Field, tags: &[String]) -> Result<Vec<String>, Invalid> {
    let mut kept: Vec<String> = tags
        .iter()
        .map(|tag| one_line(tag).trim_start_matches('#').trim().to_owned())
        .filter(|t| !t.is_empty())
        .collect();
    kept.sort();
    kept.dedup();
    if let Some(tag) = kept.iter().find(|tag| tag.contains([',', '"']) || tag.chars().count() > TAG_MAX) {
        return Err(Invalid::new(
            &field.name,
            format!("The tag “{tag}” cannot be kept; use at most 60 characters and no comma or quotation mark."),
            format!("标签“{tag}”不可用，最多 60 个字符，不能含逗号或引号。"),
        ));
    }
    if kept.len() > TAGS_MAX {
        return Err(Invalid::new(&field.name, "More than 50 tags; remove some.", "标签超过 50 个，请删去一些。"));
    }
    Ok(kept)
}

fn money(field: &Field, amount: Decimal) -> Result<Decimal, Invalid> {
    let limit = Decimal::from(1_000_000_000_000_000_i64);
    if amount.abs() >= limit {
        return Err(Invalid::new(
            &field.name,
            format!("{} is too large an amount.", field.label.en),
            format!("{}金额过大。", field.label.zh),
        ));
    }
    if amount.normalize().scale() > 4 {
        return Err(Invalid::new(
            &field.name,
            format!("{} has more than four decimals; round it.", field.label.en),
            format!("{}超过四位小数，请取整。", field.label.zh),
        ));
    }
    Ok(amount.normalize())
}

/// The ISO code that a word stands for, upper case; common signs are taken too.
pub fn currency(word: &str) -> Option<String> {
    let word: String = word.nfkc().collect::<String>().trim().to_uppercase();
    let code = match word.as_str() {
        "€" => "EUR",
        "$" => "USD",
        "£" => "GBP",
        "¥" | "RMB" | "元" | "人民币" => "CNY",
        code => code,
    };
    Currency::from_code(code).map(|currency| currency.code().to_owned())
}

fn is_email(text: &str) -> bool {
    let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
    text.len() <= EMAIL_MAX && EmailAddress::parse_with_options(text, options).is_ok()
}

/// At least three digits, and only what stands in phone numbers; full-width forms count as their ASCII twins.
fn is_phone(text: &str) -> bool {
    let folded: String = text.nfkc().collect::<String>().to_lowercase();
    let bare = folded.replace("ext", "").replace('转', "");
    folded.chars().count() <= PHONE_MAX
        && bare.chars().filter(char::is_ascii_digit).count() >= 3
        && bare.chars().all(|c| c.is_ascii_digit() || "+-()./ ,;x#*–‐".contains(c))
}

/// A host with a dot, with or without `http(s)://`; no other scheme, since a link is opened by whoever copies it.
fn is_url(text: &str) -> bool {
    let lower = text.to_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")).unwrap_or(&lower);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.split_once(':').map_or(
        host,
        |(host, port)| {
            if port.bytes().all(|b| b.is_ascii_digit()) { host } else { "" }
        },
    );
    text.chars().count() <= TEXT_MAX
        && !text.contains(char::is_whitespace)
        && host.contains('.')
        && host
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{COMPANY, CONTACT, DEAL, Registry, TICKET};

    fn try_text(kind: crate::domain::kind::KindId, field: &str, text: &str) -> Result<Value, String> {
        let registry = Registry::builtin();
        let kind = registry.kind(kind);
        check(kind, kind.field(field).expect("field"), Value::Text(text.into())).map_err(|e| e.message(Lang::En).into())
    }

    #[test]
    fn text_values_are_taken_or_refused() {
        let text = |t: &str| Some(Value::Text(t.into()));
        let cases = [
            (CONTACT, "name", "  王伟 ", text("王伟")),
            (CONTACT, "name", "a\u{1b}[31mb\nc", text("a[31mb c")),
            (CONTACT, "name", "\u{202e}evil", text("evil")),
            (CONTACT, "name", " \t ", None),
            (CONTACT, "city", "  ", Some(Value::Null)),
            (CONTACT, "note", "one\r\ntwo\u{0}\n", text("one\ntwo")),
            (CONTACT, "email", "Petra.Vogel@Example.COM", text("Petra.Vogel@Example.COM")),
            (CONTACT, "email", "müller@exämple.de", text("müller@exämple.de")),
            (CONTACT, "email", "petra@localhost", None),
            (CONTACT, "email", "petra at example.com", None),
            (CONTACT, "email", "Petra <p@example.com>", None),
            (CONTACT, "phone", "+49 (30) 123-456/78", text("+49 (30) 123-456/78")),
            (CONTACT, "phone", "５５５ 1234 ext. 12", text("５５５ 1234 ext. 12")),
            (CONTACT, "phone", "12", None),
            (CONTACT, "phone", "call me", None),
            (COMPANY, "website", "https://example.com:8080/a?b", text("https://example.com:8080/a?b")),
            (COMPANY, "website", "例子.中国", text("例子.中国")),
            (COMPANY, "website", "javascript:alert(1)", None),
            (COMPANY, "website", "just words", None),
            (DEAL, "currency", "eur", text("EUR")),
            (DEAL, "currency", "￥", text("CNY")),
            (DEAL, "currency", "Taler", None),
            (USER, "zone", "europe/berlin", text("Europe/Berlin")),
            (USER, "zone", "Europe/Bonn", None),
            (USER, "zone", "", Some(Value::Null)),
            (TICKET, "status", "open", Some(Value::Choice("open".into()))),
            (TICKET, "status", "On Hold", Some(Value::Choice("hold".into()))),
            (TICKET, "status", "已解决", Some(Value::Choice("solved".into()))),
            (TICKET, "status", "done", None),
            (TICKET, "tags", "vip, #late,vip", Some(Value::Tags(vec!["late".into(), "vip".into()]))),
            (TICKET, "created", "today", None),
            (TICKET, "due", "today", None),
        ];
        for (kind, field, input, expected) in cases {
            let got = try_text(kind, field, input);
            assert_eq!(got.clone().ok(), expected, "{kind}.{field} {input:?}: {got:?}");
        }
    }

    #[test]
    fn refusals_name_the_field_and_the_way_out() {
        assert_eq!(
            try_text(TICKET, "priority", "huge").expect_err("refused"),
            "Priority cannot be “huge”; choose one of Low, Normal, High, Urgent."
        );
        assert_eq!(try_text(CONTACT, "name", "").expect_err("refused"), "Name is required.");
    }

    #[test]
    fn lengths_have_limits() {
        assert!(try_text(CONTACT, "city", &"é".repeat(TEXT_MAX)).is_ok());
        assert!(try_text(CONTACT, "city", &"é".repeat(TEXT_MAX + 1)).is_err());
        assert!(try_text(CONTACT, "note", &"x".repeat(LONG_TEXT_MAX + 1)).is_err());
        assert!(try_text(CONTACT, "tags", &"x".repeat(TAG_MAX + 1)).is_err());
    }

    #[test]
    fn numbers_fit_their_columns() {
        let registry = Registry::builtin();
        let kind = registry.kind(DEAL);
        let amount = |n: &str| {
            let value = Value::Decimal(n.parse().expect("decimal"));
            check(kind, kind.field("amount").expect("field"), value).is_ok()
        };
        assert!(amount("999999999999999.9999"));
        assert!(amount("-5"));
        assert!(!amount("1000000000000000"));
        assert!(!amount("0.00001"));
        assert!(amount("0.10000000"));
    }
}

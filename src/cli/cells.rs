//! A record's values on the command line: as text for people, as JSON and CSV for programs.

use chrono_tz::Tz;
use serde_json::{Map, Value as Json, json};

use crate::domain::field::{Field, FieldType, Lang};
use crate::domain::figures::{grouped, span};
pub(super) use crate::domain::inert::inert;
use crate::domain::kind::{Kind, Registry};
use crate::domain::record::Record;
use crate::domain::value::{Ref, Value};

/// A record as one JSON object: id, code, version, then its fields. Money is an `amount` string with its `currency`,
/// a reference is `{id, code, label}`, a moment is UTC.
pub(super) fn json(registry: &Registry, kind: &Kind, fields: &[&Field], record: &Record) -> Json {
    let mut object = Map::new();
    object.insert("id".into(), json!(record.id));
    object.insert("code".into(), json!(kind.code(record.id)));
    object.insert("version".into(), json!(record.version));
    for field in fields {
        let value = record.get(kind, &field.name);
        let value = match (&field.ty, value) {
            (_, Value::Null) => Json::Null,
            (FieldType::Money { currency }, Value::Decimal(amount)) => {
                json!({"amount": amount.to_string(), "currency": record.get(kind, currency).as_str()})
            }
            (FieldType::Ref(target), Value::Ref(reference)) => {
                let code = registry.kind(*target).code(reference.id);
                json!({"id": reference.id, "code": code, "label": label(reference)})
            }
            (_, Value::Text(text) | Value::Choice(text)) => json!(text),
            (_, Value::Int(n) | Value::Seconds(n)) => json!(n),
            (_, Value::Decimal(n)) => json!(n.to_string()),
            (_, Value::Bool(yes)) => json!(yes),
            (_, Value::Day(day)) => json!(day.to_string()),
            (_, Value::Instant(at)) => json!(at.to_rfc3339()),
            (_, Value::Ref(reference)) => json!({"id": reference.id, "label": label(reference)}),
            (_, Value::Tags(tags)) => json!(tags),
        };
        object.insert(field.name.clone(), value);
    }
    Json::Object(object)
}

/// The title for programs; `null` for a record that the viewer may not see.
fn label(reference: &Ref) -> Option<&str> {
    Some(reference.label.as_str()).filter(|label| !label.is_empty())
}

/// A value for people: labels in their language, moments in their zone.
pub(super) fn text(kind: &Kind, field: &Field, record: &Record, lang: Lang, zone: Tz) -> String {
    match (&field.ty, record.get(kind, &field.name)) {
        (FieldType::Money { currency }, Value::Decimal(amount)) => {
            let currency = record.get(kind, currency).as_str().unwrap_or_default();
            format!("{} {currency}", grouped(*amount)).trim_end().to_owned()
        }
        (_, value) => words(field, value, lang, zone),
    }
}

/// The same without its record: an amount without its currency.
pub(super) fn words(field: &Field, value: &Value, lang: Lang, zone: Tz) -> String {
    match (&field.ty, value) {
        (FieldType::Money { .. }, Value::Decimal(amount)) => grouped(*amount),
        (_, Value::Choice(code)) => field
            .choices()
            .iter()
            .find(|c| c.code == *code)
            .map_or_else(|| code.clone(), |c| c.label.get(lang).to_owned()),
        (_, Value::Bool(yes)) => match (lang, yes) {
            (Lang::En, true) => "yes".into(),
            (Lang::En, false) => "no".into(),
            (Lang::Zh, true) => "是".into(),
            (Lang::Zh, false) => "否".into(),
        },
        (_, Value::Instant(at)) => at.with_timezone(&zone).format("%F %R").to_string(),
        (_, Value::Seconds(n)) => span(*n, lang),
        (_, Value::Ref(reference)) => reference.shown(lang).to_owned(),
        _ => plain(value),
    }
}

/// A value for a CSV cell, as an import reads it back.
pub(super) fn csv(field: &Field, value: &Value) -> String {
    let text = plain(value);
    match (&field.ty, value) {
        // What numbers and days begin with is theirs.
        (_, Value::Int(_) | Value::Decimal(_) | Value::Seconds(_) | Value::Day(_) | Value::Instant(_)) => text,
        (FieldType::Phone, _) if text.chars().all(|c| c.is_ascii_digit() || "+-(). /".contains(c)) => text,
        _ => guarded(text),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) | Value::Choice(text) => text.clone(),
        Value::Int(n) | Value::Seconds(n) => n.to_string(),
        Value::Decimal(n) => n.normalize().to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Day(day) => day.to_string(),
        Value::Instant(at) => at.to_rfc3339(),
        Value::Ref(reference) => reference.label.clone(),
        Value::Tags(tags) => tags.join(", "),
    }
}

/// Text that a spreadsheet would run as a formula gets a `'` before it. So does text that begins with `'` and would
/// then be one, so that an import can take the mark off without loss.
pub(super) fn guarded(text: String) -> String {
    if text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

/// One line of at most so many characters.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let joined = text.split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let mut short: String = joined.chars().take(most).collect();
    if short.len() < joined.len() {
        short.pop();
        short.push('…');
    }
    inert(&short).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_made_text_and_can_be_told_again() {
        for (raw, safe) in [
            ("=1+1", "'=1+1"),
            ("+cmd", "'+cmd"),
            ("-2+3", "'-2+3"),
            ("@sum", "'@sum"),
            ("\tx", "'\tx"),
            ("'=1", "''=1"),
            ("'tis", "'tis"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(guarded(raw.into()), safe);
            assert_eq!(crate::desk::import::values::unguarded(safe), raw);
        }
        let registry = Registry::builtin();
        let contact = registry.kind(crate::domain::kind::CONTACT);
        let phone = contact.field("phone").expect("declared");
        assert_eq!(csv(phone, &Value::Text("+49 30 1234".into())), "+49 30 1234");
        assert_eq!(csv(phone, &Value::Text("+cmd|' /C calc'!A0".into())), "'+cmd|' /C calc'!A0");
        assert_eq!(csv(phone, &Value::Int(-5)), "-5");
    }

    #[test]
    fn text_is_inert_and_fits() {
        assert_eq!(inert("a\u{1b}[31mb\u{202e}c\0"), "a␛[31mbc␀");
        assert_eq!(one_line("one\r\n  two\n\nthree", 9), "one two …");
    }
}

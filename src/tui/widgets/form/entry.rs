//! One field as it is entered: typed text, a choice, a reference; read back as a value, or what is wrong with it.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::domain::field::{Field, FieldType, Lang};
use crate::domain::value::{Ref, Value};
use crate::domain::when;
use crate::tui::show::grouped;
use crate::tui::text;
use crate::tui::widgets::editor::Editor;
use crate::tui::widgets::input::Input;

/// What reading a field needs to know about the person.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub now: DateTime<Utc>,
    pub zone: Tz,
    pub lang: Lang,
}

/// What is wrong with what was entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    Required,
    Integer,
    Number,
    Email,
    Phone,
    Url,
    When,
    /// Said by the desk, in the person's language.
    Refused(String),
}

#[derive(Clone, Debug)]
pub enum Entry {
    Line(Input),
    Long(Box<Editor>),
    Flag(Option<bool>),
    Choice(Option<String>),
    Ref(Option<Ref>),
    Tags(Vec<String>),
}

impl Entry {
    pub fn new(field: &Field, value: &Value, cx: &Context) -> Self {
        match &field.ty {
            FieldType::LongText => Self::Long(Box::new(Editor::new(&typed(value, cx)))),
            FieldType::Bool => Self::Flag(if let Value::Bool(on) = value { Some(*on) } else { None }),
            FieldType::Choice(_) => Self::Choice(value.as_str().map(str::to_owned)),
            FieldType::Ref(_) => Self::Ref(if let Value::Ref(r) = value { Some(r.clone()) } else { None }),
            FieldType::Tags => Self::Tags(if let Value::Tags(tags) = value { tags.clone() } else { Vec::new() }),
            _ => Self::Line(Input::new(&typed(value, cx))),
        }
    }

    /// The value entered; `Null` when nothing is.
    pub fn read(&self, field: &Field, cx: &Context) -> Result<Value, Fault> {
        let value = match self {
            Self::Line(input) => read_line(input.text().trim(), field, cx)?,
            Self::Long(editor) => Value::text(editor.text().trim_end()),
            Self::Flag(on) => on.map_or(Value::Null, Value::Bool),
            Self::Choice(code) => code.clone().map_or(Value::Null, Value::Choice),
            Self::Ref(reference) => reference.clone().map_or(Value::Null, Value::Ref),
            Self::Tags(tags) => {
                let mut tags = tags.clone();
                tags.sort();
                tags.dedup();
                Value::Tags(tags)
            }
        };
        if field.required && value.is_none() { Err(Fault::Required) } else { Ok(value) }
    }

    /// What was understood, where it differs from what was typed: the date meant by words, the number meant by `40k`.
    pub fn echo(&self, field: &Field, cx: &Context) -> Option<String> {
        let Self::Line(input) = self else { return None };
        match read_line(input.text().trim(), field, cx).ok()? {
            Value::Instant(at) => Some(moment(at, cx)),
            Value::Day(day) => Some(day_words(day, cx)),
            Value::Decimal(n) => Some(grouped(n)).filter(|shown| shown != input.text().trim()),
            _ => None,
        }
    }

    /// As a draft keeps it.
    pub fn keep(&self) -> Json {
        match self {
            Self::Line(input) => json!(input.text()),
            Self::Long(editor) => json!(editor.text()),
            Self::Flag(on) => json!(on),
            Self::Choice(code) => json!(code),
            Self::Ref(reference) => reference.as_ref().map_or(Json::Null, |r| json!({ "id": r.id, "label": r.label })),
            Self::Tags(tags) => json!(tags),
        }
    }

    /// Takes back what `keep` gave; anything else is left aside.
    pub fn restore(&mut self, kept: &Json) {
        match self {
            Self::Line(input) => {
                if let Some(text) = kept.as_str() {
                    input.set(text);
                }
            }
            Self::Long(editor) => {
                if let Some(text) = kept.as_str() {
                    **editor = Editor::new(text);
                }
            }
            Self::Flag(on) => *on = kept.as_bool(),
            Self::Choice(code) => *code = kept.as_str().map(str::to_owned),
            Self::Ref(reference) => {
                let label = kept["label"].as_str().unwrap_or_default().to_owned();
                *reference = kept["id"].as_i64().map(|id| Ref { id, label });
            }
            Self::Tags(tags) => *tags = serde_json::from_value(kept.clone()).unwrap_or_default(),
        }
    }

    /// True when nothing is entered.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Line(input) => input.text().trim().is_empty(),
            Self::Long(editor) => editor.is_blank(),
            Self::Flag(on) => on.is_none(),
            Self::Choice(code) => code.is_none(),
            Self::Ref(reference) => reference.is_none(),
            Self::Tags(tags) => tags.is_empty(),
        }
    }
}

/// A value as one would type it.
fn typed(value: &Value, cx: &Context) -> String {
    match value {
        Value::Text(text) | Value::Choice(text) => text.clone(),
        Value::Int(n) | Value::Seconds(n) => n.to_string(),
        Value::Decimal(n) => n.normalize().to_string(),
        Value::Day(day) => day.format("%Y-%m-%d").to_string(),
        Value::Instant(at) => at.with_timezone(&cx.zone).format("%Y-%m-%d %H:%M").to_string(),
        _ => String::new(),
    }
}

fn read_line(typed: &str, field: &Field, cx: &Context) -> Result<Value, Fault> {
    if typed.is_empty() {
        return Ok(Value::Null);
    }
    match &field.ty {
        FieldType::Email => {
            let options = email_address::Options::default().without_display_text().without_domain_literal();
            match email_address::EmailAddress::parse_with_options(typed, options) {
                Ok(_) => Ok(Value::Text(typed.to_owned())),
                Err(_) => Err(Fault::Email),
            }
        }
        FieldType::Phone => {
            let digits = typed.chars().filter(char::is_ascii_digit).count();
            let is_fit = typed.chars().all(|c| c.is_ascii_digit() || "+-()./# extEXT转分机—".contains(c));
            if digits >= 3 && is_fit { Ok(Value::Text(typed.to_owned())) } else { Err(Fault::Phone) }
        }
        FieldType::Url => {
            let rest = typed.split_once("://").map_or(typed, |(_, rest)| rest);
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let is_fit = !typed.contains(char::is_whitespace)
                && (host.contains('.') || host.starts_with("localhost"))
                && !host.starts_with('.')
                && !host.ends_with('.');
            if is_fit { Ok(Value::Text(typed.to_owned())) } else { Err(Fault::Url) }
        }
        FieldType::Int => {
            let n = number(typed).filter(Decimal::is_integer).ok_or(Fault::Integer)?;
            i64::try_from(n).map(Value::Int).map_err(|_| Fault::Integer)
        }
        FieldType::Decimal | FieldType::Money { .. } => number(typed).map(Value::Decimal).ok_or(Fault::Number),
        FieldType::Day => when::day(typed, cx.now, cx.zone, field.lean()).map(Value::Day).map_err(|_| Fault::When),
        FieldType::Instant => {
            when::instant(typed, cx.now, cx.zone, field.lean()).map(Value::Instant).map_err(|_| Fault::When)
        }
        _ => Ok(Value::Text(typed.to_owned())),
    }
}

/// A number as people type it: `1200`, `1,200.50`, `40k`, `1.5M`, `60万`, `2亿`; full-width digits too.
pub fn number(typed: &str) -> Option<Decimal> {
    let clean: String = typed
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            '．' => '.',
            '，' => ',',
            '－' | '−' => '-',
            c => c,
        })
        .filter(|c| !c.is_whitespace() && !"_'’".contains(*c))
        .collect();
    let (digits, scale) = match clean.chars().next_back()? {
        'k' | 'K' | '千' => (clean.trim_end_matches(['k', 'K', '千']), 1_000),
        'm' | 'M' => (clean.trim_end_matches(['m', 'M']), 1_000_000),
        '万' => (clean.trim_end_matches('万'), 10_000),
        '亿' => (clean.trim_end_matches('亿'), 100_000_000),
        _ => (clean.as_str(), 1),
    };
    // A comma groups thousands only: `1,5` is refused rather than read as fifteen.
    let mut groups = digits.split('.').next()?.split(',');
    let head = groups.next()?.trim_start_matches(['-', '+']);
    let mut has_groups = false;
    for group in groups {
        has_groups = true;
        if group.len() != 3 {
            return None;
        }
    }
    if has_groups && !(1..=3).contains(&head.len()) {
        return None;
    }
    let digits = digits.replace(',', "");
    digits.parse::<Decimal>().ok()?.checked_mul(Decimal::from(scale))
}

/// `Tue 24 Nov 2026, 09:00`.
pub fn moment(at: DateTime<Utc>, cx: &Context) -> String {
    let local = at.with_timezone(&cx.zone);
    let time = local.format("%H:%M");
    match cx.lang {
        Lang::En => format!("{}, {time}", day_words(local.date_naive(), cx)),
        Lang::Zh => format!("{} {time}", day_words(local.date_naive(), cx)),
    }
}

/// `Tue 24 Nov 2026`.
pub fn day_words(day: NaiveDate, cx: &Context) -> String {
    match cx.lang {
        Lang::En => day.format("%a %-d %b %Y").to_string(),
        Lang::Zh => {
            format!("{}年{}月{}日 {}", day.year(), day.month(), day.day(), when::weekday_in_chinese(day.weekday()))
        }
    }
}

/// The words of a value that is not being typed.
pub fn shown(value: &Value, field: &Field, cx: &Context, yes_no: [&str; 2]) -> String {
    match value {
        Value::Choice(code) => {
            field.rank(code).map_or_else(|| code.clone(), |i| field.choices()[i].label.get(cx.lang).to_owned())
        }
        Value::Bool(on) => yes_no[usize::from(!on)].to_owned(),
        Value::Ref(r) => text::inert(r.shown(cx.lang)).into_owned(),
        Value::Tags(tags) => tags.iter().map(|t| format!("#{}", text::inert(t))).collect::<Vec<_>>().join(" "),
        Value::Decimal(n) => grouped(*n),
        Value::Instant(at) => moment(*at, cx),
        Value::Day(day) => day_words(*day, cx),
        other => text::inert(&typed(other, cx)).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cx(lang: Lang) -> Context {
        // A Sunday.
        Context {
            now: "2026-11-22T13:00:00Z".parse().expect("the test is written right"),
            zone: chrono_tz::Europe::Berlin,
            lang,
        }
    }

    fn read(ty: &FieldType, typed: &str) -> Result<Value, Fault> {
        read_line(typed, &Field::new("x", "X", "X", ty.clone()), &cx(Lang::En))
    }

    #[test]
    fn reads_numbers_as_people_type_them() {
        for (typed, n) in [
            ("1200", "1200"),
            ("1,200.50", "1200.50"),
            ("40k", "40000"),
            ("1.5M", "1500000"),
            ("60万", "600000"),
            ("-3", "-3"),
            ("１２", "12"),
            ("1 000 000", "1000000"),
        ] {
            assert_eq!(number(typed), Some(n.parse().expect("the test is written right")), "{typed}");
        }
        for typed in ["", "abc", "1,5", "1,2345", "k", "12 EUR", ",123", "9999999999999999999999999999M"] {
            assert_eq!(number(typed), None, "{typed}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_field() {
        for (ty, typed, fault) in [
            (FieldType::Email, "petra", Fault::Email),
            (FieldType::Email, "petra@", Fault::Email),
            (FieldType::Email, "Petra <p@acme.example>", Fault::Email),
            (FieldType::Phone, "none yet", Fault::Phone),
            (FieldType::Url, "not a link", Fault::Url),
            (FieldType::Int, "2.5", Fault::Integer),
            (FieldType::Decimal, "many", Fault::Number),
            (FieldType::Day, "whenever", Fault::When),
        ] {
            assert_eq!(read(&ty, typed), Err(fault), "{typed}");
        }
        for (ty, typed) in [
            (FieldType::Email, "petra@acme.example"),
            (FieldType::Email, "王伟@例子.公司"),
            (FieldType::Phone, "+49 (30) 123-456 ext. 7"),
            (FieldType::Url, "acme.example/path"),
            (FieldType::Url, "https://acme.example"),
        ] {
            assert!(read(&ty, typed).is_ok(), "{typed}");
        }
    }

    #[test]
    fn echoes_what_a_date_in_words_means() {
        let mut field = Field::custom("at", crate::domain::field::Label::new("At", "时间"), FieldType::Instant);
        let entry = Entry::Line(Input::new("tomorrow 9"));
        assert_eq!(entry.echo(&field, &cx(Lang::En)).as_deref(), Some("Mon 23 Nov 2026, 09:00"));
        assert_eq!(entry.echo(&field, &cx(Lang::Zh)).as_deref(), Some("2026年11月23日 周一 09:00"));
        field.ty = FieldType::Decimal;
        assert_eq!(Entry::Line(Input::new("40k")).echo(&field, &cx(Lang::En)).as_deref(), Some("40,000"));
        assert_eq!(Entry::Line(Input::new("40")).echo(&field, &cx(Lang::En)), None);
    }
}

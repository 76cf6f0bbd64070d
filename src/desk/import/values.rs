//! One cell as the value of one field, or the reason why it cannot be.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use rust_decimal::prelude::ToPrimitive;

use super::dates::{self, Moment, Order};
use super::numbers;
use super::words::{distance, fold, squeeze, tolerance};
use crate::domain::check::{LONG_TEXT_MAX, TEXT_MAX, check, currency, is_currency};
use crate::domain::field::{Choice, Field, FieldType, Lang};
use crate::domain::kind::Kind;
use crate::domain::value::Value;

/// How a column writes dates and numbers.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// `None`: the column contradicts itself, so what could be either is refused.
    pub order: Option<Order>,
    pub comma_is_decimal: bool,
    /// Where times without an offset are at home.
    pub zone: Tz,
}

/// A cell understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    pub value: Value,
    /// Of a money cell that names one.
    pub currency: Option<&'static str>,
    /// What was dropped or taken loosely, for the report's warnings.
    pub note: Option<Note>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// Several addresses or numbers in one cell; the first, or the preferred one, is kept.
    Several,
    /// A choice recognised by near spelling.
    Near,
    /// Characters that no database text can hold (NUL) were dropped.
    Dropped,
}

impl From<Value> for Parsed {
    fn from(value: Value) -> Self {
        Self { value, currency: None, note: None }
    }
}

/// Reads a cell for a field. Blank is `Null`. References are read as their name.
pub fn parse(kind: &Kind, field: &Field, text: &str, style: Style) -> Result<Parsed, String> {
    let mut dropped = false;
    let cleaned;
    let mut text = text;
    if text.contains('\0') {
        cleaned = text.replace('\0', "");
        text = &cleaned;
        dropped = true;
    }
    let mut parsed = parse_clean(kind, field, text, style)?;
    if !matches!(parsed.value, Value::Null) && is_canonical(&field.ty) && !field.readonly {
        parsed.value = check(kind, field, parsed.value).map_err(|e| e.message(Lang::En).to_owned())?;
    }
    if dropped {
        parsed.note = Some(Note::Dropped);
    }
    Ok(parsed)
}

/// Types whose values a form would change as well on the way in. Text is kept as the file has it: what a screen must not
/// show as it is, the screen makes harmless.
fn is_canonical(ty: &FieldType) -> bool {
    !matches!(ty, FieldType::Text | FieldType::LongText | FieldType::Ref(_))
}

fn parse_clean(kind: &Kind, field: &Field, text: &str, style: Style) -> Result<Parsed, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(Value::Null.into());
    }
    Ok(match &field.ty {
        FieldType::Text if is_currency(kind, field) => currency(trimmed)
            .map(Value::Text)
            .ok_or_else(|| format!("“{trimmed}” is not a currency; use a code such as EUR"))?
            .into(),
        FieldType::Text => Value::Text(limited(unguarded(text.trim_matches(' ')), TEXT_MAX)?.into()).into(),
        FieldType::LongText => Value::Text(limited(unguarded(text), LONG_TEXT_MAX)?.into()).into(),
        FieldType::Url | FieldType::Ref(_) => Value::Text(limited(unguarded(trimmed), TEXT_MAX)?.into()).into(),
        FieldType::Email => email(unguarded(trimmed))?,
        FieldType::Phone => phone(unguarded(trimmed))?,
        FieldType::Int => {
            let number = numbers::parse(trimmed, style.comma_is_decimal)?.number;
            let whole = number.trunc() == number;
            let int = number.to_i64().filter(|_| whole);
            Value::Int(int.ok_or_else(|| format!("“{trimmed}” is not a whole number"))?).into()
        }
        FieldType::Decimal => Value::Decimal(numbers::parse(trimmed, style.comma_is_decimal)?.number).into(),
        FieldType::Money { .. } => money(trimmed, style)?,
        FieldType::Bool => Value::Bool(boolean(trimmed)?).into(),
        FieldType::Day => Value::Day(dated(trimmed, dates::parse(trimmed, style.order)?.date())?).into(),
        FieldType::Instant => {
            let at = instant(dates::parse(trimmed, style.order)?, style.zone);
            dated(trimmed, at.date_naive())?;
            Value::Instant(at).into()
        }
        FieldType::Choice(choices) => {
            let (code, is_near) = choice(choices, trimmed)?;
            Parsed { value: Value::Choice(code.into()), currency: None, note: is_near.then_some(Note::Near) }
        }
        FieldType::Tags => tags(unguarded(trimmed)).into(),
        FieldType::Span => return Err(format!("{} is computed and cannot be imported", field.label.en)),
    })
}

/// An export puts `'` before text that a spreadsheet would take for a formula; taking it off again makes the way out
/// and back in lossless.
pub fn unguarded(text: &str) -> &str {
    let inner = text.trim_start_matches('\'');
    match text.strip_prefix('\'') {
        Some(rest) if inner.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => text,
    }
}

fn limited(text: &str, most: usize) -> Result<&str, String> {
    if text.len() > most {
        let length = text.chars().count();
        if length > most {
            return Err(format!("a text of {length} characters is too long here; at most {most} fit"));
        }
    }
    Ok(text)
}

fn money(text: &str, style: Style) -> Result<Parsed, String> {
    let amount = numbers::parse(text, style.comma_is_decimal)?;
    Ok(Parsed { value: Value::Decimal(amount.number.round_dp(4)), currency: amount.currency, note: None })
}

/// The first of several, or the one that Google's export marks with `* `.
fn first_of<'a>(text: &'a str, separators: &[&str]) -> (&'a str, bool) {
    let mut parts = vec![text];
    for separator in separators {
        parts = parts.into_iter().flat_map(|part| part.split(separator)).collect();
    }
    let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    let preferred = parts.iter().find_map(|part| part.strip_prefix("* "));
    (preferred.or_else(|| parts.first().copied()).unwrap_or(text).trim(), parts.len() > 1)
}

fn email(text: &str) -> Result<Parsed, String> {
    let (first, several) = first_of(text, &[" ::: ", ";", ",", "\n", "|"]);
    let bare = match (first.rfind('<'), first.strip_suffix('>')) {
        (Some(at), Some(head)) => &head[at + 1..],
        _ => first,
    };
    let bare = bare.strip_prefix("mailto:").unwrap_or(bare).trim();
    let options = email_address::Options::default().with_required_tld();
    if email_address::EmailAddress::parse_with_options(bare, options).is_err() {
        return Err(format!("“{}” is not an email address", bare.chars().take(80).collect::<String>()));
    }
    Ok(Parsed { value: Value::Text(bare.into()), currency: None, note: several.then_some(Note::Several) })
}

fn phone(text: &str) -> Result<Parsed, String> {
    let (first, several) = first_of(text, &[" ::: ", ";", "\n", "|"]);
    if !first.chars().any(char::is_numeric) {
        return Err(format!("“{}” is not a phone number", first.chars().take(40).collect::<String>()));
    }
    let value = Value::Text(limited(first, TEXT_MAX)?.into());
    Ok(Parsed { value, currency: None, note: several.then_some(Note::Several) })
}

fn boolean(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "1" | "y" | "yes" | "true" | "t" | "on" | "x" | "✓" | "✔" | "是" | "有" | "真" | "对" | "√" | "启用" => {
            Ok(true)
        }
        "0" | "n" | "no" | "false" | "f" | "off" | "-" | "✗" | "否" | "无" | "假" | "错" | "×" | "没有" | "停用" => {
            Ok(false)
        }
        _ => Err(format!("“{text}” is neither yes nor no")),
    }
}

fn tags(text: &str) -> Value {
    let mut tags: Vec<String> = text
        .split([',', ';', '\n', '|', '，', '；', '、'])
        .flat_map(|part| part.split(":::"))
        .map(|tag| tag.trim().trim_start_matches("* ").to_lowercase())
        .filter(|tag| !tag.is_empty())
        .collect();
    tags.sort();
    tags.dedup();
    if tags.is_empty() { Value::Null } else { Value::Tags(tags) }
}

/// The database has no year 0, and reads no year of five digits.
fn dated(text: &str, day: NaiveDate) -> Result<NaiveDate, String> {
    let is_written = (1..=9999).contains(&day.year());
    is_written.then_some(day).ok_or_else(|| format!("“{text}” is not in the years 1 to 9999"))
}

fn instant(moment: Moment, zone: Tz) -> DateTime<Utc> {
    match moment {
        Moment::Fixed(at) => at.to_utc(),
        Moment::Local(at) => at_home(at, zone),
        Moment::Day(day) => at_home(day.and_time(chrono::NaiveTime::MIN), zone),
    }
}

/// The first of two moments when clocks go back, an hour later when they skip it.
fn at_home(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    zone.from_local_datetime(&local)
        .earliest()
        .or_else(|| zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest())
        .map_or_else(|| local.and_utc(), |at| at.to_utc())
}

/// A choice's code by code, label, synonym or near spelling (then `true`).
pub fn choice<'a>(choices: &'a [Choice], text: &str) -> Result<(&'a str, bool), String> {
    let word = squeeze(text);
    let is_called = |c: &Choice| [&c.code, &c.label.en, &c.label.zh].iter().any(|name| squeeze(name) == word);
    if let Some(found) =
        choices.iter().find(|c| fold(&c.code) == fold(text)).or_else(|| choices.iter().find(|c| is_called(c)))
    {
        return Ok((&found.code, false));
    }
    if let Some(found) = choices.iter().find(|c| synonyms(&c.code).iter().any(|s| squeeze(s) == word)) {
        return Ok((&found.code, false));
    }
    let most = tolerance(word.chars().count());
    let mut near = choices.iter().filter(|c| {
        most > 0
            && [&c.code, &c.label.en].into_iter().map(String::as_str).chain(synonyms(&c.code).iter().copied()).any(
                |name| {
                    let name = squeeze(name);
                    // A short word is too easily turned into another.
                    tolerance(name.chars().count()) > 0 && distance(&word, &name, most).is_some()
                },
            )
    });
    if let (Some(found), None) = (near.next(), near.next()) {
        return Ok((&found.code, true));
    }
    let known: Vec<&str> = choices.iter().map(|c| c.code.as_str()).collect();
    Err(format!("“{}” is none of {}", text.chars().take(40).collect::<String>(), known.join(", ")))
}

/// What other programs call the choices that frontdesk declares. Codes mean the same wherever they occur, so one table
/// serves all fields; a field takes only words of codes it has.
fn synonyms(code: &str) -> &'static [&'static str] {
    match code {
        "new" => &["unassigned", "to do", "todo", "created", "submitted", "待处理", "未处理"],
        "open" => &[
            "in progress",
            "opened",
            "reopened",
            "active",
            "ongoing",
            "assigned",
            "working",
            "处理中",
            "进行中",
            "已打开",
        ],
        "pending" => &[
            "pending customer response",
            "pending customer",
            "waiting",
            "waiting on customer",
            "waiting for customer",
            "waiting for reply",
            "awaiting reply",
            "awaiting customer",
            "待回复",
            "等待",
            "待客户回复",
        ],
        "hold" => &["on-hold", "paused", "waiting on third party", "blocked", "暂停"],
        "solved" => &["resolved", "done", "fixed", "completed", "complete", "已完成", "解决"],
        "closed" => &["close", "finished", "archived", "cancelled", "canceled", "关闭", "完结"],
        "low" => &["lowest", "minor", "trivial", "p4", "p5", "4", "5"],
        "normal" => &["medium", "moderate", "standard", "middle", "regular", "p3", "3", "中", "一般"],
        "high" => &["major", "important", "p2", "2", "重要"],
        "urgent" => &["critical", "highest", "blocker", "emergency", "very high", "immediate", "p1", "1", "非常紧急"],
        "question" => &["product inquiry", "inquiry", "enquiry", "how to", "问题", "提问"],
        "fault" => &["technical issue", "bug", "incident", "problem", "error", "defect", "报障"],
        "complaint" => &["complain", "抱怨"],
        "return" => &["refund request", "refund", "rma", "退款", "退换货"],
        "request" => &["service request", "task", "feature request", "story", "improvement", "cancellation request"],
        "mail" => &["email", "e-mail", "电子邮件", "邮箱"],
        "phone" => &["call", "telephone", "voice", "phone call", "来电"],
        "chat" => &["live chat", "messaging", "im", "聊天"],
        "web" => &["website", "portal", "web form", "form", "online", "网页"],
        "social" => &["social network", "twitter", "facebook", "weibo", "wechat", "微博", "微信"],
        "other" => &["others", "unknown", "misc", "n/a", "diverse", "non-binary"],
        "female" => &["f", "woman", "w", "女性", "女士"],
        "male" => &["m", "man", "男性", "先生"],
        "lead" => &["subscriber", "marketing qualified lead", "sales qualified lead", "mql", "sql"],
        "prospect" => &["opportunity", "potential"],
        "customer" => &["client", "成交客户"],
        "loyal" => &["evangelist", "advocate", "vip"],
        "lost" => &["churned", "former customer", "closed lost", "失败"],
        "won" => &["closed won", "success", "成功"],
        "call" => &["phone call", "phone", "致电"],
        "meeting" => &["event", "appointment", "demo", "见面"],
        "note" => &["comment", "memo"],
        "visit" => &["site visit", "见面拜访"],
        "task" => &["to-do", "todo", "follow up"],
        "reached" => &["connected", "answered"],
        "no_answer" => &["no reply", "not reached", "busy"],
        "in" => &["incoming", "inbound", "received"],
        "out" => &["outgoing", "outbound", "sent"],
        "admin" => &["administrator", "owner"],
        "sales" => &["user", "agent", "sales rep", "member"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    use crate::domain::kind::{CONTACT, DEAL, KindId, Registry, TICKET};

    fn read(kind: KindId, field: &str, text: &str) -> Result<Parsed, String> {
        let registry = Registry::builtin();
        let style = Style { order: Some(Order::DayFirst), comma_is_decimal: false, zone: Tz::Europe__Berlin };
        let kind = registry.kind(kind);
        parse(kind, kind.field(field).expect("declared"), text, style)
    }

    #[test]
    fn choices_by_code_label_synonym_and_near_spelling() {
        for (field, text, wanted) in [
            ("status", "Pending Customer Response", Some("pending")),
            ("status", "Closed", Some("closed")),
            ("status", "Open", Some("open")),
            ("status", "on hold", Some("hold")),
            ("status", "已解决", Some("solved")),
            ("status", "Resolvd", Some("solved")),
            ("status", "purple", None),
            ("priority", "Critical", Some("urgent")),
            ("priority", "Medium", Some("normal")),
            ("priority", "HIGH", Some("high")),
            ("priority", "优先级", None),
            ("channel", "Email", Some("mail")),
            ("channel", "Social media", Some("social")),
            ("channel", "Chat", Some("chat")),
            ("channel", "Phone", Some("phone")),
            ("channel", "chot", None),
        ] {
            let got = read(TICKET, field, text).ok().map(|p| p.value);
            assert_eq!(got, wanted.map(|code| Value::Choice(code.into())), "{field} {text}");
        }
        assert_eq!(read(TICKET, "status", "Resolvd").map(|p| p.note), Ok(Some(Note::Near)));
        assert_eq!(read(CONTACT, "gender", "F").map(|p| p.value), Ok(Value::Choice("female".into())));
    }

    #[test]
    fn typed_values() {
        let day = |d: &str| Value::Day(d.parse().expect("a day"));
        let text = |t: &str| Value::Text(t.into());
        for (kind, field, cell, wanted) in [
            (DEAL, "amount", "1054", Some(Value::Decimal(Decimal::from(1054)))),
            (DEAL, "amount", "lots", None),
            (DEAL, "amount", "9999999999999999", None),
            (DEAL, "closed", "2017-03-01", Some(day("2017-03-01"))),
            (DEAL, "closed", "0000-01-01", None),
            (DEAL, "currency", "eur", Some(text("EUR"))),
            (DEAL, "currency", "Taler", None),
            (TICKET, "first_reply", "9999-12-31T23:59-05:00", None),
            (TICKET, "first_reply", "0001-01-01T00:00+05:00", None),
            (TICKET, "rating", "3", Some(Value::Int(3))),
            (TICKET, "rating", "3.5", None),
            (TICKET, "rating", "", Some(Value::Null)),
            (TICKET, "rating", "  ", Some(Value::Null)),
            (CONTACT, "no_contact", "是", Some(Value::Bool(true))),
            (CONTACT, "no_contact", "No", Some(Value::Bool(false))),
            (CONTACT, "no_contact", "perhaps", None),
            (CONTACT, "email", "Ann <Ann@Example.COM>", Some(text("Ann@Example.COM"))),
            (CONTACT, "email", "a@example.com ::: * b@example.com", Some(text("b@example.com"))),
            (CONTACT, "email", "not an address", None),
            (CONTACT, "phone", "+49 30 1234", Some(text("+49 30 1234"))),
            (CONTACT, "phone", "none", None),
            (CONTACT, "tags", "VIP; new,vip", Some(Value::Tags(vec!["new".into(), "vip".into()]))),
            (CONTACT, "note", " kept\n as is ", Some(text(" kept\n as is "))),
            (CONTACT, "note", "'=1+1", Some(text("=1+1"))),
            (CONTACT, "note", "''=1+1", Some(text("'=1+1"))),
            (CONTACT, "note", "'tis", Some(text("'tis"))),
            (CONTACT, "name", &"x".repeat(3000), None),
            (CONTACT, "age", "5", None),
        ] {
            assert_eq!(read(kind, field, cell).ok().map(|p| p.value), wanted, "{field} {cell:.40}");
        }
        let first_reply = read(TICKET, "first_reply", "01-06-2023 12:15").expect("a moment").value;
        assert_eq!(first_reply.as_instant().map(|at| at.to_rfc3339()), Some("2023-06-01T10:15:00+00:00".into()));
        let in_the_gap = read(TICKET, "first_reply", "26-03-2023 02:30").expect("a moment").value;
        assert_eq!(in_the_gap.as_instant().map(|at| at.to_rfc3339()), Some("2023-03-26T01:30:00+00:00".into()));
        let nul = read(CONTACT, "note", "a\0b").expect("text");
        assert_eq!((nul.value, nul.note), (text("ab"), Some(Note::Dropped)));
        assert_eq!(read(DEAL, "amount", "€5").map(|p| p.currency), Ok(Some("EUR")));
    }
}

//! What a person types on the command line as queries, records and field values.

use anyhow::Result;
use chrono_tz::Tz;

use super::{Office, Usage};
use crate::desk::import::dates::Order;
use crate::desk::import::values::{self, Style};
use crate::desk::{Cx, Desk};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{Kind, KindId, Registry, USER};
use crate::domain::query::Query;
use crate::domain::record::Record;
use crate::domain::value::{Ref, Value};
use crate::domain::when;

/// The mark that `arguments` puts before a word that begins with a hyphen but is no option.
const WORD: char = '\u{f8ff}';

/// The program's arguments with the query's `-field:value` words marked, so that options may stand before and behind
/// them alike. Only subcommands that take queries are touched.
pub fn arguments(args: impl Iterator<Item = std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let args: Vec<_> = args.collect();
    let takes_query = args
        .iter()
        .filter_map(|a| a.to_str())
        .any(|a| matches!(a, "list" | "ls" | "count" | "set" | "delete" | "export") || a == "show");
    if !takes_query {
        return args;
    }
    args.into_iter()
        .map(|arg| match arg.to_str() {
            Some(text) if is_negated(text) => format!("{WORD}{text}").into(),
            _ => arg,
        })
        .collect()
}

/// `-tag:vip`, `-spam`, `-(a or b)`, `-"two words"`: one hyphen and more than a letter.
fn is_negated(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('-') else { return false };
    !rest.starts_with('-') && rest.chars().nth(1).is_some() && !rest.starts_with(|c: char| c.is_ascii_digit())
}

fn unmarked(word: &str) -> &str {
    word.strip_prefix(WORD).unwrap_or(word)
}

/// The words of a query as one text.
pub(super) fn joined(words: &[String]) -> String {
    words.iter().map(|w| unmarked(w)).collect::<Vec<_>>().join(" ")
}

/// The query that these words make; a mistake is shown at its place.
pub(super) fn query(words: &[String], registry: &Registry, kind: &Kind, cx: &Cx) -> Result<Query> {
    let text = joined(words);
    Query::parse(&text, registry, kind.id).map_err(|mistake| {
        let start = text.get(..mistake.span.start).map_or(0, unicode_width::UnicodeWidthStr::width);
        let width = text.get(mistake.span.clone()).map_or(1, unicode_width::UnicodeWidthStr::width).max(1);
        let mark = format!("{}{}", " ".repeat(start), "^".repeat(width));
        Usage(format!("{}\n  {text}\n  {mark}", mistake.message(cx.viewer.lang))).into()
    })
}

/// The record that a code such as `T1042`, or its bare number, names.
pub(super) fn code(registry: &Registry, kind: &Kind, text: &str) -> Option<i64> {
    let text = unmarked(text).trim();
    match registry.by_code(text) {
        Some((named, id)) if named == kind.id => Some(id),
        _ => text.parse().ok().filter(|id| *id > 0),
    }
}

/// One `field=value`, or `tags+=a,b`, `tags-=a`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Given {
    Set(String, Value),
    /// An amount, and the currency field with the code that its text names.
    Priced(String, Value, String, &'static str),
    AddTags(Vec<String>),
    RemoveTags(Vec<String>),
}

/// True for `field=value`; a comparison such as `priority>=high` is a part of a query.
pub fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = unmarked(word).split_once('=') else { return false };
    let name = name.strip_suffix(['+', '-']).unwrap_or(name);
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Reads an assignment for a kind.
pub(super) async fn assignment(office: &Office, registry: &Registry, kind: &Kind, word: &str) -> Result<Given> {
    let word = unmarked(word);
    let (name, text) = word.split_once('=').ok_or_else(|| Usage(format!("“{word}” is no field=value")))?;
    let (name, sign) = match (name.strip_suffix('+'), name.strip_suffix('-')) {
        (Some(name), _) => (name, '+'),
        (_, Some(name)) => (name, '-'),
        _ => (name, '='),
    };
    let field = kind.find_field(name).ok_or_else(|| {
        let names: Vec<&str> = kind.fields.iter().filter(|f| !f.readonly).map(|f| f.name.as_str()).collect();
        Usage(format!("{} has no field “{name}”; it has {}", kind.one.en.to_lowercase(), names.join(", ")))
    })?;
    if sign != '=' {
        if !matches!(field.ty, FieldType::Tags) {
            return Err(Usage(format!("{name}{sign}= is for tags only")).into());
        }
        let tags = text.split([',', '，']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect();
        return Ok(if sign == '+' { Given::AddTags(tags) } else { Given::RemoveTags(tags) });
    }
    if let FieldType::Money { currency } = &field.ty {
        let style = Style { order: Some(Order::DayFirst), comma_is_decimal: false, zone: office.cx.viewer.zone };
        let parsed = values::parse(kind, field, text, style).map_err(|why| Usage(format!("{}: {why}", field.name)))?;
        return Ok(match parsed.currency {
            Some(code) => Given::Priced(field.name.clone(), parsed.value, currency.clone(), code),
            None => Given::Set(field.name.clone(), parsed.value),
        });
    }
    let value = value(&office.desk, &office.cx, registry, kind, field, text).await?;
    Ok(Given::Set(field.name.clone(), value))
}

/// A typed value from text: dates also in words, references by code, name, login or `me`; blank and `none` are none.
async fn value(desk: &Desk, cx: &Cx, registry: &Registry, kind: &Kind, field: &Field, text: &str) -> Result<Value> {
    let trimmed = text.trim();
    if trimmed.is_empty() || (trimmed == "none" && !matches!(field.ty, FieldType::Text | FieldType::LongText)) {
        return Ok(Value::Null);
    }
    let viewer = &cx.viewer;
    let (now, zone): (_, Tz) = (viewer.now, viewer.zone);
    match field.ty {
        FieldType::Day => {
            if let Ok(day) = when::day(trimmed, now, zone, field.lean()) {
                return Ok(Value::Day(day));
            }
        }
        FieldType::Instant => {
            if let Ok(at) = when::instant(trimmed, now, zone, field.lean()) {
                return Ok(Value::Instant(at));
            }
        }
        FieldType::Ref(target) => return reference(desk, cx, registry, target, trimmed).await,
        _ => {}
    }
    let style = Style { order: Some(Order::DayFirst), comma_is_decimal: false, zone };
    let parsed = values::parse(kind, field, text, style).map_err(|why| Usage(format!("{}: {why}", field.name)))?;
    Ok(parsed.value)
}

async fn reference(desk: &Desk, cx: &Cx, registry: &Registry, target: KindId, text: &str) -> Result<Value> {
    let me = &cx.viewer.me;
    if target == USER && text.eq_ignore_ascii_case("me") {
        return Ok(Value::Ref(Ref { id: me.id, label: me.name.clone() }));
    }
    let kind = registry.kind(target);
    if let Some(id) = code(registry, kind, text) {
        return Ok(Value::reference(id));
    }
    let one = kind.one.en.to_lowercase();
    if target == USER
        && let Some(found) = by_login(desk, cx, registry, text).await?
    {
        return Ok(Value::Ref(Ref { id: found.id, label: found.title(kind).to_owned() }));
    }
    let hits = desk.find(cx, text, &[target], 10).await?;
    let exact: Vec<_> = hits.iter().filter(|h| h.title.to_lowercase() == text.to_lowercase()).collect();
    let hit = match (exact.as_slice(), hits.as_slice()) {
        ([one], _) => *one,
        ([], [one]) => one,
        ([], []) => return Err(Usage(format!("no {one} is called “{text}”")).into()),
        _ => {
            let names: Vec<String> = hits
                .iter()
                .map(|h| format!("{} {} {}", kind.code(h.id), h.title, h.detail).trim().to_owned())
                .collect();
            return Err(Usage(format!("“{text}” could be {}; use the code", names.join("; "))).into());
        }
    };
    Ok(Value::Ref(Ref { id: hit.id, label: hit.title.clone() }))
}

/// The person with this login.
pub(super) async fn by_login(desk: &Desk, cx: &Cx, registry: &Registry, login: &str) -> Result<Option<Record>> {
    let Ok(query) = Query::parse(&format!("login:\"{login}\""), registry, USER) else { return Ok(None) };
    let page = desk.page(cx, USER, &query, &crate::desk::From::Start, 2).await?;
    let kind = registry.kind(USER);
    let same = |r: &Record| r.get(kind, "login").as_str().is_some_and(|found| found.eq_ignore_ascii_case(login));
    Ok(page.records.into_iter().find(same))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negated_words_are_no_options() {
        let args = |text: &str| -> Vec<String> {
            arguments(text.split(' ').map(Into::into)).into_iter().map(|a| a.into_string().expect("text")).collect()
        };
        let list = args("frontdesk ticket list -tag:vip --limit 5 -spam -5 -(a -h");
        assert_eq!(joined(&list), "frontdesk ticket list -tag:vip --limit 5 -spam -5 -(a -h");
        let marked: Vec<&str> = list.iter().filter(|a| a.starts_with(WORD)).map(|a| unmarked(a)).collect();
        assert_eq!(marked, ["-tag:vip", "-spam", "-(a"]);
        assert!(args("frontdesk db psql -tag:vip").iter().all(|a| !a.starts_with(WORD)));
    }

    #[test]
    fn assignments_and_comparisons() {
        for (word, wanted) in [
            ("priority=high", true),
            ("标签=a", true),
            ("tags+=vip", true),
            ("tags-=vip", true),
            ("priority>=high", false),
            ("priority:high", false),
            ("=x", false),
            ("a b=c", false),
        ] {
            assert_eq!(is_assignment(word), wanted, "{word}");
        }
    }
}

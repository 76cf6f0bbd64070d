//! What may stand at the cursor while a query is typed, and what each part of it is, for colour.

use std::ops::Range;

use super::fold::Folded;
use super::print::value_text;
use super::resolve::{GROUP, SORT, can_sort, find_field};
use super::syntax::{self, Raw};
use super::{Query, literal};
use crate::domain::field::{Field, FieldType, Lang};
use crate::domain::kind::{Kind, KindId, Registry, TEAM, USER};

/// What could replace the text around the cursor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completion {
    /// Bytes of the text to replace with an offer.
    pub replace: Range<usize>,
    /// Best first.
    pub offers: Vec<Offer>,
    /// Values that only the database knows; they go behind the offers, each as [`value_text`] writes it.
    pub ask: Option<Ask>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// What is put in, in canonical spelling: `status:`, `open`.
    pub text: String,
    /// What it is called in the viewer's language.
    pub label: String,
}

/// Values of a field that begin with what has been typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The kind at the end of the path.
    pub kind: KindId,
    pub field: String,
    pub prefix: String,
}

/// What a part of a query is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Word,
    Field,
    Operator,
    Value,
    /// Parentheses, `or`, `-`.
    Sign,
    Mistake,
}

/// What may stand at `cursor` (a byte of `text`, else the nearest before it).
pub fn complete(text: &str, cursor: usize, registry: &Registry, kind: KindId, lang: Lang) -> Completion {
    let mut cursor = cursor.min(text.len());
    while !text.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let folded = Folded::of(&text[..cursor]);
    let start = token_start(&folded.text);
    let token = &folded.text[start..];
    let mut completion = match split(token) {
        None => {
            let name = token.rsplit('.').next().unwrap_or_default();
            let place = folded.text.len() - name.len();
            let mut completion = Completion { replace: place..folded.text.len(), ..Completion::default() };
            let way: Vec<_> = token.split('.').collect();
            if let Some(kind) = follow(registry, kind, &way[..way.len() - 1]) {
                completion.offers = fields(kind, name, lang, way.len() == 1);
            }
            completion
        }
        Some((path, value)) => {
            let quote_less = value.strip_prefix('"').unwrap_or(value);
            let replace = folded.text.len() - value.len()..folded.text.len();
            let mut completion = values(registry, kind, path, quote_less, lang);
            completion.replace = replace;
            completion
        }
    };
    completion.replace = folded.original(&completion.replace);
    completion
}

/// The parts of a text in order; what cannot be read is one `Mistake`, and the rest is left out.
pub fn parts(text: &str, registry: &Registry, kind: KindId) -> Vec<(Range<usize>, Part)> {
    let folded = Folded::of(text);
    let raw = match syntax::read(&folded.text) {
        Ok(Some(raw)) => raw,
        Ok(None) => return Vec::new(),
        Err(mistake) => return vec![(folded.original(&mistake.span), Part::Mistake)],
    };
    let mut found = Vec::new();
    collect(&raw, &mut found);
    let mut whole = Vec::new();
    let mut at = 0;
    for (span, part) in found.into_iter().chain([(folded.text.len()..folded.text.len(), Part::Sign)]) {
        let gap = &folded.text[at..span.start];
        let inner = gap.trim();
        if !inner.is_empty() {
            let from = at + gap.len() - gap.trim_start().len();
            whole.push((folded.original(&(from..from + inner.len())), Part::Sign));
        }
        at = span.end;
        if !span.is_empty() {
            whole.push((folded.original(&span), part));
        }
    }
    if let Err(mistake) = Query::parse(text, registry, kind) {
        for (span, part) in &mut whole {
            if span.start < mistake.span.end && mistake.span.start < span.end {
                *part = Part::Mistake;
            }
        }
    }
    whole
}

fn collect(raw: &Raw, found: &mut Vec<(Range<usize>, Part)>) {
    match raw {
        Raw::And(inner) | Raw::Or(inner) => inner.iter().for_each(|raw| collect(raw, found)),
        Raw::Not(inner) => collect(inner, found),
        Raw::Word(word) => found.push((word.span.clone(), Part::Word)),
        Raw::Term(term) => {
            let values = term.items.first().map_or(term.span.end, |item| item.span().start);
            found.push((term.field_span.clone(), Part::Field));
            found.push((term.field_span.end..values, Part::Operator));
            found.push((values..term.span.end, Part::Value));
        }
    }
}

/// Where the word, term or value that the text ends in begins; a leading `-` does not belong to it.
fn token_start(text: &str) -> usize {
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            ' ' | '(' | ')' | '|' => start = at + 1,
            '-' if at == start => start = at + 1,
            _ => {}
        }
    }
    start
}

/// A token's field and the value that it ends in; `None` while it is a name or a word.
fn split(token: &str) -> Option<(&str, &str)> {
    let op = token.find([':', '<', '>', '=', '!', '"'])?;
    let path = &token[..op];
    if !path.starts_with(char::is_alphabetic) || token[op..].starts_with('"') {
        return None;
    }
    let mut value = token[op..].trim_start_matches([':', '<', '>', '=', '!']);
    let mut quoted = false;
    let mut from = 0;
    for (at, c) in value.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => from = at + 1,
            '.' if !quoted && value[..at].ends_with('.') => from = at + 1,
            _ => {}
        }
    }
    value = &value[from..];
    Some((path, value))
}

/// The kind that references lead to.
fn follow<'r>(registry: &'r Registry, kind: KindId, way: &[&str]) -> Option<&'r Kind> {
    way.iter().try_fold(registry.kind(kind), |kind, word| match find_field(kind, word)?.ty {
        FieldType::Ref(next) => Some(registry.kind(next)),
        _ => None,
    })
}

/// Fields that begin with what was typed, those of the default list first.
fn fields(kind: &Kind, typed: &str, lang: Lang, top: bool) -> Vec<Offer> {
    let typed = typed.to_lowercase();
    let mut found: Vec<&Field> = kind.fields.iter().filter(|field| begins(field, &typed)).collect();
    found.sort_by_key(|field| (!field.name.starts_with(&typed), field.column.unwrap_or(u8::MAX)));
    let mut offers: Vec<_> = found
        .into_iter()
        .map(|field| Offer { text: format!("{}:", field.name), label: field.label.get(lang).into() })
        .collect();
    if top {
        for names in [SORT, GROUP] {
            if names.iter().any(|name| name.starts_with(&typed)) {
                let label = if lang == Lang::Zh { names[1] } else { names[0] };
                offers.push(Offer { text: format!("{}:", names[0]), label: label.into() });
            }
        }
    }
    offers
}

fn begins(field: &Field, typed: &str) -> bool {
    field.name.starts_with(typed)
        || field.label.en.to_lowercase().starts_with(typed)
        || field.label.zh.to_lowercase().starts_with(typed)
        || field.aliases.iter().any(|alias| alias.starts_with(typed))
}

fn values(registry: &Registry, kind: KindId, path: &str, typed: &str, lang: Lang) -> Completion {
    let mut completion = Completion::default();
    let lower = typed.to_lowercase();
    if [SORT, GROUP].iter().any(|names| names.contains(&path.to_lowercase().as_str())) {
        let (minus, typed) = lower.strip_prefix('-').map_or(("", lower.as_str()), |rest| ("-", rest));
        let sortable = registry.kind(kind).fields.iter().filter(|field| can_sort(field) && begins(field, typed));
        completion.offers = sortable
            .map(|field| Offer { text: format!("{minus}{}", field.name), label: field.label.get(lang).into() })
            .collect();
        return completion;
    }
    let way: Vec<_> = path.split('.').collect();
    let (last, way) = way.split_last().expect("split gives one part at least");
    let Some(kind) = follow(registry, kind, way) else { return completion };
    let Some(field) = find_field(kind, last) else { return completion };
    let mut offer = |text: &str, label: &str| {
        if text.to_lowercase().starts_with(&lower) || label.to_lowercase().starts_with(&lower) {
            completion.offers.push(Offer { text: text.into(), label: label.into() });
        }
    };
    let said = |en: &'static str, zh: &'static str| if lang == Lang::Zh { zh } else { en };
    match &field.ty {
        FieldType::Choice(choices) => {
            for choice in choices {
                let label = if lower.is_ascii() { choice.label.get(lang) } else { &choice.label.zh };
                offer(&value_text(&choice.code), label);
            }
        }
        FieldType::Bool => {
            offer("yes", said("yes", "是"));
            offer("no", said("no", "否"));
        }
        FieldType::Day | FieldType::Instant => {
            for word in literal::date_words().chain(["-7d", "+7d"]) {
                offer(word, word);
            }
        }
        FieldType::Span => {
            for word in ["1h", "2h", "1d", "7d", "30d"] {
                offer(word, word);
            }
        }
        FieldType::Ref(target) => {
            if *target == USER {
                offer("me", said("me", "我"));
            }
            if *target == USER || *target == TEAM {
                offer("my-team", said("my team", "我的团队"));
            }
        }
        _ => {}
    }
    offer("none", said("none", "无"));
    offer("any", said("any", "有"));
    let asked = matches!(
        field.ty,
        FieldType::Text
            | FieldType::Email
            | FieldType::Phone
            | FieldType::Url
            | FieldType::Tags
            | FieldType::Int
            | FieldType::Ref(_)
    );
    if asked {
        completion.ask = Some(Ask { kind: kind.id, field: field.name.clone(), prefix: typed.into() });
    }
    completion
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{COMPANY, TICKET};

    fn offered(text: &str) -> (String, Vec<String>, Option<Ask>) {
        let cursor = text.find('▏').unwrap_or(text.len());
        let clean = text.replace('▏', "");
        let found = complete(&clean, cursor, &Registry::builtin(), TICKET, Lang::En);
        let texts = found.offers.into_iter().map(|offer| offer.text).collect();
        (clean[found.replace].to_owned(), texts, found.ask)
    }

    #[test]
    fn offers_at_the_cursor() {
        for (text, replaced, first) in [
            ("sta", "sta", "status:"),
            ("-(sta", "sta", "status:"),
            ("x 优先", "优先", "priority:"),
            ("sta▏ x", "sta", "status:"),
            ("status:op", "op", "open"),
            ("status:open,pe", "pe", "pending"),
            ("状态：打", "打", "open"),
            ("priority>=h", "h", "high"),
            ("created:last-", "last-", "last-week"),
            ("created:2026..to", "to", "today"),
            ("owner:m", "m", "me"),
            ("company.coun", "coun", "country:"),
            ("company.lifecycle:l", "l", "lead"),
            ("sort:-cre", "-cre", "-created"),
            ("gro", "gro", "group:"),
            ("contact.no_contact:y", "y", "yes"),
        ] {
            let (part, offers, _) = offered(text);
            assert_eq!((part.as_str(), offers.first().map(String::as_str)), (replaced, Some(first)), "{text}");
        }
        assert!(offered("").1.contains(&"subject:".into()));
        assert!(offered("\"quoted sta").1.is_empty());
    }

    #[test]
    fn asks_the_database_for_values() {
        let (part, _, ask) = offered("company.country:\"Ger");
        assert_eq!(part, "\"Ger");
        assert_eq!(ask, Some(Ask { kind: COMPANY, field: "country".into(), prefix: "Ger".into() }));
        assert_eq!(offered("status:o").2, None);
    }

    #[test]
    fn parts_cover_what_is_written() {
        let registry = Registry::builtin();
        let shown = |text: &str| -> Vec<(String, Part)> {
            parts(text, &registry, TICKET).into_iter().map(|(span, part)| (text[span].to_owned(), part)).collect()
        };
        let of = |list: &[(&str, Part)]| list.iter().map(|(t, p)| ((*t).to_owned(), *p)).collect::<Vec<_>>();
        assert_eq!(
            shown("-(状态：打开 or x)"),
            of(&[
                ("-(", Part::Sign),
                ("状态", Part::Field),
                ("：", Part::Operator),
                ("打开", Part::Value),
                ("or", Part::Sign),
                ("x", Part::Word),
                (")", Part::Sign),
            ])
        );
        assert_eq!(
            shown("status:opne"),
            of(&[("status", Part::Field), (":", Part::Operator), ("opne", Part::Mistake)])
        );
        assert_eq!(shown("a \"b"), of(&[("\"", Part::Mistake)]));
    }
}

//! Finding records by words, for pickers and the palette; likely duplicates; values for completion.

use chrono::Datelike;

use super::rights;
use super::{Cx, Desk, Elsewhere, Error, Hit, Result, Twin, failed, say};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{
    ACTIVITY, COMPANY, CONTACT, DEAL, Kind, KindId, MESSAGE, PRODUCT, Registry, STAGE, TEAM, TICKET, USER,
};
use crate::domain::query::{Filter, Query, Word};
use crate::domain::record::Record;
use crate::domain::right::{Scope, Verb};
use crate::domain::search::{is_han, sound};
use crate::domain::value::Value;
use crate::store::compile::Start;
use crate::store::{elsewhere, list, values};

const LIMIT_MAX: u32 = 100;
/// Values offered for completion.
const VALUES: i64 = 50;
/// Digits from which on a number is one customer's.
const SURE_DIGITS: usize = 7;
/// Records looked at for each way in which one may be a duplicate.
const LOOKED_AT: u32 = 50;

impl Desk {
    /// Records whose words fit what was typed, best first, for pickers and the palette; `kinds` empty means all but
    /// messages.
    pub async fn find(&self, cx: &Cx, text: &str, kinds: &[KindId], limit: u32) -> Result<Vec<Hit>> {
        let registry = self.registry_for(cx);
        let limit = limit.clamp(1, LIMIT_MAX);
        let words: Vec<&str> = text.split_whitespace().collect();
        let query = Query { filter: Filter::all(words.iter().map(|w| word(w, false)).collect()), ..Query::default() };
        let mut tx = self.read_tx(cx).await?;
        let mut hits: Vec<((u8, usize), Hit)> = Vec::new();
        for kind in registry.kinds() {
            let asked = if kinds.is_empty() { kind.id != MESSAGE } else { kinds.contains(&kind.id) };
            if !asked || cx.viewer.me.sees(kind.id) == Scope::None {
                continue;
            }
            let found = list::page(&mut tx, &registry, kind.id, &query, &cx.viewer, Start::First, limit)
                .await
                .map_err(|e| failed(cx.viewer.lang, e))?;
            for record in found {
                let rank = rank(kind, &record, text);
                let place = hits.len();
                hits.push(((rank, place), hit(cx, &registry, kind, &record)));
            }
        }
        hits.sort_by_key(|(rank, _)| *rank);
        Ok(hits.into_iter().take(limit as usize).map(|(_, hit)| hit).collect())
    }

    /// Likely duplicates of a record that is being entered.
    pub async fn twins(&self, cx: &Cx, record: &Record) -> Result<Vec<Twin>> {
        let registry = self.registry_for(cx);
        let kind = registry.kind(record.kind);
        if ![CONTACT, COMPANY, PRODUCT].contains(&kind.id) {
            return Ok(Vec::new());
        }
        let mut tx = self.read_tx(cx).await?;
        let mut twins: Vec<Twin> = Vec::new();
        // The surest sign first: a record already named is not named again.
        for ty in [FieldType::Email, FieldType::Phone, FieldType::Url, FieldType::Text] {
            for (field, value) in kind.fields.iter().zip(&record.values) {
                let Some(text) = value.as_str().filter(|_| field.ty == ty) else { continue };
                if ty == FieldType::Text && field.name != kind.title {
                    continue;
                }
                let key = folded(field, text);
                if key.chars().count() < if ty == FieldType::Phone { 5 } else { 2 } {
                    continue;
                }
                let words = if ty == FieldType::Phone || ty == FieldType::Url {
                    vec![word(&key, false)]
                } else {
                    text.split_whitespace().map(|w| word(w, true)).collect()
                };
                let query = Query { filter: Filter::all(words), ..Query::default() };
                let found = list::page(&mut tx, &registry, kind.id, &query, &cx.viewer, Start::First, LOOKED_AT)
                    .await
                    .map_err(|e| failed(cx.viewer.lang, e))?;
                for other in found {
                    let is_same = other.id != record.id
                        && kind.fields.iter().zip(&other.values).any(|(f, v)| {
                            let comparable = f.ty == ty && (ty != FieldType::Text || f.name == field.name);
                            comparable && v.as_str().is_some_and(|v| folded(f, v) == key)
                        });
                    if is_same && !twins.iter().any(|t| t.hit.id == other.id) {
                        twins.push(Twin { hit: hit(cx, &registry, kind, &other), same: field.name.clone() });
                    }
                }
            }
        }
        Ok(twins)
    }

    /// Whether a record that is being entered is there already where the person may not look: by a mail, a number or a host
    /// that is the very same. Nothing is told of it but which team to ask. Asking too often finds nothing.
    pub async fn elsewhere(&self, cx: &Cx, record: &Record) -> Result<Vec<Elsewhere>> {
        let registry = self.registry_for(cx);
        let kind = registry.kind(record.kind);
        let reach = &cx.viewer.me.rights;
        if reach.reach(kind.id, Verb::Read) == Scope::All || reach.reach(kind.id, Verb::Create) == Scope::None {
            return Ok(Vec::new());
        }
        let mut keys = elsewhere::Keys::default();
        for (field, value) in kind.fields.iter().zip(&record.values).filter(|(field, _)| !field.custom) {
            let Some(text) = value.as_str() else { continue };
            let key = folded(field, text);
            match field.ty {
                FieldType::Email if key.contains('@') => keys.mails.push(key),
                FieldType::Phone if key.len() >= SURE_DIGITS => keys.phones.push(key),
                FieldType::Url if key.contains('.') => keys.hosts.push(key),
                _ => {}
            }
        }
        if keys.mails.is_empty() && keys.phones.is_empty() && keys.hosts.is_empty() {
            return Ok(Vec::new());
        }
        let lost = |e| failed(cx.viewer.lang, e);
        let mut tx = self.quiet_tx(cx).await?;
        let found = elsewhere::known(&mut tx, kind.id.0, &keys).await.map_err(lost)?;
        tx.commit().await.map_err(lost)?;
        let mut known: Vec<Elsewhere> = Vec::new();
        for (same, team) in found {
            let one = Elsewhere { same, team };
            if !known.iter().any(|had| had.team == one.team) {
                known.push(one);
            }
        }
        Ok(known)
    }

    /// Values that a field has, most frequent first, that begin with `prefix`: for completion.
    pub async fn values(&self, cx: &Cx, kind: KindId, field: &str, prefix: &str) -> Result<Vec<String>> {
        let lang = cx.viewer.lang;
        let registry = self.registry_for(cx);
        let kind = registry.kind(kind);
        rights::may(&cx.viewer, kind, Verb::Read)?;
        let field = kind.find_field(field).ok_or_else(|| Error::Invalid {
            field: field.into(),
            reason: say(
                lang,
                format!("{} have no field “{field}”.", kind.many.en),
                format!("{}没有字段“{field}”。", kind.many.zh),
            ),
        })?;
        match &field.ty {
            FieldType::Choice(choices) => {
                let prefix = prefix.to_lowercase();
                let fits = |word: &str| word.to_lowercase().starts_with(&prefix);
                Ok(choices
                    .iter()
                    .filter(|c| fits(&c.code) || fits(&c.label.en) || fits(&c.label.zh))
                    .map(|c| c.code.clone())
                    .collect())
            }
            FieldType::Ref(to) if !prefix.trim().is_empty() => {
                let hits = self.find(cx, prefix, &[*to], 20).await?;
                Ok(hits.into_iter().map(|hit| hit.title).collect())
            }
            FieldType::Ref(to) => {
                let mut tx = self.read_tx(cx).await?;
                let page = list::page(&mut tx, &registry, *to, &Query::default(), &cx.viewer, Start::First, 20).await;
                let to = registry.kind(*to);
                Ok(page.map_err(|e| failed(lang, e))?.iter().map(|r| r.title(to).to_owned()).collect())
            }
            FieldType::Text | FieldType::Email | FieldType::Phone | FieldType::Url | FieldType::Tags => {
                let mut tx = self.read_tx(cx).await?;
                values::values(&mut tx, kind, field, &cx.viewer, prefix, VALUES).await.map_err(|e| failed(lang, e))
            }
            _ => Ok(Vec::new()),
        }
    }
}

fn word(text: &str, quoted: bool) -> Filter {
    Filter::Word(Word { text: text.to_owned(), quoted })
}

/// What makes two values the same to a person: letter case, blanks and the way a number is written do not count.
fn folded(field: &Field, text: &str) -> String {
    match field.ty {
        FieldType::Phone => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            digits.trim_start_matches('0').to_owned()
        }
        // The host alone; the same as the database's `web_host`.
        FieldType::Url => {
            let url = text.trim().to_lowercase();
            let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            let host = host.split(['/', ':']).next().unwrap_or_default();
            host.strip_prefix("www.").unwrap_or(host).to_owned()
        }
        _ => text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// 0 is best: the very title, a Chinese one by its usual pinyin or initials, a title's beginning, a word's beginning,
/// anything else, such as a rare reading.
fn rank(kind: &Kind, record: &Record, text: &str) -> u8 {
    let text = text.trim().to_lowercase();
    let title = record.title(kind).to_lowercase();
    let sounds = sounds(&title);
    if title == text || kind.code(record.id).to_lowercase() == text {
        0
    } else if sounds.contains(&text) {
        1
    } else if title.starts_with(&text) || sounds.iter().any(|sound| sound.starts_with(&text)) {
        2
    } else if title.split(|c: char| !c.is_alphanumeric()).any(|word| !word.is_empty() && word.starts_with(&text)) {
        3
    } else {
        4
    }
}

/// The usual pinyin of a title with Han characters, whole and by initials; none of any other.
fn sounds(title: &str) -> Vec<String> {
    if !title.chars().any(is_han) {
        return Vec::new();
    }
    let syllables: Vec<String> = title.chars().map(|c| sound(c).unwrap_or_else(|| c.to_string())).collect();
    let initials = syllables.iter().filter_map(|syllable| syllable.chars().next()).collect();
    vec![syllables.concat(), initials]
}

/// Says of a colleague that they are away, as far as the person's own day tells.
fn away(cx: &Cx, kind: &Kind, record: &Record) -> Option<String> {
    let day = |name: &str| if let Value::Day(day) = record.get(kind, name) { Some(*day) } else { None };
    let (today, until) = (cx.viewer.now.with_timezone(&cx.viewer.zone).date_naive(), day("away_until")?);
    if until < today || day("away_from").is_some_and(|from| from > today) {
        return None;
    }
    let until = super::away::spoken(until, today.year(), cx.viewer.lang);
    Some(say(cx.viewer.lang, format!("away until {until}"), format!("外出至{until}")))
}

fn hit(cx: &Cx, registry: &Registry, kind: &Kind, record: &Record) -> Hit {
    let told: &[&str] = match kind.id {
        CONTACT => &["company", "email"],
        COMPANY => &["industry", "city", "country"],
        DEAL => &["stage", "company"],
        TICKET => &["status", "contact"],
        PRODUCT => &["sku", "series"],
        USER => &["login", "team"],
        STAGE => &["pipeline"],
        TEAM => &["parent"],
        ACTIVITY => &["type", "company", "contact"],
        _ => &[],
    };
    let away = if kind.id == USER { away(cx, kind, record) } else { None };
    let detail: Vec<&str> = away
        .iter()
        .map(String::as_str)
        .chain(told.iter().filter_map(|name| {
            let field = kind.field(name)?;
            match record.get(kind, name) {
                Value::Ref(reference) => Some(reference.label.as_str()),
                Value::Choice(code) => {
                    field.choices().iter().find(|c| c.code == *code).map(|c| c.label.get(cx.viewer.lang))
                }
                value => value.as_str(),
            }
        }))
        .filter(|text| !text.is_empty())
        .collect();
    let title = record.title(kind);
    let title = if title.is_empty() { registry.kind(kind.id).code(record.id) } else { title.to_owned() };
    Hit { kind: kind.id, id: record.id, title, detail: detail.join(" · ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_very_title_ranks_before_its_beginning_and_words_inside() {
        let registry = Registry::builtin();
        let kind = registry.kind(COMPANY);
        let ranked = |title: &str| {
            let mut record = Record::empty(kind);
            record.id = 7;
            record.set(kind, "name", Value::Text(title.into()));
            rank(kind, &record, "Acme")
        };
        assert_eq!([ranked("ACME"), ranked("Acme Ltd"), ranked("The Acme"), ranked("Elsewhere")], [0, 2, 3, 4]);
    }

    #[test]
    fn a_name_by_its_usual_reading_goes_before_one_by_a_rare_reading() {
        let registry = Registry::builtin();
        let kind = registry.kind(CONTACT);
        let ranked = |name: &str, typed: &str| {
            let mut record = Record::empty(kind);
            record.set(kind, "name", Value::Text(name.into()));
            rank(kind, &record, typed)
        };
        // 王 is read yù as well, and then nobody means it.
        for typed in ["yuchenxi", "ycx"] {
            assert!(ranked("于晨曦", typed) < ranked("王晨曦", typed), "{typed}");
        }
        assert!(ranked("王伟", "wangwei") < ranked("王伟明", "wangwei"));
        assert!(ranked("王伟明", "wangw") < ranked("李王伟", "wangw"));
    }

    #[test]
    fn numbers_written_differently_are_the_same() {
        let registry = Registry::builtin();
        let phone = registry.kind(CONTACT).field("phone").expect("field");
        assert_eq!(folded(phone, "030 / 123-456"), folded(phone, "(30) 123456"));
        assert_ne!(folded(phone, "030 / 123-456"), folded(phone, "030 / 123-457"));
        let site = registry.kind(COMPANY).field("website").expect("field");
        for url in ["acme.example", "https://www.Acme.example/en?x", " http://acme.example:8080/", "www.acme.example"] {
            assert_eq!(folded(site, url), "acme.example", "{url}");
        }
    }
}

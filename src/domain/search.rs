//! Words of a text as search finds them, and what a typed word looks for. The same rules are in SQL (`search_words`),
//! where every record's words are kept; a property test holds the two equal.

use std::collections::BTreeSet;

use pinyin::ToPinyinMulti;
use unicode_normalization::UnicodeNormalization;

use super::field::{Field, FieldType};
use super::kind::Kind;
use super::record::Record;
use super::value::Value;

/// Characters of a long text that are searched.
pub const LONG_TEXT: usize = 20_000;

/// Bytes of a word that are kept.
const LONGEST: usize = 60;

/// Runs of Han characters that are names, and so are found by pinyin.
const NAME_LENGTHS: std::ops::RangeInclusive<usize> = 2..=8;

/// NFKC, lower case, without apostrophes, everything but letters and digits turned into single blanks.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkc().map(lower).filter(|c| !matches!(c, '\'' | '’')) {
        if is_letter(c) {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Letters and digits, but not the numbers in circles that have no plain form: the C library's idea.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{363}'..='\u{36f}' | '\u{2460}'..='\u{2793}' | '\u{3248}'..='\u{324f}')
}

/// One character for one, as the database does it; `str::to_lowercase` knows Greek word ends and a Turkish İ of two.
fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// Lower case, character by character.
pub fn lower_case(text: &str) -> String {
    text.chars().map(lower).collect()
}

/// A full-width form of ASCII, as Chinese input methods type it, is the character that it looks like.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// Chinese characters, as far as search treats them by characters and pairs.
pub fn is_han(c: char) -> bool {
    matches!(c, '〇' | '㐀'..='䶿' | '一'..='鿿' | '豈'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// A word's parts: Han and other letters alternate.
fn pieces(word: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut was = None;
    for (at, c) in word.char_indices() {
        let han = is_han(c);
        if was.is_some_and(|was| was != han) {
            pieces.push(&word[start..at]);
            start = at;
        }
        was = Some(han);
    }
    if start < word.len() {
        pieces.push(&word[start..]);
    }
    pieces
}

fn is_han_run(piece: &str) -> bool {
    piece.starts_with(is_han)
}

/// `muller` for `müller`.
pub fn without_accents(text: &str) -> String {
    text.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')).nfc().collect()
}

/// At most 60 bytes, whole characters.
fn cut(word: &str) -> &str {
    let mut end = word.len().min(LONGEST);
    while !word.is_char_boundary(end) {
        end -= 1;
    }
    &word[..end]
}

fn pairs(run: &str) -> impl Iterator<Item = String> {
    let chars: Vec<char> = run.chars().collect();
    (1..chars.len()).map(move |i| chars[i - 1..=i].iter().collect())
}

/// All words of a text; Chinese in `names`, which is part of it, also as it may be typed in pinyin.
pub fn lexemes(doc: &str, names: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let flat = plain(doc);
    for piece in flat.split(' ').flat_map(pieces) {
        if is_han_run(piece) {
            found.extend(piece.chars().map(String::from));
            found.extend(pairs(piece));
        } else {
            found.insert(cut(piece).to_owned());
            found.insert(cut(&without_accents(piece)).to_owned());
        }
    }
    for run in plain(names).split(' ').flat_map(pieces).filter(|p| is_han_run(p)) {
        found.extend(typed(run));
    }
    found.remove("");
    found
}

/// How a name of 2 to 8 Han characters may be typed: whole syllables (`wangwei`) and initials (`ww`), for all readings
/// of the first two characters; of up to 4 characters, which begin with one for the family or, of four, with two, also
/// the given name alone (`wei`, `xiaoming`, `xm`).
fn typed(run: &str) -> Vec<String> {
    let chars: Vec<char> = run.chars().collect();
    if !NAME_LENGTHS.contains(&chars.len()) {
        return Vec::new();
    }
    let Some(all) = chars.iter().map(|c| readings(*c)).collect::<Option<Vec<_>>>() else { return Vec::new() };
    let initial = |reading: &String| reading.chars().next().map(String::from).unwrap_or_default();
    let tail: String = all[2..].iter().map(|r| r[0].as_str()).collect();
    let tail_initials: String = all[2..].iter().map(|r| initial(&r[0])).collect();
    let mut forms = Vec::new();
    for first in &all[0] {
        for second in &all[1] {
            forms.push(format!("{first}{second}{tail}"));
            forms.push(format!("{}{}{tail_initials}", initial(first), initial(second)));
        }
    }
    if let 2..=4 = chars.len() {
        let given = if chars.len() == 4 { 2 } else { 1 };
        let rest: String = all[given + 1..].iter().map(|r| r[0].as_str()).collect();
        let rest_initials: String = all[given + 1..].iter().map(|r| initial(&r[0])).collect();
        for first in &all[given] {
            forms.push(format!("{first}{rest}"));
            if !rest.is_empty() {
                forms.push(format!("{}{rest_initials}", initial(first)));
            }
        }
    }
    forms
}

/// The readings of a Han character without tones, each once, the most usual first; `ü` as it is typed, `v`.
pub fn readings(c: char) -> Option<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for sound in c.to_pinyin_multi()? {
        let plain = sound.plain().replace('ü', "v");
        if !found.contains(&plain) {
            found.push(plain);
        }
    }
    Some(found)
}

/// The most usual of them.
pub fn sound(c: char) -> Option<String> {
    readings(c)?.into_iter().next()
}

/// Whether a field's words are searched.
pub fn is_searched(kind: &Kind, field: &Field) -> bool {
    field.name == kind.title
        || matches!(
            field.ty,
            FieldType::Text
                | FieldType::LongText
                | FieldType::Email
                | FieldType::Phone
                | FieldType::Url
                | FieldType::Tags
        )
}

/// Whether any part of a field is searched (`ident`).
pub fn is_ident(field: &Field) -> bool {
    matches!(field.ty, FieldType::Email | FieldType::Phone | FieldType::Url)
        || matches!(field.name.as_str(), "external_id" | "sku")
}

/// The first 20,000 characters of a long text, all of another.
pub fn searched_part<'t>(field: &Field, text: &'t str) -> &'t str {
    match field.ty {
        FieldType::LongText => text.char_indices().nth(LONG_TEXT).map_or(text, |(end, _)| &text[..end]),
        _ => text,
    }
}

/// A record's searched texts, joined by blanks.
pub fn document(kind: &Kind, record: &Record) -> String {
    let mut doc = String::new();
    for (field, value) in kind.fields.iter().zip(&record.values).filter(|(f, _)| is_searched(kind, f)) {
        let parts: Vec<&str> = match value {
            Value::Text(text) => vec![searched_part(field, text)],
            Value::Tags(tags) => tags.iter().map(String::as_str).collect(),
            _ => continue,
        };
        for part in parts {
            doc.push_str(part);
            doc.push(' ');
        }
    }
    doc
}

/// All words of a record.
pub fn record_lexemes(kind: &Kind, record: &Record) -> BTreeSet<String> {
    let names: Vec<_> = [kind.title, "family_name", "given_name"]
        .iter()
        .filter_map(|name| match record.get(kind, name) {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    lexemes(&document(kind, record), &names.join(" "))
}

/// Mails, addresses, outside numbers and phones' digits of a record in lower case, joined by blanks.
pub fn record_ident(kind: &Kind, record: &Record) -> String {
    let mut parts = Vec::new();
    for (field, value) in kind.fields.iter().zip(&record.values).filter(|(f, _)| is_ident(f)) {
        if let Value::Text(text) = value {
            let part = if field.ty == FieldType::Phone { digits(text) } else { lower_case(text) };
            if field.ty != FieldType::Phone || !part.is_empty() {
                parts.push(part);
            }
        }
    }
    parts.join(" ")
}

/// The ASCII digits of a text.
pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// What a typed word looks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needle {
    /// Words that must all be there; the last may go on when `prefix`.
    pub tokens: Vec<String>,
    pub prefix: bool,
    /// Chinese of three and more characters, which its pairs alone do not prove.
    pub runs: Vec<String>,
    /// Part of a mail, an address or a number, looked for in `ident`.
    pub part: Option<String>,
    /// A bare number, or the one of a code; whose code is for the caller to ask.
    pub number: Option<i64>,
}

impl Needle {
    /// `prefix` for the last word of a query, which may still be growing.
    pub fn of(word: &str, prefix: bool) -> Self {
        let mut needle = Self { part: part(word), ..Self::default() };
        if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) {
            needle.number = word.parse().ok();
        }
        let flat = plain(word);
        let mut last_is_han = true;
        for piece in flat.split(' ').flat_map(pieces) {
            last_is_han = is_han_run(piece);
            if !last_is_han {
                needle.tokens.push(cut(piece).to_owned());
            } else if piece.chars().nth(1).is_none() {
                needle.tokens.push(piece.to_owned());
            } else {
                needle.tokens.extend(pairs(piece));
                if piece.chars().nth(2).is_some() {
                    needle.runs.push(piece.to_owned());
                }
            }
        }
        needle.prefix = prefix && !last_is_han;
        needle
    }

    /// True when nothing of the word can be looked for; it then leaves nothing out.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.part.is_none() && self.number.is_none()
    }

    /// The text query for Postgres, lexemes only: `'acme' & 'gm':*`. Empty without tokens.
    pub fn tsquery(&self) -> String {
        let last = self.tokens.len().saturating_sub(1);
        let quoted: Vec<_> = self
            .tokens
            .iter()
            .enumerate()
            .map(|(i, token)| {
                let open = if self.prefix && i == last { ":*" } else { "" };
                format!("'{}'{open}", token.replace('\\', "\\\\").replace('\'', "''"))
            })
            .collect();
        quoted.join(" & ")
    }

    /// True when all tokens are among the words and the Chinese runs stand in the text.
    pub fn is_in(&self, words: &BTreeSet<String>, doc: &str) -> bool {
        let last = self.tokens.len().saturating_sub(1);
        let has = |(i, token): (usize, &String)| {
            if self.prefix && i == last {
                words.range(token.clone()..).next().is_some_and(|word| word.starts_with(token.as_str()))
            } else {
                words.contains(token)
            }
        };
        !self.tokens.is_empty() && self.tokens.iter().enumerate().all(has) && {
            self.runs.is_empty() || {
                let doc = plain(doc);
                self.runs.iter().all(|run| doc.contains(run))
            }
        }
    }
}

/// What of a word is looked for inside mails, addresses and numbers; `None` for an ordinary word.
fn part(word: &str) -> Option<String> {
    let digits = digits(word);
    if digits.len() >= 3 && word.chars().all(|c| c.is_ascii_digit() || "+-()./ ".contains(c)) {
        return Some(digits);
    }
    let chars: Vec<char> = word.chars().collect();
    let dotted = chars.windows(3).any(|w| w[1] == '.' && w[0].is_alphabetic() && w[2].is_alphabetic());
    (dotted || chars.contains(&'@')).then(|| lower_case(word))
}

/// True when the plain words of `text` hold those of `words` in this order, as whole words; with `prefix` the last may
/// go on. Next to Chinese no gap is needed: `上海` is in `上海市`, `acme` in `acme中国`.
pub fn holds_words(text: &str, words: &str, prefix: bool) -> bool {
    let (text, words) = (plain(text), plain(words));
    let (Some(first), Some(last)) = (words.chars().next(), words.chars().next_back()) else { return false };
    let open = |c: Option<char>| c.is_none_or(|c| c == ' ' || is_han(c));
    // Every place, overlapping ones too: the first need not stand between gaps.
    text.char_indices().filter(|(at, _)| text[*at..].starts_with(&words)).any(|(at, _)| {
        (is_han(first) || open(text[..at].chars().next_back()))
            && (prefix || is_han(last) || open(text[at + words.len()..].chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_text() {
        let words = |doc, names| lexemes(doc, names).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(words("O'Neil & Müller-Lüdenscheid", ""), "ludenscheid lüdenscheid muller müller oneil");
        assert_eq!(words("王伟", "王伟"), "wangwei wei ww yuwei yw 伟 王 王伟");
        assert_eq!(words("上海Acme中国", ""), "acme 上 上海 中 中国 国 海");
        assert_eq!(words("吕布", "吕布"), "bu lb lvbu 吕 吕布 布");
        assert_eq!(words("ＡＢＣ①", ""), "abc1");
        assert_eq!(words("", ""), "");
        assert_eq!(words(&"é".repeat(40), "").len(), 60 + 1 + 40);
        assert!(lexemes("单雄信", "单雄信").contains("shanxiongxin"));
    }

    #[test]
    fn what_a_word_looks_for() {
        let needle = Needle::of("王小明", true);
        assert_eq!(needle.tsquery(), "'王小' & '小明'");
        assert_eq!(needle.runs, ["王小明"]);
        assert_eq!(Needle::of("Acme gm", true).tsquery(), "'acme' & 'gm':*");
        assert_eq!(Needle::of("o'neil", false).tsquery(), "'oneil'");
        assert_eq!(Needle::of("ana@Acme.com", false).part.as_deref(), Some("ana@acme.com"));
        assert_eq!(Needle::of("acme.com", false).part.as_deref(), Some("acme.com"));
        assert_eq!(Needle::of("(0171) 23-4", false).part.as_deref(), Some("0171234"));
        assert_eq!(Needle::of("12", false).part, None);
        assert_eq!(Needle::of("1042", true).number, Some(1042));
        assert_eq!(Needle::of("a.1", false).part, None);
        assert!(Needle::of("&", true).is_empty());
    }

    #[test]
    fn whole_words_in_a_text() {
        for (text, words, prefix, held) in [
            ("Acme GmbH", "acme", false, true),
            ("Acme GmbH", "acm", false, false),
            ("Acme GmbH", "acm", true, true),
            ("Acme, GmbH", "acme gmbh", false, true),
            ("New-Acme", "acme", false, true),
            ("Newacme", "acme", true, false),
            ("上海市", "上海", false, true),
            ("Acme中国", "acme", false, true),
            ("中国Acme", "acme", false, true),
            ("O'Neil", "oneil", false, true),
            ("abc", "&", false, false),
            ("Denmark", "DE", false, false),
            ("xa b a b a", "a b a", false, true),
        ] {
            assert_eq!(holds_words(text, words, prefix), held, "{text} {words}");
        }
    }
}

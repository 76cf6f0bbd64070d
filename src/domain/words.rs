//! A record's words as the database keeps them (columns `search` and `ident`), made ahead of it for many records at once.
//! Only where both surely make the same; the rest is the database's, whose idea of letters is its C library's.

use super::field::{Field, FieldType};
use super::kind::Kind;
use super::search::{digits, is_ident, is_searched, lexemes};
use super::value::Value;

/// Bytes of a text from which on the database makes the words: of long ones it takes a part only.
const LONG: usize = 16_000;

/// Bytes of a word that are kept.
const LONGEST: usize = 60;

/// What the columns hold, as Postgres reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// A `tsvector`: words with blanks between.
    pub search: String,
    pub ident: Option<String>,
}

/// The words of a record of which these fields are filled, in the kind's order. `None` when they are the database's to
/// make.
pub fn kept<'v>(kind: &Kind, fields: impl Iterator<Item = (&'v Field, &'v Value)>) -> Option<Kept> {
    let (mut doc, mut names, mut ident) = (String::new(), String::new(), String::new());
    for (field, value) in fields {
        match value {
            Value::Text(text) => {
                if text.len() > LONG || !text.chars().all(is_settled) {
                    return None;
                }
                if is_searched(kind, field) {
                    push(&mut doc, text);
                }
                if is_name(kind, field) {
                    push(&mut names, text);
                }
                if is_ident(field) {
                    push_ident(&mut ident, field, text)?;
                }
            }
            Value::Tags(tags) if is_searched(kind, field) => {
                for tag in tags {
                    if tag.len() > LONG || !tag.chars().all(is_settled) {
                        return None;
                    }
                    push(&mut doc, tag);
                }
            }
            _ => {}
        }
    }
    let search = if doc.is_ascii() {
        ascii_words(&doc)
    } else {
        let found: Vec<String> = lexemes(&doc, &names).into_iter().collect();
        found.join(" ")
    };
    Some(Kept { search, ident: (!ident.is_empty()).then_some(ident) })
}

fn push(to: &mut String, text: &str) {
    if !to.is_empty() {
        to.push(' ');
    }
    to.push_str(text);
}

fn is_name(kind: &Kind, field: &Field) -> bool {
    field.name == kind.title || matches!(field.name.as_str(), "family_name" | "given_name")
}

/// `None` when lower case is a matter of the database's language.
fn push_ident(ident: &mut String, field: &Field, text: &str) -> Option<()> {
    if field.ty == FieldType::Phone {
        let digits = digits(text);
        if !digits.is_empty() {
            push(ident, &digits);
        }
    } else if text.is_ascii() {
        push(ident, &text.to_ascii_lowercase());
    } else {
        return None;
    }
    Some(())
}

/// Words of plain text as they come, doubles among them, which a `tsvector` drops by itself.
fn ascii_words(doc: &str) -> String {
    let mut words = String::with_capacity(doc.len());
    let mut length = 0;
    for byte in doc.bytes().filter(|b| *b != b'\'') {
        if byte.is_ascii_alphanumeric() {
            if length < LONGEST {
                words.push(char::from(byte.to_ascii_lowercase()));
            }
            length += 1;
        } else if length > 0 {
            words.push(' ');
            length = 0;
        }
    }
    words
}

/// Characters that every C library and every Unicode of the last decade takes alike: plain text, Western and Russian
/// letters, the usual Han characters, and the punctuation that goes with them.
fn is_settled(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | ' '..='~'
        | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='į' | 'ĳ'..='ň' | 'Ŋ'..='ž'
        | 'А'..='я' | 'Ё' | 'ё'
        | '–' | '—' | '‘' | '’' | '“' | '”' | '…' | '€'
        | '、' | '。' | '《' | '》' | '「' | '」' | '【' | '】'
        | '一'..='龥'
        | '！'..='～')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{CONTACT, Registry};

    fn of(fields: &[(&str, &str)]) -> Option<Kept> {
        let registry = Registry::builtin();
        let kind = registry.kind(CONTACT);
        let mut values = vec![Value::Null; kind.fields.len()];
        for (field, text) in fields {
            values[kind.index(field).expect("the field is the kind's")] = Value::Text((*text).into());
        }
        kept(kind, kind.fields.iter().zip(&values))
    }

    #[test]
    fn plain_and_chinese_words_and_what_is_left_to_the_database() {
        let plain = of(&[("name", "O'Neil, Pat"), ("email", "Pat@X.example"), ("phone", "+1 (2) 3"), ("note", "--")]);
        let wanted = Kept { search: "oneil pat pat x example 1 2 3 ".into(), ident: Some("pat@x.example 123".into()) };
        assert_eq!(plain, Some(wanted));
        let chinese = of(&[("name", "王伟")]).expect("the usual characters");
        assert!(chinese.search.split(' ').any(|word| word == "wangwei"), "{chinese:?}");
        let long = of(&[("name", &"x".repeat(70))]).expect("plain");
        assert_eq!(long.search.len(), LONGEST);
        for text in ["İstanbul", "ﬁ", "ᚠ", "a\u{301}", "김", &"x ".repeat(LONG)] {
            assert_eq!(of(&[("name", text)]), None, "{}", text.chars().take(5).collect::<String>());
        }
        assert_eq!(of(&[("name", "Ann"), ("email", "é@x.example")]), None);
    }
}

//! The canonical text of a query: parsing it gives the same tree.

use std::fmt::Write;

use super::fold::Folded;

use super::syntax::{self, Item, Raw};
use super::values::{is_keyword, means_more};
use super::{Filter, Op, Operand, Query, Term, Test, Word, literal};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{KindId, Registry};

pub(super) fn print(query: &Query, registry: &Registry, kind: KindId) -> String {
    let mut printer = Printer { registry, kind, out: String::new(), glue: true };
    printer.filter(&query.filter, Place::Top);
    if !query.sort.is_empty() {
        let keys: Vec<_> =
            query.sort.iter().map(|s| format!("{}{}", if s.descending { "-" } else { "" }, s.field)).collect();
        printer.word(&format!("sort:{}", keys.join(",")));
    }
    if let Some(group) = &query.group {
        printer.word(&format!("group:{group}"));
    }
    printer.out
}

struct Printer<'a> {
    registry: &'a Registry,
    kind: KindId,
    out: String,
    /// The next word follows without a space.
    glue: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Top,
    And,
    Not,
}

impl Printer<'_> {
    fn word(&mut self, text: &str) {
        if !self.glue {
            self.out.push(' ');
        }
        self.out.push_str(text);
        self.glue = false;
    }

    fn filter(&mut self, filter: &Filter, place: Place) {
        match filter {
            Filter::All => {}
            Filter::And(parts) => self.grouped(place == Place::Not, |p| {
                for part in parts {
                    p.filter(part, Place::And);
                }
            }),
            Filter::Or(parts) => self.grouped(place != Place::Top, |p| {
                for (i, part) in parts.iter().enumerate() {
                    if i > 0 {
                        p.word("or");
                    }
                    p.filter(part, Place::Top);
                }
            }),
            Filter::Not(inner) => {
                self.word("-");
                self.glue = true;
                self.filter(inner, Place::Not);
            }
            Filter::Word(word) => {
                let text = if word.quoted || !stands_bare(word) { quote(&word.text) } else { word.text.clone() };
                self.word(&text);
            }
            Filter::Term(term) => {
                let text = self.term(term);
                self.word(&text);
            }
        }
    }

    fn grouped(&mut self, parens: bool, inner: impl FnOnce(&mut Self)) {
        if parens {
            self.word("(");
            self.glue = true;
            inner(self);
            self.out.push(')');
        } else {
            inner(self);
        }
    }

    fn term(&self, term: &Term) -> String {
        let mut out = term.path.join(".");
        let field = self.field(term);
        let one = |operand: &Operand| self.operand(operand, field);
        match &term.test {
            Test::Is(operands) => {
                out.push(':');
                out.push_str(&operands.iter().map(one).collect::<Vec<_>>().join(","));
            }
            Test::Compare(op, operand) => {
                out.push_str(match op {
                    Op::Less => "<",
                    Op::AtMost => "<=",
                    Op::More => ">",
                    Op::AtLeast => ">=",
                });
                out.push_str(&one(operand));
            }
            Test::Range(from, to) => {
                let _ = write!(out, ":{}..{}", one(from), one(to));
            }
        }
        out
    }

    /// The field at the end of a path; `None` when the registry no longer has it.
    fn field(&self, term: &Term) -> Option<&Field> {
        super::target(self.registry, self.kind, &term.path).map(|(_, field)| field)
    }

    fn operand(&self, operand: &Operand, field: Option<&Field>) -> String {
        match operand {
            Operand::None => "none".into(),
            Operand::Any => "any".into(),
            Operand::Me => "me".into(),
            Operand::MyTeam => "my-team".into(),
            Operand::Number(n) => n.normalize().to_string(),
            Operand::Bool(yes) => if *yes { "yes" } else { "no" }.into(),
            Operand::Date(date) => literal::print_date(date),
            Operand::Span(seconds) => literal::print_span(*seconds),
            Operand::Record(id) => match field.map(|f| &f.ty) {
                Some(FieldType::Ref(target)) => self.registry.kind(*target).code(*id),
                _ => id.to_string(),
            },
            Operand::Choice(code) => self.text(code, field),
            Operand::Text { text, prefix } => {
                let mut out = self.text(text, field);
                if *prefix {
                    out.push('*');
                }
                out
            }
        }
    }

    fn text(&self, text: &str, field: Option<&Field>) -> String {
        let more = field.is_some_and(|field| means_more(text, self.registry, field));
        if more || !stands_as_value(text) { quote(text) } else { text.into() }
    }
}

/// A text as a value is written: quoted where the grammar would read it otherwise.
pub fn value_text(text: &str) -> String {
    if stands_as_value(text) && !is_keyword(text) { text.into() } else { quote(text) }
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// True when the grammar reads the unquoted word back as just this word.
fn stands_bare(word: &Word) -> bool {
    let text = &word.text;
    Folded::of(text).text == *text
        && matches!(syntax::read(text), Ok(Some(Raw::Word(read))) if !read.quoted && read.text == *text)
}

/// The same for a value behind a colon.
fn stands_as_value(text: &str) -> bool {
    let whole = format!("x:{text}");
    // A dot at an end would run into the two of a range.
    if Folded::of(&whole).text != whole || text.starts_with('.') || text.ends_with('.') {
        return false;
    }
    let Ok(Some(Raw::Term(term))) = syntax::read(&whole) else { return false };
    term.op == syntax::RawOp::Is
        && matches!(term.items.as_slice(), [Item::One(read)] if !read.quoted && !read.open && read.text == text)
}

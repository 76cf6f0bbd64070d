//! What an index finds of a filter, wherever in the list it stands: words, tags, and what is asked of another record.

use super::filter::Conditions;
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{Kind, KindId, Registry, Sharing};
use crate::domain::query::{Filter, Operand, Query, Term, Test, Word, searched_along};
use crate::domain::search::{Needle, is_searched, plain};

/// One of the parts of a filter that are joined by `and`.
pub(super) struct Probe<'a> {
    /// Its place among them.
    pub(super) part: usize,
    pub(super) sought: Sought<'a>,
}

pub(super) enum Sought<'a> {
    /// A bare word; the last one typed may go on.
    Word { word: &'a Word, is_last: bool },
    /// A tag, words in a text, part of a mail or number.
    Text(&'a Term),
    /// What is so of the record that a field refers to: `company.country:Germany`.
    Along { field: &'a Field, target: KindId, path: &'a [String], test: &'a Test },
}

impl<'a> Probe<'a> {
    /// All of the filter's but the part at `driven`, in its order. Words without letter or digit are none: every row
    /// holds them.
    pub(super) fn all(registry: &'a Registry, kind: &'a Kind, query: &'a Query, driven: Option<usize>) -> Vec<Self> {
        let mut words_left = query.filter.words();
        let mut probes = Vec::new();
        for (part, filter) in query.filter.parts().iter().enumerate() {
            words_left -= filter.words();
            let sought = match filter {
                Filter::Word(word) => {
                    let is_last = words_left == 0 && !word.quoted;
                    Some(Sought::Word { word, is_last }).filter(|_| !Needle::of(&word.text, is_last).is_empty())
                }
                Filter::Term(term) => Sought::of(registry, kind, term),
                _ => None,
            };
            if let Some(sought) = sought.filter(|_| driven != Some(part)) {
                probes.push(Self { part, sought });
            }
        }
        probes
    }

    pub(super) fn is_word(&self) -> bool {
        matches!(self.sought, Sought::Word { .. })
    }

    pub(super) fn is_along(&self) -> bool {
        matches!(self.sought, Sought::Along { .. })
    }

    /// True for what the row's own words alone decide.
    pub(super) fn is_of_the_row(&self, registry: &Registry, kind: KindId) -> bool {
        match &self.sought {
            Sought::Word { word, is_last } => {
                searched_along(kind).is_none() && Conditions::is_plain(registry, kind, word, *is_last)
            }
            Sought::Text(_) => true,
            Sought::Along { .. } => false,
        }
    }
}

impl<'a> Sought<'a> {
    fn of(registry: &'a Registry, kind: &'a Kind, term: &'a Term) -> Option<Self> {
        match term.path.as_slice() {
            [word] => {
                let field = kind.field(word)?;
                (is_searched(kind, field) && is_texts(&term.test)).then_some(Self::Text(term))
            }
            [word, path @ ..] => {
                let field = kind.field(word)?;
                let FieldType::Ref(target) = field.ty else { return None };
                let to = registry.kind(target);
                let [end] = path else { return None };
                let end = to.field(end)?;
                let is_found = if is_searched(to, end) { is_texts(&term.test) } else { end.indexed };
                (to.sharing == Sharing::Owned && is_found && !mentions_none(&term.test)).then_some(Self::Along {
                    field,
                    target,
                    path,
                    test: &term.test,
                })
            }
            [] => None,
        }
    }
}

fn is_texts(test: &Test) -> bool {
    matches!(test, Test::Is(operands) if operands.iter().all(|operand| {
        matches!(operand, Operand::Text { text, .. } if !plain(text).is_empty())
    }))
}

/// True for what also those fit that have nothing there.
fn mentions_none(test: &Test) -> bool {
    matches!(test, Test::Is(operands) if operands.iter().any(|o| matches!(o, Operand::None | Operand::Bool(false))))
}

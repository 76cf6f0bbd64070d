//! The query language of `/`, saved views, the command line and bulk edits: tree, parser, printer, matcher, completion.
//!
//! A text becomes a tree in two steps: `syntax` knows the grammar and no field, `resolve` knows the registry and
//! gives every value its type. The tree keeps dates as they were said (`today`, `-7d`), so a saved query stays live.
//! `store::compile` turns it into SQL; `matches` decides one record in memory; a property test holds the two equal.

mod complete;
pub mod date;
mod fold;
mod literal;
mod matches;
mod mistake;
mod print;
mod resolve;
mod syntax;
mod values;
pub(crate) mod window;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use complete::{Ask, Completion, Offer, Part, complete, parts};
pub use date::Date;
pub(crate) use literal::{date as read_date, print_date};
pub use matches::{Alone, World};
pub use mistake::Mistake;
pub use print::value_text;
pub use resolve::can_sort;
pub(crate) use resolve::find_field;

use super::field::{Field, FieldType, Source};
use super::kind::{Kind, KindId, MESSAGE, Registry, TEAM, TICKET};
use super::record::Record;

/// A filter with its sort and grouping, for one kind. `Query::default()` is every record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    #[serde(default)]
    pub filter: Filter,
    #[serde(default)]
    pub sort: Vec<Sort>,
    /// Canonical name of the field whose values head the groups; the list is sorted by it first.
    #[serde(default)]
    pub group: Option<String>,
}

/// One sort key by canonical field name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sort {
    pub field: String,
    pub descending: bool,
}

/// Which records. Always true or false of a record, never unknown: a test of an empty value is false, its negation
/// true. Build with [`Filter::all`], [`Filter::any`] and [`Filter::negate`], which keep the one canonical shape: no
/// list of one, no list in a list of its own sort, no double negation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Every record.
    #[default]
    All,
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Word(Word),
    Term(Term),
}

/// A bare word, searched in number, title, names, mails, phones, tags and texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    pub text: String,
    /// Quoted words are whole words even in the last place.
    pub quoted: bool,
}

/// A test of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Canonical names: references on the way, then the field (`["company", "country"]`). Never empty.
    pub path: Vec<String>,
    pub test: Test,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// `field:a,b`: any of these; never empty.
    Is(Vec<Operand>),
    Compare(Op, Operand),
    /// Both ends included; a date's whole last day, month, ….
    Range(Operand, Operand),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A typed literal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operand {
    /// `none`: the field is empty.
    None,
    /// `any`: the field is not empty.
    Any,
    /// The viewer.
    Me,
    /// The viewer's team and those below it, or their people.
    MyTeam,
    /// Whole words of a text field or of a reference's title; with `prefix` (`acm*`) the last may go on.
    Text {
        text: String,
        prefix: bool,
    },
    /// Also money.
    Number(Decimal),
    /// `no` includes empty.
    Bool(bool),
    /// A choice's code.
    Choice(String),
    Date(Date),
    /// Seconds.
    Span(i64),
    /// A record of the reference's kind, by code or number.
    Record(i64),
}

impl Query {
    /// Reads a query for records of `kind`. Blank text is every record.
    pub fn parse(text: &str, registry: &Registry, kind: KindId) -> Result<Self, Mistake> {
        let folded = fold::Folded::of(text);
        let read = match syntax::read(&folded.text) {
            Ok(Some(raw)) => resolve::resolve(&raw, registry, kind),
            Ok(None) => return Ok(Self::default()),
            Err(mistake) => Err(mistake),
        };
        read.map_err(|mut mistake| {
            mistake.span = folded.original(&mistake.span);
            mistake
        })
    }

    /// The canonical text: parsing it gives this query again.
    pub fn print(&self, registry: &Registry, kind: KindId) -> String {
        print::print(self, registry, kind)
    }

    /// Records that match both; sort and group are the other's where it has them.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            filter: Filter::all(vec![self.filter.clone(), other.filter.clone()]),
            sort: if other.sort.is_empty() { self.sort.clone() } else { other.sort.clone() },
            group: other.group.clone().or_else(|| self.group.clone()),
        }
    }

    /// True when it selects every record (not deleted), whatever the order.
    pub fn is_all(&self) -> bool {
        self.filter == Filter::All
    }
}

impl Filter {
    /// Records that match every one of these.
    pub fn all(filters: Vec<Self>) -> Self {
        let mut flat = Vec::new();
        for filter in filters {
            match filter {
                Self::All => {}
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::All,
            1 => flat.remove(0),
            _ => Self::And(flat),
        }
    }

    /// What must hold, each by itself; none of it is [`Filter::All`].
    pub(crate) fn parts(&self) -> &[Self] {
        match self {
            Self::All => &[],
            Self::And(parts) => parts,
            single => std::slice::from_ref(single),
        }
    }

    /// Records that match one of these at least.
    pub fn any(filters: Vec<Self>) -> Self {
        let mut flat = Vec::new();
        for filter in filters {
            match filter {
                Self::All => return Self::All,
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::All,
            1 => flat.remove(0),
            _ => Self::Or(flat),
        }
    }

    /// Records that do not match this.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// A test of one of the kind's own fields.
    pub fn term(field: &str, test: Test) -> Self {
        Self::Term(Term { path: vec![field.into()], test })
    }

    /// `field:value`.
    pub fn is(field: &str, operand: Operand) -> Self {
        Self::term(field, Test::Is(vec![operand]))
    }
}

/// The kind and field at the end of a path of canonical names; `None` when the registry (no longer) has it.
pub(crate) fn target<'r>(registry: &'r Registry, kind: KindId, path: &[String]) -> Option<(&'r Kind, &'r Field)> {
    let (last, way) = path.split_last()?;
    let mut kind = registry.kind(kind);
    for name in way {
        match kind.field(name)?.ty {
            FieldType::Ref(next) => kind = registry.kind(next),
            _ => return None,
        }
    }
    Some((kind, kind.field(last)?))
}

/// The instant that a span field counts from or to, out of the field that shows it.
pub(crate) fn instant_behind(kind: &Kind, span: &Field, record: &Record) -> Option<DateTime<Utc>> {
    let (Source::Since(column) | Source::Until(column)) = &span.source else { return None };
    let shown = kind.fields.iter().position(|f| matches!(&f.source, Source::Column(c) if c == column))?;
    record.values.get(shown)?.as_instant()
}

impl Filter {
    /// True when some term asks for the field itself, not by way of a reference.
    pub(crate) fn mentions(&self, field: &str) -> bool {
        match self {
            Self::All | Self::Word(_) => false,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.mentions(field)),
            Self::Not(inner) => inner.mentions(field),
            Self::Term(term) => matches!(term.path.as_slice(), [only] if only == field),
        }
    }

    /// True when a record of the kind matches or not by its own values, whatever else there is and whoever watches it.
    pub(crate) fn is_of_record_alone(&self, kind: &Kind) -> bool {
        match self {
            Self::All => true,
            Self::And(parts) | Self::Or(parts) => parts.iter().all(|part| part.is_of_record_alone(kind)),
            Self::Not(inner) => inner.is_of_record_alone(kind),
            // A ticket has its messages' words too.
            Self::Word(_) => false,
            Self::Term(Term { path, test }) => {
                let field = path.first().filter(|_| path.len() == 1).and_then(|name| kind.field(name));
                let own = field.filter(|field| !matches!(field.source, Source::Watch(_)));
                own.is_some_and(|field| match (&field.ty, test) {
                    // A title as a record knows it is cut; a person has a login and a team.
                    (FieldType::Ref(target), Test::Is(operands)) => !operands.iter().any(|operand| match operand {
                        Operand::Text { .. } => true,
                        Operand::MyTeam => *target != TEAM,
                        _ => false,
                    }),
                    (FieldType::Ref(_), _) => false,
                    _ => true,
                })
            }
        }
    }

    /// How many bare words there are; the last of them is a prefix.
    pub(crate) fn words(&self) -> usize {
        match self {
            Self::All | Self::Term(_) => 0,
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::words).sum(),
            Self::Not(inner) => inner.words(),
            Self::Word(_) => 1,
        }
    }
}

/// The kind whose records are searched with another's, and their field for it: a ticket's messages.
pub(crate) fn searched_along(kind: KindId) -> Option<(KindId, &'static str)> {
    (kind == TICKET).then_some((MESSAGE, "ticket"))
}

#[cfg(test)]
mod tests;

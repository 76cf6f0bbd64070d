//! From grammar to meaning: field names to canonical ones, terms to tests, mistakes at their places. What a value means
//! to its field is in `values`.

use super::mistake::Mistake;
use super::syntax::{Item, Literal, Raw, RawOp, RawTerm, Span};
use super::{Filter, Op, Operand, Query, Sort, Term, Test, Word};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{Kind, KindId, Registry};

/// Names of the two settings that stand among the conditions.
pub(super) const SORT: [&str; 2] = ["sort", "排序"];
pub(super) const GROUP: [&str; 2] = ["group", "分组"];

pub(super) struct Resolver<'a> {
    pub(super) registry: &'a Registry,
    kind: &'a Kind,
    sort: Vec<Sort>,
    group: Option<String>,
}

pub(super) type Resolved<T> = Result<T, Mistake>;

/// The query that a text means for records of `kind`; spans of mistakes are those of the grammar.
pub(super) fn resolve(raw: &Raw, registry: &Registry, kind: KindId) -> Resolved<Query> {
    let mut resolver = Resolver { registry, kind: registry.kind(kind), sort: Vec::new(), group: None };
    let filter = resolver.filter(raw, true)?;
    Ok(Query { filter: filter.unwrap_or_default(), sort: resolver.sort, group: resolver.group })
}

impl Resolver<'_> {
    /// `None` for `sort:` and `group:`, which filter nothing and may stand only where `top` is true.
    fn filter(&mut self, raw: &Raw, top: bool) -> Resolved<Option<Filter>> {
        Ok(match raw {
            Raw::And(parts) => {
                let parts = self.each(parts, |_| top)?;
                (!parts.is_empty()).then(|| Filter::all(parts))
            }
            // `a or b sort:x` sorts the whole; `a or sort:x` says nothing.
            Raw::Or(parts) => Some(Filter::any(self.each(parts, |part| top && matches!(part, Raw::And(_)))?)),
            Raw::Not(inner) => self.filter(inner, false)?.map(Filter::negate),
            Raw::Word(word) => Some(Filter::Word(Word { text: word.text.clone(), quoted: word.quoted })),
            Raw::Term(term) => {
                let name = term.field.to_lowercase();
                if SORT.contains(&name.as_str()) {
                    Self::at_top(term, top)?;
                    self.sort(term)?;
                    None
                } else if GROUP.contains(&name.as_str()) {
                    Self::at_top(term, top)?;
                    self.group(term)?;
                    None
                } else {
                    Some(self.term(term)?)
                }
            }
        })
    }

    fn each(&mut self, parts: &[Raw], top: impl Fn(&Raw) -> bool) -> Resolved<Vec<Filter>> {
        parts.iter().filter_map(|part| self.filter(part, top(part)).transpose()).collect()
    }

    fn at_top(term: &RawTerm, top: bool) -> Resolved<()> {
        if !top {
            return Err(Mistake::new(
                term.span.clone(),
                format!("“{}:” belongs beside the conditions, not inside “or”, “-” or parentheses.", term.field),
                format!("“{}:”只能与其他条件并列，不能放在“或”、“-”或括号里。", term.field),
            ));
        }
        if term.op != RawOp::Is {
            return Err(Mistake::new(
                term.field_span.clone(),
                format!("Write “{}:” with a colon.", term.field),
                format!("“{}”后面请用冒号。", term.field),
            ));
        }
        Ok(())
    }

    fn sort(&mut self, term: &RawTerm) -> Resolved<()> {
        for item in &term.items {
            let literal = single(item)?;
            let (text, descending) = match literal.text.strip_prefix('-') {
                Some(rest) => (rest, true),
                None => (literal.text.as_str(), false),
            };
            let start = literal.span.start + usize::from(descending);
            let field = self.sortable(text, start..literal.span.end)?;
            let sort = Sort { field: field.name.clone(), descending };
            if self.sort.iter().all(|s| s.field != sort.field) {
                self.sort.push(sort);
            }
        }
        Ok(())
    }

    fn group(&mut self, term: &RawTerm) -> Resolved<()> {
        let [item] = term.items.as_slice() else {
            return Err(Mistake::new(
                term.span.clone(),
                "A list is grouped by one field only.",
                "列表只能按一个字段分组。",
            ));
        };
        let literal = single(item)?;
        self.group = Some(self.sortable(&literal.text, literal.span.clone())?.name.clone());
        Ok(())
    }

    fn sortable(&self, word: &str, span: Span) -> Resolved<&Field> {
        let field = Self::field(self.kind, word, span.clone())?;
        if can_sort(field) {
            return Ok(field);
        }
        Err(Mistake::new(
            span,
            format!("{} has no order to sort by; choose another field.", field.label.en),
            format!("“{}”没有可排序的顺序；请换一个字段。", field.label.zh),
        )
        .expecting(self.kind.fields.iter().filter(|f| can_sort(f)).map(|f| f.name.clone())))
    }

    fn field<'k>(kind: &'k Kind, word: &str, span: Span) -> Resolved<&'k Field> {
        find_field(kind, word).ok_or_else(|| {
            let close: Vec<_> = kind.fields.iter().filter(|f| resembles(f, word)).map(|f| f.name.clone()).collect();
            let guess = close.first().map_or_else(
                || format!("put “{word}:…” in quotes to search for the words"),
                |name| format!("did you mean “{name}”?"),
            );
            let zh = close
                .first()
                .map_or_else(|| format!("若要搜索文字，请把“{word}:…”放在引号里"), |name| format!("是否指“{name}”？"));
            Mistake::new(
                span,
                format!("{} has no field called “{word}”; {guess}", kind.many.en),
                format!("{}没有名为“{word}”的字段；{zh}", kind.many.zh),
            )
            .expecting(if close.is_empty() {
                kind.fields.iter().map(|f| f.name.clone()).collect()
            } else {
                close
            })
        })
    }

    /// The canonical path of a dotted name and the field at its end.
    fn path(&self, term: &RawTerm) -> Resolved<(Vec<String>, &Field)> {
        let mut kind = self.kind;
        let mut path = Vec::new();
        let mut start = term.field_span.start;
        let mut words = term.field.split('.').peekable();
        while let Some(word) = words.next() {
            let span = start..start + word.len();
            start = span.end + 1;
            let field = Self::field(kind, word, span.clone())?;
            path.push(field.name.clone());
            if words.peek().is_none() {
                return Ok((path, field));
            }
            match field.ty {
                FieldType::Ref(next) => kind = self.registry.kind(next),
                _ => {
                    return Err(Mistake::new(
                        span,
                        format!("{} is not another record, so nothing can follow its dot.", field.label.en),
                        format!("“{}”不是关联记录，点号后面不能再接字段。", field.label.zh),
                    ));
                }
            }
        }
        unreachable!("split gives one word at least, and the last returns")
    }

    fn term(&self, term: &RawTerm) -> Resolved<Filter> {
        let (path, field) = self.path(term)?;
        let made = |test| Filter::Term(Term { path: path.clone(), test });
        if let RawOp::Compare(op) = term.op {
            let [item] = term.items.as_slice() else {
                let last = term.items[1].span();
                return Err(Mistake::new(
                    last,
                    "Only one value can be compared with; use “:” for a list.",
                    "比较只能用一个值；列表请用冒号。",
                ));
            };
            let literal = single(item)?;
            return Ok(made(Test::Compare(op, self.measure(field, literal)?)));
        }
        let ranges = term.items.iter().filter(|item| matches!(item, Item::Range(..))).count();
        let test = match term.items.as_slice() {
            [Item::Range(from, to)] => match (from, to) {
                (Some(from), Some(to)) => Test::Range(self.measure(field, from)?, self.measure(field, to)?),
                (Some(from), None) => Test::Compare(Op::AtLeast, self.measure(field, from)?),
                (None, Some(to)) => Test::Compare(Op::AtMost, self.measure(field, to)?),
                (None, None) => unreachable!("the grammar asks for one end"),
            },
            items if ranges == 0 => {
                let mut operands: Vec<Operand> = Vec::new();
                for item in items {
                    let operand = self.value(field, single(item)?)?;
                    if !operands.contains(&operand) {
                        operands.push(operand);
                    }
                }
                Test::Is(operands)
            }
            items => {
                let range = items.iter().find(|i| matches!(i, Item::Range(..))).map_or(0..0, Item::span);
                return Err(Mistake::new(
                    range,
                    "A range cannot be part of a list; join two conditions with “or”.",
                    "范围不能放在列表里；请用“或”连接两个条件。",
                ));
            }
        };
        let filter = made(test);
        Ok(if term.op == RawOp::IsNot { filter.negate() } else { filter })
    }
}

/// Whether lists can be ordered by the field.
pub fn can_sort(field: &Field) -> bool {
    !matches!(field.ty, FieldType::LongText | FieldType::Tags)
}

/// A field by name, label or alias, with `_` or `-` for the spaces of a label.
pub(crate) fn find_field<'k>(kind: &'k Kind, word: &str) -> Option<&'k Field> {
    kind.field(&word.to_lowercase()).or_else(|| kind.find_field(word)).or_else(|| {
        let spaced = word.replace(['_', '-'], " ");
        kind.find_field(&spaced).or_else(|| kind.find_field(&spaced.replace(' ', "_")))
    })
}

fn resembles(field: &Field, word: &str) -> bool {
    let word = word.to_lowercase();
    let stem: String = word.chars().take(3).collect();
    field.name.starts_with(&stem)
        || field.label.en.to_lowercase().starts_with(&stem)
        || field.label.zh.starts_with(&word)
        || field.name.contains(&word)
}

fn single(item: &Item) -> Resolved<&Literal> {
    match item {
        Item::One(literal) => Ok(literal),
        Item::Range(..) => Err(Mistake::new(
            item.span(),
            "A range has no place here; give one value.",
            "这里不能用范围；请给出一个值。",
        )),
    }
}

//! From grammar to meaning: field names to canonical ones, values to the field's type, mistakes at their places.

use rust_decimal::Decimal;

use super::literal;
use super::mistake::Mistake;
use super::syntax::{Item, Literal, Raw, RawOp, RawTerm, Span};
use super::{Filter, Op, Operand, Query, Sort, Term, Test, Word};
use crate::domain::field::{Field, FieldType};
use crate::domain::kind::{Kind, KindId, Registry, TEAM, USER};

/// Names of the two settings that stand among the conditions.
pub(super) const SORT: [&str; 2] = ["sort", "排序"];
pub(super) const GROUP: [&str; 2] = ["group", "分组"];

const NONE: [&str; 4] = ["none", "无", "空", "没有"];
const ANY: [&str; 3] = ["any", "有", "任意"];
const ME: [&str; 2] = ["me", "我"];
const MY_TEAM: [&str; 4] = ["my-team", "my_team", "我的团队", "我团队"];
const YES: [&str; 4] = ["yes", "true", "是", "1"];
const NO: [&str; 4] = ["no", "false", "否", "0"];

pub(super) struct Resolver<'a> {
    registry: &'a Registry,
    kind: &'a Kind,
    sort: Vec<Sort>,
    group: Option<String>,
}

type Resolved<T> = Result<T, Mistake>;

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

    /// A value to compare with: it must have an order.
    fn measure(&self, field: &Field, literal: &Literal) -> Resolved<Operand> {
        let ordered = match field.ty {
            FieldType::Int
            | FieldType::Decimal
            | FieldType::Money { .. }
            | FieldType::Day
            | FieldType::Instant
            | FieldType::Span
            | FieldType::Choice(_)
            | FieldType::Text
            | FieldType::Email => true,
            FieldType::LongText
            | FieldType::Phone
            | FieldType::Url
            | FieldType::Bool
            | FieldType::Ref(_)
            | FieldType::Tags => false,
        };
        if !ordered {
            return Err(Mistake::new(
                literal.span.clone(),
                format!("{} has no order; write “{}:…”.", field.label.en, field.name),
                format!("“{}”不能比较大小；请写“{}:…”。", field.label.zh, field.name),
            ));
        }
        if keyword(literal, &[&NONE, &ANY]) {
            return Err(Mistake::new(
                literal.span.clone(),
                format!("“{}” cannot be compared with; write “{}:{}”.", literal.text, field.name, literal.text),
                format!("“{}”不能用来比较；请写“{}:{}”。", literal.text, field.name, literal.text),
            ));
        }
        self.literal(field, literal)
    }

    /// A value to be equal to, `none` and `any` among them.
    fn value(&self, field: &Field, literal: &Literal) -> Resolved<Operand> {
        if keyword(literal, &[&NONE]) {
            return Ok(Operand::None);
        }
        if keyword(literal, &[&ANY]) {
            return Ok(Operand::Any);
        }
        let operand = self.literal(field, literal)?;
        match (&operand, &field.ty) {
            (Operand::Span(_), _) => Err(Mistake::new(
                literal.span.clone(),
                format!(
                    "A span is hardly ever exactly that; write “{0}<{1}”, “{0}>{1}” or a range.",
                    field.name, literal.text
                ),
                format!("时长很少恰好相等；请写“{0}<{1}”、“{0}>{1}”或一个范围。", field.name, literal.text),
            )
            .expecting(["<", ">", "1h..2h"])),
            (Operand::Date(date), FieldType::Instant) if date.is_point() => Err(Mistake::new(
                literal.span.clone(),
                format!(
                    "“{1}” is a point in time; write “{0}<{1}” (before) or “{0}>{1}” (since).",
                    field.name, literal.text
                ),
                format!("“{1}”是一个时间点；请写“{0}<{1}”（之前）或“{0}>{1}”（之后）。", field.name, literal.text),
            )
            .expecting(["<", ">"])),
            _ => Ok(operand),
        }
    }

    fn literal(&self, field: &Field, literal: &Literal) -> Resolved<Operand> {
        let text = literal.text.trim();
        let wrong = |en: &str, zh: &str| {
            Mistake::new(
                literal.span.clone(),
                format!("{} {en}; “{text}” is not.", field.label.en),
                format!("“{}”{zh}，而“{text}”不是。", field.label.zh),
            )
        };
        match &field.ty {
            FieldType::Phone if !text.contains(|c: char| c.is_ascii_digit()) => {
                Err(wrong("is found by its digits", "按数字查找").expecting(["0171", "none", "any"]))
            }
            FieldType::Text
            | FieldType::LongText
            | FieldType::Email
            | FieldType::Phone
            | FieldType::Url
            | FieldType::Tags => words(literal),
            FieldType::Int => match literal::number(text) {
                Some(n) if n.is_integer() && i64::try_from(n).is_ok() => Ok(Operand::Number(n)),
                _ => Err(wrong("is a whole number", "是整数").expecting(["10", "10..20", "2k"])),
            },
            FieldType::Decimal | FieldType::Money { .. } => literal::number(text)
                .filter(|n| n.scale() <= 10 && n.abs() < Decimal::from(1_000_000_000_000_000_i64))
                .map(Operand::Number)
                .ok_or_else(|| wrong("is a number", "是数字").expecting(["10", "2.5k", "1M", "5万"])),
            FieldType::Bool => {
                let word = text.to_lowercase();
                if YES.contains(&word.as_str()) {
                    Ok(Operand::Bool(true))
                } else if NO.contains(&word.as_str()) {
                    Ok(Operand::Bool(false))
                } else {
                    Err(wrong("is yes or no", "是“是”或“否”").expecting(["yes", "no"]))
                }
            }
            FieldType::Day | FieldType::Instant => date(field, literal),
            FieldType::Span => literal::span(text)
                .map(Operand::Span)
                .ok_or_else(|| wrong("is a span of time", "是一段时长").expecting(["2h", "1h30m", "7d"])),
            FieldType::Choice(choices) => {
                find_choice(field, text).map(|code| Operand::Choice(code.into())).ok_or_else(|| {
                    Mistake::new(
                        literal.span.clone(),
                        format!(
                            "{} cannot be “{text}”; it is one of {}.",
                            field.label.en,
                            choices.iter().map(|c| c.code.as_str()).collect::<Vec<_>>().join(", ")
                        ),
                        format!(
                            "“{}”不能是“{text}”；可选：{}。",
                            field.label.zh,
                            choices.iter().map(|c| c.label.zh.as_str()).collect::<Vec<_>>().join("、")
                        ),
                    )
                    .expecting(choices.iter().map(|c| c.code.clone()))
                })
            }
            FieldType::Ref(target) => self.reference(*target, literal),
        }
    }

    fn reference(&self, target: KindId, literal: &Literal) -> Resolved<Operand> {
        if target == USER && keyword(literal, &[&ME]) {
            return Ok(Operand::Me);
        }
        if (target == USER || target == TEAM) && keyword(literal, &[&MY_TEAM]) {
            return Ok(Operand::MyTeam);
        }
        Ok(match record_number(self.registry, target, literal) {
            Some(id) => Operand::Record(id),
            None => words(literal)?,
        })
    }
}

/// The id that an unquoted code (`O12`) or number names.
fn record_number(registry: &Registry, target: KindId, literal: &Literal) -> Option<i64> {
    if literal.quoted || literal.open {
        return None;
    }
    if literal.text.bytes().all(|b| b.is_ascii_digit()) {
        return literal.text.parse().ok();
    }
    registry.by_code(&literal.text).filter(|(kind, _)| *kind == target).map(|(_, id)| id)
}

fn words(literal: &Literal) -> Resolved<Operand> {
    if literal.text.trim().is_empty() {
        return Err(Mistake::new(
            literal.span.clone(),
            "Nothing stands between the quotes; write “none” for an empty field.",
            "引号里没有内容；查找空字段请写“none”。",
        )
        .expecting(["none"]));
    }
    Ok(Operand::Text { text: literal.text.trim().into(), prefix: literal.open })
}

fn date(field: &Field, literal: &Literal) -> Resolved<Operand> {
    let text = literal.text.trim();
    if let Some(date) = literal::date(text) {
        return Ok(Operand::Date(date));
    }
    if literal::span(text).is_some() && text != "0" {
        return Err(Mistake::new(
            literal.span.clone(),
            format!(
                "{} is a date and “{text}” a span; write “-{text}” for that long ago or “+{text}” for from now \
                 (how long something has lasted is a field of its own, such as “age>{text}”).",
                field.label.en
            ),
            format!(
                "“{}”是日期，而“{text}”是时长；请写“-{text}”（之前）或“+{text}”（之后）；\
                 持续时间是单独的字段，例如“age>{text}”。",
                field.label.zh
            ),
        )
        .expecting([format!("-{text}"), format!("+{text}")]));
    }
    Err(Mistake::new(
        literal.span.clone(),
        format!("{} is a date; “{text}” is not. Write “today”, “-7d”, “2026-11” or “2026-11-22”.", field.label.en),
        format!("“{}”是日期，而“{text}”不是。请写“今天”、“-7d”、“2026-11”或“2026-11-22”。", field.label.zh),
    )
    .expecting(["today", "-7d", "+2h", "this-week", "2026-11", "2026-11-22"]))
}

/// Whether lists can be ordered by the field.
pub fn can_sort(field: &Field) -> bool {
    !matches!(field.ty, FieldType::LongText | FieldType::Tags)
}

/// A field by name, label or alias, with `_` or `-` for the spaces of a label.
pub(super) fn find_field<'k>(kind: &'k Kind, word: &str) -> Option<&'k Field> {
    kind.field(&word.to_lowercase()).or_else(|| kind.find_field(word)).or_else(|| {
        let spaced = word.replace(['_', '-'], " ");
        kind.find_field(&spaced).or_else(|| kind.find_field(&spaced.replace(' ', "_")))
    })
}

/// A choice's code by code or label, any case, `-` or `_` for spaces.
pub(super) fn find_choice<'f>(field: &'f Field, text: &str) -> Option<&'f str> {
    let word = text.to_lowercase();
    let spaced = word.replace(['_', '-'], " ");
    let choices = field.choices();
    let found = choices.iter().find(|c| c.code == text).or_else(|| {
        choices.iter().find(|c| c.code.to_lowercase() == word).or_else(|| {
            choices.iter().find(|c| {
                let label = c.label.en.to_lowercase();
                label == word
                    || label == spaced
                    || c.label.zh == text
                    || c.code.to_lowercase() == word.replace('-', "_")
            })
        })
    });
    found.map(|c| c.code.as_str())
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

fn keyword(literal: &Literal, lists: &[&[&str]]) -> bool {
    !literal.quoted && !literal.open && lists.iter().any(|list| list.contains(&literal.text.to_lowercase().as_str()))
}

/// True for a text that would be read as a keyword or a record's number when it stood unquoted.
pub(super) fn means_more(text: &str, registry: &Registry, field: &Field) -> bool {
    let literal = Literal { text: text.into(), quoted: false, open: false, span: 0..0 };
    keyword(&literal, &[&NONE, &ANY])
        || match field.ty {
            FieldType::Ref(target) => {
                keyword(&literal, &[&ME, &MY_TEAM]) || record_number(registry, target, &literal).is_some()
            }
            _ => false,
        }
}

/// True for a text that some field reads as a keyword when it stands unquoted.
pub(super) fn is_keyword(text: &str) -> bool {
    let text = text.to_lowercase();
    NONE.iter().chain(&ANY).chain(&ME).chain(&MY_TEAM).any(|word| *word == text)
}

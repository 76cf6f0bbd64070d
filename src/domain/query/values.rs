//! Values of a query by the type of their field: numbers, dates, choices, records, and the words that mean more.

use rust_decimal::Decimal;

use super::Operand;
use super::literal;
use super::mistake::Mistake;
use super::resolve::{Resolved, Resolver};
use super::syntax::Literal;
use crate::domain::field::{Field, FieldType, Source};
use crate::domain::kind::{KindId, Registry, TEAM, USER};

const NONE: [&str; 4] = ["none", "无", "空", "没有"];
const ANY: [&str; 3] = ["any", "有", "任意"];
const ME: [&str; 2] = ["me", "我"];
const MY_TEAM: [&str; 4] = ["my-team", "my_team", "我的团队", "我团队"];
const YES: [&str; 4] = ["yes", "true", "是", "1"];
const NO: [&str; 4] = ["no", "false", "否", "0"];

impl Resolver<'_> {
    /// A value to compare with: it must have an order.
    pub(super) fn measure(&self, field: &Field, literal: &Literal) -> Resolved<Operand> {
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
    pub(super) fn value(&self, field: &Field, literal: &Literal) -> Resolved<Operand> {
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
                let is_me = matches!(field.source, Source::Watch(_)) && ME.contains(&word.as_str());
                if is_me || YES.contains(&word.as_str()) {
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

//! The grammar, which knows no field: words, terms, quotes, parentheses, `-`, `and`, `or`. Every part keeps its place.

use std::ops::Range;

use winnow::combinator::{alt, cut_err, eof, opt, peek, preceded, repeat, terminated};
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, Stateful, Stream};
use winnow::token::{any, one_of, take_while};

use super::Op;
use super::mistake::Mistake;

pub(super) type Span = Range<usize>;

/// Deeper parentheses than this are refused rather than risking the stack.
const DEEPEST: usize = 40;

#[derive(Debug, PartialEq)]
pub(super) enum Raw {
    And(Vec<Raw>),
    Or(Vec<Raw>),
    Not(Box<Raw>),
    Word(Literal),
    Term(RawTerm),
}

#[derive(Debug, PartialEq)]
pub(super) struct RawTerm {
    pub field: String,
    pub field_span: Span,
    pub op: RawOp,
    pub items: Vec<Item>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RawOp {
    Is,
    IsNot,
    Compare(Op),
}

#[derive(Debug, PartialEq)]
pub(super) enum Item {
    One(Literal),
    /// `a..b`, `a..`, `..b`; one end at least.
    Range(Option<Literal>, Option<Literal>),
}

impl Item {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::One(literal) => literal.span.clone(),
            Self::Range(from, to) => {
                let start = from.as_ref().or(to.as_ref()).map_or(0, |l| l.span.start);
                start..to.as_ref().or(from.as_ref()).map_or(start, |l| l.span.end)
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Literal {
    pub text: String,
    pub quoted: bool,
    /// Ended in `*`.
    pub open: bool,
    pub span: Span,
}

/// Reads folded text. `Ok(None)` for blank text; spans are of the folded text.
pub(super) fn read(text: &str) -> Result<Option<Raw>, Mistake> {
    let input = Stateful { input: LocatingSlice::new(text), state: 0 };
    let whole = preceded(space, alt((eof.map(|_| None), terminated(either.map(Some), end))));
    { whole }.parse(input).map_err(|error| error.into_inner().0)
}

type Input<'a> = Stateful<LocatingSlice<&'a str>, usize>;

/// The parser's error: the mistake as the reader will see it.
#[derive(Debug)]
struct Fault(Mistake);

impl ParserError<Input<'_>> for Fault {
    type Inner = Self;

    fn from_input(input: &Input<'_>) -> Self {
        let at = input.current_token_start();
        Self(Mistake::new(at..at, "This cannot be read from here.", "从这里开始无法识别。"))
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}

type Read<T> = Result<T, ErrMode<Fault>>;

fn fail<T>(span: Span, en: &str, zh: &str) -> Read<T> {
    Err(ErrMode::Cut(Fault(Mistake::new(span, en, zh))))
}

fn space(input: &mut Input<'_>) -> Read<()> {
    take_while(0.., char::is_whitespace).void().parse_next(input)
}

fn end(input: &mut Input<'_>) -> Read<()> {
    if input.is_empty() {
        return Ok(());
    }
    let at = input.current_token_start();
    fail(
        at..at + 1,
        "This parenthesis closes nothing; remove it or open one before.",
        "多余的右括号；请删除或在前面补上左括号。",
    )
}

/// `a b or c`
fn either(input: &mut Input<'_>) -> Read<Raw> {
    let mut parts = vec![every(input)?];
    while opt(or_sign).parse_next(input)?.is_some() {
        parts.push(every(input)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Raw::Or(parts) })
}

/// `a b and c`, up to the end, a `)` or an `or`.
fn every(input: &mut Input<'_>) -> Read<Raw> {
    let mut parts = vec![item(input)?];
    loop {
        space(input)?;
        if opt(and_sign).parse_next(input)?.is_none()
            && (input.is_empty() || opt(peek(alt((or_sign, ')'.void())))).parse_next(input)?.is_some())
        {
            break;
        }
        parts.push(item(input)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Raw::And(parts) })
}

fn or_sign(input: &mut Input<'_>) -> Read<()> {
    preceded(space, alt((repeat(1..=2, '|').map(|()| ()), connective(&["or", "或", "或者"])))).parse_next(input)
}

fn and_sign(input: &mut Input<'_>) -> Read<()> {
    alt((repeat(2..=2, '&').map(|()| ()), connective(&["and", "且", "并且"]))).parse_next(input)
}

/// A whole bare word out of a list, in any case.
fn connective<'a>(words: &'static [&'static str]) -> impl Parser<Input<'a>, (), ErrMode<Fault>> {
    take_while(1.., is_bare).verify(move |word: &str| words.contains(&word.to_lowercase().as_str())).void()
}

fn is_bare(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '|')
}

fn item(input: &mut Input<'_>) -> Read<Raw> {
    space(input)?;
    let at = input.current_token_start();
    if input.is_empty() || opt(peek(alt((or_sign, and_sign, ')'.void())))).parse_next(input)?.is_some() {
        return fail(at..at, "A word or a condition is missing here.", "这里缺少一个词或条件。");
    }
    let minus = terminated('-', peek(any.verify(|&c: &char| !c.is_whitespace() && c != ')')));
    if opt(minus).parse_next(input)?.is_some() {
        return deeper(input, at, |input| item(input).map(|raw| Raw::Not(Box::new(raw))));
    }
    if opt('(').parse_next(input)?.is_some() {
        let inside = deeper(input, at, either)?;
        space(input)?;
        if opt(')').parse_next(input)?.is_none() {
            return fail(
                at..at + 1,
                "This parenthesis is not closed; add “)” after the last condition.",
                "括号没有闭合；请在最后一个条件后加上“)”。",
            );
        }
        return Ok(inside);
    }
    alt((quoted.map(Raw::Word), term.map(Raw::Term), bare.map(Raw::Word))).parse_next(input)
}

fn deeper<'a>(input: &mut Input<'a>, at: usize, inner: impl FnOnce(&mut Input<'a>) -> Read<Raw>) -> Read<Raw> {
    input.state += 1;
    if input.state > DEEPEST {
        return fail(at..at + 1, "Too deeply nested; use fewer parentheses.", "嵌套过深；请减少括号。");
    }
    let raw = inner(input)?;
    input.state -= 1;
    Ok(raw)
}

/// `"…"`, with `\"` and `\\` inside.
fn quoted(input: &mut Input<'_>) -> Read<Literal> {
    let start = input.current_token_start();
    '"'.parse_next(input)?;
    let piece = alt((preceded('\\', one_of(['"', '\\'])), any.verify(|&c: &char| c != '"')));
    let text: String = repeat(0.., piece)
        .fold(String::new, |mut text, c| {
            text.push(c);
            text
        })
        .parse_next(input)?;
    if opt('"').parse_next(input)?.is_none() {
        let end = start + 1;
        return fail(start..end, "This quotation is not closed; add a quotation mark.", "引号没有闭合；请补上引号。");
    }
    Ok(Literal { text, quoted: true, open: false, span: start..input.previous_token_end() })
}

fn bare(input: &mut Input<'_>) -> Read<Literal> {
    let start = input.current_token_start();
    let text = take_while(1.., is_bare).parse_next(input)?.to_owned();
    Ok(Literal { text, quoted: false, open: false, span: start..input.previous_token_end() })
}

/// `field:value`; a word with a colon that cannot be a field (`10:30`, `http://…`) is left to `bare`.
fn term(input: &mut Input<'_>) -> Read<RawTerm> {
    let start = input.current_token_start();
    let name = (any.verify(|c: &char| c.is_alphabetic()), take_while(0.., is_name)).take();
    let field = { name }.parse_next(input)?.to_owned();
    let field_span = start..input.previous_token_end();
    let op = operator(input)?;
    let items = cut_err(items).parse_next(input)?;
    Ok(RawTerm { field, field_span, op, items, span: start..input.previous_token_end() })
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '%' | '/' | '\'')
}

fn operator(input: &mut Input<'_>) -> Read<RawOp> {
    let compare = |input: &mut Input<'_>| -> Read<RawOp> {
        alt((
            "<=".value(RawOp::Compare(Op::AtMost)),
            ">=".value(RawOp::Compare(Op::AtLeast)),
            "<".value(RawOp::Compare(Op::Less)),
            ">".value(RawOp::Compare(Op::More)),
        ))
        .parse_next(input)
    };
    let colon = (':', peek(winnow::combinator::not("//")));
    alt((
        compare,
        "!=".value(RawOp::IsNot),
        "=".value(RawOp::Is),
        preceded(colon, opt(alt((compare, '='.value(RawOp::Is))))).map(|op| op.unwrap_or(RawOp::Is)),
    ))
    .parse_next(input)
}

fn items(input: &mut Input<'_>) -> Read<Vec<Item>> {
    let mut items = vec![value(input)?];
    while opt(',').parse_next(input)?.is_some() {
        items.push(value(input)?);
    }
    Ok(items)
}

fn value(input: &mut Input<'_>) -> Read<Item> {
    let start = input.current_token_start();
    let from = opt(literal).parse_next(input)?;
    let item = if opt("..").parse_next(input)?.is_some() {
        Item::Range(from, opt(literal).parse_next(input)?)
    } else {
        match from {
            Some(literal) => Item::One(literal),
            None => Item::Range(None, None),
        }
    };
    if item == Item::Range(None, None) {
        return fail(start..start, "A value is missing here.", "这里缺少一个值。");
    }
    Ok(item)
}

fn literal(input: &mut Input<'_>) -> Read<Literal> {
    if input.peek_token() == Some('"') {
        let mut literal = quoted(input)?;
        literal.open = opt('*').parse_next(input)?.is_some();
        literal.span.end = input.previous_token_end();
        return Ok(literal);
    }
    let start = input.current_token_start();
    let letter = (peek(winnow::combinator::not("..")), any.verify(|&c: &char| is_bare(c) && c != ','));
    let text = repeat::<_, _, (), _, _>(1.., letter).take().parse_next(input)?;
    let (text, open) = match text.strip_suffix('*') {
        Some(stem) if !stem.is_empty() => (stem, true),
        _ => (text, false),
    };
    Ok(Literal { text: text.to_owned(), quoted: false, open, span: start..input.previous_token_end() })
}

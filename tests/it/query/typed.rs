//! Queries at random, as somebody may type them, over texts that are likely to meet each other.

use frontdesk::domain::field::{Field, FieldType};
use frontdesk::domain::kind::{Kind, Registry, STAGE, TEAM, USER};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

/// Texts that are likely to meet each other, and to go wrong.
pub(super) const TEXTS: [&str; 34] = [
    "Acme",
    "Acme GmbH",
    "acme-gmbh, Berlin",
    "Müller",
    "Muller & Söhne",
    "O'Neil",
    "o’neil 'quoted'",
    "王伟",
    "王小明",
    "张三丰 Zhang",
    "北京华为科技",
    "上海Acme中国",
    "单于",
    "吕布",
    "DE",
    "Denmark",
    "Invalid token",
    "invalid token again",
    "token",
    "1042",
    "12",
    "100%",
    "a_b",
    "a\\b",
    "ＡＢＣ①",
    "Café crème",
    "İstanbul",
    "Σίσυφος",
    "straße",
    "none",
    "x",
    "say \"hi\" (now)",
    "東京 Tokyo",
    "Ünïcödé ünïcödé",
];
pub(super) const MAILS: [&str; 6] =
    ["ana@acme.com", "Bo@ACME.com", "wang.wei@example.cn", "a_b@x.de", "100%@x.de", "o'neil@x.ie"];
pub(super) const PHONES: [&str; 5] = ["+49 (171) 2345-67", "0171 234567", "110", "12-34", "x"];
pub(super) const URLS: [&str; 4] = ["https://acme.com/a_b", "www.müller.de", "EXAMPLE.cn", "x.y"];
pub(super) const TAGS: [&str; 7] = ["vip", "VIP!", "spam", "王伟", "a-b", "late payer", "é"];

pub(super) fn one<'a, T: ?Sized>(dice: &mut impl Rng, of: &[&'a T]) -> &'a T {
    of[dice.random_range(0..of.len())]
}

/// A query at random, as somebody may type it.
pub(super) fn query(registry: &Registry, kind: &Kind, dice: &mut ChaCha8Rng) -> String {
    fn filter(registry: &Registry, kind: &Kind, dice: &mut ChaCha8Rng, depth: u32) -> String {
        let minus = if dice.random_range(0..5) == 0 { "-" } else { "" };
        if depth > 0 && dice.random_range(0..4) == 0 {
            let sign = if dice.random_bool(0.5) { " or " } else { " " };
            let parts: Vec<_> = (0..dice.random_range(2..4)).map(|_| filter(registry, kind, dice, depth - 1)).collect();
            return format!("{minus}({})", parts.join(sign));
        }
        let part = if dice.random_range(0..4) == 0 { word(dice) } else { term(registry, kind, dice) };
        format!("{minus}{part}")
    }
    let parts: Vec<_> = (0..dice.random_range(1..4)).map(|_| filter(registry, kind, dice, 2)).collect();
    parts.join(if dice.random_range(0..4) == 0 { " or " } else { " " })
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn word(dice: &mut ChaCha8Rng) -> String {
    let words = [
        "acme",
        "mül",
        "muller",
        "oneil",
        "o'nei",
        "王",
        "王伟",
        "王小明",
        "小明",
        "wangwei",
        "ww",
        "wxm",
        "shanyu",
        "lvbu",
        "to",
        "token",
        "de",
        "den",
        "104",
        "1042",
        "12",
        "T3",
        "C7",
        "a_b",
        "ABC1",
        "cafe",
        "café",
        "istanbul",
        "σίσυφος",
        "strasse",
        "straße",
        "ana@",
        "acme.com",
        "example.cn",
        "x.y",
        "+49171",
        "0171-234",
        "110",
        "vip",
        "late",
        "&",
        "科技",
        "华为科技",
        "为科",
        "東京",
        "ünïc",
    ];
    let word = words[dice.random_range(0..words.len())];
    match dice.random_range(0..4) {
        0 => quoted(one(dice, &TEXTS)),
        1 => quoted(word),
        _ => word.into(),
    }
}

fn term(registry: &Registry, kind: &Kind, dice: &mut ChaCha8Rng) -> String {
    let mut kind = kind;
    let mut path = String::new();
    loop {
        let field = &kind.fields[dice.random_range(0..kind.fields.len())];
        path.push_str(&field.name);
        if let FieldType::Ref(target) = field.ty
            && dice.random_bool(0.4)
        {
            path.push('.');
            kind = registry.kind(target);
            continue;
        }
        if field.name == "deleted" && path == "deleted" && dice.random_bool(0.7) {
            return "deleted:any".into();
        }
        return format!("{path}{}", test(registry, field, dice));
    }
}

fn test(registry: &Registry, field: &Field, dice: &mut ChaCha8Rng) -> String {
    let keyword = dice.random_range(0..8);
    if keyword < 2 {
        return format!(":{}", ["none", "any"][keyword]);
    }
    let ordered = |dice: &mut ChaCha8Rng, values: &[String]| {
        let value = |dice: &mut ChaCha8Rng| values[dice.random_range(0..values.len())].clone();
        match dice.random_range(0..3) {
            0 => format!("{}{}", ["<", "<=", ">", ">="][dice.random_range(0..4)], value(dice)),
            1 => format!(":{}..{}", value(dice), value(dice)),
            _ => format!(":{}", value(dice)),
        }
    };
    let owned = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
    match &field.ty {
        FieldType::Text if dice.random_range(0..4) == 0 => {
            let text = one(dice, &TEXTS);
            format!("{}{}", ["<", "<=", ">", ">="][dice.random_range(0..4)], quoted(text))
        }
        FieldType::Text | FieldType::LongText => {
            let text = one(dice, &TEXTS);
            let part: String = text.chars().take(dice.random_range(1..8)).collect();
            match dice.random_range(0..3) {
                0 => format!(":{},none", quoted(text)),
                1 if !part.trim().is_empty() => format!(":{}*", quoted(&part)),
                _ => format!(":{}", quoted(text)),
            }
        }
        FieldType::Email => format!(":{}", quoted(one(dice, &["acme", "a_b", "%", "@X.de", "wang.wei", "'neil"]))),
        FieldType::Url => format!(":{}", quoted(one(dice, &["acme.com", "a_b", "MÜLLER", "."]))),
        FieldType::Phone => format!(":{}", quoted(one(dice, &["171 2345", "+49", "110", "1-2"]))),
        FieldType::Tags => format!(":{}", quoted(one(dice, &TAGS))),
        FieldType::Int => ordered(dice, &owned(&["-1", "0", "3", "5", "10"])),
        FieldType::Decimal | FieldType::Money { .. } => {
            ordered(dice, &owned(&["-2500.5", "0", "2500.5", "10k", "2万", "25005", "0.1M"]))
        }
        FieldType::Bool => format!(":{}", one(dice, &["yes", "no", "no,yes"])),
        FieldType::Day => ordered(
            dice,
            &owned(&[
                "today",
                "yesterday",
                "this-week",
                "last-month",
                "this-quarter",
                "-7d",
                "+2w",
                "2026",
                "now",
                "-1mo",
            ]),
        ),
        FieldType::Instant => {
            let points = owned(&["-7d", "+2h", "-90m", "now", "+1mo"]);
            let periods = owned(&["today", "tomorrow", "this-week", "next-month", "last-quarter", "this-year"]);
            if dice.random_bool(0.5) {
                ordered(dice, &periods)
            } else {
                let value = &points[dice.random_range(0..points.len())];
                format!("{}{value}", ["<", "<=", ">", ">="][dice.random_range(0..4)])
            }
        }
        FieldType::Span => {
            let spans = owned(&["0", "2h", "-2h", "7d", "1h30m", "-3d"]);
            let value = |dice: &mut ChaCha8Rng| spans[dice.random_range(0..spans.len())].clone();
            match dice.random_range(0..3) {
                0 => format!(":{}..{}", value(dice), value(dice)),
                1 => format!("<{}", value(dice)),
                _ => format!(">={}", value(dice)),
            }
        }
        FieldType::Choice(choices) => {
            let values: Vec<_> = choices.iter().map(|c| quoted(&c.code)).collect();
            if dice.random_bool(0.3) {
                format!(":{},{}", values[dice.random_range(0..values.len())], values[0])
            } else {
                ordered(dice, &values)
            }
        }
        FieldType::Ref(target) => {
            let code = registry.kind(*target).code(dice.random_range(1..9));
            let text = quoted(one(dice, &TEXTS));
            let staff = ["ana", "bo", "me", "my-team", "me,none", "BO", "b*"];
            match dice.random_range(0..4) {
                0 => format!(":{code}"),
                1 => format!(":{code},{text}"),
                _ if *target == USER => format!(":{}", one(dice, &staff)),
                _ if *target == TEAM => format!(":{}", one(dice, &["North", "head", "my-team", "so*"])),
                _ if *target == STAGE => format!(":{}", one(dice, &["Won", "Proposal", "pro*"])),
                _ => format!(":{text}"),
            }
        }
    }
}

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::date::Unit;
use super::*;
use crate::domain::field::Lang;
use crate::domain::kind::{CONTACT, DEAL, TICKET};

fn registry() -> Registry {
    Registry::builtin()
}

fn canonical(kind: KindId, text: &str) -> String {
    let registry = registry();
    let query = Query::parse(text, &registry, kind).unwrap_or_else(|m| panic!("{text}: {m} at {:?}", m.span));
    let printed = query.print(&registry, kind);
    let again = Query::parse(&printed, &registry, kind).unwrap_or_else(|m| panic!("{printed}: {m}"));
    assert_eq!(again, query, "{text} → {printed}");
    printed
}

#[test]
fn one_canonical_form() {
    for (text, printed) in [
        ("", ""),
        ("  \u{3000} ", ""),
        ("status:open", "status:open"),
        ("状态：打开", "status:open"),
        ("Status:\"On hold\"", "status:hold"),
        ("status:on-hold,pending,HOLD", "status:hold,pending"),
        ("priority>=high", "priority>=high"),
        ("优先级≥高", "priority>=high"),
        ("priority:low..high", "priority:low..high"),
        ("owner:me", "owner:me"),
        ("负责人:我", "owner:me"),
        ("assignee:ana", "owner:ana"),
        ("owner:none,me", "owner:none,me"),
        ("team:my-team", "team:my-team"),
        ("owner:U7", "owner:U7"),
        ("owner:7", "owner:U7"),
        ("owner:\"7\"", "owner:\"7\""),
        ("company:\"Acme Ltd\"", "company:\"Acme Ltd\""),
        ("company:acm*", "company:acm*"),
        ("company.country:DE", "company.country:DE"),
        ("公司.国家:DE", "company.country:DE"),
        ("owner.team:North", "owner.team:North"),
        ("tag:vip -tag:spam", "tags:vip -tags:spam"),
        ("sla<2h", "sla<2h"),
        ("sla<-30m", "sla<-30m"),
        ("age>7d idle:1h..2d", "age>7d idle:1h..2d"),
        ("created>-7d", "created>-7d"),
        ("created:>-1w", "created>-7d"),
        ("due<+2h", "due<+2h"),
        ("created:2026-11", "created:2026-11"),
        ("created:this-quarter", "created:this-quarter"),
        ("创建时间:今天", "created:today"),
        ("created:2026-01..2026-03", "created:2026-01..2026-03"),
        ("created:2026-01..", "created>=2026-01"),
        ("created:..yesterday", "created<=yesterday"),
        ("rating:3..5", "rating:3..5"),
        ("rating!=3", "-rating:3"),
        ("a b c", "a b c"),
        ("a and b AND c", "a b c"),
        ("a or b OR c | d 或 e", "a or b or c or d or e"),
        ("a b or c", "a b or c"),
        ("a (b or c)", "a (b or c)"),
        ("a|b", "a or b"),
        ("((a))", "a"),
        ("-(a b)", "-(a b)"),
        ("-(a or b)", "-(a or b)"),
        ("--a", "a"),
        ("-a", "-a"),
        ("a - b", "a - b"),
        ("\"invalid token\"", "\"invalid token\""),
        ("“invalid token”", "\"invalid token\""),
        ("「无效 令牌」", "\"无效 令牌\""),
        ("o'neil", "o'neil"),
        ("\"or\"", "\"or\""),
        ("10:30 http://x.y/z", "10:30 http://x.y/z"),
        ("ana@acme.com", "ana@acme.com"),
        ("+49 (30)", "+49 30"),
        ("sort:-created group:owner x", "x sort:-created group:owner"),
        ("sort:priority sort:-due", "sort:priority,-due"),
        ("description:acm*", "description:acm*"),
        ("subject:\"none\"", "subject:\"none\""),
        ("subject:none", "subject:none"),
        ("subject:\"say \\\"hi\\\"\"", "subject:\"say \\\"hi\\\"\""),
        ("first-reply:none", "first_reply:none"),
        ("deleted:any", "deleted:any"),
        ("t1042", "t1042"),
    ] {
        assert_eq!(canonical(TICKET, text), printed, "{text}");
    }
    for (text, printed) in [
        ("amount>10k", "amount>10000"),
        ("金额>=5万", "amount>=50000"),
        ("value:1M..2.5M", "amount:1000000..2500000"),
        ("stage:Proposal state:open", "stage:Proposal state:open"),
        ("状态:赢单", "state:won"),
        ("closed:2026-Q3", "closed:2026-Q3"),
        ("expected:-7d", "expected:-7d"),
        ("expected<+1mo", "expected<+1mo"),
        ("sort:-value group:stage", "sort:-amount group:stage"),
        ("company:O12", "company:O12"),
        ("company:C12", "company:C12"),
    ] {
        assert_eq!(canonical(DEAL, text), printed, "{text}");
    }
    for (text, printed) in [("no_contact:是", "no_contact:yes"), ("phone:+49-171", "phone:+49-171")] {
        assert_eq!(canonical(CONTACT, text), printed, "{text}");
    }
}

#[test]
fn mistakes_point_at_their_place() {
    for (text, place, en, expected) in [
        ("status:opne", "opne", "Status cannot be “opne”", "open"),
        ("状态：开", "开", "Status cannot be", "open"),
        ("x staus:open", "staus", "did you mean “status”", "status"),
        ("nonsense:1", "nonsense", "in quotes", "subject"),
        ("company.nowhere:DE", "nowhere", "Companies has no field", "name"),
        ("status.name:x", "status", "not another record", ""),
        ("created>7d", "7d", "write “-7d”", "-7d"),
        ("created:7d", "7d", "write “-7d”", "-7d"),
        ("created:-7d", "-7d", "point in time", "<"),
        ("age:7d", "7d", "hardly ever", "<"),
        ("age>soon", "soon", "span of time", "2h"),
        ("created:soonish", "soonish", "is a date", "today"),
        ("rating:many", "many", "whole number", "10"),
        ("rating:1.5", "1.5", "whole number", "10"),
        ("rating>", "", "value is missing", ""),
        ("rating:1,", "", "value is missing", ""),
        ("rating:1,2..3", "2..3", "cannot be part of a list", ""),
        ("rating>1,2", "2", "Only one value", ""),
        ("rating>none", "none", "cannot be compared", ""),
        ("owner>me", "me", "no order", ""),
        ("tags>a", "a", "no order", ""),
        ("subject:\"\"", "\"\"", "write “none”", "none"),
        ("\"open", "\"", "not closed", ""),
        ("“open", "“", "not closed", ""),
        ("(a b", "(", "not closed", ""),
        ("a) b", ")", "closes nothing", ""),
        ("a or", "", "missing here", ""),
        ("()", "", "missing here", ""),
        ("a or or b", "", "missing here", ""),
        ("(sort:created)", "", "", ""),
        ("-sort:created", "sort:created", "belongs beside", ""),
        ("a or sort:created", "sort:created", "belongs beside", ""),
        ("sort>created", "sort", "with a colon", ""),
        ("sort:tags", "tags", "no order to sort by", "created"),
        ("sort:-nowhere", "nowhere", "no field", ""),
        ("group:owner,team", "group:owner,team", "one field", ""),
    ] {
        let registry = registry();
        let mistake = match Query::parse(text, &registry, TICKET) {
            Err(mistake) => mistake,
            Ok(_) if en.is_empty() => continue,
            Ok(query) => panic!("{text} was read as {query:?}"),
        };
        assert_eq!(&text[mistake.span.clone()], place, "{text}: {mistake}");
        assert!(mistake.message(Lang::En).contains(en), "{text}: {mistake}");
        assert!(!mistake.message(Lang::Zh).is_ascii(), "{text}: {}", mistake.message(Lang::Zh));
        assert!(
            expected.is_empty() || mistake.expected.iter().any(|e| e == expected),
            "{text}: {:?}",
            mistake.expected
        );
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
    assert!(Query::parse(&deep, &registry(), TICKET).is_err());
    assert!(Query::parse(&"-".repeat(5000), &registry(), TICKET).is_err());
}

#[test]
fn and_joins_filters_and_keeps_the_newer_order() {
    let registry = registry();
    let parse = |text| Query::parse(text, &registry, TICKET).unwrap();
    let joined = parse("status:open or status:new sort:due").and(&parse("a or b sort:-created"));
    assert_eq!(joined.print(&registry, TICKET), "(status:open or status:new) (a or b) sort:-created");
    assert_eq!(parse("a group:owner").and(&Query::default()), parse("a group:owner"));
    assert!(Query::default().is_all());
}

#[test]
fn survives_json() {
    let query = Query::parse("a (status:open or due<+2h) created:2026-11 sort:-due", &registry(), TICKET).unwrap();
    let json = serde_json::to_string(&query).unwrap();
    assert_eq!(serde_json::from_str::<Query>(&json).unwrap(), query);
}

fn any_date() -> impl Strategy<Value = Date> {
    let unit = prop_oneof![Just(Unit::Day), Just(Unit::Week), Just(Unit::Month), Just(Unit::Quarter), Just(Unit::Year)];
    let day = (1900_i32..2100, 1_u32..13, 1_u32..29).prop_map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d).unwrap());
    prop_oneof![
        Just(Date::Now),
        (0_i32..50, 0_i32..900, 0_i64..90_000, any::<bool>()).prop_map(|(m, d, s, past)| {
            let sign = if past { -1 } else { 1 };
            match (m, d, s) {
                (0, 0, 0) => Date::Now,
                _ => Date::Offset { months: m * sign, days: d * sign, seconds: s * i64::from(sign) },
            }
        }),
        (unit, -1..=1).prop_map(|(unit, shift)| Date::Period { unit, shift }),
        (day.clone(), 0_u32..24, 0_u32..60).prop_map(|(d, h, m)| Date::Minute(d.and_hms_opt(h, m, 0).unwrap())),
        day.clone().prop_map(Date::Day),
        (1900_i32..2100, 1_u32..13).prop_map(|(y, m)| Date::Month(NaiveDate::from_ymd_opt(y, m, 1).unwrap())),
        (1900_i32..2100, 0_u32..4).prop_map(|(y, q)| Date::Quarter(NaiveDate::from_ymd_opt(y, q * 3 + 1, 1).unwrap())),
        (1000_i32..9999).prop_map(Date::Year),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9王伟é'’._*:,()\"|\\\\<>=!&@+\\- 　：“”「Ａ]{1,8}",
        prop::sample::select(vec![
            "none", "any", "me", "我", "or", "and", "7", "U7", "a..b", "-x", "http://a", "或", "a*"
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
    .prop_filter("blank", |s| !s.trim().is_empty())
    .prop_map(|s| s.trim().to_owned())
}

fn any_test(values: BoxedStrategy<Operand>, measures: BoxedStrategy<Operand>) -> BoxedStrategy<Test> {
    let is = prop::collection::vec(prop_oneof![8 => values, 1 => Just(Operand::None), 1 => Just(Operand::Any)], 1..4)
        .prop_map(|mut operands| {
            let mut seen: Vec<Operand> = Vec::new();
            operands.retain(|o| {
                !seen.contains(o) && {
                    seen.push(o.clone());
                    true
                }
            });
            Test::Is(operands)
        });
    let op = prop_oneof![Just(Op::Less), Just(Op::AtMost), Just(Op::More), Just(Op::AtLeast)];
    prop_oneof![
        2 => is,
        1 => (op, measures.clone()).prop_map(|(op, o)| Test::Compare(op, o)),
        1 => (measures.clone(), measures).prop_map(|(a, b)| Test::Range(a, b)),
    ]
    .boxed()
}

fn any_term() -> impl Strategy<Value = Filter> {
    let text = || (any_text(), any::<bool>()).prop_map(|(text, prefix)| Operand::Text { text, prefix }).boxed();
    let is_only = |test: Test| matches!(test, Test::Is(_));
    let choice = || prop::sample::select(vec!["low", "high", "urgent"]).prop_map(|c| Operand::Choice(c.into())).boxed();
    let number = || (-100_000_i64..100_000).prop_map(|n| Operand::Number(n.into())).boxed();
    let date = || any_date().prop_map(Operand::Date).boxed();
    let period = any_date().prop_filter("point", |d| !d.is_point()).prop_map(Operand::Date).boxed();
    let span = (-9_000_000_i64..9_000_000).prop_map(Operand::Span).boxed();
    let person = prop_oneof![Just(Operand::Me), Just(Operand::MyTeam), (1_i64..99).prop_map(Operand::Record), text()];
    let term = |path: &'static str, tests: BoxedStrategy<Test>| {
        tests.prop_map(move |test| Filter::Term(Term { path: path.split('.').map(str::to_owned).collect(), test }))
    };
    let person = any_test(person.boxed(), text()).prop_filter("no order", move |t| is_only(t.clone()));
    prop_oneof![
        term("subject", any_test(text(), text())),
        term("company.country", any_test(text(), text())),
        term("priority", any_test(choice(), choice())),
        term("rating", any_test(number(), number())),
        term("due", any_test(period, date())),
        term("contact.birthday", any_test(date(), date())),
        term("sla", any_test(Just(Operand::Any).boxed(), span)),
        term("owner", person.boxed()),
    ]
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let word = (any_text(), any::<bool>()).prop_map(|(text, quoted)| {
        let bare = Query::parse(&text, &Registry::builtin(), TICKET);
        let bare = matches!(bare, Ok(Query { filter: Filter::Word(w), .. }) if w.text == text && !w.quoted);
        Filter::Word(Word { text, quoted: quoted || !bare })
    });
    prop_oneof![1 => word, 2 => any_term()].prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::all),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::any),
            inner.prop_map(Filter::negate),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parse_undoes_print(
        filter in any_filter(),
        sort in prop::sample::subsequence(vec!["due", "priority", "owner"], 0..3),
        descending in any::<bool>(),
        group in prop::option::of(Just("status".to_owned())),
    ) {
        let registry = registry();
        let sort = sort.into_iter().map(|f| Sort { field: f.into(), descending }).collect();
        let query = Query { filter, sort, group };
        let printed = query.print(&registry, TICKET);
        let parsed = Query::parse(&printed, &registry, TICKET);
        prop_assert_eq!(parsed.as_ref(), Ok(&query), "{}", printed);
        prop_assert_eq!(parsed.unwrap().print(&registry, TICKET), printed);
    }

}

/// What a hand does to a query on its way: keys missed, hit twice, of another keyboard.
#[derive(Clone, Debug)]
enum Slip {
    Lost(Index),
    Doubled(Index),
    Put(Index, String),
    Cut(Index),
    FullWidth(Index),
}

fn any_slip() -> impl Strategy<Value = Slip> {
    let put = prop_oneof![
        select(vec![
            " ", "\u{3000}", ":", "：", "<", "=", "≥", "≠", "!", ",", "，", "、", "..", "。", "(", "）", "【", "|",
            "-", "\"", "“", "”", "「", "』", "\\", "*", "'", "or ", "且", "none", "9", "k", "万", "mo", "\u{301}",
            "\0", "İ",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop_oneof![
        any::<Index>().prop_map(Slip::Lost),
        any::<Index>().prop_map(Slip::Doubled),
        (any::<Index>(), put).prop_map(|(at, what)| Slip::Put(at, what)),
        any::<Index>().prop_map(Slip::Cut),
        any::<Index>().prop_map(Slip::FullWidth),
    ]
}

fn slipped(text: &str, slips: Vec<Slip>) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for slip in slips {
        match slip {
            Slip::Put(at, what) => {
                let at = at.index(text.len() + 1);
                text.splice(at..at, what.chars());
            }
            _ if text.is_empty() => {}
            Slip::Lost(at) => drop(text.remove(at.index(text.len()))),
            Slip::Doubled(at) => {
                let at = at.index(text.len());
                text.insert(at, text[at]);
            }
            Slip::Cut(at) => text.truncate(at.index(text.len())),
            Slip::FullWidth(at) => {
                let at = at.index(text.len());
                if ('!'..='~').contains(&text[at]) {
                    text[at] = char::from_u32(text[at] as u32 + 0xfee0).unwrap();
                }
            }
        }
    }
    text.into_iter().collect()
}

/// Queries that are right, of every part of the language.
fn right_query() -> impl Strategy<Value = String> {
    let written = select(vec![
        "status:open,pending -(priority>=high or sla<2h30m) sort:priority,-due group:owner",
        "状态：打开 优先级≥高 负责人：我，无",
        "company.country:DE contact.birthday:..2000-02-29 first_reply:none",
        "created:2026-01..2026-Q3 updated>-7d due<+1y2mo3w created:last-week",
        "“invalid token” 「无效 令牌」 \"say \\\"hi\\\"\" subject:acm*",
        "rating:3..5 rating!=3 a|b and c || d 10:30 http://x.y/z",
        "amount>=2.5万 value:1k..2.5M stage:Proposal state:open company:O12 owner.team:my-team",
        "deleted:any no_contact:是 phone:+49-171 tag:vip t1042 o'neil - x",
    ]);
    prop_oneof![2 => written.prop_map(str::to_owned), 1 => any_filter().prop_map(|filter| {
        Query { filter, ..Query::default() }.print(&Registry::builtin(), TICKET)
    })]
}

fn any_query_text() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => any::<String>(),
        2 => "([a-z状]{1,3}|status|created|[:<>=!.,()\"“”|*+\\- 　：≥]){0,12}",
        4 => (right_query(), prop::collection::vec(any_slip(), 0..5)).prop_map(|(text, slips)| slipped(&text, slips)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_at_a_place(text in any_query_text(), kind in select(vec![TICKET, DEAL, CONTACT])) {
        let registry = registry();
        match Query::parse(&text, &registry, kind) {
            Err(mistake) => {
                prop_assert!(text.get(mistake.span.clone()).is_some(), "{:?}", mistake);
                prop_assert!(!mistake.message(Lang::En).is_empty() && !mistake.message(Lang::Zh).is_empty());
            }
            Ok(query) => {
                let printed = query.print(&registry, kind);
                let again = Query::parse(&printed, &registry, kind);
                prop_assert_eq!(again.as_ref(), Ok(&query), "{}", printed);
                let now = "2026-11-15T20:30:00Z".parse().unwrap();
                each_date(&query.filter, &mut |date| {
                    let (from, to) = date.instants(now, chrono_tz::Asia::Shanghai);
                    assert!(from <= to, "{date:?}");
                });
            }
        }
    }

    #[test]
    fn at_any_place_of_any_text_something_can_be_offered(
        text in any_query_text(),
        cursor in any::<Index>(),
        kind in select(vec![TICKET, DEAL, CONTACT]),
        lang in select(vec![Lang::En, Lang::Zh]),
    ) {
        let registry = registry();
        // Behind the end and inside a character as well.
        let cursor = cursor.index(text.len() + 3);
        let completion = complete(&text, cursor, &registry, kind, lang);
        prop_assert!(text.get(completion.replace.clone()).is_some(), "{:?}", completion.replace);
        prop_assert!(completion.replace.end <= cursor, "{:?}", completion.replace);
        let mut end = 0;
        for (span, part) in parts(&text, &registry, kind) {
            prop_assert!(text.get(span.clone()).is_some() && span.start >= end, "{:?} {:?}", span, part);
            end = span.end;
        }
    }
}

fn each_date(filter: &Filter, see: &mut impl FnMut(&Date)) {
    let mut operand = |operand: &Operand| {
        if let Operand::Date(date) = operand {
            see(date);
        }
    };
    match filter {
        Filter::All | Filter::Word(_) => {}
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| each_date(part, see)),
        Filter::Not(inner) => each_date(inner, see),
        Filter::Term(term) => match &term.test {
            Test::Is(operands) => operands.iter().for_each(operand),
            Test::Compare(_, one) => operand(one),
            Test::Range(from, to) => [from, to].into_iter().for_each(operand),
        },
    }
}

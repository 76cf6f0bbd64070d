//! The tickets pane looked at as text: the conversation beside the queue and each of its strips, in five sizes and both
//! languages.

use chrono::Duration;

use crate::desk::{
    self, Agent, Answering, Asked, Category, Conflict, Filing, Leaving, Likely, Moment, Outgoing, Page, What,
};
use crate::domain::action::{Action, Envelope};
use crate::domain::field::Lang;
use crate::domain::kind::{CANNED, MESSAGE, Registry, TICKET};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::tui::effect::{Answer, Question};
use crate::tui::stage::{Stage, ago, made, now, office, to};

const SIZES: [(u16, u16); 5] = [(44, 20), (60, 24), (80, 24), (120, 40), (200, 60)];

fn conversation() -> Vec<Moment> {
    let message = |id, minutes, direction: &str, who: (&str, Value), body: &str| Moment {
        at: ago(minutes),
        what: What::Record(made(
            MESSAGE,
            id,
            &[("direction", Value::Choice(direction.into())), (who.0, who.1), ("body", Value::text(body))],
        )),
    };
    vec![
        message(7, 1, "out", ("author", to(1, "Ana Lima")), "Dear Petra,\n\nit works again.\n\nAna"),
        message(
            5,
            20,
            "note",
            ("author", to(2, "Bo Jensen")),
            "Looks like the token cache. 先看缓存是否过期，再决定要不要重置令牌。",
        ),
        message(
            4,
            90,
            "out",
            ("author", to(1, "Ana Lima")),
            "Dear Petra,\n\nwe are looking into it.\n\nKind regards\nAna",
        ),
        message(3, 120, "in", ("contact", to(300, "Petra Vogel")), "Still \u{1b}[31m\"invalid token\" on every page."),
    ]
}

fn answers() -> Vec<Record> {
    let of = |id, name: &str, language: &str, category: &str, body: &str| {
        let values = [("name", name), ("language", language), ("category", category), ("body", body)];
        made(CANNED, id, &values.map(|(field, text)| (field, Value::text(text))))
    };
    vec![
        of(
            1,
            "Password reset",
            "en",
            "App",
            "Dear {contact.name},\n\nwe have reset your access.\n\nKind regards\n{me.name}",
        ),
        of(
            2,
            "Technician on the way",
            "en",
            "Hardware",
            "Dear {contact.name},\n\na technician comes on {date}.\n\n{me.name}",
        ),
        of(3, "重置密码", "zh", "应用", "{contact.salutation}，您好：\n\n您的账号已重置。\n\n{me.name}"),
    ]
}

fn filing() -> Filing {
    let category = |letter, name: &str| Category { letter, name: name.into() };
    let agent = |letter, id, name: &str, load| Agent { letter, id, name: name.into(), load };
    let names = ["App", "Billing", "Contract", "Delivery", "Hardware", "Returns", "Sales", "Services", "Supplies"];
    let mut categories: Vec<Category> = names.iter().zip("abcdhrsvu".chars()).map(|(n, l)| category(l, n)).collect();
    categories.extend([category('f', "发票"), category('w', "物流"), category('t', "退货")]);
    Filing {
        categories,
        agents: vec![agent('a', 1, "Ana Lima", 14), agent('b', 2, "Bo Jensen", 9), agent('c', 3, "曹颖", 11)],
        likely: Some(Likely { category: "App".into(), n: 14, of: 17, words: vec!["login".into(), "update".into()] }),
    }
}

fn stage(lang: Lang, width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(lang, width, height, office());
    let registry = Registry::builtin();
    let kind = registry.kind(TICKET);
    for record in stage.records.iter_mut().filter(|r| r.kind == TICKET && r.id == 1040) {
        record.set(kind, "company", to(0, "Acme GmbH"));
        record.set(kind, "type", Value::Choice("fault".into()));
        record.set(kind, "channel", Value::Choice("mail".into()));
        record.set(kind, "owner", Value::Null);
        record.set(kind, "snoozed", Value::Instant(now() + Duration::hours(20)));
        record.set(kind, "snooze_reason", Value::text("waiting for the courier"));
        record.set(kind, "created", Value::Instant(ago(60 * 24 * 2)));
        record.set(kind, "first_reply", Value::Instant(ago(60 * 24 * 2 - 8)));
    }
    stage.answers = Box::new(|question| match question {
        Question::Timeline { kind: TICKET, .. } => Some(Answer::Timeline(Ok(conversation()))),
        Question::Filing { .. } => Some(Answer::Filing(Ok(filing()))),
        Question::Outgoing { .. } => {
            let mail = |message, state| Outgoing {
                message,
                to: "petra.vogel@acme.example".into(),
                cc: String::new(),
                sender: "Ana Lima <ana@tern.example>".into(),
                state,
                at: now(),
            };
            Some(Answer::Outgoing(Ok(vec![mail(7, Leaving::Held), mail(4, Leaving::Queued)])))
        }
        Question::Answering { .. } => Some(Answer::Answering(Ok(Answering {
            subject: "Cannot log in after update".into(),
            envelope: Envelope {
                to: "petra.vogel@acme.example".into(),
                cc: String::new(),
                sender: "Ana Lima <ana@tern.example>".into(),
            },
            seen: 7,
            asked: Some(Asked {
                by: Some("Petra Vogel".into()),
                at: ago(120),
                body: "Still \u{1b}[31m\"invalid token\" on every page.".into(),
            }),
            blanks: vec![("contact.name", "Petra Vogel".into()), ("me.name", "Ana Lima".into())],
        }))),
        Question::Page { kind: CANNED, .. } => Some(Answer::Page(Ok(Page { records: answers(), more: false }))),
        _ => None,
    });
    stage
}

fn everywhere(name: &str, keys: &str) {
    for lang in [Lang::En, Lang::Zh] {
        for (width, height) in SIZES {
            let mut stage = stage(lang, width, height);
            stage.keys("g t").rest().keys(keys);
            let lang = if lang == Lang::En { "en" } else { "zh" };
            insta::assert_snapshot!(format!("{name}_{lang}_{width}"), stage.screen());
        }
    }
}

#[test]
fn the_conversation_beside_the_queue() {
    everywhere("conversation", "enter");
}

#[test]
fn filing_by_letters() {
    everywhere("file", "f");
}

#[test]
fn sending() {
    everywhere("send", "r H e l l o ctrl-s");
}

#[test]
fn canned_answers() {
    everywhere("canned", "r ctrl-t p");
}

#[test]
fn snoozing() {
    everywhere("snooze", "z f r i");
}

fn sets(stage: &Stage) -> Vec<Vec<String>> {
    let fields = |q: &Question| match q {
        Question::Perform { action: Action::Set { edits }, .. } => {
            Some(edits.iter().map(|e| format!("{}={}", e.field, e.now.as_str().unwrap_or("ref"))).collect())
        }
        _ => None,
    };
    stage.asked.iter().filter_map(|(_, q)| fields(q)).collect()
}

#[test]
fn three_choices_are_one_set_and_the_cursor_moves_on() {
    let mut stage = stage(Lang::En, 80, 24);
    // Full-width letters are the same keys, a letter that nothing has is said, Backspace goes a choice back.
    stage.keys("g t f ｂ 2 backspace z");
    assert!(stage.screen().contains("z stands for none of these"), "{}", stage.screen());
    stage.keys("3 b");
    assert_eq!(sets(&stage), [["category=Billing", "priority=high", "owner=ref"]]);
    assert!(stage.screen().contains("▌ T1041"), "{}", stage.screen());
    // Typed ahead of the strip's letters, none is lost.
    stage.hold = true;
    stage.keys("f d 1 c f a 4 a");
    stage.release();
    assert_eq!(sets(&stage).len(), 3);
}

#[test]
fn a_refused_filing_names_its_ticket_though_the_cursor_moved_on() {
    let mut stage = stage(Lang::En, 80, 24);
    let mut others = std::mem::replace(&mut stage.answers, Box::new(|_| None));
    stage.answers = Box::new(move |q| match q {
        Question::Perform { .. } => Some(Answer::Outcome(Err(desk::Error::Denied("not yours".into())))),
        q => others(q),
    });
    stage.keys("g t f b 2 b");
    assert_eq!(stage.app.status(), Some("T1040: not yours"));
}

#[test]
fn what_a_colleague_wrote_stands_above_before_the_second_key_sends() {
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        let mut stage = stage(lang, 80, 24);
        let mut others = std::mem::replace(&mut stage.answers, Box::new(|_| None));
        let mut is_first = true;
        stage.answers = Box::new(move |q| match q {
            Question::Perform { .. } if std::mem::take(&mut is_first) => {
                let conflict = Conflict {
                    field: "message".into(),
                    was: Value::Null,
                    mine: Value::Null,
                    theirs: Value::text("I have reset it,\nplease try again."),
                    by: "Bo Jensen".into(),
                    at: Some(ago(1)),
                };
                Some(Answer::Outcome(Err(desk::Error::Conflict(vec![conflict]))))
            }
            q => others(q),
        });
        stage.keys("g t r H i ctrl-s s");
        insta::assert_snapshot!(format!("meanwhile_{name}"), stage.screen());
        stage.keys("s");
        assert!(stage.app.status().is_some_and(|s| s.contains("petra.vogel@acme.example")), "{}", stage.screen());
    }
}

#[test]
fn a_reply_says_how_it_is_sent_and_what_it_answers_and_a_note_does_not() {
    for (width, height) in [(80, 24), (100, 30), (120, 40)] {
        let mut stage = stage(Lang::En, width, height);
        stage.keys("g t").rest().keys("r");
        let screen = stage.screen();
        let bottom = screen.lines().last().unwrap_or_default();
        assert!(bottom.contains("Ctrl-s send…") && bottom.contains("Ctrl-t canned answer"), "{screen}");
        assert!(!bottom.contains("save"), "{screen}");
        assert!(screen.contains("◂ Petra Vogel") && screen.contains("\"invalid token\" on every page."), "{screen}");
        stage.keys("esc i");
        let screen = stage.screen();
        let bottom = screen.lines().last().unwrap_or_default();
        assert!(bottom.contains("Ctrl-s save") && !bottom.contains("canned answer"), "{screen}");
        stage.keys("ctrl-t");
        assert!(!stage.screen().contains("Canned answers"), "{}", stage.screen());
    }
}

#[test]
fn writing_goes_on_at_the_first_blank_of_a_canned_answer() {
    let mut stage = stage(Lang::En, 80, 24);
    stage.keys("g t r ctrl-t").text("tech").keys("enter");
    assert!(stage.screen().contains("{date} is still to be filled in"), "{}", stage.screen());
    stage.text("Friday");
    assert!(stage.screen().contains("a technician comes on Friday{date}."), "{}", stage.screen());
    // One without blanks leaves the cursor behind it.
    stage.keys("esc").keys("r ctrl-u");
    stage.keys("ctrl-t").text("password").keys("enter").text(" & team");
    assert!(stage.screen().contains("Ana Lima & team"), "{}", stage.screen());
}

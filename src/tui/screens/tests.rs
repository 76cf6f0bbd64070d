//! Forms, records and histories driven by keys and looked at as text.

use serde_json::json;

use crate::desk::{self, Conflict, Hit, Moment, Present, Twin, What};
use crate::domain::action::Action;
use crate::domain::change::{Change, Deed, FieldChange};
use crate::domain::field::Lang;
use crate::domain::kind::{ACTIVITY, COMPANY, CONTACT, MESSAGE, Registry, TICKET};
use crate::domain::value::Value;
use crate::tui::effect::{Answer, Question};
use crate::tui::stage::{Stage, ago, made, office, to};

fn change(
    id: i64,
    minutes: i64,
    by: &str,
    door: &str,
    deed: Deed,
    fields: &[(&str, serde_json::Value, serde_json::Value)],
) -> Change {
    let field = |(name, before, after): &(&str, serde_json::Value, serde_json::Value)| FieldChange {
        field: (*name).into(),
        before: before.clone(),
        after: after.clone(),
    };
    Change {
        id,
        operation: 100 + id,
        action: "set".into(),
        at: ago(minutes),
        by: by.into(),
        by_id: Some(2),
        door: door.into(),
        kind: TICKET,
        record: 1040,
        version: id,
        deed,
        fields: fields.iter().map(field).collect(),
    }
}

fn changes() -> Vec<Change> {
    vec![
        change(
            3,
            9,
            "Bo Jensen",
            "tui",
            Deed::Update,
            &[
                ("priority", json!("normal"), json!("urgent")),
                ("owner", json!(null), json!({"id": 1, "label": "Ana Lima"})),
            ],
        ),
        change(2, 60 * 26, "Cy Okafor", "psql", Deed::Update, &[("status", json!("new"), json!("open"))]),
        change(1, 60 * 24 * 9, "Ana Lima", "import", Deed::Create, &[]),
    ]
}

fn timeline() -> Vec<Moment> {
    let message = |id, minutes, direction: &str, who: (&str, Value), body: &str| Moment {
        at: ago(minutes),
        what: What::Record(made(
            MESSAGE,
            id,
            &[
                ("direction", Value::Choice(direction.into())),
                (who.0, who.1),
                ("body", Value::text(body)),
                ("sent", Value::Instant(ago(minutes))),
            ],
        )),
    };
    let call = made(
        ACTIVITY,
        9,
        &[
            ("type", Value::Choice("call".into())),
            ("subject", Value::text("Asked for the log file")),
            ("outcome", Value::Choice("reached".into())),
            ("owner", to(2, "Bo Jensen")),
            ("done", Value::Bool(true)),
        ],
    );
    let changes = changes();
    vec![
        Moment { at: ago(9), what: What::Change(changes[0].clone()) },
        message(
            5,
            20,
            "note",
            ("author", to(2, "Bo Jensen")),
            "Looks like the token cache. 先看缓存是否过期，再决定要不要重置令牌。",
        ),
        Moment { at: ago(45), what: What::Record(call) },
        message(
            4,
            90,
            "out",
            ("author", to(1, "Ana Lima")),
            "Dear Petra,\n\nwe are looking into it and will be back within the hour.\n\nKind regards\nAna",
        ),
        message(
            3,
            120,
            "in",
            ("contact", to(300, "Petra Vogel")),
            "After yesterday's update I get \u{1b}[31m\"invalid token\" on every page, on the phone as well as on the desktop, and nobody here can work any more.\n\n> Your release notes\n> said nothing about it",
        ),
        Moment { at: changes[1].at, what: What::Change(changes[1].clone()) },
        Moment { at: changes[2].at, what: What::Change(changes[2].clone()) },
    ]
}

/// A stage with a lively ticket, somebody else on it, and things to find.
fn stage(lang: Lang, width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(lang, width, height, office());
    let registry = Registry::builtin();
    let kind = registry.kind(TICKET);
    for record in stage.records.iter_mut().filter(|r| r.kind == TICKET && r.id == 1040) {
        record.set(kind, "company", to(0, "Acme GmbH"));
        record.set(kind, "type", Value::Choice("fault".into()));
        record.set(kind, "channel", Value::Choice("mail".into()));
        record.set(kind, "tags", Value::Tags(vec!["de".into(), "vip".into()]));
        record.set(kind, "sla", Value::Seconds(-720));
        record.set(kind, "created", Value::Instant(ago(60 * 24 * 9)));
    }
    stage.app.ui.present =
        vec![Present { person: 2, name: "Bo Jensen".into(), kind: TICKET, record: 1040, typing: false }];
    stage.answers = Box::new(|question| match question {
        Question::Timeline { kind: TICKET, .. } => Some(Answer::Timeline(Ok(timeline()))),
        Question::History { .. } => Some(Answer::History(Ok(changes()))),
        Question::Find { text, kinds, .. } if kinds == &[COMPANY] => {
            let hit =
                |id, title: &str, detail: &str| Hit { kind: COMPANY, id, title: title.into(), detail: detail.into() };
            let all = [
                hit(1, "Acme GmbH", "Berlin · customer"),
                hit(2, "Acme Holding", "Zürich"),
                hit(3, "北京智远科技有限公司", "北京"),
            ];
            let fits = |h: &Hit| h.title.to_lowercase().contains(&text.to_lowercase());
            Some(Answer::Hits(Ok(all.into_iter().filter(fits).collect())))
        }
        _ => None,
    });
    stage
}

fn performed(stage: &Stage) -> Vec<Action> {
    let action = |q: &Question| if let Question::Perform { action, .. } = q { Some(action.clone()) } else { None };
    stage.asked.iter().filter_map(|(_, q)| action(q)).collect()
}

fn drafts(stage: &Stage) -> Vec<(String, serde_json::Value)> {
    let draft = |q: &Question| match q {
        Question::SaveDraft { key, draft } => Some((key.clone(), draft.clone())),
        _ => None,
    };
    stage.asked.iter().filter_map(|(_, q)| draft(q)).collect()
}

#[test]
fn a_new_record_is_entered_checked_and_saved() {
    let mut stage = stage(Lang::En, 100, 30);
    stage
        .keys("g c n")
        .text("Petra")
        .keys("tab tab tab tab tab")
        .text("ac")
        .keys("enter tab")
        .text("petra")
        .keys("tab");
    let screen = stage.screen();
    assert!(screen.contains("Acme GmbH") && screen.contains("✗ is not a mail address"), "{screen}");
    stage.keys("ctrl-s");
    assert!(performed(&stage).is_empty(), "a faulty form is not saved");
    assert!(stage.screen().contains("a field needs another look"), "{}", stage.screen());
    stage.text("@acme.example").keys("ctrl-s");
    let Some(Action::Create { values, .. }) = performed(&stage).pop() else { panic!("it was saved") };
    let names: Vec<&str> = values.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(names, ["name", "company", "email"]);
    assert!(!stage.screen().contains("New Contact"), "the form is closed");
}

#[test]
fn a_failed_save_keeps_the_form_and_says_why_beside_the_field() {
    let mut stage = stage(Lang::En, 100, 30);
    let mut refusals = vec![
        desk::Error::Unavailable("The database cannot be reached".into()),
        desk::Error::Invalid { field: "email".into(), reason: "belongs to C7".into() },
    ];
    stage.answers = Box::new(move |q| match q {
        Question::Perform { .. } => refusals.pop().map(|e| Answer::Outcome(Err(e))),
        _ => None,
    });
    stage.keys("g c n").text("Petra").keys("ctrl-s");
    let screen = stage.screen();
    assert!(screen.contains("✗ belongs to C7") && screen.contains("▌ Email"), "{screen}");
    stage.text("p@a.example").keys("ctrl-s");
    assert!(stage.screen().contains("cannot be reached") && stage.screen().contains("p@a.example"));
    stage.msg(crate::tui::msg::Msg::News(desk::News::Line(true)));
    assert!(stage.screen().contains("Ctrl-s saves"), "{}", stage.screen());
    stage.keys("ctrl-s");
    assert_eq!(performed(&stage).len(), 3);
    assert!(!stage.screen().contains("New Contact"));
}

#[test]
fn half_filled_forms_are_kept_and_offered_back() {
    let mut stage = stage(Lang::En, 100, 30);
    stage.keys("g c n").text("Pet").rest();
    let kept = drafts(&stage);
    assert_eq!(kept.last().map(|(k, d)| (k.as_str(), &d["content"]["name"])), Some(("contact:new", &json!("Pet"))));
    stage.text("ra").keys("esc");
    assert!(stage.screen().contains("Kept as a draft"), "{}", stage.screen());
    let draft = drafts(&stage).pop().expect("the test made it so").1;
    assert_eq!(draft["content"]["name"], "Petra");
    stage.answers = Box::new(move |q| match q {
        Question::Draft { .. } => Some(Answer::Json(Ok(Some(draft.clone())))),
        _ => None,
    });
    stage.keys("n");
    assert!(stage.screen().contains("Unfinished text from 09:41: Ctrl-o brings it back"), "{}", stage.screen());
    stage.text("X").rest();
    assert_eq!(
        drafts(&stage).last().expect("the test made it so").1["content"]["name"],
        "X",
        "new text goes over the offered one"
    );
    stage.keys("ctrl-u ctrl-o");
    assert!(stage.screen().contains("• Petra"), "{}", stage.screen());
    stage.keys("ctrl-x");
    assert!(drafts(&stage).last().expect("the test made it so").1.is_null(), "thrown away");
    assert!(!stage.screen().contains("New Contact"));
}

#[test]
fn a_cut_line_keeps_what_was_just_typed() {
    let mut stage = stage(Lang::En, 100, 30);
    stage.keys("g c n").text("Pet").rest().text("ra");
    let typed = |stage: &mut Stage| {
        let mut saved = Vec::new();
        for effect in stage.app.cut() {
            if let crate::tui::effect::Effect::Ask { question: Question::SaveDraft { key, draft }, .. } = effect {
                saved.push((key, draft["content"].clone()));
            }
        }
        saved
    };
    assert_eq!(typed(&mut stage), [("contact:new".to_owned(), json!({ "name": "Petra" }))]);
    assert_eq!(typed(&mut stage), [], "what is kept is not kept twice");
    let mut stage = self::stage(Lang::En, 100, 30);
    stage.keys("g t enter i").text("call her");
    stage.keys("g");
    assert_eq!(typed(&mut stage), [("ticket:1040:note".to_owned(), json!("call herg"))]);
    let mut stage = self::stage(Lang::En, 100, 30);
    stage.keys("g c n");
    assert_eq!(typed(&mut stage), [], "an untouched form leaves an offered draft alone");
}

#[test]
fn likely_duplicates_show_while_entering() {
    let mut stage = stage(Lang::En, 100, 30);
    stage.answers = Box::new(|q| match q {
        Question::Twins { record } => {
            assert!(record.values.contains(&Value::text("wangwei@zhiyuan.example")));
            let hit = Hit { kind: CONTACT, id: 301, title: "王伟".into(), detail: String::new() };
            Some(Answer::Twins(Ok(vec![Twin { hit, same: "email".into() }])))
        }
        _ => None,
    });
    stage.keys("g c n tab tab tab tab tab tab").text("wangwei@zhiyuan.example");
    assert!(!stage.screen().contains("Looks like"), "not while typing");
    stage.keys("tab");
    assert!(stage.screen().contains("Looks like C301 王伟: same Email · Ctrl-g opens it"), "{}", stage.screen());
    stage.keys("ctrl-g");
    assert!(stage.screen().contains("C301 王伟 ─"), "{}", stage.screen());
    stage.keys("esc");
    assert!(stage.screen().contains("wangwei@zhiyuan.example"), "the form is as it was");
}

#[test]
fn a_conflict_is_settled_field_by_field() {
    let mut stage = stage(Lang::En, 100, 30);
    let mut is_first = true;
    stage.answers = Box::new(move |q| match q {
        Question::Perform { .. } if std::mem::take(&mut is_first) => {
            let conflict = |field: &str, was, mine, theirs| Conflict {
                field: field.into(),
                was,
                mine,
                theirs,
                by: "Bo Jensen".into(),
                at: Some(ago(2)),
            };
            let tags = |t: &[&str]| Value::Tags(t.iter().map(|&t| t.to_owned()).collect());
            let choice = |c: &str| Value::Choice(c.into());
            Some(Answer::Outcome(Err(desk::Error::Conflict(vec![
                conflict("priority", choice("urgent"), choice("low"), choice("high")),
                conflict("tags", tags(&["de", "vip"]), tags(&["de", "vip", "mine"]), tags(&["de", "vip", "theirs"])),
            ]))))
        }
        _ => None,
    });
    stage.keys("g t e tab tab 1 ctrl-s");
    insta::assert_snapshot!("settle", stage.screen());
    stage.keys("t ctrl-s");
    assert_eq!(performed(&stage).len(), 1, "not before all is settled");
    stage.keys("b");
    assert!(stage.screen().contains("All settled: Enter saves"), "{}", stage.screen());
    stage.keys("enter");
    let Some(Action::Set { edits }) = performed(&stage).pop() else { panic!("it was saved") };
    assert_eq!(edits.len(), 1, "theirs needs no edit");
    assert_eq!(edits[0].now, Value::Tags(["de", "mine", "theirs", "vip"].map(str::to_owned).to_vec()));
}

#[test]
fn anothers_change_marks_the_field_and_leaves_the_keyboard() {
    let mut stage = stage(Lang::En, 100, 30);
    stage.keys("g t e").text("!");
    let registry = Registry::builtin();
    let kind = registry.kind(TICKET);
    for record in stage.records.iter_mut().filter(|r| r.kind == TICKET && r.id == 1040) {
        record.set(kind, "subject", Value::text("Login broken"));
        record.set(kind, "category", Value::text("Access"));
        record.set(kind, "updater", to(2, "Bo Jensen"));
    }
    stage.msg(super::super::tests::touched(TICKET, 1040));
    stage.text("!");
    let screen = stage.screen();
    assert!(screen.contains("Cannot log in after update!!"), "{screen}");
    assert!(screen.contains("≠ Bo Jensen: Login broken"), "{screen}");
    assert!(screen.contains("Access"), "an untouched field follows: {screen}");
}

#[test]
fn a_record_shows_everything_that_touched_it() {
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        for (width, height) in [(80, 24), (120, 40)] {
            let mut stage = stage(lang, width, height);
            stage.keys("g t enter");
            insta::assert_snapshot!(format!("record_{name}_{width}"), stage.screen());
        }
    }
}

#[test]
fn a_form_in_both_languages() {
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        for (width, height) in [(80, 24), (120, 40)] {
            let mut stage = stage(lang, width, height);
            stage.keys("g t e tab tab");
            insta::assert_snapshot!(format!("form_{name}_{width}"), stage.screen());
        }
    }
}

#[test]
fn a_refresh_keeps_the_cursor_on_its_line() {
    let mut stage = stage(Lang::En, 80, 24);
    stage.keys("g t enter j j j j j");
    let line = |s: &str| s.lines().position(|l| l.contains('▌')).expect("a cursor");
    let before = stage.screen();
    stage.answers = Box::new(|q| match q {
        Question::Timeline { .. } => {
            let mut moments = timeline();
            let note = [("direction", Value::Choice("note".into())), ("body", Value::text("new\nand\ntall"))];
            moments.insert(0, Moment { at: ago(0), what: What::Record(made(MESSAGE, 77, &note)) });
            Some(Answer::Timeline(Ok(moments)))
        }
        _ => None,
    });
    stage.msg(super::super::tests::touched(MESSAGE, 77));
    let after = stage.screen();
    assert_ne!(before, after.clone() + "x");
    assert_eq!(line(&before), line(&after), "{before}\n{after}");
    stage.keys("home");
    stage.keys("j j");
    assert!(stage.screen().contains("tall"), "{}", stage.screen());
}

#[test]
fn notes_replies_and_touches_are_a_few_keys() {
    let mut stage = stage(Lang::En, 80, 24);
    stage.keys("g t enter i").text("先看缓存").keys("ctrl-s");
    assert!(matches!(performed(&stage).last(), Some(Action::Comment { text }) if text == "先看缓存"));
    stage.keys("r").text("Dear Petra,").keys("enter").text("done.").rest();
    let (key, draft) = drafts(&stage).pop().expect("the test made it so");
    assert_eq!((key.as_str(), draft["content"].as_str()), ("ticket:1040:reply", Some("Dear Petra,\ndone.")));
    stage.keys("ctrl-s enter");
    assert!(matches!(performed(&stage).last(), Some(Action::Reply { .. })));
    stage.keys("c 2 enter");
    let Some(Action::Log { values }) = performed(&stage).pop() else { panic!("it was logged") };
    assert!(values.contains(&("outcome".into(), Value::Choice("no_answer".into()))), "{values:?}");
    stage.text("tomorrow 3pm send the contract");
    assert!(stage.screen().contains("15:00  send the contract"), "{}", stage.screen());
    stage.keys("ctrl-u").text("mon 10 send the quote");
    assert!(stage.screen().contains("= Mon 16 Mar 2026, 10:00  send the quote"), "{}", stage.screen());
    stage.keys("enter");
    let Some(Action::Log { values }) = performed(&stage).pop() else { panic!("the next step was planned") };
    assert!(values.contains(&("subject".into(), Value::text("send the quote"))), "{values:?}");
    assert!(stage.screen().contains("next step planned"), "{}", stage.screen());
}

#[test]
fn a_touch_is_logged_from_the_list_and_digits_choose_what_is_shown() {
    let mut stage = stage(Lang::En, 80, 24);
    stage.keys("g c c");
    let screen = stage.screen();
    for shown in ["5 [Call]", "6 Meeting", "7 Mail", "8 Note", "9 Visit", "0 Task", "1 Reached", "4 Wrong number"] {
        assert!(screen.contains(shown), "{shown}:\n{screen}");
    }
    let logged = |stage: &Stage| match performed(stage).pop() {
        Some(Action::Log { values }) => values,
        _ => panic!("it was logged"),
    };
    // What a call ends with is no outcome of a task; there its digits are a text like any other.
    stage.keys("2 0");
    assert!(stage.screen().contains("0 [Task]") && !stage.screen().contains("No answer"), "{}", stage.screen());
    stage.text("3 crates").keys("enter");
    let values = logged(&stage);
    assert!(values.contains(&("type".into(), Value::Choice("task".into()))), "{values:?}");
    assert!(values.contains(&("subject".into(), Value::text("3 crates"))), "{values:?}");
    assert!(!values.iter().any(|(name, _)| name == "outcome"), "{values:?}");
    stage.keys("esc c 7 tab").text("at 5").keys("enter");
    let values = logged(&stage);
    assert!(values.contains(&("type".into(), Value::Choice("note".into()))), "{values:?}");
    // On a phone's screen nothing that is typed is hidden.
    let mut narrow = self::stage(Lang::En, 44, 20);
    narrow.keys("g c c").text("see you");
    assert!(narrow.screen().contains("› see you") && narrow.screen().contains("0 Task"), "{}", narrow.screen());
}

#[test]
fn a_long_mail_in_the_timeline_is_read_to_its_end() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut stage = stage(Lang::En, width, height);
        let body = (1..=60).map(|n| format!("Line {n} of the letter.")).collect::<Vec<_>>().join("\n");
        stage.answers = Box::new(move |q| match q {
            Question::Timeline { .. } => {
                let values = [
                    ("type", Value::Choice("mail".into())),
                    ("subject", Value::text("A letter")),
                    ("body", Value::text(body.as_str())),
                ];
                Some(Answer::Timeline(Ok(vec![Moment { at: ago(5), what: What::Record(made(ACTIVITY, 9, &values)) }])))
            }
            _ => None,
        });
        // Moving goes by the size in which it was drawn.
        stage.keys("g c enter");
        stage.screen();
        stage.keys("G");
        let screen = stage.screen();
        assert!(screen.contains("46 more lines: Enter on it shows them"), "{screen}");
        stage.keys("enter");
        for n in 1..=60 {
            let wanted = format!("Line {n} of the letter.");
            for _ in 0..40 {
                if stage.screen().contains(&wanted) {
                    break;
                }
                stage.keys("j");
            }
            assert!(stage.screen().contains(&wanted), "{wanted}:\n{}", stage.screen());
        }
    }
}

#[test]
fn ctrl_z_says_what_undoes_and_ctrl_l_redraws_in_the_palette() {
    let mut stage = stage(Lang::En, 80, 24);
    stage.keys("g c ctrl-z");
    assert_eq!(stage.app.status(), Some("Ctrl-z undoes typing in a field · u takes back the last action"));
    stage.keys("ctrl-k").text("tick").keys("ctrl-l");
    assert_eq!(stage.app.status(), None);
    assert!(stage.screen().contains("Go to, do, find") && stage.screen().contains("› tick"), "{}", stage.screen());
}

#[test]
fn history_tells_before_and_after_and_undoes_after_a_question() {
    let mut stage = stage(Lang::En, 80, 24);
    stage.keys("g t enter d h");
    insta::assert_snapshot!("history", stage.screen());
    stage.keys("j u");
    assert!(!stage.asked.iter().any(|(_, q)| matches!(q, Question::Undo { .. })));
    assert!(stage.screen().contains("Undo what Cy Okafor (psql) did"), "{}", stage.screen());
    stage.keys("enter");
    assert!(stage.asked.iter().any(|(_, q)| matches!(q, Question::Undo { operation: Some(102) })));
}

#[test]
fn tags_are_added_and_removed_without_conflict() {
    let mut stage = stage(Lang::En, 80, 24);
    stage.keys("g t enter t backspace").text("new").keys("enter enter");
    let Some(Action::Tag { add, remove }) = performed(&stage).pop() else { panic!("tags were set") };
    assert_eq!((add, remove), (vec!["new".to_owned()], vec!["vip".to_owned()]));
}

#[test]
fn the_last_action_is_done_again_on_a_record_but_never_a_deletion() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g t p 2 j enter .");
    let again = performed(&stage).pop().expect("it is done again");
    let Action::Set { edits } = again else { panic!("{again:?}") };
    assert_eq!(
        (edits[0].now.as_str(), &edits[0].was),
        (Some("normal"), &None),
        "what stood in the first binds no other"
    );
    let done = performed(&stage).len();
    stage.keys("d d");
    assert_eq!(performed(&stage).last(), Some(&Action::Delete));
    stage.keys(".");
    assert!(matches!(performed(&stage).last(), Some(Action::Set { .. })), "not the deletion");
    assert_eq!(performed(&stage).len(), done + 2);
}

#[test]
fn the_last_line_names_a_key_once() {
    let mut stage = stage(Lang::En, 120, 40);
    stage.keys("g t enter d h");
    let screen = stage.screen();
    let last = screen.lines().last().unwrap_or_default();
    assert!(last.contains("u undo this") && !last.contains("u undo  "), "{last}");
}

#[test]
fn any_size_is_drawn() {
    for keys in [
        "g t enter",
        "g t enter G",
        "g t enter c",
        "g t enter i",
        "g t enter d h",
        "g t e",
        "g c n tab tab tab tab tab a",
        "g t",
        "g t / s t",
        ":",
        "?",
    ] {
        let mut stage = stage(Lang::Zh, 80, 24);
        stage.keys(keys);
        for (width, height) in [
            (20, 5),
            (44, 20),
            (1, 1),
            (21, 6),
            (400, 120),
            (0, 0),
            (600, 300),
            (100, 8),
            (u16::MAX, u16::MAX),
            (60, 24),
        ] {
            stage.event(crossterm::event::Event::Resize(width, height));
            stage.screen();
        }
    }
}

#[test]
#[ignore = "writes the screens' bytes for pictures to FRONTDESK_PICTURES"]
fn pictures() {
    let Ok(folder) = std::env::var("FRONTDESK_PICTURES") else { return };
    for lang in [Lang::En, Lang::Zh] {
        for (width, height) in [(44, 20), (60, 24), (80, 24), (120, 40), (200, 60)] {
            for (name, keys) in [
                ("record", "g t enter"),
                ("record-down", "g t enter pagedown"),
                ("history", "g t enter d h j"),
                ("note", "g t enter i h e l l o"),
                ("log", "g t enter c 1 o k"),
                ("form", "g t e tab tab"),
                ("new", "g c n P e t r a tab tab tab tab tab a c"),
                ("tags", "g t enter t n e w"),
                ("do", "g t enter d"),
                ("stage", "g p s"),
            ] {
                let mut stage = stage(lang, width, height);
                stage.keys(keys);
                stage.rest();
                std::fs::write(format!("{folder}/{name}-{lang:?}-{width}x{height}"), stage.bytes())
                    .expect("the test made it so");
            }
        }
    }
}

#[test]
fn a_record_read_beside_the_list_is_read_on_when_the_screen_gets_narrow() {
    let mut stage = Stage::new(Lang::En, 120, 40, office());
    stage.keys("g t");
    stage.rest();
    stage.keys("enter");
    stage.event(crossterm::event::Event::Resize(80, 24));
    let screen = stage.screen();
    assert!(screen.lines().nth(1).is_some_and(|line| line.starts_with("╭ T1040")), "{screen}");
    assert!(screen.contains("r reply"), "the keys are the record's: {screen}");
    stage.event(crossterm::event::Event::Resize(120, 40));
    stage.keys("esc");
    assert!(stage.screen().contains("T1041"), "{}", stage.screen());
}

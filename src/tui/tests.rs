//! Screens driven by messages and looked at as text.

use crossterm::event::Event;

use super::effect::{Answer, Question};
use super::msg::Msg;
use super::stage::{Stage, office};
use crate::desk::News;
use crate::domain::change::Touched;
use crate::domain::field::Lang;
use crate::domain::kind::{KindId, TICKET};
use crate::domain::value::Value;

pub(super) fn touched(kind: KindId, record: i64) -> Msg {
    let one = Touched { kind, record, operation: 9, version: 4, by: Some(2), fields: Vec::new(), created: false };
    Msg::News(News::Touched(std::sync::Arc::new(vec![one])))
}

#[test]
fn any_size_is_drawn_and_keeps_the_selection() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g t j j j");
    for (width, height) in [(20, 5), (44, 20), (400, 120), (60, 24), (21, 6), (120, 40), (80, 24)] {
        stage.event(Event::Resize(width, height));
        stage.screen();
    }
    let screen = stage.screen();
    assert!(screen.contains("▌ T1043"), "{screen}");
}

#[test]
fn tabs_are_kept_as_they_were_left() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("4 j j 2 j");
    assert!(stage.screen().contains("▌ C301"), "{}", stage.screen());
    stage.keys("g t");
    assert!(stage.screen().contains("▌ T1042"), "{}", stage.screen());
    stage.keys("backspace");
    assert!(stage.screen().contains("[2 Contacts]"));
}

#[test]
fn a_value_changes_in_place_and_the_cursor_stays() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g t j j");
    let kind = stage.app.ui.registry.kind(TICKET).clone();
    let record = stage.records.iter_mut().find(|r| r.kind == TICKET && r.id == 1041).unwrap();
    record.set(&kind, "subject", Value::text("Bill to somebody else"));
    stage.msg(touched(TICKET, 1041));
    let screen = stage.screen();
    assert!(screen.contains("Bill to some") && screen.contains("▌ T1042"), "{screen}");
}

#[test]
fn the_selected_row_is_read_again_with_the_others() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g t j j");
    let kind = stage.app.ui.registry.kind(TICKET).clone();
    let record = stage.records.iter_mut().find(|r| r.kind == TICKET && r.id == 1042).unwrap();
    record.set(&kind, "subject", Value::text("Changed while the line was cut"));
    stage.msg(Msg::News(News::Resync));
    let screen = stage.screen();
    assert!(screen.contains("▌ T1042") && screen.contains("Changed while"), "{screen}");
    stage.hold = true;
    stage.msg(Msg::News(News::Resync));
    stage.keys("j j j");
    stage.release();
    let screen = stage.screen();
    let at = |code: &str| screen.lines().position(|l| l.contains(code));
    assert!(screen.contains("▌ T1045"), "{screen}");
    assert!(at("T1042") < at("T1043") && at("T1043") < at("T1045"), "{screen}");
}

#[test]
fn rows_that_come_wait_for_rest() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g c j j");
    let mut new = stage.records[0].clone();
    new.id = 299;
    stage.records.push(new);
    stage.msg(touched(crate::domain::kind::CONTACT, 299));
    let screen = stage.screen();
    assert!(screen.contains("+1") && !screen.contains("C299"), "{screen}");
    let line = |s: &str| s.lines().position(|l| l.contains('▌'));
    let before = line(&screen);
    stage.rest();
    let screen = stage.screen();
    assert!(screen.contains("▌ C302") && !screen.contains("+1"), "{screen}");
    assert_eq!(line(&screen), before, "the selected row keeps its line");
    stage.keys("g g");
    assert!(stage.screen().contains("▌ C299"), "{}", stage.screen());
}

#[test]
fn a_row_that_leaves_stays_greyed_until_the_cursor_moves_on() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g t j j");
    stage.records.retain(|r| !(r.kind == TICKET && r.id == 1042));
    stage.msg(touched(TICKET, 1042));
    stage.rest();
    assert!(stage.screen().contains("▌×T1042"), "{}", stage.screen());
    stage.keys("j");
    let screen = stage.screen();
    assert!(screen.contains("▌ T1043") && !screen.contains("T1042"), "{screen}");
}

#[test]
fn moving_never_waits_and_reads_ahead() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g t");
    stage.hold = true;
    for _ in 0..12 {
        stage.keys("pagedown");
    }
    let ahead = stage.asked.iter().filter(|(_, q)| matches!(q, Question::Page { kind: TICKET, .. })).count();
    assert!(ahead >= 2, "the next page was asked for before it was needed");
    stage.release();
    stage.keys("G");
    assert!(stage.screen().contains("▌ T1289"), "{}", stage.screen());
    stage.keys("g g");
    assert!(stage.screen().contains("▌ T1040"), "{}", stage.screen());
}

#[test]
fn a_digit_chooses_and_the_edit_says_what_was_seen() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g t p");
    assert!(stage.screen().contains("4 u • Urgent"), "{}", stage.screen());
    stage.keys("1");
    let edit = stage.asked.iter().rev().find_map(|(_, q)| match q {
        Question::Perform { action: crate::domain::action::Action::Set { edits }, .. } => edits.first().cloned(),
        _ => None,
    });
    let edit = edit.expect("something was set");
    assert_eq!((edit.field.as_str(), edit.was), ("priority", Some(Value::Choice("urgent".into()))));
    assert_eq!(edit.now, Value::Choice("low".into()));
    assert!(stage.screen().contains("Priority → Low"), "{}", stage.screen());
}

#[test]
fn many_are_shown_before_they_are_changed() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g t * p 2");
    let screen = stage.screen();
    assert!(screen.contains("37 of 40 will change") && screen.contains("not yours to change"), "{screen}");
    assert!(!stage.asked.iter().any(|(_, q)| matches!(q, Question::Perform { .. })), "nothing was done yet");
    stage.keys("enter");
    assert!(stage.asked.iter().any(|(_, q)| matches!(q, Question::Perform { .. })));
}

#[test]
fn a_stale_answer_is_dropped() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g t");
    let old = stage.asked.iter().find(|(_, q)| matches!(q, Question::Page { kind: TICKET, .. })).unwrap().0;
    stage.msg(Msg::Answer(old, Answer::Page(Ok(crate::desk::Page::default()))));
    assert!(stage.screen().contains("▌ T1040"));
}

#[test]
fn pasted_and_composed_text_never_acts() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g t");
    stage.event(Event::Paste("dd\ndd".into()));
    assert!(stage.screen().contains("press / first"), "{}", stage.screen());
    stage.text("你");
    assert!(stage.screen().contains("input method is on"), "{}", stage.screen());
    stage.text("：");
    assert!(stage.screen().contains("Go to, do, find"), "a full-width colon is a colon");
    assert!(!stage.asked.iter().any(|(_, q)| matches!(q, Question::Perform { .. })));
}

#[test]
fn a_prefix_lists_what_can_follow() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g");
    let screen = stage.screen();
    let line = screen.lines().last().unwrap();
    assert!(line.contains("c contacts") && line.contains("t tickets"), "{line}");
    stage.keys("esc");
    assert!(!stage.screen().lines().last().unwrap().contains("t tickets"));
}

#[test]
fn leaving_keeps_the_position_first() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("g t j q q");
    assert!(stage.left);
    let kept = stage.asked.iter().rev().find_map(|(_, q)| match q {
        Question::KeepSetting { key, value } if key == "list:ticket" => Some(value.clone()),
        _ => None,
    });
    assert_eq!(kept.unwrap()["cursor"], 1041);
}

#[test]
fn undo_off_screen_names_what_it_takes_back() {
    let mut stage = Stage::new(Lang::En, 80, 24, office());
    stage.keys("u");
    assert!(stage.screen().contains("again takes back: Priority"), "{}", stage.screen());
    stage.keys("u");
    assert!(stage.asked.iter().any(|(_, q)| matches!(q, Question::Undo { .. })));
}

#[test]
#[ignore = "writes the screens' bytes for pictures to FRONTDESK_PICTURES"]
fn pictures() {
    let Ok(folder) = std::env::var("FRONTDESK_PICTURES") else { return };
    for lang in [Lang::En, Lang::Zh] {
        for (width, height) in [(44, 20), (60, 24), (80, 24), (120, 40), (200, 60)] {
            for (name, keys) in [
                ("list", "g t j"),
                ("deals", "g p"),
                ("help", "?"),
                ("palette", ":"),
                ("choose", "g t p"),
                ("bulk", "g t * p 2"),
                ("columns", "g t o"),
                ("filter", "g t / s t"),
                ("groups", "g t / g r o u p : s t a t u s enter"),
                ("plain", "g t y v"),
                ("first", "g t"),
                ("empty", "g t"),
            ] {
                let records = if name == "empty" { Vec::new() } else { office() };
                let mut stage = Stage::new(lang, width, height, records);
                if name == "first" {
                    stage.teach();
                }
                stage.keys(keys);
                let file = format!("{folder}/{name}-{lang:?}-{width}x{height}");
                std::fs::write(file, stage.bytes()).unwrap();
            }
        }
    }
}

#[test]
fn all_tabs_are_named_or_numbered_however_narrow() {
    for (lang, width, line) in [
        (Lang::En, 80, " 1 Home [2 Contacts] 3 Pipeline  4 Tickets  5 Dashboards "),
        (Lang::En, 56, " 1 Home [2 Contacts] 3 Pipe 4 Tick 5 Dash"),
        (Lang::En, 44, " 1 [2 Contacts] 3 4 5"),
        (Lang::Zh, 80, " 1 首页 [2 联系人] 3 销售管道  4 工单  5 仪表盘 "),
        (Lang::Zh, 52, " 1 首页 [2 联系人] 3 销售 4 工单 5 仪表"),
    ] {
        let stage = Stage::new(lang, width, 24, office());
        let screen = stage.screen();
        assert!(screen.lines().next().is_some_and(|top| top.contains(line)), "{width}:\n{screen}");
    }
}

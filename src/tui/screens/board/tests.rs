//! The board driven by keys and mouse and looked at as text; what it asks for and when.

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::desk;
use crate::domain::action::{Action, Targets};
use crate::domain::field::Lang;
use crate::domain::kind::{DEAL, Registry, STAGE};
use crate::domain::record::Record;
use crate::domain::value::{Ref, Value};
use crate::tui::effect::{Answer, Question};
use crate::tui::stage::{Stage, office};

fn stage(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(Lang::En, width, height, office());
    stage.keys("g p");
    stage
}

/// So many open deals in the first stage, and a few in the second.
fn crowd(many: i64) -> Vec<Record> {
    let registry = Registry::builtin();
    let kind = registry.kind(DEAL);
    let mut records: Vec<Record> = office().into_iter().filter(|r| r.kind != DEAL).collect();
    let template = office().into_iter().find(|r| r.kind == DEAL).expect("the office has deals");
    records.extend((0..many).map(|i| {
        let mut deal = Record { id: 10_000 + i, ..template.clone() };
        deal.set(kind, "name", Value::text(format!("Deal {i}")));
        let stage = i64::from(i >= many - 5);
        deal.set(kind, "stage", Value::Ref(Ref { id: stage, label: "Qualified".into() }));
        deal
    }));
    records
}

fn mouse(stage: &mut Stage, kind: MouseEventKind, column: u16, row: u16) {
    stage.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

/// Where this stands on the screen.
fn place(stage: &Stage, text: &str) -> (u16, u16) {
    let screen = stage.screen();
    let (row, line) = screen.lines().enumerate().find(|(_, l)| l.contains(text)).expect("it is on the screen");
    let (before, _) = line.split_once(text).expect("it is on the line");
    (crate::tui::text::width(before) as u16, row as u16)
}

fn bar(stage: &Stage) -> String {
    let screen = stage.screen();
    screen
        .lines()
        .find_map(|l| l.split('▌').nth(1))
        .unwrap_or_default()
        .split('│')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn moves(stage: &Stage) -> Vec<(i64, i64)> {
    let to = |q: &Question| match q {
        Question::Perform { targets: Targets::Records(_, ids), action: Action::Set { edits } } => {
            let stage = edits.iter().find(|e| e.field == "stage").and_then(|e| e.now.as_id())?;
            Some((*ids.first()?, stage))
        }
        _ => None,
    };
    stage.asked.iter().filter_map(|(_, q)| to(q)).collect()
}

fn hooked(stage: &mut Stage, mut answer: impl FnMut(&Question) -> Option<Answer> + 'static) {
    stage.answers = Box::new(move |q| answer(q));
}

#[test]
fn the_cursor_follows_a_card_and_stops_at_the_last_open_stage() {
    let mut stage = stage(120, 30);
    assert_eq!(bar(&stage).split("  ").next(), Some("Acme rollout"), "{}", stage.screen());
    stage.keys("j L");
    assert_eq!(moves(&stage), [(74, 1)]);
    assert!(bar(&stage).starts_with("Acme rollout"), "{}", stage.screen());
    let (column, _) = place(&stage, "▌");
    assert!((40..80).contains(&column), "it is in the second column: {}", stage.screen());
    stage.keys("L L");
    assert_eq!(moves(&stage), [(74, 1), (74, 2)]);
    assert!(stage.app.status().is_some_and(|s| s.contains("last open stage")), "{:?}", stage.app.status());
    stage.keys("shift-left H H");
    assert_eq!(moves(&stage).len(), 4);
    assert!(stage.app.status().is_some_and(|s| s.contains("first stage")), "{:?}", stage.app.status());
}

#[test]
fn a_card_goes_at_once_and_comes_back_when_refused() {
    let mut stage = stage(120, 30);
    stage.hold = true;
    stage.keys("L");
    let (column, _) = place(&stage, "▌");
    assert!(column >= 40, "before any answer: {}", stage.screen());
    assert!(stage.screen().contains("Qualified 2 ") && stage.screen().contains("Proposal 4 "), "{}", stage.screen());
    hooked(&mut stage, |q| match q {
        Question::Perform { .. } => Some(Answer::Outcome(Err(desk::Error::Denied("Not yours.".into())))),
        _ => None,
    });
    stage.release();
    let (column, _) = place(&stage, "▌");
    assert!(column < 40, "it is back: {}", stage.screen());
    assert!(stage.screen().contains("Qualified 3 ") && stage.screen().contains("Proposal 3 "), "{}", stage.screen());
    assert_eq!(stage.app.status(), Some("Not yours."));
}

#[test]
fn a_card_is_dragged_and_dropped_on_a_column() {
    let mut stage = stage(120, 30);
    let from = place(&stage, "Acme rollout");
    let to = place(&stage, "Negotiation");
    mouse(&mut stage, MouseEventKind::Down(MouseButton::Left), from.0, from.1);
    mouse(&mut stage, MouseEventKind::Drag(MouseButton::Left), from.0 + 5, from.1);
    mouse(&mut stage, MouseEventKind::Drag(MouseButton::Left), to.0, to.1 + 3);
    assert!(stage.screen().contains("→ Negotiation"), "{}", stage.screen());
    mouse(&mut stage, MouseEventKind::Up(MouseButton::Left), to.0, to.1 + 3);
    assert_eq!(moves(&stage), [(70, 2)]);
    let (column, _) = place(&stage, "▌");
    assert!(column >= 80, "{}", stage.screen());
    // Let go where it was taken, nothing moves; and a second click opens.
    let here = place(&stage, "Nordbank CRM");
    for _ in 0..2 {
        mouse(&mut stage, MouseEventKind::Down(MouseButton::Left), here.0, here.1);
        mouse(&mut stage, MouseEventKind::Up(MouseButton::Left), here.0, here.1);
    }
    assert_eq!(moves(&stage).len(), 1);
    assert!(stage.screen().contains("Timeline"), "{}", stage.screen());
}

#[test]
fn the_wheel_scrolls_the_column_under_it() {
    let mut stage = Stage::new(Lang::En, 80, 24, crowd(300));
    stage.keys("g p l");
    let before = bar(&stage);
    let (x, y) = place(&stage, "Deal 4");
    mouse(&mut stage, MouseEventKind::ScrollDown, x, y);
    for _ in 0..4 {
        mouse(&mut stage, MouseEventKind::ScrollDown, x, y);
    }
    assert!(!stage.screen().contains("Deal 0 "), "{}", stage.screen());
    assert_eq!(bar(&stage), before, "the cursor is in the other column still");
}

#[test]
fn a_lost_deal_wants_a_reason_and_esc_leaves_it() {
    let mut stage = stage(120, 30);
    hooked(&mut stage, |q| match q {
        Question::Values { field, .. } if field == "lost_reason" => Some(Answer::Values(Ok(vec!["Too dear".into()]))),
        _ => None,
    });
    stage.keys("s l");
    assert!(stage.screen().contains("Lost because") && stage.screen().contains("Too dear"), "{}", stage.screen());
    stage.keys("esc");
    assert!(moves(&stage).is_empty());
    stage.keys("s l").text("merger").keys("enter");
    let reason = stage.asked.iter().find_map(|(_, q)| match q {
        Question::Perform { action: Action::Set { edits }, .. } => {
            edits.iter().find(|e| e.field == "lost_reason").map(|e| e.now.clone())
        }
        _ => None,
    });
    assert_eq!(reason, Some(Value::text("merger")));
    assert_eq!(moves(&stage), [(70, 4)]);
    assert!(stage.screen().contains("Qualified 2 "), "it has left the board: {}", stage.screen());
    stage.keys("s w");
    assert_eq!(moves(&stage)[1], (74, 3), "winning asks nothing");
}

#[test]
fn a_stage_asks_for_just_what_is_lacking() {
    let registry = Registry::builtin();
    let kind = registry.kind(STAGE);
    let mut records = office();
    for record in records.iter_mut().filter(|r| r.kind == STAGE && r.id == 1) {
        record.set(kind, "requires", Value::text("amount,source"));
    }
    let mut stage = Stage::new(Lang::En, 120, 30, records);
    stage.keys("g p L");
    let screen = stage.screen();
    assert!(screen.contains("Proposal asks for") && screen.contains("Source"), "{screen}");
    assert!(!screen.contains("Next step at"), "only what lacks: {screen}");
    stage.text("fair").keys("esc");
    assert!(moves(&stage).is_empty(), "it is where it was");
    let (column, _) = place(&stage, "▌");
    assert!(column < 40, "{}", stage.screen());
    stage.keys("L").text("fair").keys("ctrl-s");
    assert_eq!(moves(&stage), [(70, 1)], "{}", stage.screen());
    let (column, _) = place(&stage, "▌");
    assert!(column >= 40, "the cursor follows: {}", stage.screen());
}

#[test]
fn ten_thousand_cards_cost_what_is_in_sight() {
    let mut stage = Stage::new(Lang::En, 120, 40, crowd(10_000));
    stage.keys("g p");
    let pages = |stage: &Stage| {
        let of_deals = |q: &Question| matches!(q, Question::Page { kind, .. } if *kind == DEAL);
        stage.asked.iter().filter(|(_, q)| of_deals(q)).count()
    };
    let begun = pages(&stage);
    assert!(begun <= 6, "one page a column in sight, and ahead of the cursor: {begun}");
    // Within what is there, moving asks nothing; further down, a page for every hundred cards.
    stage.keys(&"j ".repeat(10));
    assert_eq!(pages(&stage), begun);
    stage.keys(&"pagedown ".repeat(60));
    assert!(bar(&stage).starts_with("Deal 9"), "{}", bar(&stage));
    assert!(pages(&stage) - begun <= 12, "{}", pages(&stage) - begun);
    // Moving a card asks for the move, for the card, and for heads, never for whole columns again.
    let before = pages(&stage);
    let asked = stage.asked.len();
    stage.keys("L");
    assert!(stage.asked.len() - asked <= 8, "{:?}", &stage.asked[asked..]);
    assert!(pages(&stage) - before <= 2);
    stage.keys("h G");
    assert!(bar(&stage).starts_with("Deal 9994"), "{}", bar(&stage));
}

#[test]
fn narrow_screens_say_how_many_columns_are_out_of_sight() {
    for (width, shown) in [(44, 1), (60, 2), (80, 3)] {
        let mut stage = stage(width, 24);
        let boxes = stage.screen().lines().nth(2).expect("a line of boxes").matches('╭').count();
        assert_eq!(boxes, shown, "{}", stage.screen());
        if shown < 3 {
            assert!(stage.screen().contains(&format!("{} more ›", 3 - shown)), "{}", stage.screen());
            stage.keys("l l");
            assert!(stage.screen().contains("‹") && stage.screen().contains("Negotiation"), "{}", stage.screen());
        }
    }
}

#[test]
fn board_and_table_are_two_pictures_of_one_query() {
    let mut stage = stage(80, 24);
    stage.keys("/").text("acme").keys("enter o");
    assert!(stage.screen().contains("Stage") && stage.screen().contains("acme"), "{}", stage.screen());
    let kept = stage.asked.len();
    stage.rest();
    let table = |q: &Question| matches!(q, Question::KeepSetting { key, value } if key == "list:deal" && value["board"]["table"] == true);
    assert!(stage.asked[kept..].iter().any(|(_, q)| table(q)), "the choice is kept");
    stage.keys("b");
    assert!(stage.screen().contains("Qualified") && stage.screen().contains("acme"), "{}", stage.screen());
    // Answers that come when the other picture is shown leave nothing waiting.
    stage.hold = true;
    stage.keys("ctrl-l o");
    stage.release();
    stage.keys("b");
    assert!(stage.screen().contains("▌ Acme rollout"), "{}", stage.screen());
}

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::*;
use crate::domain::field::{Label, Lang, choices};
use crate::domain::kind::COMPANY;
use crate::tui::theme::{Depth, Theme};
use crate::tui::widgets::testing::{keys, screen};

fn cx() -> Context {
    Context {
        now: "2026-11-22T13:00:00Z".parse().expect("the test made it so"),
        zone: chrono_tz::Europe::Berlin,
        lang: Lang::En,
    }
}

fn words() -> Words {
    Words {
        changed: "changed".into(),
        required: "is needed".into(),
        email: "is no mail address".into(),
        yes: "yes".into(),
        no: "no".into(),
        hint_when: "tomorrow 9, fri, 2h".into(),
        ..Words::default()
    }
}

fn field(name: &str, label: &str, ty: FieldType) -> Field {
    Field::custom(name, Label::new(label, label), ty)
}

fn form(values: &[(&str, Value)]) -> Form {
    let priorities = choices(&[("low", "Low", "低"), ("high", "High", "高"), ("urgent", "Urgent", "紧急")]);
    let mut name = field("name", "Name", FieldType::Text);
    name.required = true;
    let fields = vec![
        name,
        field("email", "Email", FieldType::Email),
        field("priority", "Priority", priorities),
        field("company", "Company", FieldType::Ref(COMPANY)),
        field("due", "Due", FieldType::Instant),
        field("vip", "VIP", FieldType::Bool),
        field("tags", "Tags", FieldType::Tags),
        field("note", "Note", FieldType::LongText),
    ];
    let value = |f: &Field| values.iter().find(|(n, _)| *n == f.name).map_or(Value::Null, |(_, v)| v.clone());
    Form::new(fields.into_iter().map(|f| (f.clone(), value(&f))), cx(), words())
}

/// Presses keys as a screen does: Tab and the like move between fields when the form leaves them.
fn press(form: &mut Form, script: &str) -> Outcome {
    let mut last = Outcome::Ignored;
    for key in keys(script) {
        last = form.on_key(key);
        if last == Outcome::Ignored {
            last = match key.code {
                KeyCode::Tab | KeyCode::Down | KeyCode::Enter => form.to_next(),
                KeyCode::BackTab | KeyCode::Up => form.to_previous(),
                _ => Outcome::Ignored,
            };
        }
    }
    last
}

fn drawn(form: &Form, width: u16, height: u16) -> String {
    let theme = Theme::named("mono", Depth::None).expect("mono is embedded");
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    form.render(area, &mut buf, &theme);
    screen(&buf)
}

#[test]
fn fills_a_record_by_keys() {
    let mut form = form(&[]);
    press(&mut form, "Acme <space> GmbH <tab> hi@acme.example <tab> 3 <tab> ac");
    assert!(form.is_picking());
    assert!(form.answer(2, vec![Item::new("7", "Acme Holding", "Berlin")]));
    press(&mut form, "<enter> <tab> tomorrow <space> 9 <tab> y <tab>");
    press(&mut form, "vip <enter> <enter> <tab> one <enter> two");
    assert!(form.check());
    let values = form.values();
    let get = |name: &str| values.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    assert_eq!(get("name"), Value::Text("Acme GmbH".into()));
    assert_eq!(get("priority"), Value::Choice("urgent".into()));
    assert_eq!(get("company"), Value::reference(7));
    assert_eq!(get("due"), Value::Instant("2026-11-23T08:00:00Z".parse().expect("the test made it so")));
    assert_eq!(get("vip"), Value::Bool(true));
    assert_eq!(get("tags"), Value::Tags(vec!["vip".into()]));
    assert_eq!(get("note"), Value::Text("one\ntwo".into()));
}

#[test]
fn a_fault_shows_when_the_field_is_left_and_goes_when_it_is_changed() {
    let mut form = form(&[("name", Value::text("Acme"))]);
    press(&mut form, "<tab> petra");
    assert!(!drawn(&form, 100, 12).contains("mail address"), "nobody is scolded while typing");
    press(&mut form, "<tab>");
    assert!(drawn(&form, 100, 12).contains("✗ is no mail address"));
    assert!(!form.check(), "a faulty form is not saved");
    assert_eq!(form.focused().map(|f| f.name.as_str()), Some("email"));
    press(&mut form, "@acme.example <tab>");
    assert!(!drawn(&form, 100, 12).contains('✗'));
    form.focus("name");
    press(&mut form, "<C-u>");
    assert!(!form.check());
    assert!(drawn(&form, 100, 12).contains("✗ is needed"));
}

#[test]
fn edits_hold_only_what_was_changed_with_what_was_seen() {
    let due = Value::Instant("2026-11-30T10:30:42Z".parse().expect("the test made it so"));
    let mut form = form(&[("name", Value::text("Acme")), ("due", due), ("priority", Value::Choice("low".into()))]);
    assert!(!form.is_dirty());
    press(&mut form, "! <tab> <tab> 2");
    assert_eq!(form.dirty(), ["name", "priority"]);
    let edits = form.edits();
    assert_eq!(edits.len(), 2, "the seconds of the untouched time are left alone");
    assert_eq!(edits[0].was, Some(Value::text("Acme")));
    assert_eq!(edits[1].now, Value::Choice("high".into()));
    press(&mut form, "1");
    form.focus("name");
    press(&mut form, "<backspace>");
    assert!(!form.is_dirty(), "typed back is unchanged");
}

#[test]
fn anothers_change_shows_in_untouched_fields_and_marks_touched_ones() {
    let mut form = form(&[("name", Value::text("Acme")), ("priority", Value::Choice("low".into()))]);
    press(&mut form, "! ");
    assert!(!form.theirs("priority", &Value::Choice("urgent".into()), "bo"));
    assert!(form.theirs("name", &Value::text("Acme AG"), "bo"));
    let seen = drawn(&form, 100, 12);
    assert!(seen.contains("Urgent") && seen.contains("Acme!") && seen.contains("≠ bo: Acme AG"), "{seen}");
    assert_eq!(form.edits()[0].was, Some(Value::text("Acme")), "so that saving tells the conflict");
    form.settle("name", &Value::text("Acme!"), &Value::text("Acme AG"));
    assert_eq!(form.edits()[0].was, Some(Value::text("Acme AG")));
}

#[test]
fn a_draft_brings_back_what_was_typed() {
    let mut one = form(&[("name", Value::text("Acme"))]);
    press(&mut one, "<tab> half@ <tab> 2 <tab> <tab> tomo");
    let kept = one.draft();
    let mut two = form(&[("name", Value::text("Acme"))]);
    two.restore(&kept);
    assert_eq!(two.dirty(), ["email", "priority", "due"]);
    assert_eq!(two.draft(), kept);
}

#[test]
fn looks_calm_wide_and_narrow() {
    let mut form = form(&[
        ("name", Value::text("Zhou Trading 周氏贸易")),
        ("priority", Value::Choice("high".into())),
        ("company", Value::Ref(Ref { id: 4, label: "Acme Holding".into() })),
        ("tags", Value::Tags(vec!["de".into(), "vip".into()])),
        ("note", Value::text("First line\nsecond line")),
    ]);
    press(&mut form, "<down> <down> <down> <down> tomorrow <space> 9");
    insta::assert_snapshot!("form_wide", drawn(&form, 100, 12));
    insta::assert_snapshot!("form_narrow", drawn(&form, 44, 12));
    form.focus("priority");
    press(&mut form, "<space>");
    insta::assert_snapshot!("form_picking", drawn(&form, 60, 12));
}

#[test]
fn draws_at_any_size() {
    let mut form = form(&[("note", Value::text("发票抬头有误 ".repeat(40)))]);
    press(&mut form, "<tab> x <tab> <space>");
    for width in 0..70 {
        for height in 0..14 {
            drawn(&form, width, height);
        }
    }
    form.focus("note");
    drawn(&form, 20, 5);
}

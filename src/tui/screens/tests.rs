//! Forms, records and histories driven by keys and looked at as text.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;

use crate::desk::{self, Conflict, Hit, Moment, Present, Twin, What};
use crate::domain::action::Action;
use crate::domain::change::{Change, Deed, FieldChange};
use crate::domain::field::Lang;
use crate::domain::kind::{ACTIVITY, COMPANY, CONTACT, KindId, MESSAGE, Registry, TICKET};
use crate::domain::record::Record;
use crate::domain::value::{Ref, Value};
use crate::tui::effect::{Answer, Question};
use crate::tui::stage::{Stage, now, office};

fn ago(minutes: i64) -> DateTime<Utc> {
    now() - Duration::minutes(minutes)
}

fn made(kind: KindId, id: i64, values: &[(&str, Value)]) -> Record {
    let registry = Registry::builtin();
    let kind = registry.kind(kind);
    let mut record = Record { id, version: 1, ..Record::empty(kind) };
    for (name, value) in values {
        record.set(kind, name, value.clone());
    }
    record
}

fn to(id: i64, label: &str) -> Value {
    Value::Ref(Ref { id, label: label.into() })
}

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
            ] {
                let mut stage = stage(lang, width, height);
                stage.keys(keys);
                stage.rest();
                std::fs::write(format!("{folder}/{name}-{lang:?}-{width}x{height}"), stage.bytes()).unwrap();
            }
        }
    }
}

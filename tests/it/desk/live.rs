//! What seats hear of each other: changes, presence, drafts, settings, new fields.

use std::time::Duration;

use frontdesk::desk::{Cx, Desk, Error, From, News};
use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::field::{Choice, Field, FieldType, Label};
use frontdesk::domain::kind::{COMPANY, CONTACT, TICKET, USER};
use frontdesk::domain::query::Query;
use frontdesk::domain::value::Value;
use rust_decimal::Decimal;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::broadcast::Receiver;

use super::{Office, choice, invalid, text};

/// Waits until a piece of news fits; fails after ten seconds.
async fn heard<T>(news: &mut Receiver<News>, mut wanted: impl FnMut(News) -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = wanted(news.recv().await.expect("the desk is open")) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("the news comes")
}

/// Another process on the same workspace.
async fn another(office: &Office) -> Desk {
    Desk::open(office.space.store().await).await.expect("a second desk")
}

#[tokio::test]
async fn a_change_is_heard_in_another_process_by_field_and_without_values() {
    let office = Office::open().await;
    let bo = office.cx("bo").await;
    let there = another(&office).await;
    let mut news = there.news();
    let id = office.create(&bo, TICKET, &[("subject", text("Secret"))]).await;
    let created = heard(&mut news, |n| match n {
        News::Touched(touched) => touched.iter().find(|t| t.kind == TICKET && t.record == id).cloned(),
        _ => None,
    })
    .await;
    assert!(created.created && created.fields.is_empty());
    assert_eq!(created.by, Some(bo.viewer.me.id));
    let outcome = office.set(&bo, TICKET, &[id], "due", Value::Instant(bo.viewer.now)).await.expect("set");
    let changed = heard(&mut news, |n| match n {
        News::Touched(touched) => touched.iter().find(|t| t.record == id && !t.created).cloned(),
        _ => None,
    })
    .await;
    assert_eq!(changed.fields, ["due", "sla"], "canonical names, not columns, and what is counted from them");
    assert_eq!((changed.version, Some(changed.operation)), (2, outcome.operation));
}

#[tokio::test]
async fn who_has_a_record_open_is_seen_by_those_who_may_see_the_record() {
    let office = Office::open().await;
    let (bo, cy, di) = (office.cx("bo").await, office.cx("cy").await, office.cx("di").await);
    let there = another(&office).await;
    let mut news = there.news();
    let id = office.create(&bo, TICKET, &[("subject", text("A"))]).await;
    // Once a change is heard, the listener is there; presence said before is not repeated.
    heard(&mut news, |n| matches!(n, News::Touched(_)).then_some(())).await;
    let is_presence = |n| matches!(n, News::Presence).then_some(());
    let seen = async |cx: &Cx| there.present(cx).await.expect("asked");

    office.desk.attend(&bo, Some((TICKET, id)), false).await.expect("opened");
    heard(&mut news, is_presence).await;
    let present = seen(&cy).await;
    assert_eq!(present.len(), 1);
    assert_eq!((present[0].name.as_str(), present[0].record, present[0].typing), ("Bo", id, false));
    assert!(seen(&bo).await.is_empty(), "one's own seat is left out");
    assert!(seen(&di).await.is_empty(), "who may not see the ticket does not hear who reads it");

    office.desk.attend(&bo, Some((TICKET, id)), true).await.expect("typing");
    heard(&mut news, is_presence).await;
    assert!(seen(&cy).await[0].typing);
    office.desk.attend(&bo, None, false).await.expect("left");
    heard(&mut news, is_presence).await;
    assert!(seen(&cy).await.is_empty());
}

#[tokio::test]
async fn drafts_and_settings_are_kept_for_each_person_alone() {
    let office = Office::open().await;
    let (ana, bo) = (office.cx("ana").await, office.cx("bo").await);
    let key = "ticket:1042:reply";
    office.desk.save_draft(&bo, key, &json!({ "body": "Dear 王伟" })).await.expect("saved");
    office.desk.save_draft(&bo, key, &json!({ "body": "Dear 王伟, " })).await.expect("saved again");
    let elsewhere = office.cx("bo").await;
    assert_eq!(
        another(&office).await.draft(&elsewhere, key).await.expect("asked"),
        Some(json!({ "body": "Dear 王伟, " }))
    );
    assert_eq!(office.desk.draft(&ana, key).await.expect("asked"), None, "not even an admin reads drafts");
    office.desk.save_draft(&bo, key, &json!({})).await.expect("removed");
    assert_eq!(office.desk.draft(&bo, key).await.expect("asked"), None);

    office.desk.keep_setting(&bo, "tickets.columns", &json!(["subject", "due"])).await.expect("kept");
    office.desk.keep_setting(&bo, "tickets.columns", &json!(["subject"])).await.expect("kept");
    assert_eq!(office.desk.setting(&bo, "tickets.columns").await.expect("asked"), Some(json!(["subject"])));
    assert_eq!(office.desk.setting(&ana, "tickets.columns").await.expect("asked"), None);

    let mut owner = office.space.owner().await;
    let operations: i64 = sqlx::query_scalar("select count(*) from operation where by_id is not null")
        .fetch_one(&mut owner)
        .await
        .expect("count");
    assert_eq!(operations, 0, "neither has history");
    let huge = json!("x".repeat(2 << 20));
    invalid(office.desk.save_draft(&bo, key, &huge).await);
}

#[tokio::test]
async fn a_field_added_at_run_time_is_like_one_that_was_always_there() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let there = another(&office).await;
    let mut news = there.news();
    let size = FieldType::Choice(
        ["S", "M", "L"].iter().map(|c| Choice { code: (*c).into(), label: Label::new(c, c) }).collect(),
    );
    let mut fields = vec![
        Field::custom("shirt", Label::new("Shirt size", "衣服尺码"), size),
        Field::custom("tax_no", Label::new("Tax number", "税号"), FieldType::Text),
        Field::custom("seats", Label::new("Seats", "席位"), FieldType::Int),
        Field::custom("rate", Label::new("Rate", "费率"), FieldType::Decimal),
        Field::custom("buddy", Label::new("Buddy", "伙伴"), FieldType::Ref(USER)),
        Field::custom("birth_mail", Label::new("Other mail", "备用邮箱"), FieldType::Email),
        Field::custom("since", Label::new("Since", "自"), FieldType::Day),
    ];
    fields[2].indexed = true;
    for field in &fields {
        office.desk.add_field(&ana, CONTACT, field.clone()).await.expect("added");
    }
    heard(&mut news, |n| {
        matches!(n, News::Registry)
            .then_some(())
            .filter(|()| there.registry().kind(CONTACT).fields.iter().filter(|f| f.custom).count() == 7)
    })
    .await;
    let names: Vec<String> =
        there.registry().kind(CONTACT).fields.iter().filter(|f| f.custom).map(|f| f.name.clone()).collect();
    assert_eq!(names, ["shirt", "tax_no", "seats", "rate", "buddy", "birth_mail", "since"], "in the order added");

    let small = [("name", text("A")), ("shirt", choice("S")), ("seats", Value::Int(3))];
    let a = office.create(&ana, CONTACT, &small).await;
    let large = [
        ("name", text("B")),
        ("shirt", text("l")),
        ("tax_no", text("DE 811 999 111")),
        ("rate", Value::Decimal(Decimal::new(175, 3))),
        ("buddy", Value::reference(2)),
        ("birth_mail", text("b@example.org")),
    ];
    let b = office.create(&ana, CONTACT, &large).await;
    assert_eq!(office.get(&ana, CONTACT, b, "shirt").await, choice("L"));
    assert_eq!(office.get(&ana, CONTACT, b, "rate").await, Value::Decimal(Decimal::new(175, 3)));

    // Filtered and sorted, searched, set in bulk, refused, undone, in history.
    let page = async |desk: &Desk, words: &str| {
        let query = Query::parse(words, &desk.registry(), CONTACT).expect("parses");
        let page = desk.page(&ana, CONTACT, &query, &From::Start, 10).await.expect("page");
        page.records.iter().map(|r| r.id).collect::<Vec<_>>()
    };
    assert_eq!(page(&there, "shirt>=M").await, [b]);
    assert_eq!(page(&there, "seats:any").await, [a]);
    assert_eq!(page(&there, "sort:-shirt").await, [b, a]);
    assert_eq!(page(&there, "buddy:bo").await, [b]);
    assert_eq!(page(&there, "811").await, [b]);
    assert_eq!(page(&there, "b@example").await, [b]);
    let outcome = office.set(&ana, CONTACT, &[a, b], "seats", Value::Int(9)).await.expect("set");
    assert_eq!(outcome.done, 2);
    let (field, _) = invalid(office.set(&ana, CONTACT, &[a], "shirt", choice("XXL")).await);
    assert_eq!(field, "shirt");
    assert_eq!(office.desk.history(&ana, CONTACT, a).await.expect("history")[0].fields[0].field, "seats");
    office.desk.undo(&ana, outcome.operation).await.expect("undone");
    assert_eq!(office.get(&ana, CONTACT, a, "seats").await, Value::Int(3));
    assert_eq!(office.get(&ana, CONTACT, b, "seats").await, Value::Null);

    let mut owner = office.space.owner().await;
    let valid: bool =
        sqlx::query_scalar("select indisvalid from pg_index where indexrelid = 'contact_c_seats_idx'::regclass")
            .fetch_one(&mut owner)
            .await
            .expect("the index is there");
    assert!(valid);

    let bo = office.cx("bo").await;
    let refused = office.desk.add_field(&bo, CONTACT, fields[0].clone()).await;
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    for (name, ty) in [
        ("shirt", FieldType::Text),
        ("email", FieldType::Text),
        ("Upper", FieldType::Text),
        ("1st", FieldType::Text),
        ("x; drop table contact", FieldType::Text),
        ("empty", FieldType::Choice(Vec::new())),
        ("span", FieldType::Span),
        ("cash", FieldType::Money { currency: "nowhere".into() }),
    ] {
        invalid(office.desk.add_field(&ana, CONTACT, Field::custom(name, Label::new("L", "标"), ty)).await);
    }
    // The same name is free for another kind.
    office.desk.add_field(&ana, COMPANY, fields[0].clone()).await.expect("added");
}

#[tokio::test]
async fn a_database_that_is_gone_is_said_in_a_sentence() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let id = office.create(&ana, TICKET, &[("subject", text("A"))]).await;
    // Nobody but the owner comes in any more, and those inside are thrown out.
    let mut owner = office.space.owner().await;
    let name: String = sqlx::query_scalar("select current_database()::text").fetch_one(&mut owner).await.expect("name");
    let mut elsewhere = PgConnection::connect_with(&office.space.database.owner.clone().database("postgres"))
        .await
        .expect("the cluster is up");
    sqlx::query(AssertSqlSafe(format!("alter database \"{name}\" with connection limit 0")))
        .execute(&mut elsewhere)
        .await
        .expect("closed");
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1")
        .bind(&name)
        .execute(&mut elsewhere)
        .await
        .expect("thrown out");
    let refused = office.act(&ana, Targets::Records(TICKET, vec![id]), Action::Delete).await;
    let Err(Error::Unavailable(reason)) = refused else { panic!("{refused:?}") };
    assert_eq!(reason, "The database cannot be reached or is too slow; try again in a moment.");
}

#[tokio::test]
async fn those_who_see_the_same_wait_for_one_reading_and_nobody_else_does() {
    let office = Office::open().await;
    let mut owner = office.space.owner().await;
    sqlx::query("insert into staff (name, login, role, team_id) values ('Eve', 'eve', 'admin', 1)")
        .execute(&mut owner)
        .await
        .expect("a second admin");
    let (ana, eve, bo, cy) =
        (office.cx("ana").await, office.cx("eve").await, office.cx("bo").await, office.cx("cy").await);
    let desk = &office.desk;
    let mut news = desk.news();
    let kind = office.kind(TICKET);
    let (north, me) = (Value::reference(2), Value::reference(bo.viewer.me.id));
    let hidden = office.create(&ana, COMPANY, &[("name", text("Acme")), ("owner", Value::reference(1))]).await;
    let values = [("subject", text("A")), ("company", Value::reference(hidden)), ("owner", me), ("team", north)];
    let id = office.create(&ana, TICKET, &values).await;
    desk.watch(&ana, &Targets::Records(TICKET, vec![id]), true).await.expect("watched");
    let touched = |n| match n {
        News::Touched(touched) => touched.iter().any(|t| t.kind == TICKET && t.record == id).then_some(()),
        _ => None,
    };
    heard(&mut news, touched).await;

    let open = Query::parse("status:new", &desk.registry(), TICKET).expect("a query");
    let look = async |cx: &Cx, is_own| desk.look(cx, TICKET, &open, &[id], is_own).await.expect("looked");
    let label = |looked: &frontdesk::desk::Looked| match looked.records[0].get(&kind, "company") {
        Value::Ref(reference) => reference.label.clone(),
        other => panic!("no company: {other:?}"),
    };
    let (one, other) = tokio::join!(look(&ana, false), look(&eve, false));
    assert_eq!([one.is_by_another, other.is_by_another].iter().filter(|by| **by).count(), 1, "one of them read");
    for looked in [&one, &other] {
        assert_eq!((looked.matching.as_slice(), label(looked).as_str()), ([id].as_slice(), "Acme"));
    }
    // Whoever did not read does not hear what the other watches.
    for (looked, watches) in [(&one, Value::Bool(true)), (&other, Value::Null)] {
        let told = looked.records[0].get(&kind, "watching");
        assert_eq!(told, if looked.is_by_another { &Value::Null } else { &watches });
    }
    for cx in [&bo, &cy] {
        let looked = look(cx, false).await;
        assert!(!looked.is_by_another, "what they see of others depends on who they are");
        assert_eq!(label(&looked), "", "a company that they may not see");
    }

    office.set(&ana, TICKET, &[id], "subject", text("B")).await.expect("set");
    assert_eq!(look(&ana, true).await.records[0].title(&kind), "B", "one's own change, ahead of the news");
    heard(&mut news, touched).await;
    for cx in [&ana, &eve, &bo] {
        assert_eq!(look(cx, false).await.records[0].title(&kind), "B", "what was read before the news is old");
    }
}

//! Actions: defaults, values refused, tags, comments, the recycle bin, many records at once.

use chrono::NaiveDate;
use frontdesk::desk::Error;
use frontdesk::domain::action::{Action, Edit, Targets};
use frontdesk::domain::kind::{ACTIVITY, COMPANY, CONTACT, DEAL, MESSAGE, PRODUCT, TICKET, USER};
use frontdesk::domain::value::Value;
use rust_decimal::Decimal;
use sqlx::Row;

use super::{Office, choice, invalid, text};

#[tokio::test]
async fn a_new_record_starts_with_what_nobody_said() {
    let office = Office::open().await;
    let bo = office.cx("bo").await;
    let acme = office.create(&bo, COMPANY, &[("name", text("Acme GmbH"))]).await;
    let petra =
        office.create(&bo, CONTACT, &[("name", text("Petra Vogel")), ("company", Value::reference(acme))]).await;
    let deal = office.create(&bo, DEAL, &[("name", text("Rollout")), ("contact", Value::reference(petra))]).await;
    let ticket = office.create(&bo, TICKET, &[("subject", text("Cannot log in"))]).await;

    assert_eq!(office.get(&bo, DEAL, deal, "owner").await.as_id(), Some(bo.viewer.me.id));
    assert_eq!(office.get(&bo, DEAL, deal, "team").await.as_id(), bo.viewer.me.team);
    assert_eq!(office.get(&bo, DEAL, deal, "state").await, choice("open"));
    assert_eq!(office.get(&bo, DEAL, deal, "currency").await, text("USD"));
    // The contact brings its company, and references come with the title they have.
    match office.get(&bo, DEAL, deal, "company").await {
        Value::Ref(company) => assert_eq!((company.id, company.label.as_str()), (acme, "Acme GmbH")),
        other => panic!("{other:?}"),
    }
    match office.get(&bo, DEAL, deal, "stage").await {
        Value::Ref(stage) => assert_eq!(stage.label, "Prospecting"),
        other => panic!("{other:?}"),
    }
    assert_eq!(office.get(&bo, TICKET, ticket, "status").await, choice("new"));
    assert_eq!(office.get(&bo, TICKET, ticket, "priority").await, choice("normal"));
    assert_eq!(office.get(&bo, TICKET, ticket, "creator").await.as_id(), Some(bo.viewer.me.id));

    // The currency used last is the next one's.
    office.set(&bo, DEAL, &[deal], "currency", text("eur")).await.expect("set");
    let next = office.create(&bo, DEAL, &[("name", text("Next"))]).await;
    assert_eq!(office.get(&bo, DEAL, next, "currency").await, text("EUR"));
}

#[tokio::test]
async fn values_that_do_not_fit_are_refused_beside_their_field() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let bin = office.create(&ana, COMPANY, &[("name", text("Binned"))]).await;
    office.act(&ana, Targets::Records(COMPANY, vec![bin]), Action::Delete).await.expect("deleted");
    office.create(&ana, PRODUCT, &[("name", text("GTX"))]).await;
    let gone = Value::reference(4_000_000);
    let cases: Vec<(_, Vec<(&str, Value)>, &str)> = vec![
        (CONTACT, vec![], "name"),
        (CONTACT, vec![("name", text(" \u{7} "))], "name"),
        (CONTACT, vec![("name", text("A")), ("email", text("nobody"))], "email"),
        (CONTACT, vec![("name", text("A")), ("phone", text("none"))], "phone"),
        (CONTACT, vec![("name", text("A")), ("company", gone.clone())], "company"),
        (CONTACT, vec![("name", text("A")), ("company", Value::reference(bin))], "company"),
        (CONTACT, vec![("name", text("A")), ("created", Value::Instant(chrono::Utc::now()))], "created"),
        (CONTACT, vec![("name", text("A")), ("shoe_size", Value::Int(42))], "shoe_size"),
        (COMPANY, vec![("name", text("A")), ("website", text("javascript:alert(1)"))], "website"),
        (DEAL, vec![("name", text("A")), ("currency", text("Taler"))], "currency"),
        (DEAL, vec![("name", text("A")), ("amount", text("much"))], "amount"),
        (DEAL, vec![("name", text("A")), ("stage", gone)], "stage"),
        (TICKET, vec![("subject", text("A")), ("status", choice("done"))], "status"),
        (TICKET, vec![("subject", text("A")), ("rating", Value::Int(9))], "rating"),
        (MESSAGE, vec![("body", text("A"))], "ticket"),
        (PRODUCT, vec![("name", text("GTX"))], "name"),
        (USER, vec![("name", text("Eve")), ("login", text("eve adams"))], "login"),
        (USER, vec![("name", text("Eve")), ("login", text("bo"))], "login"),
    ];
    for (kind, values, field) in cases {
        let (blamed, reason) = invalid(office.try_create(&ana, kind, &values).await);
        assert_eq!(blamed, field, "{kind} {values:?}: {reason}");
        assert!(reason.ends_with('.'), "not a sentence: {reason}");
    }
    let (_, reason) = invalid(office.try_create(&ana, PRODUCT, &[("name", text("GTX"))]).await);
    assert_eq!(reason, "Name: another product has this already; choose another.");
}

#[tokio::test]
async fn a_refused_creation_leaves_no_trace() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let mut owner = office.space.owner().await;
    let count = "select count(*) from operation";
    let before: i64 = sqlx::query_scalar(count).fetch_one(&mut owner).await.expect("count");
    invalid(office.try_create(&ana, CONTACT, &[("name", text("A")), ("email", text("x"))]).await);
    let id = office.create(&ana, CONTACT, &[("name", text("A"))]).await;
    let same = office.set(&ana, CONTACT, &[id], "name", text("A")).await.expect("set");
    assert_eq!((same.done, same.unchanged, same.operation), (0, 1, None));
    let after: i64 = sqlx::query_scalar(count).fetch_one(&mut owner).await.expect("count");
    assert_eq!(after, before + 1);
}

#[tokio::test]
async fn every_type_of_value_comes_back_as_it_was_set() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let id = office.create(&ana, DEAL, &[("name", text("A"))]).await;
    let contact = office.create(&ana, CONTACT, &[("name", text("A"))]).await;
    let now = ana.viewer.now;
    let day = NaiveDate::from_ymd_opt(2026, 12, 24).expect("a day");
    for (kind, id, field, value) in [
        (DEAL, id, "name", text("Zhou 年度")),
        (DEAL, id, "amount", Value::Decimal(Decimal::new(123_456_789_012_345_678, 4))),
        (DEAL, id, "expected", Value::Day(day)),
        (DEAL, id, "next_at", Value::Instant(now)),
        (DEAL, id, "note", text("one\ntwo")),
        (DEAL, id, "contact", Value::reference(contact)),
        (DEAL, id, "tags", Value::Tags(vec!["b".into(), "a".into()])),
        (CONTACT, contact, "no_contact", Value::Bool(true)),
        (CONTACT, contact, "lifecycle", choice("customer")),
        (CONTACT, contact, "email", text("a@example.com")),
    ] {
        let set = office.set(&ana, kind, &[id], field, value.clone()).await.expect(field);
        assert_eq!(set.done, 1, "{field}");
        let again = office.set(&ana, kind, &[id], field, value.clone()).await.expect(field);
        assert_eq!((again.done, again.unchanged), (0, 1), "{field} set to the same");
        let kept = match value {
            Value::Instant(at) => Value::Instant(chrono::SubsecRound::trunc_subsecs(at, 6)),
            Value::Tags(_) => Value::Tags(vec!["a".into(), "b".into()]),
            other => other,
        };
        assert_eq!(office.get(&ana, kind, id, field).await, kept, "{field}");
        if kind != CONTACT && field != "name" {
            office.set(&ana, kind, &[id], field, Value::Null).await.expect(field);
            assert!(office.get(&ana, kind, id, field).await.is_none(), "{field} emptied");
        }
    }
    let (field, _) = invalid(office.set(&ana, DEAL, &[id], "name", Value::Null).await);
    assert_eq!(field, "name");
}

#[tokio::test]
async fn tags_are_added_and_removed_without_touching_the_others() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let a = office.create(&ana, TICKET, &[("subject", text("A")), ("tags", Value::Tags(vec!["old".into()]))]).await;
    let b = office.create(&ana, TICKET, &[("subject", text("B"))]).await;
    let c = office.create(&ana, TICKET, &[("subject", text("C")), ("tags", Value::Tags(vec!["vip".into()]))]).await;
    let action = Action::Tag { add: vec!["#vip".into()], remove: vec!["old".into()] };
    let outcome = office.act(&ana, Targets::Records(TICKET, vec![a, b, c]), action).await.expect("tagged");
    assert_eq!((outcome.done, outcome.unchanged), (2, 1));
    for id in [a, b, c] {
        assert_eq!(office.get(&ana, TICKET, id, "tags").await, Value::Tags(vec!["vip".into()]));
    }
}

#[tokio::test]
async fn a_reply_is_a_message_and_marks_the_first_answer() {
    let office = Office::open().await;
    let bo = office.cx("bo").await;
    let id = office.create(&bo, TICKET, &[("subject", text("Help"))]).await;
    let on = || Targets::Records(TICKET, vec![id]);
    let note = office.act(&bo, on(), Action::Comment { text: "look\r\nhere".into() }).await.expect("note");
    let reply = office.act(&bo, on(), Action::reply("It works again.")).await.expect("reply");
    let (kind, note) = note.records[0];
    assert_eq!(kind, MESSAGE);
    assert_eq!(office.get(&bo, MESSAGE, note, "direction").await, choice("note"));
    assert_eq!(office.get(&bo, MESSAGE, note, "body").await, text("look\nhere"));
    let (_, reply) = reply.records[0];
    assert_eq!(office.get(&bo, MESSAGE, reply, "direction").await, choice("out"));
    assert_eq!(office.get(&bo, MESSAGE, reply, "author").await.as_id(), Some(bo.viewer.me.id));
    assert_ne!(office.get(&bo, TICKET, id, "first_reply").await, Value::Null);
    // A colleague of the team sees the conversation, another team does not.
    assert!(office.sees(&office.cx("cy").await, MESSAGE, reply).await);
    assert!(!office.sees(&office.cx("di").await, MESSAGE, reply).await);
    let (field, _) = invalid(office.act(&bo, on(), Action::reply(" ")).await);
    assert_eq!(field, "body");
}

#[tokio::test]
async fn a_touch_is_linked_to_its_target_and_its_company() {
    let office = Office::open().await;
    let (ana, bo) = (office.cx("ana").await, office.cx("bo").await);
    let acme = office.create(&bo, COMPANY, &[("name", text("Acme"))]).await;
    let petra = office.create(&bo, CONTACT, &[("name", text("Petra")), ("company", Value::reference(acme))]).await;
    let deal = office.create(&bo, DEAL, &[("name", text("Rollout")), ("contact", Value::reference(petra))]).await;
    let call = vec![("type".into(), choice("call")), ("outcome".into(), choice("reached"))];
    let outcome = office
        .act(&ana, Targets::Records(DEAL, vec![deal]), Action::Log { values: call })
        .await
        .expect("the call is logged");
    let (kind, id) = outcome.records[0];
    assert_eq!(kind, ACTIVITY);
    for (field, wanted) in [("deal", deal), ("contact", petra), ("company", acme), ("owner", ana.viewer.me.id)] {
        assert_eq!(office.get(&ana, ACTIVITY, id, field).await.as_id(), Some(wanted), "{field}");
    }
    assert_eq!(office.get(&ana, ACTIVITY, id, "subject").await, text("Call"));
    // What an admin did about a team's deal is the team's to see.
    assert!(office.sees(&bo, ACTIVITY, id).await);

    let note = office
        .act(&bo, Targets::Records(CONTACT, vec![petra]), Action::Comment { text: "Likes tea.\nGreen.".into() })
        .await
        .expect("noted");
    assert_eq!(office.get(&bo, ACTIVITY, note.records[0].1, "subject").await, text("Likes tea."));
    assert_eq!(office.get(&bo, ACTIVITY, note.records[0].1, "contact").await.as_id(), Some(petra));
}

#[tokio::test]
async fn the_recycle_bin_keeps_records_from_work_until_they_are_restored() {
    let office = Office::open().await;
    let bo = office.cx("bo").await;
    let id = office.create(&bo, CONTACT, &[("name", text("Petra"))]).await;
    let on = || Targets::Records(CONTACT, vec![id]);
    assert_eq!(office.act(&bo, on(), Action::Delete).await.expect("deleted").done, 1);
    assert_eq!(office.act(&bo, on(), Action::Delete).await.expect("again").unchanged, 1);
    let (_, reason) = invalid(office.set(&bo, CONTACT, &[id], "name", text("P")).await);
    assert_eq!(reason, format!("C{id} is in the recycle bin; restore it first."));
    assert_eq!(office.act(&bo, on(), Action::Restore).await.expect("restored").done, 1);
    assert_eq!(office.get(&bo, CONTACT, id, "deleted").await, Value::Null);
}

#[tokio::test]
async fn a_deal_that_changes_pipeline_starts_at_its_first_stage() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let pipeline = frontdesk::domain::kind::PIPELINE;
    let stage = frontdesk::domain::kind::STAGE;
    let other = office.create(&ana, pipeline, &[("name", text("Renewals"))]).await;
    for (name, position, state) in [("Lapsed", 1, "lost"), ("Due", 2, "open")] {
        let values = [
            ("name", text(name)),
            ("pipeline", Value::reference(other)),
            ("position", Value::Int(position)),
            ("state", choice(state)),
        ];
        office.create(&ana, stage, &values).await;
    }
    let deal = office.create(&ana, DEAL, &[("name", text("A"))]).await;
    office.set(&ana, DEAL, &[deal], "pipeline", Value::reference(other)).await.expect("moved");
    match office.get(&ana, DEAL, deal, "stage").await {
        Value::Ref(stage) => assert_eq!(stage.label, "Due"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn many_records_change_in_chunks_of_one_operation_and_refusals_are_listed() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let mut owner = office.space.owner().await;
    sqlx::query(
        "insert into ticket (subject, owner_id, team_id) select 'Ticket ' || n, 2, 2 from generate_series(1, 4500) n",
    )
    .execute(&mut owner)
    .await
    .expect("tickets");
    let ids: Vec<i64> =
        sqlx::query_scalar("select id from ticket order by id").fetch_all(&mut owner).await.expect("ids");
    let (binned, done_before) = (ids[10], ids[20]);
    office.act(&ana, Targets::Records(TICKET, vec![binned]), Action::Delete).await.expect("deleted");
    office.set(&ana, TICKET, &[done_before], "priority", choice("high")).await.expect("set");

    let heard = std::sync::Mutex::new(Vec::new());
    let mut targets = ids.clone();
    targets.push(9_000_000);
    targets.push(ids[0]);
    let outcome = office
        .desk
        .perform(&ana, &Targets::Records(TICKET, targets), &Action::set("priority", choice("high")), &|n| {
            heard.lock().expect("lock").push(n);
        })
        .await
        .expect("performed");
    assert_eq!((outcome.done, outcome.unchanged, outcome.failed.len()), (4498, 1, 2));
    assert_eq!(outcome.records.len(), 1000);
    let mut failed = outcome.failed.clone();
    failed.sort();
    assert_eq!(
        failed,
        [
            (format!("T{binned}"), format!("T{binned} is in the recycle bin; restore it first.")),
            ("T9000000".into(), "There is no T9000000 here (any more).".into()),
        ]
    );
    assert_eq!(*heard.lock().expect("lock"), [2000, 4000, 4501]);
    let operation = outcome.operation.expect("an operation");
    let row = sqlx::query("select records, action, door, seat from operation where id = $1")
        .bind(operation)
        .fetch_one(&mut owner)
        .await
        .expect("the operation");
    assert_eq!(
        (row.get::<i64, _>(0), row.get::<String, _>(1), row.get::<String, _>(2)),
        (4498, "set".into(), "tui".into())
    );
    assert_eq!(row.get::<String, _>(3), ana.seat);
    let transactions: i64 = sqlx::query_scalar("select count(distinct xid) from change where operation = $1")
        .bind(operation)
        .fetch_one(&mut owner)
        .await
        .expect("count");
    assert_eq!(transactions, 3);
}

#[tokio::test]
async fn a_record_that_a_constraint_refuses_does_not_hold_up_the_others() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let mut ids = Vec::new();
    for name in ["A", "B", "C", "D", "E"] {
        ids.push(office.create(&ana, PRODUCT, &[("name", text(name))]).await);
    }
    // Only one product can be called so; the others are refused one by one.
    let outcome = office.set(&ana, PRODUCT, &ids, "name", text("Same")).await.expect("performed");
    assert_eq!((outcome.done, outcome.failed.len()), (1, 4));
    assert_eq!(outcome.failed[0].1, "Name: another product has this already; choose another.");

    let several = Action::Set {
        edits: vec![
            Edit { field: "series".into(), was: None, now: text("X") },
            Edit { field: "price".into(), was: None, now: Value::Int(5) },
        ],
    };
    let outcome = office.act(&ana, Targets::Records(PRODUCT, ids), several).await.expect("performed");
    assert_eq!((outcome.done, outcome.failed.len()), (5, 0));
}

#[tokio::test]
async fn a_preview_says_what_would_happen_and_changes_nothing() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(office.create(&ana, TICKET, &[("subject", text(&format!("T {n}")))]).await);
    }
    office.act(&ana, Targets::Records(TICKET, vec![ids[0]]), Action::Delete).await.expect("deleted");
    office.set(&ana, TICKET, &[ids[1]], "status", choice("open")).await.expect("set");
    let targets = Targets::Records(TICKET, ids.clone());
    let action = Action::set("status", choice("open"));
    let preview = office.desk.preview(&ana, &targets, &action).await.expect("preview");
    assert_eq!((preview.total, preview.will_change, preview.unchanged), (4, 2, 1));
    assert_eq!(preview.refused, [("Ticket is in the recycle bin; restore it first.".to_owned(), 1)]);
    assert_eq!(preview.sample.iter().map(|r| r.id).collect::<Vec<_>>(), [ids[2], ids[3]]);
    assert_eq!(office.get(&ana, TICKET, ids[2], "status").await, choice("new"));
}

#[tokio::test]
async fn a_workspace_keeps_an_admin() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let me = ana.viewer.me.id;
    for action in [Action::set("role", choice("sales")), Action::set("active", Value::Bool(false)), Action::Delete] {
        let (_, reason) = invalid(office.act(&ana, Targets::Records(USER, vec![me]), action).await);
        assert_eq!(reason, "Nobody would be left to administer the workspace; make another admin first.");
    }
    office.set(&ana, USER, &[2], "role", choice("admin")).await.expect("bo is an admin now");
    office.set(&ana, USER, &[me], "active", Value::Bool(false)).await.expect("then ana may leave");
    let gone = office.desk.sit("ana", ana.door, chrono_tz::UTC, ana.viewer.lang).await;
    assert!(matches!(gone, Err(Error::Denied(_))), "{gone:?}");
}

#[tokio::test]
async fn a_deal_is_closed_on_the_persons_own_day() {
    let office = Office::open().await;
    let mut bo = office.cx("bo").await;
    let mut owner = office.space.owner().await;
    let won: i64 =
        sqlx::query_scalar("select id from stage where state = 'won'").fetch_one(&mut owner).await.expect("a stage");
    // One of these is always on another day than UTC.
    for zone in [chrono_tz::Pacific::Kiritimati, chrono_tz::Pacific::Niue] {
        bo.viewer.zone = zone;
        bo.viewer.now = chrono::Utc::now();
        let id = office.create(&bo, DEAL, &[("name", text("A"))]).await;
        office.set(&bo, DEAL, &[id], "stage", Value::reference(won)).await.expect("won");
        let today = bo.viewer.now.with_timezone(&zone).date_naive();
        assert_eq!(office.get(&bo, DEAL, id, "closed").await, Value::Day(today), "{zone}");
        // By hand in SQL the day is that of the zone kept with the person.
        for (kept, day) in [(zone.name(), today), ("UTC", bo.viewer.now.date_naive())] {
            sqlx::query("update staff set zone = $1 where id = 2").bind(kept).execute(&mut owner).await.expect("kept");
            let closed: chrono::NaiveDate = sqlx::query_scalar(
                "with me as materialized (select set_config('frontdesk.me', '2', false)) \
                 update deal set closed = null from me where id = $1 returning closed",
            )
            .bind(id)
            .fetch_one(&mut owner)
            .await
            .expect("closed anew");
            assert_eq!(closed, day, "{zone} {kept}");
        }
    }
}

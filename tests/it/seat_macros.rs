//! Macros at a real seat on a real database: recorded by doing, replayed on marked records, all or nothing for each, one
//! step of undo.

use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::field::Lang;
use frontdesk::domain::kind::{TICKET, USER};
use frontdesk::domain::value::Value;
use sqlx::Executor;

use crate::seat_form::{office, one};
use crate::support::{Sitting, Workspace};

/// The office's ticket of bo and five more of his.
async fn queue() -> Workspace {
    let office = office().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into ticket (id, subject, status, owner_id, team_id, created_at) overriding system value \
               select 1050 + n, 'Router ' || n, 'open', 2, 2, timestamptz '2026-03-11Z' + n * interval '1 hour' \
               from generate_series(1, 5) n",
        )
        .await
        .expect("tickets");
    office
}

/// Records at the selected ticket: pending, a tag, a note; and names it.
async fn record(bo: &mut Sitting, name: &str) {
    bo.keys("m").await.until("Record a new one").await.keys("1").await.until("REC 0").await;
    bo.keys("s 3").await.until("REC 1").await;
    // What is undone is no part of it.
    bo.keys("p 4").await.until("REC 2").await.keys("u").await.until("REC 1").await;
    bo.keys("t").await.text("network").await.keys("enter").await.until("REC 2").await;
    bo.keys("i").await.text("To the network team.").await.keys("ctrl-s").await.until("REC 3").await;
    bo.keys("m").await.until("End the recording and name it (3 steps)").await.keys("1").await;
    bo.text(name).await.keys("enter").await.until("is kept").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_once_is_done_to_marked_records_in_one_step_and_taken_back_in_one() {
    let office = queue().await;
    let mut bo = office.sit("bo", 100, 30).await;
    bo.keys("g t").await.until("Queue").await.keys("/").await.text("Router sort:created").await.keys("enter").await;
    bo.until("T1055").await;
    record(&mut bo, "To network").await;
    assert!(!bo.screen().contains("REC"), "{}", bo.screen());
    let done = "select string_agg(t.id || ' ' || t.priority, ',' order by t.id) from ticket t where t.status = 'pending' \
                and t.tags = '{network}' and (select count(*) from message m where m.ticket_id = t.id and m.deleted_at is null) = 1";
    assert_eq!(one::<String>(&office, done).await, "1051 normal");

    // Of four, one is gone meanwhile: it is told, and the others are done.
    // The first one is pending now and so has left the queue.
    bo.keys("ctrl-l g g").await.keys("space space space space").await;
    let mut owner = office.owner().await;
    owner.execute("update ticket set deleted_at = now() where id = 1054").await.expect("gone");
    bo.keys("m").await.until("To network").await.keys("1").await.until("T1054 is in the recycle bin").await;
    assert_eq!(one::<String>(&office, done).await, "1051 normal,1052 normal,1053 normal,1055 normal");
    let operations: i64 = one(&office, "select count(*) from operation where action = 'macro'").await;
    assert_eq!(operations, 1);
    bo.keys("u")
        .await
        .until_that("undone", |s| s.contains("undone") || s.contains("Undone") || s.contains("Undo"))
        .await;
    if bo.bottom().contains("Undo the") {
        bo.keys("u").await;
    }
    assert_eq!(one::<String>(&office, done).await, "1051 normal");
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_macro_works_at_the_open_record_and_in_the_shell_and_not_for_other_kinds() {
    let office = queue().await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g t").await.until("Queue").await.keys("/").await.text("Router sort:created").await.keys("enter").await;
    bo.until("T1055").await;
    record(&mut bo, "To network").await;
    bo.keys("G enter").await.until("Router 5").await.keys("m").await.until("To network").await.keys("1").await;
    bo.until("Pending").await;
    let done: i64 = one(&office, "select count(*) from ticket where status = 'pending' and tags = '{network}'").await;
    assert_eq!(done, 2);
    // Contacts have none of it.
    bo.keys("g c m").await.until("Record a new one").await;
    assert!(!bo.screen().contains("To network"), "{}", bo.screen());
    bo.keys("esc").await;
    bo.leave().await;
    let ran = office.run("bo", &["ticket", "run", "To network", "T1053", "--json"]).await;
    assert!(ran.status.success(), "{ran:?}");
    let ran = office.run("bo", &["ticket", "run", "to nobody", "T1053"]).await;
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.code() == Some(3) && said.contains("there are To network"), "{said}");
    let done: i64 = one(&office, "select count(*) from ticket where status = 'pending' and tags = '{network}'").await;
    assert_eq!(done, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_one_step_refuses_gets_none_of_them() {
    let office = queue().await;
    let (desk, bo) = (office.desk().await, office.cx("bo").await);
    let mut owner = office.owner().await;
    owner
        .execute(
            "alter table ticket add constraint ticket_category_choice check (id <> 1052 or category <> 'Network'); \
             update ticket set category = 'Network' where id = 1053",
        )
        .await
        .expect("one ticket that refuses");
    let steps = vec![
        Action::Tag { add: vec!["seen".into()], remove: vec![] },
        Action::set("category", Value::text("Network")),
        Action::Comment { text: "done".into() },
    ];
    let action = Action::Macro { name: "m".into(), steps };
    let targets = Targets::Records(TICKET, vec![1051, 1052, 1053, 9999]);
    let outcome = desk.perform(&bo, &targets, &action, &|_| {}).await.expect("some are done");
    let failed: Vec<&str> = outcome.failed.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!((outcome.done, failed), (2, vec!["T9999", "T1052"]));
    let left: i64 = one(
        &office,
        "select count(*) from ticket t left join message m on m.ticket_id = t.id where t.id = 1052 and t.tags = '{}' and m.id is null",
    )
    .await;
    assert_eq!(left, 1, "neither the tag nor the note");
    desk.undo(&bo, outcome.operation).await.expect("undone");
    let undone: i64 = one(&office, "select count(*) from ticket where tags = '{seen}'").await;
    assert_eq!(undone, 0);
    // What reaches customers or deletes is no step, whoever writes it into a macro.
    for step in [Action::Delete, Action::reply("hello")] {
        let action = Action::Macro { name: "m".into(), steps: vec![step] };
        assert!(desk.perform(&bo, &targets, &action, &|_| {}).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_macro_leaves_an_admin_as_a_single_change_does() {
    let office = queue().await;
    let (desk, ana) = (office.desk().await, office.cx("ana").await);
    let demote = Action::set("role", Value::Choice("sales".into()));
    let action = Action::Macro { name: "m".into(), steps: vec![demote] };
    let refused = desk.perform(&ana, &Targets::Records(USER, vec![1]), &action, &|_| {}).await;
    assert!(refused.is_err(), "{refused:?}");
    let admins: i64 = one(&office, "select count(*) from staff where role = 'admin'").await;
    assert_eq!(admins, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_macros() {
    let office = queue().await;
    let mut owner = office.owner().await;
    owner
        .execute("insert into macro (name, kind, steps, owner_id, team_id) values ('To network', 'ticket', '[]', 2, 2), ('转给网络组', 'ticket', '[]', 2, 2)")
        .await
        .expect("macros");
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        for (width, height) in [(44, 20), (80, 24)] {
            let mut bo = office.sit_at("ticket", "bo", width, height, lang).await;
            bo.keys("m").await;
            insta::assert_snapshot!(format!("macros-{name}-{width}x{height}"), bo.screen());
            bo.keys("3 s 2 m").await;
            insta::assert_snapshot!(format!("macros-recording-{name}-{width}x{height}"), bo.screen());
            bo.keys("2").await;
            bo.leave().await;
        }
    }
}

//! Taking back, and taking that back.

use std::time::Duration;

use frontdesk::desk::Error;
use frontdesk::domain::action::{Action, Edit, Targets};
use frontdesk::domain::kind::{COMPANY, CONTACT, DEAL, MESSAGE, PRODUCT, STAGE, TICKET};
use frontdesk::domain::query::Query;
use frontdesk::domain::value::Value;
use rust_decimal::Decimal;
use sqlx::{Executor, PgConnection};

use super::{Office, choice, invalid, text};

#[tokio::test]
async fn undo_and_redo_walk_back_and_forth_through_a_seats_own_operations() {
    let office = Office::open().await;
    let (bo, cy) = (office.cx("bo").await, office.cx("cy").await);
    let id = office.create(&bo, TICKET, &[("subject", text("A"))]).await;
    office.set(&bo, TICKET, &[id], "subject", text("B")).await.expect("B");
    office.set(&bo, TICKET, &[id], "subject", text("C")).await.expect("C");
    // Neither another person's nor another seat's operation is what `u` takes back.
    office.set(&cy, TICKET, &[id], "priority", choice("high")).await.expect("cy");
    let elsewhere = office.cx("bo").await;
    office.set(&elsewhere, TICKET, &[id], "category", text("x")).await.expect("another seat");

    let subject = async || office.get(&bo, TICKET, id, "subject").await;
    assert_eq!(
        office
            .desk
            .undoable(&bo)
            .await
            .expect("said")
            .map(|s| s.what.starts_with(&format!("Undo the change of T{id} C"))),
        Some(true)
    );
    assert_eq!(office.desk.undo(&bo, None).await.expect("undone").done, 1);
    assert_eq!(subject().await, text("B"));
    office.desk.undo(&bo, None).await.expect("undone");
    assert_eq!(subject().await, text("A"));
    office.desk.redo(&bo).await.expect("redone");
    assert_eq!(subject().await, text("B"));
    office.desk.redo(&bo).await.expect("redone");
    assert_eq!(subject().await, text("C"));
    assert!(matches!(office.desk.redo(&bo).await, Err(Error::NotFound(_))));
    office.desk.undo(&bo, None).await.expect("undone");
    office.desk.undo(&bo, None).await.expect("undone");
    assert_eq!(subject().await, text("A"));
    assert_eq!(office.get(&bo, TICKET, id, "priority").await, choice("high"), "cy's stays");
    assert_eq!(office.get(&bo, TICKET, id, "category").await, text("x"), "the other seat's stays");

    // The creation goes to the recycle bin and comes back.
    office.desk.undo(&bo, None).await.expect("undone");
    assert_ne!(office.get(&bo, TICKET, id, "deleted").await, Value::Null);
    let nothing = office.desk.undo(&bo, None).await;
    assert!(matches!(nothing, Err(Error::NotFound(_))), "{nothing:?}");
    assert_eq!(office.desk.undoable(&bo).await.expect("said"), None);
    office.desk.redo(&bo).await.expect("redone");
    assert_eq!(office.get(&bo, TICKET, id, "deleted").await, Value::Null);

    // Something new ends redoing.
    office.set(&bo, TICKET, &[id], "type", choice("fault")).await.expect("new");
    assert!(matches!(office.desk.redo(&bo).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_field_changed_since_stays_and_the_rest_is_restored() {
    let office = Office::open().await;
    let (bo, cy) = (office.cx("bo").await, office.cx("cy").await);
    let mut ids = Vec::new();
    for subject in ["A", "B", "C"] {
        ids.push(office.create(&bo, TICKET, &[("subject", text(subject))]).await);
    }
    let both = Action::Set {
        edits: vec![
            Edit { field: "priority".into(), was: None, now: choice("urgent") },
            Edit { field: "category".into(), was: None, now: text("billing") },
        ],
    };
    let done = office.act(&bo, Targets::Records(TICKET, ids.clone()), both).await.expect("set");
    office.set(&cy, TICKET, &[ids[0]], "priority", choice("low")).await.expect("one field");
    office.set(&cy, TICKET, &[ids[1]], "priority", choice("low")).await.expect("both fields");
    office.set(&cy, TICKET, &[ids[1]], "category", text("other")).await.expect("both fields");

    let undone = office.desk.undo(&bo, done.operation).await.expect("undone");
    assert_eq!((undone.done, undone.failed.len()), (2, 2));
    assert!(undone.failed.contains(&(format!("T{}", ids[0]), "Priority was changed since and stays.".into())));
    assert!(
        undone.failed.contains(&(format!("T{}", ids[1]), "Priority, Category was changed since and stays.".into()))
            || undone
                .failed
                .contains(&(format!("T{}", ids[1]), "Category, Priority was changed since and stays.".into()))
    );
    for (id, priority, category) in
        [(ids[0], "low", Value::Null), (ids[1], "low", text("other")), (ids[2], "normal", Value::Null)]
    {
        assert_eq!(office.get(&bo, TICKET, id, "priority").await, choice(priority), "T{id}");
        assert_eq!(office.get(&bo, TICKET, id, "category").await, category, "T{id}");
    }
}

#[tokio::test]
async fn an_operation_is_undone_once_and_by_whoever_may() {
    let office = Office::open().await;
    let (ana, bo, cy) = (office.cx("ana").await, office.cx("bo").await, office.cx("cy").await);
    let id = office.create(&bo, CONTACT, &[("name", text("A"))]).await;
    let set = office.set(&bo, CONTACT, &[id], "city", text("Bonn")).await.expect("set");
    let other = office.desk.undo(&cy, set.operation).await;
    assert!(matches!(other, Err(Error::Denied(_))), "{other:?}");
    let none = office.desk.undo(&bo, Some(99_999_999)).await;
    assert!(matches!(none, Err(Error::NotFound(_))), "{none:?}");
    let undone = office.desk.undo(&ana, set.operation).await.expect("an admin may");
    let (_, reason) = invalid(office.desk.undo(&bo, set.operation).await);
    assert_eq!(reason, "That is undone already.");
    // Undoing the undo is redo, and then it can be undone again.
    office.desk.undo(&ana, undone.operation).await.expect("redone");
    assert_eq!(office.get(&bo, CONTACT, id, "city").await, text("Bonn"));
    office.desk.undo(&bo, set.operation).await.expect("undone again");
    assert_eq!(office.get(&bo, CONTACT, id, "city").await, Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_undo_the_same_at_once_undo_it_once() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let id = office.create(&ana, CONTACT, &[("name", text("A"))]).await;
    let set = office.set(&ana, CONTACT, &[id], "city", text("Bonn")).await.expect("set");
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let (desk, cx, operation) = (office.desk.clone(), ana.clone(), set.operation);
            tokio::spawn(async move { desk.undo(&cx, operation).await })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        match task.await.expect("no panic") {
            Ok(outcome) => done += outcome.done,
            Err(Error::Invalid { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(done, 1);
}

#[tokio::test]
async fn what_followed_from_an_operation_goes_with_it() {
    let office = Office::open().await;
    let bo = office.cx("bo").await;
    let ticket = office.create(&bo, TICKET, &[("subject", text("A"))]).await;
    let reply = office.act(&bo, Targets::Records(TICKET, vec![ticket]), Action::reply("Yes.")).await.expect("replied");
    office.desk.undo(&bo, None).await.expect("undone");
    assert_ne!(office.get(&bo, MESSAGE, reply.records[0].1, "deleted").await, Value::Null);
    assert_eq!(office.get(&bo, TICKET, ticket, "first_reply").await, Value::Null);

    office.set(&bo, TICKET, &[ticket], "status", choice("solved")).await.expect("solved");
    assert_ne!(office.get(&bo, TICKET, ticket, "solved").await, Value::Null);
    office.desk.undo(&bo, None).await.expect("undone");
    assert_eq!(office.get(&bo, TICKET, ticket, "status").await, choice("new"));
    assert_eq!(office.get(&bo, TICKET, ticket, "solved").await, Value::Null);

    let deal = office
        .create(&bo, DEAL, &[("name", text("A")), ("amount", Value::Decimal(Decimal::new(999_999_999_999_999_999, 4)))])
        .await;
    office.set(&bo, DEAL, &[deal], "amount", Value::Int(5)).await.expect("set");
    office.desk.undo(&bo, None).await.expect("undone");
    assert_eq!(
        office.get(&bo, DEAL, deal, "amount").await,
        Value::Decimal(Decimal::new(999_999_999_999_999_999, 4)),
        "to the last digit"
    );
    let mut owner = office.space.owner().await;
    let won: i64 =
        sqlx::query_scalar("select id from stage where state = 'won'").fetch_one(&mut owner).await.expect("a stage");
    office.set(&bo, DEAL, &[deal], "stage", Value::reference(won)).await.expect("won");
    assert_eq!(office.get(&bo, DEAL, deal, "state").await, choice("won"));
    office.desk.undo(&bo, None).await.expect("undone");
    assert_eq!(office.get(&bo, DEAL, deal, "state").await, choice("open"));
    assert_eq!(office.get(&bo, DEAL, deal, "closed").await, Value::Null);
    assert_eq!(office.kind(STAGE).one.en, "Stage");
}

#[tokio::test]
async fn deletion_tags_and_restoring_are_undone_like_the_rest() {
    let office = Office::open().await;
    let bo = office.cx("bo").await;
    let id = office.create(&bo, CONTACT, &[("name", text("A")), ("tags", Value::Tags(vec!["x".into()]))]).await;
    let on = || Targets::Records(CONTACT, vec![id]);
    office.act(&bo, on(), Action::Tag { add: vec!["y".into()], remove: vec!["x".into()] }).await.expect("tagged");
    office.desk.undo(&bo, None).await.expect("undone");
    assert_eq!(office.get(&bo, CONTACT, id, "tags").await, Value::Tags(vec!["x".into()]));
    office.act(&bo, on(), Action::Delete).await.expect("deleted");
    assert!(office.desk.undoable(&bo).await.expect("said").is_some_and(|s| s.what.starts_with("Undo the deletion of")));
    office.desk.undo(&bo, None).await.expect("undone");
    assert_eq!(office.get(&bo, CONTACT, id, "deleted").await, Value::Null);
    office.desk.redo(&bo).await.expect("redone");
    assert_ne!(office.get(&bo, CONTACT, id, "deleted").await, Value::Null);
}

#[tokio::test]
async fn a_value_that_was_taken_since_is_listed() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let a = office.create(&ana, PRODUCT, &[("name", text("A"))]).await;
    let b = office.create(&ana, PRODUCT, &[("name", text("B"))]).await;
    let mut owner = office.space.owner().await;
    let set = office.set(&ana, PRODUCT, &[a, b], "series", text("S")).await.expect("set");
    assert_eq!(set.done, 2);
    let renamed = office.set(&ana, PRODUCT, &[a], "name", text("A2")).await.expect("renamed");
    sqlx::query("update product set name = 'A' where id = $1").bind(b).execute(&mut owner).await.expect("taken");
    let undone = office.desk.undo(&ana, renamed.operation).await.expect("answered");
    assert_eq!((undone.done, undone.operation), (0, None));
    assert_eq!(
        undone.failed,
        [(format!("P{a}"), "Name: another product has this already; choose another.".to_owned())]
    );
}

#[tokio::test]
async fn a_bulk_operation_of_several_chunks_is_one_step() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let mut owner = office.space.owner().await;
    sqlx::query(
        "insert into company (name, city) select 'Company ' || n, 'City ' || n from generate_series(1, 4500) n",
    )
    .execute(&mut owner)
    .await
    .expect("companies");
    let ids: Vec<i64> =
        sqlx::query_scalar("select id from company order by id").fetch_all(&mut owner).await.expect("ids");
    office.set(&ana, COMPANY, &ids, "city", text("Bonn")).await.expect("set");
    office.set(&ana, COMPANY, &[ids[7]], "city", text("Ulm")).await.expect("set");
    let said = office.desk.undoable(&ana).await.expect("said").expect("something").what;
    assert!(said.contains(&format!("O{}", ids[7])), "{said}");
    let bulk: i64 = sqlx::query_scalar("select max(operation) from change where record = $1 and kind = 'company'")
        .bind(ids[0])
        .fetch_one(&mut owner)
        .await
        .expect("the operation");
    let undone = office.desk.undo(&ana, Some(bulk)).await.expect("undone");
    assert_eq!((undone.done, undone.failed.len()), (4499, 1));
    let back: i64 = sqlx::query_scalar("select count(*) from company where city = 'City ' || split_part(name, ' ', 2)")
        .fetch_one(&mut owner)
        .await
        .expect("count");
    assert_eq!(back, 4499);
    let redone = office.desk.redo(&ana).await.expect("redone");
    assert_eq!(redone.done, 4499);
}

/// Waits until somebody waits for a row that is locked here; their backend.
async fn waiting(conn: &mut PgConnection) -> i32 {
    let look = async {
        loop {
            let found: Option<i32> = sqlx::query_scalar(
                "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' \
                 and query like 'select t.id%'",
            )
            .fetch_optional(&mut *conn)
            .await
            .expect("asked");
            if let Some(pid) = found {
                return pid;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), look).await.expect("the undoing meets the lock")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undo_that_was_cut_is_gone_on_with() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let (mut owner, mut locker) = (office.space.owner().await, office.space.owner().await);
    sqlx::query(
        "insert into company (name, city) select 'Company ' || n, 'City ' || n from generate_series(1, 4500) n",
    )
    .execute(&mut owner)
    .await
    .expect("companies");
    let ids: Vec<i64> =
        sqlx::query_scalar("select id from company order by id").fetch_all(&mut owner).await.expect("ids");
    let bulk = office.set(&ana, COMPANY, &ids, "city", text("Bonn")).await.expect("set").operation.expect("written");
    let back = async |owner: &mut PgConnection| -> i64 {
        sqlx::query_scalar("select count(*) from company where city = 'City ' || split_part(name, ' ', 2)")
            .fetch_one(owner)
            .await
            .expect("count")
    };
    let lock = async |locker: &mut PgConnection, id: i64| {
        locker.execute("begin").await.expect("begin");
        sqlx::query("select from company where id = $1 for update").bind(id).execute(locker).await.expect("locked");
    };

    // The process ends while the second transaction waits.
    lock(&mut locker, ids[3_000]).await;
    let (desk, cx) = (office.desk.clone(), ana.clone());
    let task = tokio::spawn(async move { desk.undo(&cx, None).await });
    waiting(&mut owner).await;
    task.abort();
    assert!(task.await.expect_err("cut").is_cancelled());
    locker.execute("rollback").await.expect("unlocked");
    assert_eq!(back(&mut owner).await, 2_000);

    // Again, and now the third transaction's connection dies.
    let said = office.desk.undoable(&ana).await.expect("said").expect("it can be undone");
    assert!(said.what.starts_with("Undo the change of 4,500 companies"), "{said:?}");
    lock(&mut locker, ids[4_200]).await;
    let (desk, cx) = (office.desk.clone(), ana.clone());
    let task = tokio::spawn(async move { desk.undo(&cx, None).await });
    let pid = waiting(&mut owner).await;
    sqlx::query("select pg_terminate_backend($1)").bind(pid).execute(&mut owner).await.expect("killed");
    let Err(Error::Unavailable(said)) = task.await.expect("no panic") else { panic!("it was cut") };
    assert!(said.contains("4000 of 4500 records are done; undo it again"), "{said}");
    locker.execute("rollback").await.expect("unlocked");
    assert_eq!(back(&mut owner).await, 4_000);

    let rest = office.desk.undo(&ana, None).await.expect("the rest");
    assert_eq!((rest.done, rest.failed.len()), (500, 0));
    assert_eq!(back(&mut owner).await, 4_500);
    let (_, reason) = invalid(office.desk.undo(&ana, Some(bulk)).await);
    assert_eq!(reason, "That is undone already.");
    let undoings: Vec<(i64, bool)> = sqlx::query_as("select records, note is null from operation where undoes = $1")
        .bind(bulk)
        .fetch_all(&mut owner)
        .await
        .expect("read");
    assert_eq!(undoings, [(4_500, true)], "one step, each record once");
    assert_eq!(office.desk.redo(&ana).await.expect("redone").done, 4_500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_person_left_half_undone_another_can_end() {
    let office = Office::open().await;
    let (ana, bo) = (office.cx("ana").await, office.cx("bo").await);
    let (mut owner, mut locker) = (office.space.owner().await, office.space.owner().await);
    sqlx::query(
        "insert into company (name, owner_id, team_id) select 'Company ' || n, 2, 2 from generate_series(1, 2500) n",
    )
    .execute(&mut owner)
    .await
    .expect("companies");
    let ids: Vec<i64> =
        sqlx::query_scalar("select id from company order by id").fetch_all(&mut owner).await.expect("ids");
    let bulk = office.set(&bo, COMPANY, &ids, "city", text("Bonn")).await.expect("set").operation;
    locker.execute("begin").await.expect("begin");
    sqlx::query("select from company where id = $1 for update")
        .bind(ids[2_200])
        .execute(&mut locker)
        .await
        .expect("lock");
    let (desk, cx) = (office.desk.clone(), bo.clone());
    let task = tokio::spawn(async move { desk.undo(&cx, None).await });
    waiting(&mut owner).await;
    task.abort();
    task.await.expect_err("cut");
    locker.execute("rollback").await.expect("unlocked");

    let rest = office.desk.undo(&ana, bulk).await.expect("the rest");
    assert_eq!((rest.done, rest.failed.len()), (500, 0));
    let (_, reason) = invalid(office.desk.undo(&bo, bulk).await);
    assert_eq!(reason, "That is undone already.");
    let left: i64 = sqlx::query_scalar("select count(city) from company").fetch_one(&mut owner).await.expect("count");
    assert_eq!(left, 0);
}

/// How long a hundred thousand take; run with `--ignored --nocapture`.
#[tokio::test]
#[ignore = "takes half a minute; prints times"]
async fn a_hundred_thousand_records_change_and_change_back() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let mut owner = office.space.owner().await;
    sqlx::query(
        "insert into contact (name, city, owner_id, team_id) \
         select 'Contact ' || n, 'City ' || n % 1000, 2, 2 from generate_series(1, 100000) n",
    )
    .execute(&mut owner)
    .await
    .expect("contacts");
    sqlx::query("analyze contact").execute(&mut owner).await.expect("analyzed");
    let targets = Targets::Matching { kind: CONTACT, query: Query::default(), expect: Some(100_000) };
    let timed = std::time::Instant::now();
    let preview = office.desk.preview(&ana, &targets, &Action::set("city", text("Bonn"))).await.expect("preview");
    eprintln!("preview of {} in {:?}", preview.will_change, timed.elapsed());
    let timed = std::time::Instant::now();
    let outcome = office.act(&ana, targets, Action::set("city", text("Bonn"))).await.expect("performed");
    eprintln!("set {} in {:?}", outcome.done, timed.elapsed());
    assert_eq!(outcome.done, 100_000);
    let timed = std::time::Instant::now();
    let undone = office.desk.undo(&ana, None).await.expect("undone");
    eprintln!("undid {} in {:?}", undone.done, timed.elapsed());
    assert_eq!((undone.done, undone.failed.len()), (100_000, 0));
    assert_eq!(office.get(&ana, CONTACT, 7, "city").await, text("City 7"));
}

//! Two people at the same record.

use frontdesk::desk::Error;
use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::kind::{DEAL, TICKET};
use frontdesk::domain::value::Value;

use super::{Office, choice, edit, text};

fn one(id: i64) -> Targets {
    Targets::Records(TICKET, vec![id])
}

#[tokio::test]
async fn a_field_changed_by_somebody_else_meanwhile_is_a_conflict() {
    let office = Office::open().await;
    let (bo, cy) = (office.cx("bo").await, office.cx("cy").await);
    let id = office.create(&bo, TICKET, &[("subject", text("A"))]).await;
    office.set(&cy, TICKET, &[id], "priority", choice("high")).await.expect("cy is first");

    let mine = || Action::Set { edits: vec![edit("priority", choice("normal"), choice("urgent"))] };
    let Err(Error::Conflict(conflicts)) = office.act(&bo, one(id), mine()).await else { panic!("no conflict") };
    let conflict = &conflicts[0];
    assert_eq!(conflict.field, "priority");
    assert_eq!(
        (&conflict.was, &conflict.mine, &conflict.theirs),
        (&choice("normal"), &choice("urgent"), &choice("high"))
    );
    assert_eq!(conflict.by, "Cy");
    assert!(conflict.at.is_some());
    assert_eq!(office.get(&bo, TICKET, id, "priority").await, choice("high"));

    // Both wanted the same: no conflict. Seeing theirs and insisting: done.
    let same = Action::Set { edits: vec![edit("priority", choice("normal"), choice("high"))] };
    assert_eq!(office.act(&bo, one(id), same).await.expect("agreed").unchanged, 1);
    let insist = Action::Set { edits: vec![edit("priority", choice("high"), choice("urgent"))] };
    assert_eq!(office.act(&bo, one(id), insist).await.expect("insisted").done, 1);

    // Among several, the conflict is listed and the rest is done.
    let other = office.create(&bo, TICKET, &[("subject", text("B"))]).await;
    let outcome = office.act(&bo, Targets::Records(TICKET, vec![id, other]), mine()).await.expect("performed");
    assert_eq!((outcome.done, outcome.unchanged), (1, 1), "urgent is what both want by now");
    let low = Action::Set { edits: vec![edit("priority", choice("normal"), choice("low"))] };
    let outcome = office.act(&bo, Targets::Records(TICKET, vec![id, other]), low).await.expect("performed");
    assert_eq!(outcome.failed.len(), 2);
    assert_eq!(outcome.failed[0].1, "Somebody else changed Priority meanwhile.");
}

#[tokio::test]
async fn different_fields_merge() {
    let office = Office::open().await;
    let (bo, cy) = (office.cx("bo").await, office.cx("cy").await);
    let id = office.create(&bo, TICKET, &[("subject", text("A"))]).await;
    let status = Action::Set { edits: vec![edit("status", choice("new"), choice("open"))] };
    let subject = Action::Set { edits: vec![edit("subject", text("A"), text("B"))] };
    office.act(&cy, one(id), status).await.expect("cy");
    office.act(&bo, one(id), subject).await.expect("bo");
    assert_eq!(office.get(&bo, TICKET, id, "status").await, choice("open"));
    assert_eq!(office.get(&bo, TICKET, id, "subject").await, text("B"));
}

#[tokio::test]
async fn a_conflict_about_a_reference_says_its_name() {
    let office = Office::open().await;
    let (bo, cy) = (office.cx("bo").await, office.cx("cy").await);
    let id = office.create(&bo, DEAL, &[("name", text("A"))]).await;
    office.set(&cy, DEAL, &[id], "owner", Value::reference(3)).await.expect("cy takes it");
    let mine = Action::Set { edits: vec![edit("owner", Value::reference(2), Value::reference(1))] };
    let Err(Error::Conflict(conflicts)) = office.act(&bo, Targets::Records(DEAL, vec![id]), mine).await else {
        panic!("no conflict")
    };
    let label = |value: &Value| match value {
        Value::Ref(reference) => reference.label.clone(),
        other => panic!("{other:?}"),
    };
    let said = [label(&conflicts[0].was), label(&conflicts[0].mine), label(&conflicts[0].theirs)];
    assert_eq!(said, ["Bo", "Ana", "Cy"]);
}

/// Truly at once: of all who saw the same value, exactly one wins, every time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_exactly_one_wins() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let id = office.create(&ana, TICKET, &[("subject", text("start"))]).await;
    for round in 0..5 {
        let was = office.get(&ana, TICKET, id, "subject").await;
        let tasks: Vec<_> = ["bo", "ana", "cy", "ana"]
            .into_iter()
            .enumerate()
            .map(|(n, login)| {
                let (desk, was) = (office.desk.clone(), was.clone());
                let cx = office.cx(login);
                (n, desk, was, cx)
            })
            .collect();
        let mut running = Vec::new();
        for (n, desk, was, cx) in tasks {
            let mut cx = cx.await;
            // All may write it: the ticket is the admin's, so let everybody be one.
            cx.viewer.me = ana.viewer.me.clone();
            running.push(tokio::spawn(async move {
                let now = Value::Text(format!("round {round} by {n}"));
                desk.perform(&cx, &one(id), &Action::Set { edits: vec![edit("subject", was, now)] }, &|_| {}).await
            }));
        }
        let mut wins = 0;
        for task in running {
            match task.await.expect("no panic") {
                Ok(outcome) => wins += outcome.done,
                Err(Error::Conflict(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(wins, 1, "round {round}");
    }
}

/// Two bulk edits over the same records in opposite orders: both finish.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bulk_edits_of_the_same_records_never_deadlock() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let mut owner = office.space.owner().await;
    sqlx::query("insert into ticket (subject) select 'Ticket ' || n from generate_series(1, 600) n")
        .execute(&mut owner)
        .await
        .expect("tickets");
    let ids: Vec<i64> =
        sqlx::query_scalar("select id from ticket order by id").fetch_all(&mut owner).await.expect("ids");
    let mut running = Vec::new();
    for n in 0..6 {
        let (desk, cx, mut ids) = (office.desk.clone(), ana.clone(), ids.clone());
        if n % 2 == 1 {
            ids.reverse();
        }
        running.push(tokio::spawn(async move {
            let action = Action::set("category", Value::Text(format!("category {n}")));
            desk.perform(&cx, &Targets::Records(TICKET, ids), &action, &|_| {}).await
        }));
    }
    for task in running {
        assert_eq!(task.await.expect("no panic").expect("performed").done, 600);
    }
}

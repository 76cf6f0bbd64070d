//! The doctor finds what is broken, says what to do, and finds nothing in a sound workspace.

use frontdesk::store::doctor::{Finding, State, examine};
use sqlx::Executor;

use crate::support::Workspace;

async fn finding(office: &Workspace, what: &str) -> Finding {
    let findings = examine(&office.database).await;
    let found = findings.iter().find(|f| f.what == what);
    found.unwrap_or_else(|| panic!("nothing about {what} in {findings:?}")).clone()
}

#[tokio::test]
async fn a_sound_workspace_has_nothing_to_treat() {
    let office = Workspace::new().await;
    let findings = examine(&office.database).await;
    let sick: Vec<_> = findings.iter().filter(|f| f.state != State::Fine).collect();
    assert!(sick.is_empty(), "{sick:?}");
    assert_eq!(findings.len(), 10);
}

#[tokio::test]
async fn rights_that_were_switched_off_are_found() {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner.execute("alter table deal disable row level security").await.expect("done");
    let found = finding(&office, "rights").await;
    assert_eq!(found.state, State::Broken);
    assert!(found.found.contains("deal") && found.advice.contains("enable row level security"), "{found:?}");

    owner.execute("alter table deal enable row level security").await.expect("undone");
    owner
        .execute("do $$ begin execute format('grant select on contact to %I', service_role()); end $$")
        .await
        .expect("done");
    let found = finding(&office, "rights").await;
    assert_eq!(found.state, State::Broken, "{found:?}");
    assert!(found.found.contains("without a person's role"), "{found:?}");
}

#[tokio::test]
async fn a_schema_of_another_program_is_told_from_this_ones() {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "update _sqlx_migrations set version = 900 where version = (select max(version) from _sqlx_migrations)",
        )
        .await
        .expect("done");
    let found = finding(&office, "schema").await;
    assert!(found.state == State::Broken && found.advice.contains("Update this program"), "{found:?}");
    owner.execute("delete from _sqlx_migrations where version = 900").await.expect("done");
    let found = finding(&office, "schema").await;
    assert!(found.state == State::Broken && found.advice.contains("db migrate"), "{found:?}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_one_finding() {
    let office = Workspace::new().await;
    let mut database = office.database.clone();
    database.owner = database.owner.database("nowhere");
    let findings = examine(&database).await;
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].what, findings[0].state), ("connection", State::Broken));
}

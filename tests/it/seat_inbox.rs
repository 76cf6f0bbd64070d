//! The inbox at real seats on a real database: people hear of what others do that concerns them, of nothing else, and no
//! more of what was undone.

use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::change::Door;
use frontdesk::domain::field::Lang;
use frontdesk::domain::kind::{CONTACT, KindId, TICKET};
use frontdesk::domain::value::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::seat_form::{office, one};
use crate::support::Workspace;

/// Carries an action out as that person, at a seat of their own.
pub(crate) async fn act(office: &Workspace, login: &str, targets: Targets, action: Action) -> Option<i64> {
    let cx = office.cx(login).await;
    let outcome = office.desk().await.perform(&cx, &targets, &action, &|_| {}).await.expect("it is done");
    assert_eq!(outcome.failed, []);
    outcome.operation
}

pub(crate) fn on(kind: KindId, id: i64) -> Targets {
    Targets::Records(kind, vec![id])
}

pub(crate) fn note(text: &str) -> Action {
    Action::Comment { text: text.into() }
}

/// What the person's inbox says, the newest first: why, code, by whom, and the words.
pub(crate) async fn inbox(office: &Workspace, login: &str) -> Vec<String> {
    let (desk, cx) = (office.desk().await, office.cx(login).await);
    let registry = desk.registry();
    let notices = desk.inbox(&cx, true).await.expect("an inbox");
    let line = |n: &frontdesk::desk::Notice| {
        let code = registry.kind(n.kind).code(n.record);
        format!("{} {code} x{} by {}: {}", n.why.name(), n.records, n.by, n.said)
    };
    notices.iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_is_given_is_heard_of_at_once_opened_and_then_read() {
    let office = office().await;
    let mut cy = office.sit("cy", 100, 30).await;
    cy.keys("g h").await;
    assert!(!cy.screen().contains('✉') && cy.screen().contains("Nothing new for you"), "{}", cy.screen());
    act(&office, "ana", on(TICKET, 1040), Action::set("owner", Value::reference(3))).await;
    cy.until("✉1").await.until("Ana assigned you T1040 Cannot log in").await;
    cy.keys("g i").await;
    assert!(cy.selected().contains("● ") && cy.selected().contains("assigned you T1040"), "{}", cy.screen());
    cy.keys("enter").await.until("Cannot log in").await.keys("esc").await;
    cy.until_that("no unread notice", |s| !s.contains('✉')).await;
    assert!(
        cy.selected().starts_with("Mar") || cy.selected().contains("assigned you T1040"),
        "it stays until one leaves"
    );
    cy.keys("esc g i").await.until("All is read").await;
    cy.keys("v").await.until("assigned you T1040").await;
    // Unread again, and read with all others.
    cy.keys("space").await.until("✉1").await;
    cy.keys("*").await.until_that("no unread notice", |s| !s.contains('✉')).await;
    let unread: i64 = one(&office, "select count(*) from notice where read_at is null").await;
    assert_eq!(unread, 0);
    cy.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_reach_the_owner_and_those_who_are_named_and_nobody_twice() {
    let office = office().await;
    act(&office, "ana", on(TICKET, 1040), note("Look, @bo and @cy: it is the proxy. Mail me@bo.example, @nobody."))
        .await;
    assert_eq!(
        inbox(&office, "bo").await,
        ["mention T1040 x1 by Ana: Look, @bo and @cy: it is the proxy. Mail me@bo.example, @nobody."]
    );
    assert_eq!(inbox(&office, "cy").await.len(), 1);
    assert_eq!(inbox(&office, "ana").await, [""; 0], "one's own words are no news");
    assert_eq!(inbox(&office, "di").await, [""; 0]);
    // di is of another team and does not see the ticket: that she was named does not tell her of it.
    act(&office, "ana", on(TICKET, 1040), note("@di")).await;
    assert_eq!(inbox(&office, "di").await, [""; 0]);
    act(&office, "ana", on(CONTACT, 300), note("Prefers mornings.")).await;
    assert_eq!(inbox(&office, "bo").await[0], "comment C300 x1 by Ana: Prefers mornings.");
    // What the customer writes is theirs, whoever writes it down.
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into message (ticket_id, direction, body, contact_id) values (1040, 'in', 'Still broken @bo', 300)",
        )
        .await
        .expect("a message");
    assert_eq!(inbox(&office, "bo").await[0], "reply T1040 x1 by 王伟: Still broken @bo");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_offered_while_they_are_named_and_a_name_of_nobody_is_told_before_the_note_is_kept() {
    let office = office().await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g t").await.until("T1040").await.keys("i").await.text("See @c").await.until("@cy Cy").await;
    bo.text("x please").await.until_that("no offer", |s| !s.contains("@cy Cy")).await;
    bo.keys("ctrl-s").await.until("Nobody here is @cx").await;
    let notes = "select count(*) from message where direction = 'note'";
    assert_eq!(one::<i64>(&office, notes).await, 0);
    // It may be meant so; and a name that is put right is looked at again.
    bo.keys("ctrl-s").await.until("Note saved").await;
    assert_eq!(one::<i64>(&office, notes).await, 1);
    bo.keys("i").await.text("@cy, @bos").await.keys("ctrl-s").await.until("Nobody here is @bos").await;
    bo.keys("backspace ctrl-s").await.until("Note saved").await;
    assert_eq!(inbox(&office, "cy").await.len(), 1);
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_takes_notices_away_and_redoing_tells_anew() {
    let office = office().await;
    let desk = office.desk().await;
    let ana = office.cx("ana").await;
    let act = async |targets: Targets, action: Action| {
        desk.perform(&ana, &targets, &action, &|_| {}).await.expect("done").operation
    };
    let given = act(on(TICKET, 1040), Action::set("owner", Value::reference(3))).await;
    let said = act(on(TICKET, 1040), note("@bo have a look")).await;
    assert_eq!((inbox(&office, "cy").await.len(), inbox(&office, "bo").await.len()), (2, 1));
    desk.undo(&ana, said).await.expect("undone");
    desk.undo(&ana, given).await.expect("undone");
    assert_eq!((inbox(&office, "cy").await.len(), inbox(&office, "bo").await.len()), (0, 0));
    desk.redo(&ana).await.expect("redone");
    assert_eq!(inbox(&office, "cy").await, ["assigned T1040 x1 by Ana: "]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_at_once_are_one_notice_and_imports_are_none() {
    let office = office().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into ticket (subject, owner_id, team_id) select 'Parcel ' || n, 2, 2 from generate_series(1, 60) n; \
             update ticket set owner_id = null where subject like 'Parcel%'",
        )
        .await
        .expect("tickets");
    assert_eq!(inbox(&office, "bo").await, [""; 0], "what the owner of the schema loads is nobody's deed");
    let registry = office.desk().await.registry();
    let query = frontdesk::domain::query::Query::parse("subject:Parcel", &registry, TICKET).expect("a query");
    let all = Targets::Matching { kind: TICKET, query, expect: Some(60) };
    let operation = act(&office, "ana", all, Action::set("owner", Value::reference(2))).await;
    let told = inbox(&office, "bo").await;
    assert!(told.len() == 1 && told[0].contains(" x60 by Ana"), "{told:?}");
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g i").await.until("Ana assigned you 60 Tickets").await;
    bo.keys("enter").await.until("Parcel").await;
    office.desk().await.undo(&office.cx("ana").await, operation).await.expect("undone");
    bo.until_that("no unread notice", |s| !s.contains('✉')).await;
    bo.leave().await;
    assert_eq!(inbox(&office, "bo").await, [""; 0]);

    let mut ana = office.cx("ana").await;
    ana.door = Door::Import;
    let action = Action::set("owner", Value::reference(3));
    office.desk().await.perform(&ana, &on(TICKET, 1040), &action, &|_| {}).await.expect("done");
    assert_eq!(inbox(&office, "cy").await, [""; 0]);
}

#[tokio::test]
async fn twenty_thousand_records_given_away_in_one_statement_take_no_time_to_speak_of() {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner
        .execute("insert into ticket (subject, owner_id, team_id) select 'Parcel ' || n, 2, 2 from generate_series(1, 20000) n")
        .await
        .expect("tickets");
    let mut service = office.service().await;
    let mut tx = service.begin().await.expect("a transaction");
    // What compares each record with each other one takes minutes.
    tx.execute("select public.act_as(1); set local statement_timeout = '20s'; update ticket set owner_id = 3")
        .await
        .expect("in time");
    tx.commit().await.expect("kept");
    let told: i64 = one(&office, "select records from notice where person = 3").await;
    assert_eq!(told, 20_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_met_anothers_stays_in_the_inbox_until_it_is_settled() {
    let office = office().await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g c e").await.until("王伟").await;
    // Before the other's change: a form in which nothing was typed yet would take that over.
    bo.text("x").await;
    act(&office, "ana", on(CONTACT, 300), Action::set("name", Value::text("王伟明"))).await;
    bo.keys("ctrl-s").await.until("王伟明").await.until("✉1").await;
    // Left as it is: the notice leads back to the record.
    bo.keys("esc esc esc g i").await.until("Ana changed C300 王伟明 while you did").await;
    act(&office, "bo", on(CONTACT, 300), Action::set("name", Value::text("王伟"))).await;
    bo.until_that("no unread notice", |s| !s.contains('✉')).await;
    assert_eq!(inbox(&office, "bo").await, [""; 0]);
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_login_for_everybody_tells_them_apart() {
    let office = Workspace::managed().await;
    let mut owner = office.owner().await;
    owner
        .execute("insert into ticket (id, subject, owner_id, team_id) overriding system value values (1, 'x', 2, 2)")
        .await
        .expect("a ticket");
    act(&office, "ana", on(TICKET, 1), note("@cy please")).await;
    act(&office, "ana", on(TICKET, 1), Action::set("owner", Value::reference(3))).await;
    assert_eq!(inbox(&office, "bo").await, ["comment T1 x1 by Ana: @cy please"]);
    assert_eq!(inbox(&office, "cy").await, ["assigned T1 x1 by Ana: ", "mention T1 x1 by Ana: @cy please"]);
    assert_eq!(inbox(&office, "ana").await, [""; 0]);
}

#[tokio::test]
async fn notices_are_their_persons_alone_in_psql_too() {
    for office in [office().await, Workspace::managed().await] {
        let mut owner = office.owner().await;
        owner
            .execute(
                "insert into ticket (id, subject, owner_id, team_id) overriding system value \
                   values (1, 'x', 2, 2) on conflict do nothing; \
                 insert into notice (person, why, kind, record) values (1, 'assigned', 'ticket', 1), (2, 'reply', 'ticket', 1)",
            )
            .await
            .expect("notices");
        let mut service = office.service().await;
        let try_as = async |service: &mut PgConnection, sql: &str| {
            let mut tx = service.begin().await.expect("a transaction");
            tx.execute("select public.act_as(2)").await.expect("bo");
            let rows = tx.execute(AssertSqlSafe(sql)).await.map(|done| done.rows_affected());
            tx.rollback().await.expect("over");
            rows.map_err(|error| error.to_string())
        };
        assert_eq!(try_as(&mut service, "update notice set read_at = now()").await, Ok(1), "only bo's own");
        assert_eq!(try_as(&mut service, "delete from notice").await, Ok(1));
        let forged = "insert into notice (person, why, kind, record) values (1, 'conflict', 'ticket', 1)";
        assert!(try_as(&mut service, forged).await.is_err());
        let forged = "insert into notice (why, kind, record) values ('reply', 'ticket', 1)";
        assert!(try_as(&mut service, forged).await.is_err());
        let own = "insert into notice (why, kind, record) values ('conflict', 'ticket', 1)";
        assert_eq!(try_as(&mut service, own).await, Ok(1));
        assert!(
            try_as(&mut service, "update notice set person = 1").await.is_err()
                || office_is_one_login(&mut owner).await
        );
    }
}

/// There column grants say nothing, since the only login owns the table; the policy refuses all the same.
async fn office_is_one_login(owner: &mut PgConnection) -> bool {
    sqlx::query_scalar("select is_one_login()").fetch_one(owner).await.expect("a yes or no")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_reads_the_inbox_and_marks_it() {
    let office = office().await;
    act(&office, "ana", on(TICKET, 1040), note("@cy the log says\n\u{1b}[31mred")).await;
    let said = |output: std::process::Output| String::from_utf8(output.stdout).expect("text");
    let shown = said(office.run("cy", &["inbox"]).await);
    assert!(shown.contains("Ana mentioned you on T1040 Cannot log in: @cy the log says"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    let json = said(office.run("cy", &["inbox", "--json", "--read"]).await);
    let notice: serde_json::Value = serde_json::from_str(json.trim()).expect("one object");
    assert_eq!((notice["why"].as_str(), notice["code"].as_str()), (Some("mention"), Some("T1040")));
    assert_eq!(said(office.run("cy", &["inbox"]).await), "");
    assert_eq!(said(office.run("cy", &["inbox", "--all"]).await).lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_inboxes() {
    let office = office().await;
    act(&office, "ana", on(TICKET, 1040), Action::set("owner", Value::reference(3))).await;
    act(
        &office,
        "ana",
        on(TICKET, 1040),
        note("@cy 请看一下：the proxy refuses the token since the update of Monday."),
    )
    .await;
    act(&office, "bo", on(CONTACT, 300), note("@cy 王伟 prefers calls in the morning.")).await;
    let mut owner = office.owner().await;
    owner
        .execute("update notice set at = '2026-03-14 08:00Z'::timestamptz + id * interval '7 minutes'")
        .await
        .expect("times");
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        for (width, height) in [(44, 20), (80, 24), (120, 40)] {
            let mut cy = office.sit_in("cy", width, height, lang).await;
            cy.keys("g h").await;
            insta::assert_snapshot!(format!("home-inbox-{name}-{width}x{height}"), cy.screen());
            cy.keys("g i j").await;
            insta::assert_snapshot!(format!("inbox-{name}-{width}x{height}"), cy.screen());
            cy.keys("esc").await;
            cy.leave().await;
        }
    }
}

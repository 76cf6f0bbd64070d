//! Tickets worked through at real seats on a real database: a dispatcher files fifty, an agent answers, solves and takes
//! back, two people pull at once, colleagues who answer the same customer hear of each other. What the status line says
//! goes by itself after some seconds, so nothing here waits for it.

use std::collections::BTreeSet;

use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::kind::TICKET;
use sqlx::{AssertSqlSafe, Executor};

use crate::seat_form::{office, one};
use crate::support::Workspace;

/// Runs SQL as the owner.
async fn run(office: &Workspace, sql: &str) {
    office.owner().await.execute(AssertSqlSafe(sql)).await.expect("the statement runs");
}

/// Filed tickets of the past, then so many that nobody has filed, due one after the other.
async fn inflow(n: i64) -> Workspace {
    let office = Workspace::new().await;
    run(
        &office,
        &format!(
            "insert into ticket (subject, status, category, owner_id, team_id, created_at) \
               select 'Invoice ' || n || ' is wrong', 'solved', 'Billing', 2, 2, now() - n * interval '1 day' from generate_series(1, 9) n; \
             insert into ticket (subject, status, category, owner_id, team_id, created_at) \
               select 'Parcel ' || n || ' is late', 'solved', 'Delivery', 2, 2, now() - n * interval '1 day' from generate_series(1, 6) n; \
             insert into ticket (subject, status, category, owner_id, team_id, created_at) \
               select 'App login ' || n, 'solved', 'App', 2, 2, now() - n * interval '1 day' from generate_series(1, 3) n; \
             insert into ticket (id, subject, owner_id, team_id, due_at) overriding system value \
               select 1000 + n, case n % 3 when 0 then 'The invoice of March' when 1 then 'Where is my parcel' \
                 else 'I cannot login' end, null, 2, '2026-03-14 12:00Z'::timestamptz + n * interval '1 minute' \
               from generate_series(1, {n}) n; \
             update ticket set owner_id = null where id > 1000"
        ),
    )
    .await;
    office
}

async fn files_fifty(width: u16, height: u16) {
    let office = inflow(50).await;
    let mut bo = office.sit("bo", width, height).await;
    bo.keys("g t").await.until("Queue").await;
    assert!(bo.selected().contains("T1001"), "{}", bo.screen());
    let keys = ["f d 3 b", "f a 2 c", "f b 4 b"];
    // Typed ahead by two tickets.
    for batch in 0..25 {
        let typed: Vec<&str> = (0..2).map(|n| keys[(batch * 2 + n) % 3]).collect();
        bo.keys(&typed.join(" ")).await;
    }
    let wrong: i64 = one(
        &office,
        "select count(*) from ticket t join (values (0, 'Billing', 'urgent', 2), (1, 'Delivery', 'high', 2), (2, 'App', 'normal', 3)) \
           w (rest, category, priority, owner) on w.rest = (t.id - 1000) % 3 \
         where t.id between 1001 and 1050 \
           and (t.category, t.priority, t.owner_id) is distinct from (w.category, w.priority, w.owner::bigint)",
    )
    .await;
    assert_eq!(wrong, 0, "{}", bo.screen());
    // Each is one operation, and so one step of undo; a priority that stays as it was is no change.
    let steps: i64 =
        one(&office, "select count(*) from operation where by_id = 2 and action = 'set' and records = 1").await;
    assert_eq!(steps, 50);
    bo.keys("u").await;
    let left: i64 =
        one(&office, "select count(*) from ticket where id > 1000 and category is null and owner_id is null").await;
    assert_eq!(left, 1, "all three fields of the last one, and of no other");
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatcher_files_fifty_tickets_at_four_keys_each_on_a_small_screen() {
    files_fifty(80, 24).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatcher_files_fifty_tickets_at_four_keys_each_on_a_wide_screen() {
    files_fifty(120, 40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_takes_what_similar_tickets_got_and_letters_stay() {
    let office = inflow(3).await;
    run(&office, "update ticket set owner_id = 2 where id = 1003").await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g t").await.until("Queue").await;
    bo.keys("f").await.until("Marked: Delivery — 6 of 6 tickets with “parcel").await;
    bo.keys("enter enter enter").await;
    let filed: String =
        one(&office, "select category || ' ' || priority || ' ' || owner_id from ticket where id = 1001").await;
    // Cy has nothing to do yet.
    assert_eq!(filed, "Delivery normal 3");
    // A category that comes later takes a free letter; those that are there keep theirs.
    run(&office, "insert into ticket (subject, category, team_id) values ('Billboards', 'Boards', 2)").await;
    bo.keys("f").await.until("b Billing").await;
    assert!(bo.screen().contains("o Boards"), "{}", bo.screen());
    bo.keys("? b").await.keys("esc").await;
    let unfiled: i64 = one(&office, "select count(*) from ticket where id = 1002 and category is null").await;
    assert_eq!(unfiled, 1, "Esc leaves all as it was");
    bo.leave().await;
}

/// An office with a canned answer, bo's ticket in it, and how many keys.
async fn desk_with_answers() -> Workspace {
    let office = office().await;
    run(
        &office,
        "insert into canned (name, body, shared) values \
           ('Password reset', E'Dear {contact.name},\\nyour access to T1040 is {ticket.number}.\\n{me.name}', true), \
           ('Visit', 'A technician comes on {date}.', true)",
    )
    .await;
    office
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_answers_by_a_canned_answer_and_solves_in_six_keys_and_takes_it_back() {
    let office = desk_with_answers().await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g t").await.until("Cannot log in").await;
    bo.keys("r ctrl-t p enter ctrl-s s").await;
    let state = "select t.status || ' ' || m.body || ' ' || o.state || ' ' || o.to_address || ' ' || o.subject || ' ' || \
                 (o.not_before - o.created_at between '9 s' and '40 s')::text || ' ' || (t.first_reply_at is not null)::text || ' ' || \
                 (m.deleted_at is not null)::text \
                 from ticket t join message m on m.ticket_id = t.id join outbox o on o.message_id = m.id where t.id = 1040";
    let sent: String = one(&office, state).await;
    assert_eq!(
        sent,
        "solved Dear 王伟,\nyour access to T1040 is T1040.\nBo queued wangwei@example.com Re: Cannot log in [T1040] true true false"
    );
    let operations: i64 = one(&office, "select count(*) from operation where action = 'reply'").await;
    assert_eq!(operations, 1, "message, status and mail are one operation");
    // Within ten seconds: mail, status and draft.
    bo.keys("u").await.until("Reply to T1040").await.until("Dear 王伟").await;
    let back: String = one(&office, state).await;
    assert!(back.starts_with("open ") && back.ends_with("true false true"), "{back}");
    assert!(back.contains(" cancelled "), "{back}");
    let answered: i64 = one(&office, "select count(*) from ticket where first_reply_at is not null").await;
    assert_eq!(answered, 0);
    bo.keys("esc").await.rest().await;
    let draft: String = one(&office, "select body ->> 'content' from draft where key = 'ticket:1040:reply'").await;
    assert!(draft.starts_with("Dear 王伟"), "{draft}");
    // Redoing sends nothing again.
    bo.keys("ctrl-r").await;
    let queued: i64 = one(&office, "select count(*) from outbox where state = 'queued'").await;
    assert_eq!(queued, 0);
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_seconds_a_reply_has_left() {
    let office = desk_with_answers().await;
    let mut bo = office.sit("bo", 120, 40).await;
    bo.keys("g t").await.until("Cannot log in").await;
    bo.keys("p l").await.until("T1040 Priority → Low").await;
    bo.keys("r").await.text("It works again.").await.keys("ctrl-s p").await;
    run(&office, "update outbox set not_before = now() - interval '1 s'").await;
    // It is not in the way of what was done before.
    bo.keys("u").await.until("was passed on for sending and stays").await;
    assert!(bo.bottom().contains("Undo the change of T1040"), "{}", bo.bottom());
    bo.keys("u").await.until("Undone: T1040").await;
    let priority: String = one(&office, "select priority from ticket where id = 1040").await;
    assert_ne!(priority, "low");
    let kept: String = one(
        &office,
        "select t.status || ' ' || o.state || ' ' || (m.deleted_at is null)::text from ticket t \
         join message m on m.ticket_id = t.id join outbox o on o.message_id = m.id",
    )
    .await;
    assert_eq!(kept, "pending queued true");
    let operation: i64 = one(&office, "select id from operation where action = 'reply'").await;
    let refused = office.desk().await.undo(&office.cx("bo").await, Some(operation)).await;
    let said = refused.expect_err("it has left").to_string();
    assert!(
        said.starts_with("That reply was passed on for sending at ") && said.contains("cannot be taken back"),
        "{said}"
    );
    bo.keys("enter ctrl-l").await.until("queued to be sent").await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blank_that_is_open_stops_sending() {
    let office = desk_with_answers().await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g t").await.until("Cannot log in").await;
    bo.keys("r ctrl-t v enter ctrl-s").await.until("{date} is not filled in").await;
    // The cursor is on the blank.
    bo.keys("delete delete delete delete delete delete").await.text("Friday").await;
    bo.keys("ctrl-s").await.until("Send the reply to T1040").await;
    bo.keys("esc esc").await;
    let sent: i64 = one(&office, "select count(*) from message").await;
    assert_eq!(sent, 0, "Esc sends nothing");
    bo.keys("r").await.until("comes on Friday.").await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_it_goes_to_can_be_changed_and_is_checked() {
    let office = desk_with_answers().await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g t").await.until("Cannot log in").await;
    bo.keys("r").await.text("Hello").await.keys("ctrl-s tab tab").await.text("boss at example").await;
    bo.keys("tab enter").await.until("is no mail address").await;
    bo.keys("ctrl-s tab tab ctrl-u").await.text("boss@example.com").await.keys("enter enter").await;
    let mail: String = one(&office, "select to_address || ' ' || cc from outbox").await;
    assert_eq!(mail, "wangwei@example.com boss@example.com");
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_who_replied_meanwhile_is_shown_before_anything_is_sent() {
    let office = desk_with_answers().await;
    let (mut bo, mut cy) = (office.sit("bo", 120, 40).await, office.sit("cy", 120, 40).await);
    bo.keys("g t").await.until("Cannot log in").await;
    cy.keys("g t").await.until("Cannot log in").await;
    bo.keys("r").await.text("Try again").await;
    // In the list before it is opened, and in the record.
    cy.until("✎").await.until("Bo typing").await;
    cy.keys("r").await.text("Fixed by Cy").await.keys("ctrl-s enter").await;
    bo.keys("ctrl-s enter").await.until("Cy wrote meanwhile").await;
    assert!(bo.screen().contains("Fixed by Cy"), "{}", bo.screen());
    let sent: i64 = one(&office, "select count(*) from message").await;
    assert_eq!(sent, 1);
    bo.keys("enter").await;
    let sent: i64 = one(&office, "select count(*) from outbox where state = 'queued'").await;
    assert_eq!(sent, 2);
    bo.leave().await;
    cy.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pull_next_takes_by_urgency_and_opens() {
    let office = Workspace::new().await;
    run(
        &office,
        "insert into ticket (id, subject, priority, due_at, team_id, snoozed_until, status) overriding system value values \
           (1, 'normal, soon', 'normal', now() + interval '30 min', 2, null, 'new'), \
           (2, 'high, soon', 'high', now() + interval '40 min', 2, null, 'new'), \
           (3, 'urgent, next week', 'urgent', now() + interval '7 days', 2, null, 'open'), \
           (4, 'urgent, overdue, snoozed', 'urgent', now() - interval '1 h', 2, '2099-01-01', 'open'), \
           (5, 'urgent, overdue, not ours', 'urgent', now() - interval '1 h', 3, null, 'open'), \
           (6, 'low', 'low', null, 2, null, 'open'); \
         update ticket set owner_id = null",
    )
    .await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g t").await.until("Queue").await;
    for (id, subject) in [(2, "high, soon"), (1, "normal, soon"), (3, "urgent, next week"), (6, "low")] {
        bo.keys("N").await.until("Conversation").await;
        // It is open: Esc leads back to the list.
        assert!(bo.screen().contains(&format!("T{id} {subject}")), "{}", bo.screen());
        bo.keys("esc").await;
    }
    bo.keys("N").await;
    let mine: i64 = one(&office, "select count(*) from ticket where owner_id = 2").await;
    assert_eq!(mine, 4);
    bo.keys("u").await;
    let mine: i64 = one(&office, "select count(*) from ticket where owner_id = 2").await;
    assert_eq!(mine, 3);
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_pull_at_once_never_get_the_same() {
    let office = inflow(40).await;
    let (ana, bo) = (office.cx("ana").await, office.cx("bo").await);
    let desk = office.desk().await;
    let mut pulled = BTreeSet::new();
    for _ in 0..20 {
        let pull = |cx| {
            let desk = desk.clone();
            async move { desk.perform(cx, &Targets::None, &Action::Pull, &|_| ()).await.expect("one is left").records }
        };
        let (a, b) = tokio::join!(pull(&ana), pull(&bo));
        for (kind, id) in a.into_iter().chain(b) {
            assert_eq!(kind, TICKET);
            assert!(pulled.insert(id), "T{id} was taken twice");
        }
    }
    assert_eq!(pulled.len(), 40);
    let owners: Vec<i64> = vec![
        one(&office, "select count(*) from ticket where id > 1000 and owner_id = 1").await,
        one(&office, "select count(*) from ticket where id > 1000 and owner_id = 2").await,
    ];
    assert_eq!(owners, [20, 20]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_solving_the_next_one_opens_if_one_likes_it_so() {
    let office = inflow(4).await;
    run(&office, "update ticket set owner_id = 2 where id > 1000").await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g t").await.until("Queue").await;
    bo.keys("enter").await.until("Conversation").await;
    bo.keys("s 5").await;
    assert!(bo.screen().contains("T1001"), "off until one says so: {}", bo.screen());
    bo.keys("esc").await.keys("j").await;
    bo.keys(":").await.text("after solving").await.keys("enter").await;
    let on: bool = one(&office, "select value = 'true' from setting where key = 'advance'").await;
    assert!(on);
    bo.keys("enter").await.until("Conversation").await.until("T1002").await;
    bo.keys("s 5").await.until_that("the next one", |s| s.contains("Conversation") && s.contains("T1003")).await;
    // By a reply as well, and none is skipped.
    bo.keys("r").await.text("Done.").await.keys("ctrl-s s").await;
    bo.until_that("the last one", |s| s.contains("Conversation") && s.contains("T1004")).await;
    let solved: i64 = one(&office, "select count(*) from ticket where id > 1000 and status = 'solved'").await;
    assert_eq!(solved, 3);
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snoozed_ticket_leaves_the_queue_and_says_why() {
    let office = inflow(3).await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g t").await.until("Queue").await;
    bo.keys("z").await.text("yesterday").await.keys("enter").await.until("no time to come").await;
    bo.keys("ctrl-u").await.text("fri 10 waiting for the courier").await.until("20 Mar 10:00").await;
    bo.keys("enter").await;
    let kept: String = one(
        &office,
        "select to_char(snoozed_until at time zone 'UTC', 'YYYY-MM-DD HH24:MI ') || snooze_reason from ticket where id = 1001",
    )
    .await;
    assert_eq!(kept, "2026-03-20 10:00 waiting for the courier");
    bo.keys("enter").await.until("Snoozed until Fri 10:00: waiting for the courier").await;
    bo.keys("esc j").await.rest().await.until_that("it gone", |s| !s.contains("T1001")).await;
    // What the customer writes wakes it.
    run(&office, "insert into message (ticket_id, direction, body) values (1001, 'in', 'The courier was here')").await;
    let woken: i64 = one(&office, "select count(*) from ticket where snoozed_until is not null").await;
    assert_eq!(woken, 0);
    bo.rest().await.keys("ctrl-l").await.until("T1001").await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_is_seen_by_whoever_sees_the_ticket() {
    let office = desk_with_answers().await;
    let (bo, di) = (office.cx("bo").await, office.cx("di").await);
    let desk = office.desk().await;
    let reply = Action::reply("Yes.");
    desk.perform(&bo, &Targets::Records(TICKET, vec![1040]), &reply, &|_| ()).await.expect("a reply");
    assert_eq!(desk.outgoing(&bo, 1040).await.expect("bo's").len(), 1);
    assert!(desk.outgoing(&di, 1040).await.expect("di's").is_empty());
    assert!(desk.answering(&di, 1040).await.is_err(), "di does not see the ticket");
    // As di's role, in SQL: neither read nor written.
    let mut service = office.service().await;
    let act = "begin; set local role frontdesk_test_sales; set local frontdesk.me = '4'";
    service.execute(act).await.expect("di's transaction");
    let seen: i64 = sqlx::query_scalar("select count(*) from outbox").fetch_one(&mut service).await.expect("a count");
    assert_eq!(seen, 0);
    let message: i64 = one(&office, "select max(id) from message").await;
    let forged = format!(
        "insert into outbox (ticket_id, message_id, to_address, sender, subject, not_before) \
         values (1040, {message}, 'x@example.com', 'x', 'x', now())"
    );
    assert!(service.execute(AssertSqlSafe(forged)).await.is_err());
}

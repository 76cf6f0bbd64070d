//! Plain mode, as a blind person has it: nothing is known of the screen but the line with the terminal's cursor and the
//! line of announcements.

use frontdesk::domain::field::Lang;
use sqlx::Executor;

use crate::seat_form::{office, one};
use crate::support::{Sitting, Workspace};

/// The office, and two more tickets of bo.
async fn queue() -> Workspace {
    let office = office().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into ticket (id, subject, status, priority, contact_id, owner_id, team_id, created_at) overriding system value \
               values (1041, '发票抬头有误', 'open', 'high', 300, 2, 2, '2026-03-11'), \
                      (1042, 'Printer offline', 'new', 'low', 300, 2, 2, '2026-03-12'); \
             insert into message (ticket_id, direction, body, contact_id, sent_at) values \
               (1041, 'in', E'Dear team,\\nthe title on the invoice is wrong.\\n请更正。', 300, '2026-03-11 09:00Z')",
        )
        .await
        .expect("tickets");
    office
}

/// What the cursor's line says.
fn heard(seat: &Sitting) -> String {
    seat.read_aloud().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_found_read_answered_and_solved_by_the_cursor_line_alone() {
    let office = queue().await;
    let mut bo = office.sit_plainly("bo", 80, 24, Lang::En).await;
    bo.keys("g t").await;
    assert_eq!(heard(&bo), "T1041 发票抬头有误; Priority: High; Status: Open; Contact: 王伟; Owner: Bo");
    bo.keys("j").await;
    assert!(heard(&bo).starts_with("T1040 Cannot log in; Priority: Normal"), "{}", heard(&bo));
    bo.keys("space k").await;
    assert!(heard(&bo).starts_with("T1040 Cannot log in") || heard(&bo).starts_with("marked; T1040"), "{}", heard(&bo));
    bo.keys("esc g g enter").await;
    // Line by line: every field by its name, then the conversation.
    let mut all = Vec::new();
    for _ in 0..30 {
        all.push(heard(&bo));
        if heard(&bo).contains("the title on the invoice is wrong.") {
            break;
        }
        bo.keys("j").await;
    }
    for line in ["Status: Open", "Priority: High", "Contact: 王伟", "Dear team,"] {
        assert!(all.iter().any(|heard| heard == line), "{line} in {all:#?}");
    }
    bo.keys("r").await.text("Corrected, sorry.").await;
    assert_eq!(bo.read_aloud(), ("Corrected, sorry.".into(), 17), "{}", bo.screen());
    bo.keys("ctrl-s s").await.until("T1041").await;
    let solved: i64 = one(&office, "select count(*) from ticket where id = 1041 and status = 'solved'").await;
    assert_eq!(solved, 1, "{}", bo.screen());
    // A form is filled by the names that the cursor's line says.
    bo.keys("g c e").await;
    assert_eq!(bo.read_aloud(), ("Name: 王伟".into(), 10), "{}", bo.screen());
    let mut names = Vec::new();
    for _ in 0..20 {
        names.push(heard(&bo));
        if heard(&bo).starts_with("Job title:") {
            break;
        }
        bo.keys("tab").await;
    }
    assert!(heard(&bo).starts_with("Job title:"), "{names:#?}");
    bo.text("采购经理").await;
    assert!(heard(&bo).starts_with("Job title: 采购经理 (changed)"), "{}", heard(&bo));
    bo.keys("ctrl-s").await;
    let title: String = one(&office, "select title from contact where id = 300").await;
    assert_eq!(title, "采购经理");
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_mode_is_remembered_and_ended_by_its_command() {
    let office = queue().await;
    let bo = office.sit_plainly("bo", 80, 24, Lang::En).await;
    bo.leave().await;
    let mut bo = office.sit("bo", 120, 40).await;
    bo.keys("g t").await;
    assert!(!bo.screen().contains('╭') && heard(&bo).starts_with("T1041"), "{}", bo.screen());
    bo.keys(":").await.text("plain off").await.keys("enter").await.until("╭").await;
    assert!(bo.screen().contains("Boxes and colours are back"), "{}", bo.screen());
    bo.keys(":").await.text("plain on").await;
    assert!(bo.bottom().contains("Plain on") || bo.screen().contains("Plain on"), "{}", bo.screen());
    bo.keys("enter").await.until_that("no box", |s| !s.contains('╭')).await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_plain_screens() {
    let office = queue().await;
    let today = chrono::Utc::now();
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into deal (id, name, stage_id, amount, currency, expected, owner_id, team_id, created_at) overriding system value \
               select 70 + n, 'Rollout ' || n, (select min(id) from stage), 1000 * n, 'EUR', '2026-04-01', 2, 2, '2026-03-01' \
               from generate_series(1, 3) n",
        )
        .await
        .expect("deals");
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        let mut bo = office.sit_plainly("bo", 80, 24, lang).await;
        for (keys, screen) in [
            ("g h", "home"),
            ("g t", "tickets"),
            ("s", "chooser"),
            ("esc enter", "ticket"),
            ("e", "form"),
            ("esc d", "menu"),
            ("esc g p", "pipeline"),
            ("g d", "dashboards"),
            ("?", "keys"),
            ("esc g t esc /", "filter"),
            ("esc :", "palette"),
        ] {
            bo.keys(keys).await;
            let (line, column) = bo.read_aloud();
            // What the database wrote itself bears the real day.
            let shown = [today.format("%-d %b"), today.format("%-m月%-d日")]
                .iter()
                .fold(bo.screen(), |shown, day| shown.replace(&format!("· {day}"), "· <today>"));
            insta::assert_snapshot!(format!("plain-{screen}-{name}"), format!("{shown}\n>{column}> {line}"));
        }
        bo.keys("esc").await;
        bo.leave().await;
    }
}

//! Forms and records at real seats on a real database: entering, two people on one record, conflicts, undo, drafts that
//! outlive a cut line.

use frontdesk::domain::field::Lang;
use sqlx::{AssertSqlSafe, Executor};

use crate::support::Workspace;

/// One ticket of bo's with its contact, times fixed.
pub(crate) async fn office() -> Workspace {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into company (id, name, owner_id, team_id, created_at) overriding system value \
               select 1, 'Acme GmbH', id, team_id, '2026-03-01' from staff where login = 'bo'; \
             insert into contact (id, name, email, company_id, owner_id, team_id, created_at) overriding system value \
               select 300, '王伟', 'wangwei@example.com', 1, id, team_id, '2026-03-02' from staff where login = 'bo'; \
             insert into ticket (id, subject, status, priority, contact_id, tags, owner_id, team_id, created_at) \
               overriding system value \
               select 1040, 'Cannot log in', 'open', 'normal', 300, '{de}', id, team_id, '2026-03-10' \
               from staff where login = 'bo'; \
             select setval(pg_get_serial_sequence(t, 'id'), 2000) from unnest(array['company', 'contact', 'ticket']) t; \
             update operation set at = '2026-03-10 08:00Z'; update change set at = '2026-03-10 08:00Z'",
        )
        .await
        .expect("the records are made");
    office
}

pub(crate) async fn one<T>(office: &Workspace, sql: &str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    let mut owner = office.owner().await;
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut owner).await.expect("one value")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_contact_is_entered_and_seen_by_the_colleague() {
    let office = office().await;
    let (mut bo, mut cy) = (office.sit("bo", 100, 30).await, office.sit("cy", 100, 30).await);
    cy.keys("g c").await;
    bo.keys("g c n").await.text("Petra Vogel").await.keys("tab tab tab tab tab").await;
    bo.text("acme").await.keys("enter tab").await.text("petra").await.keys("ctrl-s").await;
    assert!(bo.screen().contains("is not a mail address"), "{}", bo.screen());
    bo.text("@acme.example").await.keys("ctrl-s").await.until("is there").await;
    assert!(!bo.screen().contains("New Contact"), "{}", bo.screen());
    cy.rest().await.until_that("the new contact", |s| s.contains("Petra Vogel") || s.contains("+1")).await;
    cy.keys("ctrl-l").await.until("Petra Vogel").await;
    let company: i64 = one(&office, "select company_id from contact where email = 'petra@acme.example'").await;
    assert_eq!(company, 1);
    bo.leave().await;
    cy.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_likely_duplicate_is_named_while_entering() {
    let office = office().await;
    let mut bo = office.sit("bo", 100, 30).await;
    bo.keys("g c n").await.text("Wang Wei").await.keys("tab tab tab tab tab tab").await;
    bo.text("WangWei@example.com").await.keys("tab").await.until("Looks like C300").await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_of_different_fields_merge() {
    let office = office().await;
    let (mut ana, mut bo) = (office.sit("ana", 100, 30).await, office.sit("bo", 100, 30).await);
    ana.keys("g t").await.keys("e").await.until("Subject").await;
    bo.keys("g t").await.keys("e").await.until("Subject").await;
    ana.text(" today").await;
    bo.keys("tab tab 4 ctrl-s").await.until("saved").await;
    // The field that ana has not touched follows; hers keeps its text.
    ana.until("Urgent").await;
    assert!(ana.screen().contains("Cannot log in today"), "{}", ana.screen());
    ana.keys("ctrl-s").await.until("saved").await;
    let both: String = one(&office, "select subject || ' ' || priority from ticket where id = 1040").await;
    assert_eq!(both, "Cannot log in today urgent");
    ana.leave().await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_are_settled_by_mine_theirs_or_both() {
    for (key, subject) in
        [("m", "Cannot log in (ana)"), ("t", "Cannot log in (bo)"), ("b", "Cannot log in (bo) / Cannot log in (ana)")]
    {
        let office = office().await;
        let (mut ana, mut bo) = (office.sit("ana", 100, 30).await, office.sit("bo", 100, 30).await);
        ana.keys("g t").await.keys("e").await.until("Subject").await.text(" (ana)").await;
        bo.keys("g t")
            .await
            .keys("e")
            .await
            .until("Subject")
            .await
            .text(" (bo)")
            .await
            .keys("ctrl-s")
            .await
            .until("saved")
            .await;
        // Told at once beside the field, without taking the keyboard.
        ana.until_that("bo's change beside the field", |s| s.contains('≠') && s.contains("(bo)")).await;
        assert!(ana.screen().contains("(ana)"), "{}", ana.screen());
        ana.keys("ctrl-s").await.until("say for each what shall stand").await;
        assert!(ana.screen().contains("mine") && ana.screen().contains("theirs"), "{}", ana.screen());
        ana.keys(key).await.until("All settled").await.keys("enter").await;
        ana.until_that("the form is closed", |s| !s.contains("All settled")).await;
        let now: String = one(&office, "select subject from ticket where id = 1040").await;
        assert_eq!(now, subject, "settled by {key}");
        ana.leave().await;
        bo.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_undone_and_history_knows_all_of_it() {
    let office = office().await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys("g t").await.keys("e tab tab 4 ctrl-s").await.until("saved").await;
    bo.keys("u").await.until("ndone").await;
    let priority: String = one(&office, "select priority from ticket where id = 1040").await;
    assert_eq!(priority, "normal");
    bo.keys("enter").await.keys("d h").await.until("History of T1040").await.until("Urgent → Normal").await;
    assert!(bo.screen().contains("Normal → Urgent"), "{}", bo.screen());
    // The undo is an operation as well, and can be undone from its line.
    bo.keys("u").await.until("Undo what").await.keys("enter").await.until("Undone").await;
    let priority: String = one(&office, "select priority from ticket where id = 1040").await;
    assert_eq!(priority, "urgent");
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_filled_form_outlives_a_cut_line() {
    let office = office().await;
    let mut bo = office.sit("bo", 100, 30).await;
    bo.keys("g c n").await.text("Half a name").await.rest().await;
    bo.leave().await;
    let mut bo = office.sit("bo", 100, 30).await;
    bo.keys("g c n").await.until("Unfinished text").await.keys("ctrl-o").await.until("Half a name").await;
    bo.keys("ctrl-s").await.until("is there").await;
    bo.keys("n").await.until("New Contact").await;
    assert!(!bo.screen().contains("Unfinished text"), "saved is saved:\n{}", bo.screen());
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_replies_and_touches_show_at_the_other_seat() {
    let office = office().await;
    let (mut ana, mut bo) = (office.sit("ana", 100, 40).await, office.sit("bo", 100, 40).await);
    ana.keys("g t").await.keys("enter").await.until("Conversation").await;
    bo.keys("g t").await.keys("enter").await.until("Conversation").await;
    ana.until("Bo here").await;
    bo.keys("i").await.text("先看缓存").await.keys("ctrl-s").await.until("Note saved").await;
    ana.until("先看缓存").await;
    bo.keys("r")
        .await
        .text("Dear Wang Wei,")
        .await
        .keys("enter")
        .await
        .text("solved.")
        .await
        .keys("ctrl-s enter")
        .await;
    ana.until("Dear Wang Wei").await;
    bo.keys("c 2").await.text("will try again").await.keys("enter").await.until("next step").await;
    bo.text("mon 10").await.keys("enter").await.until("planned").await;
    ana.until("will try again").await;
    bo.keys("t").await.text("vip").await.keys("enter enter").await;
    ana.until("de vip").await;
    bo.keys("d d").await.until("recycle bin").await;
    ana.until("In the recycle bin").await;
    bo.keys("u").await;
    ana.until_that("it is back", |s| !s.contains("In the recycle bin")).await;
    ana.leave().await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_ones_own_is_entered_shown_and_filtered_by() {
    let office = office().await;
    let (mut ana, mut bo) = (office.sit("ana", 100, 30).await, office.sit("bo", 100, 30).await);
    bo.keys("g t").await;
    ana.keys("g t").await.keys(":").await.text("field of your own").await.keys("enter").await.until("New field").await;
    ana.text("Grade").await.keys("tab tab").await.text("choi").await.keys("enter tab").await;
    ana.text("minor, major").await.keys("ctrl-s").await.until("grade in filters").await;
    bo.keys("e").await.until("Grade").await;
    bo.leave().await;
    ana.keys("e").await.until("Grade").await.keys("pagedown pagedown pagedown 2 ctrl-s").await.until("saved").await;
    ana.keys("/").await.text("grade:major").await.keys("enter").await.until("T1040").await;
    let grade: String = one(&office, "select c_grade from ticket where id = 1040").await;
    assert_eq!(grade, "major");
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_and_forms_in_two_sizes_and_both_languages() {
    let office = office().await;
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        for (width, height) in [(80, 24), (120, 40)] {
            let mut bo = office.sit_in("bo", width, height, lang).await;
            bo.keys("g t").await.keys("enter").await.rest().await;
            insta::assert_snapshot!(format!("record-{name}-{width}x{height}"), bo.screen());
            bo.keys("e tab tab").await.rest().await;
            insta::assert_snapshot!(format!("form-{name}-{width}x{height}"), bo.screen());
            bo.leave().await;
        }
    }
}

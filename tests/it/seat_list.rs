//! Lists at real seats on a real database: keys in, screens out, two people at once.

use frontdesk::domain::field::Lang;
use sqlx::Executor;

use crate::support::Workspace;

/// A few contacts and tickets, made in SQL so that ids and times are fixed. No tab begins with a view: these are about
/// lists as such.
pub(crate) async fn stocked() -> Workspace {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into company (id, name, owner_id, team_id, created_at) overriding system value \
               select i, (array['Acme GmbH', '北京智远科技有限公司', 'Nordbank'])[i], s.id, s.team_id, '2026-03-01' \
               from generate_series(1, 3) i, staff s where s.login = 'ana'; \
             insert into contact (id, name, title, email, company_id, owner_id, team_id, created_at) overriding system value \
               select 300 + i, (array['Petra Vogel', '王伟', 'Seán O''Neil', 'Jürgen Müller', 'Zoë Li'])[1 + i % 5], \
                 (array['Head of IT', '采购经理', 'CFO'])[1 + i % 3], 'mail' || i || '@example.com', 1 + i % 3, s.id, s.team_id, '2026-03-02' \
               from generate_series(0, 39) i, staff s where s.login = 'ana'; \
             insert into ticket (id, subject, status, priority, contact_id, due_at, owner_id, team_id, created_at) overriding system value \
               select 1040 + i, (array['Cannot log in after update', '发票抬头有误', 'Return of order 5531'])[1 + i % 3], \
                 (array['open', 'new', 'pending', 'solved'])[1 + i % 4], (array['urgent', 'high', 'normal', 'low'])[1 + i % 4], \
                 300 + i % 5, timestamptz '2026-03-14 09:41Z' + make_interval(mins => i * 30 - 60), s.id, s.team_id, \
                 timestamptz '2026-03-10Z' - make_interval(mins => i) \
               from generate_series(0, 249) i, staff s where s.login = case i % 2 when 0 then 'ana' else 'bo' end; \
             update view set position = 9 where position = 0; \
             select setval(pg_get_serial_sequence('contact', 'id'), 1000), setval(pg_get_serial_sequence('ticket', 'id'), 9000)",
        )
        .await
        .expect("the records are made");
    // History is on the pictures: it happened then.
    for table in ["operation", "change"] {
        let then = format!("update {table} set at = '2026-03-13T10:00Z'");
        owner.execute(sqlx::AssertSqlSafe(then)).await.expect("the owner may rewrite history");
    }
    office
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_screens_in_five_sizes_and_both_languages() {
    let office = stocked().await;
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        for (width, height) in [(44, 20), (60, 24), (80, 24), (120, 40), (200, 60)] {
            let mut ana = office.sit_in("ana", width, height, lang).await;
            ana.keys("g t").await.keys("g g j").await.rest().await;
            insta::assert_snapshot!(format!("tickets-{name}-{width}x{height}"), ana.screen());
            ana.keys("g c").await.rest().await;
            insta::assert_snapshot!(format!("contacts-{name}-{width}x{height}"), ana.screen());
            ana.keys("?").await;
            insta::assert_snapshot!(format!("keys-{name}-{width}x{height}"), ana.screen());
            ana.leave().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_shows_at_once_at_the_other_seat() {
    let office = stocked().await;
    let (mut ana, mut bo) = (office.sit("ana", 80, 24).await, office.sit("bo", 80, 24).await);
    ana.keys("g t").await;
    bo.keys("g t").await;
    // Both see T1041 (bo's own); ana is on it, bo on the row before.
    ana.keys("j").await;
    assert!(ana.selected().starts_with("T1041"), "{}", ana.screen());
    ana.keys("p 1").await;
    assert!(ana.bottom().contains("Priority → Low"), "{}", ana.screen());
    bo.until_that("T1041 low", |s| s.lines().any(|l| l.contains("T1041") && l.contains("Low"))).await;
    ana.leave().await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_waits_while_the_other_moves() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 80, 24).await;
    ana.keys("g t j j j").await;
    let (before, line) = (ana.selected(), line_of_bar(&ana.screen()));
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into ticket (subject, status, priority, owner_id, team_id, created_at) \
             select 'Brand new', 'new', 'high', id, team_id, '2026-03-14' from staff where login = 'ana'",
        )
        .await
        .expect("a new ticket");
    ana.until("+1").await;
    assert!(!ana.screen().contains("Brand new"), "it waits for rest");
    ana.rest().await.until("251").await;
    assert_eq!((ana.selected(), line_of_bar(&ana.screen())), (before, line), "cursor and line stay");
    ana.keys("g g").await;
    assert!(ana.selected().contains("Brand new"), "{}", ana.screen());
    ana.leave().await;
}

fn line_of_bar(screen: &str) -> Option<usize> {
    screen.lines().position(|l| l.contains('▌'))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_works_while_it_is_typed_and_marks_mistakes() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 100, 30).await;
    ana.keys("g t /").await.text("priority:urgent ").await;
    ana.until("63").await;
    ana.text("status:oops").await;
    assert!(ana.screen().contains('✘'), "the mistake is told:\n{}", ana.screen());
    ana.keys("esc").await.until("250").await;
    ana.keys("/").await.text("status:solved").await.keys("enter").await;
    ana.until_that("62 solved", |s| s.contains(" 62 ") && s.contains("status:solved")).await;
    // Solved tickets of a list of solved ones stay, greyed, when they are opened again, until the cursor moves on.
    let row = ana.selected();
    ana.keys("s 2").await;
    let row = row.replace("Solved", "Open");
    let gone = row.split_whitespace().next().map(|code| format!("×{code}"));
    assert_eq!(ana.selected().split_whitespace().next(), gone.as_deref(), "{}", ana.screen());
    assert!(ana.selected().contains("Open"), "{}", ana.screen());
    let code = row.split_whitespace().next().unwrap_or_default().to_owned();
    ana.keys("j").await.rest().await;
    assert!(!ana.screen().contains(&code), "{}", ana.screen());
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_is_shown_first_done_once_and_undone_once() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 100, 30).await;
    ana.keys("g t /").await.text("priority:urgent").await.keys("enter").await.until(" 63 ").await;
    ana.keys("* p 1").await.until("63 of 63").await;
    ana.keys("enter").await.until("63 records").await;
    ana.rest().await.keys("j").await.until("No tickets match").await;
    ana.keys("u").await;
    if ana.screen().contains("again takes back") {
        ana.keys("u").await;
    }
    ana.rest().await.until(" 63 ").await;
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_names_who_and_the_same_key_overrules() {
    let office = stocked().await;
    // From the list, and from the record opened over it.
    for open in ["", "enter"] {
        let (mut ana, mut bo) = (office.sit("ana", 80, 24).await, office.sit("bo", 80, 24).await);
        ana.keys("g t").await.keys("g g j").await;
        assert!(ana.selected().starts_with("T1041"), "{}", ana.screen());
        ana.keys(open).await.keys("p").await.until(" Priority · T1041 ─").await;
        // While ana looks at the choices, bo decides. Her screen shows it already; what she compared was before.
        // (T1041 is the first of those that bo may see.)
        bo.keys("g t")
            .await
            .keys("g g p")
            .await
            .until("4 u   Urgent")
            .await
            .keys("4")
            .await
            .until("Priority → Urgent")
            .await;
        let mark = if open.is_empty() { "T1041" } else { "no reply yet" };
        ana.until_that("bo's Urgent", |s| s.lines().any(|l| l.contains(mark) && l.contains("Urgent"))).await;
        ana.keys("1").await.until("Bo has changed Priority to Urgent meanwhile").await;
        if open.is_empty() {
            assert!(ana.selected().starts_with('≠'), "{}", ana.screen());
        }
        assert_eq!(priority(&office, 1041).await, "urgent", "nothing is overruled unasked");
        ana.keys("p 1").await.until(if open.is_empty() { "Priority → Low" } else { "T1041 saved" }).await;
        assert!(!ana.selected().starts_with('≠'), "{}", ana.screen());
        assert_eq!(priority(&office, 1041).await, "low");
        bo.leave().await;
        ana.leave().await;
    }
}

async fn priority(office: &Workspace, ticket: i64) -> String {
    let mut owner = office.owner().await;
    let priority = sqlx::query_scalar("select priority from ticket where id = $1").bind(ticket);
    priority.fetch_one(&mut owner).await.expect("the ticket is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_palette_finds_people_by_pinyin_before_far_fetched_commands() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 100, 30).await;
    ana.keys("g t :").await.text("wangw").await.until("王伟").await;
    let first = ana.screen().lines().find(|l| l.contains("▌·")).unwrap_or_default().to_owned();
    assert!(first.contains("王伟") && first.contains("C3"), "{}", ana.screen());
    ana.keys("enter").await.until("采购经理").await;
    assert!(ana.screen().contains("王伟"), "{}", ana.screen());
    ana.keys("esc").await;
    // A command whose name has what was typed stands first, and Enter need not wait.
    ana.keys("g t :").await.text("saved views").await.keys("enter").await.until("Save this list").await;
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_opens_from_a_list_and_the_last_line_says_only_what_works() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 120, 30).await;
    ana.keys("g t").await.keys("g g p").await.until("4 u • Urgent").await;
    assert!(ana.bottom().contains("take") && !ana.bottom().contains("switch"), "{}", ana.bottom());
    ana.keys("esc o").await;
    assert!(ana.bottom().contains("switch"), "{}", ana.bottom());
    ana.keys("esc ?").await;
    assert!(!ana.bottom().contains("complete"), "{}", ana.bottom());
    ana.keys("esc /").await;
    assert!(ana.bottom().contains("complete"), "{}", ana.bottom());
    ana.keys("esc g g").await;
    let code = ana.selected().split_whitespace().next().unwrap_or_default().to_owned();
    ana.keys("d h").await.until(&format!("History of {code}")).await.until("created").await;
    ana.keys("esc").await;
    assert!(ana.selected().starts_with(&code), "{}", ana.screen());
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_place_after_coming_back() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 80, 24).await;
    ana.keys("g t /").await.text("status:open").await.keys("enter j j j").await;
    let before = ana.selected();
    ana.keys("q q").await;
    ana.ended().await;
    let mut ana = office.sit("ana", 80, 24).await;
    ana.until("status:open").await;
    assert_eq!(ana.selected(), before);
    assert!(ana.screen().contains("[4 Tickets]"));
    ana.keys("k").await;
    let before = ana.selected();
    // A cut line is no farewell, and brings back to the same place as well.
    ana.leave().await;
    let ana = office.sit("ana", 80, 24).await;
    assert_eq!(ana.selected(), before);
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_is_the_start_wherever_the_window_began() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 80, 24).await;
    ana.keys("g t").await.keys("g g").await;
    for _ in 0..130 {
        ana.keys("j").await;
    }
    assert!(ana.selected().starts_with("T1170"), "{}", ana.screen());
    ana.keys("q q").await;
    ana.ended().await;
    // Read again around the cursor, the rows at hand begin in the middle of the first page.
    let mut ana = office.sit("ana", 80, 24).await;
    assert!(ana.selected().starts_with("T1170"), "{}", ana.screen());
    ana.keys("g g j").await;
    assert!(ana.selected().starts_with("T1041"), "{}", ana.screen());
    ana.keys("G k").await;
    assert!(ana.selected().starts_with("T1288"), "{}", ana.screen());
    ana.keys("g g").await;
    assert!(ana.selected().starts_with("T1040"), "{}", ana.screen());
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_through_a_long_list_meets_every_row_once() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 60, 24).await;
    ana.keys("g t").await;
    let mut seen = vec![ana.selected()];
    for _ in 1..250 {
        ana.keys("j").await;
        seen.push(ana.selected());
    }
    seen.dedup();
    assert_eq!(seen.len(), 250);
    ana.keys("j").await;
    assert_eq!(Some(&ana.selected()), seen.last(), "the end is the end");
    ana.keys("g g").await;
    assert_eq!(ana.selected(), seen[0]);
    ana.keys("G").await;
    assert_eq!(Some(&ana.selected()), seen.last());
    ana.leave().await;
}

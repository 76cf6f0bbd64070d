//! The board at real seats on a real database: cards moved by one show at the other.

use frontdesk::domain::field::Lang;
use sqlx::Executor;

use crate::support::{Sitting, Workspace};

/// Deals in all open stages, made in SQL so that ids and times are fixed.
async fn stocked() -> Workspace {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into company (id, name, owner_id, team_id, created_at) overriding system value \
               select i, (array['Acme GmbH', '北京智远科技有限公司', 'Nordbank'])[i], s.id, s.team_id, '2026-03-01' \
               from generate_series(1, 3) i, staff s where s.login = 'ana'; \
             insert into deal (id, name, company_id, stage_id, amount, currency, next_step, next_at, owner_id, team_id, \
                 created_at, updated_at) overriding system value \
               select 70 + i, (array['Acme rollout', 'Nordbank CRM', '智远年度采购', 'Helix renewal', 'Orion: new office'])[1 + i % 5], \
                 1 + i % 3, st.id, 40000 + i * 1250, (array['EUR', 'EUR', 'CNY'])[1 + i % 3], \
                 (array['Call Petra', null, '发送报价'])[1 + i % 3], \
                 case i % 3 when 0 then timestamptz '2026-03-14 09:41Z' + make_interval(days => i - 4) end, \
                 s.id, s.team_id, timestamptz '2026-03-10Z' - make_interval(hours => i), \
                 timestamptz '2026-03-12Z' - make_interval(days => case when i % 7 = 5 then 21 else 0 end) \
               from generate_series(0, 29) i, staff s, stage st where s.login = case i % 2 when 0 then 'ana' else 'bo' end \
                 and st.name = (array['Prospecting', 'Prospecting', 'Qualified', 'Proposal', 'Negotiation'])[1 + i % 5]; \
             select setval(pg_get_serial_sequence('deal', 'id'), 1000)",
        )
        .await
        .expect("the records are made");
    for table in ["operation", "change"] {
        let then = format!("update {table} set at = '2026-03-13T10:00Z'");
        owner.execute(sqlx::AssertSqlSafe(then)).await.expect("the owner may rewrite history");
    }
    office
}

async fn value(office: &Workspace, sql: &'static str) -> Option<String> {
    let mut owner = office.owner().await;
    sqlx::query_scalar(sql).fetch_one(&mut owner).await.expect(sql)
}

/// The line of the box that this column's head is on, from its corner on.
fn column(screen: &str, stage: &str) -> Vec<String> {
    let head = screen.lines().find(|l| l.contains(&format!("╭ {stage} ")) || l.contains(&format!("╭─ {stage} ")));
    let head = head.unwrap_or_default();
    let Some((before, _)) = head.split_once(&format!("╭ {stage} ")) else { return Vec::new() };
    let left = frontdesk::tui::text::width(before);
    let mut lines = Vec::new();
    for line in screen.lines() {
        let mut at = 0;
        let mut cell = String::new();
        let mut inside = false;
        for c in line.chars() {
            if inside && c == '│' {
                break;
            }
            if inside {
                cell.push(c);
            }
            inside |= at == left && c == '│';
            at += frontdesk::tui::text::width(&c.to_string());
        }
        if inside {
            lines.push(cell);
        }
    }
    lines
}

fn holds(sitting: &Sitting, stage: &str, text: &str) -> bool {
    column(&sitting.screen(), stage).iter().any(|line| line.contains(text))
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_boards_in_five_sizes_and_both_languages() {
    let office = stocked().await;
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        for (width, height) in [(44, 20), (60, 24), (80, 24), (120, 40), (200, 60)] {
            let mut ana = office.sit_in("ana", width, height, lang).await;
            ana.keys("g p").await.keys("g g j").await;
            insta::assert_snapshot!(format!("board-{name}-{width}x{height}"), ana.screen());
            if (width, height) == (80, 24) {
                ana.keys("d").await;
                insta::assert_snapshot!(format!("board-do-{name}"), ana.screen());
                ana.keys("esc s l").await.until_that("the reasons", |s| s.contains("Del")).await;
                insta::assert_snapshot!(format!("board-lost-{name}"), ana.screen());
            }
            ana.leave().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_moved_by_one_is_seen_by_the_other_and_undone() {
    let office = stocked().await;
    let (mut ana, mut bo) = (office.sit("ana", 120, 40).await, office.sit("bo", 120, 40).await);
    ana.keys("g p").await;
    bo.keys("g p l").await;
    // The first deal of the first column that bo sees too is his own.
    ana.keys("j").await;
    assert!(ana.screen().contains("▌ Nordbank CRM"), "{}", ana.screen());
    bo.keys("h").await;
    assert!(bo.screen().contains("▌ Nordbank CRM"), "{}", bo.screen());
    bo.keys("j").await;
    ana.keys("L").await;
    assert!(ana.bottom().contains("Stage → Qualified"), "{}", ana.screen());
    assert!(holds(&ana, "Qualified", "▌ Nordbank CRM"), "the cursor follows:\n{}", ana.screen());
    assert_eq!(
        value(&office, "select s.name from deal d join stage s on s.id = d.stage_id where d.id = 71").await.as_deref(),
        Some("Qualified")
    );
    // bo is moving: the card says where it went, and goes when he rests.
    bo.until("→ Qualified").await;
    bo.rest().await.until_that("the card is in its column", |s| !s.contains("→ Qualified")).await;
    assert!(holds(&bo, "Qualified", "Nordbank CRM"), "{}", bo.screen());
    ana.keys("u").await;
    if ana.screen().contains("again takes back") {
        ana.keys("u").await;
    }
    ana.until_that("back in the first column", |s| {
        column(s, "Prospecting").iter().any(|l| l.contains("▌ Nordbank CRM"))
    })
    .await;
    bo.rest()
        .await
        .until_that("back there too", |s| column(s, "Prospecting").iter().any(|l| l.contains("Nordbank CRM")))
        .await;
    ana.leave().await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deals_are_won_and_lost_with_a_reason() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 80, 24).await;
    ana.keys("g p g g").await;
    assert!(ana.screen().contains("▌ Acme rollout"), "{}", ana.screen());
    ana.keys("s w").await;
    assert!(ana.bottom().contains("Won"), "{}", ana.screen());
    assert_eq!(
        value(&office, "select state || ' ' || closed from deal where id = 70").await.as_deref(),
        Some("won 2026-03-14")
    );
    assert!(ana.screen().contains("▌ Nordbank CRM"), "the cursor rests on the next one:\n{}", ana.screen());
    ana.keys("s l").await.text("price").await.keys("enter").await;
    assert_eq!(
        value(&office, "select state || ' ' || lost_reason from deal where id = 71").await.as_deref(),
        Some("lost Price")
    );
    // The reason is offered first from now on, and any text will do.
    ana.keys("s l").await.until("Lost because").await.text("moved away").await.keys("enter").await;
    assert_eq!(
        value(&office, "select count(*)::text from deal where lost_reason = 'moved away'").await.as_deref(),
        Some("1")
    );
    ana.keys("u").await;
    if ana.screen().contains("again takes back") {
        ana.keys("u").await;
    }
    ana.idle().await;
    assert_eq!(value(&office, "select count(*)::text from deal where state = 'lost'").await.as_deref(), Some("1"));
    // A digit takes the reason beside it, and is none itself.
    ana.keys("s l").await.until("Lost because").await.until("No budget  2").await.keys("2").await.idle().await;
    assert_eq!(
        value(&office, "select count(*)::text from deal where lost_reason = 'No budget'").await.as_deref(),
        Some("1")
    );
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_asks_for_what_it_demands() {
    let office = stocked().await;
    let mut owner = office.owner().await;
    owner.execute("update stage set requires = 'source,amount' where name = 'Qualified'").await.expect("a demand");
    let mut ana = office.sit("ana", 80, 24).await;
    ana.keys("g p g g L").await.until("Qualified asks for").await;
    assert!(ana.screen().contains("Source") && !ana.screen().contains("Amount "), "{}", ana.screen());
    ana.keys("esc").await;
    assert!(holds(&ana, "Prospecting", "▌ Acme rollout"), "{}", ana.screen());
    ana.keys("L").await.until("Qualified asks for").await.text("fair").await.keys("ctrl-s").await;
    ana.until_that("it has moved", |s| column(s, "Qualified").iter().any(|l| l.contains("▌ Acme rollout"))).await;
    assert_eq!(value(&office, "select source from deal where id = 70").await.as_deref(), Some("fair"));
    // The same from the record, opened over the board.
    ana.keys("h g g enter").await.keys("s 2").await.until("Qualified asks for").await.keys("esc").await;
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_somebody_else_just_moved_is_not_overwritten() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 80, 24).await;
    ana.keys("g p g g").await;
    // Another transaction holds the card while ana moves it, and wins.
    let mut owner = office.owner().await;
    owner
        .execute(
            "begin; select set_config('frontdesk.me', (select id::text from staff where login = 'bo'), true); \
             update deal set stage_id = (select id from stage where name = 'Proposal') where id = 70",
        )
        .await
        .expect("bo moves it");
    ana.drawn("L").await;
    assert!(holds(&ana, "Qualified", "▌ Acme rollout"), "at once:\n{}", ana.screen());
    owner.execute("commit").await.expect("bo is first");
    ana.until("has changed Stage to Proposal meanwhile").await;
    ana.idle().await.rest().await;
    assert_eq!(
        value(&office, "select s.name from deal d join stage s on s.id = d.stage_id where d.id = 70").await.as_deref(),
        Some("Proposal")
    );
    assert!(holds(&ana, "Proposal", "Acme rollout"), "it is where bo put it:\n{}", ana.screen());
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn marked_cards_move_together_and_a_new_deal_starts_in_its_column() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 120, 40).await;
    ana.keys("g p g g x x L").await;
    assert!(ana.bottom().contains("2 records"), "{}", ana.screen());
    assert_eq!(
        value(
            &office,
            "select count(*)::text from deal d join stage s on s.id = d.stage_id where s.name = 'Qualified'"
        )
        .await
        .as_deref(),
        Some("8")
    );
    ana.rest().await;
    ana.keys("l l n").await.until("New Deal").await.text("Fresh one").await.keys("ctrl-s").await;
    ana.until_that("it stands in the third column", |s| {
        column(s, "Proposal").iter().any(|l| l.contains("▌ Fresh one"))
    })
    .await;
    ana.keys("e").await.until("Fresh one ─").await.keys("esc enter").await.until("Timeline").await;
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn board_and_table_filter_and_pipeline_are_as_they_were() {
    let office = stocked().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into pipeline (name, position) values ('Renewals', 2); \
             insert into stage (name, pipeline_id, position, state) select 'Due', id, 1, 'open' from pipeline where name = 'Renewals'; \
             insert into deal (name, stage_id, owner_id, team_id) select 'Old contract', st.id, s.id, s.team_id \
               from stage st, staff s where st.name = 'Due' and s.login = 'ana'",
        )
        .await
        .expect("another pipeline");
    let mut ana = office.sit("ana", 120, 40).await;
    ana.keys("g p P 2").await.until("Old contract").await;
    ana.rest().await;
    ana.leave().await;
    let mut ana = office.sit("ana", 120, 40).await;
    ana.until("Old contract").await;
    ana.keys("P 1 /").await.text("acme").await.keys("enter").await;
    ana.until_that("only Acme", |s| s.contains("Acme rollout") && !s.contains("Nordbank CRM")).await;
    ana.keys("o").await.until_that("a table", |s| s.contains(" # ") && s.contains("Acme rollout")).await;
    ana.rest().await;
    ana.leave().await;
    let mut ana = office.sit("ana", 120, 40).await;
    ana.until_that("the table again", |s| s.contains(" # ") && s.contains("acme")).await;
    ana.keys("b").await.until_that("the board", |s| s.contains("╭ Prospecting")).await;
    ana.leave().await;
}

//! The dashboards at real seats on a real database: from figures to their rows, other periods, others' changes, and a page
//! that comes back as it was left.

use frontdesk::domain::field::Lang;
use sqlx::Executor;

use crate::support::Workspace;

/// Deals won in three years by two people, open ones in all stages, and tickets of a month; ids and times are fixed.
async fn stocked() -> Workspace {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into product (id, name) overriding system value values (1, 'GTX Basic'), (2, '智能网关'); \
             insert into deal (id, name, product_id, stage_id, amount, currency, opened, closed, owner_id, team_id, created_at) \
               overriding system value \
               select 100 + i, 'Deal ' || i, 1 + i % 2, st.id, 10000 + i * 500, 'EUR', \
                 date '2026-03-10' - i * 12 - 30, date '2026-03-10' - i * 12, s.id, s.team_id, timestamptz '2026-03-01Z' \
               from generate_series(0, 59) i, staff s, stage st where s.login = case i % 3 when 0 then 'bo' else 'ana' end \
                 and st.name = case i % 4 when 3 then 'Lost' else 'Won' end; \
             insert into deal (id, name, product_id, stage_id, amount, currency, owner_id, team_id, created_at) \
               overriding system value \
               select 200 + i, 'Open ' || i, 1 + i % 2, st.id, 20000 + i * 1000, 'EUR', s.id, s.team_id, timestamptz '2026-03-01Z' \
               from generate_series(0, 19) i, staff s, stage st where s.login = case i % 2 when 0 then 'ana' else 'bo' end \
                 and st.name = (array['Prospecting', 'Prospecting', 'Qualified', 'Proposal', 'Negotiation'])[1 + i % 5]; \
             insert into ticket (id, subject, status, priority, category, rating, owner_id, team_id, created_at, first_reply_at, \
                 solved_at) overriding system value \
               select 1000 + i, 'Ticket ' || i, case when i % 3 = 0 then 'open' else 'solved' end, \
                 (array['low', 'normal', 'high', 'urgent'])[1 + i % 4], (array['App', 'Invoice', 'Network'])[1 + i % 3], \
                 case when i % 3 = 1 then 1 + i % 5 end, s.id, s.team_id, timestamptz '2026-03-14 08:00Z' - i * interval '19 hours', \
                 timestamptz '2026-03-14 08:00Z' - i * interval '19 hours' + interval '40 minutes', \
                 case when i % 3 > 0 then timestamptz '2026-03-14 08:00Z' - i * interval '19 hours' + interval '5 hours' end \
               from generate_series(0, 79) i, staff s where s.login = case i % 2 when 0 then 'ana' else 'bo' end; \
             select setval(pg_get_serial_sequence('deal', 'id'), 1000)",
        )
        .await
        .expect("the records are made");
    office
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_dashboards_in_five_sizes_and_both_languages() {
    let office = stocked().await;
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        for (width, height) in [(44, 20), (60, 24), (80, 24), (120, 40), (200, 60)] {
            let mut ana = office.sit_in("ana", width, height, lang).await;
            ana.keys("g d").await;
            insta::assert_snapshot!(format!("dashboards-sales-{name}-{width}x{height}"), ana.screen());
            ana.keys("v tab j j").await;
            insta::assert_snapshot!(format!("dashboards-service-{name}-{width}x{height}"), ana.screen());
            ana.keys("v").await;
            ana.leave().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_goes_from_a_figure_to_its_rows_and_back() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 120, 40).await;
    ana.keys("5").await;
    assert!(ana.screen().contains("[5 Dashboards]"), "{}", ana.screen());
    // The whole open pipeline, then that of the first stage.
    ana.keys("enter").await.until("state:open").await;
    assert!(ana.screen().contains(" 20 "), "twenty open deals:\n{}", ana.screen());
    ana.keys("esc").await.until("Open pipeline").await;
    ana.keys("j enter").await.until("Open 0").await;
    assert!(ana.screen().contains("Open 6"), "{}", ana.screen());
    assert!(!ana.screen().contains("Open 2 "), "another stage's:\n{}", ana.screen());
    assert!(ana.screen().contains(" 8 "), "eight of twenty:\n{}", ana.screen());
    // A filter typed there is taken back before the list is left.
    ana.keys("/").await.text(" amount>30k").await.keys("enter").await;
    ana.keys("esc").await;
    assert!(ana.screen().contains("Open 0"), "{}", ana.screen());
    ana.keys("backspace").await.until("Open pipeline").await;
    assert!(ana.selected().contains("Prospecting"), "the cursor is where it was:\n{}", ana.screen());
    // Won in a month: the picture's days, one by one.
    ana.keys("tab j j").await;
    assert!(ana.screen().contains("2026-02"), "{}", ana.screen());
    ana.keys("enter").await.until("closed:").await;
    for line in ana.screen().lines().filter(|l| l.contains("Deal ")) {
        assert!(!line.contains("Lost"), "{line}");
    }
    ana.keys("esc").await;
    // The tab's own list of deals is as it was.
    ana.keys("3").await;
    assert!(!ana.screen().contains("closed:"), "{}", ana.screen());
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn periods_and_comparisons_change_by_key_and_are_kept() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 120, 40).await;
    ana.keys("g d").await;
    assert!(ana.screen().contains("this year  2026-01-01..2026-12-31"), "{}", ana.screen());
    assert!(ana.screen().contains("against 2025-01-01..2025-03-14"), "{}", ana.screen());
    let year = ana.screen();
    ana.keys("p").await.until("this month  2026-03-01..2026-03-31").await;
    ana.keys("c").await.until("against 2026-02-01..2026-02-14").await;
    ana.keys("c").await.until("compared with nothing").await;
    assert_ne!(ana.screen(), year);
    // What stands in the box is replaced by typing; an error leaves it open with the text.
    ana.keys("P").await.text("someday").await.keys("enter").await.until("is no period").await;
    assert!(ana.screen().contains("› someday "), "{}", ana.screen());
    ana.keys("ctrl-u").await.text("last month").await.keys("enter").await;
    ana.until("last month  2026-02-01..2026-02-28").await;
    ana.keys("P").await.text("2025").await.keys("enter").await;
    ana.until(" 2025").await;
    // Boxes change places; one is hidden.
    ana.keys("L").await;
    let first = |screen: &str| screen.lines().nth(2).unwrap_or_default().to_owned();
    assert!(first(&ana.screen()).contains("Won by month"), "{}", ana.screen());
    assert!(first(&ana.screen()).find("Won by").unwrap() < first(&ana.screen()).find("Open pipeline").unwrap());
    ana.keys("x").await.until("Open pipeline is hidden").await;
    ana.keys("v").await.until("Open tickets by priority").await;
    ana.leave().await;

    let mut ana = office.sit("ana", 120, 40).await;
    ana.keys("g d").await.until("Open tickets by priority").await;
    assert!(ana.screen().contains("compared with nothing"), "{}", ana.screen());
    ana.keys("v").await.until("Won by month").await;
    assert!(!ana.screen().contains("Open pipeline"), "{}", ana.screen());
    ana.keys("X").await.until("Open pipeline by stage").await;
    ana.leave().await;
    // Another's page is their own.
    let mut bo = office.sit("bo", 120, 40).await;
    bo.keys("g d").await.until("this year").await;
    assert!(bo.screen().contains("Open pipeline by stage"), "{}", bo.screen());
    bo.leave().await;
}

/// Weeks are compared with weeks, but a quarter with the quarter: on the page as in the shell.
#[tokio::test(flavor = "multi_thread")]
async fn a_quarter_in_weeks_is_compared_with_the_whole_quarter_before() {
    let office = stocked().await;
    let mut owner = office.owner().await;
    let first = "insert into deal (name, stage_id, amount, currency, opened, closed) \
                 select 'On new year', id, 777777, 'EUR', '2023-12-01', '2024-01-01' from stage where name = 'Won'";
    owner.execute(first).await.expect("a deal");
    let mut ana = office.sit("ana", 200, 60).await;
    ana.keys("5 P").await.text("2025-Q1").await.keys("enter").await;
    ana.until("against 2024-01-01..2024-03-31").await.until("Won by week").await.until("before: 777,777 EUR").await;
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bars_of_one_currency_stand_together_and_have_a_scale_of_their_own() {
    let office = stocked().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into deal (name, stage_id, amount, currency, created_at) \
             select 'In yuan ' || name, id, case name when 'Prospecting' then 8000000 else 4000000 end, 'CNY', '2026-03-01Z' \
             from stage where name in ('Prospecting', 'Qualified')",
        )
        .await
        .expect("two deals");
    let mut ana = office.sit("ana", 200, 60).await;
    ana.keys("5").await.until("CNY ╌╌").await;
    let screen = ana.screen();
    let below = screen.split_once("CNY ╌╌").expect("a heading").1;
    let bar = |name: &str, text: &str| -> Vec<usize> {
        text.lines().filter(|l| l.contains(name)).map(|l| l.matches('█').count()).collect()
    };
    let (euros, yuan) = (bar("Prospecting", &screen)[0], bar("Prospecting", below)[0]);
    assert_eq!(euros, yuan, "the biggest of each is as long:\n{screen}");
    assert_eq!(bar("Qualified", below)[0], yuan / 2, "half of it:\n{screen}");
    assert!(below.contains("8M CNY"), "{screen}");
    // Down from the euros of the last stage to the yuan of the first, and into both of its currencies.
    ana.keys("j j j j j").await;
    assert!(ana.selected().contains("8M CNY"), "{}", ana.screen());
    ana.keys("enter").await.until("In yuan Prospecting").await;
    // The tab's own key leads back to the page.
    ana.keys("5").await.until("Open pipeline by stage").await;
    assert!(ana.selected().contains("8M CNY"), "{}", ana.screen());
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_follow_what_others_do_and_show_what_one_may_see() {
    let office = stocked().await;
    let (mut ana, mut bo) = (office.sit("ana", 120, 40).await, office.sit("bo", 120, 40).await);
    ana.keys("g d").await;
    bo.keys("g d").await;
    let sum = async |sql: &'static str| -> String {
        let mut owner = office.owner().await;
        sqlx::query_scalar(sql).fetch_one(&mut owner).await.expect("a sum")
    };
    let all = sum("select to_char(sum(amount), 'FM999,999,999') from deal where closed is null").await;
    let own = sum("select to_char(sum(d.amount), 'FM999,999,999') from deal d join staff s on s.id = d.owner_id \
                   where d.closed is null and s.login = 'bo'")
    .await;
    assert!(ana.screen().contains(&format!("{all} EUR")), "{all}:\n{}", ana.screen());
    assert!(bo.screen().contains(&format!("{own} EUR")), "{own}:\n{}", bo.screen());
    // bo's change is in ana's figure; her cursor stays.
    ana.keys("j").await;
    let mut owner = office.owner().await;
    owner.execute("update deal set amount = amount + 1000000 where id = 201").await.expect("an amount");
    let all = sum("select to_char(sum(amount), 'FM999,999,999') from deal where closed is null").await;
    ana.rest().await.until(&format!("{all} EUR")).await;
    assert!(ana.selected().contains("Prospecting"), "{}", ana.screen());
    ana.leave().await;
    bo.leave().await;
}

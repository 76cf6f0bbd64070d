//! Seats on a database that goes away and comes back: what is here stays usable, nothing is called saved that is not,
//! and the work goes on when it is back.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::seat_form::{office, one};
use crate::seat_list::stocked;
use crate::support::Workspace;

/// Cuts all connections to the workspace but these backends', and lets none in until it is told to.
async fn let_in(office: &Workspace, open: bool, spared: &[i32]) {
    let options = office.database.owner.clone();
    let name = options.get_database().expect("a workspace has a name").to_owned();
    let mut admin = PgConnection::connect_with(&options.database("postgres")).await.expect("the run's cluster");
    admin
        .execute(AssertSqlSafe(format!("alter database {name} with allow_connections {open}")))
        .await
        .expect("altered");
    if !open {
        let cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> all($2)";
        sqlx::query(cut).bind(&name).bind(spared).execute(&mut admin).await.expect("cut");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_when_the_database_is_back() {
    let office = office().await;
    let mut bo = office.sit("bo", 100, 30).await;
    bo.keys("g c n").await.text("Before").await.rest().await;
    let_in(&office, false, &[]).await;
    bo.until("offline").await;
    bo.text(" and after").await.rest().await;
    bo.keys("ctrl-s").await;
    bo.until_that("why it was not saved", |s| s.contains("New Contact") && s.contains("Before and after")).await;
    let_in(&office, true, &[]).await;
    bo.until("live").await;
    bo.rest().await;
    let draft: String = one(&office, "select coalesce(max(body -> 'content' ->> 'name'), '') from draft").await;
    assert_eq!(draft, "Before and after", "the draft is kept as soon as that is possible");
    bo.keys("ctrl-s").await.until("is there").await;
    let saved: i64 = one(&office, "select count(*) from contact where name = 'Before and after'").await;
    assert_eq!(saved, 1);
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_outlives_a_database_that_goes_away() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 80, 24).await;
    ana.keys("g t").await.keys("g g").await;
    let mut owner = office.owner().await;
    let own: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut owner).await.expect("a number");
    let_in(&office, false, &[own]).await;
    ana.until("offline").await;
    let before = ana.selected();
    ana.keys("j j j").await;
    assert!(ana.selected().starts_with("T1043"), "keys move in what is here:\n{}", ana.screen());
    // What happens meanwhile is there as soon as the line is.
    owner.execute("update ticket set subject = 'Changed meanwhile' where id = 1044").await.expect("changed");
    assert!(!ana.screen().contains("Changed meanwhile"), "{}", ana.screen());
    let_in(&office, true, &[]).await;
    ana.until("live").await.until("Changed meanwhile").await;
    assert!(ana.selected().starts_with("T1043"), "the cursor stays:\n{}", ana.screen());
    assert!(!ana.screen().contains('✘'), "no error is left over:\n{}", ana.screen());
    ana.keys("k k k").await;
    assert_eq!(ana.selected(), before);
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_view_is_told_when_it_is_kept_and_when_not() {
    let office = stocked().await;
    let mut ana = office.sit("ana", 100, 30).await;
    ana.keys("g t /").await.text("priority:urgent").await.keys("enter v").await.until("Save this list").await;
    ana.keys("end enter").await.text("Burning").await.keys("enter").await.until("Saved as the view “Burning”").await;
    ana.keys("v").await.until("Save this list").await;
    // Names in one column, queries in another.
    let place = |name: &str, query: &str| {
        let screen = ana.screen();
        let is_row = |l: &&str| l.contains(&format!(" {name} ")) && l.contains(query);
        let line = screen.lines().find(is_row).unwrap_or_default();
        line.find(query).map(|at| frontdesk::tui::text::width(&line[..at]))
    };
    let (burning, open) = (place("Burning", "priority:"), place("All open", "status:"));
    assert!(burning.is_some() && burning == open, "{}", ana.screen());
    ana.text("Save this").await.keys("enter").await.text("Never").await;
    let_in(&office, false, &[]).await;
    ana.until("offline").await;
    ana.keys("enter").await.until("✘").await;
    assert!(!ana.screen().contains("Saved as the view"), "{}", ana.screen());
    let_in(&office, true, &[]).await;
    ana.until("live").await;
    ana.keys("v").await.until("Burning").await;
    assert!(!ana.screen().contains("Never"), "{}", ana.screen());
    ana.leave().await;
}

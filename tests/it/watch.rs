//! Watching: who watches a record hears of what others do to it, and of nothing that they may not see; who hears of what
//! is each person's own choice.

use frontdesk::domain::action::Action;
use frontdesk::domain::field::Lang;
use frontdesk::domain::kind::{COMPANY, CONTACT, TICKET};
use frontdesk::domain::value::Value;
use sqlx::{Connection, Executor};

use crate::seat_form::{office, one};
use crate::seat_inbox::{act, inbox, note, on};
use crate::support::Workspace;

async fn watched(office: &Workspace) -> Vec<String> {
    let mut owner = office.owner().await;
    let rows = sqlx::query_scalar(
        "select f.login || ' ' || w.kind || ' ' || w.record from watch w join staff f on f.id = w.person order by 1",
    );
    rows.fetch_all(&mut owner).await.expect("who watches what")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_hears_of_others_deeds_once_and_never_of_their_own() {
    let office = office().await;
    let watch = async |login: &str, on| {
        let (desk, cx) = (office.desk().await, office.cx(login).await);
        desk.watch(&cx, &self::on(TICKET, 1040), on).await.expect("it is theirs to see")
    };
    assert_eq!((watch("cy", true).await, watch("cy", true).await, watch("ana", true).await), (1, 0, 1));
    act(&office, "bo", on(TICKET, 1040), note("Asked the vendor.")).await;
    act(&office, "bo", on(TICKET, 1040), Action::set("status", Value::Choice("pending".into()))).await;
    act(&office, "bo", on(TICKET, 1040), Action::reply("We are on it.")).await;
    act(&office, "bo", on(TICKET, 1040), note("@cy can you look?")).await;
    // What nobody watches for is no news.
    act(&office, "bo", on(TICKET, 1040), Action::set("priority", Value::Choice("high".into()))).await;
    let told = [
        "mention T1040 x1 by Bo: @cy can you look?",
        "reply T1040 x1 by Bo: We are on it.",
        "status T1040 x1 by Bo: ",
        "comment T1040 x1 by Bo: Asked the vendor.",
    ];
    assert_eq!(inbox(&office, "cy").await, told, "named is more than watching, and once is enough");
    assert_eq!(inbox(&office, "ana").await[0], "comment T1040 x1 by Bo: @cy can you look?");
    assert_eq!(inbox(&office, "bo").await, [""; 0], "one's own deeds");
    // Given to one who watches: they are told that it is theirs, the others that it is somebody's.
    let given = act(&office, "bo", on(TICKET, 1040), Action::set("owner", Value::reference(3))).await;
    assert_eq!(inbox(&office, "cy").await[0], "assigned T1040 x1 by Bo: ");
    assert_eq!(inbox(&office, "ana").await[0], "given T1040 x1 by Bo: ");
    office.desk().await.undo(&office.cx("bo").await, given).await.expect("undone");
    assert!(!inbox(&office, "ana").await.iter().any(|said| said.starts_with("given")), "and it never was");
    assert_eq!(watch("cy", false).await, 1);
    act(&office, "bo", on(TICKET, 1040), note("Nothing new.")).await;
    assert_eq!(inbox(&office, "cy").await, told);
    // A deal's note shows on its company, so whoever watches that hears of it.
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into activity (type, subject, company_id, contact_id, owner_id, team_id, created_by) \
             values ('note', 'Prefers mornings', 1, 300, 2, 2, 2); insert into watch values (3, 'company', 1)",
        )
        .await
        .expect("a note");
    act(&office, "bo", on(CONTACT, 300), note("Prefers mornings")).await;
    act(&office, "bo", on(COMPANY, 1), note("Moved to Bonn")).await;
    assert_eq!(inbox(&office, "cy").await[0], "comment O1 x1 by Bo: Moved to Bonn");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_a_record_any_more_hears_nothing_of_it_and_stops_watching() {
    let office = office().await;
    let (desk, cy, di) = (office.desk().await, office.cx("cy").await, office.cx("di").await);
    assert_eq!(desk.watch(&di, &on(TICKET, 1040), true).await.expect("as if there were none"), 0);
    desk.watch(&cy, &on(TICKET, 1040), true).await.expect("watched");
    // In psql neither.
    let mut service = office.service().await;
    let mut tx = service.begin().await.expect("a transaction");
    tx.execute("select public.act_as(4)").await.expect("di");
    assert!(tx.execute("insert into watch (kind, record) values ('ticket', 1040)").await.is_err());
    tx.rollback().await.expect("over");
    assert_eq!(watched(&office).await, ["cy ticket 1040"]);
    // To di, of another team.
    let mut owner = office.owner().await;
    owner.execute("update ticket set owner_id = 4, team_id = 3 where id = 1040").await.expect("given away");
    act(&office, "ana", on(TICKET, 1040), note("Between us.")).await;
    assert_eq!(inbox(&office, "cy").await, [""; 0]);
    assert_eq!(desk.unread(&cy).await.expect("a count"), 0);
    assert_eq!(watched(&office).await, [""; 0]);
    assert_eq!(
        one::<i64>(&office, "select count(*) from notice where person = 3 and why in ('status', 'given')").await,
        0
    );
    let erased = "select erase('ticket', 1040)";
    desk.watch(&di, &on(TICKET, 1040), true).await.expect("watched");
    owner.execute(erased).await.expect("gone for good");
    assert_eq!(watched(&office).await, [""; 0], "nobody watches what is no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_and_the_record_watch_with_one_key_and_the_filter_finds_what_is_watched() {
    let office = office().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into ticket (subject, owner_id, team_id) select 'Parcel ' || n, 2, 2 from generate_series(1, 8) n",
        )
        .await
        .expect("tickets");
    let mut bo = office.sit("bo", 100, 30).await;
    bo.keys("g t / ").await.text("Parcel").await.keys("enter").await.until("Parcel 8").await;
    bo.keys("space space w").await.until("Watching 2 records").await;
    bo.keys("w").await.until("Watching T20").await;
    bo.keys("w").await.until("no longer").await;
    bo.keys("* w").await.until("Watching 6 records").await;
    assert_eq!(watched(&office).await.len(), 8);
    bo.keys("* w").await.until("no longer").await;
    assert_eq!(watched(&office).await.len(), 0);
    bo.keys("esc esc g g enter w").await.until("Watching T1040").await.until("Watching  ✔").await.keys("esc").await;
    bo.keys("/").await.text("watching:me").await.keys("enter").await;
    bo.until_that("only what is watched", |s| s.contains("Cannot log in") && !s.contains("Parcel")).await;
    // What one wants to hear of is chosen in the inbox, and kept to by the database.
    bo.keys("g i o").await.until("Notices that I want").await;
    assert!(bo.bar("Notices that I want").contains("✓ Records that I am given"), "{}", bo.screen());
    bo.keys("space").await.until("  Records that I am given").await.keys("esc esc").await;
    act(&office, "ana", on(TICKET, 1040), Action::set("owner", Value::reference(3))).await;
    act(&office, "ana", on(TICKET, 1040), Action::set("owner", Value::reference(2))).await;
    act(&office, "ana", on(TICKET, 1040), note("Yours again.")).await;
    let told = ["comment T1040 x1 by Ana: Yours again.", "given T1040 x1 by Ana: "];
    assert_eq!(inbox(&office, "bo").await, told, "that it is theirs again, they did not want to hear");
    bo.leave().await;
    let mut bo = office.sit_in("bo", 80, 24, Lang::Zh).await;
    bo.keys("g i o").await.until("  分配给我的记录").await.until("✓ 我的或关注的记录有新回复").await;
    bo.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_watches_too() {
    let office = office().await;
    let ran = async |login: &str, args: &[&str]| {
        let output = office.run(login, args).await;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text").trim().to_owned();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    assert_eq!(ran("cy", &["watch", "T1040", "C300"]).await.1, "2 records watched from now on");
    assert_eq!(ran("cy", &["ticket", "count", "watching:me"]).await.1, "1");
    assert_eq!(ran("cy", &["ticket", "count", "-watching:yes"]).await.1, "0");
    assert_eq!(ran("bo", &["ticket", "count", "watching:me"]).await.1, "0", "each their own");
    assert_eq!(ran("cy", &["unwatch", "t1040"]).await.1, "1 record watched no longer");
    let (code, _, said) = ran("cy", &["watch", "C300", "T7"]).await;
    assert!(code == Some(3) && said.contains("no ticket T7"), "{said}");
    let (code, _, said) = ran("cy", &["watch", "P1"]).await;
    assert!(code.is_some_and(|code| code != 0) && !said.is_empty(), "{said}");
}

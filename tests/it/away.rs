//! Absences: who is away, what reaches whoever stands in, and what is handed out meanwhile.

use frontdesk::domain::action::Action;
use frontdesk::domain::kind::TICKET;
use frontdesk::domain::value::Value;
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::rights::act_as;
use crate::seat_form::{office, one};
use crate::seat_inbox::{act, inbox, note, on};
use crate::support::Workspace;

const BO: i64 = 2;
const CY: i64 = 3;

/// Exit code, output and errors of `frontdesk user away …` by that person.
async fn away(office: &Workspace, login: &str, words: &[&str]) -> (bool, String) {
    let output = office.run(login, &[&["user", "away"], words].concat()).await;
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), said.concat())
}

/// As the owner of the schema: from so many days from today to so many, the deputy's id.
async fn be_away(owner: &mut PgConnection, login: &str, from: &str, until: i64, deputy: &str) {
    let sql = format!(
        "update staff set away_from = {from}, away_until = workspace_today() + {until}, deputy_id = {deputy} \
         where login = '{login}'"
    );
    owner.execute(AssertSqlSafe(sql)).await.expect("the owner's to do");
}

/// For whom the notices of a person's inbox are, newest first; empty: for themselves.
async fn for_whom(office: &Workspace, login: &str) -> Vec<String> {
    let notices = office.desk().await.inbox(&office.cx(login).await, true).await.expect("an inbox");
    notices.into_iter().map(|notice| notice.on_behalf).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deputy_hears_what_the_absent_person_would_and_it_goes_no_further() {
    let office = office().await;
    let mut owner = office.owner().await;
    be_away(&mut owner, "bo", "null", 0, "3").await;
    // Cy, who stands in, is away too: di hears nothing of it.
    be_away(&mut owner, "cy", "workspace_today()", 2, "4").await;
    owner.execute("update staff set team_id = 2 where login = 'di'").await.expect("di would see it");
    let operation = act(&office, "ana", on(TICKET, 1040), note("look")).await;
    assert_eq!(inbox(&office, "bo").await, ["comment T1040 x1 by Ana: look"]);
    assert_eq!(inbox(&office, "cy").await, ["comment T1040 x1 by Ana: look"]);
    assert_eq!(
        (for_whom(&office, "bo").await, for_whom(&office, "cy").await),
        (vec![String::new()], vec!["Bo".into()])
    );
    assert_eq!(inbox(&office, "di").await, [""; 0]);
    let said = office.run("cy", &["inbox"]).await;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("For Bo: Ana commented on T1040"), "{said}");
    let mut cy = office.sit("cy", 100, 30).await;
    cy.keys("g i").await.until("For Bo: Ana commented on T1040").await;
    cy.leave().await;
    // Taken back for both; and what the deputy does is no news to the deputy.
    let (desk, ana) = (office.desk().await, office.cx("ana").await);
    desk.undo(&ana, operation).await.expect("undone");
    assert_eq!((inbox(&office, "bo").await, inbox(&office, "cy").await), (vec![], vec![]));
    act(&office, "cy", on(TICKET, 1040), note("mine")).await;
    assert_eq!((inbox(&office, "bo").await.len(), inbox(&office, "cy").await.len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absence_begins_and_ends_with_its_days() {
    let office = office().await;
    let mut owner = office.owner().await;
    for (from, until, hears) in
        [("workspace_today()", 0, true), ("workspace_today() + 1", 3, false), ("workspace_today() - 9", -1, false)]
    {
        be_away(&mut owner, "bo", from, until, "3").await;
        act(&office, "ana", on(TICKET, 1040), note("look")).await;
        assert_eq!(inbox(&office, "cy").await.len(), usize::from(hears), "{from} to {until}");
        owner.execute("delete from notice").await.expect("forgotten");
    }
    // Where the workspace is, another day may have begun.
    owner.execute("update workspace set zone = 'Pacific/Kiritimati'").await.expect("set");
    let east: chrono::NaiveDate = one(&office, "select workspace_today()").await;
    owner.execute("update workspace set zone = 'Pacific/Niue'").await.expect("set");
    let west: chrono::NaiveDate = one(&office, "select workspace_today()").await;
    assert_eq!((east - west).num_days(), 1);
    be_away(&mut owner, "bo", "null", 0, "3").await;
    assert_eq!(one::<i64>(&office, "select count(*) from absences()").await, 1);
    owner.execute("update workspace set zone = 'Pacific/Kiritimati'").await.expect("set");
    assert_eq!(one::<i64>(&office, "select count(*) from absences()").await, 0, "it is over there");
    // A deputy who was disabled meanwhile stands in no more.
    be_away(&mut owner, "bo", "null", 0, "3").await;
    owner.execute("update staff set active = false where login = 'cy'").await.expect("disabled");
    assert_eq!(one::<i64>(&office, "select count(*) from absences() where deputy is null").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_says_of_oneself_that_one_is_away_and_of_whom_one_manages() {
    let office = office().await;
    let (done, said) = away(&office, "bo", &["bo", "--until", "2099-12-24", "--for", "cy"]).await;
    assert!(done && said.contains("Bo is away until 2099-12-24; Cy stands in."), "{said}");
    let (done, said) = away(&office, "bo", &["bo", "--from", "2099-12-01", "--until", "2099-12-24"]).await;
    assert!(done && said.contains("bo will be away from 2099-12-01 to 2099-12-24"), "{said}");
    let (done, said) = away(&office, "ana", &["bo", "--until", "tomorrow", "--for", "di"]).await;
    assert!(done && said.contains("Di stands in."), "{said}");
    let listed = office.run("ana", &["user", "list", "login:bo", "--json"]).await;
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("one object");
    assert_eq!(listed["deputy"]["label"], "Di", "{listed}");
    let status = office.run("ana", &["user", "status", "bo"]).await;
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(status.contains("away until") && status.contains("di"), "{status}");
    // Who changed what stands in the person's history, and is taken back as anything else.
    let history = office.run("ana", &["history", "U2"]).await;
    let history = String::from_utf8_lossy(&history.stdout).into_owned();
    assert!(history.contains("Deputy") && history.contains("Away until"), "{history}");
    let (done, said) = away(&office, "bo", &["bo", "--off"]).await;
    assert!(done && said.contains("bo is here."), "{said}");
    let kept = "select count(*) from staff where away_from is null and away_until is null and deputy_id is null";
    assert_eq!(one::<i64>(&office, kept).await, 4);

    let refusals: [(&str, &[&str], &str); 7] = [
        ("cy", &["bo", "--until", "tomorrow"], "Only who manages users"),
        ("bo", &["bo", "--until", "tomorrow", "--for", "bo"], "nobody is their own"),
        ("bo", &["bo", "--until", "tomorrow", "--for", "eve"], "Nobody here has the login"),
        ("bo", &["bo", "--until", "2020-01-01"], "That day is over"),
        ("bo", &["bo", "--from", "2099-02-01", "--until", "2099-01-01"], "out of range"),
        ("bo", &["bo", "--until", "someday"], "is not a date"),
        ("ana", &["bo", "--until", "tomorrow", "--for", "cy"], "disabled"),
    ];
    let mut owner = office.owner().await;
    for (login, words, why) in refusals {
        if login == "ana" {
            owner.execute("update staff set active = false where login = 'cy'").await.expect("disabled");
        }
        let (done, said) = away(&office, login, words).await;
        assert!(!done && said.contains(why), "{login} {words:?}: {said}");
    }
    // In SQL it is the same: one's own absence and nothing else of oneself.
    let mut service = office.service().await;
    for (sql, is_done) in [
        ("select set_away(2, null, workspace_today(), 4)", true),
        ("select set_away(4, null, workspace_today(), null)", false),
        ("select set_away(2, null, workspace_today(), 2)", false),
        ("select set_away(2, null, null, 4)", false),
        ("update staff set away_until = workspace_today() where id = 2 returning id", false),
        ("update staff set role = 'admin' where id = 2 returning id", false),
    ] {
        act_as(&mut service, BO).await;
        let done = sqlx::query(sql).fetch_all(&mut service).await;
        assert_eq!(done.is_ok_and(|rows| rows.len() == 1), is_done, "{sql}");
        service.execute("rollback").await.expect("rolled back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_is_handed_nothing_and_whoever_gives_them_something_is_told() {
    let office = office().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into contact (name, owner_id, team_id) select 'Contact ' || n, 4, 3 from generate_series(1, 6) n",
        )
        .await
        .expect("what di has");
    be_away(&mut owner, "cy", "null", 1, "2").await;
    let said = office.run("ana", &["user", "handover", "di", "--to", "bo,cy"]).await;
    let [out, err] = [said.stdout, said.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(
        out.contains("6 contacts") && err.contains("Cy is away until") && err.contains("Bo stands in"),
        "{out}{err}"
    );
    assert_eq!(
        one::<i64>(&office, "select count(*) from contact where owner_id = 2 and name like 'Contact%'").await,
        6
    );
    assert_eq!(one::<i64>(&office, "select count(*) from contact where owner_id = 3").await, 0);
    // By name alone it is done, and said.
    let said = office.run("ana", &["ticket", "set", "T1040", "owner=cy"]).await;
    let err = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.success() && err.contains("Cy is away until"), "{err}");
    assert_eq!(one::<i64>(&office, "select owner_id from ticket where id = 1040").await, CY);
    let said = office.run("ana", &["ticket", "set", "T1040", "owner=bo"]).await;
    assert!(said.stderr.is_empty(), "{}", String::from_utf8_lossy(&said.stderr));
    // At a seat: beside the name where one chooses, and in the answer.
    let mut ana = office.sit("ana", 100, 30).await;
    ana.keys("g t").await.until("T1040").await.keys("a").await.text("cy").await;
    // The seat's clock stands still in March.
    owner
        .execute("update staff set away_from = null, away_until = '2099-01-01' where login = 'cy'")
        .await
        .expect("long");
    ana.text(" ").await.until("away until").await.keys("enter").await;
    ana.until("Cy is away until").await.until("Bo stands in").await;
    ana.leave().await;
    act(&office, "ana", on(TICKET, 1040), Action::set("owner", Value::reference(BO))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_asks_from_when_until_when_and_who_stands_in() {
    let office = office().await;
    let mut bo = office.sit("bo", 80, 24).await;
    bo.keys(":").await.text("away").await.keys("enter").await.until("bo is away").await;
    bo.text("someday").await.keys("enter").await.until("is no day").await;
    bo.keys("ctrl-u").await.text("2099-12-24").await.keys("tab").await.text("bo").await.keys("enter").await;
    bo.until("nobody is their own").await;
    bo.keys("ctrl-u")
        .await
        .text("cy")
        .await
        .keys("enter")
        .await
        .until("Bo is away until 2099-12-24; Cy stands in")
        .await;
    assert!(!bo.screen().contains("Stands in"), "the box is gone: {}", bo.screen());
    bo.leave().await;
    let mut ana = office.sit("ana", 130, 30).await;
    ana.keys(":").await.text("people").await.keys("enter").await.until("Last in").await;
    ana.until("away until").await.until("(cy)").await;
    ana.keys("g g j").await;
    assert!(ana.selected().contains("bo"), "{}", ana.screen());
    ana.keys("a").await.until("bo is away").await.keys("enter").await.until("bo is here").await;
    ana.until_that("nobody is away", |screen| !screen.contains("away until")).await;
    ana.leave().await;
}

/// A role that has nothing but its own, and the staff but ana in it.
async fn only_own(owner: &mut PgConnection) {
    owner
        .execute(
            "select set_config('frontdesk.me', '1', false); \
             update role_right set sees = 'own', creates = 'own', edits = 'own', deletes = 'own', exports = 'own' where role = 'sales'; \
             select hold_roles()",
        )
        .await
        .expect("a narrow role");
}

/// What of the records of that kind's table a person sees and changes, in SQL as the service, taken back.
async fn sees_and_edits(office: &Workspace, person: i64, table: &str) -> (Vec<i64>, u64) {
    let mut service = office.service().await;
    act_as(&mut service, person).await;
    let seen = format!("select id from {table} where deleted_at is null order by id");
    let seen = sqlx::query_scalar(AssertSqlSafe(seen)).fetch_all(&mut service).await.expect("read");
    let edited = service.execute(AssertSqlSafe(format!("update {table} set tags = '{{x}}'"))).await.expect("allowed");
    service.execute("rollback").await.expect("rolled back");
    (seen, edited.rows_affected())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stands_in_has_the_records_as_their_own_for_those_days() {
    let office = office().await;
    let mut owner = office.owner().await;
    only_own(&mut owner).await;
    owner
        .execute(
            "insert into contact (id, name, owner_id, team_id) overriding system value values \
               (501, 'Of Cy', 3, 2), (502, 'Of Di', 4, 3), (503, 'Of Ana', 1, 1)",
        )
        .await
        .expect("records");
    assert_eq!(sees_and_edits(&office, CY, "contact").await, (vec![501], 1));
    be_away(&mut owner, "bo", "null", 0, "3").await;
    // Raw SQL: all that is bo's, nothing that is anybody else's, and none of it gone from bo.
    assert_eq!(sees_and_edits(&office, CY, "contact").await, (vec![300, 501], 2));
    assert_eq!(sees_and_edits(&office, CY, "ticket").await, (vec![1040], 1));
    assert_eq!(sees_and_edits(&office, BO, "contact").await, (vec![300], 1));
    assert_eq!(sees_and_edits(&office, 4, "contact").await, (vec![502], 1));
    // The desk: lists, words, counts, one record, changes, and who is told what somebody may.
    let listed = async |login: &str, words: &[&str]| {
        let output = office.run(login, words).await;
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (_, all) = listed("cy", &["contact", "list"]).await;
    assert!(all.contains("王伟") && all.contains("Of Cy") && !all.contains("Of Di"), "{all}");
    let (_, found) = listed("cy", &["contact", "list", "wangwei"]).await;
    assert!(found.contains("王伟"), "{found}");
    let (_, found) = listed("cy", &["ticket", "list", "contact:王伟", "status:open,new"]).await;
    assert!(found.contains("Cannot log in"), "{found}");
    let (_, count) = listed("cy", &["contact", "count"]).await;
    let (_, theirs) = listed("bo", &["contact", "count"]).await;
    assert_eq!((count.trim(), theirs.trim()), ("2", "1"));
    let (done, _) = listed("cy", &["ticket", "set", "T1040", "priority=high"]).await;
    assert!(done);
    let (_, can) = listed("ana", &["user", "can", "cy", "T1040"]).await;
    assert!(can.contains("stand in for its owner"), "{can}");
    let (_, inbox) = listed("bo", &["inbox"]).await;
    assert!(!inbox.contains("For "), "{inbox}");
    // The seat that is open learns of it, and that it is over.
    let mut cy = office.sit("cy", 100, 30).await;
    cy.keys("g t").await.until("Cannot log in").await;
    let (done, said) = away(&office, "bo", &["bo", "--off"]).await;
    assert!(done, "{said}");
    cy.until("T1040 is not there, or not yours to see").await;
    let (done, said) = away(&office, "bo", &["bo", "--until", "tomorrow", "--for", "cy"]).await;
    assert!(done, "{said}");
    cy.until_that("the ticket is back", |screen| !screen.contains("not yours to see")).await;
    cy.leave().await;
    // No chain: di, who stands in for cy, has cy's and not bo's.
    be_away(&mut owner, "cy", "null", 0, "4").await;
    assert_eq!(sees_and_edits(&office, 4, "contact").await, (vec![501, 502], 2));
    be_away(&mut owner, "cy", "null", -1, "4").await;
    be_away(&mut owner, "bo", "null", -1, "3").await;
    assert_eq!(sees_and_edits(&office, CY, "contact").await, (vec![501], 1));
    let (done, _) = listed("cy", &["ticket", "set", "T1040", "priority=low"]).await;
    assert!(!done, "it is over");
    // A role of the team has besides what is its own also what is the absent person's, of another team.
    owner
        .execute(
            "update role_right set sees = 'team', creates = 'team', edits = 'team', deletes = 'team', exports = 'team' \
             where role = 'sales'; select hold_roles()",
        )
        .await
        .expect("as before");
    be_away(&mut owner, "di", "null", 0, "3").await;
    assert_eq!(sees_and_edits(&office, CY, "contact").await, (vec![300, 501, 502], 3));
    let (_, all) = listed("cy", &["contact", "list", "--limit", "50"]).await;
    assert_eq!(all.matches("Of Di").count(), 1, "once: {all}");
    let (_, found) = listed("cy", &["contact", "list", "of"]).await;
    assert_eq!((found.matches("Of Cy").count(), found.matches("Of Di").count()), (1, 1), "{found}");
}

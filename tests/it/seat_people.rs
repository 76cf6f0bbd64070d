//! The screen of people at real seats on a real database: who may come in is seen there and changed by keys.

use frontdesk::domain::field::Lang;
use sqlx::Executor;

use crate::seat_form::one;
use crate::support::Workspace;

#[tokio::test(flavor = "multi_thread")]
async fn on_the_people_screen_an_admin_sees_and_changes_who_may_come_in() {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "insert into user_key (person, algorithm, fingerprint) values (2, 'ssh-ed25519', 'SHA256:' || repeat('k', 43)); \
             insert into contact (name, owner_id, team_id) values ('Anna Berg', 2, 2), ('Uwe Tal', 2, 2)",
        )
        .await
        .expect("a key of bo's and what he owns");
    let mut ana = office.sit("ana", 120, 40).await;
    ana.keys(":").await.text("people").await.keys("enter").await.until("Last in").await;
    for row in ["ana", "bo", "cy", "di", "never", "North"] {
        assert!(ana.screen().contains(row), "{row}: {}", ana.screen());
    }

    // Another role, another team.
    ana.keys("g g j").await;
    assert!(ana.selected().contains("bo") && ana.selected().contains("Sales"), "{}", ana.screen());
    ana.keys("r").await.until("Role of bo").await.keys("1").await.until("has the role Admin").await;
    ana.until_that("the row says so", |s| s.lines().any(|l| l.contains("bo ") && l.contains("Admin"))).await;
    ana.keys("t").await.until("Team of bo").await.text("South").await.until("South").await;
    ana.keys("enter").await.until("bo is in another team").await;
    let bo = "select role || ' ' || (select name from team t where t.id = s.team_id) from staff s where login = 'bo'";
    assert_eq!(one::<String>(&office, bo).await, "admin South");
    ana.keys("u").await.until("Undone").await;
    assert_eq!(one::<String>(&office, bo).await, "admin North", "as anything else it is taken back");

    // Invited, with the mail to copy; and taken back.
    ana.keys("i").await.until("Invite bo").await.text("a b").await.keys("enter").await.until("a host is").await;
    ana.keys("ctrl-u").await.text("desk.example.com").await.keys("enter").await.until("Hello").await;
    assert!(ana.screen().contains("ssh -p 2222 bo@desk.example.com"), "{}", ana.screen());
    ana.keys("space").await.until("邀请码").await.keys("space").await.until("invited until").await;
    let open = "select count(*) from invite where ended is null and person = 2";
    assert_eq!(one::<i64>(&office, open).await, 1);
    ana.keys("w").await.until("Take the invitation of bo back").await.keys("y").await.until("opens nothing").await;
    assert_eq!(one::<i64>(&office, open).await, 0);

    // Handed over, disabled, enabled.
    ana.keys("o").await.until("To whom goes what bo has open").await.text("cy").await.until("U3").await;
    ana.keys("enter").await.until("over to Cy").await.keys("y").await.until("Handed over: 2 records").await;
    assert_eq!(one::<i64>(&office, "select count(*) from contact where owner_id = 3").await, 2);
    ana.keys("x")
        .await
        .until("Disable bo")
        .await
        .until("hands it over")
        .await
        .keys("y")
        .await
        .until("bo is disabled")
        .await;
    ana.until_that("it stands behind the name", |s| s.lines().any(|l| l.contains("bo ") && l.contains("disabled")))
        .await;
    assert!(!one::<bool>(&office, "select active from staff where login = 'bo'").await);
    // The last admin stays.
    ana.keys("g g x").await.until("Disable ana").await.keys("y").await.until("to administer the workspace").await;
    ana.keys("G x").await.until("bo may come in again").await;
    ana.leave().await;

    let mut cy = office.sit("cy", 80, 24).await;
    cy.keys(":").await.text("people").await;
    assert!(!cy.screen().contains("who may come in"), "an admin's alone: {}", cy.screen());
    cy.leave().await;

    let mut ana = office.sit_in("ana", 80, 24, Lang::Zh).await;
    ana.keys(":").await.text("people").await.keys("enter").await.until("上次登录").await;
    assert!(ana.screen().contains("管理员"), "{}", ana.screen());
    ana.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_an_admin_who_may_come_in_and_an_invitation_is_taken_back() {
    let office = Workspace::new().await;
    let ran = async |login: &str, args: &[&str]| {
        let output = office.run(login, args).await;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, _, err) = ran("ana", &["user", "invite", "cy", "--at", "desk.example.com"]).await;
    assert_eq!(code, Some(0), "{err}");
    let (_, said, _) = ran("ana", &["user", "status", "cy", "--json"]).await;
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert!(said["invited_until"].is_string() && said["last_sign_in"].is_null(), "{said}");
    assert_eq!((&said["keys"], &said["active"]), (&0.into(), &true.into()), "{said}");
    let (code, said, err) = ran("ana", &["user", "status"]).await;
    assert!(code == Some(0) && said.contains("invited until") && said.contains("never"), "{said} {err}");
    let (code, _, err) = ran("bo", &["user", "status"]).await;
    assert_eq!(code, Some(4), "{err}");
    let (code, _, err) = ran("bo", &["user", "invite", "cy", "--withdraw"]).await;
    assert_eq!(code, Some(4), "{err}");
    let (code, said, err) = ran("ana", &["user", "invite", "cy", "--withdraw"]).await;
    assert!(code == Some(0) && said.contains("opens nothing"), "{said} {err}");
    let (code, _, err) = ran("ana", &["user", "invite", "cy", "--withdraw"]).await;
    assert!(code == Some(3) && err.contains("no open invitation"), "{err}");
    let (_, log, _) = ran("ana", &["user", "log", "cy"]).await;
    assert!(log.contains("invitation withdrawn"), "{log}");
}

//! A person's own Postgres login: it may what its person may, for as long as they may; and somebody always administers.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::support::Workspace;

async fn said(ws: &Workspace, login: &str, args: &[&str]) -> String {
    let output = ws.run(login, args).await;
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

async fn refused(ws: &Workspace, login: &str, args: &[&str]) -> String {
    let output = ws.run(login, args).await;
    assert!(!output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).expect("UTF-8")
}

/// Name and password of a new login.
async fn given(ws: &Workspace, whose: &str) -> (String, String) {
    let told = said(ws, "ana", &["user", "db-login", whose]).await;
    let line = |word: &str| {
        let line = told.lines().find_map(|l| l.strip_prefix(word)).unwrap_or_else(|| panic!("{word} in {told}"));
        line.trim().to_owned()
    };
    (line("login"), line("password"))
}

fn options(ws: &Workspace, name: &str) -> PgConnectOptions {
    ws.database.owner.clone().username(name)
}

async fn enter(ws: &Workspace, name: &str) -> PgConnection {
    PgConnection::connect_with(&options(ws, name)).await.expect("the login opens")
}

async fn count(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from company").fetch_one(conn).await
}

#[tokio::test]
async fn a_given_login_sees_its_person_s_rows_changes_with_their_role_and_ends_with_them() {
    let ws = Workspace::new().await;
    said(&ws, "ana", &["company", "new", "name=Ours", "owner=di"]).await;
    said(&ws, "ana", &["company", "new", "name=Theirs", "owner=bo"]).await;
    let (name, _) = given(&ws, "di").await;
    let mut di = enter(&ws, &name).await;
    assert_eq!(count(&mut di).await.expect("own rows"), 1);
    let history = said(&ws, "ana", &["history", "U4"]).await;
    assert!(history.contains(&name), "{history}");

    // More rights, then fewer. A session that has taken a role is thrown out, and the next may less.
    said(&ws, "ana", &["user", "role", "di", "admin"]).await;
    assert!(count(&mut di).await.is_err(), "what was open had the rights of before");
    let mut di = enter(&ws, &name).await;
    assert_eq!(count(&mut di).await.expect("all rows"), 2);
    di.execute("set role frontdesk_test_admin").await.expect("a role of theirs");
    said(&ws, "ana", &["user", "role", "di", "sales"]).await;
    assert!(count(&mut di).await.is_err(), "a taken role ends with the session");
    let mut di = enter(&ws, &name).await;
    assert_eq!(count(&mut di).await.expect("own rows"), 1);
    assert!(di.execute("set role frontdesk_test_admin").await.is_err());
    let changed = di.execute("update staff set role = 'admin' where login = 'di'").await;
    assert!(!changed.is_ok_and(|done| done.rows_affected() > 0), "nobody makes themselves an admin");

    // Undo gives back, and takes back, as the change did.
    said(&ws, "ana", &["undo"]).await;
    assert_eq!(count(&mut enter(&ws, &name).await).await.expect("all rows"), 2);
    said(&ws, "ana", &["undo"]).await;

    said(&ws, "ana", &["user", "disable", "di"]).await;
    assert!(count(&mut di).await.is_err(), "thrown out");
    let error = PgConnection::connect_with(&options(&ws, &name)).await.expect_err("the login is locked");
    assert!(error.to_string().contains("not permitted to log in"), "{error}");
    assert!(refused(&ws, "ana", &["user", "db-login", "di"]).await.contains("di is disabled"));
    said(&ws, "ana", &["user", "enable", "di"]).await;
    assert_eq!(count(&mut enter(&ws, &name).await).await.expect("own rows"), 1);

    said(&ws, "ana", &["user", "db-login", "di", "--off"]).await;
    assert!(PgConnection::connect_with(&options(&ws, &name)).await.is_err());
    assert_eq!(given(&ws, "di").await.0, name, "it opens again");
    enter(&ws, &name).await;
}

#[tokio::test]
async fn an_admin_s_own_login_cannot_keep_what_its_person_loses() {
    let ws = Workspace::new().await;
    let (name, _) = given(&ws, "ana").await;
    said(&ws, "ana", &["user", "role", "bo", "admin"]).await;
    let mut ana = enter(&ws, &name).await;
    // From within one keeps the session, and with it the role that it has taken: so this is another admin's to do.
    for sql in
        ["update staff set role = 'sales' where login = 'ana'", "update staff set db_login = null where login = 'ana'"]
    {
        let error = ana.execute(sql).await.expect_err("not with this login");
        assert!(error.to_string().contains("its own person"), "{error}");
    }
    said(&ws, "bo", &["user", "role", "ana", "sales"]).await;
    let mut ana = enter(&ws, &name).await;
    for sql in [
        "update staff set role = 'admin' where login = 'ana'",
        "select hold_db_login('postgres')",
        "select give_db_login(1, 'x')",
        "insert into db_login (name) values ('postgres')",
        "update administration set turn = 0",
    ] {
        let done = ana.execute(sql).await;
        assert!(!done.is_ok_and(|d| d.rows_affected() > 0), "{sql}");
    }
    assert!(refused(&ws, "bo", &["user", "db-login", "nobody"]).await.contains("Nobody here has the login"));
    assert!(refused(&ws, "ana", &["user", "db-login", "cy"]).await.contains("Only admins"));
}

#[tokio::test]
async fn a_login_that_somebody_else_made_loses_what_its_person_loses_and_is_never_locked() {
    let ws = Workspace::new().await;
    let mut owner = ws.owner().await;
    let name: String =
        sqlx::query_scalar("select current_database() || '_made'").fetch_one(&mut owner).await.expect("a name");
    let make = format!("create role {name} login in role frontdesk_test_admin");
    owner.execute(AssertSqlSafe(make)).await.expect("as an admin of the server does");
    said(&ws, "ana", &["user", "set", "bo", "role=admin", &format!("db_login={name}")]).await;
    let mut bo = enter(&ws, &name).await;
    assert_eq!(count(&mut bo).await.expect("an admin's rows"), 0);
    assert!(refused(&ws, "ana", &["user", "db-login", "bo"]).await.contains("made by somebody else"));
    said(&ws, "ana", &["user", "disable", "bo"]).await;
    assert!(count(&mut bo).await.is_err(), "thrown out");
    let error = count(&mut enter(&ws, &name).await).await.expect_err("it opens, and shows nothing");
    assert!(error.to_string().contains("permission denied"), "{error}");
}

#[tokio::test]
async fn the_password_is_asked_for_and_only_the_newest_opens() {
    let ws = Workspace::new().await;
    let (name, first) = given(&ws, "di").await;
    let mut owner = ws.owner().await;
    // This login, in this database, has to say its password.
    owner
        .execute(AssertSqlSafe(format!(
            "do $$ begin execute format('copy (select l from unnest(string_to_array(%L, E''\\n'')) l) to %L',
                 'local ' || current_database() || ' \"{name}\" scram-sha-256' || E'\\n' || pg_read_file(current_setting('hba_file')),
                 current_setting('hba_file')); perform pg_reload_conf(); end $$"
        )))
        .await
        .expect("a rule");
    let with = async |password: &str| PgConnection::connect_with(&options(&ws, &name).password(password)).await;
    let mut is_asked = false;
    for _ in 0..400 {
        is_asked = with("wrong").await.is_err();
        if is_asked {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(is_asked, "the rule holds");
    with(&first).await.expect("the password opens");
    let (_, second) = given(&ws, "di").await;
    assert!(with(&first).await.is_err(), "another was given");
    with(&second).await.expect("the newest opens");
}

#[tokio::test]
async fn two_admins_who_leave_at_once_leave_one_behind_whatever_the_isolation() {
    for isolation in ["read committed", "repeatable read", "serializable"] {
        let ws = Workspace::new().await;
        said(&ws, "ana", &["user", "role", "bo", "admin"]).await;
        let begun = async || {
            let mut conn = ws.owner().await;
            let begin = format!("begin isolation level {isolation}; select count(*) from staff where role = 'admin'");
            conn.execute(AssertSqlSafe(begin)).await.expect("both have seen two");
            conn
        };
        let (mut one, mut two) = (begun().await, begun().await);
        for (conn, login) in [(&mut one, "ana"), (&mut two, "bo")] {
            let sql = format!("update staff set active = false where login = '{login}'");
            conn.execute(AssertSqlSafe(sql)).await.expect("looked at when it ends");
        }
        let (first, second) = tokio::join!(one.execute("commit"), two.execute("commit"));
        assert!(first.is_ok() != second.is_ok(), "{isolation}: {first:?} {second:?}");
    }
}

#[tokio::test]
async fn nobody_takes_the_last_admin_away_not_even_the_owner_and_swapping_is_allowed() {
    let ws = Workspace::new().await;
    let mut owner = ws.owner().await;
    for sql in [
        "delete from staff where login = 'ana'",
        "update staff set deleted_at = now() where login = 'ana'",
        "update staff set role = 'sales'",
    ] {
        let error = owner.execute(sql).await.expect_err(sql);
        assert!(error.to_string().contains("nobody would be left"), "{error}");
    }
    owner
        .execute("begin; update staff set role = 'sales' where login = 'ana'; update staff set role = 'admin' where login = 'bo'; commit")
        .await
        .expect("what stands at the end counts");
    assert!(refused(&ws, "bo", &["user", "delete", "bo", "--yes"]).await.contains("Nobody would be left"));
}

#[tokio::test]
async fn where_no_role_can_be_made_it_says_so() {
    let ws = Workspace::managed().await;
    let error = refused(&ws, "ana", &["user", "db-login", "di"]).await;
    assert!(error.contains("make no roles"), "{error}");
    assert!(refused(&ws, "ana", &["user", "disable", "ana"]).await.contains("Nobody would be left"));
}

//! Opening a workspace through the built program: who sits down, what the exit codes are, `frontdesk db`.

use std::os::unix::fs::PermissionsExt;
use std::process::{Output, Stdio};

use frontdesk::store::postgres::Private;
use sqlx::{Connection, Executor, PgConnection, Row};

use crate::support::{Workspace, command_at, temporary_folder};

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn the_person_of_the_operating_system_is_the_first_admin_and_nobody_else() {
    let dir = temporary_folder("frontdesk-opening-");
    let private = Private::new(&dir).scratch(std::path::Path::new(crate::support::PROGRAM));
    let lease = tokio::task::spawn_blocking(move || private.enter()).await.expect("no panic").expect("it starts");
    for _ in 0..2 {
        let migrated = command_at(&dir).args(["db", "migrate"]).output().expect("it runs");
        assert!(migrated.status.success(), "{}", text(&migrated));
    }
    let mut owner = PgConnection::connect_with(&lease.database("frontdesk").owner).await.expect("it answers");
    let staff = owner.fetch_all("select login, role from staff").await.expect("answered");
    assert_eq!(staff.len(), 1);
    let (login, role): (String, String) = (staff[0].get(0), staff[0].get(1));
    assert_eq!((login.as_str(), role.as_str()), (frontdesk::config::os_login().as_str(), "admin"));
}

#[test]
fn a_new_data_folder_is_not_for_others_and_the_log_not_even_for_the_server() {
    let parent = temporary_folder("frontdesk-folder-");
    let dir = parent.join("new");
    assert!(command_at(&dir).args(["db", "status"]).status().expect("it runs").success());
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("made").permissions().mode() & 0o777;
    assert_eq!(mode(&dir), if nix::unistd::getuid().is_root() { 0o711 } else { 0o700 });
    assert_eq!(mode(&dir.join("log")), 0o700);
    let _ = std::fs::remove_dir_all(parent);
}

#[tokio::test]
async fn psql_is_a_door_with_a_history() {
    let office = Workspace::new().await;
    let wrote = office
        .run("bo", &["db", "psql", "--", "-qAtc", "insert into company (name) values ('Acme') returning created_by"])
        .await;
    assert!(wrote.status.success(), "{}", text(&wrote));
    assert_eq!(text(&wrote).trim(), "2", "psql knows who writes");
    let row = office.owner().await.fetch_one("select by_id, door from operation order by id desc limit 1").await;
    let row = row.expect("an operation");
    assert_eq!((row.get::<i64, _>(0), row.get::<&str, _>(1)), (2, "psql"));

    let rows = office.run("di", &["db", "psql", "--", "-Atc", "select name from company"]).await;
    assert!(rows.status.success() && rows.stdout.is_empty(), "di is of another team: {}", text(&rows));
    let denied = office.run("nobody", &["db", "psql", "--", "-c", "select 1"]).await;
    assert_eq!(denied.status.code(), Some(4), "{}", text(&denied));
    assert!(text(&denied).contains("“nobody”"), "{}", text(&denied));
}

#[tokio::test]
async fn the_url_is_one_that_other_programs_can_use() {
    let office = Workspace::new().await;
    let url = office.run("ana", &["db", "url"]).await;
    let url = text(&url);
    let mut other = PgConnection::connect(url.trim()).await.expect("sqlx takes it");
    let row = other.fetch_one("select count(*) from staff").await.expect("answered");
    assert_eq!(row.get::<i64, _>(0), 4);
    let psql = std::process::Command::new("psql").arg(url.trim()).args(["-Atc", "select current_database()"]).output();
    if let Ok(output) = psql {
        assert!(text(&output).starts_with("test_"), "psql takes it too: {}", text(&output));
    }
}

#[tokio::test]
async fn a_shared_server_knows_people_by_their_own_login() {
    let office = Workspace::new().await;
    let mut owner = office.owner().await;
    owner
        .execute(
            "do $$ begin
                 create role test_shared_bo login;
                 execute format('grant %I to test_shared_bo', (select pg_role from role where name = 'sales'));
             end $$;
             update staff set db_login = 'test_shared_bo' where login = 'bo'",
        )
        .await
        .expect("bo gets a login");
    let socket = office.database.owner.get_socket().expect("a socket").display().to_string().replace('/', "%2F");
    let name = office.database.owner.get_database().expect("a name").to_owned();
    let url = |user: &str| format!("postgres://{user}@{socket}/{name}");
    let none = temporary_folder("frontdesk-none-");
    let run = |user: &str, args: &[&str]| {
        let mut command = command_at(&none);
        command.args(["--database-url", &url(user)]).args(args).stdin(Stdio::null());
        command.output().expect("it runs")
    };
    owner
        .execute("insert into contact (name, owner_id, team_id) select 'Of ' || login, id, team_id from staff where login in ('bo', 'di')")
        .await
        .expect("two contacts");
    let list = run("test_shared_bo", &["contact", "list", "--csv", "--columns", "name"]);
    let list = text(&list);
    assert!(list.contains(",Of bo") && !list.contains("Of di"), "bo sees his team's records and no others: {list}");
    let renamed = run("test_shared_bo", &["contact", "set", "name:\"Of bo\"", "title=CFO"]);
    assert!(renamed.status.success(), "{}", text(&renamed));
    let stopped = run("test_shared_bo", &["db", "stop"]);
    assert_eq!(stopped.status.code(), Some(1), "not ours to stop: {}", text(&stopped));
    let other = run("test_shared_bo", &["--as", "ana"]);
    assert_eq!(other.status.code(), Some(4), "{}", text(&other));
    assert!(text(&other).contains("leave --as out"), "{}", text(&other));
    let service = office.database.service.get_username().to_owned();
    let nobody = run(&service, &[]);
    assert_eq!(nobody.status.code(), Some(4), "{}", text(&nobody));
    let _ = std::fs::remove_dir_all(none);
    owner.execute("drop owned by test_shared_bo; drop role test_shared_bo").await.expect("cleaned up");
}

#[tokio::test]
async fn exit_codes_tell_what_went_wrong() {
    let nowhere = temporary_folder("frontdesk-nowhere-");
    let run = |args: &[&str]| command_at(&nowhere).args(args).stdin(Stdio::null()).output().expect("it runs");
    assert_eq!(run(&["db", "nonsense"]).status.code(), Some(2));
    assert_eq!(run(&["contcat"]).status.code(), Some(2));
    let secret = run(&["--database-url", "postgres://ana:secret@db/x", "db", "status"]);
    assert_eq!(secret.status.code(), Some(2), "{}", text(&secret));
    assert!(text(&secret).contains("~/.pgpass") && !text(&secret).contains("secret@"), "{}", text(&secret));
    let gone = run(&["--database-url", "postgres://ana@%2Fnowhere/x"]);
    assert_eq!(gone.status.code(), Some(5), "{}", text(&gone));
    let status = run(&["db", "status"]);
    assert!(status.status.success() && text(&status).contains("not running"), "{}", text(&status));
    let stop = run(&["db", "stop"]);
    assert!(stop.status.success() && text(&stop).contains("No server is running"), "{}", text(&stop));
    let _ = std::fs::remove_dir_all(nowhere);
}

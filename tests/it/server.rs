//! The private server: several processes share one, it goes a while after the last, and whatever is killed, the next
//! start recovers. Each test has a data folder of its own and drives the built program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use frontdesk::store::postgres::{Lease, Private, Status};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, Executor, PgConnection, Row};

use crate::support::{PROGRAM, temporary_folder};

/// Long enough for a slow machine, short enough that a hang is a failure.
const PATIENCE: Duration = Duration::from_mins(1);

/// A data folder whose server is stopped and removed at the end, also of a failed test.
struct House {
    dir: PathBuf,
}

impl House {
    fn new() -> Self {
        Self { dir: temporary_folder("frontdesk-server-") }
    }

    fn frontdesk(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("--data-dir").arg(&self.dir).args(args);
        command.env("FRONTDESK_CONFIG_DIR", self.dir.join("config")).env("FRONTDESK_LINGER_MS", "300");
        for name in ["FRONTDESK_DATABASE_URL", "FRONTDESK_PG_BIN", "FRONTDESK_WORKSPACE"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.frontdesk(args).output().expect("the program runs")
    }

    /// This process as a client, like a program of the same person beside the others.
    fn private(&self) -> Private {
        Private::new(&self.dir).run_by(Path::new(PROGRAM), Duration::from_millis(300))
    }

    fn enter(&self) -> Lease {
        self.private().enter().expect("the server starts")
    }

    fn status(&self) -> Status {
        self.private().status().expect("readable")
    }

    fn server(&self) -> Pid {
        self.status().server.expect("it runs").pid
    }

    fn keeper(&self) -> Pid {
        Pid::from_raw(self.status().keeper.expect("it runs"))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let status = self.private().status();
        if let Ok(status) = status {
            // The keeper first, or it would start the server again.
            for pid in status.keeper.into_iter().chain(status.server.map(|s| s.pid.as_raw())) {
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
            let _ = std::fs::remove_dir_all(&status.home);
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

async fn connect(lease: &Lease) -> PgConnection {
    PgConnection::connect_with(&lease.database("postgres").owner).await.expect("it answers")
}

#[tokio::test]
async fn a_new_server_is_private_and_knows_the_case_of_every_letter() {
    let house = House::new();
    let lease = house.enter();
    let mut db = connect(&lease).await;
    let row = db
        .fetch_one("select lower('ÄŐЖΣ'), current_setting('server_encoding'), current_setting('listen_addresses')")
        .await
        .expect("answered");
    assert_eq!(row.get::<&str, _>(0), "äőжσ");
    assert_eq!((row.get::<&str, _>(1), row.get::<&str, _>(2)), ("UTF8", ""));
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(lease.socket_dir()).expect("there").permissions());
    assert_eq!(mode & 0o777, 0o700, "only its owner enters the socket's folder");
    if nix::unistd::getuid().is_root() {
        assert!(lease.notice.as_deref().is_some_and(|n| n.contains("root")), "root is told once");
        assert_eq!(house.enter().notice, None, "and not again");
        let owner = std::os::unix::fs::MetadataExt::uid(
            &std::fs::metadata(format!("/proc/{}", house.server())).expect("there"),
        );
        assert_ne!(owner, 0, "the server does not run as root");
    }
}

#[test]
fn processes_that_start_at_once_share_one_server_which_goes_after_the_last() {
    let house = House::new();
    let others: Vec<_> = (0..3)
        .map(|_| house.frontdesk(&["db", "start"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs"))
        .collect();
    let lease = house.enter();
    for other in others {
        let output = other.wait_with_output().expect("ends");
        assert!(output.status.success(), "{}", said(&output));
    }
    let server = house.server();
    assert_eq!(house.server(), server);
    let refused = house.run(&["db", "stop"]);
    assert_eq!(refused.status.code(), Some(5), "{}", said(&refused));
    drop(lease);
    assert!(house.status().server.is_some(), "`db start` lets it run without users");
    let stopped = house.run(&["db", "stop"]);
    assert!(said(&stopped).contains("has stopped"), "{}", said(&stopped));
    assert!(house.status().server.is_none());

    // Without `db start` nobody has to stop it.
    let lease = house.enter();
    drop(lease);
    until("the server stops after its last user", || house.status().server.is_none());
    until("the keeper leaves too", || house.status().keeper.is_none());
}

#[test]
fn the_demo_is_filled_once_on_a_machine_that_has_nothing_yet() {
    let house = House::new();
    let demo = ["demo", "--scale", "10", "--fill-only"];
    let people = || {
        let output = house.run(&["--workspace", "frontdesk_demo_10", "contact", "count"]);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let name = ["--workspace", "frontdesk_demo_10", "contact", "new", "name=Only Here"];
    for (attempt, count) in [("on an empty data folder", "10"), ("with the sample there", "11")] {
        let output = house.run(&demo);
        assert!(output.status.success(), "{attempt}: {}", said(&output));
        assert_eq!(people(), count, "{attempt}: what was done in it stays");
        assert!(house.run(&name).status.success());
    }
    let fresh = house.run(&[&demo[..], &["--fresh"]].concat());
    assert!(fresh.status.success(), "{}", said(&fresh));
    assert_eq!(people(), "10", "--fresh makes it anew");
}

#[tokio::test]
async fn a_killed_server_is_back_with_what_was_committed() {
    let house = House::new();
    let lease = house.enter();
    let mut db = connect(&lease).await;
    db.execute("create table kept (n int)").await.expect("made");
    db.execute("insert into kept values (7)").await.expect("written");
    let killed = house.server();
    kill(killed, Signal::SIGKILL).expect("killed");
    until("the keeper starts another", || house.status().server.is_some_and(|s| s.ready && s.pid != killed));
    let row = connect(&lease).await.fetch_one("select n from kept").await.expect("answered");
    assert_eq!(row.get::<i32, _>(0), 7);
}

#[tokio::test]
async fn a_killed_keeper_is_replaced_and_its_server_adopted() {
    let house = House::new();
    let lease = house.enter();
    let (server, keeper) = (house.server(), house.keeper());
    kill(keeper, Signal::SIGKILL).expect("killed");
    // The next start finds the server running and gives it a new keeper; so would the lease within seconds.
    until("it is gone", || house.status().keeper != Some(keeper.as_raw()));
    let second = house.enter();
    assert_ne!(house.keeper(), keeper);
    assert_eq!(house.server(), server, "sessions were not disturbed");
    connect(&lease).await.ping().await.expect("it answers");
    drop((lease, second));
    until("an adopted server stops as well", || house.status().server.is_none());
}

#[tokio::test]
async fn when_all_are_killed_at_once_the_next_start_recovers() {
    let house = House::new();
    let mut client = house.frontdesk(&["db", "psql", "--", "-d", "postgres", "-c", "select pg_sleep(600)"]);
    let mut client = client.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("runs");
    until("the client is in", || house.status().server.is_some_and(|s| s.ready));
    let (server, keeper) = (house.server(), house.keeper());
    for pid in [keeper, server, Pid::from_raw(client.id().cast_signed())] {
        kill(pid, Signal::SIGKILL).expect("killed");
    }
    client.wait().expect("gone");
    until("all are gone", || house.status().keeper.is_none() && house.status().server.is_none());
    let lease = house.enter();
    assert_ne!(house.server(), server);
    connect(&lease).await.ping().await.expect("it answers");
}

#[test]
fn a_killed_client_does_not_keep_the_server() {
    let house = House::new();
    let mut client = house.frontdesk(&["db", "psql", "--", "-d", "postgres", "-c", "select pg_sleep(600)"]);
    let mut client = client.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("runs");
    until("the client is in", || house.status().server.is_some_and(|s| s.ready));
    client.kill().expect("killed");
    client.wait().expect("gone");
    until("the server stops", || house.status().server.is_none());
}

#[tokio::test]
async fn a_stale_pid_file_that_names_another_program_is_no_obstacle() {
    let house = House::new();
    drop(house.enter());
    until("it has stopped", || house.status().server.is_none() && house.status().keeper.is_none());
    let pidfile = house.status().home.join("data/postmaster.pid");
    let text = format!("{}\n/nowhere\n1\n5432\n/nowhere\n\n1 1\nready\n", Pid::this());
    std::fs::write(&pidfile, text).expect("written");
    assert!(house.status().server.is_none(), "this test is no server");
    let lease = house.enter();
    connect(&lease).await.ping().await.expect("it answers");
}

#[tokio::test]
async fn an_interrupted_making_is_begun_anew() {
    let house = House::new();
    let half = house.status().home.join("data.new");
    std::fs::create_dir_all(half.join("base")).expect("made");
    let lease = house.enter();
    connect(&lease).await.ping().await.expect("it answers");
    assert!(!half.exists());
}

#[tokio::test]
async fn a_long_and_odd_path_still_gets_a_socket() {
    let mut house = House::new();
    let short = house.dir.clone();
    house.dir = short.join(format!("a, \"odd\" {} folder", "long".repeat(24)));
    let lease = house.enter();
    assert!(lease.socket_dir().as_os_str().len() < 100);
    connect(&lease).await.ping().await.expect("it answers");
    let socket_dir = lease.socket_dir().to_path_buf();
    drop((lease, house));
    let _ = (std::fs::remove_dir_all(short), std::fs::remove_dir_all(socket_dir));
}

#[test]
fn without_postgres_one_sentence_says_what_to_install() {
    let house = House::new();
    let output = house.frontdesk(&["db", "start"]).env("FRONTDESK_PG_BIN", &house.dir).output().expect("runs");
    assert_eq!(output.status.code(), Some(5), "{}", said(&output));
    let text = said(&output);
    assert!(text.contains("FRONTDESK_PG_BIN is") && text.contains("nstall"), "{text}");
    assert_eq!(text.trim_end().lines().filter(|line| line.starts_with("frontdesk:")).count(), 1, "{text}");
}

#[test]
fn a_cluster_of_another_version_is_named() {
    let house = House::new();
    let data = house.status().home.join("data");
    std::fs::create_dir_all(&data).expect("made");
    std::fs::write(data.join("PG_VERSION"), "9\n").expect("written");
    let text = said(&house.run(&["db", "start"]));
    assert!(text.contains("PostgreSQL 9"), "{text}");
}

#[test]
fn root_keeps_the_cluster_where_its_server_can_reach_it() {
    if !nix::unistd::getuid().is_root() {
        eprintln!("skipped: only root's server runs as somebody else");
        return;
    }
    let house = House::new();
    std::fs::set_permissions(&house.dir, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("own folder");
    let lease = house.enter();
    let home = house.status().home;
    assert!(home.starts_with("/var/lib/frontdesk"), "{}", home.display());
    assert!(lease.notice.as_deref().is_some_and(|n| n.contains("/var/lib/frontdesk")));
}

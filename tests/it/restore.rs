//! The workspace's database restored under a running process: from a dump into another cluster, and from a copy of an
//! older state of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use frontdesk::config::Database;
use frontdesk::store::feed::{Event, follow};
use frontdesk::store::postgres::{Lease, Private};
use frontdesk::store::{Store, connect, migrate};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use crate::support::{PROGRAM, temporary_folder};

const DEADLINE: Duration = Duration::from_mins(1);

/// A private server in a folder of its own, removed with this value.
struct Server {
    dir: PathBuf,
    private: Private,
    lease: Option<Lease>,
}

impl Server {
    async fn start() -> Self {
        let dir = temporary_folder("frontdesk-restore-");
        // Kept when it stops, unlike a scratch one.
        let private = Private::new(&dir).run_by(Path::new(PROGRAM), Duration::ZERO);
        let mut server = Self { dir, private, lease: None };
        server.enter().await;
        server
    }

    async fn enter(&mut self) {
        let private = self.private.clone();
        let lease = tokio::task::spawn_blocking(move || private.enter()).await.expect("no panic").expect("it starts");
        self.lease = Some(lease);
    }

    /// Stopped for good: nothing starts it again.
    async fn stop(&mut self) {
        self.lease = None;
        let private = self.private.clone();
        let gone = move || {
            while private.status().expect("readable").keeper.is_some() {
                std::thread::sleep(Duration::from_millis(10));
            }
        };
        tokio::task::spawn_blocking(gone).await.expect("no panic");
    }

    fn database(&self) -> Database {
        self.lease.as_ref().expect("it runs").database("fed")
    }

    fn data(&self) -> PathBuf {
        self.private.status().expect("readable").home.join("data")
    }

    async fn owner(&self) -> PgConnection {
        PgConnection::connect_with(&self.database().owner).await.expect("it answers")
    }

    async fn create(&self, sql: &str) {
        let admin = self.database().owner.database("postgres");
        let mut admin = PgConnection::connect_with(&admin).await.expect("it answers");
        admin.execute(AssertSqlSafe(sql.to_owned())).await.expect("done");
    }

    /// A program of this version on the server's socket.
    fn command(&self, name: &str) -> Command {
        let program = self.private.binaries().expect("found").dir.join(name);
        let mut command = Command::new(program);
        command.args(["--username", frontdesk::config::OWNER, "--port", "5432", "--host"]);
        command.arg(self.lease.as_ref().expect("it runs").socket_dir());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let home = self.private.status().map(|s| s.home);
        drop(self.lease.take());
        while self.private.status().is_ok_and(|s| s.keeper.is_some() || s.server.is_some()) {
            std::thread::sleep(Duration::from_millis(10));
        }
        if let Ok(home) = home {
            let _ = std::fs::remove_dir_all(home);
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

async fn add(conn: &mut PgConnection, name: &str) -> i64 {
    let sql = "insert into contact (name) values ($1) returning id";
    sqlx::query_scalar(sql).bind(name).fetch_one(conn).await.expect("a contact")
}

/// Until the feed says that what was read before may be stale.
async fn until_resync(events: &mut Receiver<Event>) {
    loop {
        let event = timeout(DEADLINE, events.recv()).await.expect("in time").expect("the feed goes on");
        if event == Event::Resync {
            return;
        }
    }
}

/// The contacts told until this one was; `Resync` may come between.
async fn told_until(events: &mut Receiver<Event>, last: i64) -> Vec<i64> {
    let mut told = Vec::new();
    while !told.contains(&last) {
        let event = timeout(DEADLINE, events.recv()).await.expect("in time").expect("the feed goes on");
        if let Event::Touched(touches) = event {
            told.extend(touches.iter().filter(|t| t.kind == "contact").map(|t| t.record));
        }
    }
    told
}

/// What the feed tells of a new contact: that one, once, and nothing of the past.
async fn tells_the_next_once(server: &Server, events: &mut Receiver<Event>) {
    let mut owner = server.owner().await;
    for name in ["after the restore", "and once more"] {
        let id = add(&mut owner, name).await;
        assert_eq!(told_until(events, id).await, [id], "{name}");
    }
}

#[tokio::test]
async fn a_dump_restored_into_another_cluster_loses_nothing_and_repeats_nothing() {
    let mut server = Server::start().await;
    server.create("create database fed").await;
    migrate(&server.database(), Some("ada")).await.expect("migrated");
    let store: Store = connect(&server.database()).await.expect("a store");
    let mut events = follow(&store);
    let mut owner = server.owner().await;
    // Transaction ids far ahead of a new cluster's.
    owner
        .execute("do $$ begin for i in 1..20000 loop perform pg_current_xact_id(); commit; end loop; end $$")
        .await
        .expect("spent");
    let first = add(&mut owner, "before").await;
    assert_eq!(told_until(&mut events, first).await, [first]);
    let file = server.dir.join("dump.sql");
    let dumped = server.command("pg_dump").arg("--dbname=fed").arg("--file").arg(&file).status().expect("it runs");
    assert!(dumped.success());
    owner.close().await.expect("closed");

    // Another cluster takes the old one's place, behind the same socket.
    server.stop().await;
    std::fs::remove_dir_all(server.data()).expect("the old cluster is gone");
    server.enter().await;
    server.create("create role fed_service login noinherit").await;
    for role in ["admin", "sales", "manager", "support", "marketing", "analyst", "read-only"] {
        server.create(&format!("create role \"fed_{role}\" nologin")).await;
        server.create(&format!("grant \"fed_{role}\" to fed_service")).await;
    }
    // Under another name until it is whole, so that nobody comes in early.
    server.create("create database restoring").await;
    let restored = server
        .command("psql")
        .args(["--quiet", "-v", "ON_ERROR_STOP=1", "--dbname=restoring", "--file"])
        .arg(&file)
        .stdout(Stdio::null())
        .status()
        .expect("it runs");
    assert!(restored.success());
    server.create("alter database restoring rename to fed").await;

    until_resync(&mut events).await;
    tells_the_next_once(&server, &mut events).await;
    let mut owner = server.owner().await;
    let (number, future): (i64, i64) = sqlx::query_as(
        "select number, (select count(*) from change where xid >= pg_snapshot_xmax(pg_current_snapshot())) from epoch",
    )
    .fetch_one(&mut owner)
    .await
    .expect("the epoch");
    assert_eq!((number, future), (2, 0), "no past change is still to come");
    // Who opens it now begins in the new epoch.
    let mut others = follow(&connect(&server.database()).await.expect("a store"));
    let id = add(&mut owner, "for both").await;
    assert_eq!(told_until(&mut others, id).await, [id]);
    assert_eq!(told_until(&mut events, id).await, [id]);
    owner.close().await.expect("closed");
    store.close().await;
}

#[tokio::test]
async fn an_older_state_of_the_same_cluster_is_noticed() {
    let mut server = Server::start().await;
    server.create("create database fed").await;
    migrate(&server.database(), Some("ada")).await.expect("migrated");
    server.stop().await;
    let (data, copy) = (server.data(), server.data().with_extension("copy"));
    let copied = Command::new("cp").arg("-a").args([&data, &copy]).status().expect("it runs");
    assert!(copied.success());

    server.enter().await;
    let store = connect(&server.database()).await.expect("a store");
    let mut events = follow(&store);
    let mut owner = server.owner().await;
    for name in ["lost 1", "lost 2", "lost 3"] {
        let id = add(&mut owner, name).await;
        told_until(&mut events, id).await;
    }
    owner.close().await.expect("closed");
    server.stop().await;
    std::fs::remove_dir_all(&data).expect("the newer state is gone");
    std::fs::rename(&copy, &data).expect("the older one is back");
    server.enter().await;
    // The same transaction ids as those that the feed has behind it.
    tells_again_or_resyncs(&server, &mut events).await;
    tells_the_next_once(&server, &mut events).await;
    store.close().await;
}

/// A change made at once after the return is told, or everything is read anew after it.
async fn tells_again_or_resyncs(server: &Server, events: &mut Receiver<Event>) {
    let mut owner = server.owner().await;
    add(&mut owner, "with an id used before").await;
    until_resync(events).await;
    // What came with the resync is not told again.
    let last = add(&mut owner, "after").await;
    told_until(events, last).await;
}

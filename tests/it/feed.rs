//! The feed: nothing missed, nothing told twice, whatever happens to order, time and connections.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use frontdesk::config::Database;
use frontdesk::store::feed::{Event, Touch, follow};
use frontdesk::store::postgres::Private;
use frontdesk::store::{connect, migrate};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, timeout};

use crate::support::{PROGRAM, Workspace, temporary_folder};

const DEADLINE: Duration = Duration::from_secs(30);

async fn add(conn: &mut PgConnection, name: &str) -> i64 {
    sqlx::query_scalar("insert into contact (name) values ($1) returning id")
        .bind(name)
        .fetch_one(conn)
        .await
        .expect("a contact")
}

/// Reads until `enough` contacts were told, then as long as it takes to see that no more comes of the same.
async fn told(events: &mut Receiver<Event>, enough: usize) -> BTreeMap<(i64, i64), usize> {
    let mut seen = BTreeMap::new();
    let end = Instant::now() + DEADLINE;
    while seen.len() < enough {
        let event = timeout(end - Instant::now(), events.recv()).await;
        let event = event.unwrap_or_else(|_| panic!("{} of {enough} were told", seen.len())).expect("the feed goes on");
        count(&mut seen, event);
    }
    seen
}

fn count(seen: &mut BTreeMap<(i64, i64), usize>, event: Event) {
    if let Event::Touched(touches) = event {
        assert!(!touches.is_empty());
        for touch in touches.iter().filter(|t| t.kind == "contact") {
            *seen.entry((touch.record, touch.version)).or_default() += 1;
        }
    }
}

async fn next_touches(events: &mut Receiver<Event>) -> Vec<Touch> {
    touches(events, false).await
}

/// The next changes told; `cut` when the connection was lost, after which the feed also says so.
async fn touches(events: &mut Receiver<Event>, cut: bool) -> Vec<Touch> {
    loop {
        match timeout(DEADLINE, events.recv()).await.expect("in time").expect("the feed goes on") {
            Event::Touched(touches) => return touches,
            Event::Resync if !cut => panic!("the feed lost its place"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_change_is_told_with_its_fields_and_without_values() {
    let workspace = Workspace::new().await;
    let mut events = follow(&workspace.store().await);
    let mut owner = workspace.owner().await;
    let id = add(&mut owner, "Ada").await;
    let created = next_touches(&mut events).await;
    assert_eq!((created.len(), created[0].record, created[0].deed.as_str()), (1, id, "create"));
    assert!(created[0].columns.is_empty());
    owner.execute("update contact set city = 'Rom', email = 'a@b.c'").await.expect("an update");
    let updated = next_touches(&mut events).await;
    assert_eq!((updated.len(), updated[0].version, updated[0].deed.as_str()), (1, 2, "update"));
    assert_eq!(updated[0].columns, ["city", "email"]);
}

#[tokio::test]
async fn what_was_committed_before_the_first_reading_is_told_too() {
    let workspace = Workspace::new().await;
    let store = workspace.store().await;
    let mut owner = workspace.owner().await;
    let id = add(&mut owner, "Ada").await;
    let mut events = follow(&store);
    assert_eq!(next_touches(&mut events).await[0].record, id);
}

#[tokio::test]
async fn commits_out_of_order_and_a_long_transaction_lose_and_hold_up_nothing() {
    let workspace = Workspace::new().await;
    let mut events = follow(&workspace.store().await);
    let (mut slow, mut quick) = (workspace.owner().await, workspace.owner().await);
    slow.execute("begin").await.expect("begin");
    let first = add(&mut slow, "written first, committed last").await;
    for n in 0..3 {
        let id = add(&mut quick, "meanwhile").await;
        // Told although an older transaction is still open.
        let touches = next_touches(&mut events).await;
        assert_eq!(touches.iter().map(|t| t.record).collect::<Vec<_>>(), [id], "round {n}");
    }
    slow.execute("commit").await.expect("commit");
    let touches = next_touches(&mut events).await;
    assert_eq!(touches.iter().map(|t| t.record).collect::<Vec<_>>(), [first]);
    let last = add(&mut quick, "after").await;
    let touches = next_touches(&mut events).await;
    assert_eq!(touches.iter().map(|t| t.record).collect::<Vec<_>>(), [last]);
}

#[tokio::test]
async fn a_rolled_back_write_is_not_told() {
    let workspace = Workspace::new().await;
    let mut events = follow(&workspace.store().await);
    let mut owner = workspace.owner().await;
    owner.execute("begin; insert into contact (name) values ('never'); rollback").await.expect("rolled back");
    let id = add(&mut owner, "real").await;
    assert_eq!(next_touches(&mut events).await.iter().map(|t| t.record).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn killed_listeners_and_pool_connections_lose_nothing() {
    let workspace = Workspace::new().await;
    let mut events = follow(&workspace.store().await);
    let mut owner = workspace.owner().await;
    let id = add(&mut owner, "0").await;
    assert_eq!(next_touches(&mut events).await[0].record, id);
    for n in 1..=5 {
        let killed: i64 = sqlx::query_scalar(
            "select count(*) from pg_stat_activity a, lateral pg_terminate_backend(a.pid)
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .fetch_one(&mut owner)
        .await
        .expect("the owner may");
        assert!(killed > 0, "nobody was there to be killed");
        let id = add(&mut owner, &n.to_string()).await;
        let told = touches(&mut events, true).await;
        assert_eq!(told.iter().map(|t| t.record).collect::<Vec<_>>(), [id], "round {n}");
    }
}

/// A server of its own with a workspace in it, which this test may kill.
struct Doomed {
    dir: std::path::PathBuf,
    database: Database,
    _lease: frontdesk::store::postgres::Lease,
}

impl Doomed {
    async fn new() -> Self {
        let dir = temporary_folder("frontdesk-feed-");
        let private = Private::new(&dir).scratch(Path::new(PROGRAM));
        let lease = tokio::task::spawn_blocking(move || private.enter()).await.expect("no panic").expect("a server");
        let mut admin = PgConnection::connect_with(&lease.database("postgres").owner).await.expect("it answers");
        // A scratch server says that it has committed before it has written; a real one does not.
        for sql in [
            "alter system set synchronous_commit = on",
            "alter system set full_page_writes = on",
            "select pg_reload_conf()",
            "create database fed",
        ] {
            admin.execute(sql).await.expect("the owner may");
        }
        let database = Database::private(lease.socket_dir(), "fed", "fed_service");
        migrate(&database, None).await.expect("migrated");
        Self { dir, database, _lease: lease }
    }

    fn server(&self) -> nix::unistd::Pid {
        Private::new(&self.dir).status().expect("readable").server.expect("it runs").pid
    }

    fn log(&self) -> String {
        std::fs::read_to_string(Private::new(&self.dir).status().expect("readable").log).expect("a log")
    }

    /// Writers that commit and roll back until they are stopped, whatever becomes of their connections. Each gives how
    /// often it was cut off.
    fn writers(&self, n: usize, stop: &Arc<AtomicBool>) -> Vec<tokio::task::JoinHandle<usize>> {
        let write = |writer: usize| {
            let (options, stopped) = (self.database.owner.clone(), stop.clone());
            tokio::spawn(async move {
                let mut cuts = 0;
                while !stopped.load(Relaxed) {
                    let Ok(mut conn) = PgConnection::connect_with(&options).await else { continue };
                    let mut turn = writer;
                    while !stopped.load(Relaxed) {
                        turn += 1;
                        let end = if turn.is_multiple_of(4) { "rollback" } else { "commit" };
                        let sql = format!("begin; insert into contact (name) values ('under load'); {end}");
                        if conn.execute(AssertSqlSafe(sql)).await.is_err() {
                            cuts += 1;
                            break;
                        }
                    }
                }
                cuts
            })
        };
        (0..n).map(write).collect()
    }

    async fn contacts(&self) -> sqlx::Result<Vec<(i64, i64)>> {
        let mut owner = PgConnection::connect_with(&self.database.owner).await?;
        sqlx::query_as("select id, version from contact order by id").fetch_all(&mut owner).await
    }
}

#[tokio::test]
async fn a_server_stopped_under_load_and_back_has_all_told_once() {
    let doomed = Doomed::new().await;
    let mut events = follow(&connect(&doomed.database).await.expect("a store"));
    let stop = Arc::new(AtomicBool::new(false));
    let writers = doomed.writers(1, &stop);
    let mut seen = told(&mut events, 10).await;
    nix::sys::signal::kill(doomed.server(), nix::sys::signal::Signal::SIGINT).expect("stopped, clients cut off");
    let end = Instant::now() + DEADLINE * 2;
    let mut after_cut = None;
    while after_cut.is_none_or(|n| seen.len() < n + 10) {
        let event = timeout(end - Instant::now(), events.recv()).await;
        let event = event.unwrap_or_else(|_| panic!("the feed does not come back")).expect("the feed goes on");
        if event == Event::Resync {
            after_cut = Some(seen.len());
        }
        count(&mut seen, event);
    }
    stop.store(true, Relaxed);
    for writer in writers {
        assert!(writer.await.expect("no panic") > 0, "nobody was cut off");
    }
    let kept = doomed.contacts().await.expect("it is back");
    // The feed may still be telling the last ones.
    while seen.len() < kept.len() {
        let event = timeout(DEADLINE, events.recv()).await.expect("in time").expect("the feed goes on");
        count(&mut seen, event);
    }
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), kept, "missed or made up");
    assert!(seen.values().all(|&times| times == 1), "told twice: {seen:?}");
}

/// As a crash does it: the postmaster and all its children are killed at once, twice. A crash may give the ids of
/// transactions that came to nothing to new ones, which a reader then takes for old; that is what `Resync` is for, after
/// which everybody reads anew what they show.
#[tokio::test]
async fn a_server_killed_with_all_its_children_under_load_has_nothing_missed_and_nothing_told_twice() {
    let doomed = Doomed::new().await;
    let mut events = follow(&connect(&doomed.database).await.expect("a store"));
    let stop = Arc::new(AtomicBool::new(false));
    let writers = doomed.writers(4, &stop);
    let mut seen = BTreeMap::new();
    let mut read_anew: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    for round in 1..=2 {
        let (server, before) = (doomed.server(), seen.len());
        let end = Instant::now() + DEADLINE * 2;
        while seen.len() < before + 20 {
            let event = timeout(end - Instant::now(), events.recv()).await.expect("in time");
            count(&mut seen, event.expect("the feed goes on"));
        }
        kill_family(server);
        let (mut resynced, mut after) = (false, 0);
        while !resynced || after < 20 {
            let event = timeout(end - Instant::now(), events.recv()).await;
            let event = event.unwrap_or_else(|_| panic!("round {round}: the feed does not come back"));
            let event = event.expect("the feed goes on");
            if event == Event::Resync {
                resynced = true;
                read_anew.extend(doomed.contacts().await.expect("who says so could read").into_iter().map(|c| (c, 1)));
            }
            let had = seen.len();
            count(&mut seen, event);
            after += if resynced { seen.len() - had } else { 0 };
        }
        assert_ne!(doomed.server(), server, "the server lives on");
        assert_eq!(doomed.log().matches("was not properly shut down").count(), round, "no crash to recover from");
    }
    stop.store(true, Relaxed);
    let mut cuts = 0;
    for writer in writers {
        cuts += writer.await.expect("no panic");
    }
    assert!(cuts >= 2, "the writers were hardly cut off: {cuts}");
    let kept = doomed.contacts().await.expect("it is back");
    let known = |seen: &BTreeMap<_, usize>, c: &(i64, i64)| seen.contains_key(c) || read_anew.contains_key(c);
    while !kept.iter().all(|c| known(&seen, c)) {
        let event = timeout(DEADLINE, events.recv()).await.expect("missed some").expect("the feed goes on");
        count(&mut seen, event);
    }
    let made_up: Vec<_> = seen.keys().filter(|c| kept.binary_search(c).is_err()).collect();
    assert!(made_up.is_empty(), "told, but not kept: {made_up:?}");
    assert!(seen.values().all(|&times| times == 1), "told twice: {seen:?}");
}

/// Kills a process and its children, all with SIGKILL.
fn kill_family(parent: nix::unistd::Pid) {
    use nix::sys::signal::{Signal::SIGKILL, kill};
    let output = std::process::Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output().expect("ps runs");
    let text = String::from_utf8(output.stdout).expect("numbers");
    let children: Vec<i32> = text
        .lines()
        .filter_map(|line| {
            let mut numbers = line.split_whitespace().map(|n| n.parse::<i32>().expect("a number"));
            let (pid, of) = (numbers.next()?, numbers.next()?);
            (of == parent.as_raw()).then_some(pid)
        })
        .collect();
    assert!(children.len() > 4, "no server's family: {text}");
    kill(parent, SIGKILL).expect("killed");
    for child in children {
        // A short-lived one may have ended by itself.
        let _ = kill(nix::unistd::Pid::from_raw(child), SIGKILL);
    }
}

#[tokio::test]
async fn many_writers_are_told_each_once() {
    let workspace = Workspace::new().await;
    let mut events = follow(&workspace.store().await);
    let mut writers = Vec::new();
    for writer in 0..4_u64 {
        let options = workspace.database.owner.clone();
        writers.push(tokio::spawn(async move {
            let mut conn = PgConnection::connect_with(&options).await.expect("a connection");
            for n in 0..25_u64 {
                // Delays inside the transactions mix their commits up.
                let wait = f64::from(u32::try_from((writer * 7 + n * 3) % 11).expect("small")) / 1_000.0;
                let sql = format!(
                    "begin; insert into contact (name) values ('w{writer}'); select pg_sleep({wait}); {}",
                    if n % 5 == 0 { "rollback" } else { "commit" }
                );
                conn.execute(AssertSqlSafe(sql)).await.expect("a transaction");
            }
        }));
    }
    let seen = told(&mut events, 80).await;
    for writer in writers {
        writer.await.expect("no panic");
    }
    let mut owner = workspace.owner().await;
    let end = add(&mut owner, "end").await;
    let rest = next_touches(&mut events).await;
    assert_eq!(rest.iter().map(|t| t.record).collect::<Vec<_>>(), [end], "told more than was committed");
    assert!(seen.values().all(|&times| times == 1), "told twice: {seen:?}");
}

#[tokio::test]
async fn presence_and_new_fields_are_told() {
    let workspace = Workspace::new().await;
    let mut events = follow(&workspace.store().await);
    let mut owner = workspace.owner().await;
    let id = add(&mut owner, "Ada").await;
    next_touches(&mut events).await;
    sqlx::query("insert into presence (seat, person, kind, record) values ('s', 2, 'contact', $1)")
        .bind(id)
        .execute(&mut owner)
        .await
        .expect("present");
    assert_eq!(timeout(DEADLINE, events.recv()).await.expect("in time"), Some(Event::Presence));
    owner
        .execute("select add_custom_field('contact', '{\"name\": \"size\", \"ty\": \"int\"}')")
        .await
        .expect("a field");
    assert_eq!(timeout(DEADLINE, events.recv()).await.expect("in time"), Some(Event::Registry));
}

#[tokio::test]
async fn too_much_at_once_is_told_as_resync() {
    let workspace = Workspace::new().await;
    let mut events = follow(&workspace.store().await);
    let mut owner = workspace.owner().await;
    owner
        .execute("insert into team (name) select 'team ' || n from generate_series(1, 20001) n")
        .await
        .expect("many at once");
    assert_eq!(timeout(DEADLINE, events.recv()).await.expect("in time"), Some(Event::Resync));
    let id = add(&mut owner, "after").await;
    assert_eq!(next_touches(&mut events).await[0].record, id);
}

//! Statements through `PgBouncer`, which gives each transaction any of its sessions; notices over the direct way.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use frontdesk::config::Database;
use frontdesk::desk::{Desk, From};
use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::change::Door;
use frontdesk::domain::field::Lang;
use frontdesk::domain::kind::CONTACT;
use frontdesk::domain::query::Query;
use frontdesk::domain::value::Value;
use frontdesk::store::doctor::{State, examine};
use frontdesk::store::feed::{Event, follow};
use frontdesk::store::{connect, migrate};

use crate::support::{Workspace, temporary_folder};

/// One `PgBouncer` with two sessions for everybody, gone with this value.
struct Pooler {
    child: Child,
    dir: PathBuf,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    dirs.map(|dir| dir.join("pgbouncer")).find(|program| program.is_file())
}

impl Pooler {
    fn start(program: &Path, server: &Path) -> Self {
        let dir = temporary_folder("frontdesk-pooler-");
        // It runs as who owns the server's socket, where only they come in.
        let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(server).expect("a socket folder"));
        let ini = format!(
            "[databases]\n* = host={} port=5432\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\nunix_socket_dir = {}\n\
             auth_type = trust\nauth_file = {}\npool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 50\nlogfile =\npidfile =\n",
            server.display(),
            dir.display(),
            dir.join("users").display()
        );
        std::fs::write(dir.join("ini"), ini).expect("written");
        let users = "\"frontdesk_test_service\" \"\"\n\"frontdesk_managed\" \"\"\n";
        std::fs::write(dir.join("users"), users).expect("written");
        std::os::unix::fs::chown(&dir, Some(owner), None).expect("given");
        let mut command = Command::new(program);
        if nix::unistd::getuid().is_root() {
            let user = nix::unistd::User::from_uid(owner.into()).ok().flatten().expect("the server's user").name;
            command.args(["--user", &user]);
        }
        let child =
            command.arg(dir.join("ini")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let pooler = Self { child, dir };
        let deadline = Instant::now() + Duration::from_secs(20);
        while !pooler.dir.join(".s.PGSQL.6432").exists() {
            assert!(Instant::now() < deadline, "PgBouncer opens no socket");
            std::thread::sleep(Duration::from_millis(10));
        }
        pooler
    }
}

/// `url` through the pooler and `direct_url` past it.
fn database(pooler: &Pooler, workspace: &Workspace) -> Database {
    let part = |dir: &Path| dir.display().to_string().replace('/', "%2F");
    let Database { service, owner, .. } = &workspace.database;
    let name = service.get_database().expect("a name");
    let url = format!("postgres://{}@{}:6432/{name}", service.get_username(), part(&pooler.dir));
    let server = part(owner.get_socket().expect("a socket"));
    let direct = format!("postgres://{}@{server}:5432/{name}", owner.get_username());
    Database::shared(&url, Some(&direct), false).expect("sound urls")
}

async fn works(workspace: Workspace) {
    let Some(program) = program() else {
        eprintln!("skipped: there is no pgbouncer on this machine");
        return;
    };
    let pooler = Pooler::start(&program, workspace.database.owner.get_socket().expect("a socket"));
    let database = database(&pooler, &workspace);
    migrate(&database, None).await.expect("migrations go the direct way");
    let mut events = follow(&connect(&database).await.expect("the schema is looked at through the pooler"));

    // Six desks on two sessions, each person with their own rights, again and again.
    let mut seats = Vec::new();
    for login in ["bo", "cy", "di", "bo", "cy", "di"] {
        let store = connect(&database).await.expect("a store");
        seats.push(tokio::spawn(async move {
            let desk = Desk::open(store).await.expect("the desk opens");
            let cx = desk.sit(login, Door::Tui, chrono_tz::UTC, Lang::En).await.expect("they sit down");
            for n in 0..12 {
                let values = vec![("name".to_owned(), Value::Text(format!("{login} {n}")))];
                let create = Action::Create { kind: CONTACT, values };
                let made = desk.perform(&cx, &Targets::None, &create, &|_| {}).await.expect("created").records[0].1;
                let set = Action::set("city", Value::Text("Rom".into()));
                let done = desk.perform(&cx, &Targets::Records(CONTACT, vec![made]), &set, &|_| {}).await.expect("set");
                assert_eq!(done.done, 1);
                let page = desk.page(&cx, CONTACT, &Query::default(), &From::Start, 500).await.expect("a page");
                assert!(page.records.iter().any(|r| r.id == made), "{login} sees what they made");
            }
            let page = desk.page(&cx, CONTACT, &Query::default(), &From::Start, 500).await.expect("a page");
            page.records.len()
        }));
    }
    for seat in seats {
        assert!(seat.await.expect("no panic") >= 12);
    }
    // South sees its own 24 only; nobody's rights stay behind in a session.
    let store = connect(&database).await.expect("a store");
    let desk = Desk::open(store).await.expect("the desk opens");
    for (login, seen) in [("di", 24), ("bo", 48), ("ana", 72)] {
        let cx = desk.sit(login, Door::Tui, chrono_tz::UTC, Lang::En).await.expect("they sit down");
        let page = desk.page(&cx, CONTACT, &Query::default(), &From::Start, 500).await.expect("a page");
        assert_eq!(page.records.len(), seen, "{login}");
    }

    // The feed hears of everything, each change once.
    let mut told = std::collections::BTreeMap::new();
    while told.len() < 144 {
        let event = tokio::time::timeout(Duration::from_secs(30), events.recv()).await.expect("in time");
        if let Event::Touched(touches) = event.expect("the feed goes on") {
            for touch in touches.iter().filter(|t| t.kind == "contact") {
                *told.entry((touch.record, touch.version)).or_insert(0) += 1;
            }
        }
    }
    assert!(told.values().all(|&times| times == 1), "{told:?}");

    let findings = examine(&database).await;
    let broken: Vec<_> = findings.iter().filter(|f| f.state == State::Broken).collect();
    assert!(broken.is_empty(), "{broken:?}");
    // Without a direct way nobody hears anything, and the doctor says what to do.
    let mut only = database.clone();
    only.owner = only.service.clone();
    only.pooled = false;
    let findings = examine(&only).await;
    assert!(
        findings.iter().any(|f| f.state == State::Broken && format!("{f:?}").contains("direct_url")),
        "{findings:?}"
    );
}

#[tokio::test]
async fn everything_works_through_a_pooler_in_transaction_mode() {
    works(Workspace::new().await).await;
}

#[tokio::test]
async fn and_with_one_login_for_everybody() {
    works(Workspace::managed().await).await;
}

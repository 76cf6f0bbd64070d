//! Two hundred seats on one `frontdesk serve`, each with an SSH client of its own in this process: how long keys and
//! colleagues' changes take, and what a seat costs. All look at the same tickets and go up and down in them, a key a
//! second; one in ten also changes a subject every five seconds, by the form, which then is on everybody's screen.
//! `cargo bench load`, or `FRONTDESK_BENCH_SEATS=50 FRONTDESK_BENCH_SECONDS=20 cargo bench load`.

use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk::demo::{self, Scale};
use russh::client::{self, AuthResult, Handle, Msg};
use russh::keys::{Algorithm, HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate};
use russh::{Channel, ChannelMsg};
use sqlx::Executor;
use tokio::io::AsyncWriteExt;
use tokio::runtime::Runtime;
use tokio::sync::Barrier;
use tokio::time::{Instant, sleep_until, timeout};

use super::import::of_process;
use super::support::{Server, Workspace};

/// Their seats come from this many people, all of one team.
const PEOPLE: usize = 10;

/// A change at most every five seconds.
const KEYS_PER_CHANGE: usize = 5;

/// As many as a subject that is drawn anew at each change in one piece.
const LETTERS: usize = 8;

/// Seats that come in together.
const AT_ONCE: usize = 10;

/// An answer is over when so long nothing came.
const GAP: Duration = Duration::from_millis(30);

const IDLE: Duration = Duration::from_secs(20);

struct Client;

impl client::Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

/// A change and when it was asked to be saved.
struct Change {
    writer: usize,
    subject: String,
    at: Instant,
}

#[derive(Default)]
struct Times {
    keys: Vec<Duration>,
    saves: Vec<Duration>,
    /// From a colleague's key to this screen.
    changes: Vec<Duration>,
    unseen: usize,
    bytes: usize,
}

pub(super) fn run(runtime: &Runtime) {
    let number = |name: &str, usual| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let (seats, seconds) = (number("FRONTDESK_BENCH_SEATS", 200), number("FRONTDESK_BENCH_SECONDS", 60));
    runtime.block_on(load(seats, seconds));
}

async fn load(seats: usize, seconds: usize) {
    let office = Workspace::new().await;
    demo::fill(&office.database, Scale::of(2_000), chrono::Utc::now(), &|_, _, _| {}).await.unwrap();
    let writers = seats.div_ceil(10);
    let keys = people(&office, writers).await;
    let server = Server::start(&office, &["--seats", "1000", "--connections", "1000"], &[]);
    let pid = server.child.id().to_string();
    let changes: Arc<Mutex<Vec<Change>>> = Arc::default();
    let start = Arc::new(Barrier::new(seats + 1));

    let open = |number: usize| {
        Seat::open(number, server.port.clone(), Arc::clone(&keys[number % PEOPLE]), writers, Arc::clone(&changes))
    };
    let mut sat = vec![open(0).await];
    // What the first one needs is there for all.
    let before = server.memory();
    let rest: Vec<usize> = (1..seats).collect();
    for together in rest.chunks(AT_ONCE) {
        let mut opening = tokio::task::JoinSet::new();
        for &number in together {
            opening.spawn(open(number));
        }
        sat.extend(opening.join_all().await);
    }
    eprintln!("\n{seats} seats of {PEOPLE} people on one server:");
    let each = (server.memory() - before) as f64 / (seats - 1).max(1) as f64 / 1_048_576.0;
    told("memory of a seat", &format!("{each:.2} MiB"), each < 1.5, "1.5 MiB");
    let spent = of_process(&pid);
    tokio::time::sleep(IDLE).await;
    let share = of_process(&pid).saturating_sub(spent).as_secs_f64() / IDLE.as_secs_f64() * 100.0;
    told("processor while all are idle", &format!("{share:.1} % of a core"), share < 2.0, "2 %");

    let mut tasks = tokio::task::JoinSet::new();
    for seat in sat {
        tasks.spawn(seat.work(seconds, Arc::clone(&start)));
    }
    start.wait().await;
    let (spent, own) = (of_process(&pid), of_process("self"));
    let began = Instant::now();
    let mut all = Times::default();
    while let Some(times) = tasks.join_next().await {
        let times = times.expect("a seat works to the end");
        all.keys.extend(times.keys);
        all.saves.extend(times.saves);
        all.changes.extend(times.changes);
        all.unseen += times.unseen;
        all.bytes += times.bytes;
    }
    let wall = began.elapsed().as_secs_f64();
    let share = |pid: &str, before: Duration| of_process(pid).saturating_sub(before).as_secs_f64() / wall;
    eprintln!(
        "  in {wall:.0} s: {} keys, {} changes, {} MB; of a core the server {:.2}, these clients {:.2}",
        all.keys.len(),
        changes.lock().expect("no panic").len(),
        all.bytes / 1_000_000,
        share(&pid, spent),
        share("self", own),
    );
    percentiles("a key, to its last byte", &mut all.keys, Some(50));
    percentiles("a change saved, to its last byte", &mut all.saves, None);
    percentiles("a colleague's change, from their key to this screen", &mut all.changes, Some(250));
    told("changes that a screen never showed", &all.unseen.to_string(), all.unseen == 0, "none");
}

fn told(what: &str, figure: &str, holds: bool, bar: &str) {
    eprintln!("  {what}: {figure} (bar {bar}: {})", if holds { "met" } else { "MISSED" });
}

fn percentiles(what: &str, times: &mut [Duration], bar: Option<u64>) {
    times.sort();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
    let [half, most, nearly_all, last] =
        [50, 95, 99, 100].map(|share| at(share).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0));
    let figure = format!("p50 {half:.1}, p95 {most:.1}, p99 {nearly_all:.1}, max {last:.1} ms of {}", times.len());
    match bar {
        Some(bar) => told(what, &figure, nearly_all < bar as f64, &format!("p99 {bar} ms")),
        None => eprintln!("  {what}: {figure}"),
    }
}

/// A team with a ticket for each writer; its people's keys.
async fn people(office: &Workspace, writers: usize) -> Vec<Arc<PrivateKey>> {
    let mut owner = office.owner().await;
    owner
        .execute("insert into team (name) values ('Load'); delete from ticket where tags @> '{load}'")
        .await
        .expect("a team");
    for writer in 0..writers {
        sqlx::query(
            "insert into ticket (subject, status, priority, tags, team_id)
             select $1, 'open', 'normal', '{load}', id from team where name = 'Load'",
        )
        .bind(subject(writer, 0))
        .execute(&mut owner)
        .await
        .expect("a ticket");
    }
    let mut keys = Vec::new();
    for person in 0..PEOPLE {
        let login = format!("load{person}");
        let words = [&format!("login={login}"), &format!("name=Load {person}"), "role=sales", "team=Load"];
        let added = office.run("ana", &[["user", "new"].as_slice(), words.as_slice()].concat()).await;
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let key = PrivateKey::random(&mut rand::rng(), Algorithm::Ed25519).unwrap();
        let mut add = tokio::process::Command::from(office.command("ana", &["user", "key", "add", &login]));
        let mut add = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let line = key.public_key().to_openssh().unwrap();
        add.stdin.take().unwrap().write_all(line.as_bytes()).await.unwrap();
        assert!(add.wait().await.unwrap().success());
        keys.push(Arc::new(key));
    }
    owner
        .execute(
            "insert into setting (person, key, value)
             select id, 'looks', '{\"welcomed\": true}' from staff where login like 'load%'",
        )
        .await
        .expect("they have answered the first questions");
    keys
}

/// What a writer makes of the subject at that turn: no other's, and another letter at each place than the turn before,
/// so that all of them are sent in one piece.
fn subject(writer: usize, turn: usize) -> String {
    let places = [0, writer % 26, writer / 26, 1, 2, 3, 5, 7];
    debug_assert_eq!(places.len(), LETTERS);
    places.iter().map(|place| char::from(b'a' + ((place + turn * 5) % 26) as u8)).collect()
}

struct Seat {
    number: usize,
    writers: usize,
    channel: Channel<Msg>,
    _session: Handle<Client>,
    changes: Arc<Mutex<Vec<Change>>>,
    /// So many changes are told already.
    told: usize,
    awaited: Vec<(String, Instant)>,
    /// The end of what came, since a subject may come in two pieces.
    tail: Vec<u8>,
    /// Bytes of it.
    kept: usize,
    times: Times,
}

impl Seat {
    async fn open(
        number: usize,
        port: String,
        key: Arc<PrivateKey>,
        writers: usize,
        changes: Arc<Mutex<Vec<Change>>>,
    ) -> Self {
        let address = format!("127.0.0.1:{port}");
        let mut session = client::connect(Arc::new(client::Config::default()), address, Client).await.unwrap();
        let key = PrivateKeyWithHashAlg::new(key, None::<HashAlg>);
        assert_eq!(session.authenticate_publickey("load", key).await.unwrap(), AuthResult::Success);
        let channel = session.channel_open_session().await.unwrap();
        channel.request_pty(false, "xterm-256color", 120, 40, 0, 0, &[]).await.unwrap();
        channel.request_shell(false).await.unwrap();
        let mut seat = Self {
            number,
            writers,
            channel,
            _session: session,
            changes,
            told: 0,
            awaited: Vec::new(),
            tail: Vec::new(),
            kept: 100_000,
            times: Times::default(),
        };
        // Whoever sits down again is where they were, with the filter there.
        let clear = if number < PEOPLE { String::new() } else { "\u{7f}".repeat("tag:load".len()) };
        // The first screen takes its time; past the tour; the tickets; those of the team.
        for (keys, gap) in [
            ("", 500),
            ("\u{18}", 80),
            ("4", 200),
            ("/", 80),
            (clear.as_str(), 80),
            ("tag:load", 200),
            ("\r", 200),
            ("gg", 80),
        ] {
            seat.types(keys).await;
            seat.settles(Duration::from_millis(gap)).await;
        }
        let last = subject(writers - 1, 0);
        let until = Instant::now() + Duration::from_secs(30);
        while !seat.tail.windows(LETTERS).any(|part| part == last.as_bytes()) {
            assert!(seat.receives(until).await.is_some(), "the list is there: {}", String::from_utf8_lossy(&seat.tail));
        }
        seat.kept = 4_000;
        seat
    }

    async fn types(&self, keys: &str) {
        if !keys.is_empty() {
            self.channel.data_bytes(keys.as_bytes().to_vec()).await.unwrap();
        }
    }

    /// Until nothing comes for so long.
    async fn settles(&mut self, gap: Duration) -> Option<Instant> {
        let mut last = None;
        // Some keys change nothing here, and bring nothing.
        let mut patience = Duration::from_secs(1);
        while let Some(at) = self.receives(Instant::now() + patience).await {
            last = Some(at);
            patience = gap;
        }
        last
    }

    /// What comes next until then, and when it came.
    async fn receives(&mut self, until: Instant) -> Option<Instant> {
        loop {
            let message = tokio::select! {
                biased;
                message = self.channel.wait() => message.expect("the seat stays"),
                () = sleep_until(until) => return None,
            };
            if let ChannelMsg::Data { data } = message {
                let now = Instant::now();
                self.looks(&data, now);
                return Some(now);
            }
        }
    }

    /// Whether a colleague's change has come.
    fn looks(&mut self, data: &[u8], now: Instant) {
        self.times.bytes += data.len();
        {
            let changes = self.changes.lock().expect("no panic");
            for change in &changes[self.told..] {
                if change.writer != self.number {
                    self.awaited.push((change.subject.clone(), change.at));
                }
            }
            self.told = changes.len();
        }
        self.tail.extend_from_slice(data);
        let tail = &self.tail;
        let times = &mut self.times;
        let is_new = |subject: &str| !tail.windows(LETTERS).any(|part| part == subject.as_bytes());
        self.awaited.retain(|(subject, at)| {
            let is_still = is_new(subject);
            if !is_still {
                times.changes.push(now - *at);
            }
            is_still
        });
        let end = self.tail.len().saturating_sub(self.kept);
        self.tail.drain(..end);
    }

    /// A key, and how long its answer takes; `None` when there is none, at the list's end.
    async fn key(&mut self, keys: &str) -> Option<Duration> {
        let began = Instant::now();
        self.types(keys).await;
        let mut last = None;
        let mut until = began + Duration::from_millis(900);
        while let Some(at) = self.receives(until).await {
            last = Some(at - began);
            until = (at + GAP).min(began + Duration::from_millis(900));
        }
        last
    }

    async fn work(mut self, seconds: usize, start: Arc<Barrier>) -> Times {
        start.wait().await;
        // Not all at once.
        let first = Instant::now() + Duration::from_millis((self.number * 37 % 1_000) as u64);
        let mut turn = 0;
        for second in 0..seconds {
            let due = first + Duration::from_secs(second as u64);
            while self.receives(due).await.is_some() {}
            if self.number < self.writers && second % KEYS_PER_CHANGE == self.number % KEYS_PER_CHANGE {
                turn += 1;
                self.change(turn).await;
                continue;
            }
            let down = (second / self.writers.max(2).saturating_sub(1)).is_multiple_of(2);
            let time = self.key(if down { "j" } else { "k" }).await;
            self.times.keys.extend(time);
        }
        // What was changed last has time to come.
        let end = first + Duration::from_secs(seconds as u64 + 3);
        while self.receives(end).await.is_some() {}
        self.times.unseen = self.awaited.len();
        timeout(Duration::from_secs(5), self.channel.close()).await.ok();
        self.times
    }

    /// To the ticket of one's own, and a new subject for it.
    async fn change(&mut self, turn: usize) {
        let subject = subject(self.number, turn);
        let to_own = format!("gg{}", "j".repeat(self.number));
        for keys in [to_own.as_str(), "e", &format!("{}{subject}", "\u{7f}".repeat(LETTERS))] {
            self.key(keys).await;
        }
        let change = Change { writer: self.number, subject, at: Instant::now() };
        self.changes.lock().expect("no panic").push(change);
        let time = self.key("\u{13}").await;
        self.times.saves.extend(time);
    }
}

//! An import beside the `COPY` of the very rows that it made, words included, into the same tables and indexes without
//! triggers: in turn, on the same database, so that the ratio holds whatever else the machine does.

use std::fmt::Write;
use std::io::Cursor;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use frontdesk::desk::import::{Options, Remedies};
use frontdesk::desk::{Cx, Desk};
use frontdesk::domain::kind::{COMPANY, CONTACT, DEAL, KindId, TICKET};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use tokio::runtime::Runtime;

use super::support::Workspace;

const ROUNDS: usize = 3;

const GIVEN: [&str; 8] = ["Anna", "Bela", "Carla", "Dieter", "Emma", "Felix", "Greta", "Hans"];
const FAMILY: [&str; 8] = ["Müller", "Smith", "O'Neil", "Jensen", "García", "Novak", "Rossi", "Weber"];
const HAN: [&str; 10] = ["王伟", "李芳", "张娜", "刘敏明", "陈静", "杨丽红", "赵强", "黄磊", "周军", "吴洋"];
const PLACES: [(&str, &str); 5] =
    [("Berlin", "Germany"), ("Paris", "France"), ("上海", "China"), ("London", "United Kingdom"), ("北京", "China")];
const PARTS: [&str; 8] = [
    "The invoice of last month shows the wrong total and the discount is missing.",
    "Since the update the application closes as soon as a report is opened.",
    "Please send the parcel to our branch office; nobody is at the old address.",
    "I tried the steps of the manual twice, the light still blinks red.",
    "发票金额不对，请尽快处理。",
    "Our colleague left, his mails should come to me from now on.",
    "The order number is on the label, next to the bar code.",
    "When will the spare part be back in stock?",
];

/// Time on the clock, and of processors: the server's, and this program's.
#[derive(Clone, Copy)]
struct Spent {
    wall: Duration,
    server: Duration,
    program: Duration,
}

pub(super) fn run(runtime: &Runtime) {
    let rows = std::env::var("FRONTDESK_BENCH_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let workspace = runtime.block_on(Workspace::new());
    let desk = runtime.block_on(workspace.desk());
    let cx = runtime.block_on(workspace.cx("ana"));
    let mut owner = runtime.block_on(workspace.owner());
    eprintln!("\nimport of {rows} rows beside COPY of the same, median of {ROUNDS}:");
    for (kind, file) in
        [(COMPANY, companies(rows)), (CONTACT, contacts(rows)), (DEAL, deals(rows)), (TICKET, tickets(rows))]
    {
        let mut both: Vec<(Spent, Spent)> = Vec::new();
        for _ in 0..ROUNDS {
            both.push(runtime.block_on(round(&desk, &cx, &mut owner, kind, &file, rows)));
        }
        let ratio = |of: fn(&Spent) -> Duration| {
            let mut all: Vec<f64> =
                both.iter().map(|(import, copy)| of(copy).as_secs_f64() / of(import).as_secs_f64().max(1e-9)).collect();
            all.sort_by(f64::total_cmp);
            all[ROUNDS / 2]
        };
        let (import, copy) = both[ROUNDS - 1];
        let said = |spent: Spent| {
            let [wall, server, program] =
                [spent.wall, spent.server, spent.program].map(|time| time.as_secs_f64() * 1_000.0);
            format!("{wall:.0} ms: server {server:.0}, program {program:.0}")
        };
        eprintln!(
            "  {kind:8} {:.2} of COPY's speed by the clock, {:.2} by processor time, {:.2} by the server's \
             (import {}; COPY {})",
            ratio(|s| s.wall),
            ratio(|s| s.server + s.program),
            ratio(|s| s.server),
            said(import),
            said(copy),
        );
    }
}

/// One import and one COPY, each into the emptied table.
async fn round(
    desk: &Desk,
    cx: &Cx,
    owner: &mut PgConnection,
    kind: KindId,
    file: &str,
    rows: usize,
) -> (Spent, Spent) {
    let table = desk.registry().kind(kind).table;
    let empty = format!("truncate \"{table}\", change cascade; vacuum analyze change");
    run_all(owner, &empty).await;
    let options = Options {
        kind,
        map: Vec::new(),
        matching: Vec::new(),
        create_refs: false,
        pipeline: None,
        dry_run: false,
        is_look: false,
        looked_at: None,
        refusals: 20,
        remedies: Remedies::flags(),
    };
    let before = Meter::start(owner).await;
    let report = desk.import(cx, Cursor::new(file.to_owned().into_bytes()), &options, None, &|_| {}).await.unwrap();
    let import = before.stop(owner).await;
    assert_eq!(report.created, rows as u64, "{:?}", report.rejects);
    assert!(report.offered.is_empty(), "columns left out: {:?}", report.offered);

    let given: Vec<_> =
        owner.copy_out_raw(&format!("copy \"{table}\" to stdout")).await.unwrap().try_collect().await.unwrap();
    let worded: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(search) from \"{table}\"")))
        .fetch_one(&mut *owner)
        .await
        .unwrap();
    assert_eq!(worded, rows as i64);
    run_all(owner, &empty).await;
    run_all(owner, "set session_replication_role = replica").await;
    let before = Meter::start(owner).await;
    let mut copy = owner.copy_in_raw(&format!("copy \"{table}\" from stdin")).await.unwrap();
    for part in given {
        copy.send(part).await.unwrap();
    }
    assert_eq!(copy.finish().await.unwrap(), rows as u64);
    let copied = before.stop(owner).await;
    run_all(owner, "set session_replication_role = origin").await;
    (import, copied)
}

async fn run_all(owner: &mut PgConnection, statements: &str) {
    for statement in statements.split("; ") {
        owner.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
    }
}

struct Meter {
    at: Instant,
    server: Duration,
    program: Duration,
}

impl Meter {
    async fn start(owner: &mut PgConnection) -> Self {
        Self { server: of_server(owner).await, program: of_program(), at: Instant::now() }
    }

    async fn stop(self, owner: &mut PgConnection) -> Spent {
        let (wall, program) = (self.at.elapsed(), of_program());
        Spent {
            wall,
            program: program.saturating_sub(self.program),
            server: of_server(owner).await.saturating_sub(self.server),
        }
    }
}

/// What the sessions of this database have used so far.
async fn of_server(owner: &mut PgConnection) -> Duration {
    let sql = "select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'";
    let backends: Vec<i32> = sqlx::query_scalar(sql).fetch_all(owner).await.unwrap();
    sum(backends.iter().map(|pid| PathBuf::from(format!("/proc/{pid}"))))
}

fn of_program() -> Duration {
    of_process("self")
}

/// What the threads of a process have used so far; nothing where the system has no /proc.
pub(super) fn of_process(pid: &str) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    sum(threads.map(|thread| thread.path()))
}

fn sum(processes: impl Iterator<Item = PathBuf>) -> Duration {
    let nanos = |process: PathBuf| {
        std::fs::read_to_string(process.join("schedstat")).ok()?.split_whitespace().next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(processes.filter_map(nanos).sum())
}

fn table(header: &str, rows: usize, row: impl Fn(usize, &mut String)) -> String {
    let mut text = format!("{header}\n");
    for n in 0..rows {
        row(n, &mut text);
        text.push('\n');
    }
    text
}

fn companies(rows: usize) -> String {
    table("Name,Industry,Website,Email,Phone,City,Country,Employees,External Id,Notes", rows, |n, to| {
        let (city, country) = PLACES[n % PLACES.len()];
        let name =
            if n % 5 == 0 { format!("{}科技 {n}", HAN[n / 5 % 10]) } else { format!("{} Works {n}", FAMILY[n % 8]) };
        let _ = write!(
            to,
            "{name},retail,https://www.c{n}.example,info@c{n}.example,+49 30 {},{city},{country},{},C{n},Met at the fair {}",
            1_000_000 + n * 37,
            n % 900,
            n % 50
        );
    })
}

fn contacts(rows: usize) -> String {
    table("Name,Job Title,Company,Email,Phone,City,Country,External Id,Owner,Notes", rows, |n, to| {
        let (city, country) = PLACES[n % PLACES.len()];
        let name =
            if n % 5 == 0 { HAN[n / 5 % 10].to_owned() } else { format!("{} {}", GIVEN[n % 8], FAMILY[n / 8 % 8]) };
        let of = 1 + n % (rows.min(2_000) - 1) / 5 * 5;
        let _ = write!(
            to,
            "{name},Buyer,{} Works {of},person{n}@example{}.com,+49 30 {},{city},{country},X{n},ana,\
             \"Wants an offer for {} seats, met at fair {}.\"",
            FAMILY[of % 8],
            n % 500,
            1_000_000 + n * 37,
            n % 17,
            n % 50
        );
    })
}

fn deals(rows: usize) -> String {
    table("Deal name,Account,Stage,Amount,Currency,Expected close,Owner,External Id,Notes", rows, |n, to| {
        let of = 1 + n % (rows.min(2_000) - 1) / 5 * 5;
        let stage = ["Prospecting", "Qualified", "Proposal", "Negotiation"][n % 4];
        let _ = write!(
            to,
            "Licences for {} seats {n},{} Works {of},{stage},{}.50,EUR,2026-{:02}-{:02},ana,D{n},{}",
            n % 90,
            FAMILY[of % 8],
            1_000 + n % 7_000,
            1 + n % 12,
            1 + n % 28,
            if n % 5 == 0 { "客户要求降价" } else { "Asked for a discount twice" }
        );
    })
}

fn tickets(rows: usize) -> String {
    table("Subject,Description,Status,Priority,Category,Channel,Owner,External Id", rows, |n, to| {
        let status = ["new", "open", "pending", "solved"][n % 4];
        let priority = ["low", "normal", "high", "urgent"][n / 4 % 4];
        let _ = write!(
            to,
            "{} {n},\"{} {} {}\",{status},{priority},billing,mail,ana,T{n}",
            if n % 5 == 0 { "退款请求" } else { "Wrong total on the invoice" },
            PARTS[n % 8],
            PARTS[n / 8 % 8],
            PARTS[n / 64 % 8]
        );
    })
}

//! How long the desk and a seat take, on a private cluster of the run's own with a demo in it:
//! `cargo bench`, or `FRONTDESK_BENCH_CONTACTS=100000 cargo bench` for a bigger one.

#![allow(clippy::unwrap_used, reason = "a bench that fails has nothing to clean up")]

#[allow(unused_imports, reason = "the tests use more of it")]
#[path = "../it/support/mod.rs"]
mod support;

mod import;
mod load;

use std::hint::black_box;
use std::time::Duration;

use chrono::Utc;
use criterion::Criterion;
use frontdesk::demo::{self, Scale};
use frontdesk::desk::{Cx, Desk, From, News};
use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::kind::{CONTACT, DEAL, KindId, TICKET};
use frontdesk::domain::query::Query;
use frontdesk::domain::value::Value;
use tokio::runtime::Runtime;
use tokio::sync::broadcast;

use self::support::Workspace;

/// Whatever is waited for comes sooner, or never.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lists, filters and searches: kind and query.
const PAGES: &[(KindId, &str)] = &[
    (CONTACT, ""),
    (CONTACT, "wangwei"),
    (CONTACT, "vogel@alder"),
    (CONTACT, "tag:vip"),
    (DEAL, "state:open sort:-amount"),
    (TICKET, "status:new,open sort:due"),
    (TICKET, "souvenir"),
];

fn pages(c: &mut Criterion, runtime: &Runtime, desk: &Desk, people: &[Cx]) {
    let mut group = c.benchmark_group("page");
    for cx in people {
        for (kind, text) in PAGES {
            let query = Query::parse(text, &desk.registry(), *kind).unwrap();
            group.bench_function(format!("{} {kind} {text:?}", cx.viewer.me.login), |b| {
                b.iter(|| {
                    let page = runtime.block_on(desk.page(cx, *kind, &query, &From::Start, 60)).unwrap();
                    black_box(page)
                });
            });
        }
    }
    group.finish();
}

/// Waits until the feed has told of the operation.
fn heard_of(runtime: &Runtime, news: &mut broadcast::Receiver<News>, operation: Option<i64>) {
    let told = async {
        loop {
            match news.recv().await {
                Ok(News::Touched(touched)) if touched.iter().any(|t| Some(t.operation) == operation) => break,
                Ok(_) => {}
                Err(error) => panic!("the feed lags or ended: {error}"),
            }
        }
    };
    runtime.block_on(async { tokio::time::timeout(PATIENCE, told).await }).expect("the feed tells of each operation");
}

/// A filter names one of these, or benches of the others.
fn is_asked(name: &str) -> bool {
    std::env::args().skip(1).all(|arg| arg == "--bench" || arg == name)
}

fn main() {
    let runtime = Runtime::new().unwrap();
    let _entered = runtime.enter();
    let contacts = std::env::var("FRONTDESK_BENCH_CONTACTS").ok().and_then(|n| n.parse().ok()).unwrap_or(5_000);
    let workspace = runtime.block_on(Workspace::new());
    let began = std::time::Instant::now();
    runtime.block_on(demo::fill(&workspace.database, Scale::of(contacts), Utc::now(), &|_, _, _| {})).unwrap();
    eprintln!("{contacts} contacts and what belongs to them loaded in {:.1} s", began.elapsed().as_secs_f64());
    let desk = runtime.block_on(workspace.desk());
    let people = [runtime.block_on(workspace.cx("ana")), runtime.block_on(workspace.cx("ines"))];
    let mut c = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();

    pages(&mut c, &runtime, &desk, &people);

    let mut turn = 0_u64;
    let cx = &people[0];
    let page = runtime.block_on(desk.page(cx, TICKET, &Query::default(), &From::Start, 1)).unwrap();
    let id = page.records[0].id;
    let mut rename = || {
        turn += 1;
        let action = Action::set("subject", Value::text(format!("Turn {turn}")));
        runtime.block_on(desk.perform(cx, &Targets::Records(TICKET, vec![id]), &action, &|_| {})).unwrap()
    };
    c.bench_function("perform: set one field of one ticket", |b| b.iter(&mut rename));
    // What the benches before wrote is told first.
    let mut news = desk.news();
    c.bench_function("feed: set, and heard of", |b| b.iter(|| heard_of(&runtime, &mut news, rename().operation)));

    let mut seat = runtime.block_on(workspace.sit("ana", 120, 40));
    runtime.block_on(async {
        seat.keys("2").await.idle().await;
    });
    // What a person waits for is the frame; the record beside the list is read after it.
    c.bench_function("seat: one row down and up, each drawn", |b| {
        b.iter(|| {
            runtime.block_on(async {
                seat.drawn("j").await.drawn("k").await;
            });
        });
    });
    c.bench_function("seat: a letter typed into the filter, drawn", |b| {
        runtime.block_on(async { seat.keys("/").await.idle().await });
        b.iter(|| {
            runtime.block_on(async {
                seat.drawn("a").await.drawn("backspace").await;
            });
        });
        runtime.block_on(async { seat.keys("esc").await.idle().await });
    });
    runtime.block_on(async { seat.keys("3").await.idle().await });
    c.bench_function("seat: one card down and up on the board, each drawn", |b| {
        b.iter(|| {
            runtime.block_on(async {
                seat.drawn("j").await.drawn("k").await;
            });
        });
    });
    // What is saved behind the frame is not counted, and waited for, lest thousands of moves pile up.
    c.bench_function("seat: a card moved on and back, each drawn", |b| {
        b.iter_custom(|turns| {
            let mut drawn = Duration::ZERO;
            runtime.block_on(async {
                for _ in 0..turns {
                    for key in ["L", "H"] {
                        let began = std::time::Instant::now();
                        seat.drawn(key).await;
                        drawn += began.elapsed();
                        seat.idle().await;
                    }
                }
            });
            drawn
        });
    });
    c.bench_function("desk: a board's heads", |b| {
        b.iter(|| black_box(runtime.block_on(desk.board(cx, None, &Query::default())).unwrap()));
    });
    runtime.block_on(seat.leave());
    c.final_summary();
    if is_asked("import") {
        import::run(&runtime);
    }
    if is_asked("load") {
        load::run(&runtime);
    }
}

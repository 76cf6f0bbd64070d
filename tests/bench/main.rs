//! How long the desk and a seat take, on a private cluster of the run's own with a demo in it:
//! `cargo bench`, or `FRONTDESK_BENCH_CONTACTS=100000 cargo bench` for a bigger one.

#![allow(clippy::unwrap_used, reason = "a bench that fails has nothing to clean up")]

#[allow(unused_imports, reason = "the tests use more of it")]
#[path = "../it/support/mod.rs"]
mod support;

use std::hint::black_box;

use chrono::Utc;
use criterion::Criterion;
use frontdesk::demo::{self, Scale};
use frontdesk::desk::{Cx, Desk, From};
use frontdesk::domain::action::{Action, Targets};
use frontdesk::domain::kind::{CONTACT, DEAL, KindId, TICKET};
use frontdesk::domain::query::Query;
use frontdesk::domain::value::Value;
use tokio::runtime::Runtime;

use self::support::Workspace;

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
    let mut c = Criterion::default().sample_size(20).configure_from_args();

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
    c.bench_function("feed: set, and heard of", |b| {
        let mut news = desk.news();
        b.iter(|| {
            while news.try_recv().is_ok() {}
            rename();
            runtime.block_on(news.recv()).unwrap()
        });
    });

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
    runtime.block_on(seat.leave());
    c.final_summary();
}

//! How the main queries are answered over a big workspace, for a person who sees everything, ones who see a part, and
//! one who sees next to nothing: never by reading a big table from end to end, and never by reading many times what is
//! shown. The figures are those of the executed plans, so a busy machine changes nothing; at a million, time counts too.

mod asked;
mod board;
mod crowd;
mod metric;
mod rights;
mod write;

use std::fmt::Write;
use std::time::Instant;

use frontdesk::demo::Scale;
use frontdesk::desk::From;
use frontdesk::domain::change::Door;
use frontdesk::domain::field::Lang;
use frontdesk::domain::kind::{COMPANY, CONTACT};
use frontdesk::store::compile::{self, Start};

use self::asked::{QUERIES, UNSERVED, other_reads};
use self::crowd::{Crowd, Look};

/// Rows that one page may read: what it shows, what the filters drop on the way, and, of a word that is neither rare nor
/// frequent, the records that hold it (three times: in the index, in the table, and again by number), and then the list as
/// far as it is walked, for own and the teams' records (twice: to find the bound, and up to it).
const READ_MAX: u64 = 40_000;

/// A page on the screen.
const PAGE: u32 = 60;

/// What may be read, and for how long.
struct Bounds {
    rows: u64,
    milliseconds: f64,
    /// How often each is asked; the median counts.
    times: usize,
}

#[derive(Default)]
struct Report {
    wrong: String,
    told: Vec<(f64, String)>,
}

impl Report {
    fn add(&mut self, bounds: &Bounds, name: &str, look: &Look, factor: u64) {
        if !look.whole.is_empty() {
            writeln!(self.wrong, "{name}: reads all of {}", look.whole.join(", ")).expect("memory");
        }
        if look.read > bounds.rows.saturating_mul(factor) {
            writeln!(self.wrong, "{name}: reads {} rows", look.read).expect("memory");
        }
        if look.milliseconds > bounds.milliseconds * factor as f64 {
            writeln!(self.wrong, "{name}: takes {:.1} ms", look.milliseconds).expect("memory");
        }
        let line = format!(
            "{:9.2} ms, {:6.2} of it planning {:8} rows read  {name}",
            look.milliseconds, look.planning, look.read
        );
        self.told.push((look.milliseconds, line));
    }

    /// All figures, the slowest last.
    fn tell(&mut self) {
        self.told.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, line) in &self.told {
            eprintln!("{line}");
        }
    }
}

/// All lists, in all ways of turning their pages, their counts, and what else screens read.
async fn read_everything(crowd: &Crowd, bounds: &Bounds) -> Report {
    let mut report = Report::default();
    let busy = crowd.busy().await;
    for viewer in &crowd.viewers().await {
        let login = &viewer.me.login;
        for (kind, text) in QUERIES {
            let (id, query) = crowd.query(kind, text);
            let list = |start| compile::list(&crowd.registry, id, &query, viewer, start, PAGE);
            let first = crowd.page(viewer, id, list(Start::First)).await;
            let mut ways = vec![("first", Start::First)];
            if let (Some(last), true) = (first.last(), first.len() == PAGE as usize) {
                ways.extend([("after", Start::After(last)), ("before", Start::Before(last)), ("end", Start::Last)]);
            }
            for (way, start) in ways {
                let look = crowd.look(viewer, bounds.times, &|| list(start)).await;
                // Statistics are a sample, so plans differ from run to run: the bounds leave room. Going back is rarer
                // than going on.
                let factor = if matches!(way, "before" | "end") { 2 } else { 1 };
                report.add(bounds, &format!("{login:8} {kind} {text:?} {way}"), &look, factor);
            }
            let count = || compile::count(&crowd.registry, id, &query, viewer, Some(1_001));
            let look = crowd.look(viewer, bounds.times, &count).await;
            // A count looks at every entry of a tag in its index.
            report.add(bounds, &format!("{login:8} {kind} {text:?} count"), &look, 4);
        }
        for (kind, text) in UNSERVED {
            let (id, query) = crowd.query(kind, text);
            let list = || compile::list(&crowd.registry, id, &query, viewer, Start::First, PAGE);
            let look = crowd.look(viewer, 1, &list).await;
            report.add(
                &Bounds { rows: u64::MAX, milliseconds: f64::INFINITY, times: 1 },
                &format!("{login:8} {kind} {text:?} first"),
                &look,
                1,
            );
        }
        let names = other_reads(&crowd.registry, viewer, &busy).into_iter().map(|(name, _)| name);
        for (i, name) in names.enumerate() {
            let build = || other_reads(&crowd.registry, viewer, &busy).swap_remove(i).1;
            let look = crowd.look(viewer, bounds.times, &build).await;
            report.add(bounds, &format!("{login:8} {name}"), &look, 1);
        }
    }
    report
}

/// How long whole answers of the desk take, of several statements each: pickers and the palette, the warning of
/// duplicates, a record's screens.
async fn ask_the_desk(crowd: &Crowd, bounds: &Bounds, report: &mut Report) {
    for viewer in &crowd.viewers().await {
        let login = &viewer.me.login;
        let cx = crowd.desk.sit(login, Door::Tui, chrono_tz::UTC, Lang::En).await.expect("they sit down");
        let mut add = |name: &str, times: &mut Vec<f64>| {
            times.sort_by(f64::total_cmp);
            let look = Look { milliseconds: times[times.len() / 2], ..Look::default() };
            // A dozen statements at most.
            report.add(bounds, &format!("{login:8} {name}, all of it"), &look, 10);
        };
        for text in ["wangwei", "王伟", "müller", "o'neil", "aldermark", "05501234", "x"] {
            let mut times = Vec::new();
            for _ in 0..bounds.times {
                let began = Instant::now();
                crowd.desk.find(&cx, text, &[], 20).await.expect("an answer");
                times.push(began.elapsed().as_secs_f64() * 1000.0);
            }
            add(&format!("find {text:?}"), &mut times);
        }
        for kind in [CONTACT, COMPANY] {
            let (_, query) = crowd.query(kind.0, "sort:created");
            let page = crowd.desk.page(&cx, kind, &query, &From::Start, 5).await.expect("a page");
            for record in &page.records {
                let mut times = Vec::new();
                for _ in 0..bounds.times {
                    let began = Instant::now();
                    crowd.desk.twins(&cx, record).await.expect("an answer");
                    times.push(began.elapsed().as_secs_f64() * 1000.0);
                }
                add(&format!("twins of {}", crowd.registry.kind(kind).code(record.id)), &mut times);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_filters_and_searches_read_little_of_a_big_workspace() {
    let bounds = Bounds { rows: READ_MAX, milliseconds: f64::INFINITY, times: 1 };
    // One test for all of it: the crowd's connections live as long as the test that made it.
    let scale = Scale { tickets: 50_000, activities: 20_000, ..Scale::of(100_000) };
    let crowd = Crowd::of(scale).await;
    let mut wrong = read_everything(&crowd, &bounds).await.wrong;
    wrong += &board::look_at_boards(&crowd).await;
    wrong += &metric::count_everything(&crowd, false).await;
    wrong += &write::do_everything(&crowd).await;
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "builds a million rows"]
async fn lists_filters_and_searches_read_little_of_a_million() {
    let crowd = match std::env::var("FRONTDESK_PLANS_ON") {
        Ok(place) => Crowd::at(&place).await,
        Err(_) => Crowd::of(Scale::of(1_000_000)).await,
    };
    // Single milliseconds on a machine with nothing else to do, and ten times that on a busy one.
    let bounds = Bounds { rows: 4 * READ_MAX, milliseconds: 100.0, times: 5 };
    let mut report = read_everything(&crowd, &bounds).await;
    ask_the_desk(&crowd, &bounds, &mut report).await;
    report.tell();
    assert!(report.wrong.is_empty(), "\n{}", report.wrong);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "times a workspace of a million rows"]
async fn rights_cost_less_than_a_fifth_of_the_main_lists() {
    let place = std::env::var("FRONTDESK_PLANS_ON").expect("where to look");
    let wrong = rights::weigh_rights(&Crowd::at(&place).await).await;
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// `FRONTDESK_PLANS_ASK='ines contact tag:vip'` prints the plan of that list's first page, for tuning.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a workspace to look at"]
async fn the_plan_of_one_list() {
    let place = std::env::var("FRONTDESK_PLANS_ON").expect("where to look");
    let asked = std::env::var("FRONTDESK_PLANS_ASK").expect("what to ask");
    let crowd = Crowd::at(&place).await;
    let mut words = asked.splitn(3, ' ');
    let mut next = || words.next().unwrap_or_default();
    let viewer = crowd.viewer(next()).await;
    let (id, query) = crowd.query(next(), next());
    eprintln!(
        "{}",
        crowd.explain(&viewer, compile::list(&crowd.registry, id, &query, &viewer, Start::First, PAGE)).await
    );
}

//! What metrics read: the records that they count, and what a split or a date needs.

use std::fmt::Write;

use frontdesk::demo::Scale;
use frontdesk::domain::metric::{self, Buckets, By, Period};
use frontdesk::domain::query::Query;
use frontdesk::store::compile::{self, Counted, Split};
use sqlx::Row;

use super::crowd::Crowd;

/// Metric, split, period; and whether it must not read a big table from end to end. What is counted over most of a table
/// may.
const METRICS: &[(&str, &str, &str, bool)] = &[
    ("open-pipeline", "stage", "", false),
    ("won", "day", "-30d", true),
    ("won", "month", "this-year", false),
    ("won", "owner", "-30d", true),
    ("win-rate", "", "-30d", true),
    ("win-rate", "product", "this-year", false),
    ("cycle", "week", "-90d", false),
    ("no-next-step", "owner", "", false),
    // Of open tickets the table is read for the split, since no index has both; worth one when it is slow.
    ("open-tickets", "priority", "", false),
    ("open-tickets", "owner", "", true),
    ("overdue-tickets", "owner", "", true),
    ("tickets", "day", "-30d", false),
    ("solved-tickets", "day", "-30d", false),
    ("tickets", "category", "-7d", true),
    ("first-reply", "day", "-7d", true),
    ("satisfaction", "", "-7d", true),
    ("solve-time-median", "day", "-7d", true),
    ("open-tickets", "company.country", "", false),
];

/// All of them; returns what is wrong.
pub(super) async fn count_everything(crowd: &Crowd, told: bool) -> String {
    let mut wrong = String::new();
    let only = Query::default();
    for viewer in &crowd.viewers().await {
        for (name, by, period, not_whole) in METRICS {
            let metric = metric::by_name(name).expect("declared");
            let frame = if period.is_empty() {
                None
            } else {
                Period::parse(period).expect("a period").frame(viewer.now, viewer.zone)
            };
            let by = (!by.is_empty()).then(|| By::parse(by, &crowd.registry, metric).expect("a field"));
            let unit = by.as_ref().and_then(|by| by.unit);
            let bounds = frame.zip(unit).map_or_else(Vec::new, |(f, unit)| Buckets::of(f, unit).expect("few").bounds);
            let by = by.as_ref().map(|by| Split { by, bounds: &bounds });
            let counted = Counted { metric, only: &only, frame, by, with_total: true, limit: 4_000 };
            let build = || compile::metric(&crowd.registry, viewer, &counted);
            let mut tx = crowd.begin(viewer).await;
            let rows = build().build().persistent(false).fetch_all(&mut *tx).await.expect("figures");
            let records: i64 = rows.iter().filter(|r| r.get::<bool, _>(0)).map(|r| r.get::<i64, _>(4)).sum();
            drop(tx);
            let look = crowd.look(viewer, 1, &build).await;
            let name = format!("{:8} {name} by {:?} {period}", viewer.me.login, by.map(|s| s.by.path.join(".")));
            if told {
                eprintln!("{:9.2} ms {:8} rows read {records:8} records  {name}", look.milliseconds, look.read);
            }
            if *not_whole && !look.whole.is_empty() {
                writeln!(wrong, "{name}: reads all of {} for {records}", look.whole.join(", ")).expect("memory");
            }
            // Of somebody who sees a part, the index may give the others' records too.
            let all = if viewer.me.is_admin() { records as u64 } else { u64::MAX / 4 };
            if *not_whole && look.read > all * 3 + 5_000 {
                writeln!(wrong, "{name}: reads {} rows for {records}", look.read).expect("memory");
            }
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "builds a million rows"]
async fn metrics_over_a_million() {
    let crowd = match std::env::var("FRONTDESK_PLANS_ON") {
        Ok(place) => Crowd::at(&place).await,
        Err(_) => Crowd::of(Scale::of(1_000_000)).await,
    };
    let wrong = count_everything(&crowd, true).await;
    assert!(wrong.is_empty(), "\n{wrong}");
}

//! The demo's way into the database: `COPY`, under one operation of the workspace's first admin.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use tokio::sync::mpsc;

use super::canned::ANSWERS;
use super::words::{PRODUCTS, STAFF, TEAMS};
use super::{First, Member, Rows, Scale, Stage, State, World, activity, deal, past, people, ticket};
use crate::config::Database;
use crate::store::bulk::{self, Bulk};

/// Raised when the same scale gives other records.
const EDITION: u64 = 3;

/// From so many contacts on, indexes are made after loading and two connections load.
const BIG: usize = 20_000;

/// Numbers that one transaction takes: the triggers keep the statement's rows until its end.
const CHUNK: usize = 50_000;

/// Hears what is being loaded, how much of it is done, and of how much.
pub type Progress<'a> = &'a (dyn Fn(&str, u64, u64) + Send + Sync);

/// Makes a row of a table: the world, the record's number, where to.
type Make = fn(&World, usize, &mut Rows);

/// A table that is filled row by row from numbers.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    make: Make,
    of: fn(&Scale) -> usize,
}

const TABLES: &[Table] = &[
    Table { name: "company", columns: people::COMPANY, make: people::company_row, of: |s| s.companies },
    Table { name: "contact", columns: people::CONTACT, make: people::contact_row, of: |s| s.contacts },
    Table { name: "deal", columns: deal::DEAL, make: deal::deal_row, of: |s| s.deals },
    Table { name: "ticket", columns: ticket::TICKET, make: ticket::ticket_row, of: |s| s.tickets },
    Table { name: "message", columns: ticket::MESSAGE, make: ticket::message_rows, of: |s| s.tickets },
    Table { name: "activity", columns: activity::ACTIVITY, make: activity::activity_row, of: |s| s.activities },
];

const TEAM: &[&str] = &["id", "name", "parent_id", "created_at", "created_by", "updated_at", "updated_by"];
const MEMBER: &[&str] = &[
    "id",
    "name",
    "login",
    "role",
    "team_id",
    "manager_id",
    "email",
    "active",
    "lang",
    "zone",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];
const PRODUCT: &[&str] = &[
    "id",
    "name",
    "sku",
    "series",
    "price",
    "currency",
    "active",
    "description",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];
const VIEW: &[&str] = &[
    "name",
    "kind",
    "query",
    "shared",
    "position",
    "owner_id",
    "team_id",
    "tags",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];

const CANNED: &[&str] = &[
    "name",
    "language",
    "category",
    "body",
    "shared",
    "owner_id",
    "team_id",
    "tags",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];

/// Views that the demo adds to a new workspace's own: kind, name, query.
pub(super) const VIEWS: &[(&str, &str, &str)] = &[
    ("contact", "VIPs", "tag:vip"),
    ("contact", "中国客户", "country:China"),
    ("company", "Key accounts", "tag:key-account"),
    ("deal", "Rotting", "state:open idle>14d sort:-idle"),
    ("deal", "Closing this month", "state:open expected:this-month sort:-amount"),
    ("deal", "Lost this year", "state:lost closed:this-year sort:-closed"),
    ("ticket", "Breached", "status:new,open sla<0m sort:due"),
    ("ticket", "Due in two hours", "status:new,open due<+2h sort:due"),
    ("ticket", "Complaints", "type:complaint -status:closed"),
    ("ticket", "发票问题", "tag:发票"),
];

/// When the finished demo of this scale that the database holds was made; `None`: there is none.
pub async fn filled(database: &Database, scale: &Scale) -> Result<Option<DateTime<Utc>>> {
    let Some(found) = bulk::marked(database).await? else { return Ok(None) };
    let made = found["made"].as_str().and_then(|at| at.parse().ok());
    Ok(made.filter(|&at| found == mark(scale, at)))
}

/// Left in the database when all is loaded.
fn mark(scale: &Scale, made: DateTime<Utc>) -> serde_json::Value {
    json!({ "edition": EDITION, "made": made.to_rfc3339(), "contacts": scale.contacts, "companies": scale.companies,
            "deals": scale.deals, "tickets": scale.tickets, "activities": scale.activities })
}

/// Fills a workspace that has a schema and a first admin. Existing records stay; the new ones get ids behind theirs.
pub async fn fill(database: &Database, scale: Scale, now: DateTime<Utc>, progress: Progress<'_>) -> Result<World> {
    let mut bulk = Bulk::begin(database).await.context("the demo could not be begun")?;
    let world = Arc::new(found(&mut bulk, scale, super::minute(now)).await?);
    let big = scale.contacts >= BIG;
    let names: Vec<_> = TABLES.iter().map(|t| t.name).collect();
    let filled = [&names[..], &["activity_link"]].concat();
    let indexes = if big { bulk.drop_indexes(&filled).await? } else { Vec::new() };
    let mut other = if big { Some(bulk.beside(database).await?) } else { None };
    for table in TABLES {
        let of = (table.of)(&scale);
        let done = AtomicU64::new(0);
        let tell = |n: u64| progress(table.name, done.fetch_add(n, Ordering::Relaxed) + n, of as u64);
        match &mut other {
            None => pour(&mut bulk, &world, table, 0..of, &tell).await?,
            Some(other) => {
                // Later records of the same table may refer to the first ones.
                let (first, half) = (of.min(people::FIRST), of.min(people::FIRST).max(of / 2));
                pour(&mut bulk, &world, table, 0..first, &tell).await?;
                tokio::try_join!(
                    pour(&mut bulk, &world, table, first..half, &tell),
                    pour(other, &world, table, half..of, &tell)
                )?;
            }
        }
    }
    bulk.settle_ids(&names).await?;
    if let Some(other) = &mut other {
        let total = indexes.len() as u64;
        let queue = std::sync::Mutex::new(indexes.into_iter().rev());
        let done = AtomicU64::new(0);
        let work = async |bulk: &mut Bulk| -> Result<()> {
            loop {
                let Some(index) = queue.lock().expect("nobody panics with it").next() else { return Ok(()) };
                bulk.restore(&index).await?;
                progress("index", done.fetch_add(1, Ordering::Relaxed) + 1, total);
            }
        };
        tokio::try_join!(work(&mut bulk), work(other))?;
    }
    bulk.remember(&past::deeds(&world)).await?;
    bulk.tell_people().await?;
    bulk.welcome_all().await?;
    progress("tidy", 0, 1);
    bulk.tidy().await?;
    bulk.mark(&mark(&scale, world.now)).await?;
    Ok(Arc::into_inner(world).expect("the makers of rows have ended"))
}

/// Writes the few records that everything else refers to: teams, staff, products and views.
async fn found(bulk: &mut Bulk, scale: Scale, now: DateTime<Utc>) -> Result<World> {
    let stages = bulk.stages().await?;
    let pipeline = stages.first().context("the workspace has no pipeline")?.pipeline;
    let stages = stages.iter().map(|s| Stage { id: s.id, state: State::of(&s.state) }).collect();
    let (head, (name, login)) = (bulk.person(), bulk.named().await?);
    let team = bulk.free_id("team").await?;
    let person = bulk.free_id("staff").await?;
    let first = First {
        company: bulk.free_id("company").await?,
        contact: bulk.free_id("contact").await?,
        product: bulk.free_id("product").await?,
        deal: bulk.free_id("deal").await?,
        ticket: bulk.free_id("ticket").await?,
        message: bulk.free_id("message").await?,
        activity: bulk.free_id("activity").await?,
    };
    let long_ago = now - Duration::days(900);

    let mut teams = Rows::new();
    for (i, name) in TEAMS.iter().enumerate() {
        teams
            .int(team + i as i64)
            .text(name)
            .int((i > 0).then_some(team))
            .at(long_ago)
            .int(head)
            .at(long_ago)
            .int(head)
            .end();
    }
    let mut staff = Rows::new();
    let mut members = vec![Member { id: head, name, team, role: "admin", china: false }];
    for (i, (own_login, name, role, place, lang, zone)) in STAFF.iter().enumerate() {
        // Whoever opens the demo may be called the same.
        let own_login = if *own_login == login { format!("{own_login}2") } else { (*own_login).to_owned() };
        let team = team + 1 + *place as i64;
        let member = Member { id: person + i as i64, name: (*name).into(), team, role, china: *place == 1 };
        staff
            .int(member.id)
            .text(name)
            .text(&own_login)
            .text(role)
            .int(member.team)
            .int(head)
            .text(&format!("{own_login}@tern.example"))
            .flag(true)
            .text(lang)
            .text(zone)
            .at(long_ago)
            .int(head)
            .at(long_ago)
            .int(head)
            .end();
        members.push(member);
    }
    let mut products = Rows::new();
    for (i, (name, sku, series, price, description)) in PRODUCTS.iter().enumerate() {
        products
            .int(first.product + i as i64)
            .text(name)
            .text(sku)
            .text(series)
            .money(*price)
            .text("EUR")
            .flag(true)
            .text(description)
            .at(long_ago)
            .int(head)
            .at(long_ago)
            .int(head)
            .end();
    }
    let mut views = Rows::new();
    for (position, (kind, name, query)) in VIEWS.iter().enumerate() {
        views
            .text(name)
            .text(kind)
            .text(query)
            .flag(true)
            .int(20 + position as i64)
            .int(head)
            .int(team)
            .tags(&[])
            .at(long_ago)
            .int(head)
            .at(long_ago)
            .int(head)
            .end();
    }
    let mut canned = Rows::new();
    for (name, language, category, body) in ANSWERS {
        canned
            .text(name)
            .text(language)
            .text(category)
            .text(body)
            .flag(true)
            .int(head)
            .int(team)
            .tags(&[])
            .at(long_ago)
            .int(head)
            .at(long_ago)
            .int(head)
            .end();
    }
    bulk.open().await?;
    for (table, columns, rows) in [
        ("team", TEAM, teams),
        ("staff", MEMBER, staff),
        ("product", PRODUCT, products),
        ("view", VIEW, views),
        ("canned", CANNED, canned),
    ] {
        let (sender, mut source) = mpsc::channel(1);
        sender.send(rows.into_bytes()).await?;
        drop(sender);
        bulk.copy(table, columns, &mut source).await.with_context(|| format!("{table} could not be filled"))?;
    }
    bulk.join(team).await?;
    bulk.settle_ids(&["team", "staff", "product"]).await?;
    bulk.commit().await?;
    Ok(World { now, scale, first, head, members, pipeline, stages })
}

/// Copies some of a table's records, so many in each transaction.
async fn pour(
    bulk: &mut Bulk,
    world: &Arc<World>,
    table: &'static Table,
    numbers: Range<usize>,
    tell: &(dyn Fn(u64) + Send + Sync),
) -> Result<()> {
    let mut from = numbers.start;
    while from < numbers.end {
        let to = numbers.end.min(from + CHUNK);
        pour_chunk(bulk, world, table, from..to, tell).await?;
        from = to;
    }
    Ok(())
}

async fn pour_chunk(
    bulk: &mut Bulk,
    world: &Arc<World>,
    table: &'static Table,
    numbers: Range<usize>,
    tell: &(dyn Fn(u64) + Send + Sync),
) -> Result<()> {
    let (sender, mut source) = mpsc::channel::<Vec<u8>>(4);
    let (told, mut heard) = mpsc::unbounded_channel::<u64>();
    let world = world.clone();
    let maker = tokio::task::spawn_blocking(move || {
        let (mut rows, mut before, end) = (Rows::new(), numbers.start, numbers.end);
        for number in numbers {
            (table.make)(&world, number, &mut rows);
            if rows.is_full() || number + 1 == end {
                let _ = told.send((number + 1 - before) as u64);
                before = number + 1;
                // The other end is gone only when the database refused: it says so itself.
                if sender.blocking_send(std::mem::replace(&mut rows, Rows::new()).into_bytes()).is_err() {
                    return;
                }
            }
        }
    });
    bulk.open().await?;
    let copying = async {
        let copied = bulk.copy(table.name, table.columns, &mut source).await;
        source.close();
        copied
    };
    let telling = async {
        while let Some(n) = heard.recv().await {
            tell(n);
        }
    };
    let (copied, ()) = tokio::join!(copying, telling);
    maker.await?;
    copied.with_context(|| format!("{} could not be filled", table.name))?;
    Ok(bulk.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{KindId, Registry};
    use crate::domain::query::Query;

    fn world() -> World {
        let member = |id, name: &str, china| Member { id, name: name.into(), team: 1, role: "sales", china };
        let stage = |id, state| Stage { id, state };
        World {
            now: super::super::minute("2026-05-04T09:30:00Z".parse().unwrap()),
            scale: Scale::LIVELY,
            first: First { company: 1, contact: 1, product: 1, deal: 1, ticket: 1, message: 1, activity: 1 },
            head: 1,
            members: vec![member(1, "Hanna", false), member(2, "Ana Keller", false), member(3, "林晓", true)],
            pipeline: 1,
            stages: vec![stage(1, State::Open), stage(2, State::Open), stage(3, State::Won), stage(4, State::Lost)],
        }
    }

    #[test]
    fn every_row_has_its_columns_and_every_column_its_field() {
        let (world, registry) = (world(), Registry::builtin());
        for table in TABLES {
            let kind = registry.by_name(table.name).expect("tables are named as their kinds");
            for &column in table.columns.iter().filter(|c| **c != "id") {
                assert!(kind.fields.iter().any(|f| f.db_column() == column), "{}.{column}", table.name);
            }
            let mut rows = Rows::new();
            for number in 0..(table.of)(&world.scale) {
                (table.make)(&world, number, &mut rows);
            }
            let text = String::from_utf8(rows.into_bytes()).expect("text");
            for line in text.lines() {
                assert_eq!(line.split('\t').count(), table.columns.len(), "{}: {line}", table.name);
                assert!(!line.contains('{') || !line.contains("{first}"), "a blank is left: {line}");
            }
        }
    }

    #[test]
    fn the_same_moment_gives_the_same_rows() {
        let made = || {
            let mut rows = Rows::new();
            ticket::message_rows(&world(), 249, &mut rows);
            deal::deal_row(&world(), 149, &mut rows);
            rows.into_bytes()
        };
        assert_eq!(made(), made());
    }

    #[test]
    fn nothing_is_sent_or_created_after_now() {
        let world = world();
        for number in 0..world.scale.tickets {
            let (_, _, created) = ticket::standing(&world, number);
            assert!(created < world.now);
        }
        assert!(past::deeds(&world).iter().all(|d| d.at <= world.now));
        assert!(past::deeds(&world).len() > 100, "a lively past");
    }

    #[test]
    fn views_are_written_in_the_query_language() {
        let registry = Registry::builtin();
        for (kind, name, query) in VIEWS {
            let kind: KindId = registry.by_name(kind).expect("a kind").id;
            if let Err(mistake) = Query::parse(query, &registry, kind) {
                panic!("view {name}: {query}: {mistake:?}");
            }
        }
    }
}

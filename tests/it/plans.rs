//! How the main queries are answered over a big workspace, for a person who sees everything, one who sees a part, and
//! one who sees next to nothing: never by reading a big table from end to end, and never by reading many times what is
//! shown. The figures are those of the executed plans, so a busy machine changes nothing.

use std::fmt::Write;
use std::path::Path;

use chrono::Utc;
use frontdesk::config::Database;
use frontdesk::demo::{self, Scale};
use frontdesk::domain::change::Door;
use frontdesk::domain::field::Lang;
use frontdesk::domain::kind::{KindId, Registry};
use frontdesk::domain::query::Query;
use frontdesk::domain::record::Record;
use frontdesk::domain::viewer::{Person, Viewer};
use frontdesk::store::compile::{self, Start};
use frontdesk::store::{Actor, Store};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Execute, PgConnection, Postgres, QueryBuilder, Row};
use tokio::sync::OnceCell;

use crate::support::Workspace;

/// Tables that no list may read whole.
const BIG: &[&str] = &["company", "contact", "deal", "ticket", "message", "activity", "activity_link", "change"];

/// Rows that one page may read: what it shows, what the filters drop on the way, and, of a word that is neither rare nor
/// frequent, the records that hold it (three times: in the index, in the table, and again by number).
const READ_MAX: u64 = 30_000;

/// A page on the screen.
const PAGE: u32 = 60;

/// Kind and query. Not among them: a frequent word of one field in the order of another that puts all of its records
/// last (`country:China` by name); no index serves both.
const QUERIES: &[(&str, &str)] = &[
    ("contact", ""),
    ("contact", "sort:-created"),
    ("contact", "sort:-name"),
    ("contact", "owner:me"),
    ("contact", "owner:none"),
    ("contact", "lifecycle:at_risk"),
    ("contact", "tag:vip"),
    ("contact", "tag:vip tag:reference"),
    ("contact", "created>-7d"),
    ("contact", "company.industry:Energy"),
    ("contact", "wangwei"),
    ("contact", "王伟"),
    ("contact", "müller"),
    ("contact", "muller pet"),
    ("contact", "o'neil"),
    ("contact", "gre"),
    ("contact", "vogel@alder"),
    ("contact", "05501234"),
    ("contact", "nobodyhasthisname"),
    ("company", ""),
    ("company", "industry:Energy"),
    ("company", "country:Germany"),
    ("company", "aldermark"),
    ("company", "云岭"),
    ("deal", ""),
    ("deal", "state:open"),
    ("deal", "state:open owner:me"),
    ("deal", "stage:Proposal"),
    ("deal", "state:open sort:-amount"),
    ("deal", "sort:-amount"),
    ("deal", "amount>100k sort:-amount"),
    ("deal", "expected:this-month"),
    ("deal", "state:won sort:-closed"),
    ("deal", "company.country:Germany"),
    ("deal", "aldermark"),
    ("ticket", ""),
    ("ticket", "status:new,open,pending,hold"),
    ("ticket", "status:new,open owner:me"),
    ("ticket", "status:new,open owner:none"),
    ("ticket", "status:new,open priority:urgent"),
    ("ticket", "status:open priority>=high"),
    ("ticket", "status:new,open sort:-priority,due"),
    ("ticket", "status:new,open sort:due"),
    ("ticket", "status:new,open sla<2h"),
    ("ticket", "due<+2h status:new,open sort:due"),
    ("ticket", "tag:发票"),
    ("ticket", "created:today"),
    ("ticket", "category:App"),
    ("ticket", "status:closed sort:-created"),
    ("ticket", "company.country:Germany status:new,open"),
    ("ticket", "T1042"),
    ("ticket", "20144"),
    ("ticket", "büroklammer"),
    ("ticket", "souvenir"),
    ("ticket", "刷卡模块"),
    ("ticket", "nosuchwordanywhere"),
    ("message", ""),
    ("activity", ""),
    ("activity", "owner:me done:no"),
    ("activity", "type:visit"),
];

/// A workspace with a demo of some scale in it, for all tests of this file.
struct Crowd {
    /// Dropped with this value.
    _workspace: Option<Workspace>,
    database: Database,
    store: Store,
    registry: Registry,
}

impl Crowd {
    async fn of(scale: Scale) -> Self {
        let workspace = Workspace::new().await;
        let began = std::time::Instant::now();
        demo::fill(&workspace.database, scale, Utc::now(), &|_, _, _| {}).await.expect("a demo");
        eprintln!("{scale:?} loaded in {:.1} s", began.elapsed().as_secs_f64());
        let store = workspace.store().await;
        let database = workspace.database.clone();
        Self { _workspace: Some(workspace), database, store, registry: Registry::builtin() }
    }

    /// A demo that is there already, `FRONTDESK_PLANS_ON=<socket folder>,<database>`: for tuning without loading again.
    async fn at(place: &str) -> Self {
        let (folder, name) = place.split_once(',').expect("a folder and a database");
        let database = Database::private(Path::new(folder), name, &format!("{name}_service"));
        let store = frontdesk::store::connect(&database).await.expect("a migrated workspace");
        Self { _workspace: None, database, store, registry: Registry::builtin() }
    }

    /// A hundred thousand contacts, made once a run.
    async fn shared() -> &'static Self {
        static CROWD: OnceCell<Crowd> = OnceCell::const_new();
        let scale = Scale { tickets: 50_000, activities: 20_000, ..Scale::of(100_000) };
        CROWD.get_or_init(|| Self::of(scale)).await
    }

    /// Admin; two thirds of everything; nothing: the demo's customers are not team North's.
    async fn viewers(&self) -> Vec<Viewer> {
        let mut viewers = Vec::new();
        for login in ["ana", "ines", "bo"] {
            viewers.push(self.viewer(login).await);
        }
        viewers
    }

    async fn viewer(&self, login: &str) -> Viewer {
        let mut owner = PgConnection::connect_with(&self.database.owner).await.expect("the owner gets in");
        let row = sqlx::query(
            "select s.id, s.name, s.role, s.team_id, coalesce(t.name, ''), array(
                with recursive below as (select s.team_id as id union select t.id from team t join below on t.parent_id = below.id)
                select id from below where id is not null)
             from staff s left join team t on t.id = s.team_id where s.login = $1",
        )
        .bind(login)
        .fetch_one(&mut owner)
        .await
        .expect("a person of the staff");
        let me = Person {
            id: row.get(0),
            login: login.into(),
            name: row.get(1),
            role: row.get(2),
            team: row.get(3),
            teams: row.get(5),
            team_name: row.get(4),
            zone: None,
        };
        Viewer { me, now: Utc::now(), zone: chrono_tz::UTC, lang: Lang::En }
    }

    async fn begin(&self, viewer: &Viewer) -> frontdesk::store::Tx {
        let me = &viewer.me;
        let actor =
            Actor { person: me.id, door: Door::Tui, seat: "plans".into(), today: chrono::Utc::now().date_naive() };
        self.store.begin(&actor, None).await.expect("a transaction")
    }

    fn query(&self, kind: &str, text: &str) -> (KindId, Query) {
        let kind = self.registry.by_name(kind).expect("a kind").id;
        match Query::parse(text, &self.registry, kind) {
            Ok(query) => (kind, query),
            Err(mistake) => panic!("{kind} {text}: {mistake:?}"),
        }
    }

    async fn page(&self, viewer: &Viewer, kind: KindId, mut builder: QueryBuilder<Postgres>) -> Vec<Record> {
        let mut tx = self.begin(viewer).await;
        let rows = builder.build().persistent(false).fetch_all(&mut *tx).await.expect("a page");
        let kind = self.registry.kind(kind);
        rows.iter().map(|row| compile::decode(row, kind, viewer.now).expect("a record")).collect()
    }

    /// Executes the query under the viewer's rights and looks at the plan.
    async fn look(&self, viewer: &Viewer, mut builder: QueryBuilder<Postgres>) -> Look {
        let mut query = builder.build();
        let arguments = query.take_arguments().expect("arguments encode").expect("is bound");
        let sql = query.sql();
        let explain = format!("explain (analyze, buffers, format json) {}", sql.as_str());
        let mut tx = self.begin(viewer).await;
        let plan: Value = sqlx::query_scalar_with(AssertSqlSafe(explain), arguments)
            .persistent(false)
            .fetch_one(&mut *tx)
            .await
            .unwrap_or_else(|e| panic!("{e}\n{}", sql.as_str()));
        Look::of(&plan[0])
    }
}

/// What an executed plan did.
#[derive(Debug, Default)]
struct Look {
    /// Big tables read from end to end.
    whole: Vec<String>,
    /// Rows that scans of big tables gave or dropped, and index entries of bitmaps.
    read: u64,
    milliseconds: f64,
}

impl Look {
    fn of(explained: &Value) -> Self {
        let mut look = Self::default();
        look.walk(&explained["Plan"]);
        look.milliseconds = ["Planning Time", "Execution Time"].iter().filter_map(|key| explained[key].as_f64()).sum();
        look
    }

    fn walk(&mut self, node: &Value) {
        let number = |key: &str| node[key].as_f64().unwrap_or(0.0);
        let table = node["Relation Name"].as_str().unwrap_or_default();
        let sort = node["Node Type"].as_str().unwrap_or_default();
        let of_big = BIG.contains(&table) || table.starts_with("change_") || sort == "Bitmap Index Scan";
        if of_big && number("Actual Loops") > 0.0 {
            let rows =
                number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
            // A capped count may read a table's beginning.
            if sort == "Seq Scan" && rows > READ_MAX as f64 / 2.0 {
                self.whole.push(table.to_owned());
            }
            self.read += (rows * number("Actual Loops")) as u64;
        }
        for child in node["Plans"].as_array().into_iter().flatten() {
            self.walk(child);
        }
    }
}

/// All lists, in all ways of turning their pages, and their counts; returns what is wrong.
async fn read_everything(crowd: &Crowd, read_max: u64, told: bool) -> String {
    let mut wrong = String::new();
    for viewer in &crowd.viewers().await {
        for (kind, text) in QUERIES {
            let (id, query) = crowd.query(kind, text);
            let list = |start| compile::list(&crowd.registry, id, &query, viewer, start, PAGE);
            let first = crowd.page(viewer, id, list(Start::First)).await;
            let mut ways = vec![("first", list(Start::First))];
            if let (Some(last), true) = (first.last(), first.len() == PAGE as usize) {
                ways.push(("after", list(Start::After(last))));
                ways.push(("before", list(Start::Before(last))));
                ways.push(("end", list(Start::Last)));
            }
            ways.push(("count", compile::count(&crowd.registry, id, &query, viewer, Some(1_001))));
            for (way, builder) in ways {
                let look = crowd.look(viewer, builder).await;
                let name = format!("{:8} {kind} {text:?} {way}", viewer.me.login);
                if told {
                    eprintln!("{:9.2} ms {:8} rows read  {name}", look.milliseconds, look.read);
                }
                if !look.whole.is_empty() {
                    writeln!(wrong, "{name}: reads all of {}", look.whole.join(", ")).expect("memory");
                }
                // Statistics are a sample, so plans differ from run to run: the bounds leave room. Going back is rarer
                // than going on, and a count looks at every entry of a tag in its index.
                let bound = match way {
                    "before" | "end" => 2 * read_max,
                    "count" => 4 * read_max,
                    _ => read_max,
                };
                if look.read > bound {
                    writeln!(wrong, "{name}: reads {} rows", look.read).expect("memory");
                }
            }
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_filters_and_searches_read_little_of_a_big_workspace() {
    let wrong = read_everything(Crowd::shared().await, READ_MAX, false).await;
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "builds a million rows"]
async fn lists_filters_and_searches_read_little_of_a_million() {
    let crowd = match std::env::var("FRONTDESK_PLANS_ON") {
        Ok(place) => Crowd::at(&place).await,
        Err(_) => Crowd::of(Scale::of(1_000_000)).await,
    };
    let wrong = read_everything(&crowd, 4 * READ_MAX, true).await;
    assert!(wrong.is_empty(), "\n{wrong}");
}

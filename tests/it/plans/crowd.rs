//! A workspace with a demo of some scale in it, and a look at what its plans do.

use std::path::Path;
use std::time::Instant;

use chrono::Utc;
use frontdesk::config::Database;
use frontdesk::demo::{self, Scale};
use frontdesk::desk::Desk;
use frontdesk::domain::change::Door;
use frontdesk::domain::field::{Field, FieldType, Label, Lang};
use frontdesk::domain::kind::{COMPANY, CONTACT, DEAL, KindId, Registry, TICKET};
use frontdesk::domain::query::Query;
use frontdesk::domain::record::Record;
use frontdesk::domain::viewer::{Person, Viewer};
use frontdesk::store::compile;
use frontdesk::store::{Actor, Store};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Execute, PgConnection, Postgres, QueryBuilder, Row};

use super::READ_MAX;
use crate::support::Workspace;

/// Tables that no list may read whole.
const BIG: &[&str] = &["company", "contact", "deal", "ticket", "message", "activity", "activity_link", "change"];

const ADMIN: &str = "select login from staff where role = 'admin' and active order by id limit 1";

/// A workspace with a demo of some scale in it.
pub(super) struct Crowd {
    /// Dropped with this value.
    _workspace: Option<Workspace>,
    database: Database,
    pub(super) desk: Desk,
    store: Store,
    pub(super) registry: Registry,
}

impl Crowd {
    pub(super) async fn of(scale: Scale) -> Self {
        let workspace = Workspace::new().await;
        let began = Instant::now();
        demo::fill(&workspace.database, scale, Utc::now(), &|_, _, _| {}).await.expect("a demo");
        eprintln!("{scale:?} loaded in {:.1} s", began.elapsed().as_secs_f64());
        let database = workspace.database.clone();
        Self::open(database, Some(workspace)).await
    }

    /// A demo that is there already, `FRONTDESK_PLANS_ON=<socket folder>,<database>`: for tuning without loading again.
    pub(super) async fn at(place: &str) -> Self {
        let (folder, name) = place.split_once(',').expect("a folder and a database");
        Self::open(Database::private(Path::new(folder), name, &format!("{name}_service")), None).await
    }

    /// With two custom fields of companies that are often filtered by: few values, and many.
    async fn open(database: Database, workspace: Option<Workspace>) -> Self {
        let store = frontdesk::store::connect(&database).await.expect("a migrated workspace");
        let desk = Desk::open(store.clone()).await.expect("the desk opens");
        let mut owner = PgConnection::connect_with(&database.owner).await.expect("the owner gets in");
        if desk.registry().kind(COMPANY).field("segment").is_none() {
            let admin: String = sqlx::query_scalar(ADMIN).fetch_one(&mut owner).await.expect("an admin");
            let cx = desk.sit(&admin, Door::Tui, chrono_tz::UTC, Lang::En).await.expect("they sit down");
            for (name, ty) in [("segment", FieldType::Text), ("seats", FieldType::Int)] {
                let mut field = Field::custom(name, Label::new(name, name), ty);
                field.indexed = true;
                desk.add_field(&cx, COMPANY, field).await.expect("added");
            }
            let filled = "update company set c_seats = id % 500,
                c_segment = (array['Office', 'Hotel', 'Retail', 'Public sector', '酒店'])[1 + id % 5]";
            for sql in [filled, "vacuum (analyze) company"] {
                sqlx::query(AssertSqlSafe(sql)).execute(&mut owner).await.expect("values");
            }
        }
        let registry = desk.registry();
        Self { _workspace: workspace, database, desk, store, registry }
    }

    /// The first admin; two thirds of everything; the other third, all at the end of a list by name; nothing: the demo's
    /// customers are not team North's.
    pub(super) async fn viewers(&self) -> Vec<Viewer> {
        let mut owner = self.owner().await;
        let admin: String = sqlx::query_scalar(ADMIN).fetch_one(&mut owner).await.expect("an admin");
        let others: Vec<String> =
            sqlx::query_scalar("select login from staff where login in ('ines', 'linxiao', 'bo') order by id")
                .fetch_all(&mut owner)
                .await
                .expect("people");
        let mut viewers = Vec::new();
        for login in std::iter::once(admin).chain(others) {
            viewers.push(self.viewer(&login).await);
        }
        viewers
    }

    /// A connection as the owner of the schema, whom no policy holds.
    pub(super) async fn owner(&self) -> PgConnection {
        PgConnection::connect_with(&self.database.owner).await.expect("the owner gets in")
    }

    /// The company, the contact and the deal with the longest timelines, and the ticket with the most messages.
    pub(super) async fn busy(&self) -> Vec<(KindId, i64)> {
        let mut owner = self.owner().await;
        let mut found = Vec::new();
        for (kind, sql) in [
            (
                COMPANY,
                "select company_id from ticket where company_id is not null group by 1 order by count(*) desc limit 1",
            ),
            (
                CONTACT,
                "select contact_id from ticket where contact_id is not null group by 1 order by count(*) desc limit 1",
            ),
            (DEAL, "select deal_id from activity where deal_id is not null group by 1 order by count(*) desc limit 1"),
            (TICKET, "select ticket_id from message group by 1 order by count(*) desc limit 1"),
        ] {
            found.push((kind, sqlx::query_scalar(sql).fetch_one(&mut owner).await.expect("a record")));
        }
        found
    }

    pub(super) async fn viewer(&self, login: &str) -> Viewer {
        let mut owner = self.owner().await;
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
        let role: String = row.get(2);
        let me = Person {
            rights: crate::support::rights(&role),
            id: row.get(0),
            login: login.into(),
            name: row.get(1),
            role,
            team: row.get(3),
            teams: row.get(5),
            team_name: row.get(4),
            stands_in: Vec::new(),
            zone: None,
        };
        Viewer { me, now: Utc::now(), zone: chrono_tz::UTC, lang: Lang::En }
    }

    pub(super) async fn begin(&self, viewer: &Viewer) -> frontdesk::store::Tx {
        let me = &viewer.me;
        let actor =
            Actor { person: me.id, door: Door::Tui, seat: "plans".into(), today: chrono::Utc::now().date_naive() };
        self.store.begin(&actor, None).await.expect("a transaction")
    }

    pub(super) fn query(&self, kind: &str, text: &str) -> (KindId, Query) {
        let kind = self.registry.by_name(kind).expect("a kind").id;
        match Query::parse(text, &self.registry, kind) {
            Ok(query) => (kind, query),
            Err(mistake) => panic!("{kind} {text}: {mistake:?}"),
        }
    }

    pub(super) async fn page(&self, viewer: &Viewer, kind: KindId, mut builder: QueryBuilder<Postgres>) -> Vec<Record> {
        let mut tx = self.begin(viewer).await;
        let rows = builder.build().persistent(false).fetch_all(&mut *tx).await.expect("a page");
        let kind = self.registry.kind(kind);
        rows.iter().map(|row| compile::decode(row, kind, viewer.now).expect("a record")).collect()
    }

    /// The plan of the query as text, executed under the viewer's rights.
    pub(super) async fn explain(&self, viewer: &Viewer, mut builder: QueryBuilder<Postgres>) -> String {
        let mut tx = self.begin(viewer).await;
        let mut query = builder.build();
        let arguments = query.take_arguments().expect("arguments encode").expect("is bound");
        let sql = query.sql();
        let explain = format!("explain (analyze, buffers) {}", sql.as_str());
        let lines: Vec<String> = sqlx::query_scalar_with(AssertSqlSafe(explain), arguments)
            .persistent(false)
            .fetch_all(&mut *tx)
            .await
            .expect("a plan");
        format!("{}\n{}", sql.as_str(), lines.join("\n"))
    }

    /// Executes the query so many times under the viewer's rights and looks at the plans; gives the middle one by time.
    pub(super) async fn look(&self, viewer: &Viewer, times: usize, build: &dyn Fn() -> QueryBuilder<Postgres>) -> Look {
        let mut tx = self.begin(viewer).await;
        let mut looks = Vec::new();
        for _ in 0..times {
            looks.push(look_on(&mut tx, build).await);
        }
        looks.sort_by(|a, b| a.milliseconds.total_cmp(&b.milliseconds));
        looks.swap_remove(times / 2)
    }
}

/// Executes the query on that connection and looks at its plan.
pub(super) async fn look_on(conn: &mut PgConnection, build: &dyn Fn() -> QueryBuilder<Postgres>) -> Look {
    let mut builder = build();
    let mut query = builder.build();
    let arguments = query.take_arguments().expect("arguments encode").expect("is bound");
    let sql = query.sql();
    let explain = format!("explain (analyze, buffers, timing off, format json) {}", sql.as_str());
    let plan: Value = sqlx::query_scalar_with(AssertSqlSafe(explain), arguments)
        .persistent(false)
        .fetch_one(conn)
        .await
        .unwrap_or_else(|e| panic!("{e}\n{}", sql.as_str()));
    Look::of(&plan[0])
}

/// What an executed plan did.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// Big tables read from end to end.
    pub(super) whole: Vec<String>,
    /// Rows that scans of big tables gave or dropped, and index entries of bitmaps.
    pub(super) read: u64,
    /// Of planning and execution; the median when looked at several times.
    pub(super) milliseconds: f64,
    pub(super) planning: f64,
}

impl Look {
    fn of(explained: &Value) -> Self {
        let mut look = Self::default();
        look.walk(&explained["Plan"]);
        look.planning = explained["Planning Time"].as_f64().unwrap_or_default();
        look.milliseconds = look.planning + explained["Execution Time"].as_f64().unwrap_or_default();
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

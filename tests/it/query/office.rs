//! A workspace full of random records.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use frontdesk::domain::change::Door;
use frontdesk::domain::field::{Choice, Field, FieldType, Label, Lang, Source};
use frontdesk::domain::kind::{
    ACTIVITY, COMPANY, CONTACT, DEAL, KindId, MESSAGE, PIPELINE, PRODUCT, Registry, STAGE, TEAM, TICKET, USER,
};
use frontdesk::domain::query::World;
use frontdesk::domain::record::Record;
use frontdesk::domain::viewer::{Person, Viewer};
use frontdesk::store::{Actor, Store, Tx, compile};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value as Json, json};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::typed::{MAILS, PHONES, TAGS, TEXTS, URLS, one};
use crate::support::Workspace;

pub(super) struct Office {
    pub(super) store: Store,
    pub(super) registry: Registry,
    pub(super) now: DateTime<Utc>,
    /// Dropped last, with its database.
    workspace: Workspace,
}

/// What one person may see, in memory.
pub(super) struct Seen {
    pub(super) records: HashMap<(KindId, i64), Record>,
}

impl World for Seen {
    fn record(&self, kind: KindId, id: i64) -> Option<&Record> {
        self.records.get(&(kind, id))
    }

    fn messages(&self, ticket: i64) -> Vec<&Record> {
        let kind = Registry::builtin();
        let kind = kind.kind(MESSAGE);
        let (of, deleted) = (kind.index("ticket").unwrap(), kind.index("deleted").unwrap());
        let is_live = |r: &Record| r.values[of].as_id() == Some(ticket) && r.values[deleted].as_instant().is_none();
        self.records.values().filter(|r| r.kind == MESSAGE && is_live(r)).collect()
    }
}

pub(super) fn dice(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

impl Office {
    /// About 40 records of each kind, the same for the same seed but for the time.
    pub(super) async fn open(seed: u64) -> Self {
        let workspace = Workspace::new().await;
        let store = workspace.store().await;
        let mut owner = workspace.owner().await;
        let registry = Registry::builtin().with_custom(custom_fields());
        for (kind, field) in custom_fields() {
            sqlx::query("select add_custom_field($1, $2)")
                .bind(kind.0)
                .bind(serde_json::to_value(&field).unwrap())
                .execute(&mut owner)
                .await
                .expect("a custom field");
        }
        // Sees the records of several teams, and not all.
        sqlx::query("insert into staff (id, name, login, role, team_id) values (5, 'Ed', 'ed', 'sales', 1)")
            .execute(&mut owner)
            .await
            .expect("Ed moves in");
        let now = Utc::now().trunc_subsecs(6);
        let mut dice = dice(seed);
        for kind in [PRODUCT, COMPANY, CONTACT, DEAL, TICKET, MESSAGE, ACTIVITY] {
            fill(&mut owner, &registry, kind, now, &mut dice).await;
        }
        for kind in [COMPANY, CONTACT, DEAL, TICKET, ACTIVITY] {
            let watch = format!(
                "insert into watch (person, kind, record) select s.id, '{kind}', r.id from staff s, {kind} r \
                 where (s.id + r.id) % 3 = 0"
            );
            sqlx::query(AssertSqlSafe(watch)).execute(&mut owner).await.expect("watched, seen or not");
        }
        Self { store, registry, now, workspace }
    }

    /// The schema's owner, whom no policy concerns.
    pub(super) async fn owner(&self) -> PgConnection {
        self.workspace.owner().await
    }

    pub(super) fn viewer(&self, login: &str) -> Viewer {
        let (id, role, teams) = match login {
            "ana" => (1, "admin", vec![1, 2, 3]),
            "bo" => (2, "sales", vec![2]),
            "di" => (4, "sales", vec![3]),
            "ed" => (5, "sales", vec![1, 2, 3]),
            other => panic!("{other} does not work here"),
        };
        Viewer {
            me: Person {
                id,
                login: login.into(),
                name: login.into(),
                role: role.into(),
                rights: crate::support::rights(role),
                team: teams.first().copied(),
                teams,
                team_name: String::new(),
                stands_in: Vec::new(),
                zone: None,
            },
            now: self.now,
            zone: chrono_tz::Europe::Berlin,
            lang: Lang::En,
        }
    }

    /// A transaction with that person's rights.
    pub(super) async fn as_person(&self, viewer: &Viewer) -> Tx {
        let actor =
            Actor { person: viewer.me.id, door: Door::Tui, seat: "test".into(), today: viewer.now.date_naive() };
        self.store.begin(&actor, None).await.expect("a transaction")
    }

    /// All that the person may see, deleted ones too.
    pub(super) async fn seen(&self, viewer: &Viewer) -> Seen {
        let mut tx = self.as_person(viewer).await;
        let mut records = HashMap::new();
        for kind in self.registry.kinds() {
            let ids: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(format!("select id from {}", kind.table)))
                .fetch_all(&mut *tx)
                .await
                .expect("ids");
            for row in compile::read(&self.registry, kind.id, &ids).build().fetch_all(&mut *tx).await.expect("rows") {
                let record = compile::decode(&row, kind, self.now).expect("a row of the select list");
                records.insert((kind.id, record.id), record);
            }
        }
        Seen { records }
    }
}

/// Fields with all that a custom field may bring.
fn custom_fields() -> Vec<(KindId, Field)> {
    let choice = |code: &str| Choice { code: code.into(), label: Label::new(code, code) };
    let odd = ["A'); drop table contact; --", "b\"x\\", "Zed, or {not}", "ok"];
    let field = |name: &str, ty| Field::custom(name, Label::new(name, name), ty);
    vec![
        (CONTACT, field("odd", FieldType::Choice(odd.iter().map(|c| choice(c)).collect()))),
        (CONTACT, field("size", FieldType::Text)),
        (CONTACT, field("fax", FieldType::Phone)),
        (CONTACT, field("score", FieldType::Decimal)),
        (TICKET, field("seen", FieldType::Instant)),
        (TICKET, field("partner", FieldType::Ref(COMPANY))),
    ]
}

async fn fill(owner: &mut PgConnection, registry: &Registry, kind: KindId, now: DateTime<Utc>, dice: &mut ChaCha8Rng) {
    let mut ids = HashMap::new();
    for target in [PIPELINE, STAGE, PRODUCT, COMPANY, CONTACT, DEAL, TICKET, USER, TEAM] {
        let table = registry.kind(target).table;
        let found: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(format!("select id from {table} order by id")))
            .fetch_all(&mut *owner)
            .await
            .expect("ids");
        ids.insert(target, found);
    }
    let kind = registry.kind(kind);
    let rows: Vec<Json> = (0..40)
        .map(|n| {
            let mut row = Map::new();
            for field in &kind.fields {
                let Source::Column(column) = &field.source else { continue };
                if !field.required && dice.random_range(0..3) == 0 && field.name != "tags" && field.name != "created" {
                    continue;
                }
                let value = if kind.id == PRODUCT && field.name == "name" {
                    json!(format!("Product {n}"))
                } else if field.name == "deleted" {
                    if dice.random_range(0..6) == 0 { json!(now) } else { Json::Null }
                } else {
                    value(field, &ids, now, dice)
                };
                row.insert(column.clone(), value);
            }
            if !row.contains_key("updated_at") {
                row.insert("updated_at".into(), json!(now));
            }
            Json::Object(row)
        })
        .collect();
    let columns: BTreeSet<String> =
        rows.iter().flat_map(|row| row.as_object().unwrap().keys().map(|key| format!("\"{key}\""))).collect();
    let columns = columns.into_iter().collect::<Vec<_>>().join(", ");
    let insert = format!(
        "insert into {0} ({columns}) select {columns} from jsonb_populate_recordset(null::{0}, $1)",
        kind.table
    );
    sqlx::query(AssertSqlSafe(insert)).bind(Json::Array(rows)).execute(owner).await.expect("random rows fit");
}

fn value(field: &Field, ids: &HashMap<KindId, Vec<i64>>, now: DateTime<Utc>, dice: &mut ChaCha8Rng) -> Json {
    match &field.ty {
        _ if field.name == "currency" => json!(one(dice, &["EUR", "USD", "CNY"])),
        _ if field.name == "rating" => json!(dice.random_range(1..=5)),
        FieldType::Text | FieldType::LongText => json!(one(dice, &TEXTS)),
        FieldType::Email => json!(one(dice, &MAILS)),
        FieldType::Phone => json!(one(dice, &PHONES)),
        FieldType::Url => json!(one(dice, &URLS)),
        FieldType::Int => json!(dice.random_range(-2..=12)),
        FieldType::Decimal | FieldType::Money { .. } => json!(f64::from(dice.random_range(-4_i32..=40)) * 2500.5),
        FieldType::Bool => json!(dice.random_bool(0.5)),
        FieldType::Day => json!((now + TimeDelta::days(dice.random_range(-40..40))).date_naive()),
        FieldType::Instant | FieldType::Span => {
            let minutes =
                if dice.random_bool(0.5) { dice.random_range(-3000..3000) } else { dice.random_range(-80_000..80_000) };
            json!(now + TimeDelta::minutes(minutes))
        }
        FieldType::Choice(choices) => json!(choices[dice.random_range(0..choices.len())].code),
        FieldType::Ref(target) => {
            let ids = &ids[target];
            if ids.is_empty() { Json::Null } else { json!(ids[dice.random_range(0..ids.len())]) }
        }
        FieldType::Tags => {
            let tags: BTreeSet<_> = (0..dice.random_range(0..3)).map(|_| one(dice, &TAGS)).collect();
            json!(tags)
        }
    }
}

/// The ids that a compiled statement gives.
pub(super) async fn ids(tx: &mut Tx, mut sql: sqlx::QueryBuilder<sqlx::Postgres>) -> Result<Vec<i64>, sqlx::Error> {
    let rows = sql.build().persistent(false).fetch_all(&mut **tx).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// Where two sets of ids differ, for a message.
pub(super) fn differ(a: &BTreeSet<i64>, b: &BTreeSet<i64>) -> BTreeMap<&'static str, Vec<i64>> {
    BTreeMap::from([
        ("only sql", a.difference(b).copied().collect()),
        ("only memory", b.difference(a).copied().collect()),
    ])
}

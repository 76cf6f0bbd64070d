//! What one may not see does not come out another way: fields that are hidden from a role, and others' records, through
//! every channel that there is.

use std::fmt::Debug;

use frontdesk::desk::{Cx, Error, From, MetricAsk, Result};
use frontdesk::domain::action::{Action, Envelope, Targets};
use frontdesk::domain::field::{Field, FieldType, Label};
use frontdesk::domain::kind::{ACTIVITY, COMPANY, CONTACT, DEAL, Kind, KindId, PRODUCT, Registry, STAGE, TICKET};
use frontdesk::domain::metric::{self, By};
use frontdesk::domain::query::{Query, Sort};
use frontdesk::domain::record::Record;
use frontdesk::domain::right::{Grant, Hold, Permission, Scope, Verb, why_not_held};
use frontdesk::domain::value::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::desk::{Office, choice, text};
use crate::rights::{act_as, begin_as};

const BO: i64 = 2;

/// What no answer may hold: a bird, its number and its day.
const MARKS: [&str; 3] = ["ebrafink", "4242", "2042-04-02"];

fn tells(said: &impl Debug) -> Option<String> {
    let said = without_fractions(&format!("{said:?}"));
    let mark = MARKS.iter().find(|mark| said.contains(**mark))?;
    let at = said.find(mark).unwrap_or_default();
    let from = (0..=at.saturating_sub(120)).rev().find(|at| said.is_char_boundary(*at)).unwrap_or(0);
    Some(said[from..].chars().take(300).collect())
}

/// Moments without the fractions of their seconds, which may hold any number.
fn without_fractions(said: &str) -> String {
    let mut parts = said.split('.');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        kept.push('.');
        kept.push_str(if rest.starts_with(['Z', '+']) { rest } else { part });
    }
    kept
}

/// A value that is known again wherever it comes out; a choice and a switch are known by themselves.
fn marked(field: &Field, product: i64, company: i64) -> Value {
    match &field.ty {
        FieldType::Text if field.name == "currency" => text("ZWL"),
        FieldType::Text | FieldType::LongText => text("Zebrafink"),
        FieldType::Email => text("zebrafink@example.com"),
        FieldType::Phone => text("0815 4242 77"),
        FieldType::Url => text("https://zebrafink.example"),
        FieldType::Int if field.name == "rating" => Value::Int(5),
        FieldType::Int => Value::Int(4242),
        FieldType::Decimal | FieldType::Money { .. } => Value::Decimal(4_242_424.into()),
        FieldType::Bool => Value::Bool(true),
        FieldType::Day => Value::Day("2042-04-02".parse().expect("a day")),
        FieldType::Instant => Value::Instant("2042-04-02T09:00:00Z".parse().expect("a moment")),
        FieldType::Choice(choices) => choice(&choices.last().expect("choices").code),
        FieldType::Ref(KindId("product")) => Value::reference(product),
        FieldType::Ref(_) => Value::reference(company),
        FieldType::Tags => Value::Tags(vec!["zebrafink".into()]),
        FieldType::Span => Value::Null,
    }
}

const TOLD: [KindId; 6] = [COMPANY, CONTACT, DEAL, TICKET, ACTIVITY, PRODUCT];

/// Every field that can be kept from a role in that way.
fn holdable(registry: &Registry, hold: Hold) -> Vec<(KindId, Field)> {
    let of = |kind: &Kind| {
        let fields = kind.fields.iter().filter(|field| why_not_held(kind, field, hold).is_none());
        fields.map(|field| (kind.id, field.clone())).collect::<Vec<_>>()
    };
    registry.kinds().iter().flat_map(of).collect()
}

async fn hold(office: &Office, kind: KindId, field: &str, hold: Option<Hold>) {
    let ana = office.cx("ana").await;
    let grant = Grant::Field(kind, field.into(), hold);
    office.desk.set_role(&ana, "sales", &grant).await.unwrap_or_else(|error| panic!("{kind}.{field}: {error}"));
}

/// Keeps just these fields from sales, all at once.
async fn hold_all(office: &Office, fields: &[(KindId, Field)], hold: &str) {
    let mut service = office.space.service().await;
    act_as(&mut service, 1).await;
    let rows: Vec<serde_json::Value> = fields
        .iter()
        .map(|(kind, field)| {
            serde_json::json!({"kind": kind.0, "field": field.name, "column": field.db_column(), "hold": hold})
        })
        .collect();
    sqlx::query(
        "select set_role_rights('sales', role_definition('sales'), role_definition('sales') || jsonb_build_object('fields', $1::jsonb))",
    )
    .bind(serde_json::Value::from(rows))
    .execute(&mut service)
    .await
    .expect("held");
    service.execute("commit").await.expect("kept");
}

/// The fields in rounds: in each, one of every kind that has one more.
fn rounds(fields: &[(KindId, Field)]) -> Vec<Vec<(KindId, Field)>> {
    let mut rounds: Vec<Vec<(KindId, Field)>> = Vec::new();
    for (kind, field) in fields {
        let free = rounds.iter().position(|round| round.iter().all(|(had, _)| had != kind));
        let place = free.unwrap_or_else(|| {
            rounds.push(Vec::new());
            rounds.len() - 1
        });
        rounds[place].push((*kind, field.clone()));
    }
    rounds
}

/// A customer with all that belongs to one, bo's, in the team North.
struct Customer {
    ids: Vec<(KindId, i64)>,
    product: i64,
    other: i64,
}

impl Customer {
    fn id(&self, kind: KindId) -> i64 {
        self.ids.iter().find(|(of, _)| *of == kind).expect("each kind has one").1
    }
}

async fn customer(office: &Office) -> Customer {
    let ana = office.cx("ana").await;
    let mine = |mut values: Vec<(&'static str, Value)>| {
        values.extend([("owner", Value::reference(BO)), ("team", Value::reference(2))]);
        values
    };
    let product = office.create(&ana, PRODUCT, &[("name", text("Feeder"))]).await;
    let other = office.create(&ana, COMPANY, &mine(vec![("name", text("Aviary"))])).await;
    let company = office.create(&ana, COMPANY, &mine(vec![("name", text("Perch Ltd"))])).await;
    let contact = office
        .create(&ana, CONTACT, &mine(vec![("name", text("Robin Perch")), ("company", Value::reference(company))]))
        .await;
    let link = |title: &'static str, of: &str| {
        mine(vec![
            (if title == "name" { "name" } else { "subject" }, text(of)),
            ("company", Value::reference(company)),
            ("contact", Value::reference(contact)),
        ])
    };
    let deal = office.create(&ana, DEAL, &link("name", "Seed for a year")).await;
    let ticket = office.create(&ana, TICKET, &link("subject", "The perch broke")).await;
    let mut values = link("subject", "Called them");
    values.push(("type", choice("call")));
    let activity = office.create(&ana, ACTIVITY, &values).await;
    Customer {
        ids: vec![
            (PRODUCT, product),
            (COMPANY, company),
            (CONTACT, contact),
            (DEAL, deal),
            (TICKET, ticket),
            (ACTIVITY, activity),
        ],
        product,
        other,
    }
}

/// All that the desk tells that person of the kinds, in whatever way; `secret` is a field that they do not see.
async fn asked(office: &Office, cx: &Cx, of: &Customer, secret: &[(KindId, Field)]) -> Vec<(String, String)> {
    let desk = &office.desk;
    let mut told: Vec<(String, String)> = Vec::new();
    let registry = desk.registry_for(cx);
    let whole = desk.registry();
    macro_rules! tell {
        ($what:expr, $said:expr) => {{
            let said = $said;
            let as_text = match &said {
                Err(error) => format!("{error:?} {error}"),
                Ok(said) => format!("{said:?}"),
            };
            assert!(!matches!(said, Err(Error::Internal(_) | Error::Unavailable(_))), "{}: {as_text}", $what);
            told.push(($what.to_string(), as_text));
        }};
    }
    let all = Query::default();
    for (kind, id) in &of.ids {
        let kind = *kind;
        let page = desk.page(cx, kind, &all, &From::Start, 50).await;
        assert!(page.as_ref().is_ok_and(|page| page.records.iter().any(|r| r.id == *id)), "{kind}: {page:?}");
        let last = page.as_ref().expect("a page").records[0].clone();
        tell!(format!("{kind} page"), page);
        tell!(format!("{kind} next page"), desk.page(cx, kind, &all, &From::After(last.clone()), 50).await);
        tell!(format!("{kind} page before"), desk.page(cx, kind, &all, &From::Before(last), 50).await);
        tell!(format!("{kind} read"), desk.read(cx, kind, &[*id]).await);
        tell!(format!("{kind} history"), desk.history(cx, kind, *id).await);
        tell!(format!("{kind} timeline"), desk.timeline(cx, kind, *id, None, 100).await);
        for word in ["zebrafink", "Zebra", "4242", "0815", "perch"] {
            tell!(format!("{kind} find {word}"), desk.find(cx, word, &[kind], 50).await);
        }
        let mut twin = Record::empty(registry.kind(kind));
        for (place, field) in registry.kind(kind).fields.iter().enumerate() {
            if matches!(field.ty, FieldType::Phone) {
                twin.values[place] = text("0815 4242 78");
            }
        }
        tell!(format!("{kind} twins"), desk.twins(cx, &twin).await);
        let targets = Targets::Records(kind, vec![*id]);
        let action = Action::Tag { add: vec!["seen".into()], remove: vec![] };
        tell!(format!("{kind} preview"), desk.preview(cx, &targets, &action).await);
    }
    for (kind, field) in secret {
        let kind = *kind;
        let name = field.name.as_str();
        let words = ["zebrafink", ">4000", ">1", "any", "none", "2042-04-02", "yes", "complaint", "lost"];
        for word in words {
            Query::parse(&format!("{name}:{word}"), &registry, kind).expect_err("nothing is asked of it");
            // As a view that was saved by somebody who sees it, or before.
            let Ok(query) = Query::parse(&format!("{name}:{word}"), &whole, kind) else { continue };
            let count = desk.count(cx, kind, &query).await.expect("counted");
            let not = Query { filter: query.filter.clone().negate(), ..Query::default() };
            let rest = desk.count(cx, kind, &not).await.expect("counted");
            let every = desk.count(cx, kind, &all).await.expect("counted");
            assert!(
                [count.n, rest.n].iter().all(|n| *n == 0 || *n == every.n),
                "{kind}.{name}:{word} tells records apart: {} of {}",
                count.n,
                every.n
            );
            tell!(format!("{kind}.{name}:{word}"), desk.page(cx, kind, &query, &From::Start, 50).await);
        }
        let ids = async |descending: bool| -> Vec<i64> {
            let sort = vec![Sort { field: name.to_owned(), descending }];
            let sorted = Query { sort, ..Query::default() };
            let page = desk.page(cx, kind, &sorted, &From::Start, 50).await.expect("a page");
            page.records.iter().map(|r| r.id).collect()
        };
        assert_eq!(ids(true).await, ids(false).await, "{kind}.{name} orders nothing");
        let grouped = Query { group: Some(name.to_owned()), ..Query::default() };
        assert_eq!(desk.groups(cx, kind, &grouped).await.expect("groups").len(), 0, "{kind}.{name}");
        tell!(format!("{kind}.{name} grouped"), desk.page(cx, kind, &grouped, &From::Start, 50).await);
        for prefix in ["", "z", "Z", "4", "0"] {
            let values = desk.values(cx, kind, name, prefix).await;
            assert!(matches!(values, Err(Error::Invalid { .. })), "{kind}.{name}: {values:?}");
        }
        let set = office.set(cx, kind, &[of.id(kind)], name, marked(field, of.product, of.other)).await;
        assert!(matches!(set, Err(Error::Invalid { .. } | Error::Denied(_))), "{kind}.{name} is set by nobody");
    }
    for one in metric::all() {
        tell!(format!("metric {}", one.name), desk.metric(cx, &MetricAsk::of(one.name)).await);
        for by in one.by {
            let Ok(by) = By::parse(by, &whole, one) else { continue };
            let ask = MetricAsk { by: Some(by.clone()), ..MetricAsk::of(one.name) };
            tell!(format!("metric {} by {:?}", one.name, by.path), desk.metric(cx, &ask).await);
        }
    }
    tell!("board", desk.board(cx, None, &all).await);
    let by_amount = Query { sort: vec![Sort { field: "expected".into(), descending: true }], ..Query::default() };
    tell!("board sorted", desk.board(cx, None, &by_amount).await);
    let ticket = of.id(TICKET);
    tell!("answering", desk.answering(cx, ticket).await);
    tell!("filing", desk.filing(cx, ticket).await);
    tell!("outgoing", desk.outgoing(cx, ticket).await);
    tell!("inbox", desk.inbox(cx, false).await);
    tell!("undoable", desk.undoable(cx).await);
    tell!("present", desk.present(cx).await);
    told
}

/// Everything of a kind is still there to be made and changed.
async fn works(office: &Office, cx: &Cx, of: &Customer, what: &str) {
    let say = |error: Error| -> i64 { panic!("{what}: {error}") };
    let own = [("name", text("Own"))];
    let company = office.try_create(cx, COMPANY, &own).await.unwrap_or_else(say);
    let contact = office.try_create(cx, CONTACT, &own).await.unwrap_or_else(say);
    let deal = office.try_create(cx, DEAL, &own).await.unwrap_or_else(say);
    let ticket = office.try_create(cx, TICKET, &[("subject", text("Own"))]).await.unwrap_or_else(say);
    for (kind, id) in [(COMPANY, company), (CONTACT, contact), (DEAL, deal)] {
        office.set(cx, kind, &[id], "name", text("Renamed")).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        let deleted = office.act(cx, Targets::Records(kind, vec![id]), Action::Delete).await;
        deleted.unwrap_or_else(|error| panic!("{what}: {error}"));
        office.desk.undo(cx, None).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    let note = Action::Comment { text: "a note".into() };
    for (kind, id) in [(DEAL, of.id(DEAL)), (TICKET, ticket), (CONTACT, contact)] {
        let noted = office.act(cx, Targets::Records(kind, vec![id]), note.clone()).await;
        noted.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    let mail = Envelope { to: String::new(), cc: String::new(), sender: "Bo".into() };
    let reply = Action::Reply { text: "An answer".into(), mail: Some(mail), status: Some("open".into()), seen: None };
    let replied = office.act(cx, Targets::Records(TICKET, vec![of.id(TICKET)]), reply).await;
    replied.unwrap_or_else(|error| panic!("{what}: {error}"));
}

async fn denied(conn: &mut PgConnection, as_service: bool, sql: &str) -> bool {
    begin_as(conn, BO, as_service).await;
    let done = conn.execute(AssertSqlSafe(sql.to_owned())).await;
    conn.execute("rollback").await.expect("rolled back");
    done.is_err_and(|error| error.to_string().contains("permission denied"))
}

/// As the service for bo, and in bo's own login.
async fn connections(office: &Office) -> (PgConnection, PgConnection) {
    let ana = office.cx("ana").await;
    let login = office.desk.give_db_login(&ana, "bo").await.expect("a login").name;
    let options = office.space.database.owner.clone().username(&login);
    (office.space.service().await, PgConnection::connect_with(&options).await.expect("the login opens"))
}

async fn with_custom_fields(office: &Office) {
    let ana = office.cx("ana").await;
    let types = [
        ("cage", FieldType::Text),
        ("song", FieldType::LongText),
        ("nest", FieldType::Email),
        ("call", FieldType::Phone),
        ("page", FieldType::Url),
        ("eggs", FieldType::Int),
        ("weight", FieldType::Decimal),
        ("worth", FieldType::Money { currency: "currency".into() }),
        ("tame", FieldType::Bool),
        ("hatched", FieldType::Day),
        ("fed", FieldType::Instant),
        ("mate", FieldType::Ref(COMPANY)),
    ];
    for (name, ty) in types {
        let field = Field::custom(name, Label::new(name, name), ty);
        office.desk.add_field(&ana, COMPANY, field).await.expect("added");
    }
}

#[tokio::test]
async fn every_field_that_is_hidden_is_nowhere_and_all_else_works() {
    let office = Office::open().await;
    with_custom_fields(&office).await;
    let of = customer(&office).await;
    let ana = office.cx("ana").await;
    let fields = holdable(&office.desk.registry(), Hold::Hidden);
    assert!(fields.len() > 60, "{}", fields.len());
    for (kind, field) in &fields {
        let now = marked(field, of.product, of.other);
        office.set(&ana, *kind, &[of.id(*kind)], &field.name, now).await.expect("set by an admin");
    }
    // What is asked does find the marks while they are seen.
    let bo = office.cx("bo").await;
    let told = asked(&office, &bo, &of, &[]).await;
    for channel in ["page", "read", "history", "timeline", "find", "metric", "board", "answering", "filing"] {
        let finds = told.iter().any(|(what, said)| what.contains(channel) && tells(said).is_some());
        assert!(finds, "{channel} would tell");
    }
    let (mut service, mut own) = connections(&office).await;
    // Each alone in its kind.
    for round in rounds(&fields) {
        hold_all(&office, &round, "hidden").await;
        for (kind, field) in &round {
            let what = format!("{kind}.{}", field.name);
            let bo = office.cx("bo").await;
            assert!(office.desk.registry_for(&bo).kind(*kind).field(&field.name).is_none(), "{what}");
            office.desk.read(&bo, *kind, &[of.id(*kind)]).await.unwrap_or_else(|error| panic!("{what}: {error}"));
            office.desk.find(&bo, "perch", &[*kind], 5).await.unwrap_or_else(|error| panic!("{what}: {error}"));
            let (table, column) = (office.kind(*kind).table, field.db_column().to_owned());
            for sql in [
                format!("select {column} from {table}"),
                format!("select count(*) from {table} where {column} is not null"),
                format!("select max(id) from {table} group by {column}"),
                format!("select id from {table} order by {column}"),
                format!("update {table} set {column} = {column}"),
                format!("select to_jsonb(t) from {table} t"),
            ] {
                assert!(denied(&mut service, true, &sql).await, "{what}: {sql}");
                assert!(denied(&mut own, false, &sql).await, "{what}: {sql} in one's own login");
            }
        }
    }
    // And all of them at once.
    hold_all(&office, &fields, "hidden").await;
    let bo = office.cx("bo").await;
    works(&office, &bo, &of, "all hidden").await;
    for (what, said) in asked(&office, &bo, &of, &fields).await {
        assert_eq!(tells(&said), None, "{what}");
    }
    for sql in
        ["select * from change", "select fields from change", "select * from activity_link", "select * from notice"]
    {
        for (conn, as_service) in [(&mut service, true), (&mut own, false)] {
            begin_as(conn, BO, as_service).await;
            let rows: Vec<String> =
                sqlx::query_scalar(AssertSqlSafe(format!("select to_jsonb(x)::text from ({sql}) x")))
                    .fetch_all(&mut *conn)
                    .await
                    .expect("read");
            conn.execute("rollback").await.expect("rolled back");
            assert_eq!(tells(&rows), None, "{sql}");
        }
    }
    // What the database refuses it refuses without showing the row.
    for sql in [
        "update company set name = null",
        "update ticket set status = 'lost in thought'",
        "update deal set stage_id = 0",
        "update contact set id = null",
        "insert into company (name) values (null)",
    ] {
        for (conn, as_service) in [(&mut service, true), (&mut own, false)] {
            begin_as(conn, BO, as_service).await;
            let done = conn.execute(sql).await;
            conn.execute("rollback").await.expect("rolled back");
            assert_eq!(tells(&done), None, "{sql}");
        }
    }
    for sql in ["select to_address from outbox", "select cc from outbox", "select * from outbox"] {
        assert!(denied(&mut service, true, sql).await && denied(&mut own, false, sql).await, "{sql}");
    }
    act_as(&mut service, BO).await;
    let letters: Vec<String> = sqlx::query_scalar("select value from letter where field = 'category'")
        .fetch_all(&mut service)
        .await
        .expect("read");
    service.execute("rollback").await.expect("rolled back");
    assert_eq!(letters, Vec::<String>::new(), "categories are told by nothing");

    // The doors say no more than the desk.
    let run = async |line: &[&str]| {
        let output = office.space.run("bo", line).await;
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    for kind in TOLD {
        let kind = office.kind(kind);
        let (name, code) = (kind.id.0, kind.code(of.id(kind.id)));
        for line in [
            vec!["export", name],
            vec!["export", name, "--json"],
            vec![name, "list"],
            vec![name, "list", "--json"],
            vec![name, "show", &code],
            vec![name, "show", &code, "--json"],
            vec!["history", &code],
            vec!["user", "can", "bo", &code],
        ] {
            let said = run(&line).await;
            assert!(!said.is_empty(), "{line:?}");
            assert_eq!(tells(&said), None, "{line:?}");
        }
    }
    let import = |kind: &str, text: &str| {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        (kind.to_owned(), file)
    };
    for (kind, file) in [
        import("contact", "name,email,phone,note\nNew Bird,zebrafink@example.com,0815 4242 77,Zebrafink\n"),
        import("company", "name,website,industry\nNew Nest,https://zebrafink.example,Zebrafink\n"),
        import("deal", "name,amount,currency,expected,closed,stage\nNew Deal,42,EUR,2030-01-01,2030-01-02,Won\n"),
        import("ticket", "subject,category,solved,status\nNew,Zebrafink,2030-01-01,closed\n"),
    ] {
        let path = file.path().to_str().expect("a path");
        let said = run(&["import", &kind, path]).await;
        let line: &[&str] = &[&kind, "list", "New"];
        assert!(run(line).await.contains("New"), "{kind} is imported: {said}");
    }
}

#[tokio::test]
async fn screens_do_without_what_is_hidden() {
    let office = Office::open().await;
    let of = customer(&office).await;
    let ana = office.cx("ana").await;
    let fields = holdable(&office.desk.registry(), Hold::Hidden);
    for (kind, field) in &fields {
        let now = marked(field, of.product, of.other);
        office.set(&ana, *kind, &[of.id(*kind)], &field.name, now).await.expect("set by an admin");
    }
    let closed = office
        .create(
            &ana,
            STAGE,
            &[
                ("name", text("Never")),
                ("pipeline", Value::reference(1)),
                ("state", choice("lost")),
                ("position", Value::Int(90)),
            ],
        )
        .await;
    assert!(closed > 0);
    hold_all(&office, &fields, "hidden").await;
    let mut bo = office.space.sit("bo", 120, 40).await;
    for (keys, shows) in [
        ("1", "Due today and overdue"),
        ("2", "Robin Perch"),
        ("enter", "Robin Perch"),
        ("e", "Name"),
        ("esc", "Robin Perch"),
        ("3", "Seed for a year"),
        ("enter", "Seed for a year"),
        ("4", "The perch broke"),
        ("f", "Owner"),
        ("esc", "The perch broke"),
        ("z", "Snooze"),
        ("esc", "The perch broke"),
        ("enter", "The perch broke"),
        ("5", "role does not see"),
    ] {
        bo.keys(keys).await;
        bo.until(shows).await;
        assert_eq!(tells(&bo.screen()), None, "{keys}: {}", bo.screen());
    }
}

#[tokio::test]
async fn every_field_that_is_fixed_is_read_and_set_by_others_only() {
    let office = Office::open().await;
    with_custom_fields(&office).await;
    let of = customer(&office).await;
    let ana = office.cx("ana").await;
    let fields = holdable(&office.desk.registry(), Hold::Fixed);
    assert!(fields.len() > 70, "{}", fields.len());
    let (mut service, mut own) = connections(&office).await;
    for round in rounds(&fields) {
        hold_all(&office, &round, "fixed").await;
        for (kind, field) in &round {
            let what = format!("{kind}.{}", field.name);
            let bo = office.cx("bo").await;
            let refused =
                office.set(&bo, *kind, &[of.id(*kind)], &field.name, marked(field, of.product, of.other)).await;
            match refused {
                Err(Error::Invalid { reason, .. }) => assert!(reason.contains("set by others"), "{what}: {reason}"),
                Err(Error::Denied(_)) if *kind == PRODUCT => {}
                other => panic!("{what}: {other:?}"),
            }
            let (table, column) = (office.kind(*kind).table, field.db_column().to_owned());
            let sql = format!("update {table} set {column} = {column}");
            assert!(denied(&mut service, true, &sql).await && denied(&mut own, false, &sql).await, "{what}");
            let read = format!("select {column} from {table}");
            assert!(!denied(&mut service, true, &read).await, "{what} is read");
            office
                .set(&ana, *kind, &[of.id(*kind)], &field.name, marked(field, of.product, of.other))
                .await
                .expect("by others");
        }
    }
    hold_all(&office, &fields, "fixed").await;
    let bo = office.cx("bo").await;
    let made = office.try_create(&bo, TICKET, &[("subject", text("Made"))]).await.expect("made all the same");
    assert_eq!(office.get(&bo, TICKET, made, "status").await, choice("new"));
    assert_eq!(office.get(&bo, TICKET, made, "owner").await.as_id(), Some(BO), "the database's own default");
    let tag = Action::Tag { add: vec!["x".into()], remove: vec![] };
    let refused = office.act(&bo, Targets::Records(TICKET, vec![made]), tag).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    let refused = office.act(&bo, Targets::None, Action::Pull).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    for (kind, value) in [(DEAL, "Made"), (CONTACT, "Made"), (COMPANY, "Made")] {
        office.try_create(&bo, kind, &[("name", text(value))]).await.unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
    let mail = Envelope { to: String::new(), cc: String::new(), sender: "Bo".into() };
    let reply = Action::Reply { text: "An answer".into(), mail: Some(mail), status: Some("open".into()), seen: None };
    office.act(&bo, Targets::Records(TICKET, vec![made]), reply).await.expect("replied");
    assert_eq!(office.get(&bo, TICKET, made, "status").await, choice("new"), "the status is not theirs to set");
}

#[tokio::test]
async fn what_cannot_be_kept_from_a_role_says_why() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let mut seen = 0;
    for kind in office.desk.registry().kinds() {
        for field in &kind.fields {
            for hold in [Hold::Hidden, Hold::Fixed] {
                let Some(why) = why_not_held(kind, field, hold) else { continue };
                let grant = Grant::Field(kind.id, field.name.clone(), Some(hold));
                let refused = office.desk.set_role(&ana, "sales", &grant).await;
                let Err(Error::Invalid { reason, .. }) = refused else {
                    panic!("{}.{}: {refused:?}", kind.id, field.name)
                };
                assert!(reason.contains(&why.en), "{reason}");
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

#[tokio::test]
async fn who_sees_no_addresses_answers_the_contact_all_the_same() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let mine = [("owner", Value::reference(BO)), ("team", Value::reference(2))];
    let contact = [&[("name", text("Robin")), ("email", text("zebrafink@example.com"))][..], &mine].concat();
    let contact = office.create(&ana, CONTACT, &contact).await;
    let ticket = [&[("subject", text("Help")), ("contact", Value::reference(contact))][..], &mine].concat();
    let ticket = office.create(&ana, TICKET, &ticket).await;
    hold(&office, CONTACT, "email", Some(Hold::Hidden)).await;
    let bo = office.cx("bo").await;
    let to = office.desk.answering(&bo, ticket).await.expect("known").envelope.to;
    assert_eq!(to, "");
    let mail = Envelope { to, cc: String::new(), sender: "Bo".into() };
    let reply = Action::Reply { text: "An answer".into(), mail: Some(mail), status: None, seen: None };
    office.act(&bo, Targets::Records(TICKET, vec![ticket]), reply).await.expect("replied");
    assert_eq!(office.desk.outgoing(&bo, ticket).await.expect("mails")[0].to, "");
    assert_eq!(office.desk.outgoing(&ana, ticket).await.expect("mails")[0].to, "zebrafink@example.com");

    // A contact of whom one sees nothing is not written to, nor known by the mail.
    let far = office
        .create(
            &ana,
            CONTACT,
            &[
                ("name", text("Far")),
                ("email", text("far@example.com")),
                ("team", Value::reference(3)),
                ("owner", Value::reference(4)),
            ],
        )
        .await;
    let other = [&[("subject", text("Help")), ("contact", Value::reference(far))][..], &mine].concat();
    let other = office.create(&ana, TICKET, &other).await;
    let mail = Envelope { to: String::new(), cc: String::new(), sender: "Bo".into() };
    let reply = Action::Reply { text: "An answer".into(), mail: Some(mail), status: None, seen: None };
    office.act(&bo, Targets::Records(TICKET, vec![other]), reply).await.expect("kept");
    assert!(office.desk.outgoing(&ana, other).await.expect("mails").is_empty());
}

#[tokio::test]
async fn others_records_come_out_nowhere() {
    let office = Office::open().await;
    let (ana, bo, di) = (office.cx("ana").await, office.cx("bo").await, office.cx("di").await);
    let contact = office
        .create(
            &di,
            CONTACT,
            &[
                ("name", text("Zebrafink")),
                ("email", text("zebrafink@example.com")),
                ("phone", text("0815 4242 77")),
                ("city", text("Zebrafinkhausen")),
            ],
        )
        .await;
    let company = office.create(&di, COMPANY, &[("name", text("Zebrafink Ltd"))]).await;
    let deal =
        [("name", text("Zebrafink deal")), ("amount", Value::Decimal(4_242_424.into())), ("currency", text("EUR"))];
    let deal = office.create(&di, DEAL, &deal).await;
    let ticket = [
        ("subject", text("Zebrafink is loose")),
        ("category", text("Zebrafink")),
        ("contact", Value::reference(contact)),
    ];
    let ticket = office.create(&di, TICKET, &ticket).await;
    let note = Action::Comment { text: "@bo look at the Zebrafink".into() };
    office.act(&di, Targets::Records(TICKET, vec![ticket]), note).await.expect("noted");
    office.desk.filing(&di, ticket).await.expect("a letter for the category");
    let done = office.set(&di, CONTACT, &[contact], "note", text("Zebrafink")).await.expect("changed");
    let all = Query::default();
    let mut told: Vec<(String, Option<String>)> = Vec::new();
    let mut tell = |what: &str, said: &dyn Debug| told.push((what.to_owned(), tells(&said)));
    for (kind, id) in [(CONTACT, contact), (COMPANY, company), (DEAL, deal), (TICKET, ticket)] {
        let desk = &office.desk;
        assert_eq!(desk.count(&bo, kind, &all).await.expect("counted").n, 0, "{kind}");
        tell("page", &desk.page(&bo, kind, &all, &From::Start, 10).await);
        tell("read", &desk.read(&bo, kind, &[id]).await);
        tell("history", &desk.history(&bo, kind, id).await);
        tell("timeline", &desk.timeline(&bo, kind, id, None, 10).await);
        tell("find", &desk.find(&bo, "zebrafink", &[], 10).await);
        for field in ["name", "city", "category", "email", "phone", "subject"] {
            tell("values", &desk.values(&bo, kind, field, "").await);
        }
        // Not there, and not to be seen, are the same in every word.
        let gone = |result: Result<_>, id: i64| {
            format!("{:?}", result.map(|_: frontdesk::desk::Outcome| ())).replace(&id.to_string(), "N")
        };
        let title = office.kind(kind).title;
        let hidden = gone(office.set(&bo, kind, &[id], title, text("x")).await, id);
        let nothing = gone(office.set(&bo, kind, &[999_777], title, text("x")).await, 999_777);
        assert_eq!(hidden, nothing);
        let preview = desk.preview(&bo, &Targets::Records(kind, vec![id]), &Action::Delete).await.expect("a preview");
        assert_eq!(preview.will_change, 0);
        tell("preview", &preview);
        let watched = desk.watch(&bo, &Targets::Records(kind, vec![id]), true).await;
        tell("watch", &watched);
    }
    for (field, id) in [("company", company), ("contact", contact)] {
        let refused = office.try_create(&bo, DEAL, &[("name", text("Mine")), (field, Value::reference(id))]).await;
        let nothing = office.try_create(&bo, DEAL, &[("name", text("Mine")), (field, Value::reference(999_777))]).await;
        let words = |result: Result<i64>, id: i64| format!("{result:?}").replace(&id.to_string(), "N");
        assert_eq!(words(refused, id), words(nothing, 999_777), "{field}");
    }
    for one in metric::all() {
        tell(one.name, &office.desk.metric(&bo, &MetricAsk::of(one.name)).await);
        for by in one.by {
            let by = By::parse(by, &office.desk.registry(), one).ok();
            tell(one.name, &office.desk.metric(&bo, &MetricAsk { by, ..MetricAsk::of(one.name) }).await);
        }
    }
    tell("board", &office.desk.board(&bo, None, &all).await);
    tell("inbox", &office.desk.inbox(&bo, false).await);
    assert_eq!(office.desk.unread(&bo).await.expect("counted"), 0, "a mention where one sees nothing is none");
    tell("undoable", &office.desk.undoable(&bo).await);
    tell("undo", &office.desk.undo(&bo, done.operation).await);
    tell("present", &office.desk.present(&bo).await);
    let outside: Vec<_> = office.desk.take_outside(std::time::Duration::ZERO).await.expect("taken");
    tell("outside", &outside.iter().filter(|o| o.login == "bo").collect::<Vec<_>>());
    for (what, said) in told {
        assert_eq!(said, None, "{what}");
    }

    // In SQL, as the service and in one's own login; with a field hidden, words are asked another way.
    hold(&office, CONTACT, "note", Some(Hold::Hidden)).await;
    let (mut service, mut own) = connections(&office).await;
    for sql in [
        "select * from words_hit('contact', 'zebrafink'::tsquery)",
        "select * from words_hit('ticket', 'zebrafink'::tsquery)",
        "select * from idents_hit('contact', '%zebrafink%')",
        "select * from idents_hit('contact', '%4242%')",
        "select id from deal where amount > 4000000",
        "select 1 where visible('contact', 1)",
        "select record from change where kind = 'contact'",
        "select record from presence",
        "select activity from activity_link",
        "select message_id from outbox",
        "select message from left_outbox(array(select g from generate_series(1, 50) g))",
        "select person from watch",
        "select id from my_operations(null, 100) m (id)",
        "select operation from feed(pg_current_snapshot(), 100)",
        "select id from second_factor",
    ] {
        for (conn, as_service) in [(&mut service, true), (&mut own, false)] {
            begin_as(conn, BO, as_service).await;
            let rows = conn.execute(AssertSqlSafe(sql)).await.map(|done| done.rows_affected());
            conn.execute("rollback").await.expect("rolled back");
            assert_eq!(rows.unwrap_or(0), 0, "{sql}");
        }
    }
    for sql in [
        "select records from operation",
        "select * from operation",
        "select * from role_log",
        "select seen_sql('contact')",
    ] {
        assert!(denied(&mut service, true, sql).await && denied(&mut own, false, sql).await, "{sql}");
    }
    // What the owner of a record hears of others' words it does not; and an admin sees all of it.
    assert!(office.desk.find(&ana, "zebrafink", &[CONTACT], 5).await.expect("found").len() == 1);
}

#[tokio::test]
async fn watchers_hear_of_what_they_see() {
    let office = Office::open().await;
    let ana = office.cx("ana").await;
    let mine = [("name", text("Robin")), ("owner", Value::reference(BO)), ("team", Value::reference(2))];
    let id = office.create(&ana, CONTACT, &mine).await;
    office.desk.mark_notices(&office.cx("bo").await, None, true).await.expect("read");
    for (hidden, heard) in [(false, 1), (true, 0)] {
        if hidden {
            hold(&office, CONTACT, "lifecycle", Some(Hold::Hidden)).await;
        }
        let bo = office.cx("bo").await;
        office.desk.watch(&bo, &Targets::Records(CONTACT, vec![id]), true).await.expect("watched");
        let now = if hidden { "lost" } else { "lead" };
        office.set(&ana, CONTACT, &[id], "lifecycle", choice(now)).await.expect("changed");
        assert_eq!(office.desk.unread(&bo).await.expect("counted"), heard, "hidden: {hidden}");
        office.desk.mark_notices(&bo, None, true).await.expect("read");
    }
}

#[tokio::test]
async fn sensitive_fields_are_as_hidden() {
    let office = Office::open().await;
    let of = customer(&office).await;
    let ana = office.cx("ana").await;
    let fields: Vec<(KindId, Field)> =
        [(DEAL, "amount"), (COMPANY, "revenue"), (CONTACT, "birthday"), (TICKET, "category")]
            .into_iter()
            .map(|(kind, name)| (kind, office.kind(kind).field(name).expect("declared").clone()))
            .collect();
    for (kind, field) in &fields {
        let now = marked(field, of.product, of.other);
        office.set(&ana, *kind, &[of.id(*kind)], &field.name, now).await.expect("set by an admin");
        office.desk.set_sensitive(&ana, *kind, &field.name, true).await.expect("marked");
    }
    let bo = office.cx("bo").await;
    for (what, said) in asked(&office, &bo, &of, &fields).await {
        assert_eq!(tells(&said), None, "{what}");
    }
    let (mut service, mut own) = connections(&office).await;
    for sql in [
        "select amount from deal",
        "select revenue from company",
        "select birthday from contact",
        "select category from ticket",
    ] {
        assert!(denied(&mut service, true, sql).await && denied(&mut own, false, sql).await, "{sql}");
    }
    let grant = Grant::Permission(Permission::Sensitive, true);
    office.desk.set_role(&ana, "sales", &grant).await.expect("given");
    let bo = office.cx("bo").await;
    let told = asked(&office, &bo, &of, &[]).await;
    assert!(told.iter().any(|(_, said)| tells(said).is_some()), "who may see them does");
    let reach = Grant::Reach(Some(DEAL), Verb::Read, Scope::None);
    office.desk.set_role(&ana, "sales", &reach).await.expect("nothing of deals");
}

#[tokio::test]
async fn a_duplicate_that_one_may_not_see_says_only_whom_to_ask() {
    let office = Office::open().await;
    let (ana, bo, di) = (office.cx("ana").await, office.cx("bo").await, office.cx("di").await);
    let values = [
        ("name", text("Zebrafink")),
        ("email", text("Zebrafink@example.com")),
        ("mobile", text("+49 30 4242-777")),
        ("note", text("Zebrafink")),
    ];
    let far = office.create(&di, CONTACT, &values).await;
    let site = [("name", text("Zebrafink Ltd")), ("website", text("https://www.zebrafink.example/en"))];
    office.create(&di, COMPANY, &site).await;
    office.create(&bo, CONTACT, &[("name", text("Mine")), ("email", text("mine@example.com"))]).await;
    let known = async |cx: &Cx, kind: KindId, values: &[(&str, &str)]| {
        let registry = office.desk.registry_for(cx);
        let kind = registry.kind(kind);
        let mut record = Record::empty(kind);
        for (field, value) in values.iter().filter(|(field, _)| kind.field(field).is_some()) {
            record.set(kind, field, text(value));
        }
        office
            .desk
            .elsewhere(cx, &record)
            .await
            .expect("asked")
            .into_iter()
            .map(|e| (e.same, e.team))
            .collect::<Vec<_>>()
    };
    let south = |same: &str| vec![(same.to_owned(), Some("South".to_owned()))];
    assert_eq!(known(&bo, CONTACT, &[("email", "zebrafink@EXAMPLE.com")]).await, south("email"));
    assert_eq!(known(&bo, CONTACT, &[("phone", "0049 (30) 4242777")]).await, south("mobile"));
    assert_eq!(known(&bo, COMPANY, &[("website", "zebrafink.example")]).await, south("website"));
    for (kind, values) in [
        // Parts, names and what is not the very same are asked in vain,
        (CONTACT, [("email", "ebrafink@example.com")]),
        (CONTACT, [("email", "zebrafink")]),
        (CONTACT, [("email", "%@example.com")]),
        (CONTACT, [("phone", "4242777")]),
        (CONTACT, [("phone", "777")]),
        (CONTACT, [("name", "Zebrafink")]),
        (COMPANY, [("website", "example")]),
        (COMPANY, [("website", "%.example")]),
        // and so is what one sees anyway.
        (CONTACT, [("email", "mine@example.com")]),
    ] {
        assert_eq!(known(&bo, kind, &values).await, [], "{values:?}");
    }
    let email = [("email", "zebrafink@example.com")];
    assert_eq!(known(&ana, CONTACT, &email).await, [], "an admin sees the record itself");
    // Without a team of its own it is the owner's; without any, another's.
    let mut owner = office.space.owner().await;
    owner.execute("update contact set team_id = null where id = 1").await.expect("no team");
    assert_eq!(known(&bo, CONTACT, &email).await, south("email"));
    owner.execute("update contact set owner_id = null where id = 1").await.expect("nobody's");
    assert_eq!(known(&bo, CONTACT, &email).await, [("email".to_owned(), None)]);

    // In a form it is said while there is time to ask.
    let mut seat = office.space.sit("bo", 110, 36).await;
    seat.keys("2 n tab tab tab tab tab tab").await.text("zebrafink@example.com").await.keys("tab").await;
    seat.until("belongs to another team: ask").await;
    assert_eq!(seat.screen().matches("Zebrafink").count(), 0, "{}", seat.screen());
    seat.leave().await;

    // What one does not see of one's own records is no key to others'.
    hold(&office, CONTACT, "email", Some(Hold::Hidden)).await;
    let blind = office.cx("bo").await;
    assert_eq!(known(&blind, CONTACT, &email).await, []);
    let (mut service, mut own) = connections(&office).await;
    let sql = "select * from known_elsewhere('contact', '{zebrafink@example.com}', '{}', '{}')";
    act_as(&mut service, BO).await;
    let rows = service.execute(sql).await.expect("asked").rows_affected();
    service.execute("rollback").await.expect("rolled back");
    assert_eq!(rows, 0, "nor in SQL");
    hold(&office, CONTACT, "email", None).await;
    act_as(&mut service, BO).await;
    let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("select to_jsonb(x)::text from ({sql}) x")))
        .fetch_all(&mut service)
        .await
        .expect("asked");
    service.execute("rollback").await.expect("rolled back");
    assert_eq!(rows, [r#"{"same": "email", "team": null}"#], "nothing else of it comes out");
    assert_eq!(own.execute(sql).await.expect("asked").rows_affected(), 0, "a login of one's own asks nothing");

    // Somebody who tries one address after the other soon learns nothing.
    let mut found = 0;
    for n in 0..220 {
        let tried = format!("nobody{n}@example.com");
        known(&bo, CONTACT, &[("email", &tried)]).await;
        if n % 20 == 19 {
            found += known(&bo, CONTACT, &email).await.len();
        }
    }
    assert!((1..11).contains(&found), "{found} of 11");
    assert_eq!(known(&bo, CONTACT, &email).await, []);
    let cy = office.cx("cy").await;
    assert_eq!(known(&cy, CONTACT, &email).await.len(), 1, "others still do");
    let deleted = office.act(&ana, Targets::Records(CONTACT, vec![far]), Action::Delete).await;
    deleted.expect("deleted");
    assert_eq!(known(&cy, CONTACT, &email).await, []);
    let grant = Grant::Reach(Some(CONTACT), Verb::Create, Scope::None);
    office.desk.set_role(&ana, "sales", &grant).await.expect("they make none");
    office.act(&ana, Targets::Records(CONTACT, vec![far]), Action::Restore).await.expect("restored");
    assert_eq!(known(&office.cx("cy").await, CONTACT, &email).await, [], "who makes no contacts has nothing to ask");
}

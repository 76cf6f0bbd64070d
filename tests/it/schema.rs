//! The schema: what the registry declares is there, and the triggers do their part whoever writes.

use std::collections::{BTreeMap, BTreeSet};

use frontdesk::domain::field::{FieldType, Source};
use frontdesk::domain::kind::{Kind, Registry, Sharing};
use sqlx::{Executor, PgConnection, Row};

use crate::support::Workspace;

/// The SQL type that a field's column has.
fn sql_type(ty: &FieldType) -> &'static str {
    match ty {
        FieldType::Text
        | FieldType::LongText
        | FieldType::Email
        | FieldType::Phone
        | FieldType::Url
        | FieldType::Choice(_) => "text",
        FieldType::Int | FieldType::Ref(_) => "int8",
        FieldType::Decimal | FieldType::Money { .. } => "numeric",
        FieldType::Bool => "bool",
        FieldType::Day => "date",
        FieldType::Instant | FieldType::Span => "timestamptz",
        FieldType::Tags => "_text",
    }
}

/// Columns that every kind's table has beside its fields.
fn bookkeeping(kind: &Kind) -> Vec<(&'static str, &'static str)> {
    let mut columns = vec![("id", "int8"), ("version", "int8"), ("search", "tsvector"), ("ident", "text")];
    if kind.table == "staff" {
        columns.push(("lang", "text"));
    }
    columns
}

#[tokio::test]
async fn tables_have_the_columns_of_the_registry_and_no_others() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    for kind in Registry::builtin().kinds() {
        // Who watches a record is in a table of its own.
        let fields = kind.fields.iter().filter(|f| !matches!(f.source, Source::Watch(_)));
        let mut wanted: BTreeMap<String, String> =
            fields.map(|f| (f.db_column().to_owned(), sql_type(&f.ty).to_owned())).collect();
        wanted.extend(bookkeeping(kind).into_iter().map(|(c, t)| (c.to_owned(), t.to_owned())));
        let found: BTreeMap<String, String> = sqlx::query_as::<_, (String, String)>(
            "select column_name::text, udt_name::text from information_schema.columns
             where table_schema = 'public' and table_name = $1",
        )
        .bind(kind.table)
        .fetch_all(&mut owner)
        .await
        .expect("the catalogue")
        .into_iter()
        .collect();
        assert_eq!(found, wanted, "{}", kind.id);
    }
}

#[tokio::test]
async fn searched_columns_are_those_that_the_field_types_say() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    for kind in Registry::builtin().kinds() {
        let row = sqlx::query("select sharing, words, names, idents from kind where name = $1")
            .bind(kind.id.0)
            .fetch_one(&mut owner)
            .await
            .expect("each kind is attached");
        let set = |column: &str| row.get::<Vec<String>, _>(column).into_iter().collect::<BTreeSet<_>>();
        let fields = || kind.fields.iter().filter(|f| matches!(f.source, Source::Column(_)));
        let words: BTreeSet<_> = fields()
            .filter(|f| {
                f.name == kind.title
                    || matches!(
                        f.ty,
                        FieldType::Text
                            | FieldType::LongText
                            | FieldType::Email
                            | FieldType::Phone
                            | FieldType::Url
                            | FieldType::Tags
                    )
            })
            .map(|f| f.db_column().to_owned())
            .collect();
        let names: BTreeSet<_> = fields()
            .filter(|f| f.name == kind.title || f.name == "family_name" || f.name == "given_name")
            .map(|f| f.db_column().to_owned())
            .collect();
        let idents: BTreeSet<_> = fields()
            .filter_map(|f| match f.ty {
                FieldType::Phone => Some(format!("#{}", f.db_column())),
                FieldType::Email | FieldType::Url => Some(f.db_column().to_owned()),
                _ if f.name == "external_id" || f.name == "sku" => Some(f.db_column().to_owned()),
                _ => None,
            })
            .collect();
        assert_eq!(set("words"), words, "{}", kind.id);
        assert_eq!(set("names"), names, "{}", kind.id);
        assert_eq!(set("idents"), idents, "{}", kind.id);
        let sharing = if kind.sharing == Sharing::Owned { "owned" } else { "common" };
        assert_eq!(row.get::<String, _>("sharing"), sharing, "{}", kind.id);
    }
}

#[tokio::test]
async fn a_choice_takes_its_codes_and_nothing_else() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    for kind in Registry::builtin().kinds() {
        for field in kind.fields.iter().filter(|f| matches!(f.ty, FieldType::Choice(_))) {
            let name = format!("{}_{}_choice", kind.table, field.db_column());
            let check: String =
                sqlx::query_scalar("select pg_get_constraintdef(oid) from pg_constraint where conname = $1")
                    .bind(&name)
                    .fetch_one(&mut owner)
                    .await
                    .unwrap_or_else(|e| panic!("{name}: {e}"));
            if kind.table == "staff" {
                // Roles are rows of a table of their own.
                continue;
            }
            let listed: BTreeSet<&str> = check.split('\'').skip(1).step_by(2).collect();
            let declared: BTreeSet<&str> = field.choices().iter().map(|c| c.code.as_str()).collect();
            assert_eq!(listed, declared, "{name}");
        }
    }
}

/// Begins a transaction as a person would have it through the program.
async fn act_as(conn: &mut PgConnection, person: i64, role: &str) {
    let statement = format!("begin; set local role frontdesk_test_{role}; set local frontdesk.me = '{person}'");
    conn.execute(sqlx::AssertSqlSafe(statement)).await.expect("a person's transaction");
}

#[tokio::test]
async fn a_write_in_sql_has_history() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    owner.execute("insert into contact (name, city) values ('Kim', 'Ulm')").await.expect("a row");
    owner.execute("update contact set city = 'Bonn', email = 'K@x.org'").await.expect("a change");
    owner.execute("update contact set city = 'Bonn'").await.expect("no change");
    owner.execute("delete from contact").await.expect("gone");
    let rows: Vec<(String, i64, Option<serde_json::Value>, String, i64)> = sqlx::query_as(
        "select c.deed, c.version, c.fields, o.door, o.records from change c join operation o on o.id = c.operation
         where c.kind = 'contact' order by c.id",
    )
    .fetch_all(&mut owner)
    .await
    .expect("history");
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert_eq!((rows[0].0.as_str(), rows[0].1, &rows[0].2), ("create", 1, &None));
    let expected = serde_json::json!({"city": ["Ulm", "Bonn"], "email": [null, "K@x.org"]});
    assert_eq!((rows[1].0.as_str(), rows[1].1, rows[1].2.as_ref()), ("update", 2, Some(&expected)));
    assert_eq!(rows[2].0, "erase");
    assert_eq!(rows[2].2.as_ref().and_then(|f| f.get("city")), Some(&serde_json::json!(["Bonn", null])));
    assert!(rows.iter().all(|r| r.3 == "psql" && r.4 == 1));
}

#[tokio::test]
async fn one_operation_holds_all_that_a_transaction_changes() {
    let workspace = Workspace::new().await;
    let mut service = workspace.service().await;
    act_as(&mut service, 2, "sales").await;
    let operation: i64 = sqlx::query_scalar("select start_operation('create', 'tui', 'seat 1')")
        .fetch_one(&mut service)
        .await
        .expect("an operation");
    service.execute("insert into contact (name) values ('A'), ('B')").await.expect("two");
    service.execute("update contact set city = 'Rom' where name = 'A'").await.expect("one");
    service.execute("commit").await.expect("commit");
    let mut owner = workspace.owner().await;
    let (by, door, seat, records): (i64, String, String, i64) =
        sqlx::query_as("select by_id, door, seat, records from operation where id = $1")
            .bind(operation)
            .fetch_one(&mut owner)
            .await
            .expect("the operation");
    assert_eq!((by, door.as_str(), seat.as_str(), records), (2, "tui", "seat 1", 3));
    let (owner_id, team_id, created_by, updated_by): (i64, i64, i64, i64) =
        sqlx::query_as("select owner_id, team_id, created_by, updated_by from contact where name = 'A'")
            .fetch_one(&mut owner)
            .await
            .expect("the contact");
    assert_eq!((owner_id, team_id, created_by, updated_by), (2, 2, 2, 2));
}

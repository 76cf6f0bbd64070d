//! Migrations: once, however many run them; never on a database that is newer.

use frontdesk::store::{Error, connect, migrate};
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::support::Workspace;

async fn count(conn: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(conn).await.expect(sql)
}

#[tokio::test]
async fn four_at_once_migrate_once() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    let name: String =
        sqlx::query_scalar("select current_database() || '_four'").fetch_one(&mut owner).await.expect("a name");
    owner.execute(AssertSqlSafe(format!("create database {name}"))).await.expect("an empty database");
    let mut database = workspace.database.clone();
    database.owner = database.owner.database(&name);
    database.service = database.service.database(&name).username(&format!("{name}_service"));
    let runs: Vec<_> = (0..4)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move { migrate(&database, Some("ada")).await })
        })
        .collect();
    for run in runs {
        run.await.expect("no panic").expect("migrated");
    }
    connect(&database).await.expect("ready for use").close().await;
    let mut fresh = workspace.owner_of(&name).await;
    assert_eq!(count(&mut fresh, "select count(*) from staff where login = 'ada' and role = 'admin'").await, 1);
    assert_eq!(count(&mut fresh, "select count(*) from pipeline").await, 1);
    assert_eq!(count(&mut fresh, "select count(*) from stage").await, 6);
    assert!(count(&mut fresh, "select count(*) from pinyin").await > 20_000);
    // Other tests' databases have locks of their own.
    let locks = "select count(*) from pg_locks where locktype = 'advisory' \
                 and database = (select oid from pg_database where datname = current_database())";
    assert_eq!(count(&mut fresh, locks).await, 0);
    // A workspace that has an admin gets no other one.
    migrate(&database, Some("eve")).await.expect("nothing to do");
    assert_eq!(count(&mut fresh, "select count(*) from staff").await, 1);
    sqlx::Connection::close(fresh).await.expect("closed");
    owner.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await.expect("gone");
}

#[tokio::test]
async fn a_newer_database_is_left_alone_and_an_older_one_is_named() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    owner
        .execute(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (99999999, 'from the future', true, '', 0)",
        )
        .await
        .expect("a later release was here");
    let refused = migrate(&workspace.database, None).await.expect_err("newer");
    assert!(matches!(refused, Error::Newer { database: 99_999_999, .. }), "{refused}");
    assert!(refused.to_string().contains("newer"), "{refused}");
    assert!(matches!(connect(&workspace.database).await.err(), Some(Error::Newer { .. })));
    owner
        .execute("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations where version < 99999999); delete from _sqlx_migrations where version = 99999999")
        .await
        .expect("an earlier release");
    assert!(matches!(connect(&workspace.database).await.err(), Some(Error::Older)));
}

#[tokio::test]
async fn months_to_come_have_their_partitions() {
    let workspace = Workspace::new().await;
    let mut owner = workspace.owner().await;
    let partitions = "select count(*) from pg_inherits where inhparent = 'change'::regclass";
    assert_eq!(count(&mut owner, partitions).await, 5, "this month, three more and the default");
    owner.execute("select tend()").await.expect("housekeeping");
    let tended = count(&mut owner, partitions).await;
    assert!((5..=6).contains(&tended), "{tended}: one more when the month has ended since the migrations");
    owner.execute("select tend()").await.expect("housekeeping");
    assert_eq!(count(&mut owner, partitions).await, tended);
    owner.execute("insert into contact (name) values ('x')").await.expect("a change");
    assert_eq!(count(&mut owner, "select count(*) from change_default").await, 0);
}

//! What one deed reads: its record and what hangs on it, however many others there are. Triggers are counted in.

use std::fmt::Write;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::crowd::Crowd;

/// Rows of tables and indexes that a deed to one record may read.
const DEED_MAX: i64 = 1_000;

/// One deed each, of the first person.
const DEEDS: &[(&str, &str)] = &[
    ("a new ticket", "insert into ticket (subject, owner_id, team_id) values ('Speed', 2, 1)"),
    ("a ticket's status", "update ticket set status = 'pending' where id = (select max(id) from ticket)"),
    ("a ticket given to another", "update ticket set owner_id = 3 where id = (select min(id) from ticket)"),
    (
        "a reply",
        "insert into message (ticket_id, direction, body) select min(id), 'out', 'It is on its way' from ticket",
    ),
    (
        "a note that names somebody",
        "insert into activity (type, subject, contact_id) select 'note', 'please @ana', min(id) from contact",
    ),
    (
        "a deal on another stage",
        "update deal set stage_id = 2 where id = (select max(id) from deal where stage_id = 1)",
    ),
    ("a contact's name", "update contact set name = 'Petra Vogel' where id = (select max(id) from contact)"),
];

/// Does everything and takes it back; returns what reads too much.
pub(super) async fn do_everything(crowd: &Crowd) -> String {
    let mut conn = crowd.owner().await;
    let mut wrong = String::new();
    for (name, sql) in DEEDS {
        let mut tx = conn.begin().await.expect("a transaction");
        tx.execute("select act_as(1), set_config('plan_cache_mode', 'force_custom_plan', true)")
            .await
            .expect("a person");
        tx.execute("select start_operation('set', 'tui', 'here', null)").await.expect("an operation");
        let before = rows_read(&mut tx).await;
        tx.execute(AssertSqlSafe(*sql)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let read = rows_read(&mut tx).await - before;
        tx.rollback().await.expect("nothing happened");
        if read > DEED_MAX {
            writeln!(wrong, "{name}: reads {read} rows").expect("memory");
        }
        assert!(read > 0, "{name} is counted");
    }
    wrong
}

/// So far in this transaction, of tables and of indexes.
async fn rows_read(tx: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "select coalesce(sum(pg_stat_get_xact_tuples_returned(oid)), 0)::bigint from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')",
    )
    .fetch_one(tx)
    .await
    .expect("the server counts")
}

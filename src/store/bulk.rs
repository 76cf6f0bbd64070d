//! Many rows at once, as the schema's owner: `COPY` under one operation of one person. Row-level security does not let
//! the service use `COPY`, so what comes this way must be the program's own rows, not a person's.

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor, Row};
use tokio::sync::mpsc::Receiver;

use super::Result;
use crate::config::Database;

/// A connection that loads.
pub struct Bulk {
    conn: PgConnection,
    person: i64,
    operation: i64,
}

/// An index that is made again after loading.
#[derive(Clone, Debug)]
pub struct Index {
    name: String,
    definition: String,
}

/// A change of one record that somebody made earlier.
#[derive(Clone, Debug)]
pub struct Deed {
    pub at: DateTime<Utc>,
    pub by: i64,
    /// The action's name.
    pub action: &'static str,
    pub kind: &'static str,
    pub record: i64,
    /// Column to `[before, after]`.
    pub fields: serde_json::Value,
}

/// A stage of a pipeline: ids of both, and what a deal in it is.
#[derive(Clone, Debug)]
pub struct StageRow {
    pub pipeline: i64,
    pub id: i64,
    pub state: String,
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let mut conn = PgConnection::connect_with(&options.clone().statement_cache_capacity(0)).await?;
    // What a load needs more of than a page of a list. A crash during it is answered by loading again.
    conn.execute("set frontdesk.owner = 'on'; set synchronous_commit = off; set maintenance_work_mem = '512MB'; set statement_timeout = 0").await?;
    Ok(conn)
}

impl Bulk {
    /// Begins the operation that everything loaded belongs to, in the name of the first admin.
    pub async fn begin(database: &Database) -> Result<Self> {
        let mut conn = connect(&database.owner).await?;
        let person: i64 = sqlx::query_scalar("select id from staff where role = 'admin' order by id limit 1")
            .fetch_one(&mut conn)
            .await?;
        let mut tx = conn.begin().await?;
        act_as(&mut tx, person).await?;
        let operation =
            sqlx::query_scalar("select start_operation('import', 'import', '', null)").fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(Self { conn, person, operation })
    }

    /// Another connection for the same operation.
    pub async fn beside(&self, database: &Database) -> Result<Self> {
        Ok(Self { conn: connect(&database.owner).await?, person: self.person, operation: self.operation })
    }

    /// The first admin: who the operation belongs to.
    pub fn person(&self) -> i64 {
        self.person
    }

    /// Opens the transaction that the following calls belong to, until `commit`.
    pub async fn open(&mut self) -> Result<()> {
        self.conn.execute("begin").await?;
        act_as(&mut self.conn, self.person).await?;
        sqlx::query("select resume_operation($1)").bind(self.operation).execute(&mut self.conn).await?;
        Ok(())
    }

    pub async fn commit(&mut self) -> Result<()> {
        self.conn.execute("commit").await?;
        Ok(())
    }

    /// The stages of the first pipeline, in their order.
    pub async fn stages(&mut self) -> Result<Vec<StageRow>> {
        let rows = sqlx::query(
            "select pipeline_id, id, state from stage where deleted_at is null
             and pipeline_id = (select id from pipeline where deleted_at is null order by position, id limit 1) order by position",
        )
        .fetch_all(&mut self.conn)
        .await?;
        let stage = |row: &sqlx::postgres::PgRow| -> Result<StageRow> {
            Ok(StageRow { pipeline: row.try_get(0)?, id: row.try_get(1)?, state: row.try_get(2)? })
        };
        rows.iter().map(stage).collect()
    }

    /// The person's name and login.
    pub async fn named(&mut self) -> Result<(String, String)> {
        let row = sqlx::query("select name, login from staff where id = $1")
            .bind(self.person)
            .fetch_one(&mut self.conn)
            .await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    /// Puts the person into a team.
    pub async fn join(&mut self, team: i64) -> Result<()> {
        sqlx::query("update staff set team_id = $1 where id = $2")
            .bind(team)
            .bind(self.person)
            .execute(&mut self.conn)
            .await?;
        Ok(())
    }

    /// The first id that no record of the table has.
    pub async fn free_id(&mut self, table: &'static str) -> Result<i64> {
        let sql = format!("select coalesce(max(id), 0) + 1 from {table}");
        Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut self.conn).await?)
    }

    /// Copies rows in the text format until the source ends; `told` hears the bytes sent. Returns the rows.
    pub async fn copy(
        &mut self,
        table: &'static str,
        columns: &[&'static str],
        source: &mut Receiver<Vec<u8>>,
    ) -> Result<u64> {
        let sql = format!("copy {table} ({}) from stdin", columns.join(", "));
        let mut copy = self.conn.copy_in_raw(&sql).await?;
        while let Some(rows) = source.recv().await {
            copy.send(rows).await?;
        }
        Ok(copy.finish().await?)
    }

    /// Identities go on behind the ids that were given.
    pub async fn settle_ids(&mut self, tables: &[&'static str]) -> Result<()> {
        for table in tables {
            let sql = format!(
                "select setval(pg_get_serial_sequence('{table}', 'id'), greatest((select max(id) from {table}), 1))"
            );
            self.conn.execute(AssertSqlSafe(sql)).await?;
        }
        Ok(())
    }

    /// Drops the indexes of these tables that hold no constraint; `restore` makes them again. Building an index over
    /// rows that are there is several times faster than feeding it row by row.
    pub async fn drop_indexes(&mut self, tables: &[&str]) -> Result<Vec<Index>> {
        let rows = sqlx::query(
            "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
             where i.indrelid::regclass::text = any($1) and not i.indisunique
             and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
             order by pg_relation_size(i.indrelid), i.indexrelid",
        )
        .bind(tables)
        .fetch_all(&mut self.conn)
        .await?;
        let mut indexes = Vec::new();
        for row in rows {
            let index = Index { name: row.try_get(0)?, definition: row.try_get(1)? };
            self.conn.execute(AssertSqlSafe(format!("drop index {}", index.name))).await?;
            indexes.push(index);
        }
        Ok(indexes)
    }

    /// Makes one index again.
    pub async fn restore(&mut self, index: &Index) -> Result<()> {
        self.conn.execute(AssertSqlSafe(index.definition.clone())).await?;
        Ok(())
    }

    /// Writes history that happened before: each deed an operation of its own.
    pub async fn remember(&mut self, deeds: &[Deed]) -> Result<()> {
        let mut tx = self.conn.begin().await?;
        for deed in deeds {
            sqlx::query(
                "with done as (insert into operation (at, by_id, door, action, records) values ($1, $2, 'tui', $3, 1) returning id)
                 insert into change (operation, at, by_id, kind, record, version, deed, fields)
                 select id, $1, $2, $4, $5, 1, 'update', $6 from done",
            )
            .bind(deed.at)
            .bind(deed.by)
            .bind(deed.action)
            .bind(deed.kind)
            .bind(deed.record)
            .bind(&deed.fields)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Puts into everybody's inbox what would be there: the latest words of their customers, and tickets they
    /// were given by a colleague (`remember` tells by whom).
    pub async fn tell_people(&mut self) -> Result<()> {
        sqlx::query(
            "insert into notice (person, why, kind, record, said_kind, said, by_id, at)
             select person, why, 'ticket', ticket, said_kind, said, by_id, at from (
                 select s.id as person, 'reply' as why, t.id as ticket, 'message' as said_kind, m.id as said,
                     null::bigint as by_id, m.sent_at as at
                 from staff s
                     cross join lateral (select k.id from ticket k where k.owner_id = s.id and k.status = 'open'
                         and k.deleted_at is null order by k.created_at desc, k.id desc limit 4) t
                     cross join lateral (select w.id, w.sent_at from message w where w.ticket_id = t.id
                         and w.direction = 'in' and w.deleted_at is null order by w.sent_at desc, w.id desc limit 1) m
                 union all
                 select owner_id, 'assigned', record, null, null, by_id, at from (
                     select t.owner_id, c.record, c.by_id, c.at,
                         row_number() over (partition by t.owner_id order by c.at desc, c.record desc) as place
                     from change c join ticket t on t.id = c.record
                     where c.kind = 'ticket' and c.deed = 'update' and c.fields ? 'owner_id'
                         and t.owner_id <> c.by_id and t.deleted_at is null
                 ) c where place <= 2
             ) n
             where at <= now() order by at",
        )
        .execute(&mut self.conn)
        .await?;
        Ok(())
    }

    /// Nobody sits here for the first time: they have answered the first questions.
    pub async fn welcome_all(&mut self) -> Result<()> {
        self.conn
            .execute(
                "insert into setting (person, key, value) select id, 'looks', '{\"welcomed\": true}' from staff
                 on conflict do nothing",
            )
            .await?;
        Ok(())
    }

    /// Statistics and visibility, which the first query would otherwise lack.
    pub async fn tidy(&mut self) -> Result<()> {
        self.conn.execute("vacuum (analyze)").await?;
        Ok(())
    }

    /// Leaves word that loading came to its end, and of what.
    pub async fn mark(&mut self, value: &serde_json::Value) -> Result<()> {
        sqlx::query("insert into setting (person, key, value) values ($1, 'demo', $2)")
            .bind(self.person)
            .bind(value)
            .execute(&mut self.conn)
            .await?;
        Ok(())
    }
}

/// What `mark` left; nothing when there is no such database on the server, or no schema in it.
pub async fn marked(database: &Database) -> Result<Option<serde_json::Value>> {
    let mut server = connect(&database.owner.clone().database("postgres")).await?;
    let made: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(database.owner.get_database())
        .fetch_one(&mut server)
        .await?;
    if !made {
        return Ok(None);
    }
    let mut conn = connect(&database.owner).await?;
    let there: bool = sqlx::query_scalar("select to_regclass('setting') is not null").fetch_one(&mut conn).await?;
    if !there {
        return Ok(None);
    }
    let value = sqlx::query_scalar("select value from setting where key = 'demo'").fetch_optional(&mut conn).await?;
    Ok(value)
}

/// Drops a database of the private server if it is there. Fails while anybody is connected to it.
pub async fn drop_database(database: &Database) -> Result<()> {
    let name = database.owner.get_database().unwrap_or_default().replace('"', "\"\"");
    let mut conn = connect(&database.owner.clone().database("postgres")).await?;
    conn.execute(AssertSqlSafe(format!("drop database if exists \"{name}\""))).await?;
    Ok(())
}

async fn act_as(conn: &mut PgConnection, person: i64) -> Result<()> {
    sqlx::query("select set_config('frontdesk.me', $1, true)").bind(person.to_string()).execute(conn).await?;
    Ok(())
}

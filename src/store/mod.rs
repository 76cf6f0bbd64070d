//! Postgres: all SQL of the program.
//!
//! `migrations/` is the schema, and decides who may do what; [`migrate()`] brings a database to it; [`feed`] tells what
//! others commit. Connections are had only through [`Store::begin`], which says for whom: the pool is private here.

pub(crate) mod access;
pub(crate) mod answering;
pub(crate) mod away;
pub(crate) mod board;
pub mod bulk;
pub(crate) mod choose;
pub mod compile;
mod cursor;
pub mod doctor;
pub(crate) mod elsewhere;
mod error;
pub mod feed;
pub(crate) mod filing;
pub mod history;
pub(crate) mod index;
pub(crate) mod intake;
pub(crate) mod invite;
pub(crate) mod keep;
pub(crate) mod list;
mod measure;
pub(crate) mod metric;
mod migrate;
pub(crate) mod notice;
mod one_login;
pub(crate) mod outbox;
pub(crate) mod outside;
pub(crate) mod people;
pub mod postgres;
pub(crate) mod presence;
pub(crate) mod pull;
pub(crate) mod record;
pub(crate) mod role;
pub(crate) mod seat;
pub(crate) mod second_factor;
pub(crate) mod staff;
pub mod timeline;
pub(crate) mod trial;
pub mod undo;
pub(crate) mod user_key;
pub mod values;
pub(crate) mod watch;
pub(crate) mod write;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Transaction};

use self::cursor::Cursor;
pub use self::error::{Error, Result};
pub use self::measure::Measures;
pub use self::migrate::migrate;
use crate::config::Database;
use crate::domain::change::Door;

/// A workspace's database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pool: PgPool,
    database: Database,
    /// The feed begins here: what is committed after the first reading is told.
    opened_at: Cursor,
    tally: measure::Tally,
}

/// For whom a transaction is, and through which door.
#[derive(Clone, Debug)]
pub struct Actor {
    pub person: i64,
    pub door: Door,
    pub seat: String,
    /// The date where the person is.
    pub today: NaiveDate,
}

/// What a writing transaction's changes belong to.
#[derive(Clone, Copy, Debug)]
pub struct OperationSpec<'a> {
    /// `set`, `import`, `undo`, ….
    pub action: &'a str,
    /// The operation that this one takes back.
    pub undoes: Option<i64>,
    /// Goes on with this operation of the same person, as the next chunk of a long one; the rest is then as it was.
    pub resume: Option<i64>,
}

/// Opens the pool as the service. `Older` or `Newer` when the database's schema is not this program's, `Unavailable`
/// when nobody answers.
pub async fn connect(database: &Database) -> Result<Store> {
    let pool = PgPoolOptions::new()
        .max_connections(database.pool_size)
        .acquire_timeout(Duration::from_secs(10))
        // A broken connection shows at `begin`; asking first would cost a round trip each time.
        .test_before_acquire(false)
        .connect_with(database.service.clone())
        .await?;
    let mut tx = pool.begin_with(AssertSqlSafe(beginning(database, " read only", "", Plans::ForValues))).await?;
    migrate::check(&mut tx).await?;
    tx.commit().await?;
    let begin = AssertSqlSafe(beginning(database, "", "", Plans::ForValues));
    let opened_at = Cursor::now(pool.begin_with(begin).await?).await?;
    Ok(Store {
        inner: Arc::new(Inner { pool, database: database.clone(), opened_at, tally: measure::Tally::default() }),
    })
}

/// A connection of the schema's owner, above the policies that hold its login where there is only one.
pub(crate) async fn connect_as_owner(database: &Database) -> sqlx::Result<PgConnection> {
    let mut conn = PgConnection::connect_with(&database.owner).await?;
    sqlx::query("select set_config('frontdesk.owner', 'on', false)").execute(&mut conn).await?;
    Ok(conn)
}

/// How a transaction's statements are planned.
#[derive(Clone, Copy)]
enum Plans {
    /// For their values: the same filter may fit ten rows or a million.
    ForValues,
    /// Once and for all, where ids find the rows: the planning would take longer than the reading.
    Once,
}

/// What a transaction begins with, in one round trip. Its bounds belong to it and not to the session, which a pooler may
/// give to others.
fn beginning(database: &Database, access: &str, selected: &str, plans: Plans) -> String {
    // Other clients of a pooler have left prepared statements under the names that this one would choose.
    let forget = if database.pooled { " deallocate all;" } else { "" };
    format!(
        "begin{access};{forget} select {selected}set_config('plan_cache_mode', '{}', true), \
         set_config('statement_timeout', '30s', true), set_config('idle_in_transaction_session_timeout', '30s', true), \
         set_config('jit', 'off', true)",
        match plans {
            Plans::ForValues => "force_custom_plan",
            Plans::Once => "force_generic_plan",
        }
    )
}

impl Store {
    /// A transaction with the rights of that person. With a spec it may write, as one operation; without, it is read
    /// only.
    pub async fn begin(&self, actor: &Actor, write: Option<&OperationSpec<'_>>) -> Result<Tx> {
        let access = if write.is_some() { "" } else { " read only" };
        let mut tx = self.start_as(actor, access, Plans::ForValues).await?;
        let operation = match write {
            None => None,
            Some(OperationSpec { resume: Some(operation), .. }) => {
                sqlx::query("select resume_operation($1)").bind(operation).execute(&mut *tx).await?;
                Some(*operation)
            }
            Some(spec) => {
                let made = sqlx::query_scalar("select start_operation($1, $2, $3, $4)")
                    .bind(spec.action)
                    .bind(actor.door.name())
                    .bind(&actor.seat)
                    .bind(spec.undoes)
                    .fetch_one(&mut *tx)
                    .await?;
                Some(made)
            }
        };
        Ok(Tx { tx, operation })
    }

    /// A read-only transaction with the rights of that person, for rows that are found by ids.
    pub(crate) async fn begin_lookup(&self, actor: &Actor) -> Result<Tx> {
        Ok(Tx { tx: self.start_as(actor, " read only", Plans::Once).await?, operation: None })
    }

    /// A transaction with the rights of that person, for what has no history: drafts, settings, presence.
    pub(crate) async fn begin_quiet(&self, actor: &Actor) -> Result<Tx> {
        Ok(Tx { tx: self.start_as(actor, "", Plans::Once).await?, operation: None })
    }

    async fn start_as(&self, actor: &Actor, access: &str, plans: Plans) -> Result<Transaction<'static, Postgres>> {
        // One round trip; an id and a date need no quoting.
        let Actor { person, today, .. } = actor;
        let selected = format!("public.act_as({person}), set_config('frontdesk.today', '{today}', true), ");
        self.start(beginning(&self.inner.database, access, &selected, plans)).await
    }

    /// A read-only transaction as the service itself, for what is read before it is known who sits down: staff, teams,
    /// custom fields. It sees nothing else.
    pub(crate) async fn begin_unnamed(&self) -> Result<Tx> {
        let tx = self.start(beginning(&self.inner.database, " read only", "", Plans::ForValues)).await?;
        Ok(Tx { tx, operation: None })
    }

    /// How the workspace's database is reached.
    pub(crate) fn database(&self) -> &Database {
        &self.inner.database
    }

    /// Closes all connections, once their transactions ended.
    pub async fn close(&self) {
        self.inner.pool.close().await;
    }

    /// Begins on a connection that lives: one that died in the pool is put away and the next is tried. One that somebody
    /// was refused on, who may not act any more, is still in that failed transaction, which is ended first.
    async fn start(&self, mut statement: String) -> Result<Transaction<'static, Postgres>> {
        self.inner.tally.transaction();
        let mut left = self.inner.database.pool_size;
        loop {
            match self.inner.pool.begin_with(AssertSqlSafe(statement.clone())).await {
                Err(sqlx::Error::Io(_) | sqlx::Error::Protocol(_)) if left > 0 => left -= 1,
                Err(sqlx::Error::Database(e)) if left > 0 && e.code().is_some_and(|c| c.starts_with("57P")) => {
                    left -= 1;
                }
                Err(sqlx::Error::Database(e)) if left > 0 && e.code().is_some_and(|c| c == "25P02") => {
                    left -= 1;
                    if !statement.starts_with("rollback") {
                        statement.insert_str(0, "rollback; ");
                    }
                }
                began => return Ok(began?),
            }
        }
    }

    /// A transaction as the service itself, for the feed and housekeeping.
    async fn begin_as_service(&self) -> Result<Transaction<'static, Postgres>> {
        self.start(beginning(&self.inner.database, "", "", Plans::ForValues)).await
    }
}

/// A transaction on behalf of one person; rolled back when dropped without `commit`.
pub struct Tx {
    tx: Transaction<'static, Postgres>,
    operation: Option<i64>,
}

impl Tx {
    /// The operation that its changes belong to; `None` when it only reads.
    pub fn operation(&self) -> Option<i64> {
        self.operation
    }

    pub async fn commit(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }

    pub async fn rollback(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }
}

impl Deref for Tx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.tx
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
}

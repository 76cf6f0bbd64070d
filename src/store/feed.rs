//! What others commit, told to this process. One connection listens; a notification is only a wake-up, and what there is
//! to tell is read from the cursor, a whole `pg_snapshot`: every transaction that the last reading did not see and this
//! one does. So a late commit is told late, once, and holds nobody up.
//!
//! Notifications get lost with their connection, so the feed also reads on after every trouble and every twenty seconds.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{FromRow, PgPool};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

use super::cursor::Cursor;
use super::{Error, Result, Store};
use crate::config::looks_unasked;

/// Reads on without being woken.
const TICK: Duration = Duration::from_secs(20);
/// Ticks between two rounds of housekeeping.
const TEND_EVERY: u32 = 3;
/// Changes told one by one; when more come at once, reading everything anew is cheaper.
const AT_MOST: i32 = 20_000;
/// A reading that takes longer means that the line is dead, though nobody said so.
const PATIENCE: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// One committed change, without values: nobody learns here what they may not read.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Touch {
    /// The kind's name.
    pub kind: String,
    pub record: i64,
    pub operation: i64,
    pub version: i64,
    /// Who did it.
    #[sqlx(rename = "by_id")]
    pub by: Option<i64>,
    /// `create`, `update` or `erase`.
    pub deed: String,
    /// The changed columns of an update.
    pub columns: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Never empty; each change comes once.
    Touched(Vec<Touch>),
    /// The feed lost its place or its connection, or too much happened at once: what was read before may be stale.
    Resync,
    /// Somebody opened or left a record, or began or stopped typing.
    Presence,
    /// An admin ended seats, or a key was taken back.
    Seats,
    /// These people's inboxes changed.
    Notices(Vec<i64>),
    /// A custom field or a role changed.
    Registry,
    /// The connection is gone, is back. It counts as up until told otherwise.
    Line(bool),
}

/// Follows what is committed from the moment that the store was opened. Ends when the receiver is dropped.
pub fn follow(store: &Store) -> mpsc::Receiver<Event> {
    let (out, events) = mpsc::channel(64);
    let reader = Reader {
        cursor: store.inner.opened_at.clone(),
        store: store.clone(),
        out,
        is_up: true,
        had_listener: false,
        ticks: 0,
    };
    tokio::spawn(reader.run());
    events
}

/// The receiver is gone; nobody wants the feed any more.
struct Unheard;

struct Reader {
    store: Store,
    cursor: Cursor,
    out: mpsc::Sender<Event>,
    is_up: bool,
    had_listener: bool,
    ticks: u32,
}

impl Reader {
    async fn run(mut self) {
        let out = self.out.clone();
        tokio::select! {
            _ = self.listen_for_ever() => {}
            () = out.closed() => {}
        }
    }

    async fn listen_for_ever(&mut self) -> std::result::Result<(), Unheard> {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.listener().await {
                Ok(mut listener) => {
                    pause = FIRST_PAUSE;
                    self.listen(&mut listener).await?;
                }
                Err(error) => {
                    tracing::debug!(%error, "no listener");
                    self.line(false).await?;
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// On a pool of its own, so that seats' statements never wait for it, nor it for them, and never through a pooler.
    async fn listener(&self) -> sqlx::Result<PgListener> {
        let pool: PgPool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            // While a server starts, each try is short, so that the line is known to be down.
            .acquire_timeout(Duration::from_secs(1))
            .connect_lazy_with(self.store.inner.database.listener().clone());
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.ignore_pool_close_event(true);
        // A lost connection ends this listener; the next one begins with reading on.
        listener.eager_reconnect(false);
        listener
            .listen_all(["frontdesk", "frontdesk_presence", "frontdesk_registry", "frontdesk_notice", "frontdesk_seat"])
            .await?;
        Ok(listener)
    }

    /// Until the listener's connection is lost.
    async fn listen(&mut self, listener: &mut PgListener) -> std::result::Result<(), Unheard> {
        // Between the last listener and this one anything may have happened.
        if !self.read_on().await? {
            return Ok(());
        }
        // A server that crashed may have forgotten transactions that came to nothing, and given their ids, which the
        // cursor has behind it, to new ones. Whether it crashed cannot be seen from here.
        if std::mem::replace(&mut self.had_listener, true) {
            self.tell(Event::Resync).await?;
        }
        let mut tick = tokio::time::interval_at(Instant::now() + TICK, TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let got = {
                // Kept while the clock ticks: half a message may have been read already.
                let mut wait = std::pin::pin!(listener.try_recv());
                loop {
                    tokio::select! {
                        got = &mut wait => break got,
                        _ = tick.tick(), if looks_unasked() => {
                            self.tend().await;
                            if !self.read_on().await? {
                                return Ok(());
                            }
                        }
                    }
                }
            };
            let Ok(Some(first)) = got else {
                // Presence and registry have no cursor: after a loss they are looked at anew.
                self.tell(Event::Presence).await?;
                self.tell(Event::Registry).await?;
                return Ok(());
            };
            let (mut changed, mut presence, mut registry, mut seats) = (false, false, false, false);
            let mut people: Vec<i64> = Vec::new();
            let mut next = Some(first);
            while let Some(notification) = next {
                match notification.channel() {
                    "frontdesk_presence" => presence = true,
                    "frontdesk_registry" => registry = true,
                    "frontdesk_seat" => seats = true,
                    "frontdesk_notice" => people.extend(notification.payload().parse::<i64>()),
                    _ => changed = true,
                }
                next = listener.next_buffered();
            }
            if registry {
                self.tell(Event::Registry).await?;
            }
            if changed && !self.read_on().await? {
                return Ok(());
            }
            if seats {
                self.tell(Event::Seats).await?;
            }
            if presence {
                self.tell(Event::Presence).await?;
            }
            if !people.is_empty() {
                people.sort_unstable();
                people.dedup();
                self.tell(Event::Notices(people)).await?;
            }
        }
    }

    /// Tells what was committed since the cursor and moves it. False when the database could not be read.
    async fn read_on(&mut self) -> std::result::Result<bool, Unheard> {
        let began = std::time::Instant::now();
        let read = match tokio::time::timeout(PATIENCE, self.read()).await {
            Ok(read) => read,
            Err(_) => Err(Error::Unavailable("no answer".into())),
        };
        match read {
            Ok((cursor, touches)) => {
                self.cursor = cursor;
                self.line(true).await?;
                match touches {
                    Some(touches) if touches.is_empty() => {}
                    Some(touches) => self.tell(Event::Touched(touches)).await?,
                    None => self.tell(Event::Resync).await?,
                }
                self.store.inner.tally.feed_read(began.elapsed());
                Ok(true)
            }
            Err(error) => {
                tracing::debug!(%error, "the feed cannot read on");
                self.line(false).await?;
                tokio::time::sleep(FIRST_PAUSE).await;
                Ok(false)
            }
        }
    }

    /// The next cursor, and the changes in between; `None` when they cannot be told one by one. One statement, so that
    /// the rows and the snapshot are of the same moment.
    async fn read(&self) -> Result<(Cursor, Option<Vec<Touch>>)> {
        #[derive(FromRow)]
        struct Row {
            snapshot: String,
            epoch: i64,
            is_settled: bool,
            is_before: bool,
            kind: Option<String>,
            record: Option<i64>,
            operation: Option<i64>,
            version: Option<i64>,
            by_id: Option<i64>,
            deed: Option<String>,
            columns: Option<Vec<String>>,
        }
        let mut tx = self.store.begin_as_service().await?;
        let rows: Vec<Row> = sqlx::query_as(
            "select pg_current_snapshot()::text as snapshot, e.number as epoch, e.system = this_cluster() as is_settled,
                 pg_snapshot_xmax(pg_current_snapshot()) < pg_snapshot_xmax($1::text::pg_snapshot) as is_before,
                 f.kind, f.record, f.operation, f.version, f.by_id, f.deed, f.columns
             from epoch e left join feed($1::text::pg_snapshot, $2) f on e.number = $3",
        )
        .bind(&self.cursor.snapshot)
        .bind(AT_MOST + 1)
        .bind(self.cursor.epoch)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        let Some(first) = rows.first() else {
            return Err(Error::other("the feed answered without its place"));
        };
        // Restored, and nobody has noticed yet.
        if !first.is_settled {
            return Ok((Cursor::now(self.store.begin_as_service().await?).await?, None));
        }
        let cursor = Cursor { snapshot: first.snapshot.clone(), epoch: first.epoch };
        // Another cluster, or an older state of this one: its transaction ids mean something else.
        let is_lost = cursor.epoch != self.cursor.epoch || first.is_before;
        if is_lost || rows.len() > AT_MOST as usize {
            return Ok((cursor, None));
        }
        let touches = rows.into_iter().filter_map(|row| {
            Some(Touch {
                kind: row.kind?,
                record: row.record?,
                operation: row.operation?,
                version: row.version?,
                by: row.by_id,
                deed: row.deed?,
                columns: row.columns.unwrap_or_default(),
            })
        });
        Ok((cursor, Some(touches.collect())))
    }

    /// Once a minute: presence of those who vanished, partitions for the months to come. Failing does no harm.
    async fn tend(&mut self) {
        self.ticks += 1;
        if self.ticks.is_multiple_of(TEND_EVERY)
            && let Err(error) = self.tend_now().await
        {
            tracing::debug!(%error, "housekeeping left for later");
        }
    }

    async fn tend_now(&self) -> Result<()> {
        let mut tx = self.store.begin_as_service().await?;
        sqlx::query("select tend()").execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    async fn line(&mut self, is_up: bool) -> std::result::Result<(), Unheard> {
        if self.is_up == is_up {
            return Ok(());
        }
        self.is_up = is_up;
        self.tell(Event::Line(is_up)).await
    }

    async fn tell(&self, event: Event) -> std::result::Result<(), Unheard> {
        self.out.send(event).await.map_err(|_| Unheard)
    }
}

//! What all connections share: the desk, the limits, and who is in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::gauges::Gauges;
use super::seats::Seats;
use super::trust::Trust;
use crate::cli::ServeArgs;
use crate::config::{Database, SecondFactor, Settings, looks_unasked};
use crate::desk::{Desk, News, Pass};
use crate::domain::kind::USER;
use crate::tui::share::Hub;

/// Connections that have not shown a key yet, at most.
const STRANGERS: usize = 100;
/// Of these, those that are given more time because they are asked for a code.
const WAITING: usize = 50;
/// Connections from one address that ended without entering, in [`FORGET`], until it is turned away.
const FAILURES: u32 = 60;
/// How long a failure is remembered.
const FORGET: Duration = Duration::from_mins(5);
/// Addresses whose failures are remembered; beyond, the list begins anew.
const ADDRESSES: usize = 10_000;
/// How often seats are renewed in the database, and looked at without being told.
const LOOK: Duration = Duration::from_secs(20);

/// The desk, the limits, and who is in.
pub(super) struct House {
    pub(super) desk: Desk,
    pub(super) database: Database,
    pub(super) settings: Settings,
    pub(super) args: ServeArgs,
    pub(super) seats: Seats,
    /// Through which screens are shown to colleagues, where that is wanted.
    pub(super) hub: Option<Hub>,
    pub(super) trust: Trust,
    /// Everybody types a code besides showing a key.
    pub(super) requires_second_factor: bool,
    pub(super) gauges: Gauges,
    count: AtomicU64,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    connections: usize,
    strangers: usize,
    waiting: usize,
    failures: HashMap<IpAddr, (u32, Instant)>,
    /// Seats and commands by login.
    busy: HashMap<String, u32>,
    /// With what each connection came in.
    guests: HashMap<u64, (Pass, CancellationToken)>,
}

impl House {
    pub(super) fn new(desk: Desk, database: Database, settings: Settings, args: ServeArgs, trust: Trust) -> Self {
        let seats = Seats::new(desk.clone());
        let hub = Some(args.watch).filter(|patience| !patience.is_zero());
        let hub = hub.map(|patience| Hub::new(desk.clone(), patience));
        let second_factor = args.second_factor.unwrap_or(settings.serving.second_factor);
        Self {
            desk,
            database,
            settings,
            args,
            seats,
            hub,
            trust,
            requires_second_factor: second_factor == SecondFactor::Required,
            gauges: Gauges::new(),
            count: AtomicU64::new(1),
            inside: Mutex::default(),
        }
    }

    /// Connections and seats.
    pub(super) fn inside_now(&self) -> (usize, usize) {
        (self.inside().connections, self.seats.count())
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for one more connection; `None` when the house is full, or too much has failed from that address.
    pub(super) fn room(self: &Arc<Self>, from: IpAddr) -> Option<Room> {
        let mut inside = self.inside();
        let failed = inside.failures.get(&from).is_some_and(|(n, since)| *n >= FAILURES && since.elapsed() < FORGET);
        if failed || inside.connections >= self.args.connections as usize || inside.strangers >= STRANGERS {
            return None;
        }
        inside.connections += 1;
        inside.strangers += 1;
        let id = self.count.fetch_add(1, Ordering::Relaxed);
        Some(Room { house: Arc::clone(self), id, from, is_stranger: true, is_waiting: false })
    }

    /// A place at which that person may sit or run something; `None` when they have as many as they may.
    pub(super) fn place(self: &Arc<Self>, login: &str) -> Option<Place> {
        let mut inside = self.inside();
        let busy = inside.busy.entry(login.to_owned()).or_default();
        if *busy >= self.args.seats {
            return None;
        }
        *busy += 1;
        Some(Place { house: Arc::clone(self), login: login.to_owned() })
    }

    /// Remembers with what somebody came, so that the connection ends when it opens no more.
    pub(super) fn came(&self, connection: u64, pass: &Pass, cancel: &CancellationToken) {
        self.inside().guests.insert(connection, (pass.clone(), cancel.clone()));
    }

    /// The login of whoever comes in with this; nobody's is what is unknown, taken back or revoked, or of somebody
    /// disabled.
    pub(super) async fn holder(&self, pass: &Pass) -> anyhow::Result<Option<String>> {
        if self.trust.is_revoked(pass)? {
            return Ok(None);
        }
        Ok(self.desk.holder(pass).await?)
    }

    /// Ends at once the connections of people who are disabled and of keys that were taken back, and the seats that an
    /// admin ends, whichever server the news comes from.
    pub(super) async fn watch(self: Arc<Self>) {
        let mut news = self.desk.news();
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                _ = look.tick() => {
                    self.seats.renew().await;
                    if !looks_unasked() {
                        continue;
                    }
                }
                told = news.recv() => match told {
                    Ok(News::Touched(touched)) if touched.iter().any(|t| t.kind == USER) => {}
                    Ok(News::Seats | News::Resync | News::Line(true)) | Err(RecvError::Lagged(_)) => {}
                    Ok(_) => continue,
                    Err(RecvError::Closed) => return,
                }
            }
            self.seats.end_kicked().await;
            self.end_shut_out().await;
        }
    }

    /// Ends the connections whose key or certificate opens no more.
    async fn end_shut_out(&self) {
        let guests: Vec<_> = self.inside().guests.values().cloned().collect();
        let mut known: HashMap<Pass, bool> = HashMap::new();
        for (pass, cancel) in guests {
            let opens = match known.get(&pass) {
                Some(opens) => *opens,
                // A database that does not answer turns nobody out.
                None => !matches!(self.holder(&pass).await, Ok(None)),
            };
            if !opens {
                self.seats.shut_out(&pass);
                cancel.cancel();
            }
            known.insert(pass, opens);
        }
    }
}

/// A connection's room, free again when dropped.
pub(super) struct Room {
    house: Arc<House>,
    id: u64,
    from: IpAddr,
    is_stranger: bool,
    is_waiting: bool,
}

impl Room {
    /// Names the connection in the log.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Where the client is.
    pub(super) fn from(&self) -> IpAddr {
        self.from
    }

    /// Whoever it is needs more time to come in; true once, and not when too many do.
    pub(super) fn may_wait(&mut self) -> bool {
        let mut inside = self.house.inside();
        let may = !self.is_waiting && inside.waiting < WAITING;
        if may {
            self.is_waiting = true;
            inside.waiting += 1;
        }
        may
    }

    /// Whoever it is has come in.
    pub(super) fn entered(&mut self) {
        let mut inside = self.house.inside();
        self.is_stranger = false;
        inside.strangers -= 1;
        if std::mem::take(&mut self.is_waiting) {
            inside.waiting -= 1;
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut inside = self.house.inside();
        inside.connections -= 1;
        inside.guests.remove(&self.id);
        if self.is_waiting {
            inside.waiting -= 1;
        }
        if self.is_stranger {
            inside.strangers -= 1;
            if inside.failures.len() >= ADDRESSES {
                inside.failures.clear();
            }
            let now = Instant::now();
            let (count, since) = inside.failures.entry(self.from).or_insert((0, now));
            if since.elapsed() >= FORGET {
                (*count, *since) = (0, now);
            }
            *count += 1;
        }
    }
}

/// Somebody's seat or command, given up when dropped.
pub(super) struct Place {
    house: Arc<House>,
    login: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.house.inside();
        if let Some(busy) = inside.busy.get_mut(&self.login) {
            *busy -= 1;
            if *busy == 0 {
                inside.busy.remove(&self.login);
            }
        }
    }
}

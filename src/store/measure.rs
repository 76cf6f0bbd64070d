//! What the store does in this process, counted for whoever watches it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::Store;

/// Counts of a store, from its opening on.
#[derive(Clone, Copy, Debug)]
pub struct Measures {
    /// Begun, whatever became of them.
    pub transactions: u64,
    /// Open now, idle ones too.
    pub connections: u32,
    /// What the feed's last reading took, from the notification to its changes told.
    pub feed_lag: Duration,
    /// Since the feed last read the database, or since the opening.
    pub feed_silence: Duration,
}

/// Where it is counted.
pub(super) struct Tally {
    opened: Instant,
    transactions: AtomicU64,
    /// In microseconds.
    feed_lag: AtomicU64,
    /// In milliseconds since the opening.
    feed_read: AtomicU64,
}

impl Default for Tally {
    fn default() -> Self {
        let none = AtomicU64::default;
        Self { opened: Instant::now(), transactions: none(), feed_lag: none(), feed_read: none() }
    }
}

impl Tally {
    pub(super) fn transaction(&self) {
        self.transactions.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn feed_read(&self, took: Duration) {
        self.feed_lag.store(took.as_micros() as u64, Ordering::Relaxed);
        self.feed_read.store(self.opened.elapsed().as_millis() as u64, Ordering::Relaxed);
    }
}

impl Store {
    pub(crate) fn measures(&self) -> Measures {
        let tally = &self.inner.tally;
        let read = Duration::from_millis(tally.feed_read.load(Ordering::Relaxed));
        Measures {
            transactions: tally.transactions.load(Ordering::Relaxed),
            connections: self.inner.pool.size(),
            feed_lag: Duration::from_micros(tally.feed_lag.load(Ordering::Relaxed)),
            feed_silence: tally.opened.elapsed().saturating_sub(read),
        }
    }
}

//! Chance that repeats itself: the same seed, sort and number give the same throws on every machine.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One record's throws. Each record has a stream of its own, so any of them can be made without those before it.
pub(super) struct Dice(ChaCha8Rng);

/// What a stream of throws is for.
#[derive(Clone, Copy)]
pub(super) enum Sort {
    Company = 1,
    Contact,
    Deal,
    Ticket,
    Activity,
    Past,
}

/// Changing it changes every picture of the demo.
const SEED: u64 = 0x7e12_0a57;

impl Dice {
    pub(super) fn of(sort: Sort, number: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED ^ ((sort as u64) << 48));
        rng.set_stream(number as u64);
        Self(rng)
    }

    /// From 0 to `n - 1`.
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n.max(1))
    }

    /// From `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// True in so many of a hundred throws.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// One of several, each as often as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(T, u32)]) -> T {
        let mut left = self.0.random_range(0..from.iter().map(|f| f.1).sum());
        for &(value, weight) in from {
            if left < weight {
                return value;
            }
            left -= weight;
        }
        from[0].0
    }
}

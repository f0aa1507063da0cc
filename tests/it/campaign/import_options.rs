//! How a run is run: by which API, how many rows go in a call, and whether
//! links that stand are left alone.

use fastrand::Rng;

/// Requests in flight, and rows in one of them, where rows go together; so
/// that not too many rows are under way at once.
const BATCHES_IN_FLIGHT: usize = 4;
const LARGEST_BATCH: usize = 8;

/// The default number of requests in flight.
const IN_FLIGHT: usize = 16;

/// The options of a run that decide what it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ImportOptions {
    /// By the dated API, or else by the first.
    pub(super) is_dated: bool,
    /// Rows in a call at most.
    pub(super) batch: usize,
    /// Whether links that stand are not sent.
    pub(super) skips: bool,
}

impl ImportOptions {
    /// One row a call, by the first API.
    pub(super) const PLAIN: Self = Self {
        is_dated: false,
        batch: 1,
        skips: false,
    };

    /// Neighbours differ, so that no campaign is of one kind alone.
    pub(super) fn of(seed: u64, rng: &mut Rng) -> Self {
        let batch = if seed.is_multiple_of(2) {
            1
        } else {
            rng.usize(2..=LARGEST_BATCH)
        };
        let is_dated = seed / 2 % 2 == 1;
        Self {
            is_dated,
            batch,
            // The first API looks at one row a call, which takes long.
            skips: is_dated && rng.u8(..3) == 0,
        }
    }

    /// One that looks before it writes: only that can be taken back.
    pub(super) fn looking(seed: u64, rng: &mut Rng) -> Self {
        let options = Self::of(seed, rng);
        let skips = !options.is_dated || rng.bool();
        Self { skips, ..options }
    }

    /// Requests in flight at most.
    pub(super) fn in_flight(self) -> usize {
        if self.batch > 1 {
            BATCHES_IN_FLIGHT
        } else {
            IN_FLIGHT
        }
    }

    /// The options of every command that sends.
    pub(super) fn sending(self) -> String {
        let (batch, in_flight) = (self.batch, self.in_flight());
        format!("--rate unlimited --batch {batch} --concurrency {in_flight}")
    }

    /// The options of an import.
    pub(super) fn importing(self) -> String {
        let api = if self.is_dated { "2026-09" } else { "v1" };
        let skip = if self.skips { "--skip-existing" } else { "" };
        format!("--api {api} {skip} {}", self.sending())
    }
}

//! The options of an import: its API, its batch size, and whether it skips existing links.

use fastrand::Rng;

/// Requests in flight and rows per request with batches. Small, so that not too many rows are in
/// flight.
const BATCHES_IN_FLIGHT: usize = 4;
const LARGEST_BATCH: usize = 8;

/// The default number of requests in flight.
const IN_FLIGHT: usize = 16;

/// The options that decide what a run sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ImportOptions {
    /// Whether it uses the dated API instead of v1.
    pub(super) is_dated: bool,
    /// Maximum number of rows in a call.
    pub(super) batch: usize,
    /// Whether it skips existing links.
    pub(super) skips: bool,
}

impl ImportOptions {
    /// One row per call, by v1.
    pub(super) const PLAIN: Self = Self {
        is_dated: false,
        batch: 1,
        skips: false,
    };

    /// Neighbouring seeds differ, so that every campaign has several kinds of imports.
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
            // v1 reads one row per call, which takes long.
            skips: is_dated && rng.u8(..3) == 0,
        }
    }

    /// Options with read-before-write, because only such a run can be undone completely.
    pub(super) fn reading_first(seed: u64, rng: &mut Rng) -> Self {
        let options = Self::of(seed, rng);
        let skips = !options.is_dated || rng.bool();
        Self { skips, ..options }
    }

    /// Maximum number of requests in flight.
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

//! Limits how many rows are in memory and how many go together. The number is limited because rows
//! may overtake each other, the bytes because of memory.
//!
//! Does not know what is done for the rows.

use super::batch_builder;
use crate::row::Row;

/// Rows that may wait for a retry, or for another row of their record, in addition to those in
/// flight. At least as many as those in flight. It limits by how much a row may overtake others.
const MAX_WAITING_ROWS: usize = 1024;

/// Memory for rows without an outcome: 36,000 rows that have only ids. With that, a server that
/// takes half a second can get 25 batches of 2,000 a second, and the process stays below 64 MiB
/// with 16 requests in flight.
const MAX_BYTES: usize = 24 << 20;

/// What a row takes besides its cells: itself and its request (200), its conflict keys (100), its
/// part of an HTTP request (130) and of the response (250).
const BYTES_PER_ROW: usize = 650;

/// The most rows in a lookup. That costs the least if most of the links exist.
pub(super) const MAX_ROWS_PER_LOOKUP: usize = 1000;

/// Rows in the first lookup, and in all if most rows have to be written one by one, because what
/// was read is soon out of date. Batches are faster than that, and share their window with lookups.
const MIN_ROWS_PER_LOOKUP: usize = 100;

/// How much happens at the same time.
#[derive(Clone, Copy, Debug)]
pub struct ConcurrencyLimits {
    /// The most requests in flight.
    pub concurrency: usize,
    /// The most rows in one call.
    pub rows_per_call: usize,
}

impl ConcurrencyLimits {
    /// The most rows in flight.
    fn rows_in_flight(self) -> usize {
        self.concurrency * self.rows_per_call
    }
}

/// Rows that are looked up, or may be, in addition to those in flight.
fn rows_for_lookups(reads_existing: bool) -> usize {
    if reads_existing {
        4 * MAX_ROWS_PER_LOOKUP
    } else {
        0
    }
}

/// How many rows go together.
pub(super) struct BatchSizes {
    /// Rows in the next lookup.
    pub(super) rows_per_lookup: usize,
    /// Rows per lookup if most of them have to be written.
    pub(super) min_rows_per_lookup: usize,
    pub(super) rows_per_call: usize,
    /// The most rows in flight.
    pub(super) in_flight: usize,
    /// This many rows are enough to choose the next batch from. Rows that are handled soon are
    /// still in the processor's cache.
    pub(super) lookahead: usize,
    /// The most rows that wait for a lookup.
    pub(super) max_to_look_up: usize,
}

impl BatchSizes {
    pub(super) fn new(limits: ConcurrencyLimits, reads_existing: bool) -> Self {
        let (in_flight, lookup_rows) = (limits.rows_in_flight(), rows_for_lookups(reads_existing));
        let candidate_rows = in_flight.min(batch_builder::max_examined(limits.rows_per_call));
        let min_rows_per_lookup = if limits.rows_per_call == 1 {
            MIN_ROWS_PER_LOOKUP
        } else {
            MAX_ROWS_PER_LOOKUP
        };
        Self {
            rows_per_lookup: min_rows_per_lookup,
            min_rows_per_lookup,
            rows_per_call: limits.rows_per_call,
            in_flight,
            lookahead: if reads_existing {
                in_flight + lookup_rows / 2
            } else {
                candidate_rows
            },
            max_to_look_up: candidate_rows + lookup_rows / 2,
        }
    }
}

/// The space for rows without an outcome.
pub(super) struct RowCapacity {
    max_rows: usize,
    rows: usize,
    bytes: usize,
}

impl RowCapacity {
    pub(super) fn new(limits: ConcurrencyLimits, reads_existing: bool) -> Self {
        let in_flight = limits.rows_in_flight();
        Self {
            max_rows: in_flight
                + MAX_WAITING_ROWS.max(in_flight)
                + rows_for_lookups(reads_existing),
            rows: 0,
            bytes: 0,
        }
    }

    /// The most rows, however small they are.
    pub(super) fn max_rows(&self) -> usize {
        self.max_rows
    }

    /// Whether there is space for another row. One row always fits, however large it is.
    pub(super) fn has_room(&self) -> bool {
        self.rows < self.max_rows && self.bytes < MAX_BYTES
    }

    /// A row came in.
    pub(super) fn reserve(&mut self, row: &Row) {
        self.rows += 1;
        self.bytes += row_bytes(row);
    }

    /// The row has an outcome, or will not get one.
    pub(super) fn release(&mut self, row: &Row) {
        debug_assert!(
            self.rows > 0 && self.bytes >= row_bytes(row),
            "it was taken"
        );
        self.rows = self.rows.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(row_bytes(row));
    }
}

fn row_bytes(row: &Row) -> usize {
    BYTES_PER_ROW + row.cells.text().len()
}

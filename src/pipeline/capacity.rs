//! How many rows are here, and how many go together: bounded in number for what may
//! overtake a row, and in bytes for the memory that they take.
//!
//! Knows nothing of what is done for them.

use super::batch_builder;
use crate::row::Row;

/// Rows that may wait for another try, or for another row of their record,
/// beside those in flight; at least as many as those. It bounds by how much a
/// row may overtake others.
const MAX_WAITING_ROWS: usize = 1024;

/// Memory for rows that have no outcome yet: 36,000 with nothing but ids. A server that takes
/// half a second can be sent 25 batches of 2,000 a second with that, and the process stays
/// below 64 MiB with 16 requests in flight.
const MAX_BYTES: usize = 24 << 20;

/// What a row takes besides its cells: itself and what it asks for (200), its key among those
/// that depend on each other (100), its part of a request (130) and of the answer (250).
const BYTES_PER_ROW: usize = 650;

/// Rows in a look at most; where most of them stand it costs the least.
pub(super) const MAX_ROWS_PER_LOOKUP: usize = 1000;

/// Rows in the first look, and where most have to be written one by one: what was
/// seen is soon out of date. Batches are faster than that, and share their window
/// with looks.
const MIN_ROWS_PER_LOOKUP: usize = 100;

/// How much goes on at once.
#[derive(Clone, Copy, Debug)]
pub struct ConcurrencyLimits {
    /// Requests in flight at most.
    pub concurrency: usize,
    /// Rows in one call at most.
    pub rows_per_call: usize,
}

impl ConcurrencyLimits {
    /// Rows in flight at most.
    fn rows_in_flight(self) -> usize {
        self.concurrency * self.rows_per_call
    }
}

/// Rows that are looked at, or may be, beside those in flight.
fn rows_for_lookups(looks_first: bool) -> usize {
    if looks_first {
        4 * MAX_ROWS_PER_LOOKUP
    } else {
        0
    }
}

/// How many rows go together.
pub(super) struct BatchSizes {
    /// Rows in the next look.
    pub(super) rows_per_lookup: usize,
    /// The same where most have to be written.
    pub(super) min_rows_per_lookup: usize,
    pub(super) rows_per_call: usize,
    /// Rows in flight at most.
    pub(super) in_flight: usize,
    /// So many rows that may go are enough to choose the next parcel from; what is
    /// handled soon is still in the processor's cache.
    pub(super) lookahead: usize,
    /// So many of these are enough that have to be looked at first.
    pub(super) max_to_look_up: usize,
}

impl BatchSizes {
    pub(super) fn new(bounds: ConcurrencyLimits, looks_first: bool) -> Self {
        let (in_flight, looking) = (bounds.rows_in_flight(), rows_for_lookups(looks_first));
        let choice = in_flight.min(batch_builder::max_examined(bounds.rows_per_call));
        let fewest_per_look = if bounds.rows_per_call == 1 {
            MIN_ROWS_PER_LOOKUP
        } else {
            MAX_ROWS_PER_LOOKUP
        };
        Self {
            rows_per_lookup: fewest_per_look,
            min_rows_per_lookup: fewest_per_look,
            rows_per_call: bounds.rows_per_call,
            in_flight,
            lookahead: if looks_first {
                in_flight + looking / 2
            } else {
                choice
            },
            max_to_look_up: choice + looking / 2,
        }
    }
}

/// Room for rows that have no outcome yet.
pub(super) struct RowCapacity {
    max_rows: usize,
    rows: usize,
    bytes: usize,
}

impl RowCapacity {
    pub(super) fn new(bounds: ConcurrencyLimits, looks_first: bool) -> Self {
        let in_flight = bounds.rows_in_flight();
        Self {
            max_rows: in_flight + MAX_WAITING_ROWS.max(in_flight) + rows_for_lookups(looks_first),
            rows: 0,
            bytes: 0,
        }
    }

    /// Rows at most, however small they are.
    pub(super) fn max_rows(&self) -> usize {
        self.max_rows
    }

    /// Whether there is room for another row. One always has, however large it is.
    pub(super) fn has_room(&self) -> bool {
        self.rows < self.max_rows && self.bytes < MAX_BYTES
    }

    /// A row is here now.
    pub(super) fn reserve(&mut self, row: &Row) {
        self.rows += 1;
        self.bytes += row_bytes(row);
    }

    /// It has an outcome, or will have none.
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

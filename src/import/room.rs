//! How many rows are here, and how many go together: bounded in number for what may
//! overtake a row, and in bytes for the memory that they take.
//!
//! Knows nothing of what is done for them.

use super::packing;
use crate::row::Row;

/// Rows that may wait for another try, or for another row of their record,
/// beside those in flight; at least as many as those. It bounds by how much a
/// row may overtake others.
const WAITING_ROOM: usize = 1024;

/// Memory for rows that have no outcome yet: 36,000 with nothing but ids. A server that takes
/// half a second can be sent 25 batches of 2,000 a second with that, and the process stays
/// below 64 MiB with 16 requests in flight.
const BYTES: usize = 24 << 20;

/// What a row takes besides its cells: itself and what it asks for (200), its key among those
/// that depend on each other (100), its part of a request (130) and of the answer (250).
const BYTES_PER_ROW: usize = 650;

/// Rows in a look at most; where most of them stand it costs the least.
pub(super) const MOST_LOOKED_AT: usize = 1000;

/// Rows in the first look, and where most have to be written one by one: what was
/// seen is soon out of date. Batches are faster than that, and share their window
/// with looks.
const FEWEST_LOOKED_AT: usize = 100;

/// How much goes on at once.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Requests in flight at most.
    pub concurrency: usize,
    /// Rows in one call at most.
    pub rows_per_call: usize,
}

impl Bounds {
    /// Rows in flight at most.
    fn in_flight(self) -> usize {
        self.concurrency * self.rows_per_call
    }
}

/// Rows that are looked at, or may be, beside those in flight.
fn looking(looks_first: bool) -> usize {
    if looks_first { 4 * MOST_LOOKED_AT } else { 0 }
}

/// How many rows go together.
pub(super) struct Sizes {
    /// Rows in the next look.
    pub(super) rows_per_read: usize,
    /// The same where most have to be written.
    pub(super) fewest_per_look: usize,
    pub(super) rows_per_call: usize,
    /// Rows in flight at most.
    pub(super) in_flight: usize,
    /// So many rows that may go are enough to choose the next parcel from; what is
    /// handled soon is still in the processor's cache.
    pub(super) looked_ahead: usize,
    /// So many of these are enough that have to be looked at first.
    pub(super) to_look_at: usize,
}

impl Sizes {
    pub(super) fn of(bounds: Bounds, looks_first: bool) -> Self {
        let (in_flight, looking) = (bounds.in_flight(), looking(looks_first));
        let choice = in_flight.min(packing::seen_for(bounds.rows_per_call));
        let fewest_per_look = if bounds.rows_per_call == 1 {
            FEWEST_LOOKED_AT
        } else {
            MOST_LOOKED_AT
        };
        Self {
            rows_per_read: fewest_per_look,
            fewest_per_look,
            rows_per_call: bounds.rows_per_call,
            in_flight,
            looked_ahead: if looks_first {
                in_flight + looking / 2
            } else {
                choice
            },
            to_look_at: choice + looking / 2,
        }
    }
}

/// Room for rows that have no outcome yet.
pub(super) struct Room {
    most: usize,
    rows: usize,
    bytes: usize,
}

impl Room {
    pub(super) fn of(bounds: Bounds, looks_first: bool) -> Self {
        let in_flight = bounds.in_flight();
        Self {
            most: in_flight + WAITING_ROOM.max(in_flight) + looking(looks_first),
            rows: 0,
            bytes: 0,
        }
    }

    /// Rows at most, however small they are.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Whether there is room for another row. One always has, however large it is.
    pub(super) fn is_left(&self) -> bool {
        self.rows < self.most && self.bytes < BYTES
    }

    /// A row is here now.
    pub(super) fn take(&mut self, row: &Row) {
        self.rows += 1;
        self.bytes += bytes(row);
    }

    /// It has an outcome, or will have none.
    pub(super) fn give_back(&mut self, row: &Row) {
        debug_assert!(self.rows > 0 && self.bytes >= bytes(row), "it was taken");
        self.rows = self.rows.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes(row));
    }
}

fn bytes(row: &Row) -> usize {
    BYTES_PER_ROW + row.cells.text().len()
}

//! Writes that wait for looks at earlier rows: of several links of which a record
//! keeps only the last, an earlier one may turn out to be of the same record under
//! another id, and has to be written first. So may one that is not looked at yet,
//! for it waits for another row.
//!
//! Knows nothing of calls.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use crate::{
    association::{CanonicalLink, WriteRequest},
    delivery::RowTask,
    row::Row,
};

/// Where a row stands among those that depend on each other.
pub(super) type RowOrder = (bool, u64);

/// A row that is to be written.
pub(super) type QueuedWrite = (RowTask, Row, WriteRequest, Instant);

/// Rows whose records may yet turn out to have other ids, and writes that wait for
/// these.
#[derive(Debug, Default)]
pub(super) struct HeldWrites {
    /// Those that are looked at, or will be.
    pending_lookups: BTreeSet<RowOrder>,
    writes: BTreeMap<RowOrder, QueuedWrite>,
}

impl HeldWrites {
    /// The row will be looked at, and tells which record it is that others depend on.
    pub(super) fn add_lookup(&mut self, place: RowOrder) {
        self.pending_lookups.insert(place);
    }

    /// The row has been looked at, or will never be.
    pub(super) fn remove_lookup(&mut self, place: RowOrder) {
        self.pending_lookups.remove(&place);
    }

    /// Whether a write of this link may not go yet.
    pub(super) fn must_wait(&self, place: RowOrder, link: &CanonicalLink) -> bool {
        let is_looked_before = self
            .pending_lookups
            .first()
            .is_some_and(|first| *first < place);
        is_looked_before && !link.single_link_rules().is_empty()
    }

    /// Such a write waits.
    pub(super) fn hold(&mut self, place: RowOrder, write: QueuedWrite) {
        self.writes.insert(place, write);
    }

    /// Writes that wait for nothing any more.
    pub(super) fn take_released(&mut self) -> Vec<QueuedWrite> {
        if self.writes.is_empty() {
            return Vec::new();
        }
        let Some(first) = self.pending_lookups.first() else {
            return std::mem::take(&mut self.writes).into_values().collect();
        };
        let still = self.writes.split_off(first);
        std::mem::replace(&mut self.writes, still)
            .into_values()
            .collect()
    }

    /// Takes back writes that are to be looked at once more.
    pub(super) fn take_matching(&mut self, mut is: impl FnMut(&Row) -> bool) -> Vec<Row> {
        let writes = std::mem::take(&mut self.writes).into_iter();
        let (back, still) = writes.partition(|(_, (_, row, ..))| is(row));
        self.writes = still;
        let back: BTreeMap<RowOrder, QueuedWrite> = back;
        back.into_values().map(|(_, row, ..)| row).collect()
    }
}

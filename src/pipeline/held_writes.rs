//! Writes that wait for lookups of earlier rows.
//!
//! A record may keep only the last of several links, such as its primary company. Then rows of this
//! record have to be written in the order of the file. But a record that was merged has several
//! ids, and only a lookup shows that an earlier row is about the same record. So a write waits as
//! long as any earlier row is not looked up yet, for example because that row waits itself.
//!
//! Knows nothing of calls.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use crate::{
    association::{CanonicalLink, LinkRequest},
    delivery::RowTask,
    row::Row,
};

/// The order of a row among those that depend on each other.
pub(super) type RowOrder = (bool, u64);

/// A row that is to be written.
pub(super) type QueuedWrite = (RowTask, Row, LinkRequest, Instant);

/// Rows whose records may turn out to have other ids, and writes that wait for these rows.
#[derive(Debug, Default)]
pub(super) struct HeldWrites {
    /// Rows that are being looked up, or will be.
    pending_lookups: BTreeSet<RowOrder>,
    writes: BTreeMap<RowOrder, QueuedWrite>,
}

impl HeldWrites {
    /// The row will be looked up. That shows which record other rows depend on.
    pub(super) fn add_lookup(&mut self, order: RowOrder) {
        self.pending_lookups.insert(order);
    }

    /// The row was looked up, or never will be.
    pub(super) fn remove_lookup(&mut self, order: RowOrder) {
        self.pending_lookups.remove(&order);
    }

    /// Whether a write of this link has to wait.
    pub(super) fn must_wait(&self, order: RowOrder, link: &CanonicalLink) -> bool {
        let has_earlier_lookup = self
            .pending_lookups
            .first()
            .is_some_and(|first| *first < order);
        has_earlier_lookup && !link.single_link_rules().is_empty()
    }

    pub(super) fn hold(&mut self, order: RowOrder, write: QueuedWrite) {
        self.writes.insert(order, write);
    }

    /// Takes the writes that no longer have to wait.
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

    /// Takes back writes that have to be looked up once more.
    pub(super) fn take_matching(&mut self, mut is: impl FnMut(&Row) -> bool) -> Vec<Row> {
        let writes = std::mem::take(&mut self.writes).into_iter();
        let (back, still) = writes.partition(|(_, (_, row, ..))| is(row));
        self.writes = still;
        let back: BTreeMap<RowOrder, QueuedWrite> = back;
        back.into_values().map(|(_, row, ..)| row).collect()
    }
}

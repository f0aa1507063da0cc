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
pub(super) type Place = (bool, u64);

/// A row that is to be written.
pub(super) type Write = (RowTask, Row, WriteRequest, Instant);

/// Rows whose records may yet turn out to have other ids, and writes that wait for
/// these.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Those that are looked at, or will be.
    looking: BTreeSet<Place>,
    writes: BTreeMap<Place, Write>,
}

impl Held {
    /// The row will be looked at, and tells which record it is that others depend on.
    pub(super) fn looks(&mut self, place: Place) {
        self.looking.insert(place);
    }

    /// The row has been looked at, or will never be.
    pub(super) fn has_looked(&mut self, place: Place) {
        self.looking.remove(&place);
    }

    /// Whether a write of this link may not go yet.
    pub(super) fn has_to_wait(&self, place: Place, link: &CanonicalLink) -> bool {
        let is_looked_before = self.looking.first().is_some_and(|first| *first < place);
        is_looked_before && !link.single_link_rules().is_empty()
    }

    /// Such a write waits.
    pub(super) fn wait(&mut self, place: Place, write: Write) {
        self.writes.insert(place, write);
    }

    /// Writes that wait for nothing any more.
    pub(super) fn released(&mut self) -> Vec<Write> {
        if self.writes.is_empty() {
            return Vec::new();
        }
        let Some(first) = self.looking.first() else {
            return std::mem::take(&mut self.writes).into_values().collect();
        };
        let still = self.writes.split_off(first);
        std::mem::replace(&mut self.writes, still)
            .into_values()
            .collect()
    }

    /// Takes back writes that are to be looked at once more.
    pub(super) fn take_back(&mut self, mut is: impl FnMut(&Row) -> bool) -> Vec<Row> {
        let writes = std::mem::take(&mut self.writes).into_iter();
        let (back, still) = writes.partition(|(_, (_, row, ..))| is(row));
        self.writes = still;
        let back: BTreeMap<Place, Write> = back;
        back.into_values().map(|(_, row, ..)| row).collect()
    }
}

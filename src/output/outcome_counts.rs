//! Counts of outcomes that a progress display may read while they grow.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::row::{PerStatus, Status};

/// Counts that a progress display may read while they grow.
#[derive(Debug, Default)]
pub struct OutcomeCounts(PerStatus<AtomicU64>);

impl OutcomeCounts {
    /// Goes on from these.
    pub(super) fn from_earlier(before: &PerStatus<u64>) -> Self {
        Self(before.map(|rows| AtomicU64::new(*rows)))
    }

    /// One more row ended like this.
    pub(super) fn add(&self, status: Status) {
        self.0[status].fetch_add(1, Relaxed);
    }

    /// A row that had ended like this ended anew.
    pub(super) fn remove(&self, status: Status) {
        self.0[status].fetch_sub(1, Relaxed);
    }

    /// Rows that ended like this.
    #[must_use]
    pub fn with_status(&self, status: Status) -> u64 {
        self.0[status].load(Relaxed)
    }

    /// Rows whose link stands by this run.
    #[must_use]
    pub fn succeeded(&self) -> u64 {
        self.with_status(Status::Succeeded)
    }

    /// Rows whose link stood before.
    #[must_use]
    pub fn already(&self) -> u64 {
        self.with_status(Status::Already)
    }

    /// Rows that HubSpot refused, or whose tries were used up.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.with_status(Status::Failed)
    }

    /// Rows that are wrong in themselves.
    #[must_use]
    pub fn invalid(&self) -> u64 {
        self.with_status(Status::Invalid)
    }

    /// Rows that have a line in the results.
    #[must_use]
    pub fn settled(&self) -> u64 {
        Status::ALL
            .map(|status| self.with_status(status))
            .iter()
            .sum()
    }

    /// Rows that somebody has to look at: the link is not there, or may not be.
    #[must_use]
    pub fn bad(&self) -> u64 {
        let bad = Status::ALL.into_iter().filter(|status| status.is_bad());
        bad.map(|status| self.with_status(status)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_settled_and_those_are_bad_that_somebody_has_to_look_at() {
        let counts = OutcomeCounts::default();
        for status in Status::ALL {
            counts.add(status);
        }
        assert_eq!((counts.settled(), counts.bad()), (9, 4));
    }
}

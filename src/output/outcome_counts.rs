//! Counts of outcomes that the progress display can read while they grow.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::row::{PerStatus, Status};

/// Rows per status, and those that a check has found ready. The progress display reads them while
/// they grow.
#[derive(Debug, Default)]
pub struct OutcomeCounts {
    by_status: PerStatus<AtomicU64>,
    ready: AtomicU64,
}

impl OutcomeCounts {
    /// Starts with these counts.
    pub(super) fn from_earlier(counts: &PerStatus<u64>) -> Self {
        Self {
            by_status: counts.map(|rows| AtomicU64::new(*rows)),
            ready: AtomicU64::new(0),
        }
    }

    /// Counts a row with this status.
    pub fn add(&self, status: Status) {
        self.by_status[status].fetch_add(1, Relaxed);
    }

    /// Counts a row that can be imported.
    pub fn add_ready(&self) {
        self.ready.fetch_add(1, Relaxed);
    }

    /// Removes a row that had this status and got another one.
    pub(super) fn remove(&self, status: Status) {
        self.by_status[status].fetch_sub(1, Relaxed);
    }

    /// Rows with this status.
    #[must_use]
    pub fn with_status(&self, status: Status) -> u64 {
        self.by_status[status].load(Relaxed)
    }

    /// Rows that a check has found ready to import.
    #[must_use]
    pub fn ready(&self) -> u64 {
        self.ready.load(Relaxed)
    }

    /// Rows whose link this run made.
    #[must_use]
    pub fn succeeded(&self) -> u64 {
        self.with_status(Status::Succeeded)
    }

    /// Rows whose link existed before.
    #[must_use]
    pub fn already(&self) -> u64 {
        self.with_status(Status::Already)
    }

    /// Rows that HubSpot refused, or that ran out of tries.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.with_status(Status::Failed)
    }

    /// Rows that are invalid in themselves.
    #[must_use]
    pub fn invalid(&self) -> u64 {
        self.with_status(Status::Invalid)
    }

    /// Rows that have an outcome, whatever it is, or are ready.
    #[must_use]
    pub fn with_outcome(&self) -> u64 {
        let by_status = Status::ALL.map(|status| self.with_status(status));
        by_status.iter().sum::<u64>() + self.ready()
    }

    /// Bad rows: their link does not exist, or may not exist.
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
    fn every_status_is_an_outcome_and_four_of_them_are_bad() {
        let counts = OutcomeCounts::default();
        for status in Status::ALL {
            counts.add(status);
        }
        assert_eq!((counts.with_outcome(), counts.bad()), (10, 4));
    }
}

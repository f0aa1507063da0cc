//! Counts of outcomes that a progress display may read while they grow.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts that a progress display may read while they grow.
#[derive(Debug, Default)]
pub struct Counts {
    pub(super) succeeded: AtomicU64,
    pub(super) already: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) invalid: AtomicU64,
}

impl Counts {
    /// Rows whose link stands by this run.
    pub fn succeeded(&self) -> u64 {
        self.succeeded.load(Relaxed)
    }

    /// Rows whose link stood before.
    pub fn already(&self) -> u64 {
        self.already.load(Relaxed)
    }

    /// Rows that HubSpot refused, or whose tries were used up.
    pub fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    /// Rows that are wrong in themselves.
    pub fn invalid(&self) -> u64 {
        self.invalid.load(Relaxed)
    }

    /// Rows that have a line in the results.
    pub fn settled(&self) -> u64 {
        self.succeeded() + self.already() + self.failed() + self.invalid()
    }

    /// Rows that have no link.
    pub fn bad(&self) -> u64 {
        self.failed() + self.invalid()
    }
}

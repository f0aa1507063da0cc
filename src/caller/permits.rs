//! The pool of permits for operations in flight.

use std::{cell::Cell, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The place of one batch among those that may be under way together. It is kept until the reports
/// of the batch are recorded, so there are never more outcomes that wait for the results file than
/// permits. A batch that waits for a retry gives it back, once the API has answered.
pub type Permit = OwnedSemaphorePermit;

/// Limits the number of operations that are under way: each needs a permit of this pool.
#[derive(Debug)]
pub struct PermitPool {
    semaphore: Arc<Semaphore>,
    /// Permits that are added with the first response of the API.
    held_back: Cell<usize>,
}

impl PermitPool {
    /// The first request goes alone: one request is enough to learn whether this is HubSpot and
    /// whether it accepts the token, and connections that are still being opened do not bunch up
    /// requests.
    #[must_use]
    pub fn new(concurrency: usize) -> Self {
        Self {
            semaphore: Arc::new(Semaphore::new(1)),
            held_back: Cell::new(concurrency.saturating_sub(1)),
        }
    }

    /// A permit, if one is free.
    #[must_use]
    pub fn try_acquire(&self) -> Option<Permit> {
        Arc::clone(&self.semaphore).try_acquire_owned().ok()
    }

    /// Waits for a permit.
    pub async fn acquire(&self) -> Option<Permit> {
        // The semaphore is never closed, so there is always a permit in the end.
        Arc::clone(&self.semaphore).acquire_owned().await.ok()
    }

    /// The API has answered. From now on all permits may be used.
    pub(super) fn open_all(&self) {
        self.semaphore.add_permits(self.held_back.take());
    }
}

//! How many operations are in flight at most.

use std::{cell::Cell, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The right to one request in flight. It travels with the report and is
/// given back when that is recorded, so that no more outcomes can be waiting
/// for the results file than there are slots.
pub type Permit = OwnedSemaphorePermit;

/// How many operations are in flight at most.
#[derive(Debug)]
pub struct InFlightPermits {
    semaphore: Arc<Semaphore>,
    /// Slots that are opened with the first answer of the API.
    held_back: Cell<usize>,
}

impl InFlightPermits {
    /// The first request goes alone: whether this is HubSpot and takes the token is not
    /// asked sixteen times, and connections that are still being made do not bunch up
    /// requests at the server.
    #[must_use]
    pub fn new(concurrency: usize) -> Self {
        Self {
            semaphore: Arc::new(Semaphore::new(1)),
            held_back: Cell::new(concurrency.saturating_sub(1)),
        }
    }

    /// A slot, if one is free.
    #[must_use]
    pub fn try_acquire(&self) -> Option<Permit> {
        Arc::clone(&self.semaphore).try_acquire_owned().ok()
    }

    /// A slot as soon as one is free.
    pub async fn acquire(&self) -> Option<Permit> {
        // It is never closed, so that there always will be one.
        Arc::clone(&self.semaphore).acquire_owned().await.ok()
    }

    /// The API has answered.
    pub(super) fn release_all(&self) {
        self.semaphore.add_permits(self.held_back.take());
    }
}

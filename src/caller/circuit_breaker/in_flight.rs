//! Operations under way, and those of them that are held until others have shown whose
//! fault a failure is.

use std::cell::Cell;

use tokio::sync::Notify;

/// Who could yet tell whose fault a failure is.
#[derive(Debug)]
pub(crate) struct InFlightTracker {
    /// Operations that have no outcome yet.
    in_flight: Cell<usize>,
    /// Those of them that wait for word of others.
    held: Cell<usize>,
    /// Whether others may follow those under way.
    more_to_come: Cell<bool>,
    /// Wakes those that are held.
    changed: Notify,
}

impl Default for InFlightTracker {
    fn default() -> Self {
        Self {
            in_flight: Cell::new(0),
            held: Cell::new(0),
            more_to_come: Cell::new(true),
            changed: Notify::new(),
        }
    }
}

impl InFlightTracker {
    /// One more is under way.
    pub(crate) fn add(&self) {
        self.in_flight.update(|operations| operations + 1);
    }

    /// One has ended, and so many go on in its place.
    pub(crate) fn replace(&self, others: usize) {
        self.in_flight.update(|operations| operations + others - 1);
        self.wake_held();
    }

    pub(crate) fn count(&self) -> usize {
        self.in_flight.get()
    }

    /// Whether others may follow those under way.
    pub(crate) fn set_more_to_come(&self, more: bool) {
        if self.more_to_come.replace(more) && !more {
            self.wake_held();
        }
    }

    /// One is held from now on.
    pub(crate) fn hold(&self) {
        self.held.update(|operations| operations + 1);
        self.wake_held();
    }

    /// One is held no longer.
    pub(crate) fn unhold(&self) {
        self.held.update(|operations| operations - 1);
    }

    /// Whether anybody may tell of one that is held, or about to be.
    pub(crate) fn others_may_decide(&self, is_held: bool) -> bool {
        let held = self.held.get() + usize::from(!is_held);
        self.more_to_come.get() || held != self.in_flight.get()
    }

    /// Returns when there is news.
    pub(crate) async fn wait_for_change(&self) {
        self.changed.notified().await;
    }

    /// Lets those that are held look again.
    pub(crate) fn wake_held(&self) {
        if self.held.get() > 0 {
            self.changed.notify_waiters();
        }
    }
}

//! The operations without an outcome. Some of them are held until others show whose fault their
//! failure is.

use std::cell::Cell;

use tokio::sync::Notify;

/// Counts the operations that could still show whose fault a failure is.
#[derive(Debug)]
pub(crate) struct UnfinishedOperations {
    /// Operations that have no outcome yet.
    count: Cell<usize>,
    /// Those that wait for the outcomes of others.
    held: Cell<usize>,
    /// Whether more operations may follow.
    more_to_come: Cell<bool>,
    /// Whether those that follow wait for the outcomes of these.
    followers_wait: Cell<bool>,
    /// Wakes the operations that are held.
    changed: Notify,
}

impl Default for UnfinishedOperations {
    fn default() -> Self {
        Self {
            count: Cell::new(0),
            held: Cell::new(0),
            more_to_come: Cell::new(true),
            followers_wait: Cell::new(false),
            changed: Notify::new(),
        }
    }
}

impl UnfinishedOperations {
    pub(crate) fn add(&self) {
        self.count.update(|operations| operations + 1);
    }

    /// One operation ended, and `others` go on in its place.
    pub(crate) fn replace(&self, others: usize) {
        self.count.update(|operations| operations + others - 1);
        self.wake_held();
    }

    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    /// Sets whether more operations may follow.
    pub(crate) fn set_more_to_come(&self, more: bool) {
        if self.more_to_come.replace(more) && !more {
            self.wake_held();
        }
    }

    /// Sets whether those that follow wait for the outcomes of these.
    pub(crate) fn set_followers_wait(&self, wait: bool) {
        if !self.followers_wait.replace(wait) && wait {
            self.wake_held();
        }
    }

    pub(crate) fn hold(&self) {
        self.held.update(|operations| operations + 1);
        self.wake_held();
    }

    pub(crate) fn unhold(&self) {
        self.held.update(|operations| operations - 1);
    }

    /// Whether others may still decide about one that is held, or is about to be.
    pub(crate) fn others_may_decide(&self, is_held: bool) -> bool {
        let held = self.held.get() + usize::from(!is_held);
        let may_follow = self.more_to_come.get() && !self.followers_wait.get();
        may_follow || held != self.count.get()
    }

    /// Returns when something changed.
    pub(crate) async fn wait_for_change(&self) {
        self.changed.notified().await;
    }

    /// Lets the operations that are held check again.
    pub(crate) fn wake_held(&self) {
        if self.held.get() > 0 {
            self.changed.notify_waiters();
        }
    }
}

//! Operations under way, and those of them that are held until others have shown whose
//! fault a failure is.

use std::cell::Cell;

use tokio::sync::Notify;

/// Who could yet tell whose fault a failure is.
#[derive(Debug)]
pub(crate) struct Witnesses {
    /// Operations that have no outcome yet.
    under_way: Cell<usize>,
    /// Those of them that wait for word of others.
    held: Cell<usize>,
    /// Whether others may follow those under way.
    more_follows: Cell<bool>,
    /// Wakes those that are held.
    news: Notify,
}

impl Default for Witnesses {
    fn default() -> Self {
        Self {
            under_way: Cell::new(0),
            held: Cell::new(0),
            more_follows: Cell::new(true),
            news: Notify::new(),
        }
    }
}

impl Witnesses {
    /// One more is under way.
    pub(crate) fn one_more(&self) {
        self.under_way.update(|operations| operations + 1);
    }

    /// One has ended, and so many go on in its place.
    pub(crate) fn became(&self, others: usize) {
        self.under_way.update(|operations| operations + others - 1);
        self.tell();
    }

    pub(crate) fn under_way(&self) -> usize {
        self.under_way.get()
    }

    /// Whether others may follow those under way.
    pub(crate) fn more_follows(&self, more: bool) {
        if self.more_follows.replace(more) && !more {
            self.tell();
        }
    }

    /// One is held from now on.
    pub(crate) fn hold(&self) {
        self.held.update(|operations| operations + 1);
        self.tell();
    }

    /// One is held no longer.
    pub(crate) fn let_go(&self) {
        self.held.update(|operations| operations - 1);
    }

    /// Whether anybody may tell of one that is held, or about to be.
    pub(crate) fn may_tell(&self, is_held: bool) -> bool {
        let held = self.held.get() + usize::from(!is_held);
        self.more_follows.get() || held != self.under_way.get()
    }

    /// Returns when there is news.
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }

    /// Lets those that are held look again.
    pub(crate) fn tell(&self) {
        if self.held.get() > 0 {
            self.news.notify_waiters();
        }
    }
}

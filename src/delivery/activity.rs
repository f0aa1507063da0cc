//! What delivery is doing at the moment: counts, and the pause that holds
//! everybody. Written by delivery, read by whoever shows it.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use jiff::Timestamp;

use crate::api::Quota;

/// Why nothing is sent, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When sending goes on.
    pub until: Timestamp,
    /// In words.
    pub reason: &'static str,
}

/// Shared counts of one run.
#[derive(Debug, Default)]
pub struct Activity {
    calls: AtomicU64,
    retries: AtomicU64,
    throttled: AtomicU64,
    waiting: AtomicU64,
    pause: Mutex<Option<Pause>>,
    quota: Mutex<Option<Quota>>,
}

impl Activity {
    /// Requests sent.
    pub fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    /// Answers that said "too many requests".
    pub fn throttled_calls(&self) -> u64 {
        self.throttled.load(Relaxed)
    }

    /// Requests that were sent again after a passing fault.
    pub fn retries(&self) -> u64 {
        self.retries.load(Relaxed)
    }

    /// Rows that wait for another try.
    pub fn waiting_rows(&self) -> u64 {
        self.waiting.load(Relaxed)
    }

    /// The pause that holds everybody, if there is one.
    pub fn pause(&self) -> Option<Pause> {
        let pause = self
            .pause
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        pause.filter(|pause| pause.until > Timestamp::now())
    }

    /// The latest word of the server on the account's quota.
    pub fn latest_quota(&self) -> Option<Quota> {
        *self.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn call(&self) {
        self.calls.fetch_add(1, Relaxed);
    }

    pub(super) fn retry(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    pub(super) fn throttled(&self) {
        self.throttled.fetch_add(1, Relaxed);
    }

    pub(super) fn quota(&self, quota: Quota) {
        *self.quota.lock().unwrap_or_else(PoisonError::into_inner) = Some(quota);
    }

    pub(super) fn paused(&self, pause: Pause) {
        *self.pause.lock().unwrap_or_else(PoisonError::into_inner) = Some(pause);
    }

    /// Counts a waiting row until the guard is dropped.
    pub(super) fn waiting(&self) -> impl Drop {
        self.waiting.fetch_add(1, Relaxed);
        WaitingRow(self)
    }
}

struct WaitingRow<'a>(&'a Activity);

impl Drop for WaitingRow<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
    }
}

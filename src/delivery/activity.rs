//! What delivery is doing at the moment: counts, and the pause that holds
//! everybody. Written by delivery, read by whoever shows it.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::warn;

use crate::{api::Quota, code::Code, rate::Rate};

/// A longer wait says why and until when.
pub(super) const WORTH_SAYING: Duration = Duration::from_secs(2);

/// Waits of single rows are spoken of once in this time.
const SAID_EVERY: Duration = Duration::from_secs(30);

/// Why nothing is sent, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When sending goes on.
    pub until: Timestamp,
    /// In words.
    pub reason: &'static str,
}

/// An outage: since when nothing has got through, and when the run gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away {
    /// When something got through the last time, or the first failure.
    pub since: Timestamp,
    /// When the run stops.
    pub until: Timestamp,
}

#[derive(Debug, Default)]
struct Retry {
    reason: String,
    said_at: Option<Instant>,
    /// The same of retries that wait for the budget.
    wait_said_at: Option<Instant>,
    said_halved: bool,
}

/// Shared counts of one run.
#[derive(Debug, Default)]
pub struct Activity {
    calls: AtomicU64,
    retries: AtomicU64,
    throttled: AtomicU64,
    waiting: AtomicU64,
    retry: Mutex<Retry>,
    pause: Mutex<Option<Pause>>,
    away: Mutex<Option<Away>>,
    quota: Mutex<Option<Quota>>,
    pace: Mutex<Option<Rate>>,
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

    /// Why the last row that is tried again has to be.
    pub fn retry_reason(&self) -> String {
        held(&self.retry).reason.clone()
    }

    /// Rows that wait for another try.
    pub fn waiting_rows(&self) -> u64 {
        self.waiting.load(Relaxed)
    }

    /// The pause that holds everybody, if there is one.
    pub fn pause(&self) -> Option<Pause> {
        let pause = held(&self.pause).clone();
        pause.filter(|pause| pause.until > Timestamp::now())
    }

    /// The outage, if there is one.
    pub fn outage(&self) -> Option<Away> {
        *held(&self.away)
    }

    /// The latest word of the server on the account's quota.
    pub fn latest_quota(&self) -> Option<Quota> {
        *held(&self.quota)
    }

    pub(super) fn call(&self) {
        self.calls.fetch_add(1, Relaxed);
    }

    /// Counts a row that is tried again, and says why: the first one, and
    /// then one in a while, so that an outage does not flood the log.
    pub(super) fn retry(&self, reason: &str, wait: Duration) {
        self.retries.fetch_add(1, Relaxed);
        let mut retry = held(&self.retry);
        if wait > WORTH_SAYING && is_time_to_say(&mut retry.said_at) {
            let until = clock_time(wait);
            warn!("a call is tried again at {until:.0}: {reason}");
        }
        reason.clone_into(&mut retry.reason);
    }

    /// Says once that batches are taken apart because of what they meet.
    pub(super) fn halved(&self, reason: &str) {
        if !std::mem::replace(&mut held(&self.retry).said_halved, true) {
            warn!(
                "batches that only ever meet this are sent in halves, down to single rows: \
                 {reason}; if it goes on, a smaller --batch may fare better"
            );
        }
    }

    /// Says in a while that retries wait for each other, and why.
    pub(super) fn retries_wait(&self) {
        let mut retry = held(&self.retry);
        if is_time_to_say(&mut retry.wait_said_at) {
            warn!(
                "so many tries fail that retries are held back, to one a second and one for ten \
                 rows that get through: {}",
                retry.reason
            );
        }
    }

    /// Counts a 429; an account that is being moved answers otherwise.
    pub(super) fn throttled(&self, code: Code) {
        if code == Code::RateLimited {
            self.throttled.fetch_add(1, Relaxed);
        }
    }

    /// The pace that requests keep to now; none before the first, and where
    /// there is no limit.
    pub fn pace_in_force(&self) -> Option<Rate> {
        *held(&self.pace)
    }

    pub(super) fn pace(&self, rate: Rate) {
        *held(&self.pace) = Some(rate);
    }

    pub(super) fn quota(&self, quota: Quota) {
        *held(&self.quota) = Some(quota);
    }

    pub(super) fn paused(&self, pause: Pause) {
        *held(&self.pause) = Some(pause);
    }

    pub(super) fn away(&self, away: Away) {
        *held(&self.away) = Some(away);
    }

    pub(super) fn back(&self) {
        *held(&self.away) = None;
    }

    /// Counts a waiting row until the guard is dropped.
    pub(super) fn waiting(&self) -> impl Drop {
        self.waiting.fetch_add(1, Relaxed);
        WaitingRow(self)
    }
}

/// A lock that a panic elsewhere does not take away: what is told stays true.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct WaitingRow<'a>(&'a Activity);

impl Drop for WaitingRow<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
    }
}

/// Whether it was not said for a while; then it is said now.
fn is_time_to_say(said_at: &mut Option<Instant>) -> bool {
    let is_time = said_at.is_none_or(|at| at.elapsed() > SAID_EVERY);
    if is_time {
        *said_at = Some(Instant::now());
    }
    is_time
}

/// The wall-clock time after `wait`, for people; far ones are cut.
pub(super) fn clock_time(wait: Duration) -> Timestamp {
    Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX)
}

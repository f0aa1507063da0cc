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
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use super::spell::{Say, Spell};
use crate::{api::Quota, cause::Cause, code::Code, rate::Rate};

/// A longer wait says why and until when.
const WORTH_SAYING: Duration = Duration::from_secs(2);

/// A pause that comes after so long is another one.
const PAUSE_OVER_AFTER: Duration = Duration::from_secs(60);

/// Retries are single events: it takes longer until they are news again.
const RETRIES_OVER_AFTER: Duration = Duration::from_secs(10 * 60);

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
    said_halved: bool,
}

/// What lasts and is spoken of. Of several the first that is on has the word: what
/// single calls wait for is no news while everybody waits.
#[derive(Debug)]
struct Spells {
    outage: Spell,
    pause: Spell,
    retries: Spell,
}

impl Default for Spells {
    fn default() -> Self {
        Self {
            outage: Spell::over_after(PAUSE_OVER_AFTER),
            pause: Spell::over_after(PAUSE_OVER_AFTER),
            retries: Spell::over_after(RETRIES_OVER_AFTER),
        }
    }
}

impl Spells {
    /// Speaks of single calls that wait, unless everybody does.
    fn retries_last(&mut self, reason: &str, (now, until): (Instant, Instant)) -> bool {
        let is_told = self.outage.lasts_at(now) || self.pause.lasts_at(now);
        !is_told && self.retries.lasts(reason, (now, until)).is_some()
    }
}

/// Shared counts of one run.
#[derive(Debug, Default)]
pub struct Activity {
    calls: AtomicU64,
    retries: AtomicU64,
    throttled: AtomicU64,
    waiting: AtomicU64,
    retry: Mutex<Retry>,
    spells: Mutex<Spells>,
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

    /// One that was counted had no connection: no server has seen it.
    pub(super) fn never_left(&self) {
        self.calls.fetch_sub(1, Relaxed);
    }

    /// Counts a row that is tried again, and says why where that is news.
    pub(super) fn retry(&self, reason: &str, wait: Duration) {
        self.retries.fetch_add(1, Relaxed);
        reason.clone_into(&mut held(&self.retry).reason);
        let now = Instant::now();
        if wait > WORTH_SAYING
            && held(&self.spells).retries_last(&without_ids(reason), (now, now + wait))
        {
            let until = clock_time(wait);
            warn!("a call is tried again at {until:.0}: {reason}");
        }
    }

    /// Says once that batches are taken apart because of what they meet.
    pub(super) fn halved(&self, reason: &str) {
        if !std::mem::replace(&mut held(&self.retry).said_halved, true) {
            warn!(
                "batches that only ever meet this are sent in halves, down to single rows: \
                 {reason}; if it goes on, fewer rows in a call may fare better (--batch)"
            );
        }
    }

    /// Says that retries wait for each other, and why, where that is news.
    pub(super) fn retries_wait(&self) {
        let now = Instant::now();
        if held(&self.spells).retries_last("retries wait", (now, now)) {
            warn!(
                "so many tries fail that retries are held back, to one a second and one for ten \
                 rows that get through: {}",
                held(&self.retry).reason
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

    /// Everybody waits so long. `words` say it where it is news, with the time.
    pub(super) fn paused(
        &self,
        reason: &'static str,
        wait: Duration,
        words: impl FnOnce(Timestamp) -> String,
    ) {
        let until = clock_time(wait);
        *held(&self.pause) = Some(Pause { until, reason });
        if wait <= WORTH_SAYING {
            return;
        }
        let now = Instant::now();
        let say = held(&self.spells).pause.lasts(reason, (now, now + wait));
        match say {
            Some(Say::News) => warn!("{}", words(until)),
            Some(Say::Again(lasted)) => self.say_again(lasted),
            None => {}
        }
    }

    /// Waits until then. Meanwhile it is said again why everybody waits, if they do.
    pub(super) async fn wait_until(&self, at: Instant) {
        loop {
            let again_at = held(&self.spells).pause.again_at(Instant::now());
            sleep_until(again_at.map_or(at, |again| again.min(at))).await;
            let now = Instant::now();
            let lasted = held(&self.spells).pause.remind(now);
            if let Some(lasted) = lasted {
                self.say_again(lasted);
            }
            if now >= at {
                return;
            }
        }
    }

    fn say_again(&self, lasted: Duration) {
        if let Some(Pause { until, reason }) = self.pause() {
            let lasted = lasted.as_secs();
            warn!("{reason}: for {lasted} s already; nothing is sent until {until:.0}");
        }
    }

    /// Nothing gets through, until then at most. How that is to be said, if it is.
    pub(super) fn away(&self, away: Away, reason: &str, times: (Instant, Instant)) -> Option<Say> {
        *held(&self.away) = Some(away);
        held(&self.spells).outage.lasts(&without_ids(reason), times)
    }

    pub(super) fn back(&self) {
        *held(&self.away) = None;
        held(&self.spells).outage.end();
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

/// The same of every row and answer.
fn without_ids(reason: &str) -> String {
    Cause::of("", reason).pattern
}

/// The wall-clock time after `wait`, for people; far ones are cut.
pub(super) fn clock_time(wait: Duration) -> Timestamp {
    Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX)
}

//! What the calls of a run come to at the moment: counts, and the pause that holds
//! everybody. Written by the caller, read by whoever shows it.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::{
    events::{Event, NothingThrough, Pause, Pausing, Retried, Teller},
    operations::{Kind, OfKind, Operations},
    spell::{Say, Spell},
};
use crate::{api::Quota, cause::Cause, code::Code, rate::Rate, row::Failure, stop::Stop};

/// A longer wait says why and until when.
const WORTH_SAYING: Duration = Duration::from_secs(2);

/// A pause that comes after so long is another one.
const PAUSE_OVER_AFTER: Duration = Duration::from_secs(60);

/// Retries are single events: it takes longer until they are news again.
const RETRIES_OVER_AFTER: Duration = Duration::from_secs(10 * 60);

/// An outage: since when nothing has got through, and when the run gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away {
    /// When something got through the last time, or the first failure.
    pub since: Timestamp,
    /// When the run stops.
    pub until: Timestamp,
}

/// Why the last operation that is tried again has to be.
#[derive(Debug, Default)]
struct Retry {
    why: Option<Retried>,
    told_halved: bool,
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
    fn retries_last(&mut self, reason: &str, now: Instant, until: Instant) -> bool {
        let is_told = self.outage.lasts_at(now) || self.pause.lasts_at(now);
        !is_told && self.retries.lasts(reason, now, until).is_some()
    }
}

/// Shared counts of one run.
#[derive(Debug, Default)]
struct Counts {
    calls: AtomicU64,
    retries: AtomicU64,
    throttled: AtomicU64,
    /// Creates that may have written something, whatever was answered.
    perhaps_written: AtomicU64,
    waiting: AtomicU64,
}

/// What the calls of a run come to, and how that is told.
#[derive(Debug, Default)]
pub struct Activity {
    teller: Teller,
    counts: Counts,
    operations: Operations,
    retry: Mutex<Retry>,
    spells: Mutex<Spells>,
    pause: Mutex<Option<Pause>>,
    away: Mutex<Option<Away>>,
    quota: Mutex<Option<Quota>>,
    pace: Mutex<Option<Rate>>,
}

impl Activity {
    /// What happens is told by this.
    #[must_use]
    pub fn telling(teller: Teller) -> Self {
        Self {
            teller,
            ..Self::default()
        }
    }

    /// Tells an event.
    pub(super) fn tell(&self, event: &Event) {
        (self.teller.event)(event);
    }

    /// Requests sent.
    pub fn calls(&self) -> u64 {
        self.counts.calls.load(Relaxed)
    }

    /// Requests by what they are for, and how long their answers took.
    pub fn operations(&self) -> Vec<OfKind> {
        self.operations.counts()
    }

    /// Answers that said "too many requests".
    pub fn throttled_calls(&self) -> u64 {
        self.counts.throttled.load(Relaxed)
    }

    /// Whether a create has left of which no answer says that nothing was written.
    pub fn may_have_written(&self) -> bool {
        self.counts.perhaps_written.load(Relaxed) > 0
    }

    /// Requests that were sent again after a passing fault.
    pub fn retries(&self) -> u64 {
        self.counts.retries.load(Relaxed)
    }

    /// Why the last row that is tried again has to be, in short.
    pub fn retry_reason(&self) -> String {
        let why = &held(&self.retry).why;
        why.as_ref().map_or_else(String::new, self.teller.retried)
    }

    /// Rows that wait for another try.
    pub fn waiting_rows(&self) -> u64 {
        self.counts.waiting.load(Relaxed)
    }

    /// The pause that holds everybody, if there is one.
    pub fn pause(&self) -> Option<Pause> {
        let pause = *held(&self.pause);
        pause.filter(|pause| pause.until > Timestamp::now())
    }

    /// What everybody waits for, in short.
    pub fn pause_reason(&self, pause: Pause) -> &'static str {
        (self.teller.paused)(pause.reason)
    }

    /// The outage, if there is one.
    pub fn outage(&self) -> Option<Away> {
        *held(&self.away)
    }

    /// The latest word of the server on the account's quota.
    pub fn latest_quota(&self) -> Option<Quota> {
        *held(&self.quota)
    }

    /// A request was answered after so long, or not at all.
    pub(super) fn answered(&self, kind: Kind, took: Duration) {
        self.operations.count(kind, took);
    }

    pub(super) fn perhaps_written(&self) {
        self.counts.perhaps_written.fetch_add(1, Relaxed);
    }

    pub(super) fn call(&self) {
        self.counts.calls.fetch_add(1, Relaxed);
    }

    /// One that was counted had no connection: no server has seen it.
    pub(super) fn never_left(&self) {
        self.counts.calls.fetch_sub(1, Relaxed);
    }

    /// Counts an operation that is tried again, and tells why where that is news.
    pub(super) fn retry(&self, why: Retried, wait: Duration) {
        self.counts.retries.fetch_add(1, Relaxed);
        if wait > WORTH_SAYING {
            let reason = without_ids(&(self.teller.retried)(&why));
            let now = Instant::now();
            if held(&self.spells).retries_last(&reason, now, now + wait) {
                let (at, why) = (clock_time(wait), why.clone());
                self.tell(&Event::TriedAgain { at, why });
            }
        }
        held(&self.retry).why = Some(why);
    }

    /// Tells once that batches are taken apart because of what they meet.
    pub(super) fn halved(&self, why: Failure) {
        if !std::mem::replace(&mut held(&self.retry).told_halved, true) {
            self.tell(&Event::Halved(why));
        }
    }

    /// Tells that retries wait for each other, and why, where that is news.
    pub(super) fn retries_wait(&self) {
        let now = Instant::now();
        if !held(&self.spells).retries_last("retries wait", now, now) {
            return;
        }
        let why = held(&self.retry).why.clone();
        if let Some(why) = why {
            self.tell(&Event::RetriesWait(why));
        }
    }

    /// Counts a 429; an account that is being moved answers otherwise.
    pub(super) fn throttled(&self, code: Code) {
        if code == Code::RateLimited {
            self.counts.throttled.fetch_add(1, Relaxed);
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

    /// Everybody waits so long; told where it is news.
    pub(super) fn paused(&self, what: Pausing, wait: Duration) {
        let (until, reason) = (clock_time(wait), what.reason());
        *held(&self.pause) = Some(Pause { until, reason });
        if wait <= WORTH_SAYING {
            return;
        }
        let now = Instant::now();
        let key = (self.teller.paused)(reason);
        let say = held(&self.spells).pause.lasts(key, now, now + wait);
        match say {
            Some(Say::News) => self.tell(&Event::Paused { until, what }),
            Some(Say::Again(lasted)) => self.tell_again(lasted),
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
                self.tell_again(lasted);
            }
            if now >= at {
                return;
            }
        }
    }

    /// Waits until then as one row; a stop ends the wait.
    pub(super) async fn back_off(&self, at: Instant, stop: &Stop) {
        let _waiting = self.waiting();
        stop.unless_requested(self.wait_until(at)).await;
    }

    fn tell_again(&self, lasted: Duration) {
        if let Some(pause) = self.pause() {
            self.tell(&Event::StillPaused(pause, lasted));
        }
    }

    /// Nothing gets through, until then at most; told where it is news.
    pub(super) fn away(&self, away: Away, why: &Failure, now: Instant, until: Instant) {
        *held(&self.away) = Some(away);
        let reason = (self.teller.retried)(&Retried::Failed(why.clone()));
        let say = held(&self.spells)
            .outage
            .lasts(&without_ids(&reason), now, until);
        if let Some(say) = say {
            self.tell(&Event::NothingThrough(NothingThrough {
                since: away.since,
                until: away.until,
                why: why.clone(),
                is_known: say != Say::News,
            }));
        }
    }

    /// Something gets through again, after so long.
    pub(super) fn back(&self, after: Duration) {
        *held(&self.away) = None;
        held(&self.spells).outage.end();
        self.tell(&Event::Back(after));
    }

    /// Counts a waiting row until the guard is dropped.
    pub(super) fn waiting(&self) -> impl Drop {
        self.counts.waiting.fetch_add(1, Relaxed);
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
        self.0.counts.waiting.fetch_sub(1, Relaxed);
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

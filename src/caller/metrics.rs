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
    call_stats::{CallKind, CallKindStats, CallStats},
    events::{CallerEvent, EventReporter, OutageReport, Pause, PauseDetails, RetryCause},
    reminder::{Announcement, Reminder},
};
use crate::{
    api::ReportedQuota, cause::Cause, code::Code, rate::Rate, row::Failure, stop::StopSwitch,
};

/// A longer wait says why and until when.
const WORTH_SAYING: Duration = Duration::from_secs(2);

/// A pause that comes after so long is another one.
const PAUSE_OVER_AFTER: Duration = Duration::from_secs(60);

/// Retries are single events: it takes longer until they are news again.
const RETRIES_OVER_AFTER: Duration = Duration::from_secs(10 * 60);

/// An outage: since when nothing has got through, and when the run gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutageInfo {
    /// When something got through the last time, or the first failure.
    pub since: Timestamp,
    /// When the run stops.
    pub until: Timestamp,
}

/// Why the last operation that is tried again has to be.
#[derive(Debug, Default)]
struct LastRetry {
    cause: Option<RetryCause>,
    reported_split: bool,
}

/// What lasts and is spoken of. Of several the first that is on has the word: what
/// single calls wait for is no news while everybody waits.
#[derive(Debug)]
struct Reminders {
    outage: Reminder,
    pause: Reminder,
    retries: Reminder,
}

impl Default for Reminders {
    fn default() -> Self {
        Self {
            outage: Reminder::ending_after(PAUSE_OVER_AFTER),
            pause: Reminder::ending_after(PAUSE_OVER_AFTER),
            retries: Reminder::ending_after(RETRIES_OVER_AFTER),
        }
    }
}

impl Reminders {
    /// Speaks of single calls that wait, unless everybody does.
    fn extend_retries(&mut self, reason: &str, now: Instant, until: Instant) -> bool {
        let is_told = self.outage.is_ongoing(now) || self.pause.is_ongoing(now);
        !is_told && self.retries.extend(reason, now, until).is_some()
    }
}

/// Shared counts of one run.
#[derive(Debug, Default)]
struct CallCounts {
    calls: AtomicU64,
    retries: AtomicU64,
    throttled: AtomicU64,
    /// Creates that may have written something, whatever was answered.
    possible_writes: AtomicU64,
    waiting: AtomicU64,
}

/// What the calls of a run come to, and how that is told.
#[derive(Debug, Default)]
pub struct Metrics {
    reporter: EventReporter,
    counts: CallCounts,
    call_stats: CallStats,
    last_retry: Mutex<LastRetry>,
    reminders: Mutex<Reminders>,
    pause: Mutex<Option<Pause>>,
    outage: Mutex<Option<OutageInfo>>,
    quota: Mutex<Option<ReportedQuota>>,
    pace: Mutex<Option<Rate>>,
}

impl Metrics {
    /// What happens is told by this.
    #[must_use]
    pub fn reporting_to(reporter: EventReporter) -> Self {
        Self {
            reporter,
            ..Self::default()
        }
    }

    /// Tells an event.
    pub(super) fn report(&self, event: &CallerEvent) {
        (self.reporter.report)(event);
    }

    /// Requests sent.
    pub fn calls(&self) -> u64 {
        self.counts.calls.load(Relaxed)
    }

    /// Requests by what they are for, and how long their answers took.
    pub fn calls_by_kind(&self) -> Vec<CallKindStats> {
        self.call_stats.by_kind()
    }

    /// Answers that said "too many requests".
    pub fn throttled_calls(&self) -> u64 {
        self.counts.throttled.load(Relaxed)
    }

    /// Whether a create has left of which no answer says that nothing was written.
    pub fn may_have_written(&self) -> bool {
        self.counts.possible_writes.load(Relaxed) > 0
    }

    /// Requests that were sent again after a passing fault.
    pub fn retries(&self) -> u64 {
        self.counts.retries.load(Relaxed)
    }

    /// Why the last row that is tried again has to be, in short.
    pub fn retry_reason(&self) -> String {
        let why = &lock(&self.last_retry).cause;
        why.as_ref()
            .map_or_else(String::new, self.reporter.describe_retry)
    }

    /// Rows that wait for another try.
    pub fn waiting_rows(&self) -> u64 {
        self.counts.waiting.load(Relaxed)
    }

    /// The pause that holds everybody, if there is one.
    pub fn pause(&self) -> Option<Pause> {
        let pause = *lock(&self.pause);
        pause.filter(|pause| pause.until > Timestamp::now())
    }

    /// What everybody waits for, in short.
    pub fn pause_reason(&self, pause: Pause) -> &'static str {
        (self.reporter.describe_pause)(pause.reason)
    }

    /// The outage, if there is one.
    pub fn outage(&self) -> Option<OutageInfo> {
        *lock(&self.outage)
    }

    /// The latest word of the server on the account's quota.
    pub fn latest_quota(&self) -> Option<ReportedQuota> {
        *lock(&self.quota)
    }

    /// A request was answered after so long, or not at all.
    pub(super) fn record_latency(&self, kind: CallKind, took: Duration) {
        self.call_stats.record(kind, took);
    }

    pub(super) fn count_possible_write(&self) {
        self.counts.possible_writes.fetch_add(1, Relaxed);
    }

    pub(super) fn count_call(&self) {
        self.counts.calls.fetch_add(1, Relaxed);
    }

    /// One that was counted had no connection: no server has seen it.
    pub(super) fn uncount_call(&self) {
        self.counts.calls.fetch_sub(1, Relaxed);
    }

    /// Counts an operation that is tried again, and tells why where that is news.
    pub(super) fn record_retry(&self, why: RetryCause, wait: Duration) {
        self.counts.retries.fetch_add(1, Relaxed);
        if wait > WORTH_SAYING {
            let reason = without_ids(&(self.reporter.describe_retry)(&why));
            let now = Instant::now();
            if lock(&self.reminders).extend_retries(&reason, now, now + wait) {
                let (at, why) = (time_after(wait), why.clone());
                self.report(&CallerEvent::RetryScheduled { at, why });
            }
        }
        lock(&self.last_retry).cause = Some(why);
    }

    /// Tells once that batches are taken apart because of what they meet.
    pub(super) fn report_split(&self, why: Failure) {
        if !std::mem::replace(&mut lock(&self.last_retry).reported_split, true) {
            self.report(&CallerEvent::BatchesSplit(why));
        }
    }

    /// Tells that retries wait for each other, and why, where that is news.
    pub(super) fn report_retry_queue(&self) {
        let now = Instant::now();
        if !lock(&self.reminders).extend_retries("retries wait", now, now) {
            return;
        }
        let why = lock(&self.last_retry).cause.clone();
        if let Some(why) = why {
            self.report(&CallerEvent::RetriesQueued(why));
        }
    }

    /// Counts a 429; an account that is being moved answers otherwise.
    pub(super) fn count_throttled(&self, code: Code) {
        if code == Code::RateLimited {
            self.counts.throttled.fetch_add(1, Relaxed);
        }
    }

    /// The pace that requests keep to now; none before the first, and where
    /// there is no limit.
    pub fn current_pace(&self) -> Option<Rate> {
        *lock(&self.pace)
    }

    pub(super) fn set_pace(&self, rate: Rate) {
        *lock(&self.pace) = Some(rate);
    }

    pub(super) fn set_quota(&self, quota: ReportedQuota) {
        *lock(&self.quota) = Some(quota);
    }

    /// Everybody waits so long; told where it is news.
    pub(super) fn start_pause(&self, what: PauseDetails, wait: Duration) {
        let (until, reason) = (time_after(wait), what.reason());
        *lock(&self.pause) = Some(Pause { until, reason });
        if wait <= WORTH_SAYING {
            return;
        }
        let now = Instant::now();
        let key = (self.reporter.describe_pause)(reason);
        let say = lock(&self.reminders).pause.extend(key, now, now + wait);
        match say {
            Some(Announcement::First) => self.report(&CallerEvent::Paused {
                until,
                details: what,
            }),
            Some(Announcement::Still(lasted)) => self.report_still_paused(lasted),
            None => {}
        }
    }

    /// Waits until then. Meanwhile it is said again why everybody waits, if they do.
    pub(super) async fn wait_until(&self, at: Instant) {
        loop {
            let again_at = lock(&self.reminders).pause.next_at(Instant::now());
            sleep_until(again_at.map_or(at, |again| again.min(at))).await;
            let now = Instant::now();
            let lasted = lock(&self.reminders).pause.remind_if_due(now);
            if let Some(lasted) = lasted {
                self.report_still_paused(lasted);
            }
            if now >= at {
                return;
            }
        }
    }

    /// Waits until then as one row; a stop ends the wait.
    pub(super) async fn back_off(&self, at: Instant, stop: &StopSwitch) {
        let _waiting = self.count_waiting();
        stop.unless_requested(self.wait_until(at)).await;
    }

    fn report_still_paused(&self, lasted: Duration) {
        if let Some(pause) = self.pause() {
            self.report(&CallerEvent::StillPaused(pause, lasted));
        }
    }

    /// Nothing gets through, until then at most; told where it is news.
    pub(super) fn start_outage(
        &self,
        outage: OutageInfo,
        why: &Failure,
        now: Instant,
        until: Instant,
    ) {
        *lock(&self.outage) = Some(outage);
        let reason = (self.reporter.describe_retry)(&RetryCause::Failed(why.clone()));
        let say = lock(&self.reminders)
            .outage
            .extend(&without_ids(&reason), now, until);
        if let Some(say) = say {
            self.report(&CallerEvent::Outage(OutageReport {
                since: outage.since,
                until: outage.until,
                why: why.clone(),
                was_reported: say != Announcement::First,
            }));
        }
    }

    /// Something gets through again, after so long.
    pub(super) fn end_outage(&self, after: Duration) {
        *lock(&self.outage) = None;
        lock(&self.reminders).outage.end();
        self.report(&CallerEvent::Recovered(after));
    }

    /// Counts a waiting row until the guard is dropped.
    pub(super) fn count_waiting(&self) -> impl Drop {
        self.counts.waiting.fetch_add(1, Relaxed);
        WaitingGuard(self)
    }
}

/// A lock that a panic elsewhere does not take away: what is told stays true.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct WaitingGuard<'a>(&'a Metrics);

impl Drop for WaitingGuard<'_> {
    fn drop(&mut self) {
        self.0.counts.waiting.fetch_sub(1, Relaxed);
    }
}

/// The same of every row and answer.
fn without_ids(reason: &str) -> String {
    Cause::new("", reason).pattern
}

/// The wall-clock time after `wait`, for people; far ones are cut.
pub(super) fn time_after(wait: Duration) -> Timestamp {
    Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX)
}

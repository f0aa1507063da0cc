//! The current metrics of a run's calls: counters, and the pause that holds all requests. The
//! caller writes them, the progress display and the summary read them.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
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
use crate::{api::ReportedQuota, cause::without_ids, rate::Rate, row::Failure, stop::StopSwitch};

/// A longer wait is reported, with its reason and its end.
const MIN_REPORTED_WAIT: Duration = Duration::from_secs(2);

/// A pause that comes after this time is a new one.
const PAUSE_OVER_AFTER: Duration = Duration::from_secs(60);

/// Retries are single events, so more time passes until they are news again.
const RETRIES_OVER_AFTER: Duration = Duration::from_secs(10 * 60);

/// An outage: since when nothing has got through, and when the run gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutageInfo {
    /// The time of the last success, or of the first failure.
    pub since: Timestamp,
    /// When the run stops.
    pub until: Timestamp,
}

/// Searches that are made once more later, because new records are found only some seconds later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaterSearch {
    /// The domains that are searched for.
    pub domains: usize,
    /// When the next search may begin.
    pub at: Timestamp,
}

/// Why the last operation was retried.
#[derive(Debug, Default)]
struct LastRetry {
    cause: Option<RetryCause>,
    reported_split: bool,
}

/// Conditions that last and are reported again. Only the first one that is ongoing is reported: it
/// is no news that single calls wait while all requests wait.
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
    /// Notes that single calls wait. Returns whether to report it; not while all requests wait.
    fn extend_retries(&mut self, reason: &str, now: Instant, until: Instant) -> bool {
        let is_told = self.outage.is_ongoing(now) || self.pause.is_ongoing(now);
        !is_told && self.retries.extend(reason, now, until).is_some()
    }
}

/// Shared counters of one run, and what waits.
#[derive(Debug, Default)]
struct CallCounts {
    calls: AtomicU64,
    retries: AtomicU64,
    throttled: AtomicU64,
    /// Creates that may have written something, whatever the response was.
    possible_writes: AtomicU64,
    waiting: AtomicU64,
    later_search: Mutex<Option<LaterSearch>>,
}

/// The metrics of a run's calls, and how events are reported.
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
    /// Events go to this reporter.
    #[must_use]
    pub fn reporting_to(reporter: EventReporter) -> Self {
        Self {
            reporter,
            ..Self::default()
        }
    }

    pub(super) fn report(&self, event: &CallerEvent) {
        (self.reporter.report)(event);
    }

    /// Requests sent.
    pub fn calls(&self) -> u64 {
        self.counts.calls.load(Relaxed)
    }

    /// Requests by kind, and how long the responses took.
    pub fn calls_by_kind(&self) -> Vec<CallKindStats> {
        self.call_stats.by_kind()
    }

    /// Requests of several runs together, by kind.
    pub fn calls_by_kind_of(runs: &[Arc<Self>]) -> Vec<CallKindStats> {
        CallStats::merged(runs.iter().map(|run| &run.call_stats)).by_kind()
    }

    /// Responses that said "too many requests".
    pub fn throttled_calls(&self) -> u64 {
        self.counts.throttled.load(Relaxed)
    }

    /// Whether a create was sent that may have written something, as no response says otherwise.
    pub fn may_have_written(&self) -> bool {
        self.counts.possible_writes.load(Relaxed) > 0
    }

    /// Requests that were sent again after a transient fault.
    pub fn retries(&self) -> u64 {
        self.counts.retries.load(Relaxed)
    }

    /// Why the last row was retried, in short.
    pub fn retry_reason(&self) -> String {
        let why = &lock(&self.last_retry).cause;
        why.as_ref()
            .map_or_else(String::new, self.reporter.describe_retry)
    }

    /// Rows that wait for a retry.
    pub fn waiting_rows(&self) -> u64 {
        self.counts.waiting.load(Relaxed)
    }

    /// What is searched for once more later, while nothing else is.
    pub fn later_search(&self) -> Option<LaterSearch> {
        *lock(&self.counts.later_search)
    }

    /// So many domains are searched for once more after this time, and nothing else is.
    pub fn set_later_search(&self, later: Option<(usize, Duration)>) {
        *lock(&self.counts.later_search) = later.map(|(domains, wait)| LaterSearch {
            domains,
            at: time_after(wait),
        });
    }

    /// The pause that holds all requests, if there is one.
    pub fn pause(&self) -> Option<Pause> {
        let pause = *lock(&self.pause);
        pause.filter(|pause| pause.until > Timestamp::now())
    }

    /// Why all requests wait, in short.
    pub fn pause_reason(&self, pause: Pause) -> &'static str {
        (self.reporter.describe_pause)(pause.reason)
    }

    /// The outage, if there is one.
    pub fn outage(&self) -> Option<OutageInfo> {
        *lock(&self.outage)
    }

    /// What the server said last about the account's quota.
    pub fn latest_quota(&self) -> Option<ReportedQuota> {
        *lock(&self.quota)
    }

    /// Records how long a request took, with or without a response.
    pub(super) fn record_latency(&self, kind: CallKind, took: Duration) {
        self.call_stats.record(kind, took);
    }

    pub(super) fn count_possible_write(&self) {
        self.counts.possible_writes.fetch_add(1, Relaxed);
    }

    pub(super) fn count_call(&self, kind: CallKind) {
        self.counts.calls.fetch_add(1, Relaxed);
        self.call_stats.count(kind);
    }

    /// A request that was counted had no connection: no server has seen it.
    pub(super) fn uncount_call(&self, kind: CallKind) {
        self.counts.calls.fetch_sub(1, Relaxed);
        self.call_stats.uncount(kind);
    }

    /// Counts a request that was sent again.
    pub(super) fn count_retry(&self) {
        self.counts.retries.fetch_add(1, Relaxed);
    }

    /// Notes why an operation will be sent again, and reports it if it is news.
    pub(super) fn record_planned_retry(&self, why: RetryCause, wait: Duration) {
        if wait > MIN_REPORTED_WAIT {
            let reason = without_ids(&(self.reporter.describe_retry)(&why));
            let now = Instant::now();
            if lock(&self.reminders).extend_retries(&reason, now, now + wait) {
                let (at, why) = (time_after(wait), why.clone());
                self.report(&CallerEvent::RetryScheduled { at, why });
            }
        }
        lock(&self.last_retry).cause = Some(why);
    }

    /// Reports once that batches are split because of this failure.
    pub(super) fn report_split(&self, why: Failure) {
        if !std::mem::replace(&mut lock(&self.last_retry).reported_split, true) {
            self.report(&CallerEvent::BatchesSplit(why));
        }
    }

    /// Reports that retries wait for the retry budget, and why, if that is news.
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

    /// Counts a 429.
    pub(super) fn count_throttled(&self) {
        self.counts.throttled.fetch_add(1, Relaxed);
    }

    /// The current pace. None before the first request, and none without a limit.
    pub fn current_pace(&self) -> Option<Rate> {
        *lock(&self.pace)
    }

    pub(super) fn set_pace(&self, rate: Rate) {
        *lock(&self.pace) = Some(rate);
    }

    pub(super) fn set_quota(&self, quota: ReportedQuota) {
        *lock(&self.quota) = Some(quota);
    }

    /// All requests wait this long. Reports it if it is news.
    pub(super) fn start_pause(&self, what: PauseDetails, wait: Duration) {
        let (until, reason) = (time_after(wait), what.reason());
        *lock(&self.pause) = Some(Pause { until, reason });
        if wait <= MIN_REPORTED_WAIT {
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

    /// Waits until `at`. Meanwhile reports again why all requests wait, if they do.
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

    /// Waits until `at` as one row. A stop ends the wait.
    pub(super) async fn back_off(&self, at: Instant, stop: &StopSwitch) {
        let _waiting = self.count_waiting();
        stop.unless_requested(self.wait_until(at)).await;
    }

    fn report_still_paused(&self, lasted: Duration) {
        if let Some(pause) = self.pause() {
            self.report(&CallerEvent::StillPaused(pause, lasted));
        }
    }

    /// Nothing gets through, until `until` at most. Reports it if it is news.
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

    /// Something gets through again, after this time.
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

/// Locks, also after a panic elsewhere: what was recorded stays true.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct WaitingGuard<'a>(&'a Metrics);

impl Drop for WaitingGuard<'_> {
    fn drop(&mut self) {
        self.0.counts.waiting.fetch_sub(1, Relaxed);
    }
}

/// The wall-clock time after `wait`, for people. Times too far away are cut.
pub(super) fn time_after(wait: Duration) -> Timestamp {
    Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX)
}

//! The gate of the daily quota: whether calls are left today, and when the next day's quota begins.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use tokio::time::Instant;

use super::{
    errors::ErrorRate,
    policy::{DailyReserve, DayPolicy, OnQuotaExhausted},
    remaining::{DayRemaining, ReserveReached},
};
use crate::{
    api::ApiResponse,
    caller::{
        events::{CallerEvent, PauseDetails},
        metrics::Metrics,
    },
    row::Failure,
    stop::{StopReason, StopSwitch, UsedUpQuota},
};

/// The run goes on this long after the reset, because clocks differ.
const AFTER_RESET: Duration = Duration::from_secs(1);

/// The wait if the time of the reset is unknown, or if the reset brought nothing.
const ASK_AGAIN: Duration = Duration::from_secs(15 * 60);

/// Longer sleeps check the wall clock in between: a suspended machine has slept through some of the
/// time.
const CHECK_CLOCK_EVERY: Duration = Duration::from_secs(60);

/// What is known of the daily quota.
#[derive(Debug, Default)]
pub(crate) struct DayQuotaGate {
    policy: DayPolicy,
    time_zone: RefCell<Option<TimeZone>>,
    remaining: DayRemaining,
    errors: ErrorRate,
    /// Why nothing may be sent before the reset.
    used_up: RefCell<Option<UsedUpQuota>>,
    /// All calls a day and the reserve, if the reserve is so large that no reset helps.
    impossible_reserve: Cell<Option<(u64, u64)>>,
    /// Whether nothing got through since the last reset.
    no_success_since_reset: Cell<bool>,
    /// Held by the one operation that waits for all.
    waiting: tokio::sync::Mutex<()>,
}

impl DayQuotaGate {
    pub(crate) fn set_policy(&mut self, policy: DayPolicy) {
        self.policy = policy;
    }

    /// The account's days are days of this time zone.
    pub(crate) fn set_time_zone(&self, time_zone: Option<TimeZone>) {
        *self.time_zone.borrow_mut() = time_zone;
    }

    pub(crate) fn count_sent(&self) {
        self.remaining.count_sent();
    }

    pub(crate) fn record_answer(
        &self,
        answer: &ApiResponse,
        is_about_links: bool,
        metrics: &Metrics,
    ) {
        let quota = answer.quota.unwrap_or_default();
        let is_error = self.errors.count(&answer.verdict, quota, metrics);
        self.remaining
            .record_answer(quota, is_about_links && !is_error);
        if is_about_links && !is_error {
            // Questions are answered even if the quota is used up.
            self.no_success_since_reset.set(false);
        }
    }

    /// Whether this run may still make calls today.
    pub(crate) fn has_calls_left(&self, metrics: &Metrics) -> bool {
        if let Some(kept) = self.policy.reserve {
            self.check_reserve(kept, metrics);
        }
        self.used_up.borrow().is_none() && self.impossible_reserve.get().is_none()
    }

    fn check_reserve(&self, reserve: DailyReserve, metrics: &Metrics) {
        match self.remaining.check_reserve(reserve, metrics) {
            Some(ReserveReached::NeverEnough { all, kept }) => {
                self.impossible_reserve.set(Some((all, kept)));
            }
            Some(ReserveReached::Today(used_up)) => {
                self.used_up.borrow_mut().get_or_insert(used_up);
            }
            None => {}
        }
    }

    /// HubSpot says that the daily quota is used up.
    pub(crate) fn mark_used_up(&self, failure: &Failure) -> Result<(), StopReason> {
        let used_up = UsedUpQuota::All(failure.clone().into());
        match self.policy.on_quota {
            OnQuotaExhausted::Stop => Err(self.quota_stop_reason(used_up)),
            OnQuotaExhausted::Wait => {
                // It is no row's fault: all wait.
                self.used_up.borrow_mut().get_or_insert(used_up);
                Ok(())
            }
        }
    }

    /// Why the run has to stop: it may not wait for the next day, or no day would help.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        if let Some((all, kept)) = self.impossible_reserve.get() {
            return Some(StopReason::ReserveTooLarge { all, kept });
        }
        if self.policy.on_quota == OnQuotaExhausted::Wait {
            return None;
        }
        let used_up = self.used_up.borrow().clone()?;
        Some(self.quota_stop_reason(used_up))
    }

    fn quota_stop_reason(&self, used_up: UsedUpQuota) -> StopReason {
        let resets_at = self.next_midnight(Timestamp::now());
        StopReason::DayQuota { used_up, resets_at }
    }

    /// Waits for the next day's quota. `ask` asks HubSpot when it begins.
    pub(crate) async fn wait_for_reset(
        &self,
        metrics: &Metrics,
        stop: &StopSwitch,
        ask: impl AsyncFnOnce() -> Option<Timestamp>,
    ) {
        let _all = self.waiting.lock().await;
        let used_up = self.used_up.borrow().clone();
        // Another operation may have waited for all meanwhile.
        if let Some(used_up) = used_up.filter(|_| !stop.is_requested()) {
            let reported = ask().await;
            self.sleep_until_reset(used_up, reported, metrics).await;
            self.remaining.reset();
            *self.used_up.borrow_mut() = None;
            self.no_success_since_reset.set(true);
        }
    }

    async fn sleep_until_reset(
        &self,
        used_up: UsedUpQuota,
        reported: Option<Timestamp>,
        metrics: &Metrics,
    ) {
        let now = Timestamp::now();
        let reported = reported.or_else(|| self.next_midnight(now));
        let mut wait = reported.map_or(ASK_AGAIN, |until| {
            // A time in the past says nothing.
            Duration::try_from(until.duration_since(now)).unwrap_or_default() + AFTER_RESET
        });
        if self.no_success_since_reset.get() {
            wait = wait.max(ASK_AGAIN);
        }
        let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        let resets_at = reported.filter(|at| *at > now);
        metrics.start_pause(PauseDetails::Day { used_up, resets_at }, wait);
        let end = Instant::now() + wait;
        while Instant::now() < end && Timestamp::now() < until {
            let look = end.min(Instant::now() + CHECK_CLOCK_EVERY);
            metrics.wait_until(look).await;
        }
        metrics.report(&CallerEvent::DayQuotaReset);
    }

    /// The account's next midnight, if its time zone is known.
    fn next_midnight(&self, now: Timestamp) -> Option<Timestamp> {
        let zone = self.time_zone.borrow().clone()?;
        let tomorrow = now.to_zoned_datetime(zone).tomorrow().ok()?;
        Some(tomorrow.start_of_day().ok()?.timestamp())
    }
}

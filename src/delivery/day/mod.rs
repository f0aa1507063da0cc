//! The day's quota of the account: what of it is left to others, what happens
//! when it is used up, and how many answers of the day were errors.

mod policy;

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use tokio::time::Instant;
use tracing::{info, warn};

pub use policy::{DailyReserve, DayPolicy, OnQuota};

use super::{
    Delivery,
    fate::{Again, Fate},
};
use crate::{
    api::{Answer, Api, Call, Part, Quota, Verdict},
    code::Code,
    messages,
    row::Failure,
    stop::StopReason,
};

/// So long after the reset the run goes on: clocks differ.
const AFTER_RESET: Duration = Duration::from_secs(1);

/// Where nothing tells when the reset is, and where it brought nothing.
const ASK_AGAIN: Duration = Duration::from_secs(15 * 60);

/// Longer sleeps look at the wall clock in between: a machine that was
/// suspended has slept through some of the time.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Errors are spoken of from this share of the day's calls on. HubSpot wants
/// them to stay under 5 % (usage guidelines).
const ERRORS_PER_CENT: u64 = 4;

/// A share says little of fewer calls.
const SHARE_FROM: u64 = 500;

/// What is known of the day.
#[derive(Debug, Default)]
pub(super) struct Day {
    policy: DayPolicy,
    time_zone: RefCell<Option<TimeZone>>,
    /// The day's quota, and what is left of it once all that is under way is
    /// answered.
    left: Cell<Option<(u64, u64)>>,
    under_way: Cell<u64>,
    /// Whether an answer has told of these, and whether one that could have did not.
    is_told: Cell<bool>,
    is_untold: Cell<bool>,
    /// Why nothing may be sent before the reset.
    used_up: RefCell<Option<String>>,
    /// Whether no reset will change that.
    for_ever: Cell<bool>,
    /// Whether nothing got through since the last reset.
    in_vain: Cell<bool>,
    calls: Cell<u64>,
    errors: Cell<u64>,
    /// Those of the errors that refused rows, and those that were 429s.
    refused: Cell<u64>,
    throttled: Cell<u64>,
    warned_of_errors: Cell<bool>,
    warned_of_reserve: Cell<bool>,
    /// Whoever holds it waits for all.
    waiting: tokio::sync::Mutex<()>,
}

impl Day {
    /// The account's days are those of this time zone.
    pub(super) fn goes_by(&self, time_zone: Option<TimeZone>) {
        *self.time_zone.borrow_mut() = time_zone;
    }

    /// A request leaves.
    pub(super) fn sent(&self) {
        self.under_way.update(|calls| calls + 1);
        let left = self.left.get();
        self.left
            .set(left.map(|(all, left)| (all, left.saturating_sub(1))));
    }

    /// Its answer has come.
    pub(super) fn answered(&self, answer: &Answer, is_of_rows: bool) {
        self.under_way.update(|calls| calls - 1);
        self.calls.update(|calls| calls + 1);
        let is_error = is_error(&answer.verdict);
        self.errors.update(|errors| errors + u64::from(is_error));
        let (refused, throttled) = kind_of_error(&answer.verdict);
        self.refused.update(|n| n + u64::from(refused));
        self.throttled.update(|n| n + u64::from(throttled));
        let quota = answer.quota.unwrap_or_default();
        if let (Some(all), Some(left)) = (quota.daily, quota.daily_remaining) {
            let left = left.saturating_sub(self.under_way.get());
            self.left.set(Some((all, left)));
            self.is_told.set(true);
        } else if is_of_rows && !is_error {
            self.is_untold.set(true);
        }
        if is_error {
            self.warn_of_errors(quota);
        } else if is_of_rows {
            // Questions are answered though the quota is used up.
            self.in_vain.set(false);
        }
    }

    fn warn_of_errors(&self, quota: Quota) {
        let of_all = quota.daily.zip(quota.daily_remaining);
        let of_all = of_all.map_or(0, |(all, left)| all.saturating_sub(left));
        let (calls, errors) = (self.calls.get().max(of_all), self.errors.get());
        if calls >= SHARE_FROM
            && errors * 100 >= calls * ERRORS_PER_CENT
            && !self.warned_of_errors.replace(true)
        {
            let what = self.most_errors();
            warn!(
                "{errors} of {calls} calls were answered with an error, and HubSpot wants less \
                 than 5 % a day; {what}"
            );
        }
    }

    /// What most of them are, and so what is to be done.
    fn most_errors(&self) -> &'static str {
        let (errors, refused) = (self.errors.get(), self.refused.get());
        if refused * 2 >= errors {
            "most are calls that HubSpot refused: assoc_message says why of each row that failed"
        } else if self.throttled.get() * 2 >= errors {
            "most are 429s: give this run a lower --rate, or other integrations less"
        } else {
            "most are passing faults of HubSpot (see status.hubspot.com)"
        }
    }

    fn is_used_up(&self) -> bool {
        self.used_up.borrow().is_some()
    }

    /// Whether a call may be made without touching what is left to others.
    fn heed_reserve(&self) {
        let Some(reserve) = self.policy.reserve else {
            return;
        };
        let Some((all, left)) = self.left.get() else {
            // After a reset nothing is known before the next answer.
            let is_unknown = self.is_untold.get() && !self.is_told.get();
            if is_unknown && !self.warned_of_reserve.replace(true) {
                warn!(
                    "HubSpot does not say what is left of the day's quota (with OAuth it never \
                     does), so that --daily-reserve cannot be kept"
                );
            }
            return;
        };
        let kept = reserve.calls(all);
        if kept >= all {
            let text = format!(
                "the day's quota is {all} calls, and {kept} are to stay for others \
                 (--daily-reserve), so that no day has a call for this run: give a smaller reserve"
            );
            self.used_up.borrow_mut().get_or_insert(text);
            self.for_ever.set(true);
        } else if left <= kept {
            let text = format!(
                "the day's quota is used up but for the reserve: {left} of {all} calls are left, \
                 and {kept} are to stay (--daily-reserve)"
            );
            self.used_up.borrow_mut().get_or_insert(text);
        }
    }

    /// The account's next midnight, if its time zone is known.
    fn midnight(&self, now: Timestamp) -> Option<Timestamp> {
        let zone = self.time_zone.borrow().clone()?;
        let tomorrow = now.to_zoned_datetime(zone).tomorrow().ok()?;
        Some(tomorrow.start_of_day().ok()?.timestamp())
    }

    fn begin_anew(&self) {
        self.left.set(None);
        *self.used_up.borrow_mut() = None;
        self.in_vain.set(true);
    }
}

impl<A: Api> Delivery<A> {
    /// How the day's quota is used.
    #[must_use]
    pub fn using_the_day(mut self, policy: DayPolicy) -> Self {
        self.day.policy = policy;
        self
    }

    /// HubSpot says that the day's quota is used up.
    pub(super) fn day_used_up(&self, failure: &Failure) -> Fate {
        self.activity.throttled(Code::RateLimited);
        let text = format!(
            "the day's quota of the account is used up: {}",
            messages::failure(failure).trim_end_matches('.')
        );
        match self.day.policy.on_quota {
            OnQuota::Stop => self.halt(self.stop_for_the_day(&text)),
            OnQuota::Wait => {
                self.day.used_up.borrow_mut().get_or_insert(text);
                // No fault of the row, which waits with all others.
                Fate::Again(Again::free(Instant::now()))
            }
        }
    }

    fn stop_for_the_day(&self, text: &str) -> StopReason {
        let reset = match self.day.midnight(Timestamp::now()) {
            Some(midnight) => resets_at(midnight),
            None => "it is reset at midnight in the account's time zone".to_owned(),
        };
        StopReason::DayQuota(format!("{text} ({reset})"))
    }

    /// Whether the day has calls left for this run.
    pub(super) fn day_goes_on(&self) -> bool {
        self.day.heed_reserve();
        !self.day.is_used_up()
    }

    /// The day's quota is used up: waits for the next one's, or stops the run;
    /// `false` then.
    pub(super) async fn meet_day(&self) -> bool {
        let is_for_ever = self.day.for_ever.get();
        if self.day.policy.on_quota == OnQuota::Stop || is_for_ever {
            let text = self.day.used_up.borrow().clone().unwrap_or_default();
            self.stop.request(if is_for_ever {
                StopReason::ReserveTooLarge(text)
            } else {
                self.stop_for_the_day(&text)
            });
            return false;
        }
        let wait = async {
            let _all = self.day.waiting.lock().await;
            let text = self.day.used_up.borrow().clone();
            // Those who wait together are not told one after the other.
            if let Some(text) = text.filter(|_| !self.stop.is_requested()) {
                self.wait_for_reset(&text).await;
                self.day.begin_anew();
            }
        };
        self.stop.unless_requested(wait).await.is_some()
    }

    async fn wait_for_reset(&self, text: &str) {
        let told = self.ask_for_reset().await;
        let now = Timestamp::now();
        let told = told.or_else(|| self.day.midnight(now));
        let mut wait = told.map_or(ASK_AGAIN, |until| {
            // A time that is over tells nothing.
            Duration::try_from(until.duration_since(now)).unwrap_or_default() + AFTER_RESET
        });
        if self.day.in_vain.get() {
            wait = wait.max(ASK_AGAIN);
        }
        let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        let reason = "the day's quota is used up";
        self.activity.paused(reason, wait, |until| {
            let reset = told.filter(|at| *at > now);
            let reset = reset.map_or_else(String::new, |at| format!(" ({})", resets_at(at)));
            format!("{text}{reset}; waiting until {until:.0} (--on-quota wait)")
        });
        let end = Instant::now() + wait;
        while Instant::now() < end && Timestamp::now() < until {
            let look = end.min(Instant::now() + LOOK_EVERY);
            self.activity.wait_until(look).await;
        }
        info!("the day's quota begins anew");
    }

    /// When HubSpot says that the day's quota begins anew.
    async fn ask_for_reset(&self) -> Option<Timestamp> {
        self.ask_once(Call::Day).await?.told?.day()?.resets_at
    }
}

/// When the day's quota begins anew, in the words of all that speak of it.
#[must_use]
pub fn resets_at(at: Timestamp) -> String {
    format!("it is reset at {at:.0}")
}

fn is_error(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Done { .. } | Verdict::Unsent(_) | Verdict::Unreachable(_) => false,
        Verdict::Each(parts) => parts.iter().all(|part| match part {
            Part::Named | Part::Unnamed => true,
            Part::Done { .. } | Part::Unconfirmed { .. } => false,
        }),
        Verdict::DayUsedUp(_) | Verdict::Outdated(_) | Verdict::Replaced(_) | Verdict::Fatal(_) => {
            true
        }
        Verdict::Refused(failure)
        | Verdict::Transient { failure, .. }
        | Verdict::Throttled { failure, .. }
        | Verdict::NoVerdict(failure) => failure.http_status.is_some_and(|status| status >= 400),
    }
}

/// Whether an answer refused rows, and whether it was a 429.
fn kind_of_error(verdict: &Verdict) -> (bool, bool) {
    match verdict {
        Verdict::Refused(_) | Verdict::Each(_) => (is_error(verdict), false),
        Verdict::Throttled { .. } | Verdict::DayUsedUp(_) => (false, true),
        Verdict::Done { .. }
        | Verdict::Transient { .. }
        | Verdict::Unsent(_)
        | Verdict::Unreachable(_)
        | Verdict::NoVerdict(_)
        | Verdict::Outdated(_)
        | Verdict::Replaced(_)
        | Verdict::Fatal(_) => (false, false),
    }
}

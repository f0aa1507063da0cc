//! What is left of the daily quota, and whether the reserve is reached.

use std::cell::Cell;

use super::policy::DailyReserve;
use crate::{
    api::ReportedQuota,
    caller::{events::CallerEvent, metrics::Metrics},
    stop::UsedUpQuota,
};

/// The daily quota, as far as responses report it.
#[derive(Debug, Default)]
pub(super) struct DayRemaining {
    /// All calls a day, and those that are left once all requests in flight are answered.
    remaining: Cell<Option<(u64, u64)>>,
    under_way: Cell<u64>,
    /// Whether a response reported these numbers, and whether one could have and did not.
    answer_had_quota: Cell<bool>,
    answer_lacked_quota: Cell<bool>,
    unknown_reported: Cell<bool>,
}

/// Why no call may be made without using the reserve.
pub(super) enum ReserveReached {
    Today(UsedUpQuota),
    /// No day's quota is large enough.
    NeverEnough {
        all: u64,
        kept: u64,
    },
}

impl DayRemaining {
    pub(super) fn count_sent(&self) {
        self.under_way.update(|calls| calls + 1);
        let left = self.remaining.get();
        self.remaining
            .set(left.map(|(all, left)| (all, left.saturating_sub(1))));
    }

    /// A response came. `could_tell` says whether it should have reported the quota.
    pub(super) fn record_answer(&self, quota: ReportedQuota, could_tell: bool) {
        self.under_way.update(|calls| calls - 1);
        if let (Some(all), Some(left)) = (quota.daily, quota.daily_remaining) {
            let left = left.saturating_sub(self.under_way.get());
            self.remaining.set(Some((all, left)));
            self.answer_had_quota.set(true);
        } else if could_tell {
            self.answer_lacked_quota.set(true);
        }
    }

    /// A new day has begun. Nothing is known of its quota yet.
    pub(super) fn reset(&self) {
        self.remaining.set(None);
    }

    /// Whether a call would use the reserve.
    pub(super) fn check_reserve(
        &self,
        reserve: DailyReserve,
        metrics: &Metrics,
    ) -> Option<ReserveReached> {
        let Some((all, left)) = self.remaining.get() else {
            // After a reset nothing is known before the next response.
            let is_unknown = self.answer_lacked_quota.get() && !self.answer_had_quota.get();
            if is_unknown && !self.unknown_reported.replace(true) {
                metrics.report(&CallerEvent::ReserveUnknown);
            }
            return None;
        };
        let kept = reserve.reserved_calls(all);
        if kept >= all {
            return Some(ReserveReached::NeverEnough { all, kept });
        }
        (left <= kept).then_some(ReserveReached::Today(UsedUpQuota::AllButReserve {
            left,
            all,
            kept,
        }))
    }
}

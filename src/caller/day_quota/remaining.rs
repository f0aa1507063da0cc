//! What is left of the day's quota, and whether a reserve of it is touched.

use std::cell::Cell;

use super::policy::DailyReserve;
use crate::{
    api::ReportedQuota,
    caller::{events::CallerEvent, metrics::Metrics},
    stop::UsedUpQuota,
};

/// The day's quota, as far as answers tell it.
#[derive(Debug, Default)]
pub(super) struct DayRemaining {
    /// All of it, and what is left once all that is under way is answered.
    remaining: Cell<Option<(u64, u64)>>,
    under_way: Cell<u64>,
    /// Whether an answer has told of these, and whether one that could have did not.
    answer_had_quota: Cell<bool>,
    answer_lacked_quota: Cell<bool>,
    unknown_reported: Cell<bool>,
}

/// Why no call may be made without touching what is left to others.
pub(super) enum ReserveReached {
    Today(UsedUpQuota),
    /// No day's quota is large enough.
    NeverEnough {
        all: u64,
        kept: u64,
    },
}

impl DayRemaining {
    /// A request leaves.
    pub(super) fn count_sent(&self) {
        self.under_way.update(|calls| calls + 1);
        let left = self.remaining.get();
        self.remaining
            .set(left.map(|(all, left)| (all, left.saturating_sub(1))));
    }

    /// Its answer has come; `could_tell` is whether it would have told what is left.
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

    /// A day has begun of which nothing is known.
    pub(super) fn reset(&self) {
        self.remaining.set(None);
    }

    /// Whether a call would touch this reserve.
    pub(super) fn check_reserve(
        &self,
        reserve: DailyReserve,
        metrics: &Metrics,
    ) -> Option<ReserveReached> {
        let Some((all, left)) = self.remaining.get() else {
            // After a reset nothing is known before the next answer.
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

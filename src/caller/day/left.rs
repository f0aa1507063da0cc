//! What is left of the day's quota, and whether a reserve of it is touched.

use std::cell::Cell;

use super::policy::DailyReserve;
use crate::{
    api::ReportedQuota,
    caller::{events::CallerEvent, metrics::Metrics},
    stop::DayUsedUp,
};

/// The day's quota, as far as answers tell it.
#[derive(Debug, Default)]
pub(super) struct DayLeft {
    /// All of it, and what is left once all that is under way is answered.
    left: Cell<Option<(u64, u64)>>,
    under_way: Cell<u64>,
    /// Whether an answer has told of these, and whether one that could have did not.
    is_told: Cell<bool>,
    is_untold: Cell<bool>,
    is_unknown_told: Cell<bool>,
}

/// Why no call may be made without touching what is left to others.
pub(super) enum Touched {
    Today(DayUsedUp),
    /// No day's quota is large enough.
    Always {
        all: u64,
        kept: u64,
    },
}

impl DayLeft {
    /// A request leaves.
    pub(super) fn sent(&self) {
        self.under_way.update(|calls| calls + 1);
        let left = self.left.get();
        self.left
            .set(left.map(|(all, left)| (all, left.saturating_sub(1))));
    }

    /// Its answer has come; `could_tell` is whether it would have told what is left.
    pub(super) fn answered(&self, quota: ReportedQuota, could_tell: bool) {
        self.under_way.update(|calls| calls - 1);
        if let (Some(all), Some(left)) = (quota.daily, quota.daily_remaining) {
            let left = left.saturating_sub(self.under_way.get());
            self.left.set(Some((all, left)));
            self.is_told.set(true);
        } else if could_tell {
            self.is_untold.set(true);
        }
    }

    /// A day has begun of which nothing is known.
    pub(super) fn begin_anew(&self) {
        self.left.set(None);
    }

    /// Whether a call would touch this reserve.
    pub(super) fn touches(&self, reserve: DailyReserve, metrics: &Metrics) -> Option<Touched> {
        let Some((all, left)) = self.left.get() else {
            // After a reset nothing is known before the next answer.
            let is_unknown = self.is_untold.get() && !self.is_told.get();
            if is_unknown && !self.is_unknown_told.replace(true) {
                metrics.report(&CallerEvent::ReserveUnknown);
            }
            return None;
        };
        let kept = reserve.calls(all);
        if kept >= all {
            return Some(Touched::Always { all, kept });
        }
        (left <= kept).then_some(Touched::Today(DayUsedUp::AllButReserve { left, all, kept }))
    }
}

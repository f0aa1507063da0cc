//! The share of the day's responses that are errors. HubSpot wants it to be small.

use std::cell::Cell;

use crate::{
    api::{ItemResult, ReportedQuota, Verdict},
    caller::{
        events::{CallerEvent, ErrorCategory},
        metrics::Metrics,
    },
    http_status::HttpStatus,
};

/// From this share of the day's calls on, errors are reported. HubSpot wants them to stay under 5 %
/// (usage guidelines).
const ERRORS_PER_CENT: u64 = 4;

/// A share means little for fewer calls.
const SHARE_FROM: u64 = 500;

/// The responses of the run.
#[derive(Debug, Default)]
pub(super) struct ErrorRate {
    calls: Cell<u64>,
    errors: Cell<u64>,
    /// How many of the errors refused rows, and how many were 429s.
    refused: Cell<u64>,
    throttled: Cell<u64>,
    is_told: Cell<bool>,
}

impl ErrorRate {
    /// Counts a response. Returns whether it is an error.
    pub(super) fn count(&self, verdict: &Verdict, quota: ReportedQuota, metrics: &Metrics) -> bool {
        self.calls.update(|calls| calls + 1);
        let is_error = is_error(verdict);
        self.errors.update(|errors| errors + u64::from(is_error));
        let (refused, throttled) = kind_of_error(verdict);
        self.refused.update(|n| n + u64::from(refused));
        self.throttled.update(|n| n + u64::from(throttled));
        if is_error {
            self.report_if_high(quota, metrics);
        }
        is_error
    }

    fn report_if_high(&self, quota: ReportedQuota, metrics: &Metrics) {
        let of_all = quota.daily.zip(quota.daily_remaining);
        let of_all = of_all.map_or(0, |(all, left)| all.saturating_sub(left));
        let (calls, errors) = (self.calls.get().max(of_all), self.errors.get());
        if calls >= SHARE_FROM
            && errors * 100 >= calls * ERRORS_PER_CENT
            && !self.is_told.replace(true)
        {
            metrics.report(&CallerEvent::ManyErrors {
                errors,
                calls,
                most_common: self.most_common(),
            });
        }
    }

    fn most_common(&self) -> ErrorCategory {
        let (errors, refused) = (self.errors.get(), self.refused.get());
        if refused * 2 >= errors {
            ErrorCategory::Refused
        } else if self.throttled.get() * 2 >= errors {
            ErrorCategory::Throttled
        } else {
            ErrorCategory::Transient
        }
    }
}

fn is_error(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Done { .. } | Verdict::NotSent(_) | Verdict::ConnectionLost(_) => false,
        Verdict::PerLink(parts) => parts.iter().all(|part| match part {
            ItemResult::NamedAsCause | ItemResult::NotNamed => true,
            ItemResult::Done { .. } | ItemResult::Unconfirmed { .. } => false,
        }),
        Verdict::DayUsedUp(_)
        | Verdict::TokenExpired(_)
        | Verdict::TokenReplaced(_)
        | Verdict::Fatal(_) => true,
        Verdict::Refused(failure)
        | Verdict::Transient { failure, .. }
        | Verdict::Throttled { failure, .. }
        | Verdict::NotFromApi(failure) => failure.http_status.is_some_and(HttpStatus::is_error),
    }
}

/// Whether a response refused rows, and whether it was a 429.
fn kind_of_error(verdict: &Verdict) -> (bool, bool) {
    match verdict {
        Verdict::Refused(_) | Verdict::PerLink(_) => (is_error(verdict), false),
        Verdict::Throttled { .. } | Verdict::DayUsedUp(_) => (false, true),
        Verdict::Done { .. }
        | Verdict::Transient { .. }
        | Verdict::NotSent(_)
        | Verdict::ConnectionLost(_)
        | Verdict::NotFromApi(_)
        | Verdict::TokenExpired(_)
        | Verdict::TokenReplaced(_)
        | Verdict::Fatal(_) => (false, false),
    }
}

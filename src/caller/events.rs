//! Events of a run's calls, as data, and how they are reported.
//!
//! Contains no texts: the functions that report are passed in.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    account::AccountId,
    api::RateClass,
    rate::{Rate, RateLimit},
    row::Failure,
    stop::UsedUpQuota,
};

/// An event to report.
#[derive(Clone, Debug)]
pub enum CallerEvent {
    /// The token belongs to this account.
    AccountKnown(AccountId),
    /// The account could not be found out, and the run goes on.
    AccountUnknown {
        /// The account in which the run began.
        run_account: AccountId,
        /// The reason, if HubSpot gave one.
        why: Option<Failure>,
    },
    /// HubSpot reports another limit than before.
    LimitChanged {
        /// The calls that it limits.
        class: RateClass,
        /// The new limit.
        limit: Rate,
        /// The rate that the user asked for.
        user_rate: Option<Rate>,
    },
    /// A call will be retried.
    RetryScheduled {
        /// When.
        at: Timestamp,
        /// Why.
        why: RetryCause,
    },
    /// Retries wait for the retry budget.
    RetriesQueued(RetryCause),
    /// Batches are split because of this failure.
    BatchesSplit(Failure),
    /// All requests wait.
    Paused {
        /// Until when.
        until: Timestamp,
        /// Why.
        details: PauseDetails,
    },
    /// All requests still wait, and have for this long.
    StillPaused(Pause, Duration),
    /// Nothing gets through.
    Outage(OutageReport),
    /// HubSpot answers again, after this long.
    Recovered(Duration),
    /// Many of the day's responses were errors.
    ManyErrors {
        /// The number of errors.
        errors: u64,
        /// The number of calls.
        calls: u64,
        /// The most common kind of error.
        most_common: ErrorCategory,
    },
    /// HubSpot does not report what is left of the daily quota, so no reserve can be kept.
    ReserveUnknown,
    /// The next day's quota begins.
    DayQuotaReset,
}

/// An outage.
#[derive(Clone, Debug)]
pub struct OutageReport {
    /// Since when nothing has got through.
    pub since: Timestamp,
    /// Until when the run keeps asking HubSpot.
    pub until: Timestamp,
    /// The last failure.
    pub why: Failure,
    /// Whether the outage was reported before.
    pub was_reported: bool,
}

/// Why an operation is retried.
#[derive(Clone, Debug)]
pub enum RetryCause {
    /// This failure.
    Failed(Failure),
    /// The access token was refused, or was replaced meanwhile.
    TokenOutdated,
}

/// Why all requests wait, with the details for the first report.
#[derive(Clone, Debug)]
pub enum PauseDetails {
    /// A rate limit was met.
    Limit(RateLimit),
    /// The daily quota is used up.
    Day {
        /// How much of it.
        used_up: UsedUpQuota,
        /// When the next day's quota begins, if that is known.
        resets_at: Option<Timestamp>,
    },
}

/// Why all requests wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseReason {
    /// A rate limit was met.
    Limit(RateLimit),
    /// The daily quota is used up.
    Day,
}

/// Why nothing is sent, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When sending goes on.
    pub until: Timestamp,
    /// The reason.
    pub reason: PauseReason,
}

impl PauseDetails {
    /// The reason without its details.
    #[must_use]
    pub fn reason(&self) -> PauseReason {
        match self {
            Self::Limit(limit) => PauseReason::Limit(*limit),
            Self::Day { .. } => PauseReason::Day,
        }
    }
}

/// What most errors of a day are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCategory {
    /// Calls that HubSpot refused.
    Refused,
    /// 429s.
    Throttled,
    /// Transient faults.
    Transient,
}

/// The functions that report events and put reasons into words.
#[derive(Clone, Copy, Debug)]
pub struct EventReporter {
    /// Reports an event.
    pub report: fn(&CallerEvent),
    /// Why an operation is retried, in short.
    pub describe_retry: fn(&RetryCause) -> String,
    /// Why all requests wait, in short.
    pub describe_pause: fn(PauseReason) -> &'static str,
}

impl Default for EventReporter {
    /// Reports nothing.
    fn default() -> Self {
        Self {
            report: |_| {},
            describe_retry: |_| String::new(),
            describe_pause: |_| "",
        }
    }
}

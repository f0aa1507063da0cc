//! What happens to the calls of a run and is worth telling, as data; and how it is told.
//!
//! Knows no words: who tells is handed in.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    account::AccountId,
    api::RateClass,
    rate::{Rate, RateLimit},
    row::Failure,
    stop::UsedUpQuota,
};

/// Something to be told.
#[derive(Clone, Debug)]
pub enum CallerEvent {
    /// The token is of this account.
    AccountKnown(AccountId),
    /// Whose it is could not be found out, and the run goes on.
    AccountUnknown {
        /// The account that the run was begun in.
        begun_in: AccountId,
        /// Why, if HubSpot said.
        why: Option<Failure>,
    },
    /// HubSpot tells another limit than before.
    LimitChanged {
        /// Of which calls.
        class: RateClass,
        /// The limit.
        limit: Rate,
        /// The rate that the user wants.
        user_rate: Option<Rate>,
    },
    /// A call is tried again, after a while.
    RetryScheduled {
        /// When.
        at: Timestamp,
        /// Why.
        why: RetryCause,
    },
    /// Retries wait for each other.
    RetriesQueued(RetryCause),
    /// Batches are taken apart because of what they meet.
    BatchesSplit(Failure),
    /// Everybody waits.
    Paused {
        /// Until when.
        until: Timestamp,
        /// What for.
        details: PauseDetails,
    },
    /// Everybody still waits, for so long already.
    StillPaused(Pause, Duration),
    /// Nothing gets through.
    Outage(OutageReport),
    /// HubSpot answers again, after so long.
    Recovered(Duration),
    /// Many answers of the day were errors.
    ManyErrors {
        /// So many.
        errors: u64,
        /// Of so many.
        calls: u64,
        /// What most of them are.
        most_common: ErrorCategory,
    },
    /// What is left of the day's quota is not told, so that no reserve can be kept.
    ReserveUnknown,
    /// The next day's quota begins.
    DayQuotaReset,
}

/// An outage.
#[derive(Clone, Debug)]
pub struct OutageReport {
    /// Since when nothing has got through.
    pub since: Timestamp,
    /// Until when HubSpot is asked whether it is back.
    pub until: Timestamp,
    /// What happened last.
    pub why: Failure,
    /// Whether that was told before.
    pub was_reported: bool,
}

/// Why an operation is tried again.
#[derive(Clone, Debug)]
pub enum RetryCause {
    /// By what happened to it.
    Failed(Failure),
    /// The access token was refused, or replaced meanwhile.
    TokenOutdated,
}

/// What everybody waits for, where that begins.
#[derive(Clone, Debug)]
pub enum PauseDetails {
    /// A limit was met.
    Limit(RateLimit),
    /// The day's quota is used up.
    Day {
        /// What of it is.
        used_up: UsedUpQuota,
        /// When the next day's begins, if that is known.
        resets_at: Option<Timestamp>,
    },
}

/// What everybody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseReason {
    /// A limit was met.
    Limit(RateLimit),
    /// The day's quota is used up.
    Day,
}

/// Why nothing is sent, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When sending goes on.
    pub until: Timestamp,
    /// What for.
    pub reason: PauseReason,
}

impl PauseDetails {
    /// The same without its particulars.
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
    /// Passing faults.
    Transient,
}

/// How it is told: functions of whoever has words.
#[derive(Clone, Copy, Debug)]
pub struct EventReporter {
    /// Tells an event.
    pub report: fn(&CallerEvent),
    /// Why an operation is tried again, in short.
    pub describe_retry: fn(&RetryCause) -> String,
    /// What everybody waits for, in short.
    pub describe_pause: fn(PauseReason) -> &'static str,
}

impl Default for EventReporter {
    /// Tells nothing.
    fn default() -> Self {
        Self {
            report: |_| {},
            describe_retry: |_| String::new(),
            describe_pause: |_| "",
        }
    }
}

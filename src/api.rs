//! The one trait behind which the world begins: a call, and what its answer means.
//!
//! Knows nothing of HTTP, pace or retries; those are behind and before it.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    account::AccountId, association::Association, rate::Rate, row::Failure, stop::StopReason,
};

/// What is asked of the API in one request.
#[derive(Clone, Copy, Debug)]
pub enum Call<'a> {
    /// Make these links stand.
    Create(&'a [Association]),
    /// Which account is this?
    Account,
    /// When does the day's quota begin afresh?
    DayReset,
}

/// Calls that count in the same window of the account's quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// One link a call; also what is not about links.
    Single,
    /// Many links a call.
    Batch,
}

impl Call<'_> {
    /// Which window it counts in.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self::Create([] | [_]) | Self::Account | Self::DayReset => Class::Single,
            Self::Create(_) => Class::Batch,
        }
    }
}

/// What came of one request.
#[derive(Debug)]
pub struct Answer {
    /// What it means for the links of the call, or for the question.
    pub verdict: Verdict,
    /// What the answer said of the account's quota.
    pub quota: Option<Quota>,
    /// What it told to a question.
    pub told: Option<Told>,
}

/// What an answer told to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The account, and its time zone, which its days go by.
    Account(AccountId, Option<TimeZone>),
    /// When the day's quota begins afresh.
    DayReset(Timestamp),
}

impl Answer {
    /// An answer that says nothing else.
    #[must_use]
    pub fn only(verdict: Verdict) -> Self {
        Self {
            verdict,
            quota: None,
            told: None,
        }
    }
}

/// What one attempt means for the links of its call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of them stand.
    Done {
        /// The status that said so.
        http_status: u16,
    },
    /// They stood before.
    Already,
    /// The server refused them for good.
    Refused(Failure),
    /// Of several links each has its own, in the order of the call.
    Each(Vec<Part>),
    /// A passing fault: try again, but not before `wait`.
    Transient {
        /// What happened.
        failure: Failure,
        /// The shortest wait that the server asks for.
        wait: Duration,
    },
    /// Too many requests: everybody has to wait.
    Throttled {
        /// What happened.
        failure: Failure,
        /// Which limit it was.
        limit: Limit,
        /// The wait that the server asks for, if it said a sane one.
        wait: Option<Duration>,
    },
    /// The account's quota of the day is used up.
    DayUsedUp(Failure),
    /// The server was never reached, or the connection broke.
    Unreachable(Failure),
    /// The answer is not the API's: it says nothing about the link.
    NoVerdict(Failure),
    /// What proved our right is out of date, and another proof is to be had:
    /// try again. If that goes on and on, this is why the run has to stop.
    Outdated(StopReason),
    /// The same, and the token that replaced it may be another account's.
    Replaced(StopReason),
    /// No request will fare better: the run has to stop.
    Fatal(StopReason),
}

/// What an answer to several links means for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Nothing was written because of some link of the call, and the answer
    /// names this one.
    Named,
    /// Nothing was written because of some link of the call; not because of
    /// this one, as far as the answer says.
    Unnamed,
}

/// Which limit a request ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// So many requests in any ten seconds; also an unknown limit.
    Window,
    /// So many requests a second.
    Second,
    /// The whole account is away for a while (moved between data centres).
    Account,
}

/// What an answer reported of the account's quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Calls allowed in any window of so long a time.
    pub window: Option<Rate>,
    /// Calls left in the window that ended with this one.
    pub window_remaining: Option<u32>,
    /// Calls allowed a day.
    pub daily: Option<u64>,
    /// Calls left today.
    pub daily_remaining: Option<u64>,
}

/// Whoever can carry out a call: HubSpot over HTTP, or a script in a test.
pub trait Api {
    /// One attempt; every way in which it can go wrong is a verdict.
    fn call(&self, call: Call<'_>) -> impl Future<Output = Answer>;

    /// Whether a call has what it needs besides (an access token), and could
    /// leave at once.
    fn is_ready(&self) -> bool {
        true
    }

    /// Gets what a call needs besides, also ahead of time; else what an attempt
    /// comes to without it. Not paced, and not counted as a call.
    fn prepare(&self) -> impl Future<Output = Result<(), Verdict>> {
        std::future::ready(Ok(()))
    }
}

//! The one trait behind which the world begins: a call, and what its answer means.
//!
//! Knows nothing of HTTP, pace or retries; those are behind and before it.

use std::time::Duration;

use crate::{account::AccountId, association::Association, row::Failure, stop::StopReason};

/// What is asked of the API in one request.
#[derive(Clone, Copy, Debug)]
pub enum Call<'a> {
    /// Make these links stand.
    Create(&'a [Association]),
    /// Which account is this?
    Account,
}

/// What came of one request.
#[derive(Debug)]
pub struct Answer {
    /// One verdict for each association of the call, in its order; of a
    /// question one.
    pub verdicts: Vec<Verdict>,
    /// What the answer said of the account's quota.
    pub quota: Option<Quota>,
    /// The account that it told of.
    pub account: Option<AccountId>,
}

impl Answer {
    /// An answer to a call of one association that says nothing else.
    #[must_use]
    pub fn only(verdict: Verdict) -> Self {
        Self {
            verdicts: vec![verdict],
            quota: None,
            account: None,
        }
    }
}

/// What one attempt means for one association.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The link stands.
    Done {
        /// The status that said so.
        http_status: u16,
    },
    /// It stood before.
    Already,
    /// The server refused it for good.
    Refused(Failure),
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

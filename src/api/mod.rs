//! The one trait behind which the world begins: a call, and what its answer means.
//!
//! Knows nothing of HTTP, pace or retries; those are behind and before it.

mod class;
mod link_query;

pub use class::{PerClass, RateClass};
pub use link_query::{LinkPage, LinkQuery, PairAssociations};

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    account::AccountDetails,
    association::{AdminLimit, AssociationType, Definition, RecordId, WriteRequest},
    http_status::HttpStatus,
    rate::{Rate, RateLimit},
    row::Failure,
    stop::StopReason,
};

/// What is asked of the API in one request.
#[derive(Clone, Copy, Debug)]
pub enum Operation<'a> {
    /// Make these links stand.
    Create(&'a [WriteRequest]),
    /// Take these links away.
    Remove(&'a [WriteRequest]),
    /// Which of these links stand?
    Read(&'a LinkQuery),
    /// What ids do these records of one object type have today?
    Records(&'a str, &'a [RecordId]),
    /// Which labels are there, from one object type to another?
    Labels(&'a str, &'a str),
    /// What do administrators allow a record to have so many of?
    Limits,
    /// Which account is this?
    Account,
    /// How much of the day's quota is used, and when does it begin afresh?
    Day,
    /// What may the token be used for?
    Scopes,
}

impl Operation<'_> {
    /// Whether it is about links, so that its answer tells what is left of the day's quota.
    #[must_use]
    pub fn is_about_links(self) -> bool {
        match self {
            Self::Create(_) | Self::Remove(_) | Self::Read(_) => true,
            Self::Records(..)
            | Self::Labels(..)
            | Self::Limits
            | Self::Account
            | Self::Day
            | Self::Scopes => false,
        }
    }

    /// In which window it counts where only writes of several links are batches.
    #[must_use]
    pub fn class_by_size(self) -> RateClass {
        match self {
            Self::Create([_, _, ..]) | Self::Remove([_, _, ..]) => RateClass::Batch,
            Self::Create(_)
            | Self::Remove(_)
            | Self::Read(_)
            | Self::Records(..)
            | Self::Labels(..)
            | Self::Limits
            | Self::Account
            | Self::Day
            | Self::Scopes => RateClass::Single,
        }
    }
}

/// The calls that are about links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkOperation {
    /// Make them stand.
    Create,
    /// Take them away.
    Remove,
    /// Find out whether they stand.
    Read,
    /// Find out which records they are between.
    Identify,
}

/// Orders of one group may be in one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BatchGroup {
    /// The object types of both ends, where a call is about one pair of them.
    pub types: Option<(&'static str, &'static str)>,
    /// The question, where a call asks one.
    pub query: Option<(RecordId, Definition)>,
    /// Whether other links of the pair are left.
    pub keeps_other_types: bool,
}

/// What came of one request.
#[derive(Debug)]
pub struct ApiResponse {
    /// What it means for the links of the call, or for the question.
    pub verdict: Verdict,
    /// What the answer said of the account's quota.
    pub quota: Option<ReportedQuota>,
    /// What it told to a question.
    pub payload: Option<ResponsePayload>,
    /// The time on the server's clock; not looked at where links are the matter.
    pub server_time: Option<Timestamp>,
}

/// What an answer told to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponsePayload {
    /// The account, and what else is to be known of it.
    Account(AccountDetails),
    /// How the day's quota is used.
    Day(DayUsage),
    /// What the token may be used for, in HubSpot's words.
    Scopes(Vec<String>),
    /// Which links stand.
    Links(LinkPage),
    /// Ids of records, and those that the same records have today.
    Records(Vec<(RecordId, RecordId)>),
    /// The types of links between two object types, and their labels.
    Labels(Vec<(AssociationType, Option<String>)>),
    /// How many an administrator allows, of each type that is limited.
    Limits(Vec<AdminLimit>),
}

impl ResponsePayload {
    /// What is told of the account.
    #[must_use]
    pub fn account(&self) -> Option<&AccountDetails> {
        let Self::Account(details) = self else {
            return None;
        };
        Some(details)
    }

    /// What is told of the day's quota.
    #[must_use]
    pub fn day(&self) -> Option<DayUsage> {
        let Self::Day(day) = self else {
            return None;
        };
        Some(*day)
    }

    /// The page of associations that is told.
    #[must_use]
    pub fn into_links(self) -> Option<LinkPage> {
        let Self::Links(page) = self else {
            return None;
        };
        Some(page)
    }

    /// The ids of records that are told.
    #[must_use]
    pub fn into_records(self) -> Option<Vec<(RecordId, RecordId)>> {
        let Self::Records(records) = self else {
            return None;
        };
        Some(records)
    }

    /// The types and labels that are told.
    #[must_use]
    pub fn into_labels(self) -> Option<Vec<(AssociationType, Option<String>)>> {
        let Self::Labels(labels) = self else {
            return None;
        };
        Some(labels)
    }

    /// The limits that are told.
    #[must_use]
    pub fn into_limits(self) -> Option<Vec<AdminLimit>> {
        let Self::Limits(limits) = self else {
            return None;
        };
        Some(limits)
    }
}

/// How the day's quota of an account is used, as far as it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayUsage {
    /// Calls allowed a day, and those made today.
    pub calls: Option<(u64, u64)>,
    /// When it begins afresh.
    pub resets_at: Option<Timestamp>,
}

impl ApiResponse {
    /// An answer that says nothing else.
    #[must_use]
    pub fn from_verdict(verdict: Verdict) -> Self {
        Self {
            verdict,
            quota: None,
            payload: None,
            server_time: None,
        }
    }
}

/// What one attempt means for the links of its call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of them stand.
    Done {
        /// The status that said so.
        http_status: HttpStatus,
    },
    /// The server refused them for good.
    Refused(Failure),
    /// Of several links each has its own, in the order of the call.
    PerLink(Vec<ItemResult>),
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
        limit: RateLimit,
        /// The wait that the server asks for, if it said a sane one.
        wait: Option<Duration>,
    },
    /// The account's quota of the day is used up.
    DayUsedUp(Failure),
    /// There was no connection, so that the request never left.
    NotSent(Failure),
    /// The request left, and the connection broke or was silent.
    ConnectionLost(Failure),
    /// The answer is not the API's: it says nothing about the link.
    NotFromApi(Failure),
    /// What proved our right is out of date, and another proof is to be had:
    /// try again. If that goes on and on, this is why the run has to stop.
    TokenExpired(StopReason),
    /// The same, and the token that replaced it may be another account's.
    TokenReplaced(StopReason),
    /// No request will fare better: the run has to stop.
    Fatal(StopReason),
}

impl Verdict {
    /// Shows every text that may quote an answer.
    pub fn visit_quoted_texts(&mut self, mut see: impl FnMut(&mut String)) {
        match self {
            Self::Refused(failure)
            | Self::Transient { failure, .. }
            | Self::Throttled { failure, .. }
            | Self::DayUsedUp(failure)
            | Self::ConnectionLost(failure)
            | Self::NotSent(failure)
            | Self::NotFromApi(failure) => failure.detail.visit_quoted_texts(&mut see),
            Self::Done { .. }
            | Self::PerLink(_)
            | Self::TokenExpired(_)
            | Self::TokenReplaced(_)
            | Self::Fatal(_) => {}
        }
    }

    /// Whether a call that writes may have written: unless it never left, or the server said
    /// that it was not dealt with, be it by a redirect or a page.
    #[must_use]
    pub fn may_have_written(&self) -> bool {
        match self {
            Self::Done { .. }
            | Self::PerLink(_)
            | Self::Transient { .. }
            | Self::ConnectionLost(_) => true,
            Self::NotFromApi(failure) => failure
                .http_status
                .is_none_or(|status| !(300..500).contains(&status.get())),
            Self::Refused(_)
            | Self::Throttled { .. }
            | Self::DayUsedUp(_)
            | Self::NotSent(_)
            | Self::TokenExpired(_)
            | Self::TokenReplaced(_)
            | Self::Fatal(_) => false,
        }
    }

    /// What happened, where it is about the call and not about the run.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Refused(failure)
            | Self::Transient { failure, .. }
            | Self::Throttled { failure, .. }
            | Self::DayUsedUp(failure)
            | Self::NotSent(failure)
            | Self::ConnectionLost(failure)
            | Self::NotFromApi(failure) => Some(failure),
            Self::Done { .. }
            | Self::PerLink(_)
            | Self::TokenExpired(_)
            | Self::TokenReplaced(_)
            | Self::Fatal(_) => None,
        }
    }
}

/// What an answer to several links means for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemResult {
    /// It is done.
    Done {
        /// The status that said so.
        http_status: HttpStatus,
    },
    /// The answer is one of success, and does not tell that it is done.
    Unconfirmed {
        /// The status that said so.
        http_status: HttpStatus,
        /// Whether HubSpot is still at it, so that it is early to look.
        is_pending: bool,
    },
    /// Nothing was written for it, and the answer names it as the cause.
    NamedAsCause,
    /// Nothing was written for it; not because of itself, as far as the answer
    /// says.
    NotNamed,
}

/// What an answer reported of the account's quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportedQuota {
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
    /// In which window a call counts.
    fn class(&self, operation: Operation<'_>) -> RateClass {
        operation.class_by_size()
    }

    /// Links in one such call at most, where so many rows in a call are wanted.
    fn max_links(&self, operation: LinkOperation, rows: usize) -> usize {
        match operation {
            LinkOperation::Create | LinkOperation::Remove => rows,
            LinkOperation::Read | LinkOperation::Identify => 1,
        }
    }

    /// With which others an order may be in one such call.
    fn batch_group(&self, _operation: LinkOperation, _order: &WriteRequest) -> BatchGroup {
        BatchGroup::default()
    }

    /// Whether an answer about associations names the records that it is about.
    fn names_records(&self) -> bool {
        true
    }

    /// Whether a write replaces what else stands between its two records, so
    /// that this has to be known before.
    fn replaces(&self) -> bool {
        false
    }

    /// One attempt; every way in which it can go wrong is a verdict.
    fn execute(&self, operation: Operation<'_>) -> impl Future<Output = ApiResponse>;

    /// The same over a connection that nothing has gone over before: where one
    /// broke or was silent, others that are kept may be as dead.
    fn execute_on_new_connection(
        &self,
        operation: Operation<'_>,
    ) -> impl Future<Output = ApiResponse> {
        self.execute(operation)
    }

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

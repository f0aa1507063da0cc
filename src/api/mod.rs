//! The trait for HubSpot's API: operations, and what a response means.
//!
//! Knows nothing about HTTP (below it), nor about rate limits and retries (above it).

mod class;
mod identified_record;
mod key_query;
mod link_query;
mod payload;
mod property_details;

pub use class::{PerClass, RateClass};
pub use identified_record::IdentifiedRecord;
pub use key_query::{FailedKeys, KeyPage, KeyQuery, KeyedRecord};
pub use link_query::{LinkPage, LinkQuery, PairAssociations};
pub use payload::{DayUsage, ResponsePayload};
pub use property_details::{PropertyDetails, PropertyQuery};

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    association::{Definition, LinkRequest, RecordId},
    code::Code,
    http_status::HttpStatus,
    rate::{Rate, RateLimit},
    row::Failure,
    stop::StopReason,
};

/// One operation of the API, sent as one request.
#[derive(Clone, Copy, Debug)]
pub enum Operation<'a> {
    /// Create these links.
    Create(&'a [LinkRequest]),
    /// Remove these links.
    Remove(&'a [LinkRequest]),
    /// Read which of these links exist.
    Read(&'a LinkQuery),
    /// Read the current ids of these records of one object type.
    Records(&'a str, &'a [RecordId]),
    /// Read the records that have these values of a property.
    ReadByKey(&'a KeyQuery),
    /// Search for the records that have these values of a property.
    SearchByKey(&'a KeyQuery),
    /// Read the properties of an object type.
    Properties(PropertyQuery<'a>),
    /// Read the labels from one object type to another.
    Labels(&'a str, &'a str),
    /// Read the limits that administrators have set on associations.
    Limits,
    /// Read which account the token belongs to.
    Account,
    /// Read how much of the daily quota is used, and when it resets.
    Day,
    /// Read the scopes of the token.
    Scopes,
}

impl Operation<'_> {
    /// Whether it is about links. Only responses to such operations report what is left of the
    /// daily quota.
    #[must_use]
    pub fn is_about_links(self) -> bool {
        match self {
            Self::Create(_) | Self::Remove(_) | Self::Read(_) => true,
            Self::Records(..)
            | Self::ReadByKey(_)
            | Self::SearchByKey(_)
            | Self::Properties(_)
            | Self::Labels(..)
            | Self::Limits
            | Self::Account
            | Self::Day
            | Self::Scopes => false,
        }
    }

    /// Whether it creates or removes links.
    #[must_use]
    pub fn writes(self) -> bool {
        matches!(self, Self::Create(_) | Self::Remove(_))
    }

    /// The class for an API in which only writes of several links count as batches, and searches by
    /// themselves.
    #[must_use]
    pub fn class_by_size(self) -> RateClass {
        match self {
            Self::Create([_, _, ..]) | Self::Remove([_, _, ..]) => RateClass::Batch,
            Self::SearchByKey(_) => RateClass::Search,
            Self::Create(_)
            | Self::Remove(_)
            | Self::Read(_)
            | Self::Records(..)
            | Self::ReadByKey(_)
            | Self::Properties(_)
            | Self::Labels(..)
            | Self::Limits
            | Self::Account
            | Self::Day
            | Self::Scopes => RateClass::Single,
        }
    }
}

/// Operations on links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkOperation {
    /// Create links.
    Create,
    /// Remove links.
    Remove,
    /// Read whether links exist.
    Read,
    /// Find the current ids of their records.
    Identify,
}

/// Requests of the same group can share one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BatchGroup {
    /// The object types of both ends, if a call can have only one pair of types.
    pub types: Option<(&'static str, &'static str)>,
    /// The record and definition, if a call can read only one of them.
    pub query: Option<(RecordId, Definition)>,
    /// Whether other links of the pair are kept.
    pub keeps_other_types: bool,
}

/// The result of one request.
#[derive(Debug)]
pub struct ApiResponse {
    /// What the response means for the operation.
    pub verdict: Verdict,
    /// What the response reports about the account's quota.
    pub quota: Option<ReportedQuota>,
    /// The data of the response, if the operation reads something.
    pub payload: Option<ResponsePayload>,
    /// The time on the server's clock. It is not parsed for operations on links.
    pub server_time: Option<Timestamp>,
}

impl ApiResponse {
    /// A response that contains only a verdict.
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

/// What one attempt means for the links of its operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of them are done.
    Done {
        /// The status of the response.
        http_status: HttpStatus,
    },
    /// The server refused them permanently.
    Refused(Failure),
    /// Each of several links has its own result, in the order of the operation.
    PerLink(Vec<ItemResult>),
    /// A temporary error: retry, but not before `wait`.
    Transient {
        /// What happened.
        failure: Failure,
        /// The shortest wait that the server asked for.
        wait: Duration,
    },
    /// Too many requests: all calls have to wait.
    Throttled {
        /// What happened.
        failure: Failure,
        /// The limit that was exceeded.
        limit: RateLimit,
        /// The wait that the server asked for, if it was a plausible one.
        wait: Option<Duration>,
    },
    /// The daily quota of the account is used up.
    DayUsedUp(Failure),
    /// No connection could be made, so the request was not sent.
    NotSent(Failure),
    /// The request was sent, but the connection broke or timed out.
    ConnectionLost(Failure),
    /// The response does not come from the API, so it says nothing about the link.
    NotFromApi(Failure),
    /// The access token expired and a new one is available: retry. If this repeats too often, the
    /// run stops for this reason.
    TokenExpired(StopReason),
    /// The access token was replaced by one that may belong to another account: check, then retry.
    TokenReplaced(StopReason),
    /// No other request can succeed: the run has to stop.
    Fatal(StopReason),
}

impl Verdict {
    /// Whether it is a 429. An account that is being moved is throttled with another code.
    #[must_use]
    pub fn is_too_many_requests(&self) -> bool {
        matches!(
            self,
            Self::Throttled { failure, .. } | Self::DayUsedUp(failure)
                if failure.code == Code::RateLimited
        )
    }

    /// Calls `see` with every text that may quote the response.
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

    /// Whether a write may have taken effect. It has not if the request was not sent, or if the
    /// response (a refusal, a redirect, an error page) shows that it was not processed.
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

    /// The failure, if the verdict is about this call and not about the run.
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

/// What a response to several links means for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemResult {
    /// The link is done.
    Done {
        /// The status of the response.
        http_status: HttpStatus,
    },
    /// The response is a success, but does not confirm this link.
    Unconfirmed {
        /// The status of the response.
        http_status: HttpStatus,
        /// Whether HubSpot is still processing it, so that it is too early to read it back.
        is_pending: bool,
    },
    /// Nothing was written for it, and the response names it as the cause.
    NamedAsCause,
    /// Nothing was written for it, and the response does not name it as a cause.
    NotNamed,
}

/// What a response reports about the account's quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportedQuota {
    /// The limit of the rolling window.
    pub window: Option<Rate>,
    /// Calls left in the window that ends with this call.
    pub window_remaining: Option<u32>,
    /// Calls allowed per day.
    pub daily: Option<u64>,
    /// Calls left today.
    pub daily_remaining: Option<u64>,
}

/// Executes operations: HubSpot over HTTP, or a script in a test.
pub trait Api {
    /// The class in which an operation counts.
    fn class(&self, operation: Operation<'_>) -> RateClass {
        operation.class_by_size()
    }

    /// The most links that one call can have, if the caller wants `rows` of them.
    fn max_links(&self, operation: LinkOperation, rows: usize) -> usize {
        match operation {
            LinkOperation::Create | LinkOperation::Remove => rows,
            LinkOperation::Read | LinkOperation::Identify => 1,
        }
    }

    /// The group of a request: requests of the same group can share one call.
    fn batch_group(&self, _operation: LinkOperation, _request: &LinkRequest) -> BatchGroup {
        BatchGroup::default()
    }

    /// Whether responses with associations name the records that they are about.
    fn names_records(&self) -> bool {
        true
    }

    /// Whether a write replaces all other types between its two records, so that they have to be
    /// read first.
    fn replaces_types(&self) -> bool {
        false
    }

    /// Makes one attempt. Every error is part of the verdict.
    fn execute(&self, operation: Operation<'_>) -> impl Future<Output = ApiResponse>;

    /// Makes one attempt over a new connection. After one connection broke or timed out, the other
    /// pooled ones may be dead as well.
    fn execute_on_new_connection(
        &self,
        operation: Operation<'_>,
    ) -> impl Future<Output = ApiResponse> {
        self.execute(operation)
    }

    /// Whether a call could be sent at once: an access token is available.
    fn is_ready(&self) -> bool {
        true
    }

    /// Gets an access token if one is needed, also ahead of time. The error is the verdict of an
    /// attempt without a token. This is not rate-limited and does not count as a call.
    fn prepare(&self) -> impl Future<Output = Result<(), Verdict>> {
        std::future::ready(Ok(()))
    }
}

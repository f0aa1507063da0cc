//! What the sandbox received and did: counts and, if wanted, a list of requests.
//!
//! Only counts and lists; it decides nothing.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use axum::http::StatusCode;

use super::{endpoint::SandboxEndpoint, request::ParsedRequest, request_kind::RequestKind};
use crate::association::Association;

/// Counts since the start.
#[derive(Clone, Debug, Default)]
pub struct RequestLog {
    /// Requests that arrived completely.
    pub requests: u64,
    /// Counts by kind of request.
    pub counts: RequestTotals,
    /// Counts by kind of response.
    pub responses: ResponseCounts,
    /// Created associations, including repeated ones and those whose answer was then lost, but not
    /// those that were answered without being written.
    pub applied: u64,
    /// Access tokens granted by OAuth, including those whose answer was then lost.
    pub tokens: u64,
    /// The first associations that arrived, at most [`max_logged`].
    ///
    /// [`max_logged`]: super::SandboxOptions::max_logged
    pub associations: Vec<LoggedAssociation>,
    /// The requests of those associations, in order.
    pub calls: Vec<LoggedCall>,
}

/// Requests by kind, including those with a fault.
#[derive(Clone, Debug, Default)]
pub struct RequestTotals {
    /// Requests for the account's details.
    pub accounts: u64,
    /// Requests for the usage of the daily quota.
    pub usages: u64,
    /// Requests that read links.
    pub reads: u64,
    /// Requests that read records, by id or by another key.
    pub records: u64,
    /// Requests that search records.
    pub searches: u64,
    /// Requests for properties of an object type.
    pub properties: u64,
    /// Requests that remove links or labels of links.
    pub removes: u64,
    /// Requests for the labels between two object types.
    pub labels: u64,
    /// Requests for the limits that administrators set.
    pub limits: u64,
}

/// How requests were answered.
#[derive(Clone, Debug, Default)]
pub struct ResponseCounts {
    /// Answers by status.
    pub statuses: BTreeMap<StatusCode, u64>,
    /// Connections reset on purpose.
    pub resets: u64,
    /// Requests left without an answer.
    pub silences: u64,
}

/// One logged request.
#[derive(Clone, Debug)]
pub struct LoggedCall {
    /// Its number, from 1.
    pub request: u64,
    /// When it had arrived.
    pub at: Instant,
    /// Whether it counts in the window of batch calls.
    pub batch: bool,
    /// How many associations it asks for, as far as that could be parsed; for removals, how many
    /// pairs.
    pub associations: usize,
    /// The status of the answer; `None` if there was none.
    pub status: Option<StatusCode>,
    /// Whether at least part of it was applied.
    pub applied: bool,
    /// The ids or keys of the records that it asks for, if it asks for several.
    pub keys: Arc<[String]>,
}

/// One association of a request, or the request itself if it has none.
#[derive(Clone, Copy, Debug)]
pub struct LoggedAssociation {
    /// The request's number, from 1. The associations of a batch share it.
    pub request: u64,
    /// When the request had arrived.
    pub at: Instant,
    /// The association, if it could be parsed; the first one if a pair has several types.
    pub association: Option<Association>,
    /// The status of the answer; `None` if there was none.
    pub status: Option<StatusCode>,
    /// Whether it was applied.
    pub applied: bool,
}

impl RequestTotals {
    pub(super) fn count(&mut self, request: &ParsedRequest<'_>) {
        self.accounts += u64::from(request.is_for(&SandboxEndpoint::Account));
        self.usages += u64::from(request.is_for(&SandboxEndpoint::Usage));
        match request.kind() {
            RequestKind::ReadLinks => self.reads += 1,
            RequestKind::ReadRecords => self.records += 1,
            RequestKind::Search => self.searches += 1,
            RequestKind::Properties => self.properties += 1,
            RequestKind::Remove => self.removes += 1,
            RequestKind::Labels => self.labels += 1,
            RequestKind::Limits => self.limits += 1,
            RequestKind::Create | RequestKind::Other => {}
        }
    }
}

impl ResponseCounts {
    pub(super) fn count(&mut self, end: RequestEnd) {
        match end {
            RequestEnd::Status(status) => *self.statuses.entry(status).or_default() += 1,
            RequestEnd::Reset => self.resets += 1,
            RequestEnd::NoResponse => self.silences += 1,
        }
    }

    /// The number of answers with this status.
    #[must_use]
    pub fn with_status(&self, status: StatusCode) -> u64 {
        self.statuses.get(&status).copied().unwrap_or(0)
    }
}

impl RequestLog {
    /// Counts a request and its kind.
    pub(super) fn count(&mut self, request: &ParsedRequest<'_>) {
        self.requests += 1;
        self.counts.count(request);
    }

    /// Logs a request and its associations, up to the limit.
    pub(super) fn push(
        &mut self,
        limit: usize,
        call: LoggedCall,
        links: impl ExactSizeIterator<Item = (Option<Association>, bool)>,
    ) {
        let LoggedCall {
            request,
            at,
            status,
            applied: is_applied,
            ..
        } = call;
        let logged = |(association, applied)| LoggedAssociation {
            request,
            at,
            association,
            status,
            applied,
        };
        let room = limit.saturating_sub(self.associations.len());
        if room == 0 {
            return;
        }
        self.calls.push(call);
        let whole = (links.len() == 0).then_some((None, is_applied));
        let entries = links.chain(whole).map(logged).take(room);
        self.associations.extend(entries);
    }

    /// The request with this number, if it was logged.
    #[must_use]
    pub fn call(&self, request: u64) -> Option<&LoggedCall> {
        let index = self
            .calls
            .binary_search_by_key(&request, |call| call.request);
        index.ok().map(|index| &self.calls[index])
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum RequestEnd {
    Status(StatusCode),
    Reset,
    NoResponse,
}

impl RequestEnd {
    pub(super) fn status(self) -> Option<StatusCode> {
        match self {
            Self::Status(status) => Some(status),
            Self::Reset | Self::NoResponse => None,
        }
    }
}

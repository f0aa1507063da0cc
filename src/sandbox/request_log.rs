//! What the sandbox saw and did, for those who run it: counts, and on request
//! a list of arrivals.
//!
//! Counts and lists; it decides nothing.

use std::{collections::BTreeMap, time::Instant};

use axum::http::StatusCode;

use super::{endpoint::SandboxEndpoint, request::ParsedRequest, request_kind::RequestKind};
use crate::association::Association;

/// Counts since the start.
#[derive(Clone, Debug, Default)]
pub struct RequestLog {
    /// Requests that arrived whole.
    pub requests: u64,
    /// What they asked for.
    pub counts: RequestTotals,
    /// How they ended.
    pub responses: ResponseCounts,
    /// Associations that were created, repeats included; also those whose
    /// answer was then lost, but not those that were answered and not written.
    pub applied: u64,
    /// Access tokens granted by OAuth; also those whose answer was then lost.
    pub tokens: u64,
    /// The first arrivals, as many as [`max_logged`] says.
    ///
    /// [`max_logged`]: super::SandboxOptions::max_logged
    pub associations: Vec<LoggedAssociation>,
    /// The requests of those arrivals, in order.
    pub calls: Vec<LoggedCall>,
}

/// Requests by what they ask for; also those that met a fault.
#[derive(Clone, Debug, Default)]
pub struct RequestTotals {
    /// Questions for the account.
    pub accounts: u64,
    /// Questions for the use of the day's quota.
    pub usages: u64,
    /// Requests that read links.
    pub reads: u64,
    /// Requests that read records.
    pub records: u64,
    /// Requests that remove links or labels of links.
    pub removes: u64,
    /// Questions for the labels of two object types.
    pub labels: u64,
    /// Questions for the limits that administrators have set.
    pub limits: u64,
}

/// How requests ended.
#[derive(Clone, Debug, Default)]
pub struct ResponseCounts {
    /// Answers by status.
    pub statuses: BTreeMap<StatusCode, u64>,
    /// Connections reset on purpose.
    pub resets: u64,
    /// Requests left without an answer.
    pub silences: u64,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct LoggedCall {
    /// Its number, from 1.
    pub request: u64,
    /// When it had arrived.
    pub at: Instant,
    /// Whether it counts in the window of batch calls.
    pub batch: bool,
    /// How many associations it asks for, so far as that could be read; of
    /// removes how many pairs.
    pub associations: usize,
    /// The status answered; `None` if there was no answer.
    pub status: Option<StatusCode>,
    /// Whether it was carried out, or a part of it.
    pub applied: bool,
}

/// One association of one request (or the request itself, if it has none).
#[derive(Clone, Copy, Debug)]
pub struct LoggedAssociation {
    /// The request's number, from 1; a batch has many arrivals of one number.
    pub request: u64,
    /// When the request had arrived.
    pub at: Instant,
    /// What it asks for, if that could be read; of several types for one pair
    /// the first.
    pub association: Option<Association>,
    /// The status answered; `None` if there was no answer.
    pub status: Option<StatusCode>,
    /// Whether it was carried out.
    pub applied: bool,
}

impl RequestTotals {
    pub(super) fn count(&mut self, request: &ParsedRequest<'_>) {
        self.accounts += u64::from(request.is_for(&SandboxEndpoint::Account));
        self.usages += u64::from(request.is_for(&SandboxEndpoint::Usage));
        match request.kind() {
            RequestKind::ReadLinks => self.reads += 1,
            RequestKind::ReadRecords => self.records += 1,
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

    /// How many answers had this status.
    #[must_use]
    pub fn with_status(&self, status: StatusCode) -> u64 {
        self.statuses.get(&status).copied().unwrap_or(0)
    }
}

impl RequestLog {
    /// Counts a request that arrived, and what it asks for.
    pub(super) fn count(&mut self, request: &ParsedRequest<'_>) {
        self.requests += 1;
        self.counts.count(request);
    }

    /// Notes a request and its arrivals, so far as there is room.
    pub(super) fn push(
        &mut self,
        limit: usize,
        call: LoggedCall,
        links: impl ExactSizeIterator<Item = (Option<Association>, bool)>,
    ) {
        let logged = |(association, applied)| LoggedAssociation {
            request: call.request,
            at: call.at,
            association,
            status: call.status,
            applied,
        };
        let room = limit.saturating_sub(self.associations.len());
        if room == 0 {
            return;
        }
        self.calls.push(call);
        let whole = (links.len() == 0).then_some((None, call.applied));
        let entries = links.chain(whole).map(logged).take(room);
        self.associations.extend(entries);
    }

    /// The request of this number, if it was noted.
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

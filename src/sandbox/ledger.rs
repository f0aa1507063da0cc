//! What the sandbox saw and did, for those who run it: counts, and on request
//! a list of arrivals.
//!
//! Counts and lists; it decides nothing.

use std::{collections::BTreeMap, time::Instant};

use axum::http::StatusCode;

use super::{deed::Deed, endpoint::Endpoint, request::Request};
use crate::association::Association;

/// Counts since the start.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Requests that arrived whole.
    pub requests: u64,
    /// What they asked for.
    pub asked: Deeds,
    /// How they ended.
    pub ends: Ends,
    /// Associations that were created, repeats included; also those whose
    /// answer was then lost, but not those that were answered and not written.
    pub applied: u64,
    /// Access tokens granted by OAuth; also those whose answer was then lost.
    pub tokens: u64,
    /// The first arrivals, as many as [`record_limit`] says.
    ///
    /// [`record_limit`]: super::SandboxOptions::record_limit
    pub arrivals: Vec<Arrival>,
    /// The requests of those arrivals, in order.
    pub calls: Vec<Call>,
}

/// Requests by what they ask for; also those that met a fault.
#[derive(Clone, Debug, Default)]
pub struct Deeds {
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
pub struct Ends {
    /// Answers by status.
    pub statuses: BTreeMap<StatusCode, u64>,
    /// Connections reset on purpose.
    pub resets: u64,
    /// Requests left without an answer.
    pub silences: u64,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Call {
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
pub struct Arrival {
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

impl Deeds {
    pub(super) fn count(&mut self, request: &Request<'_>) {
        self.accounts += u64::from(request.asks_for(&Endpoint::Account));
        self.usages += u64::from(request.asks_for(&Endpoint::Usage));
        match request.deed() {
            Deed::Read => self.reads += 1,
            Deed::Record => self.records += 1,
            Deed::Remove => self.removes += 1,
            Deed::Labels => self.labels += 1,
            Deed::Limits => self.limits += 1,
            Deed::Create | Deed::Other => {}
        }
    }
}

impl Ends {
    pub(super) fn count(&mut self, answered: Answered) {
        match answered {
            Answered::With(status) => *self.statuses.entry(status).or_default() += 1,
            Answered::ByReset => self.resets += 1,
            Answered::Never => self.silences += 1,
        }
    }

    /// How many answers had this status.
    #[must_use]
    pub fn answered(&self, status: StatusCode) -> u64 {
        self.statuses.get(&status).copied().unwrap_or(0)
    }
}

impl Ledger {
    /// Counts a request that arrived, and what it asks for.
    pub(super) fn arrived(&mut self, request: &Request<'_>) {
        self.requests += 1;
        self.asked.count(request);
    }

    /// Notes a request and its arrivals, so far as there is room.
    pub(super) fn note(
        &mut self,
        limit: usize,
        call: Call,
        links: impl ExactSizeIterator<Item = (Option<Association>, bool)>,
    ) {
        let arrival = |(association, applied)| Arrival {
            request: call.request,
            at: call.at,
            association,
            status: call.status,
            applied,
        };
        let room = limit.saturating_sub(self.arrivals.len());
        if room == 0 {
            return;
        }
        self.calls.push(call);
        let whole = (links.len() == 0).then_some((None, call.applied));
        let arrivals = links.chain(whole).map(arrival).take(room);
        self.arrivals.extend(arrivals);
    }

    /// The request of this number, if it was noted.
    #[must_use]
    pub fn call(&self, request: u64) -> Option<&Call> {
        let index = self
            .calls
            .binary_search_by_key(&request, |call| call.request);
        index.ok().map(|index| &self.calls[index])
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answered {
    With(StatusCode),
    ByReset,
    Never,
}

impl Answered {
    pub(super) fn status(self) -> Option<StatusCode> {
        match self {
            Self::With(status) => Some(status),
            Self::ByReset | Self::Never => None,
        }
    }
}

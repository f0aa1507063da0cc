//! The state of one operation between its first request and its completion.
//!
//! A *try* is a failed attempt that counts towards `--max-attempts`. Attempts that fail because of a
//! limit, an outage or an expired token are no fault of the operation and use up no try.
//!
//! Sends nothing and decides nothing.

use std::{cell::Cell, rc::Rc};

use tracing::trace;

use super::{outage_detector::Tries, permits::Permit};
use crate::api::Verdict;

/// An operation is retried at most this often in a row because the token expired. A token may
/// expire on the way, but not every time.
const OUTDATED_IN_A_ROW: u32 = 3;

/// Whether the response is a verdict on rows or an answer for the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallPurpose {
    /// The response also shows whether HubSpot can be reached.
    Rows,
    /// A refusal is no verdict on rows, and the response says nothing about reachability. The run
    /// can do without an answer.
    OptionalQuestion,
    /// The run cannot go on without a response. So failures are an outage for all, and a response
    /// after them ends it.
    RequiredQuestion,
}

/// The rows of an operation, for log events.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoggedRows {
    /// The number of the first row.
    pub first_row: Option<u64>,
    /// How many rows. Several rows can be split into smaller operations.
    pub count: usize,
}

/// What happened to the larger operation that this one was split from.
#[derive(Clone, Debug, Default)]
pub struct PriorAttempts {
    /// Requests sent for it.
    pub requests_sent: u32,
    /// Tries it used up.
    pub tries_used: u32,
    /// Whether it failed while others succeeded.
    pub has_own_fault: bool,
    /// The other parts of it.
    pub siblings: Option<SplitSiblings>,
}

/// The parts of one split operation. They share whether HubSpot processed any of them.
#[derive(Clone, Debug, Default)]
pub struct SplitSiblings(Rc<Cell<bool>>);

impl SplitSiblings {
    /// HubSpot processed one part.
    fn mark_success(&self) {
        self.0.set(true);
    }

    /// Whether HubSpot processed any part.
    fn has_success(&self) -> bool {
        self.0.get()
    }
}

/// The 429s of this operation.
#[derive(Debug, Default)]
struct ThrottleHistory {
    /// How many operations of its class HubSpot had processed at the last 429.
    processed_then: Option<u64>,
    /// Whether others succeeded between two of its 429s.
    is_own_limit: bool,
}

/// Requests sent.
#[derive(Debug, Default)]
struct RequestCounts {
    /// Includes those of the larger operation that it was split from.
    sent: u32,
    /// After a request without a response, the next one uses a new connection.
    unanswered_in_a_row: u32,
    outdated: OutdatedStreak,
    /// Whether one of them may have written something.
    may_have_written: bool,
}

/// Requests in a row that were sent with an expired token.
#[derive(Debug, Default)]
struct OutdatedStreak {
    /// The number of the last request that was sent with an expired token.
    last_request: u32,
    in_a_row: u32,
}

/// An operation in flight.
#[derive(Debug)]
pub struct OperationState {
    /// None while it waits for a retry, and none for a question.
    pub(super) permit: Option<Permit>,
    pub(super) purpose: CallPurpose,
    pub(super) rows: LoggedRows,
    pub(super) tries: Tries,
    /// Whether the next request repeats one that left and failed.
    pub(super) is_retry: bool,
    max_tries: u32,
    requests: RequestCounts,
    siblings: Option<SplitSiblings>,
    throttled: ThrottleHistory,
}

impl OperationState {
    /// For rows that may each be tried `tries_per_row` times.
    ///
    /// A batch gets half of the tries that are left, and at least one. Its halves get the rest.
    #[must_use]
    pub fn for_rows(
        permit: Option<Permit>,
        rows: LoggedRows,
        prior: PriorAttempts,
        tries_per_row: u32,
    ) -> Self {
        let left = tries_per_row.saturating_sub(prior.tries_used);
        let own = if rows.count > 1 {
            left.div_ceil(2)
        } else {
            left
        };
        Self {
            permit,
            purpose: CallPurpose::Rows,
            rows,
            tries: Tries::with_own_fault(prior.has_own_fault),
            is_retry: false,
            max_tries: own.max(1),
            requests: RequestCounts {
                sent: prior.requests_sent,
                ..RequestCounts::default()
            },
            siblings: prior.siblings,
            throttled: ThrottleHistory::default(),
        }
    }

    /// For a question that the run can do without.
    pub(super) fn for_optional_question(max_tries: u32) -> Self {
        let (rows, prior) = (LoggedRows::default(), PriorAttempts::default());
        Self {
            purpose: CallPurpose::OptionalQuestion,
            ..Self::for_rows(None, rows, prior, max_tries)
        }
    }

    /// For a question that the run cannot do without. Only the longest wait of the run limits its
    /// tries.
    pub(super) fn for_required_question() -> Self {
        Self {
            purpose: CallPurpose::RequiredQuestion,
            ..Self::for_optional_question(u32::MAX)
        }
    }

    /// Requests sent, including those of the larger operation that it was split from.
    #[must_use]
    pub fn requests_sent(&self) -> u32 {
        self.requests.sent
    }

    /// Whether one of its requests may have written something, as no response says otherwise.
    #[must_use]
    pub fn may_have_written(&self) -> bool {
        self.requests.may_have_written
    }

    /// Tries used up.
    #[must_use]
    pub fn tries_used(&self) -> u32 {
        self.tries.used()
    }

    /// Whether it failed while others succeeded.
    #[must_use]
    pub fn has_own_fault(&self) -> bool {
        self.tries.has_own_fault()
    }

    /// It waits without a permit.
    pub fn release_permit(&mut self) {
        self.permit = None;
    }

    /// Takes the permit, which is released after the result is recorded.
    #[must_use]
    pub fn into_permit(self) -> Option<Permit> {
        self.permit
    }

    pub(super) fn trace_attempt(&self, verdict: &Verdict) {
        let LoggedRows { first_row, count } = self.rows;
        trace!(
            row = first_row,
            rows = count,
            attempt = self.requests.sent,
            ?verdict,
            "attempted"
        );
    }

    pub(super) fn count_request(&mut self) {
        self.requests.sent += 1;
    }

    pub(super) fn record_possible_write(&mut self) {
        self.requests.may_have_written = true;
    }

    /// Whether it has several rows, which can be sent in smaller operations.
    pub(super) fn can_be_split(&self) -> bool {
        self.rows.count > 1
    }

    /// Whether it may be sent once more.
    pub(super) fn has_tries_left(&self) -> bool {
        self.tries.used() < self.max_tries
    }

    /// The next step has tries of its own. Returns the tries so far.
    pub(super) fn reset_tries(&mut self) -> Tries {
        let fresh = Tries::with_own_fault(self.tries.has_own_fault());
        std::mem::replace(&mut self.tries, fresh)
    }

    /// Records whether an attempt got a response.
    pub(super) fn record_response(&mut self, is_answered: bool) {
        let unanswered = &mut self.requests.unanswered_in_a_row;
        *unanswered = if is_answered { 0 } else { *unanswered + 1 };
    }

    /// Attempts in a row that got no response.
    pub(super) fn unanswered_in_a_row(&self) -> u32 {
        self.requests.unanswered_in_a_row
    }

    /// Records a 429 after HubSpot processed this many operations of the class. If others were
    /// processed between two 429s, the limit is the operation's own and not everybody's.
    pub(super) fn record_throttled(&mut self, processed: u64) -> bool {
        let previous = self.throttled.processed_then.replace(processed);
        self.throttled.is_own_limit |= previous.is_some_and(|previous| processed > previous);
        self.throttled.is_own_limit
    }

    /// Records an attempt with an expired token. Returns whether that happened too often in a row.
    pub(super) fn record_outdated(&mut self) -> bool {
        let (sent, last) = (self.requests.sent, &self.requests.outdated);
        if last.last_request != sent {
            let goes_on = last.last_request + 1 == sent;
            self.requests.outdated = OutdatedStreak {
                last_request: sent,
                in_a_row: if goes_on { last.in_a_row + 1 } else { 1 },
            };
        }
        self.requests.outdated.in_a_row > OUTDATED_IN_A_ROW
    }

    /// HubSpot processed it: another part of the same operation that fails is itself at fault.
    pub(super) fn mark_success(&self) {
        if let Some(siblings) = &self.siblings {
            siblings.mark_success();
        }
    }

    /// A try failed. If another part of the same operation succeeded, it is this part's own fault.
    pub(super) fn tries_after_failure(&mut self) -> &mut Tries {
        let siblings = self.siblings.as_ref();
        if siblings.is_some_and(SplitSiblings::has_success) {
            self.tries.mark_own_fault();
        }
        &mut self.tries
    }
}

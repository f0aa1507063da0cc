//! An operation between its first attempt and its completion: how far it has come.
//!
//! Sends nothing and decides nothing.

use std::{cell::Cell, rc::Rc};

use tracing::trace;

use super::{outage_detector::Tries, permits::Permit};
use crate::api::Verdict;

/// So often in a row is an operation tried again because what proved our right was
/// out of date. A token may expire on the way, but not every time.
const OUTDATED_IN_A_ROW: u32 = 3;

/// What is asked for: its answer is a verdict on rows, or tells the run something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallPurpose {
    /// Whether there is a HubSpot is told by its answer.
    Rows,
    /// A refusal is no verdict on rows, and whether there is a HubSpot is not told by it.
    Question,
}

/// What an operation is about, for those who log it.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoggedRows {
    /// The number of its first row.
    pub first_row: Option<u64>,
    /// How many there are; several can be sent in smaller operations.
    pub count: usize,
}

/// What is known of what an operation is a part of, where it was larger before.
#[derive(Clone, Debug, Default)]
pub struct PriorAttempts {
    /// Requests that were sent for it.
    pub requests_sent: u32,
    /// Tries that were used up.
    pub tries_used: u32,
    /// Whether it failed then while others got through.
    pub has_own_fault: bool,
    /// The other parts of it.
    pub siblings: Option<SplitSiblings>,
}

/// The parts of what was one operation: whether HubSpot has dealt with one of them.
#[derive(Clone, Debug, Default)]
pub struct SplitSiblings(Rc<Cell<bool>>);

impl SplitSiblings {
    /// HubSpot has dealt with one.
    fn mark_success(&self) {
        self.0.set(true);
    }

    /// Whether it has dealt with any.
    fn has_success(&self) -> bool {
        self.0.get()
    }
}

/// Its 429s.
#[derive(Debug, Default)]
struct ThrottleHistory {
    /// Verdicts of the run at the last one.
    verdicts_then: Option<u64>,
    /// Whether others got through between two of them.
    is_own_limit: bool,
}

/// Requests that were sent.
#[derive(Debug, Default)]
struct RequestCounts {
    /// Those for what it is a part of included.
    sent: u32,
    /// The last so many got no answer: the next one goes over a connection of its own.
    unanswered_in_a_row: u32,
    outdated: OutdatedStreak,
}

/// Attempts that were out of date.
#[derive(Debug, Default)]
struct OutdatedStreak {
    /// The last one.
    last_attempt: u32,
    in_a_row: u32,
}

/// An operation under way.
#[derive(Debug)]
pub struct AttemptState {
    /// None while it waits for another try, and of a question.
    pub(super) permit: Option<Permit>,
    pub(super) purpose: CallPurpose,
    pub(super) rows: LoggedRows,
    pub(super) tries: Tries,
    /// Tries that it has.
    max_tries: u32,
    requests: RequestCounts,
    siblings: Option<SplitSiblings>,
    throttled: ThrottleHistory,
}

impl AttemptState {
    /// For rows, of which each may be tried so often.
    ///
    /// Of several rows it has half of the tries that are left, so that there are tries for
    /// its halves, and always one.
    #[must_use]
    pub fn for_rows(
        permit: Option<Permit>,
        subject: LoggedRows,
        earlier: PriorAttempts,
        of_a_row: u32,
    ) -> Self {
        let left = of_a_row.saturating_sub(earlier.tries_used);
        let own = if subject.count > 1 {
            left.div_ceil(2)
        } else {
            left
        };
        Self {
            permit,
            purpose: CallPurpose::Rows,
            rows: subject,
            tries: Tries::with_own_fault(earlier.has_own_fault),
            max_tries: own.max(1),
            requests: RequestCounts {
                sent: earlier.requests_sent,
                ..RequestCounts::default()
            },
            siblings: earlier.siblings,
            throttled: ThrottleHistory::default(),
        }
    }

    /// A question, which may be tried so often.
    pub(super) fn for_question(most_tries: u32) -> Self {
        let (subject, earlier) = (LoggedRows::default(), PriorAttempts::default());
        Self {
            purpose: CallPurpose::Question,
            ..Self::for_rows(None, subject, earlier, most_tries)
        }
    }

    /// Requests sent, those for what it is a part of included.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.requests.sent
    }

    /// Tries that it has used up.
    #[must_use]
    pub fn tries_used(&self) -> u32 {
        self.tries.used()
    }

    /// Whether it failed while others got through.
    #[must_use]
    pub fn has_own_fault(&self) -> bool {
        self.tries.has_own_fault()
    }

    /// It waits without its slot.
    pub fn release_permit(&mut self) {
        self.permit = None;
    }

    /// Takes its slot, for whoever records what came of it.
    #[must_use]
    pub fn into_permit(self) -> Option<Permit> {
        self.permit
    }

    pub(super) fn trace_attempt(&self, verdict: &Verdict) {
        let LoggedRows { first_row, count } = self.rows;
        trace!(
            target: "hubassoc::caller::in_flight",
            row = first_row,
            rows = count,
            attempt = self.requests.sent,
            ?verdict,
            "attempted"
        );
    }

    /// Counts a request.
    pub(super) fn count_request(&mut self) {
        self.requests.sent += 1;
    }

    /// Whether there are several, which can be sent in smaller operations.
    pub(super) fn can_be_split(&self) -> bool {
        self.rows.count > 1
    }

    /// Whether it may be sent once more.
    pub(super) fn has_tries_left(&self) -> bool {
        self.tries.used() < self.max_tries
    }

    /// What comes next has tries of its own; returns those so far.
    pub(super) fn reset_tries(&mut self) -> Tries {
        let afresh = Tries::with_own_fault(self.tries.has_own_fault());
        std::mem::replace(&mut self.tries, afresh)
    }

    /// An attempt was answered, or not.
    pub(super) fn record_response(&mut self, is_answered: bool) {
        let unanswered = &mut self.requests.unanswered_in_a_row;
        *unanswered = if is_answered { 0 } else { *unanswered + 1 };
    }

    /// Attempts in a row that got no answer.
    pub(super) fn unanswered_in_a_row(&self) -> u32 {
        self.requests.unanswered_in_a_row
    }

    /// A 429 after so many verdicts of the run. Once others got through between
    /// two of them, the limit is the operation's own and not everybody's.
    pub(super) fn record_throttled(&mut self, verdicts: u64) -> bool {
        let before = self.throttled.verdicts_then.replace(verdicts);
        self.throttled.is_own_limit |= before.is_some_and(|before| verdicts > before);
        self.throttled.is_own_limit
    }

    /// This attempt was outdated; whether too many in a row were.
    pub(super) fn record_outdated(&mut self) -> bool {
        let (attempts, last) = (self.requests.sent, &self.requests.outdated);
        if last.last_attempt != attempts {
            let goes_on = last.last_attempt + 1 == attempts;
            self.requests.outdated = OutdatedStreak {
                last_attempt: attempts,
                in_a_row: if goes_on { last.in_a_row + 1 } else { 1 },
            };
        }
        self.requests.outdated.in_a_row > OUTDATED_IN_A_ROW
    }

    /// HubSpot has dealt with it: another part of the same that fails has a fault of its own.
    pub(super) fn mark_success(&self) {
        if let Some(siblings) = &self.siblings {
            siblings.mark_success();
        }
    }

    /// A try failed, which is its own fault if another part of the same got through.
    pub(super) fn tries_after_failure(&mut self) -> &mut Tries {
        let siblings = self.siblings.as_ref();
        if siblings.is_some_and(SplitSiblings::has_success) {
            self.tries.mark_own_fault();
        }
        &mut self.tries
    }
}

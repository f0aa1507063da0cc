//! An operation between its first attempt and its completion: how far it has come.
//!
//! Sends nothing and decides nothing.

use std::{cell::Cell, rc::Rc};

use tracing::trace;

use super::{outage::Tries, slots::Slot};
use crate::api::Verdict;

/// So often in a row is an operation tried again because what proved our right was
/// out of date. A token may expire on the way, but not every time.
const OUTDATED_IN_A_ROW: u32 = 3;

/// What is asked for: its answer is a verdict on rows, or tells the run something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Whether there is a HubSpot is told by its answer.
    Rows,
    /// A refusal is no verdict on rows, and whether there is a HubSpot is not told by it.
    Question,
}

/// What an operation is about, for those who log it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject {
    /// The number of its first row.
    pub first: Option<u64>,
    /// How many there are; several can be sent in smaller operations.
    pub size: usize,
}

/// What is known of what an operation is a part of, where it was larger before.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// Requests that were sent for it.
    pub attempts: u32,
    /// Tries that were used up.
    pub tries: u32,
    /// Whether it failed then while others got through.
    pub has_own_fault: bool,
    /// The other parts of it.
    pub siblings: Option<Siblings>,
}

/// The parts of what was one operation: whether HubSpot has dealt with one of them.
#[derive(Clone, Debug, Default)]
pub struct Siblings(Rc<Cell<bool>>);

impl Siblings {
    /// HubSpot has dealt with one.
    fn got_through(&self) {
        self.0.set(true);
    }

    /// Whether it has dealt with any.
    fn has_got_through(&self) -> bool {
        self.0.get()
    }
}

/// Its 429s.
#[derive(Debug, Default)]
struct Throttled {
    /// Verdicts of the run at the last one.
    at: Option<u64>,
    /// Whether others got through between two of them.
    alone: bool,
}

/// Requests that were sent.
#[derive(Debug, Default)]
struct Requests {
    /// Those for what it is a part of included.
    sent: u32,
    /// The last so many got no answer: the next one goes over a connection of its own.
    unanswered: u32,
    outdated: Outdated,
}

/// Attempts that were out of date.
#[derive(Debug, Default)]
struct Outdated {
    /// The last one.
    attempt: u32,
    in_a_row: u32,
}

/// An operation under way.
#[derive(Debug)]
pub struct InFlight {
    /// None while it waits for another try, and of a question.
    pub(super) slot: Option<Slot>,
    pub(super) purpose: Purpose,
    pub(super) subject: Subject,
    pub(super) tries: Tries,
    /// Tries that it has.
    most_tries: u32,
    requests: Requests,
    siblings: Option<Siblings>,
    throttled: Throttled,
}

impl InFlight {
    /// For rows, of which each may be tried so often.
    ///
    /// Of several rows it has half of the tries that are left, so that there are tries for
    /// its halves, and always one.
    #[must_use]
    pub fn of_rows(slot: Option<Slot>, subject: Subject, earlier: Earlier, of_a_row: u32) -> Self {
        let left = of_a_row.saturating_sub(earlier.tries);
        let own = if subject.size > 1 {
            left.div_ceil(2)
        } else {
            left
        };
        Self {
            slot,
            purpose: Purpose::Rows,
            subject,
            tries: Tries::with_fault(earlier.has_own_fault),
            most_tries: own.max(1),
            requests: Requests {
                sent: earlier.attempts,
                ..Requests::default()
            },
            siblings: earlier.siblings,
            throttled: Throttled::default(),
        }
    }

    /// A question, which may be tried so often.
    pub(super) fn question(most_tries: u32) -> Self {
        let (subject, earlier) = (Subject::default(), Earlier::default());
        Self {
            purpose: Purpose::Question,
            ..Self::of_rows(None, subject, earlier, most_tries)
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
    pub fn give_back_slot(&mut self) {
        self.slot = None;
    }

    /// Takes its slot, for whoever records what came of it.
    #[must_use]
    pub fn into_slot(self) -> Option<Slot> {
        self.slot
    }

    pub(super) fn trace(&self, verdict: &Verdict) {
        let Subject { first, size } = self.subject;
        trace!(
            row = first,
            rows = size,
            attempt = self.requests.sent,
            ?verdict,
            "attempted"
        );
    }

    /// Counts a request.
    pub(super) fn count(&mut self) {
        self.requests.sent += 1;
    }

    /// Whether there are several, which can be sent in smaller operations.
    pub(super) fn can_be_split(&self) -> bool {
        self.subject.size > 1
    }

    /// Whether it may be sent once more.
    pub(super) fn has_tries(&self) -> bool {
        self.tries.used() < self.most_tries
    }

    /// What comes next has tries of its own; returns those so far.
    pub(super) fn begin_afresh(&mut self) -> Tries {
        let afresh = Tries::with_fault(self.tries.has_own_fault());
        std::mem::replace(&mut self.tries, afresh)
    }

    /// An attempt was answered, or not.
    pub(super) fn was_answered(&mut self, is_answered: bool) {
        let unanswered = &mut self.requests.unanswered;
        *unanswered = if is_answered { 0 } else { *unanswered + 1 };
    }

    /// Attempts in a row that got no answer.
    pub(super) fn unanswered(&self) -> u32 {
        self.requests.unanswered
    }

    /// A 429 after so many verdicts of the run. Once others got through between
    /// two of them, the limit is the operation's own and not everybody's.
    pub(super) fn is_throttled_alone(&mut self, verdicts: u64) -> bool {
        let before = self.throttled.at.replace(verdicts);
        self.throttled.alone |= before.is_some_and(|before| verdicts > before);
        self.throttled.alone
    }

    /// This attempt was outdated; whether too many in a row were.
    pub(super) fn is_outdated_again(&mut self) -> bool {
        let (attempts, last) = (self.requests.sent, &self.requests.outdated);
        if last.attempt != attempts {
            let goes_on = last.attempt + 1 == attempts;
            self.requests.outdated = Outdated {
                attempt: attempts,
                in_a_row: if goes_on { last.in_a_row + 1 } else { 1 },
            };
        }
        self.requests.outdated.in_a_row > OUTDATED_IN_A_ROW
    }

    /// HubSpot has dealt with it: another part of the same that fails has a fault of its own.
    pub(super) fn got_through(&self) {
        if let Some(siblings) = &self.siblings {
            siblings.got_through();
        }
    }

    /// A try failed, which is its own fault if another part of the same got through.
    pub(super) fn failed(&mut self) -> &mut Tries {
        let siblings = self.siblings.as_ref();
        if siblings.is_some_and(Siblings::has_got_through) {
            self.tries.blame();
        }
        &mut self.tries
    }
}

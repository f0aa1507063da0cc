//! What a verdict means for its row, and for everybody: settled, again, or a
//! reason to stop.
//!
//! Sends nothing and waits for nothing.

use std::time::Duration;

use tokio::time::Instant;

use super::{Delivery, outage::Sending, retry, sequel::End, trip::Trip};
use crate::{
    api::{Api, Limit, Page, Verdict},
    code::Code,
    messages,
    row::Failure,
    stop::StopReason,
};

/// Before the first answer the back-off grows no further than after so many
/// tries (4 s), so that the run can stop soon after its time is over.
const TRIES_OF_START: u32 = 4;

/// What a verdict means for the rows of its trip.
pub(super) enum Fate {
    Ends(End),
    Again(Again),
    /// Their tries are used up, but nothing tells yet whose fault that is; with
    /// the end that they have if it is their own.
    Held(End),
}

/// Another try.
#[derive(Clone, Copy, Debug)]
pub(super) struct Again {
    pub(super) at: Instant,
    /// Whether it is a retry that the budget has to bear.
    pub(super) is_retry: bool,
}

impl Again {
    pub(super) fn retry(at: Instant) -> Self {
        let is_retry = true;
        Self { at, is_retry }
    }

    /// For reasons that are no fault of any row or server.
    pub(super) fn free(at: Instant) -> Self {
        let is_retry = false;
        Self { at, is_retry }
    }
}

impl<A: Api> Delivery<A> {
    /// What a verdict means for the rows of its trip, and for everybody.
    pub(super) fn obey(&self, trip: &mut Trip, verdict: Verdict, sent_at: Instant) -> Fate {
        match verdict {
            Verdict::Done { http_status } => {
                self.got_through(trip, End::Done { http_status }, sent_at)
            }
            Verdict::Refused(failure) => self.got_through(trip, End::Failed(failure), sent_at),
            Verdict::Each(parts) => self.got_through(trip, End::Parts(parts), sent_at),
            Verdict::Transient { failure, wait } => {
                self.contact.answer();
                self.transient(trip, failure, (wait, Sending::Reached), sent_at)
            }
            Verdict::Throttled {
                failure,
                limit,
                wait,
            } => self.too_many(trip, failure, (limit, wait), sent_at),
            Verdict::Unsent(failure) => self.no_answer(trip, failure, Sending::Never, sent_at),
            Verdict::Unreachable(failure) => {
                self.no_answer(trip, failure, Sending::Reached, sent_at)
            }
            Verdict::NoVerdict(failure) => self.no_verdict(trip, &failure, sent_at),
            Verdict::Outdated(reason) => self.outdated(trip, reason),
            Verdict::Replaced(reason) => {
                self.account.ask_again();
                self.outdated(trip, reason)
            }
            Verdict::DayUsedUp(failure) => self.day_used_up(&failure),
            Verdict::Fatal(reason) => self.halt(reason),
        }
    }

    /// Links were told of; a record may have more of them on another page.
    pub(super) fn told(&self, trip: &mut Trip, page: Page, sent_at: Instant) -> Fate {
        let fate = self.got_through(trip, End::Told, sent_at);
        if trip.take(page) {
            // However many pages there are: each has tries of its own.
            let tries = trip.begin_afresh();
            self.outage.borrow_mut().settled(&tries);
            return Fate::Again(Again::free(Instant::now()));
        }
        fate
    }

    fn no_answer(
        &self,
        trip: &mut Trip,
        failure: Failure,
        sending: Sending,
        sent_at: Instant,
    ) -> Fate {
        match self.contact.unreachable(sent_at, &failure) {
            Err(reason) => self.halt(reason),
            Ok(true) => self.transient(trip, failure, (Duration::ZERO, sending), sent_at),
            Ok(false) => {
                let tries = trip.attempts().min(TRIES_OF_START);
                self.later(&failure, retry::next_try(tries, Duration::ZERO))
            }
        }
    }

    /// HubSpot has dealt with the call.
    fn got_through(&self, trip: &Trip, end: End, sent_at: Instant) -> Fate {
        trip.got_through();
        self.contact.verdict(trip.class(&self.api));
        self.budget.success();
        self.sign_of_life(sent_at);
        Fate::Ends(end)
    }

    fn too_many(
        &self,
        trip: &mut Trip,
        failure: Failure,
        (limit, wait): (Limit, Option<Duration>),
        sent_at: Instant,
    ) -> Fate {
        self.activity.throttled(failure.code);
        let verdicts = self.contact.verdicts();
        let own = trip
            .throttled_alone(self.contact.verdicts_of(trip.class(&self.api)))
            .then_some(trip.tries.used() + 1);
        // With nobody else under way, there is nobody else to fail it.
        let counts = own.is_some() || verdicts > 0 && self.under_way.get() == 1;
        let at = self
            .contact
            .throttled(self.pacer.longest_wait())
            .and_then(|()| self.pacer.throttled(sent_at, limit, wait, (verdicts, own)));
        match at {
            Err(reason) => self.halt(reason),
            Ok(at) if counts => {
                trip.tries.use_one();
                self.again(trip, failure, at)
            }
            // A limit of everybody's is no fault of the row.
            Ok(at) => Fate::Again(Again::free(at)),
        }
    }

    fn transient(
        &self,
        trip: &mut Trip,
        failure: Failure,
        (wait, sending): (Duration, Sending),
        sent_at: Instant,
    ) -> Fate {
        if failure.code == Code::Locked {
            // HubSpot has looked at the record.
            self.sign_of_life(sent_at);
            trip.tries.use_one();
        } else if let Err(reason) = self.failed(trip, &failure, (sending, sent_at)) {
            return self.halt(reason);
        }
        match self.next_try(trip, wait, &failure) {
            Err(reason) => self.halt(reason),
            Ok(_) if self.may_be_its_size(trip) => self.halves(&failure),
            Ok(at) => self.again(trip, failure, at),
        }
    }

    /// In an outage the rows of a batch may be to blame, or their number: a
    /// smaller probe tells. That costs a call for each probe at most, once all
    /// is well again.
    fn may_be_its_size(&self, trip: &Trip) -> bool {
        self.is_down() && trip.is_batch()
    }

    fn halves(&self, failure: &Failure) -> Fate {
        self.activity.halved(&messages::failure(failure));
        Fate::Ends(End::Halves)
    }

    /// Another try, unless they are used up.
    fn again(&self, trip: &Trip, failure: Failure, at: Instant) -> Fate {
        if self.has_tries(trip) {
            return self.later(&failure, at);
        }
        if trip.is_batch() {
            self.activity.halved(&messages::failure(&failure));
        }
        self.used_up(trip, || {
            // Without an access token there are tries and no attempts.
            let tries = trip.attempts().max(trip.tries.used());
            let why = messages::failure(&failure);
            let message = format!("gave up after {}: {why}", retry::tries(tries));
            End::Failed(failure.saying(message))
        })
    }

    /// The tries of a trip are used up; a single row's end then is `own`.
    fn used_up(&self, trip: &Trip, own: impl FnOnce() -> End) -> Fate {
        // One row that is broken does not fail those it was sent with.
        let end = if trip.is_batch() { End::Halves } else { own() };
        if self.may_be_everybodys(trip) {
            Fate::Held(end)
        } else {
            Fate::Ends(end)
        }
    }

    /// Whether a trip may be sent once more.
    pub(super) fn has_tries(&self, trip: &Trip) -> bool {
        trip.tries.used() < trip.most_tries(self.retry.max_attempts)
    }

    /// Again at once, and no fault of the row; but not without end.
    fn outdated(&self, trip: &mut Trip, reason: StopReason) -> Fate {
        if trip.is_outdated_again() {
            return self.halt(reason);
        }
        let what = "the access token was refused, or replaced meanwhile";
        self.activity.retry(what, Duration::ZERO);
        Fate::Again(Again::free(Instant::now()))
    }

    fn no_verdict(&self, trip: &mut Trip, failure: &Failure, sent_at: Instant) -> Fate {
        if !self.contact.has_answered() {
            trip.tries.use_one();
        } else if let Err(reason) = self.failed(trip, failure, (Sending::Reached, sent_at)) {
            return self.halt(reason);
        }
        let used_up = (!self.has_tries(trip)).then(|| self.used_up(trip, || End::Unsettled));
        let enough = match &used_up {
            _ if self.is_down() => Some(self.retry.max_attempts),
            Some(Fate::Ends(End::Unsettled)) => Some(trip.attempts()),
            Some(_) | None => None,
        };
        if let Err(reason) = self.contact.foreign(failure, enough) {
            return self.halt(reason);
        }
        match (used_up, self.next_try(trip, Duration::ZERO, failure)) {
            (Some(fate), _) => fate,
            (None, Err(reason)) => self.halt(reason),
            (None, Ok(_)) if self.may_be_its_size(trip) => self.halves(failure),
            (None, Ok(at)) => self.later(failure, at),
        }
    }

    fn later(&self, failure: &Failure, at: Instant) -> Fate {
        let why = messages::failure(failure);
        self.activity.retry(&why, at - Instant::now());
        Fate::Again(Again::retry(at))
    }

    pub(super) fn halt(&self, reason: StopReason) -> Fate {
        self.stop.request(reason);
        Fate::Ends(End::Unsettled)
    }
}

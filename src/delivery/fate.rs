//! What a verdict means for its row, and for everybody: settled, again, or a
//! reason to stop.
//!
//! Sends nothing and waits for nothing.

use std::time::Duration;

use tokio::time::Instant;

use super::{Delivery, retry, trip::Trip};
use crate::{
    api::{Api, Limit, Verdict},
    code::Code,
    row::{Failure, Outcome},
    stop::StopReason,
};

/// Before the first answer the back-off grows no further than after so many
/// tries (4 s), so that the run can stop soon after its time is over.
const TRIES_OF_START: u32 = 4;

/// What a verdict means for its row.
pub(super) enum Fate {
    Settled(Outcome),
    Unsettled,
    Again(Instant),
}

impl<A: Api> Delivery<A> {
    /// What a verdict means for its row, and for everybody.
    pub(super) fn obey(&self, trip: &mut Trip, verdict: Verdict, sent_at: Instant) -> Fate {
        match verdict {
            Verdict::Done { http_status } => {
                self.contact.verdict();
                Fate::Settled(Outcome::Succeeded { http_status })
            }
            Verdict::Already => {
                self.contact.verdict();
                Fate::Settled(Outcome::Already)
            }
            Verdict::Refused(failure) => {
                self.contact.verdict();
                Fate::Settled(Outcome::Failed(failure))
            }
            Verdict::Transient { failure, wait } => {
                self.contact.answer();
                self.transient(trip, failure, wait)
            }
            Verdict::Throttled {
                failure,
                limit,
                wait,
            } => self.too_many(trip, failure, (limit, wait), sent_at),
            Verdict::Unreachable(failure) => match self.contact.unreachable(sent_at, &failure) {
                Err(reason) => self.halt(reason),
                Ok(true) => self.transient(trip, failure, Duration::ZERO),
                Ok(false) => self.later(
                    &failure,
                    retry::next_try(trip.attempts.min(TRIES_OF_START), Duration::ZERO),
                ),
            },
            Verdict::NoVerdict(failure) => self.no_verdict(trip, &failure),
            Verdict::Outdated(reason) => self.outdated(trip, reason),
            Verdict::Fatal(reason) => {
                if matches!(reason, StopReason::DayQuota(_)) {
                    self.activity.throttled(Code::RateLimited);
                }
                self.halt(reason)
            }
        }
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
        let own = trip.throttled_alone(verdicts).then_some(trip.tries + 1);
        // With nobody else under way, there is nobody else to fail it.
        let counts = own.is_some() || verdicts > 0 && self.under_way.get() == 1;
        let at = self
            .contact
            .throttled(sent_at, self.pacer.longest_wait())
            .and_then(|()| self.pacer.throttled(sent_at, limit, wait, (verdicts, own)));
        match at {
            Err(reason) => self.halt(reason),
            Ok(at) if counts => self.again(trip, failure, at),
            // A limit of everybody's is no fault of the row.
            Ok(at) => Fate::Again(at),
        }
    }

    fn transient(&self, trip: &mut Trip, failure: Failure, wait: Duration) -> Fate {
        if let Err(reason) = self.pacer.accept_wait(wait) {
            return self.halt(reason);
        }
        let at = retry::next_try(trip.tries + 1, wait);
        self.again(trip, failure, at)
    }

    /// Another try, unless they are used up.
    fn again(&self, trip: &mut Trip, failure: Failure, at: Instant) -> Fate {
        trip.tries += 1;
        if trip.tries < self.retry.max_attempts {
            return self.later(&failure, at);
        }
        // Without an access token there are tries and no attempts.
        let tries = trip.attempts.max(trip.tries);
        let message = format!("gave up after {tries} tries: {}", failure.message);
        Fate::Settled(Outcome::Failed(Failure { message, ..failure }))
    }

    /// Again at once, and no fault of the row; but not without end.
    fn outdated(&self, trip: &mut Trip, reason: StopReason) -> Fate {
        if trip.is_outdated_again() {
            return self.halt(reason);
        }
        let what = "the access token was replaced";
        self.activity.retry(what, Duration::ZERO);
        Fate::Again(Instant::now())
    }

    fn no_verdict(&self, trip: &mut Trip, failure: &Failure) -> Fate {
        trip.tries += 1;
        let used_up = trip.tries >= self.retry.max_attempts;
        if let Err(reason) = self
            .contact
            .foreign(failure, used_up.then_some(trip.attempts))
        {
            return self.halt(reason);
        }
        if used_up {
            return Fate::Unsettled;
        }
        self.later(failure, retry::next_try(trip.tries, Duration::ZERO))
    }

    fn later(&self, failure: &Failure, at: Instant) -> Fate {
        self.activity.retry(&failure.message, at - Instant::now());
        Fate::Again(at)
    }

    fn halt(&self, reason: StopReason) -> Fate {
        self.stop.request(reason);
        Fate::Unsettled
    }
}

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
    Again(Again),
    /// Its tries are used up, but nothing tells yet whose fault that is; with
    /// the outcome that it has if it is its own.
    Held(Option<Outcome>),
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
    /// What a verdict means for its row, and for everybody.
    pub(super) fn obey(&self, trip: &mut Trip, verdict: Verdict, sent_at: Instant) -> Fate {
        match verdict {
            Verdict::Done { http_status } => {
                self.got_through(sent_at);
                Fate::Settled(Outcome::Succeeded { http_status })
            }
            Verdict::Already => {
                self.got_through(sent_at);
                Fate::Settled(Outcome::Already)
            }
            Verdict::Refused(failure) => {
                self.got_through(sent_at);
                Fate::Settled(Outcome::Failed(failure))
            }
            Verdict::Transient { failure, wait } => {
                self.contact.answer();
                self.transient(trip, failure, wait, sent_at)
            }
            Verdict::Throttled {
                failure,
                limit,
                wait,
            } => self.too_many(trip, failure, (limit, wait), sent_at),
            Verdict::Unreachable(failure) => match self.contact.unreachable(sent_at, &failure) {
                Err(reason) => self.halt(reason),
                Ok(true) => self.transient(trip, failure, Duration::ZERO, sent_at),
                Ok(false) => {
                    let tries = trip.attempts.min(TRIES_OF_START);
                    self.later(&failure, retry::next_try(tries, Duration::ZERO))
                }
            },
            Verdict::NoVerdict(failure) => self.no_verdict(trip, &failure, sent_at),
            Verdict::Outdated(reason) => self.outdated(trip, reason),
            Verdict::Replaced(reason) => {
                self.account.ask_again();
                self.outdated(trip, reason)
            }
            Verdict::Fatal(reason) => {
                if matches!(reason, StopReason::DayQuota(_)) {
                    self.activity.throttled(Code::RateLimited);
                }
                self.halt(reason)
            }
        }
    }

    fn got_through(&self, sent_at: Instant) {
        self.contact.verdict();
        self.budget.success();
        self.sign_of_life(sent_at);
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
            .throttled_alone(verdicts)
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
        wait: Duration,
        sent_at: Instant,
    ) -> Fate {
        if failure.code == Code::Locked {
            // HubSpot has looked at the record.
            self.sign_of_life(sent_at);
            trip.tries.use_one();
        } else if let Err(reason) = self.failed(trip, &failure, sent_at) {
            return self.halt(reason);
        }
        match self.next_try(trip, wait) {
            Err(reason) => self.halt(reason),
            Ok(at) => self.again(trip, failure, at),
        }
    }

    /// Another try, unless they are used up.
    fn again(&self, trip: &Trip, failure: Failure, at: Instant) -> Fate {
        if trip.tries.used() < self.retry.max_attempts {
            return self.later(&failure, at);
        }
        // Without an access token there are tries and no attempts.
        let tries = trip.attempts.max(trip.tries.used());
        let message = format!("gave up after {tries} tries: {}", failure.message);
        let outcome = Outcome::Failed(Failure { message, ..failure });
        if self.may_be_everybodys(trip) {
            Fate::Held(Some(outcome))
        } else {
            Fate::Settled(outcome)
        }
    }

    /// Again at once, and no fault of the row; but not without end.
    fn outdated(&self, trip: &mut Trip, reason: StopReason) -> Fate {
        if trip.is_outdated_again() {
            return self.halt(reason);
        }
        let what = "the access token was replaced";
        self.activity.retry(what, Duration::ZERO);
        Fate::Again(Again::free(Instant::now()))
    }

    fn no_verdict(&self, trip: &mut Trip, failure: &Failure, sent_at: Instant) -> Fate {
        if !self.contact.has_answered() {
            trip.tries.use_one();
        } else if let Err(reason) = self.failed(trip, failure, sent_at) {
            return self.halt(reason);
        }
        let used_up = trip.tries.used() >= self.retry.max_attempts;
        let held = used_up && self.may_be_everybodys(trip);
        let enough = if self.is_down() {
            Some(self.retry.max_attempts)
        } else {
            (used_up && !held).then_some(trip.attempts)
        };
        if let Err(reason) = self.contact.foreign(failure, enough) {
            return self.halt(reason);
        }
        match self.next_try(trip, Duration::ZERO) {
            _ if held => Fate::Held(None),
            _ if used_up => Fate::Unsettled,
            Err(reason) => self.halt(reason),
            Ok(at) => self.later(failure, at),
        }
    }

    fn later(&self, failure: &Failure, at: Instant) -> Fate {
        self.activity.retry(&failure.message, at - Instant::now());
        Fate::Again(Again::retry(at))
    }

    fn halt(&self, reason: StopReason) -> Fate {
        self.stop.request(reason);
        Fate::Unsettled
    }
}

//! What a verdict does: it is noted, decided on, and told. The effects on what all
//! operations share are here and nowhere else.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    decision::{Attempts, Decision, Health, LimitMet, Notes, decide},
    in_flight::{InFlight, Purpose},
    operation::Caller,
    outage::FailedTry,
    retry,
    throttle::Offence,
};
use crate::{
    api::{Api, RateClass, ResponsePayload, Verdict},
    code::Code,
    rate::Limit,
    row::Failure,
    stop::{StopReason, WaitReason},
};

/// Before the first answer the back-off grows no further than after so many
/// tries (4 s), so that the run can stop soon after its time is over.
const TRIES_OF_START: u32 = 4;

/// When an operation may be tried again, and whose the limit is that it met, if it did.
struct Noted {
    next_at: Instant,
    limit_met: LimitMet,
}

impl Noted {
    fn again_at(next_at: Instant) -> Self {
        Self {
            next_at,
            limit_met: LimitMet::Everybodys,
        }
    }
}

impl<A: Api> Caller<A> {
    /// What follows from a verdict on a request of that time.
    pub(super) fn judge(
        &self,
        operation: &mut InFlight,
        class: RateClass,
        verdict: Verdict,
        told: Option<ResponsePayload>,
        sent_at: Instant,
    ) -> Decision {
        let noted = match self.note(operation, class, &verdict, sent_at) {
            Ok(noted) => noted,
            Err(reason) => return Decision::Stop(reason),
        };
        let attempts = Attempts {
            // Without an access token there are tries and no attempts.
            made: operation.attempts().max(operation.tries.used()),
            are_left: operation.has_tries(),
            can_be_split: operation.can_be_split(),
            is_question: operation.purpose == Purpose::Question,
        };
        let health = Health {
            has_answered: self.breaker.contact().has_answered(),
            is_down: self.breaker.is_down(),
            is_in_doubt: self.breaker.may_be_everybodys(&operation.tries),
            limit_met: noted.limit_met,
            next_at: noted.next_at,
        };
        let (decision, told) = decide(verdict, told, attempts, health);
        self.tell(&decision, told);
        decision
    }

    /// Notes a verdict with all that it concerns, or why the run has to stop.
    fn note(
        &self,
        operation: &mut InFlight,
        class: RateClass,
        verdict: &Verdict,
        sent_at: Instant,
    ) -> Result<Noted, StopReason> {
        let contact = self.breaker.contact();
        match verdict {
            Verdict::Done { .. } | Verdict::Refused(_) | Verdict::PerLink(_) => {
                if operation.purpose == Purpose::Rows {
                    self.got_through(operation, class, sent_at);
                }
                Ok(Noted::again_at(sent_at))
            }
            // It is no news to anybody else.
            Verdict::Fatal(_) => Ok(Noted::again_at(sent_at)),
            Verdict::Transient { failure, wait } => {
                contact.answer();
                self.transient(operation, failure, *wait, FailedTry::sent(sent_at))
            }
            Verdict::Throttled {
                failure,
                limit,
                wait,
            } => {
                self.wire.metrics().count_throttled(failure.code);
                self.throttled(operation, class, *limit, *wait, sent_at)
            }
            Verdict::NotSent(failure) => {
                self.no_answer(operation, failure, FailedTry::unsent(sent_at))
            }
            Verdict::ConnectionLost(failure) => {
                self.no_answer(operation, failure, FailedTry::sent(sent_at))
            }
            Verdict::NotFromApi(failure) => self.foreign(operation, failure, sent_at),
            Verdict::TokenExpired(reason) => outdated(operation, reason),
            Verdict::TokenReplaced(reason) => {
                self.account.ask_again();
                outdated(operation, reason)
            }
            Verdict::DayUsedUp(failure) => {
                self.wire.metrics().count_throttled(Code::RateLimited);
                self.day.is_used_up(failure)?;
                Ok(Noted::again_at(Instant::now()))
            }
        }
    }

    /// HubSpot has dealt with the call.
    fn got_through(&self, operation: &InFlight, class: RateClass, sent_at: Instant) {
        operation.got_through();
        self.breaker.contact().verdict(class);
        self.retries.budget.success();
        self.sign_of_life(sent_at);
    }

    fn sign_of_life(&self, sent_at: Instant) {
        if let Some(operations) = self.breaker.sign_of_life(sent_at) {
            self.retries.budget.grant(operations);
        }
    }

    fn no_answer(
        &self,
        operation: &mut InFlight,
        failure: &Failure,
        failed: FailedTry,
    ) -> Result<Noted, StopReason> {
        let contact = self.breaker.contact();
        if contact.unreachable(failed.sent_at, failure)? {
            return self.transient(operation, failure, Duration::ZERO, failed);
        }
        let tries = operation.attempts().min(TRIES_OF_START);
        Ok(Noted::again_at(retry::next_try(tries, Duration::ZERO)))
    }

    fn transient(
        &self,
        operation: &mut InFlight,
        failure: &Failure,
        wait: Duration,
        failed: FailedTry,
    ) -> Result<Noted, StopReason> {
        if failure.code == Code::Locked {
            // HubSpot has looked at the record.
            self.sign_of_life(failed.sent_at);
            operation.tries.use_one();
        } else {
            self.breaker.failed(operation, failure, failed)?;
        }
        self.pacer
            .accept_wait(wait, || WaitReason::Fault(failure.clone().into()))?;
        let next = self.breaker.next_try(operation.tries.failed(), wait);
        Ok(Noted::again_at(next))
    }

    fn throttled(
        &self,
        operation: &mut InFlight,
        class: RateClass,
        limit: Limit,
        asked: Option<Duration>,
        sent_at: Instant,
    ) -> Result<Noted, StopReason> {
        let contact = self.breaker.contact();
        let verdicts = contact.verdicts();
        let own = operation
            .is_throttled_alone(contact.verdicts_of(class))
            .then_some(operation.tries.used() + 1);
        // With nobody else under way, there is nobody else to fail it.
        let is_alone = verdicts > 0 && self.breaker.witnesses().under_way() == 1;
        contact.throttled(self.pacer.longest_wait())?;
        let offence = Offence {
            sent_at,
            limit,
            asked,
            verdicts,
        };
        let at = self.pacer.throttled(&offence, own)?;
        let is_own_limit = own.is_some() || is_alone;
        if is_own_limit {
            operation.tries.use_one();
        }
        Ok(Noted {
            next_at: at,
            limit_met: if is_own_limit {
                LimitMet::Own
            } else {
                LimitMet::Everybodys
            },
        })
    }

    /// The answer is not the API's.
    fn foreign(
        &self,
        operation: &mut InFlight,
        failure: &Failure,
        sent_at: Instant,
    ) -> Result<Noted, StopReason> {
        let (contact, breaker) = (self.breaker.contact(), &self.breaker);
        if contact.has_answered() {
            breaker.failed(operation, failure, FailedTry::sent(sent_at))?;
        } else {
            operation.tries.use_one();
        }
        let ends = !operation.has_tries()
            && !operation.can_be_split()
            && !breaker.may_be_everybodys(&operation.tries);
        let enough = if breaker.is_down() {
            Some(self.max_attempts())
        } else {
            ends.then(|| operation.attempts())
        };
        contact.foreign(failure, enough)?;
        let next = breaker.next_try(operation.tries.failed(), Duration::ZERO);
        Ok(Noted::again_at(next))
    }

    /// Tells of another try, and of batches that are taken apart.
    fn tell(&self, decision: &Decision, notes: Notes) {
        let metrics = self.wire.metrics();
        if let (Some(retried), Decision::Again(again)) = (notes.retried, decision) {
            metrics.record_retry(retried, again.at - Instant::now());
        }
        if let Some(failure) = notes.halved {
            metrics.report_split(failure);
        }
    }
}

/// Again at once, and no fault of the operation; but not without end.
fn outdated(operation: &mut InFlight, reason: &StopReason) -> Result<Noted, StopReason> {
    if operation.is_outdated_again() {
        return Err(reason.clone());
    }
    Ok(Noted::again_at(Instant::now()))
}

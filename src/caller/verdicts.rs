//! What a verdict does: it is recorded, decided on and reported. All effects on what operations
//! share are here and nowhere else.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    backoff,
    execution::Caller,
    operation_state::{CallPurpose, OperationState},
    outage_detector::FailedTry,
    retry_decision::{
        DecisionReport, LimitOwner, OperationInfo, RetryDecision, ServerHealth, decide,
    },
    throttle::ThrottledRequest,
};
use crate::{
    api::{Api, RateClass, ResponsePayload, Verdict},
    code::Code,
    rate::RateLimit,
    row::Failure,
    stop::{StopReason, WaitReason},
};

/// Before the first response the back-off grows no further than after this many tries (4 s), so
/// that the run can stop soon after its time is over.
const MAX_TRIES_AT_START: u32 = 4;

/// When an operation may be tried again, and whose limit it met, if any.
struct RetryTiming {
    retry_at: Instant,
    limit_owner: LimitOwner,
}

impl RetryTiming {
    fn at(next_at: Instant) -> Self {
        Self {
            retry_at: next_at,
            limit_owner: LimitOwner::Everyone,
        }
    }
}

impl<A: Api> Caller<A> {
    /// Handles the verdict on a request sent at `sent_at`, and returns what follows.
    pub(super) fn handle_verdict(
        &self,
        state: &mut OperationState,
        class: RateClass,
        verdict: Verdict,
        payload: Option<ResponsePayload>,
        sent_at: Instant,
    ) -> RetryDecision {
        let timing = match self.record_verdict(state, class, &verdict, sent_at) {
            Ok(timing) => timing,
            Err(reason) => return RetryDecision::Stop(reason),
        };
        let operation = OperationInfo {
            // Without an access token there are tries but no requests.
            tries_made: state.requests_sent().max(state.tries.used()),
            has_tries_left: state.has_tries_left(),
            can_be_split: state.can_be_split(),
            is_question: state.purpose != CallPurpose::Rows,
        };
        let health = ServerHealth {
            has_answered: self.breaker.reachability().has_answered(),
            is_outage: self.breaker.is_open(),
            may_be_shared_fault: self.breaker.may_be_shared_fault(&state.tries),
            limit_owner: timing.limit_owner,
            retry_at: timing.retry_at,
        };
        let (decision, report) = decide(verdict, payload, operation, health);
        self.report_decision(&decision, report);
        decision
    }

    /// Records a verdict with all its effects. An error says why the run has to stop.
    fn record_verdict(
        &self,
        state: &mut OperationState,
        class: RateClass,
        verdict: &Verdict,
        sent_at: Instant,
    ) -> Result<RetryTiming, StopReason> {
        let reachability = self.breaker.reachability();
        match verdict {
            Verdict::Done { .. } | Verdict::Refused(_) | Verdict::PerLink(_) => {
                match state.purpose {
                    CallPurpose::Rows => self.record_processed(state, class, sent_at),
                    // It ends an outage only if it was a part of it.
                    CallPurpose::RequiredQuestion if state.tries.failed() > 0 => {
                        self.record_sign_of_life(sent_at);
                    }
                    CallPurpose::RequiredQuestion | CallPurpose::OptionalQuestion => {}
                }
                Ok(RetryTiming::at(sent_at))
            }
            // It is no news to anybody else.
            Verdict::Fatal(_) => Ok(RetryTiming::at(sent_at)),
            Verdict::Transient { failure, wait } => {
                reachability.record_answer();
                self.record_transient(state, failure, *wait, FailedTry::sent(sent_at))
            }
            Verdict::Throttled { limit, wait, .. } => {
                self.record_throttled(state, class, *limit, *wait, sent_at)
            }
            Verdict::NotSent(failure) => {
                self.record_no_answer(state, failure, FailedTry::unsent(sent_at))
            }
            Verdict::ConnectionLost(failure) => {
                self.record_no_answer(state, failure, FailedTry::sent(sent_at))
            }
            Verdict::NotFromApi(failure) => self.record_foreign(state, failure, sent_at),
            Verdict::TokenExpired(reason) => record_outdated(state, reason),
            Verdict::TokenReplaced(reason) => {
                self.account.forget();
                record_outdated(state, reason)
            }
            Verdict::DayUsedUp(failure) => {
                self.day.mark_used_up(failure)?;
                Ok(RetryTiming::at(Instant::now()))
            }
        }
    }

    /// HubSpot processed the operation.
    fn record_processed(&self, state: &OperationState, class: RateClass, sent_at: Instant) {
        state.mark_success();
        self.breaker.reachability().record_processed(class);
        self.retries.budget.record_processed();
        self.record_sign_of_life(sent_at);
    }

    fn record_sign_of_life(&self, sent_at: Instant) {
        if let Some(operations) = self.breaker.record_sign_of_life(sent_at) {
            self.retries.budget.grant(operations);
        }
    }

    fn record_no_answer(
        &self,
        state: &mut OperationState,
        failure: &Failure,
        failed: FailedTry,
    ) -> Result<RetryTiming, StopReason> {
        let reachability = self.breaker.reachability();
        if reachability.record_unreachable(failed.sent_at, failure)? {
            return self.record_transient(state, failure, Duration::ZERO, failed);
        }
        let tries = state.requests_sent().min(MAX_TRIES_AT_START);
        Ok(RetryTiming::at(backoff::next_try_at(tries, Duration::ZERO)))
    }

    fn record_transient(
        &self,
        state: &mut OperationState,
        failure: &Failure,
        wait: Duration,
        failed: FailedTry,
    ) -> Result<RetryTiming, StopReason> {
        if failure.code == Code::Locked {
            // HubSpot has looked at the record.
            self.record_sign_of_life(failed.sent_at);
            state.tries.count_failed();
        } else {
            self.breaker.record_failure(state, failure, failed)?;
        }
        self.pacer
            .check_wait(wait, || WaitReason::Fault(failure.clone().into()))?;
        let next = self.breaker.next_try_at(state.tries.failed(), wait);
        Ok(RetryTiming::at(next))
    }

    fn record_throttled(
        &self,
        state: &mut OperationState,
        class: RateClass,
        limit: RateLimit,
        asked: Option<Duration>,
        sent_at: Instant,
    ) -> Result<RetryTiming, StopReason> {
        let reachability = self.breaker.reachability();
        let processed = reachability.processed();
        let own = state
            .record_throttled(reachability.processed_of_class(class))
            .then_some(state.tries.used() + 1);
        // Nothing else is in flight, so this 429 counts against the row.
        let is_alone = processed > 0 && self.breaker.unfinished().count() == 1;
        reachability.record_throttled(self.pacer.longest_wait())?;
        let request = ThrottledRequest {
            sent_at,
            limit,
            retry_after: asked,
            processed,
        };
        let at = self.pacer.record_throttled(&request, own)?;
        let is_own_limit = own.is_some() || is_alone;
        if is_own_limit {
            state.tries.count_failed();
        }
        Ok(RetryTiming {
            retry_at: at,
            limit_owner: if is_own_limit {
                LimitOwner::Operation
            } else {
                LimitOwner::Everyone
            },
        })
    }

    /// Something other than the API answered.
    fn record_foreign(
        &self,
        state: &mut OperationState,
        failure: &Failure,
        sent_at: Instant,
    ) -> Result<RetryTiming, StopReason> {
        let (reachability, breaker) = (self.breaker.reachability(), &self.breaker);
        if reachability.has_answered() {
            breaker.record_failure(state, failure, FailedTry::sent(sent_at))?;
        } else {
            state.tries.count_failed();
        }
        let ends = !state.has_tries_left()
            && !state.can_be_split()
            && !breaker.may_be_shared_fault(&state.tries);
        let enough = if breaker.is_open() {
            Some(self.max_attempts())
        } else {
            ends.then(|| state.requests_sent())
        };
        reachability.record_foreign(failure, enough)?;
        let next = breaker.next_try_at(state.tries.failed(), Duration::ZERO);
        Ok(RetryTiming::at(next))
    }

    /// Reports retries, and batches that are split.
    fn report_decision(&self, decision: &RetryDecision, report: DecisionReport) {
        let metrics = self.wire.metrics();
        if let (Some(cause), RetryDecision::Retry(plan)) = (report.retry_cause, decision) {
            metrics.record_planned_retry(cause, plan.at - Instant::now());
        }
        if let Some(failure) = report.split_cause {
            metrics.report_split(failure);
        }
    }
}

/// Retries at once. It is not the operation's fault, but it may not go on forever.
fn record_outdated(
    state: &mut OperationState,
    reason: &StopReason,
) -> Result<RetryTiming, StopReason> {
    if state.record_outdated() {
        return Err(reason.clone());
    }
    Ok(RetryTiming::at(Instant::now()))
}

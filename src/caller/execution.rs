//! One operation of the API to its completion: through the gates, over the wire, and
//! again as the verdict says.
//!
//! Knows nothing of rows, nor of status codes, headers or URLs: those ended at the
//! verdict.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    account::{AccountGate, AccountListener},
    attempt_state::AttemptState,
    circuit_breaker::{CircuitBreaker, HoldResult},
    day_quota::{DayPolicy, DayQuotaGate},
    metered_api::MeteredApi,
    metrics::Metrics,
    pacer::Pacer,
    permits::InFlightPermits,
    retry_budget::{RetryControl, RetryPolicy},
    retry_decision::{Completion, RetryDecision, RetryPlan},
};
use crate::{
    account::{AccountDetails, AccountId},
    api::{Api, ApiResponse, Operation, Verdict},
    row::Failure,
    stop::StopSwitch,
};

/// Whoever makes calls of a run: by one pace, one breaker and one budget of retries.
#[derive(Debug)]
pub struct Caller<A> {
    pub(super) wire: MeteredApi<A>,
    pub(super) account: AccountGate,
    pub(super) day: DayQuotaGate,
    pub(super) breaker: CircuitBreaker,
    pub(super) pacer: Pacer,
    pub(super) retries: RetryControl,
    pub(super) stop: StopSwitch,
}

impl<A: Api> Caller<A> {
    /// By this pace, until `stop`.
    pub fn new(api: A, pacer: Pacer, retry: RetryPolicy, stop: StopSwitch) -> Self {
        let metrics = pacer.metrics();
        Self {
            wire: MeteredApi::new(api, Arc::clone(&metrics)),
            account: AccountGate::default(),
            day: DayQuotaGate::default(),
            breaker: CircuitBreaker::new(metrics, pacer.longest_wait()),
            pacer,
            retries: RetryControl::new(retry),
            stop,
        }
    }

    /// The run stops before its first row if the token belongs to another
    /// account than this one.
    #[must_use]
    pub fn expecting_run_account(self, account: Option<AccountId>) -> Self {
        self.account.expected.run.set(account);
        self
    }

    /// The same of what the user says: if it cannot be found out which account
    /// the token belongs to, the run stops as well.
    #[must_use]
    pub fn requiring_account(mut self, account: Option<AccountId>) -> Self {
        self.account.expected.user = account;
        self
    }

    /// The same of a run that is over, whose account nobody can choose any more.
    #[must_use]
    pub fn requiring_run_account(mut self, account: Option<AccountId>) -> Self {
        self.account.expected.is_run_over = true;
        self.expecting_run_account(account)
    }

    /// The account is told to `listener` as soon as it is known, or why it is not.
    #[must_use]
    pub fn on_account(
        mut self,
        listener: impl Fn(Result<&AccountDetails, Option<&Failure>>) + 'static,
    ) -> Self {
        self.account.listener = AccountListener(Some(Box::new(listener)));
        self
    }

    /// How the day's quota is used.
    #[must_use]
    pub fn with_day_policy(mut self, policy: DayPolicy) -> Self {
        self.day.set_policy(policy);
        self
    }

    /// How the API takes calls.
    pub fn api(&self) -> &A {
        self.wire.api()
    }

    /// What it is doing, for whoever shows that.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(self.wire.metrics())
    }

    /// The account that rows were sent to, if it is known.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.account.known()
    }

    /// The longest that the run waits for HubSpot.
    #[must_use]
    pub fn longest_wait(&self) -> Duration {
        self.pacer.longest_wait()
    }

    /// How often a row may be tried.
    #[must_use]
    pub fn max_attempts(&self) -> u32 {
        self.retries.policy.max_attempts
    }

    /// An operation for rows is under way from now on.
    pub fn operation_started(&self) {
        self.breaker.in_flight().add();
    }

    /// One has ended, and so many go on in its place.
    pub fn operation_replaced(&self, others: usize) {
        self.breaker.in_flight().replace(others);
    }

    /// Whether rows may follow those under way: others that could yet tell
    /// whose fault a failure is.
    pub fn set_more_to_come(&self, more: bool) {
        self.breaker.in_flight().set_more_to_come(more);
    }

    /// Calls until there is a completion; an operation for rows in a slot of these.
    pub async fn execute(
        &self,
        attempt: &mut AttemptState,
        permits: Option<&InFlightPermits>,
        operation: Operation<'_>,
    ) -> Completion {
        loop {
            if let Some(permits) = permits
                && !self.acquire_permit(attempt, permits).await
            {
                return Completion::Unsettled;
            }
            let decision = self.try_once(attempt, operation).await;
            if let Some(permits) = permits
                && self.breaker.reachability().has_answered()
            {
                permits.release_all();
            }
            self.breaker.in_flight().wake_held();
            match decision {
                RetryDecision::Complete(completion) => return completion,
                RetryDecision::Retry(again) => {
                    if let Some(barred) = Box::pin(self.check_blocked(attempt, operation)).await {
                        return barred;
                    }
                    Box::pin(self.wait_to_retry(attempt, again)).await;
                }
                RetryDecision::Hold(own) => {
                    match Box::pin(self.breaker.hold_until_decided(attempt, &self.stop)).await {
                        HoldResult::Retry => {}
                        HoldResult::OwnFault => return own,
                        HoldResult::Stopped => return Completion::Unsettled,
                    }
                }
                RetryDecision::Stop(reason) => {
                    self.stop.request(reason);
                    return Completion::Unsettled;
                }
            }
        }
    }

    /// Whether it has a slot, or gets one before the run stops.
    pub async fn acquire_permit(
        &self,
        attempt: &mut AttemptState,
        permits: &InFlightPermits,
    ) -> bool {
        if attempt.permit.is_none() {
            let permit = Box::pin(self.stop.unless_requested(permits.acquire())).await;
            attempt.permit = permit.flatten();
        }
        attempt.permit.is_some()
    }

    /// One attempt, and what follows from it.
    async fn try_once(
        &self,
        attempt: &mut AttemptState,
        operation: Operation<'_>,
    ) -> RetryDecision {
        let Some(turn) = self.pass_gates(operation).await else {
            // The run stops before the request was sent.
            return RetryDecision::Complete(Completion::Unsettled);
        };
        let at = Instant::now();
        let (turn, answer) = match turn {
            Ok(turn) => {
                let answer = self
                    .send(operation, attempt.unanswered_in_a_row() > 0, at)
                    .await;
                attempt.count_request();
                (Some(turn), answer)
            }
            Err(verdict) => (None, ApiResponse::from_verdict(verdict)),
        };
        attempt.trace_attempt(&answer.verdict);
        attempt.record_response(!matches!(answer.verdict, Verdict::ConnectionLost(_)));
        let class = self.api().class(operation);
        let decision = self.handle_verdict(attempt, class, answer.verdict, answer.payload, at);
        // Held until the answer was judged.
        drop(turn);
        decision
    }

    /// One request, which leaves `at` this time, and what its answer says of quotas.
    pub(super) async fn send(
        &self,
        operation: Operation<'_>,
        afresh: bool,
        at: Instant,
    ) -> ApiResponse {
        self.day.count_sent();
        let answer = self.wire.send(operation, afresh, at).await;
        self.day
            .record_answer(&answer, operation.is_about_links(), self.wire.metrics());
        if let Some(quota) = answer.quota {
            self.pacer.learn(self.api().class(operation), quota, at);
        }
        answer
    }

    /// Waits until another try, without a slot.
    pub(super) async fn wait_to_retry(&self, attempt: &mut AttemptState, again: RetryPlan) {
        // Before the first answer of all, one row tries for all.
        if self.breaker.reachability().has_answered() {
            attempt.permit = None;
        }
        let metrics = self.wire.metrics();
        metrics.back_off(again.at, &self.stop).await;
        // In an outage, the probes are the limit.
        if again.uses_budget && !self.breaker.is_open() {
            let _waiting = metrics.count_waiting();
            let turn = self.retries.budget.acquire(|| metrics.report_retry_queue());
            self.stop.unless_requested(turn).await;
        }
    }

    /// What an operation has to do yet has tries of its own, and a turn after everybody else's.
    pub async fn yield_turn(&self, attempt: &mut AttemptState) {
        let tries = attempt.reset_tries();
        self.breaker.operation_finished(&tries);
        let at = Instant::now();
        let again = RetryPlan {
            at,
            uses_budget: false,
        };
        Box::pin(self.wait_to_retry(attempt, again)).await;
    }

    /// Waits until then, or until the run stops.
    pub async fn wait_until(&self, at: Instant) {
        self.wire.metrics().back_off(at, &self.stop).await;
    }

    /// An operation has its outcome.
    pub fn operation_finished(&self, attempt: &AttemptState) {
        self.breaker.operation_finished(&attempt.tries);
    }
}

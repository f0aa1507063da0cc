//! Carries out one API operation: through the gates, over the wire, and again if the verdict asks
//! for it.
//!
//! Knows nothing of rows, status codes, headers or URLs: verdicts hide them.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    account::{AccountGate, AccountListener},
    circuit_breaker::{CircuitBreaker, HoldResult},
    day_quota::{DayPolicy, DayQuotaGate},
    metered_api::MeteredApi,
    metrics::Metrics,
    operation_state::OperationState,
    pacer::Pacer,
    permits::PermitPool,
    retry_budget::{RetryControl, RetryPolicy},
    retry_decision::{Completion, RetryDecision, RetryPlan},
};
use crate::{
    account::{AccountDetails, AccountId},
    api::{Api, ApiResponse, Operation, Verdict},
    row::Failure,
    stop::StopSwitch,
};

/// Makes all calls of a run, with one pace, one circuit breaker and one retry budget.
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
    /// Makes calls at this pace until `stop` is requested.
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

    /// The run began in this account. It stops before the first row if the token belongs to another
    /// one.
    #[must_use]
    pub fn expecting_run_account(self, account: Option<AccountId>) -> Self {
        self.account.expected.run.set(account);
        self
    }

    /// The user named this account. The run also stops if it cannot be found out which account the
    /// token belongs to.
    #[must_use]
    pub fn requiring_account(mut self, account: Option<AccountId>) -> Self {
        self.account.expected.user = account;
        self
    }

    /// The run is over, and its account cannot change any more. It stops as for an account that the
    /// user named.
    #[must_use]
    pub fn requiring_run_account(mut self, account: Option<AccountId>) -> Self {
        self.account.expected.is_run_over = true;
        self.expecting_run_account(account)
    }

    /// Calls `listener` as soon as the account is known, or with the reason why it is not.
    #[must_use]
    pub fn on_account(
        mut self,
        listener: impl Fn(Result<&AccountDetails, Option<&Failure>>) + 'static,
    ) -> Self {
        self.account.listener = AccountListener(Some(Box::new(listener)));
        self
    }

    /// Sets how the daily quota may be used.
    #[must_use]
    pub fn with_day_policy(mut self, policy: DayPolicy) -> Self {
        self.day.set_policy(policy);
        self
    }

    /// The API that takes the calls.
    pub fn api(&self) -> &A {
        self.wire.api()
    }

    /// The counters of the run, for the progress display and the summary.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(self.wire.metrics())
    }

    /// The account that rows were sent to, if it is known.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.account.known()
    }

    /// The longest time that the run waits for HubSpot.
    #[must_use]
    pub fn longest_wait(&self) -> Duration {
        self.pacer.longest_wait()
    }

    /// How often a row may be tried.
    #[must_use]
    pub fn max_attempts(&self) -> u32 {
        self.retries.policy.max_attempts
    }

    /// An operation for rows is in flight from now on.
    pub fn operation_started(&self) {
        self.breaker.unfinished().add();
    }

    /// One operation ended, and `others` go on in its place.
    pub fn operation_replaced(&self, others: usize) {
        self.breaker.unfinished().replace(others);
    }

    /// Sets whether rows may follow those in flight. They could still show whose fault a failure
    /// is.
    pub fn set_more_to_come(&self, more: bool) {
        self.breaker.unfinished().set_more_to_come(more);
    }

    /// Sets whether the rows that may follow wait for those in flight, and so cannot show whose fault
    /// their failure is.
    pub fn set_followers_wait(&self, wait: bool) {
        self.breaker.unfinished().set_followers_wait(wait);
    }

    /// Sends requests until there is a completion. An operation for rows needs one of these
    /// permits.
    pub async fn execute(
        &self,
        state: &mut OperationState,
        permits: Option<&PermitPool>,
        operation: Operation<'_>,
    ) -> Completion {
        loop {
            if let Some(permits) = permits
                && !self.acquire_permit(state, permits).await
            {
                return Completion::Unsettled;
            }
            let decision = self.try_once(state, operation).await;
            if let Some(permits) = permits
                && self.breaker.reachability().has_answered()
            {
                permits.open_all();
            }
            self.breaker.unfinished().wake_held();
            match decision {
                RetryDecision::Complete(completion) => return completion,
                RetryDecision::Retry(plan) => {
                    if let Some(completion) = Box::pin(self.check_blocked(state, operation)).await {
                        return completion;
                    }
                    Box::pin(self.wait_to_retry(state, plan)).await;
                }
                RetryDecision::Hold(own) => {
                    match Box::pin(self.breaker.hold_until_decided(state, &self.stop)).await {
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

    /// Gets a permit, unless it has one. Returns `false` if the run stops first.
    pub async fn acquire_permit(&self, state: &mut OperationState, permits: &PermitPool) -> bool {
        if state.permit.is_none() {
            let permit = Box::pin(self.stop.unless_requested(permits.acquire())).await;
            state.permit = permit.flatten();
        }
        state.permit.is_some()
    }

    /// Makes one attempt and decides what follows.
    async fn try_once(
        &self,
        state: &mut OperationState,
        operation: Operation<'_>,
    ) -> RetryDecision {
        let Some(send_permit) = self.pass_gates(operation).await else {
            // The run stops before the request was sent.
            return RetryDecision::Complete(Completion::Unsettled);
        };
        let at = Instant::now();
        let (send_permit, answer) = match send_permit {
            Ok(send_permit) => {
                let answer = self
                    .send(operation, state.unanswered_in_a_row() > 0, at)
                    .await;
                state.count_request();
                (Some(send_permit), answer)
            }
            Err(verdict) => (None, ApiResponse::from_verdict(verdict)),
        };
        state.trace_attempt(&answer.verdict);
        state.record_response(!matches!(answer.verdict, Verdict::ConnectionLost(_)));
        if operation.writes() && answer.verdict.may_have_written() {
            state.record_possible_write();
        }
        let class = self.api().class(operation);
        let has_left = send_permit.is_some() && !matches!(answer.verdict, Verdict::NotSent(_));
        if has_left && state.is_retry {
            self.wire.metrics().count_retry();
        }
        let is_throttled = answer.verdict.is_too_many_requests();
        if is_throttled {
            self.wire.metrics().count_throttled();
        }
        let decision = self.handle_verdict(state, class, answer.verdict, answer.payload, at);
        if has_left {
            state.is_retry = !is_throttled && decision.sends_again();
        }
        // Held until the response was judged.
        drop(send_permit);
        decision
    }

    /// Sends one request at `at`, and notes what the response says about quotas.
    pub(super) async fn send(
        &self,
        operation: Operation<'_>,
        on_new_connection: bool,
        at: Instant,
    ) -> ApiResponse {
        self.day.count_sent();
        let answer = self.wire.send(operation, on_new_connection, at).await;
        self.day
            .record_answer(&answer, operation.is_about_links(), self.wire.metrics());
        if let Some(quota) = answer.quota {
            self.pacer.learn(self.api().class(operation), quota, at);
        }
        answer
    }

    /// Waits for a retry, without a permit.
    pub(super) async fn wait_to_retry(&self, state: &mut OperationState, plan: RetryPlan) {
        // Before the first response of the run, one row tries for all.
        if self.breaker.reachability().has_answered() {
            state.permit = None;
        }
        let metrics = self.wire.metrics();
        metrics.back_off(plan.at, &self.stop).await;
        // In an outage the probes are the limit.
        if plan.uses_budget && !self.breaker.is_open() {
            let _waiting = metrics.count_waiting();
            let budgeted = self.retries.budget.acquire(|| metrics.report_retry_queue());
            self.stop.unless_requested(budgeted).await;
        }
    }

    /// Lets everybody else go first. The next step of the operation has tries of its own.
    pub async fn yield_turn(&self, state: &mut OperationState) {
        let tries = state.reset_tries();
        self.breaker.operation_finished(&tries);
        let at = Instant::now();
        let plan = RetryPlan {
            at,
            uses_budget: false,
        };
        Box::pin(self.wait_to_retry(state, plan)).await;
    }

    /// Waits until `at`, or until the run stops.
    pub async fn wait_until(&self, at: Instant) {
        self.wire.metrics().back_off(at, &self.stop).await;
    }

    /// An operation has its outcome.
    pub fn operation_finished(&self, state: &OperationState) {
        self.breaker.operation_finished(&state.tries);
    }
}

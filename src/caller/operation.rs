//! One operation of the API to its completion: through the gates, over the wire, and
//! again as the verdict says.
//!
//! Knows nothing of rows, nor of status codes, headers or URLs: those ended at the
//! verdict.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    account::{Account, Listener},
    breaker::{Breaker, News},
    budget::{Retries, RetryPolicy},
    day::{Day, DayPolicy},
    decision::{Again, Completion, Decision},
    in_flight::InFlight,
    metrics::Metrics,
    pacer::Pacer,
    slots::Slots,
    wire::Wire,
};
use crate::{
    account::{AccountDetails, AccountId},
    api::{Api, ApiResponse, Operation, Verdict},
    row::Failure,
    stop::Stop,
};

/// Whoever makes calls of a run: by one pace, one breaker and one budget of retries.
#[derive(Debug)]
pub struct Caller<A> {
    pub(super) wire: Wire<A>,
    pub(super) account: Account,
    pub(super) day: Day,
    pub(super) breaker: Breaker,
    pub(super) pacer: Pacer,
    pub(super) retries: Retries,
    pub(super) stop: Stop,
}

impl<A: Api> Caller<A> {
    /// By this pace, until `stop`.
    pub fn new(api: A, pacer: Pacer, retry: RetryPolicy, stop: Stop) -> Self {
        let metrics = pacer.metrics();
        Self {
            wire: Wire::new(api, Arc::clone(&metrics)),
            account: Account::default(),
            day: Day::default(),
            breaker: Breaker::new(metrics, pacer.longest_wait()),
            pacer,
            retries: Retries::new(retry),
            stop,
        }
    }

    /// The run stops before its first row if the token belongs to another
    /// account than this one.
    #[must_use]
    pub fn expecting(self, account: Option<AccountId>) -> Self {
        self.account.expected.by_the_run.set(account);
        self
    }

    /// The same of what the user says: if it cannot be found out which account
    /// the token belongs to, the run stops as well.
    #[must_use]
    pub fn insisting_on(mut self, account: Option<AccountId>) -> Self {
        self.account.expected.by_the_user = account;
        self
    }

    /// The same of a run that is over, whose account nobody can choose any more.
    #[must_use]
    pub fn insisting_on_that_of_the_run(mut self, account: Option<AccountId>) -> Self {
        self.account.expected.is_fixed = true;
        self.expecting(account)
    }

    /// The account is told to `listener` as soon as it is known, or why it is not.
    #[must_use]
    pub fn telling(
        mut self,
        listener: impl Fn(Result<&AccountDetails, Option<&Failure>>) + 'static,
    ) -> Self {
        self.account.listener = Listener(Some(Box::new(listener)));
        self
    }

    /// How the day's quota is used.
    #[must_use]
    pub fn using_the_day(mut self, policy: DayPolicy) -> Self {
        self.day.uses(policy);
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
    pub fn begins(&self) {
        self.breaker.witnesses().one_more();
    }

    /// One has ended, and so many go on in its place.
    pub fn became(&self, others: usize) {
        self.breaker.witnesses().became(others);
    }

    /// Whether rows may follow those under way: others that could yet tell
    /// whose fault a failure is.
    pub fn more_follows(&self, more: bool) {
        self.breaker.witnesses().more_follows(more);
    }

    /// Calls until there is a completion; an operation for rows in a slot of these.
    pub async fn carry_out(
        &self,
        operation: &mut InFlight,
        slots: Option<&Slots>,
        call: Operation<'_>,
    ) -> Completion {
        loop {
            if let Some(slots) = slots
                && !self.has_slot(operation, slots).await
            {
                return Completion::Unsettled;
            }
            let decision = self.attempt(operation, call).await;
            if let Some(slots) = slots
                && self.breaker.contact().has_answered()
            {
                slots.open();
            }
            self.breaker.witnesses().tell();
            match decision {
                Decision::End(completion) => return completion,
                Decision::Again(again) => {
                    if let Some(barred) = Box::pin(self.is_barred(operation, call)).await {
                        return barred;
                    }
                    Box::pin(self.wait(operation, again)).await;
                }
                Decision::Hold(own) => {
                    match Box::pin(self.breaker.hear_of_others(operation, &self.stop)).await {
                        News::Again => {}
                        News::OwnFault => return own,
                        News::Stopped => return Completion::Unsettled,
                    }
                }
                Decision::Stop(reason) => {
                    self.stop.request(reason);
                    return Completion::Unsettled;
                }
            }
        }
    }

    /// Whether it has a slot, or gets one before the run stops.
    pub async fn has_slot(&self, operation: &mut InFlight, slots: &Slots) -> bool {
        if operation.slot.is_none() {
            let slot = Box::pin(self.stop.unless_requested(slots.next())).await;
            operation.slot = slot.flatten();
        }
        operation.slot.is_some()
    }

    /// One attempt, and what follows from it.
    async fn attempt(&self, operation: &mut InFlight, call: Operation<'_>) -> Decision {
        let Some(turn) = self.pass(call).await else {
            // The run stops before the request was sent.
            return Decision::End(Completion::Unsettled);
        };
        let at = Instant::now();
        let (turn, answer) = match turn {
            Ok(turn) => {
                let answer = self.send(call, operation.unanswered() > 0, at).await;
                operation.count();
                (Some(turn), answer)
            }
            Err(verdict) => (None, ApiResponse::from_verdict(verdict)),
        };
        operation.trace(&answer.verdict);
        operation.was_answered(!matches!(answer.verdict, Verdict::ConnectionLost(_)));
        let class = self.api().class(call);
        let decision = self.judge(operation, class, answer.verdict, answer.payload, at);
        // Held until the answer was judged.
        drop(turn);
        decision
    }

    /// One request, which leaves `at` this time, and what its answer says of quotas.
    pub(super) async fn send(&self, call: Operation<'_>, afresh: bool, at: Instant) -> ApiResponse {
        self.day.sent();
        let answer = self.wire.send(call, afresh, at).await;
        self.day
            .answered(&answer, call.is_about_links(), self.wire.metrics());
        if let Some(quota) = answer.quota {
            self.pacer.learn(self.api().class(call), quota, at);
        }
        answer
    }

    /// Waits until another try, without a slot.
    pub(super) async fn wait(&self, operation: &mut InFlight, again: Again) {
        // Before the first answer of all, one row tries for all.
        if self.breaker.contact().has_answered() {
            operation.slot = None;
        }
        let metrics = self.wire.metrics();
        metrics.back_off(again.at, &self.stop).await;
        // In an outage, the probes are the limit.
        if again.is_retry && !self.breaker.is_down() {
            let _waiting = metrics.count_waiting();
            let turn = self.retries.budget.turn(|| metrics.report_retry_queue());
            self.stop.unless_requested(turn).await;
        }
    }

    /// What an operation has to do yet has tries of its own, and a turn after everybody else's.
    pub async fn give_way(&self, operation: &mut InFlight) {
        let tries = operation.begin_afresh();
        self.breaker.settled(&tries);
        let at = Instant::now();
        let again = Again {
            at,
            is_retry: false,
        };
        Box::pin(self.wait(operation, again)).await;
    }

    /// Waits until then, or until the run stops.
    pub async fn back_off(&self, at: Instant) {
        self.wire.metrics().back_off(at, &self.stop).await;
    }

    /// An operation has its outcome.
    pub fn settled(&self, operation: &InFlight) {
        self.breaker.settled(&operation.tries);
    }
}

//! The gates that an operation passes before it is sent, in this order: the account is known, calls
//! are left today, the circuit breaker lets it through, there is a token, and the pacer reserves a
//! time for it.

use std::pin::pin;

use jiff::Timestamp;

use super::{circuit_breaker::SendPermit, execution::Caller};
use crate::{
    account::AccountDetails,
    api::{Api, Operation, RateClass, Verdict},
    stop::StopReason,
};

impl<A: Api> Caller<A> {
    /// Asks HubSpot about the account before any row is sent. `None` if the run stops.
    pub async fn learn_account(&self) -> Option<Option<AccountDetails>> {
        let is_known = self.ensure_account().await;
        is_known.then(|| self.account.details())
    }

    /// The right to one request, or the verdict on an attempt that cannot be made; `None` if the
    /// run stops. By then the account is known as far as possible, unless the operation asks for
    /// it.
    pub(super) async fn pass_gates(
        &self,
        operation: Operation<'_>,
    ) -> Option<Result<SendPermit<'_>, Verdict>> {
        let asks_for_it = matches!(operation, Operation::Account);
        let is_checked = || asks_for_it || self.account.is_checked();
        let has_calls_left = || self.day.has_calls_left(self.wire.metrics());
        let class = self.api().class(operation);
        loop {
            // Rare futures are boxed: they would make every row's future larger.
            if !is_checked() && !Box::pin(self.ensure_account()).await {
                return None;
            }
            if !has_calls_left() && !Box::pin(self.ensure_day_quota()).await {
                return None;
            }
            let send_permit = self.wait_for_send_permit(class).await?;
            // While this one waited, the token may have been replaced, or the daily quota used up.
            if send_permit.is_err() || is_checked() && has_calls_left() {
                return Some(send_permit);
            }
        }
    }

    /// Finds out the account, if that was not done. Returns `false` if the run stops.
    async fn ensure_account(&self) -> bool {
        if self.account.is_checked() {
            return true;
        }
        let _asking = self.account.ask_lock.lock().await;
        if self.account.is_checked() {
            return true;
        }
        // If an account is expected, the question is asked until the outage is over. Giving up would
        // look as if the token may not read the account.
        let reply = if self.account.is_expected() {
            self.ask_required(Operation::Account).await
        } else {
            self.ask(Operation::Account).await
        };
        let Some(reply) = reply else {
            return false;
        };
        let metrics = self.wire.metrics();
        let accepted = match reply.map(|payload| payload.account().cloned()) {
            Ok(Some(details)) => {
                self.day.set_time_zone(details.zone.clone());
                self.account.accept(details, metrics)
            }
            Ok(None) => self.account.accept_unknown(None, metrics),
            Err(why) => self.account.accept_unknown(Some(why), metrics),
        };
        if let Err(mismatch) = accepted {
            // If rows were sent, the token was replaced since.
            let has_sent = self.breaker.reachability().processed() > 0;
            let reason = StopReason::WrongAccount { mismatch, has_sent };
            self.stop.request(reason);
            return false;
        }
        true
    }

    /// The daily quota is used up: waits for the next day, or stops the run and returns `false`.
    async fn ensure_day_quota(&self) -> bool {
        if let Some(reason) = self.day.stop_reason() {
            self.stop.request(reason);
            return false;
        }
        let ask = async || self.ask_for_reset().await;
        let wait = self
            .day
            .wait_for_reset(self.wire.metrics(), &self.stop, ask);
        self.stop.unless_requested(wait).await.is_some()
    }

    /// When the daily quota begins again, if HubSpot says so.
    async fn ask_for_reset(&self) -> Option<Timestamp> {
        self.ask_once(Operation::Day)
            .await?
            .payload?
            .day()?
            .resets_at
    }

    /// Waits for the pacer, and in an outage for the right to probe. Returns the verdict if the
    /// attempt cannot be made, and `None` if the run stops.
    pub(super) async fn wait_for_send_permit(
        &self,
        class: RateClass,
    ) -> Option<Result<SendPermit<'_>, Verdict>> {
        let (stop, api, breaker) = (&self.stop, self.api(), &self.breaker);
        loop {
            let probe = breaker.wait_for_probe(stop).await?;
            // Gets a token ahead of time, while the others go on.
            let mut ready = stop.unless_requested(pin!(api.prepare())).await?;
            if ready.is_ok() {
                let prepare = async || api.prepare().await;
                ready = self
                    .pacer
                    .wait_for_turn(class, stop, || api.is_ready(), prepare)
                    .await?;
            }
            if let Err(verdict) = ready {
                breaker.probe_not_sent(probe.as_ref());
                return Some(Err(verdict));
            }
            if let Some(send_permit) = breaker.permit_send(probe) {
                return Some(Ok(send_permit));
            }
        }
    }
}

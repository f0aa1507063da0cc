//! Delivers one batch of rows: makes the calls that it takes, page by page, and finds out what else
//! has to be known.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    batch::RowBatch,
    identity::Identities,
    identity_resolver::IdentityResolver,
    in_flight::InFlightBatch,
    splitting::{BatchEnd, DeliveryResult},
};
use crate::{
    api::{Api, ResponsePayload},
    association::Merges,
    caller::{Caller, Completion, InFlightPermits, Permit},
};

/// If HubSpot says that it is still working, it gets at least this long; our choice.
const PENDING_LASTS: Duration = Duration::from_secs(1);

/// What all deliveries of a run share.
#[derive(Debug)]
pub struct Delivery<A> {
    caller: Caller<A>,
    permits: InFlightPermits,
    identities: Identities,
}

impl<A: Api> Delivery<A> {
    /// `concurrency` limits the number of requests in flight.
    pub fn new(caller: Caller<A>, concurrency: usize) -> Self {
        Self {
            caller,
            permits: InFlightPermits::new(concurrency),
            identities: Identities::default(),
        }
    }

    /// Adds the merges that an earlier session learned.
    #[must_use]
    pub fn with_known_merges(self, merges: Merges) -> Self {
        self.identities.load_merges(merges);
        self
    }

    /// Makes the calls.
    pub fn caller(&self) -> &Caller<A> {
        &self.caller
    }

    /// The permits for requests in flight.
    pub fn permits(&self) -> &InFlightPermits {
        &self.permits
    }

    /// The current ids of records.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// Delivers a batch. Returns its reports, and the smaller batches that remain.
    ///
    /// Not an `async fn`, which would have space for the batch twice: each row's future is moved
    /// around.
    pub fn deliver(
        &self,
        batch: RowBatch,
        permit: Option<Permit>,
    ) -> impl Future<Output = DeliveryResult> {
        let mut in_flight = InFlightBatch::start(batch, permit, &self.caller);
        async move {
            if in_flight.batch().origin().is_none() {
                self.caller.operation_started();
            }
            if let Some(since) = in_flight.pending_since() {
                Box::pin(self.wait_for_pending(&mut in_flight, since)).await;
            }
            let end = loop {
                if let Some(end) = self.advance(&mut in_flight).await {
                    break end;
                }
            };
            self.caller.operation_finished(&in_flight.state);
            let delivered = in_flight.finish(end, &self.identities);
            self.caller.operation_replaced(delivered.remaining.len());
            delivered
        }
    }

    /// Makes one more call. Returns how the batch ends, if it does.
    async fn advance(&self, in_flight: &mut InFlightBatch) -> Option<BatchEnd> {
        if in_flight.is_identify() {
            return Some(Box::pin(self.identify(in_flight)).await);
        }
        let (operation, call) = in_flight.next_call();
        let completion = self.caller.execute(operation, Some(&self.permits), call);
        match completion.await {
            Completion::Done {
                payload: Some(ResponsePayload::Links(page)),
                ..
            } => {
                // A record may have more links on another page.
                if in_flight.take_page(page) {
                    Box::pin(self.caller.yield_turn(&mut in_flight.state)).await;
                    return None;
                }
                Some(Box::pin(self.resolve_doubts(in_flight)).await)
            }
            Completion::Done { http_status, .. } => Some(BatchEnd::Done { http_status }),
            Completion::Failed(failure) => Some(BatchEnd::Failed(failure)),
            Completion::Parts(parts) => Some(BatchEnd::PerRow(parts)),
            Completion::Split => Some(BatchEnd::Split),
            Completion::Unsettled => Some(BatchEnd::Unsettled),
        }
    }

    /// Finds out which records the rows are about.
    async fn identify(&self, in_flight: &mut InFlightBatch) -> BatchEnd {
        if !self
            .caller
            .acquire_permit(&mut in_flight.state, &self.permits)
            .await
        {
            return BatchEnd::Unsettled;
        }
        let known = self.resolver().identify_rows(in_flight.batch()).await;
        known.map_or(BatchEnd::Unsettled, |()| BatchEnd::Identified)
    }

    async fn resolve_doubts(&self, in_flight: &mut InFlightBatch) -> BatchEnd {
        match in_flight.lookup() {
            Some(lookup) => self.resolver().resolve_doubts(lookup).await,
            None => BatchEnd::Answered,
        }
    }

    fn resolver(&self) -> IdentityResolver<'_, A> {
        IdentityResolver {
            caller: &self.caller,
            identities: &self.identities,
        }
    }

    /// HubSpot is still working on it. Waits twice as long each time, but no longer than for a
    /// server that cannot be reached.
    async fn wait_for_pending(&self, in_flight: &mut InFlightBatch, since: Instant) {
        let (waited, longest) = (since.elapsed(), self.caller.longest_wait());
        if waited >= longest {
            return in_flight.stop_waiting();
        }
        in_flight.state.release_permit();
        let wait = waited.clamp(PENDING_LASTS, longest.max(PENDING_LASTS));
        self.caller.wait_until(Instant::now() + wait).await;
    }
}

//! One parcel of rows to its outcomes: the calls that it takes, page by page, and what
//! has to be found out besides.

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

/// HubSpot gets at least so long to finish what it says that it is still at; our
/// choice.
const PENDING_LASTS: Duration = Duration::from_secs(1);

/// What every delivery of a run shares.
#[derive(Debug)]
pub struct Delivery<A> {
    caller: Caller<A>,
    permits: InFlightPermits,
    identities: Identities,
}

impl<A: Api> Delivery<A> {
    /// `concurrency` is the number of requests in flight at most.
    pub fn new(caller: Caller<A>, concurrency: usize) -> Self {
        Self {
            caller,
            permits: InFlightPermits::new(concurrency),
            identities: Identities::default(),
        }
    }

    /// Merges that an earlier session has learnt.
    #[must_use]
    pub fn with_known_merges(self, merges: Merges) -> Self {
        self.identities.load_merges(merges);
        self
    }

    /// Who makes the calls.
    pub fn caller(&self) -> &Caller<A> {
        &self.caller
    }

    /// The rights to one request in flight.
    pub fn permits(&self) -> &InFlightPermits {
        &self.permits
    }

    /// Which ids records have today.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// Sees a parcel through to its reports, or to smaller parcels.
    ///
    /// No `async fn`, which would have room for the parcel twice: each row's future is moved
    /// about.
    pub fn deliver(
        &self,
        parcel: RowBatch,
        slot: Option<Permit>,
    ) -> impl Future<Output = DeliveryResult> {
        let mut trip = InFlightBatch::start(parcel, slot, &self.caller);
        async move {
            if trip.batch().origin().is_none() {
                self.caller.operation_started();
            }
            if let Some(since) = trip.pending_since() {
                Box::pin(self.wait_for_pending(&mut trip, since)).await;
            }
            let end = loop {
                if let Some(end) = self.advance(&mut trip).await {
                    break end;
                }
            };
            self.caller.operation_finished(&trip.attempt);
            let delivered = trip.finish(end, &self.identities);
            self.caller.operation_replaced(delivered.remaining.len());
            delivered
        }
    }

    /// One more call to its completion; returns how the trip ends, if it does.
    async fn advance(&self, trip: &mut InFlightBatch) -> Option<BatchEnd> {
        if trip.is_identify() {
            return Some(Box::pin(self.identify(trip)).await);
        }
        let (operation, call) = trip.next_call();
        let completion = self.caller.execute(operation, Some(&self.permits), call);
        match completion.await {
            Completion::Done {
                told: Some(ResponsePayload::Links(page)),
                ..
            } => {
                // A record may have more links on another page.
                if trip.take_page(page) {
                    Box::pin(self.caller.yield_turn(&mut trip.attempt)).await;
                    return None;
                }
                Some(Box::pin(self.resolve_doubts(trip)).await)
            }
            Completion::Done { http_status, .. } => Some(BatchEnd::Done { http_status }),
            Completion::Failed(failure) => Some(BatchEnd::Failed(failure)),
            Completion::Parts(parts) => Some(BatchEnd::PerRow(parts)),
            Completion::Split => Some(BatchEnd::Split),
            Completion::Unsettled => Some(BatchEnd::Unsettled),
        }
    }

    /// Finds out which records its rows are about.
    async fn identify(&self, trip: &mut InFlightBatch) -> BatchEnd {
        if !self
            .caller
            .acquire_permit(&mut trip.attempt, &self.permits)
            .await
        {
            return BatchEnd::Unsettled;
        }
        let known = self.resolver().identify_rows(trip.batch()).await;
        known.map_or(BatchEnd::Unsettled, |()| BatchEnd::Identified)
    }

    async fn resolve_doubts(&self, trip: &mut InFlightBatch) -> BatchEnd {
        match trip.lookup() {
            Some(look) => self.resolver().resolve_doubts(look).await,
            None => BatchEnd::Answered,
        }
    }

    fn resolver(&self) -> IdentityResolver<'_, A> {
        IdentityResolver {
            caller: &self.caller,
            identities: &self.identities,
        }
    }

    /// HubSpot is still at it: waits twice as long each time, but no longer than for a
    /// server that is away.
    async fn wait_for_pending(&self, trip: &mut InFlightBatch, since: Instant) {
        let (waited, longest) = (since.elapsed(), self.caller.longest_wait());
        if waited >= longest {
            return trip.stop_waiting();
        }
        trip.attempt.release_permit();
        let wait = waited.clamp(PENDING_LASTS, longest.max(PENDING_LASTS));
        self.caller.wait_until(Instant::now() + wait).await;
    }
}

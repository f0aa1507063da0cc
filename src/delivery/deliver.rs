//! One parcel of rows to its outcomes: the calls that it takes, page by page, and what
//! has to be found out besides.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    finder::Finder,
    identity::Identities,
    parcel::Parcel,
    sequel::{Delivered, End},
    trip::Trip,
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
    slots: InFlightPermits,
    identities: Identities,
}

impl<A: Api> Delivery<A> {
    /// `concurrency` is the number of requests in flight at most.
    pub fn new(caller: Caller<A>, concurrency: usize) -> Self {
        Self {
            caller,
            slots: InFlightPermits::new(concurrency),
            identities: Identities::default(),
        }
    }

    /// Merges that an earlier session has learnt.
    #[must_use]
    pub fn knowing(self, merges: Merges) -> Self {
        self.identities.know(merges);
        self
    }

    /// Who makes the calls.
    pub fn caller(&self) -> &Caller<A> {
        &self.caller
    }

    /// The rights to one request in flight.
    pub fn slots(&self) -> &InFlightPermits {
        &self.slots
    }

    /// Which ids records have today.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// Sees a parcel through to its reports, or to smaller parcels.
    ///
    /// No `async fn`, which would have room for the parcel twice: each row's future is moved
    /// about.
    pub fn deliver(&self, parcel: Parcel, slot: Option<Permit>) -> impl Future<Output = Delivered> {
        let mut trip = Trip::start(parcel, slot, &self.caller);
        async move {
            if trip.parcel().origin().is_none() {
                self.caller.operation_started();
            }
            if let Some(since) = trip.pending_since() {
                Box::pin(self.let_it_finish(&mut trip, since)).await;
            }
            let end = loop {
                if let Some(end) = self.go_on(&mut trip).await {
                    break end;
                }
            };
            self.caller.operation_finished(&trip.operation);
            let delivered = trip.finish(end, &self.identities);
            self.caller.operation_replaced(delivered.rest.len());
            delivered
        }
    }

    /// One more call to its completion; returns how the trip ends, if it does.
    async fn go_on(&self, trip: &mut Trip) -> Option<End> {
        if trip.identifies() {
            return Some(Box::pin(self.identify(trip)).await);
        }
        let (operation, call) = trip.next();
        let completion = self.caller.execute(operation, Some(&self.slots), call);
        match completion.await {
            Completion::Done {
                told: Some(ResponsePayload::Links(page)),
                ..
            } => {
                // A record may have more links on another page.
                if trip.take(page) {
                    Box::pin(self.caller.yield_turn(&mut trip.operation)).await;
                    return None;
                }
                Some(Box::pin(self.settle_doubts(trip)).await)
            }
            Completion::Done { http_status, .. } => Some(End::Done { http_status }),
            Completion::Failed(failure) => Some(End::Failed(failure)),
            Completion::Parts(parts) => Some(End::Parts(parts)),
            Completion::Split => Some(End::Halves),
            Completion::Unsettled => Some(End::Unsettled),
        }
    }

    /// Finds out which records its rows are about.
    async fn identify(&self, trip: &mut Trip) -> End {
        if !self
            .caller
            .acquire_permit(&mut trip.operation, &self.slots)
            .await
        {
            return End::Unsettled;
        }
        let known = self.finder().identify_rows(trip.parcel()).await;
        known.map_or(End::Unsettled, |()| End::Identified)
    }

    async fn settle_doubts(&self, trip: &mut Trip) -> End {
        match trip.look() {
            Some(look) => self.finder().settle_doubts(look).await,
            None => End::Told,
        }
    }

    fn finder(&self) -> Finder<'_, A> {
        Finder {
            caller: &self.caller,
            identities: &self.identities,
        }
    }

    /// HubSpot is still at it: waits twice as long each time, but no longer than for a
    /// server that is away.
    async fn let_it_finish(&self, trip: &mut Trip, since: Instant) {
        let (waited, longest) = (since.elapsed(), self.caller.longest_wait());
        if waited >= longest {
            return trip.is_pending_no_more();
        }
        trip.operation.release_permit();
        let wait = waited.clamp(PENDING_LASTS, longest.max(PENDING_LASTS));
        self.caller.wait_until(Instant::now() + wait).await;
    }
}

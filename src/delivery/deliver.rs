//! Delivers one batch of rows: makes the calls that it takes, page by page, and finds out what else
//! has to be known.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    batch::RowBatch,
    batch_progress::BatchProgress,
    identity::Identities,
    identity_resolver::IdentityResolver,
    splitting::{BatchEnd, DeliveryResult},
};
use crate::{
    api::{Api, ResponsePayload},
    association::Merges,
    caller::{Caller, Completion, Permit, PermitPool},
};

/// If HubSpot says that it is still working on a write, it gets at least this long before the write
/// is read back. Our choice.
const MIN_PENDING_WAIT: Duration = Duration::from_secs(1);

/// What all deliveries of a run share.
#[derive(Debug)]
pub struct Delivery<A> {
    caller: Caller<A>,
    permits: PermitPool,
    identities: Identities,
}

impl<A: Api> Delivery<A> {
    /// `concurrency` limits the number of requests in flight.
    pub fn new(caller: Caller<A>, concurrency: usize) -> Self {
        Self {
            caller,
            permits: PermitPool::new(concurrency),
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
    pub fn permits(&self) -> &PermitPool {
        &self.permits
    }

    /// The current ids of records.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// Delivers a batch. Returns its reports, and the smaller batches that remain.
    ///
    /// Not an `async fn`: its future would hold the batch twice, and futures are moved around.
    pub fn deliver(
        &self,
        batch: RowBatch,
        permit: Option<Permit>,
    ) -> impl Future<Output = DeliveryResult> {
        let mut progress = BatchProgress::start(batch, permit, &self.caller);
        async move {
            if progress.batch().origin().is_none() {
                self.caller.operation_started();
            }
            if let Some(pending_since) = progress.pending_since() {
                Box::pin(self.wait_for_pending(&mut progress, pending_since)).await;
            }
            let end = loop {
                if let Some(end) = self.advance(&mut progress).await {
                    break end;
                }
            };
            self.caller.operation_finished(&progress.state);
            let delivered = progress.finish(end, &self.identities);
            self.caller.operation_replaced(delivered.remaining.len());
            delivered
        }
    }

    /// Makes one more call. Returns how the batch ends, if it does.
    async fn advance(&self, progress: &mut BatchProgress) -> Option<BatchEnd> {
        if progress.is_identify() {
            return Some(Box::pin(self.identify(progress)).await);
        }
        let (operation, call) = progress.next_call();
        let completion = self.caller.execute(operation, Some(&self.permits), call);
        match completion.await {
            Completion::Done {
                payload: Some(ResponsePayload::Links(page)),
                ..
            } => {
                // A record may have more links on another page.
                if progress.take_page(page) {
                    Box::pin(self.caller.yield_turn(&mut progress.state)).await;
                    return None;
                }
                Some(Box::pin(self.resolve_doubts(progress)).await)
            }
            Completion::Done { http_status, .. } => Some(BatchEnd::Done { http_status }),
            Completion::Failed(failure) => Some(BatchEnd::Failed(failure)),
            Completion::Parts(parts) => Some(BatchEnd::PerRow(parts)),
            Completion::Split => Some(BatchEnd::Split),
            Completion::Unsettled => Some(BatchEnd::Unsettled),
        }
    }

    /// Finds out which records the rows are about.
    async fn identify(&self, progress: &mut BatchProgress) -> BatchEnd {
        if !self
            .caller
            .acquire_permit(&mut progress.state, &self.permits)
            .await
        {
            return BatchEnd::Unsettled;
        }
        let known = self.resolver().identify_rows(progress.batch()).await;
        known.map_or(BatchEnd::Unsettled, |()| BatchEnd::Identified)
    }

    async fn resolve_doubts(&self, progress: &mut BatchProgress) -> BatchEnd {
        match progress.lookup() {
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
    async fn wait_for_pending(&self, progress: &mut BatchProgress, pending_since: Instant) {
        let (waited, longest) = (pending_since.elapsed(), self.caller.longest_wait());
        if waited >= longest {
            return progress.stop_waiting();
        }
        progress.state.release_permit();
        let wait = waited.clamp(MIN_PENDING_WAIT, longest.max(MIN_PENDING_WAIT));
        self.caller.wait_until(Instant::now() + wait).await;
    }
}

//! How far the delivery of a batch has come.

use tokio::time::Instant;

use super::{
    batch::{DeliveryHistory, RowBatch, RowTask, UnconfirmedWrite},
    existing::ExistingLookup,
    identity::Identities,
    splitting::{BatchEnd, DeliveryResult},
};
use crate::{
    api::{Api, LinkOperation, LinkPage, Operation},
    caller::{Caller, OperationState, Permit},
};

/// A batch that is being delivered, and how far that has come.
pub(super) struct BatchProgress {
    batch: RowBatch,
    /// The state of its current call.
    pub(super) state: OperationState,
    /// What it has found out so far, if it reads something.
    lookup: Option<Box<ExistingLookup>>,
}

impl BatchProgress {
    /// Starts a batch, with a lookup if it reads something.
    pub(super) fn start<A: Api>(
        batch: RowBatch,
        permit: Option<Permit>,
        caller: &Caller<A>,
    ) -> Self {
        let api = caller.api();
        let lookup = || {
            let links = batch.links().chain(batch.paired_links());
            let mut lookup = ExistingLookup::new(
                links.copied().collect(),
                api.max_links(LinkOperation::Read, batch.len()),
            );
            lookup.mark_competing(batch.links().filter(|link| link.has_limit()));
            Box::new(lookup)
        };
        let lookup = (batch.task().link_operation() == LinkOperation::Read).then(lookup);
        let max_attempts = caller.max_attempts();
        let state = OperationState::for_rows(
            permit,
            batch.logged_rows(),
            batch.prior_attempts(),
            max_attempts,
        );
        Self {
            batch,
            state,
            lookup,
        }
    }

    /// The state of the attempt, and the next operation.
    pub(super) fn next_call(&mut self) -> (&mut OperationState, Operation<'_>) {
        let call = match (&self.lookup, self.batch.task()) {
            (Some(lookup), _) => Operation::Read(lookup.query()),
            (None, RowTask::Remove) => Operation::Remove(self.batch.requests()),
            (
                None,
                RowTask::Create
                | RowTask::RestoreDisplaced
                | RowTask::Identify
                | RowTask::ReadExisting
                | RowTask::ReadBack(_),
            ) => Operation::Create(self.batch.requests()),
        };
        (&mut self.state, call)
    }

    /// Takes a page. Returns whether there is more to ask.
    pub(super) fn take_page(&mut self, page: LinkPage) -> bool {
        self.lookup
            .as_mut()
            .is_some_and(|lookup| lookup.take_page(page))
    }

    /// Whether it only identifies the records of its rows.
    pub(super) fn is_identify(&self) -> bool {
        self.batch.task() == RowTask::Identify
    }

    /// The rows.
    pub(super) fn batch(&self) -> &RowBatch {
        &self.batch
    }

    /// What it has found out so far.
    pub(super) fn lookup(&mut self) -> Option<&mut ExistingLookup> {
        self.lookup.as_deref_mut()
    }

    /// Since when HubSpot has been working on the write that is read back.
    pub(super) fn pending_since(&self) -> Option<Instant> {
        match self.batch.task() {
            RowTask::ReadBack(unconfirmed) => unconfirmed.pending_since,
            RowTask::Create
            | RowTask::Remove
            | RowTask::RestoreDisplaced
            | RowTask::Identify
            | RowTask::ReadExisting => None,
        }
    }

    /// What is not done by now counts as not done.
    pub(super) fn stop_waiting(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        let task = match batch.task() {
            RowTask::ReadBack(unconfirmed) => RowTask::ReadBack(UnconfirmedWrite {
                pending_since: None,
                ..unconfirmed
            }),
            task @ (RowTask::Create
            | RowTask::Remove
            | RowTask::RestoreDisplaced
            | RowTask::Identify
            | RowTask::ReadExisting) => task,
        };
        self.batch = batch.with_task(task);
    }

    /// Nothing more is done for the batch. Returns the results of its rows.
    pub(super) fn finish(self, end: BatchEnd, identities: &Identities) -> DeliveryResult {
        let Self {
            mut batch,
            state,
            lookup,
        } = self;
        let tries = batch.prior_tries() + state.tries_used();
        let mut origin = DeliveryHistory::new(tries, state.has_own_fault());
        origin.write_lost_once = batch.origin().is_some_and(|before| before.write_lost_once);
        batch.set_requests(&state);
        let mut ended = DeliveryResult {
            permit: state.into_permit(),
            ..DeliveryResult::default()
        };
        ended.apply(batch, end, &origin, lookup.as_deref(), identities);
        ended
    }
}

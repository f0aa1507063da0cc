//! Parcels under way: how far each has come.

use tokio::time::Instant;

use super::{
    identity::Identities,
    look::Look,
    parcel::{Origin, Parcel, Task, Unconfirmed},
    sequel::{Delivered, End},
};
use crate::{
    api::{Api, LinkOperation, LinkPage, Operation},
    caller::{AttemptState, Caller, Permit},
};

/// A parcel under way.
pub(super) struct Trip {
    parcel: Parcel,
    /// The call that is made for it.
    pub(super) operation: AttemptState,
    /// What it has found out so far, if it asks for something.
    look: Option<Box<Look>>,
}

impl Trip {
    /// Begins one, with a look if something is asked for.
    pub(super) fn start<A: Api>(parcel: Parcel, slot: Option<Permit>, caller: &Caller<A>) -> Self {
        let api = caller.api();
        let look = || {
            let links = parcel.links().chain(parcel.others());
            let mut look = Look::at(
                links.copied().collect(),
                api.max_links(LinkOperation::Read, parcel.len()),
            );
            look.compete(parcel.links().filter(|link| link.has_limit()));
            Box::new(look)
        };
        let look = (parcel.task().act() == LinkOperation::Read).then(look);
        let of_a_row = caller.max_attempts();
        let operation = AttemptState::for_rows(slot, parcel.subject(), parcel.earlier(), of_a_row);
        Self {
            parcel,
            operation,
            look,
        }
    }

    /// The operation, and what is asked next by it.
    pub(super) fn next(&mut self) -> (&mut AttemptState, Operation<'_>) {
        let call = match (&self.look, self.parcel.task()) {
            (Some(look), _) => Operation::Read(look.reading()),
            (None, Task::Remove) => Operation::Remove(self.parcel.orders()),
            (
                None,
                Task::Create | Task::PutBack | Task::Identify | Task::Look | Task::Confirm(_),
            ) => Operation::Create(self.parcel.orders()),
        };
        (&mut self.operation, call)
    }

    /// Takes what was told; whether there is more to ask.
    pub(super) fn take(&mut self, page: LinkPage) -> bool {
        self.look.as_mut().is_some_and(|look| look.take(page))
    }

    /// Whether it is only to be found out which records its rows are about.
    pub(super) fn identifies(&self) -> bool {
        self.parcel.task() == Task::Identify
    }

    /// The rows under way.
    pub(super) fn parcel(&self) -> &Parcel {
        &self.parcel
    }

    /// What it has found out so far.
    pub(super) fn look(&mut self) -> Option<&mut Look> {
        self.look.as_deref_mut()
    }

    /// Since when HubSpot is at what it is to be found out whether it is done.
    pub(super) fn pending_since(&self) -> Option<Instant> {
        match self.parcel.task() {
            Task::Confirm(unconfirmed) => unconfirmed.pending_since,
            Task::Create | Task::Remove | Task::PutBack | Task::Identify | Task::Look => None,
        }
    }

    /// What is not done by now is taken for not done.
    pub(super) fn is_pending_no_more(&mut self) {
        let parcel = std::mem::take(&mut self.parcel);
        let task = match parcel.task() {
            Task::Confirm(unconfirmed) => Task::Confirm(Unconfirmed {
                pending_since: None,
                ..unconfirmed
            }),
            task @ (Task::Create | Task::Remove | Task::PutBack | Task::Identify | Task::Look) => {
                task
            }
        };
        self.parcel = parcel.for_task(task);
    }

    /// Nothing more is done for it: what came of its rows.
    pub(super) fn finish(self, end: End, identities: &Identities) -> Delivered {
        let Self {
            mut parcel,
            operation,
            look,
        } = self;
        let tries = parcel.earlier_tries() + operation.tries_used();
        let mut origin = Origin::new(tries, operation.has_own_fault());
        origin.lost_once = parcel.origin().is_some_and(|before| before.lost_once);
        parcel.attempted(operation.attempts());
        let mut ended = Delivered {
            slot: operation.into_permit(),
            ..Delivered::default()
        };
        ended.end(parcel, end, &origin, look.as_deref(), identities);
        ended
    }
}

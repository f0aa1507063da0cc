//! Parcels under way: how far each has come.

use tokio::{sync::OwnedSemaphorePermit, time::Instant};
use tracing::trace;

use super::{
    identity::Identities,
    look::{Look, Looked},
    outage::Tries,
    parcel::{Origin, Parcel, Reports, Task, Unconfirmed},
    sequel::End,
};
use crate::{
    api::{Act, Api, Call, Class, Page, Verdict},
    row::Row,
};

/// The right to one request in flight. It travels with the report and is
/// given back when that is recorded, so that no more outcomes can be waiting
/// for the results file than there are slots.
pub type Slot = OwnedSemaphorePermit;

/// So often in a row is a parcel tried again because what proved our right was
/// out of date. A token may expire on the way, but not every time.
const OUTDATED_IN_A_ROW: u32 = 3;

/// What came of a parcel.
#[derive(Debug, Default)]
pub struct Delivered {
    /// A report for each row that has ended.
    pub reports: Reports,
    /// Rows that were looked at.
    pub looked: Vec<Looked>,
    /// Rows of which it is now known which ids their records have today; nothing else
    /// was done for them.
    pub identified: Vec<Row>,
    /// How many are no longer being looked at, whatever came of it.
    pub looked_at: usize,
    /// The other rows, in parcels that are to be delivered in their turn.
    pub rest: Vec<Parcel>,
    /// Given back by dropping it, after the reports are recorded.
    pub slot: Option<Slot>,
}

/// A parcel under way.
pub(super) struct Trip {
    parcel: Parcel,
    pub(super) slot: Option<Slot>,
    pub(super) tries: Tries,
    /// What it has found out so far, if it asks for something.
    look: Option<Box<Look>>,
    /// Verdicts of the run when this parcel was last throttled.
    throttled_at: Option<u64>,
    /// Whether others got through between two of its 429s.
    throttled_alone: bool,
    /// Whether the last attempt got no answer, so that the next one goes over a
    /// connection of its own.
    pub(super) afresh: bool,
    /// The last attempt that was outdated, and how many in a row were.
    outdated: (u32, u32),
}

impl Trip {
    /// Asks for links as `api` has them.
    pub(super) fn start(parcel: Parcel, slot: Option<Slot>, api: &impl Api) -> Self {
        let look = || {
            let links = parcel.links().chain(parcel.others());
            let links = links.map(|link| api.as_read(link)).collect();
            let mut look = Look::at(links, api.most(Act::Read, parcel.len()));
            let competing = parcel.links().filter(|link| link.has_limit());
            look.compete(competing.map(|link| api.as_read(link)));
            Box::new(look)
        };
        Self {
            look: (parcel.task().act() == Act::Read).then(look),
            tries: Tries::with_fault(parcel.origin().is_some_and(|origin| origin.has_own_fault)),
            parcel,
            slot,
            throttled_at: None,
            throttled_alone: false,
            afresh: false,
            outdated: (0, 0),
        }
    }

    /// What is asked next.
    pub(super) fn call(&self) -> Call<'_> {
        match (&self.look, self.parcel.task()) {
            (Some(look), _) => Call::Read(look.reading()),
            (None, Task::Remove) => Call::Remove(self.parcel.orders()),
            (
                None,
                Task::Create | Task::PutBack | Task::Identify | Task::Look | Task::Confirm(_),
            ) => Call::Create(self.parcel.orders()),
        }
    }

    /// Takes what was told; whether there is more to ask.
    pub(super) fn take(&mut self, page: Page) -> bool {
        self.look.as_mut().is_some_and(|look| look.take(page))
    }

    /// What comes next has tries of its own; returns those so far.
    pub(super) fn begin_afresh(&mut self) -> Tries {
        let afresh = Tries::with_fault(self.tries.has_own_fault());
        std::mem::replace(&mut self.tries, afresh)
    }

    /// Whether it has several rows.
    pub(super) fn is_batch(&self) -> bool {
        self.parcel.len() > 1
    }

    /// Which window its calls count in.
    pub(super) fn class(&self, api: &impl Api) -> Class {
        api.class(self.call())
    }

    /// Requests sent for its rows.
    pub(super) fn attempts(&self) -> u32 {
        self.parcel.attempts()
    }

    /// Counts a request, if one was sent.
    pub(super) fn count(&mut self, sent: bool) {
        if sent {
            self.parcel.count();
        }
    }

    pub(super) fn trace(&self, verdict: &Verdict) {
        let (row, rows) = (self.parcel.first(), self.parcel.len());
        trace!(row, rows, attempt = self.attempts(), ?verdict, "attempted");
    }

    /// Tries that it has, of so many for a row. A parcel of several has half
    /// of what is left, so that there are tries for its halves, and always one.
    pub(super) fn most_tries(&self, of_a_row: u32) -> u32 {
        let left = of_a_row.saturating_sub(self.tries_before());
        let own = if self.is_batch() {
            left.div_ceil(2)
        } else {
            left
        };
        own.max(1)
    }

    /// Tries that were used up when its rows were a part of a larger parcel.
    fn tries_before(&self) -> u32 {
        self.parcel.origin().map_or(0, |origin| origin.tries)
    }

    /// A 429 after so many verdicts of the run. Once others got through between
    /// two of them, the limit is the parcel's own and not everybody's.
    pub(super) fn throttled_alone(&mut self, verdicts: u64) -> bool {
        let before = self.throttled_at.replace(verdicts);
        self.throttled_alone |= before.is_some_and(|before| verdicts > before);
        self.throttled_alone
    }

    /// This attempt was outdated; whether too many in a row were.
    pub(super) fn is_outdated_again(&mut self) -> bool {
        let attempts = self.attempts();
        let (last, in_a_row) = self.outdated;
        if last != attempts {
            let goes_on = last + 1 == attempts;
            self.outdated = (attempts, if goes_on { in_a_row + 1 } else { 1 });
        }
        self.outdated.1 > OUTDATED_IN_A_ROW
    }

    /// HubSpot has dealt with the call: what is left of the same parcel and
    /// fails has a fault of its own.
    pub(super) fn got_through(&self) {
        if let Some(origin) = self.parcel.origin() {
            origin.got_through();
        }
    }

    /// A try failed, which is the trip's own fault if a sibling got through.
    pub(super) fn failed(&mut self) -> &mut Tries {
        if self.parcel.origin().is_some_and(Origin::has_got_through) {
            self.tries.blame();
        }
        &mut self.tries
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
        let tries = self.tries_before() + self.tries.used();
        let mut origin = Origin::new(tries, self.tries.has_own_fault());
        let before = self.parcel.origin();
        origin.lost_once = before.is_some_and(|before| before.lost_once);
        let mut ended = Delivered {
            slot: self.slot,
            ..Delivered::default()
        };
        ended.end(
            self.parcel,
            end,
            &origin,
            (self.look.as_deref(), identities),
        );
        ended
    }
}

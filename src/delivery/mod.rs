//! One parcel of rows to its outcomes: wait for the pace, attempt, obey the
//! verdict, and wait outside the slots before another try.
//!
//! Knows nothing of status codes, headers or URLs: those ended at the verdict.

mod account;
mod activity;
mod contact;
mod fate;
mod pacer;
mod retry;
mod throttle;
mod trip;

pub use activity::{Activity, Pause};
pub use pacer::{Pace, Pacer};
pub use retry::RetryPolicy;
pub use trip::{Delivered, Parcel, Slot};

use std::{cell::Cell, sync::Arc};

use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};
use tracing::trace;

use crate::{
    api::{Answer, Api, Call, Verdict},
    stop::Stop,
};
use account::Account;
use contact::Contact;
use fate::Fate;
use trip::Trip;

/// What every delivery of a run shares.
#[derive(Debug)]
pub struct Delivery<A> {
    api: A,
    pacer: Pacer,
    retry: RetryPolicy,
    contact: Contact,
    account: Account,
    activity: Arc<Activity>,
    slots: Arc<Semaphore>,
    /// Slots that are opened with the first answer of the API.
    held_back: Cell<usize>,
    /// Parcels that have no outcome yet.
    under_way: Cell<usize>,
    stop: Stop,
}

impl<A: Api> Delivery<A> {
    /// `concurrency` is the number of requests in flight at most.
    pub fn new(api: A, pacer: Pacer, retry: RetryPolicy, concurrency: usize, stop: Stop) -> Self {
        Self {
            api,
            activity: pacer.activity(),
            under_way: Cell::new(0),
            pacer,
            retry,
            contact: Contact::default(),
            account: Account::default(),
            // The first request goes alone: whether this is HubSpot and takes
            // the token is not asked sixteen times, and connections that are
            // still being made do not bunch up requests at the server.
            slots: Arc::new(Semaphore::new(1)),
            held_back: Cell::new(concurrency.saturating_sub(1)),
            stop,
        }
    }

    /// What it is doing, for whoever shows that.
    #[must_use]
    pub fn activity(&self) -> Arc<Activity> {
        Arc::clone(&self.activity)
    }

    /// A slot as soon as one is free; none if the run stops meanwhile.
    pub async fn slot(&self) -> Option<Slot> {
        if let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            return Some(slot);
        }
        let free = Arc::clone(&self.slots).acquire_owned();
        self.stop.unless_requested(free).await?.ok()
    }

    /// Sees a parcel through to its reports.
    pub async fn deliver(&self, parcel: Parcel, slot: Option<Slot>) -> Delivered {
        let mut trip = Trip::start(parcel, slot);
        self.under_way.update(|trips| trips + 1);
        while !trip.pending.is_empty() {
            let next = if self.meet_account().await {
                self.attempt(&mut trip).await
            } else {
                Next::Leave
            };
            match next {
                Next::Again(at) => {
                    // Before the first answer of all, one row tries for all.
                    if self.contact.has_answered() {
                        trip.slot = None;
                    }
                    self.back_off(at).await;
                    if trip.slot.is_none() {
                        trip.slot = self.slot().await;
                    }
                    if trip.slot.is_none() {
                        trip.leave_pending();
                    }
                }
                Next::Finished => {}
                Next::Leave => trip.leave_pending(),
            }
        }
        self.under_way.update(|trips| trips - 1);
        trip.finish()
    }

    /// One call for all rows of the trip that have no verdict yet.
    async fn attempt(&self, trip: &mut Trip) -> Next {
        let links: Vec<_> = trip.pending.iter().map(|(_, link)| *link).collect();
        let call = Call::Create(&links);
        let sent = self.send(call, &mut trip.attempts, links.len()).await;
        let Some((sent_at, answer)) = sent else {
            return Next::Leave;
        };
        let mut next = Next::Finished;
        let pending = std::mem::take(&mut trip.pending);
        for (row, verdict) in pending.into_iter().zip(answer.verdicts) {
            trace!(
                row = row.0.number,
                attempt = trip.attempts,
                ?verdict,
                "attempted"
            );
            match self.obey(trip, verdict, sent_at) {
                Fate::Settled(outcome) => trip.settle(row.0, Some(outcome)),
                Fate::Unsettled => trip.settle(row.0, None),
                Fate::Again(at) => {
                    next = next.later(at);
                    trip.pending.push(row);
                }
            }
        }
        if self.contact.has_answered() {
            self.slots.add_permits(self.held_back.take());
        }
        next
    }

    /// One request that gets so many verdicts, counted in `attempts`, and when
    /// it left; `None` if the run stops before.
    async fn send(
        &self,
        call: Call<'_>,
        attempts: &mut u32,
        verdicts: usize,
    ) -> Option<(Instant, Answer)> {
        let asked_at = Instant::now();
        if let Err(verdict) = self.turn().await? {
            let mut answer = Answer::only(verdict.clone());
            answer.verdicts.resize(verdicts, verdict);
            return Some((asked_at, answer));
        }
        let sent_at = Instant::now();
        self.activity.call();
        let answer = self.api.call(call).await;
        *attempts += 1;
        if let Some(quota) = answer.quota {
            self.activity.quota(quota);
        }
        Some((sent_at, answer))
    }

    /// Returns when a request may leave at once, or with what an attempt comes
    /// to that cannot be made; `None` if the run stops.
    async fn turn(&self) -> Option<Result<(), Verdict>> {
        let (stop, api) = (&self.stop, &self.api);
        // Ahead of time, while the others go on.
        if let Err(verdict) = stop.unless_requested(api.prepare()).await? {
            return Some(Err(verdict));
        }
        let prepare = async || api.prepare().await;
        self.pacer.turn(stop, || api.is_ready(), prepare).await
    }

    /// Waits without a slot; a stop ends the wait.
    async fn back_off(&self, at: Instant) {
        let _waiting = self.activity.waiting();
        self.stop.unless_requested(sleep_until(at)).await;
    }
}

/// What an attempt means for its trip.
enum Next {
    Finished,
    Again(Instant),
    /// The run stops before the request was sent.
    Leave,
}

impl Next {
    fn later(self, at: Instant) -> Self {
        match self {
            Self::Again(other) => Self::Again(other.max(at)),
            Self::Finished | Self::Leave => Self::Again(at),
        }
    }
}

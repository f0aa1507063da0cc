//! One parcel of rows to its outcomes: wait for the pace, attempt, obey the
//! verdict, and wait outside the slots before another try.
//!
//! Knows nothing of status codes, headers or URLs: those ended at the verdict.

mod account;
mod activity;
mod budget;
mod contact;
mod fate;
mod outage;
mod pacer;
mod probes;
mod retry;
mod throttle;
mod trip;
mod trouble;

pub use activity::{Activity, Away, Pause};
pub use pacer::{Pace, Pacer};
pub use retry::RetryPolicy;
pub use trip::{Delivered, Parcel, Slot};

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use tokio::{
    sync::{Notify, Semaphore},
    time::{Instant, sleep_until},
};
use tracing::trace;

use crate::{
    api::{Answer, Api, Call, Verdict},
    stop::Stop,
};
use account::Account;
use budget::RetryBudget;
use contact::Contact;
use fate::{Again, Fate};
use outage::Outage;
use probes::Probes;
use trip::Trip;
use trouble::Turn;

/// What every delivery of a run shares.
#[derive(Debug)]
pub struct Delivery<A> {
    api: A,
    pacer: Pacer,
    retry: RetryPolicy,
    budget: RetryBudget,
    contact: Contact,
    account: Account,
    outage: RefCell<Outage>,
    probes: Probes,
    activity: Arc<Activity>,
    slots: Arc<Semaphore>,
    /// Slots that are opened with the first answer of the API.
    held_back: Cell<usize>,
    /// Parcels that have no outcome yet.
    under_way: Cell<usize>,
    /// Those of them that wait for word of others.
    held: Cell<usize>,
    /// Whether the end of the input has been seen.
    no_more_rows: Cell<bool>,
    /// Wakes rows that are held.
    news: Notify,
    stop: Stop,
}

impl<A: Api> Delivery<A> {
    /// `concurrency` is the number of requests in flight at most.
    pub fn new(api: A, pacer: Pacer, retry: RetryPolicy, concurrency: usize, stop: Stop) -> Self {
        Self {
            api,
            activity: pacer.activity(),
            under_way: Cell::new(0),
            held: Cell::new(0),
            no_more_rows: Cell::new(false),
            news: Notify::new(),
            pacer,
            retry,
            budget: RetryBudget::new(),
            contact: Contact::default(),
            account: Account::default(),
            outage: RefCell::default(),
            probes: Probes::default(),
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

    /// The last row has been handed over: nobody follows who could tell more.
    pub fn no_more_rows(&self) {
        self.no_more_rows.set(true);
        self.tell_others();
    }

    /// Sees a parcel through to its reports.
    pub async fn deliver(&self, parcel: Parcel, slot: Option<Slot>) -> Delivered {
        let mut trip = Trip::start(parcel, slot);
        self.under_way.update(|trips| trips + 1);
        while !trip.pending.is_empty() {
            if trip.slot.is_none() {
                trip.slot = self.slot().await;
            }
            if trip.slot.is_none() {
                trip.leave_unsettled();
                break;
            }
            match self.attempt(&mut trip).await {
                Next::Again(again) => self.wait(&mut trip, again).await,
                Next::Finished => self.hear_of_others(&mut trip).await,
                Next::Leave => trip.leave_unsettled(),
            }
        }
        self.under_way.update(|trips| trips - 1);
        self.outage.borrow_mut().settled(&trip.tries);
        self.tell_others();
        trip.finish()
    }

    /// One call for all rows of the trip that have no verdict yet.
    async fn attempt(&self, trip: &mut Trip) -> Next {
        let Some(turn) = self.turn_of_rows().await else {
            return Next::Leave;
        };
        let links: Vec<_> = trip.pending.iter().map(|(_, link)| *link).collect();
        let sent = self.send(turn, Call::Create(&links), &mut trip.attempts, links.len());
        // The turn is held until the answer is judged.
        let Sent {
            turn: _turn,
            at: sent_at,
            answer,
        } = sent.await;
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
                Fate::Again(again) => {
                    next = next.and(again);
                    trip.pending.push(row);
                }
                Fate::Held(outcome) => trip.held.push((row.0, row.1, outcome)),
            }
        }
        if self.contact.has_answered() {
            self.slots.add_permits(self.held_back.take());
        }
        self.tell_others();
        next
    }

    /// One request that gets so many verdicts, counted in `attempts`; none if
    /// its turn could not be had.
    async fn send<'a>(
        &'a self,
        turn: Result<Turn<'a>, Verdict>,
        call: Call<'_>,
        attempts: &mut u32,
        verdicts: usize,
    ) -> Sent<'a> {
        let at = Instant::now();
        let turn = match turn {
            Ok(turn) => Some(turn),
            Err(verdict) => {
                let mut answer = Answer::only(verdict.clone());
                answer.verdicts.resize(verdicts, verdict);
                let turn = None;
                return Sent { turn, at, answer };
            }
        };
        self.activity.call();
        let answer = self.api.call(call).await;
        *attempts += 1;
        if let Some(quota) = answer.quota {
            self.activity.quota(quota);
        }
        Sent { turn, at, answer }
    }

    /// Waits until another try, without a slot.
    async fn wait(&self, trip: &mut Trip, again: Again) {
        // Before the first answer of all, one row tries for all.
        if self.contact.has_answered() {
            trip.slot = None;
        }
        self.back_off(again.at).await;
        // In an outage, the probes are the limit.
        if again.is_retry && !self.is_down() {
            let _waiting = self.activity.waiting();
            let turn = self.budget.turn(|| self.activity.retries_wait());
            self.stop.unless_requested(turn).await;
        }
    }

    /// A stop ends the wait.
    async fn back_off(&self, at: Instant) {
        let _waiting = self.activity.waiting();
        self.stop.unless_requested(sleep_until(at)).await;
    }
}

/// A request with its answer.
struct Sent<'a> {
    /// Held until the answer is judged; none if no request was made.
    turn: Option<Turn<'a>>,
    /// When it left.
    at: Instant,
    answer: Answer,
}

/// What an attempt means for its trip.
enum Next {
    Finished,
    Again(Again),
    /// The run stops before the request was sent.
    Leave,
}

impl Next {
    fn and(self, again: Again) -> Self {
        match self {
            Self::Again(other) => Self::Again(Again {
                at: other.at.max(again.at),
                is_retry: other.is_retry || again.is_retry,
            }),
            Self::Finished | Self::Leave => Self::Again(again),
        }
    }
}

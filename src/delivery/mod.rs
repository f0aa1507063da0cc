//! One parcel of rows to its outcomes: wait for the pace, attempt, obey the
//! verdict, and wait outside the slots before another try.
//!
//! Knows nothing of status codes, headers or URLs: those ended at the verdict.

mod account;
mod activity;
mod budget;
mod contact;
mod day;
mod fate;
mod identity;
mod look;
mod outage;
mod pacer;
mod parcel;
mod probes;
mod question;
mod retry;
mod sequel;
mod spell;
mod throttle;
mod trip;
mod trouble;

pub use activity::{Activity, Away, Pause};
pub use day::{DailyReserve, DayPolicy, OnQuota, resets_at};
pub use look::{Looked, Standing, none_if_left_out};
pub use pacer::{Pace, Pacer};
pub use parcel::{Parcel, Reports, Task, Unconfirmed, Write};
pub use question::Labels;
pub use retry::RetryPolicy;
pub use trip::{Delivered, Slot};

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{Notify, Semaphore},
    time::Instant,
};

use crate::{
    api::{Answer, Api, Call, Told, Verdict},
    stop::Stop,
};
use account::Account;
use budget::RetryBudget;
use contact::Contact;
use day::Day;
use fate::{Again, Fate};
use identity::Identities;
use outage::Outage;
use probes::Probes;
use sequel::End;
use trip::Trip;
use trouble::Turn;

/// HubSpot gets at least so long to finish what it says that it is still at; our
/// choice.
const PENDING_LASTS: Duration = Duration::from_secs(1);

/// What every delivery of a run shares.
#[derive(Debug)]
pub struct Delivery<A> {
    api: A,
    pacer: Pacer,
    retry: RetryPolicy,
    budget: RetryBudget,
    contact: Contact,
    account: Account,
    day: Day,
    outage: RefCell<Outage>,
    identities: Identities,
    probes: Probes,
    activity: Arc<Activity>,
    slots: Arc<Semaphore>,
    /// Slots that are opened with the first answer of the API.
    held_back: Cell<usize>,
    /// Parcels that have no outcome yet.
    under_way: Cell<usize>,
    /// Those of them that wait for word of others.
    held: Cell<usize>,
    /// Whether rows may follow those under way.
    more_follows: Cell<bool>,
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
            more_follows: Cell::new(true),
            news: Notify::new(),
            pacer,
            retry,
            budget: RetryBudget::new(),
            contact: Contact::default(),
            account: Account::default(),
            day: Day::default(),
            outage: RefCell::default(),
            identities: Identities::default(),
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

    /// How the API takes calls.
    pub fn api(&self) -> &A {
        &self.api
    }

    /// A slot, if one is free.
    pub fn free_slot(&self) -> Option<Slot> {
        Arc::clone(&self.slots).try_acquire_owned().ok()
    }

    /// A slot as soon as one is free.
    pub async fn next_slot(&self) -> Option<Slot> {
        // It is never closed, so that there always will be one.
        Arc::clone(&self.slots).acquire_owned().await.ok()
    }

    /// The same, but none if the run stops meanwhile.
    async fn slot(&self) -> Option<Slot> {
        self.stop.unless_requested(self.next_slot()).await?
    }

    /// Whether rows may follow those under way: others that could yet tell
    /// whose fault a failure is.
    pub fn more_follows(&self, more: bool) {
        if self.more_follows.replace(more) && !more {
            self.tell_others();
        }
    }

    /// Sees a parcel through to its reports, or to smaller parcels.
    ///
    /// No `async fn`, which would have room for the parcel twice: each row's future is moved
    /// about.
    pub fn deliver(&self, parcel: Parcel, slot: Option<Slot>) -> impl Future<Output = Delivered> {
        let mut trip = Trip::start(parcel, slot, &self.api);
        async move {
            if trip.parcel().origin().is_none() {
                self.under_way.update(|trips| trips + 1);
            }
            if let Some(since) = trip.pending_since() {
                Box::pin(self.let_it_finish(&mut trip, since)).await;
            }
            let end = loop {
                if let Some(end) = self.go_on(&mut trip).await {
                    break end;
                }
            };
            self.outage.borrow_mut().settled(&trip.tries);
            let delivered = trip.finish(end, &self.identities);
            self.under_way
                .update(|trips| trips + delivered.rest.len() - 1);
            self.tell_others();
            delivered
        }
    }

    /// One more attempt, and what follows from it; returns how the trip ends, if it does.
    async fn go_on(&self, trip: &mut Trip) -> Option<End> {
        if trip.slot.is_none() {
            trip.slot = Box::pin(self.slot()).await;
        }
        if trip.slot.is_none() {
            return Some(End::Unsettled);
        }
        if trip.identifies() {
            let known = Box::pin(self.identify_rows(trip.parcel())).await;
            return Some(known.map_or(End::Unsettled, |()| End::Identified));
        }
        match self.attempt(trip).await {
            Fate::Ends(End::Told) => Some(Box::pin(self.settle_doubts(trip)).await),
            Fate::Ends(end) => Some(end),
            Fate::Again(again) => {
                Box::pin(self.wait(trip, again)).await;
                None
            }
            Fate::Held(own) => Box::pin(self.hear_of_others(trip, own)).await,
        }
    }

    /// HubSpot is still at it: waits twice as long each time, but no longer than for a
    /// server that is away.
    async fn let_it_finish(&self, trip: &mut Trip, since: Instant) {
        let (waited, longest) = (since.elapsed(), self.pacer.longest_wait());
        if waited >= longest {
            return trip.is_pending_no_more();
        }
        trip.slot = None;
        let wait = waited.clamp(PENDING_LASTS, longest.max(PENDING_LASTS));
        self.back_off(Instant::now() + wait).await;
    }

    /// One call for all rows of the trip.
    async fn attempt(&self, trip: &mut Trip) -> Fate {
        let Some(turn) = self.turn_of_rows(trip.class(&self.api)).await else {
            // The run stops before the request was sent.
            return Fate::Ends(End::Unsettled);
        };
        let Sent { turn, at, answer } = self.send(turn, trip.call(), trip.afresh).await;
        trip.count(turn.is_some());
        trip.trace(&answer.verdict);
        trip.afresh = matches!(answer.verdict, Verdict::Unreachable(_));
        let fate = match (answer.verdict, answer.told) {
            (Verdict::Done { .. }, Some(Told::Standing(page))) => self.told(trip, page, at),
            (verdict, _) => self.obey(trip, verdict, at),
        };
        // Held until the answer was judged.
        drop(turn);
        if self.contact.has_answered() {
            self.slots.add_permits(self.held_back.take());
        }
        self.tell_others();
        fate
    }

    /// One request, counted; none if its turn could not be had.
    async fn send<'a>(
        &'a self,
        turn: Result<Turn<'a>, Verdict>,
        call: Call<'_>,
        afresh: bool,
    ) -> Sent<'a> {
        let at = Instant::now();
        let turn = match turn {
            Ok(turn) => Some(turn),
            Err(verdict) => {
                let (turn, answer) = (None, Answer::only(verdict));
                return Sent { turn, at, answer };
            }
        };
        self.activity.call();
        self.day.sent();
        let answer = if afresh {
            Box::pin(self.api.call_afresh(call)).await
        } else {
            self.api.call(call).await
        };
        if matches!(answer.verdict, Verdict::Unsent(_)) {
            self.activity.never_left();
        }
        let is_of_rows = matches!(call, Call::Create(_) | Call::Remove(_) | Call::Read(_));
        self.day.answered(&answer, is_of_rows);
        if let Some(quota) = answer.quota {
            self.activity.quota(quota);
            self.pacer.learn(self.api.class(call), quota, at);
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
        let wait = self.activity.wait_until(at);
        self.stop.unless_requested(wait).await;
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

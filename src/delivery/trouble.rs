//! What delivery does while nothing gets through: it probes, says so, holds
//! rows whose tries are used up, and gives up after a while. Whether it is an
//! outage is decided by `outage`.

use std::{pin::pin, time::Duration};

use tokio::time::Instant;
use tracing::warn;

use super::{
    Delivery,
    activity::{Away, clock_time},
    outage::Sending,
    probes::Probe,
    retry,
    sequel::End,
    spell::Say,
    trip::Trip,
};
use crate::{
    api::{Api, Class, Verdict},
    messages,
    row::Failure,
    stop::StopReason,
};

/// The right to one request; in an outage it is the only one.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _probe: Option<Probe<'a>>,
}

/// What is heard of others while a trip is held.
enum News {
    /// Nothing that tells whose fault it is.
    None,
    /// It was everybody's, and the trip may try again.
    Again,
    OwnFault,
    Stopped,
}

impl<A: Api> Delivery<A> {
    /// Waits for the pace, and in an outage for the right to probe; or tells
    /// what an attempt comes to that cannot be made. `None` if the run stops.
    pub(super) async fn turn(&self, class: Class) -> Option<Result<Turn<'_>, Verdict>> {
        let (stop, api) = (&self.stop, &self.api);
        loop {
            let probe = if self.is_down() {
                let turn = Box::pin(self.probes.turn(|| self.is_down()));
                stop.unless_requested(turn).await?
            } else {
                None
            };
            // A token ahead of time, while the others go on.
            let mut ready = stop.unless_requested(pin!(api.prepare())).await?;
            if ready.is_ok() {
                let prepare = async || api.prepare().await;
                ready = self
                    .pacer
                    .turn(class, stop, || api.is_ready(), prepare)
                    .await?;
            }
            if let Err(verdict) = ready {
                if probe.is_some() {
                    self.probes.sent();
                }
                return Some(Err(verdict));
            }
            // The outage may have begun while this row waited for the pace.
            if probe.is_none() && !self.is_down() {
                return Some(Ok(Turn { _probe: None }));
            }
            if let Some(probe) = probe.or_else(|| self.probes.turn_now()) {
                self.probes.sent();
                return Some(Ok(Turn {
                    _probe: Some(probe),
                }));
            }
        }
    }

    pub(super) fn is_down(&self) -> bool {
        self.outage.borrow().down_since().is_some()
    }

    /// A try failed as it does when a server is away.
    pub(super) fn failed(
        &self,
        trip: &mut Trip,
        failure: &Failure,
        (sending, sent_at): (Sending, Instant),
    ) -> Result<(), StopReason> {
        let now = Instant::now();
        let mut outage = self.outage.borrow_mut();
        let was_down = outage.down_since().is_some();
        outage.failed(trip.failed(), sending, (sent_at, now));
        let Some(since) = outage.down_since() else {
            return Ok(());
        };
        let longest = self.pacer.longest_wait();
        // By when it was sent: a program that was itself stopped for an hour
        // asks once more.
        if sent_at.saturating_duration_since(since) >= longest {
            return Err(StopReason::Away(format!(
                "nothing has got through to HubSpot since {:.0}, which is longer than --max-wait \
                 ({} s): {}; run it again when HubSpot is back (see status.hubspot.com)",
                ago(now - since),
                longest.as_secs(),
                messages::failure(failure)
            )));
        }
        if !was_down {
            self.contact.forget_foreign();
            self.probes.sent();
        }
        drop(outage);
        self.say_away(failure, (since, now));
        Ok(())
    }

    /// Says that nothing has got through since then, where that is news.
    fn say_away(&self, failure: &Failure, (since, now): (Instant, Instant)) {
        let end = since + self.pacer.longest_wait();
        let known = self.activity.outage().map(|away| away.since);
        let away = Away {
            since: known.unwrap_or_else(|| ago(now - since)),
            until: clock_time(end.saturating_duration_since(now)),
        };
        let Away { since, until } = away;
        let message = messages::failure(failure);
        match self.activity.away(away, &message, (now, end)) {
            Some(Say::News) => warn!(
                "nothing has got through to HubSpot since {since:.0}: {message}; one request a \
                 second asks whether it is back, until {until:.0} (--max-wait); no row counts \
                 this as a try"
            ),
            Some(Say::Again(_)) => warn!(
                "still nothing has got through to HubSpot since {since:.0}: {message}; it is \
                 asked until {until:.0} (--max-wait)"
            ),
            None => {}
        }
    }

    /// The server is well, as far as a request of that time tells.
    pub(super) fn sign_of_life(&self, sent_at: Instant) {
        if self.outage.borrow().is_calm() {
            return;
        }
        let now = Instant::now();
        let mut outage = self.outage.borrow_mut();
        let down_since = outage.down_since();
        outage.got_through((sent_at, now));
        if let Some(since) = down_since {
            self.activity.back();
            self.probes.over();
            self.budget.grant(self.under_way.get());
            warn!(
                "HubSpot answers again, after {} s; all rows go on",
                (now - since).as_secs()
            );
        }
    }

    /// When a row whose try failed may be sent again.
    pub(super) fn next_try(
        &self,
        trip: &Trip,
        wait: Duration,
        why: &Failure,
    ) -> Result<Instant, StopReason> {
        self.pacer.accept_wait(wait, &messages::failure(why))?;
        let at = retry::next_try(trip.tries.failed(), wait);
        if !self.is_down() {
            return Ok(at);
        }
        if wait.is_zero() {
            // The probes keep their own distance.
            return Ok(Instant::now());
        }
        self.probes.hold_until(at);
        Ok(at)
    }

    /// Whether others may yet show that a row's tries were used up by an outage.
    pub(super) fn may_be_everybodys(&self, trip: &Trip) -> bool {
        self.others_may_tell(trip, self.held.get() + 1)
    }

    /// The same, so many being held with this one.
    fn others_may_tell(&self, trip: &Trip, held: usize) -> bool {
        let nobody_tells = !self.more_follows.get() && held == self.under_way.get();
        trip.tries.are_in_doubt() && !nobody_tells
    }

    /// Holds a trip whose tries are used up until others show whose fault it is; returns how it
    /// ends, if it does: like `own` if it is its own.
    pub(super) async fn hear_of_others(&self, trip: &mut Trip, own: End) -> Option<End> {
        self.held.update(|trips| trips + 1);
        self.tell_others();
        let end = loop {
            match self.hold(trip).await {
                News::None => {}
                News::Again => break None,
                News::OwnFault => break Some(own),
                News::Stopped => break Some(End::Unsettled),
            }
        };
        self.held.update(|trips| trips - 1);
        end
    }

    async fn hold(&self, trip: &mut Trip) -> News {
        let news = self.news.notified();
        trip.tries.look_again();
        if self.has_tries(trip) {
            let at = retry::next_try(trip.tries.failed(), Duration::ZERO);
            self.back_off(at).await;
            return News::Again;
        }
        if !self.others_may_tell(trip, self.held.get()) {
            return News::OwnFault;
        }
        trip.slot = None;
        let _waiting = self.activity.waiting();
        match self.stop.unless_requested(news).await {
            Some(()) => News::None,
            None => News::Stopped,
        }
    }

    /// Lets held rows look again.
    pub(super) fn tell_others(&self) {
        if self.held.get() > 0 {
            self.news.notify_waiters();
        }
    }
}

/// The wall-clock time so long before now, for people.
fn ago(time: Duration) -> jiff::Timestamp {
    let now = jiff::Timestamp::now();
    now.checked_sub(time).unwrap_or(now)
}

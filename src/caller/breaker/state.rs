//! The breaker: while nothing gets through it lets one probe through at a time, says
//! so, holds operations whose tries are used up, and gives up after a while. Whether
//! it is an outage is decided by `outage`.

use std::{cell::RefCell, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    contact::Contact,
    probes::{Probe, Probes},
    witnesses::Witnesses,
};
use crate::{
    caller::{
        in_flight::InFlight,
        metrics::{Metrics, OutageInfo, time_after},
        outage::{FailedTry, Outage, Tries},
        retry,
    },
    row::Failure,
    stop::{Absence, Stop, StopReason},
};

/// What all operations know of the server, and of each other.
#[derive(Debug)]
pub(crate) struct Breaker {
    contact: Contact,
    outage: RefCell<Outage>,
    probes: Probes,
    witnesses: Witnesses,
    metrics: Arc<Metrics>,
    /// The longest that the run waits for a server that is away.
    longest_wait: Duration,
}

/// What is heard of others while an operation is held.
pub(crate) enum News {
    /// It was everybody's, and the operation may try again.
    Again,
    OwnFault,
    Stopped,
}

impl Breaker {
    pub(crate) fn new(metrics: Arc<Metrics>, longest_wait: Duration) -> Self {
        Self {
            contact: Contact::default(),
            outage: RefCell::default(),
            probes: Probes::default(),
            witnesses: Witnesses::default(),
            metrics,
            longest_wait,
        }
    }

    /// Whether there is a HubSpot at all.
    pub(crate) fn contact(&self) -> &Contact {
        &self.contact
    }

    /// Who else is under way.
    pub(crate) fn witnesses(&self) -> &Witnesses {
        &self.witnesses
    }

    /// Whether nothing gets through, for a while already.
    pub(crate) fn is_down(&self) -> bool {
        self.outage.borrow().down_since().is_some()
    }

    /// In an outage waits for the right to probe. `None` if the run stops.
    pub(crate) async fn probe(&self, stop: &Stop) -> Option<Option<Probe<'_>>> {
        if !self.is_down() {
            return Some(None);
        }
        let turn = Box::pin(self.probes.turn(|| self.is_down()));
        stop.unless_requested(turn).await
    }

    /// Whether an operation that has its turn may be sent: in an outage, which may have
    /// begun while it waited for the pace, only as a probe.
    pub(crate) fn lets_through<'a>(&'a self, probe: Option<Probe<'a>>) -> Option<Turn<'a>> {
        if probe.is_none() && !self.is_down() {
            return Some(Turn { _probe: None });
        }
        let probe = probe.or_else(|| self.probes.turn_now())?;
        self.probes.sent();
        Some(Turn {
            _probe: Some(probe),
        })
    }

    /// What was to be a probe could not be sent.
    pub(crate) fn not_sent(&self, probe: Option<&Probe<'_>>) {
        if probe.is_some() {
            self.probes.sent();
        }
    }

    /// A try failed as it does when a server is away.
    pub(crate) fn failed(
        &self,
        operation: &mut InFlight,
        failure: &Failure,
        failed: FailedTry,
    ) -> Result<(), StopReason> {
        let now = Instant::now();
        let mut outage = self.outage.borrow_mut();
        let was_down = outage.down_since().is_some();
        outage.failed(operation.failed(), failed, now);
        let Some(since) = outage.down_since() else {
            return Ok(());
        };
        // By when it was sent: a program that was itself stopped for an hour
        // asks once more.
        if failed.sent_at.saturating_duration_since(since) >= self.longest_wait {
            return Err(StopReason::Away(Absence::NothingThrough {
                since: ago(now - since),
                max_wait: self.longest_wait,
                last: failure.clone().into(),
            }));
        }
        if !was_down {
            self.contact.forget_foreign();
            self.probes.sent();
        }
        drop(outage);
        self.tell_away(failure, since, now);
        Ok(())
    }

    /// Tells that nothing has got through since then, where that is news.
    fn tell_away(&self, failure: &Failure, since: Instant, now: Instant) {
        let end = since + self.longest_wait;
        let known = self.metrics.outage().map(|away| away.since);
        let away = OutageInfo {
            since: known.unwrap_or_else(|| ago(now - since)),
            until: time_after(end.saturating_duration_since(now)),
        };
        self.metrics.start_outage(away, failure, now, end);
    }

    /// The server is well, as far as a request of that time tells. Returns how many
    /// operations may be sent once more, if an outage is over by that.
    pub(crate) fn sign_of_life(&self, sent_at: Instant) -> Option<usize> {
        if self.outage.borrow().is_calm() {
            return None;
        }
        let now = Instant::now();
        let mut outage = self.outage.borrow_mut();
        let down_since = outage.down_since();
        outage.got_through(sent_at, now);
        let since = down_since?;
        self.probes.over();
        self.metrics.end_outage(now - since);
        Some(self.witnesses.under_way())
    }

    /// An operation has its outcome.
    pub(crate) fn settled(&self, tries: &Tries) {
        self.outage.borrow_mut().settled(tries);
    }

    /// When an operation whose try failed may be sent again, not before the server's `wait`.
    pub(crate) fn next_try(&self, failed_tries: u32, wait: Duration) -> Instant {
        let at = retry::next_try(failed_tries, wait);
        if !self.is_down() {
            return at;
        }
        if wait.is_zero() {
            // The probes keep their own distance.
            return Instant::now();
        }
        self.probes.hold_until(at);
        at
    }

    /// Whether others may yet show that an operation's tries were used up by an outage.
    pub(crate) fn may_be_everybodys(&self, tries: &Tries) -> bool {
        self.others_may_tell(tries, false)
    }

    /// The same of one that is held already, or not yet.
    fn others_may_tell(&self, tries: &Tries, is_held: bool) -> bool {
        tries.are_in_doubt() && self.witnesses.may_tell(is_held)
    }

    /// Holds an operation whose tries are used up until others show whose fault it is.
    pub(crate) async fn hear_of_others(&self, operation: &mut InFlight, stop: &Stop) -> News {
        self.witnesses.hold();
        let news = loop {
            if let Some(news) = self.hold(operation, stop).await {
                break news;
            }
        };
        self.witnesses.let_go();
        news
    }

    /// Waits for one piece of news, unless what is known is enough.
    async fn hold(&self, operation: &mut InFlight, stop: &Stop) -> Option<News> {
        operation.tries.look_again();
        if operation.has_tries() {
            let at = retry::next_try(operation.tries.failed(), Duration::ZERO);
            self.metrics.back_off(at, stop).await;
            return Some(News::Again);
        }
        if !self.others_may_tell(&operation.tries, true) {
            return Some(News::OwnFault);
        }
        operation.slot = None;
        let _waiting = self.metrics.count_waiting();
        let heard = stop.unless_requested(self.witnesses.news()).await;
        heard.is_none().then_some(News::Stopped)
    }
}

/// The right to one request; in an outage it is the only one.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    _probe: Option<Probe<'a>>,
}

/// The wall-clock time so long before now, for people.
fn ago(time: Duration) -> jiff::Timestamp {
    let now = jiff::Timestamp::now();
    now.checked_sub(time).unwrap_or(now)
}

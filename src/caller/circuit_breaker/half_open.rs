//! The half-open state of the circuit breaker: who may ask whether the server is back. One request
//! at a time, at most one a second.

use std::{cell::Cell, pin::pin, time::Duration};

use futures_util::future::select;
use tokio::{
    sync::{Mutex, MutexGuard, Notify},
    time::{Instant, sleep, sleep_until},
};

/// The shortest time between two probes.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// The shared right to probe.
#[derive(Debug, Default)]
pub(crate) struct ProbeGate {
    /// First come, first served. So the rows take turns, and one row that always fails does not
    /// decide.
    queue: Mutex<()>,
    not_before: Cell<Option<Instant>>,
    closed: Notify,
}

/// The right to one request. It is dropped once the response is judged.
#[derive(Debug)]
pub(crate) struct ProbePermit<'a> {
    _queue: MutexGuard<'a, ()>,
}

impl ProbeGate {
    /// Returns the right to one request, or `None` as soon as the server is up and everybody may
    /// send.
    pub(crate) async fn acquire(&self, is_open: impl Fn() -> bool) -> Option<ProbePermit<'_>> {
        if !is_open() {
            return None;
        }
        let one = self.queue.lock().await;
        loop {
            let over = self.closed.notified();
            if !is_open() {
                break;
            }
            let Some(at) = self.next_at() else {
                return Some(ProbePermit { _queue: one });
            };
            select(pin!(sleep_until(at)), pin!(over)).await;
        }
        drop(one);
        // The rows that waited do not all go on at the same instant.
        sleep(PROBE_EVERY.mul_f64(fastrand::f64())).await;
        None
    }

    /// The right to a request at once, if nobody else has it or waits for it.
    pub(crate) fn try_acquire(&self) -> Option<ProbePermit<'_>> {
        let one = self.queue.try_lock().ok()?;
        self.next_at()
            .is_none()
            .then_some(ProbePermit { _queue: one })
    }

    /// A probe was sent. The next one has to wait.
    pub(crate) fn record_sent(&self) {
        self.delay_until(Instant::now() + PROBE_EVERY);
    }

    /// No probe before `at`.
    pub(crate) fn delay_until(&self, at: Instant) {
        self.not_before.set(self.not_before.get().max(Some(at)));
    }

    /// The outage is over. Nobody has to wait any longer.
    pub(crate) fn close(&self) {
        self.not_before.set(None);
        self.closed.notify_waiters();
    }

    fn next_at(&self) -> Option<Instant> {
        self.not_before.get().filter(|at| *at > Instant::now())
    }
}

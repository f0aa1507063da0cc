//! Who may ask in an outage whether the server is back: one request at a time,
//! and at most one a second.

use std::{cell::Cell, pin::pin, time::Duration};

use futures_util::future::select;
use tokio::{
    sync::{Mutex, MutexGuard, Notify},
    time::{Instant, sleep, sleep_until},
};

/// At most one request in this time.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// The shared right to probe.
#[derive(Debug, Default)]
pub(crate) struct Probes {
    /// Whoever holds it is the next: first come, first served, so that the
    /// rows take turns and one that fails by itself does not decide.
    one: Mutex<()>,
    not_before: Cell<Option<Instant>>,
    over: Notify,
}

/// The right to one request; given back by dropping it, when its answer is
/// judged.
#[derive(Debug)]
pub(crate) struct Probe<'a> {
    _one: MutexGuard<'a, ()>,
}

impl Probes {
    /// Returns the right to one request, or `None` as soon as the server is
    /// up (again) and everybody may send.
    pub(crate) async fn turn(&self, is_down: impl Fn() -> bool) -> Option<Probe<'_>> {
        if !is_down() {
            return None;
        }
        let one = self.one.lock().await;
        loop {
            let over = self.over.notified();
            if !is_down() {
                break;
            }
            let Some(at) = self.wait() else {
                return Some(Probe { _one: one });
            };
            select(pin!(sleep_until(at)), pin!(over)).await;
        }
        drop(one);
        // Those who waited do not all go on in the same instant.
        sleep(PROBE_EVERY.mul_f64(fastrand::f64())).await;
        None
    }

    /// The right to a request at once, if nobody else has it or waits for it.
    pub(crate) fn turn_now(&self) -> Option<Probe<'_>> {
        let one = self.one.try_lock().ok()?;
        self.wait().is_none().then_some(Probe { _one: one })
    }

    /// A probe is sent: the next one follows after a while.
    pub(crate) fn sent(&self) {
        self.hold_until(Instant::now() + PROBE_EVERY);
    }

    /// No probe before that.
    pub(crate) fn hold_until(&self, at: Instant) {
        self.not_before.set(self.not_before.get().max(Some(at)));
    }

    /// The outage is over; nobody has to wait any longer.
    pub(crate) fn over(&self) {
        self.not_before.set(None);
        self.over.notify_waiters();
    }

    fn wait(&self) -> Option<Instant> {
        self.not_before.get().filter(|at| *at > Instant::now())
    }
}

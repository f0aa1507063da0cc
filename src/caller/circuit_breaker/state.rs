//! The circuit breaker. While nothing gets through it lets one probe through at a time, reports the
//! outage, holds operations whose tries are used up, and gives up after a while. `outage_detector`
//! decides whether it is an outage.

use std::{cell::RefCell, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    half_open::{ProbeGate, ProbePermit},
    reachability::Reachability,
    unfinished_operations::UnfinishedOperations,
};
use crate::{
    caller::{
        backoff,
        metrics::{Metrics, OutageInfo, time_after},
        operation_state::{CallPurpose, OperationState},
        outage_detector::{FailedTry, OutageDetector, Tries},
    },
    row::Failure,
    stop::{StopReason, StopSwitch, UnreachableReason},
};

/// What all operations know of the server and of each other.
#[derive(Debug)]
pub(crate) struct CircuitBreaker {
    reachability: Reachability,
    detector: RefCell<OutageDetector>,
    probes: ProbeGate,
    unfinished: UnfinishedOperations,
    metrics: Arc<Metrics>,
    /// The longest time that the run waits for a server that cannot be reached.
    longest_wait: Duration,
}

/// What others showed while an operation was held.
pub(crate) enum HoldResult {
    /// It was everybody's fault. The operation may try again.
    Retry,
    OwnFault,
    Stopped,
}

impl CircuitBreaker {
    pub(crate) fn new(metrics: Arc<Metrics>, longest_wait: Duration) -> Self {
        Self {
            reachability: Reachability::default(),
            detector: RefCell::default(),
            probes: ProbeGate::default(),
            unfinished: UnfinishedOperations::default(),
            metrics,
            longest_wait,
        }
    }

    pub(crate) fn reachability(&self) -> &Reachability {
        &self.reachability
    }

    pub(crate) fn unfinished(&self) -> &UnfinishedOperations {
        &self.unfinished
    }

    /// Whether nothing has got through for a while.
    pub(crate) fn is_open(&self) -> bool {
        self.detector.borrow().open_since().is_some()
    }

    /// In an outage, waits for the right to probe. `None` if the run stops.
    pub(crate) async fn wait_for_probe(
        &self,
        stop: &StopSwitch,
    ) -> Option<Option<ProbePermit<'_>>> {
        if !self.is_open() {
            return Some(None);
        }
        let probe = Box::pin(self.probes.acquire(|| self.is_open()));
        stop.unless_requested(probe).await
    }

    /// Whether an operation may be sent after it waited for the pace. An outage may have begun
    /// meanwhile: then it may be sent only as a probe.
    pub(crate) fn permit_send<'a>(
        &'a self,
        probe: Option<ProbePermit<'a>>,
    ) -> Option<SendPermit<'a>> {
        if probe.is_none() && !self.is_open() {
            return Some(SendPermit { _probe: None });
        }
        let probe = probe.or_else(|| self.probes.try_acquire())?;
        self.probes.record_sent();
        Some(SendPermit {
            _probe: Some(probe),
        })
    }

    /// The probe could not be sent.
    pub(crate) fn probe_not_sent(&self, probe: Option<&ProbePermit<'_>>) {
        if probe.is_some() {
            self.probes.record_sent();
        }
    }

    /// A try failed in a way that a server that is down would cause.
    pub(crate) fn record_failure(
        &self,
        state: &mut OperationState,
        failure: &Failure,
        failed: FailedTry,
    ) -> Result<(), StopReason> {
        let now = Instant::now();
        let failed = match state.purpose {
            CallPurpose::RequiredQuestion => failed.without_row(),
            CallPurpose::Rows | CallPurpose::OptionalQuestion => failed,
        };
        let mut outage = self.detector.borrow_mut();
        let was_open = outage.open_since().is_some();
        outage.record_failure(state.tries_after_failure(), failed, now);
        let Some(since) = outage.open_since() else {
            return Ok(());
        };
        // The time of sending counts: a program that was itself stopped for an hour asks once more.
        if failed.sent_at.saturating_duration_since(since) >= self.longest_wait {
            return Err(StopReason::Unreachable(UnreachableReason::NoneSucceeded {
                since: ago(now - since),
                max_wait: self.longest_wait,
                last: failure.clone().into(),
            }));
        }
        if !was_open {
            self.reachability.forget_foreign();
            self.probes.record_sent();
        }
        drop(outage);
        self.report_outage(failure, since, now);
        Ok(())
    }

    /// Reports the outage, if that is news.
    fn report_outage(&self, failure: &Failure, since: Instant, now: Instant) {
        let end = since + self.longest_wait;
        let known = self.metrics.outage().map(|outage| outage.since);
        let outage = OutageInfo {
            since: known.unwrap_or_else(|| ago(now - since)),
            until: time_after(end.saturating_duration_since(now)),
        };
        self.metrics.start_outage(outage, failure, now, end);
    }

    /// A request sent at `sent_at` shows that the server is well. If that ends an outage, returns
    /// how many operations may be sent once more.
    pub(crate) fn record_sign_of_life(&self, sent_at: Instant) -> Option<usize> {
        if self.detector.borrow().has_no_failures() {
            return None;
        }
        let now = Instant::now();
        let mut outage = self.detector.borrow_mut();
        let open_since = outage.open_since();
        outage.record_sign_of_life(sent_at, now);
        let since = open_since?;
        self.probes.close();
        self.metrics.end_outage(now - since);
        Some(self.unfinished.count())
    }

    /// An operation has its outcome.
    pub(crate) fn operation_finished(&self, tries: &Tries) {
        self.detector.borrow_mut().operation_finished(tries);
    }

    /// When an operation may be sent again after a failed try, and not before the server's `wait`
    /// is over.
    pub(crate) fn next_try_at(&self, failed_tries: u32, wait: Duration) -> Instant {
        let at = backoff::next_try_at(failed_tries, wait);
        if !self.is_open() {
            return at;
        }
        if wait.is_zero() {
            // The probes keep their own distance.
            return Instant::now();
        }
        self.probes.delay_until(at);
        at
    }

    /// Whether others may still show that an outage used up the operation's tries. The operation
    /// is not held yet.
    pub(crate) fn may_be_shared_fault(&self, tries: &Tries) -> bool {
        self.others_may_decide(tries, false)
    }

    fn others_may_decide(&self, tries: &Tries, is_held: bool) -> bool {
        tries.may_be_given_back() && self.unfinished.others_may_decide(is_held)
    }

    /// Holds an operation whose tries are used up until others show whose fault it is.
    pub(crate) async fn hold_until_decided(
        &self,
        state: &mut OperationState,
        stop: &StopSwitch,
    ) -> HoldResult {
        self.unfinished.hold();
        let result = loop {
            if let Some(result) = self.hold_once(state, stop).await {
                break result;
            }
        };
        self.unfinished.unhold();
        result
    }

    /// Waits for one change, unless enough is known already.
    async fn hold_once(&self, state: &mut OperationState, stop: &StopSwitch) -> Option<HoldResult> {
        state.tries.update();
        if state.has_tries_left() {
            let at = backoff::next_try_at(state.tries.failed(), Duration::ZERO);
            self.metrics.back_off(at, stop).await;
            return Some(HoldResult::Retry);
        }
        if !self.others_may_decide(&state.tries, true) {
            return Some(HoldResult::OwnFault);
        }
        state.permit = None;
        let _waiting = self.metrics.count_waiting();
        let changed = stop
            .unless_requested(self.unfinished.wait_for_change())
            .await;
        changed.is_none().then_some(HoldResult::Stopped)
    }
}

/// The right to one request. In an outage there is only one.
#[derive(Debug)]
pub(crate) struct SendPermit<'a> {
    _probe: Option<ProbePermit<'a>>,
}

/// The wall-clock time `time` ago, for people.
fn ago(time: Duration) -> jiff::Timestamp {
    let now = jiff::Timestamp::now();
    now.checked_sub(time).unwrap_or(now)
}

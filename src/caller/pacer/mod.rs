//! Decides when a request may be sent. There is one pace for each class of calls, and one shared
//! deadline for all requests of the run.
//!
//! The modules below know the limits and how they are kept. The rate state knows which calls were
//! reserved.

mod adaptive_share;
mod class_limiter;
mod window_limiter;

use std::{
    cell::RefCell,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::select;
use tokio::{sync::Notify, time::Instant};

use super::{
    events::{EventReporter, PauseDetails},
    metrics::{Metrics, time_after},
    throttle::{Throttle, ThrottledRequest, pause_duration},
};
use crate::{
    api::{PerClass, RateClass, ReportedQuota},
    rate::{Rate, RateLimit},
    rate_state::{RateState, ReservationLog, nanos},
    stop::{StopReason, StopSwitch, UnreachableReason, WaitReason},
};
use class_limiter::ClassLimiter;

/// While another process has the rate state locked, it is tried again after this time.
const RETRY_LOCK_AFTER: Duration = Duration::from_millis(1);

/// If other processes wait for the same reservation, this one waits at most this much longer. That
/// is several ticks of the timer, which has 1 ms.
const LONGEST_GRACE: Duration = Duration::from_millis(5);

/// How fast requests may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As fast as the server says, and [`Rate::SAFE`] until it does.
    Auto,
    /// At most this many in any window, and no more than the server says.
    Limited(Rate),
    /// As fast as the server answers, but for searches, whose limit is known.
    Unlimited,
}

/// The shared pace of a run.
#[derive(Debug)]
pub struct Pacer {
    rate_state: RateState,
    /// None without a limit.
    limiters: PerClass<Option<RefCell<ClassLimiter>>>,
    /// The holder of a class's lock sends next: first come, first served.
    queues: PerClass<tokio::sync::Mutex<()>>,
    /// Wakes the waiting operation, because the limit changed.
    limit_changed: Notify,
    throttle: Mutex<Throttle>,
    longest_wait: Duration,
    metrics: Arc<Metrics>,
}

impl Pacer {
    /// `longest_wait` is the longest wait that the server may ask for. Calls are reserved in
    /// `rate_state`.
    #[must_use]
    pub fn new(pace: Pace, longest_wait: Duration, rate_state: RateState) -> Self {
        let limiter = |class, own| {
            let limiter = ClassLimiter::new(class, own, rate_state.is_complete());
            Some(RefCell::new(limiter))
        };
        let limiters = |class| match (pace, class) {
            (Pace::Limited(rate), _) => limiter(class, Some(rate)),
            (Pace::Unlimited, RateClass::Single | RateClass::Batch) => None,
            // All accounts have the same limit of searches, and a 429 makes all calls of the run
            // wait. So a run without a limit keeps this one.
            (Pace::Auto, _) | (Pace::Unlimited, RateClass::Search) => limiter(class, None),
        };
        Self {
            limiters: PerClass::from_fn(limiters),
            rate_state,
            queues: PerClass::default(),
            limit_changed: Notify::new(),
            throttle: Mutex::new(Throttle::new(Instant::now())),
            longest_wait,
            metrics: Arc::default(),
        }
    }

    /// Events go to this reporter.
    #[must_use]
    pub fn reporting_to(mut self, reporter: EventReporter) -> Self {
        self.metrics = Arc::new(Metrics::reporting_to(reporter));
        self
    }

    /// The pacer reports pauses here, and the caller everything else.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// Returns as soon as a request may be sent and `is_ready`, or with the error of `prepare`.
    /// `None` if the run stops.
    pub(super) async fn wait_for_turn<E>(
        &self,
        class: RateClass,
        stop: &StopSwitch,
        is_ready: impl Fn() -> bool,
        prepare: impl AsyncFn() -> Result<(), E>,
    ) -> Option<Result<(), E>> {
        // Without a limit nobody has to queue, except in a pause.
        if self.limiters[class].is_none() && is_ready() && !self.throttle().has_paused() {
            return (!stop.is_requested()).then_some(Ok(()));
        }
        // Nobody is in the queue, and a call is due.
        let queue = &self.queues[class];
        if let Ok(_next) = queue.try_lock()
            && is_ready()
            && self.try_reserve(class).is_ok()
        {
            return (!stop.is_requested()).then_some(Ok(()));
        }
        let waiting = async {
            let _next = queue.lock().await;
            loop {
                // Before the reservation: requests that wait for the same thing would be sent
                // together afterwards.
                if !is_ready() {
                    prepare().await?;
                }
                let news = self.limit_changed.notified();
                let Err(at) = self.try_reserve(class) else {
                    return Ok(());
                };
                select(pin!(self.metrics.wait_until(at)), pin!(news)).await;
            }
        };
        // Boxed: it would make every row's future larger.
        stop.unless_requested(Box::pin(waiting)).await
    }

    /// Reserves a request now, if the limits allow one. Otherwise says when to try again.
    fn try_reserve(&self, class: RateClass) -> Result<(), Instant> {
        let (until, now) = (self.throttle().until(), Instant::now());
        if until > now {
            return Err(until);
        }
        let Some(limiter) = &self.limiters[class] else {
            return Ok(());
        };
        let mut limiter = limiter.borrow_mut();
        let taken = self.rate_state.with_log(class, |log, now| {
            let taken = limiter.take(log, now);
            taken.map_err(|at| Duration::from_nanos(at.saturating_sub(now)))
        });
        if class.reports_limit() {
            // The pace of searches says nothing about that of rows.
            self.metrics.set_pace(limiter.current_pace());
        }
        match taken {
            Some(taken) => taken.map_err(|wait| now + wait + self.random_grace(wait)),
            None => Err(now + RETRY_LOCK_AFTER),
        }
    }

    /// Several processes wait for the same moment. A random delay decides who is first, so that
    /// each gets its share. The pace makes up for it.
    fn random_grace(&self, wait: Duration) -> Duration {
        if self.rate_state.is_shared() {
            (wait / 8).min(LONGEST_GRACE).mul_f64(fastrand::f64())
        } else {
            Duration::ZERO
        }
    }

    /// Notes what a response said about the quota.
    pub(super) fn learn(&self, class: RateClass, quota: ReportedQuota, sent_at: Instant) {
        let Some(limiter) = &self.limiters[class] else {
            return;
        };
        let mut limiter = limiter.borrow_mut();
        // While another process has the rate state locked, this is skipped. The next response says
        // it again.
        let learned = self.rate_state.with_log(class, |log, now| {
            let sent = now.saturating_sub(nanos(sent_at.elapsed()));
            limiter.learn(quota, log, sent, now)
        });
        if let Some(learned) = learned {
            if learned.is_new {
                self.limit_changed.notify_waiters();
            }
            if let Some(event) = learned.event {
                self.metrics.report(&event);
            }
        }
    }

    /// A request met a limit. Everybody pauses, or only this row if the limit is its `own` (for the
    /// n-th time). Returns when the row may try again.
    pub(super) fn record_throttled(
        &self,
        request: &ThrottledRequest,
        own: Option<u32>,
    ) -> Result<Instant, StopReason> {
        let ThrottledRequest {
            limit,
            retry_after: asked,
            ..
        } = *request;
        self.check_wait(asked.unwrap_or_default(), || WaitReason::Limit(limit))?;
        let (now, share) = (Instant::now(), fastrand::f64());
        if let Some(times) = own {
            return Ok(now + asked.unwrap_or_else(|| pause_duration(times, limit, share)));
        }
        let mut throttle = self.throttle();
        let (before, struck_at) = (throttle.until(), throttle.last_strike_at());
        let until = throttle.strike(request, now, share);
        let is_new = throttle.last_strike_at() != struck_at;
        drop(throttle);
        if until > before {
            let wait = until.saturating_duration_since(now);
            self.metrics.start_pause(PauseDetails::Limit(limit), wait);
        }
        if is_new && limit != RateLimit::Account {
            self.record_strike(until.saturating_duration_since(now));
        }
        Ok(until)
    }

    /// After a 429 that makes everybody pause, the limiters adapt.
    fn record_strike(&self, pause: Duration) {
        for class in RateClass::ALL {
            if let Some(limiter) = &self.limiters[class] {
                let mut limiter = limiter.borrow_mut();
                let struck = |log: &mut ReservationLog, now: u64| {
                    limiter.record_strike(log, now.saturating_add(nanos(pause)), now);
                };
                // While another process has the rate state locked, this is skipped until the next
                // 429.
                let _ = self.rate_state.with_log(class, struck);
            }
        }
    }

    /// The longest time that the run may wait for the server.
    pub(super) fn longest_wait(&self) -> Duration {
        self.longest_wait
    }

    /// Refuses a wait that is longer than the run may wait.
    pub(super) fn check_wait(
        &self,
        asked: Duration,
        why: impl FnOnce() -> WaitReason,
    ) -> Result<(), StopReason> {
        if asked <= self.longest_wait {
            return Ok(());
        }
        Err(StopReason::Unreachable(UnreachableReason::LongWait {
            until: time_after(asked),
            why: why(),
            max_wait: self.longest_wait,
        }))
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! May I send now? One limiter and one shared deadline for every attempt of
//! the run, first or repeated.
//!
//! In any window at the server at most the limit may arrive. governor's GCRA
//! lets its burst and a window's worth of refill through, so the burst here is
//! one request and a small tolerance, and the spacing leaves a margin for
//! requests that travel unevenly:
//!
//! requests in a window <= floor((window + margin) / spacing) + 1 <= limit.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use super::{
    activity::{Activity, Pause, WORTH_SAYING, clock_time},
    throttle::{Throttle, pause},
};
use crate::{
    api::{Class, Limit},
    rate::Rate,
    stop::{Stop, StopReason},
};

/// The share of the window by which arrivals may be spread unevenly.
const MARGIN_PER_MILLE: u32 = 20;

/// Short windows have at least this margin, up to [`LARGEST_MARGIN_PER_MILLE`].
const SMALLEST_MARGIN: Duration = Duration::from_millis(25);

/// The margin costs at most this share of the limit.
const LARGEST_MARGIN_PER_MILLE: u32 = 45;

/// The part of the margin that a late wake-up may catch up on.
const TOLERANCE_OF_MARGIN: u32 = 4;

/// governor counts whole cells; a request is this many of them, so that the
/// tolerance can be a fraction of a request.
const CELLS_PER_REQUEST: NonZeroU32 = NonZeroU32::new(1000).expect("not zero");

/// Longer than any run, and short enough to calculate with: governor counts
/// nanoseconds in 64 bits, which is 584 years.
const LONGEST_SPACING: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// How fast requests may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// At most so many in any window.
    Limited(Rate),
    /// As fast as the server answers.
    Unlimited,
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>;

/// The shared pace of a run.
#[derive(Debug)]
pub struct Pacer {
    limiter: Option<Limiter>,
    clock: TokioClock,
    /// Whoever holds it is the next to send: first come, first served.
    queue: tokio::sync::Mutex<()>,
    throttle: Mutex<Throttle>,
    longest_wait: Duration,
    activity: Arc<Activity>,
}

impl Pacer {
    /// `longest_wait` is the longest that the server may ask the run to wait.
    #[must_use]
    pub fn new(pace: Pace, longest_wait: Duration) -> Self {
        let clock = TokioClock {
            epoch: Instant::now(),
        };
        let limiter = match pace {
            Pace::Limited(rate) => Some(RateLimiter::direct_with_clock(quota(rate), clock)),
            Pace::Unlimited => None,
        };
        Self {
            limiter,
            clock,
            queue: tokio::sync::Mutex::default(),
            throttle: Mutex::new(Throttle::new(clock.epoch)),
            longest_wait,
            activity: Arc::default(),
        }
    }

    /// The same where another session of the run may have sent its last request
    /// a moment ago: the first one waits as if it followed that.
    #[must_use]
    pub fn after_others(pace: Pace, longest_wait: Duration) -> Self {
        let pacer = Self::new(pace, longest_wait);
        if let (Pace::Limited(rate), Some(limiter)) = (pace, &pacer.limiter) {
            // A fresh limiter has its whole burst, so that this cannot fail.
            let _ = limiter.check_n(quota(rate).burst_size());
        }
        pacer
    }

    /// Where this pacer tells of pauses and delivery of everything else.
    #[must_use]
    pub fn activity(&self) -> Arc<Activity> {
        Arc::clone(&self.activity)
    }

    /// Returns when a request may leave at once, and `is_ready` to; or what
    /// `prepare` failed with. `None` if the run stops.
    pub(super) async fn turn<E>(
        &self,
        _class: Class,
        stop: &Stop,
        is_ready: impl Fn() -> bool,
        prepare: impl AsyncFn() -> Result<(), E>,
    ) -> Option<Result<(), E>> {
        // Nobody queues and the turn is now: the common case without a limit.
        if let Ok(_next) = self.queue.try_lock()
            && is_ready()
            && self.not_before().is_none()
        {
            return (!stop.is_requested()).then_some(Ok(()));
        }
        let waiting = async {
            let _next = self.queue.lock().await;
            loop {
                // Before the turn is taken: turns that wait for the same thing
                // would be used together.
                if !is_ready() {
                    prepare().await?;
                }
                match self.not_before() {
                    Some(at) => sleep_until(at).await,
                    None => return Ok(()),
                }
            }
        };
        stop.unless_requested(waiting).await
    }

    /// Takes a turn if there is one now, else says when to look again.
    fn not_before(&self) -> Option<Instant> {
        let until = self.throttle().until();
        if until > Instant::now() {
            return Some(until);
        }
        // A burst holds a whole request by construction, so that the outer
        // `Err` (never possible) does not occur.
        let denied = self
            .limiter
            .as_ref()?
            .check_n(CELLS_PER_REQUEST)
            .ok()?
            .err()?;
        Some(self.clock.epoch + denied.earliest_possible())
    }

    /// A request met a limit after so many `verdicts` of the run. Everybody
    /// pauses, or only the row whose `own` limit it is (for the n-th time);
    /// returns when that row may try again.
    pub(super) fn throttled(
        &self,
        sent_at: Instant,
        limit: Limit,
        asked: Option<Duration>,
        (verdicts, own): (u64, Option<u32>),
    ) -> Result<Instant, StopReason> {
        self.accept_wait(asked.unwrap_or_default())?;
        let (now, share) = (Instant::now(), fastrand::f64());
        if let Some(times) = own {
            return Ok(now + asked.unwrap_or_else(|| pause(times, limit, share)));
        }
        let before = self.throttle().until();
        let until = self
            .throttle()
            .strike((sent_at, now), limit, asked, (verdicts, share));
        if until > before {
            self.announce(until.saturating_duration_since(now), limit);
        }
        Ok(until)
    }

    /// The longest that the run may wait for the server.
    pub(super) fn longest_wait(&self) -> Duration {
        self.longest_wait
    }

    /// Refuses a wait that is longer than the run may wait.
    pub(super) fn accept_wait(&self, asked: Duration) -> Result<(), StopReason> {
        if asked <= self.longest_wait {
            return Ok(());
        }
        Err(StopReason::Away(format!(
            "HubSpot asks to wait until {:.0}, which is longer than --max-wait ({} s); run it again \
             then, or raise --max-wait",
            clock_time(asked),
            self.longest_wait.as_secs()
        )))
    }

    fn announce(&self, wait: Duration, limit: Limit) {
        let reason = match limit {
            Limit::Window => "burst limit (429)",
            Limit::Second => "limit per second (429)",
            Limit::Account => "account move (477)",
        };
        let until = clock_time(wait);
        self.activity.paused(Pause { until, reason });
        if wait > WORTH_SAYING {
            warn!("HubSpot asks to pause; nothing is sent until {until:.0}: {reason}");
        }
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The governor quota that keeps `rate` in every window; see the module.
fn quota(rate: Rate) -> Quota {
    let window = rate.window;
    let margin = (window * MARGIN_PER_MILLE / 1000)
        .max(SMALLEST_MARGIN.min(window * LARGEST_MARGIN_PER_MILLE / 1000));
    let spacing = ((window + margin) / rate.calls.get()).min(LONGEST_SPACING);
    // Rounded up: a cell too long costs nothing, one too short is a 429.
    let cell = spacing / CELLS_PER_REQUEST.get() + Duration::from_nanos(1);
    let tolerance = margin.min(LONGEST_SPACING) / TOLERANCE_OF_MARGIN;
    let tolerance = tolerance.as_nanos() / cell.as_nanos();
    let burst = CELLS_PER_REQUEST.saturating_add(u32::try_from(tolerance).unwrap_or(u32::MAX));
    // The cell is at least a nanosecond, so that the quota always exists.
    Quota::with_period(cell).map_or(Quota::per_hour(NonZeroU32::MIN), |q| q.allow_burst(burst))
}

/// tokio's clock as governor sees it, so that tests can pause it.
#[derive(Clone, Copy, Debug)]
struct TokioClock {
    epoch: Instant,
}

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }
}

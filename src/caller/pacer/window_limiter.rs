//! The limiter for one window: when may the next call that counts for the limit be reserved? Pure:
//! the reservations and the time are arguments.
//!
//! Two rules apply together:
//!
//! 1. A sliding window over the ring of recent reservations (part of the rate state). With a limit
//!    of n calls, a call may be reserved only if the n-th last one is older than the window and most
//!    of a margin. This alone keeps the limit.
//! 2. Even spacing, by governor. Because rule 1 keeps the limit, governor's burst may be larger than
//!    one request, so that a stall (a late wake-up, a restart) is made up for.
//!
//! Rule 1 needs a ring that has all calls of a window. If the limit is larger than the ring, or
//! other runs do not write to it, rule 2 has to keep the limit alone: with a burst of one request
//! and a small tolerance, at most floor((window + margin) / spacing) + 1 <= limit calls arrive in
//! any window.

use std::{cell::Cell, num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{NotKeyed, StateStore},
};

use crate::{
    rate::Rate,
    rate_state::{HIGHEST_LIMIT, KEPT_RESERVATIONS, RateTag, ReservationLog, nanos},
};

/// Arrivals may be spread unevenly by this share of the window.
const MARGIN_PER_MILLE: u32 = 20;

/// Short windows have at least this margin, up to [`LARGEST_MARGIN_PER_MILLE`].
const SMALLEST_MARGIN: Duration = Duration::from_millis(25);

/// The margin costs at most this share of the limit.
const LARGEST_MARGIN_PER_MILLE: u32 = 45;

/// This part of the margin makes up for a late wake-up. The rest is for uneven travel times of
/// requests.
const TOLERANCE_DIVISOR: u32 = 4;

/// A stall of up to this time, and at most half of the window, is made up for.
const MAX_CATCH_UP: Duration = Duration::from_secs(1);

/// In longer windows, others may fill the ring before a window is over.
const LONGEST_EXACT_WINDOW: Duration = Duration::from_secs(20);

/// governor counts whole cells. A request takes this many, so that the tolerance can be a fraction
/// of a request.
const CELLS_PER_REQUEST: NonZeroU32 = NonZeroU32::new(1000).expect("not zero");

/// Longer than any run, and short enough to calculate with: governor counts nanoseconds in 64 bits,
/// which is 584 years.
const LONGEST_SPACING: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// Which calls count for a limit.
#[derive(Clone, Copy, Debug)]
pub(super) enum CountedCalls {
    /// Those of all runs.
    All,
    /// Those of runs with the same rate.
    SameRate(RateTag),
}

/// A limit, and the state of its even spacing.
#[derive(Debug)]
pub(super) struct WindowLimiter {
    rate: Rate,
    counted_calls: CountedCalls,
    is_log_complete: bool,
    quota: Quota,
    spacing: SpacingState,
    /// The reservations in the log that the spacing knows.
    seen_count: u64,
    last_at: Option<u64>,
    /// The first call after this time may not be followed by a burst.
    no_catch_up_until: u64,
}

impl WindowLimiter {
    /// `knows_all` says whether the log has all calls.
    pub(super) fn new(rate: Rate, counted: CountedCalls, knows_all: bool) -> Self {
        let is_exact =
            knows_all && rate.calls.get() <= HIGHEST_LIMIT && rate.window <= LONGEST_EXACT_WINDOW;
        Self {
            rate,
            counted_calls: counted,
            is_log_complete: knows_all,
            quota: quota(rate, is_exact),
            spacing: SpacingState::default(),
            seen_count: 0,
            last_at: None,
            no_catch_up_until: 0,
        }
    }

    /// Changes the limit. Earlier calls count for it as well.
    pub(super) fn set_rate(&mut self, rate: Rate) {
        if rate != self.rate {
            let no_catch_up_until = self.no_catch_up_until;
            *self = Self::new(rate, self.counted_calls, self.is_log_complete);
            self.no_catch_up_until = no_catch_up_until;
        }
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// Time lost in a pause that ends then is not made up for.
    pub(super) fn forbid_catch_up_until(&mut self, at: u64) {
        self.no_catch_up_until = at;
    }

    /// The earliest time for the next call.
    pub(super) fn next_at(&mut self, log: &ReservationLog, now: u64) -> u64 {
        self.catch_up(log);
        let spaced = self.spacing.earliest(self.quota, now);
        self.window_start_at(log)
            .map_or(spaced, |at| at.max(spaced))
    }

    /// When the n-th last call is a window old.
    fn window_start_at(&self, log: &ReservationLog) -> Option<u64> {
        if self.rate.window > LONGEST_SPACING {
            return None;
        }
        let calls = usize::try_from(self.rate.calls.get()).ok()?;
        // The calls that the ring has lost are left to the spacing.
        let mut reservations = log
            .newest_first()
            .filter(|reservation| self.is_counted(reservation.rate_tag));
        let oldest = reservations
            .nth(calls - 1)
            .filter(|_| calls <= KEPT_RESERVATIONS)?;
        let margin = margin(self.rate.window);
        let for_travel = margin * (TOLERANCE_DIVISOR - 1) / TOLERANCE_DIVISOR;
        let window = self.rate.window + for_travel;
        Some(oldest.at.saturating_add(nanos(window)))
    }

    /// Adds the calls that anybody reserved since the last time.
    fn catch_up(&mut self, log: &ReservationLog) {
        if self.seen_count > log.reserved_count() {
            // The rate state was reset.
            (self.seen_count, self.last_at) = (0, None);
            self.spacing = SpacingState::default();
        }
        for reservation in log.since(self.seen_count) {
            if self.is_counted(reservation.rate_tag) {
                self.record(reservation.at);
            }
        }
        self.seen_count = log.reserved_count();
    }

    fn record(&mut self, at: u64) {
        let idle = |last| at.saturating_sub(last) > nanos(self.rate.window);
        let is_first = self.last_at.is_none_or(idle);
        let ends_pause = self
            .last_at
            .is_some_and(|last| last < self.no_catch_up_until)
            && at >= self.no_catch_up_until;
        if is_first || ends_pause {
            // A burst over connections that are not open yet would bunch up.
            self.spacing.use_up(self.quota, at);
        } else {
            // The spacing would not have allowed some calls (of another rate, or under an earlier
            // limit). They leave it used up, as it is.
            let _ = self.spacing.take(self.quota, at);
        }
        self.last_at = Some(at);
    }

    fn is_counted(&self, by: RateTag) -> bool {
        match self.counted_calls {
            CountedCalls::All => true,
            CountedCalls::SameRate(whose) => whose.counts_for(by),
        }
    }
}

/// governor's state: when the next request is due by the spacing alone.
#[derive(Debug, Default)]
struct SpacingState(Cell<Option<u64>>);

impl SpacingState {
    /// Takes a request's cells, or returns when they are available.
    fn take(&self, quota: Quota, at: u64) -> Result<(), u64> {
        // governor counts from the first reading of its clock, so that must be zero.
        let limiter: RateLimiter<_, _, _, NoOpMiddleware<Duration>> =
            RateLimiter::new(quota, self, FixedClock(Cell::new(Duration::ZERO)));
        limiter.clock().0.set(Duration::from_nanos(at));
        // A burst holds a whole request, so the outer `Err` never occurs.
        match limiter.check_n(CELLS_PER_REQUEST) {
            Ok(Err(denied)) => Err(nanos(denied.earliest_possible())),
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }

    /// When a request's cells are available, `now` at the earliest.
    fn earliest(&self, quota: Quota, now: u64) -> u64 {
        let before = self.0.get();
        let taken = self.take(quota, now);
        self.0.set(before);
        taken.err().unwrap_or(now)
    }

    /// Takes the whole burst.
    fn use_up(&self, quota: Quota, at: u64) {
        let burst = quota.replenish_interval() * quota.burst_size().get();
        self.0.set(Some(at.saturating_add(nanos(burst))));
    }
}

impl StateStore for &SpacingState {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (decision, next) = measure(self.0.get().map(Nanos::from))?;
        self.0.set(Some(next.as_u64()));
        Ok(decision)
    }
}

/// A clock that shows the time that governor is given.
#[derive(Debug)]
struct FixedClock(Cell<Duration>);

impl Clock for FixedClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.get()
    }
}

fn margin(window: Duration) -> Duration {
    (window * MARGIN_PER_MILLE / 1000)
        .max(SMALLEST_MARGIN.min(window * LARGEST_MARGIN_PER_MILLE / 1000))
}

/// The governor quota that spaces `rate` evenly; see the module.
fn quota(rate: Rate, is_exact: bool) -> Quota {
    let margin = margin(rate.window);
    let spacing = ((rate.window + margin) / rate.calls.get()).min(LONGEST_SPACING);
    // Rounded up: a cell too long costs nothing, one too short is a 429.
    let cell = spacing / CELLS_PER_REQUEST.get() + Duration::from_nanos(1);
    let strict = margin.min(LONGEST_SPACING) / TOLERANCE_DIVISOR;
    let threshold = if is_exact {
        strict.max(MAX_CATCH_UP.min(rate.window / 2))
    } else {
        strict
    };
    let threshold = threshold.as_nanos() / cell.as_nanos();
    let burst = CELLS_PER_REQUEST.saturating_add(u32::try_from(threshold).unwrap_or(u32::MAX));
    // The cell is at least a nanosecond, so the quota always exists.
    Quota::with_period(cell).map_or(Quota::per_hour(NonZeroU32::MIN), |q| q.allow_burst(burst))
}

//! One limit, kept exactly: when may the next of the slots that count for it
//! be taken? Pure: the slots and the time are arguments.
//!
//! The ledger's ring makes it exact: a slot may be taken only if the one that
//! is a whole limit older was taken a window and most of a margin ago. governor
//! spaces the slots evenly within that, and lets a stall (a late wake-up, a
//! restart) be caught up with: since the ring bounds every window, its burst
//! may be larger than a request.
//!
//! Where the ring cannot tell (a limit larger than it, a ledger that does not
//! know all), governor bounds alone: with a burst of one request and a small
//! tolerance, at most floor((window + margin) / spacing) + 1 <= limit arrive in
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

/// The share of the window by which arrivals may be spread unevenly.
const MARGIN_PER_MILLE: u32 = 20;

/// Short windows have at least this margin, up to [`LARGEST_MARGIN_PER_MILLE`].
const SMALLEST_MARGIN: Duration = Duration::from_millis(25);

/// The margin costs at most this share of the limit.
const LARGEST_MARGIN_PER_MILLE: u32 = 45;

/// The part of the margin that a late wake-up may catch up on; the rest is for
/// requests that travel unevenly.
const TOLERANCE_OF_MARGIN: u32 = 4;

/// A stall of so long, at most half of the window, is caught up with.
const LONGEST_CATCHING_UP: Duration = Duration::from_secs(1);

/// In longer windows others may fill the ring before a window is over.
const LONGEST_EXACT_WINDOW: Duration = Duration::from_secs(20);

/// governor counts whole cells; a request is this many of them, so that the
/// tolerance can be a fraction of a request.
const CELLS_PER_REQUEST: NonZeroU32 = NonZeroU32::new(1000).expect("not zero");

/// Longer than any run, and short enough to calculate with: governor counts
/// nanoseconds in 64 bits, which is 584 years.
const LONGEST_SPACING: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// Which slots count for a limit.
#[derive(Clone, Copy, Debug)]
pub(super) enum CountedCalls {
    /// Those of every run.
    All,
    /// Those of runs with the same rate.
    SameRate(RateTag),
}

/// A limit, and how far its spacing has come.
#[derive(Debug)]
pub(super) struct WindowLimiter {
    rate: Rate,
    counted: CountedCalls,
    knows_all: bool,
    quota: Quota,
    spacing: SpacingState,
    /// Slots of the book that the spacing knows of.
    seen: u64,
    last: Option<u64>,
    /// The first slot from then on is followed by none that catches up.
    even_from: u64,
}

impl WindowLimiter {
    /// `knows_all` is whether the book knows of all slots that were taken.
    pub(super) fn new(rate: Rate, counted: CountedCalls, knows_all: bool) -> Self {
        let is_exact =
            knows_all && rate.calls.get() <= HIGHEST_LIMIT && rate.window <= LONGEST_EXACT_WINDOW;
        Self {
            rate,
            counted,
            knows_all,
            quota: quota(rate, is_exact),
            spacing: SpacingState::default(),
            seen: 0,
            last: None,
            even_from: 0,
        }
    }

    /// Another limit from now on; the slots before it count for it as well.
    pub(super) fn set_rate(&mut self, rate: Rate) {
        if rate != self.rate {
            let even_from = self.even_from;
            *self = Self::new(rate, self.counted, self.knows_all);
            self.even_from = even_from;
        }
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// Nobody catches up on a pause that ends then.
    pub(super) fn even_from(&mut self, at: u64) {
        self.even_from = at;
    }

    /// The earliest time for the next slot.
    pub(super) fn next_at(&mut self, log: &ReservationLog, now: u64) -> u64 {
        self.catch_up(log);
        let spaced = self.spacing.earliest(self.quota, now);
        self.window_start_at(log)
            .map_or(spaced, |at| at.max(spaced))
    }

    /// When the slot that is a whole limit older lies a window back.
    fn window_start_at(&self, log: &ReservationLog) -> Option<u64> {
        if self.rate.window > LONGEST_SPACING {
            return None;
        }
        let calls = usize::try_from(self.rate.calls.get()).ok()?;
        // Those that the ring has lost are left to the spacing.
        let mut reservations = log
            .newest_first()
            .filter(|reservation| self.is_counted(reservation.rate_tag));
        let oldest = reservations
            .nth(calls - 1)
            .filter(|_| calls <= KEPT_RESERVATIONS)?;
        let margin = margin(self.rate.window);
        let for_travel = margin * (TOLERANCE_OF_MARGIN - 1) / TOLERANCE_OF_MARGIN;
        let window = self.rate.window + for_travel;
        Some(oldest.at.saturating_add(nanos(window)))
    }

    /// Slots that were taken since the last look, by whomever.
    fn catch_up(&mut self, log: &ReservationLog) {
        if self.seen > log.reserved_count() {
            // The ledger has begun anew.
            (self.seen, self.last) = (0, None);
            self.spacing = SpacingState::default();
        }
        for reservation in log.since(self.seen) {
            if self.is_counted(reservation.rate_tag) {
                self.record(reservation.at);
            }
        }
        self.seen = log.reserved_count();
    }

    fn record(&mut self, at: u64) {
        let idle = |last| at.saturating_sub(last) > nanos(self.rate.window);
        let is_first = self.last.is_none_or(idle);
        let ends_pause =
            self.last.is_some_and(|last| last < self.even_from) && at >= self.even_from;
        if is_first || ends_pause {
            // Connections that are still being made would bunch up a burst.
            self.spacing.use_up(self.quota, at);
        } else {
            // One that the spacing would not have let go (of another rate, or
            // of an earlier limit) leaves it as it is: used up.
            let _ = self.spacing.take(self.quota, at);
        }
        self.last = Some(at);
    }

    fn is_counted(&self, by: RateTag) -> bool {
        match self.counted {
            CountedCalls::All => true,
            CountedCalls::SameRate(whose) => whose.counts_for(by),
        }
    }
}

/// governor's state: when, at the pace alone, the next request would be due.
#[derive(Debug, Default)]
struct SpacingState(Cell<Option<u64>>);

impl SpacingState {
    /// Takes a request's cells, or says when they are to be had.
    fn take(&self, quota: Quota, at: u64) -> Result<(), u64> {
        // governor counts from its clock's first reading, so that is zero.
        let limiter: RateLimiter<_, _, _, NoOpMiddleware<Duration>> =
            RateLimiter::new(quota, self, FixedClock(Cell::new(Duration::ZERO)));
        limiter.clock().0.set(Duration::from_nanos(at));
        // A burst holds a whole request by construction, so that the outer
        // `Err` (never possible) does not occur.
        match limiter.check_n(CELLS_PER_REQUEST) {
            Ok(Err(denied)) => Err(nanos(denied.earliest_possible())),
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }

    /// When a request's cells are to be had, from now on.
    fn earliest(&self, quota: Quota, now: u64) -> u64 {
        let before = self.0.get();
        let taken = self.take(quota, now);
        self.0.set(before);
        taken.err().unwrap_or(now)
    }

    /// Takes all that the burst has.
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

/// The time that governor is told.
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
    let strict = margin.min(LONGEST_SPACING) / TOLERANCE_OF_MARGIN;
    let tolerance = if is_exact {
        strict.max(LONGEST_CATCHING_UP.min(rate.window / 2))
    } else {
        strict
    };
    let tolerance = tolerance.as_nanos() / cell.as_nanos();
    let burst = CELLS_PER_REQUEST.saturating_add(u32::try_from(tolerance).unwrap_or(u32::MAX));
    // The cell is at least a nanosecond, so that the quota always exists.
    Quota::with_period(cell).map_or(Quota::per_hour(NonZeroU32::MIN), |q| q.allow_burst(burst))
}

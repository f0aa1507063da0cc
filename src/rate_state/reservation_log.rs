//! The log of one rate-limit class: when the last calls were reserved, and the limit that the
//! server reported last. Plain data, with the clock as an argument.

use std::time::Duration;

use crate::rate::Rate;

/// The number of reservations that are kept, the newest ones.
pub const KEPT_RESERVATIONS: usize = 1024;

/// No limit of HubSpot is higher (250 with every add-on). So no more calls than this can be lost
/// with the state.
pub const HIGHEST_LIMIT: u32 = 256;

/// A limit that was reported longer ago may have changed.
const LIMIT_VALID_FOR: u64 = 60 * 60 * 1_000_000_000;

/// If the same limit is reported again, it is rewritten after this time.
const LIMIT_REWRITTEN_AFTER: u64 = 60 * 1_000_000_000;

/// One reserved call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reservation {
    /// The time, in nanoseconds of the state's clock.
    pub at: u64,
    /// The user's rate in the run that made the reservation.
    pub rate_tag: RateTag,
}

/// The user's rate of a run, as a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateTag(pub(super) u64);

/// A limit, and when the server reported it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KnownLimit {
    pub(super) rate: Rate,
    pub(super) at: u64,
}

/// The reservations of one class.
#[derive(Clone, Debug)]
pub struct ReservationLog {
    /// Reservations ever made. The newest lies before this place in the ring.
    pub(super) reserved_count: u64,
    /// A ring: number n lies at n modulo [`KEPT_RESERVATIONS`].
    pub(super) ring: Vec<Reservation>,
    pub(super) known_limit: Option<KnownLimit>,
}

impl RateTag {
    /// Of no known rate. Such reservations count for every rate.
    pub(super) const ANY: Self = Self(0);

    /// Of runs without a rate of their own.
    pub const AUTO: Self = Self(1);

    /// Of runs with this rate.
    #[must_use]
    pub fn from_rate(rate: Rate) -> Self {
        let window = u64::try_from(rate.window.as_millis()).unwrap_or(u64::MAX);
        // The calls in the upper half and the window in the lower half: usual rates have different
        // numbers.
        Self((u64::from(rate.calls.get()) << u32::BITS).wrapping_add(window))
    }

    /// Whether a reservation with the other tag counts for this one.
    #[must_use]
    pub fn counts_for(self, other: Self) -> bool {
        self == other || other == Self::ANY
    }
}

impl Default for ReservationLog {
    fn default() -> Self {
        Self {
            reserved_count: 0,
            ring: vec![Reservation::default(); KEPT_RESERVATIONS],
            known_limit: None,
        }
    }
}

impl ReservationLog {
    /// Adds a reservation.
    pub fn reserve(&mut self, reservation: Reservation) {
        let place = self.ring_index(self.reserved_count);
        self.ring[place] = reservation;
        self.reserved_count += 1;
    }

    /// Reservations ever made.
    #[must_use]
    pub fn reserved_count(&self) -> u64 {
        self.reserved_count
    }

    /// The reservations that are kept, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = Reservation> {
        let kept =
            self.reserved_count.saturating_sub(KEPT_RESERVATIONS as u64)..self.reserved_count;
        kept.rev().map(|number| self.ring[self.ring_index(number)])
    }

    /// The reservations after the first `taken` ones, the oldest first.
    pub fn since(&self, taken: u64) -> impl Iterator<Item = Reservation> {
        let first = self
            .reserved_count
            .saturating_sub(KEPT_RESERVATIONS as u64)
            .max(taken);
        (first..self.reserved_count).map(|number| self.ring[self.ring_index(number)])
    }

    /// How many reservations lie in the window that ended at `end`.
    #[must_use]
    pub fn count_in_window(&self, window: Duration, end: u64) -> usize {
        let start = end.saturating_sub(nanos(window));
        let inside = self
            .newest_first()
            .skip_while(|reservation| reservation.at > end);
        inside
            .take_while(|reservation| reservation.at > start)
            .count()
    }

    /// The limit that the server reported, if that was not long ago.
    #[must_use]
    pub fn known_limit(&self, now: u64) -> Option<Rate> {
        let limit = self.known_limit?;
        (now.saturating_sub(limit.at) < LIMIT_VALID_FOR).then_some(limit.rate)
    }

    /// Notes the limit that the server reported.
    pub fn record_limit(&mut self, rate: Rate, now: u64) {
        let is_known = |limit: KnownLimit| {
            limit.rate == rate && now.saturating_sub(limit.at) < LIMIT_REWRITTEN_AFTER
        };
        if !self.known_limit.is_some_and(is_known) {
            self.known_limit = Some(KnownLimit { rate, at: now });
        }
    }

    /// A log for a time about which nothing is known: as many calls as any limit allows.
    pub(super) fn with_limit_used_up(now: u64) -> Self {
        let mut log = Self::default();
        for _ in 0..HIGHEST_LIMIT {
            log.reserve(Reservation {
                at: now,
                rate_tag: RateTag::ANY,
            });
        }
        log
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "less than KEPT_RESERVATIONS"
    )]
    fn ring_index(&self, number: u64) -> usize {
        (number % self.ring.len() as u64) as usize
    }
}

/// A duration in nanoseconds. Centuries are cut, so that sums fit.
#[must_use]
pub fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).map_or(u64::MAX / 8, |nanos| nanos.min(u64::MAX / 8))
}

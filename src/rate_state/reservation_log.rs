//! One class's page of the ledger: when its last slots were taken, and the
//! limit that the server told last. Plain data, with the clock as an argument.

use std::time::Duration;

use crate::rate::Rate;

/// So many slots are remembered, the newest.
pub const KEPT_RESERVATIONS: usize = 1024;

/// No limit of HubSpot's is higher (250 with every add-on); what may have been
/// lost from a ledger is no more than that.
pub const HIGHEST_LIMIT: u32 = 256;

/// A limit that was told longer ago may have changed.
const LIMIT_VALID_FOR: u64 = 60 * 60 * 1_000_000_000;

/// A limit that is told again is noted again after so long.
const LIMIT_REWRITTEN_AFTER: u64 = 60 * 1_000_000_000;

/// One call that was let go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reservation {
    /// When, in nanoseconds of the ledger's clock.
    pub at: u64,
    /// By a run with which rate of its own.
    pub rate_tag: RateTag,
}

/// Under which rate a slot was taken, as a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateTag(pub(super) u64);

/// A limit, and when the server told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KnownLimit {
    pub(super) rate: Rate,
    pub(super) at: u64,
}

/// The slots of one class.
#[derive(Clone, Debug)]
pub struct ReservationLog {
    /// So many were ever taken; the newest stands before this place.
    pub(super) reserved_count: u64,
    /// In a ring: number n stands at n modulo [`KEPT_RESERVATIONS`].
    pub(super) ring: Vec<Reservation>,
    pub(super) known_limit: Option<KnownLimit>,
}

impl RateTag {
    /// Slots that are not known to be of any rate count for each.
    pub(super) const ANY: Self = Self(0);

    /// Those of runs whose rate the server decides.
    pub const AUTO: Self = Self(1);

    /// Those of runs with this rate.
    #[must_use]
    pub fn from_rate(rate: Rate) -> Self {
        let window = u64::try_from(rate.window.as_millis()).unwrap_or(u64::MAX);
        // Calls above and window below: no two usual rates are alike.
        Self((u64::from(rate.calls.get()) << u32::BITS).wrapping_add(window))
    }

    /// Whether a slot of the other counts for this one.
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
    /// Notes a slot as taken.
    pub fn reserve(&mut self, reservation: Reservation) {
        let place = self.ring_index(self.reserved_count);
        self.ring[place] = reservation;
        self.reserved_count += 1;
    }

    /// Slots ever taken.
    #[must_use]
    pub fn reserved_count(&self) -> u64 {
        self.reserved_count
    }

    /// The slots that are remembered, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = Reservation> {
        let kept =
            self.reserved_count.saturating_sub(KEPT_RESERVATIONS as u64)..self.reserved_count;
        kept.rev().map(|number| self.ring[self.ring_index(number)])
    }

    /// Those after the first `taken`, the oldest first.
    pub fn since(&self, taken: u64) -> impl Iterator<Item = Reservation> {
        let first = self
            .reserved_count
            .saturating_sub(KEPT_RESERVATIONS as u64)
            .max(taken);
        (first..self.reserved_count).map(|number| self.ring[self.ring_index(number)])
    }

    /// How many were taken in the window that ended at this time.
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

    /// The limit that the server told, if that is not long ago.
    #[must_use]
    pub fn known_limit(&self, now: u64) -> Option<Rate> {
        let told = self.known_limit?;
        (now.saturating_sub(told.at) < LIMIT_VALID_FOR).then_some(told.rate)
    }

    /// Notes what the server told.
    pub fn record_limit(&mut self, rate: Rate, now: u64) {
        let is_known = |told: KnownLimit| {
            told.rate == rate && now.saturating_sub(told.at) < LIMIT_REWRITTEN_AFTER
        };
        if !self.known_limit.is_some_and(is_known) {
            self.known_limit = Some(KnownLimit { rate, at: now });
        }
    }

    /// Nobody knows what was taken until now: as much as any limit allows.
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

/// A duration in nanoseconds; centuries are cut, so that sums fit.
#[must_use]
pub fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).map_or(u64::MAX / 8, |nanos| nanos.min(u64::MAX / 8))
}

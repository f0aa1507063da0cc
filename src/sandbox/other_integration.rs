//! The calls of another integration, which uses part of the limit.
//!
//! Pure: the time is an argument. It says when the calls come, not whether they are admitted.

use tokio::time::Instant;

use crate::rate::Rate;

/// Endless evenly spaced calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct OtherIntegration {
    rate: Rate,
    start: Instant,
    /// The number of the next call, from 1.
    next: u64,
}

impl OtherIntegration {
    /// The first call comes one interval after `start`.
    pub(super) fn new(rate: Rate, start: Instant) -> Self {
        Self {
            rate,
            start,
            next: 1,
        }
    }

    /// Takes the next call, if its time has come.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Instant> {
        let at = self.at(self.next).filter(|at| *at <= now)?;
        self.next += 1;
        Some(at)
    }

    /// Skips the calls before a moment.
    pub(super) fn skip_to(&mut self, moment: Instant) {
        let elapsed = moment.saturating_duration_since(self.start).as_nanos();
        let calls = u128::from(self.rate.calls.get());
        // The product overflows only after more than 10^10 years.
        let whole = elapsed.saturating_mul(calls) / self.rate.window.as_nanos();
        self.next = self.next.max(u64::try_from(whole).unwrap_or(u64::MAX));
    }

    /// When the call with this number comes; `None` means never. Each is computed from the start,
    /// so that rounding errors do not add up.
    fn at(&self, number: u64) -> Option<Instant> {
        let calls = self.rate.calls.get();
        let windows = u32::try_from(number / u64::from(calls)).ok()?;
        let further = u32::try_from(number % u64::from(calls)).ok()?;
        let whole = self.rate.window.checked_mul(windows)?;
        let part = self.rate.window.checked_mul(further)? / calls;
        self.start.checked_add(whole.checked_add(part)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const MS: Duration = Duration::from_millis(1);

    fn moments(others: &mut OtherIntegration, start: Instant, until: u32) -> Vec<u128> {
        std::iter::from_fn(|| others.pop(start + MS * until))
            .map(|at| (at - start).as_millis())
            .collect()
    }

    #[test]
    fn the_calls_are_evenly_spaced_and_each_comes_once() {
        let start = Instant::now();
        let mut others = OtherIntegration::new("3/s".parse().unwrap(), start);
        assert_eq!(moments(&mut others, start, 1000), [333, 666, 1000]);
        assert_eq!(moments(&mut others, start, 1332), [] as [u128; 0]);
        assert_eq!(moments(&mut others, start, 1700), [1333, 1666]);
    }

    #[test]
    fn skipped_calls_never_come_and_the_others_keep_their_times() {
        let start = Instant::now();
        let mut others = OtherIntegration::new("2/s".parse().unwrap(), start);
        others.skip_to(start + MS * 10_000);
        others.skip_to(start);
        assert_eq!(
            moments(&mut others, start, 11_000),
            [10_000, 10_500, 11_000]
        );
    }

    #[test]
    fn calls_beyond_the_range_of_the_clock_never_come() {
        for (rate, next) in [
            ("1/ms", u64::MAX),
            ("4294967295/4294967295h", u64::MAX - (1 << 33)),
            ("1/4294967295h", 1_000_000),
        ] {
            let start = Instant::now();
            let mut others = OtherIntegration {
                next,
                ..OtherIntegration::new(rate.parse().unwrap(), start)
            };
            assert_eq!(others.pop(start + MS), None, "{rate}");
        }
    }
}

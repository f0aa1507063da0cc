//! The rolling window of one class of calls, shared with another integration.
//!
//! Pure: the time is an argument, and must not go back.

use tokio::time::Instant;

use super::{
    other_integration::OtherIntegration,
    rolling_window::{RollingWindow, WindowState},
};
use crate::rate::Rate;

/// The window of a class of calls.
#[derive(Debug)]
pub(super) struct SharedWindow {
    /// `None` lets all calls in.
    window: Option<RollingWindow>,
    other_integration: Option<OtherIntegration>,
}

impl SharedWindow {
    pub(super) fn new(limit: Option<Rate>, other_integration: Option<OtherIntegration>) -> Self {
        Self {
            window: limit.map(RollingWindow::new),
            other_integration,
        }
    }

    /// Admits the calls that the other integration made until now, each if there was a free place
    /// at its time.
    ///
    /// Skips calls that are more than two windows old, so that hours without a request cost no more
    /// than seconds. Their places are free again by now, and so are those of calls that they kept
    /// out. The result differs only if the other integration alone exceeds the limit: then it looks
    /// as if it had paused.
    pub(super) fn advance(&mut self, now: Instant) {
        let (Some(window), Some(other_integration)) =
            (&mut self.window, &mut self.other_integration)
        else {
            return;
        };
        let length = window.length().checked_mul(2);
        if let Some(oldest) = length.and_then(|length| now.checked_sub(length)) {
            other_integration.skip_to(oldest);
        }
        while let Some(at) = other_integration.pop(now) {
            // If there is no free place, there is none before the oldest call leaves.
            if !window.admit(at)
                && let Some(free) = window.frees_at()
            {
                other_integration.skip_to(free);
            }
        }
    }

    /// Changes the limit now. Admitted calls of the old window stay counted; without an old window
    /// there are none.
    pub(super) fn set_limit(&mut self, limit: Option<Rate>) {
        self.window = match (self.window.take(), limit) {
            (Some(window), Some(rate)) => Some(window.with_rate(rate)),
            (None, Some(rate)) => Some(RollingWindow::new(rate)),
            (_, None) => None,
        };
    }

    /// Admits a call now, if possible. A refused call is not counted.
    pub(super) fn admit(&mut self, now: Instant) -> bool {
        let window = self.window.as_mut();
        window.is_none_or(|window| window.admit(now))
    }

    /// The state of the window now, if there is one.
    pub(super) fn state(&mut self, now: Instant) -> Option<WindowState> {
        self.window.as_mut().map(|window| window.state(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const SECOND: Duration = Duration::from_secs(1);

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    fn remaining(shared: &mut SharedWindow, now: Instant) -> u32 {
        shared.advance(now);
        shared.state(now).unwrap().remaining
    }

    #[test]
    fn another_integration_takes_its_share_and_no_more() {
        let start = Instant::now();
        let others = OtherIntegration::new(rate("95/10s"), start);
        let mut shared = SharedWindow::new(Some(rate("100/10s")), Some(others));
        assert_eq!(remaining(&mut shared, start), 100);
        assert_eq!(remaining(&mut shared, start + SECOND), 91);
        for seconds in [10, 11, 25, 3_600, 1_000_000] {
            let left = remaining(&mut shared, start + SECOND * seconds);
            assert_eq!(left, 5, "after {seconds} s");
        }
    }

    #[test]
    fn a_full_window_refuses_the_other_integration_too() {
        let start = Instant::now();
        let others = OtherIntegration::new(rate("1/s"), start);
        let mut shared = SharedWindow::new(Some(rate("2/10s")), Some(others));
        assert!(shared.admit(start));
        assert!(shared.admit(start));
        shared.advance(start + SECOND * 9);
        assert!(!shared.admit(start + SECOND * 9), "it is full of our own");
        // Both places became free at 10 s, and were taken at 10 s and 11 s.
        assert_eq!(remaining(&mut shared, start + SECOND * 10), 1);
        assert_eq!(remaining(&mut shared, start + SECOND * 19), 0);
        assert_eq!(remaining(&mut shared, start + SECOND * 20), 0);
    }

    #[test]
    fn calls_far_above_the_limit_cost_no_time() {
        let start = Instant::now();
        let others = OtherIntegration::new(rate("4294967295/ms"), start);
        let mut shared = SharedWindow::new(Some(rate("10/10s")), Some(others));
        assert_eq!(remaining(&mut shared, start + SECOND * 1_000), 0);
    }

    #[test]
    fn calls_stay_counted_when_the_limit_falls_or_rises() {
        let start = Instant::now();
        let mut shared = SharedWindow::new(Some(rate("3/10s")), None);
        for seconds in 0..3 {
            assert!(shared.admit(start + SECOND * seconds));
        }
        shared.set_limit(Some(rate("2/10s")));
        assert_eq!(remaining(&mut shared, start + SECOND * 3), 0);
        assert!(!shared.admit(start + SECOND * 10), "two are still in it");
        assert!(shared.admit(start + SECOND * 11));
        shared.set_limit(Some(rate("5/10s")));
        assert_eq!(remaining(&mut shared, start + SECOND * 11), 3);
        shared.set_limit(None);
        assert_eq!(shared.state(start + SECOND * 11), None);
    }
}

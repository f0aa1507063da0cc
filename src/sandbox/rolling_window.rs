//! A rolling window: at most so many calls in any period of its length.
//!
//! Pure: the time is an argument. It remembers the times of admitted calls, so the limit is exact,
//! unlike a counter that restarts in each window. The limit bounds the memory.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use crate::rate::Rate;

/// `Secondly` is an old pair of headers, recorded with a tenth of the maximum.
const SECONDLY_SHARE: u32 = 10;

/// The calls of the last window.
#[derive(Debug)]
pub(super) struct RollingWindow {
    rate: Rate,
    accepted: VecDeque<Instant>,
}

/// The state of a window, as the headers of an answer report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WindowState {
    pub(super) max: u32,
    pub(super) remaining: u32,
    pub(super) interval: Duration,
    pub(super) secondly: u32,
    pub(super) secondly_remaining: u32,
}

impl RollingWindow {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            accepted: VecDeque::new(),
        }
    }

    /// Changes the rate and keeps the counted calls.
    pub(super) fn with_rate(self, rate: Rate) -> Self {
        Self { rate, ..self }
    }

    pub(super) fn length(&self) -> Duration {
        self.rate.window
    }

    /// Admits a call now, if possible. A refused call is not counted.
    pub(super) fn admit(&mut self, now: Instant) -> bool {
        self.drop_expired(now);
        let admitted = self.remaining() > 0;
        if admitted {
            // Another thread that set a limit may have read the clock a moment later.
            let last = self.accepted.back().copied().unwrap_or(now);
            self.accepted.push_back(now.max(last));
        }
        admitted
    }

    /// When the oldest call leaves the window.
    pub(super) fn frees_at(&self) -> Option<Instant> {
        self.accepted.front()?.checked_add(self.rate.window)
    }

    /// The state of the window now.
    pub(super) fn state(&mut self, now: Instant) -> WindowState {
        self.drop_expired(now);
        let max = self.rate.calls.get();
        let secondly = (max / SECONDLY_SHARE).max(1);
        let older = self
            .accepted
            .partition_point(|call| now - *call >= Duration::from_secs(1));
        WindowState {
            max,
            remaining: self.remaining(),
            interval: self.rate.window,
            secondly,
            secondly_remaining: secondly.saturating_sub(small(self.accepted.len() - older)),
        }
    }

    fn remaining(&self) -> u32 {
        self.rate
            .calls
            .get()
            .saturating_sub(small(self.accepted.len()))
    }

    fn drop_expired(&mut self, now: Instant) {
        while let Some(first) = self.accepted.front()
            && now.saturating_duration_since(*first) >= self.rate.window
        {
            self.accepted.pop_front();
        }
    }
}

/// Converts a length, which the limit, a `u32`, bounds.
fn small(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{advance, pause};

    const MS: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn a_place_is_free_exactly_one_window_after_its_call() {
        pause();
        let mut window = RollingWindow::new("2/10s".parse().unwrap());
        assert!(window.admit(Instant::now()));
        advance(4000 * MS).await;
        assert!(window.admit(Instant::now()));
        advance(5999 * MS).await;
        assert!(!window.admit(Instant::now()), "9.999 s after the first");
        advance(MS).await;
        assert!(window.admit(Instant::now()), "10 s after the first");
        assert!(!window.admit(Instant::now()), "6 s after the second");
    }

    #[tokio::test]
    async fn no_period_of_a_windows_length_has_more_calls_than_the_limit() {
        pause();
        let rate: Rate = "7/100ms".parse().unwrap();
        let mut window = RollingWindow::new(rate);
        let mut rng = fastrand::Rng::with_seed(1);
        let mut accepted = Vec::new();
        for _ in 0..5_000 {
            advance(MS * rng.u32(0..20)).await;
            if window.admit(Instant::now()) {
                accepted.push(Instant::now());
            }
        }
        assert!(accepted.len() > 1_000);
        for calls in accepted.windows(8) {
            assert!(calls[7] - calls[0] >= rate.window);
        }
        assert!(window.accepted.len() <= 7, "memory is bounded");
    }

    #[tokio::test]
    async fn a_refused_call_takes_no_place() {
        pause();
        let mut window = RollingWindow::new("1/s".parse().unwrap());
        assert!(window.admit(Instant::now()));
        for _ in 0..9 {
            advance(100 * MS).await;
            assert!(!window.admit(Instant::now()));
        }
        advance(100 * MS).await;
        assert!(window.admit(Instant::now()));
    }

    #[tokio::test]
    async fn the_state_counts_what_is_left() {
        pause();
        let mut window = RollingWindow::new("100/10s".parse().unwrap());
        for _ in 0..3 {
            window.admit(Instant::now());
            advance(600 * MS).await;
        }
        let state = window.state(Instant::now());
        assert_eq!((state.max, state.remaining), (100, 97));
        assert_eq!((state.secondly, state.secondly_remaining), (10, 9));
        assert_eq!(state.interval.as_millis(), 10_000);
    }
}

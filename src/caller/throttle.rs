//! The shared pause after a "too many requests". Pure policy, with the clock and the random number
//! as arguments.

use std::time::Duration;

use tokio::time::Instant;

use crate::rate::RateLimit;

/// The shortest pause after a 429.
const SHORTEST: Duration = Duration::from_secs(1);

/// HubSpot's burst window, and the longest pause that the server did not ask for.
const WINDOW: Duration = Duration::from_secs(10);

/// This many successes since the last strike cancel one.
const PROCESSED_PER_STRIKE: u64 = 2;

/// After this time without a strike the pauses start small again.
const FORGIVEN_AFTER: Duration = Duration::from_secs(10);

/// A request that was answered by "too many requests".
#[derive(Clone, Copy, Debug)]
pub(super) struct ThrottledRequest {
    pub(super) sent_at: Instant,
    pub(super) limit: RateLimit,
    /// The wait that the server asks for.
    pub(super) retry_after: Option<Duration>,
    /// Verdicts of the run so far.
    pub(super) processed: u64,
}

/// The shared deadline, and the strikes that led to it.
#[derive(Debug)]
pub(super) struct Throttle {
    strikes: u32,
    last_strike_at: Option<Instant>,
    /// Verdicts of the run at the last strike.
    processed_at_strike: u64,
    begun: Instant,
    until: Instant,
}

impl Throttle {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            strikes: 0,
            last_strike_at: None,
            processed_at_strike: 0,
            begun: now,
            until: now,
        }
    }

    /// Whether there ever was a pause.
    pub(super) fn has_paused(&self) -> bool {
        self.until > self.begun
    }

    /// When everybody may go on.
    pub(super) fn until(&self) -> Instant {
        self.until
    }

    pub(super) fn last_strike_at(&self) -> Option<Instant> {
        self.last_strike_at
    }

    /// Records a 429. `share` is a random number from 0 to 1. Returns the new deadline.
    ///
    /// Requests that were in flight when the pause began belong to the same strike. They do not
    /// count again, but the wait that the server asks for applies.
    pub(super) fn strike(
        &mut self,
        request: &ThrottledRequest,
        now: Instant,
        share: f64,
    ) -> Instant {
        let ThrottledRequest {
            sent_at,
            limit,
            retry_after: asked,
            processed,
        } = *request;
        let is_same_burst = self.last_strike_at.is_some_and(|at| sent_at <= at);
        if !is_same_burst {
            let forgiven = (processed - self.processed_at_strike) / PROCESSED_PER_STRIKE;
            self.strikes = self
                .strikes
                .saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX));
            if now.saturating_duration_since(self.until) >= FORGIVEN_AFTER {
                self.strikes = 0;
            }
            self.strikes += 1;
            self.processed_at_strike = processed;
            self.last_strike_at = Some(now);
        }
        let until = match asked {
            Some(asked) => now + asked + SHORTEST.mul_f64(share / 4.0),
            None if is_same_burst => now,
            None => now + pause_duration(self.strikes, limit, share),
        };
        self.until = self.until.max(until);
        self.until
    }
}

/// Doubles from [`SHORTEST`] to [`WINDOW`], plus up to half of that as jitter.
pub(super) fn pause_duration(strikes: u32, limit: RateLimit, share: f64) -> Duration {
    let first = match limit {
        RateLimit::Window | RateLimit::Second => SHORTEST,
        RateLimit::Account => WINDOW,
    };
    let doublings = strikes.saturating_sub(1).min(8);
    (first * (1 << doublings))
        .min(WINDOW)
        .mul_f64(1.0 + share / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, seconds: f64) -> Instant {
        start + Duration::from_secs_f64(seconds)
    }

    /// A 429 to a request sent at that time.
    fn offence(sent_at: Instant) -> ThrottledRequest {
        ThrottledRequest {
            sent_at,
            limit: RateLimit::Window,
            retry_after: None,
            processed: 0,
        }
    }

    #[test]
    fn sixteen_429s_that_were_in_flight_together_are_one_strike() {
        let t = Instant::now();
        let mut throttle = Throttle::new(t);
        for n in 0..16 {
            let (sent_at, now) = (at(t, 0.01 * f64::from(n)), at(t, 0.2 + 0.01 * f64::from(n)));
            let _ = throttle.strike(&offence(sent_at), now, 0.0);
        }
        assert_eq!(throttle.strikes, 1);
        assert_eq!(throttle.until(), at(t, 1.2));
    }

    #[test]
    fn pauses_grow_while_strikes_follow_each_other_and_start_anew_after_a_quiet_window() {
        let t = Instant::now();
        let mut throttle = Throttle::new(t);
        let mut now = t;
        let mut pauses = Vec::new();
        for quiet in [0.1, 0.1, 0.1, 0.1, 0.1, 11.0] {
            now = throttle.until().max(now) + Duration::from_secs_f64(quiet);
            let until = throttle.strike(&offence(now), now, 0.0);
            pauses.push((until - now).as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 10, 1]);
    }

    #[test]
    fn the_wait_that_the_server_asks_for_applies_even_if_the_answer_is_late() {
        let t = Instant::now();
        let mut throttle = Throttle::new(t);
        let _ = throttle.strike(&offence(t), at(t, 0.1), 0.0);
        let late = ThrottledRequest {
            retry_after: Some(Duration::from_secs(7)),
            ..offence(t)
        };
        let until = throttle.strike(&late, at(t, 0.3), 0.0);
        assert_eq!(until, at(t, 7.3));
    }
}

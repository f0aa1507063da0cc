//! How long a row waits before a retry: exponential back-off with full jitter. Pure, except for the
//! random number.

use std::time::Duration;

use tokio::time::Instant;

/// The first delay lies between 0 and this.
const BASE: Duration = Duration::from_millis(500);

/// No delay is longer, unless the server asks for it.
const CAP: Duration = Duration::from_secs(30);

/// When to try again after `tries` tries, and not before the server's `wait` is over.
pub(super) fn next_try_at(tries: u32, wait: Duration) -> Instant {
    Instant::now() + delay(tries, wait, fastrand::f64())
}

/// Full jitter: `share` (0 to 1) of the doubled limit, or the server's `wait` plus jitter.
fn delay(tries: u32, wait: Duration, share: f64) -> Duration {
    let doublings = tries.saturating_sub(1).min(16);
    let limit = (BASE * (1 << doublings)).min(CAP);
    if wait.is_zero() {
        return limit.mul_f64(share);
    }
    // Jitter on top: rows that the server rejected together do not all come back at once, and none
    // comes early.
    wait + BASE.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_delay_limit_doubles_up_to_its_cap() {
        let limits: Vec<_> = (1..=9)
            .map(|n| delay(n, Duration::ZERO, 1.0).as_millis())
            .collect();
        assert_eq!(
            limits,
            [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]
        );
    }

    proptest! {
        #[test]
        fn a_wait_is_bounded_and_never_shorter_than_the_server_asks(
            tries: u32, wait_ms in 0u64..100_000, share in 0.0..1.0f64,
        ) {
            let wait = Duration::from_millis(wait_ms);
            let got = delay(tries, wait, share);
            prop_assert!(got >= wait);
            prop_assert!(got <= wait.max(CAP) + BASE);
        }
    }
}

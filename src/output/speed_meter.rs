//! How fast rows end, for the time that is left.
//!
//! Knows nothing of what is shown.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// The speed is measured over this time.
const SPEED_WINDOW: Duration = Duration::from_secs(30);

/// After this time from the start, the speed is that of the run: at first all requests in flight
/// begin at once.
const BURST: Duration = Duration::from_secs(2);

/// Rows per second over the last half minute.
#[derive(Debug)]
pub(super) struct SpeedMeter {
    /// When the burst at the start is over.
    settles_at: Instant,
    samples: VecDeque<(Instant, u64)>,
}

impl SpeedMeter {
    /// No rows have ended but these.
    pub(super) fn new(start: Instant, rows: u64) -> Self {
        Self {
            settles_at: start + BURST,
            samples: VecDeque::from([(start, rows)]),
        }
    }

    /// Rows per second, now that so many have ended.
    pub(super) fn update(&mut self, rows: u64, now: Instant) -> f64 {
        self.samples.push_back((now, rows));
        // As long as the burst is left out after it, the speed before it is better than none.
        let is_settled = now > self.settles_at + BURST;
        let is_out = |at: Instant| {
            now.duration_since(at) > SPEED_WINDOW || is_settled && at <= self.settles_at
        };
        while self.samples.len() > 2 && self.samples.get(1).is_some_and(|(at, _)| is_out(*at)) {
            self.samples.pop_front();
        }
        let (start, start_rows) = self.samples[0];
        let seconds = now.duration_since(start).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let rows = rows.saturating_sub(start_rows) as f64;
        if seconds > 0.0 { rows / seconds } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_at_the_start_does_not_count_in_the_speed() {
        let start = Instant::now();
        let mut speed = SpeedMeter::new(start, 0);
        // 80 rows at once, and then 10 in each second.
        let rows = |seconds: u64| 80 + 10 * seconds;
        let speeds: Vec<_> = (1..=8)
            .map(|seconds| speed.update(rows(seconds), start + Duration::from_secs(seconds)))
            .collect();
        assert!((speeds[0] - 90.0).abs() < 0.1, "{speeds:?}");
        assert!((speeds[4] - 10.0).abs() < 0.1, "{speeds:?}");
        assert!((speeds[7] - 10.0).abs() < 0.1, "{speeds:?}");
    }
}

//! The adaptive share: how much of the limit this program uses. Others may spend from the same
//! window, and a server may refuse before the window is used up. Pure, with the clock as an
//! argument.
//!
//! Others get what they use and a reserve, but not more than about half, unless that still ends in
//! 429s. So two programs that do the same can both work, and one that never yields gets its way.

use std::collections::VecDeque;

use crate::{rate::Rate, rate_state::nanos};

/// Up to this many calls, or this share of the limit, seen as others' may be our own: they were
/// sent and arrived in a different order.
const MIN_OTHERS: f64 = 2.0;

/// See [`MIN_OTHERS`]; the margin of the pace leaves this much to others anyway.
const NOTICED_SHARE: f64 = 0.02;

/// This share of the limit stays free if others spend from it.
const RESERVE: f64 = 0.02;

/// Of this many responses the median is believed, so that an odd one does nothing.
const MEDIAN_OF: usize = 5;

/// A rise of the others' calls is believed within this part of the window.
const RISE_WINDOWS: f64 = 0.1;

/// A fall is believed within this part of the window. It is slower than a rise: too high a pace costs
/// 429s, too low a pace only time.
const FALL_WINDOWS: f64 = 0.25;

/// The calls of others count for this many windows. A pause of theirs leaves the window with it; if
/// two programs both took the free room, they would collide.
const PEAK_WINDOWS: f64 = 1.2;

/// Our guaranteed share of the limit, whatever others do. Two programs with this share leave 6 % free.
const FAIR_SHARE: f64 = 0.47;

/// The guaranteed share never falls below this.
const MIN_SHARE: f64 = 0.05;

/// A 429 multiplies the guaranteed share by this, once others have had [`YIELD_WINDOWS`] to yield.
const SHARE_FACTOR_AFTER_STRIKE: f64 = 0.75;

/// Others may need this many windows to notice that they have to yield.
const YIELD_WINDOWS: f64 = 1.5;

/// A window without a 429 adds this to the guaranteed share.
const SHARE_RECOVERY: f64 = 0.02;

/// If nobody else is seen, a 429 multiplies the pace by this.
const RATE_FACTOR_AFTER_STRIKE: f64 = 0.9;

/// The pace never falls below this part: a 429 at a lower pace has another reason.
const MIN_RATE_FACTOR: f64 = 0.6;

/// A window without a 429 adds this to the factor of the pace, up to 1.
const RATE_FACTOR_RECOVERY: f64 = 0.05;

/// What is known about others.
#[derive(Debug)]
pub(super) struct AdaptiveShare {
    /// How much of the window others had used, by the latest responses.
    samples: VecDeque<(u64, f64)>,
    /// The samples, smoothed.
    smoothed_others: f64,
    /// The recent maximum of the smoothed value, and its time.
    others_peak: f64,
    others_peak_at: u64,
    guaranteed_share: f64,
    /// Since when others leave less than the guaranteed share.
    over_share_since: Option<u64>,
    rate_factor: f64,
    /// When the share and the pace recover next.
    recovers_at: u64,
    /// When the limit changed, which explains 429s.
    limit_changed_at: Option<u64>,
}

impl Default for AdaptiveShare {
    fn default() -> Self {
        Self {
            samples: VecDeque::new(),
            smoothed_others: 0.0,
            others_peak: 0.0,
            others_peak_at: 0,
            guaranteed_share: FAIR_SHARE,
            over_share_since: None,
            rate_factor: 1.0,
            recovers_at: 0,
            limit_changed_at: None,
        }
    }
}

impl AdaptiveShare {
    /// A response said that the window contains this many calls of others.
    pub(super) fn record_sample(&mut self, limit: Rate, others: f64, now: u64) {
        let (max, window) = calls_and_seconds(limit);
        let noticed = if others > MIN_OTHERS.max(max * NOTICED_SHARE) {
            others.min(max)
        } else {
            0.0
        };
        let since = self.samples.back().map_or(now, |(at, _)| *at);
        let is_old = |at: u64| elapsed(at, now) > window * FALL_WINDOWS;
        self.samples.retain(|(at, _)| !is_old(*at));
        self.samples.push_back((now, noticed));
        if self.samples.len() > MEDIAN_OF {
            self.samples.pop_front();
        }
        let mut sorted: Vec<f64> = self.samples.iter().map(|(_, others)| *others).collect();
        sorted.sort_by(f64::total_cmp);
        let believed = sorted[sorted.len() / 2];
        let is_more = believed > self.smoothed_others;
        let within = window * if is_more { RISE_WINDOWS } else { FALL_WINDOWS };
        let weight = 1.0 - (-elapsed(since, now) / within).exp();
        self.smoothed_others += (believed - self.smoothed_others) * weight;
        if self.smoothed_others >= self.others_peak
            || elapsed(self.others_peak_at, now) > window * PEAK_WINDOWS
        {
            (self.others_peak, self.others_peak_at) = (self.smoothed_others, now);
        }
    }

    pub(super) fn limit_changed(&mut self, now: u64) {
        self.limit_changed_at = Some(now);
    }

    /// A 429 that does not follow from an earlier one, with `ours` of our calls in its window.
    pub(super) fn record_strike(&mut self, limit: Rate, ours: f64, now: u64) {
        let (max, window) = calls_and_seconds(limit);
        if self
            .over_share_since
            .is_some_and(|since| elapsed(since, now) > window * YIELD_WINDOWS)
        {
            self.guaranteed_share =
                (self.guaranteed_share * SHARE_FACTOR_AFTER_STRIKE).max(MIN_SHARE);
            self.over_share_since = Some(now);
            self.recovers_at = now.saturating_add(nanos(limit.window));
        } else if !self.has_others(limit)
            && self
                .limit_changed_at
                .is_none_or(|at| elapsed(at, now) > window)
            && ours >= max * MIN_RATE_FACTOR
        {
            self.rate_factor = (self.rate_factor * RATE_FACTOR_AFTER_STRIKE).max(MIN_RATE_FACTOR);
            self.recovers_at = now.saturating_add(nanos(limit.window));
        }
    }

    /// Our share of this limit now.
    pub(super) fn share_of(&mut self, limit: Rate, now: u64) -> Rate {
        self.recover(limit, now);
        if !self.has_others(limit) {
            self.over_share_since = None;
            return self.eased_limit(limit);
        }
        let (max, _) = calls_and_seconds(limit);
        let (left, guaranteed) = (
            max - self.others_peak - max * RESERVE,
            max * self.guaranteed_share,
        );
        if left < guaranteed {
            self.over_share_since.get_or_insert(now);
        } else {
            self.over_share_since = None;
        }
        scaled(limit, left.max(guaranteed) / max * self.rate_factor)
    }

    /// A limit that others do not spend from.
    pub(super) fn eased_limit(&self, limit: Rate) -> Rate {
        scaled(limit, self.rate_factor)
    }

    fn has_others(&self, limit: Rate) -> bool {
        let (max, _) = calls_and_seconds(limit);
        self.others_peak > MIN_OTHERS.max(max * NOTICED_SHARE)
    }

    fn recover(&mut self, limit: Rate, now: u64) {
        if now >= self.recovers_at {
            self.guaranteed_share = (self.guaranteed_share + SHARE_RECOVERY).min(FAIR_SHARE);
            self.rate_factor = (self.rate_factor + RATE_FACTOR_RECOVERY).min(1.0);
            self.recovers_at = now.saturating_add(nanos(limit.window));
        }
    }
}

/// The number of calls, and the window in seconds.
fn calls_and_seconds(limit: Rate) -> (f64, f64) {
    (limit.calls.get().into(), limit.window.as_secs_f64())
}

/// In seconds.
#[expect(clippy::cast_precision_loss, reason = "windows are seconds, not ages")]
fn elapsed(since: u64, now: u64) -> f64 {
    now.saturating_sub(since) as f64 / 1e9
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a number of calls is no larger"
)]
fn scaled(limit: Rate, share: f64) -> Rate {
    // A share of exactly one is the limit itself.
    limit.with_calls((f64::from(limit.calls.get()) * share).floor() as u32)
}

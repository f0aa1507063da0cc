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

/// More calls of others are believed within this part of the window, …
const RISE_WINDOWS: f64 = 0.1;

/// … and fewer calls within this part.
const FALL_WINDOWS: f64 = 0.25;

/// The calls of others count for this many windows. A pause of theirs leaves the window with it; if
/// two programs both took the free room, they would collide.
const PEAK_WINDOWS: f64 = 1.2;

/// Our share, whatever others do. Two programs that claim it leave 6 % free.
const FAIR_CLAIM: f64 = 0.47;

/// Our smallest share, however much others use.
const MIN_CLAIM: f64 = 0.05;

/// A 429 leaves this part of our claim, …
const CLAIM_AFTER_STRIKE: f64 = 0.75;

/// … once others have had this many windows to yield.
const YIELD_WINDOWS: f64 = 1.5;

/// A window without a 429 gives back this share of the limit.
const CLAIM_RECOVERY: f64 = 0.02;

/// If nobody else is seen, a 429 leaves this part of the pace, …
const RATE_FACTOR_AFTER_STRIKE: f64 = 0.9;

/// … down to this part (a 429 at a lower pace has another reason); …
const MIN_RATE_FACTOR: f64 = 0.6;

/// … and a window without a 429 gives back this part.
const RATE_FACTOR_RECOVERY: f64 = 0.05;

/// What is known about others.
#[derive(Debug)]
pub(super) struct AdaptiveShare {
    /// How much of the window others had used, by the latest responses.
    samples: VecDeque<(u64, f64)>,
    /// The samples, smoothed.
    smoothed_others: f64,
    /// The recent maximum of the smoothed value, and its time.
    others: f64,
    others_peak_at: u64,
    claim: f64,
    /// Since when others leave less than we claim.
    over_share_since: Option<u64>,
    rate_factor: f64,
    /// When something is given back next.
    give_back_at: u64,
    /// When the limit changed, which explains 429s.
    limit_changed_at: Option<u64>,
}

impl Default for AdaptiveShare {
    fn default() -> Self {
        Self {
            samples: VecDeque::new(),
            smoothed_others: 0.0,
            others: 0.0,
            others_peak_at: 0,
            claim: FAIR_CLAIM,
            over_share_since: None,
            rate_factor: 1.0,
            give_back_at: 0,
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
        if self.smoothed_others >= self.others
            || elapsed(self.others_peak_at, now) > window * PEAK_WINDOWS
        {
            (self.others, self.others_peak_at) = (self.smoothed_others, now);
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
            self.claim = (self.claim * CLAIM_AFTER_STRIKE).max(MIN_CLAIM);
            self.over_share_since = Some(now);
            self.give_back_at = now.saturating_add(nanos(limit.window));
        } else if !self.has_others(limit)
            && self
                .limit_changed_at
                .is_none_or(|at| elapsed(at, now) > window)
            && ours >= max * MIN_RATE_FACTOR
        {
            self.rate_factor = (self.rate_factor * RATE_FACTOR_AFTER_STRIKE).max(MIN_RATE_FACTOR);
            self.give_back_at = now.saturating_add(nanos(limit.window));
        }
    }

    /// Our share of this limit now.
    pub(super) fn share_of(&mut self, limit: Rate, now: u64) -> Rate {
        self.give_back(limit, now);
        if !self.has_others(limit) {
            self.over_share_since = None;
            return self.eased_limit(limit);
        }
        let (max, _) = calls_and_seconds(limit);
        let (left, claimed) = (max - self.others - max * RESERVE, max * self.claim);
        if left < claimed {
            self.over_share_since.get_or_insert(now);
        } else {
            self.over_share_since = None;
        }
        scaled(limit, left.max(claimed) / max * self.rate_factor)
    }

    /// A limit that others do not spend from.
    pub(super) fn eased_limit(&self, limit: Rate) -> Rate {
        scaled(limit, self.rate_factor)
    }

    fn has_others(&self, limit: Rate) -> bool {
        let (max, _) = calls_and_seconds(limit);
        self.others > MIN_OTHERS.max(max * NOTICED_SHARE)
    }

    fn give_back(&mut self, limit: Rate, now: u64) {
        if now >= self.give_back_at {
            self.claim = (self.claim + CLAIM_RECOVERY).min(FAIR_CLAIM);
            self.rate_factor = (self.rate_factor + RATE_FACTOR_RECOVERY).min(1.0);
            self.give_back_at = now.saturating_add(nanos(limit.window));
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

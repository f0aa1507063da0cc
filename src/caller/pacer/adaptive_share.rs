//! How much of the limit is ours: others may spend from the same window, and
//! a server may refuse before it is used up. Pure, with the clock as an
//! argument.
//!
//! Others are given what they use, and a reserve; but not more than about
//! half, unless that still ends in 429s. So two programs that do the same
//! both live, and one that never yields is yielded to.

use std::collections::VecDeque;

use crate::{rate::Rate, rate_state::nanos};

/// So few calls of others, or this share of the limit, may be ours, sent and
/// arrived in another order.
const FEWEST: f64 = 2.0;

/// See [`FEWEST`]; also what the margin of the pace leaves to others anyway.
const NOTICED: f64 = 0.02;

/// The share of the limit that stays free where others spend from it.
const RESERVE: f64 = 0.02;

/// Of so many answers the one in the middle is believed: an odd one does
/// nothing.
const BELIEVED_OF: usize = 5;

/// Others who come are followed within this part of the window, …
const COMING: f64 = 0.1;

/// … and others who go within this one.
const GOING: f64 = 0.25;

/// What others had stays theirs for so many windows: a pause of theirs leaves
/// the window with it, and two who both took its room would meet in it.
const HELD: f64 = 1.2;

/// What is ours whatever others do: two who claim it leave 6 % free.
const FAIR: f64 = 0.47;

/// What is ours in the end, however hard others press.
const SMALLEST: f64 = 0.05;

/// A 429 leaves so much of what is claimed, …
const AFTER_STRIKE: f64 = 0.75;

/// … once others have had so many windows to yield.
const TIME_TO_YIELD: f64 = 1.5;

/// A window without a 429 gives back so much of the limit.
const GIVEN_BACK: f64 = 0.02;

/// Where nobody else is seen, a 429 leaves so much of the pace, …
const EASED: f64 = 0.9;

/// … down to this much (one that comes at less is not for the pace); …
const MOST_EASED: f64 = 0.6;

/// … and a window without one gives back so much.
const UNEASED: f64 = 0.05;

/// What is known of the others.
#[derive(Debug)]
pub(super) struct AdaptiveShare {
    /// What others had used of the window, by the latest answers.
    samples: VecDeque<(u64, f64)>,
    /// The same, smoothed.
    smoothed_others: f64,
    /// The most of that lately, and when it was.
    others: f64,
    others_peak_at: u64,
    claim: f64,
    /// Since when others leave less than is claimed.
    pressed_since: Option<u64>,
    ease: f64,
    /// The next time that something is given back.
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
            claim: FAIR,
            pressed_since: None,
            ease: 1.0,
            give_back_at: 0,
            limit_changed_at: None,
        }
    }
}

impl AdaptiveShare {
    /// An answer told that so many calls of others lie in the window.
    pub(super) fn record_sample(&mut self, limit: Rate, others: f64, now: u64) {
        let (max, window) = calls_and_seconds(limit);
        let noticed = if others > FEWEST.max(max * NOTICED) {
            others.min(max)
        } else {
            0.0
        };
        let since = self.samples.back().map_or(now, |(at, _)| *at);
        let is_old = |at: u64| elapsed(at, now) > window * GOING;
        self.samples.retain(|(at, _)| !is_old(*at));
        self.samples.push_back((now, noticed));
        if self.samples.len() > BELIEVED_OF {
            self.samples.pop_front();
        }
        let mut sorted: Vec<f64> = self.samples.iter().map(|(_, others)| *others).collect();
        sorted.sort_by(f64::total_cmp);
        let believed = sorted[sorted.len() / 2];
        let is_more = believed > self.smoothed_others;
        let within = window * if is_more { COMING } else { GOING };
        let weight = 1.0 - (-elapsed(since, now) / within).exp();
        self.smoothed_others += (believed - self.smoothed_others) * weight;
        if self.smoothed_others >= self.others || elapsed(self.others_peak_at, now) > window * HELD
        {
            (self.others, self.others_peak_at) = (self.smoothed_others, now);
        }
    }

    /// The limit is another one.
    pub(super) fn limit_changed(&mut self, now: u64) {
        self.limit_changed_at = Some(now);
    }

    /// A 429 that is no consequence of an earlier one, after so many calls of
    /// ours in its window.
    pub(super) fn record_strike(&mut self, limit: Rate, ours: f64, now: u64) {
        let (max, window) = calls_and_seconds(limit);
        if self
            .pressed_since
            .is_some_and(|since| elapsed(since, now) > window * TIME_TO_YIELD)
        {
            self.claim = (self.claim * AFTER_STRIKE).max(SMALLEST);
            self.pressed_since = Some(now);
            self.give_back_at = now.saturating_add(nanos(limit.window));
        } else if !self.has_others(limit)
            && self
                .limit_changed_at
                .is_none_or(|at| elapsed(at, now) > window)
            && ours >= max * MOST_EASED
        {
            self.ease = (self.ease * EASED).max(MOST_EASED);
            self.give_back_at = now.saturating_add(nanos(limit.window));
        }
    }

    /// What of this limit is ours now.
    pub(super) fn share_of(&mut self, limit: Rate, now: u64) -> Rate {
        self.give_back(limit, now);
        if !self.has_others(limit) {
            self.pressed_since = None;
            return self.eased_limit(limit);
        }
        let (max, _) = calls_and_seconds(limit);
        let (left, claimed) = (max - self.others - max * RESERVE, max * self.claim);
        if left < claimed {
            self.pressed_since.get_or_insert(now);
        } else {
            self.pressed_since = None;
        }
        scaled(limit, left.max(claimed) / max * self.ease)
    }

    /// A limit that others do not spend from.
    pub(super) fn eased_limit(&self, limit: Rate) -> Rate {
        scaled(limit, self.ease)
    }

    fn has_others(&self, limit: Rate) -> bool {
        let (max, _) = calls_and_seconds(limit);
        self.others > FEWEST.max(max * NOTICED)
    }

    fn give_back(&mut self, limit: Rate, now: u64) {
        if now >= self.give_back_at {
            self.claim = (self.claim + GIVEN_BACK).min(FAIR);
            self.ease = (self.ease + UNEASED).min(1.0);
            self.give_back_at = now.saturating_add(nanos(limit.window));
        }
    }
}

/// Calls, and the seconds of the window.
fn calls_and_seconds(limit: Rate) -> (f64, f64) {
    (limit.calls.get().into(), limit.window.as_secs_f64())
}

/// Seconds.
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

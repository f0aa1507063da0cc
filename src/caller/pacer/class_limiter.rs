//! The limiter for the calls of one rate-limit class: the user's limit, the server's limit, and the
//! events about them. Pure.

use std::{num::NonZeroU32, time::Duration};

use super::{
    adaptive_share::AdaptiveShare,
    window_limiter::{CountedCalls, WindowLimiter},
};
use crate::{
    api::{RateClass, ReportedQuota},
    caller::events::CallerEvent,
    rate::Rate,
    rate_state::{KEPT_RESERVATIONS, RateTag, Reservation, ReservationLog, nanos},
};

/// A limit that keeps changing is reported once in this time.
const REPORT_LIMIT_EVERY: Duration = Duration::from_secs(30);

/// HubSpot allows an account 5 searches per second. The window is longer here, because requests do
/// not travel equally fast: even if one is 100 ms late (over a connection that is opened for it),
/// no second has a sixth.
const SEARCH_LIMIT: Rate = Rate {
    calls: NonZeroU32::new(5).expect("not zero"),
    window: Duration::from_millis(1_100),
};

/// What a response said about the limit.
#[derive(Debug, Default)]
pub(super) struct LearnedLimit {
    /// Whether the limit changed.
    pub(super) is_new: bool,
    /// The event to report, if it is news.
    pub(super) event: Option<CallerEvent>,
}

/// Paces the calls of one class.
#[derive(Debug)]
pub(super) struct ClassLimiter {
    class: RateClass,
    /// The user's rate. All runs with the same rate keep it together. Runs with other rates do not
    /// count: beside a fast run, a slow one would never get a turn.
    user_limiter: Option<(Rate, WindowLimiter)>,
    rate_tag: RateTag,
    /// The account's limit as long as no response reports it.
    default_limit: Rate,
    /// Our share of the account's limit, for all runs together.
    account_limiter: WindowLimiter,
    share: AdaptiveShare,
    /// When the request was sent whose response first reported the limit.
    limit_request_sent_at: u64,
    /// The limit that was reported to the user last, and when.
    last_reported: Option<(Rate, u64)>,
}

impl ClassLimiter {
    /// `own` is the user's rate. `knows_all` says whether the log has all calls.
    pub(super) fn new(class: RateClass, own: Option<Rate>, knows_all: bool) -> Self {
        let rate_tag = own.map_or(RateTag::AUTO, RateTag::from_rate);
        let default_limit = default_limit(class, own);
        let limiter = |rate| WindowLimiter::new(rate, CountedCalls::SameRate(rate_tag), knows_all);
        Self {
            class,
            user_limiter: own.map(|rate| (rate, limiter(rate))),
            rate_tag,
            default_limit,
            account_limiter: WindowLimiter::new(default_limit, CountedCalls::All, knows_all),
            share: AdaptiveShare::default(),
            limit_request_sent_at: 0,
            last_reported: None,
        }
    }

    /// Makes a reservation if one is due. Otherwise returns when it is.
    pub(super) fn take(&mut self, log: &mut ReservationLog, now: u64) -> Result<(), u64> {
        let limit = self.limit(log, now);
        self.account_limiter
            .set_rate(self.share.share_of(limit, now));
        let mut at = self.account_limiter.next_at(log, now);
        if let Some((rate, limiter)) = &mut self.user_limiter {
            limiter.set_rate(self.share.eased_limit(*rate));
            at = at.max(limiter.next_at(log, now));
        }
        if at > now {
            return Err(at);
        }
        let rate_tag = self.rate_tag;
        log.reserve(Reservation { at: now, rate_tag });
        Ok(())
    }

    /// The pace in force.
    pub(super) fn current_pace(&self) -> Rate {
        let account = self.account_limiter.rate();
        let own = self
            .user_limiter
            .as_ref()
            .map(|(_, limiter)| limiter.rate());
        own.filter(|own| account.is_faster_than(*own))
            .unwrap_or(account)
    }

    /// Notes what a response said about the window; `sent` is the time of its request.
    pub(super) fn learn(
        &mut self,
        quota: ReportedQuota,
        log: &mut ReservationLog,
        sent: u64,
        now: u64,
    ) -> LearnedLimit {
        let reported = quota.window.filter(|_| self.class.reports_limit());
        let Some(reported) = reported else {
            return LearnedLimit::default();
        };
        // A response that was overtaken reports an old limit.
        if sent < self.limit_request_sent_at {
            return LearnedLimit::default();
        }
        let before = self.limit(log, now);
        log.record_limit(reported, now);
        let is_new = reported != before;
        if is_new {
            self.limit_request_sent_at = sent;
            self.share.limit_changed(now);
        }
        let event = self.limit_event(reported, before, now);
        let max = reported.calls.get();
        if let Some(remaining) = quota.window_remaining
            && (max as usize) < KEPT_RESERVATIONS
        {
            let ours = log.count_in_window(reported.window, sent);
            #[expect(clippy::cast_precision_loss, reason = "less than KEPT_RESERVATIONS")]
            let ours = ours as f64;
            let others = f64::from(max - remaining) - ours;
            self.share.record_sample(reported, others, now);
        }
        LearnedLimit { is_new, event }
    }

    /// After a 429 everybody pauses until `until`.
    pub(super) fn record_strike(&mut self, log: &ReservationLog, until: u64, now: u64) {
        let limit = self.limit(log, now);
        #[expect(clippy::cast_precision_loss, reason = "no more than KEPT_RESERVATIONS")]
        let ours = log.count_in_window(limit.window, now) as f64;
        self.share.record_strike(limit, ours, now);
        self.account_limiter.forbid_catch_up_until(until);
        if let Some((_, limiter)) = &mut self.user_limiter {
            limiter.forbid_catch_up_until(until);
        }
    }

    fn limit(&self, log: &ReservationLog, now: u64) -> Rate {
        log.known_limit(now).unwrap_or(self.default_limit)
    }

    /// The event about a new limit, if it is news.
    fn limit_event(&mut self, reported: Rate, before: Rate, now: u64) -> Option<CallerEvent> {
        let lately = |at: u64| now.saturating_sub(at) < nanos(REPORT_LIMIT_EVERY);
        let (said, is_early) = self
            .last_reported
            .map_or((before, false), |(rate, at)| (rate, lately(at)));
        if reported == said || is_early {
            return None;
        }
        self.last_reported = Some((reported, now));
        Some(CallerEvent::LimitChanged {
            class: self.class,
            limit: reported,
            user_rate: self.user_limiter.as_ref().map(|(own, _)| *own),
        })
    }
}

/// The account's limit as long as no response reports it. Most accounts allow more calls than
/// [`Rate::SAFE`], so the user's rate is tried. All allow the same number of searches.
fn default_limit(class: RateClass, own: Option<Rate>) -> Rate {
    match class {
        RateClass::Single | RateClass::Batch => {
            let faster = own.filter(|own| own.is_faster_than(Rate::SAFE));
            faster.unwrap_or(Rate::SAFE)
        }
        RateClass::Search => SEARCH_LIMIT,
    }
}

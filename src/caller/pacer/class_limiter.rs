//! The calls of one class: the limits that bound them, as the user and the
//! server say, and what is to be told of that. Pure.

use std::time::Duration;

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

/// A limit that changes to and fro is spoken of once in this time.
const SAID_EVERY: Duration = Duration::from_secs(30);

/// What is learnt from an answer.
#[derive(Debug, Default)]
pub(super) struct LearnedLimit {
    /// Whether the limit is another one.
    pub(super) is_new: bool,
    /// What is to be told of that.
    pub(super) event: Option<CallerEvent>,
}

/// How the calls of a class are paced.
#[derive(Debug)]
pub(super) struct ClassLimiter {
    class: RateClass,
    /// The user's rate, which all runs that were given the same keep to
    /// together. Runs with others do not count for it: a slow one would never
    /// have a turn beside a fast one.
    user_limiter: Option<(Rate, WindowLimiter)>,
    rate_tag: RateTag,
    /// The account's limit as long as nobody tells it.
    default_limit: Rate,
    /// What is ours of the account's limit, all runs together.
    account_limiter: WindowLimiter,
    share: AdaptiveShare,
    /// When the request was sent whose answer told the limit first.
    limit_request_sent_at: u64,
    /// The limit that was spoken of last, and when.
    last_reported: Option<(Rate, u64)>,
}

impl ClassLimiter {
    /// `own` is the user's rate; `knows_all` is whether the book does.
    pub(super) fn new(class: RateClass, own: Option<Rate>, knows_all: bool) -> Self {
        let whose = own.map_or(RateTag::AUTO, RateTag::from_rate);
        let untold = own.filter(|own| own.is_faster_than(Rate::SAFE));
        let untold = untold.unwrap_or(Rate::SAFE);
        let bound = |rate| WindowLimiter::new(rate, CountedCalls::SameRate(whose), knows_all);
        Self {
            class,
            user_limiter: own.map(|rate| (rate, bound(rate))),
            rate_tag: whose,
            default_limit: untold,
            account_limiter: WindowLimiter::new(untold, CountedCalls::All, knows_all),
            share: AdaptiveShare::default(),
            limit_request_sent_at: 0,
            last_reported: None,
        }
    }

    /// Takes a slot if one is due, else says when.
    pub(super) fn take(&mut self, log: &mut ReservationLog, now: u64) -> Result<(), u64> {
        let limit = self.limit(log, now);
        self.account_limiter
            .set_rate(self.share.share_of(limit, now));
        let mut at = self.account_limiter.next_at(log, now);
        if let Some((rate, bound)) = &mut self.user_limiter {
            bound.set_rate(self.share.eased_limit(*rate));
            at = at.max(bound.next_at(log, now));
        }
        if at > now {
            return Err(at);
        }
        let by = self.rate_tag;
        log.reserve(Reservation {
            at: now,
            rate_tag: by,
        });
        Ok(())
    }

    /// The pace as it is.
    pub(super) fn current_pace(&self) -> Rate {
        let account = self.account_limiter.rate();
        let own = self.user_limiter.as_ref().map(|(_, bound)| bound.rate());
        own.filter(|own| account.is_faster_than(*own))
            .unwrap_or(account)
    }

    /// Hears what an answer said of the window, to a request of that time.
    pub(super) fn learn(
        &mut self,
        quota: ReportedQuota,
        log: &mut ReservationLog,
        sent: u64,
        now: u64,
    ) -> LearnedLimit {
        let Some(told) = quota.window else {
            return LearnedLimit::default();
        };
        // An answer that has been overtaken tells the limit of before.
        if sent < self.limit_request_sent_at {
            return LearnedLimit::default();
        }
        let before = self.limit(log, now);
        log.record_limit(told, now);
        let is_new = told != before;
        if is_new {
            self.limit_request_sent_at = sent;
            self.share.limit_changed(now);
        }
        let event = self.limit_event(told, before, now);
        let max = told.calls.get();
        if let Some(remaining) = quota.window_remaining
            && (max as usize) < KEPT_RESERVATIONS
        {
            let ours = log.count_in_window(told.window, sent);
            #[expect(clippy::cast_precision_loss, reason = "less than KEPT_RESERVATIONS")]
            let ours = ours as f64;
            let others = f64::from(max - remaining) - ours;
            self.share.record_sample(told, others, now);
        }
        LearnedLimit { is_new, event }
    }

    /// A 429 made everybody pause, until then.
    pub(super) fn record_strike(&mut self, log: &ReservationLog, until: u64, now: u64) {
        let limit = self.limit(log, now);
        #[expect(clippy::cast_precision_loss, reason = "no more than KEPT_RESERVATIONS")]
        let ours = log.count_in_window(limit.window, now) as f64;
        self.share.record_strike(limit, ours, now);
        self.account_limiter.even_from(until);
        if let Some((_, bound)) = &mut self.user_limiter {
            bound.even_from(until);
        }
    }

    fn limit(&self, log: &ReservationLog, now: u64) -> Rate {
        log.known_limit(now).unwrap_or(self.default_limit)
    }

    /// What is to be told of the limit where it is news.
    fn limit_event(&mut self, told: Rate, before: Rate, now: u64) -> Option<CallerEvent> {
        let lately = |at: u64| now.saturating_sub(at) < nanos(SAID_EVERY);
        let (said, is_early) = self
            .last_reported
            .map_or((before, false), |(rate, at)| (rate, lately(at)));
        if told == said || is_early {
            return None;
        }
        self.last_reported = Some((told, now));
        Some(CallerEvent::LimitChanged {
            class: self.class,
            limit: told,
            user_rate: self.user_limiter.as_ref().map(|(own, _)| *own),
        })
    }
}

//! The account's quota: a window for single calls, one for batch calls, and a
//! quota for the day.
//!
//! Pure, with the clock and the date as arguments; what a call does, and how a
//! refusal is worded, is not known here.

use std::collections::VecDeque;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    answer::{DailyUse, Standing},
    daily::Daily,
    lane::Lane,
    limit::{CallLimit, LaterLimit},
    options::SandboxOptions,
    others::Others,
};

/// The quotas, and what is used of them.
#[derive(Debug)]
pub(super) struct Quota {
    single: Lane,
    /// Batch calls are exempt from the window of the single ones and have their own.
    batch: Lane,
    /// The limits to come, the first one first.
    later: VecDeque<LaterLimit>,
    /// When the first call met a window.
    began: Option<Instant>,
    daily: Option<Daily>,
}

/// Which window a call counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Single,
    Batch,
}

/// Which quota a refused call ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    Window,
    Daily,
}

impl Quota {
    /// Another integration, if there is one, begins at `start`.
    pub(super) fn new(options: &SandboxOptions, start: Instant, date: Timestamp) -> Self {
        let lane = || {
            let others = options.others.map(|rate| Others::new(rate, start));
            Lane::new(options.limit.rate(), others)
        };
        let mut later = options.later_limits.clone();
        // Of two for the same time the last one given stays.
        later.sort_by_key(|later| later.after);
        Self {
            single: lane(),
            batch: lane(),
            later: later.into(),
            began: None,
            daily: Daily::new(options, date),
        }
    }

    /// Lets a call in, or says which quota it ran into.
    ///
    /// A call that the window refuses is counted for the day all the same, as
    /// recorded; it takes no place in the window.
    pub(super) fn admit(
        &mut self,
        class: Class,
        now: Instant,
        date: Timestamp,
    ) -> Result<(), Policy> {
        if let Some(daily) = &mut self.daily
            && !daily.admit(date)
        {
            return Err(Policy::Daily);
        }
        self.admit_beside_the_day(class, now)
    }

    /// The same for a call that costs nothing of the day's quota.
    pub(super) fn admit_beside_the_day(
        &mut self,
        class: Class,
        now: Instant,
    ) -> Result<(), Policy> {
        self.began.get_or_insert(now);
        self.advance(now);
        if self.lane(class).admit(now) {
            Ok(())
        } else {
            Err(Policy::Window)
        }
    }

    /// How the quotas stand for calls of this class.
    pub(super) fn standing(&mut self, class: Class, now: Instant, date: Timestamp) -> Standing {
        self.advance(now);
        Standing {
            window: self.lane(class).state(now),
            daily: self.daily(date),
        }
    }

    /// How the day's quota stands, if there is one.
    pub(super) fn daily(&mut self, date: Timestamp) -> Option<DailyUse> {
        self.daily.as_mut().map(|daily| daily.used(date))
    }

    /// Another limit from now on; later ones come all the same.
    pub(super) fn set_limit(&mut self, limit: CallLimit, now: Instant) {
        self.advance(now);
        for lane in [&mut self.single, &mut self.batch] {
            lane.set_limit(limit.rate());
        }
    }

    /// Brings the windows up to date: the limits that came, and under each of
    /// them what another integration took.
    fn advance(&mut self, now: Instant) {
        while let Some((at, limit)) = self.next_limit().filter(|(at, _)| *at <= now) {
            self.later.pop_front();
            for lane in [&mut self.single, &mut self.batch] {
                lane.advance(at);
                lane.set_limit(limit.rate());
            }
        }
        for lane in [&mut self.single, &mut self.batch] {
            lane.advance(now);
        }
    }

    /// The next limit to come, and its moment; one beyond all time never comes.
    fn next_limit(&self) -> Option<(Instant, CallLimit)> {
        let LaterLimit { limit, after } = self.later.front()?;
        Some((self.began?.checked_add(*after)?, *limit))
    }

    fn lane(&mut self, class: Class) -> &mut Lane {
        match class {
            Class::Single => &mut self.single,
            Class::Batch => &mut self.batch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use std::time::Duration;

    const TODAY: Timestamp = Timestamp::UNIX_EPOCH;

    fn quota(limit: &str, daily: Option<u64>) -> Quota {
        let options = SandboxOptions {
            limit: limit.parse().unwrap(),
            daily,
            ..SandboxOptions::default()
        };
        Quota::new(&options, Instant::now(), TODAY)
    }

    #[test]
    fn batch_calls_have_a_window_of_their_own() {
        let (mut quota, now) = (quota("1/10s", None), Instant::now());
        assert_eq!(quota.admit(Class::Single, now, TODAY), Ok(()));
        assert_eq!(quota.admit(Class::Batch, now, TODAY), Ok(()));
        assert_eq!(quota.admit(Class::Single, now, TODAY), Err(Policy::Window));
        assert_eq!(quota.admit(Class::Batch, now, TODAY), Err(Policy::Window));
    }

    #[test]
    fn a_call_that_the_window_refuses_still_costs_the_day() {
        let (mut quota, now) = (quota("1/10s", Some(10)), Instant::now());
        assert_eq!(quota.admit(Class::Single, now, TODAY), Ok(()));
        assert_eq!(quota.admit(Class::Single, now, TODAY), Err(Policy::Window));
        assert_eq!(quota.daily(TODAY).unwrap().used, 2);
    }

    #[test]
    fn the_day_s_quota_is_used_up_by_all_calls_and_begins_afresh_tomorrow() {
        let (mut quota, now) = (quota("100/10s", Some(2)), Instant::now());
        assert_eq!(quota.admit(Class::Single, now, TODAY), Ok(()));
        assert_eq!(quota.admit(Class::Batch, now, TODAY), Ok(()));
        assert_eq!(quota.admit(Class::Single, now, TODAY), Err(Policy::Daily));
        assert_eq!(quota.admit_beside_the_day(Class::Single, now), Ok(()));
        let tomorrow = TODAY + SignedDuration::from_hours(24);
        assert_eq!(quota.admit(Class::Single, now, tomorrow), Ok(()));
        assert_eq!(quota.daily(tomorrow).unwrap().used, 1);
    }

    #[test]
    fn without_limits_everything_is_let_in_and_nothing_is_told() {
        let (mut quota, now) = (quota("off", None), Instant::now());
        for _ in 0..1000 {
            assert_eq!(quota.admit(Class::Single, now, TODAY), Ok(()));
        }
        let later = now + Duration::from_secs(1);
        let standing = quota.standing(Class::Single, later, TODAY);
        assert_eq!((standing.window, standing.daily), (None, None));
    }

    #[test]
    fn later_limits_come_in_order_so_long_after_the_first_call() {
        let options = SandboxOptions {
            limit: "1/10s".parse().unwrap(),
            later_limits: ["off@20s", "3/10s@5s"]
                .map(|later| later.parse().unwrap())
                .into(),
            ..SandboxOptions::default()
        };
        let start = Instant::now();
        let mut quota = Quota::new(&options, start, TODAY);
        let max = |quota: &mut Quota, seconds| {
            let now = start + Duration::from_secs(seconds);
            let window = quota.standing(Class::Batch, now, TODAY).window;
            window.map(|window| (window.max, window.remaining))
        };
        assert_eq!(max(&mut quota, 60), Some((1, 1)), "no call has come");
        let first = start + Duration::from_secs(100);
        assert_eq!(quota.admit(Class::Batch, first, TODAY), Ok(()));
        assert_eq!(max(&mut quota, 104), Some((1, 0)));
        assert_eq!(max(&mut quota, 105), Some((3, 2)), "the call stays counted");
        assert_eq!(max(&mut quota, 120), None);
    }

    #[test]
    fn a_limit_that_is_set_holds_for_both_windows_at_once() {
        let (mut quota, now) = (quota("1/10s", None), Instant::now());
        for class in [Class::Single, Class::Batch] {
            assert_eq!(quota.admit(class, now, TODAY), Ok(()));
        }
        quota.set_limit("2/10s".parse().unwrap(), now);
        for class in [Class::Single, Class::Batch] {
            assert_eq!(quota.admit(class, now, TODAY), Ok(()));
            assert_eq!(quota.admit(class, now, TODAY), Err(Policy::Window));
        }
    }

    #[test]
    fn another_integration_takes_places_in_both_windows() {
        let options = SandboxOptions {
            others: Some("40/10s".parse().unwrap()),
            later_limits: vec!["50/10s@60s".parse().unwrap()],
            ..SandboxOptions::default()
        };
        let start = Instant::now();
        let mut quota = Quota::new(&options, start, TODAY);
        assert_eq!(quota.admit(Class::Single, start, TODAY), Ok(()));
        for (seconds, remaining) in [(10, 60), (50, 60), (60, 10), (90, 10)] {
            for class in [Class::Single, Class::Batch] {
                let now = start + Duration::from_secs(seconds);
                let window = quota.standing(class, now, TODAY).window.unwrap();
                assert_eq!(window.remaining, remaining, "{class:?} at {seconds} s");
            }
        }
    }

    #[test]
    fn another_integration_keeps_to_the_old_limit_until_the_new_one_holds() {
        let options = SandboxOptions {
            limit: "50/10s".parse().unwrap(),
            others: Some("80/10s".parse().unwrap()),
            later_limits: vec!["100/10s@60s".parse().unwrap()],
            ..SandboxOptions::default()
        };
        let start = Instant::now();
        let mut quota = Quota::new(&options, start, TODAY);
        assert_eq!(quota.admit_beside_the_day(Class::Single, start), Ok(()));
        // Ten of 55 s to 60 s, before it was full, and forty since.
        for (seconds, remaining) in [(50, 0), (65, 50)] {
            let now = start + Duration::from_secs(seconds);
            let window = quota.standing(Class::Batch, now, TODAY).window.unwrap();
            assert_eq!(window.remaining, remaining, "at {seconds} s");
        }
    }
}

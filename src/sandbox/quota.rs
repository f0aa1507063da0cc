//! The account's quota: a window for single calls, one for batch calls, and a
//! quota for the day.
//!
//! Pure, with the clock and the date as arguments; what a call does, and how a
//! refusal is worded, is not known here.

use tokio::time::Instant;

use super::window::{Window, WindowState};
use crate::rate::Rate;

/// The quotas, and what is used of them.
#[derive(Debug)]
pub(super) struct Quota {
    single: Option<Window>,
    /// Batch calls are exempt from the window of the single ones and have their own.
    batch: Option<Window>,
    daily: Option<Daily>,
}

#[derive(Debug)]
struct Daily {
    max: u64,
    used: u64,
    day: Day,
}

/// A date as the number of days since 1970, in UTC; the day's quota begins
/// afresh with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day(pub(super) i64);

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

/// How the quotas stand, as the headers of an answer tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) window: Option<WindowState>,
    /// Allowed a day, and left of it.
    pub(super) daily: Option<(u64, u64)>,
}

impl Day {
    pub(super) fn today() -> Self {
        const SECONDS: i64 = 24 * 60 * 60;
        Self(jiff::Timestamp::now().as_second().div_euclid(SECONDS))
    }
}

impl Quota {
    pub(super) fn new(rate: Option<Rate>, daily: Option<u64>) -> Self {
        Self {
            single: rate.map(Window::new),
            batch: rate.map(Window::new),
            daily: daily.map(|max| Daily {
                max,
                used: 0,
                day: Day::today(),
            }),
        }
    }

    /// Lets a call in, or says which quota it ran into.
    ///
    /// A call that the window refuses is counted for the day all the same, as
    /// recorded; it takes no place in the window.
    pub(super) fn admit(&mut self, class: Class, now: Instant, day: Day) -> Result<(), Policy> {
        if let Some(daily) = &mut self.daily
            && !daily.admit(day)
        {
            return Err(Policy::Daily);
        }
        let admitted = self.window(class).is_none_or(|window| window.admit(now));
        if admitted {
            Ok(())
        } else {
            Err(Policy::Window)
        }
    }

    /// How the quotas stand for calls of this class.
    pub(super) fn standing(&mut self, class: Class, now: Instant) -> Standing {
        Standing {
            window: self.window(class).map(|window| window.state(now)),
            daily: self
                .daily
                .as_ref()
                .map(|daily| (daily.max, daily.max.saturating_sub(daily.used))),
        }
    }

    fn window(&mut self, class: Class) -> Option<&mut Window> {
        match class {
            Class::Single => self.single.as_mut(),
            Class::Batch => self.batch.as_mut(),
        }
    }
}

impl Daily {
    fn admit(&mut self, day: Day) -> bool {
        if self.day != day {
            (self.day, self.used) = (day, 0);
        }
        let admitted = self.used < self.max;
        self.used += u64::from(admitted);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const TODAY: Day = Day(20_000);

    fn quota(rate: &str, daily: Option<u64>) -> Quota {
        let mut quota = Quota::new(Some(rate.parse().unwrap()), daily);
        if let Some(daily) = &mut quota.daily {
            daily.day = TODAY;
        }
        quota
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
        assert_eq!(quota.standing(Class::Single, now).daily, Some((10, 8)));
    }

    #[test]
    fn the_day_s_quota_is_used_up_by_all_calls_and_begins_afresh_tomorrow() {
        let (mut quota, now) = (quota("100/10s", Some(2)), Instant::now());
        assert_eq!(quota.admit(Class::Single, now, TODAY), Ok(()));
        assert_eq!(quota.admit(Class::Batch, now, TODAY), Ok(()));
        assert_eq!(quota.admit(Class::Single, now, TODAY), Err(Policy::Daily));
        assert_eq!(quota.admit(Class::Single, now, Day(TODAY.0 + 1)), Ok(()));
        assert_eq!(quota.standing(Class::Single, now).daily, Some((2, 1)));
    }

    #[test]
    fn without_limits_everything_is_let_in_and_nothing_is_told() {
        let (mut quota, now) = (Quota::new(None, None), Instant::now());
        for _ in 0..1000 {
            assert_eq!(quota.admit(Class::Single, now, TODAY), Ok(()));
        }
        let later = now + Duration::from_secs(1);
        let standing = quota.standing(Class::Single, later);
        assert_eq!((standing.window, standing.daily), (None, None));
    }
}

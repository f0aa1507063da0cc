//! The account's quotas: a rolling window for single calls, one for batch calls, one for searches,
//! and a daily quota.
//!
//! Pure: the clock and the date are arguments. Does not know what a call does or how errors are
//! worded.

use std::collections::VecDeque;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    daily_quota::DailyQuota,
    limit::{CallLimit, LaterLimit},
    options::SandboxOptions,
    other_integration::OtherIntegration,
    response::{DailyUsage, QuotaStatus},
    shared_window::SharedWindow,
};

/// The quotas and their usage.
#[derive(Debug)]
pub(super) struct AccountQuota {
    single: SharedWindow,
    /// Batch calls do not count in the window of single calls.
    batch: SharedWindow,
    /// Searches count in neither of them.
    search: SharedWindow,
    /// Limits that apply later, the earliest first.
    scheduled: VecDeque<LaterLimit>,
    /// When the first call was checked against a window.
    first_call_at: Option<Instant>,
    daily: Option<DailyQuota>,
}

/// Which window a call counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WindowClass {
    Single,
    Batch,
    Search,
}

/// The quota that refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExceededQuota {
    Window,
    Search,
    Daily,
}

impl AccountQuota {
    /// The other integration, if there is one, starts at `start`.
    pub(super) fn new(options: &SandboxOptions, start: Instant, date: Timestamp) -> Self {
        let new_window = || {
            let other_integration = options
                .others
                .map(|rate| OtherIntegration::new(rate, start));
            SharedWindow::new(options.limit.rate(), other_integration)
        };
        let mut scheduled = options.later_limits.clone();
        // The sort is stable: of two limits for one time the last one wins.
        scheduled.sort_by_key(|later| later.after);
        Self {
            single: new_window(),
            batch: new_window(),
            search: SharedWindow::new(options.record_options.search_limit.rate(), None),
            scheduled: scheduled.into(),
            first_call_at: None,
            daily: DailyQuota::new(options, date),
        }
    }

    /// Admits a call, or returns the quota that refuses it.
    ///
    /// A call that the window refuses still counts for the day, as recorded. It takes no place in
    /// the window.
    pub(super) fn admit(
        &mut self,
        class: WindowClass,
        now: Instant,
        date: Timestamp,
    ) -> Result<(), ExceededQuota> {
        if let Some(daily) = &mut self.daily
            && !daily.admit(date)
        {
            return Err(ExceededQuota::Daily);
        }
        self.admit_outside_daily(class, now)
    }

    /// Admits a call that does not count for the daily quota.
    pub(super) fn admit_outside_daily(
        &mut self,
        class: WindowClass,
        now: Instant,
    ) -> Result<(), ExceededQuota> {
        self.first_call_at.get_or_insert(now);
        self.advance(now);
        if self.window(class).admit(now) {
            return Ok(());
        }
        Err(match class {
            WindowClass::Search => ExceededQuota::Search,
            WindowClass::Single | WindowClass::Batch => ExceededQuota::Window,
        })
    }

    /// The status of the quotas for calls of this class.
    pub(super) fn status(
        &mut self,
        class: WindowClass,
        now: Instant,
        date: Timestamp,
    ) -> QuotaStatus {
        self.advance(now);
        QuotaStatus {
            window: self.window(class).state(now),
            daily: self.daily(date),
        }
    }

    /// Usage of the daily quota, if there is one.
    pub(super) fn daily(&mut self, date: Timestamp) -> Option<DailyUsage> {
        self.daily.as_mut().map(|daily| daily.usage(date))
    }

    /// Changes the limit now. Scheduled limits still apply later.
    pub(super) fn set_limit(&mut self, limit: CallLimit, now: Instant) {
        self.advance(now);
        for window in [&mut self.single, &mut self.batch] {
            window.set_limit(limit.rate());
        }
    }

    /// Brings the windows up to date: applies limits that are due, and the other integration's
    /// calls under each limit.
    fn advance(&mut self, now: Instant) {
        while let Some((at, limit)) = self.next_limit().filter(|(at, _)| *at <= now) {
            self.scheduled.pop_front();
            for window in [&mut self.single, &mut self.batch] {
                window.advance(at);
                window.set_limit(limit.rate());
            }
        }
        for window in [&mut self.single, &mut self.batch] {
            window.advance(now);
        }
    }

    /// The next scheduled limit and its time. A time beyond the clock's range never comes.
    fn next_limit(&self) -> Option<(Instant, CallLimit)> {
        let LaterLimit { limit, after } = self.scheduled.front()?;
        Some((self.first_call_at?.checked_add(*after)?, *limit))
    }

    fn window(&mut self, class: WindowClass) -> &mut SharedWindow {
        match class {
            WindowClass::Single => &mut self.single,
            WindowClass::Batch => &mut self.batch,
            WindowClass::Search => &mut self.search,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use std::time::Duration;

    const TODAY: Timestamp = Timestamp::UNIX_EPOCH;

    fn quota(limit: &str, daily: Option<u64>) -> AccountQuota {
        let options = SandboxOptions {
            limit: limit.parse().unwrap(),
            daily,
            ..SandboxOptions::default()
        };
        AccountQuota::new(&options, Instant::now(), TODAY)
    }

    #[test]
    fn batch_calls_have_a_window_of_their_own() {
        let (mut quota, now) = (quota("1/10s", None), Instant::now());
        assert_eq!(quota.admit(WindowClass::Single, now, TODAY), Ok(()));
        assert_eq!(quota.admit(WindowClass::Batch, now, TODAY), Ok(()));
        assert_eq!(
            quota.admit(WindowClass::Single, now, TODAY),
            Err(ExceededQuota::Window)
        );
        assert_eq!(
            quota.admit(WindowClass::Batch, now, TODAY),
            Err(ExceededQuota::Window)
        );
    }

    #[test]
    fn searches_have_a_window_of_their_own_that_no_other_option_changes() {
        let (mut quota, now) = (quota("1/10s", None), Instant::now());
        for class in [WindowClass::Single, WindowClass::Batch] {
            assert_eq!(quota.admit(class, now, TODAY), Ok(()));
        }
        quota.set_limit("1/10s".parse().unwrap(), now);
        let searches = [0; 6].map(|_| quota.admit(WindowClass::Search, now, TODAY));
        assert_eq!(searches[..5], [Ok(()); 5]);
        assert_eq!(searches[5], Err(ExceededQuota::Search));
        let later = now + Duration::from_secs(1);
        assert_eq!(quota.admit(WindowClass::Search, later, TODAY), Ok(()));
    }

    #[test]
    fn a_call_that_the_window_refuses_still_counts_for_the_day() {
        let (mut quota, now) = (quota("1/10s", Some(10)), Instant::now());
        assert_eq!(quota.admit(WindowClass::Single, now, TODAY), Ok(()));
        assert_eq!(
            quota.admit(WindowClass::Single, now, TODAY),
            Err(ExceededQuota::Window)
        );
        assert_eq!(quota.daily(TODAY).unwrap().used, 2);
    }

    #[test]
    fn all_calls_use_the_daily_quota_until_it_resets() {
        let (mut quota, now) = (quota("100/10s", Some(2)), Instant::now());
        assert_eq!(quota.admit(WindowClass::Single, now, TODAY), Ok(()));
        assert_eq!(quota.admit(WindowClass::Batch, now, TODAY), Ok(()));
        assert_eq!(
            quota.admit(WindowClass::Single, now, TODAY),
            Err(ExceededQuota::Daily)
        );
        assert_eq!(quota.admit_outside_daily(WindowClass::Single, now), Ok(()));
        let tomorrow = TODAY + SignedDuration::from_hours(24);
        assert_eq!(quota.admit(WindowClass::Single, now, tomorrow), Ok(()));
        assert_eq!(quota.daily(tomorrow).unwrap().used, 1);
    }

    #[test]
    fn without_limits_every_call_is_admitted_and_no_quota_is_reported() {
        let (mut quota, now) = (quota("off", None), Instant::now());
        for _ in 0..1000 {
            assert_eq!(quota.admit(WindowClass::Single, now, TODAY), Ok(()));
        }
        let later = now + Duration::from_secs(1);
        let status = quota.status(WindowClass::Single, later, TODAY);
        assert_eq!((status.window, status.daily), (None, None));
    }

    #[test]
    fn later_limits_apply_in_order_after_the_first_call() {
        let options = SandboxOptions {
            limit: "1/10s".parse().unwrap(),
            later_limits: ["off@20s", "3/10s@5s"]
                .map(|later| later.parse().unwrap())
                .into(),
            ..SandboxOptions::default()
        };
        let start = Instant::now();
        let mut quota = AccountQuota::new(&options, start, TODAY);
        let max = |quota: &mut AccountQuota, seconds| {
            let now = start + Duration::from_secs(seconds);
            let window = quota.status(WindowClass::Batch, now, TODAY).window;
            window.map(|window| (window.max, window.remaining))
        };
        assert_eq!(max(&mut quota, 60), Some((1, 1)), "no call has come");
        let first = start + Duration::from_secs(100);
        assert_eq!(quota.admit(WindowClass::Batch, first, TODAY), Ok(()));
        assert_eq!(max(&mut quota, 104), Some((1, 0)));
        assert_eq!(max(&mut quota, 105), Some((3, 2)), "the call stays counted");
        assert_eq!(max(&mut quota, 120), None);
    }

    #[test]
    fn a_new_limit_applies_to_both_windows() {
        let (mut quota, now) = (quota("1/10s", None), Instant::now());
        for class in [WindowClass::Single, WindowClass::Batch] {
            assert_eq!(quota.admit(class, now, TODAY), Ok(()));
        }
        quota.set_limit("2/10s".parse().unwrap(), now);
        for class in [WindowClass::Single, WindowClass::Batch] {
            assert_eq!(quota.admit(class, now, TODAY), Ok(()));
            assert_eq!(quota.admit(class, now, TODAY), Err(ExceededQuota::Window));
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
        let mut quota = AccountQuota::new(&options, start, TODAY);
        assert_eq!(quota.admit(WindowClass::Single, start, TODAY), Ok(()));
        for (seconds, remaining) in [(10, 60), (50, 60), (60, 10), (90, 10)] {
            for class in [WindowClass::Single, WindowClass::Batch] {
                let now = start + Duration::from_secs(seconds);
                let window = quota.status(class, now, TODAY).window.unwrap();
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
        let mut quota = AccountQuota::new(&options, start, TODAY);
        assert_eq!(
            quota.admit_outside_daily(WindowClass::Single, start),
            Ok(())
        );
        // Ten calls from 55 s to 60 s, before the window was full, and forty since.
        for (seconds, remaining) in [(50, 0), (65, 50)] {
            let now = start + Duration::from_secs(seconds);
            let window = quota.status(WindowClass::Batch, now, TODAY).window.unwrap();
            assert_eq!(window.remaining, remaining, "at {seconds} s");
        }
    }
}

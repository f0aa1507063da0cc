//! Decides when to report a condition that lasts: once, and then each time its duration doubles. So
//! a night of it is ten lines and not a thousand. Pure, with the clock as an argument.
//!
//! Does not know what the condition is.

use std::time::Duration;

use tokio::time::Instant;

/// When it is reported for the second time.
const FIRST_REPEAT_AFTER: Duration = Duration::from_secs(60);

/// This many different reasons are news, each once.
const MAX_REASONS: usize = 8;

/// How to report the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announcement {
    /// It, or its reason, was not reported yet.
    First,
    /// It has lasted this long.
    Still(Duration),
}

/// A condition that may last.
#[derive(Debug)]
pub(super) struct Reminder {
    /// If it comes back within this time, it was not over.
    ends_after: Duration,
    ongoing: Option<OngoingState>,
}

#[derive(Debug)]
struct OngoingState {
    since: Instant,
    /// How long it lasts, as far as is known.
    until: Instant,
    /// It is reported again once it has lasted this long.
    next_after: Duration,
    /// The reasons that were reported.
    reasons: Vec<String>,
}

impl Reminder {
    /// A condition that is over if it does not come back within this time.
    pub(super) fn ending_after(over_after: Duration) -> Self {
        let ongoing = None;
        Self {
            ends_after: over_after,
            ongoing,
        }
    }

    /// It lasts until then, for this reason. Returns how to report it, if at all.
    pub(super) fn extend(
        &mut self,
        reason: &str,
        now: Instant,
        until: Instant,
    ) -> Option<Announcement> {
        if !self.is_recent(now) {
            self.ongoing = None;
        }
        let ongoing = self.ongoing.get_or_insert_with(|| OngoingState {
            since: now,
            until,
            next_after: FIRST_REPEAT_AFTER,
            reasons: Vec::new(),
        });
        ongoing.until = ongoing.until.max(until);
        let is_news = !ongoing.reasons.iter().any(|said| said == reason);
        if is_news && ongoing.reasons.len() < MAX_REASONS {
            ongoing.reasons.push(reason.to_owned());
            return Some(Announcement::First);
        }
        ongoing.is_due(now).map(Announcement::Still)
    }

    /// How long it has lasted, if it is due to be reported again.
    pub(super) fn remind_if_due(&mut self, now: Instant) -> Option<Duration> {
        let ongoing = self
            .ongoing
            .as_mut()
            .filter(|ongoing| now < ongoing.until)?;
        ongoing.is_due(now)
    }

    /// When it is to be reported again, if it still lasts then.
    pub(super) fn next_at(&self, now: Instant) -> Option<Instant> {
        let ongoing = self
            .ongoing
            .as_ref()
            .filter(|ongoing| now < ongoing.until)?;
        let at = ongoing.since + ongoing.next_after;
        (at < ongoing.until).then_some(at)
    }

    /// Whether it lasts.
    pub(super) fn is_ongoing(&self, now: Instant) -> bool {
        let ongoing = self.ongoing.as_ref();
        ongoing.is_some_and(|ongoing| now < ongoing.until)
    }

    /// Whether it lasts, or ended only just now.
    fn is_recent(&self, now: Instant) -> bool {
        let ongoing = self.ongoing.as_ref();
        ongoing
            .is_some_and(|ongoing| now.saturating_duration_since(ongoing.until) < self.ends_after)
    }

    /// It is over for certain.
    pub(super) fn end(&mut self) {
        self.ongoing = None;
    }
}

impl OngoingState {
    fn is_due(&mut self, now: Instant) -> Option<Duration> {
        let lasted = now.saturating_duration_since(self.since);
        if lasted < self.next_after {
            return None;
        }
        while self.next_after <= lasted {
            self.next_after *= 2;
        }
        Some(lasted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The seconds at which it is reported, if it lasts `lasts` seconds from each of `seconds`.
    fn announced(seconds: impl IntoIterator<Item = u32>, lasts: u32, reasons: &[&str]) -> Vec<u32> {
        let start = Instant::now();
        let mut spell = Reminder::ending_after(SECOND * 60);
        let reasons = reasons.iter().cycle();
        let at = |second: u32| start + SECOND * second;
        let said = seconds.into_iter().zip(reasons).filter(|(second, reason)| {
            let (now, until) = (at(*second), at(second + lasts));
            spell.extend(reason, now, until).is_some()
        });
        said.map(|(second, _)| second).collect()
    }

    #[test]
    fn a_condition_is_reported_once_and_each_time_its_duration_doubles() {
        let night = announced((0..36_000).step_by(10), 10, &["limit"]);
        assert_eq!(
            night,
            [
                0, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 15_360, 30_720
            ]
        );
    }

    #[test]
    fn each_reason_is_reported_once_even_if_two_alternate() {
        assert_eq!(announced(0..100, 1, &["500", "502"]), [0, 1, 60]);
        let all: Vec<_> = (0..60).map(|n| n.to_string()).collect();
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        assert_eq!(announced(0..60, 1, &all).len(), MAX_REASONS);
    }

    #[test]
    fn a_condition_that_was_over_for_a_minute_starts_anew() {
        assert_eq!(
            announced([0, 30, 69, 138, 199], 10, &["limit"]),
            [0, 69, 138]
        );
        assert_eq!(announced([0, 70, 140], 10, &["limit"]), [0, 70, 140]);
    }

    #[test]
    fn a_long_wait_is_reported_again_while_it_lasts() {
        let start = Instant::now();
        let mut spell = Reminder::ending_after(SECOND * 60);
        let end = start + SECOND * 300;
        spell.extend("quota", start, end);
        let mut at = Vec::new();
        while let Some(again) = spell.next_at(start) {
            assert!(spell.remind_if_due(again - SECOND).is_none());
            assert_eq!(spell.remind_if_due(again), Some(again - start));
            at.push((again - start).as_secs());
        }
        assert_eq!(at, [60, 120, 240]);
        spell.end();
        assert!(!spell.is_recent(start) && spell.remind_if_due(end).is_none());
    }
}

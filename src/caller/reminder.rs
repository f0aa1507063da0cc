//! When something that lasts is spoken of: once, and then at each doubling of its
//! time, so that a night of it is ten lines and not a thousand. Pure, with the
//! clock as an argument.
//!
//! Knows nothing of what it is that lasts.

use std::time::Duration;

use tokio::time::Instant;

/// When it is spoken of for the second time.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

/// So many reasons are news, each once; more are not.
const MOST_REASONS: usize = 8;

/// How something is to be spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announcement {
    /// It, or its reason, has not been spoken of.
    First,
    /// It has lasted so long.
    Still(Duration),
}

/// Something that may last, as long as it does.
#[derive(Debug)]
pub(super) struct Reminder {
    /// What comes again within this time has not been over.
    ends_after: Duration,
    ongoing: Option<OngoingState>,
}

#[derive(Debug)]
struct OngoingState {
    since: Instant,
    /// How long it lasts, as far as is known.
    until: Instant,
    /// It is spoken of again once it has lasted so long.
    next_after: Duration,
    /// What has been said.
    reasons: Vec<String>,
}

impl Reminder {
    /// Something that is over when it has not come again for so long.
    pub(super) fn ending_after(over_after: Duration) -> Self {
        let ongoing = None;
        Self {
            ends_after: over_after,
            ongoing,
        }
    }

    /// It lasts until then, for this reason. How it is to be spoken of, if it is.
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
            next_after: AGAIN_AFTER,
            reasons: Vec::new(),
        });
        ongoing.until = ongoing.until.max(until);
        let is_news = !ongoing.reasons.iter().any(|said| said == reason);
        if is_news && ongoing.reasons.len() < MOST_REASONS {
            ongoing.reasons.push(reason.to_owned());
            return Some(Announcement::First);
        }
        ongoing.is_due(now).map(Announcement::Still)
    }

    /// How long it has lasted, if it still does and is to be spoken of again.
    pub(super) fn remind_if_due(&mut self, now: Instant) -> Option<Duration> {
        let ongoing = self
            .ongoing
            .as_mut()
            .filter(|ongoing| now < ongoing.until)?;
        ongoing.is_due(now)
    }

    /// When it is to be spoken of again, if it still lasts then.
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

    /// Whether it lasts, or was over only just now.
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

    /// At which of these seconds it is spoken of, where each time it lasts for some
    /// more.
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
    fn what_lasts_is_said_once_and_at_each_doubling_of_its_time() {
        let night = announced((0..36_000).step_by(10), 10, &["limit"]);
        assert_eq!(
            night,
            [
                0, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 15_360, 30_720
            ]
        );
    }

    #[test]
    fn another_reason_is_said_once_however_often_the_two_take_turns() {
        assert_eq!(announced(0..100, 1, &["500", "502"]), [0, 1, 60]);
        let all: Vec<_> = (0..60).map(|n| n.to_string()).collect();
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        assert_eq!(announced(0..60, 1, &all).len(), MOST_REASONS);
    }

    #[test]
    fn what_was_over_for_a_minute_begins_anew() {
        assert_eq!(
            announced([0, 30, 69, 138, 199], 10, &["limit"]),
            [0, 69, 138]
        );
        assert_eq!(announced([0, 70, 140], 10, &["limit"]), [0, 70, 140]);
    }

    #[test]
    fn one_long_wait_is_spoken_of_again_while_it_lasts() {
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

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
pub(super) enum Say {
    /// It, or its reason, has not been spoken of.
    News,
    /// It has lasted so long.
    Again(Duration),
}

/// Something that may last, as long as it does.
#[derive(Debug)]
pub(super) struct Spell {
    /// What comes again within this time has not been over.
    over_after: Duration,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    since: Instant,
    /// How long it lasts, as far as is known.
    until: Instant,
    /// It is spoken of again once it has lasted so long.
    again_after: Duration,
    /// What has been said.
    reasons: Vec<String>,
}

impl Spell {
    /// Something that is over when it has not come again for so long.
    pub(super) fn over_after(over_after: Duration) -> Self {
        let running = None;
        Self {
            over_after,
            running,
        }
    }

    /// It lasts until then, for this reason. How it is to be spoken of, if it is.
    pub(super) fn lasts(&mut self, reason: &str, now: Instant, until: Instant) -> Option<Say> {
        if !self.is_on(now) {
            self.running = None;
        }
        let running = self.running.get_or_insert_with(|| Running {
            since: now,
            until,
            again_after: AGAIN_AFTER,
            reasons: Vec::new(),
        });
        running.until = running.until.max(until);
        let is_news = !running.reasons.iter().any(|said| said == reason);
        if is_news && running.reasons.len() < MOST_REASONS {
            running.reasons.push(reason.to_owned());
            return Some(Say::News);
        }
        running.is_due(now).map(Say::Again)
    }

    /// How long it has lasted, if it still does and is to be spoken of again.
    pub(super) fn remind(&mut self, now: Instant) -> Option<Duration> {
        let running = self
            .running
            .as_mut()
            .filter(|running| now < running.until)?;
        running.is_due(now)
    }

    /// When it is to be spoken of again, if it still lasts then.
    pub(super) fn again_at(&self, now: Instant) -> Option<Instant> {
        let running = self
            .running
            .as_ref()
            .filter(|running| now < running.until)?;
        let at = running.since + running.again_after;
        (at < running.until).then_some(at)
    }

    /// Whether it lasts.
    pub(super) fn lasts_at(&self, now: Instant) -> bool {
        let running = self.running.as_ref();
        running.is_some_and(|running| now < running.until)
    }

    /// Whether it lasts, or was over only just now.
    fn is_on(&self, now: Instant) -> bool {
        let running = self.running.as_ref();
        running
            .is_some_and(|running| now.saturating_duration_since(running.until) < self.over_after)
    }

    /// It is over for certain.
    pub(super) fn end(&mut self) {
        self.running = None;
    }
}

impl Running {
    fn is_due(&mut self, now: Instant) -> Option<Duration> {
        let lasted = now.saturating_duration_since(self.since);
        if lasted < self.again_after {
            return None;
        }
        while self.again_after <= lasted {
            self.again_after *= 2;
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
    fn said(seconds: impl IntoIterator<Item = u32>, lasts: u32, reasons: &[&str]) -> Vec<u32> {
        let start = Instant::now();
        let mut spell = Spell::over_after(SECOND * 60);
        let reasons = reasons.iter().cycle();
        let at = |second: u32| start + SECOND * second;
        let said = seconds.into_iter().zip(reasons).filter(|(second, reason)| {
            let (now, until) = (at(*second), at(second + lasts));
            spell.lasts(reason, now, until).is_some()
        });
        said.map(|(second, _)| second).collect()
    }

    #[test]
    fn what_lasts_is_said_once_and_at_each_doubling_of_its_time() {
        let night = said((0..36_000).step_by(10), 10, &["limit"]);
        assert_eq!(
            night,
            [
                0, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 15_360, 30_720
            ]
        );
    }

    #[test]
    fn another_reason_is_said_once_however_often_the_two_take_turns() {
        assert_eq!(said(0..100, 1, &["500", "502"]), [0, 1, 60]);
        let all: Vec<_> = (0..60).map(|n| n.to_string()).collect();
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        assert_eq!(said(0..60, 1, &all).len(), MOST_REASONS);
    }

    #[test]
    fn what_was_over_for_a_minute_begins_anew() {
        assert_eq!(said([0, 30, 69, 138, 199], 10, &["limit"]), [0, 69, 138]);
        assert_eq!(said([0, 70, 140], 10, &["limit"]), [0, 70, 140]);
    }

    #[test]
    fn one_long_wait_is_spoken_of_again_while_it_lasts() {
        let start = Instant::now();
        let mut spell = Spell::over_after(SECOND * 60);
        let end = start + SECOND * 300;
        spell.lasts("quota", start, end);
        let mut at = Vec::new();
        while let Some(again) = spell.again_at(start) {
            assert!(spell.remind(again - SECOND).is_none());
            assert_eq!(spell.remind(again), Some(again - start));
            at.push((again - start).as_secs());
        }
        assert_eq!(at, [60, 120, 240]);
        spell.end();
        assert!(!spell.is_on(start) && spell.remind(end).is_none());
    }
}

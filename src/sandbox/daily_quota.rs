//! The daily quota, and when a day begins.
//!
//! Pure: the time is an argument. Knows nothing of rolling windows.

use jiff::{SignedDuration, Timestamp};

use super::{
    options::{DailyReset, SandboxOptions},
    response::DailyUsage,
    zone::AccountZone,
};

/// The length of a day that does not follow a time zone.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Counts the calls of a day.
#[derive(Debug)]
pub(super) struct DailyQuota {
    max: u64,
    used: u64,
    /// When the count starts again at zero.
    resets_at: Timestamp,
    day_start: DayStart,
}

/// When days begin.
#[derive(Debug)]
enum DayStart {
    /// At midnight in this time zone.
    MidnightIn(AccountZone),
    /// Every 24 hours.
    Every24Hours,
}

impl DailyQuota {
    /// The daily quota from the options, if there is one.
    pub(super) fn new(options: &SandboxOptions, now: Timestamp) -> Option<Self> {
        let max = options.daily?;
        let (day_start, resets_at) = if let Some(DailyReset(after)) = options.daily_reset {
            (DayStart::Every24Hours, round_up(now.checked_add(after)))
        } else {
            let zone = options.time_zone.clone();
            let zone = zone.unwrap_or_else(AccountZone::utc);
            let midnight = zone.next_midnight(now);
            (
                DayStart::MidnightIn(zone),
                midnight.unwrap_or(Timestamp::MAX),
            )
        };
        Some(Self {
            max,
            used: 0,
            resets_at,
            day_start,
        })
    }

    /// Admits and counts a call, if any are left.
    pub(super) fn admit(&mut self, now: Timestamp) -> bool {
        self.renew(now);
        let admitted = self.used < self.max;
        self.used += u64::from(admitted);
        admitted
    }

    /// The current usage.
    pub(super) fn usage(&mut self, now: Timestamp) -> DailyUsage {
        self.renew(now);
        DailyUsage {
            max: self.max,
            used: self.used,
            resets_at: self.resets_at,
        }
    }

    /// Resets the count if a new day has begun.
    fn renew(&mut self, now: Timestamp) {
        if now < self.resets_at {
            return;
        }
        self.used = 0;
        let next = match &self.day_start {
            DayStart::MidnightIn(zone) => zone.next_midnight(now),
            DayStart::Every24Hours => {
                let over = now.duration_since(self.resets_at).as_nanos() % DAY.as_nanos();
                now.checked_add(DAY - SignedDuration::from_nanos_i128(over))
                    .ok()
            }
        };
        self.resets_at = next.unwrap_or(Timestamp::MAX);
    }
}

/// Rounds up to milliseconds, the unit of the answer. A time beyond the calendar never comes.
fn round_up(at: Result<Timestamp, jiff::Error>) -> Timestamp {
    at.and_then(|at| {
        let up = jiff::TimestampRound::new()
            .smallest(jiff::Unit::Millisecond)
            .mode(jiff::RoundMode::Ceil);
        at.round(up)
    })
    .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = "2026-11-23T10:00:00.0000004Z";

    fn daily(reset: Option<&str>, zone: Option<&str>) -> DailyQuota {
        let options = SandboxOptions {
            daily: Some(2),
            daily_reset: reset.map(|reset| reset.parse().unwrap()),
            time_zone: zone.map(|zone| zone.parse().unwrap()),
            ..SandboxOptions::default()
        };
        DailyQuota::new(&options, at(START)).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn resets_at(daily: &mut DailyQuota, now: &str) -> String {
        daily.usage(at(now)).resets_at.to_string()
    }

    #[test]
    fn the_quota_resets_when_the_day_begins() {
        let mut daily = daily(None, None);
        let (evening, midnight) = (at("2026-11-23T23:59:59.9Z"), at("2026-11-24T00:00:00Z"));
        assert_eq!([0; 3].map(|_| daily.admit(evening)), [true, true, false]);
        assert_eq!([0; 3].map(|_| daily.admit(midnight)), [true, true, false]);
        assert_eq!(daily.usage(midnight).used, 2);
    }

    #[test]
    fn a_day_begins_at_midnight_in_utc_or_the_given_zone() {
        assert_eq!(
            resets_at(&mut daily(None, None), START),
            "2026-11-24T00:00:00Z"
        );
        let mut daily = daily(None, Some("Asia/Kathmandu"));
        assert_eq!(resets_at(&mut daily, START), "2026-11-23T18:15:00Z");
        let later = "2026-11-25T18:15:00Z";
        assert_eq!(resets_at(&mut daily, later), "2026-11-26T18:15:00Z");
    }

    #[test]
    fn a_reset_comes_when_it_is_asked_for_and_then_each_24_hours() {
        let mut daily = daily(Some("3s"), Some("US/Eastern"));
        assert_eq!(resets_at(&mut daily, START), "2026-11-23T10:00:03.001Z");
        for (now, expected) in [
            ("2026-11-23T10:00:03.001Z", "2026-11-24T10:00:03.001Z"),
            ("2026-11-26T10:00:03Z", "2026-11-26T10:00:03.001Z"),
            ("2026-11-26T20:00:00Z", "2026-11-27T10:00:03.001Z"),
        ] {
            assert_eq!(resets_at(&mut daily, now), expected, "{now}");
        }
    }

    #[test]
    fn an_invalid_duration_is_refused() {
        for text in ["", "3", "-3s", "midnight"] {
            let error = text.parse::<DailyReset>().unwrap_err().to_string();
            assert!(error.contains("write a duration"), "{error}");
        }
    }
}

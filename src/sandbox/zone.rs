//! The account's time zone.
//!
//! Knows nothing of quotas or of how answers are worded.

use std::str::FromStr;

use jiff::{Timestamp, tz::TimeZone};

use super::error::SandboxError;

/// The default zone of an account, as in HubSpot's examples.
const DEFAULT_ZONE: &str = "US/Eastern";

/// A time zone of the system's database, by its IANA name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountZone(TimeZone);

impl FromStr for AccountZone {
    type Err = SandboxError;

    fn from_str(name: &str) -> Result<Self, SandboxError> {
        match TimeZone::get(name) {
            // Answers need the name of the zone.
            Ok(zone) if zone.iana_name().is_some() => Ok(Self(zone)),
            Ok(_) | Err(_) => Err(SandboxError::TimeZone(name.to_owned())),
        }
    }
}

impl Default for AccountZone {
    /// UTC if the system has no time zone database.
    fn default() -> Self {
        Self(TimeZone::get(DEFAULT_ZONE).unwrap_or(TimeZone::UTC))
    }
}

impl AccountZone {
    pub(super) fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    pub(super) fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The offset from UTC at this time, in seconds.
    pub(super) fn offset(&self, now: Timestamp) -> i32 {
        self.0.to_offset(now).seconds()
    }

    /// When the next day begins in the zone; `None` at the end of the calendar.
    pub(super) fn next_midnight(&self, now: Timestamp) -> Option<Timestamp> {
        let tomorrow = now.to_zoned_datetime(self.0.clone()).tomorrow().ok()?;
        Some(tomorrow.start_of_day().ok()?.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn midnight(zone: &str, now: &str) -> String {
        let zone: AccountZone = zone.parse().unwrap();
        let midnight = zone.next_midnight(now.parse().unwrap());
        midnight.unwrap().to_string()
    }

    #[test]
    fn the_next_day_begins_at_midnight_in_the_zone() {
        for (zone, now, expected) in [
            ("UTC", "2026-11-23T10:00:00Z", "2026-11-24T00:00:00Z"),
            ("UTC", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
            // The clocks went back one hour on that day.
            ("US/Eastern", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
            (
                "Asia/Kathmandu",
                "2026-11-23T18:14:59Z",
                "2026-11-23T18:15:00Z",
            ),
        ] {
            assert_eq!(midnight(zone, now), expected, "{zone} {now}");
        }
    }

    #[test]
    fn an_invalid_zone_is_refused() {
        for name in ["", "Mars/Olympus", "+05:00"] {
            let error = name.parse::<AccountZone>().unwrap_err().to_string();
            assert!(error.contains("US/Eastern"), "{error}");
        }
    }
}

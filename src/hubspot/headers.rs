//! The answer's headers that matter: how long to wait, and the day's quota.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{HeaderMap, HeaderName, RETRY_AFTER};

use crate::api::Quota;

/// A wait beyond this is as good as for ever, and safe to calculate with.
const FOREVER: Duration = Duration::from_secs(366 * 24 * 60 * 60);

// As names, not as texts: those would be parsed for every answer.
static DAILY: HeaderName = HeaderName::from_static("x-hubspot-ratelimit-daily");
static DAILY_REMAINING: HeaderName = HeaderName::from_static("x-hubspot-ratelimit-daily-remaining");

/// The longest sane `Retry-After`; what is no positive number of seconds and
/// no date in the future counts as absent.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    headers
        .get_all(RETRY_AFTER)
        .iter()
        .filter_map(|value| wait(value.to_str().ok()?, now))
        .max()
}

fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        text.parse().map_or(FOREVER, Duration::from_secs)
    } else {
        let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Duration::try_from(date.duration_since(now)).ok()?
    };
    (!wait.is_zero()).then_some(wait.min(FOREVER))
}

/// What the answer says of the day's quota, if it says anything.
pub(super) fn quota(headers: &HeaderMap) -> Option<Quota> {
    let number = |name: &HeaderName| headers.get(name)?.to_str().ok()?.parse().ok();
    let quota = Quota {
        window: None,
        window_remaining: None,
        daily: number(&DAILY),
        daily_remaining: number(&DAILY_REMAINING),
    };
    (quota != Quota::default()).then_some(quota)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_taken_if_sane_and_else_as_absent() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        for (values, expected) in [
            (&["7"][..], Some(7)),
            (&["Mon, 23 Nov 2026 10:00:30 GMT"], Some(30)),
            (&["Mon, 23 Nov 2026 09:00:00 GMT"], None),
            (&["3", "9"], Some(9)),
            (&["x", "9"], Some(9)),
            (&["0"], None),
            (&["-1"], None),
            (&["1.5"], None),
            (&["soon"], None),
            (&[""], None),
            (&["1000000000000"], Some(FOREVER.as_secs())),
            (&["99999999999999999999999999"], Some(FOREVER.as_secs())),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(RETRY_AFTER, value.parse().unwrap());
            }
            let seconds = retry_after(&headers, now).map(|wait| wait.as_secs());
            assert_eq!(seconds, expected, "{values:?}");
        }
    }
}

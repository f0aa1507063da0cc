//! Response headers: how long to wait, and what is left of the account's quotas. Pure; does not
//! know who acts on them.

use std::{num::NonZeroU32, ops::RangeInclusive, str::FromStr, time::Duration};

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

use crate::{
    api::ReportedQuota,
    rate::{Rate, digits_only},
};

/// Longer waits are reduced to this. It is practically forever and safe in calculations.
const FOREVER: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The prefix of all quota headers.
const QUOTA_PREFIX: &str = "x-hubspot-ratelimit-";

/// The largest plausible window. HubSpot's largest one is 250 calls in 10 s.
const MAX_WINDOW_CALLS: u32 = 100_000;

/// Plausible window lengths. HubSpot's windows last 10 s.
const INTERVALS: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(60 * 60);

/// The longest valid `Retry-After`. Values that are neither a positive number of seconds nor a
/// future date are ignored. A date is compared with the server's clock; `now` (our clock) is used
/// only if the response has no date.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let now = date(headers).unwrap_or(now);
    headers
        .get_all(RETRY_AFTER)
        .iter()
        .filter_map(|value| parse_wait(value.to_str().ok()?, now))
        .max()
}

fn parse_wait(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if let Some(wait) = seconds(text) {
        wait
    } else {
        let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Duration::try_from(date.duration_since(now)).ok()?
    };
    (!wait.is_zero()).then_some(wait.min(FOREVER))
}

/// A number of seconds. A fraction is not in any standard, but it is rounded up, because a request
/// that comes too early is refused again.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let rounded_up = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    let whole = whole.parse::<u64>().ok();
    let whole = whole.and_then(|whole| whole.checked_add(rounded_up));
    Some(whole.map_or(FOREVER, Duration::from_secs))
}

/// The time on the server's clock, in whole seconds.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    rfc2822::DateTimeParser::new()
        .parse_timestamp(text.trim())
        .ok()
}

/// What the response reports about the account's quotas, if anything. Missing and implausible
/// values are left out one by one.
pub(super) fn quota(headers: &HeaderMap) -> Option<ReportedQuota> {
    let found = QuotaHeaders::new(headers);
    let max = found.max.and_then(number::<u32>);
    let window = max
        .filter(|max| *max <= MAX_WINDOW_CALLS)
        .and_then(NonZeroU32::new)
        .map(|calls| Rate {
            calls,
            window: found
                .interval
                .and_then(number)
                .map(Duration::from_millis)
                .filter(|interval| INTERVALS.contains(interval))
                .unwrap_or(Rate::SAFE.window),
        });
    let remaining = found.remaining.and_then(number);
    let quota = ReportedQuota {
        daily: found.daily.and_then(number),
        daily_remaining: found.daily_remaining.and_then(number),
        window,
        // The remaining calls are useless if the window is unknown.
        window_remaining: window
            .and_then(|window| remaining.filter(|remaining| *remaining <= window.calls.get())),
    };
    (quota != ReportedQuota::default()).then_some(quota)
}

/// The quota headers; of repeated ones, the first.
#[derive(Default)]
struct QuotaHeaders<'a> {
    daily: Option<&'a HeaderValue>,
    daily_remaining: Option<&'a HeaderValue>,
    max: Option<&'a HeaderValue>,
    remaining: Option<&'a HeaderValue>,
    interval: Option<&'a HeaderValue>,
}

impl<'a> QuotaHeaders<'a> {
    /// Iterates over all headers once. To look up each one would cost much more, and every response
    /// has them.
    fn new(headers: &'a HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            let field = match name.as_str().strip_prefix(QUOTA_PREFIX) {
                Some("daily") => &mut found.daily,
                Some("daily-remaining") => &mut found.daily_remaining,
                Some("max") => &mut found.max,
                Some("remaining") => &mut found.remaining,
                Some("interval-milliseconds") => &mut found.interval,
                Some(_) | None => continue,
            };
            field.get_or_insert(value);
        }
        found
    }
}

fn number<T: FromStr>(value: &HeaderValue) -> Option<T> {
    digits_only(value.to_str().ok()?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The window and the remaining calls that these headers report.
    fn window(max: &str, interval: &str, remaining: &str) -> (Option<String>, Option<u32>) {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-hubspot-ratelimit-max", max),
            ("x-hubspot-ratelimit-interval-milliseconds", interval),
            ("x-hubspot-ratelimit-remaining", remaining),
        ] {
            if !value.is_empty() {
                headers.insert(name, value.parse().unwrap());
            }
        }
        let quota = quota(&headers).unwrap_or_default();
        (
            quota.window.map(|window| window.to_string()),
            quota.window_remaining,
        )
    }

    #[test]
    fn missing_and_implausible_window_headers_are_left_out() {
        let found = |rate: &str, remaining| (Some(rate.to_owned()), remaining);
        assert_eq!(window("190", "10000", "42"), found("190/10s", Some(42)));
        assert_eq!(window("190", "10000", "0"), found("190/10s", Some(0)));
        for interval in ["", "0", "-1", "x", "31536000000", "99999999999999999999"] {
            assert_eq!(window("190", interval, "42"), found("190/10s", Some(42)));
        }
        for remaining in ["", "-1", "191", "x", "1.5"] {
            assert_eq!(window("190", "10000", remaining), found("190/10s", None));
        }
        for max in ["", "0", "-190", "x", "+190", "99999999999", "1000000"] {
            assert_eq!(window(max, "10000", "42"), (None, None), "{max}");
        }
    }

    #[test]
    fn an_invalid_retry_after_is_ignored() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        for (values, expected) in [
            (&["7"][..], Some(7)),
            (&["Mon, 23 Nov 2026 10:00:30 GMT"], Some(30)),
            (&["Mon, 23 Nov 2026 09:00:00 GMT"], None),
            (&["3", "9"], Some(9)),
            (&["x", "9"], Some(9)),
            (&["0"], None),
            (&["-1"], None),
            (&["1.5"], Some(2)),
            (&["3.6"], Some(4)),
            (&["2.0"], Some(2)),
            (&["0.0"], None),
            (&["1."], None),
            (&["1.5s"], None),
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

    #[test]
    fn a_retry_date_is_compared_with_the_clock_of_the_server() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        for (date, until) in [
            (
                "Mon, 23 Nov 2026 11:00:00 GMT",
                "Mon, 23 Nov 2026 11:00:04 GMT",
            ),
            (
                "Mon, 23 Nov 2026 09:00:00 GMT",
                "Mon, 23 Nov 2026 09:00:04 GMT",
            ),
            ("nonsense", "Mon, 23 Nov 2026 10:00:04 GMT"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, date.parse().unwrap());
            headers.insert(RETRY_AFTER, until.parse().unwrap());
            let wait = retry_after(&headers, now);
            assert_eq!(wait, Some(Duration::from_secs(4)), "{date}");
        }
    }
}

//! The answer's headers that matter: how long to wait, and what is left of the
//! account's quotas. Pure; who obeys them is not known here.

use std::{num::NonZeroU32, ops::RangeInclusive, str::FromStr, time::Duration};

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

use crate::{
    api::ReportedQuota,
    rate::{Rate, digits_only},
};

/// A wait beyond this is as good as for ever, and safe to calculate with.
const FOREVER: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// How the names of the headers begin that tell the quotas.
const OF_QUOTAS: &str = "x-hubspot-ratelimit-";

/// No window of HubSpot's holds more; its largest one is 250 calls in 10 s.
const HIGHEST_MAX: u32 = 100_000;

/// HubSpot's windows last 10 s; others than these are none.
const INTERVALS: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(60 * 60);

/// The longest sane `Retry-After`; what is no positive number of seconds and
/// no date in the future counts as absent. A date is one on the server's clock:
/// `now`, which is ours, is used only where the answer does not tell that.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let now = date(headers).unwrap_or(now);
    headers
        .get_all(RETRY_AFTER)
        .iter()
        .filter_map(|value| wait(value.to_str().ok()?, now))
        .max()
}

fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if let Some(wait) = seconds(text) {
        wait
    } else {
        let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Duration::try_from(date.duration_since(now)).ok()?
    };
    (!wait.is_zero()).then_some(wait.min(FOREVER))
}

/// A number of seconds. A fraction, which no standard knows, is rounded up: who
/// comes early is sent away again.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let begun = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    let whole = whole.parse::<u64>().ok();
    let whole = whole.and_then(|whole| whole.checked_add(begun));
    Some(whole.map_or(FOREVER, Duration::from_secs))
}

/// The time on the server's clock, in whole seconds.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    rfc2822::DateTimeParser::new()
        .parse_timestamp(text.trim())
        .ok()
}

/// What the answer says of the account's quotas, if it says anything. What is
/// missing or cannot be is left out, each for itself.
pub(super) fn quota(headers: &HeaderMap) -> Option<ReportedQuota> {
    let found = QuotaHeaders::new(headers);
    let max = found.max.and_then(number::<u32>);
    let window = max
        .filter(|max| *max <= HIGHEST_MAX)
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
        // What is left of nobody knows what is of no use.
        window_remaining: window
            .and_then(|window| remaining.filter(|remaining| *remaining <= window.calls.get())),
    };
    (quota != ReportedQuota::default()).then_some(quota)
}

/// The headers that tell the quotas, each the first of its name.
#[derive(Default)]
struct QuotaHeaders<'a> {
    daily: Option<&'a HeaderValue>,
    daily_remaining: Option<&'a HeaderValue>,
    max: Option<&'a HeaderValue>,
    remaining: Option<&'a HeaderValue>,
    interval: Option<&'a HeaderValue>,
}

impl<'a> QuotaHeaders<'a> {
    /// In one go through all of them: to look each up costs much more, and every answer
    /// has them.
    fn new(headers: &'a HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            let place = match name.as_str().strip_prefix(OF_QUOTAS) {
                Some("daily") => &mut found.daily,
                Some("daily-remaining") => &mut found.daily_remaining,
                Some("max") => &mut found.max,
                Some("remaining") => &mut found.remaining,
                Some("interval-milliseconds") => &mut found.interval,
                Some(_) | None => continue,
            };
            place.get_or_insert(value);
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

    /// The window and what is left of it, as answers with these headers tell.
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
    fn of_the_window_s_headers_each_that_is_missing_or_nonsense_is_left_out() {
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
    fn a_date_to_wait_for_is_measured_from_the_answer_s_own_clock() {
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

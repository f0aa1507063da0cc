//! Rates as people write them: calls per window (`100/10s`). Also percentages (`2.5%`).
//!
//! Plain values; does not know who enforces them.

use std::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

/// A number of calls in any window of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The most calls in a window.
    pub calls: NonZeroU32,
    /// The length of the window; whole milliseconds, not zero.
    pub window: Duration,
}

impl Rate {
    /// HubSpot's smallest limit, for accounts of any subscription.
    pub const SAFE: Self = Self {
        calls: NonZeroU32::new(100).expect("not zero"),
        window: Duration::from_secs(10),
    };

    /// Whether it allows more calls in the long run.
    #[must_use]
    pub fn is_faster_than(self, other: Self) -> bool {
        let share = |one: Self, of: Self| u128::from(one.calls.get()) * of.window.as_nanos();
        share(self, other) > share(other, self)
    }

    /// Keeps the window and sets the number of calls, at least one.
    #[must_use]
    pub fn with_calls(self, calls: u32) -> Self {
        let calls = NonZeroU32::new(calls).unwrap_or(NonZeroU32::MIN);
        Self { calls, ..self }
    }
}

/// Text that is not a rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a rate, {problem}; write calls per window, like 19/s, 100/10s or 600/min")]
pub struct RateError {
    text: String,
    problem: RateProblem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum RateProblem {
    #[error("there is no '/' between the number of calls and the window")]
    NoSlash,
    #[error("the calls are not a whole number from 1 to {}", u32::MAX)]
    Calls,
    #[error("the window is not a whole number from 1 to {}", u32::MAX)]
    Window,
    #[error("the unit of the window must be ms, s, min or h")]
    Unit,
}

/// Units and their milliseconds. The largest comes first, for the shortest text.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

impl FromStr for Rate {
    type Err = RateError;

    /// `N/[n]unit` with the units ms, s, min and h.
    fn from_str(text: &str) -> Result<Self, RateError> {
        parse(text).map_err(|problem| RateError {
            text: text.to_owned(),
            problem,
        })
    }
}

fn parse(text: &str) -> Result<Rate, RateProblem> {
    let (calls, window) = text.split_once('/').ok_or(RateProblem::NoSlash)?;
    let calls = digits_only(calls).ok_or(RateProblem::Calls)?;
    let digits = window.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = window.split_at(digits);
    let count = match count {
        "" => NonZeroU32::MIN,
        count => digits_only(count).ok_or(RateProblem::Window)?,
    };
    let (_, milliseconds) = UNITS
        .into_iter()
        .find(|(name, _)| *name == unit)
        .ok_or(RateProblem::Unit)?;
    Ok(Rate {
        calls,
        window: Duration::from_millis(u64::from(count.get()) * milliseconds),
    })
}

/// Parses digits only; the standard parser would also accept a sign.
pub(crate) fn digits_only<T: FromStr>(digits: &str) -> Option<T> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

impl fmt::Display for Rate {
    /// The shortest text that parses to the same rate.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let window = self.window.as_millis();
        let (unit, milliseconds) = UNITS
            .into_iter()
            .map(|(unit, milliseconds)| (unit, u128::from(milliseconds)))
            .find(|(_, milliseconds)| window.is_multiple_of(*milliseconds) && window > 0)
            .unwrap_or(("ms", 1));
        match window / milliseconds {
            1 => write!(out, "{}/{unit}", self.calls),
            count => write!(out, "{}/{count}{unit}", self.calls),
        }
    }
}

/// Parses a percentage above 0 % and up to 100 % as a fraction.
pub(crate) fn parse_percentage(text: &str) -> Option<f64> {
    let percent = text.strip_suffix('%')?;
    let plain = percent.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let percent: f64 = percent.parse().ok().filter(|_| plain)?;
    (percent > 0.0 && percent <= 100.0).then_some(percent / 100.0)
}

/// The limit that a request exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimit {
    /// The limit of requests in any ten seconds; also an unknown limit.
    Window,
    /// The limit of requests per second.
    Second,
    /// The whole account is unavailable for a while, because it moves between data centres.
    Account,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_parse_what_they_display() {
        for (text, calls, milliseconds) in [
            ("19/s", 19, 1_000),
            ("100/10s", 100, 10_000),
            ("50/2s", 50, 2_000),
            ("600/min", 600, 60_000),
            ("5/500ms", 5, 500),
            ("1000/h", 1_000, 3_600_000),
            ("1/90s", 1, 90_000),
            ("7/1500ms", 7, 1_500),
            (
                "4294967295/4294967295h",
                u32::MAX,
                4_294_967_295 * 3_600_000,
            ),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(rate.calls.get(), calls, "{text}");
            assert_eq!(rate.window, Duration::from_millis(milliseconds), "{text}");
            assert_eq!(rate.to_string(), text);
        }
    }

    #[test]
    fn a_window_is_written_in_its_largest_unit() {
        assert_eq!("60/60s".parse::<Rate>().unwrap().to_string(), "60/min");
        assert_eq!("2/1s".parse::<Rate>().unwrap().to_string(), "2/s");
    }

    #[test]
    fn texts_that_are_not_rates_are_refused_with_the_reason() {
        for (text, problem) in [
            ("", RateProblem::NoSlash),
            ("100", RateProblem::NoSlash),
            ("/s", RateProblem::Calls),
            ("0/s", RateProblem::Calls),
            ("-1/s", RateProblem::Calls),
            ("+1/s", RateProblem::Calls),
            ("1.5/s", RateProblem::Calls),
            ("4294967296/s", RateProblem::Calls),
            ("1/0s", RateProblem::Window),
            ("1/4294967296s", RateProblem::Window),
            ("1/", RateProblem::Unit),
            ("1/10", RateProblem::Unit),
            ("1/m", RateProblem::Unit),
            ("1/10 s", RateProblem::Unit),
            ("1/s/s", RateProblem::Unit),
        ] {
            let text = text.to_owned();
            assert_eq!(text.parse::<Rate>(), Err(RateError { text, problem }));
        }
    }

    #[test]
    fn the_error_names_the_text_and_the_valid_forms() {
        assert_eq!(
            "1/m".parse::<Rate>().unwrap_err().to_string(),
            "'1/m' is not a rate, the unit of the window must be ms, s, min or h; write calls per \
             window, like 19/s, 100/10s or 600/min"
        );
    }
}

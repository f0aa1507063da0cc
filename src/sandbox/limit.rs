//! How many calls are accepted in any window, and when that changes.
//!
//! Only values as the user types them. Other modules enforce them.

use std::{num::NonZeroU32, str::FromStr, time::Duration};

use jiff::SignedDuration;

use super::error::SandboxError;
use crate::rate::Rate;

/// How many calls are accepted in any window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallLimit {
    /// Any number.
    Off,
    /// This many.
    Calls(Rate),
}

/// A limit that holds from some time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaterLimit {
    /// The limit.
    pub limit: CallLimit,
    /// The time after the first call that is checked against a window.
    pub after: Duration,
}

impl Default for CallLimit {
    /// The limit of HubSpot's free and starter accounts.
    fn default() -> Self {
        const CALLS: NonZeroU32 = NonZeroU32::new(100).unwrap();
        Self::Calls(Rate {
            calls: CALLS,
            window: Duration::from_secs(10),
        })
    }
}

impl CallLimit {
    pub(super) fn rate(self) -> Option<Rate> {
        match self {
            Self::Off => None,
            Self::Calls(rate) => Some(rate),
        }
    }
}

impl FromStr for CallLimit {
    type Err = SandboxError;

    /// `off`, or a rate like `100/10s`.
    fn from_str(text: &str) -> Result<Self, SandboxError> {
        match text {
            "off" => Ok(Self::Off),
            rate => Ok(Self::Calls(rate.parse()?)),
        }
    }
}

impl FromStr for LaterLimit {
    type Err = SandboxError;

    /// A limit and the time, like `100/10s@60s` or `off@2min`.
    fn from_str(text: &str) -> Result<Self, SandboxError> {
        let later = || SandboxError::LaterLimit(text.to_owned());
        let (limit, after) = text.split_once('@').ok_or_else(later)?;
        let after: SignedDuration = after.parse().map_err(|_| later())?;
        Ok(Self {
            limit: limit.parse()?,
            after: Duration::try_from(after).map_err(|_| later())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_limit_has_a_limit_and_a_time() {
        let later: LaterLimit = "100/10s@1min 30s".parse().unwrap();
        assert_eq!(later.limit, CallLimit::default());
        assert_eq!(later.after, Duration::from_secs(90));
        assert_eq!(
            "off@2s".parse::<LaterLimit>().unwrap().limit,
            CallLimit::Off
        );
    }

    #[test]
    fn an_invalid_later_limit_is_refused_with_the_expected_form() {
        for text in ["", "100/10s", "100/10s@", "100/10s@x", "100/10s@-1s"] {
            let error = text.parse::<LaterLimit>().unwrap_err().to_string();
            assert!(error.contains("write RATE@DURATION"), "{error}");
        }
        let error = "100@1s".parse::<LaterLimit>().unwrap_err().to_string();
        assert!(error.contains("or off for no limit"), "{error}");
    }
}

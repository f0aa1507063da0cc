//! Values that parse themselves.

use std::{num::NonZeroUsize, str::FromStr, time::Duration};

use crate::{delivery::Pace, rate::Rate};

/// `--rate`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateArg(pub Pace);

/// HubSpot's smallest burst limit, for accounts of any subscription.
const AUTO_RATE: &str = "100/10s";

impl FromStr for RateArg {
    type Err = <Rate as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => AUTO_RATE.parse().map(|rate| Self(Pace::Limited(rate))),
            "unlimited" => Ok(Self(Pace::Unlimited)),
            rate => rate.parse().map(|rate| Self(Pace::Limited(rate))),
        }
    }
}

/// `--concurrency`
#[derive(Clone, Copy, Debug)]
pub struct Concurrency(pub NonZeroUsize);

impl FromStr for Concurrency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const MOST: usize = 256;
        let n = text.parse().ok().filter(|n: &NonZeroUsize| n.get() <= MOST);
        n.map(Self)
            .ok_or_else(|| format!("a number from 1 to {MOST} is needed"))
    }
}

/// A duration above zero.
#[derive(Clone, Copy, Debug)]
pub struct Wait(pub Duration);

impl FromStr for Wait {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span = text.parse::<jiff::SignedDuration>().ok();
        let wait = span
            .and_then(|span| Duration::try_from(span).ok())
            .filter(|d| !d.is_zero());
        wait.map(Self)
            .ok_or_else(|| "a duration such as 500ms, 30s, 15min or 2h is needed".into())
    }
}

/// `--limit`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// All rows.
    Off,
    /// Only the first.
    Rows(u64),
}

impl Limit {
    /// The number of rows, if there is a limit.
    #[must_use]
    pub fn rows(self) -> Option<u64> {
        match self {
            Self::Off => None,
            Self::Rows(rows) => Some(rows),
        }
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            rows => {
                let rows = rows.parse().map(Self::Rows);
                rows.map_err(|_| "a number of rows is needed, or off".into())
            }
        }
    }
}

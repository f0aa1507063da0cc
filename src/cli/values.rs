//! Values of options.

use std::{
    num::{NonZeroU64, NonZeroUsize},
    str::FromStr,
    time::Duration,
};

use clap::ValueEnum;

use crate::{
    association::property_name,
    caller::{OnQuotaExhausted, Pace},
    error_threshold::InvalidThreshold,
    messages,
    rate::Rate,
};

/// Names of the HubSpot id. Records are found by it without a key.
const IDS: [&str; 4] = ["hs_object_id", "id", "object_id", "record_id"];

/// A threshold of failed rows.
pub(super) fn threshold<T: FromStr<Err = InvalidThreshold>>(text: &str) -> Result<T, &'static str> {
    text.parse().map_err(messages::invalid_threshold)
}

/// `--rate`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateArg(pub Pace);

impl FromStr for RateArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self(Pace::Auto)),
            "unlimited" => Ok(Self(Pace::Unlimited)),
            rate => {
                let rate: Result<Rate, _> = rate.parse();
                rate.map(|rate| Self(Pace::Limited(rate)))
                    .map_err(|error| format!("{error}, or auto, or unlimited"))
            }
        }
    }
}

/// `--max-attempts`
pub(super) fn max_attempts(text: &str) -> Result<u32, &'static str> {
    let attempts = text.parse().ok().filter(|n| (1..=100).contains(n));
    attempts.ok_or("write a number from 1 to 100")
}

/// `--header-row`
pub(super) fn header_row(text: &str) -> Result<NonZeroU64, &'static str> {
    let row = text.parse();
    row.map_err(|_| "write the number of the line or row with the column names, from 1")
}

/// `--concurrency`
#[derive(Clone, Copy, Debug)]
pub struct Concurrency(pub NonZeroUsize);

impl FromStr for Concurrency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const MAX: usize = 256;
        let n = text.parse().ok().filter(|n: &NonZeroUsize| n.get() <= MAX);
        n.map(Self)
            .ok_or_else(|| format!("write a number from 1 to {MAX}"))
    }
}

/// `--batch`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batch {
    /// This many rows per call.
    Rows(NonZeroUsize),
    /// As many rows as the API accepts.
    Max,
}

impl Batch {
    /// The most that any API of HubSpot accepts.
    const MAX: usize = 2_000;

    /// Rows per call, for an API that accepts at most this many.
    #[must_use]
    pub fn rows(self, max: usize) -> usize {
        match self {
            Self::Rows(rows) => rows.get().min(max),
            Self::Max => max,
        }
    }
}

impl FromStr for Batch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let rows = text.parse().ok();
        rows.filter(|rows: &NonZeroUsize| rows.get() <= Self::MAX)
            .map(Self::Rows)
            .ok_or_else(|| format!("write a number of rows from 1 to {}, or max", Self::MAX))
    }
}

/// `--failures`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailuresArg {
    /// Delimited text
    Csv,
    /// An Excel workbook
    Xlsx,
}

/// `--on-quota`
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum OnQuotaArg {
    /// Stop, so that you can run it again later
    #[default]
    Stop,
    /// Wait until the quota is reset, then continue
    Wait,
}

impl From<OnQuotaArg> for OnQuotaExhausted {
    fn from(arg: OnQuotaArg) -> Self {
        match arg {
            OnQuotaArg::Stop => Self::Stop,
            OnQuotaArg::Wait => Self::Wait,
        }
    }
}

/// `--on-ambiguous`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OnAmbiguousArg {
    /// The row fails, and the records are named
    #[default]
    Fail,
    /// The record that was created first is linked
    Oldest,
}

/// `--from-key` and `--to-key`
pub(super) fn key(text: &str) -> Result<&'static str, &'static str> {
    let name = property_name(text).filter(|name| !IDS.contains(name));
    name.ok_or(
        "write the internal name of a property with unique values, such as email, domain or \
         external_id, or record-url; HubSpot's own ids need no key",
    )
}

/// Whether a switch is on. On the command line it has no value, so a wrong one comes from the
/// environment.
///
/// # Errors
/// If the text is neither a yes nor a no.
pub fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
        _ => Err("write true or false in the environment variable of this option".into()),
    }
}

/// A duration above zero.
#[derive(Clone, Copy, Debug)]
pub struct PositiveDuration(pub Duration);

impl FromStr for PositiveDuration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span = text.parse::<jiff::SignedDuration>().ok();
        let wait = span
            .and_then(|span| Duration::try_from(span).ok())
            .filter(|d| !d.is_zero());
        wait.map(Self)
            .ok_or_else(|| "write a duration above zero, such as 500ms, 30s, 15min or 2h".into())
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
                rows.map_err(|_| "write a number of rows, or off".into())
            }
        }
    }
}

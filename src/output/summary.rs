//! The run in figures: what `--summary` writes, and the closing text says.

use std::{path::PathBuf, time::Duration};

use jiff::Timestamp;
use serde::Serialize;

/// One run in figures. `rows_read` is the sum of `succeeded`, `already`,
/// `failed`, `invalid` and `unsettled`, of all sessions of the run.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// See [`Summary::VERSION`].
    pub version: u32,
    /// What was read.
    pub input: String,
    /// The results file.
    pub results: Option<PathBuf>,
    /// The failures file, if rows failed or were invalid.
    pub failures: Option<PathBuf>,
    /// Base URL, or `sandbox`.
    pub target: String,
    /// When the run began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// Data rows that were read.
    pub rows_read: u64,
    /// Rows of those that earlier sessions of the run had recorded.
    pub recorded_before: u64,
    /// Rows that this session has recorded; more than the difference where
    /// failed rows were sent again.
    pub recorded: u64,
    /// Rows whose link stands by this run.
    pub succeeded: u64,
    /// Rows whose link stood before.
    pub already: u64,
    /// Rows that HubSpot refused, or whose tries were used up.
    pub failed: u64,
    /// Rows that are wrong in themselves.
    pub invalid: u64,
    /// Rows that were not attempted, or whose outcome is not known.
    pub unsettled: u64,
    /// Only so many rows were wanted, if there was a limit.
    pub limit: Option<u64>,
    /// Whether the input was read to its end, or to the limit.
    pub input_complete: bool,
    /// Requests sent.
    pub calls: u64,
    /// Requests that were sent again after a passing fault.
    pub retries: u64,
    /// Answers that said "too many requests".
    pub throttled: u64,
    /// Calls left today, if the server said so.
    pub daily_calls_remaining: Option<u64>,
    /// The code the program ends with.
    pub exit_code: u8,
    /// Why it ended before its end, if it did.
    pub stopped: Option<String>,
}

impl Summary {
    /// The version of the fields; it changes when one changes its meaning.
    pub const VERSION: u32 = 1;

    /// The target of a rehearsal.
    pub const SANDBOX: &str = "sandbox";

    /// Rows that have no link.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.failed + self.invalid
    }

    /// How long the run took.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::try_from_secs_f64(self.seconds).unwrap_or_default()
    }

    /// Rows with a line in the results.
    #[must_use]
    pub fn settled(&self) -> u64 {
        self.succeeded + self.already + self.bad()
    }

    /// As one JSON document with a line end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Plain fields: serializing them cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

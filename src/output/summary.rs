//! The run in figures: what `--summary` writes, and the closing text says; also of a
//! run that came to nothing.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    figures::Figures,
    files::{Files, shown_if_any},
};

/// One run in figures. `rows_read` is the sum of `succeeded`, `already`,
/// `failed`, `invalid` and `unsettled`, of all sessions of the run.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// See [`Summary::VERSION`].
    pub version: u32,
    /// What was done, as it is typed.
    pub command: &'static str,
    /// What was read.
    pub input: String,
    /// The results file.
    #[serde(serialize_with = "shown_if_any")]
    pub results: Option<PathBuf>,
    /// The failures file, if rows failed or were invalid.
    #[serde(serialize_with = "shown_if_any")]
    pub failures: Option<PathBuf>,
    /// Rows in the failures file: also those that were to be sent again and were not.
    #[serde(skip)]
    pub in_failures: u64,
    /// All files of the run.
    pub files: Files,
    /// Base URL, or `sandbox`.
    pub target: String,
    /// The API's version.
    pub api: &'static str,
    /// HubSpot's number of the account, if it was learnt.
    pub account: Option<u64>,
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
    /// Rows by the code of their last line.
    pub codes: BTreeMap<&'static str, u64>,
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
}

/// A run that ended before it had figures: it was refused, or stopped before its
/// first row.
#[derive(Clone, Debug, Serialize)]
pub struct Unbegun {
    /// See [`Summary::VERSION`].
    pub version: u32,
    /// What was to be done, as it is typed.
    pub command: &'static str,
    /// The files that it was about.
    pub files: Files,
    /// The API's version, where it is known.
    pub api: Option<&'static str>,
    /// Not learnt, or of no meaning.
    pub account: Option<u64>,
    /// When the program began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// The code the program ends with.
    pub exit_code: u8,
    /// Why it came to nothing.
    pub stopped: String,
}

/// The summary of any command, however it ended.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum AnySummary {
    /// Of an import.
    Import(Box<Summary>),
    /// Of an undo or a verification.
    Recorded(Box<Figures>),
    /// Of one that came to nothing.
    Unbegun(Box<Unbegun>),
}

impl AnySummary {
    /// As one JSON document with a line end, for people to read in a file.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Plain fields: serializing them cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The same on one line, for whatever takes in lines.
    #[must_use]
    pub fn to_json_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

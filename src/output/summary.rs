//! A command over rows in figures: what `--summary` writes, and the closing text says; also
//! of one that came to nothing.
//!
//! The parts are flattened, so that a reader sees one object; which field follows which is
//! part of what is written.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    run_files::{RunFiles, serialize_optional_path, serialize_path},
    status_counts::StatusCounts,
};
use crate::row::Status;

/// One session of a command in figures.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// See [`Summary::VERSION`].
    pub version: u32,
    /// What was done, as it is typed.
    pub command: &'static str,
    /// What was read, and where it is written down.
    #[serde(flatten)]
    pub source: SummarySource,
    /// All files of the run.
    pub files: RunFiles,
    /// Where it went.
    #[serde(flatten)]
    pub target: SummaryTarget,
    /// When, and for how long.
    #[serde(flatten)]
    pub time: TimeSpan,
    /// What came of its rows.
    #[serde(flatten)]
    pub rows: RowTotals,
    /// What it took.
    #[serde(flatten)]
    pub calls: CallTotals,
    /// How it ended.
    #[serde(flatten)]
    pub end: RunEnd,
}

/// What was read, and where it is written down.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum SummarySource {
    /// Of a run over an input.
    Input {
        /// What was read.
        input: String,
        /// The results file.
        #[serde(serialize_with = "serialize_optional_path")]
        results: Option<PathBuf>,
        /// The failures file, if rows failed or were invalid.
        #[serde(serialize_with = "serialize_optional_path")]
        failures: Option<PathBuf>,
        /// Rows in it: also those that were to be sent again and were not.
        #[serde(skip)]
        failure_rows: u64,
    },
    /// Of a run over recorded rows.
    Recorded {
        /// The results file that was read.
        #[serde(serialize_with = "serialize_path")]
        results: PathBuf,
        /// The file that says how each row ended, if one is there.
        #[serde(serialize_with = "serialize_optional_path")]
        report: Option<PathBuf>,
    },
}

/// Where it went.
#[derive(Clone, Debug, Serialize)]
pub struct SummaryTarget {
    /// Base URL, or `sandbox`.
    pub target: String,
    /// The API's version.
    pub api: &'static str,
    /// HubSpot's number of the account, if it was learnt.
    pub account: Option<u64>,
}

/// When, and for how long.
#[derive(Clone, Debug, Serialize)]
pub struct TimeSpan {
    /// When the run began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How long it took.
    pub seconds: f64,
}

/// What came of the rows. All rows that it is about are the sum of `outcomes` and
/// `unsettled`, of all sessions of the run.
#[derive(Clone, Debug, Serialize)]
pub struct RowTotals {
    /// Which rows these are.
    #[serde(flatten)]
    pub scope: RowScope,
    /// Rows that this session has recorded; of an import more than the difference where
    /// failed rows were sent again.
    pub recorded: u64,
    /// Rows by how they ended: one field for each status of the command.
    #[serde(flatten)]
    pub outcomes: StatusCounts,
    /// Rows by the code of their last line.
    pub codes: BTreeMap<&'static str, u64>,
    /// Rows that were not attempted, or whose outcome is not known.
    pub unsettled: u64,
    /// How far an input was read, where one is.
    #[serde(flatten)]
    pub read: Option<ReadProgress>,
}

/// All rows that it is about.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub enum RowScope {
    /// Those of an input.
    Input {
        /// Data rows that were read.
        rows_read: u64,
        /// Rows of those that earlier sessions of the run had recorded.
        recorded_before: u64,
    },
    /// Those of an earlier run.
    Recorded {
        /// So many.
        rows: u64,
    },
}

/// How far an input was read.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ReadProgress {
    /// Only so many rows were wanted, if there was a limit.
    pub limit: Option<u64>,
    /// Whether it was read to its end, or to the limit.
    #[serde(rename = "input_complete")]
    pub is_complete: bool,
}

/// What it took.
#[derive(Clone, Debug, Serialize)]
pub struct CallTotals {
    /// Requests sent.
    pub calls: u64,
    /// Requests that were sent again after a passing fault.
    pub retries: u64,
    /// Answers that said "too many requests".
    pub throttled: u64,
    /// Calls left today, if the server said so.
    pub daily_calls_remaining: Option<u64>,
}

/// How it ended.
#[derive(Clone, Debug, Serialize)]
pub struct RunEnd {
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

    /// The results and what was known of them are taken away: they hold nothing.
    pub fn forget_results(&mut self) {
        match &mut self.source {
            SummarySource::Input { results, .. } => *results = None,
            SummarySource::Recorded { .. } => {}
        }
        (self.files.results, self.files.run_log) = (None, None);
    }

    /// How long the run took.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::try_from_secs_f64(self.time.seconds).unwrap_or_default()
    }
}

impl RowTotals {
    /// Rows that ended so.
    #[must_use]
    pub fn with_status(&self, status: Status) -> u64 {
        self.outcomes.with_status(status)
    }

    /// All rows that it is about.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self.scope {
            RowScope::Input { rows_read, .. } => rows_read,
            RowScope::Recorded { rows } => rows,
        }
    }

    /// Whether the input was read to its end, if there is one.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.read.is_none_or(|read| read.is_complete)
    }
}

/// A run that ended before it had figures: it was refused, or stopped before its
/// first row.
#[derive(Clone, Debug, Serialize)]
pub struct EarlyEndSummary {
    /// See [`Summary::VERSION`].
    pub version: u32,
    /// What was to be done, as it is typed.
    pub command: &'static str,
    /// The files that it was about.
    pub files: RunFiles,
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
    /// Of one that has gone through rows.
    Ended(Box<Summary>),
    /// Of one that came to nothing.
    EarlyEnd(Box<EarlyEndSummary>),
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

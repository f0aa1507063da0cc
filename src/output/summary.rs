//! The figures of a command over rows, for `--summary` and the closing text. There is also a
//! summary for a command that ended before its first row.
//!
//! The parts are flattened into one JSON object. The order of the fields is part of the format.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    run_files::{RunFiles, serialize_optional_path, serialize_path},
    status_counts::StatusCounts,
};
use crate::row::Status;

/// The figures of one session of a command.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// See [`Summary::VERSION`].
    pub version: u32,
    /// The command, as it is typed.
    pub command: &'static str,
    /// What was read, and where the details are.
    #[serde(flatten)]
    pub source: SummarySource,
    /// All files of the run.
    pub files: RunFiles,
    /// Where requests went.
    #[serde(flatten)]
    pub target: SummaryTarget,
    /// When, and for how long.
    #[serde(flatten)]
    pub time: TimeSpan,
    /// How its rows ended.
    #[serde(flatten)]
    pub rows: RowTotals,
    /// What it took.
    #[serde(flatten)]
    pub calls: CallTotals,
    /// How it ended.
    #[serde(flatten)]
    pub end: RunEnd,
}

/// What was read, and where the details are.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum SummarySource {
    /// For a run over an input.
    Input {
        /// The input.
        input: String,
        /// The results file.
        #[serde(serialize_with = "serialize_optional_path")]
        results: Option<PathBuf>,
        /// The failures file, if rows failed or were invalid.
        #[serde(serialize_with = "serialize_optional_path")]
        failures: Option<PathBuf>,
        /// Rows in the failures file, including rows that were to be sent again and were not.
        #[serde(skip)]
        failure_rows: u64,
        /// Whether its lines are rows of a sheet.
        #[serde(skip)]
        in_sheet: bool,
    },
    /// For a run over recorded rows.
    Recorded {
        /// The results file that was read.
        #[serde(serialize_with = "serialize_path")]
        results: PathBuf,
        /// The report on each row, if it exists.
        #[serde(serialize_with = "serialize_optional_path")]
        report: Option<PathBuf>,
    },
    /// For the totals of several inputs. Each has files of its own.
    SeveralInputs {},
}

/// Where requests went.
#[derive(Clone, Debug, Serialize)]
pub struct SummaryTarget {
    /// Base URL, or `sandbox`.
    pub target: String,
    /// The API's version.
    pub api: &'static str,
    /// HubSpot's number of the account, if known.
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

/// How the rows ended. `outcomes` and `unsettled` together are all rows, over all sessions of
/// the run.
#[derive(Clone, Debug, Serialize)]
pub struct RowTotals {
    /// Which rows these are.
    #[serde(flatten)]
    pub scope: RowScope,
    /// Rows recorded by this session. In an import with resent rows, this is more than the rows
    /// that were added.
    pub recorded: u64,
    /// Rows per status: one field for each status of the command.
    #[serde(flatten)]
    pub outcomes: StatusCounts,
    /// Rows by the code of their last line.
    pub codes: BTreeMap<&'static str, u64>,
    /// Rows that were not attempted, or whose outcome is unknown.
    pub unsettled: u64,
    /// How far the input was read, if there is one.
    #[serde(flatten)]
    pub read: Option<ReadProgress>,
}

/// Which rows the figures are about.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub enum RowScope {
    /// The rows of an input.
    Input {
        /// Data rows that were read.
        rows_read: u64,
        /// Rows that earlier sessions of the run had recorded.
        recorded_before: u64,
    },
    /// The rows of an earlier run.
    Recorded {
        /// How many.
        rows: u64,
    },
}

/// How far an input was read.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ReadProgress {
    /// The limit of rows to read, if there was one.
    pub limit: Option<u64>,
    /// Whether it was read to the limit.
    #[serde(skip)]
    pub is_at_limit: bool,
    /// Whether the input was read to its end or to the limit.
    #[serde(rename = "input_complete")]
    pub is_complete: bool,
}

/// The calls of the session.
#[derive(Clone, Debug, Serialize)]
pub struct CallTotals {
    /// Requests sent.
    pub calls: u64,
    /// Requests sent again after a temporary failure.
    pub retries: u64,
    /// Responses with status 429.
    pub throttled: u64,
    /// Calls left today, if HubSpot said so.
    pub daily_calls_remaining: Option<u64>,
}

/// How it ended.
#[derive(Clone, Debug, Serialize)]
pub struct RunEnd {
    /// The exit code of the program.
    pub exit_code: u8,
    /// Why it stopped early, if it did.
    pub stopped: Option<String>,
}

impl Summary {
    /// The version of the fields. It changes when a field changes its meaning.
    pub const VERSION: u32 = 1;

    /// The target of a rehearsal.
    pub const SANDBOX: &str = "sandbox";

    /// Removes the results and the run log, because their files were empty and are deleted.
    pub fn forget_results(&mut self) {
        match &mut self.source {
            SummarySource::Input { results, .. } => *results = None,
            SummarySource::Recorded { .. } | SummarySource::SeveralInputs {} => {}
        }
        (self.files.results, self.files.run_log) = (None, None);
    }

    /// The totals of these runs, which belong to one command; `None` if there are none.
    #[must_use]
    pub fn of_several(runs: &[&Self], time: TimeSpan, end: RunEnd) -> Option<Self> {
        let first = runs.first()?;
        Some(Self {
            version: Self::VERSION,
            command: first.command,
            source: SummarySource::SeveralInputs {},
            files: RunFiles::default(),
            target: SummaryTarget {
                account: runs.iter().find_map(|run| run.target.account),
                ..first.target.clone()
            },
            time,
            rows: RowTotals::of_several(runs),
            calls: CallTotals {
                calls: runs.iter().map(|run| run.calls.calls).sum(),
                retries: runs.iter().map(|run| run.calls.retries).sum(),
                throttled: runs.iter().map(|run| run.calls.throttled).sum(),
                daily_calls_remaining: runs
                    .iter()
                    .rev()
                    .find_map(|run| run.calls.daily_calls_remaining),
            },
            end,
        })
    }

    /// How long the run took.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::try_from_secs_f64(self.time.seconds).unwrap_or_default()
    }
}

impl RowTotals {
    fn of_several(runs: &[&Summary]) -> Self {
        let (mut rows_read, mut recorded_before) = (0, 0);
        let mut outcomes: Vec<(Status, u64)> = Vec::new();
        let mut codes = BTreeMap::new();
        for rows in runs.iter().map(|run| &run.rows) {
            rows_read += rows.count();
            if let RowScope::Input {
                recorded_before: before,
                ..
            } = rows.scope
            {
                recorded_before += before;
            }
            for (status, count) in rows.outcomes.iter() {
                match outcomes.iter_mut().find(|(known, _)| *known == status) {
                    Some((_, sum)) => *sum += count,
                    None => outcomes.push((status, count)),
                }
            }
            for (code, count) in &rows.codes {
                *codes.entry(*code).or_default() += count;
            }
        }
        let first = runs.first().and_then(|run| run.rows.read);
        Self {
            scope: RowScope::Input {
                rows_read,
                recorded_before,
            },
            recorded: runs.iter().map(|run| run.rows.recorded).sum(),
            outcomes: outcomes.into_iter().collect(),
            codes,
            unsettled: runs.iter().map(|run| run.rows.unsettled).sum(),
            read: first.map(|read| ReadProgress {
                limit: read.limit,
                // Of one input only.
                is_at_limit: false,
                is_complete: runs.iter().all(|run| run.rows.is_complete()),
            }),
        }
    }

    /// Rows with this status.
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

    /// Whether the input, if there is one, was read to its end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.read.is_none_or(|read| read.is_complete)
    }
}

/// A run that ended before its first row: it was refused or stopped.
#[derive(Clone, Debug, Serialize)]
pub struct EarlyEndSummary {
    /// See [`Summary::VERSION`].
    pub version: u32,
    /// The command, as it is typed.
    pub command: &'static str,
    /// The files that it was about.
    pub files: RunFiles,
    /// The API's version, where it is known.
    pub api: Option<&'static str>,
    /// Always `None`; the field exists in every summary.
    pub account: Option<u64>,
    /// When the program began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// The code the program ends with.
    pub exit_code: u8,
    /// Why it ended.
    pub stopped: String,
}

/// The summary of one run, however it ended.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum AnySummary {
    /// Of a run that processed rows.
    Ended(Box<Summary>),
    /// Of a run that ended before its first row.
    EarlyEnd(Box<EarlyEndSummary>),
}

/// The summary of a command with several inputs: the totals, and the run of each.
#[derive(Clone, Debug, Serialize)]
pub struct SummaryOfInputs {
    /// The totals of all runs. If none of them had a row, how the command ended.
    #[serde(flatten)]
    pub totals: AnySummary,
    /// The runs that have begun, in the order of the inputs.
    pub inputs: Vec<AnySummary>,
    /// Inputs whose run has not begun, because the command was stopped.
    pub not_begun: Vec<String>,
}

/// The summary of a command.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum CommandSummary {
    /// Of its only run.
    OfRun(AnySummary),
    /// Of the runs of several inputs.
    OfInputs(Box<SummaryOfInputs>),
}

impl CommandSummary {
    /// One JSON document with a line end, indented for people.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Plain fields cannot fail to serialize.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The document on one line, for programs that read lines.
    #[must_use]
    pub fn to_json_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

//! One import as data: what it is made of.

use std::path::PathBuf;

use super::{admin_limits::AdminLimitsLookup, row_selection::RowSelection};
use crate::{
    account::AccountId,
    app::{error::AppError, past::recorded_options},
    cli::{ImportArgs, RunOptions},
    input::{InputOptions, InputShape},
    journal::RecordedRun,
    output::FailuresFile,
};

/// What is imported, and where its ends are written down.
pub(super) struct ImportRun {
    pub(super) options: InputOptions,
    pub(super) shape: InputShape,
    pub(super) results_path: PathBuf,
    /// What separates the cells of the results.
    pub(super) delimiter: u8,
    /// What administrators allow, once it is known.
    pub(super) limits: AdminLimitsLookup,
    pub(super) earlier: EarlierResults,
}

/// What earlier sessions of the run left.
pub(super) struct EarlierResults {
    /// Rows that are not sent again.
    pub(super) done: u64,
    /// Whether some of them may be, to follow others that were sent late.
    pub(super) may_follow: bool,
    /// The highest row with a line.
    pub(super) last_recorded_row: u64,
    /// The failures file that they wrote last.
    pub(super) failures: Option<FailuresFile>,
    /// Whether the last of them was ended from outside, and may have recorded rows that are
    /// not in it.
    pub(super) was_killed: bool,
    /// The account that they wrote to, if that was learnt.
    pub(super) account: Option<AccountId>,
    /// Options that are not given anew.
    pub(super) options: RunOptions,
}

impl EarlierResults {
    pub(super) fn new(
        past: Option<&RecordedRun>,
        wanted: &RowSelection,
        args: &ImportArgs,
    ) -> Result<Self, AppError> {
        let options = past.map(|past| recorded_options::inherited_options(past, args));
        Ok(Self {
            options: options.transpose()?.unwrap_or_default(),
            last_recorded_row: past.map_or(0, RecordedRun::last_recorded_row),
            done: wanted.done(),
            may_follow: wanted.may_follow(),
            account: past.and_then(RecordedRun::account),
            failures: past.and_then(RecordedRun::failures_file).cloned(),
            was_killed: past.is_some_and(|past| past.last_end().is_none()),
        })
    }
}

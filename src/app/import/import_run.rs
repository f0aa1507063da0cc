//! The data of one import.

use std::path::PathBuf;

use super::{admin_limits::AdminLimitsLookup, row_selection::RowSelection};
use crate::{
    account::AccountId,
    app::{error::AppError, past::recorded_options},
    cli::{FailuresArg, ImportArgs, RunOptions},
    input::{InputFormat, InputOptions, InputShape},
    journal::RecordedRun,
    output::{FailuresFile, FailuresFormat},
};

/// What is imported, and where the outcomes are recorded.
pub(super) struct ImportRun {
    pub(super) options: InputOptions,
    pub(super) shape: InputShape,
    pub(super) results_path: PathBuf,
    /// The delimiter of the results.
    pub(super) delimiter: u8,
    /// The form of the failures file.
    pub(super) failures_format: FailuresFormat,
    /// The limits of administrators, once they are known.
    pub(super) limits: AdminLimitsLookup,
    pub(super) earlier: EarlierResults,
    /// Whether it carries out a plan.
    pub(super) is_apply: bool,
}

/// The form of the failures file: as it was asked for, or else as the input is.
pub(super) fn failures_format(args: &ImportArgs, shape: &InputShape) -> FailuresFormat {
    let sheet = match &shape.format {
        InputFormat::Workbook { sheet } => Some(sheet.clone()),
        InputFormat::Delimited { .. } => None,
    };
    match args.failures {
        Some(FailuresArg::Csv) => FailuresFormat::Delimited,
        None if sheet.is_none() => FailuresFormat::Delimited,
        // The command that imports them may name the sheet, as this one does.
        Some(FailuresArg::Xlsx) | None => FailuresFormat::Workbook {
            sheet: sheet.or_else(|| args.input.sheet.clone()),
        },
    }
}

/// What earlier sessions of the run left.
pub(super) struct EarlierResults {
    /// Rows that are not sent again.
    pub(super) done: u64,
    /// Whether some of them may be sent again, to follow rows that were sent late.
    pub(super) may_follow: bool,
    /// The highest row with a line.
    pub(super) last_recorded_row: u64,
    /// The failures file that they wrote last.
    pub(super) failures: Option<FailuresFile>,
    /// Whether the last of them was killed, and may have recorded rows that are missing in the
    /// failures file.
    pub(super) was_killed: bool,
    /// The account that they wrote to, if known.
    pub(super) account: Option<AccountId>,
    /// Options inherited from them.
    pub(super) options: RunOptions,
}

impl EarlierResults {
    pub(super) fn new(
        past: Option<&RecordedRun>,
        selection: &RowSelection,
        args: &ImportArgs,
    ) -> Result<Self, AppError> {
        let options = past.map(|past| recorded_options::inherited_options(past, args));
        Ok(Self {
            options: options.transpose()?.unwrap_or_default(),
            last_recorded_row: past.map_or(0, RecordedRun::last_recorded_row),
            done: selection.done(),
            may_follow: selection.may_follow(),
            account: past.and_then(RecordedRun::account),
            failures: past.and_then(RecordedRun::failures_file).cloned(),
            was_killed: past.is_some_and(|past| past.last_end().is_none()),
        })
    }
}

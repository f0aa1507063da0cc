//! What a check found out, as a program reads it.

use std::{cell::RefCell, path::Path};

use serde::Serialize;

use super::{cause_fields::CauseFields, print::JSON_VERSION};
use crate::{
    cause::{CauseTexts, FailureGroups, RowLocation},
    exit::ExitCode,
    output::RowMessages,
    row::RowReport,
};

/// What was found out about the inputs so far.
#[derive(Debug, Default)]
pub(super) struct CheckedInputs(RefCell<Vec<CheckedInput>>);

/// All that was found out.
#[derive(Debug, Serialize)]
pub(super) struct CheckDocument {
    version: u32,
    command: &'static str,
    exit_code: u8,
    inputs: Vec<CheckedInput>,
}

/// What was found out about an input.
#[derive(Debug, Default, Serialize)]
pub(super) struct CheckedInput {
    pub(super) input: String,
    pub(super) exit_code: u8,
    /// Why it cannot be imported.
    pub(super) error: Option<String>,
    pub(super) rows: CheckedRows,
    pub(super) causes: Vec<CauseFields>,
    /// The file with the rows that cannot be imported.
    pub(super) bad_rows: Option<String>,
}

/// How many rows can be imported.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct CheckedRows {
    pub(super) read: u64,
    pub(super) ready: u64,
    pub(super) bad: u64,
    /// Rows of which HubSpot did not say enough.
    pub(super) not_checked: u64,
}

impl CheckedInputs {
    pub(super) fn add(&self, input: CheckedInput) {
        self.0.borrow_mut().push(input);
    }

    /// Adds an input that was checked from beginning to end.
    pub(super) fn add_whole(
        &self,
        input: &Path,
        code: ExitCode,
        (read, bad): (u64, u64),
        causes: &FailureGroups,
    ) {
        self.add(CheckedInput {
            rows: CheckedRows {
                read,
                ready: read - bad,
                bad,
                not_checked: 0,
            },
            causes: cause_fields(causes),
            ..CheckedInput::new(input, code)
        });
    }

    /// The document, once all inputs are checked.
    pub(super) fn document(self, code: ExitCode) -> CheckDocument {
        CheckDocument {
            version: JSON_VERSION,
            command: "check",
            exit_code: code.get(),
            inputs: self.0.into_inner(),
        }
    }
}

impl CheckedInput {
    pub(super) fn new(input: &Path, code: ExitCode) -> Self {
        Self {
            // A path that is not UTF-8 must not prevent the document.
            input: input.display().to_string(),
            exit_code: code.get(),
            ..Self::default()
        }
    }
}

/// Adds a bad row to the causes.
pub(super) fn add_cause(causes: &mut FailureGroups, report: &RowReport, messages: RowMessages) {
    let outcome = report.outcome.as_ref();
    let Some(failure) = outcome.and_then(|outcome| outcome.problem()) else {
        return;
    };
    let texts = CauseTexts {
        message: &(messages.grouped.message)(failure),
        in_common: &(messages.grouped.in_common)(failure),
    };
    let location = RowLocation {
        row: report.row.number,
        line: report.row.line,
    };
    causes.add(location, failure.code.as_str(), texts);
}

/// The causes as fields, the largest first.
pub(super) fn cause_fields(causes: &FailureGroups) -> Vec<CauseFields> {
    causes.by_size().into_iter().map(CauseFields::of).collect()
}

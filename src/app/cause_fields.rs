//! The causes of failed rows, as a program reads them.

use serde::Serialize;

use crate::{
    cause::{FailureGroup, RowLocation},
    code::Code,
    messages::{self, ResendBenefit},
};

/// A cause of failed rows.
#[derive(Debug, Serialize)]
pub(super) struct CauseFields {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) rows: u64,
    pub(super) examples: Vec<ExampleFields>,
    /// What the code means.
    pub(super) happened: Option<&'static str>,
    pub(super) to_do: Option<&'static str>,
    pub(super) send_again: Option<&'static str>,
}

/// A row that failed because of a cause.
#[derive(Debug, Serialize)]
pub(super) struct ExampleFields {
    row: u64,
    line: u64,
}

impl CauseFields {
    /// The fields of a group of rows.
    pub(super) fn of(group: &FailureGroup) -> Self {
        let advice = Code::parse(group.code.as_bytes()).map(messages::advice);
        let example = |RowLocation { row, line }: &RowLocation| ExampleFields {
            row: *row,
            line: *line,
        };
        Self {
            code: group.code.clone(),
            message: group.message.clone(),
            rows: group.rows,
            examples: group.first.iter().map(example).collect(),
            happened: advice.map(|advice| advice.cause),
            to_do: advice.map(|advice| advice.cure),
            send_again: advice.map(|advice| word(advice.resend)),
        }
    }
}

/// Whether it helps to send rows again, as a word that does not change.
const fn word(resend: ResendBenefit) -> &'static str {
    match resend {
        ResendBenefit::Yes => "yes",
        ResendBenefit::Later => "later",
        ResendBenefit::AfterCorrection => "after_correcting",
        ResendBenefit::No => "no",
    }
}

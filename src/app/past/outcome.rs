//! How the rows of an earlier run ended, for the summary and the closing text of a command over
//! them.

use std::path::PathBuf;

use super::past_run::PastRun;
use crate::{
    app::session::closing::{CommandOutcome, EndReason, FinishedRows},
    output::{RowScope, RowTotals, RunFiles, StatusCounts, SummarySource},
    row::Status,
};

/// Figures of a command over an earlier run.
pub(crate) struct PastRunTotals {
    /// The report on each row, if it exists.
    pub(crate) report: Option<PathBuf>,
    /// Rows that the command is about.
    pub(crate) rows: u64,
    /// Rows that may be bad, without a line that says so.
    pub(crate) doubtful: u64,
    pub(crate) statuses: &'static [Status],
}

impl PastRun {
    pub(crate) fn outcome(&self, about: PastRunTotals, finished: &FinishedRows) -> CommandOutcome {
        let outcomes = StatusCounts::new(about.statuses, &finished.tally.counts());
        let results = self.path().to_owned();
        CommandOutcome {
            files: RunFiles {
                report: about.report.clone(),
                ..RunFiles::of_run(Some(results.clone()))
            },
            source: SummarySource::Recorded {
                results,
                report: about.report,
            },
            account: self.recorded.account(),
            bad_rows: outcomes.bad() + about.doubtful,
            rows: RowTotals {
                scope: RowScope::Recorded { rows: about.rows },
                recorded: finished.tally.recorded(),
                codes: finished.tally.codes(),
                unsettled: about.rows.saturating_sub(outcomes.with_outcome()),
                outcomes,
                read: None,
            },
        }
    }
}

/// What must be fixed before the remaining rows can be processed, as a part of a sentence.
pub(crate) fn remedy(reason: EndReason<'_>) -> &'static str {
    if reason.is_signal() || reason.stop.is_none() && reason.input_complete {
        "for the rest"
    } else {
        reason.remedy()
    }
}

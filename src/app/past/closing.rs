//! The figures of a command over an earlier run, for its summary and its closing text.

use std::path::PathBuf;

use super::past_run::PastRun;
use crate::{
    app::session::closing::{ClosingFigures, EndReason, FinishedRows},
    output::{RowScope, RowTotals, RunFiles, StatusCounts, SummarySource},
    row::Status,
};

/// Figures of a command over an earlier run.
pub(crate) struct PastRunTotals {
    /// The report on each row, if it exists.
    pub(crate) report: Option<PathBuf>,
    /// Rows that the command is totals.
    pub(crate) rows: u64,
    /// Rows that may be bad, without a status that says so.
    pub(crate) possibly_bad: u64,
    pub(crate) statuses: &'static [Status],
}

impl PastRun {
    pub(crate) fn closing_figures(
        &self,
        totals: PastRunTotals,
        finished: &FinishedRows,
    ) -> ClosingFigures {
        let outcomes = StatusCounts::new(totals.statuses, &finished.tally.counts());
        let results = self.path().to_owned();
        ClosingFigures {
            files: RunFiles {
                report: totals.report.clone(),
                ..RunFiles::of_run(Some(results.clone()))
            },
            source: SummarySource::Recorded {
                results,
                report: totals.report,
            },
            account: self.recorded.account(),
            bad_rows: outcomes.bad() + totals.possibly_bad,
            rows: RowTotals {
                scope: RowScope::Recorded { rows: totals.rows },
                recorded: finished.tally.recorded(),
                codes: finished.tally.codes(),
                unsettled: totals.rows.saturating_sub(outcomes.with_outcome()),
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

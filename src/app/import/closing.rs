//! The end of an import: the failures file, the totals of all rows, and what to type next.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use tracing::{info, warn};

use super::{
    import_run::ImportRun,
    next_commands::{TypedCommand, next_commands},
    record_keys::ImportKeys,
    row_selection::ResendCounters,
};
use crate::{
    app::{
        preview::preview_lines,
        session::{
            closing::{ClosingFigures, ClosingReport, EndReason, FinishedRows},
            run::Session,
            run_records::write_end,
        },
    },
    exit::ExitCode,
    input::{InputLimit, InputPath, ReaderEnd},
    journal::{self, Journal},
    messages,
    output::{
        FailuresFile, FailuresSource, Notice, ReadProgress, RowScope, RowTotals, RunFiles,
        StatusCounts, SuggestedCommand, Summary, SummarySource, Tally, path,
    },
    row::Status,
    stop::{StopReason, StopSwitch},
};

/// The closing report of an import.
pub(super) struct ImportClosing<'a> {
    pub(super) run: &'a ImportRun,
    pub(super) command: TypedCommand<'a>,
    /// How far the input was read.
    pub(super) reader_end: ReaderEnd,
    /// Recorded rows that were to be sent again.
    pub(super) resends: Arc<ResendCounters>,
    /// Failed rows that another try does not help.
    pub(super) to_correct: u64,
    /// The failures file, once it is written.
    pub(super) failures: Option<FailuresFile>,
    /// A failures file that is left unchanged because somebody has changed it, though none of
    /// its rows is bad now.
    pub(super) leftover_failures: Option<PathBuf>,
    /// Whether links may have been written that no line records.
    pub(super) may_have_written: bool,
    /// `Some` until the end is written to the run log.
    pub(super) files: Option<OpenFiles>,
}

/// The files of a run that are closed at its end.
pub(super) struct OpenFiles {
    pub(super) journal: Journal,
    /// What is known of the keys that rows have instead of ids.
    pub(super) keys: Option<ImportKeys>,
}

impl ClosingReport for ImportClosing<'_> {
    fn command(&self) -> &'static str {
        if self.run.is_apply { "apply" } else { "import" }
    }

    fn figures(&mut self, session: &Session<'_>, finished: &FinishedRows) -> ClosingFigures {
        let rows = self.rows(&finished.tally);
        self.may_have_written = session.delivery.caller().metrics().may_have_written();
        if finished.tally.counts().bad() == 0 {
            self.leftover_failures = self.clear_failures();
        } else {
            self.failures = self.failures(&finished.tally, session.stop());
        }
        let failures = self.failures.as_ref().map(|file| file.path.clone());
        ClosingFigures {
            files: self.files(failures.clone()),
            source: SummarySource::Input {
                input: self.run.options.path.to_string(),
                results: Some(self.run.results_path.clone()),
                failures,
                failure_rows: finished.tally.counts().bad(),
                in_sheet: self.run.shape.format.is_sheet(),
            },
            account: self.run.earlier.account,
            bad_rows: rows.outcomes.bad(),
            rows,
        }
    }

    fn write_end(&mut self, summary: &mut Summary) {
        let Some(OpenFiles { journal, keys }) = self.files.take() else {
            return;
        };
        let is_empty = journal.is_empty()
            && !self.may_have_written
            && summary.end.exit_code != ExitCode::Success.get();
        let mut is_over = is_empty;
        if is_empty {
            // Leave no files that would make the next try fail.
            journal.discard();
            summary.forget_results();
        } else {
            let session_end = journal::SessionEnd {
                at: summary.time.finished_at,
                exit_code: summary.end.exit_code,
                failures: self.failures.clone(),
                rows_read: Some(summary.rows.count()),
                counters: None,
                under_way: None,
            };
            is_over = session_end.is_completed();
            write_end(journal, session_end);
        }
        if let Some(keys) = keys {
            close_keys(keys, is_over);
        }
        log(summary);
    }

    fn next_commands(&self, summary: &Summary, reason: EndReason<'_>) -> Vec<SuggestedCommand> {
        next_commands(self.command, summary, self.to_correct, reason)
    }

    fn final_notices(&self) -> Vec<Notice> {
        let notices = self.leftover_failures.iter().map(|file| {
            let file = path(file);
            Notice::info(format!(
                "note: {file} was left unchanged, but none of its rows is bad any more"
            ))
        });
        let merged = preview_lines::merged_cells_line(self.reader_end.merged_cells);
        notices.chain(merged.map(Notice::info)).collect()
    }
}

impl ImportClosing<'_> {
    /// The failures file: the last one if no row was recorded since; in its place if nobody has
    /// changed it; else a new one.
    fn failures(&self, tally: &Tally, stop: &StopSwitch) -> Option<FailuresFile> {
        let earlier = &self.run.earlier;
        let previous = earlier.failures.as_ref();
        let is_current = tally.recorded() == 0 && !earlier.was_killed;
        if let Some(previous) = previous.filter(|file| is_current && file.path.exists()) {
            // Its fingerprint when it was written, whatever has been corrected since.
            return Some(previous.clone());
        }
        let previous = previous.filter(|file| file.is_unchanged());
        let previous = previous.map(|file| file.path.as_path());
        let run = self.run;
        let source = FailuresSource {
            results: &run.results_path,
            delimiter: run.delimiter,
            multi_line: tally.multi_line_rows(),
        };
        match source.write(&run.failures_format, previous) {
            Ok(written) => Some(written),
            Err(error) => {
                stop.request(StopReason::Output(messages::results(&error).into()));
                None
            }
        }
    }

    /// Removes the last failures file, because no row is bad now. A file that somebody has
    /// changed stays, and is returned.
    fn clear_failures(&self) -> Option<PathBuf> {
        let previous = self.run.earlier.failures.as_ref()?;
        let is_removed = previous.is_unchanged() && fs::remove_file(&previous.path).is_ok();
        (!is_removed && previous.path.exists()).then(|| previous.path.clone())
    }

    fn files(&self, failures: Option<PathBuf>) -> RunFiles {
        let input = match &self.run.options.path {
            InputPath::File(path) => Some(path.clone()),
            InputPath::Stdin => None,
        };
        RunFiles {
            input,
            failures,
            ..RunFiles::of_run(Some(self.run.results_path.clone()))
        }
    }

    fn rows(&self, tally: &Tally) -> RowTotals {
        let counts = tally.counts();
        // A reader that is blocked on a silent pipe cannot report its count. It has delivered
        // at least what was recorded.
        let rows_read = self
            .reader_end
            .rows
            .max(counts.with_outcome())
            .max(self.run.earlier.last_recorded_row);
        // Rows that were to be resent, and were not, are still without an outcome.
        let (planned, resent) = (&self.resends, tally.resent());
        let left_failed = planned.failed.load(Relaxed) - resent.failed;
        let left_succeeded = planned.succeeded.load(Relaxed) - resent.succeeded;
        let left_already = planned.already.load(Relaxed) - resent.already;
        let outcomes: StatusCounts = [
            (Status::Succeeded, counts.succeeded() - left_succeeded),
            (Status::Already, counts.already() - left_already),
            (Status::Failed, counts.failed() - left_failed),
            (Status::Invalid, counts.invalid()),
        ]
        .into_iter()
        .collect();
        RowTotals {
            scope: RowScope::Input {
                rows_read,
                recorded_before: tally.recorded_before(),
            },
            recorded: tally.recorded(),
            outcomes,
            codes: tally.codes(),
            unsettled: rows_read - counts.with_outcome()
                + left_succeeded
                + left_already
                + left_failed,
            read: Some(ReadProgress {
                limit: self.run.options.limit.map(InputLimit::number),
                is_at_limit: self.reader_end.at_limit,
                is_complete: self.reader_end.reached_end,
            }),
        }
    }
}

/// What is known of keys is deleted at the end of the run, because keys are personal data, and kept
/// for a resume. Neither failure changes a result.
fn close_keys(keys: ImportKeys, is_over: bool) {
    let closed = if is_over { keys.remove() } else { keys.sync() };
    if let Err(error) = closed {
        warn!("{error}");
    }
}

/// The figures as one log event, for programs (`-v`, or JSON logs).
fn log(summary: &Summary) {
    let (rows, calls) = (&summary.rows, &summary.calls);
    info!(
        rows_read = rows.count(),
        succeeded = rows.with_status(Status::Succeeded),
        failed = rows.with_status(Status::Failed),
        invalid = rows.with_status(Status::Invalid),
        unsettled = rows.unsettled,
        calls = calls.calls,
        retries = calls.retries,
        throttled = calls.throttled,
        seconds = summary.time.seconds,
        exit_code = summary.end.exit_code,
        "finished"
    );
}

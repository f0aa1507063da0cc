//! The end of an import: failures file, closing text, summary, exit code.

use std::{ffi::OsString, sync::atomic::Ordering::Relaxed};

use jiff::Timestamp;
use tracing::info;

use super::{
    next_step::{Typed, next_steps},
    run::{Ended, Run},
};
use crate::{
    account::AccountId,
    app::session::{
        close::{exit_code, note_end, untold},
        summary::Closed,
    },
    cli::ImportArgs,
    exit::ExitCode,
    input::InputPath,
    journal,
    messages::{self, stop_words},
    output::{AnySummary, FailuresFile, Files, Screen, Summary, Tally, closing, write_failures},
    stop::StopReason,
};

impl Run {
    /// Ends the run: everything that follows the last row.
    pub(super) fn close(
        &self,
        args: &ImportArgs,
        screen: &Screen,
        typed: &[OsString],
        ended: Ended,
    ) -> Closed {
        let mut summary = self.summary(&ended);
        let failures = self.failures(&ended.tally);
        summary.failures = failures.as_ref().map(|file| file.path.clone());
        summary.files.failures.clone_from(&summary.failures);
        let stop = self.stop.reason();
        let code = exit_code(
            (summary.unsettled, summary.bad()),
            stop.as_ref(),
            ended.broken_input.as_ref(),
        );
        summary.exit_code = code.get();
        summary.stopped = stop.as_ref().map(stop_words);
        if let Some(error) = &ended.broken_input {
            summary.stopped = Some(error.to_string());
        }
        let Ended { tally, journal, .. } = ended;
        if journal.holds_nothing() && code != ExitCode::Success {
            // Leave nothing that refuses the next try.
            journal.discard();
            summary.results = None;
            (summary.files.results, summary.files.run_log) = (None, None);
        } else {
            let ended = journal::Ended {
                at: summary.finished_at,
                exit_code: summary.exit_code,
                failures,
                rows_read: Some(summary.rows_read),
            };
            note_end(journal, ended);
        }
        let typed = Typed {
            words: typed,
            input: &args.input.input,
            names_results: args.results.is_some(),
        };
        let steps = next_steps(typed, (&summary, tally.to_correct()), stop.as_ref());
        log(&summary);
        let problems = untold(screen, &tally);
        let notices = closing(&summary, problems, tally.unknown_definitions(), &steps);
        screen.conclude(&notices, code == ExitCode::Success);
        Closed {
            code,
            summary: Some(AnySummary::Import(Box::new(summary))),
        }
    }

    /// The failures file: the last one if nothing has come since, one in its
    /// place if nobody has changed it, else another.
    fn failures(&self, tally: &Tally) -> Option<FailuresFile> {
        if tally.counts().bad() == 0 {
            return None;
        }
        let last = self.earlier.failures.as_ref();
        if let Some(last) = last.filter(|last| tally.recorded() == 0 && last.path.exists()) {
            // As it was written, whatever has been corrected in it since.
            return Some(last.clone());
        }
        let last = last.filter(|last| last.is_unchanged());
        let last = last.map(|last| last.path.as_path());
        match write_failures(&self.results_path, self.delimiter, tally.repeated(), last) {
            Ok(written) => Some(written),
            Err(error) => {
                self.stop
                    .request(StopReason::Output(messages::results(&error)));
                None
            }
        }
    }

    fn files(&self) -> Files {
        let input = match &self.options.path {
            InputPath::File(path) => Some(path.clone()),
            InputPath::Stdin => None,
        };
        Files {
            input,
            ..Files::of_run(Some(self.results_path.clone()))
        }
    }

    fn summary(&self, ended: &Ended) -> Summary {
        let counts = ended.tally.counts();
        // A reader that could not be asked (it waits for a silent pipe) has
        // handed over at least what was recorded.
        let rows_read = ended
            .reading
            .rows
            .max(counts.settled())
            .max(self.earlier.highest);
        // What was to be sent again and was not has yet to get its last word.
        let (handed, again) = (&ended.handed, ended.tally.again());
        let failed = handed.failed.load(Relaxed) - again.failed;
        let succeeded = handed.succeeded.load(Relaxed) - again.succeeded;
        let already = handed.already.load(Relaxed) - again.already;
        Summary {
            version: Summary::VERSION,
            command: "import",
            input: self.options.path.to_string(),
            results: Some(self.results_path.clone()),
            failures: None,
            in_failures: counts.bad(),
            files: self.files(),
            target: self.target.clone(),
            api: self.api.name(),
            account: ended.account.or(self.earlier.account).map(AccountId::get),
            started_at: self.started_at,
            finished_at: Timestamp::now(),
            seconds: self.started.elapsed().as_secs_f64(),
            rows_read,
            recorded_before: ended.tally.before(),
            recorded: ended.tally.recorded(),
            succeeded: counts.succeeded() - succeeded,
            already: counts.already() - already,
            failed: counts.failed() - failed,
            invalid: counts.invalid(),
            codes: ended.tally.codes(),
            unsettled: rows_read - counts.settled() + succeeded + already + failed,
            limit: self.options.limit,
            input_complete: ended.reading.reached_end,
            calls: ended.activity.calls(),
            retries: ended.activity.retries(),
            throttled: ended.activity.throttled_calls(),
            daily_calls_remaining: ended
                .activity
                .latest_quota()
                .and_then(|q| q.daily_remaining),
            exit_code: ExitCode::Success.get(),
            stopped: None,
        }
    }
}

/// The figures as one log event, for machines (`-v`, or JSON logs).
fn log(summary: &Summary) {
    info!(
        rows_read = summary.rows_read,
        succeeded = summary.succeeded,
        failed = summary.failed,
        invalid = summary.invalid,
        unsettled = summary.unsettled,
        calls = summary.calls,
        retries = summary.retries,
        throttled = summary.throttled,
        seconds = summary.seconds,
        exit_code = summary.exit_code,
        "finished"
    );
}

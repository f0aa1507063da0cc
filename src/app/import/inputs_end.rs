//! The end of an import of several inputs: one closing text and one summary over all of them.

use jiff::Timestamp;

use crate::{
    app::{
        command_line::CommandLine,
        session::{
            closing::EndReason,
            command_context::{CommandContext, StartTime},
            summary::CommandEnd,
        },
    },
    exit::ExitCode,
    output::{
        AnySummary, CommandSummary, EarlyEndSummary, Notice, RunEnd, RunFiles, SuggestedCommand,
        Summary, SummaryOfInputs, TimeSpan, counts_line, effort_line, plural, row_counts,
    },
};

/// How the run of one input ended.
pub(super) struct EndedInput {
    pub(super) name: String,
    pub(super) code: ExitCode,
    pub(super) summary: AnySummary,
}

/// All runs of the command that have begun, and the names of the other inputs.
pub(super) struct EndedInputs {
    pub(super) started: StartTime,
    pub(super) runs: Vec<EndedInput>,
    pub(super) not_begun: Vec<String>,
}

impl EndedInput {
    /// Why the run stopped early, if it did.
    fn stopped(&self) -> Option<&str> {
        match &self.summary {
            AnySummary::Ended(summary) => summary.end.stopped.as_deref(),
            AnySummary::EarlyEnd(summary) => Some(&summary.stopped),
        }
    }

    fn api(&self) -> Option<&'static str> {
        match &self.summary {
            AnySummary::Ended(summary) => Some(summary.target.api),
            AnySummary::EarlyEnd(summary) => summary.api,
        }
    }

    fn session(&self) -> Option<&Summary> {
        match &self.summary {
            AnySummary::Ended(summary) => Some(summary),
            AnySummary::EarlyEnd(_) => None,
        }
    }

    /// The line of this input in the closing text.
    fn line(&self) -> String {
        let Self { name, code, .. } = self;
        let counts = self.session().map(|summary| counts_line(&summary.rows));
        let counts = counts.unwrap_or_else(|| "nothing was sent".to_owned());
        format!("  {name} (exit code {}): {counts}", code.get())
    }
}

impl EndedInputs {
    /// Shows how all runs ended. Each has shown its own end before.
    pub(super) fn close(self, context: &CommandContext<'_>) -> CommandEnd {
        let code = self.code(context);
        let summary = self.summary(code);
        let mut lines = vec![match &summary.totals {
            AnySummary::Ended(totals) => {
                format!("{}: {}", self.count(), row_counts(&totals.rows))
            }
            AnySummary::EarlyEnd(_) => {
                format!("{}: nothing was sent", self.count())
            }
        }];
        lines.extend(self.runs.iter().map(EndedInput::line));
        lines.extend(
            self.not_begun
                .iter()
                .map(|name| format!("  {name}: not begun")),
        );
        if let AnySummary::Ended(totals) = &summary.totals {
            lines.push(effort_line(totals));
        }
        lines.extend(self.next_command(context).map(|next| next.to_string()));
        let notices: Vec<_> = lines.into_iter().map(Notice::info).collect();
        let screen = context.console.screen;
        screen.conclude(&notices, code == ExitCode::Success);
        let are_all_in_use = self.runs.iter().all(|run| run.code == ExitCode::InUse);
        CommandEnd {
            code,
            // Then the summary belongs to the other command.
            summary: (!are_all_in_use).then(|| CommandSummary::OfInputs(Box::new(summary))),
        }
    }

    fn count(&self) -> String {
        let count = self.runs.len() + self.not_begun.len();
        plural(u64::try_from(count).unwrap_or(u64::MAX), "input", "inputs")
    }

    /// The gravest code. A signal may also come between two runs.
    fn code(&self, context: &CommandContext<'_>) -> ExitCode {
        let stop = context.stop.reason().filter(|_| !self.not_begun.is_empty());
        let stop = stop.as_ref().map_or(ExitCode::Success, ExitCode::of_stop);
        let codes = self.runs.iter().map(|run| run.code);
        codes.fold(stop, ExitCode::graver)
    }

    fn summary(&self, code: ExitCode) -> SummaryOfInputs {
        let gravest = self.runs.iter().find(|run| run.code == code);
        let stopped = gravest.and_then(EndedInput::stopped).map(str::to_owned);
        let sessions: Vec<_> = self.runs.iter().filter_map(EndedInput::session).collect();
        let time = TimeSpan {
            started_at: self.started.started_at,
            finished_at: Timestamp::now(),
            seconds: self.started.started.elapsed().as_secs_f64(),
        };
        let end = RunEnd {
            exit_code: code.get(),
            stopped: stopped.clone(),
        };
        let totals = Summary::of_several(&sessions, time.clone(), end).map(|mut totals| {
            if let Some(read) = &mut totals.rows.read {
                read.is_complete &= self.not_begun.is_empty() && sessions.len() == self.runs.len();
            }
            AnySummary::Ended(Box::new(totals))
        });
        let without_rows = || {
            AnySummary::EarlyEnd(Box::new(EarlyEndSummary {
                version: Summary::VERSION,
                command: "import",
                files: RunFiles::default(),
                api: self.runs.iter().find_map(EndedInput::api),
                account: None,
                started_at: time.started_at,
                finished_at: time.finished_at,
                exit_code: code.get(),
                stopped: stopped.unwrap_or_default(),
            }))
        };
        SummaryOfInputs {
            totals: totals.unwrap_or_else(without_rows),
            inputs: self.runs.iter().map(|run| run.summary.clone()).collect(),
            not_begun: self.not_begun.clone(),
        }
    }

    /// The command that also begins the inputs that were not begun. It keeps `--retry-failed`,
    /// because these have not sent their failed rows again.
    fn next_command(&self, context: &CommandContext<'_>) -> Option<SuggestedCommand> {
        if self.not_begun.is_empty() {
            return None;
        }
        let stop = context.stop.reason();
        let reason = EndReason {
            stop: stop.as_ref(),
            input_complete: true,
        };
        let command = CommandLine::from_words(context.console.typed).resuming();
        let done = if command.has("--retry-failed") {
            "those that are done send only the rows that failed"
        } else {
            "those that are done send nothing"
        };
        let words = format!(
            "next, {}: continue with all inputs ({done})",
            reason.remedy()
        );
        Some(SuggestedCommand::new(words, command))
    }
}

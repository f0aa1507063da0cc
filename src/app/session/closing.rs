//! How a session ends: one summary, one closing text, and the exit code of the most serious
//! reason.

use jiff::Timestamp;

use super::{explain_command::explain_command, run::Session, summary::EndedRun};
use crate::{
    account::AccountId,
    app::error::of_input,
    caller::Metrics,
    cause::FailureGroups,
    exit::ExitCode,
    input::InputError,
    messages::{self, stop_reason_text},
    output::{
        AnySummary, CallTotals, Notice, RowLog, RowTotals, RunEnd, RunFiles, Screen,
        SuggestedCommand, Summary, SummarySource, SummaryTarget, Tally, TimeSpan, closing_notices,
    },
    stop::StopReason,
};

/// What remains when all rows are processed.
pub(crate) struct FinishedRows {
    pub(crate) tally: Tally,
    /// Why reading the rows failed before their end.
    pub(crate) broken_input: Option<InputError>,
}

/// The part of the closing that each command has of its own.
pub(crate) trait ClosingReport {
    /// The command, as it is typed.
    fn command(&self) -> &'static str;

    /// How the rows ended, and where the details are.
    fn figures(&mut self, session: &Session<'_>, finished: &FinishedRows) -> ClosingFigures;

    /// Writes the end of the session to its files, and removes files that are not needed.
    fn write_end(&mut self, _summary: &mut Summary) {}

    /// What to type next.
    fn next_commands(&self, summary: &Summary, reason: EndReason<'_>) -> Vec<SuggestedCommand>;

    /// The last lines of the closing text.
    fn final_notices(&self) -> Vec<Notice> {
        Vec::new()
    }
}

/// How the rows ended, and where the details are.
pub(crate) struct ClosingFigures {
    pub(crate) source: SummarySource,
    pub(crate) files: RunFiles,
    /// The account, if it was known before.
    pub(crate) account: Option<AccountId>,
    pub(crate) rows: RowTotals,
    /// Bad rows.
    pub(crate) bad_rows: u64,
}

/// Why the session ended.
#[derive(Clone, Copy)]
pub(crate) struct EndReason<'a> {
    /// What stopped it, if anything did.
    pub(crate) stop: Option<&'a StopReason>,
    /// Whether the rows were read to their end.
    pub(crate) input_complete: bool,
}

impl Session<'_> {
    /// Ends the session, after its last row.
    pub(crate) fn close<P: ClosingReport>(
        &self,
        finished: &FinishedRows,
        mut closing: P,
    ) -> EndedRun {
        let figures = closing.figures(self, finished);
        let stop = self.stop().reason();
        let broken_input = finished.broken_input.as_ref();
        let code = exit_code(&figures, stop.as_ref(), broken_input);
        let stopped = stop.as_ref().map(stop_reason_text);
        let end = RunEnd {
            exit_code: code.get(),
            stopped: broken_input.map(messages::input).or(stopped),
        };
        let mut summary = self.summary(closing.command(), figures, end);
        closing.write_end(&mut summary);
        let reason = EndReason {
            stop: stop.as_ref(),
            input_complete: broken_input.is_none(),
        };
        let screen = self.screen();
        let problems = problems_to_show(screen, &finished.tally);
        let mut next: Vec<_> = explain_command(&summary.source, problems)
            .into_iter()
            .collect();
        next.extend(closing.next_commands(&summary, reason));
        let definitions = finished.tally.unknown_definitions();
        let mut notices = closing_notices(&summary, problems, definitions, &next);
        notices.extend(closing.final_notices());
        screen.conclude(&notices, code == ExitCode::Success);
        EndedRun {
            code,
            summary: AnySummary::Ended(Box::new(summary)),
        }
    }

    fn summary(&self, command: &'static str, figures: ClosingFigures, end: RunEnd) -> Summary {
        let ClosingFigures {
            source,
            files,
            account,
            rows,
            bad_rows: _,
        } = figures;
        let (caller, start) = (self.delivery.caller(), self.started);
        let account = caller.account().or(account);
        Summary {
            version: Summary::VERSION,
            command,
            source,
            files,
            target: SummaryTarget {
                target: self.destination.target.clone(),
                api: self.destination.api_version.name(),
                account: account.map(AccountId::get),
            },
            time: TimeSpan {
                started_at: start.started_at,
                finished_at: Timestamp::now(),
                seconds: start.started.elapsed().as_secs_f64(),
            },
            rows,
            calls: call_totals(&caller.metrics()),
            end,
        }
    }
}

/// The calls of the session.
fn call_totals(metrics: &Metrics) -> CallTotals {
    let quota = metrics.latest_quota();
    CallTotals {
        calls: metrics.calls(),
        retries: metrics.retries(),
        throttled: metrics.throttled_calls(),
        daily_calls_remaining: quota.and_then(|quota| quota.daily_remaining),
    }
}

/// The problems, unless all of them were already log events.
fn problems_to_show<'a>(screen: &Screen, tally: &'a Tally) -> Option<&'a FailureGroups> {
    let problems = tally.problems();
    let is_logged = screen.is_json() && RowLog::covers_all(problems.rows());
    (!is_logged).then_some(problems)
}

impl EndReason<'_> {
    /// What must be fixed before a command like this gets further, as a part of a sentence.
    pub(crate) fn remedy(self) -> &'static str {
        match self.stop {
            Some(StopReason::Credentials(_) | StopReason::WrongAccount { has_sent: true, .. }) => {
                "with a token and scopes that HubSpot accepts"
            }
            Some(StopReason::WrongAccount {
                has_sent: false, ..
            }) => "with a token of the right account",
            Some(StopReason::DayQuota { .. }) => "when the daily quota is reset",
            Some(StopReason::ReserveTooLarge { .. }) => "with a smaller --daily-reserve",
            Some(StopReason::Output(_)) => "once that is fixed",
            Some(
                StopReason::NotHubSpot(_) | StopReason::Unreachable(_) | StopReason::Certificate(_),
            ) => "when HubSpot can be reached",
            Some(StopReason::TooManyErrors(_)) => "once you have fixed the cause",
            None if !self.input_complete => "once the input can be read to its end",
            Some(StopReason::Signal(_)) | None => "to send the rest",
        }
    }

    /// Whether a signal stopped it.
    pub(crate) fn is_signal(self) -> bool {
        self.stop
            .is_some_and(|reason| matches!(reason, StopReason::Signal(_)))
    }
}

/// The exit code of the most serious reason; see [`ExitCode::graver`].
fn exit_code(
    figures: &ClosingFigures,
    stop: Option<&StopReason>,
    broken_input: Option<&InputError>,
) -> ExitCode {
    let mut code = stop.map_or(ExitCode::Success, ExitCode::of_stop);
    if let Some(error) = broken_input {
        code = code.graver(of_input(error));
    }
    if figures.rows.unsettled > 0 && stop.is_none() {
        // Some rows got no valid answer. If the session was stopped, that is the reason
        // instead.
        code = code.graver(ExitCode::Unavailable);
    }
    if figures.bad_rows > 0 {
        code = code.graver(ExitCode::SomeRowsBad);
    }
    code
}

//! How a session ends: one summary, one closing text, and of all reasons the gravest.

use jiff::Timestamp;

use super::{run::Session, summary::CommandEnd};
use crate::{
    account::AccountId,
    app::error::of_input,
    caller::Metrics,
    cause::FailureGroups,
    exit::ExitCode,
    input::InputError,
    messages::{self, stop_words},
    output::{
        AnySummary, CallTotals, Notice, RowLog, RowTotals, RunEnd, RunFiles, Screen,
        SuggestedCommand, Summary, SummarySource, SummaryTarget, Tally, TimeSpan, closing_notices,
    },
    stop::StopReason,
};

/// What is left when rows were gone through.
pub(crate) struct FinishedRows {
    pub(crate) tally: Tally,
    /// Why the rows were not read to their end.
    pub(crate) broken_input: Option<InputError>,
}

/// What a command has to say of its own at its end.
pub(crate) trait ClosingReport {
    /// As it is typed.
    const COMMAND: &'static str;

    /// What came of the rows, and where that is written down.
    fn outcome(&mut self, session: &Session<'_>, gone: &FinishedRows) -> CommandOutcome;

    /// The end of the session is written down, and what is left of its files.
    fn write_end(&mut self, _summary: &mut Summary) {}

    /// What to type next.
    fn next_commands(&self, summary: &Summary, ended: EndReason<'_>) -> Vec<SuggestedCommand>;

    /// What is said last.
    fn final_notices(&self) -> Vec<Notice> {
        Vec::new()
    }
}

/// What came of the rows, and where that is written down.
pub(crate) struct CommandOutcome {
    pub(crate) source: SummarySource,
    pub(crate) files: RunFiles,
    /// The account, where it was known before.
    pub(crate) account: Option<AccountId>,
    pub(crate) rows: RowTotals,
    /// Rows that somebody has to look at.
    pub(crate) bad_rows: u64,
}

/// Why it ended.
#[derive(Clone, Copy)]
pub(crate) struct EndReason<'a> {
    /// What stopped it, if anything did.
    pub(crate) stop: Option<&'a StopReason>,
    /// Whether the rows were read to their end.
    pub(crate) input_complete: bool,
}

impl Session<'_> {
    /// Ends the session: everything that follows the last row.
    pub(crate) fn close<P: ClosingReport>(&self, gone: &FinishedRows, mut page: P) -> CommandEnd {
        let sheet = page.outcome(self, gone);
        let stop = self.stop().reason();
        let broken_input = gone.broken_input.as_ref();
        let code = exit_code(&sheet, stop.as_ref(), broken_input);
        let stopped = stop.as_ref().map(stop_words);
        let end = RunEnd {
            exit_code: code.get(),
            stopped: broken_input.map(messages::input).or(stopped),
        };
        let mut summary = self.summary(P::COMMAND, sheet, end);
        page.write_end(&mut summary);
        let ended = EndReason {
            stop: stop.as_ref(),
            input_complete: broken_input.is_none(),
        };
        let next = page.next_commands(&summary, ended);
        let screen = self.screen();
        let problems = problems_to_show(screen, &gone.tally);
        let definitions = gone.tally.unknown_definitions();
        let mut notices = closing_notices(&summary, problems, definitions, &next);
        notices.extend(page.final_notices());
        screen.conclude(&notices, code == ExitCode::Success);
        CommandEnd {
            code,
            summary: Some(AnySummary::Ended(Box::new(summary))),
        }
    }

    fn summary(&self, command: &'static str, sheet: CommandOutcome, end: RunEnd) -> Summary {
        let CommandOutcome {
            source: named,
            files,
            account,
            rows,
            bad_rows: _,
        } = sheet;
        let (caller, clock) = (self.delivery.caller(), self.started);
        let account = caller.account().or(account);
        Summary {
            version: Summary::VERSION,
            command,
            source: named,
            files,
            target: SummaryTarget {
                target: self.destination.target.clone(),
                api: self.destination.api_version.name(),
                account: account.map(AccountId::get),
            },
            time: TimeSpan {
                started_at: clock.started_at,
                finished_at: Timestamp::now(),
                seconds: clock.started.elapsed().as_secs_f64(),
            },
            rows,
            calls: call_totals(&caller.metrics()),
            end,
        }
    }
}

/// What it took.
fn call_totals(metrics: &Metrics) -> CallTotals {
    let quota = metrics.latest_quota();
    CallTotals {
        calls: metrics.calls(),
        retries: metrics.retries(),
        throttled: metrics.throttled_calls(),
        daily_calls_remaining: quota.and_then(|quota| quota.daily_remaining),
    }
}

/// The problems, unless they were all told as log events when they happened.
fn problems_to_show<'a>(screen: &Screen, tally: &'a Tally) -> Option<&'a FailureGroups> {
    let problems = tally.problems();
    let is_told = screen.is_json() && RowLog::covers_all(problems.rows());
    (!is_told).then_some(problems)
}

impl EndReason<'_> {
    /// What has to be other before a command like this one gets further.
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

    /// Whether it was asked to end.
    pub(crate) fn is_signal(self) -> bool {
        self.stop
            .is_some_and(|reason| matches!(reason, StopReason::Signal(_)))
    }
}

/// Of all reasons the gravest; see [`ExitCode::graver`].
fn exit_code(
    sheet: &CommandOutcome,
    stop: Option<&StopReason>,
    broken_input: Option<&InputError>,
) -> ExitCode {
    let mut code = stop.map_or(ExitCode::Success, ExitCode::of_stop);
    if let Some(error) = broken_input {
        code = code.graver(of_input(error));
    }
    if sheet.rows.unsettled > 0 && stop.is_none() {
        // Answers that are none, row by row; else the stop is the reason.
        code = code.graver(ExitCode::Unavailable);
    }
    if sheet.bad_rows > 0 {
        code = code.graver(ExitCode::SomeRowsBad);
    }
    code
}

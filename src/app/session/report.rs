//! The end of an undo or a verification: counts, closing text, summary, exit
//! code.

use std::{ffi::OsString, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    close::{cure, exit_code, untold},
    summary::Closed,
};
use crate::{
    account::AccountId,
    app::{command_line::CommandLine, past::past_run::PastRun},
    caller::Activity,
    exit::ExitCode,
    input::InputError,
    messages::stop_words,
    output::{
        AnySummary, Figures, Files, Notice, Outcomes, Screen, Tally, closing_of, plural, to_type,
    },
    row::Status,
    stop::{Stop, StopReason},
};

/// What there is to say of such a run besides what it counted.
pub(in crate::app) struct About {
    /// What was done, as it is typed.
    pub(in crate::app) command: &'static str,
    pub(in crate::app) statuses: &'static [Status],
    pub(in crate::app) report: PathBuf,
    /// Rows that it is about.
    pub(in crate::app) rows: u64,
    /// Rows that could not be looked for, because their ids are not known.
    pub(in crate::app) unknown: u64,
    /// What to do next, besides what is left.
    pub(in crate::app) next: Vec<(String, String)>,
    pub(in crate::app) started_at: Timestamp,
    pub(in crate::app) started: Instant,
}

/// What such a run leaves behind.
pub(in crate::app) struct Left {
    pub(in crate::app) tally: Tally,
    pub(in crate::app) activity: Arc<Activity>,
    pub(in crate::app) account: Option<AccountId>,
    pub(in crate::app) broken_input: Option<InputError>,
    /// Rows that are left as they are, because nobody knows whether their link is there.
    pub(in crate::app) open: u64,
    /// Rows that are removed, which is not proven.
    pub(in crate::app) unproven: u64,
    /// Whether the report has no row, of an earlier session neither.
    pub(in crate::app) is_empty: bool,
}

impl Left {
    /// Whether it was stopped before anything was recorded: what is empty must not
    /// stand there as if it said something.
    pub(in crate::app) fn is_in_vain(&self, reason: Option<&StopReason>) -> bool {
        reason.is_some() && self.is_empty
    }
}

/// Tells how it ended; `code` is what the program is to end with.
pub(in crate::app) fn close(
    about: About,
    run: &PastRun,
    left: &Left,
    stop: &Stop,
    (screen, typed): (&Screen, &[OsString]),
) -> Closed {
    let reason = stop.reason();
    let (unknown, more) = (about.unknown, about.next.clone());
    let figures = figures(about, run, left, reason.as_ref());
    let bad = figures.outcomes.bad() + unknown + left.open;
    let counts = (figures.unsettled, bad);
    let code = exit_code(counts, reason.as_ref(), left.broken_input.as_ref());
    let figures = Figures {
        exit_code: code.get(),
        ..figures
    };
    let mut next = next(&figures, reason.as_ref(), left, typed);
    next.extend(more);
    let mut notices = closing_of(&figures, untold(screen, &left.tally), &next);
    if unknown > 0 {
        notices.push(Notice::warning(to_type(&name_the_input(unknown, typed))));
    }
    if left.unproven > 0 {
        notices.push(Notice::warning(format!(
            "note: {} removed without proof, for their records could not be read \
             (record_not_read): give the token their read scopes, and see by verify",
            plural(left.unproven, "row is", "rows are")
        )));
    }
    screen.conclude(&notices, code == ExitCode::Success);
    Closed {
        code,
        summary: Some(AnySummary::Recorded(Box::new(figures))),
    }
}

fn figures(about: About, run: &PastRun, left: &Left, reason: Option<&StopReason>) -> Figures {
    let counts = left.tally.counts();
    let outcomes = Outcomes::of(about.statuses, &counts);
    let stopped = reason.map(stop_words);
    let broken = left.broken_input.as_ref().map(ToString::to_string);
    let report = (!left.is_in_vain(reason)).then_some(about.report);
    Figures {
        version: Figures::VERSION,
        command: about.command,
        results: run.path().to_owned(),
        files: Files {
            report: report.clone(),
            ..Files::of_run(Some(run.path().to_owned()))
        },
        report,
        target: run.past.begun().target.clone(),
        api: run.dialect.name(),
        account: left.account.or(run.past.account()).map(AccountId::get),
        started_at: about.started_at,
        finished_at: Timestamp::now(),
        seconds: about.started.elapsed().as_secs_f64(),
        rows: about.rows,
        recorded: left.tally.recorded(),
        codes: left.tally.codes(),
        unsettled: about.rows.saturating_sub(outcomes.settled()),
        outcomes,
        calls: left.activity.calls(),
        retries: left.activity.retries(),
        throttled: left.activity.throttled_calls(),
        daily_calls_remaining: left.activity.latest_quota().and_then(|q| q.daily_remaining),
        exit_code: ExitCode::Success.get(),
        stopped: broken.or(stopped),
    }
}

/// How rows that have no line are taken back as well.
fn name_the_input(rows: u64, typed: &[OsString]) -> (String, String) {
    let line = CommandLine::typed(typed).without(&["--input"], &[]);
    let rows = plural(rows, "row", "rows");
    (
        format!(
            "next, for {rows} that may have been sent and have no line: name the import's input"
        ),
        line.with_option("--input", "PATH").to_string(),
    )
}

/// What to do about rows that are left.
fn next(
    figures: &Figures,
    reason: Option<&StopReason>,
    left: &Left,
    typed: &[OsString],
) -> Vec<(String, String)> {
    let is_undo = figures.command == "undo";
    let has_failed = is_undo && figures.outcomes.bad() + left.open > 0;
    if figures.unsettled == 0 && !has_failed {
        return Vec::new();
    }
    let was_asked_to = reason.is_some_and(|reason| matches!(reason, StopReason::Signal(_)));
    let is_whole = left.broken_input.is_none();
    let cure = match reason {
        None if has_failed => "when the cause is mended",
        None if is_whole => "for the rest",
        Some(_) if was_asked_to => "for the rest",
        reason => cure(reason, is_whole),
    };
    let line = CommandLine::typed(typed);
    let (what, line) = if is_undo {
        ("go on with what is left", line)
    } else {
        // A report that is there is never written to again.
        ("read it back anew", line.without(&["-o", "--output"], &[]))
    };
    vec![(format!("next, {cure}: {what}"), line.to_string())]
}

//! `undo`: removes the links that a run made.

use std::path::{Path, PathBuf};

use super::{
    earlier_undo::EarlierUndo,
    plan::UndoPlan,
    preview::{UndoFacts, preview_lines},
    undo_job::{UncertainRows, UndoJob, UndoResult},
    unfinished_import,
};
use crate::{
    api::{Api as _, LinkOperation},
    app::{
        ask,
        command_line::CommandLine,
        error::AppError,
        past::{
            closing::{self, PastRunTotals},
            past_run::PastRun,
            rows_from_input::RowsFromInput,
        },
        session::{
            LockWait,
            closing::{ClosingFigures, ClosingReport, EndReason, FinishedRows},
            command_context::{CommandContext, Console, StartTime},
            connect,
            run::Session,
            run_records::write_end,
            summary::CommandEnd,
        },
    },
    cli::UndoArgs,
    config,
    journal::{self, Journal},
    output::{Notice, Screen, SuggestedCommand, Summary, path, plural, report_path},
    row::Status,
};

/// Undoes a run.
pub(crate) fn undo(args: &UndoArgs, console: Console<'_>) -> Result<CommandEnd, AppError> {
    let context = CommandContext::start(console, "the same command continues")?;
    let (mut run, output, earlier) = find(args, &context.lock_wait(&args.sending))?;
    let connection = run.connection(&args.sending.connection)?;
    let (caller, destination) = run.caller(&connection, &args.sending, &context.stop)?;
    let caller = caller.with_day_policy(connect::day_policy(&args.stopping));
    let mut session = Session::new(context, destination, caller, &args.sending);
    if !earlier.is_complete() || args.include_unchecked || run.has_keys {
        session.context.block_on(run.resolve_labels(&session))?;
    }
    run.read_id_lines()?;
    let plan = UndoPlan::new(&run, args.include_unchecked)?;
    let done = earlier.done(&plan.included_unchecked);
    session.started = StartTime::now();
    let facts = UndoFacts {
        kept: earlier.kept(&plan.included_unchecked),
        ..preview_facts(&run, args, &session)
    };
    let lines = preview_lines(&plan, &done, &facts);
    show_preview(&run, &lines, &output, console.screen);
    let is_agreed = args.yes || plan.removed_rows().is_subset(&done);
    session.context.block_on(ask(is_agreed, &session))?;
    session.context.start_writing();
    let records = earlier.open(&output, &run, &plan.included_unchecked, &session)?;
    config::empty_summary(args.sending.summary.as_deref())?;
    let job = UndoJob {
        run: &run,
        plan: &plan,
        session: &session,
        records,
        threshold: connect::threshold(&args.stopping),
        done: &done,
        is_marked_undone: false,
        uncertain: UncertainRows::default(),
    };
    let UndoResult {
        finished,
        journal,
        uncertain,
    } = job.run()?;
    let closing = UndoClosing {
        run: &run,
        plan: &plan,
        report: output,
        typed: CommandLine::from_words(console.typed),
        uncertain,
        recorded_nothing: false,
        journal: Some(journal),
    };
    Ok(session.close(&finished, closing).into())
}

/// The run, the path of the undo's report, and what an earlier undo has left there.
fn find(args: &UndoArgs, wait: &LockWait<'_>) -> Result<(PastRun, PathBuf, EarlierUndo), AppError> {
    let mut run = PastRun::open(&args.results, wait)?;
    let possibly_sent = run.recorded.possibly_sent();
    run.find_input(args.input.as_deref(), possibly_sent)?;
    unfinished_import::refuse(&run, args)?;
    config::check_batch(run.api_version, args.sending.pace.batch)?;
    let output = (args.output.clone()).unwrap_or_else(|| report_path(run.path(), "undo", 1));
    config::check_summary(args.sending.summary.as_deref(), &[run.path(), &output])?;
    let earlier = EarlierUndo::find(&output, &run, wait)?;
    Ok((run, output, earlier))
}

/// The closing report of an undo.
struct UndoClosing<'a> {
    run: &'a PastRun,
    plan: &'a UndoPlan,
    report: PathBuf,
    typed: CommandLine,
    uncertain: UncertainRows,
    /// Whether it was stopped before anything was recorded. Then the empty report is removed,
    /// because it would be misleading.
    recorded_nothing: bool,
    /// `Some` until the end is written to the run log.
    journal: Option<Journal>,
}

impl ClosingReport for UndoClosing<'_> {
    fn command(&self) -> &'static str {
        "undo"
    }

    fn figures(&mut self, session: &Session<'_>, finished: &FinishedRows) -> ClosingFigures {
        let journal = self.journal.as_ref();
        let is_empty = journal.is_none_or(Journal::is_empty);
        self.recorded_nothing = is_empty && session.stop().is_requested();
        let totals = PastRunTotals {
            report: (!self.recorded_nothing).then(|| self.report.clone()),
            rows: self.plan.row_count(),
            possibly_bad: self.plan.without_ids + self.uncertain.link_unknown,
            statuses: Status::OF_UNDO,
        };
        self.run.closing_figures(totals, finished)
    }

    /// Ends the session. If nothing was recorded, its files are removed.
    fn write_end(&mut self, summary: &mut Summary) {
        let Some(journal) = self.journal.take() else {
            return;
        };
        if self.recorded_nothing {
            return journal.discard();
        }
        let session_end = journal::SessionEnd {
            at: summary.time.finished_at,
            exit_code: summary.end.exit_code,
            failures: None,
            rows_read: None,
            counters: None,
            under_way: None,
        };
        write_end(journal, session_end);
    }

    fn next_commands(&self, summary: &Summary, reason: EndReason<'_>) -> Vec<SuggestedCommand> {
        let has_failed = summary.rows.outcomes.bad() + self.uncertain.link_unknown > 0;
        if summary.rows.unsettled == 0 && !has_failed {
            return Vec::new();
        }
        let remedy = if has_failed && reason.stop.is_none() {
            "once you have fixed the cause"
        } else {
            closing::remedy(reason)
        };
        let words = format!("next, {remedy}: continue with what is left");
        vec![SuggestedCommand::new(words, &self.typed)]
    }

    fn final_notices(&self) -> Vec<Notice> {
        let input_notice = (self.plan.without_ids > 0).then(|| self.input_notice());
        let unproven_notice = (self.uncertain.unproven > 0).then(|| {
            let rows = plural(self.uncertain.unproven, "row is", "rows are");
            Notice::warning(format!(
                "note: {rows} removed, but not checked, because their records could not be read \
                 (record_not_read): give the token the read scopes, and run verify"
            ))
        });
        input_notice.into_iter().chain(unproven_notice).collect()
    }
}

impl UndoClosing<'_> {
    /// Asks for the input, with which rows without a line can also be undone. An input with keys
    /// does not help.
    fn input_notice(&self) -> Notice {
        let rows = plural(self.plan.without_ids, "row", "rows");
        if self.run.has_keys {
            return Notice::warning(format!(
                "note: {rows} may have been sent, and the results do not have their ids, because \
                 the import was stopped; look in HubSpot whether their records are linked"
            ));
        }
        let line = self.typed.clone().without(&["--input"], &[]);
        let step = SuggestedCommand::new(
            format!(
                "next, for {rows} that may have been sent but have no line in the results: give \
                 the input of the import"
            ),
            line.with_option("--input", "PATH"),
        );
        Notice::warning(step.to_string())
    }
}

/// Shows which run it is about, and what will be done.
fn show_preview(run: &PastRun, preview: &[String], report: &Path, screen: &Screen) {
    let run_info = run.recorded.info();
    let account = run.recorded.account();
    let account = account.map_or_else(String::new, |id| format!(", account {id}"));
    screen.say(&format!(
        "undoing the run started {:.0}, recorded in {} ({}{account}, API {})",
        run_info.at,
        path(run.path()),
        run_info.server.target,
        run.api_version
    ));
    for line in preview {
        screen.say(line);
    }
    screen.say(&format!("writing the report to {}", path(report)));
}

/// What the preview needs to know about how the undo works.
fn preview_facts(run: &PastRun, args: &UndoArgs, session: &Session<'_>) -> UndoFacts {
    let max_links = run.api_version.max_links_per_call();
    UndoFacts {
        kept: 0,
        reads_before_write: run.recorded.info().reads_before_write,
        may_lack_lines: run.recorded.may_lack_lines(),
        keys_remedy: run
            .has_keys
            .then(|| unfinished_import::remedy_in_preview(run, args)),
        input_problem: run
            .rows_from_input
            .as_ref()
            .and_then(RowsFromInput::problem),
        one_link_per_call: args.sending.pace.batch.rows(max_links) == 1,
        max_links_per_call: session
            .delivery
            .caller()
            .api()
            .max_links(LinkOperation::Remove, max_links) as u64,
    }
}

/// Asks for consent: nothing is removed without it.
async fn ask(is_agreed: bool, session: &Session<'_>) -> Result<(), AppError> {
    if is_agreed {
        return Ok(());
    }
    if !ask::is_possible() {
        return Err(AppError::NoTerminal);
    }
    let prompt = "Remove these links? Type yes to remove them: ";
    if ask::is_agreed(prompt, session.stop(), session.screen()).await? {
        Ok(())
    } else {
        Err(AppError::NotAgreed)
    }
}

//! `verify`: reads back every link that a run says exists.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use roaring::RoaringTreemap;

use super::{
    displaced_rows::{self, DisplacedRows},
    preview,
    verify_job::VerifyJob,
};
use crate::{
    app::{
        command_line::CommandLine,
        error::AppError,
        past::{
            closing::{self, PastRunTotals},
            past_run::{PastRun, first_broken, read_once},
        },
        session::{
            closing::{ClosingFigures, ClosingReport, EndReason, FinishedRows},
            command_context::{CommandContext, Console},
            run::Session,
            summary::CommandEnd,
        },
    },
    cli::{ConfigValues, VerifyArgs},
    config, messages,
    output::{
        Recorder, ResultsError, ResultsWriter, Screen, SuggestedCommand, Summary, Tally, TotalRows,
        numbered_path, path, plural, report_path,
    },
    private_file,
    row::Status,
};

/// Verifies a run.
pub(crate) fn verify(args: &VerifyArgs, console: Console<'_>) -> Result<CommandEnd, AppError> {
    let context = CommandContext::start(console, "the next verify starts from the beginning")?;
    let mut run = PastRun::open(&args.results, &context.lock_wait(&args.sending))?;
    run.find_input(args.input.as_deref(), RoaringTreemap::new())?;
    let connection = run.connection(&args.sending.connection)?;
    check(args, &run)?;
    let (caller, destination) = run.caller(&connection, &args.sending, &context.stop)?;
    let session = Session::new(context, destination, caller, &args.sending);
    session.context.block_on(run.resolve_labels(&session))?;
    run.read_id_lines()?;
    let linked = run.recorded.rows().linked();
    let sources = run.sources(&linked)?;
    session.context.start_writing();
    let (report, results) = create(args, &run)?;
    config::empty_summary(args.sending.summary.as_deref())?;
    show_preview(args, &run, &report, console.screen);
    let messages = console.row_messages(run.has_keys);
    let mut recorder = Recorder::new(results, Tally::default(), messages);
    let (rows, readers) = read_once(sources);
    let mut missing = RoaringTreemap::new();
    let job = VerifyJob {
        recorder: &mut recorder,
        missing: &mut missing,
    };
    session.run(rows, TotalRows::Exact(linked.len()), job)?;
    let finished = FinishedRows {
        tally: recorder.finish(),
        broken_input: first_broken(readers),
    };
    if has_no_results(&session, &finished) {
        // If it cannot be removed it stays: it has no rows.
        let _ = fs::remove_file(&report);
    }
    if !session.stop().is_requested() {
        let displaced = displaced_rows::find_displaced_rows(&run, &missing, &session);
        let displaced = session.context.block_on(displaced)?;
        exclude_displaced(&mut missing, displaced, console.screen);
    }
    if session.stop().is_requested() {
        // It is not known which of them a later row displaced. The next verify finds out.
        missing.clear();
    }
    let typed = CommandLine::from_words(console.typed);
    let untyped = untyped_options(args, &typed);
    let closing = VerifyClosing {
        run: &run,
        next_report: next_report(args, &typed, &report),
        typed,
        next_commands: next_commands(&run, &report, &finished, (&missing, &untyped))?,
        report,
    };
    Ok(session.close(&finished, closing).into())
}

/// The configuration file that new commands read: that of the environment, because they do not
/// name one that was typed.
fn untyped_options(args: &VerifyArgs, typed: &CommandLine) -> ConfigValues {
    if typed.has_option("--config") {
        ConfigValues::default()
    } else {
        args.config_file.values.clone()
    }
}

/// The report of the next verification, if it has to be typed: one that the environment or the
/// configuration file names exists by then.
fn next_report(args: &VerifyArgs, typed: &CommandLine, report: &Path) -> Option<PathBuf> {
    let is_typed = typed.has_option("--output") || typed.has_option("-o");
    let free_path = || private_file::first_free(|n| numbered_path(report, n + 1));
    (args.output.is_some() && !is_typed).then(free_path)
}

/// The closing report of a verification.
struct VerifyClosing<'a> {
    run: &'a PastRun,
    typed: CommandLine,
    report: PathBuf,
    /// The report of the next verification, if it has to be typed.
    next_report: Option<PathBuf>,
    next_commands: Vec<SuggestedCommand>,
}

/// Whether it was stopped before anything was recorded. Then the empty report is removed,
/// because it would be misleading.
fn has_no_results(session: &Session<'_>, finished: &FinishedRows) -> bool {
    session.stop().is_requested() && finished.tally.recorded() == 0
}

impl ClosingReport for VerifyClosing<'_> {
    fn command(&self) -> &'static str {
        "verify"
    }

    fn figures(&mut self, session: &Session<'_>, finished: &FinishedRows) -> ClosingFigures {
        let totals = PastRunTotals {
            report: (!has_no_results(session, finished)).then(|| self.report.clone()),
            rows: self.run.recorded.rows().linked().len(),
            possibly_bad: 0,
            statuses: Status::OF_VERIFY,
        };
        self.run.closing_figures(totals, finished)
    }

    fn next_commands(&self, summary: &Summary, reason: EndReason<'_>) -> Vec<SuggestedCommand> {
        let is_unfinished = summary.rows.unsettled > 0;
        let has_unreadable = summary.rows.outcomes.with_status(Status::Unreadable) > 0;
        let again = (is_unfinished || has_unreadable).then(|| {
            // An existing report is never written to again.
            let line = self.typed.clone().without(&["-o", "--output"], &[]);
            let line = match &self.next_report {
                Some(report) => line.with("-o").with_file(report),
                None => line,
            };
            let remedy = if is_unfinished {
                closing::remedy(reason)
            } else {
                "once you have fixed the cause of the unreadable rows"
            };
            SuggestedCommand::new(format!("next, {remedy}: verify again"), line)
        });
        again
            .into_iter()
            .chain(self.next_commands.iter().cloned())
            .collect()
    }
}

/// Leaves out links that must not be made again, because a later row displaced them.
fn exclude_displaced(missing: &mut RoaringTreemap, displaced: DisplacedRows, screen: &Screen) {
    match displaced {
        DisplacedRows::Rows(displaced) if displaced.is_empty() => {}
        DisplacedRows::Rows(displaced) => {
            *missing -= &displaced;
            screen.say(&format!(
                "note: {} missing because a later row replaced them (HubSpot allows only one); do \
                 not create them again",
                plural(displaced.len(), "link is", "links are")
            ));
        }
        DisplacedRows::Unknown(why) => screen.say(&format!(
            "note: association limits set by administrators could not be read ({}); some links may \
             be missing because a later row replaced them",
            messages::failure(&why)
        )),
    }
}

/// What to do about missing links. They get their own file.
fn next_commands(
    run: &PastRun,
    report: &Path,
    finished: &FinishedRows,
    (missing, untyped): (&RoaringTreemap, &ConfigValues),
) -> Result<Vec<SuggestedCommand>, AppError> {
    // Rows by keys that were under way hold up an undo.
    let holds_up_undo = run.has_keys && !run.recorded.rows_under_way().is_empty();
    if run.recorded.is_undone() || holds_up_undo && missing.is_empty() {
        return Ok(Vec::new());
    }
    let present = finished.tally.counts().with_status(Status::Present);
    if present > 0 && present == run.recorded.rows().linked().len() {
        return Ok(vec![preview::undo_command(run, untyped)?]);
    }
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let file = preview::write_missing(run, report, missing)?;
    Ok(vec![preview::import_command(
        run,
        (&file, missing.len()),
        untyped,
    )?])
}

fn show_preview(args: &VerifyArgs, run: &PastRun, report: &Path, screen: &Screen) {
    let rows = run.recorded.rows().linked().len();
    let run_info = run.recorded.info();
    screen.say(&format!(
        "verifying the run started {:.0}, recorded in {}: {}",
        run_info.at,
        path(run.path()),
        plural(rows, "link", "links"),
    ));
    for line in preview::run_notes(&run.recorded) {
        screen.say(&line);
    }
    screen.say(&format!(
        "asking HubSpot (API {}) at {}, {}",
        run.api_version,
        run_info.server.target,
        preview::estimate(rows, run, &args.sending)
    ));
    screen.say(&format!("writing the report to {}", path(report)));
}

/// Refuses a summary that would replace a file that is read or written.
fn check(args: &VerifyArgs, run: &PastRun) -> Result<(), AppError> {
    let first = report_path(run.path(), "verify", 1);
    let report = args.output.as_deref().unwrap_or(&first);
    config::check_summary(args.sending.summary.as_deref(), &[run.path(), report])?;
    Ok(())
}

/// The report, in a new file.
fn create(args: &VerifyArgs, run: &PastRun) -> Result<(PathBuf, ResultsWriter<File>), AppError> {
    let (report, file) = create_file(args, run.path())?;
    let run_info = run.recorded.info();
    let columns = run_info.results_format.columns.iter().collect();
    let delimiter = run_info.results_format.delimiter_byte();
    let results = ResultsWriter::create(
        file,
        &report,
        &columns,
        delimiter,
        run_info.results_format.bom,
    )?;
    Ok((report, results))
}

/// A new file. Earlier reports are never overwritten.
fn create_file(args: &VerifyArgs, results: &Path) -> Result<(PathBuf, File), AppError> {
    let created = match &args.output {
        Some(path) => (private_file::create_new().open(path))
            .map(|file| (path.clone(), file))
            .map_err(|error| (path.clone(), error)),
        None => private_file::create_first(|n| report_path(results, "verify", n)),
    };
    Ok(created.map_err(|(path, error)| ResultsError::Create(path, error))?)
}

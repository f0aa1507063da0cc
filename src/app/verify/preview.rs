//! What a verification shows before it begins, and what follows if links are missing: a file
//! for import, and the command for it.

use std::path::{Path, PathBuf};

use roaring::RoaringTreemap;

use crate::{
    app::{
        command_line::CommandLine,
        error::AppError,
        past::{past_run::PastRun, recorded_options},
        preview::preview_lines::expected_time,
    },
    cli::{ConfigValues, RunOption, RunOptions, SendingArgs},
    config,
    journal::RecordedRun,
    output::{
        ResultsError, SuggestedCommand, copy_report_rows, duration, number, path, plural,
        report_path,
    },
    private_file,
    row::Status,
};

/// Notes on the run, apart from the links that are read back.
pub(super) fn run_notes(past: &RecordedRun) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(at) = past.undone_at() {
        lines.push(format!(
            "note: this run was undone at {at:.0}; the links that undo removed are missing"
        ));
    }
    if past.may_lack_lines() {
        lines.push(
            "note: the import was killed, so it may have sent rows that have no line in the results; \
             to be sure, complete it first (import --resume), then run verify again"
                .to_owned(),
        );
    }
    let counts = past.rows().counts();
    let not_verified = [
        (counts[Status::Failed], "failed"),
        (counts[Status::Invalid], "invalid"),
        (past.possibly_sent().len(), "possibly sent"),
        (past.unsent_count(), "not sent"),
    ];
    let parts = not_verified.iter().filter(|(rows, _)| *rows > 0);
    let parts: Vec<_> = parts
        .map(|(rows, word)| format!("{} {word}", number(*rows)))
        .collect();
    let rows = not_verified.iter().map(|(rows, _)| rows).sum();
    if rows > 0 {
        lines.push(format!(
            "only rows that succeeded are verified; {} not: {}",
            plural(rows, "row is", "rows are"),
            parts.join(", ")
        ));
    }
    lines
}

/// How many calls it takes, and how long.
pub(super) fn estimate(rows: u64, run: &PastRun, sending: &SendingArgs) -> String {
    let calls = rows.div_ceil(run.api_version.rows_per_read() as u64);
    let time = expected_time(calls, sending.pace.rate.0);
    let time = time.map_or_else(String::new, |time| format!(": about {}", duration(time)));
    // The account, further pages and merged records need calls of their own.
    format!("at least {}{time}", plural(calls, "call", "calls"))
}

/// Writes the report's rows with missing links to a separate file.
pub(super) fn write_missing(
    run: &PastRun,
    report: &Path,
    rows: &RoaringTreemap,
) -> Result<PathBuf, ResultsError> {
    let created = private_file::create_first(|n| report_path(run.path(), "missing", n));
    let (path, file) = created.map_err(|(path, error)| ResultsError::Create(path, error))?;
    let delimiter = run.recorded.info().results_format.delimiter_byte();
    copy_report_rows(report, delimiter, rows, file, &path)?;
    Ok(path)
}

/// The command that makes the missing links again, with what a configuration
/// file says that is not typed.
pub(super) fn import_command(
    run: &PastRun,
    (file, rows): (&Path, u64),
    untyped: &ConfigValues,
) -> Result<SuggestedCommand, AppError> {
    let info = run.recorded.info();
    let mut line = CommandLine::new("import").with_file(file);
    line = line.with_option("--api", &info.server.api);
    let options = recorded_options::options(&run.recorded)?;
    // Missing links cannot be skipped as existing.
    let meaning = config::LINK_OPTIONS.iter();
    let meaning = meaning.filter(|option| **option != RunOption::SkipExisting);
    line = with_recorded(line, &options, meaning.chain(KEPT));
    if options.get(RunOption::BaseUrl).is_some() {
        line = line.with_option("--base-url", &info.server.target);
    }
    line = line.for_written_file(untyped);
    if untyped.get("results").is_some() {
        line = line
            .with("-o")
            .with_file(&file.with_extension("results.csv"));
    }
    let words = format!(
        "next: {} has {}; to create them again",
        path(file),
        plural(rows, "link that is missing", "links that are missing")
    );
    Ok(SuggestedCommand::new(words, line))
}

/// What can be done with a run whose links all exist, with what a configuration
/// file says that is not typed.
pub(super) fn undo_command(
    run: &PastRun,
    untyped: &ConfigValues,
) -> Result<SuggestedCommand, AppError> {
    let undo = CommandLine::new("undo").with_file(run.path());
    let options = recorded_options::options(&run.recorded)?;
    let mut line = with_recorded(undo, &options, KEPT);
    // The report of this verification is there.
    if untyped.get("output").is_some() {
        line = line
            .with("-o")
            .with_file(&report_path(run.path(), "undo", 1));
    }
    let words = "every imported link exists; to remove the links that this import created";
    Ok(SuggestedCommand::new(words, line))
}

/// Options of the run that any command about it may need.
const KEPT: &[RunOption] = &[RunOption::Batch, RunOption::TokenFile, RunOption::CaFile];

/// Adds these options as they are recorded.
fn with_recorded<'a>(
    line: CommandLine,
    recorded: &RunOptions,
    kept: impl IntoIterator<Item = &'a RunOption>,
) -> CommandLine {
    kept.into_iter()
        .fold(line, |line, option| match recorded.get(*option) {
            Some(text) => line.with_run_option(*option, text),
            None => line,
        })
}

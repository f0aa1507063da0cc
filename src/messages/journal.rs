//! Sentences about the files of a run: each says what, where and the remedy.

use std::{io, path::Path};

use crate::{
    journal::{FileChange, InputDifference, JournalError, SavedResultsError},
    output::{ResultsError, path},
};

/// What another program did to a file.
const REPLACED: &str = "another program replaced, moved or cut it or its .run file while the run \
                        was writing; restore the file";

/// Why results cannot be written.
#[must_use]
pub fn results(error: &ResultsError) -> String {
    match error {
        ResultsError::Create(path, error) => cannot_create(path, error),
        ResultsError::Write(path, error) => {
            format!("{} could not be written: {error}", path.display())
        }
    }
}

/// Why a file cannot be explained. `instead` is the file that is meant, if it was found.
#[must_use]
pub fn not_results(file: &Path, fault: &SavedResultsError, instead: Option<&Path>) -> String {
    let name = path(file);
    let problem = match fault {
        SavedResultsError::NotFound => format!("{name} does not exist"),
        SavedResultsError::NotAFile => format!("{name} is not a file"),
        SavedResultsError::Workbook => format!("{name} is a workbook, and results are CSV"),
        SavedResultsError::Columns(column) => {
            format!("{name} has no column {column}, so it is not a results file")
        }
        SavedResultsError::TooLongLine => {
            format!("{name} has a line that is too long (a quote that is never closed?)")
        }
        SavedResultsError::Io(error) => format!("{name} cannot be read: {error}"),
    };
    let remedy = instead.map_or_else(
        || "give the results file that import wrote (it ends in .results.csv)".to_owned(),
        |instead| format!("give {}", path(instead)),
    );
    format!("{problem}; {remedy}")
}

/// Why the files of a run cannot be used.
#[must_use]
pub fn journal(error: &JournalError) -> String {
    match error {
        JournalError::Exists(path) => already_exists(path),
        JournalError::InUse(path) => in_use(path),
        JournalError::Create(path, error) => cannot_create(path, error),
        JournalError::Read(path, error) => format!("{} cannot be read: {error}", path.display()),
        JournalError::Write(path, error) => write_failed(path, &error.to_string()),
        JournalError::NotAFile(path) => not_a_file(path),
        JournalError::NoRunLogToResume { results, run_log } => {
            no_run_log_to_resume(results, run_log)
        }
        JournalError::NoResults(path) => format!(
            "{} does not exist; give the results file of the run",
            path.display()
        ),
        JournalError::NoRunLogToRead { results, run_log } => no_run_log_to_read(results, run_log),
        JournalError::NotARunLog(path) => not_a_run_log(path),
        JournalError::DamagedRunLog { path, line } => run_log_damaged(path, *line),
        JournalError::NewerFormat {
            path,
            format,
            known,
        } => newer_format(path, *format, *known),
        JournalError::NewerColumn { path, column } => newer_column(path, column),
        JournalError::Resaved(path) => results_resaved(path),
        JournalError::Altered { path, known } => results_altered(path, *known),
        JournalError::Truncated {
            path,
            length,
            known,
        } => results_truncated(path, *length, *known),
        JournalError::NotAsWritten { path, change } => not_as_written(path, change),
        JournalError::Replaced(path) => file_replaced(path),
        JournalError::OtherInput { results, how } => other_input(results, how),
    }
}

/// The sentence for commands that only read a run: without the advice that is for resuming an
/// import.
#[must_use]
pub fn journal_without_resume_advice(error: &JournalError) -> String {
    if let JournalError::OtherInput { how, .. } = error {
        return input_difference(how);
    }
    error
        .file_change()
        .as_ref()
        .map_or_else(|| journal(error), file_change)
}

/// This file could not be written.
pub(super) fn write_failed(path: &Path, why: &str) -> String {
    format!("{} could not be written: {why}", path.display())
}

/// Another program changed this file.
pub(super) fn file_replaced(path: &Path) -> String {
    write_failed(path, REPLACED)
}

fn already_exists(path: &Path) -> String {
    format!(
        "the results file {} already exists and is never overwritten; continue that run with \
         --resume, or choose another file with --results",
        path.display()
    )
}

fn in_use(path: &Path) -> String {
    format!(
        "another run is using {}; run this again later, or wait for it (--wait-for-lock 10min)",
        path.display()
    )
}

/// This file cannot be created.
pub(super) fn cannot_create(path: &Path, error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound {
        return format!(
            "{} cannot be created, because its folder does not exist; create the folder, or choose \
             another file (-o)",
            path.display()
        );
    }
    format!(
        "{} cannot be created: {error}; choose another file (-o)",
        path.display()
    )
}

/// Something else is at this path.
pub(super) fn not_a_file(path: &Path) -> String {
    format!(
        "{} is a symbolic link or not a file; give the path of the file itself, or choose another \
         file (-o)",
        path.display()
    )
}

fn no_run_log_to_resume(results: &Path, run_log: &Path) -> String {
    format!(
        "{} cannot be resumed: {} is missing or incomplete; restore it next to the results, or \
         start again with another file (-o)",
        results.display(),
        run_log.display()
    )
}

fn no_run_log_to_read(results: &Path, run_log: &Path) -> String {
    format!(
        "{} is missing or incomplete; keep it in the same folder as the results. (Is {} the \
         .results.csv file of an import?)",
        run_log.display(),
        results.display()
    )
}

fn not_a_run_log(path: &Path) -> String {
    format!(
        "{} should be the log of a run but is another file, and is never overwritten; move it \
         away, or choose another file (-o)",
        path.display()
    )
}

fn run_log_damaged(path: &Path, line: u64) -> String {
    format!(
        "{} is damaged on line {line}; restore a copy, or start again with another file (-o)",
        path.display()
    )
}

fn newer_format(path: &Path, format: u32, known: u32) -> String {
    format!(
        "{} was written by a newer version of hubassoc (format {format}, this one reads up to \
         {known}); use that version",
        path.display()
    )
}

fn newer_column(path: &Path, column: &str) -> String {
    format!(
        "{} was written by a newer version of hubassoc (its results have the column {column}, \
         which this version does not know); use that version",
        path.display()
    )
}

fn results_resaved(path: &Path) -> String {
    format!(
        "{} was saved by another program, such as a spreadsheet, and is no longer the file that \
         the run wrote; restore a copy from before, or start again with another file (-o)",
        path.display()
    )
}

fn results_altered(path: &Path, known: u64) -> String {
    format!(
        "{} was changed after the run wrote it (before byte {known}); restore a copy from before, \
         or start again with another file (-o)",
        path.display()
    )
}

fn results_truncated(path: &Path, length: u64, known: u64) -> String {
    format!(
        "{} has {length} bytes, but the run had written {known}: it was cut or replaced; restore a \
         copy from before, or start again with another file (-o)",
        path.display()
    )
}

fn not_as_written(path: &Path, change: &FileChange) -> String {
    format!(
        "{} was changed after the run wrote it: {}; restore a copy from before. (You can open \
         results in a spreadsheet; save them under another name.)",
        path.display(),
        file_change(change)
    )
}

fn other_input(results: &Path, how: &InputDifference) -> String {
    let remedy = match how {
        InputDifference::Columns { .. } => {
            "; use the original file, or start again with another results file (-o)"
        }
        InputDifference::Row { .. } => {
            "; rows that are already done must not change or move (add new rows at the end); \
             restore the file, or start again with another results file (-o)"
        }
        InputDifference::Shorter { .. } => {
            "; restore the file, or start again with another results file (-o)"
        }
        InputDifference::FewerRows { .. } => {
            "; restore the whole file, or start again with another results file (-o)"
        }
        InputDifference::Smaller { .. } => {
            ", so rows may be missing; restore the whole file, or start again with another results \
             file (-o)"
        }
    };
    format!(
        "the input is not the one that {} records: {}{remedy}",
        results.display(),
        input_difference(how)
    )
}

/// What is wrong with an input.
fn input_difference(how: &InputDifference) -> String {
    match how {
        InputDifference::Columns { current, recorded } => {
            format!("its columns are {current}; they were {recorded}")
        }
        InputDifference::Row {
            row,
            line,
            recorded,
        } => {
            let recorded = recorded
                .as_ref()
                .map_or_else(String::new, |recorded| format!(" (it was: {recorded})"));
            format!("row {row} (line {line}) has changed since the run{recorded}")
        }
        InputDifference::Shorter { rows, recorded } => {
            format!("it ends with row {rows}, but row {recorded} is already done")
        }
        InputDifference::FewerRows { rows, seen } => {
            format!("it ends with row {rows}, but had at least {seen} rows when the run read it")
        }
        InputDifference::Smaller { current, recorded } => {
            format!("it has {current} bytes, but had {recorded} when the run last read it")
        }
    }
}

/// What is wrong with a file of a run.
fn file_change(change: &FileChange) -> String {
    match change {
        FileChange::Resaved => "another program saved it and changed cells".to_owned(),
        FileChange::Altered => "it was changed".to_owned(),
        FileChange::Truncated { length, known } => {
            format!("it has {length} bytes, but the run had written {known}")
        }
        FileChange::Damaged { line } => format!("it is damaged on line {line}"),
        FileChange::NoLog => "it is not the log of a run".to_owned(),
        FileChange::Columns => "its columns are not the columns of the run".to_owned(),
        FileChange::Rows(from, to) => format!(
            "among rows {from} to {to}, statuses or codes were changed, or lines are missing or new"
        ),
    }
}

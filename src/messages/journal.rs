//! Sentences about the files of a run: each says what, where and the remedy.

use std::{io, path::Path};

use crate::{
    journal::{FileChange, InputDifference, JournalError},
    output::ResultsError,
};

/// What another program has done to a file.
const REPLACED: &str = "it or its .run was replaced, moved or cut by another program while the \
                        run was writing; put it back";

/// Why results cannot be written.
#[must_use]
pub fn results(error: &ResultsError) -> String {
    match error {
        ResultsError::Create(path, error) => format!(
            "{} cannot be created: {error}; name another file (-o)",
            path.display()
        ),
        ResultsError::Write(path, error) => {
            format!("{} could not be written: {error}", path.display())
        }
    }
}

/// Why the files of a run cannot be used.
#[must_use]
pub fn journal(error: &JournalError) -> String {
    match error {
        JournalError::Exists(path) => exists(path),
        JournalError::InUse(path) => in_use(path),
        JournalError::Create(path, error) => create(path, error),
        JournalError::Read(path, error) => format!("{} cannot be read: {error}", path.display()),
        JournalError::Write(path, error) => unwritten(path, &error.to_string()),
        JournalError::NotAFile(path) => not_a_file(path),
        JournalError::NoRunLogToResume {
            results,
            run_log: companion,
        } => no_companion(results, companion),
        JournalError::NoResults(path) => format!(
            "there is no {}; give the results file of the run",
            path.display()
        ),
        JournalError::NoRunLogToRead {
            results,
            run_log: companion,
        } => alone(results, companion),
        JournalError::NotARunLog(path) => foreign(path),
        JournalError::DamagedRunLog { path, line } => damaged(path, *line),
        JournalError::NewerFormat {
            path,
            format,
            known,
        } => newer(path, *format, *known),
        JournalError::NewerColumn { path, column } => newer_column(path, column),
        JournalError::Resaved(path) => resaved(path),
        JournalError::Altered { path, known } => altered(path, *known),
        JournalError::Truncated {
            path,
            length,
            known,
        } => cut(path, *length, *known),
        JournalError::NotAsWritten { path, change: flaw } => not_as_written(path, flaw),
        JournalError::Replaced(path) => replaced(path),
        JournalError::OtherInput { results, how } => other_input(results, how),
    }
}

/// What it says of an input, or of a file that a command only looks at, without the advice
/// that is for an import that goes on.
#[must_use]
pub fn journal_of_undo(error: &JournalError) -> String {
    if let JournalError::OtherInput { how, .. } = error {
        return difference(how);
    }
    error
        .file_change()
        .as_ref()
        .map_or_else(|| journal(error), flawed)
}

/// This file could not be written.
pub(super) fn unwritten(path: &Path, why: &str) -> String {
    format!("{} could not be written: {why}", path.display())
}

/// Another program has touched this file.
pub(super) fn replaced(path: &Path) -> String {
    unwritten(path, REPLACED)
}

fn exists(path: &Path) -> String {
    format!(
        "the results file {} exists already and is never overwritten; --resume goes on with the \
         run that it records, or name another with --results",
        path.display()
    )
}

fn in_use(path: &Path) -> String {
    format!(
        "another run has {} in use at this moment; run this again later, or let it wait \
         (--wait-for-lock 10min)",
        path.display()
    )
}

fn create(path: &Path, error: &io::Error) -> String {
    format!(
        "{} cannot be created: {error}; name another file (-o)",
        path.display()
    )
}

fn not_a_file(path: &Path) -> String {
    format!(
        "{} is a link or no file; give the path that it leads to, or another (-o)",
        path.display()
    )
}

fn no_companion(results: &Path, companion: &Path) -> String {
    format!(
        "{} has no {} beside it, which says what was run, so that it cannot be gone \
         on with; put that file back, or start afresh with another file (-o)",
        results.display(),
        companion.display()
    )
}

fn alone(results: &Path, companion: &Path) -> String {
    format!(
        "{} has no {} beside it, which says where the run wrote to; put it there, or \
         give the results file of an import, if this is none (a report of verify, say)",
        results.display(),
        companion.display()
    )
}

fn foreign(path: &Path) -> String {
    format!(
        "{} is where a run keeps its memory, but holds something else, which is never \
         overwritten; move it away, or name another file (-o)",
        path.display()
    )
}

fn damaged(path: &Path, line: u64) -> String {
    format!(
        "{} is damaged on line {line}; put a copy of it back, or start afresh with another \
         file (-o)",
        path.display()
    )
}

fn newer(path: &Path, format: u32, known: u32) -> String {
    format!(
        "{} is of a newer version of this program (format {format}, this one knows \
         {known}); use that version",
        path.display()
    )
}

fn newer_column(path: &Path, column: &str) -> String {
    format!(
        "{} is of a newer version of this program (its results have the column {column}, \
         which this one does not know); use that version",
        path.display()
    )
}

fn resaved(path: &Path) -> String {
    format!(
        "{} has been saved by another program, such as a spreadsheet, and is not the file that \
         the run wrote; put a copy from before back, or keep it and start afresh with another \
         file (-o)",
        path.display()
    )
}

fn altered(path: &Path, known: u64) -> String {
    format!(
        "{} is not as the run wrote it: it differs before byte {known}, which was safely on \
         the disk; put a copy from before back, or keep it and start afresh with another \
         file (-o)",
        path.display()
    )
}

fn cut(path: &Path, length: u64, known: u64) -> String {
    format!(
        "{} has {length} bytes, and {known} were safely on the disk: it was cut or replaced; \
         put a copy from before back, or start afresh with another file (-o)",
        path.display()
    )
}

fn not_as_written(path: &Path, flaw: &FileChange) -> String {
    format!(
        "{} is not as the run wrote it: {}; put a copy from before back (a spreadsheet may open \
         the results, and save a copy under another name)",
        path.display(),
        flawed(flaw)
    )
}

fn other_input(results: &Path, how: &InputDifference) -> String {
    let remedy = match how {
        InputDifference::Columns { .. } => {
            "; give the file as it was, or start afresh with another file (-o)"
        }
        InputDifference::Row { .. } => {
            "; rows that are recorded may not change or move (new ones go to the end); restore the \
             file, or start afresh with another file (-o)"
        }
        InputDifference::Shorter { .. } => {
            "; restore the file, or start afresh with another file (-o)"
        }
        InputDifference::FewerRows { .. } => {
            "; put the whole file back, or start afresh with another file (-o)"
        }
        InputDifference::Smaller { .. } => {
            ", so rows may be missing from it; put the whole file back, or start afresh with \
             another file (-o)"
        }
    };
    format!(
        "the input is not the one that {} records: {}{remedy}",
        results.display(),
        difference(how)
    )
}

/// What is wrong with an input.
fn difference(how: &InputDifference) -> String {
    match how {
        InputDifference::Columns { now, then } => format!("its columns are {now}, and were {then}"),
        InputDifference::Row { row, line, then } => {
            format!("row {row} (line {line}) does not read as it did, when its line was {then}")
        }
        InputDifference::Shorter { rows, recorded } => {
            format!("it ends with row {rows}, and row {recorded} is recorded")
        }
        InputDifference::FewerRows { rows, seen } => {
            format!("it ends with row {rows}, and had {seen} rows or more when the run read it")
        }
        InputDifference::Smaller { now, then } => {
            format!("it has {now} bytes, and had {then} when the run last read it")
        }
    }
}

/// What is wrong with a file of a run.
fn flawed(flaw: &FileChange) -> String {
    match flaw {
        FileChange::Resaved => {
            "another program has saved it, and cells are not as they were".to_owned()
        }
        FileChange::Altered => "it was changed".to_owned(),
        FileChange::Truncated { length, known } => {
            format!("it has {length} bytes, and {known} were safely on the disk")
        }
        FileChange::Damaged { line } => format!("it is damaged on line {line}"),
        FileChange::NoLog => "it is no log of a run".to_owned(),
        FileChange::Columns => "its columns are not those of the run".to_owned(),
        FileChange::Rows(from, to) => format!(
            "among the rows {from} to {to} are some whose status or code was changed, or that are \
             missing or new"
        ),
    }
}

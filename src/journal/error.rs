//! Why a run cannot be begun, or not gone on with: each sentence says what,
//! where and the remedy, and nothing has been touched.

use std::{io, path::PathBuf};

/// Why the files of a run cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "every variant is its own sentence")]
pub enum JournalError {
    #[error(
        "the results file {0} exists already and is never overwritten; --resume goes on with the \
         run that it records, or name another with --results"
    )]
    Exists(PathBuf),
    #[error(
        "another run has {0} in use at this moment; run this again later, or let it wait \
         (--wait-for-lock 10min)"
    )]
    InUse(PathBuf),
    #[error("{0} cannot be created: {1}; name another file (-o)")]
    Create(PathBuf, #[source] io::Error),
    #[error("{0} cannot be read: {1}")]
    Read(PathBuf, #[source] io::Error),
    #[error("{0} could not be written: {1}")]
    Write(PathBuf, #[source] io::Error),
    #[error("{0} is a link or no file; give the path that it leads to, or another (-o)")]
    NotAFile(PathBuf),
    #[error(
        "{results} has no {companion} beside it, which says what was run, so that it cannot be gone \
         on with; put that file back, or start afresh with another file (-o)"
    )]
    NoCompanion {
        results: PathBuf,
        companion: PathBuf,
    },
    #[error("there is no {0}; give the results file of the run")]
    NoResults(PathBuf),
    #[error(
        "{results} has no {companion} beside it, which says where the run wrote to; put it there, or \
         give the results file of an import, if this is none (a report of verify, say)"
    )]
    Alone {
        results: PathBuf,
        companion: PathBuf,
    },
    #[error(
        "{0} is where a run keeps its memory, but holds something else, which is never \
         overwritten; move it away, or name another file (-o)"
    )]
    Foreign(PathBuf),
    #[error(
        "{path} is damaged on line {line}; put a copy of it back, or start afresh with another \
         file (-o)"
    )]
    Companion { path: PathBuf, line: u64 },
    #[error(
        "{path} is of a newer version of this program (format {format}, this one knows \
         {known}); use that version"
    )]
    Newer {
        path: PathBuf,
        format: u32,
        known: u32,
    },
    #[error(
        "{path} is of a newer version of this program (its results have the column {column}, \
         which this one does not know); use that version"
    )]
    NewerColumn { path: PathBuf, column: String },
    #[error(
        "{0} has been saved by another program, such as a spreadsheet, and is not the file that \
         the run wrote; put a copy from before back, or keep it and start afresh with another \
         file (-o)"
    )]
    Resaved(PathBuf),
    #[error(
        "{path} is not as the run wrote it: it differs before byte {known}, which was safely on \
         the disk; put a copy from before back, or keep it and start afresh with another \
         file (-o)"
    )]
    Altered { path: PathBuf, known: u64 },
    #[error(
        "{path} has {length} bytes, and {known} were safely on the disk: it was cut or replaced; \
         put a copy from before back, or start afresh with another file (-o)"
    )]
    Cut {
        path: PathBuf,
        length: u64,
        known: u64,
    },
    #[error(
        "{path} is not as the run wrote it: {why}; put a copy from before back (a spreadsheet may open \
         the results, and save a copy under another name)"
    )]
    NotAsWritten { path: PathBuf, why: String },
    #[error(
        "the input is not the one that {results} records: its columns are {now}, and were {then}; \
         give the file as it was, or start afresh with another file (-o)"
    )]
    Columns {
        results: PathBuf,
        now: String,
        then: String,
    },
    #[error(
        "the input is not the one that {results} records: row {row} (line {line}) does \
         not read as it did, when its line was {then}; rows that are recorded may not change or \
         move (new ones go to the end); restore the file, or start afresh with another file (-o)"
    )]
    Row {
        results: PathBuf,
        row: u64,
        line: u64,
        then: String,
    },
    #[error(
        "the input is not the one that {results} records: it ends with row {rows}, and row \
         {recorded} is recorded; restore the file, or start afresh with another file (-o)"
    )]
    Shorter {
        results: PathBuf,
        rows: u64,
        recorded: u64,
    },
    #[error(
        "the input is not the one that {results} records: it ends with row {rows}, and had {seen} \
         rows or more when the run read it; put the whole file back, or start afresh with another \
         file (-o)"
    )]
    FewerRows {
        results: PathBuf,
        rows: u64,
        seen: u64,
    },
    #[error(
        "the input is not the one that {results} records: it has {now} bytes, and had {then} when \
         the run last read it, so rows may be missing from it; put the whole file back, or start \
         afresh with another file (-o)"
    )]
    Smaller {
        results: PathBuf,
        now: u64,
        then: u64,
    },
}

impl JournalError {
    /// What it says of an input, without the advice that is for an import that goes on.
    #[must_use]
    pub fn of_undo(&self) -> String {
        self.bare().unwrap_or_else(|| self.to_string())
    }

    /// What it means to a command that only looks at the run: what an import could
    /// do is no advice for it.
    pub(super) fn of_past(self) -> Self {
        if let Self::Resaved(path)
        | Self::Foreign(path)
        | Self::Altered { path, .. }
        | Self::Cut { path, .. }
        | Self::Companion { path, .. } = &self
            && let Some(why) = self.bare()
        {
            let path = path.clone();
            return Self::NotAsWritten { path, why };
        }
        self
    }

    /// What is wrong with a file, without its path, and without the advice that is for an
    /// import.
    fn bare(&self) -> Option<String> {
        Some(match self {
            Self::Columns { now, then, .. } => {
                format!("its columns are {now}, and were {then}")
            }
            Self::Row {
                row, line, then, ..
            } => {
                format!("row {row} (line {line}) does not read as it did, when its line was {then}")
            }
            Self::Shorter { rows, recorded, .. } => {
                format!("it ends with row {rows}, and row {recorded} is recorded")
            }
            Self::FewerRows { rows, seen, .. } => {
                format!("it ends with row {rows}, and had {seen} rows or more when the run read it")
            }
            Self::Smaller { now, then, .. } => {
                format!("it has {now} bytes, and had {then} when the run last read it")
            }
            Self::Resaved(_) => {
                "another program has saved it, and cells are not as they were".to_owned()
            }
            Self::Altered { .. } => "it was changed".to_owned(),
            Self::Cut { length, known, .. } => {
                format!("it has {length} bytes, and {known} were safely on the disk")
            }
            Self::Companion { line, .. } => format!("it is damaged on line {line}"),
            Self::Foreign(_) => "it is no log of a run".to_owned(),
            Self::Exists(_)
            | Self::InUse(_)
            | Self::Create(..)
            | Self::Read(..)
            | Self::Write(..)
            | Self::NotAFile(_)
            | Self::NoCompanion { .. }
            | Self::NoResults(_)
            | Self::Alone { .. }
            | Self::Newer { .. }
            | Self::NewerColumn { .. }
            | Self::NotAsWritten { .. } => return None,
        })
    }

    /// Whether it is a failed write, and not a refusal: trying again later may
    /// help.
    #[must_use]
    pub fn is_write(&self) -> bool {
        if let Self::Create(_, error) = self {
            return matches!(
                error.kind(),
                io::ErrorKind::StorageFull
                    | io::ErrorKind::QuotaExceeded
                    | io::ErrorKind::FileTooLarge
            );
        }
        matches!(self, Self::Write(..))
    }
}

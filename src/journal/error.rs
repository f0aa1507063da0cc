//! Why a run cannot begin or resume. In all these cases no file was changed.

use std::{io, path::PathBuf};

/// Why the files of a run cannot be used.
#[derive(Debug)]
#[expect(missing_docs, reason = "fields are what their names say")]
pub enum JournalError {
    /// The results file exists. It is never overwritten.
    Exists(PathBuf),
    /// Another run has the files locked.
    InUse(PathBuf),
    /// A file cannot be created.
    Create(PathBuf, io::Error),
    /// A file cannot be read.
    Read(PathBuf, io::Error),
    /// A file cannot be written.
    Write(PathBuf, io::Error),
    /// It is a symbolic link, or not a regular file.
    NotAFile(PathBuf),
    /// There is no run log beside the results, so the run cannot be resumed.
    NoRunLogToResume { results: PathBuf, run_log: PathBuf },
    /// There is no results file.
    NoResults(PathBuf),
    /// There is no run log beside the results, so the run cannot be read.
    NoRunLogToRead { results: PathBuf, run_log: PathBuf },
    /// The file in the run log's place is something else.
    NotARunLog(PathBuf),
    /// The run log is damaged.
    DamagedRunLog { path: PathBuf, line: u64 },
    /// The run log was written by a newer version of this program.
    NewerFormat {
        path: PathBuf,
        format: u32,
        known: u32,
    },
    /// The results were written by a newer version of this program.
    NewerColumn { path: PathBuf, column: String },
    /// Another program has saved the results.
    Resaved(PathBuf),
    /// The results differ from what was written.
    Altered { path: PathBuf, known: u64 },
    /// The results are shorter than what was known to be on the disk.
    Truncated {
        path: PathBuf,
        length: u64,
        known: u64,
    },
    /// The files are not as the run wrote them. For commands that only read the run.
    NotAsWritten { path: PathBuf, change: FileChange },
    /// The input is not the one that the results record.
    OtherInput {
        results: PathBuf,
        how: InputDifference,
    },
    /// A file was replaced, moved or cut while the run was writing.
    Replaced(PathBuf),
}

/// How a file differs from what the run wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// Another program has saved it, and its cells have changed.
    Resaved,
    /// It was changed.
    Altered,
    /// It is shorter.
    Truncated {
        /// Its length in bytes.
        length: u64,
        /// Bytes that were known to be on the disk.
        known: u64,
    },
    /// A line cannot be read.
    Damaged {
        /// From 1.
        line: u64,
    },
    /// It is not a run log.
    NoLog,
    /// Its columns are not the run's columns.
    Columns,
    /// In this range of rows, a status or code has changed, or a row is missing or new.
    Rows(u64, u64),
}

/// How an input differs from the one that a run recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputDifference {
    /// It has other columns.
    Columns {
        /// The columns of the input, safe to show.
        current: String,
        /// The recorded columns, safe to show.
        recorded: String,
    },
    /// A row has changed.
    Row {
        /// From 1.
        row: u64,
        /// The line in the file, from 1.
        line: u64,
        /// The row as it was recorded, safe to show. `None` if no cell is shown.
        recorded: Option<String>,
    },
    /// It has fewer rows than were recorded.
    Shorter {
        /// Rows that it has.
        rows: u64,
        /// The highest recorded row.
        recorded: u64,
    },
    /// It has fewer rows than the run read.
    FewerRows {
        /// Rows that it has.
        rows: u64,
        /// The run has read this many rows, or more.
        seen: u64,
    },
    /// It has fewer bytes than the run read.
    Smaller {
        /// Its bytes now.
        current: u64,
        /// Its bytes when the run read it.
        recorded: u64,
    },
}

impl JournalError {
    /// This failure as a command reports it that only reads the run, where advice on resuming is
    /// useless.
    pub(super) fn into_read_only_error(self) -> Self {
        if let Self::Resaved(path)
        | Self::NotARunLog(path)
        | Self::Altered { path, .. }
        | Self::Truncated { path, .. }
        | Self::DamagedRunLog { path, .. } = &self
            && let Some(change) = self.file_change()
        {
            let path = path.clone();
            return Self::NotAsWritten { path, change };
        }
        self
    }

    /// How a file of the run differs from what it wrote, if that is the problem.
    #[must_use]
    pub fn file_change(&self) -> Option<FileChange> {
        Some(match self {
            Self::Resaved(_) => FileChange::Resaved,
            Self::Altered { .. } => FileChange::Altered,
            Self::Truncated { length, known, .. } => FileChange::Truncated {
                length: *length,
                known: *known,
            },
            Self::DamagedRunLog { line, .. } => FileChange::Damaged { line: *line },
            Self::NotARunLog(_) => FileChange::NoLog,
            Self::Exists(_)
            | Self::InUse(_)
            | Self::Create(..)
            | Self::Read(..)
            | Self::Write(..)
            | Self::Replaced(_)
            | Self::NotAFile(_)
            | Self::NoRunLogToResume { .. }
            | Self::NoResults(_)
            | Self::NoRunLogToRead { .. }
            | Self::NewerFormat { .. }
            | Self::NewerColumn { .. }
            | Self::NotAsWritten { .. }
            | Self::OtherInput { .. } => return None,
        })
    }

    /// Whether a write failed, so that trying again later may help. Refusals are not write
    /// failures.
    #[must_use]
    pub fn is_write_failure(&self) -> bool {
        if let Self::Create(_, error) = self {
            return matches!(
                error.kind(),
                io::ErrorKind::StorageFull
                    | io::ErrorKind::QuotaExceeded
                    | io::ErrorKind::FileTooLarge
            );
        }
        matches!(self, Self::Write(..) | Self::Replaced(_))
    }
}

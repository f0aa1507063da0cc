//! Why a run cannot be begun, or not gone on with: nothing has been touched.

use std::{io, path::PathBuf};

/// Why the files of a run cannot be used.
#[derive(Debug)]
#[expect(missing_docs, reason = "fields are what their names say")]
pub enum JournalError {
    /// The results file exists, and is never overwritten.
    Exists(PathBuf),
    /// Another run has them.
    InUse(PathBuf),
    /// A file cannot be created.
    Create(PathBuf, io::Error),
    /// A file cannot be read.
    Read(PathBuf, io::Error),
    /// A file cannot be written.
    Write(PathBuf, io::Error),
    /// It is a link or no file.
    NotAFile(PathBuf),
    /// The results have no log beside them, with which a run could go on.
    NoRunLogToResume { results: PathBuf, run_log: PathBuf },
    /// There are no such results.
    NoResults(PathBuf),
    /// The results have no log beside them, with which a run could be looked at.
    NoRunLogToRead { results: PathBuf, run_log: PathBuf },
    /// Where the log should be is something else.
    NotARunLog(PathBuf),
    /// The log is damaged.
    DamagedRunLog { path: PathBuf, line: u64 },
    /// The log is of a newer version of this program.
    NewerFormat {
        path: PathBuf,
        format: u32,
        known: u32,
    },
    /// The results are of a newer version of this program.
    NewerColumn { path: PathBuf, column: String },
    /// Another program has saved the results.
    Resaved(PathBuf),
    /// The results differ from what was written.
    Altered { path: PathBuf, known: u64 },
    /// The results are shorter than what was written.
    Truncated {
        path: PathBuf,
        length: u64,
        known: u64,
    },
    /// The files are not as the run wrote them, to a command that only looks.
    NotAsWritten { path: PathBuf, change: FileChange },
    /// The input is not the one that the results record.
    OtherInput {
        results: PathBuf,
        how: InputDifference,
    },
    /// A file was replaced, moved or cut while the run wrote.
    Replaced(PathBuf),
}

/// How a file differs from what the run wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// Another program has saved it, and cells are not as they were.
    Resaved,
    /// It was changed.
    Altered,
    /// It is shorter.
    Truncated {
        /// Its bytes.
        length: u64,
        /// Those that were safely on the disk.
        known: u64,
    },
    /// This line cannot be read.
    Damaged {
        /// From 1.
        line: u64,
    },
    /// It is no log of a run.
    NoLog,
    /// Its columns are not those of the run.
    Columns,
    /// Among these rows are some whose status or code was changed, or that are missing
    /// or new.
    Rows(u64, u64),
}

/// How an input differs from the one that a run recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputDifference {
    /// It has other columns.
    Columns {
        /// These, as they may be shown.
        now: String,
        /// The recorded ones.
        then: String,
    },
    /// A row reads otherwise.
    Row {
        /// From 1.
        row: u64,
        /// Of the file, from 1.
        line: u64,
        /// How it was recorded, as it may be shown.
        then: String,
    },
    /// It has fewer rows than are recorded.
    Shorter {
        /// Those that it has.
        rows: u64,
        /// The highest that is recorded.
        recorded: u64,
    },
    /// It has fewer rows than the run read.
    FewerRows {
        /// Those that it has.
        rows: u64,
        /// So many were read, or more.
        seen: u64,
    },
    /// It has fewer bytes than the run read.
    Smaller {
        /// Those that it has.
        now: u64,
        /// Those that it had.
        then: u64,
    },
}

impl JournalError {
    /// What it means to a command that only looks at the run: what an import could
    /// do is no advice for it.
    pub(super) fn as_read_only_error(self) -> Self {
        if let Self::Resaved(path)
        | Self::NotARunLog(path)
        | Self::Altered { path, .. }
        | Self::Truncated { path, .. }
        | Self::DamagedRunLog { path, .. } = &self
            && let Some(flaw) = self.file_change()
        {
            let path = path.clone();
            return Self::NotAsWritten { path, change: flaw };
        }
        self
    }

    /// How a file of the run differs from what it wrote, if it is that.
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

    /// Whether it is a failed write, and not a refusal: trying again later may
    /// help.
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

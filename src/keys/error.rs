//! Why what is known of keys cannot be kept, as data.

use std::{io, path::PathBuf};

/// A failure of the file of keys.
#[derive(Debug)]
pub struct KeyStoreError {
    /// Where the file is.
    pub location: KeyFileLocation,
    /// What happened there.
    pub fault: KeyFileFault,
}

/// Where a file of keys is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFileLocation {
    /// At this path, beside the results.
    BesideResults(PathBuf),
    /// Without a name in this folder for temporary files.
    TemporaryIn(PathBuf),
}

/// What is wrong with a file of keys.
#[derive(Debug)]
pub enum KeyFileFault {
    /// It cannot be created.
    Create(io::Error),
    /// It cannot be read.
    Read(io::Error),
    /// It cannot be written.
    Write(io::Error),
    /// It cannot be removed.
    Remove(io::Error),
    /// It is a symbolic link, or not a regular file.
    NotAFile,
    /// The file in its place is something else.
    OtherFile,
    /// It is no longer as it was written.
    Changed,
    /// The system gives no random numbers for its secret.
    NoRandomNumbers,
}

impl KeyStoreError {
    /// Whether a write failed, so that trying again later may help. Refusals are not write
    /// failures.
    #[must_use]
    pub fn is_write_failure(&self) -> bool {
        match &self.fault {
            KeyFileFault::Create(error) => matches!(
                error.kind(),
                io::ErrorKind::StorageFull
                    | io::ErrorKind::QuotaExceeded
                    | io::ErrorKind::FileTooLarge
            ),
            KeyFileFault::Write(_) | KeyFileFault::Remove(_) | KeyFileFault::Changed => true,
            KeyFileFault::Read(_)
            | KeyFileFault::NotAFile
            | KeyFileFault::OtherFile
            | KeyFileFault::NoRandomNumbers => false,
        }
    }
}

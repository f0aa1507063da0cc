//! A run as its log describes it, for commands that only tell people about it. Nothing is locked, so
//! the run may still be going on.
//!
//! Knows nothing of the rows.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io::{self, Read as _, Seek as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{
    error::JournalError,
    open_file::{OpenMode, reopen},
    results_header::{has_header, header_bytes},
    run_info::RunInfo,
    run_log::{RunLogFile, SessionEnd, run_log_path},
    run_log_reader::{self, RunLog},
};
use crate::account::AccountId;

/// A run as its log describes it.
#[derive(Debug)]
pub struct LoggedRun {
    results: PathBuf,
    log: RunLog,
}

impl LoggedRun {
    /// Reads the log of the run with these results. `None` if there is none.
    ///
    /// # Errors
    /// If the log cannot be read, or is damaged or something else.
    pub fn read(results: &Path) -> Result<Option<Self>, JournalError> {
        let path = run_log_path(results);
        let Some(file) = reopen(&path, OpenMode::Read)? else {
            return Ok(None);
        };
        let log = run_log_reader::read(&RunLogFile::new(file, path))
            .map_err(JournalError::into_read_only_error)?;
        let results = results.to_owned();
        Ok(log.map(|log| Self { results, log }))
    }

    /// The path of its results.
    #[must_use]
    pub fn results(&self) -> &Path {
        &self.results
    }

    /// Its info, as it began.
    #[must_use]
    pub fn info(&self) -> &RunInfo {
        &self.log.info
    }

    /// The options it was last given, by name.
    #[must_use]
    pub fn options(&self) -> &BTreeMap<String, OsString> {
        &self.log.latest.options
    }

    /// The account that it wrote to, if known.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.log.account.id.map(AccountId::new)
    }

    /// How its last session ended. `None` if it goes on, or was killed.
    #[must_use]
    pub fn last_end(&self) -> Option<&SessionEnd> {
        self.log.latest.ended.as_ref()
    }

    /// When its first undo began, if there was one.
    #[must_use]
    pub fn undone_at(&self) -> Option<Timestamp> {
        self.log.undone
    }

    /// The failures file that was written last. It is beside the results.
    #[must_use]
    pub fn failures(&self) -> Option<PathBuf> {
        let failures = self.log.latest.failures.as_ref()?;
        let name = failures.path.file_name()?;
        Some(self.results.with_file_name(name))
    }

    /// Whether the results are as the run wrote them, so that it can be resumed.
    #[must_use]
    pub fn has_own_results(&self) -> bool {
        self.compare_results().unwrap_or(false)
    }

    fn compare_results(&self) -> io::Result<bool> {
        let mut file = File::open(&self.results)?;
        let header = header_bytes(&self.log.info.results_format)?;
        let mark = self.log.synced.mark;
        if !has_header(&mut file, &header)? || file.metadata()?.len() < mark.length {
            return Ok(false);
        }
        if mark.length == 0 {
            return Ok(true);
        }
        file.rewind()?;
        let (mut bytes, mut checksum) = (file.take(mark.length), crc32fast::Hasher::new());
        let mut buffer = vec![0; 1 << 16];
        loop {
            match bytes.read(&mut buffer)? {
                0 => return Ok(checksum.finalize() == mark.crc32),
                read => checksum.update(&buffer[..read]),
            }
        }
    }
}

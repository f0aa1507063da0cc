//! The run log: an append-only file of JSON lines beside the results.
//!
//! Owns its name, its entries and appending to it. `run_log_reader` reads it.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    slice,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    counters::CallCounters,
    run_info::RunInfo,
    snapshots::{RowSnapshot, Snapshot, split_for_log},
    sums::LineSums,
};
use crate::{os_text, output::FailuresFile};

/// The most ranges of rows, or rows with existing links, in one entry. A reader keeps one line
/// in memory.
const MAX_PER_ENTRY: usize = 256;

/// How every run log begins.
pub(super) const RUN_LOG_PREFIX: &[u8] = b"{\"begun\":";

/// The path of the run log of a results file: `links.results.csv.run`.
#[must_use]
pub fn run_log_path(results: &Path) -> PathBuf {
    let mut name = OsString::from(results);
    name.push(".run");
    name.into()
}

/// One line of the run log.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RunLogEntry {
    /// The first line: what is run.
    Begun(Box<RunInfo>),
    /// The run is resumed, with options given anew.
    Resumed(ResumedSession),
    /// The account that the token belongs to.
    Account(u64),
    /// A person agreed that rows go to this account, or to an unknown one.
    Agreed(Consent),
    /// Records that were found to be merged: object type, old id, new id.
    Merged(Vec<(String, u64, u64)>),
    /// Rows up to this number may have been sent.
    #[serde(rename = "handed_out")]
    Dispatched(u64),
    /// Ranges of rows, ends included, that were about to be written and whose records had no
    /// links to each other.
    Absent(Vec<(u64, u64)>),
    /// Rows that were about to be written where links already existed.
    #[serde(rename = "before")]
    Existing(Vec<RowSnapshot>),
    /// The hash of the ids and types of the rows in the snapshots before this line; see
    /// [`super::hash_ids`].
    Ids(u64),
    /// This much of the results file is known to be on the disk.
    Synced(SyncPoint),
    /// A session ended, and was not killed.
    Ended(SessionEnd),
    /// An undo of the run has begun.
    Undone(Timestamp),
}

impl RunLogEntry {
    /// The entries for these snapshots.
    pub(super) fn from_snapshots(snapshots: &[Snapshot]) -> Vec<Self> {
        let (absent, existing) = split_for_log(snapshots);
        let absent = absent
            .chunks(MAX_PER_ENTRY)
            .map(|part| Self::Absent(part.into()));
        let existing = existing
            .chunks(MAX_PER_ENTRY)
            .map(|part| Self::Existing(part.into()));
        absent.chain(existing).collect()
    }
}

/// What a person has agreed to: rows go to this account, or to an unknown one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent(pub Option<u64>);

/// A session that resumes the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumedSession {
    /// When it began.
    pub at: Timestamp,
    /// The version of this program.
    pub version: String,
    /// Where its lines begin in the results.
    pub length: u64,
    /// Options that were given for it.
    #[serde(with = "os_text::values")]
    pub options: BTreeMap<String, OsString>,
    /// Where the lines of resent failed rows begin in the results. `None` if it resends none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_from: Option<u64>,
    /// The input's size in bytes, if it was a plain file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_size: Option<u64>,
}

/// What a resumed session does differently.
#[derive(Clone, Debug, Default)]
pub struct ResumeOptions {
    /// Options that were given for it.
    pub options: BTreeMap<String, OsString>,
    /// Whether it sends failed rows again.
    pub resend_failed: bool,
    /// The input's size in bytes, if it is a plain file.
    pub input_size: Option<u64>,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnd {
    /// When it ended.
    pub at: Timestamp,
    /// The exit code of the program.
    pub exit_code: u8,
    /// The failures file, if one was written.
    pub failures: Option<FailuresFile>,
    /// Rows of the input that were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_read: Option<u64>,
    /// Calls of the session. The journal fills this in when it writes the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counters: Option<CallCounters>,
    /// Ranges of rows, ends included, that may have been written and have no line that says so.
    /// The journal fills this in for an import. Logs of earlier versions do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<Vec<(u64, u64)>>,
}

impl SessionEnd {
    /// Whether no work was left.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        const SOME_ROWS_BAD: u8 = 1;
        self.exit_code <= SOME_ROWS_BAD
    }
}

/// A length of the results file, always at a line end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ResultsMark {
    /// Bytes from the beginning of the file.
    pub(super) length: u64,
    /// Their CRC-32.
    pub(super) crc32: u32,
}

/// How far the results are known to be on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SyncPoint {
    #[serde(flatten)]
    pub(super) mark: ResultsMark,
    /// Sums of the lines since the previous mark, block by block.
    #[serde(default, skip_serializing_if = "LineSums::is_empty")]
    pub(super) blocks: LineSums,
    /// Calls of the session so far, in some entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) counters: Option<CallCounters>,
}

/// The open run log.
#[derive(Debug)]
pub(super) struct RunLogFile {
    pub(super) file: File,
    pub(super) path: PathBuf,
    /// One append at a time, because the sync thread appends too.
    append_lock: Arc<Mutex<()>>,
}

impl RunLogFile {
    /// The run log in this open file.
    pub(super) fn new(file: File, path: PathBuf) -> Self {
        Self {
            file,
            path,
            append_lock: Arc::default(),
        }
    }

    /// Appends an entry in one write. The kernel has it when this returns.
    pub(super) fn append(&self, entry: &RunLogEntry) -> io::Result<()> {
        self.append_all(slice::from_ref(entry))
    }

    /// Appends entries in one write.
    pub(super) fn append_all(&self, entries: &[RunLogEntry]) -> io::Result<()> {
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry)?;
            lines.push(b'\n');
        }
        self.all_or_none(|mut file| file.write_all(&lines))
    }

    /// On a full disk, the part that got through is removed again. A line that follows half a
    /// line would make the whole log unreadable.
    pub(super) fn all_or_none(
        &self,
        write: impl FnOnce(&File) -> io::Result<()>,
    ) -> io::Result<()> {
        let _guard = self
            .append_lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = self.file.metadata()?.len();
        write(&self.file).inspect_err(|_| {
            // If even that fails, the next run refuses the log as damaged.
            let _ = self.file.set_len(before);
        })
    }

    /// Another handle to this log, for another thread.
    pub(super) fn share(&self) -> io::Result<Self> {
        Ok(Self {
            file: self.file.try_clone()?,
            path: self.path.clone(),
            append_lock: Arc::clone(&self.append_lock),
        })
    }
}

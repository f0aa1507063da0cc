//! The companion of a results file: an append-only log of JSON lines.
//!
//! Owns its name, its events and the appending; who reads it is `log`.

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

/// A line holds so many ranges of noted rows, or rows where something stood, at most: who
/// reads them keeps one line.
const MAX_PER_ENTRY: usize = 256;

/// How every companion begins.
pub(super) const RUN_LOG_PREFIX: &[u8] = b"{\"begun\":";

/// Where the companion of a results file stands: `links.results.csv.run`.
#[must_use]
pub fn run_log_path(results: &Path) -> PathBuf {
    let mut name = OsString::from(results);
    name.push(".run");
    name.into()
}

/// One line of the log.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RunLogEntry {
    /// The first line: what is run.
    Begun(Box<RunInfo>),
    /// The run goes on; options that were given anew.
    Resumed(ResumedSession),
    /// The account that the token belongs to.
    Account(u64),
    /// A person has agreed that rows go to this account, or to one that nobody knows.
    Agreed(Consent),
    /// Records that were learnt to be merged: object type, old id, new id.
    Merged(Vec<(String, u64, u64)>),
    /// Rows up to this number may have been sent.
    #[serde(rename = "handed_out")]
    Dispatched(u64),
    /// Ranges of rows, ends included, that were about to be written, and whose
    /// records had nothing between them.
    Absent(Vec<(u64, u64)>),
    /// Rows that were about to be written where something stood.
    Before(Vec<RowSnapshot>),
    /// The ids and types of the rows of the notes before this line; see
    /// [`super::hash_ids`].
    Ids(u64),
    /// So much of the results file is known to be on the disk.
    Synced(SyncPoint),
    /// A session ended by itself.
    Ended(SessionEnd),
    /// Its links are being taken back.
    Undone(Timestamp),
}

impl RunLogEntry {
    /// The lines that keep these notes.
    pub(super) fn from_snapshots(notes: &[Snapshot]) -> Vec<Self> {
        let (absent, stood) = split_for_log(notes);
        let absent = absent
            .chunks(MAX_PER_ENTRY)
            .map(|part| Self::Absent(part.into()));
        let stood = stood
            .chunks(MAX_PER_ENTRY)
            .map(|part| Self::Before(part.into()));
        absent.chain(stood).collect()
    }
}

/// What a person has agreed to: rows go to the account of this number, or to one that
/// nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent(pub Option<u64>);

/// A session that goes on where another ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumedSession {
    /// When.
    pub at: Timestamp,
    /// The version of this program.
    pub version: String,
    /// Where in the results its lines begin.
    pub length: u64,
    /// Options that were given then.
    #[serde(with = "os_text::values")]
    pub options: BTreeMap<String, OsString>,
    /// Where in the results the lines begin of rows that failed before and were
    /// to be sent again; nothing if they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_from: Option<u64>,
    /// The input's bytes on disk, if it was a plain file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_size: Option<u64>,
}

/// What is new about a session that goes on with a run.
#[derive(Clone, Debug, Default)]
pub struct ResumeOptions {
    /// Options that were given for it.
    pub options: BTreeMap<String, OsString>,
    /// Whether it sends rows again that failed.
    pub resend_failed: bool,
    /// The input's bytes on disk, if it is a plain file.
    pub input_size: Option<u64>,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnd {
    /// When.
    pub at: Timestamp,
    /// The code that the program ended with.
    pub exit_code: u8,
    /// The failures file, if one was written.
    pub failures: Option<FailuresFile>,
    /// Rows of the input that had been read by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_read: Option<u64>,
    /// What the session called; whoever writes the line adds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counters: Option<CallCounters>,
}

impl SessionEnd {
    /// Whether nothing was left to be done.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        const SOME_ROWS_BAD: u8 = 1;
        self.exit_code <= SOME_ROWS_BAD
    }
}

/// A length of the results file, always at the end of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ResultsMark {
    /// Bytes from the beginning.
    pub(super) length: u64,
    /// Their CRC-32.
    pub(super) crc32: u32,
}

/// How far the results are known to be on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SyncPoint {
    #[serde(flatten)]
    pub(super) mark: ResultsMark,
    /// What the lines say that came since the mark before, block by block.
    #[serde(default, skip_serializing_if = "LineSums::is_empty")]
    pub(super) blocks: LineSums,
    /// What the session has called by now, at times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) counters: Option<CallCounters>,
}

/// The open log.
#[derive(Debug)]
pub(super) struct RunLogFile {
    pub(super) file: File,
    pub(super) path: PathBuf,
    /// One append at a time: the thread that syncs appends, too.
    append_lock: Arc<Mutex<()>>,
}

impl RunLogFile {
    /// The log in this open file.
    pub(super) fn new(file: File, path: PathBuf) -> Self {
        let turn = Arc::default();
        Self {
            file,
            path,
            append_lock: turn,
        }
    }

    /// Appends a line in one write; it is in the kernel then.
    pub(super) fn append(&self, event: &RunLogEntry) -> io::Result<()> {
        self.append_all(slice::from_ref(event))
    }

    /// Appends lines in one write.
    pub(super) fn append_all(&self, events: &[RunLogEntry]) -> io::Result<()> {
        let mut lines = Vec::new();
        for event in events {
            serde_json::to_writer(&mut lines, event)?;
            lines.push(b'\n');
        }
        self.all_or_none(|mut file| file.write_all(&lines))
    }

    /// What a full disk let through is taken back: a line that follows the
    /// beginning of another would make the whole log unreadable.
    pub(super) fn all_or_none(
        &self,
        write: impl FnOnce(&File) -> io::Result<()>,
    ) -> io::Result<()> {
        let _turn = self
            .append_lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = self.file.metadata()?.len();
        write(&self.file).inspect_err(|_| {
            // Where even that fails, the next run refuses it by name.
            let _ = self.file.set_len(before);
        })
    }

    /// The same log for another thread.
    pub(super) fn share(&self) -> io::Result<Self> {
        Ok(Self {
            file: self.file.try_clone()?,
            path: self.path.clone(),
            append_lock: Arc::clone(&self.append_lock),
        })
    }
}

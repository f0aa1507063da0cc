//! The companion of a results file: an append-only log of JSON lines.
//!
//! Owns its name, its events and the appending; who reads it is `log`.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    slice,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::{
    counters::Counters,
    notes::{Noted, Stood, kept},
    sums::LineSums,
};
use crate::{column::Column, exact, hex::hex, output::FailuresFile};

/// A line holds so many ranges of noted rows, or rows where something stood, at most: who
/// reads them keeps one line.
const NOTES: usize = 256;

/// How every companion begins.
pub(super) const BEGINS: &[u8] = b"{\"begun\":";

/// Where the companion of a results file stands: `links.results.csv.run`.
#[must_use]
pub fn companion_path(results: &Path) -> PathBuf {
    let mut name = OsString::from(results);
    name.push(".run");
    name.into()
}

/// One line of the log.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Event {
    /// The first line: what is run.
    Begun(Box<Begun>),
    /// The run goes on; options that were given anew.
    Resumed(Resumed),
    /// The account that the token belongs to.
    Account(u64),
    /// A person has agreed that rows go to this account, or to one that nobody knows.
    Agreed(Consent),
    /// Records that were learnt to be merged: object type, old id, new id.
    Merged(Vec<(String, u64, u64)>),
    /// Rows up to this number may have been sent.
    HandedOut(u64),
    /// Ranges of rows, ends included, that were about to be written, and whose
    /// records had nothing between them.
    Absent(Vec<(u64, u64)>),
    /// Rows that were about to be written where something stood.
    Before(Vec<Stood>),
    /// The ids and types of the rows of the notes before this line; see
    /// [`super::hash_of_ids`].
    Ids(u64),
    /// So much of the results file is known to be on the disk.
    Synced(Reached),
    /// A session ended by itself.
    Ended(Ended),
    /// Its links are being taken back.
    Undone(Timestamp),
}

impl Event {
    /// The lines that keep these notes.
    pub(super) fn of_notes(notes: &[Noted]) -> Vec<Self> {
        let (absent, stood) = kept(notes);
        let absent = absent.chunks(NOTES).map(|part| Self::Absent(part.into()));
        let stood = stood.chunks(NOTES).map(|part| Self::Before(part.into()));
        absent.chain(stood).collect()
    }
}

/// What a person has agreed to: rows go to the account of this number, or to one that
/// nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent(pub Option<u64>);

/// What was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The version of the format.
    pub format: u32,
    /// The version of this program.
    pub version: String,
    /// When.
    pub at: Timestamp,
    /// What was read.
    pub input: InputRecord,
    /// The API's version, as in its paths.
    pub api: String,
    /// Base URL, or `sandbox`.
    pub target: String,
    /// The input's columns, which the results have first.
    pub columns: Vec<String>,
    /// Our own columns, which follow them; the first two formats have none here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub result_columns: Vec<String>,
    /// Which of the input's columns say what a row links, counted from 0; nothing
    /// where no later command reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_columns: Vec<usize>,
    /// What separates the cells of the results.
    pub delimiter: char,
    /// Whether the results begin with a byte order mark.
    pub bom: bool,
    /// Options that were given, by name, as they were given.
    #[serde(with = "exact::values")]
    pub options: BTreeMap<String, OsString>,
    /// Whether the run looks at what stands before it writes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub looked: bool,
    /// The run that it is about, where it is an undo or a verification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<RunOf>,
}

/// The run that another one is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOf {
    /// What is done about it, as it is typed.
    pub command: String,
    /// Its results, as given.
    #[serde(with = "exact")]
    pub results: PathBuf,
    /// When it was begun, by which it is known again.
    pub at: Timestamp,
    /// The account that it wrote to, if that was learnt.
    pub account: Option<u64>,
}

impl Begun {
    /// The version of the format that is written. Format 1 was an import that did
    /// not look at what stood before, format 2 any other run; both had nine columns
    /// of ours. Since format 3 the columns are listed, so that an older program,
    /// which would take the lines for torn ones, refuses the file by its format.
    pub const FORMAT: u32 = 3;

    /// The columns of the results that a new file gets.
    #[must_use]
    pub fn new_result_columns() -> Vec<String> {
        let all = Column::ALL.iter().copied();
        all.map(|column| column.name().to_owned()).collect()
    }

    /// A column of the results that a newer version has added.
    pub(super) fn unknown_column(&self) -> Option<&str> {
        let mut listed = self.result_columns.iter();
        let unknown = listed.find(|name| Column::parse(name).is_none());
        unknown.map(String::as_str)
    }

    /// Our own columns, in the order in which the results have them.
    #[must_use]
    pub fn result_columns(&self) -> Vec<Column> {
        if self.result_columns.is_empty() {
            return Column::unlisted().to_vec();
        }
        let listed = self.result_columns.iter();
        listed.filter_map(|name| Column::parse(name)).collect()
    }

    /// The delimiter as it stands in the file.
    #[must_use]
    pub fn delimiter_byte(&self) -> u8 {
        // Only single bytes are written; anything else is no companion of ours.
        u8::try_from(self.delimiter).unwrap_or(b',')
    }
}

/// What is known of an input, for people and for later commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    /// Its path as given, or `-`.
    #[serde(with = "exact")]
    pub name: PathBuf,
    /// Bytes on disk, for a regular file.
    pub size: Option<u64>,
    /// SHA-256 of its first 64 KiB, for a regular file.
    pub sha256_of_first_64_kib: Option<String>,
    /// Whether it is compressed: its size says nothing about its rows then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gzip: bool,
}

impl InputRecord {
    /// Marks it as compressed, or not.
    #[must_use]
    pub fn compressed(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// The size of a plain file.
    #[must_use]
    pub fn plain_size(&self) -> Option<u64> {
        self.size.filter(|_| !self.gzip)
    }

    /// Looks at a regular file's beginning; of anything else only the name
    /// is known before it is read.
    #[must_use]
    pub fn of(name: impl Into<PathBuf>, file: Option<&Path>, size: Option<u64>) -> Self {
        const HEAD: u64 = 64 * 1024;
        let head = file.filter(|_| size.is_some()).and_then(|file| {
            let mut head = Vec::new();
            File::open(file)
                .ok()?
                .take(HEAD)
                .read_to_end(&mut head)
                .ok()?;
            Some(head)
        });
        let sha256 = head.map(|head| hex(digest(&SHA256, &head).as_ref()));
        Self {
            name: name.into(),
            size,
            sha256_of_first_64_kib: sha256,
            gzip: false,
        }
    }
}

/// A session that goes on where another ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// When.
    pub at: Timestamp,
    /// The version of this program.
    pub version: String,
    /// Where in the results its lines begin.
    pub length: u64,
    /// Options that were given then.
    #[serde(with = "exact::values")]
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
pub struct Session {
    /// Options that were given for it.
    pub options: BTreeMap<String, OsString>,
    /// Whether it sends rows again that failed.
    pub retry: bool,
    /// The input's bytes on disk, if it is a plain file.
    pub input_size: Option<u64>,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
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
    pub counters: Option<Counters>,
}

impl Ended {
    /// Whether nothing was left to be done.
    #[must_use]
    pub fn is_gone_through(&self) -> bool {
        const SOME_ROWS_BAD: u8 = 1;
        self.exit_code <= SOME_ROWS_BAD
    }
}

/// A length of the results file, always at the end of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Bytes from the beginning.
    pub(super) length: u64,
    /// Their CRC-32.
    pub(super) crc32: u32,
}

/// How far the results are known to be on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reached {
    #[serde(flatten)]
    pub(super) mark: Mark,
    /// What the lines say that came since the mark before, block by block.
    #[serde(default, skip_serializing_if = "LineSums::is_empty")]
    pub(super) blocks: LineSums,
    /// What the session has called by now, at times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) counters: Option<Counters>,
}

/// The open log.
#[derive(Debug)]
pub(super) struct Companion {
    pub(super) file: File,
    pub(super) path: PathBuf,
    /// One append at a time: the thread that syncs appends, too.
    turn: Arc<Mutex<()>>,
}

impl Companion {
    /// The log in this open file.
    pub(super) fn new(file: File, path: PathBuf) -> Self {
        let turn = Arc::default();
        Self { file, path, turn }
    }

    /// Appends a line in one write; it is in the kernel then.
    pub(super) fn append(&self, event: &Event) -> io::Result<()> {
        self.append_all(slice::from_ref(event))
    }

    /// Appends lines in one write.
    pub(super) fn append_all(&self, events: &[Event]) -> io::Result<()> {
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
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
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
            turn: Arc::clone(&self.turn),
        })
    }
}

//! What was run: the first line of the run log.
//!
//! Related fields are grouped here, and are one flat list on the disk.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::{hex::hex, os_text, results_column::ResultsColumn};

/// What was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The version of the format.
    pub format: u32,
    /// The version of this program.
    pub version: String,
    /// When it began.
    pub at: Timestamp,
    /// What it reads.
    pub input: InputInfo,
    /// Where requests go.
    #[serde(flatten)]
    pub server: ApiTarget,
    /// The form of the results.
    #[serde(flatten)]
    pub results_format: ResultsFormat,
    /// Options as the user gave them, by name.
    #[serde(with = "os_text::values")]
    pub options: BTreeMap<String, OsString>,
    /// Whether the run reads existing associations before it writes.
    #[serde(rename = "looked", default, skip_serializing_if = "std::ops::Not::not")]
    pub reads_before_write: bool,
    /// The run that it is about, if this is an undo or a verification.
    #[serde(rename = "of", default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectRun>,
}

impl RunInfo {
    /// The version of the format that is written. Format 1 was an import without reads before
    /// writes, format 2 any other run. Both had nine columns of ours. Since format 3 the
    /// columns are listed. An older program would take the longer lines for torn ones, so it
    /// must refuse the file by its format.
    pub const FORMAT: u32 = 3;
}

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiTarget {
    /// The API's version, as in its paths.
    pub api: String,
    /// Base URL, or `sandbox`.
    pub target: String,
}

/// The columns of a results file, and how they are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultsFormat {
    /// The input's columns, which come first.
    pub columns: Vec<String>,
    /// Our own columns, which follow. Formats 1 and 2 do not list them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub result_columns: Vec<String>,
    /// Which of the input's columns say what a row links, from 0. Empty if no later command
    /// reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_columns: Vec<usize>,
    /// The delimiter between cells.
    pub delimiter: char,
    /// Whether the results begin with a byte order mark.
    pub bom: bool,
}

impl ResultsFormat {
    /// Our columns in a new file.
    #[must_use]
    pub fn new_result_columns() -> Vec<String> {
        let all = ResultsColumn::ALL.iter().copied();
        all.map(|column| column.name().to_owned()).collect()
    }

    /// The first column that only a newer version knows.
    pub(super) fn unknown_column(&self) -> Option<&str> {
        let mut listed = self.result_columns.iter();
        let unknown = listed.find(|name| ResultsColumn::parse(name).is_none());
        unknown.map(String::as_str)
    }

    /// Our own columns, in the order of the file.
    #[must_use]
    pub fn result_columns(&self) -> Vec<ResultsColumn> {
        if self.result_columns.is_empty() {
            return ResultsColumn::unlisted().to_vec();
        }
        let listed = self.result_columns.iter();
        listed
            .filter_map(|name| ResultsColumn::parse(name))
            .collect()
    }

    /// The delimiter as a byte.
    #[must_use]
    pub fn delimiter_byte(&self) -> u8 {
        // Only single bytes are written. Anything else is not a run log of ours.
        u8::try_from(self.delimiter).unwrap_or(b',')
    }

    /// Whether both have the same columns of the input and the same form.
    pub(super) fn has_same_layout(&self, other: &Self) -> bool {
        self.columns == other.columns && (self.delimiter, self.bom) == (other.delimiter, other.bom)
    }
}

/// The run that another one is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectRun {
    /// The command, as it is typed.
    pub command: String,
    /// The path of its results, as given.
    #[serde(with = "os_text")]
    pub results: PathBuf,
    /// When it began; this identifies it.
    pub at: Timestamp,
    /// The account that it wrote to, if known.
    pub account: Option<u64>,
}

/// What is known of an input, for people and for later commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputInfo {
    /// Its path as given, or `-`.
    #[serde(with = "os_text")]
    pub name: PathBuf,
    /// Bytes on disk, for a regular file.
    pub size: Option<u64>,
    /// SHA-256 of its first 64 KiB, for a regular file.
    pub sha256_of_first_64_kib: Option<String>,
    /// Whether it is compressed. Its size says nothing about its rows then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gzip: bool,
    /// The plan that says what is done with its rows, if the run applies one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanReference>,
}

/// The plan that a run applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanReference {
    /// Its path as given.
    #[serde(with = "os_text")]
    pub document: PathBuf,
    /// Its digest.
    pub digest: String,
}

impl InputInfo {
    /// Sets whether it is compressed.
    #[must_use]
    pub fn with_gzip(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// Sets the plan that says what is done with its rows.
    #[must_use]
    pub fn with_plan(mut self, plan: Option<PlanReference>) -> Self {
        self.plan = plan;
        self
    }

    /// The size of an uncompressed file.
    #[must_use]
    pub fn plain_size(&self) -> Option<u64> {
        self.size.filter(|_| !self.gzip)
    }

    /// Reads the beginning of a regular file. Of anything else only the name is known before it
    /// is read.
    #[must_use]
    pub fn inspect(name: impl Into<PathBuf>, file: Option<&Path>, size: Option<u64>) -> Self {
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
            plan: None,
        }
    }
}

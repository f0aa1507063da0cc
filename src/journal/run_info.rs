//! What was run: the first line of the companion.
//!
//! The ideas in it are groups here, and one flat list on the disk.

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
    /// When.
    pub at: Timestamp,
    /// What was read.
    pub input: InputInfo,
    /// Where requests went.
    #[serde(flatten)]
    pub server: ApiTarget,
    /// What the results look like.
    #[serde(flatten)]
    pub results_format: ResultsFormat,
    /// Options that were given, by name, as they were given.
    #[serde(with = "os_text::values")]
    pub options: BTreeMap<String, OsString>,
    /// Whether the run looks at what stands before it writes.
    #[serde(rename = "looked", default, skip_serializing_if = "std::ops::Not::not")]
    pub reads_before_write: bool,
    /// The run that it is about, where it is an undo or a verification.
    #[serde(rename = "of", default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectRun>,
}

impl RunInfo {
    /// The version of the format that is written. Format 1 was an import that did
    /// not look at what stood before, format 2 any other run; both had nine columns
    /// of ours. Since format 3 the columns are listed, so that an older program,
    /// which would take the lines for torn ones, refuses the file by its format.
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

/// What a results file looks like: its columns, and how they are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultsFormat {
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
}

impl ResultsFormat {
    /// The columns of the results that a new file gets.
    #[must_use]
    pub fn new_result_columns() -> Vec<String> {
        let all = ResultsColumn::ALL.iter().copied();
        all.map(|column| column.name().to_owned()).collect()
    }

    /// A column of the results that a newer version has added.
    pub(super) fn unknown_column(&self) -> Option<&str> {
        let mut listed = self.result_columns.iter();
        let unknown = listed.find(|name| ResultsColumn::parse(name).is_none());
        unknown.map(String::as_str)
    }

    /// Our own columns, in the order in which the results have them.
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

    /// The delimiter as it stands in the file.
    #[must_use]
    pub fn delimiter_byte(&self) -> u8 {
        // Only single bytes are written; anything else is no companion of ours.
        u8::try_from(self.delimiter).unwrap_or(b',')
    }

    /// Whether results of the two begin with the same bytes, but for our own columns.
    pub(super) fn has_same_layout(&self, other: &Self) -> bool {
        self.columns == other.columns && (self.delimiter, self.bom) == (other.delimiter, other.bom)
    }
}

/// The run that another one is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectRun {
    /// What is done about it, as it is typed.
    pub command: String,
    /// Its results, as given.
    #[serde(with = "os_text")]
    pub results: PathBuf,
    /// When it was begun, by which it is known again.
    pub at: Timestamp,
    /// The account that it wrote to, if that was learnt.
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
    /// Whether it is compressed: its size says nothing about its rows then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gzip: bool,
}

impl InputInfo {
    /// Marks it as compressed, or not.
    #[must_use]
    pub fn with_gzip(mut self, gzip: bool) -> Self {
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
        }
    }
}

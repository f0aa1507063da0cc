//! The files of a run, as a summary names them.
//!
//! Knows nothing of their contents.

use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

/// The files of a run: those that exist or that it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunFiles {
    /// The input of an import.
    #[serde(serialize_with = "serialize_optional_path")]
    pub input: Option<PathBuf>,
    /// The results of the import.
    #[serde(serialize_with = "serialize_optional_path")]
    pub results: Option<PathBuf>,
    /// Its run log.
    #[serde(serialize_with = "serialize_optional_path")]
    pub run_log: Option<PathBuf>,
    /// The failures file.
    #[serde(serialize_with = "serialize_optional_path")]
    pub failures: Option<PathBuf>,
    /// The report of an undo or a verification.
    #[serde(serialize_with = "serialize_optional_path")]
    pub report: Option<PathBuf>,
}

/// As text: a path that is not UTF-8 must not prevent the summary.
pub(super) fn serialize_path<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&path.display())
}

/// Like `serialize_path`, for a path that may be missing.
#[expect(clippy::ref_option, reason = "serde passes the field as it is")]
pub(super) fn serialize_optional_path<S: Serializer>(
    path: &Option<PathBuf>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match path {
        Some(path) => serialize_path(path, to),
        None => to.serialize_none(),
    }
}

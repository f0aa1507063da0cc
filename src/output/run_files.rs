//! The files of a run as a summary names them.
//!
//! Knows nothing of what is in them.

use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

/// The files of a run: those that are there, or that it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunFiles {
    /// What an import reads.
    #[serde(serialize_with = "serialize_optional_path")]
    pub input: Option<PathBuf>,
    /// The results of the import.
    #[serde(serialize_with = "serialize_optional_path")]
    pub results: Option<PathBuf>,
    /// What is known of them.
    #[serde(serialize_with = "serialize_optional_path")]
    pub run_log: Option<PathBuf>,
    /// Rows that failed or were invalid.
    #[serde(serialize_with = "serialize_optional_path")]
    pub failures: Option<PathBuf>,
    /// What an undo or a verification writes.
    #[serde(serialize_with = "serialize_optional_path")]
    pub report: Option<PathBuf>,
}

/// As text: a path that is no UTF-8 must not cost the summary.
pub(super) fn serialize_path<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&path.display())
}

/// The same of a path that may be none.
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

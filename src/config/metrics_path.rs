//! Where the metrics are written. They replace only metrics of this program, and nothing that the
//! run reads or writes.

use std::{fs, path::PathBuf};

use super::{error::ConfigError, paths::same_place};
use crate::{messages::METRICS_FILE_BEGINS, output::MetricsFile};

/// The ending of the files that are read by `node_exporter`.
const ENDING: &str = "prom";

/// Checks that the metrics can be written, and replace nothing else than metrics. `files` are
/// those of the run.
///
/// # Errors
/// If they cannot, or if another file is or will be there.
pub fn check_metrics(file: &MetricsFile, files: &[PathBuf]) -> Result<(), ConfigError> {
    let path = file.path();
    if path.extension().is_none_or(|ending| ending != ENDING) {
        return Err(ConfigError::MetricsEnding(path.to_owned()));
    }
    if files.iter().any(|taken| same_place(path, taken)) {
        return Err(ConfigError::MetricsReplaceRunFile(path.to_owned()));
    }
    if !metrics_may_replace(file) {
        return Err(ConfigError::MetricsExist(path.to_owned()));
    }
    // Better now than after hours of sending.
    let written = file.try_writing();
    written.map_err(|error| ConfigError::MetricsUnwritable(path.to_owned(), error))
}

/// Whether there is no file, or an empty one, or only earlier metrics.
fn metrics_may_replace(file: &MetricsFile) -> bool {
    match fs::metadata(file.path()) {
        Ok(metadata) if metadata.is_file() => {
            metadata.len() == 0 || file.text().starts_with(METRICS_FILE_BEGINS)
        }
        // A rename would replace a device or a pipe.
        Ok(_) => false,
        // A dangling link could later lead to the results.
        Err(_) => !file.path().is_symlink(),
    }
}

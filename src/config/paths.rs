//! Where the results and the summary go, so that neither replaces anything.

use std::path::{Path, PathBuf};

use super::ConfigError;
use crate::{cli::ImportArgs, input::InputPath};

/// Where the results go.
///
/// # Errors
/// If neither the option nor the input's name tells.
pub fn results_path(args: &ImportArgs, input: &InputPath) -> Result<PathBuf, ConfigError> {
    if let Some(path) = &args.results {
        let is_stdout = path == Path::new("-");
        return if is_stdout {
            Err(ConfigError::ResultsToStdout)
        } else {
            Ok(path.clone())
        };
    }
    let ending = if args.sandbox {
        "sandbox.results.csv"
    } else {
        "results.csv"
    };
    match input {
        InputPath::File(path) => {
            let packed = path
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
            let path = if packed {
                path.with_extension("")
            } else {
                path.clone()
            };
            Ok(path.with_extension(ending))
        }
        InputPath::Stdin => Err(ConfigError::NoResultsPath),
    }
}

/// Makes sure that the summary replaces nothing that the run needs.
///
/// # Errors
/// If it would be written over the input or the results, or cannot be there.
pub fn check_summary(
    summary: Option<&Path>,
    input: &InputPath,
    results: &Path,
) -> Result<(), ConfigError> {
    let Some(summary) = summary else {
        return Ok(());
    };
    let is_input = match input {
        InputPath::File(input) => same_place(summary, input),
        InputPath::Stdin => false,
    };
    if is_input || same_place(summary, results) {
        return Err(ConfigError::SummaryInTheWay(summary.to_owned()));
    }
    // `-` is standard output, and passes as a file of this folder would.
    if summary.is_dir() || folder_of(summary).is_none() {
        return Err(ConfigError::SummaryFolder(summary.to_owned()));
    }
    Ok(())
}

/// Whether two paths lead to the same file, also if it does not exist yet.
fn same_place(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        path.canonicalize()
            .ok()
            .or_else(|| Some(folder_of(path)?.join(path.file_name()?)))
    };
    one == other || place(one).is_some_and(|one| Some(one) == place(other))
}

/// The folder that a file is in, or would be in; `None` if there is none.
fn folder_of(path: &Path) -> Option<PathBuf> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    folder.is_dir().then_some(folder)
}

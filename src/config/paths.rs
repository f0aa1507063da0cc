//! Where the results and the summary are written. Neither replaces a file of others.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::error::ConfigError;
use crate::{
    cli::ImportArgs, input::InputPath, journal::run_log_path, output::failures_path, readable_file,
};

/// How a summary begins. Any other file must not be replaced.
const SUMMARY_BEGINS: [&[u8]; 2] = [b"{\n  \"version\":", b"{\"version\":"];

/// Where the results go.
///
/// # Errors
/// If there is neither the option nor a name of the input.
pub fn results_path(args: &ImportArgs, input: &InputPath) -> Result<PathBuf, ConfigError> {
    if let Some(path) = &args.results {
        let is_stdout = path == Path::new("-");
        return if is_stdout {
            Err(ConfigError::ResultsToStdout)
        } else {
            Ok(path.clone())
        };
    }
    let beside = match input {
        InputPath::File(path) => results_beside(path, args.sandbox),
        InputPath::Stdin => None,
    };
    beside.ok_or(ConfigError::NoResultsPath)
}

/// The results beside an input; `None` if it is a pipe, which has no name.
#[must_use]
pub fn results_beside(input: &Path, is_rehearsal: bool) -> Option<PathBuf> {
    if is_pipe(input) {
        return None;
    }
    let ending = if is_rehearsal {
        "sandbox.results.csv"
    } else {
        "results.csv"
    };
    let is_gzip = input
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    let path = if is_gzip {
        input.with_extension("")
    } else {
        input.to_owned()
    };
    Some(path.with_extension(ending))
}

/// Whether a path is not the name of a file, such as `/dev/fd/63`.
fn is_pipe(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Checks that the summary does not replace these files or the ones that belong to them.
///
/// # Errors
/// If another file is or will be there, or the summary cannot be written.
pub fn check_summary(summary: Option<&Path>, files: &[&Path]) -> Result<(), ConfigError> {
    let Some(summary) = summary else {
        return Ok(());
    };
    if summary == Path::new("-") {
        return Ok(());
    }
    let is_taken = |file: &Path| {
        let related = files_beside(file);
        same_place(summary, file) || related.iter().any(|path| same_place(summary, path))
    };
    if files.iter().any(|file| is_taken(file)) {
        return Err(ConfigError::SummaryReplacesRunFile(summary.to_owned()));
    }
    if !summary_may_replace(summary) {
        return Err(ConfigError::SummaryExists(summary.to_owned()));
    }
    if fs::metadata(summary).is_ok_and(|metadata| !metadata.is_file()) {
        return Ok(());
    }
    // Better now than after hours of sending.
    match open_summary(summary, OpenOptions::new().append(true)) {
        Ok(_) => Ok(()),
        Err(error) => Err(ConfigError::SummaryUnwritable(summary.to_owned(), error)),
    }
}

/// The files that belong to results.
pub(super) fn files_beside(results: &Path) -> [PathBuf; 3] {
    [
        run_log_path(results),
        failures_path(results, 1, "csv"),
        failures_path(results, 1, "xlsx"),
    ]
}

/// Removes an earlier run's summary, so that there is none until this run ends.
///
/// # Errors
/// If it cannot be written.
pub fn empty_summary(summary: Option<&Path>) -> Result<(), ConfigError> {
    let Some(summary) =
        summary.filter(|path| fs::metadata(path).is_ok_and(|metadata| metadata.is_file()))
    else {
        return Ok(());
    };
    let emptied = overwrite_summary(summary).map(drop);
    emptied.map_err(|error| ConfigError::SummaryUnwritable(summary.to_owned(), error))
}

/// Opens a summary and empties it. Call [`summary_may_replace`] first.
///
/// # Errors
/// If it cannot be written.
pub fn overwrite_summary(path: &Path) -> io::Result<File> {
    open_summary(path, OpenOptions::new().write(true).truncate(true))
}

/// Opens a summary; an existing one with these `options`.
fn open_summary(path: &Path, options: &OpenOptions) -> io::Result<File> {
    match readable_file::create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(path),
        created => created,
    }
}

/// Whether there is no file, or only an earlier summary.
#[must_use]
pub fn summary_may_replace(path: &Path) -> bool {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        // A pipe or a device takes what is written; a folder cannot.
        Ok(metadata) => return !metadata.is_dir(),
        // A dangling link could later lead to the results.
        Err(_) => return !path.is_symlink(),
    }
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| {
        let longest = SUMMARY_BEGINS.map(<[u8]>::len).into_iter().max();
        file.take(longest.unwrap_or(0) as u64)
            .read_to_end(&mut start)
    });
    let is_ours = || SUMMARY_BEGINS.iter().any(|begin| start.starts_with(begin));
    read.is_ok() && (start.is_empty() || is_ours())
}

/// Whether two paths lead to the same file, also if it does not exist yet.
pub(super) fn same_place(one: &Path, other: &Path) -> bool {
    one == other || place(one).is_some_and(|one| Some(one) == place(other))
}

/// One path for all names of a file, also if it does not exist yet; `None` if its folder does
/// not exist.
pub(super) fn place(path: &Path) -> Option<PathBuf> {
    path.canonicalize()
        .ok()
        .or_else(|| Some(folder_of(path)?.join(path.file_name()?)))
}

/// The folder that a file is in, or would be in; `None` if there is none.
fn folder_of(path: &Path) -> Option<PathBuf> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    folder.is_dir().then_some(folder)
}
/// The folder for temporary files, as the system says.
#[must_use]
pub fn temporary_folder() -> PathBuf {
    env::temp_dir()
}

//! Opening files where others may have put something: nothing is overwritten,
//! and no link is followed.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::error::JournalError;
use crate::private_file;

/// Whether anything stands there, also a link that leads nowhere.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Why no run is found there that could be looked at.
pub(super) fn no_run_error(results: &Path, companion: PathBuf) -> JournalError {
    let results = results.to_owned();
    if exists(&results) {
        JournalError::NoRunLogToRead {
            results,
            run_log: companion,
        }
    } else {
        JournalError::NoResults(results)
    }
}

/// Creates a file that was not there.
pub(super) fn create(path: &Path) -> io::Result<File> {
    private_file::create_new()
        .read(true)
        .append(true)
        .open(path)
}

/// What an existing file is opened for.
#[derive(Clone, Copy, Debug)]
pub(super) enum OpenMode {
    /// To go on with it.
    Append,
    /// Only to look at it: it may be protected from being written to.
    Read,
}

/// Opens a file that is there; `None` if it has vanished.
pub(super) fn reopen(path: &Path, wanted: OpenMode) -> Result<Option<File>, JournalError> {
    let failed = |error| JournalError::Read(path.to_owned(), error);
    // Asked first: opening a pipe could wait for ever.
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_file() => {}
        Ok(_) => return Err(JournalError::NotAFile(path.to_owned())),
        Err(_) => return Ok(None),
    }
    match open(path, wanted) {
        Ok(file) if leads_to(path, &file).map_err(failed)? => Ok(Some(file)),
        Ok(_) => Err(JournalError::NotAFile(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn open(path: &Path, wanted: OpenMode) -> io::Result<File> {
    // To append even where that is not wanted: some network file systems lock
    // no other file.
    let opened = OpenOptions::new().read(true).append(true).open(path);
    match (opened, wanted) {
        (Err(error), OpenMode::Read)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            File::open(path)
        }
        (opened, OpenMode::Append | OpenMode::Read) => opened,
    }
}

/// Whether the path still leads to this open file, and not by a link.
pub(super) fn leads_to(path: &Path, file: &File) -> io::Result<bool> {
    let ours = file.metadata()?;
    Ok(fs::symlink_metadata(path).is_ok_and(|there| is_same_file(&ours, &there)))
}

#[cfg(unix)]
fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    one.dev() == other.dev() && one.ino() == other.ino()
}

#[cfg(not(unix))]
fn is_same_file(_: &Metadata, other: &Metadata) -> bool {
    // An open file cannot be replaced there.
    other.is_file()
}

/// Makes sure that a new file's name is on the disk.
#[cfg(unix)]
pub(super) fn sync_parent_folder(of: &Path) -> io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty());
    let synced = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
    match synced {
        // Not every file system can, and not every folder may be opened; the
        // files' own syncs have to do there.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput
                    | io::ErrorKind::Unsupported
                    | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

#[cfg(not(unix))]
pub(super) fn sync_parent_folder(_of: &Path) -> io::Result<()> {
    // A folder cannot be opened there; the file's own sync has to do.
    Ok(())
}

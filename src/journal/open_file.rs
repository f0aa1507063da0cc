//! Opens files in folders where others may have put something: nothing is overwritten, and no
//! link is followed.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::error::JournalError;
use crate::private_file::{create_new, leads_to};

/// Whether anything exists there, including a dangling link.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// The error for a path where no run can be read.
pub(super) fn no_run_error(results: &Path, run_log: PathBuf) -> JournalError {
    let results = results.to_owned();
    if exists(&results) {
        JournalError::NoRunLogToRead { results, run_log }
    } else {
        JournalError::NoResults(results)
    }
}

/// Creates a new file.
pub(super) fn create(path: &Path) -> io::Result<File> {
    create_new().read(true).append(true).open(path)
}

/// What an existing file is opened for.
#[derive(Clone, Copy, Debug)]
pub(super) enum OpenMode {
    /// To resume the run.
    Append,
    /// To read only; the file may be write-protected.
    Read,
}

/// Opens an existing file. `None` if it has vanished.
pub(super) fn reopen(path: &Path, mode: OpenMode) -> Result<Option<File>, JournalError> {
    let failed = |error| JournalError::Read(path.to_owned(), error);
    // Checked first, because opening a pipe could block forever.
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(JournalError::NotAFile(path.to_owned())),
        Err(_) => return Ok(None),
    }
    match open(path, mode) {
        Ok(file) if leads_to(path, &file).map_err(failed)? => Ok(Some(file)),
        Ok(_) => Err(JournalError::NotAFile(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn open(path: &Path, mode: OpenMode) -> io::Result<File> {
    // Opened to append even for reading: some network file systems can only lock files that are
    // open for writing.
    let opened = OpenOptions::new().read(true).append(true).open(path);
    match (opened, mode) {
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

/// Syncs the folder of a new file, so that its name is on the disk.
#[cfg(unix)]
pub(super) fn sync_parent_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let synced = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
    match synced {
        // Some file systems cannot sync a folder, and some folders cannot be opened. The sync
        // of the file itself has to be enough there.
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
pub(super) fn sync_parent_folder(_path: &Path) -> io::Result<()> {
    // A folder cannot be opened here. The sync of the file itself has to be enough.
    Ok(())
}

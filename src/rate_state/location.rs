//! Where the rate state is stored: in the user's own folder, in a file that no link leads to and
//! nobody else can read.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::private_file;

/// The extension of the file name.
pub(super) const EXTENSION: &str = "slots";

/// A file that nobody has written to for this long is not needed any more.
const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Why the state cannot be stored.
#[derive(Debug)]
pub enum RateStateError {
    /// The folder or the file could not be opened.
    Open(PathBuf, io::Error),
    /// Another user owns it. He could mislead this run, or this run could lock him out.
    Foreign(PathBuf),
}

/// Opens the file with this name. Creates it if there is none.
pub(super) fn open(folder: &Path, name: &str) -> Result<File, RateStateError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |error| RateStateError::Open(path, error)
    };
    // The part of the path that exists must be ours. If the program runs as another user (sudo), it
    // must not leave anything in this home that its owner could not use afterwards.
    let there = folder.ancestors().find(|folder| folder.is_dir());
    if !there.is_some_and(|folder| fs::metadata(folder).is_ok_and(|there| is_owned_by_us(&there))) {
        return Err(RateStateError::Foreign(folder.to_owned()));
    }
    make_folder(folder).map_err(failed(folder))?;
    let path = folder.join(name);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    private_file::restrict(&mut options);
    refuse_links(&mut options);
    let file = options.open(&path).map_err(failed(&path))?;
    let there = file.metadata().map_err(failed(&path))?;
    if !there.is_file() || !is_owned_by_us(&there) {
        return Err(RateStateError::Foreign(path));
    }
    if there.len() == 0 {
        remove_old_files(folder);
    }
    Ok(file)
}

/// Removes files of earlier starts of the host.
fn remove_old_files(folder: &Path) {
    let old = |path: &PathBuf| {
        let changed = fs::symlink_metadata(path).and_then(|there| there.modified());
        let age = changed.ok().and_then(|changed| changed.elapsed().ok());
        path.extension().is_some_and(|ending| ending == EXTENSION) && age > Some(KEPT_FOR)
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(old) {
        // A process that still needs it opens it again.
        let _ = fs::remove_file(path);
    }
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    const OWNER_ONLY: u32 = 0o700;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(OWNER_ONLY).create(folder)
}

#[cfg(unix)]
fn refuse_links(options: &mut OpenOptions) {
    use nix::fcntl::OFlag;
    use std::os::unix::fs::OpenOptionsExt as _;
    // Follows no link, and does not wait at a pipe.
    options.custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits());
}

#[cfg(unix)]
fn is_owned_by_us(there: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    there.uid() == nix::unistd::Uid::effective().as_raw()
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn refuse_links(_: &mut OpenOptions) {
    // On these systems the folder belongs to the user.
}

#[cfg(not(unix))]
fn is_owned_by_us(_: &fs::Metadata) -> bool {
    // On these systems the folder belongs to the user.
    true
}

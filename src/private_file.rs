//! Creates files with customer data: only their owner may read them. A stricter umask still
//! applies. Also tells whether a path leads to such a file itself, or to something else.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// The most existing files to skip. Earlier files may contain corrections, so they are not
/// overwritten.
const MOST_FILES: u32 = 10_000;

/// Options that create a private file and fail if the file exists.
#[must_use]
pub(crate) fn create_new() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    restrict(&mut options);
    options
}

/// Creates a file at the first of these paths (numbered from 1) that does not exist. An error names
/// its path.
pub(crate) fn create_first(
    path_of: impl Fn(u32) -> PathBuf,
) -> Result<(PathBuf, File), (PathBuf, io::Error)> {
    let mut n = 1;
    loop {
        let path = path_of(n);
        match create_new().open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && n < MOST_FILES => n += 1,
            Err(error) => return Err((path, error)),
        }
    }
}

/// The first of these paths (numbered from 1) that does not exist now, for a suggested command. The
/// last one if all exist.
pub(crate) fn first_free(path_of: impl Fn(u32) -> PathBuf) -> PathBuf {
    let mut n = 1;
    loop {
        let path = path_of(n);
        if n == MOST_FILES || !path.exists() {
            return path;
        }
        n += 1;
    }
}

/// Whether the path still leads to this open file, and not through a link.
pub(crate) fn leads_to(path: &Path, file: &File) -> io::Result<bool> {
    let opened = file.metadata()?;
    Ok(fs::symlink_metadata(path).is_ok_and(|found| is_same_file(&opened, &found)))
}

#[cfg(unix)]
fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    one.dev() == other.dev() && one.ino() == other.ino()
}

#[cfg(not(unix))]
fn is_same_file(_: &Metadata, other: &Metadata) -> bool {
    // An open file cannot be replaced on these systems.
    other.is_file()
}

/// Lets only the owner read the created file.
#[cfg(unix)]
pub(crate) fn restrict(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    const OWNER_ONLY: u32 = 0o600;
    options.mode(OWNER_ONLY);
}

#[cfg(not(unix))]
pub(crate) fn restrict(_options: &mut OpenOptions) {
    // These systems use the access lists of the folder.
}

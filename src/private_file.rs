//! New files that hold what customers' records are linked to: only their owner may
//! read them. A stricter umask holds.

use std::{
    fs::{File, OpenOptions},
    io,
    path::PathBuf,
};

/// Files of earlier runs may hold corrections; so many are stepped over.
const MOST_FILES: u32 = 10_000;

/// Options that create such a file, and refuse one that is there.
#[must_use]
pub(crate) fn create_new() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    restrict(&mut options);
    options
}

/// Creates the first of these paths, counted from 1, at which nothing stands. An
/// error is that of the path beside it.
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

/// The first of these paths, counted from 1, at which nothing stands by now: for a command
/// that is to be typed. The last one if all are taken.
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

/// Lets only the owner read what is created.
#[cfg(unix)]
pub(crate) fn restrict(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    const OWNER_ONLY: u32 = 0o600;
    options.mode(OWNER_ONLY);
}

#[cfg(not(unix))]
pub(crate) fn restrict(_options: &mut OpenOptions) {
    // Access is by the folder's lists there.
}

//! Creates files without customers' data: everybody may read them, because monitors run as other
//! users.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

/// Creates a file that everybody may read, whatever the umask. Fails if it exists.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let file = readable_by_all(options.write(true).create_new(true)).open(path)?;
    // Not every file system has modes.
    let _ = let_all_read(&file);
    Ok(file)
}

/// The owner writes, all others read.
#[cfg(unix)]
const READABLE: u32 = 0o644;

/// The mode at creation, before the umask.
#[cfg(unix)]
fn readable_by_all(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, READABLE)
}

#[cfg(unix)]
fn let_all_read(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(READABLE))
}

#[cfg(not(unix))]
fn readable_by_all(options: &mut OpenOptions) -> &mut OpenOptions {
    // Windows uses the access control list of the folder.
    options
}

#[cfg(not(unix))]
fn let_all_read(_file: &File) -> io::Result<()> {
    Ok(())
}

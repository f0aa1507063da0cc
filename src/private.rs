//! New files that hold what customers' records are linked to: only their owner may
//! read them. A stricter umask holds.

use std::fs::OpenOptions;

/// Options that create such a file, and refuse one that is there.
#[must_use]
pub(crate) fn create_new() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    restrict(&mut options);
    options
}

#[cfg(unix)]
fn restrict(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    const OWNER_ONLY: u32 = 0o600;
    options.mode(OWNER_ONLY);
}

#[cfg(not(unix))]
fn restrict(_options: &mut OpenOptions) {
    // Access is by the folder's lists there.
}

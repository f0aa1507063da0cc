//! Where the program keeps what its runs on this host share.

use std::{ffi::OsStr, path::PathBuf};

use super::environment::variable;

/// The folder of this program among others' of its kind.
const OURS: &str = "hubassoc";

/// The folder for ledgers of calls; `None` if the user has no home.
///
/// It is the same for a login session and for jobs of cron or systemd, which
/// often have no variables at all: so the home of the user database is the
/// last resort, and the runtime folder, which only sessions have, is none.
#[must_use]
pub fn ledger_folder() -> Option<PathBuf> {
    state_home().map(|home| home.join(OURS))
}

#[cfg(not(windows))]
fn state_home() -> Option<PathBuf> {
    let home = || absolute("HOME").or_else(home_of_user);
    absolute("XDG_STATE_HOME").or_else(|| Some(home()?.join(".local/state")))
}

#[cfg(windows)]
fn state_home() -> Option<PathBuf> {
    absolute("LOCALAPPDATA")
}

/// The path that a variable holds; a relative one is to be ignored, says the
/// XDG Base Directory Specification.
fn absolute(name: &str) -> Option<PathBuf> {
    let path = variable(OsStr::new(name)).map(PathBuf::from);
    path.filter(|path| path.is_absolute())
}

#[cfg(unix)]
fn home_of_user() -> Option<PathBuf> {
    use nix::unistd::{Uid, User};
    let user = User::from_uid(Uid::effective()).ok()??;
    Some(user.dir).filter(|home| home.is_absolute())
}

#[cfg(not(any(unix, windows)))]
fn home_of_user() -> Option<PathBuf> {
    None
}

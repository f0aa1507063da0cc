//! The folder for state that runs on this host share.

use std::{ffi::OsStr, path::PathBuf};

use super::environment::variable;

/// The name of this program's folder.
const OURS: &str = "hubassoc";

/// The folder for shared rate-limit states. `None` if the user has no home.
///
/// It must be the same for login sessions and for jobs of cron or systemd, which often have no
/// environment variables. So the home folder of the user database is the last resort. The runtime
/// folder is not used, because only sessions have one.
#[must_use]
pub fn rate_state_folder() -> Option<PathBuf> {
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

/// The path in a variable. Relative paths are ignored, as the XDG Base Directory Specification
/// demands.
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

//! The environment variables. They are read only here.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::PathBuf,
};

/// Whether a variable is set but empty.
#[must_use]
pub fn is_empty_variable(name: &OsStr) -> bool {
    variable(name).is_some_and(|value| value.is_empty())
}

/// Whether the environment sets the option with this flag, which has no dashes in front.
#[must_use]
pub fn has_variable(flag: &str) -> bool {
    option_text(flag).is_some()
}

/// The user's log filter, which `logging` caps.
#[must_use]
pub fn log_filter() -> Option<String> {
    text("RUST_LOG")
}

/// Whether colours are unwelcome (see no-color.org).
#[must_use]
pub fn no_color() -> bool {
    text("NO_COLOR").is_some()
}

/// The text that the environment sets for the option with this flag; empty is unset.
pub(super) fn option_text(flag: &str) -> Option<OsString> {
    let name = format!("HUBASSOC_{}", flag.replace('-', "_").to_uppercase());
    variable(OsStr::new(&name)).filter(|text| !text.is_empty())
}

/// The path that a variable holds; empty is unset.
pub(super) fn path_in(name: &str) -> Option<PathBuf> {
    let path = variable(OsStr::new(name));
    path.filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// A variable's text; empty is unset.
pub(super) fn text(name: &str) -> Option<String> {
    variable(OsStr::new(name))
        .and_then(|value| value.into_string().ok())
        .filter(|v| !v.is_empty())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this module is where the environment is read"
)]
pub(super) fn variable(name: &OsStr) -> Option<OsString> {
    env::var_os(name)
}

//! What the command line means: the environment is read here and nowhere
//! else, and what cannot work is refused before anything begins.

mod again;
mod credentials;
mod meaning;
mod paths;
mod proxy;
mod state;

pub use again::{MEANING, check_same_run};
pub use credentials::{credentials, has_credentials};
pub use meaning::{check_batch, input, object_type};
pub use paths::{
    check_summary, empty_summary, overwrite_summary, results_path, summary_may_replace,
};
pub use proxy::check_proxies;
pub use state::ledger_folder;

use std::{
    env,
    ffi::{OsStr, OsString},
    fs, io,
    path::{Path, PathBuf},
};

use reqwest::Url;

use crate::{
    association::UnknownDefinition,
    hubspot::{TokenError, is_loopback},
};

/// Why the options cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No secret anywhere.
    #[error(
        "no access token: set HUBSPOT_ACCESS_TOKEN or give --token-file PATH, or for OAuth set \
         HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN \
         (a service key is made in HubSpot under Development, Keys; an import can be \
         rehearsed without one: import --sandbox)"
    )]
    NoToken,
    /// Not all three that OAuth needs.
    #[error(
        "OAuth needs {0} too: set it, or the variable with _FILE at its end to the path of a \
         file that holds it"
    )]
    OAuthIncomplete(String),
    /// A secret and a file for it.
    #[error("{0} and {0}_FILE are both set; unset one of them")]
    TwoPlaces(String),
    /// The secret is unusable.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The definition is none that the API has.
    #[error("--definition {0}")]
    Definition(#[from] UnknownDefinition),
    /// Text that can be no object type's name.
    #[error(
        "--{option} '{text}' names no object type; give contacts, companies, …, or a custom \
         object's name or id (2-123456)"
    )]
    ObjectType {
        /// The option's name.
        option: &'static str,
        /// As given.
        text: String,
    },
    /// Object types and labels are the newer API's.
    #[error(
        "--label and --from-type need --api 2026-09; give it, or --definition (`hubassoc types` \
         lists them)"
    )]
    LabelsNeedNewer,
    /// More rows in a call than the API takes.
    #[error("--batch {rows} is more than API {api} takes in a call; give {most} at most, or max")]
    BatchTooLarge {
        /// As given.
        rows: usize,
        /// The API's version.
        api: &'static str,
        /// What it takes.
        most: usize,
    },
    /// Results are a file that later runs read.
    #[error("results cannot go to standard output; give --results the path of a new file")]
    ResultsToStdout,
    /// The summary would replace what the run reads or writes.
    #[error("--summary {0} is a file that the run itself reads or writes; name another")]
    SummaryInTheWay(PathBuf),
    /// Only an earlier summary is replaced.
    #[error(
        "--summary {0} exists and is no summary, so that it is not replaced; name another file"
    )]
    SummaryExists(PathBuf),
    /// It would be lost at the end of a long run.
    #[error("--summary {0} cannot be written: {1}; name another file")]
    SummaryUnwritable(PathBuf, #[source] io::Error),
    /// There is no path to derive it from.
    #[error(
        "standard input and pipes have no name to derive a results file from; give --results PATH"
    )]
    NoResultsPath,
    /// The base URL is not one that a token may be sent to.
    #[error("--base-url {0}")]
    BaseUrl(&'static str),
    /// Calls would go past the proxy that they are meant to go by.
    #[error(
        "{0} names a proxy that cannot be used: it {1}; give it as http://host:port or \
         http://user:password@host:port, or unset it"
    )]
    Proxy(&'static str, &'static str),
    /// A run that goes on goes to the same place.
    #[error(
        "the run that is to go on sends to {then}, and this would send to {now}; give the same \
         (--base-url, --sandbox, --api), or name another file with --results"
    )]
    OtherTarget {
        /// As it was begun.
        then: String,
        /// As it is now.
        now: String,
    },
    /// Its rows mean the same.
    #[error(
        "the run that is to go on was begun {then}, and now --{option} is {now}: its rows would \
         mean something else; leave the option out, or name another file with --results"
    )]
    OtherMeaning {
        /// The option's name.
        option: String,
        /// As it was begun.
        then: String,
        /// As it is now.
        now: String,
    },
    /// Rows beyond the limit are recorded.
    #[error(
        "--limit {limit} lies behind row {highest}, which is recorded already; give a higher one, \
         or off"
    )]
    LimitBehind {
        /// As given.
        limit: u64,
        /// The highest row that is recorded.
        highest: u64,
    },
    /// The certificates cannot be read.
    #[error("cannot read --ca-file {0}: {1}")]
    CaFile(PathBuf, #[source] io::Error),
}

/// Whether a variable is set, but to nothing.
#[must_use]
pub fn is_empty_variable(name: &OsStr) -> bool {
    variable(name).is_some_and(|value| value.is_empty())
}

/// The summary that the environment names.
#[must_use]
pub fn summary_variable() -> Option<PathBuf> {
    path_in("HUBASSOC_SUMMARY")
}

/// The form of logs that the environment names.
#[must_use]
pub fn log_format_variable() -> Option<String> {
    text("HUBASSOC_LOG_FORMAT")
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

/// The base URL, if a token may be sent there.
///
/// # Errors
/// If it is no URL, has more than scheme, host and port, or would send the
/// token in the clear over a network. Never quotes it: it may hold a password.
pub fn base_url(text: &str) -> Result<Url, ConfigError> {
    let refuse = |why| Err(ConfigError::BaseUrl(why));
    let Ok(url) = Url::parse(text) else {
        return refuse("is no URL; it looks like https://api.hubapi.com");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("holds a user or password; credentials do not belong there");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return refuse("has a path or query; give scheme, host and port alone");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => refuse("is plain http, which would send the token in the clear; use https"),
        _ => refuse("has a scheme other than https"),
    }
}

/// The certificates of `--ca-file`.
///
/// # Errors
/// If the file cannot be read.
pub fn extra_roots(path: Option<&Path>) -> Result<Option<Vec<u8>>, ConfigError> {
    let read =
        |path: &Path| fs::read(path).map_err(|error| ConfigError::CaFile(path.to_owned(), error));
    path.map(read).transpose()
}

/// The path that a variable holds; empty is unset.
fn path_in(name: &str) -> Option<PathBuf> {
    let path = variable(OsStr::new(name));
    path.filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// A variable's text; empty is unset.
fn text(name: &str) -> Option<String> {
    variable(OsStr::new(name))
        .and_then(|value| value.into_string().ok())
        .filter(|v| !v.is_empty())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this module is where the environment is read"
)]
fn variable(name: &OsStr) -> Option<OsString> {
    env::var_os(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_that_would_leak_the_token_is_refused_without_quoting_it() {
        for good in [
            "https://api.hubapi.com",
            "https://api.hubapi.com/",
            "http://127.0.0.1:8787",
            "http://localhost:1",
            "http://[::1]:80",
        ] {
            assert!(base_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.hubapi.com",
            "https://me:s3cret@api.hubapi.com",
            "ftp://api.hubapi.com",
            "https://api.hubapi.com/path",
            "https://api.hubapi.com?q=s3cret",
            "api.hubapi.com",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "",
        ] {
            let error = base_url(bad).unwrap_err().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}

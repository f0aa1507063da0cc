//! Finds the secrets: options, environment variables, and files that these name. Decides which
//! of several are used.

use std::path::{Path, PathBuf};

use super::{
    environment::{path_in, text},
    error::ConfigError,
};
use crate::hubspot::{Credentials, OAuthCredentials, Secret, looks_like_secret};

const ACCESS_TOKEN: &str = "HUBSPOT_ACCESS_TOKEN";
const TOKEN_FILE: &str = "--token-file";
const API_KEY: &str = "HUBSPOT_API_KEY";
const OAUTH: [&str; 3] = [
    "HUBSPOT_CLIENT_ID",
    "HUBSPOT_CLIENT_SECRET",
    "HUBSPOT_REFRESH_TOKEN",
];

/// The secrets, and warnings about them. A token is used before OAuth, and an API key last.
///
/// # Errors
/// If they are missing, incomplete or unusable.
pub fn credentials(token_file: Option<&Path>) -> Result<(Credentials, Vec<String>), ConfigError> {
    let unused = |used: &str| {
        let complete = OAUTH.iter().all(|name| is_set(name));
        let warning = format!("using {used}, not {} (leave out one of them)", OAUTH[0]);
        complete.then_some(warning)
    };
    if let Some(path) = token_file {
        let token = secret_in(path, TOKEN_FILE)?;
        let path = path.to_owned();
        let warnings = warn_of_readers(&path).into_iter().chain(unused(TOKEN_FILE));
        let warnings = warnings.collect();
        return Ok((Credentials::TokenFile { token, path }, warnings));
    }
    if let Some(token) = text(ACCESS_TOKEN) {
        let token = Secret::new(&token, ACCESS_TOKEN)?;
        let warnings = unused(ACCESS_TOKEN).into_iter().collect();
        return Ok((Credentials::Token(token), warnings));
    }
    if OAUTH.iter().any(|name| is_set(name)) {
        return oauth();
    }
    let key = text(API_KEY).ok_or(ConfigError::NoToken)?;
    let key = Secret::new(&key, API_KEY)?;
    let warning = "HubSpot has not supported API keys since November 2022; set \
                   HUBSPOT_ACCESS_TOKEN to a service key or to the access token of an app";
    Ok((Credentials::ApiKey(key), vec![warning.to_owned()]))
}

/// Whether the environment has secrets of any kind.
#[must_use]
pub fn has_credentials() -> bool {
    let is_given = [ACCESS_TOKEN, API_KEY]
        .into_iter()
        .any(|name| text(name).is_some());
    is_given || OAUTH.into_iter().any(is_set)
}

fn oauth() -> Result<(Credentials, Vec<String>), ConfigError> {
    let missing: Vec<_> = OAUTH.into_iter().filter(|name| !is_set(name)).collect();
    if !missing.is_empty() {
        return Err(ConfigError::OAuthIncomplete(missing.join(" and ")));
    }
    let mut warnings = Vec::new();
    let [client_id, client_secret, refresh_token] =
        OAUTH.map(|name| variable_or_file(name, &mut warnings));
    let app = OAuthCredentials {
        client_id: client_id?,
        client_secret: client_secret?,
        refresh_token: refresh_token?,
    };
    Ok((Credentials::OAuth(app), warnings))
}

/// The file that stands in for the variable `name`.
fn file_of(name: &str) -> Option<PathBuf> {
    path_in(&file_variable(name))
}

fn file_variable(name: &str) -> String {
    format!("{name}_FILE")
}

/// The secret in the file that an option or a variable names.
fn secret_in(path: &Path, setting: &str) -> Result<Secret, ConfigError> {
    if is_secret_for_path(path) {
        return Err(ConfigError::SecretForPath(setting.to_owned()));
    }
    Ok(Secret::from_file(path)?)
}

/// Whether a secret was given in place of the path of its file.
pub(super) fn is_secret_for_path(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    !path.exists() && looks_like_secret(&name.to_string_lossy())
}

fn is_set(name: &str) -> bool {
    text(name).is_some() || file_of(name).is_some()
}

fn variable_or_file(name: &str, warnings: &mut Vec<String>) -> Result<Secret, ConfigError> {
    match (text(name), file_of(name)) {
        (Some(_), Some(_)) => Err(ConfigError::SecretAndFile(name.to_owned())),
        (None, Some(path)) => {
            warnings.extend(warn_of_readers(&path));
            secret_in(&path, &file_variable(name))
        }
        (secret, None) => Ok(Secret::new(&secret.unwrap_or_default(), name)?),
    }
}

fn warn_of_readers(path: &Path) -> Option<String> {
    readable_by_others(path).then(|| {
        format!(
            "other users can read {}; make it private with chmod 600",
            path.display()
        )
    })
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    const GROUP_OR_OTHERS_READ: u32 = 0o044;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & GROUP_OR_OTHERS_READ != 0)
}

#[cfg(not(unix))]
fn readable_by_others(_path: &Path) -> bool {
    // Windows has access control lists, which the standard library does not read.
    false
}

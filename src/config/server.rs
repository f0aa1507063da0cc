//! Which server is called, and which certificates it may have.

use std::{fs, path::Path};

use reqwest::Url;

use super::error::ConfigError;
use crate::hubspot::is_loopback;

/// The base URL, if a token may be sent there.
///
/// # Errors
/// If it is not a URL, has more than scheme, host and port, or would send the token unencrypted
/// over a network. Never quotes it, because it may contain a password.
pub fn base_url(text: &str) -> Result<Url, ConfigError> {
    let refuse = |why| Err(ConfigError::BaseUrl(why));
    let Ok(url) = Url::parse(text) else {
        return refuse("is not a URL such as https://api.hubapi.com");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("contains a user or password; remove them");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return refuse("has a path or query; give only scheme, host and port");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => refuse("is plain http, which would send the token unencrypted; use https"),
        _ => refuse("does not begin with https://"),
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

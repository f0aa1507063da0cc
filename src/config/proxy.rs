//! Environment variables that name a proxy. A proxy that cannot be used is refused, because the
//! HTTP client would silently connect without it.
//!
//! The client decides which calls use a proxy.

use std::ffi::OsStr;

use reqwest::Url;

use super::{environment::variable, error::ConfigError};

/// The variables that apply to https.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Refuses a proxy that cannot be used. Never quotes it, because it may contain a password.
///
/// # Errors
/// If there is one; the error names the variable.
pub fn check_proxies() -> Result<(), ConfigError> {
    for name in VARIABLES {
        let Some(value) = variable(OsStr::new(name)).filter(|value| !value.is_empty()) else {
            continue;
        };
        let flaw = value.to_str().map_or(Some("is not text"), defect);
        if let Some(flaw) = flaw {
            return Err(ConfigError::Proxy(name, flaw));
        }
    }
    Ok(())
}

/// What keeps a proxy from being used.
fn defect(value: &str) -> Option<&'static str> {
    if value.contains(['"', '\'', '`']) {
        return Some("contains a quote");
    }
    if value.contains(char::is_whitespace) {
        return Some("contains a space (write %20 in a password)");
    }
    let is_of_urls = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]@!$&()*+,;=%".contains(c);
    if !value.chars().all(is_of_urls) {
        return Some("contains a character that must be written as % and two digits (# is %23)");
    }
    if value.matches('@').count() > 1 {
        return Some("contains two @ (write %40 in a password)");
    }
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => {}
        "socks5h" => return Some("is a SOCKS proxy (socks5h), which is not supported"),
        "socks4" | "socks4a" | "socks5" => return Some("is a SOCKS proxy, which is not supported"),
        _ => return Some("has a scheme other than http and https"),
    }
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let is_address = Url::parse(&format!("http://{rest}")).is_ok_and(|url| url.has_host());
    if !is_address || host.contains('%') {
        return Some("has no host, or its port is not a number (write / as %2F in a password)");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_would_leave_out_is_refused_and_what_it_uses_is_not() {
        for good in [
            "http://10.0.0.1:3128",
            "https://proxy.example",
            "HTTP://proxy.example:8080/",
            "proxy.example:8080",
            "http://job:p%20ss%23@proxy.example:8080",
            "http://[::1]:3128",
        ] {
            assert_eq!(defect(good), None, "{good}");
        }
        for bad in [
            "\"http://10.0.0.1:3128\"",
            "'http://10.0.0.1:3128'",
            "http://10.0.0.1:3128 ",
            "http://job:p ss@10.0.0.1:3128",
            "http://job:p#ss@10.0.0.1:3128",
            "http://job:p/ss@10.0.0.1:3128",
            "http://job:p@ss@10.0.0.1:3128",
            "ftp://10.0.0.1:3128",
            "socks5h://10.0.0.1:1080",
            "http://",
            "http://10.0.0.1:x",
        ] {
            assert!(defect(bad).is_some(), "{bad}");
        }
    }
}

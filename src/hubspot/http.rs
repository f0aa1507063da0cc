//! Sets up the HTTP client: time-outs, certificates, proxies; and what can go wrong.

use std::time::Duration;

use reqwest::{
    Certificate, Client, Url,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue},
    redirect,
};

use super::{api_version::ApiVersion, events::TokenEvent, token::Credentials};

/// Idle connections are closed after this time, before HubSpot's edge closes them.
const IDLE_FOR: Duration = Duration::from_secs(30);

/// A silent HTTP/2 connection with requests is pinged at this interval. It is closed if it does not
/// respond for the same time.
const PINGED_EVERY: Duration = Duration::from_secs(10);

/// Options of the client.
#[derive(Debug)]
pub struct ClientOptions {
    /// The version of the API.
    pub api_version: ApiVersion,
    /// The user agent: name and version.
    pub agent: &'static str,
    /// Scheme, host and port of the API.
    pub base_url: Url,
    /// The credentials for the API.
    pub credentials: Credentials,
    /// The time-out of one attempt.
    pub timeout: Duration,
    /// The time-out for connecting.
    pub connect_timeout: Duration,
    /// Certificates (PEM) that are trusted in addition to those of the operating system.
    pub extra_roots: Option<Vec<u8>>,
    /// Reports events about tokens.
    pub report_event: fn(&TokenEvent),
}

/// Why the client cannot be created.
#[derive(Debug)]
pub enum ClientError {
    /// The given file contains no certificates.
    Certificates,
    /// The system's root certificates or proxies could not be used; the message of the system.
    Setup(String),
    /// The token cannot be sent in a header.
    Token,
}

/// Creates a client that pools its connections, or makes a new one for each request.
///
/// # Errors
/// If a certificate file or the system's roots are unusable.
pub(super) fn client(options: &ClientOptions, keeps: bool) -> Result<Client, ClientError> {
    // Fails only if a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(options.agent)
        .timeout(options.timeout)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(IDLE_FOR)
        .http2_keep_alive_interval(PINGED_EVERY)
        .http2_keep_alive_timeout(PINGED_EVERY)
        // Nothing here decompresses. Without this header a server may send any encoding.
        .default_headers(HeaderMap::from_iter([(
            ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        )]))
        // A redirected write would become a GET at best; see `verdict`.
        .redirect(redirect::Policy::none())
        // Retries happen elsewhere, because every attempt has to pass the rate limiter and be
        // counted.
        .retry(reqwest::retry::never())
        .referer(false);
    if !keeps {
        builder = builder.pool_max_idle_per_host(0);
    }
    if is_loopback(&options.base_url) {
        builder = builder.no_proxy();
    }
    if let Some(pem) = &options.extra_roots {
        let roots = Certificate::from_pem_bundle(pem)
            .ok()
            .filter(|roots| !roots.is_empty())
            .ok_or(ClientError::Certificates)?;
        builder = builder.tls_certs_merge(roots);
    } else if options.base_url.scheme() == "http" {
        // Plain HTTP needs no root certificates, and loading them takes time.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|error| {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        ClientError::Setup(source.unwrap_or_else(|| error.without_url().to_string()))
    })
}

/// Whether a URL leads to this machine itself.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

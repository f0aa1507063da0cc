//! How the HTTP client is set up: time-outs, certificates, proxies; and what
//! can be wrong with that.

use std::time::Duration;

use reqwest::{
    Certificate, Client, Url,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue},
    redirect,
};

use super::{api_version::ApiVersion, events::TokenEvent, token::Credentials};

/// Idle connections are closed before HubSpot's edge closes them.
const IDLE_FOR: Duration = Duration::from_secs(30);

/// An HTTP/2 connection that has requests and says nothing is asked so often
/// whether it is alive, and given up when it does not answer for as long.
const PINGED_EVERY: Duration = Duration::from_secs(10);

/// What a client needs to know.
#[derive(Debug)]
pub struct ClientOptions {
    /// Which API is spoken.
    pub api_version: ApiVersion,
    /// What calls, as it says of itself: name and version.
    pub agent: &'static str,
    /// Scheme, host and port of the API.
    pub base_url: Url,
    /// What proves the right to call it.
    pub credentials: Credentials,
    /// The longest that one attempt may take.
    pub timeout: Duration,
    /// The longest that connecting may take.
    pub connect_timeout: Duration,
    /// Certificates (PEM) that are trusted beside the operating system's.
    pub extra_roots: Option<Vec<u8>>,
    /// Tells what happens to the right to call.
    pub tell: fn(&TokenEvent),
}

/// Why there is no client.
#[derive(Debug)]
pub enum ClientError {
    /// The given file holds no certificates.
    Certificates,
    /// The system's roots or proxies could not be used; what the system says.
    Setup(String),
    /// The token cannot be sent in a header.
    Token,
}

/// A client for a run; it keeps its connections, or makes one for each request.
///
/// # Errors
/// If a certificate file or the system's roots are unusable.
pub(super) fn client(options: &ClientOptions, keeps: bool) -> Result<Client, ClientError> {
    // Fails only if it was done before, in which case there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(options.agent)
        .timeout(options.timeout)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(IDLE_FOR)
        .http2_keep_alive_interval(PINGED_EVERY)
        .http2_keep_alive_timeout(PINGED_EVERY)
        // Nothing here unpacks; a client that does not say so may be sent anything.
        .default_headers(HeaderMap::from_iter([(
            ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        )]))
        // A redirected write would be a GET at best; see `verdict`.
        .redirect(redirect::Policy::none())
        // Every attempt passes the pacer and is counted.
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
        // Plain HTTP needs no roots, and loading them takes time.
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

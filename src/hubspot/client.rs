//! One attempt over HTTP: the request, its time-outs, and the answer read to
//! a bounded length.

use std::time::Duration;

use reqwest::{
    Certificate, Client, Method, Request, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION},
    redirect,
};

use super::{
    error_body::ErrorBody,
    headers,
    token::Credentials,
    transport, v1,
    verdict::{Judged, judge},
};
use crate::{
    api::{Answer, Api, Call, Verdict},
    association::Association,
    cell::clean,
};

/// Answers are read so far; the rest of a longer one is not wanted.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Idle connections are closed before HubSpot's edge closes them.
const IDLE_FOR: Duration = Duration::from_secs(30);

/// What a client needs to know.
#[derive(Debug)]
pub struct ClientOptions {
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
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The given file holds no certificates.
    #[error("--ca-file holds no certificate in PEM form: none was found")]
    Certificates,
    /// The system's roots or proxies could not be used.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
    /// The token cannot be sent in a header.
    #[error("the token holds characters that cannot be sent; check it")]
    Token,
}

/// HubSpot, ready to be called.
#[derive(Debug)]
pub struct HubSpot {
    http: Client,
    create_url: Url,
    headers: HeaderMap,
    credentials: Credentials,
}

impl HubSpot {
    /// Sets the client up; nothing is sent yet.
    ///
    /// # Errors
    /// If a certificate file, the system's roots or the token are unusable.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut create_url = options.base_url.clone();
        create_url.set_path(v1::CREATE_PATH);
        match &options.credentials {
            Credentials::Token(token) => {
                let bearer = format!("Bearer {}", token.expose());
                let mut value = HeaderValue::try_from(bearer).map_err(|_| ClientError::Token)?;
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
            Credentials::ApiKey(key) => {
                create_url
                    .query_pairs_mut()
                    .append_pair("hapikey", key.expose());
            }
        }
        let http = http_client(&options)?;
        Ok(Self {
            http,
            create_url,
            headers,
            credentials: options.credentials,
        })
    }

    /// Hides the secret in a text, also as the URL spells it.
    fn mask(&self, text: &str) -> String {
        let masked = self.credentials.mask(text);
        let in_url = self.create_url.query().and_then(|q| q.split_once('='));
        match in_url {
            Some((_, spelt)) => masked.replace(spelt, "***"),
            None => masked,
        }
    }

    async fn create(&self, association: &Association) -> Answer {
        let mut request = Request::new(Method::PUT, self.create_url.clone());
        *request.headers_mut() = self.headers.clone();
        *request.body_mut() = Some(v1::create_body(association).into());
        let mask = |text: &str| self.mask(text);
        let response = match self.http.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                return Answer {
                    verdicts: vec![transport::verdict(&error, &mask)],
                    quota: None,
                };
            }
        };
        let quota = headers::quota(response.headers());
        let verdict = if response.status().as_u16() == v1::CREATED {
            // Most answers: nothing to read, nothing to parse.
            Verdict::Done {
                http_status: v1::CREATED,
            }
        } else {
            judge(&read(response, &mask).await)
        };
        Answer {
            verdicts: vec![verdict],
            quota,
        }
    }
}

impl Api for HubSpot {
    async fn call(&self, call: Call<'_>) -> Answer {
        let Call::Create(associations) = call;
        let [association] = associations else {
            unreachable!("v1 sends one association a call")
        };
        self.create(association).await
    }
}

fn http_client(options: &ClientOptions) -> Result<Client, ClientError> {
    // Fails only if it was done before, in which case there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("hubassoc/", env!("CARGO_PKG_VERSION")))
        .timeout(options.timeout)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(IDLE_FOR)
        // A redirected write would be a GET at best; see `verdict`.
        .redirect(redirect::Policy::none())
        // Every attempt passes the pacer and is counted.
        .retry(reqwest::retry::never())
        .referer(false);
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

/// Reads what an answer other than success says.
async fn read(mut response: Response, mask: &dyn Fn(&str) -> String) -> Judged {
    let status = response.status().as_u16();
    let retry_after = headers::retry_after(response.headers(), jiff::Timestamp::now());
    let origin = origin(response.headers(), mask);
    let correlation = response.headers().get("x-hubspot-correlation-id");
    let correlation = correlation
        .and_then(|id| id.to_str().ok())
        .map(|id| clean(&mask(id), 64));
    let mut body = Vec::new();
    let whole = loop {
        match response.chunk().await {
            Ok(None) => break true,
            Ok(Some(chunk)) => {
                let room = LONGEST_ANSWER - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    break false;
                }
            }
            Err(_) => break false,
        }
    };
    let mut body = ErrorBody::read(&body, mask);
    body.correlation_id = body.correlation_id.or(correlation);
    if !whole {
        body.message.push_str(" (incomplete)");
    }
    Judged {
        status,
        body,
        retry_after,
        origin,
    }
}

/// Where an answer that is not the API's seems to come from. A redirect's
/// target is named without its query, which may hold what is nobody's business.
fn origin(headers: &HeaderMap, mask: &dyn Fn(&str) -> String) -> String {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    if let Some(target) = text(LOCATION) {
        let target = target.split(['?', '#']).next().unwrap_or_default();
        return format!("redirects to {}", clean(&mask(target), 120));
    }
    let kind = text(CONTENT_TYPE)
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    if kind.ends_with("json") {
        String::new()
    } else {
        clean(&mask(kind), 60)
    }
}

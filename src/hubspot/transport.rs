//! Requests that got no whole answer: what broke, in words without the URL
//! (which may hold a key), and whether it can be any better next time.

use std::{error::Error, io};

use crate::{
    api::Verdict,
    cell::clean,
    code::Code,
    failure::{Broken, Detail, Failure},
    stop::StopReason,
};

/// Causes are cut here, in characters.
const LONGEST_CAUSE: usize = 300;

/// What the HTTP stack says of a proxy's 407. It has no type of its own for it
/// that could be asked.
const PROXY_WANTS_PASSWORD: &str = "proxy authorization required";

/// The same of any other answer of a proxy than that it has connected.
const PROXY_REFUSED: &str = "tunnel error: unsuccessful";

/// What a broken request means; `mask` hides secrets.
pub(super) fn verdict(error: &reqwest::Error, mask: &dyn Fn(&str) -> String) -> Verdict {
    let cause = clean(&mask(&cause(error)), LONGEST_CAUSE);
    if let Some(cure) = certificate_cure(error) {
        let text = format!("the server's certificate was refused: {cause}; {cure}");
        return Verdict::Fatal(StopReason::Certificate(text));
    }
    if cause.contains(PROXY_WANTS_PASSWORD) {
        let text = "the proxy refused its user and password, or wants one (HTTP 407): correct \
                    the variable that names the proxy (HTTPS_PROXY, ALL_PROXY), as in \
                    http://user:password@host:port";
        return Verdict::Fatal(StopReason::Credentials(text.to_owned()));
    }
    let (code, broken) = if error.is_timeout() && !error.is_connect() {
        (Code::Timeout, Broken::Silent)
    } else if cause.contains(PROXY_REFUSED) {
        (Code::ConnectionFailed, Broken::ByProxy)
    } else if error.is_connect() {
        (Code::ConnectionFailed, Broken::Unconnected)
    } else {
        (Code::ConnectionFailed, Broken::Broken)
    };
    let failure = Failure::new(code, Detail::NoAnswer(broken, cause));
    if error.is_connect() {
        Verdict::Unsent(failure)
    } else {
        Verdict::Unreachable(failure)
    }
}

/// The innermost causes; reqwest's own sentence would name the URL.
fn cause(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        // Wrappers repeat their source's text, or only say that one failed.
        texts.retain(|outer| !outer.contains(&text));
        if !text.starts_with("client error") {
            texts.push(text);
        }
        source = inner.source();
    }
    texts.join(": ")
}

/// What to do about a refused certificate; `None` for every other fault.
fn certificate_cure(error: &reqwest::Error) -> Option<&'static str> {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = source {
        if let Some(rustls::Error::InvalidCertificate(refused)) = tls_error(inner) {
            return Some(cure(refused));
        }
        source = inner.source();
    }
    None
}

/// rustls hides its errors in I/O errors, which do not name them as a source.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    error
        .downcast_ref()
        .or_else(|| tls_error(error.downcast_ref::<io::Error>()?.get_ref()?))
}

fn cure(refused: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError as Refused;
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a foreign enum that may grow"
    )]
    match refused {
        Refused::Expired
        | Refused::ExpiredContext { .. }
        | Refused::NotValidYet
        | Refused::NotValidYetContext { .. } => "if it is valid, this machine's clock is wrong",
        Refused::UnknownIssuer => {
            "if a proxy or a private authority signed it, name its certificate with --ca-file"
        }
        _ => {
            "check --base-url and the proxy; a certificate of your own authority is named with \
             --ca-file"
        }
    }
}

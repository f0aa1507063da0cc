//! Requests that got no whole answer: what broke, without the URL
//! (which may hold a key), and whether it can be any better next time.

use std::{error::Error, io};

use crate::{
    api::Verdict,
    cell::clean,
    code::Code,
    failure::{
        AccessDenied, CertificateFault, Failure, ResponseFault, TransportFault,
        UntrustedCertificate,
    },
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
    if let Some(fault) = certificate_fault(error) {
        let untrusted = UntrustedCertificate { cause, fault };
        return Verdict::Fatal(StopReason::Certificate(untrusted.into()));
    }
    if cause.contains(PROXY_WANTS_PASSWORD) {
        return Verdict::Fatal(StopReason::Credentials(AccessDenied::ByProxy.into()));
    }
    let (code, broken) = if error.is_timeout() && !error.is_connect() {
        (Code::Timeout, TransportFault::Silent)
    } else if cause.contains(PROXY_REFUSED) {
        (Code::ConnectionFailed, TransportFault::ByProxy)
    } else if error.is_connect() {
        (Code::ConnectionFailed, TransportFault::Unconnected)
    } else {
        (Code::ConnectionFailed, TransportFault::Broken)
    };
    let failure = Failure::new(code, ResponseFault::NoAnswer(broken, cause));
    if error.is_connect() {
        Verdict::NotSent(failure)
    } else {
        Verdict::ConnectionLost(failure)
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

/// What is wrong with a refused certificate; `None` for every other fault.
fn certificate_fault(error: &reqwest::Error) -> Option<CertificateFault> {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = source {
        if let Some(rustls::Error::InvalidCertificate(refused)) = tls_error(inner) {
            return Some(fault(refused));
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

fn fault(refused: &rustls::CertificateError) -> CertificateFault {
    use rustls::CertificateError as Refused;
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a foreign enum that may grow"
    )]
    match refused {
        Refused::Expired
        | Refused::ExpiredContext { .. }
        | Refused::NotValidYet
        | Refused::NotValidYetContext { .. } => CertificateFault::NotNow,
        Refused::UnknownIssuer => CertificateFault::UnknownIssuer,
        _ => CertificateFault::Other,
    }
}

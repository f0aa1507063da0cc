//! Requests that got no complete response: what failed, without the URL (which may contain a key),
//! and whether a retry can help.

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

/// The longest cause that is kept, in characters.
const MAX_CAUSE: usize = 300;

/// The message of the HTTP stack for a 407 of a proxy. It has no error type of its own.
const PROXY_WANTS_PASSWORD: &str = "proxy authorization required";

/// The message of the HTTP stack if a proxy does not connect.
const PROXY_REFUSED: &str = "tunnel error: unsuccessful";

/// The verdict for a failed request; `mask` hides secrets.
pub(super) fn verdict(error: &reqwest::Error, mask: &dyn Fn(&str) -> String) -> Verdict {
    let cause = clean(&mask(&cause(error)), MAX_CAUSE);
    if let Some(fault) = certificate_fault(error) {
        let untrusted = UntrustedCertificate { cause, fault };
        return Verdict::Fatal(StopReason::Certificate(untrusted.into()));
    }
    if cause.contains(PROXY_WANTS_PASSWORD) {
        return Verdict::Fatal(StopReason::Credentials(
            AccessDenied::ProxyAuthentication.into(),
        ));
    }
    let (code, fault) = if error.is_timeout() && !error.is_connect() {
        (Code::Timeout, TransportFault::TimedOut)
    } else if cause.contains(PROXY_REFUSED) {
        (Code::ConnectionFailed, TransportFault::RefusedByProxy)
    } else if error.is_connect() {
        (Code::ConnectionFailed, TransportFault::NotConnected)
    } else {
        (Code::ConnectionFailed, TransportFault::ConnectionBroken)
    };
    let failure = Failure::new(code, ResponseFault::NoAnswer(fault, cause));
    if error.is_connect() {
        Verdict::NotSent(failure)
    } else {
        Verdict::ConnectionLost(failure)
    }
}

/// The innermost causes. The message of reqwest itself would contain the URL.
fn cause(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        // Wrappers repeat the text of their source, or only say that something failed.
        texts.retain(|outer| !outer.contains(&text));
        if !text.starts_with("client error") {
            texts.push(text);
        }
        source = inner.source();
    }
    texts.join(": ")
}

/// What is wrong with a refused certificate; `None` for every other error.
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

/// rustls wraps its errors in I/O errors, which do not return them as a source.
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

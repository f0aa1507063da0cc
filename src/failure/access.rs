//! Why nothing is let through: neither this call nor any other.

use super::response::ResponseSummary;

/// Why the right to call is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessDenied {
    /// The token or its permissions were refused, with this answer.
    Token(ResponseSummary),
    /// The access token expired before it could be used.
    Expired,
    /// An access token was granted that cannot be sent.
    Unsendable,
    /// No access token was granted.
    NotGranted {
        /// The answer.
        said: ResponseSummary,
        /// What it names the error by.
        word: Option<String>,
    },
    /// The proxy wants a user and a password, or others.
    ByProxy,
}

/// The server's certificate was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntrustedCertificate {
    /// As the system tells it.
    pub cause: String,
    /// What kind of fault it is.
    pub fault: CertificateFault,
}

/// What may be wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// It is not valid at this time.
    NotNow,
    /// Nobody who is trusted has signed it.
    UnknownIssuer,
    /// Anything else.
    Other,
}

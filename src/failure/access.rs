//! Why no call at all is accepted.

use super::{detail::FailureDetail, response::ResponseSummary};

/// Why the credentials are not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessDenied {
    /// HubSpot refused the token or its permissions with this response.
    Token(ResponseSummary),
    /// The access token expired before it could be used.
    Expired,
    /// An access token was granted, but it cannot be sent in a header.
    Unsendable,
    /// No access token was granted.
    NotGranted {
        /// The response.
        summary: ResponseSummary,
        /// The name of the error in the response, such as `BAD_CLIENT_ID`.
        error_name: Option<String>,
    },
    /// The token may not read the records of this object type, by which rows name them; what the
    /// response says.
    Records(&'static str, Box<FailureDetail>),
    /// The proxy needs a user and a password, or different ones.
    ProxyAuthentication,
}

/// The server's certificate was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntrustedCertificate {
    /// The cause as the system reports it.
    pub cause: String,
    /// The kind of fault.
    pub fault: CertificateFault,
}

/// What can be wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// It is expired or not valid yet.
    NotNow,
    /// It is not signed by a trusted issuer.
    UnknownIssuer,
    /// Anything else.
    Other,
}

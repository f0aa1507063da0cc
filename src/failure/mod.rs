//! Why a row has no link, or was not changed, as data.
//!
//! Has no sentences and no option names; `messages` turns the data into text.

mod access;
mod cell;
mod detail;
mod response;

use std::borrow::Cow;

use crate::{code::Code, http_status::HttpStatus};

pub use access::{AccessDenied, CertificateFault, UntrustedCertificate};
pub use cell::{CellFault, InvalidIdKind, InvalidKeyKind, RowFault};
pub use detail::{FailureDetail, FoundInstead, KeyFault, KeyFaultKind, LinkFault, ResponseFault};
pub use response::{
    DefinitionEnd, ForeignOrigin, JsonKind, LookupFault, MissingPayload, RecordNotFound,
    ResponseBody, ResponseSummary, TransportFault, UnexpectedValue,
};

/// Why a row has no link, or was not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable code.
    pub code: Code,
    /// The details. Boxed, because failures are rare and use the same types as successes.
    pub detail: Box<FailureDetail>,
    /// The status of the last response, if there was one.
    pub http_status: Option<HttpStatus>,
    /// HubSpot's correlation id of that response, for its support.
    pub correlation_id: Option<String>,
}

/// Turns a failure into text. It is passed to code that writes texts without knowing them.
pub type FailureWording = for<'a> fn(&'a Failure) -> Cow<'a, str>;

impl Failure {
    /// A failure without a response.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<FailureDetail>) -> Self {
        Self {
            code,
            detail: Box::new(detail.into()),
            http_status: None,
            correlation_id: None,
        }
    }

    /// Replaces the detail.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<FailureDetail>) -> Self {
        Self {
            detail: Box::new(detail.into()),
            ..self
        }
    }

    /// Makes the detail the reason of another one.
    #[must_use]
    pub fn wrap_detail<D: Into<FailureDetail>>(
        self,
        wrap: impl FnOnce(Box<FailureDetail>) -> D,
    ) -> Self {
        Self {
            detail: Box::new(wrap(self.detail).into()),
            ..self
        }
    }
}

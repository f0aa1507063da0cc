//! Why a row has no link, or was left as it is: data, that whoever tells it turns into a
//! sentence.
//!
//! Knows no sentences and no options; `messages` does.

mod access;
mod cell;
mod detail;
mod response;

use std::borrow::Cow;

use crate::{code::Code, http_status::HttpStatus};

pub use access::{AccessDenied, CertificateFault, UntrustedCertificate};
pub use cell::{CellFault, InvalidIdKind, RowFault};
pub use detail::{FailureDetail, FoundInstead, LinkFault, ResponseFault};
pub use response::{
    DefinitionEnd, EndSide, ForeignOrigin, MissingPayload, RecordNotFound, ResponseBody,
    ResponseSummary, TransportFault, UnexpectedValue,
};

/// Why a row has no link, or was left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable word.
    pub code: Code,
    /// What there is to say; boxed, for failures are rare and travel where successes do.
    pub detail: Box<FailureDetail>,
    /// The status of the last answer, where there was one.
    pub http_status: Option<HttpStatus>,
    /// HubSpot's own id of that answer, for its support.
    pub correlation_id: Option<String>,
}

/// How a failure is put into words, for whoever writes them down without knowing them.
pub type FailureWording = for<'a> fn(&'a Failure) -> Cow<'a, str>;

impl Failure {
    /// A failure that no answer belongs to.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<FailureDetail>) -> Self {
        Self {
            code,
            detail: Box::new(detail.into()),
            http_status: None,
            correlation_id: None,
        }
    }

    /// The same with something else to say.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<FailureDetail>) -> Self {
        Self {
            detail: Box::new(detail.into()),
            ..self
        }
    }

    /// The same as the reason for something else.
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

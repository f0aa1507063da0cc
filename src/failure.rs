//! Why a row has no link, or was left as it is: data, that whoever tells it turns into a
//! sentence.
//!
//! Knows no sentences and no options; `messages` does.

use std::borrow::Cow;

use crate::code::Code;

/// Why a row has no link, or was left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable word.
    pub code: Code,
    /// What there is to say; boxed, for failures are rare and travel where successes do.
    pub detail: Box<Detail>,
    /// The status of the last answer, where there was one.
    pub http_status: Option<u16>,
    /// HubSpot's own id of that answer, for its support.
    pub correlation_id: Option<String>,
}

/// What there is to say of a failure, as facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// A sentence that is ready: what and why, and the cure where there is one; cleaned and
    /// shortened. For what has no facts of its own yet.
    Worded(String),
}

/// How a failure is put into words, for whoever writes them down without knowing them.
pub type Wording = for<'a> fn(&'a Failure) -> Cow<'a, str>;

impl Failure {
    /// A failure that no answer belongs to.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<Detail>) -> Self {
        Self {
            code,
            detail: Box::new(detail.into()),
            http_status: None,
            correlation_id: None,
        }
    }

    /// The same with something else to say.
    #[must_use]
    pub fn saying(self, detail: impl Into<Detail>) -> Self {
        Self {
            detail: Box::new(detail.into()),
            ..self
        }
    }
}

impl Detail {
    /// Shows every text that may quote an answer.
    pub fn quotes(&mut self, see: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Worded(text) => see(text),
        }
    }
}

impl From<String> for Detail {
    fn from(text: String) -> Self {
        Self::Worded(text)
    }
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self::Worded(text.to_owned())
    }
}

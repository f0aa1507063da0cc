//! Why a row has no link, or was left as it is: data, that whoever tells it turns into a
//! sentence.
//!
//! Knows no sentences and no options; `messages` does.

mod answer;

use std::borrow::Cow;

use crate::{
    association::{Association, RecordId},
    code::Code,
};

pub use answer::{Body, Broken, End, Instead, NoRecord, Origin, Said, Side};

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
    /// An answer refuses, or is none; what it says.
    Said(Said),
    /// A record does not exist.
    NoRecord(NoRecord),
    /// HubSpot's own words, of one of several records.
    Quoted(String),
    /// An answer speaks of errors and tells none.
    ErrorsUntold,
    /// An answer does not speak of a record that was asked for.
    RecordUntold(RecordId),
    /// An answer does not tell the associations of this record.
    AssociationsUntold(RecordId),
    /// HubSpot has not finished reading, and says this of its state.
    Unfinished(Option<String>),
    /// An answer is not of the form that it should have.
    NotUnderstood {
        /// Its status.
        status: u16,
        /// What was expected there: a path such as `results[0].from.id`.
        path: String,
        /// What is there.
        found: Instead,
        /// What is wrong with that.
        problem: String,
    },
    /// A request got no answer: what became of it, and the cause as the system tells it.
    NoAnswer(Broken, String),
    /// An answer did not come whole.
    BrokenOff,
    /// No call with the token has been answered so far, and this is what an answer to a
    /// token looks like that is mangled.
    TokenSuspected(Box<Self>),
    /// No access token was granted.
    NoToken(Box<Self>),
    /// An answer that should grant an access token has none in it.
    GrantWithoutToken {
        /// Its status.
        status: u16,
    },
    /// An API key has no scopes that could be asked for.
    NoScopesOfKey,
    /// This version of the API has no such call.
    NoSuchCall {
        /// The version.
        api: &'static str,
    },
    /// A record of the row was merged into another.
    Merged {
        /// The link with the ids in the cells.
        written: Association,
        /// The one that is sent.
        sent: Association,
    },
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
            Self::Worded(text) | Self::Quoted(text) | Self::NoAnswer(_, text) => see(text),
            Self::Said(said) => said.quotes(see),
            Self::NoRecord(record) => {
                see(&mut record.kind);
                see(&mut record.id);
                record.said.quotes(see);
            }
            Self::Unfinished(state) => state.iter_mut().for_each(see),
            Self::NotUnderstood {
                path,
                found,
                problem,
                status: _,
            } => {
                see(path);
                see(problem);
                if let Instead::Value(value) = found {
                    see(value);
                }
            }
            Self::TokenSuspected(why) | Self::NoToken(why) => why.quotes(see),
            Self::ErrorsUntold
            | Self::RecordUntold(_)
            | Self::AssociationsUntold(_)
            | Self::BrokenOff
            | Self::GrantWithoutToken { .. }
            | Self::NoScopesOfKey
            | Self::NoSuchCall { .. }
            | Self::Merged { .. } => {}
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

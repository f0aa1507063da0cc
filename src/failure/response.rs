//! What an answer of HubSpot's says, or of whatever answers in its place: its own texts,
//! cleaned and shortened, and what they are.

use crate::{association::Definition, http_status::HttpStatus};

/// An answer as far as there is something to say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseSummary {
    /// Its status.
    pub status: HttpStatus,
    /// What its body is.
    pub body: ResponseBody,
    /// Whether there was more of it.
    pub is_cut: bool,
    /// Where it seems to come from, if it is not the API's.
    pub origin: Option<ForeignOrigin>,
}

/// What the body of an answer is, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponseBody {
    /// JSON with this message and these details in one line; it may be empty.
    Json(String),
    /// A text, or nothing; its first words.
    Text(String),
    /// A page with this title.
    Titled(String),
    /// A page without one.
    Page,
    /// Bytes that are no text.
    NoText,
}

/// Where an answer comes from that is not the API's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForeignOrigin {
    /// It leads on to this address.
    Redirect(String),
    /// It is of this content type.
    ContentType(String),
}

/// A record that is not in the account, as an answer names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordNotFound {
    /// One of its type: `contact`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// As which end of a link it was looked for, where that is known.
    pub looked_for: Option<DefinitionEnd>,
    /// The answer that says so.
    pub said: ResponseSummary,
}

/// One end of a link of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefinitionEnd {
    /// Which one.
    pub side: EndSide,
    /// The definition.
    pub definition: Definition,
}

/// From or to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndSide {
    /// The record that is linked from.
    From,
    /// The record that is linked to.
    To,
}

/// What became of a request that got no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportFault {
    /// Nothing came in time.
    Silent,
    /// The proxy does not let it through.
    ByProxy,
    /// There was no connection.
    Unconnected,
    /// The connection broke.
    Broken,
}

/// What an answer of success lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingPayload {
    /// The account.
    Account,
    /// How the day's quota is used.
    Day,
    /// What the token may do.
    Scopes,
    /// The labels between two object types.
    Labels,
    /// The limits of associations.
    Limits,
    /// The id of a record.
    RecordId,
    /// Which links stand.
    Links,
}

/// What stands in an answer in the place of what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnexpectedValue {
    /// This value.
    Value(String),
    /// Nothing.
    Missing,
    /// The answer ends before.
    CutOff,
}

impl Default for ResponseBody {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl ResponseSummary {
    /// Shows every text that quotes the answer.
    pub fn visit_quoted_texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match &mut self.body {
            ResponseBody::Json(text) | ResponseBody::Text(text) | ResponseBody::Titled(text) => {
                see(text);
            }
            ResponseBody::Page | ResponseBody::NoText => {}
        }
        match &mut self.origin {
            Some(ForeignOrigin::Redirect(text) | ForeignOrigin::ContentType(text)) => see(text),
            None => {}
        }
    }
}

//! What a response says, from HubSpot or from another server in its place. Texts are cleaned and
//! shortened.

use crate::{
    association::{Definition, LinkEnd},
    http_status::HttpStatus,
};

/// The parts of a response that a message can mention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseSummary {
    /// Its status.
    pub status: HttpStatus,
    /// The kind of its body.
    pub body: ResponseBody,
    /// Whether the body was cut off.
    pub is_cut: bool,
    /// Where it seems to come from, if it is not from the API.
    pub origin: Option<ForeignOrigin>,
}

/// The body of a response, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponseBody {
    /// JSON: its message and details in one line, or an empty text.
    Json(String),
    /// Text: its first words, or an empty text.
    Text(String),
    /// An HTML page with this title.
    Titled(String),
    /// An HTML page without a title.
    Page,
    /// Bytes that are not text.
    NoText,
}

/// Where a response comes from that is not from the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForeignOrigin {
    /// It redirects to this address.
    Redirect(String),
    /// It has this content type.
    ContentType(String),
}

/// A record that does not exist in the account, as the response names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordNotFound {
    /// The singular of its object type: `contact`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Which end of the link it was used as, if that is known.
    pub used_as: Option<DefinitionEnd>,
    /// The response that says so.
    pub summary: ResponseSummary,
}

/// One end of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefinitionEnd {
    /// The end.
    pub end: LinkEnd,
    /// The definition.
    pub definition: Definition,
}

/// Why a request got no complete response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportFault {
    /// No response came in time.
    TimedOut,
    /// The proxy refused the connection.
    RefusedByProxy,
    /// No connection could be made.
    NotConnected,
    /// The connection broke.
    ConnectionBroken,
}

/// What a successful response lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingPayload {
    /// The account.
    Account,
    /// How the daily quota is used.
    Day,
    /// The scopes of the token.
    Scopes,
    /// The labels between two object types.
    Labels,
    /// The limits of associations.
    Limits,
    /// The id of a record.
    RecordId,
    /// Records by the values of a property.
    KeyedRecords,
    /// The properties of an object type.
    Properties,
    /// The existing links.
    Links,
}

/// Why responses about a key leave its record uncertain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupFault {
    /// A search gives fewer records than it counts.
    SearchIncomplete {
        /// Different records that it gave.
        found: u64,
        /// Records that it counts.
        total: u64,
    },
    /// The response to a call for this key alone has only records that do not have it.
    OtherRecords,
    /// A search counts more records than it can give.
    SearchTooLarge {
        /// Records that it counts.
        total: u64,
    },
}

/// What a response has in the place of the expected value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnexpectedValue {
    /// This value.
    Value(String),
    /// A value of this kind, which is not quoted because it may be personal data.
    Kind(JsonKind),
    /// Nothing.
    Missing,
    /// The response ends before it.
    CutOff,
}

/// The kinds of values of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "variants are what their names say")]
pub enum JsonKind {
    Object,
    List,
    Text,
    Number,
    Boolean,
    Null,
}

impl Default for ResponseBody {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl ResponseSummary {
    /// Calls `see` with every text that quotes the response.
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

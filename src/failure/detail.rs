//! What there is to say of a failure, as facts: of answers, of links and of cells. One file,
//! for what is said of one may be the reason for another.

use super::{
    cell::{CellFault, RowFault},
    response::{MissingPayload, RecordNotFound, ResponseSummary, TransportFault, UnexpectedValue},
};
use crate::{
    association::{Association, AssociationType, Definition, RecordId},
    http_status::HttpStatus,
};

/// What there is to say of a failure, as facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureDetail {
    /// The cell of this column is wrong.
    Cell(String, CellFault),
    /// The row is wrong.
    Row(RowFault),
    /// What HubSpot answered, or did not.
    Response(ResponseFault),
    /// What is the matter with the link.
    Link(LinkFault),
}

/// What an answer says or lacks, or what became of a request that got none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponseFault {
    /// An answer refuses, or is none; what it says.
    Summary(ResponseSummary),
    /// A record does not exist.
    RecordNotFound(RecordNotFound),
    /// HubSpot's own words, of one of several records.
    Quoted(String),
    /// An answer speaks of errors and tells none.
    ErrorsMissing,
    /// An answer does not speak of a record that was asked for.
    RecordMissing(RecordId),
    /// An answer does not tell the associations of this record.
    AssociationsMissing(RecordId),
    /// HubSpot has not finished reading, and says this of its state.
    Unfinished(Option<String>),
    /// An answer is not of the form that it should have.
    NotUnderstood {
        /// Its status.
        status: HttpStatus,
        /// What was expected there: a path such as `results[0].from.id`.
        path: String,
        /// What is there.
        found: UnexpectedValue,
        /// What is wrong with that.
        problem: String,
    },
    /// A request got no answer: what became of it, and the cause as the system tells it.
    NoAnswer(TransportFault, String),
    /// An answer did not come whole.
    BrokenOff,
    /// An answer of this status lacks what was asked for.
    MissingPayload(Option<HttpStatus>, MissingPayload),
    /// No answer came at so many tries, while other questions were answered.
    NeverAnswered {
        /// Requests sent.
        tries: u32,
    },
    /// The tries are used up.
    TriesUsedUp {
        /// Requests sent.
        tries: u32,
        /// What the last of them came to.
        why: Box<FailureDetail>,
    },
    /// No access token was granted.
    NoToken(Box<FailureDetail>),
    /// No call with the token has been answered so far, and this is what an answer to a
    /// token looks like that is mangled.
    TokenSuspected(Box<FailureDetail>),
    /// An answer that should grant an access token has none in it.
    GrantWithoutToken {
        /// Its status.
        status: HttpStatus,
    },
    /// An API key has no scopes that could be asked for.
    NoScopesOfKey,
    /// This version of the API has no such call.
    NoSuchCall {
        /// The version.
        api: &'static str,
    },
    /// An answer about a record has no id.
    IdMissing,
    /// The pages of the links of this record never end.
    EndlessPages(RecordId),
}

/// What is wrong with a link, or why it was left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// A record of the row was merged into another.
    Merged {
        /// The link with the ids in the cells.
        written: Association,
        /// The one that is sent.
        sent: Association,
    },
    /// A record is this one today.
    CurrentId(RecordId, RecordId),
    /// Whether a record was merged could not be found out.
    MergeUnknown {
        /// Its object type.
        object_type: &'static str,
        /// Its id.
        id: RecordId,
        /// Why.
        why: Box<FailureDetail>,
    },
    /// The same, because the object types of this definition are not known.
    TypesUnknown(Definition),
    /// An answer of success came, and whether that is done could not be found out.
    NotConfirmed {
        /// The status of that answer.
        http_status: HttpStatus,
        /// Whether the link was to be made, or else taken away.
        is_made: bool,
        /// Why.
        why: Box<FailureDetail>,
    },
    /// An answer of success came, and it is not done.
    NotDone {
        /// The status of that answer.
        http_status: HttpStatus,
        /// Whether the link was to be made, or else taken away.
        is_made: bool,
    },
    /// The link is removed, and what it had displaced could not be put back.
    NotRestored(Box<FailureDetail>),
    /// HubSpot does not have this link, but perhaps something in its place.
    LinkNotFound(Association, FoundInstead),
    /// What stands could not be read.
    ExistingUnreadable(Box<FailureDetail>),
    /// The two records have an association of this type, which a write would erase.
    UnknownType(String),
    /// The link stood before the run.
    ExistedBefore,
    /// The run did not look whether the link stood before.
    NotChecked,
    /// Others have labelled the link since with these types, which would go with it.
    LabeledSince(Vec<AssociationType>),
    /// It is removed under the ids in the file, which proves nothing for this reason.
    Unproven(Box<FailureDetail>),
}

/// What stands where a link does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundInstead {
    /// Nothing.
    Nothing,
    /// Links of other types between the two records.
    OtherTypes,
    /// Another company is the primary one.
    Primary(RecordId),
    /// Another record is the parent.
    Parent(RecordId),
}

impl FailureDetail {
    /// Shows every text that may quote an answer.
    pub fn visit_quoted_texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Response(fault) => fault.visit_quoted_texts(see),
            Self::Link(fault) => fault.visit_quoted_texts(see),
            Self::Cell(..) | Self::Row(_) => {}
        }
    }
}

impl From<ResponseFault> for FailureDetail {
    fn from(fault: ResponseFault) -> Self {
        Self::Response(fault)
    }
}

impl From<LinkFault> for FailureDetail {
    fn from(fault: LinkFault) -> Self {
        Self::Link(fault)
    }
}

impl From<RowFault> for FailureDetail {
    fn from(fault: RowFault) -> Self {
        Self::Row(fault)
    }
}

impl ResponseFault {
    /// Shows every text that may quote an answer.
    fn visit_quoted_texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Quoted(text) | Self::NoAnswer(_, text) => see(text),
            Self::Summary(said) => said.visit_quoted_texts(see),
            Self::RecordNotFound(record) => {
                see(&mut record.kind);
                see(&mut record.id);
                record.said.visit_quoted_texts(see);
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
                if let UnexpectedValue::Value(value) = found {
                    see(value);
                }
            }
            Self::TriesUsedUp { why, .. } | Self::TokenSuspected(why) | Self::NoToken(why) => {
                why.visit_quoted_texts(see);
            }
            Self::ErrorsMissing
            | Self::RecordMissing(_)
            | Self::AssociationsMissing(_)
            | Self::BrokenOff
            | Self::MissingPayload(..)
            | Self::NeverAnswered { .. }
            | Self::GrantWithoutToken { .. }
            | Self::NoScopesOfKey
            | Self::NoSuchCall { .. }
            | Self::IdMissing
            | Self::EndlessPages(_) => {}
        }
    }
}

impl LinkFault {
    /// Shows every text that may quote an answer.
    fn visit_quoted_texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match self {
            Self::UnknownType(name) => see(name),
            Self::MergeUnknown { why, .. }
            | Self::NotConfirmed { why, .. }
            | Self::NotRestored(why)
            | Self::ExistingUnreadable(why)
            | Self::Unproven(why) => why.visit_quoted_texts(see),
            Self::Merged { .. }
            | Self::CurrentId(..)
            | Self::TypesUnknown(_)
            | Self::NotDone { .. }
            | Self::LinkNotFound(..)
            | Self::ExistedBefore
            | Self::NotChecked
            | Self::LabeledSince(_) => {}
        }
    }
}

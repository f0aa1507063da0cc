//! The details of a failure, as data. Responses, links and cells share one file, because a detail
//! of one kind can be the reason for another.

use super::{
    cell::{CellFault, RowFault},
    response::{
        LookupFault, MissingPayload, RecordNotFound, ResponseSummary, TransportFault,
        UnexpectedValue,
    },
};
use crate::{
    account::AccountId,
    association::{Association, AssociationType, Candidates, Definition, RecordId, RecordKey},
    http_status::HttpStatus,
    plan_action::{LinksBefore, PlanAction},
};

/// The details of a failure, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureDetail {
    /// A cell in this column is wrong.
    Cell(String, CellFault),
    /// The row is wrong.
    Row(RowFault),
    /// The response is the reason, or the lack of one.
    Response(ResponseFault),
    /// The link is the reason.
    Link(LinkFault),
    /// The record of a key is not certain.
    Key(Box<KeyFault>),
}

/// What a response says or lacks, or why a request got no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponseFault {
    /// The response is a refusal, or does not come from the API; what it says.
    Summary(ResponseSummary),
    /// A record does not exist.
    RecordNotFound(RecordNotFound),
    /// HubSpot's own message about one of several records.
    Quoted(String),
    /// HubSpot failed to read one of several records, through no fault of the request; its own
    /// message, which may be empty.
    HubSpotFailed(String),
    /// The response counts errors but does not list them.
    ErrorsMissing,
    /// The response does not mention a requested record.
    RecordMissing(RecordId),
    /// The response does not list the associations of this record.
    AssociationsMissing(RecordId),
    /// HubSpot has not finished reading; the state that it reports.
    Unfinished(Option<String>),
    /// The response does not have the expected form.
    NotUnderstood {
        /// Its status.
        status: HttpStatus,
        /// The path of the unexpected value, such as `results[0].from.id`.
        path: String,
        /// The value at this path.
        found: UnexpectedValue,
        /// What is wrong with the value.
        problem: String,
    },
    /// The request got no response: the kind of fault, and the cause as the system reports it.
    NoAnswer(TransportFault, String),
    /// The response is incomplete.
    BrokenOff,
    /// A response with this status lacks the requested data.
    MissingPayload(Option<HttpStatus>, MissingPayload),
    /// No try got a response, while other requests did.
    NeverAnswered {
        /// Requests sent.
        tries: u32,
    },
    /// All tries failed.
    TriesUsedUp {
        /// Requests sent.
        tries: u32,
        /// The reason why the last one failed.
        why: Box<FailureDetail>,
    },
    /// No access token was granted.
    NoToken(Box<FailureDetail>),
    /// No call with this token has succeeded yet, and HubSpot gives this response if a token is
    /// damaged.
    TokenSuspected(Box<FailureDetail>),
    /// A response that should grant an access token has none.
    GrantWithoutToken {
        /// Its status.
        status: HttpStatus,
    },
    /// An API key has no scopes to read.
    NoScopesOfKey,
    /// This version of the API does not have the operation.
    NoSuchCall {
        /// The version.
        api: &'static str,
    },
    /// A response about a record has no id.
    IdMissing,
    /// The pages with the links of this record never end.
    EndlessPages(RecordId),
    /// Responses about keys leave their records uncertain.
    Lookup(LookupFault),
}

/// What is wrong with a link, or why it was not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// A record of the row was merged into another.
    Merged {
        /// The link with the ids in the cells.
        written: Association,
        /// The link that is sent.
        sent: Association,
    },
    /// A record has this id now.
    CurrentId(RecordId, RecordId),
    /// It could not be determined whether a record was merged.
    MergeUnknown {
        /// Its object type.
        object_type: &'static str,
        /// Its id.
        id: RecordId,
        /// Why.
        why: Box<FailureDetail>,
    },
    /// It could not be determined whether a record was merged, because the object types of this
    /// definition are unknown.
    TypesUnknown(Definition),
    /// HubSpot reported success, but this could not be confirmed.
    NotConfirmed {
        /// The status of the response.
        http_status: HttpStatus,
        /// Whether the link was to be created (or else removed).
        is_creation: bool,
        /// Why.
        why: Box<FailureDetail>,
    },
    /// HubSpot reported success, but the link was not changed.
    NotDone {
        /// The status of the response.
        http_status: HttpStatus,
        /// Whether the link was to be created (or else removed).
        is_creation: bool,
    },
    /// The link was removed, but the link that it had replaced could not be restored.
    NotRestored(Box<FailureDetail>),
    /// This link does not exist; what exists instead.
    LinkNotFound(Association, FoundInstead),
    /// The existing links could not be read.
    ExistingUnreadable(Box<FailureDetail>),
    /// The two records have an association of this unknown type, which a write would erase.
    UnknownType(String),
    /// There is no record with this object type and id.
    NoRecord(&'static str, RecordId),
    /// The link exists already.
    Exists,
    /// An earlier row creates the same link; its number, unless several rows are about the pair.
    RepeatsRow(Option<u64>),
    /// What was planned for the row, and what would have to be done now.
    ChangedSincePlan {
        /// What was planned.
        planned: (PlanAction, LinksBefore),
        /// What would have to be done now.
        now: (PlanAction, LinksBefore),
    },
    /// Why the row could not be imported when it was planned.
    PlannedAsImpossible(String),
    /// The link existed before the run.
    ExistedBefore,
    /// The run did not check whether the link existed before.
    NotChecked,
    /// Others have since added these labels to the link, which a removal would remove as well.
    LabeledSince(Vec<AssociationType>),
    /// It was removed by the ids in the file, which may not be the current ones, for this reason.
    Unproven(Box<FailureDetail>),
}

/// A key, and why its record is not certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFault {
    /// The key.
    pub key: RecordKey,
    /// What is wrong with it.
    pub kind: KeyFaultKind,
}

/// What is wrong with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFaultKind {
    /// No record has it.
    NotFound,
    /// Only this deleted record has it.
    Archived(RecordId),
    /// Several records have it.
    Ambiguous(Candidates),
    /// Several records have it, and this one was chosen because it is the oldest.
    OldestChosen(Candidates),
    /// It belongs to a record of another account than this one.
    OtherAccount(AccountId),
    /// The record could not be looked up.
    NotLookedUp(Box<FailureDetail>),
}

/// What exists in the place of a missing link.
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
    /// Calls `see` with every text that may quote a response.
    pub fn visit_quoted_texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Response(fault) => fault.visit_quoted_texts(see),
            Self::Link(fault) => fault.visit_quoted_texts(see),
            Self::Key(fault) => fault.visit_quoted_texts(see),
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

impl From<KeyFault> for FailureDetail {
    fn from(fault: KeyFault) -> Self {
        Self::Key(Box::new(fault))
    }
}

impl From<RowFault> for FailureDetail {
    fn from(fault: RowFault) -> Self {
        Self::Row(fault)
    }
}

impl ResponseFault {
    /// Calls `see` with every text that may quote a response.
    fn visit_quoted_texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Quoted(text) | Self::HubSpotFailed(text) | Self::NoAnswer(_, text) => see(text),
            Self::Summary(summary) => summary.visit_quoted_texts(see),
            Self::RecordNotFound(record) => {
                see(&mut record.kind);
                see(&mut record.id);
                record.summary.visit_quoted_texts(see);
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
            | Self::EndlessPages(_)
            | Self::Lookup(_) => {}
        }
    }
}

impl LinkFault {
    /// Calls `see` with every text that may quote a response.
    fn visit_quoted_texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match self {
            Self::UnknownType(name) | Self::PlannedAsImpossible(name) => see(name),
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
            | Self::NoRecord(..)
            | Self::Exists
            | Self::RepeatsRow(_)
            | Self::ChangedSincePlan { .. }
            | Self::ExistedBefore
            | Self::NotChecked
            | Self::LabeledSince(_) => {}
        }
    }
}

impl KeyFault {
    /// Calls `see` with every text that may quote a response.
    fn visit_quoted_texts(&mut self, see: &mut dyn FnMut(&mut String)) {
        match &mut self.kind {
            KeyFaultKind::NotLookedUp(why) => why.visit_quoted_texts(see),
            KeyFaultKind::Ambiguous(candidates) | KeyFaultKind::OldestChosen(candidates) => {
                let names = candidates.shown.iter_mut();
                names
                    .filter_map(|record| record.name.as_mut())
                    .for_each(see);
            }
            KeyFaultKind::NotFound | KeyFaultKind::Archived(_) | KeyFaultKind::OtherAccount(_) => {}
        }
    }
}

//! Sentences about failed rows. They are in one file, because one failure can be the reason for
//! another.

use std::borrow::Cow;

use super::{
    answers,
    cells::{self, ShownCells},
    links,
    record_keys::{self, ShownCandidates},
};
use crate::{
    failure::{Failure, FailureDetail, LinkFault, ResponseFault},
    output::{CauseWordings, RowMessages, UnloggedRows, number},
};

/// Whether log events have keys of records, which may be personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysInLog {
    /// They have them.
    Shown,
    /// They have none of the keys that rows have. In rows with ids cells are shown, except e-mail
    /// addresses.
    LeftOut,
    /// No cell is shown, whatever stands in it.
    Redacted,
}

impl KeysInLog {
    /// Whether no cell is shown.
    #[must_use]
    pub fn is_redacted(self) -> bool {
        self == Self::Redacted
    }
}

/// The texts that the recorder needs. `has_keys` says whether the rows name records by keys.
#[must_use]
pub fn row_messages(keys_in_log: KeysInLog, has_keys: bool) -> RowMessages {
    let grouped = match keys_in_log {
        KeysInLog::Shown | KeysInLog::LeftOut if !has_keys => CauseWordings {
            message: failure_without_addresses,
            in_common: failure_with_names,
        },
        KeysInLog::Shown | KeysInLog::LeftOut | KeysInLog::Redacted => CauseWordings {
            message: failure_without_cells,
            in_common: failure_without_cells_and_candidates,
        },
    };
    RowMessages {
        recorded: failure,
        logged: match keys_in_log {
            KeysInLog::Shown => failure,
            KeysInLog::LeftOut | KeysInLog::Redacted => grouped.message,
        },
        grouped,
        unlogged,
    }
}

/// The sentence of [`failure`] without e-mail addresses in cells.
fn failure_without_addresses(failure: &Failure) -> Cow<'_, str> {
    without_key(
        failure,
        ShownCells::WithoutAddresses,
        ShownCandidates::WithoutNames,
    )
}

/// The sentence of [`failure`] without texts of cells, other than names of labels and the like.
fn failure_with_names(failure: &Failure) -> Cow<'_, str> {
    without_key(failure, ShownCells::Names, ShownCandidates::None)
}

/// The sentence of [`failure`] without texts of cells: a key may stand in any column.
fn failure_without_cells(failure: &Failure) -> Cow<'_, str> {
    without_key(failure, ShownCells::None, ShownCandidates::WithoutNames)
}

/// The sentence of [`failure`] without texts of cells and without the records that have a key.
fn failure_without_cells_and_candidates(failure: &Failure) -> Cow<'_, str> {
    without_key(failure, ShownCells::None, ShownCandidates::None)
}

fn without_key(failure: &Failure, cells: ShownCells, candidates: ShownCandidates) -> Cow<'_, str> {
    match &*failure.detail {
        FailureDetail::Key(fault) => {
            record_keys::key_fault_without_key(fault, candidates, detail).into()
        }
        FailureDetail::Cell(column, fault) => cells::column_fault(column, fault, cells).into(),
        FailureDetail::Row(fault) => cells::row_fault(fault, cells).into(),
        FailureDetail::Response(_) | FailureDetail::Link(_) => detail(&failure.detail),
    }
}

/// What the column `assoc_message` says.
#[must_use]
pub fn failure(failure: &Failure) -> Cow<'_, str> {
    detail(&failure.detail)
}

/// The sentence for a detail of a failure.
#[must_use]
pub fn detail(reason: &FailureDetail) -> Cow<'_, str> {
    match reason {
        FailureDetail::Cell(column, fault) => {
            cells::column_fault(column, fault, ShownCells::All).into()
        }
        FailureDetail::Row(fault) => cells::row_fault(fault, ShownCells::All).into(),
        FailureDetail::Response(fault) => answer(fault),
        FailureDetail::Link(fault) => link(fault).into(),
        FailureDetail::Key(fault) => record_keys::key_fault(fault, detail).into(),
    }
}

/// Says that further rows are only counted.
fn unlogged(UnloggedRows { are_bad, logged }: UnloggedRows) -> String {
    let logged = number(logged);
    if are_bad {
        format!("{logged} bad rows were logged; further ones are only counted (-vv logs them all)")
    } else {
        format!(
            "{logged} good rows with a code were logged; further ones are only counted (-vv logs \
             them all)"
        )
    }
}

/// A fault of an answer, or of a request without one.
fn answer(fault: &ResponseFault) -> Cow<'_, str> {
    Cow::Owned(match fault {
        ResponseFault::Quoted(text) => return Cow::Borrowed(text),
        ResponseFault::HubSpotFailed(message) => answers::hubspot_failed(message),
        ResponseFault::Summary(answer) => answers::answer_text(answer),
        ResponseFault::RecordNotFound(record) => answers::record_not_found(record),
        ResponseFault::ErrorsMissing => {
            "the answer reports errors but does not name them".to_owned()
        }
        ResponseFault::RecordMissing(record) => {
            format!("the answer says nothing about record {record}")
        }
        ResponseFault::AssociationsMissing(from) => {
            format!("HubSpot's answer says nothing about the associations of {from}")
        }
        ResponseFault::Unfinished(state) => answers::unfinished(state.as_deref()),
        ResponseFault::NotUnderstood {
            status,
            path,
            found,
            problem,
        } => answers::not_understood(*status, path, found, problem),
        ResponseFault::NoAnswer(fault, cause) => answers::no_answer(*fault, cause),
        ResponseFault::BrokenOff => "the answer ended early".to_owned(),
        ResponseFault::MissingPayload(status, what) => answers::missing_payload(*status, *what),
        ResponseFault::NeverAnswered { tries } => format!(
            "no answer after {}, although HubSpot answered another question: a proxy or firewall \
             may block it",
            answers::attempts_text(*tries)
        ),
        ResponseFault::TriesUsedUp { tries, why } => {
            format!(
                "gave up after {}: {}",
                answers::attempts_text(*tries),
                detail(why)
            )
        }
        ResponseFault::TokenSuspected(why) => answers::token_suspected(&detail(why)),
        ResponseFault::NoToken(why) => format!("no access token was granted: {}", detail(why)),
        ResponseFault::GrantWithoutToken { status } => {
            format!("HTTP {status} without an access token in it")
        }
        ResponseFault::NoScopesOfKey => "an API key has no scopes".to_owned(),
        ResponseFault::NoSuchCall { api } => format!("API {api} does not have this call"),
        ResponseFault::IdMissing => "HubSpot's answer has no id".to_owned(),
        ResponseFault::EndlessPages(record) => {
            format!("HubSpot returns the links of record {record} in pages that never end")
        }
        ResponseFault::Lookup(fault) => record_keys::lookup_fault(*fault),
    })
}

/// What is wrong with a link.
fn link(fault: &LinkFault) -> String {
    match fault {
        LinkFault::Merged { written, sent } => links::merged(written, sent),
        LinkFault::CurrentId(record, current) => {
            format!("record {record} was merged into {current}")
        }
        LinkFault::MergeUnknown {
            object_type,
            id,
            why,
        } => links::merge_unknown(object_type, *id, &detail(why)),
        LinkFault::TypesUnknown(definition) => format!(
            "hubassoc could not check whether a record was merged, because the object types of \
             definition {definition} are unknown"
        ),
        LinkFault::NotConfirmed {
            http_status,
            is_creation,
            why,
        } => links::not_confirmed(*http_status, *is_creation, &detail(why)),
        LinkFault::NotDone {
            http_status,
            is_creation,
        } => links::not_done(*http_status, *is_creation),
        LinkFault::NotRestored(why) => format!(
            "the link was removed, but the one that it had replaced could not be restored: {}",
            detail(why)
        ),
        LinkFault::LinkNotFound(link, instead) => links::link_not_found(link, *instead),
        LinkFault::ExistingUnreadable(why) => format!(
            "the existing associations could not be read: {}",
            detail(why)
        ),
        LinkFault::UnknownType(name) => links::unknown_type(name),
        LinkFault::NoRecord(object_type, id) => links::no_record(object_type, *id),
        LinkFault::Exists => "the link exists already".to_owned(),
        LinkFault::RepeatsRow(row) => links::repeats_row(*row),
        LinkFault::ChangedSincePlan { planned, now } => links::changed_since_plan(planned, now),
        LinkFault::PlannedAsImpossible(why) => why.clone(),
        LinkFault::ExistedBefore => "the link existed before the run".to_owned(),
        LinkFault::NotChecked => "the run did not check whether the link existed before; \
                                  --include-unchecked removes it"
            .to_owned(),
        LinkFault::LabeledSince(labels) => links::labelled_since(labels),
        LinkFault::Unproven(why) => format!(
            "removed under the ids in the file, but whether it is gone could not be checked: {}",
            detail(why)
        ),
    }
}

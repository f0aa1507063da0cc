//! Sentences about links and their records: merged records, existing links, results of writes.

use crate::{
    association::{Association, AssociationType, RecordId, singular},
    failure::FoundInstead,
    http_status::HttpStatus,
    plan_action::{LinksBefore, PlanAction},
};

pub(super) fn merged(written: &Association, sent: &Association) -> String {
    let info = sent.definition.info();
    let types = info.map_or(("record", "record"), |info| {
        (info.from_singular(), info.to_singular())
    });
    let ends = [
        (types.0, written.from, sent.from),
        (types.1, written.to, sent.to),
    ];
    let merged = ends.into_iter().filter(|(_, old, new)| old != new);
    let words: Vec<_> = merged
        .map(|(kind, old, new)| format!("{kind} {old} was merged into {kind} {new}"))
        .collect();
    format!(
        "{}; this row is about the merged record",
        words.join(", and ")
    )
}

/// Which link exists instead.
pub(super) fn link_not_found(link: &Association, instead: FoundInstead) -> String {
    let instead = match instead {
        FoundInstead::Primary(company) => format!("; the primary company is {company}"),
        FoundInstead::Parent(parent) => format!(
            "; the parent is now {parent}: a record has only one parent, and a later row or \
             somebody else replaced it"
        ),
        FoundInstead::Nothing => String::new(),
        FoundInstead::OtherTypes => "; the two records are linked with other labels".to_owned(),
    };
    format!(
        "HubSpot does not have {link} under definition {}{instead}",
        link.definition
    )
}

pub(super) fn no_record(object_type: &'static str, id: RecordId) -> String {
    let record = singular(object_type);
    format!(
        "this account has no {record} {id}, or it was deleted; check the id, and that it is from \
         this account"
    )
}

pub(super) fn repeats_row(row: Option<u64>) -> String {
    match row {
        Some(row) => format!("row {row} creates the same link"),
        None => "an earlier row creates the same link".to_owned(),
    }
}

/// What exists now, where the plan expected something else.
pub(super) fn changed_since_plan(
    planned: &(PlanAction, LinksBefore),
    now: &(PlanAction, LinksBefore),
) -> String {
    let [then, now] = [planned, now].map(|(action, before)| match action {
        PlanAction::None => "this link existed".to_owned(),
        PlanAction::Create
        | PlanAction::AddLabel
        | PlanAction::ReplacePrimary
        | PlanAction::Cannot => found_before(before),
    });
    format!(
        "the account has changed since the plan was made. Then {then}, now {now}. Nothing was \
         written for this row; make a new plan for it"
    )
}

/// What exists where a link goes, for the rows of a plan; `name` names a type.
pub fn links_before(before: &LinksBefore, name: impl Fn(AssociationType) -> String) -> String {
    let types = before.types.iter().map(|known| name(*known));
    let replaced = before
        .replaced
        .map(|other| format!("primary or parent: {other}"));
    types.chain(replaced).collect::<Vec<_>>().join("; ")
}

/// What the records of a link had, as a part of a sentence.
fn found_before(LinksBefore { types, replaced }: &LinksBefore) -> String {
    let names: Vec<_> = types.iter().map(ToString::to_string).collect();
    let pair = match names.as_slice() {
        [] => "the two records had no association".to_owned(),
        names => format!("the two records had the types {}", names.join(", ")),
    };
    match replaced {
        Some(other) => format!("{pair} and {other} was the primary record or the parent"),
        None => pair,
    }
}

pub(super) fn unknown_type(name: &str) -> String {
    format!(
        "the two records have an association of type {name}, which this version of hubassoc does \
         not know. Writing would erase it, so nothing was written; use a newer version, or create \
         this association in HubSpot"
    )
}

pub(super) fn labelled_since(labels: &[AssociationType]) -> String {
    let names: Vec<_> = labels.iter().map(ToString::to_string).collect();
    format!(
        "somebody added labels to the link after the run ({}); removing the link would remove them \
         too",
        names.join(", ")
    )
}

/// Why it is unknown whether a record was merged.
pub(super) fn merge_unknown(object_type: &str, id: RecordId, why: &str) -> String {
    format!(
        "hubassoc could not check whether record {id} of {object_type} was merged into another \
         ({why}); check the id, and give the token the read scope of this object type"
    )
}

/// A reported success that could not be checked by reading it back.
pub(super) fn not_confirmed(http_status: HttpStatus, is_creation: bool, why: &str) -> String {
    let what = if is_creation { "exists" } else { "was removed" };
    format!(
        "HubSpot answered {http_status}, but hubassoc could not check that the link {what}: {why}"
    )
}

/// A reported success that was not one.
pub(super) fn not_done(http_status: HttpStatus, is_creation: bool) -> String {
    let problem = if is_creation {
        "the link does not exist"
    } else {
        "the link still exists"
    };
    format!(
        "HubSpot answered {http_status}, but {problem}; try again, and report it to HubSpot if it \
         happens again"
    )
}

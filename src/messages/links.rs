//! Sentences about links and their records: merged records, existing links, results of writes.

use crate::{
    association::{Association, AssociationType, RecordId},
    failure::FoundInstead,
    http_status::HttpStatus,
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

//! What links have to do with each other: which are of the same two records,
//! and which take the primary company from each other.

use hubassoc::association::Association;

/// A link as the server tells that it stands.
pub(super) fn link_text(link: &Association) -> String {
    let info = link.definition.info().unwrap();
    let (from, to, association_type) = (link.from, link.to, info.association_type);
    format!(
        "{} {from} -> {} {to} {association_type}",
        info.from, info.to
    )
}

/// Its two records, whichever way it goes.
pub(super) fn record_pair(link: &Association) -> [String; 2] {
    let info = link.definition.info().unwrap();
    let ends = [(info.from, link.from), (info.to, link.to)];
    let mut ends = ends.map(|(kind, id)| format!("{kind} {id}"));
    ends.sort_unstable();
    ends
}

/// Whether one takes from the other that it is its record's primary company.
pub(super) fn displaces(one: &Association, other: &Association) -> bool {
    match (one.exclusive_with_other(), other.exclusive_with_other()) {
        (Some((record, company)), Some((same, another))) => record == same && company != another,
        (None, _) | (_, None) => false,
    }
}

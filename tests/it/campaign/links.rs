//! Relations between links: which have the same two records, and which displace each other's
//! primary company.

use hubassoc::association::Association;

/// The server's text for an existing link.
pub(super) fn link_text(link: &Association) -> String {
    let info = link.definition.info().unwrap();
    let (from, to, association_type) = (link.from, link.to, info.association_type);
    format!(
        "{} {from} -> {} {to} {association_type}",
        info.from, info.to
    )
}

/// Its two records, independent of the direction.
pub(super) fn record_pair(link: &Association) -> [String; 2] {
    let info = link.definition.info().unwrap();
    let ends = [(info.from, link.from), (info.to, link.to)];
    let mut ends = ends.map(|(kind, id)| format!("{kind} {id}"));
    ends.sort_unstable();
    ends
}

/// Whether one link displaces the other as the primary company of their record.
pub(super) fn displaces(one: &Association, other: &Association) -> bool {
    match (one.exclusive_with_other(), other.exclusive_with_other()) {
        (Some((record, company)), Some((same, another))) => record == same && company != another,
        (None, _) | (_, None) => false,
    }
}

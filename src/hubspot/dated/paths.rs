//! The paths of the dated API for associations.

use crate::{
    association::{CanonicalLink, in_path},
    tables::v2026_09::API as VERSION,
};

/// The object types of a link for a path; `None` if the definition is unknown.
fn types(link: &CanonicalLink) -> Option<(&'static str, &'static str)> {
    let info = link.definition().info()?;
    Some((in_path(info.from), in_path(info.to)))
}

/// The path for all links of a pair.
pub(super) fn pair(link: &CanonicalLink) -> Option<String> {
    let (from, to) = types(link)?;
    let (one, other) = (link.from(), link.to());
    Some(format!(
        "/crm/objects/{VERSION}/{from}/{one}/associations/{to}/{other}"
    ))
}

/// The path for a batch of links with the object types of this one.
pub(super) fn batch(first: &CanonicalLink, what: &str) -> Option<String> {
    let (from, to) = types(first)?;
    Some(format!(
        "/crm/associations/{VERSION}/{from}/{to}/batch/{what}"
    ))
}

/// The path for the labels between two object types.
pub(super) fn labels(from: &str, to: &str) -> String {
    let (from, to) = (in_path(from), in_path(to));
    format!("/crm/associations/{VERSION}/{from}/{to}/labels")
}

/// The path for limits of administrators.
pub(super) fn limits() -> String {
    format!("/crm/associations/{VERSION}/definitions/configurations/all")
}

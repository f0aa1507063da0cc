//! The paths of the dated API of associations.

use crate::{
    association::{CanonicalLink, in_path},
    tables::v2026_09::API as VERSION,
};

/// The object types of a link; none of a definition whose types are not known, which
/// no path can name.
fn types(link: &CanonicalLink) -> Option<(&'static str, &'static str)> {
    let info = link.definition().info()?;
    Some((in_path(info.from), in_path(info.to)))
}

/// All links of a pair.
pub(super) fn pair(link: &CanonicalLink) -> Option<String> {
    let (from, to) = types(link)?;
    let (one, other) = (link.from(), link.to());
    Some(format!(
        "/crm/objects/{VERSION}/{from}/{one}/associations/{to}/{other}"
    ))
}

/// A batch of links between the object types of this one.
pub(super) fn batch(first: &CanonicalLink, what: &str) -> Option<String> {
    let (from, to) = types(first)?;
    Some(format!(
        "/crm/associations/{VERSION}/{from}/{to}/batch/{what}"
    ))
}

/// The labels between two object types.
pub(super) fn labels(from: &str, to: &str) -> String {
    let (from, to) = (in_path(from), in_path(to));
    format!("/crm/associations/{VERSION}/{from}/{to}/labels")
}

/// What administrators have limited.
pub(super) fn limits() -> String {
    format!("/crm/associations/{VERSION}/definitions/configurations/all")
}

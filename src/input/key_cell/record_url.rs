//! Addresses of the pages of records in HubSpot. Pure.

use super::super::id::{MAX_DIGITS, plain_number};
use crate::{
    association::{RecordId, is_custom, object_type, type_id},
    failure::InvalidKeyKind,
};

/// What hosts of HubSpot's pages end with: `app.hubspot.com`, `app-eu1.hubspot.com`.
const HOST: &str = ".hubspot.com";

/// What they begin with.
const HOST_START: &str = "app";

/// Account and id: `62515/351`.
pub(super) fn usual_form(text: &str, expected: &'static str) -> Result<String, InvalidKeyKind> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidKeyKind::IdForUrl);
    }
    let (account, found, id) = parts(text).ok_or(InvalidKeyKind::RecordUrl)?;
    if !may_be_same(found, expected) {
        return Err(InvalidKeyKind::UrlOfOtherType { found, expected });
    }
    Ok(format!("{account}/{id}"))
}

/// The account, object type and id of an address.
fn parts(text: &str) -> Option<(u64, &'static str, RecordId)> {
    let address = text.strip_prefix("https://").unwrap_or(text);
    let address = address.split(['?', '#']).next()?;
    let mut parts = address.split('/');
    let host = parts.next()?;
    let is_hubspot = host.starts_with(HOST_START) && host.ends_with(HOST);
    if !is_hubspot || parts.next()? != "contacts" {
        return None;
    }
    let account = plain_number(parts.next()?, MAX_DIGITS)?;
    let found = match parts.next()? {
        "record" => object_type(parts.next()?)?,
        name @ ("contact" | "company" | "deal" | "ticket") => object_type(name)?,
        _ => return None,
    };
    let id = plain_number(parts.next()?, MAX_DIGITS).and_then(RecordId::new)?;
    Some((account, found, id))
}

/// Whether an address of this type may be one of the expected type. The id of a custom object that is
/// named is not known here.
fn may_be_same(found: &'static str, expected: &'static str) -> bool {
    found == expected || is_custom(found) && type_id(expected).is_none()
}

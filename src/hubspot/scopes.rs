//! The scopes of a token: the request, the response, and the scopes that writing links needs. Pure.
//!
//! The token is in the body of the request, which is never logged.

use serde::Deserialize;

use super::{
    request::ApiRequest,
    verdict::{ParsedResponse, classify, failure},
};
use crate::{
    api::{ResponsePayload, Verdict},
    association::is_custom,
    code::Code,
    failure::{Failure, ResponseFault},
    http_status::HttpStatus,
};

/// The path that describes a token by `POST`; it has no dated version.
const PATH: &str = "/oauth/v2/private-apps/get/access-token-info";

/// The status of a successful response.
const SUCCESS: HttpStatus = HttpStatus::OK;

/// The request for the scopes of this token.
pub(super) fn request(token: &str) -> ApiRequest {
    let body = serde_json::json!({ "tokenKey": token });
    ApiRequest::post(PATH, body.to_string().into_bytes())
}

/// The verdict if there is no token.
pub(super) fn no_token() -> Verdict {
    Verdict::Refused(Failure::new(Code::Rejected, ResponseFault::NoScopesOfKey))
}

/// The verdict. A token that is not of a private app may be refused here and still be valid for
/// everything else.
pub(super) fn verdict(response: &ParsedResponse) -> Verdict {
    match response.status {
        SUCCESS if response.body.is_json() => Verdict::Done {
            http_status: SUCCESS,
        },
        HttpStatus::UNAUTHORIZED | HttpStatus::FORBIDDEN => {
            Verdict::Refused(failure(response, Code::Rejected))
        }
        _ => classify(response),
    }
}

#[derive(Deserialize)]
struct TokenScopes {
    scopes: Vec<String>,
}

/// The scopes in a response.
pub(super) fn payload(response: &ParsedResponse, body: &[u8]) -> Option<ResponsePayload> {
    let token = serde_json::from_slice::<TokenScopes>(body).ok();
    let token = token.filter(|_| response.status == SUCCESS)?;
    Some(ResponsePayload::Scopes(token.scopes))
}

/// The scopes for writing links of an object type, if they do not follow from its name. Any one of
/// them is enough. Source: the `security` of each object's `batch/create` in HubSpot's published
/// specifications of 2026-09 (21 August 2026). `engagements`, which only v1 has, uses the scopes of
/// its parts.
const SCOPES: [(&str, &[&str]); 16] = [
    ("tickets", &["tickets"]),
    ("commerce_payments", &["crm.objects.commercepayments.write"]),
    ("goal_targets", &["crm.objects.goals.write"]),
    ("products", &["crm.objects.products.write", E_COMMERCE]),
    ("quotes", &["crm.objects.quotes.write", E_COMMERCE]),
    ("line_items", &[LINE_ITEMS, E_COMMERCE]),
    ("fees", &[LINE_ITEMS, E_COMMERCE]),
    ("discounts", &[LINE_ITEMS, E_COMMERCE]),
    ("taxes", &[LINE_ITEMS]),
    // Activities have the scopes of the contacts that they belong to.
    ("calls", &[CONTACTS]),
    ("communications", &[CONTACTS]),
    ("emails", &[CONTACTS]),
    ("meetings", &[CONTACTS]),
    ("notes", &[CONTACTS]),
    ("postal_mail", &[CONTACTS]),
    ("tasks", &[CONTACTS]),
];

const CONTACTS: &str = "crm.objects.contacts.write";
const LINE_ITEMS: &str = "crm.objects.line_items.write";
const E_COMMERCE: &str = "e-commerce";

/// The scopes for writing links of an object type. Any one of them is enough.
fn needed_scopes(object_type: &str) -> Vec<String> {
    let listed = match object_type {
        "engagements" => Some(&[CONTACTS][..]),
        other => {
            let mut listed = SCOPES.iter();
            let found = listed.find(|(name, _)| *name == other);
            found.map(|(_, scopes)| *scopes)
        }
    };
    match listed {
        Some(scopes) => scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        None if is_custom(object_type) => vec!["crm.objects.custom.write".to_owned()],
        None => vec![format!("crm.objects.{object_type}.write")],
    }
}

/// The scopes for looking up records of an object type. Any one of them is enough.
#[must_use]
pub fn scopes_to_read(object_type: &str) -> Vec<String> {
    let writing = needed_scopes(object_type).into_iter();
    let reading = writing.map(|scope| match scope.strip_suffix(".write") {
        Some(of_objects) => format!("{of_objects}.read"),
        None => scope,
    });
    reading.collect()
}

/// The scopes of a token that allow writing links between these two object types, and looking up
/// records of those that are looked up.
///
/// # Errors
/// The missing scopes; for each, the alternatives.
pub fn scopes_to_import(
    scopes: &[String],
    types: (&str, &str),
    looked_up: &[&str],
) -> Result<Vec<String>, Vec<Vec<String>>> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    let writing = [types.0, types.1].map(needed_scopes).into_iter();
    let reading = looked_up
        .iter()
        .map(|object_type| scopes_to_read(object_type));
    for needed in writing.chain(reading) {
        match needed.iter().find(|name| scopes.contains(name)) {
            Some(name) if found.contains(name) => {}
            Some(name) => found.push(name.clone()),
            None if missing.contains(&needed) => {}
            None => missing.push(needed),
        }
    }
    if missing.is_empty() {
        Ok(found)
    } else {
        Err(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes_text(scopes: &str, types: (&str, &str)) -> String {
        scopes_text_with(scopes, types, &[])
    }

    fn scopes_text_with(scopes: &str, types: (&str, &str), looked_up: &[&str]) -> String {
        let scopes: Vec<_> = scopes.split_whitespace().map(str::to_owned).collect();
        match scopes_to_import(&scopes, types, looked_up) {
            Ok(found) => format!("ok {}", found.join(" ")),
            Err(missing) => {
                let missing = missing.iter().map(|names| names.join("|"));
                format!("lacks {}", missing.collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn both_object_types_need_a_scope_and_any_alternative_is_enough() {
        let both = "crm.objects.contacts.write crm.objects.companies.write";
        for (scopes, types, expected) in [
            (both, ("contacts", "companies"), &*format!("ok {both}")),
            (
                "crm.objects.contacts.write",
                ("contacts", "companies"),
                "lacks crm.objects.companies.write",
            ),
            (
                "crm.objects.contacts.write",
                ("contacts", "contacts"),
                "ok crm.objects.contacts.write",
            ),
            (
                "crm.objects.contacts.read crm.objects.companies.read",
                ("contacts", "companies"),
                "lacks crm.objects.contacts.write crm.objects.companies.write",
            ),
            (
                "tickets crm.objects.deals.write",
                ("deals", "tickets"),
                "ok crm.objects.deals.write tickets",
            ),
            (
                "tickets e-commerce",
                ("tickets", "line_items"),
                "ok tickets e-commerce",
            ),
            (
                "crm.objects.custom.write crm.objects.orders.write",
                ("2-123456", "orders"),
                "ok crm.objects.custom.write crm.objects.orders.write",
            ),
            (
                "crm.objects.contacts.write",
                ("notes", "contacts"),
                "ok crm.objects.contacts.write",
            ),
        ] {
            assert_eq!(scopes_text(scopes, types), expected, "{scopes} {types:?}");
        }
    }

    #[test]
    fn irregular_scopes_are_those_that_exist() {
        for (scopes, types, expected) in [
            (
                "crm.objects.tickets.write",
                ("tickets", "tickets"),
                "lacks tickets",
            ),
            (
                "",
                ("commerce_payments", "goal_targets"),
                "lacks crm.objects.commercepayments.write crm.objects.goals.write",
            ),
            (
                "",
                ("p123_cars", "taxes"),
                "lacks crm.objects.custom.write crm.objects.line_items.write",
            ),
            (
                "",
                ("fees", "appointments"),
                "lacks crm.objects.line_items.write|e-commerce crm.objects.appointments.write",
            ),
        ] {
            assert_eq!(scopes_text(scopes, types), expected, "{scopes} {types:?}");
        }
    }

    #[test]
    fn object_types_that_are_looked_up_need_a_scope_to_read() {
        let both = "crm.objects.contacts.write tickets";
        let types = ("contacts", "tickets");
        for (scopes, looked_up, expected) in [
            (both, &["tickets"][..], format!("ok {both}")),
            (
                both,
                &["contacts", "tickets"],
                "lacks crm.objects.contacts.read".to_owned(),
            ),
            (
                "tickets crm.objects.contacts.read",
                &["contacts"],
                "lacks crm.objects.contacts.write".to_owned(),
            ),
            (
                "tickets crm.objects.contacts.read crm.objects.contacts.write",
                &["contacts"],
                format!("ok {both} crm.objects.contacts.read"),
            ),
        ] {
            assert_eq!(scopes_text_with(scopes, types, looked_up), expected);
        }
    }

    #[test]
    fn the_token_is_escaped_in_the_body() {
        let request = request(r"pat\na1");
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["tokenKey"], r"pat\na1");
    }
}

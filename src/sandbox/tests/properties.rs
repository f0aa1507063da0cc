//! Reads of properties over real sockets.

use serde_json::Value;

use super::{lookups::start_with_records, *};
use crate::sandbox::RecordOptions;

const CONTACTS: &str = "/crm/properties/2026-09/contacts";

fn sandbox() -> Sandbox {
    start_with_records(
        "object_type,id,code,team\ncontacts,1,A-1,x\ncompanies,2,,y\n",
        RecordOptions {
            unique_properties: ["contacts:code", "deals:number"]
                .map(|property| property.parse().unwrap())
                .into(),
            ..RecordOptions::default()
        },
    )
}

/// The names and whether they are unique.
fn listed(sandbox: &Sandbox, path: &str) -> Vec<(String, bool)> {
    let answer = get(sandbox, path);
    assert_eq!(answer.status, 200);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let results = body["results"].as_array().unwrap().iter();
    let listed = results.map(|one| {
        let unique = one["hasUniqueValue"].as_bool().unwrap();
        (one["name"].as_str().unwrap().to_owned(), unique)
    });
    listed.collect()
}

#[test]
fn a_property_is_described_as_specified() {
    for path in [CONTACTS, "/crm/v3/properties/0-1"] {
        let answer = get(&sandbox(), &format!("{path}/code"));
        assert_eq!(
            (answer.status, &*answer.body),
            (
                200,
                r#"{"name":"code","label":"code","type":"string","fieldType":"text","description":"","groupName":"contactinformation","options":[],"hasUniqueValue":true,"hidden":false,"hubspotDefined":false,"archived":false,"dataSensitivity":"non_sensitive"}"#
            )
        );
    }
}

#[test]
fn an_object_type_has_hubspots_properties_and_those_that_are_named() {
    let sandbox = sandbox();
    let contacts = listed(&sandbox, CONTACTS);
    for (name, unique) in [
        ("email", false),
        ("hs_object_id", false),
        ("lastmodifieddate", false),
        ("code", true),
        ("team", false),
    ] {
        assert!(
            contacts.contains(&(name.to_owned(), unique)),
            "{name}: {contacts:?}"
        );
    }
    let companies = listed(&sandbox, "/crm/properties/2026-09/companies");
    let names: Vec<_> = companies.iter().map(|(name, _)| &**name).collect();
    assert!(
        names.contains(&"domain") && names.contains(&"team"),
        "{names:?}"
    );
    assert!(
        !names.contains(&"code") && !names.contains(&"email"),
        "{names:?}"
    );
    let deals = listed(&sandbox, "/crm/properties/2026-09/deals");
    assert!(deals.contains(&("number".to_owned(), true)), "{deals:?}");
    assert!(listed(&sandbox, &format!("{CONTACTS}?archived=true")).is_empty());
}

#[test]
fn a_property_that_does_not_exist_is_404() {
    let sandbox = sandbox();
    let answer = get(&sandbox, &format!("{CONTACTS}/size"));
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.masked(),
        r#"{"status":"error","message":"Property \"size\" does not exist for object type 0-1","correlationId":"ID","category":"OBJECT_NOT_FOUND"}"#
    );
    assert_eq!(get(&sandbox, "/crm/properties/2026-09/boats").status, 400);
    assert_eq!(put(&sandbox, CONTACTS, "{}").status, 405);
}

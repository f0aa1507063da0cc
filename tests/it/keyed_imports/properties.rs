//! A property that cannot lead to one record is refused before anything is sent.

use serde_json::{Value, json};

use super::{account::Account, call::CallKind, server::KeyedServer};
use crate::support::workdir::Workdir;

const LINKS: &str = "from_case_no,to_object_id,definition_id\nA1,1001,contact_to_company\n";

/// Imports by the property `case_no`, which has these fields, if it exists.
fn refusal(fields: Option<Value>) -> String {
    let account = Account::with_contacts(1);
    let server = KeyedServer::start(match fields {
        Some(fields) => account.property("case_no", &fields),
        None => account,
    });
    let workdir = Workdir::with(LINKS);
    let run = workdir.import(&server.base_url(), "").exits(2);
    let kinds: Vec<_> = server.counts().into_keys().collect();
    assert_eq!(
        kinds,
        [CallKind::Properties],
        "only properties are asked for"
    );
    assert_eq!(workdir.names(), ["links.csv"]);
    run.stderr
}

#[test]
fn a_property_that_does_not_exist_is_refused() {
    let said = refusal(None);
    assert!(
        said.contains("nothing was sent: line 2: HubSpot has no property case_no of contacts; use one of: email"),
        "{said}"
    );
}

#[test]
fn a_property_that_several_records_may_share_is_refused() {
    let said = refusal(Some(json!({"hasUniqueValue": false, "archived": false})));
    assert!(
        said.contains("nothing was sent: line 2: several contacts may have the same case_no; use one of: email"),
        "{said}"
    );
}

#[test]
fn a_property_with_unique_values_leads_to_its_record() {
    let account = Account::default()
        .property(
            "case_no",
            &json!({"hasUniqueValue": true, "archived": false}),
        )
        .record("contacts", 7, &[("case_no", "A1")]);
    let server = KeyedServer::start(account);
    let workdir = Workdir::with(LINKS);
    workdir.import(&server.base_url(), "").exits(0);
    assert_eq!(server.written(), [(7, 1001)]);
    assert_eq!(
        server.calls(CallKind::Read)[0].body["idProperty"],
        "case_no"
    );
}

#[test]
fn a_property_that_was_archived_is_refused() {
    let said = refusal(Some(json!({"hasUniqueValue": true, "archived": true})));
    assert!(
        said.contains(
            "nothing was sent: line 2: the property case_no was archived; use one of: email"
        ),
        "{said}"
    );
}

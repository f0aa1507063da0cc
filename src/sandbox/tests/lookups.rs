//! Reads of records by their ids and by other keys, over real sockets.

use serde_json::Value;

use super::*;
use crate::sandbox::{OldIdForm, PartialStatus, RecordOptions};

const CONTACTS: &str = "/crm/objects/2026-09/contacts/batch/read";

/// Three contacts, one of them archived, and a company.
const RECORDS: &str = "object_type,id,merged_ids,archived,created,email,hs_additional_emails,domain\n\
    contacts,101,7;8,,2026-03-01T10:00:00Z,Ann@Example.com,ann@old.example;a.b@x.org,\n\
    contacts,102,,,,bob@example.com,,\n\
    contacts,103,,true,,gone@example.com,,\n\
    companies,201,,,,,,example.com\n";

/// A sandbox with these records.
pub(super) fn start_with_records(text: &str, record_options: RecordOptions) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.csv");
    std::fs::write(&path, text).unwrap();
    start(SandboxOptions {
        record_options: RecordOptions {
            records: Some(path),
            ..record_options
        },
        ..SandboxOptions::default()
    })
}

fn sandbox() -> Sandbox {
    start_with_records(RECORDS, RecordOptions::default())
}

/// The body of a batch read.
fn keys_body(id_property: &str, keys: &[&str], properties: &str) -> String {
    let inputs: Vec<_> = keys
        .iter()
        .map(|key| format!(r#"{{"id":"{key}"}}"#))
        .collect();
    let id_property = match id_property {
        "" => String::new(),
        name => format!(r#""idProperty":"{name}","#),
    };
    let inputs = inputs.join(",");
    format!(
        r#"{{{id_property}"inputs":[{inputs}],"properties":[{properties}],"propertiesWithHistory":[]}}"#
    )
}

pub(super) fn post(sandbox: &Sandbox, path: &str, body: &str) -> (u16, Value) {
    let answer = send(sandbox, "POST", path, TOKEN, body).unwrap();
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

/// The status of a batch read, the ids that it found and the keys that it missed.
fn looked_up(
    sandbox: &Sandbox,
    path: &str,
    id_property: &str,
    keys: &[&str],
) -> (u16, Vec<String>, Vec<String>) {
    let (status, body) = post(sandbox, path, &keys_body(id_property, keys, ""));
    let texts = |list: &Value, of: &dyn Fn(&Value) -> Value| {
        let list = list.as_array().cloned().unwrap_or_default();
        let texts = list.iter().map(|one| of(one).as_str().unwrap().to_owned());
        texts.collect::<Vec<_>>()
    };
    let mut found = texts(&body["results"], &|one| one["id"].clone());
    found.sort();
    let missed = texts(&body["errors"][0]["context"]["ids"], &Value::clone);
    assert_eq!(
        body["numErrors"].as_u64().unwrap_or(0) > 0,
        !missed.is_empty(),
        "{body}"
    );
    (status, found, missed)
}

#[test]
fn a_batch_answers_with_the_properties_that_are_asked_for() {
    let body = keys_body(
        "email",
        &["ann@example.com"],
        r#""email","domain","hs_merged_object_ids""#,
    );
    let answer = send(&sandbox(), "POST", CONTACTS, TOKEN, &body).unwrap();
    let (results, _) = answer.body.split_once(r#","startedAt""#).unwrap();
    assert_eq!(
        (answer.status, results),
        (
            200,
            r#"{"status":"COMPLETE","results":[{"id":"101","properties":{"createdate":"2026-03-01T10:00:00.000Z","email":"Ann@Example.com","hs_merged_object_ids":"7;8","hs_object_id":"101","lastmodifieddate":"2026-03-01T10:00:00.000Z"},"createdAt":"2026-03-01T10:00:00.000Z","updatedAt":"2026-03-01T10:00:00.000Z","archived":false}]"#
        ),
        "contacts have no domain"
    );
    let one = get(
        &sandbox(),
        "/crm/objects/2026-09/contacts/102?properties=email,hs_additional_emails",
    );
    assert!(
        one.body
            .contains(r#""email":"bob@example.com","hs_additional_emails":null"#),
        "{}",
        one.body
    );
}

#[test]
fn earlier_values_are_answered_for_fifty_records_at_most() {
    let with_history = |count: usize| {
        let keys = vec!["101"; count];
        keys_body("", &keys, "").replace(r#"History":[]"#, r#"History":["email"]"#)
    };
    let sandbox = sandbox();
    let (status, body) = post(&sandbox, CONTACTS, &with_history(50));
    let entry = &body["results"][0]["propertiesWithHistory"]["email"][0];
    assert_eq!((status, &entry["value"]), (200, &"Ann@Example.com".into()));
    assert!(entry["timestamp"].is_string() && entry["sourceType"].is_string());
    assert_eq!(post(&sandbox, CONTACTS, &with_history(51)).0, 400);
}

#[test]
fn contacts_are_found_by_each_of_their_e_mails_in_any_case() {
    let sandbox = sandbox();
    for email in ["ann@example.com", "ANN@old.example", " a.b@X.org "] {
        let found = looked_up(&sandbox, CONTACTS, "email", &[email]);
        assert_eq!(found, (200, vec!["101".to_owned()], vec![]), "{email}");
    }
    let keys = [
        "bob@example.com",
        "ann@old.example",
        "eve@example.com",
        "ann@example.com",
        "eve@example.com",
    ];
    assert_eq!(
        looked_up(&sandbox, CONTACTS, "email", &keys),
        (
            207,
            vec!["101".to_owned(), "102".to_owned()],
            vec!["eve@example.com".to_owned()]
        ),
        "each record and each miss once"
    );
}

#[test]
fn archived_records_are_found_only_if_they_are_asked_for() {
    let sandbox = sandbox();
    let archived = format!("{CONTACTS}?archived=true");
    for (path, found, missed) in [(CONTACTS, "102", "103"), (&*archived, "103", "102")] {
        let answer = looked_up(&sandbox, path, "", &["102", "103"]);
        assert_eq!(
            answer,
            (207, vec![found.to_owned()], vec![missed.to_owned()])
        );
    }
    let by_email = looked_up(&sandbox, &archived, "email", &["gone@example.com"]);
    assert_eq!(by_email.1, ["103"]);
    let one = "/crm/objects/2026-09/contacts/103";
    assert_eq!(get(&sandbox, one).status, 404);
    let found = get(&sandbox, &format!("{one}?archived=true"));
    assert!(
        found
            .body
            .contains(r#""archived":true,"archivedAt":"2026-01-01"#),
        "{}",
        found.body
    );
}

#[test]
fn only_a_single_read_follows_an_old_id_unless_it_is_asked_for() {
    let sandbox = sandbox();
    let answer = get(&sandbox, "/crm/objects/2026-09/contacts/7");
    assert!(answer.body.starts_with(r#"{"id":"101""#), "{}", answer.body);
    let missed = vec!["7".to_owned()];
    assert_eq!(
        looked_up(&sandbox, CONTACTS, "", &["7", "101"]),
        (207, vec!["101".to_owned()], missed)
    );
    let following = start_with_records(
        RECORDS,
        RecordOptions {
            old_ids: OldIdForm::Found,
            ..RecordOptions::default()
        },
    );
    let found = looked_up(&following, CONTACTS, "", &["7", "8", "101"]);
    assert_eq!(found, (200, vec!["101".to_owned()], vec![]));
}

#[test]
fn only_listed_records_of_a_listed_type_exist() {
    let sandbox = sandbox();
    let (status, found, missed) = looked_up(&sandbox, CONTACTS, "", &["101", "999"]);
    assert_eq!(
        (status, found.len(), &*missed),
        (207, 1, &["999".to_owned()][..])
    );
    let deals = "/crm/objects/2026-09/deals/999";
    assert_eq!(get(&sandbox, deals).status, 200, "deals are not listed");
    for (contact, company, status) in [
        (101, 201, 204),
        (999, 201, 400),
        (103, 201, 400),
        (101, 202, 400),
    ] {
        let answer = put(&sandbox, PUT_ONE, &link(contact, company, 1));
        assert_eq!(
            answer.status, status,
            "{contact} → {company}: {}",
            answer.body
        );
    }
}

#[test]
fn a_property_that_is_not_unique_is_no_key() {
    let sandbox = start_with_records(
        "{\"object_type\":\"contacts\",\"id\":1,\"properties\":{\"code\":\"A-1\",\"team\":\"x\"}}\n",
        RecordOptions {
            unique_properties: vec!["contacts:code".parse().unwrap()],
            ..RecordOptions::default()
        },
    );
    assert_eq!(looked_up(&sandbox, CONTACTS, "code", &["a-1"]).1, ["1"]);
    let companies = "/crm/objects/2026-09/companies/batch/read";
    for (path, name, id) in [
        (CONTACTS, "hs_object_id", "0-1"),
        (CONTACTS, "team", "0-1"),
        (companies, "domain", "0-2"),
    ] {
        let answer = send(&sandbox, "POST", path, TOKEN, &keys_body(name, &["1"], "")).unwrap();
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.masked(),
            format!(
                r#"{{"status":"error","message":"Unable to perform read by non-unique {id} property {name}","correlationId":"ID","category":"VALIDATION_ERROR"}}"#
            )
        );
    }
    let (status, body) = post(&sandbox, CONTACTS, &keys_body("size", &["1"], ""));
    assert_eq!(status, 400);
    assert_eq!(
        body["message"],
        "Property \"size\" does not exist for object type 0-1"
    );
}

#[test]
fn a_batch_has_all_its_lists_and_at_most_a_hundred_inputs() {
    let sandbox = sandbox();
    for path in [CONTACTS, "/crm/v3/objects/contacts/batch/read"] {
        let (status, body) = post(&sandbox, path, r#"{"inputs":[]}"#);
        assert_eq!(status, 400);
        let message = body["message"].as_str().unwrap();
        assert!(
            message.ends_with("not set: [properties, propertiesWithHistory]"),
            "{message}"
        );
        assert_eq!(
            post(&sandbox, path, &keys_body("", &["101"; 100], "")).0,
            200
        );
        let (status, body) = post(&sandbox, path, &keys_body("", &["101"; 101], ""));
        assert_eq!(status, 400);
        let message = body["message"].as_str().unwrap();
        assert!(message.contains("in a batch is 100"), "{message}");
        assert_eq!(post(&sandbox, path, &keys_body("", &["x"], "")).0, 400);
        assert_eq!(post(&sandbox, path, "").0, 400);
    }
}

#[test]
fn without_a_file_a_key_always_leads_to_the_same_record() {
    let first = start(SandboxOptions::default());
    let ids = looked_up(
        &first,
        CONTACTS,
        "email",
        &["ann@example.com", "bob@example.com", "gone404@example.com"],
    );
    assert_eq!(
        (ids.0, ids.1.len(), &*ids.2),
        (207, 2, &["gone404@example.com".to_owned()][..])
    );
    let second = start(SandboxOptions {
        partial_status: Some(PartialStatus::Ok),
        ..SandboxOptions::default()
    });
    let again = looked_up(
        &second,
        CONTACTS,
        "email",
        &["Bob@Example.com", "ann@example.com", "X404"],
    );
    assert_eq!((again.0, &again.1), (200, &ids.1));
    let (_, body) = post(
        &second,
        CONTACTS,
        &keys_body("email", &["Ann@example.com"], r#""email""#),
    );
    assert_eq!(body["results"][0]["properties"]["email"], "ann@example.com");
    let path = format!("/crm/objects/2026-09/contacts/{}", ids.1[0]);
    assert_eq!(get(&second, &path).status, 200);
}

#[test]
fn reads_of_records_count_in_the_window_of_single_calls() {
    let sandbox = start(SandboxOptions {
        limit: "2/h".parse().unwrap(),
        ..SandboxOptions::default()
    });
    let body = keys_body("email", &["ann@example.com"], "");
    for _ in 0..2 {
        let batch = batch(&[link(1, 2, 1)]);
        assert_eq!(put(&sandbox, PUT_BATCH, &batch).status, 204);
    }
    assert_eq!(post(&sandbox, CONTACTS, &body).0, 200);
    let properties = get(&sandbox, "/crm/properties/2026-09/contacts");
    assert_eq!(properties.status, 200);
    assert_eq!(post(&sandbox, CONTACTS, &body).0, 429);
    let counts = sandbox.request_log().counts;
    assert_eq!(
        (counts.records, counts.properties, counts.searches),
        (2, 1, 0)
    );
}

//! Merged records over real sockets: old ids work, and answers have the current ids.

use super::*;

const CREATE: &str = "/crm/associations/2026-09/contacts/companies/batch/create";
const READ: &str = "/crm/associations/2026-09/contacts/companies/batch/read";
const ARCHIVE: &str = "/crm/associations/2026-09/contacts/companies/batch/archive";

/// Contacts 101 and 102 were merged into 1001, and company 201 into 2001.
fn sandbox() -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("merged.csv");
    let text = "contacts,101,1001\ncontacts,102,1001\ncompanies,201,2001\n";
    std::fs::write(&path, text).unwrap();
    start(SandboxOptions {
        merged: Some(path),
        unreadable: vec!["deals".to_owned()],
        ..SandboxOptions::default()
    })
}

fn post(sandbox: &Sandbox, path: &str, body: &str) -> serde_json::Value {
    let answer = send(sandbox, "POST", path, TOKEN, body).unwrap();
    serde_json::from_str(&answer.body).unwrap_or_default()
}

fn unlabeled_input(from: u64, to: u64) -> String {
    let types = r#"[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":279}]"#;
    format!(r#"{{"inputs":[{{"from":{{"id":"{from}"}},"to":{{"id":"{to}"}},"types":{types}}}]}}"#)
}

fn ids_body(ids: &[u64]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    format!(r#"{{"inputs":[{}]}}"#, ids.join(","))
}

/// An id that may be a number or a string.
fn id(body: &serde_json::Value) -> String {
    body.to_string().replace('"', "")
}

#[test]
fn a_create_by_old_ids_is_stored_and_answered_under_current_ids() {
    let sandbox = sandbox();
    let body = post(&sandbox, CREATE, &unlabeled_input(101, 201));
    let result = &body["results"][0];
    let ids = ["fromObjectId", "toObjectId"].map(|side| id(&result[side]));
    assert_eq!(ids, ["1001", "2001"], "{body}");
    let stands = [
        "companies 2001 -> contacts 1001",
        "contacts 1001 -> companies 2001",
    ];
    for (link, expected) in sandbox.links().iter().zip(stands) {
        assert!(link.starts_with(expected), "{link}");
    }
}

#[test]
fn old_and_new_ids_in_one_read_are_one_entry_under_the_new_id() {
    let sandbox = sandbox();
    post(&sandbox, CREATE, &unlabeled_input(1001, 2001));
    for ids in [&[101][..], &[101, 1001], &[102, 101, 1001]] {
        let body = post(&sandbox, READ, &ids_body(ids));
        let results = body["results"].as_array().unwrap();
        let from: Vec<_> = results.iter().map(|one| id(&one["from"]["id"])).collect();
        assert_eq!(from, ["1001"], "{ids:?}");
        assert_eq!(id(&results[0]["to"][0]["toObjectId"]), "2001");
    }
    let body = post(&sandbox, READ, &ids_body(&[7, 101]));
    assert_eq!(body["numErrors"], 1, "{body}");
}

#[test]
fn a_merged_record_without_associations_is_named_by_its_current_id() {
    let body = post(&sandbox(), READ, &ids_body(&[101]));
    let error = &body["errors"][0];
    assert_eq!(error["context"]["fromObjectId"][0], "1001", "{body}");
}

#[test]
fn removals_by_old_ids_work() {
    let pair = r#"{"inputs":[{"from":{"id":"102"},"to":[{"id":"201"}]}]}"#;
    let one = "/crm/objects/2026-09/contacts/102/associations/companies/201";
    for (method, path, body) in [
        ("POST", ARCHIVE, pair.to_owned()),
        ("DELETE", one, String::new()),
    ] {
        let sandbox = sandbox();
        post(&sandbox, CREATE, &unlabeled_input(1001, 2001));
        assert!(!sandbox.links().is_empty());
        send(&sandbox, method, path, TOKEN, &body).unwrap();
        assert!(sandbox.links().is_empty(), "{method}");
    }
}

#[test]
fn v1_accepts_old_ids_and_answers_with_current_ones() {
    let sandbox = sandbox();
    put(&sandbox, PUT_ONE, &link(101, 201, 1));
    for contact in [101, 102, 1001] {
        let expected = r#"{"results":[2001],"hasMore":false,"offset":2001}"#;
        assert_eq!(read(&sandbox, contact, "1"), expected);
    }
    let delete = "/crm-associations/v1/associations/delete";
    put(&sandbox, delete, &link(102, 2001, 1));
    assert!(sandbox.links().is_empty());
}

#[test]
fn both_versions_answer_with_the_current_id() {
    let sandbox = sandbox();
    for path in [
        "/crm/objects/2026-09/contacts/101",
        "/crm/v3/objects/0-1/101",
    ] {
        let answer = get(&sandbox, &format!("{path}?properties=hs_merged_object_ids"));
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, &body["id"]), (200, &"1001".into()));
        let properties = &body["properties"];
        assert_eq!(properties["hs_object_id"], "1001");
        assert_eq!(properties["hs_merged_object_ids"], "101;102");
    }
    let other = get(&sandbox, "/crm/objects/2026-09/contacts/7");
    assert!(other.body.starts_with(r#"{"id":"7","#), "{}", other.body);
    assert!(!other.body.contains("merged"), "{}", other.body);
    assert_eq!(sandbox.request_log().counts.records, 3);
}

#[test]
fn a_missing_or_unreadable_record_is_refused() {
    let sandbox = sandbox();
    let gone = get(&sandbox, "/crm/objects/2026-09/contacts/5404");
    assert_eq!(gone.status, 404);
    assert_eq!(
        gone.masked(),
        r#"{"status":"error","message":"resource not found","correlationId":"ID","category":"OBJECT_NOT_FOUND"}"#
    );
    let closed = get(&sandbox, "/crm/v3/objects/deals/1");
    assert_eq!(closed.status, 403);
    assert!(closed.body.contains("MISSING_SCOPES"), "{}", closed.body);
    assert!(
        closed.body.contains(r#"["crm.objects.deals.read"]"#),
        "{}",
        closed.body
    );
    assert_eq!(get(&sandbox, "/crm/v3/objects/boats/1").status, 400);
    let written = put(&sandbox, "/crm/v3/objects/contacts/1", "{}");
    assert_eq!(written.status, 405);
}

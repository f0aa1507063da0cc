//! Successful answers of the dated API for a fake server's two rows, contacts 1 and 2 of company 7.

use super::fake_hubspot::{FakeResponse, ReceivedRequest};

pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> FakeResponse {
    FakeResponse::from(status).body("application/json", body)
}

pub(crate) fn is_read(request: &ReceivedRequest) -> bool {
    request.uri.ends_with("/batch/read")
}

/// Answers a read: the requested records have no links, or both have theirs.
pub(crate) fn read(request: &ReceivedRequest, stands: bool) -> FakeResponse {
    if !stands {
        return unlinked(request);
    }
    linked_with(PRIMARY)
}

/// The types of a primary company.
pub(crate) const PRIMARY: &str = r#"{"category":"HUBSPOT_DEFINED","typeId":1,"label":"Primary"},{"category":"HUBSPOT_DEFINED","typeId":279,"label":null}"#;

/// An answer in which both records have these types with their company.
pub(crate) fn linked_with(types: &str) -> FakeResponse {
    let record = |id: u64| {
        format!(
            r#"{{"from":{{"id":"{id}"}},"to":[{{"toObjectId":7,"associationTypes":[{types}]}}]}}"#
        )
    };
    let records = [1, 2].map(record).join(",");
    json(
        200,
        format!(r#"{{"status":"COMPLETE","results":[{records}]}}"#),
    )
}

/// An answer with an error for each requested record, because none has links.
fn unlinked(request: &ReceivedRequest) -> FakeResponse {
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    let none = |input: &serde_json::Value| {
        let id = input["id"].as_str().unwrap();
        format!(
            r#"{{"status":"error","category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND","message":"none","context":{{"fromObjectId":["{id}"]}}}}"#
        )
    };
    let errors: Vec<_> = body["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(none)
        .collect();
    let (count, errors) = (errors.len(), errors.join(","));
    json(
        207,
        format!(r#"{{"status":"COMPLETE","results":[],"numErrors":{count},"errors":[{errors}]}}"#),
    )
}

/// The answer to a single `PUT` that created its link.
pub(crate) fn created(request: &ReceivedRequest) -> FakeResponse {
    let words: Vec<_> = request.uri.split('/').collect();
    let (from, to) = (words[5], words[8]);
    json(
        201,
        format!(r#"{{"fromObjectId":{from},"toObjectId":{to},"labels":["Primary"]}}"#),
    )
}

/// Answers every request with success. Before a write, no link exists.
pub(crate) fn succeed(request: &ReceivedRequest) -> FakeResponse {
    match request.method.as_str() {
        "PUT" => created(request),
        "DELETE" => 204.into(),
        _ => read(request, false),
    }
}

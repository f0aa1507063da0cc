//! Associations without a label, by the calls that name no type.

use super::*;

const BATCH: &str = "/crm/associations/2026-09/contacts/companies/batch/associate/default";

fn pairs(pairs: &[(u64, u64)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(from, to)| format!(r#"{{"from":{{"id":"{from}"}},"to":{{"id":"{to}"}}}}"#));
    inputs(&pairs.collect::<Vec<_>>())
}

/// The directions in an answer: from, to and type.
fn directions(answer: &RawResponse) -> Vec<String> {
    let body = json(&answer.body);
    let results = body["results"].as_array().unwrap();
    let mut directions: Vec<_> = results
        .iter()
        .map(|one| {
            let association_type = &one["associationSpec"];
            let (category, id) = (
                &association_type["associationCategory"],
                &association_type["associationTypeId"],
            );
            let (from, to) = (&one["from"]["id"], &one["to"]["id"]);
            format!("{from} {to} {category}={id}").replace('"', "")
        })
        .collect();
    directions.sort_unstable();
    directions
}

#[test]
fn one_pair_is_associated_in_both_directions_without_a_body() {
    let sandbox = sandbox();
    let path = "/crm/objects/2026-09/contacts/1/associations/default/companies/2";
    for _ in 0..2 {
        let answer = put(&sandbox, path, "");
        assert_eq!(answer.status, 200);
        assert_eq!(json(&answer.body)["status"], "COMPLETE");
        let both = ["1 2 HUBSPOT_DEFINED=279", "2 1 HUBSPOT_DEFINED=280"];
        assert_eq!(directions(&answer), both);
    }
    assert_eq!(types_between(&sandbox, 1, 2), ["HUBSPOT_DEFINED=279"]);
    assert_eq!(sandbox.request_log().applied, 2);
    assert_eq!(get(&sandbox, path).status, 405);
    assert_eq!(
        send(&sandbox, "DELETE", path, TOKEN, "").unwrap().status,
        405
    );
}

#[test]
fn valid_pairs_are_associated_and_the_others_are_errors() {
    for (sandbox, status) in [(sandbox(), 200), (recorded(), 207)] {
        let answer = post(&sandbox, BATCH, &pairs(&[(1, 2), (1404, 2), (3, 4)]));
        assert_eq!(answer.status, status);
        let body = json(&answer.body);
        let results = body["results"].as_array().unwrap().len();
        assert_eq!((results, &body["numErrors"]), (4, &1.into()));
        assert_eq!(body["errors"][0]["message"], "CONTACT=1404 is not valid");
        assert_eq!(sandbox.links().len(), 4);
        assert_eq!(post(&sandbox, BATCH, &pairs(&[(5, 6)])).status, 200);
    }
}

#[test]
fn existing_labels_stay() {
    let sandbox = sandbox();
    let pair = "contacts/1/associations/companies/2";
    put_pair(&sandbox, pair, &[(USER, 26)]);
    post(&sandbox, BATCH, &pairs(&[(1, 2)]));
    let both = ["HUBSPOT_DEFINED=279", "USER_DEFINED=26"];
    assert_eq!(types_between(&sandbox, 1, 2), both);
}

#[test]
fn custom_objects_are_associated_by_the_types_of_the_account() {
    let sandbox = sandbox();
    let path = "/crm/objects/2026-09/contacts/1/associations/default/2-123456/5";
    let both = ["1 5 USER_DEFINED=32", "5 1 USER_DEFINED=33"];
    assert_eq!(directions(&put(&sandbox, path, "")), both);
}

#[test]
fn object_types_without_such_a_type_are_refused() {
    let path = "/crm/associations/2026-09/companies/2-123456/batch/associate/default";
    let answer = post(&sandbox(), path, &pairs(&[(1, 2)]));
    assert_eq!(answer.status, 400);
    let message = "There is no default association type from 0-2 to 2-123456";
    assert_eq!(json(&answer.body)["message"], message);
}

#[test]
fn a_batch_that_lacks_an_end_is_refused() {
    let answer = post(&sandbox(), BATCH, r#"{"inputs":[{"from":{"id":"1"}}]}"#);
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("[to]"), "{}", answer.body);
}

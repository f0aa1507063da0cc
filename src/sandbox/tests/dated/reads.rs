//! Reads of associations and of labels.

use super::*;

#[test]
fn a_record_is_answered_with_all_types_of_each_link() {
    for (sandbox, id) in [(recorded(), "21451"), (sandbox(), r#""21451""#)] {
        put_pair(
            &sandbox,
            "contacts/33451/associations/companies/21451",
            &[(USER, 26)],
        );
        let answer = post(&sandbox, READ, r#"{"inputs":[{"id":"33451"}]}"#);
        let expected = format!(
            r#"{{"status":"COMPLETE","results":[{{"from":{{"id":"33451"}},"to":[{{"toObjectId":{id},"associationTypes":[{{"category":"HUBSPOT_DEFINED","typeId":279,"label":null}},{{"category":"USER_DEFINED","typeId":26,"label":"Decision maker"}}]}}]}}],"startedAt":T}}"#
        );
        assert_eq!(
            (answer.status, without_times(&answer.body)),
            (200, expected)
        );
    }
}

#[test]
fn a_record_without_links_is_an_error_as_recorded_or_as_specified() {
    let path = "/crm/associations/2026-09/deals/companies/batch/read";
    let text = r#""subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND","#;
    for (sandbox, status, sub_category, end) in [
        (recorded(), 207, text, ""),
        (sandbox(), 200, "", r#","errors":[],"links":{}"#),
    ] {
        let answer = post(&sandbox, path, r#"{"inputs":[{"id":515690208449}]}"#);
        let expected = format!(
            r#"{{"status":"COMPLETE","results":[],"numErrors":1,"errors":[{{"status":"error","category":"OBJECT_NOT_FOUND",{sub_category}"message":"No company is associated with deal 515690208449.","context":{{"fromObjectId":["515690208449"],"fromObjectType":["deal"],"toObjectType":["company"]}}{end}}}],"startedAt":T}}"#
        );
        assert_eq!(
            (answer.status, without_times(&answer.body)),
            (status, expected)
        );
    }
}

#[test]
fn pages_of_a_hundred_follow_each_other() {
    let sandbox = sandbox();
    let pairs: Vec<_> = (1..=150).map(|to| (7, to)).collect();
    post(&sandbox, CREATE, &plain(&pairs));
    let page = |after: &str| {
        let answer = post(
            &sandbox,
            READ,
            &format!(r#"{{"inputs":[{{"id":"7"{after}}}]}}"#),
        );
        assert_eq!(answer.status, 200);
        json(&answer.body)["results"][0].clone()
    };
    let first = page("");
    assert_eq!(first["to"].as_array().unwrap().len(), 100);
    let next = first["paging"]["next"]["after"].as_str().unwrap();
    assert_eq!(first["paging"]["next"]["link"], format!("?after={next}"));
    let second = page(&format!(r#","after":"{next}""#));
    assert_eq!(second["to"].as_array().unwrap().len(), 50);
    assert_eq!(second["to"][0]["toObjectId"], "101");
    assert_eq!(second.get("paging"), None);
}

#[test]
fn records_come_in_another_order() {
    let sandbox = sandbox();
    post(&sandbox, CREATE, &plain(&[(1, 9), (2, 9)]));
    let answer = post(
        &sandbox,
        READ,
        r#"{"inputs":[{"id":"1"},{"id":"2"},{"id":"3"}]}"#,
    );
    assert_eq!(answer.status, 200);
    let body = json(&answer.body);
    let ids = |index: usize| body["results"][index]["from"]["id"].clone();
    assert_eq!((ids(0), ids(1)), ("2".into(), "1".into()));
    assert_eq!(body["numErrors"], 1);
}

#[test]
fn a_read_has_at_most_a_thousand_inputs() {
    let ids: Vec<_> = (1..=1_001)
        .map(|id| format!(r#"{{"id":"{id}"}}"#))
        .collect();
    let answer = post(&sandbox(), READ, &inputs(&ids[..1_000]));
    assert_eq!(answer.status, 200);
    let answer = post(&sandbox(), READ, &inputs(&ids));
    assert_eq!(answer.status, 400);
    assert!(
        answer.body.contains("in a batch is 1000"),
        "{}",
        answer.body
    );
}

#[test]
fn labels_are_listed_for_their_direction() {
    let labels = |path: &str| {
        get(
            &sandbox(),
            &format!("/crm/associations/2026-09/{path}/labels"),
        )
    };
    let answer = labels("contacts/companies");
    assert_eq!(
        (answer.status, &*answer.body),
        (
            200,
            r#"{"results":[{"category":"HUBSPOT_DEFINED","typeId":1,"label":"Primary"},{"category":"HUBSPOT_DEFINED","typeId":279,"label":null},{"category":"HUBSPOT_DEFINED","typeId":931,"label":"Billing contact to company"},{"category":"USER_DEFINED","typeId":26,"label":"Decision maker"},{"category":"USER_DEFINED","typeId":28,"label":"Billing contact"}]}"#
        )
    );
    assert_eq!(
        labels("0-3/contact").body,
        r#"{"results":[{"category":"HUBSPOT_DEFINED","typeId":3,"label":null},{"category":"USER_DEFINED","typeId":30,"label":"Champion"}]}"#
    );
    assert_eq!(
        labels("2-123456/contacts").body,
        r#"{"results":[{"category":"USER_DEFINED","typeId":33,"label":null},{"category":"USER_DEFINED","typeId":35,"label":"Owner"}]}"#
    );
}

#[test]
fn reads_removals_and_label_requests_are_counted() {
    let sandbox = start(SandboxOptions {
        faults: vec!["500=#2".parse().unwrap()],
        ..SandboxOptions::default()
    });
    let body = r#"{"inputs":[{"id":"1"}]}"#;
    post(&sandbox, READ, body);
    post(&sandbox, READ, body);
    read(&sandbox, 1, "1");
    get(
        &sandbox,
        "/crm/associations/2026-09/contacts/companies/labels",
    );
    put(&sandbox, &format!("{PUT_ONE}/delete"), &link(1, 2, 1));
    let pair = "/crm/objects/2026-09/contacts/1/associations/companies/2";
    send(&sandbox, "DELETE", pair, TOKEN, "").unwrap();
    let log = sandbox.request_log();
    assert_eq!(
        (log.counts.reads, log.counts.removes, log.counts.labels),
        (3, 2, 1)
    );
    assert_eq!(log.applied, 0);
}

#[test]
fn single_calls_and_batches_have_separate_windows() {
    let sandbox = sandbox();
    let pair = "contacts/1/associations/companies/2";
    let left = |answer: RawResponse| {
        let left = answer.header("x-hubspot-ratelimit-remaining");
        left.unwrap().to_owned()
    };
    assert_eq!(left(put_pair(&sandbox, pair, &[(HUBSPOT, 279)])), "99");
    assert_eq!(left(post(&sandbox, CREATE, &plain(&[(1, 2)]))), "99");
    assert_eq!(left(post(&sandbox, READ, &inputs(&[]))), "98");
    let labels = "/crm/associations/2026-09/contacts/companies/labels";
    assert_eq!(left(get(&sandbox, labels)), "97");
    let path = format!("/crm/objects/2026-09/{pair}");
    assert_eq!(
        left(send(&sandbox, "DELETE", &path, TOKEN, "").unwrap()),
        "98"
    );
}

#[test]
fn an_unknown_token_reads_nothing() {
    let sandbox = sandbox();
    for (method, path) in [("POST", CREATE), ("POST", READ)] {
        let answer = send(&sandbox, method, path, "", &plain(&[(1, 2)])).unwrap();
        assert_eq!(answer.status, 401);
    }
    assert!(sandbox.links().is_empty());
}

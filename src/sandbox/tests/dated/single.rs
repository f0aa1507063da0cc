//! Calls for one pair.

use super::*;

const PAIR: &str = "contacts/29851/associations/deals/216";

#[test]
fn a_put_is_201_and_tells_the_link_with_its_labels() {
    let given = [(HUBSPOT, 4), (USER, 31)];
    for (sandbox, quote) in [(sandbox(), "\""), (recorded(), "")] {
        for (given, labels) in [(&given[..1], ""), (&given[..], r#""Champion""#)] {
            let answer = put_pair(&sandbox, PAIR, given);
            let expected = format!(
                r#"{{"fromObjectTypeId":"0-1","fromObjectId":{quote}29851{quote},"toObjectTypeId":"0-3","toObjectId":{quote}216{quote},"labels":[{labels}]}}"#
            );
            assert_eq!((answer.status, answer.body), (201, expected));
        }
    }
}

#[test]
fn the_primary_types_have_their_recorded_labels() {
    for (path, id, label) in [
        ("companies/1/associations/contacts/2", 2, "Primary Company"),
        ("deals/1/associations/companies/2", 5, "Primary"),
    ] {
        let answer = put_pair(&sandbox(), path, &[(HUBSPOT, id)]);
        assert_eq!(json(&answer.body)["labels"], serde_json::json!([label]));
    }
}

#[test]
fn object_types_may_be_named_in_any_way() {
    let sandbox = sandbox();
    for (from, to) in [
        ("contact", "0-2"),
        ("CONTACTS", "Company"),
        ("0-1", "companies"),
    ] {
        let path = format!("{from}/1/associations/{to}/2");
        assert_eq!(put_pair(&sandbox, &path, &[(HUBSPOT, 279)]).status, 201);
    }
    assert_eq!(types_between(&sandbox, 1, 2), ["HUBSPOT_DEFINED=279"]);
}

#[test]
fn an_unknown_record_is_named_with_the_type_of_the_path() {
    let expected = r#"{"status":"error","message":"One or more associations are invalid","correlationId":"ID","context":{"INVALID_OBJECT_IDS":["CONTACT=1404 is not valid"],"objectId":["1404"],"objectType":["CONTACT"]},"category":"VALIDATION_ERROR"}"#;
    for path in [
        "contacts/1404/associations/companies/2",
        "contacts/1404/associations/companies/2404",
        "companies/2/associations/contacts/1404",
    ] {
        let id = if path.starts_with("contacts") {
            279
        } else {
            280
        };
        let answer = put_pair(&sandbox(), path, &[(HUBSPOT, id)]);
        assert_eq!(
            (answer.status, &*answer.masked()),
            (400, expected),
            "{path}"
        );
    }
}

#[test]
fn a_type_that_these_object_types_do_not_have_is_unknown() {
    let sandbox = sandbox();
    for (category, id) in [(USER, 3), (USER, 27), (HUBSPOT, 280), (HUBSPOT, 33)] {
        let path = "contacts/1/associations/companies/2";
        let answer = put_pair(&sandbox, path, &[(HUBSPOT, 279), (category, id)]);
        let expected = format!(
            r#"{{"status":"error","message":"One or more associations are invalid","correlationId":"ID","context":{{"associationSpec":["{category}={id}"],"INVALID_ASSOCIATION_TYPE_ID":["{category}={id} is not a valid association definition id"]}},"category":"VALIDATION_ERROR"}}"#
        );
        assert_eq!((answer.status, answer.masked()), (400, expected));
    }
    assert!(sandbox.links().is_empty());
}

#[test]
fn a_body_without_types_is_refused() {
    let sandbox = sandbox();
    let path = format!("/crm/objects/2026-09/{PAIR}");
    for (body, word) in [
        ("", "a request body was expected"),
        ("[]", "[types]"),
        (r#"[{"associationTypeId":4}]"#, "[associationCategory]"),
        (r#"{"associationTypeId":4}"#, "Cannot deserialize"),
    ] {
        let answer = put(&sandbox, &path, body);
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains(word), "{}", answer.body);
        let category = r#""category":"VALIDATION_ERROR""#;
        assert!(answer.body.contains(category), "{}", answer.body);
    }
    // As recorded, the error for invalid JSON has no category.
    let answer = put(&recorded(), &path, r#"{"associationTypeId":4}"#);
    assert!(!answer.body.contains("category"), "{}", answer.body);
}

#[test]
fn an_unknown_object_type_is_refused() {
    for path in [
        "widgets/1/associations/deals/2",
        "2-99/1/associations/deals/2",
    ] {
        let answer = put_pair(&sandbox(), path, &[(HUBSPOT, 4)]);
        let name = path.split('/').next().unwrap();
        let expected = format!(
            r#"{{"status":"error","message":"Unable to infer object type from: {name}","correlationId":"ID","category":"VALIDATION_ERROR"}}"#
        );
        assert_eq!((answer.status, answer.masked()), (400, expected));
    }
}

#[test]
fn the_types_given_replace_those_that_were_there() {
    let sandbox = sandbox();
    let path = "contacts/1/associations/companies/2";
    put_pair(&sandbox, path, &[(HUBSPOT, 1), (USER, 26)]);
    let first = [
        "HUBSPOT_DEFINED=1",
        "HUBSPOT_DEFINED=279",
        "USER_DEFINED=26",
    ];
    assert_eq!(types_between(&sandbox, 1, 2), first);
    put_pair(&sandbox, path, &[(USER, 28)]);
    assert_eq!(
        types_between(&sandbox, 1, 2),
        ["HUBSPOT_DEFINED=279", "USER_DEFINED=28"]
    );
}

#[test]
fn both_directions_stay_consistent_with_labels_of_the_account() {
    let sandbox = sandbox();
    put_pair(
        &sandbox,
        "contacts/1/associations/companies/2",
        &[(USER, 26)],
    );
    let links: Vec<_> = sandbox.links().into_iter().collect();
    assert_eq!(
        links,
        [
            "companies 2 -> contacts 1 HUBSPOT_DEFINED=280",
            "companies 2 -> contacts 1 USER_DEFINED=27",
            "contacts 1 -> companies 2 HUBSPOT_DEFINED=279",
            "contacts 1 -> companies 2 USER_DEFINED=26",
        ]
    );
}

#[test]
fn v1_adds_to_what_the_dated_api_wrote_and_both_see_one_store() {
    let sandbox = sandbox();
    put_pair(
        &sandbox,
        "contacts/1/associations/companies/2",
        &[(USER, 26)],
    );
    put(&sandbox, PUT_ONE, &link(1, 2, 1));
    let all = [
        "HUBSPOT_DEFINED=1",
        "HUBSPOT_DEFINED=279",
        "USER_DEFINED=26",
    ];
    assert_eq!(types_between(&sandbox, 1, 2), all);
    put_pair(
        &sandbox,
        "contacts/1/associations/companies/3",
        &[(HUBSPOT, 1)],
    );
    assert!(
        read(&sandbox, 1, "1").contains("[3]"),
        "the primary one alone"
    );
    assert_eq!(types_between(&sandbox, 1, 2), &all[1..]);
}

#[test]
fn a_custom_object_has_only_types_of_the_account() {
    let sandbox = sandbox();
    let path = "contacts/1/associations/2-123456/5";
    let answer = put_pair(&sandbox, path, &[(USER, 34)]);
    let expected = r#"{"fromObjectTypeId":"0-1","fromObjectId":"1","toObjectTypeId":"2-123456","toObjectId":"5","labels":["Owner"]}"#;
    assert_eq!((answer.status, &*answer.body), (201, expected));
    let links: Vec<_> = sandbox.links().into_iter().collect();
    assert_eq!(
        links,
        [
            "2-123456 5 -> contacts 1 USER_DEFINED=33",
            "2-123456 5 -> contacts 1 USER_DEFINED=35",
            "contacts 1 -> 2-123456 5 USER_DEFINED=32",
            "contacts 1 -> 2-123456 5 USER_DEFINED=34",
        ]
    );
}

#[test]
fn a_delete_is_204_and_removes_the_pair() {
    let sandbox = sandbox();
    put_pair(
        &sandbox,
        "contacts/1/associations/companies/2",
        &[(HUBSPOT, 1)],
    );
    let path = "/crm/objects/2026-09/companies/2/associations/contacts/1";
    for _ in 0..2 {
        let answer = send(&sandbox, "DELETE", path, TOKEN, "").unwrap();
        assert_eq!((answer.status, &*answer.body), (204, ""));
        assert!(sandbox.links().is_empty());
    }
}

#[test]
fn other_methods_and_paths_do_not_exist() {
    let sandbox = sandbox();
    let pair = format!("/crm/objects/2026-09/{PAIR}");
    assert_eq!(get(&sandbox, &pair).status, 405);
    assert_eq!(get(&sandbox, CREATE).status, 405);
    for path in [
        "/crm/objects/2026-09/contacts/x/associations/deals/2",
        "/crm/objects/2026-09/contacts/x",
        "/crm/associations/2026-09/contacts/deals/batch/write",
        "/crm/associations/2026-10/contacts/deals/labels",
    ] {
        assert_eq!(get(&sandbox, path).status, 404, "{path}");
    }
}

//! Batch creates.

use super::*;

#[test]
fn a_successful_batch_is_answered_in_another_order() {
    let entry = |from: &str, to: &str| {
        format!(
            r#"{{"fromObjectTypeId":"0-1","fromObjectId":{from},"toObjectTypeId":"0-2","toObjectId":{to},"labels":[]}}"#
        )
    };
    for (sandbox, status, first, second) in [
        (
            sandbox(),
            200,
            entry("\"3\"", "\"4\""),
            entry("\"1\"", "\"2\""),
        ),
        (recorded(), 201, entry("3", "4"), entry("1", "2")),
    ] {
        all_good(&sandbox, status, &first, &second);
    }
}

fn all_good(sandbox: &Sandbox, status: u16, first: &str, second: &str) {
    let answer = post(sandbox, CREATE, &plain(&[(1, 2), (3, 4)]));
    let expected = format!(r#"{{"status":"COMPLETE","results":[{first},{second}],"startedAt":T}}"#);
    assert_eq!(
        (answer.status, without_times(&answer.body)),
        (status, expected)
    );
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("application/json;charset=utf-8"));
    assert!(answer.header("x-hubspot-correlation-id").is_some());
    assert_eq!(sandbox.links().len(), 4);
}

#[test]
fn only_bad_inputs_are_207_as_recorded_and_200_with_whole_errors_as_specified() {
    let message = r#""message":"CONTACT=1404 is not valid""#;
    let context = r#""context":{"INVALID_OBJECT_IDS":["CONTACT=1404 is not valid"],"objectId":["1404"],"objectType":["CONTACT"]}"#;
    for (sandbox, status, entry) in [
        (recorded(), 207, message.to_owned()),
        (
            sandbox(),
            200,
            format!(r#"{message},{context},"errors":[],"links":{{}}"#),
        ),
    ] {
        let answer = post(&sandbox, CREATE, &plain(&[(1404, 2404)]));
        let expected = format!(
            r#"{{"status":"COMPLETE","results":[],"numErrors":1,"errors":[{{"status":"error","category":"VALIDATION_ERROR",{entry}}}],"startedAt":T}}"#
        );
        assert_eq!(
            (answer.status, without_times(&answer.body)),
            (status, expected)
        );
    }
}

#[test]
fn a_mixed_batch_writes_its_valid_inputs() {
    let sandbox = sandbox();
    let mixed = [
        input(1, 2, &[(HUBSPOT, 279)]),
        input(1404, 2, &[(HUBSPOT, 279)]),
        input(3, 2, &[(HUBSPOT, 280)]),
        input(4, 2, &[(HUBSPOT, 1)]),
    ];
    let answer = post(&sandbox, CREATE, &inputs(&mixed));
    assert_eq!(answer.status, 200);
    let body = json(&answer.body);
    assert_eq!(body["results"].as_array().unwrap().len(), 2);
    assert_eq!(body["numErrors"], 2);
    let mut messages: Vec<_> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["message"].as_str().unwrap())
        .collect();
    messages.sort_unstable();
    assert_eq!(
        messages,
        [
            "CONTACT=1404 is not valid",
            "HUBSPOT_DEFINED=280 is not a valid association definition id"
        ]
    );
    assert_eq!(types_between(&sandbox, 1, 2), ["HUBSPOT_DEFINED=279"]);
    assert_eq!(types_between(&sandbox, 4, 2).len(), 2);
    assert_eq!(types_between(&sandbox, 3, 2).len(), 0);
}

#[test]
fn one_seed_repeats_the_order() {
    let run = |seed| {
        let sandbox = start(SandboxOptions {
            seed,
            ..SandboxOptions::default()
        });
        let pairs: Vec<_> = (1..=9).map(|from| (from, 100)).collect();
        let answer = post(&sandbox, CREATE, &plain(&pairs));
        json(&answer.body)["results"].clone()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_repeated_pair_replaces_the_first() {
    let sandbox = sandbox();
    let twice = [input(1, 2, &[(USER, 26)]), input(1, 2, &[(USER, 28)])];
    assert_eq!(post(&sandbox, CREATE, &inputs(&twice)).status, 200);
    assert_eq!(
        types_between(&sandbox, 1, 2),
        ["HUBSPOT_DEFINED=279", "USER_DEFINED=28"]
    );
}

#[test]
fn a_batch_has_at_most_two_thousand_inputs() {
    let sandbox = sandbox();
    let pairs: Vec<_> = (1..=2_000).map(|to| (to + 1, 10_000 + to)).collect();
    let answer = post(&sandbox, CREATE, &plain(&pairs));
    assert_eq!(answer.status, 200);
    assert!(
        json(&answer.body)["numErrors"].as_u64() > Some(0),
        "some ids end in 404"
    );
    let many: Vec<_> = (1..=2_001).map(|to| (1_000, to)).collect();
    let answer = post(&sandbox, CREATE, &plain(&many));
    assert_eq!(answer.status, 400);
    assert!(
        answer.body.contains("in a batch is 2000"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains(r#""category":"VALIDATION_ERROR""#));
}

#[test]
fn a_batch_that_lacks_a_field_writes_nothing() {
    let sandbox = sandbox();
    for (body, word) in [
        ("{}", "[inputs]"),
        (r#"{"inputs":[{"to":{"id":"1"},"types":[]}]}"#, "[from]"),
        (
            r#"{"inputs":[{"from":{"id":"1"},"to":{"id":"1"}}]}"#,
            "[types]",
        ),
        (r#"{"inputs":[{"from":{"id":"x"}}]}"#, "Cannot deserialize"),
    ] {
        let answer = post(&sandbox, CREATE, body);
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains(word), "{}", answer.body);
    }
}

#[test]
fn ids_may_be_plain_numbers() {
    let sandbox = sandbox();
    let body = plain(&[(9_755_286_928, 2)]).replace("\"9755286928\"", "9755286928");
    assert_eq!(post(&sandbox, CREATE, &body).status, 200);
    assert_eq!(types_between(&sandbox, 9_755_286_928, 2).len(), 1);
}

#[test]
fn the_log_marks_the_written_part_of_a_batch() {
    let sandbox = start(SandboxOptions {
        max_logged: 10,
        ..SandboxOptions::default()
    });
    let mixed = [
        input(1, 2, &[(USER, 26), (HUBSPOT, 1)]),
        input(1404, 2, &[(HUBSPOT, 279)]),
    ];
    post(&sandbox, CREATE, &inputs(&mixed));
    put_pair(
        &sandbox,
        "contacts/3/associations/companies/4",
        &[(HUBSPOT, 279)],
    );
    let log = sandbox.request_log();
    assert_eq!(log.applied, 2);
    let arrivals: Vec<_> = log
        .associations
        .iter()
        .map(|arrival| {
            let association = arrival.association.unwrap();
            let association_type = association.definition.association_type().to_string();
            (
                association.from.get(),
                association_type,
                arrival.status.map(|status| status.as_u16()),
                arrival.applied,
            )
        })
        .collect();
    assert_eq!(
        arrivals,
        [
            (1, "USER_DEFINED=26".to_owned(), Some(200), true),
            (1404, "HUBSPOT_DEFINED=279".to_owned(), Some(200), false),
            (3, "HUBSPOT_DEFINED=279".to_owned(), Some(201), true),
        ]
    );
    let calls: Vec<_> = log
        .calls
        .iter()
        .map(|call| (call.batch, call.applied))
        .collect();
    assert_eq!(calls, [(true, true), (false, true)]);
}

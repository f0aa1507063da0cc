//! Creates that are answered but not written.

use super::*;

fn silent() -> Sandbox {
    start(SandboxOptions {
        faults: vec!["silent=100%".parse().unwrap()],
        ..SandboxOptions::default()
    })
}

#[test]
fn a_silent_batch_is_complete_and_empty() {
    let sandbox = silent();
    let answer = post(&sandbox, CREATE, &plain(&[(1, 2), (3, 4)]));
    let expected = r#"{"status":"COMPLETE","results":[],"startedAt":T}"#;
    assert_eq!(
        (answer.status, &*without_times(&answer.body)),
        (200, expected)
    );
    assert!(sandbox.links().is_empty());
    assert_eq!(sandbox.request_log().applied, 0);
}

#[test]
fn a_silent_put_is_200_with_nothing_in_it() {
    let sandbox = silent();
    let answer = put_pair(
        &sandbox,
        "contacts/1/associations/companies/2",
        &[(HUBSPOT, 1)],
    );
    assert_eq!((answer.status, &*answer.body), (200, "{}"));
    assert!(sandbox.links().is_empty());
}

#[test]
fn a_silent_create_of_v1_is_204() {
    let sandbox = silent();
    for (path, body) in [
        (PUT_ONE, link(1, 2, 1)),
        (PUT_BATCH, batch(&[link(1, 2, 1)])),
    ] {
        assert_eq!(put(&sandbox, path, &body).status, 204);
    }
    assert!(sandbox.links().is_empty());
    assert_eq!(sandbox.request_log().applied, 0);
}

#[test]
fn silent_creates_affect_nothing_else() {
    let sandbox = start(SandboxOptions {
        faults: vec!["silent=#2-".parse().unwrap()],
        ..SandboxOptions::default()
    });
    put(&sandbox, PUT_ONE, &link(1, 2, 1));
    assert!(read(&sandbox, 1, "1").contains("[2]"));
    put(&sandbox, &format!("{PUT_ONE}/delete"), &link(1, 2, 1));
    assert!(sandbox.links().is_empty());
}

#[test]
fn creates_for_unwritten_records_are_answered_but_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("unwritten");
    std::fs::write(&path, "contact,7\n").unwrap();
    let sandbox = start(SandboxOptions {
        unwritten: Some(path),
        max_logged: 10,
        ..SandboxOptions::default()
    });
    let answer = post(&sandbox, CREATE, &plain(&[(7, 2), (8, 7)]));
    assert_eq!(answer.status, 200);
    let results = json(&answer.body)["results"].clone();
    assert_eq!(results.as_array().unwrap().len(), 2);
    let answer = put_pair(
        &sandbox,
        "companies/2/associations/contacts/7",
        &[(HUBSPOT, 280)],
    );
    assert_eq!(answer.status, 201);
    put(&sandbox, PUT_BATCH, &batch(&[link(7, 2, 1), link(9, 2, 1)]));
    let (written, log) = (sandbox.links(), sandbox.request_log());
    assert!(!written.iter().any(|link| link.contains("contacts 7 ")));
    assert_eq!(log.applied, 2);
    let applied: Vec<_> = log
        .associations
        .iter()
        .map(|arrival| arrival.applied)
        .collect();
    assert_eq!(applied, [false, true, false, false, true]);
}

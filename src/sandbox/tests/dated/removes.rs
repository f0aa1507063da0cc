//! Removal of pairs and labels.

use super::*;

const ARCHIVE: &str = "/crm/associations/2026-09/contacts/companies/batch/archive";
const LABELS: &str = "/crm/associations/2026-09/contacts/companies/batch/labels/archive";

/// Contact 1 with companies 2 (labelled twice) and 3.
fn linked() -> Sandbox {
    let sandbox = sandbox();
    let given = [
        input(1, 2, &[(USER, 26), (HUBSPOT, 1)]),
        input(1, 3, &[(USER, 26)]),
    ];
    post(&sandbox, CREATE, &inputs(&given));
    sandbox
}

#[test]
fn an_archive_is_200_with_a_batch_and_forgives_what_does_not_stand() {
    let sandbox = linked();
    let body = r#"{"inputs":[{"from":{"id":"1"},"to":[{"id":"2"},{"id":"404"}]},{"from":{"id":"9404"},"to":[{"id":"3"}]}]}"#;
    let answer = post(&sandbox, ARCHIVE, body);
    assert_eq!(
        (answer.status, &*without_times(&answer.body)),
        (200, r#"{"status":"COMPLETE","results":[],"startedAt":T}"#)
    );
    assert!(types_between(&sandbox, 1, 2).is_empty());
    assert_eq!(types_between(&sandbox, 1, 3).len(), 2);
}

#[test]
fn removing_labels_keeps_the_pair_until_the_unlabeled_type_is_removed() {
    let sandbox = linked();
    let remove = |category, id| {
        let answer = post(&sandbox, LABELS, &inputs(&[input(1, 2, &[(category, id)])]));
        assert_eq!(answer.status, 200);
        types_between(&sandbox, 1, 2)
    };
    assert_eq!(
        remove(HUBSPOT, 1),
        ["HUBSPOT_DEFINED=279", "USER_DEFINED=26"]
    );
    assert_eq!(remove(USER, 26), ["HUBSPOT_DEFINED=279"]);
    assert_eq!(
        remove(USER, 28),
        ["HUBSPOT_DEFINED=279"],
        "it was not there"
    );
    assert!(remove(HUBSPOT, 279).is_empty());
    assert_eq!(types_between(&sandbox, 1, 3).len(), 2);
}

#[test]
fn removing_the_unlabeled_type_removes_every_label() {
    let sandbox = linked();
    post(&sandbox, LABELS, &inputs(&[input(1, 2, &[(HUBSPOT, 279)])]));
    assert!(types_between(&sandbox, 1, 2).is_empty());
}

#[test]
fn a_hundred_inputs_are_removed_at_most() {
    let sandbox = sandbox();
    for count in [100, 101] {
        let pairs: Vec<_> = (1..=count).map(|from| (from, 2)).collect();
        let labels = post(&sandbox, LABELS, &plain(&pairs)).status;
        let pairs: Vec<_> = (1..=count)
            .map(|from| format!(r#"{{"from":{{"id":"{from}"}},"to":[{{"id":"2"}}]}}"#))
            .collect();
        let archive = post(&sandbox, ARCHIVE, &inputs(&pairs)).status;
        let expected = if count == 100 { 200 } else { 400 };
        assert_eq!((labels, archive), (expected, expected));
    }
}

#[test]
fn a_delete_of_v1_takes_its_own_type_and_leaves_labels() {
    let sandbox = linked();
    put(&sandbox, &format!("{PUT_ONE}/delete"), &link(1, 2, 1));
    assert_eq!(
        types_between(&sandbox, 1, 2),
        ["HUBSPOT_DEFINED=279", "USER_DEFINED=26"]
    );
}

#[test]
fn a_delete_of_v1_takes_the_pair_where_nothing_else_is_left() {
    let sandbox = sandbox();
    put(&sandbox, PUT_ONE, &link(1, 2, 1));
    put(&sandbox, &format!("{PUT_ONE}/delete"), &link(1, 2, 1));
    assert!(sandbox.links().is_empty());
}

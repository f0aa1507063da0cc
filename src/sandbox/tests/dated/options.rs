//! What can be asked of the dated API to be otherwise.

use super::*;
use crate::sandbox::{IdForm, PartialStatus, RefusalForm};

/// The one error of a batch.
fn entry(form: RefusalForm, given: &[(&str, u32)]) -> String {
    let sandbox = start(SandboxOptions {
        refusals: form,
        ..SandboxOptions::default()
    });
    let answer = post(&sandbox, CREATE, &inputs(&[input(1404, 2, given)]));
    let body = timeless(&answer.body);
    let (_, entry) = body
        .split_once(r#""category":"VALIDATION_ERROR","#)
        .unwrap();
    let end = r#"}],"startedAt":T}"#;
    entry.strip_suffix(end).expect(entry).to_owned()
}

#[test]
fn the_form_of_refusals_rules_the_entries_of_a_batch() {
    let plain = r#""message":"CONTACT=1404 is not valid""#;
    let context = r#"{"INVALID_OBJECT_IDS":["CONTACT=1404 is not valid"],"objectId":["1404"],"objectType":["CONTACT"]}"#;
    for (form, expected) in [
        (RefusalForm::Strings, plain.to_owned()),
        (RefusalForm::First, plain.to_owned()),
        (
            RefusalForm::Context,
            format!(r#"{plain},"context":{context}"#),
        ),
        (
            RefusalForm::Bare,
            r#""message":"One or more associations are invalid""#.to_owned(),
        ),
    ] {
        assert_eq!(entry(form, &[(HUBSPOT, 279)]), expected);
    }
    assert_eq!(
        entry(RefusalForm::Context, &[(USER, 3)]),
        r#""message":"USER_DEFINED=3 is not a valid association definition id","context":{"associationSpec":["USER_DEFINED=3"],"INVALID_ASSOCIATION_TYPE_ID":["USER_DEFINED=3 is not a valid association definition id"]}"#
    );
}

#[test]
fn what_failed_in_part_may_be_200() {
    let sandbox = start(SandboxOptions {
        partial_status: PartialStatus::Ok,
        ..SandboxOptions::default()
    });
    assert_eq!(
        post(&sandbox, CREATE, &plain(&[(1, 2), (1404, 2)])).status,
        200
    );
    assert_eq!(
        post(&sandbox, READ, r#"{"inputs":[{"id":"5"}]}"#).status,
        200
    );
    assert_eq!(post(&sandbox, CREATE, &plain(&[(1, 2)])).status, 201);
}

#[test]
fn ids_may_be_strings() {
    let sandbox = start(SandboxOptions {
        id_form: IdForm::Strings,
        ..SandboxOptions::default()
    });
    let created = post(&sandbox, CREATE, &plain(&[(1, 2)])).body;
    let expected = r#""fromObjectId":"1","toObjectTypeId":"0-2","toObjectId":"2""#;
    assert!(created.contains(expected), "{created}");
    let read = post(&sandbox, READ, r#"{"inputs":[{"id":"1"}]}"#).body;
    assert!(read.contains(r#"{"toObjectId":"2","#), "{read}");
}

#[test]
fn the_account_has_the_labels_that_it_is_given() {
    let sandbox = start(SandboxOptions {
        labels: vec!["tickets,2-7,Reporter".parse().unwrap()],
        ..SandboxOptions::default()
    });
    let labels = |path: &str| {
        let path = format!("/crm/associations/2026-09/{path}/labels");
        get(&sandbox, &path).body
    };
    assert!(!labels("contacts/companies").contains("USER_DEFINED"));
    assert_eq!(
        labels("ticket/2-7"),
        r#"{"results":[{"category":"USER_DEFINED","typeId":26,"label":null},{"category":"USER_DEFINED","typeId":28,"label":"Reporter"}]}"#
    );
}

#[test]
fn the_list_of_missing_records_is_obeyed_by_type() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing");
    std::fs::write(&path, "company,5\n2-123456,6\n").unwrap();
    let sandbox = start(SandboxOptions {
        missing: Some(path),
        ..SandboxOptions::default()
    });
    for (path, given, status) in [
        ("contacts/5/associations/companies/6", (HUBSPOT, 279), 201),
        ("contacts/1/associations/companies/5", (HUBSPOT, 279), 400),
        ("contacts/6/associations/2-123456/5", (USER, 32), 201),
        ("contacts/5/associations/2-123456/6", (USER, 32), 400),
    ] {
        assert_eq!(put_pair(&sandbox, path, &[given]).status, status, "{path}");
    }
}

//! What can be asked of the dated API to be otherwise.

use super::*;
use crate::sandbox::{ErrorForm, IdForm, PartialStatus};

/// The one error of a batch.
fn entry(answers: ResponseForm, form: ErrorForm, given: &[(&str, u32)]) -> String {
    let sandbox = start(SandboxOptions {
        answers,
        refusals: Some(form),
        ..SandboxOptions::default()
    });
    let answer = post(&sandbox, CREATE, &inputs(&[input(1404, 2, given)]));
    let body = without_times(&answer.body);
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
        (ErrorForm::Strings, plain.to_owned()),
        (ErrorForm::First, plain.to_owned()),
        (
            ErrorForm::Context,
            format!(r#"{plain},"context":{context}"#),
        ),
        (
            ErrorForm::Bare,
            r#""message":"One or more associations are invalid""#.to_owned(),
        ),
    ] {
        let given = [(HUBSPOT, 279)];
        assert_eq!(entry(ResponseForm::Recorded, form, &given), expected);
        let context = if form == ErrorForm::Context {
            ""
        } else {
            r#","context":{}"#
        };
        assert_eq!(
            entry(ResponseForm::Specified, form, &given),
            format!(r#"{expected}{context},"errors":[],"links":{{}}"#)
        );
    }
    assert_eq!(
        entry(ResponseForm::Recorded, ErrorForm::Context, &[(USER, 3)]),
        r#""message":"USER_DEFINED=3 is not a valid association definition id","context":{"associationSpec":["USER_DEFINED=3"],"INVALID_ASSOCIATION_TYPE_ID":["USER_DEFINED=3 is not a valid association definition id"]}"#
    );
}

#[test]
fn what_failed_in_part_has_the_status_that_is_asked_for() {
    for (answers, partial_status, partial, whole) in [
        (ResponseForm::Recorded, Some(PartialStatus::Ok), 200, 201),
        (ResponseForm::Recorded, None, 207, 201),
        (
            ResponseForm::Specified,
            Some(PartialStatus::MultiStatus),
            207,
            200,
        ),
        (ResponseForm::Specified, None, 200, 200),
    ] {
        let sandbox = start(SandboxOptions {
            answers,
            partial_status,
            ..SandboxOptions::default()
        });
        let records = "/crm/objects/2026-09/contacts/batch/read";
        let read = r#"{"inputs":[{"id":"5404"}],"properties":[],"propertiesWithHistory":[]}"#;
        let missed = if partial_status.is_none() {
            207
        } else {
            partial
        };
        for (path, body, expected) in [
            (CREATE, &*plain(&[(1, 2), (1404, 2)]), partial),
            (READ, read, partial),
            (records, read, missed),
        ] {
            assert_eq!(post(&sandbox, path, body).status, expected, "{path}");
        }
        assert_eq!(post(&sandbox, CREATE, &plain(&[(1, 2)])).status, whole);
    }
}

/// What HubSpot's specification of 2026-09 requires of an error in a batch.
#[test]
fn errors_of_a_batch_have_all_that_is_specified() {
    let sandbox = sandbox();
    for (path, body) in [
        (CREATE, &*plain(&[(1404, 2)])),
        (READ, r#"{"inputs":[{"id":"5"}]}"#),
        (
            "/crm/objects/2026-09/contacts/batch/read",
            r#"{"inputs":[{"id":"5404"}],"properties":[],"propertiesWithHistory":[]}"#,
        ),
    ] {
        let body = json(&post(&sandbox, path, body).body);
        let [error] = &**body["errors"].as_array().unwrap() else {
            panic!("{body}")
        };
        for text in ["status", "category", "message"] {
            assert!(error[text].is_string(), "{text}: {error}");
        }
        let context = error["context"].as_object().unwrap();
        assert!(context.values().all(serde_json::Value::is_array), "{error}");
        assert!(
            error["errors"].is_array() && error["links"].is_object(),
            "{error}"
        );
        assert!(
            error.get("subCategory").is_none(),
            "a text is not specified"
        );
    }
}

#[test]
fn ids_have_the_form_that_is_asked_for() {
    for (answers, id_form, quote) in [
        (ResponseForm::Specified, None, "\""),
        (ResponseForm::Specified, Some(IdForm::Numbers), ""),
        (ResponseForm::Recorded, None, ""),
        (ResponseForm::Recorded, Some(IdForm::Strings), "\""),
    ] {
        let sandbox = start(SandboxOptions {
            answers,
            id_form,
            ..SandboxOptions::default()
        });
        let created = post(&sandbox, CREATE, &plain(&[(1, 2)])).body;
        let expected = format!(
            r#""fromObjectId":{quote}1{quote},"toObjectTypeId":"0-2","toObjectId":{quote}2{quote}"#
        );
        assert!(created.contains(&expected), "{created}");
        let read = post(&sandbox, READ, r#"{"inputs":[{"id":"1"}]}"#).body;
        let expected = format!(r#"{{"toObjectId":{quote}2{quote},"#);
        assert!(read.contains(&expected), "{read}");
    }
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

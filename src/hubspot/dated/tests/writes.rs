//! Responses to creates.

use super::*;

fn made(from: u64, to: u64) -> String {
    format!(
        r#"{{"fromObjectTypeId":"0-1","fromObjectId":{from},"toObjectTypeId":"0-2","toObjectId":"{to}","labels":[]}}"#
    )
}

fn batch(results: &[String], errors: &[&str], counted: usize) -> String {
    let (results, errors) = (results.join(","), errors.join(","));
    format!(
        r#"{{"status":"COMPLETE","results":[{results}],"errors":[{errors}],"numErrors":{counted}}}"#
    )
}

const NAMED: &str = r#"{"status":"error","category":"VALIDATION_ERROR","message":"One or more associations are invalid","context":{"INVALID_OBJECT_IDS":["CONTACT=2 is not valid"]}}"#;
const NAMED_IN_THE_MESSAGE: &str = r#"{"status":"error","message":"CONTACT=2 is not valid"}"#;
const OF_NOBODY: &str = r#"{"status":"error","message":"something went wrong","context":{}}"#;

#[test]
fn one_link_is_done_if_the_response_names_its_pair() {
    let one = writes(1);
    let nested = r#"{"from":{"id":"1"},"to":{"id":7}}"#.to_owned();
    for (status, body, expected) in [
        (200, made(1, 7), "done 200"),
        (201, made(1, 7), "done 201"),
        (201, nested, "?"),
        (201, batch(&[made(1, 7)], &[], 0), "done 201"),
        (201, made(1, 8), "?"),
        (201, made(7, 1), "?"),
        (200, "{}".into(), "?"),
        (204, String::new(), "?"),
        (200, String::new(), "?"),
        (200, r#"{"fromObjectId":{}}"#.into(), "?"),
        (200, r#"{"fromObjectId":0,"toObjectId":7}"#.into(), "?"),
        (200, batch(&[], &[], 0), "?"),
        (200, batch(&[], &[], 1), "?"),
        (207, batch(&[], &[OF_NOBODY], 1), "?"),
        (200, "[]".into(), "no verdict"),
        (200, "<html><title>Log in</title>".into(), "no verdict"),
        (200, "{".into(), "no verdict"),
        (202, made(1, 7), "?"),
        (302, String::new(), "no verdict"),
        (404, "{}".into(), "refused not_found"),
        (413, "too large".into(), "refused rejected"),
        (401, "{}".into(), "stop"),
        (429, "{}".into(), "later"),
        (503, "{}".into(), "again"),
    ] {
        assert_eq!(
            verdict_text(Operation::Create(&one), status, &body),
            expected,
            "{status} {body}"
        );
    }
}

#[test]
fn a_single_link_with_an_error_in_a_success_is_refused() {
    let one = [write(2, 7, 279)];
    let body = batch(&[], &[NAMED], 1);
    let (verdict, _) = verdict(
        Operation::Create(&one),
        &ParsedResponse::for_test(207, &body),
        body.as_bytes(),
    );
    let Verdict::Refused(failure) = verdict else {
        panic!("{verdict:?}")
    };
    assert_eq!(failure.code.as_str(), "record_not_found");
}

#[test]
fn each_link_of_a_batch_has_the_result_in_the_response() {
    let four = writes(4);
    let all = [4, 2, 1, 3].map(|from| made(from, 7));
    let but_two = [3, 1, 4].map(|from| made(from, 7));
    for (status, body, expected) in [
        (201, batch(&all, &[], 0), "done 201"),
        (200, batch(&all, &[], 0), "done 200"),
        // Errors that are counted but not listed may be about any link.
        (207, batch(&all, &[], 3), "????"),
        (207, batch(&but_two, &[], 1), "????"),
        (207, batch(&[], &[], 4), "????"),
        (207, batch(&but_two, &[NAMED], 2), "?n??"),
        (202, batch(&all, &[], 0), "????"),
        (207, batch(&but_two, &[NAMED], 1), "dndd"),
        (207, batch(&but_two, &[NAMED_IN_THE_MESSAGE], 1), "dndd"),
        // In the results and in the errors. Sent alone, it gets one verdict.
        (207, batch(&all, &[NAMED], 1), "dndd"),
        // Errors without a record must be about the unmentioned links.
        (207, batch(&but_two, &[OF_NOBODY], 1), "dndd"),
        (207, batch(&[], &[OF_NOBODY], 1), "nnnn"),
        // Unmentioned, and without any error.
        (201, batch(&but_two, &[], 0), "d?dd"),
        (201, batch(&[], &[], 0), "????"),
        (200, "{}".into(), "????"),
        (204, String::new(), "????"),
        // One is named, and another is unmentioned.
        (207, batch(&but_two[..2], &[NAMED], 1), "dnd?"),
        (207, batch(&but_two[..2], &[NAMED, OF_NOBODY], 2), "dndn"),
        (207, r#"{"results":7}"#.into(), "????"),
        (200, "<html>".into(), "no verdict"),
        (404, "{}".into(), "nnnn"),
        (413, "too large".into(), "...."),
        (400, NAMED.into(), ".n.."),
        (503, "{}".into(), "again"),
    ] {
        assert_eq!(
            verdict_text(Operation::Create(&four), status, &body),
            expected,
            "{status} {body}"
        );
    }
}

#[test]
fn many_unmentioned_links_are_read_before_they_are_sent_again() {
    for (rows, expected) in [(16, 'n'), (17, '?')] {
        let writes = writes(rows);
        let body = batch(&[], &[OF_NOBODY], 1);
        let letters = verdict_text(Operation::Create(&writes), 207, &body);
        let count = usize::try_from(rows).unwrap();
        assert_eq!(letters, expected.to_string().repeat(count), "{rows}");
    }
}

#[test]
fn an_incomplete_batch_confirms_nothing() {
    let two = writes(2);
    let all = [1, 2].map(|from| made(from, 7)).join(",");
    for (status, expected) in [
        (r#""COMPLETE""#, "done 200"),
        ("null", "done 200"),
        (r#""PENDING""#, "??"),
        (r#""PROCESSING""#, "??"),
        (r#""CANCELED""#, "??"),
        (r#""SOMETHING_NEW""#, "??"),
    ] {
        let body = format!(r#"{{"status":{status},"results":[{all}]}}"#);
        let (verdict, _) = verdict(
            Operation::Create(&two),
            &ParsedResponse::for_test(200, &body),
            body.as_bytes(),
        );
        let is_waiting = |part: &ItemResult| {
            matches!(
                part,
                ItemResult::Unconfirmed {
                    is_pending: true,
                    ..
                }
            )
        };
        let waits = matches!(&verdict, Verdict::PerLink(parts) if parts.iter().all(is_waiting));
        assert_eq!(
            verdict_text(Operation::Create(&two), 200, &body),
            expected,
            "{status}"
        );
        let is_pending = status.contains("PENDING") || status.contains("PROCESSING");
        assert_eq!(waits, is_pending, "{status}");
    }
}

#[test]
fn a_label_that_is_missing_in_the_response_is_read_back() {
    let primary = [write(1, 7, 1)];
    let unlabeled = [write(1, 7, 279)];
    for (labels, of_primary, of_unlabeled) in [
        (r#","labels":["Primary"]"#, "done 201", "done 201"),
        (r#","labels":[null]"#, "?", "done 201"),
        (r#","labels":[]"#, "?", "done 201"),
        (r#","labels":null"#, "?", "?"),
        ("", "?", "?"),
    ] {
        let body = format!(r#"{{"fromObjectId":"1","toObjectId":7{labels}}}"#);
        assert_eq!(
            verdict_text(Operation::Create(&primary), 201, &body),
            of_primary,
            "{body}"
        );
        assert_eq!(
            verdict_text(Operation::Create(&unlabeled), 201, &body),
            of_unlabeled,
            "{body}"
        );
        let body = format!(r#"{{"status":"COMPLETE","results":[{body}]}}"#);
        assert_eq!(
            verdict_text(Operation::Create(&primary), 200, &body).replace("200", "201"),
            of_primary,
            "{body}"
        );
    }
}

#[test]
fn a_label_of_another_type_does_not_confirm_a_primary_company() {
    let primary = LinkRequest {
        other_types: vec![
            write(1, 7, 279).link.definition().association_type(),
            label(37),
        ],
        ..write(1, 7, 1)
    };
    for (labels, expected) in [
        (r#"["Buyer"]"#, "?"),
        (r#"["Buyer","Primary"]"#, "done 201"),
    ] {
        let body = format!(r#"{{"fromObjectId":"1","toObjectId":7,"labels":{labels}}}"#);
        let message = verdict_text(
            Operation::Create(std::slice::from_ref(&primary)),
            201,
            &body,
        );
        assert_eq!(message, expected, "{labels}");
    }
}

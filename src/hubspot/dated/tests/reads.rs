//! Responses to reads.

use super::*;
use crate::{
    api::{LinkPage, LinkQuery},
    association::AdminLimit,
    messages,
};

/// A query for these links, from their first page on.
fn query(links: &[CanonicalLink]) -> LinkQuery {
    let mut pages: Vec<_> = links.iter().map(|link| (link.from(), None)).collect();
    pages.dedup();
    let links = links.to_vec();
    LinkQuery { links, pages }
}

fn payload(query: &LinkQuery, status: u16, body: &str) -> LinkPage {
    let (verdict, payload) = verdict(
        Operation::Read(query),
        &ParsedResponse::for_test(status, body),
        body.as_bytes(),
    );
    match payload {
        Some(ResponsePayload::Links(page)) => page,
        other => panic!("{verdict:?} {other:?}"),
    }
}

/// `1-7 HUBSPOT_DEFINED=279` for each pair, `1+ page` for each next page,
/// `1! code` for each record that was not read.
fn words(page: &LinkPage) -> Vec<String> {
    let found = page.found.iter().map(|found| {
        let association_types: Vec<_> = found
            .association_types
            .iter()
            .map(ToString::to_string)
            .collect();
        format!(
            "{}-{} {}",
            found.from,
            found.to,
            association_types.join(" ")
        )
    });
    let next = page
        .next
        .iter()
        .map(|(record, page)| format!("{record}+ {page}"));
    let unread = page.unread.iter();
    let unread = unread.map(|(record, failure)| format!("{record}! {}", failure.code.as_str()));
    let mut words: Vec<_> = found.chain(next).chain(unread).collect();
    words.sort();
    words
}

const NONE_OF_1: &str = r#"{"status":"error","category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND","message":"No company is associated with contact 1.","context":{"fromObjectId":["1"],"fromObjectType":["contact"],"toObjectType":["company"]}}"#;

fn of(from: &str, to: &str, types: &str) -> String {
    format!(
        r#"{{"from":{{"id":{from}}},"to":[{{"toObjectId":{to},"associationTypes":[{types}]}}]}}"#
    )
}

const UNLABELED: &str = r#"{"category":"HUBSPOT_DEFINED","typeId":279,"label":null}"#;
const LABEL: &str = r#"{"category":"USER_DEFINED","typeId":37,"label":"Buyer"}"#;
const OF_THE_FUTURE: &str = r#"{"category":"MARTIAN","typeId":37,"label":"Buyer"}"#;

#[test]
fn ids_can_be_numbers_or_texts_and_unknown_types_are_reported() {
    let one = query(&[link(1, 7, 279)]);
    let types = [UNLABELED, OF_THE_FUTURE, LABEL].join(",");
    for (from, to) in [("1", "7"), (r#""1""#, r#""7""#)] {
        let body = format!(r#"{{"results":[{}]}}"#, of(from, to, &types));
        let expected = ["1-7 HUBSPOT_DEFINED=279 USER_DEFINED=37"];
        let page = payload(&one, 200, &body);
        assert_eq!(words(&page), expected);
        assert_eq!(page.found[0].unknown.as_deref(), Some("MARTIAN=37"));
    }
}

#[test]
fn only_wanted_links_are_kept() {
    let body = format!(
        r#"{{"results":[{},{}]}}"#,
        of("1", "8", UNLABELED),
        of("5", "7", UNLABELED)
    );
    let page = payload(&query(&[link(1, 7, 279)]), 200, &body);
    assert!(words(&page).is_empty(), "{page:?}");
}

#[test]
fn a_query_for_a_primary_company_returns_the_existing_one() {
    let primary = r#"{"category":"HUBSPOT_DEFINED","typeId":1,"label":"Primary"}"#;
    let body = format!(r#"{{"results":[{}]}}"#, of("1", "8", primary));
    let page = payload(&query(&[link(1, 7, 1)]), 200, &body);
    assert_eq!(words(&page), ["1-8 HUBSPOT_DEFINED=1"]);
}

#[test]
fn a_record_with_more_links_continues_on_its_next_page() {
    let body = r#"{"results":[{"from":{"id":"1"},"to":[],"paging":{"next":{"after":"abc","link":"?after=abc"}}},
        {"from":{"id":"2"},"paging":{}}]}"#;
    let page = payload(&query(&[link(1, 7, 279), link(2, 7, 279)]), 200, body);
    // Without a list of associations, nothing is known.
    assert_eq!(words(&page), ["1+ abc", "2! unexpected_answer"]);
}

#[test]
fn unread_records_differ_from_records_without_links() {
    let two = query(&[link(1, 7, 279), link(2, 7, 279)]);
    let fault = r#"{"message":"try later","context":{"ids":["2"]}}"#;
    let unattributed = r#"{"message":"try later"}"#;
    let none_of_nobody = r#"{"subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND"}"#;
    for (results, errors, counted, expected) in [
        // The response says that it has none.
        (of("2", "8", ""), NONE_OF_1.to_owned(), 1, &[][..]),
        // Missing, without an error or with one about another record.
        (of("2", "8", ""), String::new(), 0, &["1! not_read"]),
        (of("2", "8", ""), none_of_nobody.into(), 1, &["1! not_read"]),
        // Not read, with or without a name in the error.
        (
            String::new(),
            format!("{NONE_OF_1},{fault}"),
            2,
            &["2! rejected"],
        ),
        (of("1", "8", ""), unattributed.into(), 1, &["2! rejected"]),
        (of("1", "8", ""), String::new(), 1, &["2! rejected"]),
        (
            String::new(),
            unattributed.into(),
            2,
            &["1! rejected", "2! rejected"],
        ),
    ] {
        let body =
            format!(r#"{{"results":[{results}],"errors":[{errors}],"numErrors":{counted}}}"#);
        assert_eq!(words(&payload(&two, 207, &body)), expected, "{body}");
    }
}

#[test]
fn an_error_of_a_read_has_the_code_of_its_category() {
    let one = query(&[link(1, 7, 279)]);
    for (category, expected) in [
        ("INTERNAL_ERROR", "1! server_error"),
        ("SERVICE_UNAVAILABLE", "1! server_error"),
        ("RATE_LIMITS", "1! server_error"),
        ("OBJECT_NOT_FOUND", "1! record_not_found"),
        ("VALIDATION_ERROR", "1! rejected"),
        ("", "1! rejected"),
    ] {
        for context in [r#"{"ids":["1"]}"#, "{}"] {
            let error = format!(r#"{{"category":"{category}","message":"m","context":{context}}}"#);
            let body = format!(r#"{{"results":[],"errors":[{error}],"numErrors":1}}"#);
            assert_eq!(words(&payload(&one, 207, &body)), [expected], "{body}");
        }
    }
    // Which of two records does not exist is not known.
    let two = query(&[link(1, 7, 279), link(2, 7, 279)]);
    let body = r#"{"results":[],"errors":[{"category":"OBJECT_NOT_FOUND"}],"numErrors":1}"#;
    assert_eq!(
        words(&payload(&two, 207, body)),
        ["1! not_read", "2! not_read"]
    );
}

#[test]
fn a_response_without_results_and_errors_is_not_from_the_api() {
    let one = query(&[link(1, 7, 279)]);
    for body in [
        "{}",
        "[]",
        "",
        "<html>",
        "{",
        r#"{"results":{}}"#,
        r#"{"results":[{}]}"#,
    ] {
        assert_eq!(
            verdict_text(Operation::Read(&one), 200, body),
            "no verdict",
            "{body}"
        );
    }
    assert_eq!(verdict_text(Operation::Read(&one), 204, ""), "no verdict");
}

#[test]
fn a_refused_read_of_many_records_is_split() {
    let (one, two) = (
        query(&[link(1, 7, 279)]),
        query(&[link(1, 7, 279), link(2, 7, 279)]),
    );
    for (status, of_one, of_two) in [
        (400, "refused rejected", ".."),
        (413, "refused rejected", ".."),
        (404, "refused not_found", "refused not_found"),
        (405, "refused rejected", "refused rejected"),
        (503, "again", "again"),
        (403, "stop", "stop"),
    ] {
        assert_eq!(
            verdict_text(Operation::Read(&one), status, "{}"),
            of_one,
            "{status}"
        );
        assert_eq!(
            verdict_text(Operation::Read(&two), status, "{}"),
            of_two,
            "{status}"
        );
    }
}

#[test]
fn labels_are_read_with_and_without_a_name() {
    let operation = Operation::Labels("contacts", "companies");
    let body = format!(r#"{{"results":[{UNLABELED},{LABEL},{OF_THE_FUTURE}]}}"#);
    let (_, payload) = verdict(
        operation,
        &ParsedResponse::for_test(200, &body),
        body.as_bytes(),
    );
    let unlabeled = link(1, 7, 279).definition().association_type();
    let expected = vec![(unlabeled, None), (label(37), Some("Buyer".to_owned()))];
    assert_eq!(payload, Some(ResponsePayload::Labels(expected)));
    for body in ["{}", "<html>", r#"{"results":[7]}"#] {
        assert_eq!(verdict_text(operation, 200, body), "no verdict", "{body}");
    }
    assert_eq!(verdict_text(operation, 404, "{}"), "refused not_found");
}

#[test]
fn limits_can_be_numbers_or_texts_and_a_refusal_does_not_stop_the_run() {
    let of = |most: &str| {
        format!(
            r#"{{"category":"USER_DEFINED","typeId":37,"label":"Buyer","userEnforcedMaxToObjectIds":{most}}}"#
        )
    };
    for (most, expected) in [("1", Some(1)), (r#""25""#, Some(25)), ("null", None)] {
        let body = format!(r#"{{"results":[{},{OF_THE_FUTURE}]}}"#, of(most));
        let (_, payload) = verdict(
            Operation::Limits,
            &ParsedResponse::for_test(200, &body),
            body.as_bytes(),
        );
        let limit = AdminLimit {
            association_type: label(37),
            label: Some("Buyer".to_owned()),
            max_records: expected,
        };
        assert_eq!(
            payload,
            Some(ResponsePayload::Limits(vec![limit])),
            "{most}"
        );
    }
    for (status, body) in [
        (403, "{}"),
        (404, "<html>"),
        (400, "{}"),
        (200, "<html>"),
        (200, r#"{"results":7}"#),
        (200, "{}"),
        (200, r#"{"status":"error"}"#),
    ] {
        let message = verdict_text(Operation::Limits, status, body);
        assert!(message.starts_with("refused"), "{status} {body}: {message}");
    }
    assert_eq!(verdict_text(Operation::Limits, 401, "{}"), "stop");
    assert_eq!(verdict_text(Operation::Limits, 503, "{}"), "again");
}

#[test]
fn null_and_unexpected_fields_are_tolerated() {
    let one = query(&[link(1, 7, 279)]);
    let unlabeled = UNLABELED.replace("279", r#""279""#);
    for (body, expected) in [
        (
            format!(
                r#"{{"results":[{}],"errors":null,"numErrors":null,"paging":null}}"#,
                of("1", "7", &unlabeled)
            ),
            &["1-7 HUBSPOT_DEFINED=279"][..],
        ),
        (
            r#"{"results":[{"from":{"id":"1"},"to":[],"paging":{"next":{"after":42}}}]}"#.into(),
            &["1+ 42"],
        ),
        // A missing list is unknown.
        (
            r#"{"results":[{"from":{"id":"1"},"to":null,"paging":{"next":{"after":42}}}]}"#.into(),
            &["1! unexpected_answer"],
        ),
        (
            r#"{"results":[{"from":{"id":"1"},"to":[{"toObjectId":8,"associationTypes":[]}]}]}"#.into(),
            &[],
        ),
        (
            r#"{"results":[{"from":{"id":"1"},"to":[{"toObjectId":7,"associationTypes":null}],"paging":{"next":null}}]}"#.into(),
            &["1! unexpected_answer"],
        ),
    ] {
        assert_eq!(words(&payload(&one, 200, &body)), expected, "{body}");
    }
}

#[test]
fn a_record_without_associations_is_recognised_by_several_signs() {
    let one = query(&[link(1, 7, 279)]);
    let by_object = NONE_OF_1.replace(
        r#""crm.associations.NO_ASSOCIATIONS_FOUND""#,
        r#"{"name":"crm.associations.NO_ASSOCIATIONS_FOUND"}"#,
    );
    let by_category = NONE_OF_1.replace(r#""crm.associations.NO_ASSOCIATIONS_FOUND""#, "{}");
    for (error, is_none) in [
        (NONE_OF_1.to_owned(), true),
        (by_object, true),
        (by_category.clone(), true),
        (
            by_category.replace("OBJECT_NOT_FOUND", "VALIDATION_ERROR"),
            false,
        ),
        (NONE_OF_1.replace(r#"["1"]"#, r#"["2"]"#), false),
        (
            NONE_OF_1.replace(
                r#"{"fromObjectId":["1"],"fromObjectType":["contact"],"toObjectType":["company"]}"#,
                "null",
            ),
            false,
        ),
    ] {
        let body = format!(r#"{{"status":"COMPLETE","results":[],"errors":[{error}]}}"#);
        let page = payload(&one, 200, &body);
        assert_eq!(!page.named.is_empty(), is_none, "{body}");
    }
}

#[test]
fn a_result_for_another_record_makes_the_requested_one_unknown() {
    let one = query(&[link(101, 7, 279)]);
    let body = format!(r#"{{"results":[{}]}}"#, of("1001", "7", UNLABELED));
    let page = payload(&one, 200, &body);
    assert_eq!(words(&page), ["101! not_read"]);
    assert!(page.named.is_empty());
}

#[test]
fn two_results_for_one_record_are_merged() {
    let one = query(&[link(1, 7, 279), link(1, 8, 279)]);
    let entries = [of("1", "7", UNLABELED), of("1", "8", LABEL)].join(",");
    let page = payload(&one, 200, &format!(r#"{{"results":[{entries}]}}"#));
    assert_eq!(
        words(&page),
        ["1-7 HUBSPOT_DEFINED=279", "1-8 USER_DEFINED=37"]
    );
}

#[test]
fn an_incomplete_read_is_retried() {
    let one = query(&[link(1, 7, 279)]);
    for status in ["PENDING", "PROCESSING", "CANCELED"] {
        let entry = of("1", "7", UNLABELED);
        let body = format!(r#"{{"status":"{status}","results":[{entry}]}}"#);
        assert_eq!(
            verdict_text(Operation::Read(&one), 200, &body),
            "again",
            "{status}"
        );
    }
}

#[test]
fn a_response_that_cannot_be_parsed_is_quoted() {
    let one = query(&[link(1, 7, 279)]);
    for (body, words) in [
        (
            r#"{"results":[{"from":{"id":{}}}]}"#,
            &["results[0].from.id is {}"][..],
        ),
        (
            r#"{"results":[{"from":{}}]}"#,
            &["results[0].from", "missing field `id`"],
        ),
        (r#"{"results":"none"}"#, &[r#"results is "none""#]),
    ] {
        let (verdict, _) = verdict(
            Operation::Read(&one),
            &ParsedResponse::for_test(200, body),
            body.as_bytes(),
        );
        let Verdict::NotFromApi(failure) = verdict else {
            panic!("{verdict:?}")
        };
        for words in words {
            let message = messages::failure(&failure);
            assert!(message.contains(words), "{message}");
        }
    }
}

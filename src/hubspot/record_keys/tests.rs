//! Exact bytes of requests, and what responses say of keys.

use super::*;
use crate::{
    api::{Operation, PropertyQuery, RateClass},
    hubspot::api_version::ApiVersion,
    messages,
};

fn query(object_type: &'static str, name: &'static str, values: &[&str]) -> KeyQuery {
    KeyQuery {
        property: KeyProperty { object_type, name },
        values: values.iter().map(|value| (*value).into()).collect(),
        archived: false,
        after: None,
    }
}

fn emails(values: &[&str]) -> KeyQuery {
    query("contacts", "email", values)
}

fn domains(values: &[&str]) -> KeyQuery {
    query("companies", "domain", values)
}

/// The request in each version of the API.
fn sent(operation: Operation<'_>) -> [String; 2] {
    ApiVersion::ALL.map(|api_version| {
        let request = api_version.request(operation).unwrap();
        let body = String::from_utf8(request.body).unwrap();
        let query = request.query.unwrap_or_default();
        format!("{} {}?{query} {body}", request.method, request.path)
    })
}

/// The verdict of a response, which is the same in all versions of the API.
fn judged(operation: Operation<'_>, status: u16, body: &str) -> Judged {
    let [earliest, latest] = ApiVersion::ALL.map(|version| {
        version.verdict(
            operation,
            &ParsedResponse::for_test(status, body),
            body.as_bytes(),
        )
    });
    assert_eq!(earliest, latest);
    latest
}

fn verdict_text(operation: Operation<'_>, status: u16, body: &str) -> String {
    match judged(operation, status, body).0 {
        Verdict::Done { http_status } => format!("done {http_status}"),
        Verdict::Refused(failure) => format!("refused {}", failure.code.as_str()),
        Verdict::Transient { .. } => "again".into(),
        Verdict::Throttled { limit, .. } => format!("later {limit:?}"),
        Verdict::NotFromApi(_) => "no verdict".into(),
        Verdict::Fatal(_) => "stop".into(),
        Verdict::DayUsedUp(_) => "tomorrow".into(),
        other @ (Verdict::PerLink(_)
        | Verdict::NotSent(_)
        | Verdict::ConnectionLost(_)
        | Verdict::TokenExpired(_)
        | Verdict::TokenReplaced(_)) => panic!("{other:?}"),
    }
}

fn page(operation: Operation<'_>, status: u16, body: &str) -> KeyPage {
    let (verdict, payload) = judged(operation, status, body);
    let page = payload.and_then(ResponsePayload::into_key_page);
    page.unwrap_or_else(|| panic!("{verdict:?}"))
}

/// `7: a@x.com b@x.com` for each record.
fn records(page: &KeyPage) -> Vec<String> {
    let records = page.records.iter();
    records
        .map(|record| format!("{}: {}", record.id, record.values.join(" ")))
        .collect()
}

/// `a@x.com not found` or `a@x.com failed: why` for each error, and `failed: why` for one without
/// values.
fn faults(page: &KeyPage) -> Vec<String> {
    let named = page.faults.iter().map(|fault| {
        let values = fault.values.join(" ");
        if fault.not_found {
            assert_eq!(fault.failure.code, Code::RecordNotFound);
            format!("{values} not found")
        } else {
            format!("{values} failed: {}", messages::failure(&fault.failure))
        }
    });
    let unattributed = page.unattributed.iter();
    let unattributed = unattributed.map(|why| format!("failed: {}", messages::failure(why)));
    named.chain(unattributed).collect()
}

#[test]
fn records_are_read_by_a_unique_property_in_one_form() {
    for (query, version_three, body) in [
        (
            emails(&["a@x.com", "b\"@x.com"]),
            "contacts",
            r#"{"idProperty":"email","inputs":[{"id":"a@x.com"},{"id":"b\"@x.com"}],"properties":["email","hs_additional_emails","firstname","lastname"],"propertiesWithHistory":[]}"#,
        ),
        (
            query("deals", "external_id", &["A-1"]),
            "deals",
            r#"{"idProperty":"external_id","inputs":[{"id":"A-1"}],"properties":["external_id","dealname"],"propertiesWithHistory":[]}"#,
        ),
        (
            query("appointments", "code", &["1"]),
            "0-421",
            r#"{"idProperty":"code","inputs":[{"id":"1"}],"properties":["code"],"propertiesWithHistory":[]}"#,
        ),
        // HubSpot refuses the property of the id as a key.
        (
            query("tickets", "record_url", &["351", "9223372036854775807"]),
            "tickets",
            r#"{"inputs":[{"id":"351"},{"id":"9223372036854775807"}],"properties":["subject"],"propertiesWithHistory":[]}"#,
        ),
    ] {
        let expected = ["v3/objects", "objects/2026-09"].map(|version| {
            format!("POST /crm/{version}/{version_three}/batch/read?archived=false {body}")
        });
        assert_eq!(sent(Operation::ReadByKey(&query)), expected);
    }
    let archived = KeyQuery {
        archived: true,
        ..emails(&["a@x.com"])
    };
    let [_, request] = sent(Operation::ReadByKey(&archived));
    assert!(request.contains("/batch/read?archived=true {"), "{request}");
}

#[test]
fn a_domain_is_searched_among_all_domains_of_a_company_page_by_page() {
    let first = domains(&["x.com", "www.x.com"]);
    let filters = r#"{"filterGroups":[{"filters":[{"propertyName":"domain","operator":"IN","values":["x.com","www.x.com"]}]},{"filters":[{"propertyName":"hs_additional_domains","operator":"IN","values":["x.com","www.x.com"]}]}],"sorts":[{"propertyName":"createdate","direction":"ASCENDING"}],"properties":["domain","hs_additional_domains","name","createdate"],"limit":200"#;
    let expected = |end: &str| {
        ["v3/objects", "objects/2026-09"]
            .map(|version| format!("POST /crm/{version}/companies/search? {filters}{end}}}"))
    };
    assert_eq!(sent(Operation::SearchByKey(&first)), expected(""));
    let second = KeyQuery {
        after: Some("200".to_owned()),
        ..first
    };
    let expected = expected(r#","after":"200""#);
    assert_eq!(sent(Operation::SearchByKey(&second)), expected);
}

#[test]
fn only_searches_count_in_the_window_of_searches() {
    let query = emails(&["a@x.com", "b@x.com"]);
    for api_version in ApiVersion::ALL {
        for (operation, class) in [
            (Operation::ReadByKey(&query), RateClass::Single),
            (Operation::SearchByKey(&query), RateClass::Search),
            (
                Operation::Properties(PropertyQuery::existing("contacts")),
                RateClass::Single,
            ),
        ] {
            assert_eq!(api_version.class(operation), class, "{operation:?}");
        }
    }
}

#[test]
fn a_record_has_all_its_values_its_name_and_its_age() {
    for (query, fields, values, name) in [
        (
            emails(&["a@x.com"]),
            r#""email":" A@X.com ","hs_additional_emails":"b@x.com; c@x.com;;","firstname":" Ann ","lastname":"Lee""#,
            "A@X.com b@x.com c@x.com",
            Some("Ann Lee"),
        ),
        (
            emails(&["a@x.com"]),
            r#""email":null,"hs_additional_emails":"b@x.com","firstname":"","lastname":null"#,
            "b@x.com",
            None,
        ),
        (
            domains(&["x.com"]),
            r#""domain":"x.com","hs_additional_domains":"x.org;x.net","name":"X\u001b[31m""#,
            "x.com x.org x.net",
            Some("X\\u{1b}[31m"),
        ),
        // A value of another property may have the character that is between e-mails.
        (
            query("deals", "code", &["A;1"]),
            r#""code":"A;1","dealname":"Deal""#,
            "A;1",
            Some("Deal"),
        ),
        (query("deals", "code", &["7"]), r#""code":7"#, "7", None),
        (
            query("tickets", "record_url", &["12"]),
            r#""subject":"Help""#,
            "12",
            Some("Help"),
        ),
    ] {
        let body = format!(
            r#"{{"results":[{{"id":"12","properties":{{{fields}}},"createdAt":"2026-03-01T10:00:00.000Z"}}]}}"#
        );
        let page = page(Operation::ReadByKey(&query), 200, &body);
        assert_eq!(records(&page), [format!("12: {values}")], "{body}");
        let [record] = &page.records[..] else {
            panic!("{page:?}")
        };
        assert_eq!(record.name.as_deref(), name, "{body}");
        let created = record.created_at.unwrap().to_string();
        assert_eq!(created, "2026-03-01T10:00:00Z");
    }
}

#[test]
fn a_long_name_is_cut_and_an_age_may_be_missing() {
    let name = "n".repeat(100);
    for (fields, created) in [
        (r#","createdAt":7"#, None),
        ("", None),
        (
            r#","createdAt":"2026-03-01T10:00:00Z""#,
            Some("2026-03-01T10:00:00Z"),
        ),
    ] {
        let body =
            format!(r#"{{"results":[{{"id":12,"properties":{{"name":"{name}"}}{fields}}}]}}"#);
        let read = page(Operation::ReadByKey(&domains(&["x.com"])), 200, &body);
        let record = &read.records[0];
        assert_eq!(
            record.name.as_ref().map(|name| name.chars().count()),
            Some(60)
        );
        let found = record.created_at.map(|at| at.to_string());
        assert_eq!(found.as_deref(), created, "{body}");
    }
    let by_property =
        r#"{"results":[{"id":12,"properties":{"createdate":"2026-03-01T10:00:00Z"}}]}"#;
    let read = page(Operation::ReadByKey(&domains(&["x.com"])), 200, by_property);
    assert!(read.records[0].created_at.is_some());
}

/// An error as HubSpot sends it for keys without a record.
const NOT_FOUND: &str = r#"{"status":"error","category":"OBJECT_NOT_FOUND","message":"Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.","context":{"ids":["b@x.com","c@x.com"]}}"#;

/// Checks the errors of a response to a query for a, b and c, in which a is found.
fn check_errors(cases: &[(String, &str, &[&str])]) {
    let three = emails(&["a@x.com", "b@x.com", "c@x.com"]);
    for (errors, counted, expected) in cases {
        let body = format!(
            r#"{{"status":"COMPLETE","results":[{{"id":"1","properties":{{"email":"a@x.com"}}}}],"numErrors":{counted},"errors":[{errors}]}}"#
        );
        for status in [200, 207] {
            let page = page(Operation::ReadByKey(&three), status, &body);
            assert_eq!(records(&page), ["1: a@x.com"]);
            assert_eq!(faults(&page), *expected, "{body}");
        }
    }
}

fn invalid(context: &str) -> String {
    format!(r#"{{"category":"VALIDATION_ERROR","message":"no e-mail","context":{context}}}"#)
}

#[test]
fn errors_are_about_the_values_that_they_name_whatever_the_status_is() {
    let not_found = || NOT_FOUND.to_owned();
    check_errors(&[
        (String::new(), "0", &[]),
        (String::new(), "null", &[]),
        (not_found(), "1", &["b@x.com c@x.com not found"]),
        (not_found(), "null", &["b@x.com c@x.com not found"]),
        (
            format!("{NOT_FOUND},{}", invalid(r#"{"ids":["A@X.com "]}"#)),
            "2",
            &["b@x.com c@x.com not found", "a@x.com failed: no e-mail"],
        ),
        (
            invalid(r#"{"id":["a@x.com"]}"#),
            "1",
            &["a@x.com failed: no e-mail"],
        ),
        (
            invalid(r#"{"id":"a@x.com"}"#),
            "1",
            &["a@x.com failed: no e-mail"],
        ),
        (
            invalid(r#"{"id":"a@x.com"}"#).replace("VALIDATION", "INTERNAL"),
            "1",
            &[
                "a@x.com failed: HubSpot failed (no e-mail); send the failed rows again later (--resume --retry-failed)",
            ],
        ),
    ]);
}

#[test]
fn an_error_without_a_value_may_be_about_any_of_them() {
    const NAMELESS: &str = "failed: the answer reports errors but does not name them";
    let nobody_found = NOT_FOUND.replace(r#""ids":["b@x.com","c@x.com"]"#, "");
    check_errors(&[
        (nobody_found, "1", &[]),
        (invalid("null"), "1", &["failed: no e-mail"]),
        (invalid("{}"), "1", &["failed: no e-mail"]),
        (
            invalid(r#"{"ids":["other@x.com"]}"#),
            "1",
            &["failed: no e-mail"],
        ),
        (String::new(), "1", &[NAMELESS]),
        // One error, counted for each of its values; or another one that is not listed.
        (
            NOT_FOUND.to_owned(),
            "2",
            &["b@x.com c@x.com not found", NAMELESS],
        ),
    ]);
}

#[test]
fn an_error_names_the_exact_value_if_others_differ_only_in_case() {
    let two = query("deals", "code", &["a-1x", "A-1x"]);
    for (named, expected) in [
        ("A-1x", &["A-1x not found"][..]),
        ("a-1x", &["a-1x not found"]),
        // Which of them is not known.
        ("A-1X", &[]),
    ] {
        let error = format!(r#"{{"category":"OBJECT_NOT_FOUND","context":{{"ids":["{named}"]}}}}"#);
        let body = format!(r#"{{"results":[],"errors":[{error}]}}"#);
        let page = page(Operation::ReadByKey(&two), 207, &body);
        assert_eq!(faults(&page), expected, "{named}");
    }
}

#[test]
fn a_search_says_how_much_it_finds_and_where_it_goes_on() {
    let query = domains(&["x.com"]);
    let record = |id: u64| format!(r#"{{"id":"{id}","properties":{{"domain":"x.com"}}}}"#);
    for (paging, next) in [
        (
            r#","paging":{"next":{"after":"200","link":"?after=200"}}"#,
            Some("200"),
        ),
        (r#","paging":{"next":{"after":200}}"#, Some("200")),
        (r#","paging":null"#, None),
        (r#","paging":{"next":null}"#, None),
        ("", None),
    ] {
        let found = [record(7), record(5)].join(",");
        let body = format!(r#"{{"total":301,"results":[{found}]{paging}}}"#);
        let page = page(Operation::SearchByKey(&query), 200, &body);
        assert_eq!(records(&page), ["7: x.com", "5: x.com"]);
        assert_eq!((page.next.as_deref(), page.total), (next, Some(301)));
        assert_eq!(faults(&page), [""; 0]);
    }
    let none = page(
        Operation::SearchByKey(&query),
        200,
        r#"{"total":0,"results":[]}"#,
    );
    assert_eq!((none.records.len(), none.total), (0, Some(0)));
}

#[test]
fn a_success_without_its_data_is_no_answer() {
    let query = emails(&["a@x.com"]);
    let (read, search) = (Operation::ReadByKey(&query), Operation::SearchByKey(&query));
    for body in [
        "{}",
        "[]",
        "",
        "<html>",
        "{",
        r#"{"results":null,"total":1}"#,
        r#"{"results":{},"total":1}"#,
        r#"{"results":[{}],"total":1}"#,
        r#"{"results":[{"id":"x"}],"total":1}"#,
        r#"{"status":"error","message":"m"}"#,
    ] {
        for (operation, status) in [(read, 200), (read, 207), (search, 200)] {
            assert_eq!(
                verdict_text(operation, status, body),
                "no verdict",
                "{body}"
            );
        }
    }
    let errors_only = format!(r#"{{"status":"COMPLETE","errors":[{NOT_FOUND}]}}"#);
    assert_eq!(verdict_text(read, 207, &errors_only), "no verdict");
    for body in [r#"{"results":[]}"#, r#"{"results":[],"total":null}"#] {
        assert_eq!(verdict_text(search, 200, body), "no verdict", "{body}");
    }
    for operation in [read, search] {
        assert_eq!(verdict_text(operation, 204, ""), "no verdict");
        assert_eq!(
            verdict_text(operation, 201, r#"{"results":[]}"#),
            "no verdict"
        );
    }
}

#[test]
fn an_unfinished_read_is_sent_again() {
    let query = emails(&["a@x.com"]);
    for status in ["PENDING", "PROCESSING", "CANCELED"] {
        let body = format!(r#"{{"status":"{status}","results":[]}}"#);
        let operation = Operation::ReadByKey(&query);
        assert_eq!(verdict_text(operation, 200, &body), "again", "{status}");
        let (Verdict::Transient { failure, .. }, None) = judged(operation, 200, &body) else {
            panic!("{status}")
        };
        assert_eq!(
            messages::failure(&failure),
            format!("HubSpot did not finish reading (status {status})")
        );
    }
}

/// The 429 of a search, as recorded.
const OF_SEARCHES: &str = r#"{"status":"error","message":"You have reached your secondly limit.","correlationId":"de61843f-b3ab-4bc1-8c54-358e37eb0621","category":"RATE_LIMITS"}"#;

#[test]
fn other_statuses_are_refusals_of_all_values_or_of_none() {
    let query = emails(&["a@x.com", "b@x.com"]);
    let no_scope = r#"{"status":"error","message":"This app hasn't been granted all required scopes","category":"MISSING_SCOPES","errors":[{"message":"m","context":{"requiredGranularScopes":["crm.objects.contacts.read"]}}]}"#;
    for operation in [
        Operation::ReadByKey(&query),
        Operation::SearchByKey(&query),
        Operation::Properties(PropertyQuery::existing("contacts")),
    ] {
        for (status, body, expected) in [
            (400, r#"{"message":"idProperty"}"#, "refused rejected"),
            (401, "{}", "stop"),
            (403, no_scope, "refused not_read"),
            (403, "<html>", "no verdict"),
            (404, "<html>", "refused not_read"),
            (
                404,
                r#"{"category":"OBJECT_NOT_FOUND"}"#,
                "refused not_read",
            ),
            (413, "", "refused rejected"),
            (423, "{}", "again"),
            (429, OF_SEARCHES, "later Second"),
            (
                429,
                r#"{"policyName":"TEN_SECONDLY_ROLLING"}"#,
                "later Window",
            ),
            (429, r#"{"policyName":"DAILY"}"#, "tomorrow"),
            (502, "<html>", "again"),
            (302, "", "no verdict"),
        ] {
            let verdict = verdict_text(operation, status, body);
            assert_eq!(verdict, expected, "{operation:?} {status} {body}");
        }
        let (Verdict::Refused(failure), None) = judged(operation, 403, no_scope) else {
            panic!("{operation:?}")
        };
        let message = messages::failure(&failure);
        assert!(message.contains("crm.objects.contacts.read"), "{message}");
    }
}

//! Searches of records over real sockets.

use serde_json::Value;

use super::{
    lookups::{post, start_with_records},
    *,
};
use crate::sandbox::{CallLimit, RecordOptions};

const COMPANIES: &str = "/crm/objects/2026-09/companies/search";

const RECORDS: &str = "object_type,id,archived,created,domain,hs_additional_domains,name\n\
    companies,201,,2026-03-01T10:00:00Z,Example.com,,B\n\
    companies,202,,2026-02-01T10:00:00Z,other.org,example.com;third.net,A\n\
    companies,203,true,,example.com,,C\n\
    companies,204,,,third.net,,C\n";

fn without_a_limit() -> RecordOptions {
    RecordOptions {
        search_limit: CallLimit::Off,
        ..RecordOptions::default()
    }
}

fn sandbox() -> Sandbox {
    start_with_records(RECORDS, without_a_limit())
}

fn filter(name: &str, values: &[&str]) -> String {
    let values = Value::from(values);
    format!(r#"{{"propertyName":"{name}","operator":"IN","values":{values}}}"#)
}

/// A search with these groups of filters, and more members.
fn search_body(groups: &[&[String]], more: &str) -> String {
    let groups: Vec<_> = groups
        .iter()
        .map(|filters| format!(r#"{{"filters":[{}]}}"#, filters.join(",")))
        .collect();
    format!(r#"{{"filterGroups":[{}]{more}}}"#, groups.join(","))
}

fn ids(body: &Value) -> Vec<&str> {
    let results = body["results"].as_array().expect("results");
    results
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect()
}

/// The ids that a search finds, in its order.
fn found(sandbox: &Sandbox, groups: &[&[String]], more: &str) -> Vec<String> {
    let (status, body) = post(sandbox, COMPANIES, &search_body(groups, more));
    assert_eq!(status, 200, "{body}");
    let ids = ids(&body);
    assert_eq!(body["total"], ids.len(), "{body}");
    ids.into_iter().map(str::to_owned).collect()
}

#[test]
fn a_search_answers_with_the_properties_that_are_asked_for() {
    let equal = r#"{"propertyName":"domain","operator":"EQ","value":"example.com"}"#.to_owned();
    let body = search_body(
        &[&[equal]],
        r#","properties":["domain"],"limit":100,"after":"0","sorts":[]"#,
    );
    let answer = send(&sandbox(), "POST", COMPANIES, TOKEN, &body).unwrap();
    assert_eq!(
        answer.body,
        r#"{"total":1,"results":[{"id":"201","properties":{"createdate":"2026-03-01T10:00:00.000Z","domain":"Example.com","hs_lastmodifieddate":"2026-03-01T10:00:00.000Z","hs_object_id":"201"},"createdAt":"2026-03-01T10:00:00.000Z","updatedAt":"2026-03-01T10:00:00.000Z","archived":false}]}"#
    );
}

#[test]
fn groups_add_up_and_the_filters_of_a_group_must_all_match() {
    let sandbox = sandbox();
    let example = || filter("domain", &["example.com"]);
    let additional = || filter("hs_additional_domains", &["example.com", "third.net"]);
    let third = || filter("domain", &["third.net", "other.org"]);
    for (groups, expected) in [
        (
            &[&[example()][..], &[additional()]][..],
            &["202", "201"][..],
        ),
        (&[&[third()], &[additional()]], &["204", "202"]),
        (&[&[third(), additional()]], &["202"]),
        (&[&[example(), additional()]], &[]),
        (&[&[filter("hs_object_id", &["204", "203"])]], &["204"]),
        (&[&[third(), filter("hs_object_id", &["204"])]], &["204"]),
        (&[], &["204", "202", "201"]),
    ] {
        assert_eq!(found(&sandbox, groups, ""), expected, "{groups:?}");
    }
}

#[test]
fn a_value_with_capitals_or_a_part_of_a_value_finds_nothing() {
    for value in ["Example.com", "EXAMPLE.COM", "example", "example.com "] {
        let found = found(&sandbox(), &[&[filter("domain", &[value])]], "");
        assert!(found.is_empty(), "{value}: {found:?}");
    }
}

#[test]
fn results_are_sorted_by_the_property_that_is_asked_for() {
    let sandbox = sandbox();
    let all = filter("domain", &["example.com", "other.org", "third.net"]);
    for (sorts, expected) in [
        (r#""name""#, ["202", "201", "204"]),
        (r#""-name""#, ["204", "201", "202"]),
        (
            r#"{"propertyName":"hs_object_id","direction":"DESCENDING"}"#,
            ["204", "202", "201"],
        ),
        (
            r#"{"propertyName":"createdate","direction":"ASCENDING"}"#,
            ["204", "202", "201"],
        ),
    ] {
        let more = format!(r#","sorts":[{sorts}]"#);
        assert_eq!(
            found(&sandbox, &[std::slice::from_ref(&all)], &more),
            expected,
            "{sorts}"
        );
    }
}

#[test]
fn results_come_in_pages() {
    let lines: Vec<_> = (1..=450)
        .map(|id| format!("companies,{id},x.org\n"))
        .collect();
    let lines = lines.concat();
    let sandbox = start_with_records(
        &format!("object_type,id,domain\n{lines}"),
        without_a_limit(),
    );
    let filter = [filter("domain", &["x.org"])];
    let mut all = Vec::new();
    for (after, expected_next) in [("0", Some("200")), ("200", Some("400")), ("400", None)] {
        let more = format!(r#","limit":200,"after":"{after}""#);
        let (_, body) = post(&sandbox, COMPANIES, &search_body(&[&filter], &more));
        assert_eq!(body["total"], 450);
        assert_eq!(body["paging"]["next"]["after"].as_str(), expected_next);
        all.extend(ids(&body).into_iter().map(str::to_owned));
    }
    let expected: Vec<_> = (1..=450).map(|id| id.to_string()).collect();
    assert_eq!(all, expected);
    let (_, body) = post(&sandbox, COMPANIES, &search_body(&[&filter], ""));
    assert_eq!(ids(&body).len(), 10, "the default");
}

#[test]
fn what_a_search_does_not_have_is_refused() {
    let sandbox = sandbox();
    let one = || filter("domain", &["x.org"]);
    let with = |more: &str| search_body(&[&[one()]], more);
    let operator = |operator: &str| one().replace("IN", operator);
    for (body, words) in [
        (with(r#","limit":201"#), "limit of a page is 200"),
        (
            with(r#","limit":200,"after":"9801""#),
            "first 10000 results",
        ),
        (with(r#","after":"x""#), "whole number"),
        (with(r#","sorts":["name","domain"]"#), "by one property"),
        (with(r#","query":"acme""#), "no search by query"),
        (
            search_body(&[&[operator("CONTAINS_TOKEN")]], ""),
            "operator CONTAINS_TOKEN",
        ),
        (
            search_body(&[&[operator("EQ")]], ""),
            "filter on domain has no value",
        ),
        (
            search_body(&[&[filter("domain", &[])]], ""),
            "filter on domain has no value",
        ),
        (
            search_body(&[&[filter("size", &["1"])]], ""),
            "Property \"size\" does not exist",
        ),
        (
            search_body(&[&[filter("createdate", &["1"])]], ""),
            "no filter on createdate",
        ),
        (search_body(&[&[one()][..]; 7], ""), "too many filters"),
        (search_body(&[&vec![one(); 7][..]], ""), "too many filters"),
        (
            search_body(&[&vec![one(); 5][..]; 4], ""),
            "too many filters",
        ),
        (String::new(), "body was expected"),
    ] {
        let (status, answer) = post(&sandbox, COMPANIES, &body);
        let message = answer["message"].as_str().unwrap();
        assert_eq!((status, message.contains(words)), (400, true), "{message}");
        assert_eq!(answer["category"], "VALIDATION_ERROR");
    }
    let last = with(r#","limit":200,"after":"9800""#);
    assert_eq!(post(&sandbox, COMPANIES, &last).0, 200);
}

#[test]
fn too_many_searches_are_429_without_quota_headers() {
    let sandbox = start(SandboxOptions {
        limit: "1/h".parse().unwrap(),
        daily: Some(100),
        record_options: RecordOptions {
            search_limit: "2/h".parse().unwrap(),
            ..RecordOptions::default()
        },
        ..SandboxOptions::default()
    });
    let body = search_body(&[&[filter("domain", &["x.org"])]], "");
    let search = || send(&sandbox, "POST", COMPANIES, TOKEN, &body).unwrap();
    let answers = [0; 3].map(|_| search());
    assert_eq!(
        answers.each_ref().map(|answer| answer.status),
        [200, 200, 429]
    );
    for answer in &answers {
        let mut names = answer.headers.iter().map(|(name, _)| name);
        assert!(
            names.all(|name| !name.contains("ratelimit")),
            "{:?}",
            answer.headers
        );
    }
    assert_eq!(
        answers[2].masked(),
        r#"{"status":"error","message":"You have reached your secondly limit.","correlationId":"ID","policyName":"SECONDLY","category":"RATE_LIMITS"}"#
    );
    let read = get(&sandbox, "/crm/objects/2026-09/companies/1");
    assert_eq!(read.status, 200, "searches take no place of reads");
    assert_eq!(
        read.header("x-hubspot-ratelimit-daily-remaining"),
        Some("96")
    );
    assert_eq!(sandbox.request_log().counts.searches, 3);
}

#[test]
fn a_simulated_429_of_a_search_is_that_of_searches() {
    let sandbox = start(SandboxOptions {
        faults: vec!["429=#1".parse().unwrap()],
        ..SandboxOptions::default()
    });
    let answer = send(&sandbox, "POST", COMPANIES, TOKEN, "{}").unwrap();
    assert!(
        answer.body.contains("your secondly limit"),
        "{}",
        answer.body
    );
    assert_eq!(answer.header("x-hubspot-ratelimit-max"), None);
}

#[test]
fn a_new_record_is_found_only_after_the_lag() {
    let sandbox = start_with_records(
        RECORDS,
        RecordOptions {
            search_lag: Some("1h".parse().unwrap()),
            ..without_a_limit()
        },
    );
    let all = [filter("domain", &["example.com", "other.org", "third.net"])];
    assert_eq!(
        found(&sandbox, &[&all], ""),
        ["202", "201"],
        "204 has no time"
    );
    let invented = start(SandboxOptions {
        record_options: RecordOptions {
            search_lag: Some("1h".parse().unwrap()),
            ..without_a_limit()
        },
        ..SandboxOptions::default()
    });
    assert!(found(&invented, &[&all], "").is_empty());
}

#[test]
fn a_long_body_is_refused_if_there_is_a_limit() {
    let body = search_body(&[&[filter("domain", &["example.com"])]], "");
    for (more, status) in [(0, 200), (1, 400)] {
        let sandbox = start_with_records(
            RECORDS,
            RecordOptions {
                search_body: Some(body.len() - more),
                ..without_a_limit()
            },
        );
        assert_eq!(post(&sandbox, COMPANIES, &body).0, status);
    }
}

#[test]
fn without_a_file_a_domain_has_one_company() {
    let sandbox = start(SandboxOptions {
        record_options: without_a_limit(),
        ..SandboxOptions::default()
    });
    let domains = [
        filter("domain", &["example.com", "www.example.com", "shop404.com"]),
        filter("hs_additional_domains", &["example.com", "www.example.com"]),
    ];
    let [main, additional] = domains.each_ref().map(std::slice::from_ref);
    let first = found(&sandbox, &[main, additional], "");
    assert_eq!(first.len(), 1, "{first:?}");
    let again = found(&sandbox, &[&[filter("domain", &["example.com"])]], "");
    assert_eq!(first, again);
}

#[test]
fn an_unreadable_type_cannot_be_searched() {
    let sandbox = start(SandboxOptions {
        unreadable: vec!["companies".to_owned()],
        ..SandboxOptions::default()
    });
    let (status, body) = post(&sandbox, COMPANIES, "{}");
    assert_eq!((status, &body["category"]), (403, &"MISSING_SCOPES".into()));
}

//! Incomplete answers: what they do not prove is neither claimed nor overwritten.

use serde_json::json;

use crate::support::{
    dated_responses::{PRIMARY, created, is_read, json as answer, linked_with, succeed},
    fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest},
    workdir::{CsvLine, TOKEN, Transcript, Workdir, column},
};

const ROWS: &str = "from_object_id,to_object_id,definition_id\n1,7,1\n2,7,1\n";

fn import(fake: &FakeHubSpot, options: &str) -> (Workdir, Transcript) {
    let workdir = Workdir::with(ROWS);
    let ran = workdir
        .import(&fake.base_url(), &format!("--api 2026-09 {options}"))
        .finish();
    (workdir, ran)
}

fn undo(workdir: &Workdir, options: &str) -> Vec<CsvLine> {
    let line = format!("undo links.results.csv --yes --rate unlimited {options}");
    workdir
        .run(&line)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .finish();
    workdir.lines("links.undo.csv")
}

/// The import succeeds; then removals are answered with this status, but nothing is removed.
fn removes_nothing(status: &'static str) -> FakeHubSpot {
    FakeHubSpot::with_handler(move |n, request| match request.method.as_str() {
        "PUT" => created(request),
        "POST" if request.uri.ends_with("/batch/create") => {
            let made = [1, 2]
                .map(|id| json!({"fromObjectId": id, "toObjectId": 7, "labels": ["Primary"]}));
            answer(
                201,
                json!({"status": "COMPLETE", "results": made}).to_string(),
            )
        }
        "POST" if request.uri.ends_with("/batch/archive") => unfinished(status),
        "DELETE" => unfinished(status),
        _ if n == 0 => succeed(request),
        _ => linked_with(PRIMARY),
    })
}

fn unfinished(status: &str) -> FakeResponse {
    answer(200, json!({"status": status, "results": []}).to_string())
}

#[test]
fn a_removal_that_was_canceled_is_not_called_removed() {
    let fake = removes_nothing("CANCELED");
    let (workdir, ran) = import(&fake, "--batch max");
    assert_eq!(ran.code, Some(0), "{ran}");
    let lines = undo(&workdir, "--batch max");
    assert_eq!(column(&lines, "assoc_code"), ["not_removed"; 2]);
}

#[test]
fn an_unknown_type_is_not_overwritten() {
    let unknown = r#"{"category":"MARTIAN","typeId":5,"label":null}"#;
    let fake = FakeHubSpot::with_handler(move |_, request: &ReceivedRequest| {
        if is_read(request) {
            linked_with(unknown)
        } else {
            created(request)
        }
    });
    for options in ["", "--batch max"] {
        let (workdir, ran) = import(&fake, options);
        assert_eq!(ran.code, Some(1), "{ran}");
        let results = workdir.results();
        assert_eq!(column(&results, "assoc_code"), ["unknown_type"; 2]);
        assert!(results[0]["assoc_message"].contains("MARTIAN=5"));
    }
    let written = fake
        .requests()
        .into_iter()
        .filter(|request| !is_read(request));
    assert_eq!(written.count(), 0);
}

#[test]
fn an_unexpected_answer_is_quoted() {
    let fake = FakeHubSpot::with_handler(|_, _| {
        answer(
            200,
            r#"{"status":"COMPLETE","results":[{"from":{"id":true}}]}"#,
        )
    });
    let (_, ran) = import(&fake, "--max-attempts 2");
    assert_eq!(ran.code, Some(4), "{ran}");
    ran.says(&["results[0].from.id is true"]);
}

/// The answer omits record 1, and the read of record 1 alone is refused.
#[test]
fn an_unreadable_record_is_not_overwritten() {
    let fake = FakeHubSpot::with_handler(|_, request: &ReceivedRequest| {
        let names = |id: &str| request.body.contains(&format!(r#""id":"{id}""#));
        match request.method.as_str() {
            "PUT" => created(request),
            "POST" if request.uri.contains("/associations/") && names("1") && names("2") => answer(
                200,
                r#"{"status":"COMPLETE","results":[{"from":{"id":"2"},"to":[]}]}"#,
            ),
            "POST" if request.uri.contains("/associations/") => {
                answer(400, r#"{"status":"error","message":"no"}"#)
            }
            // The current ids of the records are known.
            "POST" => answer(200, r#"{"results":[{"id":"1"},{"id":"2"},{"id":"7"}]}"#),
            _ => answer(200, r#"{"id":"1"}"#),
        }
    });
    let (workdir, ran) = import(&fake, "");
    assert_eq!(ran.code, Some(1), "{ran}");
    let results = workdir.results();
    let row = results
        .iter()
        .find(|line| line["assoc_row"] == "1")
        .unwrap();
    assert_eq!(
        (&*row["assoc_status"], &*row["assoc_code"]),
        ("failed", "rejected"),
        "{row:?}"
    );
    let written = fake.requests();
    let written: Vec<_> = written
        .iter()
        .filter(|request| request.method == "PUT")
        .collect();
    assert_eq!(written.len(), 1, "{written:?}");
}

/// The answer names both records without the types of their association.
#[test]
fn associations_without_their_types_are_neither_missing_nor_removed() {
    for silent in [
        r#"{"from":{"id":"1"}}"#,
        r#"{"from":{"id":"1"},"to":null}"#,
        r#"{"from":{"id":"1"},"to":[{"toObjectId":7,"associationTypes":[]}]}"#,
    ] {
        let fake = FakeHubSpot::with_handler(move |n, request: &ReceivedRequest| {
            let two = silent.replace(r#""id":"1""#, r#""id":"2""#);
            let silent = format!(r#"{{"status":"COMPLETE","results":[{silent},{two}]}}"#);
            match request.method.as_str() {
                "PUT" => created(request),
                _ if n == 0 => succeed(request),
                _ => answer(200, silent),
            }
        });
        let (workdir, ran) = import(&fake, "");
        assert_eq!(ran.code, Some(0), "{ran}");
        let run = workdir.run("verify links.results.csv --rate unlimited");
        run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(1);
        let lines = workdir.lines("links.verify.csv");
        assert_eq!(
            column(&lines, "assoc_status"),
            ["unreadable"; 2],
            "{silent}"
        );
        let lines = undo(&workdir, "");
        let ended = column(&lines, "assoc_status");
        assert!(!ended.contains(&"removed"), "{silent}: {ended:?}");
        let sent = fake.requests();
        assert!(
            sent.iter().all(|request| request.method != "DELETE"),
            "{silent}"
        );
    }
}

//! Imports by the real program: what is sent and what is recorded agree with each other and with
//! the file.

use std::{collections::BTreeMap, fs, path::Path};

use hubassoc::sandbox::SandboxOptions;

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    sandbox::{arrivals, link, sent, start, start_with},
    workdir::{CsvLine, TOKEN, Workdir, column},
};

const CLEAN: &str = "sample-data/contacts-to-companies.csv";
const LABELED: &str = "sample-data/links-with-labels.csv";
const MESSY: &str = "sample-data/deals-to-contacts-from-excel.csv";

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The links in the lines of a file, sorted.
fn file_links(file: &[CsvLine]) -> Vec<(u64, u64, u32)> {
    let number = |line: &CsvLine, name: &str| line[name].parse::<u64>().unwrap();
    let link = |line: &CsvLine| {
        let definition = line["definition_id"].parse().unwrap();
        (
            number(line, "from_object_id"),
            number(line, "to_object_id"),
            definition,
        )
    };
    let mut links: Vec<_> = file.iter().map(link).collect();
    links.sort_unstable();
    links
}

#[test]
fn a_row_is_one_put_with_exact_integers() {
    let fake = FakeHubSpot::with_responses([204]);
    let input = "from_object_id,to_object_id,definition_id\n\
                 9223372036854775807,9007199254740993,1\n";
    let workdir = Workdir::with(input);
    workdir.import(&fake.base_url(), "").exits(0);
    let requests = fake.requests();
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(
        (request.method.as_str(), request.uri.as_str()),
        ("PUT", "/crm-associations/v1/associations")
    );
    assert_eq!(
        request.body,
        r#"{"fromObjectId":9223372036854775807,"toObjectId":9007199254740993,"category":"HUBSPOT_DEFINED","definitionId":1}"#
    );
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(request.header("authorization"), Some(bearer.as_str()));
    assert_eq!(request.header("content-type"), Some("application/json"));
}

#[test]
fn definitions_may_be_names_and_v1_has_its_own_id_for_the_opposite_direction() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(
        "from_object_id,to_object_id,definition_id\n\
         1,2,contact_to_company\n3,4,Deal to contact\n5,6,company_to_contact\n",
    );
    workdir.import(&sandbox.base_url(), "").exits(0);
    assert_eq!(sent(&sandbox), [(1, 2, 1), (3, 4, 3), (5, 6, 2)]);
}

#[test]
fn rows_that_repeat_are_all_sent_and_each_has_its_line() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([5, 5, 5]));
    workdir.import(&sandbox.base_url(), "").exits(0);
    assert_eq!(sent(&sandbox).len(), 3);
    assert_eq!(column(&workdir.results(), "assoc_row"), ["1", "2", "3"]);
}

#[test]
fn the_clean_sample_succeeds_with_exactly_its_links() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(sample(CLEAN));
    workdir.import(&sandbox.base_url(), "").exits(0);
    let results = workdir.results();
    assert_eq!(results.len(), 120);
    assert!(
        results
            .iter()
            .all(|line| line["assoc_status"] == "succeeded")
    );
    assert_eq!(sent(&sandbox), file_links(&workdir.lines("links.csv")));
    assert!(!workdir.has("links.failures.csv"));
}

#[test]
fn the_sample_with_labels_works_with_the_sandbox() {
    let workdir = Workdir::with(sample(LABELED));
    let run = workdir.run("import links.csv --api 2026-09 --sandbox --rate unlimited");
    run.exits(0).says(&["6 succeeded"]);
}

#[test]
fn a_rehearsal_needs_no_token_and_has_a_results_file_of_its_own() {
    let workdir = Workdir::with(links(1..=5));
    let ran = workdir.run("import links.csv --sandbox").exits(0);
    ran.says(&["sandbox", "hubassoc import links.csv\n"]);
    assert_eq!(
        workdir.names(),
        [
            "links.csv",
            "links.sandbox.results.csv",
            "links.sandbox.results.csv.run"
        ]
    );
}

#[test]
fn a_rehearsal_may_be_run_again_and_replaces_its_own_results_only() {
    let workdir = Workdir::with(links([1]));
    workdir.run("import links.csv --sandbox").exits(0);
    workdir.write("links.csv", links([2, 3]));
    let ran = workdir.run("import links.csv --sandbox").exits(0);
    ran.says(&[
        "next: the rehearsal succeeded, but it did not check whether these records exist in \
         HubSpot; for the real import",
    ]);
    let lines = workdir.lines("links.sandbox.results.csv");
    assert_eq!(column(&lines, "from_object_id"), ["2", "3"]);
    // A named results file is never overwritten, nor a file that no rehearsal wrote.
    let named = "import links.csv --sandbox -o links.sandbox.results.csv";
    workdir.run(named).exits(2).says(&["never overwritten"]);
    let run = workdir.text("links.sandbox.results.csv.run");
    let other = run.replace(
        "\"target\":\"sandbox\"",
        "\"target\":\"https://api.hubapi.com/\"",
    );
    workdir.write("links.sandbox.results.csv.run", &other);
    let ran = workdir.run("import links.csv --sandbox").exits(2);
    ran.says(&["never overwritten"]);
    assert_eq!(workdir.text("links.sandbox.results.csv.run"), other);
}

#[test]
fn a_rehearsal_replaces_the_failures_of_the_last_one_unless_they_were_corrected() {
    let workdir = Workdir::new();
    let rehearse = |rows: &[u64], code| {
        workdir.write("links.csv", links(rows.iter().copied()));
        workdir.run("import links.csv --sandbox").exits(code);
        let names = workdir.names().into_iter();
        names
            .filter(|name| name.contains("failures"))
            .collect::<Vec<_>>()
    };
    let first = "links.sandbox.failures.csv";
    let second = "links.sandbox.failures-2.csv";
    let failed = |name: &str| {
        let lines = workdir.lines(name);
        lines
            .iter()
            .map(|line| line["from_object_id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(rehearse(&[1, 404], 1), [first]);
    assert_eq!(rehearse(&[1, 1404, 2404], 1), [first]);
    assert_eq!(failed(first), ["1404", "2404"]);
    // They belonged to results that no longer exist.
    assert!(rehearse(&[1], 0).is_empty());

    assert_eq!(rehearse(&[3404], 1), [first]);
    let corrected = workdir.text(first).replace("3404", "3");
    workdir.write(first, &corrected);
    assert_eq!(rehearse(&[4404], 1), [second, first]);
    assert_eq!(rehearse(&[5404], 1), [second, first]);
    assert_eq!(failed(second), ["5404"]);
    assert_eq!(workdir.text(first), corrected);
}

#[test]
fn a_file_that_no_rehearsal_wrote_is_not_taken_for_its_failures() {
    let workdir = Workdir::with(links([404]));
    let (failures, run) = (
        "links.sandbox.failures.csv",
        "links.sandbox.results.csv.run",
    );
    workdir.run("import links.csv --sandbox").exits(1);
    let left = workdir.text(failures);
    // The run log belongs to a real run.
    let rehearsed = workdir.text(run);
    let target = "\"target\":\"https://api.hubapi.com/\"";
    workdir.write(run, rehearsed.replace("\"target\":\"sandbox\"", target));
    workdir.run("import links.csv --sandbox").exits(2);
    assert_eq!(workdir.text(failures), left);
    workdir.write(run, rehearsed);
    // A run with its own results file replaces nothing.
    workdir
        .run("import links.csv --sandbox -o other.csv")
        .exits(1);
    assert_eq!(workdir.text(failures), left);
    // A refused run replaces nothing.
    workdir
        .run("import links.csv --sandbox --definition no")
        .exits(2);
    assert_eq!(workdir.text(failures), left);
}

#[test]
fn the_messy_sample_names_each_bad_row_with_reason_and_remedy() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(sample(MESSY));
    let ran = workdir.import(&sandbox.base_url(), "").exits(1);
    ran.says(&[
        "row 6 (line 7) invalid_id_scientific: ",
        "format the column as a number without decimals",
        "row 8 (line 9) record_not_found: this account has no contact 351000404",
        "check the id",
        "row 13 (line 14) invalid_id_empty: ",
        "14 rows read: 11 succeeded, 1 failed, 2 invalid",
    ]);
}

#[test]
fn the_failures_of_the_messy_sample_import_once_they_are_corrected() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(sample(MESSY));
    workdir.import(&sandbox.base_url(), "").exits(1);
    let failures = workdir.text("links.failures.csv");
    let corrected = failures
        .replace("9,10001E+09", "9100000566")
        .replace(";351000404;", ";351000260;")
        .replace("Deal 13;;", "Deal 13;9100001357;");
    workdir.write("links.failures.csv", corrected);
    let url = sandbox.base_url();
    workdir.import_file("links.failures.csv", &url, "").exits(0);
    let results = workdir.lines("links.failures.results.csv");
    assert_eq!(results.len(), 3, "{failures}");
    let last = arrivals(&sandbox).split_off(12);
    let mut links: Vec<_> = last.iter().map(link).collect();
    links.sort_unstable();
    assert_eq!(
        links,
        [
            (9_100_000_566, 351_000_186, 3),
            (9_100_000_792, 351_000_260, 3),
            (9_100_001_357, 351_000_445, 3)
        ]
    );
}

/// Every 20th record is missing.
fn ten_thousand() -> String {
    links((1..=10_000).map(|n| n * 1_000 + if n % 20 == 0 { 404 } else { 1 }))
}

#[test]
fn ten_thousand_outcomes_match_the_servers_log() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(ten_thousand());
    workdir.import(&sandbox.base_url(), "").exits(1);
    let results = workdir.results();
    assert_eq!(results.len(), 10_000);
    assert_eq!(sent(&sandbox), file_links(&workdir.lines("links.csv")));
    let arrivals = arrivals(&sandbox);
    let truth: BTreeMap<_, _> = arrivals
        .iter()
        .map(|arrival| (link(arrival).0.to_string(), arrival))
        .collect();
    for line in &results {
        let arrival = truth[&line["from_object_id"]];
        let expected = if arrival.applied {
            ("succeeded", "204", "")
        } else {
            ("failed", "400", "record_not_found")
        };
        let status = (
            line["assoc_status"].as_str(),
            line["assoc_http_status"].as_str(),
        );
        assert_eq!((status.0, status.1, line["assoc_code"].as_str()), expected);
    }
    assert_eq!(
        column(&results, "assoc_status")
            .iter()
            .filter(|s| **s == "failed")
            .count(),
        500
    );
}

#[test]
fn the_summary_the_results_and_the_server_count_the_same() {
    let sandbox = start_with(SandboxOptions {
        faults: vec!["503=3%".parse().unwrap(), "reset=2%".parse().unwrap()],
        seed: 11,
        ..SandboxOptions::default()
    });
    let bad = "x,7,1\n,7,1\n";
    let rows = links((1..=500).map(|n| n * 100 + if n % 50 == 0 { 1_404 } else { 1 })) + bad;
    let workdir = Workdir::with(rows);
    workdir
        .import(&sandbox.base_url(), "--summary summary.json")
        .exits(1);
    let (summary, log) = (workdir.json("summary.json"), sandbox.request_log());
    let results = workdir.results();
    let count = |word: &str| {
        results
            .iter()
            .filter(|line| line["assoc_status"] == word)
            .count() as u64
    };
    for word in ["succeeded", "failed", "invalid"] {
        assert_eq!(summary[word], count(word), "{word}: {summary}");
    }
    assert_eq!(summary["rows_read"], 502, "{summary}");
    assert_eq!(summary["unsettled"], 0, "{summary}");
    assert_eq!(summary["calls"], log.requests, "{summary}");
    let attempts: u64 = column(&results, "assoc_attempts")
        .iter()
        .map(|n| n.parse::<u64>().unwrap())
        .sum();
    // One call is the request for the account.
    assert_eq!(attempts + 1, log.requests);
    assert_eq!(log.applied, count("succeeded"));
}

#[test]
fn forced_progress_is_printed_as_lines_without_a_terminal() {
    let sandbox = start(&[]);
    for (options, count) in [("--progress always", 1), ("", 0), ("--progress never", 0)] {
        let workdir = Workdir::with(links(1..=3));
        let ran = workdir.import(&sandbox.base_url(), options).exits(0);
        let lines = ran.stderr.lines();
        let lines = lines.filter(|line| line.starts_with("3 of 3 rows, "));
        assert_eq!(lines.count(), count, "{ran}");
    }
    let workdir = Workdir::with(links(1..=3));
    let ran = workdir.import(&sandbox.base_url(), "--progress always --log-format json");
    ran.exits(0).says(&[r#""message":"3 of 3 rows, "#]);
}

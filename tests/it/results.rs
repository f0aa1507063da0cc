//! The files that a run writes, and those that it must not touch.

use std::fs;

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    sandbox::{sent, start},
    workdir::{TOKEN, Workdir, column},
};

const OURS: &str = "assoc_row,assoc_line,assoc_status,assoc_http_status,assoc_attempts,\
                    assoc_code,assoc_message,assoc_correlation_id,assoc_finished_at,assoc_from_id,\
                    assoc_to_id";

#[test]
fn a_line_has_the_inputs_cells_followed_by_the_results() {
    let fake = FakeHubSpot::with_responses([204, 400]);
    let text =
        "note,from_object_id,to_object_id,definition_id\na,1,7,1\n\"b,\"\"c\",2,7,1\nd,x,7,1\n";
    let workdir = Workdir::with(text);
    workdir.import(&fake.base_url(), "--concurrency 1").exits(1);
    let text = workdir.text("links.results.csv");
    let mut lines: Vec<_> = text.lines().collect();
    let header = lines.remove(0);
    assert_eq!(
        header,
        format!("note,from_object_id,to_object_id,definition_id,{OURS}")
    );
    lines.sort_unstable();
    let starts = [
        "\"b,\"\"c\",2,7,1,2,3,failed,400,1,rejected,HTTP 400: scripted 400,c-400,20",
        "a,1,7,1,1,2,succeeded,204,1,,,,20",
        "d,x,7,1,3,4,invalid,,0,invalid_id,",
    ];
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
}

#[test]
fn times_are_rfc_3339_in_utc() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1]));
    let before = jiff::Timestamp::now();
    workdir.import(&fake.base_url(), "").exits(0);
    let text = &workdir.results()[0]["assoc_finished_at"];
    let at: jiff::Timestamp = text.parse().unwrap();
    // Times have milliseconds.
    assert!(
        at.as_millisecond() >= before.as_millisecond() && text.ends_with('Z'),
        "{text}"
    );
}

#[test]
fn byte_order_mark_and_delimiter_are_kept() {
    let fake = FakeHubSpot::with_responses([400]);
    let text = "\u{feff}".to_owned() + &links([1]).replace(',', ";");
    let workdir = Workdir::with(text);
    workdir.import(&fake.base_url(), "").exits(1);
    for name in ["links.results.csv", "links.failures.csv"] {
        let start = "\u{feff}from_object_id;to_object_id;definition_id;assoc_row;";
        assert!(workdir.text(name).starts_with(start), "{name}");
    }
}

#[test]
fn an_existing_results_file_is_refused_and_stays_as_it_is() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1]));
    workdir.write("links.results.csv", "of an earlier run");
    let ran = workdir.import(&fake.base_url(), "").exits(2);
    ran.says(&[
        "the results file links.results.csv already exists and is never overwritten; continue that \
         run with --resume, or choose another file with --results",
        "--results",
    ]);
    assert_eq!(workdir.text("links.results.csv"), "of an earlier run");
    assert!(fake.requests().is_empty());
}

#[test]
fn the_input_is_never_taken_for_the_results_file() {
    let fake = FakeHubSpot::with_responses([204]);
    let text = links([1]);
    let workdir = Workdir::with(&text);
    fs::create_dir(workdir.path("sub")).unwrap();
    fs::hard_link(workdir.path("links.csv"), workdir.path("hard.csv")).unwrap();
    let mut names = vec!["links.csv", "./links.csv", "sub/../links.csv", "hard.csv"];
    if symlink(&workdir) {
        names.push("soft.csv");
    }
    for name in names {
        workdir
            .import(&fake.base_url(), &format!("-o {name}"))
            .exits(2);
        assert_eq!(workdir.text("links.csv"), text, "{name}");
    }
    assert!(fake.requests().is_empty());
}

#[cfg(unix)]
fn symlink(workdir: &Workdir) -> bool {
    std::os::unix::fs::symlink("links.csv", workdir.path("soft.csv")).is_ok()
}

#[cfg(not(unix))]
fn symlink(_workdir: &Workdir) -> bool {
    false
}

#[test]
#[cfg(unix)]
fn a_planted_symlink_is_not_followed() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1]));
    std::os::unix::fs::symlink("elsewhere.csv", workdir.path("links.results.csv")).unwrap();
    workdir.import(&fake.base_url(), "").exits(2);
    assert!(!workdir.has("elsewhere.csv"));
    assert!(fake.requests().is_empty());
}

#[test]
fn an_unusable_results_path_is_refused_before_anything_is_sent() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1]));
    fs::create_dir(workdir.path("folder")).unwrap();
    for name in ["nowhere/r.csv", "folder", "links.csv/r.csv"] {
        let ran = workdir
            .import(&fake.base_url(), &format!("-o {name}"))
            .exits(2);
        ran.says(&[name]);
    }
    assert!(fake.requests().is_empty());
}

#[test]
fn a_cell_that_a_spreadsheet_would_execute_is_escaped() {
    let fake = FakeHubSpot::with_responses([204]);
    let text =
        "=n,from_object_id,to_object_id,definition_id\n=cmd|'/c'!A1,1,7,1\n'x,2,7,1\n@x,3,7,1\n";
    let workdir = Workdir::with(text);
    workdir.import(&fake.base_url(), "").exits(0);
    let results = workdir.results();
    assert_eq!(column(&results, "'=n"), ["'=cmd|'/c'!A1", "''x", "'@x"]);
}

#[test]
fn results_can_be_imported_with_the_same_meaning() {
    let text = "=n,from_object_id,to_object_id,definition_id\n=1+1,1,7,1\n'x,2,7,1\n\"-a\nb\",3,404,1\n+x,y,7,1\n";
    let sandbox = start(&[]);
    let workdir = Workdir::with(text);
    let url = sandbox.base_url();
    workdir.import(&url, "").exits(1);
    let once = sent(&sandbox);
    let again = start(&[]);
    workdir
        .import_file("links.results.csv", &again.base_url(), "")
        .exits(1);
    assert_eq!(sent(&again), once);
    let (first, second) = (
        workdir.results(),
        workdir.lines("links.results.results.csv"),
    );
    assert_eq!(
        first[0].keys().collect::<Vec<_>>(),
        second[0].keys().collect::<Vec<_>>()
    );
    let sorted = |lines: &[_]| {
        let mut notes: Vec<String> = column(lines, "'=n")
            .iter()
            .map(ToString::to_string)
            .collect();
        notes.sort();
        notes
    };
    assert_eq!(sorted(&first), sorted(&second));
}

#[test]
fn the_failures_file_has_only_the_rows_without_a_link() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 404, 2]) + "x,7,1\n");
    workdir.import(&sandbox.base_url(), "").exits(1);
    let mut failures = workdir.lines("links.failures.csv");
    failures.sort_by_key(|line| line["assoc_row"].clone());
    assert_eq!(column(&failures, "from_object_id"), ["404", "x"]);
    assert_eq!(
        column(&failures, "assoc_code"),
        ["record_not_found", "invalid_id"]
    );
}

#[test]
fn an_existing_failures_file_may_hold_corrections_and_is_never_overwritten() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([404]));
    workdir.write("links.failures.csv", "corrections");
    workdir
        .import(&sandbox.base_url(), "")
        .exits(1)
        .says(&["links.failures-2.csv"]);
    assert_eq!(workdir.text("links.failures.csv"), "corrections");
    assert_eq!(workdir.lines("links.failures-2.csv").len(), 1);
}

#[test]
#[cfg(unix)]
fn files_with_customer_data_are_readable_only_by_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 2, 404]));
    let options = "--api 2026-09 --summary s.json";
    workdir.import(&sandbox.base_url(), options).exits(1);
    let command = |line: &str| workdir.run(line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    command("undo links.results.csv --yes").exits(0);
    command("verify links.results.csv").exits(1);
    let mut names = workdir.names();
    names.retain(|name| name.starts_with("links.") && name != "links.csv");
    let expected = [
        "links.failures.csv",
        "links.results.csv",
        "links.results.csv.run",
        "links.undo.csv",
        "links.undo.csv.run",
        "links.verify.csv",
    ];
    for name in expected {
        assert!(names.iter().any(|made| made == name), "{name}: {names:?}");
    }
    for name in names {
        let mode = fs::metadata(workdir.path(&name)).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600, "{name}");
    }
}

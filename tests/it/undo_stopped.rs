//! Stopped runs that are undone at once: recorded rows are undone, and so are rows that were about
//! to be sent, if the input is verified.
#![cfg(unix)]

use hubassoc::sandbox::Sandbox;

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse},
    links,
    running::RunningProgram,
    sandbox::start,
    workdir::{ProgramRun, TOKEN, Workdir, column},
};

const RESULTS: &str = "links.results.csv";
const RUN_LOG: &str = "links.results.csv.run";

fn undo(workdir: &Workdir, options: &str) -> ProgramRun {
    let line = format!("undo {RESULTS} --yes --rate unlimited {options}");
    workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

/// A run of six rows that was killed after all were written and `recorded` of them had a line.
fn killed_after(recorded: usize) -> (Sandbox, Workdir) {
    killed_with(&links(1..=6), recorded)
}

/// A run of these rows that was killed after all were written and `recorded` of them had a line.
fn killed_with(rows: &str, recorded: usize) -> (Sandbox, Workdir) {
    let sandbox = start(&[]);
    let workdir = Workdir::with(rows);
    let options = "--api 2026-09 --batch 6";
    workdir.import(&sandbox.base_url(), options).exits(0);
    let results = workdir.text(RESULTS);
    let left: String = results.split_inclusive('\n').take(recorded + 1).collect();
    workdir.write(RESULTS, left);
    let log = workdir.text(RUN_LOG);
    let ends = |line: &&str| line.starts_with("{\"synced\"") || line.starts_with("{\"ended\"");
    let left: Vec<_> = log.lines().filter(|line| !ends(line)).collect();
    workdir.write(RUN_LOG, left.join("\n") + "\n");
    (sandbox, workdir)
}

#[test]
fn an_interrupted_run_can_be_undone_at_once() {
    for options in ["--rate 50/s", "--rate 50/s --batch 7"] {
        let sandbox = start(&[]);
        let workdir = Workdir::with(links(1..=500));
        let options = format!("--api 2026-09 -vv {options}");
        let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), &options);
        run.until("succeeded")
            .signal("-INT")
            .until("interrupted by");
        run.exits(130);
        assert!(!sandbox.links().is_empty());
        undo(&workdir, "").exits(0);
        assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
    }
}

#[test]
fn rows_that_were_never_sent_are_not_looked_for_in_the_input() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=500));
    let options = "--api 2026-09 -vv --rate 50/s --batch 7";
    let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), options);
    run.until("succeeded").signal("-INT").exits(130);
    let recorded = workdir.results().len();
    assert!((1..500).contains(&recorded), "{recorded}");
    std::fs::remove_file(workdir.path("links.csv")).unwrap();
    undo(&workdir, "").exits(0);
    assert_eq!(workdir.lines("links.undo.csv").len(), recorded);
    assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
}

#[test]
fn sent_rows_without_a_line_are_found_in_the_input() {
    for recorded in [0, 3, 5] {
        let (sandbox, workdir) = killed_after(recorded);
        undo(&workdir, "").exits(0);
        assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
        let lines = workdir.lines("links.undo.csv");
        assert_eq!(column(&lines, "assoc_status"), ["removed"; 6]);
    }
}

#[test]
fn a_torn_line_does_not_count() {
    let (sandbox, workdir) = killed_after(3);
    workdir.write(RESULTS, workdir.text(RESULTS) + "4,7,1,4,5,succ");
    undo(&workdir, "").exits(0);
    assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
}

#[test]
fn without_the_input_recorded_rows_are_undone_and_the_rest_is_counted() {
    let (sandbox, workdir) = killed_after(4);
    let was = workdir.text("links.csv");
    for input in [None, Some(was.replace("6,7,1", "8,7,1")), Some(links([1]))] {
        match input {
            Some(input) => workdir.write("links.csv", input),
            None => std::fs::remove_file(workdir.path("links.csv")).unwrap(),
        }
        let ran = undo(&workdir, "").exits(1);
        ran.says(&[
            "2 rows that the run was about to send when it stopped cannot be checked, because \
             their ids are only in its input",
            "--input PATH",
        ]);
        // Two links, each in two directions.
        assert_eq!(sandbox.links().len(), 8, "{:?}\n{ran}", sandbox.links());
        assert_eq!(workdir.lines("links.undo.csv").len(), 4);
    }
    let ran = undo(&workdir, "--log-format json").exits(1);
    let warning = |line: &str| line.contains(r#""level":"WARN""#) && line.contains("--input PATH");
    assert!(ran.stderr.lines().any(warning), "{ran}");
    ran.never_says(r#""level":"ERROR""#);
    workdir.write("kept.csv", was);
    undo(&workdir, "--input kept.csv").exits(0);
    assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
}

/// An import by v1 of six rows, without reading first, that was interrupted while HubSpot answered the
/// third one with errors. Its link may exist.
fn interrupted_by_v1() -> (FakeHubSpot, Workdir) {
    let hubspot = FakeHubSpot::with_handler(|_, request| {
        if request.method == "GET" {
            let body = r#"{"results":[7],"hasMore":false,"offset":7}"#;
            return FakeResponse::from(200).body("application/json", body);
        }
        let is_third = request.body.contains(r#""fromObjectId":3,"#);
        let is_removal = request.uri.ends_with("/delete");
        if is_third && !is_removal { 500 } else { 204 }.into()
    });
    let workdir = Workdir::with(links(1..=6));
    let options = "--concurrency 1 --max-attempts 9 --rate unlimited -v";
    let mut run = RunningProgram::start(&workdir, &hubspot.base_url(), options);
    run.until("retrying a call").signal("-INT").exits(130);
    (hubspot, workdir)
}

fn removed(hubspot: &FakeHubSpot) -> Vec<String> {
    let requests = hubspot.requests();
    let removals = requests.iter().filter(|one| one.uri.ends_with("/delete"));
    let from = removals.map(|one| {
        let body: serde_json::Value = serde_json::from_str(&one.body).unwrap();
        body["fromObjectId"].to_string()
    });
    let mut from: Vec<_> = from.collect();
    from.sort();
    from
}

#[test]
fn a_row_in_doubt_of_an_import_that_did_not_read_first_is_undone_from_the_input() {
    let (hubspot, workdir) = interrupted_by_v1();
    let recorded = workdir.results().len();
    undo(&workdir, "").exits(0).says(&[&format!(
        "{} links kept: the run did not check whether they existed before",
        recorded + 1
    )]);
    undo(&workdir, "--include-unchecked").exits(0);
    assert_eq!(removed(&hubspot).len(), recorded + 1);
    assert!(removed(&hubspot).contains(&"3".to_owned()));

    let (hubspot, workdir) = interrupted_by_v1();
    let changed = workdir.text("links.csv").replace("3,7,1", "8,7,1");
    workdir.write("links.csv", changed);
    let run = undo(&workdir, "--include-unchecked").exits(1);
    run.says(&["1 row that the run was about to send when it stopped cannot be checked, "]);
    let recorded = column(&workdir.results(), "from_object_id").join(" ");
    assert_eq!(removed(&hubspot).join(" "), recorded);
}

#[test]
fn an_undo_of_a_killed_import_that_did_not_read_first_says_that_rows_may_be_missing() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    workdir.import(&sandbox.base_url(), "--api v1").exits(0);
    let note = "note: the import was killed, so it may have sent rows that have no line in the \
                results; to be sure, complete it first (import --resume), then run undo again\n";
    let log = workdir.text(RUN_LOG);
    let kept: Vec<_> = log
        .lines()
        .filter(|line| !line.starts_with("{\"ended\""))
        .collect();
    let killed = Workdir::with(links(1..=3));
    killed.write(RESULTS, workdir.text(RESULTS));
    killed.write(RUN_LOG, kept.join("\n") + "\n");
    undo(&workdir, "--include-unchecked")
        .exits(0)
        .never_says(note);
    undo(&killed, "--include-unchecked").exits(0).says(&[note]);
}

#[test]
fn a_different_named_input_is_refused_before_anything_is_removed() {
    let (sandbox, workdir) = killed_after(3);
    let initial_links = sandbox.links();
    workdir.write(
        "other.csv",
        workdir.text("links.csv").replace("5,7,1", "9,7,1"),
    );
    let ran = undo(&workdir, "--input other.csv").exits(2);
    ran.says(&[
        "other.csv",
        "rows that were about to be sent have changed since the run",
    ]);
    assert_eq!(sandbox.links(), initial_links);
    assert!(!workdir.has("links.undo.csv"));
}

#[test]
fn a_different_input_is_refused_without_personal_data_of_its_rows() {
    let header = "from_object_id,to_object_id,definition_id,note\n";
    let rows = format!("{header}1,7,1,Ann Smith <ann@x.com>\n2,7,1,\n3,7,1,\n");
    let (_sandbox, workdir) = killed_with(&rows, 2);
    workdir.write("other.csv", rows.replace("Ann", "Bob"));
    let row = "row 1 (line 2) has changed since the run";
    for (options, said) in [
        ("", " (it was: 1,7,1,…); "),
        ("-v", " (it was: 1,7,1,Ann Smith <ann@x.com>); "),
        ("--redact", "; "),
        ("--redact -v", "; "),
    ] {
        let run = undo(&workdir, &format!("--input other.csv {options}"));
        run.exits(2).says(&[&format!("{row}{said}")]);
    }
}

#[test]
fn a_row_without_a_line_whose_link_existed_before_is_kept() {
    let sandbox = start(&[]);
    let before = Workdir::with(links([5, 6]));
    before.import(&sandbox.base_url(), "--api 2026-09").exits(0);
    let initial_links = sandbox.links();
    let workdir = Workdir::with(links(1..=6));
    workdir
        .import(&sandbox.base_url(), "--api 2026-09")
        .exits(0);
    let results = workdir.text(RESULTS);
    let left: String = results.split_inclusive('\n').take(1).collect();
    workdir.write(RESULTS, left);
    let log = workdir.text(RUN_LOG);
    let ends = |line: &&str| line.starts_with("{\"synced\"") || line.starts_with("{\"ended\"");
    let left: Vec<_> = log.lines().filter(|line| !ends(line)).collect();
    workdir.write(RUN_LOG, left.join("\n") + "\n");
    undo(&workdir, "").exits(0);
    assert_eq!(sandbox.links(), initial_links);
}

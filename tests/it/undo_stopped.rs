//! Stopped runs that are undone at once: recorded rows are undone, and so are rows that were about
//! to be sent, if the input is verified.
#![cfg(unix)]

use hubassoc::sandbox::Sandbox;

use crate::support::{
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
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=6));
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

//! Results that cannot be written or are removed: the run stops, claims nothing that is not in the
//! file, and can resume.
#![cfg(unix)]

use std::{
    collections::HashSet,
    fs,
    time::{Duration, Instant},
};

use crate::support::{
    links,
    running::RunningProgram,
    sandbox::{sent, start, start_with},
    workdir::Workdir,
};

/// The test fails if the mark does not come within this time.
const WATCHDOG: Duration = Duration::from_secs(60);

/// Maximum size of a file in these tests, in KiB.
const ROOM: u32 = 16;

/// Starts the program with a limit on file sizes, which makes writes fail as on a full disk.
fn start_with_file_size_limit(workdir: &Workdir, base_url: &str) -> RunningProgram {
    let script = format!("ulimit -f {ROOM}; exec \"$0\" \"$@\"");
    let starter = ["bash", "-c", script.as_str()];
    RunningProgram::start_by(&starter, workdir, base_url, "--rate unlimited")
}

#[test]
fn a_full_disk_stops_the_run_and_leaves_whole_and_true_lines() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=2000));
    let mut run = start_with_file_size_limit(&workdir, &sandbox.base_url());
    run.until("links.results.csv could not be written")
        .until("not sent, or no answer yet")
        .exits(5);
    let bytes = workdir.bytes("links.results.csv");
    assert!(bytes.ends_with(b"\n") && bytes.len() <= ROOM as usize * 1024);
    let done: HashSet<_> = sent(&sandbox).iter().map(|sent| sent.0).collect();
    let lines = workdir.results();
    assert!(lines.len() > 50, "{}", lines.len());
    for line in &lines {
        assert!(done.contains(&line["from_object_id"].parse().unwrap()));
    }
}

#[test]
fn once_there_is_disk_space_the_run_resumes_to_its_end() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=400));
    start_with_file_size_limit(&workdir, &sandbox.base_url()).exits(5);
    workdir.import(&sandbox.base_url(), "--resume").exits(0);
    let rows: Vec<_> = workdir
        .results()
        .iter()
        .map(|line| line["assoc_row"].parse::<u32>().unwrap())
        .collect();
    assert_eq!(rows, (1..=400).collect::<Vec<_>>());
}

#[test]
fn the_counts_of_a_run_that_cannot_write_are_those_of_the_file() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=400));
    let mut run = start_with_file_size_limit(&workdir, &sandbox.base_url());
    let lines = run.read_to_end();
    run.exits(5);
    let counted = format!("{} succeeded", workdir.results().len());
    assert!(lines.contains(&counted), "{counted}\n{lines}");
}

#[test]
fn replacing_the_results_during_the_run_stops_it() {
    let sandbox = start_with(hubassoc::sandbox::SandboxOptions {
        latency: Some("20ms".parse().unwrap()),
        ..Default::default()
    });
    let workdir = Workdir::with(links(1..=5000));
    let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), "--rate 100/s -vv");
    run.until("succeeded");
    workdir.write("saved.csv", workdir.bytes("links.results.csv"));
    fs::rename(workdir.path("saved.csv"), workdir.path("links.results.csv")).unwrap();
    run.until(
        "another program replaced, moved or cut it or its .run file while the run was writing; \
         restore the file",
    )
    .exits(5);
}

#[test]
fn lines_are_synced_within_half_a_second_and_the_run_log_says_so() {
    let sandbox = start(&["silence=#20-"]);
    let workdir = Workdir::with(links(1..=100));
    let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), "--rate unlimited -vv");
    run.until("succeeded");
    // No more rows come, so the mark has to reach the end of the file by itself.
    let started = Instant::now();
    let synced = loop {
        let length = workdir.bytes("links.results.csv").len();
        let mark = format!("{{\"synced\":{{\"length\":{length},");
        if length > 200 && workdir.text("links.results.csv.run").contains(&mark) {
            break length;
        }
        assert!(started.elapsed() < WATCHDOG, "it is never synced");
        std::thread::yield_now();
    };
    run.signal("-KILL");
    assert_eq!(workdir.bytes("links.results.csv").len(), synced);
}

#[test]
fn the_commands_of_a_run_that_recorded_nothing_leave_nothing_behind() {
    let sandbox = start(&["401=#1-"]);
    let workdir = Workdir::with(links(1..=3));
    workdir.import(&sandbox.base_url(), "--resume").exits(3);
    assert_eq!(workdir.names(), ["links.csv"]);
}

#[test]
fn removing_the_run_log_during_the_run_stops_it() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=5000));
    let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), "--rate 100/s -vv");
    run.until("succeeded");
    fs::remove_file(workdir.path("links.results.csv.run")).unwrap();
    run.until(
        "another program replaced, moved or cut it or its .run file while the run was writing; \
         restore the file",
    )
    .exits(5);
}

/// The bytes of an undo's run log before its last line.
fn before_the_end(workdir: &Workdir) -> usize {
    let log = workdir.text("links.undo.csv.run");
    log.find("{\"ended\"").unwrap_or(log.len())
}

#[test]
fn an_undo_that_cannot_write_the_last_line_of_its_log_keeps_its_exit_code() {
    const LIMIT: usize = 2 * 1024;
    let undo = "undo links.results.csv --yes --summary s.json";
    let sandbox = start(&[]);
    // A column pads the log to the needed length. Nothing is removed.
    let imported = |length: usize| {
        let name = "x".repeat(length);
        let header = format!("from_object_id,to_object_id,definition_id,{name}\n");
        let workdir = Workdir::with(format!("{header}1,7,1,\n"));
        workdir.import(&sandbox.base_url(), "").exits(0);
        workdir
    };
    let workdir = imported(1);
    let token = |run: crate::support::workdir::ProgramRun| run.env("HUBSPOT_ACCESS_TOKEN", "t");
    token(workdir.run(undo)).exits(0);
    let workdir = imported(LIMIT - 30 - before_the_end(&workdir));
    let line = format!("ulimit -f {}; hubassoc {undo}", LIMIT / 1024);
    let ran = token(workdir.shell(&line)).exits(0);
    let log = workdir.text("links.undo.csv.run");
    assert!(!log.contains("ended"), "{log}\n{ran}");
    ran.says(&[
        "0 removed, 1 kept",
        "links.undo.csv.run could not be written",
    ]);
    let summary = workdir.json("s.json");
    assert_eq!(summary["exit_code"], 0, "{summary}");
    assert_eq!(summary["report"], "links.undo.csv", "{summary}");
}

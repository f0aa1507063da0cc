//! The metrics of a run that is in progress, is ended by a signal, or was killed.
#![cfg(unix)]

use std::{fs::File, io::Write as _};

use hubassoc::sandbox::Sandbox;

use super::{METRICS, earlier, metrics, rows, time, value};
use crate::support::{
    exposition::Exposition, fake_hubspot::FakeHubSpot, links, running::RunningProgram,
    sandbox::start, workdir::Workdir,
};

/// Long ago.
const OLD: f64 = 1_234_567_890.125;

/// Calls of the run in progress. The first one asks for the account.
const CALLS: u64 = 3;

/// A run that has recorded its first row and waits for the answer to its last call. Calls of other
/// runs are answered.
fn start_run(workdir: &Workdir) -> (RunningProgram, Sandbox) {
    let sandbox = start(&["silence=#3"]);
    let options = format!("-vv --concurrency 1 --timeout 10min {METRICS}");
    let mut run = RunningProgram::start(workdir, &sandbox.base_url(), &options);
    run.until("succeeded");
    while sandbox.request_log().requests < CALLS {
        std::thread::yield_now();
    }
    (run, sandbox)
}

fn is_in_progress(metrics: &Exposition) {
    assert_eq!(value(metrics, "in_progress"), Some(1.0));
    assert_eq!(value(metrics, "exit_code"), None);
    assert_eq!(value(metrics, "rows_unsettled"), None);
    assert_eq!(time(metrics, "end"), None);
    assert!(time(metrics, "start").unwrap() <= time(metrics, "last_update").unwrap());
    assert_eq!(time(metrics, "last_success"), Some(OLD));
    assert_eq!(time(metrics, "last_completion"), Some(OLD));
}

#[test]
fn a_killed_run_stays_in_progress_with_the_last_success_until_the_next_run() {
    let workdir = Workdir::with(links([1, 2]));
    workdir.write("links.prom", earlier("import", OLD));
    let (mut run, sandbox) = start_run(&workdir);
    is_in_progress(&metrics(&workdir));
    run.signal("-KILL").wait();
    is_in_progress(&metrics(&workdir));

    let resume = |options: &str| {
        let options = format!("{METRICS} --resume {options}");
        workdir.import(&sandbox.base_url(), &options)
    };
    resume("--account 7").exits(2);
    let refused = metrics(&workdir);
    assert_eq!(value(&refused, "in_progress"), Some(0.0));
    assert_eq!(time(&refused, "last_success"), Some(OLD));
    resume("").exits(0);
    let finished = metrics(&workdir);
    assert_eq!(rows(&finished, "succeeded"), Some(2.0));
    assert_eq!(time(&finished, "last_success"), time(&finished, "end"));
}

#[test]
fn a_signal_is_an_end_with_its_own_code() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let workdir = Workdir::with(links(1..=500));
        let sandbox = start(&[]);
        let options = format!("-vv --rate 50/s --summary s.json {METRICS}");
        let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), &options);
        run.until("succeeded").signal(signal);
        run.until("interrupted by").exits(code);
        let (metrics, summary) = (metrics(&workdir), workdir.json("s.json"));
        assert_eq!(value(&metrics, "exit_code"), Some(f64::from(code)));
        let succeeded = rows(&metrics, "succeeded");
        assert!(succeeded > Some(0.0), "{succeeded:?}");
        assert_eq!(succeeded, summary["succeeded"].as_f64());
        assert_eq!(
            value(&metrics, "rows_unsettled"),
            summary["unsettled"].as_f64()
        );
        assert_eq!(time(&metrics, "last_success"), None);
    }
}

#[test]
fn a_second_signal_is_an_end_too() {
    let workdir = Workdir::with(links([1, 2]));
    workdir.write("links.prom", earlier("import", OLD));
    let (mut run, _sandbox) = start_run(&workdir);
    run.signal("-INT").until("press Ctrl-C again to quit now");
    run.signal("-INT").exits(130);
    let metrics = metrics(&workdir);
    assert_eq!(value(&metrics, "exit_code"), Some(130.0));
    assert_eq!(rows(&metrics, "succeeded"), Some(1.0));
    assert_eq!(
        value(&metrics, "rows_unsettled"),
        None,
        "nobody has counted them"
    );
    assert_eq!(time(&metrics, "last_success"), Some(OLD));
}

#[test]
fn a_run_that_still_reads_its_input_is_in_progress_and_a_signal_is_its_end() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::new();
    workdir.write("links.prom", earlier("import", OLD));
    let input = workdir.pipe("links.csv");
    let options = format!("--results r.csv --resume {METRICS}");
    let mut run = RunningProgram::start(&workdir, &fake.base_url(), &options);
    // Opening succeeds once the program reads the pipe.
    let mut input = File::options().write(true).open(input).unwrap();
    input.write_all(b"from_object_id,to_obj").unwrap();
    is_in_progress(&metrics(&workdir));
    run.signal("-TERM").until("nothing was sent").exits(143);
    let metrics = metrics(&workdir);
    assert_eq!(value(&metrics, "exit_code"), Some(143.0));
    assert_eq!(value(&metrics, "in_progress"), Some(0.0));
}

#[test]
fn metrics_of_a_run_in_progress_are_left_to_it() {
    let workdir = Workdir::with(links([1, 2]));
    workdir.write("links.prom", earlier("import", OLD));
    let (mut run, sandbox) = start_run(&workdir);
    let begun = time(&metrics(&workdir), "start");
    for (options, code) in [
        ("", 8),
        ("--resume", 8),
        ("--definition nonsense", 2),
        ("--resume --definition nonsense", 2),
        ("--rate fast", 2),
    ] {
        let options = format!("{options} {METRICS}");
        let ran = workdir.import(&sandbox.base_url(), &options).finish();
        assert!([Some(8), Some(code)].contains(&ran.code), "{ran}");
        let now = metrics(&workdir);
        is_in_progress(&now);
        assert_eq!(time(&now, "start"), begun, "{options}");
    }
    run.signal("-KILL").wait();
    let options = format!("--definition nonsense {METRICS}");
    workdir.import(&sandbox.base_url(), &options).exits(2);
    let refused = metrics(&workdir);
    assert_eq!(
        value(&refused, "exit_code"),
        Some(2.0),
        "now nobody has them"
    );
    assert_eq!(time(&refused, "last_success"), Some(OLD));
}

#[test]
fn a_run_that_waited_for_another_one_knows_its_success() {
    let workdir = Workdir::with(links([1, 2]));
    let (mut run, sandbox) = start_run(&workdir);
    let options = format!("{METRICS} --resume --wait-for-lock 10min --account 7");
    let mut waiting = RunningProgram::start(&workdir, &sandbox.base_url(), &options);
    waiting.until("waiting for it, at most 10 min");
    workdir.write("links.prom", earlier("import", OLD));
    run.signal("-KILL").wait();
    waiting.exits(2);
    assert_eq!(time(&metrics(&workdir), "last_success"), Some(OLD));
}

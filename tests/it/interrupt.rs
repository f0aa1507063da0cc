//! Signals: the first one waits for requests in flight, the second one ends the run at once.
#![cfg(unix)]

use std::{fs::File, io::Write as _};

use axum::http::StatusCode;

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse},
    links,
    running::RunningProgram,
    sandbox::start,
    workdir::Workdir,
};

#[test]
fn a_signal_ends_the_run_with_its_own_code_and_the_results_say_what_was_done() {
    for (signal, code) in [("-HUP", 129), ("-INT", 130), ("-TERM", 143)] {
        let sandbox = start(&[]);
        let workdir = Workdir::with(links(1..=500));
        let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), "--rate 50/s -vv");
        run.until("succeeded")
            .signal(signal)
            .until("interrupted by")
            .exits(code);
        let recorded = workdir.text("links.results.csv").lines().count() as u64 - 1;
        assert!(recorded > 0);
        assert_eq!(
            recorded,
            sandbox
                .request_log()
                .responses
                .with_status(StatusCode::NO_CONTENT)
        );
    }
}

#[test]
fn a_signal_ends_a_wait_that_the_server_asked_for() {
    let fake = FakeHubSpot::with_responses([FakeResponse::from(429).header("retry-after", "600")]);
    let workdir = Workdir::with(links(1..=5));
    let mut run = RunningProgram::start(&workdir, &fake.base_url(), "");
    run.until("nothing is sent until")
        .signal("-TERM")
        .exits(143);
}

#[test]
fn a_second_signal_ends_at_once() {
    let sandbox = start(&["silence=#1-"]);
    let workdir = Workdir::with(links(1..=5));
    let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), "");
    run.until("writing results to");
    // If nothing is in flight yet, the first signal ends the run.
    while sandbox.request_log().requests == 0 {
        std::thread::yield_now();
    }
    run.signal("-INT")
        .until("stopping: waiting up to 8 s for pending answers; press Ctrl-C again to quit now")
        .signal("-INT")
        .exits(130);
}

#[test]
fn a_hangup_is_ignored_if_it_was_ignored_at_the_start() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=100));
    let options = "--rate 100/s -vv";
    let mut run = RunningProgram::start_by(&["nohup"], &workdir, &sandbox.base_url(), options);
    run.until("succeeded").signal("-HUP").exits(0);
    assert_eq!(workdir.results().len(), 100);
}

#[test]
fn a_silent_server_does_not_delay_a_signal() {
    let sandbox = start(&["silence=#3-"]);
    let workdir = Workdir::with(links(1..=50));
    let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), "-vv --timeout 10min");
    run.until("succeeded")
        .signal("-TERM")
        .until("interrupted by")
        .exits(143);
    assert_eq!(workdir.results().len(), 1);
}

#[test]
fn a_run_that_blocks_on_its_output_can_be_ended() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    workdir.pipe("summary");
    let options = "--rate unlimited --summary summary";
    let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), options);
    // Nobody reads the pipe, so the program blocks for ever.
    run.until("results:")
        .signal("-TERM")
        .until("stopping: waiting up to 8 s for pending answers; press Ctrl-C again to quit now");
    run.signal("-TERM").exits(143);
    assert_eq!(workdir.results().len(), 3);
}

#[test]
fn a_signal_ends_a_run_that_waits_for_its_input() {
    let fake = FakeHubSpot::with_responses([204]);
    for said in ["", "from_object_id,to_obj"] {
        let workdir = Workdir::new();
        let input = workdir.pipe("links.csv");
        let options = "--results links.results.csv";
        let mut run = RunningProgram::start(&workdir, &fake.base_url(), options);
        // Opening succeeds once the program reads the pipe.
        let mut input = File::options().write(true).open(input).unwrap();
        input.write_all(said.as_bytes()).unwrap();
        run.signal("-TERM")
            .until("hubassoc: interrupted by SIGTERM while reading the input; nothing was sent")
            .exits(143);
        assert!(!workdir.has("links.results.csv"));
    }
}

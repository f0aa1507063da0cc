//! Special cases of resume: a finished run, a run that is still running, failed rows, standard
//! input, and many resumes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use hubassoc::sandbox::{Sandbox, SandboxOptions};

use super::{
    import::{Import, KillTime},
    run_process::{KillSignal, ProcessEnd, RunProcess},
    seed,
    test_bed::{INPUT, RESULTS, RUN_LOG},
};
use crate::support::{
    fake_hubspot::FakeHubSpot,
    links, sandbox,
    workdir::{Workdir, column},
};

#[test]
fn resuming_a_finished_run_sends_nothing_and_says_so() {
    let cases = [(links(1..=20), 0), (links([1, 404]) + "x,7,1\n", 1)];
    for (input, code) in cases {
        let sandbox = sandbox::start(&[]);
        let workdir = Workdir::with(input);
        workdir.import(&sandbox.base_url(), "--resume").exits(code);
        let (requests, results) = (sandbox.request_log().requests, workdir.bytes(RESULTS));
        let ran = workdir.import(&sandbox.base_url(), "--resume").exits(code);
        let recorded = format!("{} done before", workdir.results().len());
        ran.says(&[&recorded, "0 calls"]);
        assert_eq!(sandbox.request_log().requests, requests);
        assert_eq!(workdir.bytes(RESULTS), results);
    }
}

#[test]
fn a_second_run_is_refused_while_the_first_continues() {
    let mut import = Import::new(seed());
    let mut first = import.start();
    assert!(first.until(|_| import.bed.sandbox.request_log().requests >= 50));
    // The first run is stopped, so that every change comes from the second run.
    first.send("-STOP");
    let seen = || {
        let files = [RESULTS, RUN_LOG].map(|name| import.bed.bytes(name));
        (files, import.bed.sandbox.request_log().requests)
    };
    let url = import.bed.sandbox.base_url();
    let refused = |options| {
        let ran = import.bed.workdir.import(&url, options).exits(8);
        ran.says(&[RESULTS]);
    };
    // When this run has ended, the first one has certainly stopped.
    refused("--resume");
    let before = seen();
    refused("--resume");
    refused("");
    assert!(seen() == before, "a refused run touched something");
    first.send("-CONT");
    assert_eq!(first.wait(), ProcessEnd::Exited(import.file.exit_code()));
    assert_eq!(import.state().unclaimed, 0, "204s without a line");
    import.resume_to_the_end();
}

#[test]
fn standard_input_resumes_only_with_the_same_content() {
    let mut import = Import::new(seed());
    import.is_piped = true;
    let third = import.calls() / 3;
    for _ in 0..2 {
        assert!(import.interrupt(KillTime::Requests(third), KillSignal::Kill));
    }
    let row = *import.state().settled.last_key_value().unwrap().0;
    let text = import.file.bytes("\n");
    let mut file = import.file.clone();
    file.rows[usize::try_from(row).unwrap() - 1].cells[0].push('x');
    import.bed.workdir.write(INPUT, file.bytes("\n"));
    import.assert_refused(&format!("row {row} "));
    import.bed.workdir.write(INPUT, text);
    import.resume_to_the_end();
}

#[test]
fn only_failed_rows_are_sent_again_with_the_option() {
    let is_well = Arc::new(AtomicBool::new(false));
    let well = Arc::clone(&is_well);
    let fake = FakeHubSpot::with_handler(move |_, request| {
        let refused = has_a_three(from(&request.body)) && !well.load(Ordering::Relaxed);
        if refused { 400.into() } else { 204.into() }
    });
    let workdir = Workdir::with(links(1..=40) + "x,7,1\n");
    workdir.import(&fake.base_url(), "").exits(1);
    let before = fake.requests().len();
    is_well.store(true, Ordering::Relaxed);
    let options = "--resume --retry-failed";
    workdir.import(&fake.base_url(), options).exits(1);
    let mut sent: Vec<_> = fake.requests()[before..]
        .iter()
        .map(|request| from(&request.body))
        .collect();
    sent.sort_unstable();
    let failed: Vec<_> = (1..=40).filter(|id| has_a_three(*id)).collect();
    assert_eq!(sent, failed);
    // The last of several lines of a row counts.
    let lines = workdir.lines(RESULTS);
    assert_eq!(lines.len(), 41 + failed.len());
    let again = &lines[41..];
    assert!(
        column(again, "assoc_status")
            .iter()
            .all(|status| *status == "succeeded")
    );
    workdir.import(&fake.base_url(), options).exits(1);
    assert_eq!(fake.requests().len(), before + failed.len());
}

fn has_a_three(id: u64) -> bool {
    id.to_string().contains('3')
}

fn from(body: &str) -> u64 {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body["fromObjectId"].as_u64().unwrap()
}

/// A supervisor restarts the program whenever it dies. The limit holds across all processes.
#[test]
fn a_crash_loop_stays_within_the_limit() {
    let started = Sandbox::start(SandboxOptions {
        limit: "5/s".parse().unwrap(),
        max_logged: 10_000,
        ..SandboxOptions::default()
    });
    let sandbox = started.unwrap();
    let workdir = Workdir::with(links(1..=1_000));
    let url = sandbox.base_url();
    let line = format!("import {INPUT} --base-url {url} --rate 5/s --resume");
    let mut rng = fastrand::Rng::with_seed(seed());
    for crash in 0..10 {
        let sent = sandbox.request_log().requests;
        let mut process = RunProcess::start(&workdir, &line, None);
        let mut time = Duration::from_millis(rng.u64(30..80));
        // Half of them die as soon as they have sent something.
        if crash % 2 == 0 {
            assert!(process.until(|_| sandbox.request_log().requests > sent));
            time = Duration::ZERO;
        }
        process.until(|process| process.started.elapsed() >= time);
        process.signal(KillSignal::Kill);
        assert_eq!(process.wait(), ProcessEnd::Died);
    }
    let log = sandbox.request_log();
    let times = log.associations.iter().map(|arrival| arrival.at);
    let times: Vec<_> = times.map(|at| at - log.associations[0].at).collect();
    assert!(times.len() >= 5, "{times:?} is too little to show anything");
    assert_eq!(
        log.responses.with_status(StatusCode::TOO_MANY_REQUESTS),
        0,
        "{times:?}"
    );
}

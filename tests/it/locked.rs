//! Results that another run is using: the command ends with 8, or waits and continues from what is
//! recorded by then.
#![cfg(unix)]

use hubassoc::sandbox::Sandbox;

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    running::RunningProgram,
    sandbox::{sent, start},
    workdir::{TOKEN, Workdir},
};

const SUMMARY: &str = "--summary s.json";

/// Calls of the running import.
const CALLS: u64 = 3;

/// A run that has recorded its first row and waits for the answer to its third call. Calls of other
/// runs are answered.
fn start_run(workdir: &Workdir) -> (RunningProgram, Sandbox) {
    let sandbox = start(&["silence=#3"]);
    let mut run = RunningProgram::start(workdir, &sandbox.base_url(), "-vv --concurrency 1");
    run.until("writing results to").until("succeeded");
    while sandbox.request_log().requests < CALLS {
        std::thread::yield_now();
    }
    (run, sandbox)
}

fn waiting(workdir: &Workdir, base_url: &str, options: &str) -> RunningProgram {
    let options = format!("{options} --wait-for-lock 10min");
    let mut run = RunningProgram::start(workdir, base_url, &options);
    run.until("waiting for it, at most 10 min");
    run
}

#[test]
fn every_command_that_finds_its_results_in_use_ends_with_8() {
    let workdir = Workdir::with(links([1, 2, 3]));
    let (mut run, sandbox) = start_run(&workdir);
    let url = sandbox.base_url();
    let import = format!("import links.csv --base-url {url}");
    for line in [
        import.clone(),
        format!("{import} --resume"),
        format!("{import} --resume --wait-for-lock 1s"),
        format!("{import} --api 2026-09 --label Owner --from-type contacts --to-type companies"),
        "verify links.results.csv".to_owned(),
        "undo links.results.csv --yes".to_owned(),
    ] {
        let ran = workdir.run(&format!("{line} {SUMMARY}"));
        let ran = ran.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(8);
        ran.says(&["another run is using links.results.csv", "--wait-for-lock"]);
        assert!(!workdir.has("s.json"), "{line}: it is the other run's");
    }
    assert_eq!(sandbox.request_log().requests, CALLS);
    run.signal("-KILL");
    let ran = workdir.import(&url, "--resume").exits(0);
    ran.says(&["resuming the run started", "3 rows read: 3 succeeded"]);
}

#[test]
fn a_run_that_waited_continues_from_the_recorded_rows() {
    let workdir = Workdir::with(links([1, 2, 3]));
    let (mut first, sandbox) = start_run(&workdir);
    let mut second = waiting(&workdir, &sandbox.base_url(), "--resume");
    first.signal("-KILL");
    let said = second.read_to_end();
    second.exits(0);
    assert!(said.contains("resuming the run started"), "{said}");
    // The second row had been sent, but not recorded.
    let sent: Vec<_> = sent(&sandbox).iter().map(|link| link.0).collect();
    assert_eq!(sent, [1, 2, 2, 3]);
    assert_eq!(workdir.endings(), ["succeeded 1"; 3]);
}

#[test]
fn a_run_that_waited_without_resume_overwrites_nothing() {
    let workdir = Workdir::with(links([1, 2, 3]));
    let (mut first, sandbox) = start_run(&workdir);
    let mut second = waiting(&workdir, &sandbox.base_url(), "");
    first.signal("-KILL");
    let said = second.read_to_end();
    second.exits(2);
    assert!(
        said.contains(
            "already exists and is never overwritten; continue that run with --resume, or choose \
             another file with --results"
        ),
        "{said}"
    );
    assert!(workdir.results().len() < 3);
}

#[test]
fn a_signal_ends_the_wait_at_once_and_changes_nothing() {
    let workdir = Workdir::with(links([1, 2, 3]));
    let (_first, sandbox) = start_run(&workdir);
    let before = workdir.names();
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let mut second = waiting(&workdir, &sandbox.base_url(), "--resume");
        let said = second.signal(signal).read_to_end();
        second.exits(code);
        assert!(said.contains("nothing was sent"), "{said}");
        assert!(
            !said.contains(
                "stopping: waiting up to 8 s for pending answers; press Ctrl-C again to quit now"
            ),
            "{said}"
        );
    }
    assert_eq!(workdir.names(), before);
    assert_eq!(sandbox.request_log().requests, CALLS);
}

#[test]
fn two_that_start_at_the_same_time_send_every_row_once() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links(1..=40));
    let options = "--resume --wait-for-lock 10min --rate unlimited";
    let mut runs = [(); 3].map(|()| RunningProgram::start(&workdir, &fake.base_url(), options));
    for run in &mut runs {
        let said = run.read_to_end();
        assert!(said.contains("40 rows read: 40 succeeded"), "{said}");
        run.exits(0);
    }
    let sent = fake.requests();
    let sent = sent
        .iter()
        .filter(|request| request.body.contains("fromObjectId"));
    assert_eq!(sent.count(), 40);
}

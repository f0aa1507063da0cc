//! Missing results with an existing run log: the knowledge in the log is kept.

use super::*;

/// A run over the first two of four rows, with its results removed.
fn without_results(options: &str) -> (Sandbox, Workdir) {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=4));
    let options = format!("{options} --limit 2");
    workdir.import(&sandbox.base_url(), &options).exits(0);
    fs::remove_file(workdir.path(RESULTS)).unwrap();
    (sandbox, workdir)
}

fn undo(workdir: &Workdir) {
    let run = workdir.run(&format!("undo {RESULTS} --yes --rate unlimited"));
    run.env("HUBSPOT_ACCESS_TOKEN", "t").exits(0);
}

#[test]
fn the_run_starts_again_with_its_options() {
    for api in [
        "v1",
        "2026-09",
        "2026-09 --skip-existing",
        "2026-09 --batch max",
    ] {
        let (sandbox, workdir) = without_results(&format!("--api {api}"));
        let ran = resume(&workdir, "--limit off");
        ran.says(&[
            "links.results.csv no longer exists: starting the run of",
            "4 succeeded",
        ]);
        assert_eq!(sandbox.links().len(), 4 * 4, "{ran}");
        assert_eq!(workdir.results().len(), 4, "{ran}");
        resume(&workdir, "").says(&["4 rows read: 4 succeeded"]);
    }
}

#[test]
fn links_of_the_first_session_are_undone_too() {
    for options in ["", "--skip-existing", "--batch max"] {
        let (sandbox, workdir) = without_results(&format!("--api 2026-09 {options}"));
        resume(&workdir, "--limit off");
        undo(&workdir);
        let lines = workdir.lines("links.undo.csv");
        assert_eq!(column(&lines, "assoc_status"), ["removed"; 4], "{options}");
        assert!(sandbox.links().is_empty(), "{options}");
    }
}

#[test]
fn links_from_before_the_first_session_are_kept() {
    let sandbox = start(&[]);
    let before = Workdir::with(links([2]));
    before.import(&sandbox.base_url(), "--api 2026-09").exits(0);
    let initial_links = sandbox.links();
    let workdir = Workdir::with(links(1..=4));
    let options = "--api 2026-09 --limit 2";
    workdir.import(&sandbox.base_url(), options).exits(0);
    fs::remove_file(workdir.path(RESULTS)).unwrap();
    resume(&workdir, "--limit off");
    undo(&workdir);
    assert_eq!(sandbox.links(), initial_links);
}

#[test]
fn options_other_than_the_runs_are_refused() {
    let (sandbox, workdir) = without_results("--api 2026-09 --account 62515");
    let log = workdir.bytes(RUN_LOG);
    let sent = sandbox.request_log().requests;
    for other in [
        "--base-url http://127.0.0.1:1",
        "--definition 3",
        "--account 4711",
    ] {
        let run = workdir.run(&format!("import links.csv --resume {other}"));
        let ran = run.env("HUBSPOT_ACCESS_TOKEN", "t").exits(2);
        ran.says(&[other
            .split(' ')
            .next_back()
            .unwrap()
            .trim_start_matches("http://")]);
    }
    assert_eq!(sandbox.request_log().requests, sent);
    assert_eq!(workdir.bytes(RUN_LOG), log);
    assert!(!workdir.has(RESULTS));
}

/// The log belongs to another input, or the run is started without `--resume`.
#[test]
fn the_log_of_a_run_that_does_not_resume_is_kept_beside_the_new_one() {
    for (input, options) in [(links(5..=9), "--resume"), (links(1..=4), "--api 2026-09")] {
        let (sandbox, workdir) = without_results("--api 2026-09");
        workdir.write("links.csv", input);
        for kept in ["links.results.csv.run.old", "links.results.csv.run.old-2"] {
            let log = workdir.bytes(RUN_LOG);
            let ran = workdir.import(&sandbox.base_url(), &format!("{options} --limit off"));
            let ran = ran.exits(0);
            ran.says(&["the log of an earlier run was kept as", kept]);
            assert_eq!(workdir.bytes(kept), log, "{ran}");
            fs::remove_file(workdir.path(RESULTS)).unwrap();
            // A third input.
            workdir.write("links.csv", links(20..=22));
        }
    }
}

#[test]
fn a_log_without_snapshots_is_replaced() {
    let (sandbox, workdir) = without_results("");
    workdir.import(&sandbox.base_url(), "").exits(0);
    assert_eq!(workdir.names(), ["links.csv", RESULTS, RUN_LOG]);
}

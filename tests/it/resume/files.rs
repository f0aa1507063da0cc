//! Files and rows: what a resume accepts and what it refuses.

use super::*;

#[test]
fn a_missing_or_damaged_run_log_is_named() {
    let (sandbox, workdir) = stopped_run(links(1..=3), "");
    let run_log = workdir.text(RUN_LOG);
    workdir.write(RUN_LOG, run_log.replacen("crc32", "crc33", 1));
    assert_resume_refused(&sandbox, &workdir, "").says(&[RUN_LOG, "damaged on line"]);
    fs::remove_file(workdir.path(RUN_LOG)).unwrap();
    assert_resume_refused(&sandbox, &workdir, "").says(&[RESULTS, RUN_LOG, "(-o)"]);
}

#[test]
fn results_that_a_spreadsheet_saved_are_refused_with_the_remedy() {
    let (sandbox, workdir) = stopped_run(links(1..=3), "");
    let text = workdir.text(RESULTS);
    workdir.write(RESULTS, text.replace('\n', "\r\n"));
    assert_resume_refused(&sandbox, &workdir, "")
        .says(&["saved by another program", "restore a copy from before"]);
    workdir.write(RESULTS, text);
    resume(&workdir, "");
}

#[test]
fn an_input_with_other_columns_is_refused() {
    let (sandbox, workdir) = stopped_run(links(1..=3), "");
    let input = workdir.text("links.csv");
    let wider: Vec<_> = input.lines().map(|line| format!("{line},x\n")).collect();
    workdir.write("links.csv", wider.concat());
    assert_resume_refused(&sandbox, &workdir, "").says(&["its columns are"]);
}

#[test]
fn failed_rows_are_sent_again_with_the_option_and_the_last_line_counts() {
    let fake = FakeHubSpot::with_handler(|n, request| {
        let first = request.body.contains(":404,") && n < 3;
        if first { 500.into() } else { 204.into() }
    });
    let workdir = Workdir::with(links([1, 404, 2]) + "x,7,1\n");
    let base_url = fake.base_url();
    let options = "--concurrency 1 --max-attempts 1";
    workdir.import(&base_url, options).exits(1);
    let ran = workdir
        .import(&base_url, "--resume --retry-failed")
        .exits(1);
    ran.says(&["4 rows read: 3 succeeded, 0 failed, 1 invalid"]);
    let lines = workdir.lines(RESULTS);
    assert_eq!(
        column(&lines, "assoc_row")
            .iter()
            .filter(|row| **row == "2")
            .count(),
        2
    );
    // The failures file was not edited, so it has the rows that are bad now.
    let failures = workdir.lines("links.failures.csv");
    assert_eq!(column(&failures, "from_object_id"), ["x"]);
    assert!(!workdir.has("links.failures-2.csv"));
}

#[test]
fn a_finished_run_does_not_write_its_failures_again() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 404]));
    workdir.import(&sandbox.base_url(), "").exits(1);
    let ran = workdir.import(&sandbox.base_url(), "--resume").exits(1);
    ran.says(&["links.failures.csv (1 row)"]);
    assert!(!workdir.has("links.failures-2.csv"));
}

#[cfg(unix)]
#[test]
fn a_run_killed_before_its_first_record_resumes_with_its_options() {
    use crate::support::running::RunningProgram;
    let sandbox = start(&["silence=#2"]);
    let workdir = Workdir::with(links(1..=5));
    let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), "--limit 2");
    run.until("writing results to");
    while sandbox.request_log().requests < 2 {
        std::thread::yield_now();
    }
    run.signal("-KILL");
    assert_eq!(workdir.results().len(), 0);
    for other in ["--base-url http://127.0.0.1:1", "--definition 3"] {
        let run = workdir.run(&format!("import links.csv --resume {other}"));
        let ran = run.env("HUBSPOT_ACCESS_TOKEN", "t").exits(2);
        ran.says(&[other.split(' ').next().unwrap()]);
    }
    assert_eq!(sandbox.request_log().requests, 2);
    let ran = resume(&workdir, "");
    ran.says(&["no rows already done", "2 rows read: 2 succeeded"]);
    resume(&workdir, "").says(&["2 rows read: 2 succeeded"]);
}

#[test]
fn missing_results_are_started_again_with_a_message() {
    let (sandbox, workdir) = stopped_run(links(1..=3), "");
    fs::remove_file(workdir.path(RESULTS)).unwrap();
    let ran = workdir.import(&sandbox.base_url(), "--resume").exits(0);
    ran.says(&[
        "links.results.csv no longer exists: starting the run of",
        "3 succeeded",
    ]);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_needs_a_name_for_the_results() {
    let workdir = Workdir::new();
    workdir.pipe("pipe");
    let run = workdir.run("import pipe").env("HUBSPOT_ACCESS_TOKEN", "t");
    run.exits(2).says(&["--results"]);
}

#[test]
fn a_failures_file_with_corrections_is_not_touched() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 404]) + "x,7,1\n");
    let options = "--limit 2 --concurrency 1";
    workdir.import(&sandbox.base_url(), options).exits(1);
    let corrected = workdir.text("links.failures.csv").replace("404", "405");
    workdir.write("links.failures.csv", &corrected);
    let options = "--resume --limit off";
    workdir.import(&sandbox.base_url(), options).exits(1);
    assert_eq!(workdir.text("links.failures.csv"), corrected);
    let failures = workdir.lines("links.failures-2.csv");
    assert_eq!(column(&failures, "from_object_id"), ["404", "x"]);
}

#[test]
fn corrections_stay_even_after_a_resume_without_rows_to_send() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 404]));
    workdir.import(&sandbox.base_url(), "").exits(1);
    let corrected = workdir.text("links.failures.csv").replace("404", "405");
    workdir.write("links.failures.csv", &corrected);
    workdir.import(&sandbox.base_url(), "--resume").exits(1);
    workdir.write("links.csv", links([1, 404, 3]));
    workdir.import(&sandbox.base_url(), "--resume").exits(1);
    assert_eq!(workdir.text("links.failures.csv"), corrected);
}

/// A run over six rows. One session recorded the first two, and a killed one the next two.
fn killed_session(correct: impl Fn(&Workdir)) -> (Sandbox, Workdir) {
    const FAILURES: &str = "links.failures.csv";
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([404, 1, 1404, 2, 2404, 3]));
    let session = |options: &str| {
        let options = format!("{options} --concurrency 1");
        workdir.import(&sandbox.base_url(), &options).exits(1);
    };
    session("--limit 2");
    correct(&workdir);
    let failures = workdir.text(FAILURES);
    session("--resume --limit 4");
    workdir.write(FAILURES, failures);
    let _ = fs::remove_file(workdir.path("links.failures-2.csv"));
    let log = workdir.text(RUN_LOG);
    let (before_the_end, _) = log.rsplit_once("{\"ended\"").unwrap();
    workdir.write(RUN_LOG, before_the_end);
    (sandbox, workdir)
}

#[test]
fn a_killed_session_does_not_cost_the_run_its_failures_file() {
    for (limit, bad) in [
        ("off", &["404", "1404", "2404"][..]),
        ("4", &["404", "1404"]),
    ] {
        let (sandbox, workdir) = killed_session(|_| {});
        let options = format!("--resume --limit {limit}");
        workdir.import(&sandbox.base_url(), &options).exits(1);
        let names = workdir.names();
        assert!(!workdir.has("links.failures-2.csv"), "{names:?}");
        let failures = workdir.lines("links.failures.csv");
        assert_eq!(column(&failures, "from_object_id"), bad);
    }
}

#[test]
fn corrections_stay_even_after_a_killed_session() {
    let correct = |workdir: &Workdir| {
        let corrected = workdir.text("links.failures.csv").replace("404", "405");
        workdir.write("links.failures.csv", corrected);
    };
    let (sandbox, workdir) = killed_session(correct);
    let corrected = workdir.text("links.failures.csv");
    workdir.import(&sandbox.base_url(), "--resume").exits(1);
    assert_eq!(workdir.text("links.failures.csv"), corrected);
    let failures = workdir.lines("links.failures-2.csv");
    assert_eq!(column(&failures, "from_object_id"), ["404", "1404"]);
}

/// A run of three refused rows; the server accepts later requests.
fn all_refused(options: &str) -> (FakeHubSpot, Workdir) {
    let fake = FakeHubSpot::with_handler(|n, _| if n < 3 { 422.into() } else { 204.into() });
    let workdir = Workdir::with(links(1..=3));
    workdir.import(&fake.base_url(), options).exits(1);
    assert_eq!(workdir.lines("links.failures.csv").len(), 3);
    (fake, workdir)
}

#[test]
fn a_failures_file_is_removed_when_no_row_is_failed() {
    let (fake, workdir) = all_refused("");
    let options = "--resume --retry-failed --summary s.json";
    let ran = workdir.import(&fake.base_url(), options).exits(0);
    assert!(workdir.json("s.json")["failures"].is_null(), "{ran}");
    assert_eq!(workdir.names(), ["links.csv", RESULTS, RUN_LOG, "s.json"]);
    ran.never_says("is left as it is");
}

#[test]
fn an_edited_failures_file_stays_and_is_reported_once() {
    let (fake, workdir) = all_refused("");
    let corrected = workdir.text("links.failures.csv").replace(",7,", ",8,");
    workdir.write("links.failures.csv", &corrected);
    let again = |options| workdir.import(&fake.base_url(), options).exits(0);
    again("--resume --retry-failed").says(&["links.failures.csv was left unchanged"]);
    assert_eq!(workdir.text("links.failures.csv"), corrected);
    again("--resume").never_says("is left as it is");
    assert_eq!(workdir.text("links.failures.csv"), corrected);
}

#[test]
fn a_failures_file_stays_while_some_rows_have_not_succeeded() {
    let fake = FakeHubSpot::with_handler(|n, _| match n {
        0..3 => 422.into(),
        3 => 204.into(),
        _ => 401.into(),
    });
    let workdir = Workdir::with(links(1..=3));
    let base_url = fake.base_url();
    workdir.import(&base_url, "").exits(1);
    let again = "--resume --retry-failed --concurrency 1";
    workdir.import(&base_url, again).exits(3);
    assert_eq!(workdir.lines("links.failures.csv").len(), 2);
}

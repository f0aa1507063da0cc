//! Runs that stop because of too many errors: rows in flight are still recorded, and the run can
//! resume when the cause is fixed.

use crate::support::{fake_hubspot::FakeHubSpot, links, sandbox::start, workdir::Workdir};

#[test]
fn a_wrong_endpoint_is_noticed_after_a_hundred_rows() {
    let fake = FakeHubSpot::with_responses([404]);
    let workdir = Workdir::with(links(1..=5000));
    let ran = workdir.import(&fake.base_url(), "").exits(4);
    ran.says(&[
        "rows failed, the last with not_found",
        "--base-url",
        "--resume",
    ]);
    let recorded = workdir.results().len();
    assert!((100..100 + 2 * 16).contains(&recorded), "{recorded}");
    assert_eq!(fake.requests().len(), recorded);
}

#[test]
fn a_file_of_refused_rows_is_finished_if_the_option_says_so() {
    let fake = FakeHubSpot::with_responses([404]);
    let workdir = Workdir::with(links(1..=300));
    let options = "--max-consecutive-failures off";
    workdir.import(&fake.base_url(), options).exits(1);
    assert_eq!(workdir.results().len(), 300);
}

#[test]
fn the_nth_error_stops_the_run_and_each_session_starts_counting_at_zero() {
    let sandbox = start(&[]);
    let bad = "x,7,1\n".repeat(4);
    let workdir = Workdir::with(links(1..=50) + &bad + &links(60..=90)[42..]);
    let options = "--max-errors 3 --concurrency 1";
    let ran = workdir.import(&sandbox.base_url(), options).exits(4);
    ran.says(&["3 rows failed or are invalid (--max-errors 3)"]);
    let once = format!("{options} -o other.csv --max-errors 1");
    let once = once.replace("--max-errors 3 ", "");
    let ran = workdir.import(&sandbox.base_url(), &once).exits(4);
    ran.says(&["stopped: 1 row failed or is invalid (--max-errors 1)"]);
    let ran = workdir.import(&sandbox.base_url(), "--resume").exits(1);
    ran.says(&["85 rows read: 81 succeeded, 0 failed, 4 invalid"]);
}

#[test]
fn a_share_of_errors_stops_the_run() {
    let fake = FakeHubSpot::with_handler(|n, _| if n % 5 == 4 { 400.into() } else { 204.into() });
    let workdir = Workdir::with(links(1..=2000));
    let ran = workdir
        .import(&fake.base_url(), "--max-errors 20%")
        .exits(4);
    ran.says(&["rows failed or are invalid (--max-errors 20%)"]);
    assert!(workdir.results().len() < 200);
    let workdir = Workdir::with(links(1..=500));
    workdir
        .import(&fake.base_url(), "--max-errors 25%")
        .exits(1);
}

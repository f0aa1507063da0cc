//! The real program while HubSpot is unavailable: its messages, its records and its exit codes.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    workdir::{Workdir, column},
};

#[test]
fn an_outage_is_reported_at_its_beginning_and_end_and_all_rows_succeed() {
    const AWAY: Duration = Duration::from_secs(14);
    let began = Mutex::new(None);
    let fake = FakeHubSpot::with_handler(move |n, _| {
        let began = *began.lock().unwrap().get_or_insert_with(Instant::now);
        let away = n >= 5 && began.elapsed() < AWAY;
        (if away { 503 } else { 204 }).into()
    });
    let workdir = Workdir::with(links(1..=40));
    let ran = workdir.import(&fake.base_url(), "").exits(0);
    ran.says(&[
        "HubSpot has been unavailable since 20",
        "HTTP 503: scripted 503; trying one request per second until 20",
        "(--max-wait); rows do not fail because of this",
        "HubSpot is available again, after ",
        "40 rows read: 40 succeeded, 0 failed",
    ]);
}

#[test]
fn a_too_long_outage_ends_the_run_with_the_command_to_resume() {
    let fake = FakeHubSpot::with_handler(|n, _| (if n < 5 { 204 } else { 503 }).into());
    let workdir = Workdir::with(links(1..=40));
    let options = "--concurrency 1 --max-wait 1s --summary s.json";
    let ran = workdir.import(&fake.base_url(), options).exits(4);
    ran.says(&[
        "stopped: HubSpot has been unavailable since 20",
        "longer than --max-wait (1 s): HTTP 503: scripted 503; run it again when HubSpot is \
         back (see status.hubspot.com)",
        "next, when HubSpot can be reached",
    ]);
    let results = workdir.results();
    assert_eq!(column(&results, "assoc_status"), ["succeeded"; 5]);
    assert!(!workdir.has("links.failures.csv"));
    let summary = workdir.json("s.json");
    assert_eq!(
        (&summary["failed"], &summary["exit_code"]),
        (&0.into(), &4.into())
    );
    assert!(summary["unsettled"].as_u64() > Some(3), "{summary}");
}

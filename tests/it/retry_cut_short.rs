//! A retry of failed rows that is interrupted: it says that rows are left, and the next run sends
//! exactly those.
#![cfg(unix)]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use hubassoc::sandbox::SandboxOptions;

use crate::support::{
    fake_hubspot::{FakeHubSpot, ReceivedRequest},
    sandbox,
    workdir::{Transcript, Workdir, column},
};

const ROWS: &str = "from_object_id,to_object_id,definition_id\n1,10,1\n1,11,1\n2,10,3\n";

const OPTIONS: &str = "--concurrency 1 --resume --summary s.json";

/// A server whose answers depend on the number of the run, from 1.
fn in_runs(
    answer: impl Fn(usize, &ReceivedRequest) -> u16 + Send + Sync + 'static,
) -> (FakeHubSpot, Arc<AtomicUsize>) {
    let run = Arc::new(AtomicUsize::new(1));
    let now = Arc::clone(&run);
    let fake =
        FakeHubSpot::with_handler(move |_, request| answer(now.load(Relaxed), request).into());
    (fake, run)
}

/// One run in which rows fail, and an interrupted one that sends them again. The next run is the
/// third.
fn interrupt_retry(workdir: &Workdir, fake: &FakeHubSpot, run: &AtomicUsize) -> Transcript {
    workdir.import(&fake.base_url(), OPTIONS).exits(1);
    run.store(2, Relaxed);
    let again = format!("{OPTIONS} --retry-failed");
    let ran = workdir.import(&fake.base_url(), &again).exits(3);
    run.store(3, Relaxed);
    ran
}

fn is_link(request: &ReceivedRequest, from: u64, to: u64) -> bool {
    request.body.contains(&format!("\"fromObjectId\":{from},"))
        && request.body.contains(&format!("\"toObjectId\":{to},"))
}

/// The links received after the first `before` requests, as `from→to`.
fn links_since(fake: &FakeHubSpot, before: usize) -> Vec<String> {
    let ids = |body: &str| {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        format!("{}→{}", body["fromObjectId"], body["toObjectId"])
    };
    let requests = fake.requests();
    requests[before..].iter().map(|r| ids(&r.body)).collect()
}

#[test]
fn rows_that_still_have_to_follow_are_reported_and_sent_by_the_next_run() {
    // The retried row succeeds; then the token is refused for the row behind it.
    let (fake, run) = in_runs(|run, request| match run {
        1 if is_link(request, 1, 10) => 422,
        2 if is_link(request, 1, 11) => 401,
        _ => 204,
    });
    let workdir = Workdir::with(ROWS);
    let ran = interrupt_retry(&workdir, &fake, &run);
    ran.says(&["1 not sent, or no answer yet", "--resume"]);
    let summary = workdir.json("s.json");
    let counts = ["rows_read", "succeeded", "failed", "unsettled"].map(|n| &summary[n]);
    assert_eq!(counts, [3, 2, 0, 1]);
    let before = fake.requests().len();
    let ran = workdir.import(&fake.base_url(), OPTIONS).exits(0);
    ran.says(&["only rows that must be re-sent in order remain"]);
    assert_eq!(links_since(&fake, before), ["1→11"]);
}

#[test]
fn an_interrupted_retry_continues_without_the_option() {
    // Both rows of record 10 fail; the token is refused for the second retry.
    let (fake, run) = in_runs(|run, request| match run {
        1 if is_link(request, 1, 10) || is_link(request, 2, 10) => 422,
        2 if is_link(request, 2, 10) || is_link(request, 1, 11) => 401,
        2 if is_link(request, 1, 10) => 422,
        _ => 204,
    });
    let workdir = Workdir::with(ROWS);
    interrupt_retry(&workdir, &fake, &run);
    // The row behind the first one was not sent either.
    assert_eq!(workdir.json("s.json")["unsettled"], 2);
    let before = fake.requests().len();
    let ran = workdir.import(&fake.base_url(), OPTIONS).exits(1);
    ran.says(&["1 failed row is sent again, because the interrupted run used --retry-failed"]);
    // The row that failed again had its retry.
    let mut requested = links_since(&fake, before);
    requested.sort_unstable();
    assert_eq!(requested, ["1→11", "2→10"]);
    let statuses = workdir.lines("links.results.csv");
    assert_eq!(column(&statuses, "assoc_row").len(), 6);
    // The retry is finished, so nothing more is sent.
    workdir.import(&fake.base_url(), OPTIONS).exits(1);
    assert_eq!(fake.requests().len(), before + 2);
}

/// With v1, company 404 does not exist, and the link to company 7 existed before.
#[test]
fn an_existing_link_that_still_has_to_follow_is_counted_once() {
    let seeded = sandbox::start(&[]);
    let header = "from_object_id,to_object_id,definition_id\n";
    let seed = Workdir::with(format!("{header}1,7,1\n"));
    seed.import(&seeded.base_url(), "").exits(0);
    let workdir = Workdir::with(format!("{header}1,404,1\n1,7,1\n"));
    let options = "--skip-existing --summary s.json";
    workdir.import(&seeded.base_url(), options).exits(1);
    let lines = workdir.results();
    assert_eq!(column(&lines, "assoc_status"), ["failed", "already"]);
    let address = seeded.address();
    drop(seeded);
    let refusing = sandbox::start_with(SandboxOptions {
        listen: address,
        faults: vec!["401=#1-".parse().unwrap()],
        ..SandboxOptions::default()
    });
    let again = format!("{options} --resume --retry-failed");
    workdir.import(&refusing.base_url(), &again).exits(3);
    let summary = workdir.json("s.json");
    let counts = ["rows_read", "succeeded", "already", "failed", "unsettled"];
    assert_eq!(counts.map(|name| &summary[name]), [2, 0, 0, 0, 2]);
}

//! The daily quota: waiting for its reset or stopping, the reserve for others, and HubSpot's limit
//! on the share of errors.

use hubassoc::sandbox::SandboxOptions;

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse},
    links,
    running::RunningProgram,
    sandbox::{sent, start_with},
    workdir::{Workdir, column},
};

const WARNING: &str = "calls were answered with an error; HubSpot's limit for apps is 5 % a day";

/// Answers whose headers say how many calls of the daily quota are left after the n-th call.
fn quota_headers(daily: u64, at_first: u64) -> FakeHubSpot {
    FakeHubSpot::with_handler(move |n, _| {
        let left = at_first.saturating_sub(n as u64 + 1);
        FakeResponse::from(204)
            .header("X-HubSpot-RateLimit-Daily", &daily.to_string())
            .header("X-HubSpot-RateLimit-Daily-Remaining", &left.to_string())
    })
}

#[test]
fn a_run_that_may_wait_goes_on_after_the_accounts_reset_and_finishes() {
    let sandbox = start_with(SandboxOptions {
        daily: Some(500),
        daily_reset: Some("3s".parse().unwrap()),
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(links((1..=900).map(|n| n * 1_000)));
    let ran = workdir
        .import(&sandbox.base_url(), "--on-quota wait")
        .exits(0);
    ran.says(&[
        "the account's daily quota is used up: HTTP 429: You have reached your daily limit (it \
         resets at 20",
        "; waiting until 20",
        "(--on-quota wait)",
        "900 rows read: 900 succeeded, 0 failed",
    ]);
    let mut reached: Vec<_> = sent(&sandbox)
        .iter()
        .map(|(from, ..)| from / 1_000)
        .collect();
    reached.dedup();
    assert_eq!(reached, (1..=900).collect::<Vec<_>>());
    let attempts = column(&workdir.results(), "assoc_status").len();
    assert_eq!(attempts, 900);
    assert_eq!(
        sandbox.request_log().counts.usages,
        1,
        "asked once for the reset"
    );
}

#[test]
fn a_run_that_may_not_wait_says_when_the_accounts_day_begins() {
    let sandbox = start_with(SandboxOptions {
        daily: Some(20),
        time_zone: Some("Asia/Kathmandu".parse().unwrap()),
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(links((1..=100).map(|n| n * 1_000)));
    let ran = workdir.import(&sandbox.base_url(), "").exits(75);
    // Midnight in that zone is 18:15 UTC.
    ran.says(&["(it resets at 20", "T18:15:00Z)", "--resume"]);
    assert_eq!(
        column(&workdir.results(), "assoc_status"),
        ["succeeded"; 19]
    );
}

#[test]
fn the_reserve_is_left_to_others() {
    for (reserve, sent) in [("40", 60), ("4%", 60), ("100", 0)] {
        let fake = quota_headers(1_000, 100);
        let workdir = Workdir::with(links(1..=200));
        let options = format!("--daily-reserve {reserve} --concurrency 1");
        let ran = workdir.import(&fake.base_url(), &options).exits(75);
        ran.says(&[
            "only the reserve is left of the daily quota",
            "--daily-reserve",
        ]);
        ran.never_says("cannot be kept");
        // The quota is known only after the first call.
        assert_eq!(fake.requests().len(), sent.max(1), "{reserve}");
    }
}

#[test]
fn calls_in_flight_count_against_the_reserve() {
    let fake = quota_headers(1_000, 100);
    let workdir = Workdir::with(links(1..=200));
    workdir
        .import(&fake.base_url(), "--daily-reserve 40")
        .exits(75);
    assert!(fake.requests().len() <= 60, "{}", fake.requests().len());
}

#[test]
fn a_reserve_that_cannot_be_kept_is_reported() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links(1..=5));
    let ran = workdir
        .import(&fake.base_url(), "--daily-reserve 40")
        .exits(0);
    ran.says(&[
        "--daily-reserve cannot be kept: HubSpot does not report how much of the daily quota is \
         left (with OAuth it never does)",
    ]);
}

#[test]
fn an_error_rate_of_four_per_cent_is_warned_of_once() {
    // Includes the request for the account, which is answered with 404.
    for (bad, warns) in [(23, false), (24, true)] {
        let fake = FakeHubSpot::with_handler(move |n, _| {
            (if n % 600 < 600 - bad { 204 } else { 422 }).into()
        });
        let workdir = Workdir::with(links(1..=600));
        let ran = workdir.import(&fake.base_url(), "").exits(1);
        let warnings = ran.stderr.matches(WARNING).count();
        assert_eq!(warnings, usize::from(warns), "{ran}");
        // An offline check cannot find what HubSpot refuses.
        let advice = "most are rows that HubSpot refused; see assoc_message of each failed row";
        assert_eq!(ran.stderr.contains(advice), warns, "{ran}");
        ran.never_says("finds bad rows");
    }
}

#[test]
fn the_error_rate_counts_all_calls_of_the_day() {
    let fake = FakeHubSpot::with_handler(|n, _| {
        let answer = FakeResponse::from(if n < 540 { 204 } else { 422 });
        answer
            .header("X-HubSpot-RateLimit-Daily", "250000")
            .header("X-HubSpot-RateLimit-Daily-Remaining", "150000")
    });
    let workdir = Workdir::with(links(1..=600));
    let ran = workdir.import(&fake.base_url(), "").exits(1);
    ran.never_says(WARNING);
}

#[test]
fn a_refused_batch_is_an_error_though_its_rows_succeed() {
    let fake = FakeHubSpot::with_handler(|n, request| {
        let is_batch = request.uri.ends_with("create-batch");
        (if n >= 500 && is_batch { 422 } else { 204 }).into()
    });
    let workdir = Workdir::with(links(1..=1_200));
    let ran = workdir.import(&fake.base_url(), "--batch 2").exits(0);
    ran.says(&[WARNING]);
}

#[test]
fn a_reserve_above_the_daily_quota_is_refused_without_mentioning_a_reset() {
    for on_quota in ["", "--on-quota wait"] {
        for reserve in ["1000", "2000", "99.99%"] {
            let fake = quota_headers(1_000, 900);
            let workdir = Workdir::with(links(1..=20));
            let options = format!("--daily-reserve {reserve} --concurrency 1 {on_quota}");
            let ran = workdir.import(&fake.base_url(), &options).exits(2);
            ran.says(&[
                "the daily quota is 1000 calls, and",
                "of them free, so none are left for this run: give a smaller reserve",
                "next, with a smaller --daily-reserve: ",
            ]);
            ran.never_says("reset");
            ran.never_says("when the daily quota is reset");
        }
    }
}

#[test]
fn after_a_reset_no_message_says_that_the_quota_is_unknown() {
    let sandbox = start_with(SandboxOptions {
        daily: Some(60),
        daily_reset: Some("2s".parse().unwrap()),
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(links((1..=40).map(|n| n * 1_000)));
    let options = "--daily-reserve 30 --on-quota wait";
    let ran = workdir.import(&sandbox.base_url(), options).exits(0);
    ran.says(&[
        "only the reserve is left of the daily quota",
        "waiting until",
    ]);
    ran.never_says(
        "--daily-reserve cannot be kept: HubSpot does not report how much of the daily quota is \
         left (with OAuth it never does)",
    );
}

#[cfg(unix)]
#[test]
fn a_stop_ends_the_wait_and_is_its_last_message() {
    let sandbox = start_with(SandboxOptions {
        daily: Some(30),
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(links((1..=100).map(|n| n * 1_000)));
    let options = "--rate unlimited --on-quota wait";
    let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), options);
    run.until("waiting until");
    let said = run.signal("-TERM").read_to_end();
    run.exits(143);
    assert!(!said.contains("waiting until"), "{said}");
}

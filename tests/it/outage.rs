//! Outages: one request per second, and an end after `--max-wait`.

use std::{cell::Cell, time::Duration};

use hubassoc::{
    api::Verdict, code::Code, messages::stop_reason_text, rate::RateLimit, stop::StopReason,
};

use crate::support::{
    scripted_api::{
        DONE, RunResult, RunSetup, failure, ms, refused_connection, run, transient,
        unexpected_answer,
    },
    unavailable::{arrivals_between, assert_all_succeeded, unavailable_between},
};

const SECOND: Duration = Duration::from_secs(1);

fn reason(ran: &RunResult) -> String {
    match &ran.stop {
        Some(reason @ (StopReason::Unreachable(_) | StopReason::NotHubSpot(_))) => {
            stop_reason_text(reason)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn ten_minutes_of_outage_fail_no_row_and_make_one_request_per_second() {
    let kinds: [fn() -> (Duration, Verdict); 2] =
        [|| (ms(30), transient()), || (ms(1), refused_connection())];
    for kind in kinds {
        for rate in ["100/10s", "unlimited"] {
            let ran = run(
                RunSetup::new(2_000, rate),
                unavailable_between(1, 601, kind),
            );
            assert_all_succeeded(&ran, 2_000, rate);
            // Ten seconds without success are an outage.
            let probes = arrivals_between(&ran, 12, 601);
            let apart = probes.windows(2).all(|pair| pair[1] - pair[0] >= SECOND);
            assert!(apart, "{rate} {probes:?}");
            assert!(probes.len() > 550, "{rate} {}", probes.len());
            // At most the time for the rest of the file, and a little to notice the end of the
            // outage.
            assert!(ran.took < ms(810_000), "{rate} {:?}", ran.took);
        }
    }
}

#[test]
fn timeouts_are_an_outage_too() {
    let time_out = || (ms(30_000), Verdict::ConnectionLost(failure(Code::Timeout)));
    let ran = run(
        RunSetup::new(500, "100/10s"),
        unavailable_between(5, 600, time_out),
    );
    assert_all_succeeded(&ran, 500, "");
    // One request at a time, each as long as an attempt may take.
    let probes = arrivals_between(&ran, 120, 600);
    assert!(probes.len() <= 16, "{probes:?}");
}

#[test]
fn an_outage_longer_than_max_wait_stops_the_run_and_no_row_has_failed() {
    for max_wait in [5, 60, 900] {
        let mut setup = RunSetup::new(2_000, "100/10s");
        setup.max_wait = ms(max_wait * 1_000);
        let ran = run(
            setup,
            unavailable_between(5, 100_000, || (ms(20), transient())),
        );
        let text = reason(&ran);
        for words in [
            "since 20",
            &format!("longer than --max-wait ({max_wait} s)"),
            "scripted",
        ] {
            assert!(text.contains(words), "{text}");
        }
        // Ten per second, one of them for the account.
        assert_eq!((ran.failed(), ran.succeeded()), (vec![], 49));
        let expected = ms(5_000 + max_wait.max(10) * 1_000);
        assert!(
            (expected..expected + ms(3_000)).contains(&ran.took),
            "{:?}",
            ran.took
        );
    }
}

#[test]
fn an_outage_stops_reading_of_the_input() {
    for concurrency in [1, 16] {
        let mut setup = RunSetup::new(10_000, "unlimited");
        setup.concurrency = concurrency;
        let ran = run(setup, |a| {
            let verdict = if a.row > 1 {
                refused_connection()
            } else {
                DONE
            };
            (ms(1), verdict)
        });
        let taken = ran.arrivals.iter().map(|a| a.row).max().unwrap();
        assert!(taken <= 1_024 + 16 + 1, "{taken}");
        // In the first ten seconds the retry budget is the limit.
        let first = arrivals_between(&ran, 0, 10).len();
        assert!(first <= 1_041 + 110 + 16, "{first}");
        assert!(matches!(ran.stop, Some(StopReason::Unreachable(_))));
    }
}

#[test]
fn a_retry_after_during_an_outage_is_kept() {
    let asking = || {
        let verdict = Verdict::Transient {
            failure: failure(Code::ServerError),
            wait: ms(60_000),
        };
        (ms(20), verdict)
    };
    let ran = run(
        RunSetup::new(500, "100/10s"),
        unavailable_between(5, 400, asking),
    );
    assert_all_succeeded(&ran, 500, "");
    let probes = arrivals_between(&ran, 80, 400);
    let apart = probes.windows(2).all(|p| p[1] - p[0] >= ms(60_000));
    assert!(apart && probes.len() >= 4, "{probes:?}");
}

#[test]
fn a_login_page_for_every_row_stops_the_run_and_fails_none() {
    for (other, text) in [
        (unexpected_answer(), "other than HubSpot's API"),
        (refused_connection(), "other than HubSpot's API"),
        (transient(), "--max-wait"),
    ] {
        let answers = Cell::new(0);
        let ran = run(RunSetup::new(2_000, "100/10s"), move |a| {
            let verdict = match answers.replace(answers.get() + 1) {
                _ if a.row <= 50 => DONE,
                n if n % 2 == 0 => unexpected_answer(),
                _ => other.clone(),
            };
            (ms(20), verdict)
        });
        assert!(reason(&ran).contains(text), "{}", reason(&ran));
        assert_eq!((ran.failed(), ran.succeeded()), (vec![], 50));
        assert_eq!(ran.unsettled(), ran.reports.len() - 50);
    }
}

#[test]
fn a_locked_record_proves_that_hubspot_is_reachable() {
    let mut setup = RunSetup::new(500, "100/10s");
    (setup.max_wait, setup.max_attempts) = (ms(30_000), 100);
    let ran = run(setup, |a| {
        if !(ms(5_000)..ms(65_000)).contains(&a.at) {
            return (ms(20), DONE);
        }
        let locked = Verdict::Transient {
            failure: failure(Code::Locked),
            wait: ms(2_000),
        };
        let verdict = if a.row % 2 == 0 { locked } else { transient() };
        (ms(20), verdict)
    });
    assert_all_succeeded(&ran, 500, "");
}

#[test]
fn a_brief_login_page_leaves_no_row_behind() {
    let mut setup = RunSetup::new(500, "100/10s");
    setup.max_attempts = 2;
    let ran = run(
        setup,
        unavailable_between(5, 9, || (ms(20), unexpected_answer())),
    );
    assert_all_succeeded(&ran, 500, "");
}

#[test]
fn a_retry_after_delays_no_row_once_the_server_is_back() {
    let ran = run(RunSetup::new(500, "100/10s"), |a| match a.at {
        // One answer is in flight while all other requests are refused.
        _ if a.row == 40 => (ms(25_000), DONE),
        at if (ms(5_000)..ms(29_000)).contains(&at) => {
            let (failure, wait) = (failure(Code::ServerError), ms(100_000));
            (ms(20), Verdict::Transient { failure, wait })
        }
        _ => (ms(20), DONE),
    });
    assert_all_succeeded(&ran, 500, "");
    // The rows that were not asked to wait.
    let new = ran.arrivals.iter().filter(|a| a.attempt == 1);
    let last = new.map(|a| a.at).max().unwrap();
    assert!(last < ms(90_000), "{last:?}");
}

#[test]
fn rows_that_waited_for_the_end_of_an_outage_do_not_continue_at_once() {
    let ran = run(
        RunSetup::new(2_000, "unlimited"),
        unavailable_between(1, 61, || (ms(1), transient())),
    );
    let back = arrivals_between(&ran, 61, 1_000)[0];
    let at_once = ran
        .arrivals
        .iter()
        .filter(|a| (back + ms(1)..back + ms(100)).contains(&a.at));
    // Sixteen permits of 20 ms could send eighty.
    let at_once = at_once.count();
    assert!((1..40).contains(&at_once), "{at_once}");
}

#[test]
fn the_retries_that_are_counted_are_the_requests_that_were_sent_again() {
    type Answer = fn() -> (Duration, Verdict);
    let cases: [(u64, Answer); 3] = [
        (2_000, || (ms(20), transient())),
        (2_000, || (ms(1), refused_connection())),
        (12, || (ms(20), migrating())),
    ];
    for (rows, answer) in cases {
        let mut setup = RunSetup::new(rows, "100/10s");
        setup.max_wait = ms(60_000);
        // Rows wait for a retry that never comes, because the run stops before.
        let ran = run(setup, unavailable_between(1, 100_000, answer));
        assert!(ran.stop.is_some());
        let repeated = ran.arrivals.iter().filter(|a| a.attempt > 1).count();
        assert!(repeated > 0, "{:?}", answer().1);
        assert_eq!(ran.retries, repeated as u64, "{:?}", answer().1);
    }
}

#[test]
fn a_request_that_never_left_is_no_retry() {
    let ran = run(RunSetup::new(10, "100/10s"), |_| {
        (ms(1), Verdict::NotSent(failure(Code::ConnectionFailed)))
    });
    assert!(ran.arrivals.len() > 5, "{:?}", ran.arrivals);
    assert_eq!((ran.retries, ran.calls), (0, 0));
}

#[test]
fn the_first_request_that_leaves_is_no_retry() {
    let ran = run(RunSetup::new(10, "100/10s"), |a| {
        let never_left = Verdict::NotSent(failure(Code::ConnectionFailed));
        (ms(1), if a.attempt == 1 { never_left } else { DONE })
    });
    assert_eq!((ran.succeeded(), ran.retries, ran.calls), (10, 0, 10));
}

/// HubSpot is moving the account to another data centre (477).
fn migrating() -> Verdict {
    Verdict::Throttled {
        failure: failure(Code::AccountMigrating),
        limit: RateLimit::Account,
        wait: None,
    }
}

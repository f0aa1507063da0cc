//! The retry budget: retries of a tenth of the requests do not wait, and a server that fails many
//! requests is not flooded with retries.

use std::time::Duration;

use crate::support::scripted_api::{
    DONE, RunResult, RunSetup, ScriptedRequest, ms, refused_connection, run, throttled, transient,
};

/// Whether this is the first attempt of a row that fails at first, for this percentage of rows.
fn first_fails(a: ScriptedRequest, percent: u64) -> bool {
    let hash = a.row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    a.attempt == 1 && hash % 100 < percent
}

/// Retries that were sent before `to`.
fn retries(ran: &RunResult, to: Duration) -> usize {
    let again = ran.arrivals.iter().filter(|a| a.attempt > 1 && a.at < to);
    again.count()
}

#[test]
fn five_per_cent_of_failures_cost_no_more_than_their_retries() {
    let setup = RunSetup::new(2_000, "100/10s");
    let healthy = run(setup, |_| (ms(80), DONE));
    let ran = run(setup, |a| {
        if first_fails(a, 5) {
            (ms(80), transient())
        } else {
            (ms(80), DONE)
        }
    });
    assert_eq!((ran.succeeded(), &ran.stop), (2_000, &None));
    assert!((2_050..=2_200).contains(&ran.calls), "{}", ran.calls);
    let expected = healthy.took.mul_f64(ran.calls as f64 / 2_000.0);
    assert!(ran.took < expected + ms(2_000), "{:?}", ran.took);
}

#[test]
fn many_failures_do_not_multiply_the_requests_and_fail_no_row() {
    for percent in [30, 60, 90] {
        let ran = run(RunSetup::new(1_500, "unlimited"), move |a| {
            if first_fails(a, percent) {
                (ms(10), transient())
            } else {
                (ms(10), DONE)
            }
        });
        assert_eq!((ran.succeeded(), &ran.stop), (1_500, &None));
        // A hundred, one per second, and one for every ten successful rows.
        for second in 1..=60 {
            let most = 100 + second + 150;
            let sent = retries(&ran, ms(second * 1_000));
            assert!(sent as u64 <= most, "{percent} %: {sent} in {second} s");
        }
    }
}

#[test]
fn a_rate_limit_for_all_rows_uses_no_retry_budget() {
    let ran = run(RunSetup::new(300, "unlimited"), |a| {
        if a.at < ms(30_000) {
            (ms(10), throttled(Some(ms(10))))
        } else {
            (ms(10), DONE)
        }
    });
    assert_eq!(ran.succeeded(), 300);
    // More than the budget holds.
    let sent = retries(&ran, ms(30_000));
    assert!(sent > 150, "{sent}");
    assert!(ran.took < ms(31_000), "{:?}", ran.took);
}

#[test]
fn after_an_outage_no_row_waits_for_the_budget() {
    let ran = run(RunSetup::new(1_000, "unlimited"), |a| {
        if (ms(100)..ms(60_000)).contains(&a.at) {
            (ms(1), refused_connection())
        } else {
            (ms(20), DONE)
        }
    });
    assert_eq!(ran.succeeded(), 1_000);
    // A back-off may still be running.
    assert!(ran.took < ms(95_000), "{:?}", ran.took);
}

#[test]
fn a_tenth_of_the_requests_is_retried_without_waiting() {
    let ran = run(RunSetup::new(3_000, "50/s"), |a| {
        if first_fails(a, 8) {
            (ms(50), transient())
        } else {
            (ms(50), DONE)
        }
    });
    assert_eq!(ran.succeeded(), 3_000);
    // 66 s at this pace. The bucket and its refill by time alone would take 75 s more.
    assert!(ran.took < ms(70_000), "{:?}", ran.took);
}

#[test]
fn rows_that_fail_together_are_not_retried_together() {
    let mut setup = RunSetup::new(91, "unlimited");
    setup.concurrency = 128;
    let ran = run(setup, |a| {
        if a.row > 1 && a.attempt == 1 {
            (ms(10), transient())
        } else {
            (ms(10), DONE)
        }
    });
    let again: Vec<_> = ran.arrivals.iter().filter(|a| a.attempt > 1).collect();
    assert_eq!(again.len(), 90);
    for slot in 0..6 {
        let slot = ms(slot * 100)..ms((slot + 1) * 100);
        let most = again.iter().filter(|a| slot.contains(&a.at)).count();
        // Twice the average for a tenth of half a second.
        assert!(most <= 36, "{most} in {slot:?}");
    }
}

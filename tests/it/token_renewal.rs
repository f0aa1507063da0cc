//! How expiring tokens affect rows and the pace, on the paused clock.

use hubassoc::{api::Verdict, failure::AccessDenied, stop::StopReason};

use crate::support::scripted_api::{DONE, RunSetup, ms, run, throttled, transient};

fn outdated() -> Verdict {
    Verdict::TokenExpired(StopReason::Credentials(AccessDenied::Expired.into()))
}

#[test]
fn a_request_with_an_outdated_token_is_resent_at_once_and_is_no_attempt() {
    let mut setup = RunSetup::new(100, "unlimited");
    setup.max_attempts = 1;
    let ran = run(setup, |a| {
        (ms(10), if a.attempt <= 3 { outdated() } else { DONE })
    });
    assert_eq!((ran.succeeded(), ran.calls), (100, 400));
    assert!(ran.reports.iter().all(|report| report.attempts == 4));
    assert!(ran.took < ms(1_000), "{:?}", ran.took);
}

#[test]
fn a_row_with_endlessly_outdated_tokens_stops_the_run() {
    let ran = run(RunSetup::new(100, "unlimited"), |a| {
        let verdict = if a.row == 50 && a.attempt < 100 {
            outdated()
        } else {
            DONE
        };
        (ms(10), verdict)
    });
    assert_eq!(
        ran.stop,
        Some(StopReason::Credentials(AccessDenied::Expired.into()))
    );
    assert_eq!(ran.arrivals.iter().filter(|a| a.row == 50).count(), 4);
    assert!(ran.failed().is_empty());
}

#[test]
fn other_answers_between_outdated_ones_reset_the_count() {
    let ran = run(RunSetup::new(1, "unlimited"), |a| {
        let verdict = match a.attempt {
            4 => transient(),
            1..=7 => outdated(),
            _ => DONE,
        };
        (ms(10), verdict)
    });
    assert_eq!((ran.succeeded(), ran.stop), (1, None));
}

#[test]
fn a_token_that_expires_during_a_pause_is_replaced_before_anything_is_sent() {
    let mut setup = RunSetup::new(200, "50/2s");
    setup.token_life = Some(ms(3_000));
    // The scripted API panics on requests without a token.
    let ran = run(setup, |a| {
        let paused = a.row == 100 && a.attempt == 1;
        let verdict = if paused {
            throttled(Some(ms(7_000)))
        } else {
            DONE
        };
        (ms(50), verdict)
    });
    assert_eq!(ran.succeeded(), 200);
    assert!(ran.most_in(ms(2_000)) <= 50, "{}", ran.most_in(ms(2_000)));
}

#[test]
fn a_token_that_is_renewed_in_time_delays_no_request() {
    let mut setup = RunSetup::new(2_000, "unlimited");
    setup.token_life = Some(ms(3_000));
    let ran = run(setup, |_| (ms(50), DONE));
    assert!(ran.took > ms(6_000), "{:?}", ran.took);
    let gaps = ran.arrivals.windows(2).map(|pair| pair[1].at - pair[0].at);
    assert!(gaps.max().unwrap() <= ms(50));
}

#[test]
fn a_pace_slower_than_the_token_life_is_kept() {
    let mut setup = RunSetup::new(5, "1/10s");
    setup.token_life = Some(ms(3_000));
    // The scripted API checks every request, and the run would not end if a row were never sent.
    let ran = run(setup, |_| (ms(50), DONE));
    assert_eq!((ran.succeeded(), ran.most_in(ms(10_000))), (5, 1));
    assert!(ran.took < ms(60_000), "{:?}", ran.took);
}

#[test]
fn requests_that_waited_for_a_token_are_not_sent_together() {
    let mut setup = RunSetup::new(600, "50/2s");
    setup.token_life = Some(ms(3_000));
    let ran = run(setup, |_| (ms(50), DONE));
    assert_eq!(ran.succeeded(), 600);
    assert!(ran.most_in(ms(2_000)) <= 50, "{}", ran.most_in(ms(2_000)));
}

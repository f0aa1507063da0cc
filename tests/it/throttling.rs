//! The pace: never above the limit in any window, never far below it, and how 429 answers affect
//! all requests.

use std::time::Duration;

use hubassoc::{caller::Pace, code::Code, messages::stop_reason_text, stop::StopReason};
use proptest::prelude::*;

use crate::support::{
    quota_server::{ClientKind, QuotaHeaders, serve},
    run_result::most_in,
    scripted_api::{DONE, RunResult, RunSetup, ScriptedRequest, ms, run, throttled, transient},
};

/// A latency that looks random but is deterministic.
fn latency(a: ScriptedRequest, from: u64, to: u64) -> Duration {
    ms(from + a.row.wrapping_mul(2_654_435_761) % (to - from))
}

fn share_of(ran: &RunResult, calls: f64, window: Duration) -> f64 {
    let allowed = ran.took.as_secs_f64() / window.as_secs_f64() * calls;
    ran.arrivals.len() as f64 / allowed
}

#[test]
fn any_window_holds_at_most_the_limit_and_the_limit_is_used() {
    for concurrency in [16, 64] {
        let mut setup = RunSetup::new(2_000, "50/2s");
        setup.concurrency = concurrency;
        let ran = run(setup, |a| (latency(a, 80, 200), DONE));
        assert!(ran.most_in(ms(2_000)) <= 50, "{}", ran.most_in(ms(2_000)));
        let share = share_of(&ran, 50.0, ms(2_000));
        assert!(share >= 0.95, "{share}");
    }
}

#[test]
fn retries_wait_for_the_pace_too() {
    let ran = run(RunSetup::new(500, "50/2s"), |a| {
        if a.attempt < 3 {
            (ms(50), transient())
        } else {
            (ms(50), DONE)
        }
    });
    assert_eq!(ran.arrivals.len(), 1_500);
    assert!(ran.most_in(ms(2_000)) <= 50, "{}", ran.most_in(ms(2_000)));
}

#[test]
fn the_window_limit_holds_after_a_pause() {
    let ran = run(RunSetup::new(400, "50/2s"), |a| {
        if a.row == 100 && a.attempt == 1 {
            (ms(100), throttled(Some(ms(7_000))))
        } else {
            (ms(100), DONE)
        }
    });
    assert_eq!(ran.succeeded(), 400);
    assert!(ran.most_in(ms(2_000)) <= 50, "{}", ran.most_in(ms(2_000)));
}

#[test]
fn a_pause_by_retry_after_is_not_caught_up_with() {
    let ran = run(RunSetup::new(300, "100/10s"), |a| {
        if a.row == 100 && a.attempt == 1 {
            (ms(50), throttled(Some(ms(7_000))))
        } else {
            (ms(50), DONE)
        }
    });
    let mut times: Vec<_> = ran.arrivals.iter().map(|arrival| arrival.at).collect();
    times.sort();
    let pause = times.windows(2).find(|pair| pair[1] - pair[0] > ms(5_000));
    let end = pause.unwrap()[1];
    let after = times
        .iter()
        .filter(|at| (end..end + ms(1_000)).contains(*at));
    assert!(after.count() <= 10);
}

#[test]
fn a_throttled_request_pauses_all_for_the_retry_after() {
    let ran = run(RunSetup::new(200, "unlimited"), |a| {
        if a.row == 10 && a.attempt == 1 {
            (ms(10), throttled(Some(ms(7_000))))
        } else {
            (ms(10), DONE)
        }
    });
    let quiet = ran
        .arrivals
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .max()
        .unwrap();
    assert!(quiet >= ms(6_990), "{quiet:?}");
    assert_eq!(ran.succeeded(), 200);
}

#[test]
fn a_minute_of_429_for_all_rows_fails_none() {
    let ran = run(RunSetup::new(300, "100/10s"), |a| {
        if a.at < ms(60_000) {
            (ms(50), throttled(None))
        } else {
            (ms(50), DONE)
        }
    });
    assert_eq!(ran.succeeded(), 300);
    let during = ran.arrivals.iter().filter(|a| a.at < ms(60_000)).count();
    // Pauses of 1, 2, 4, 8, 10, 10, … s, with at most sixteen requests each.
    assert!(during <= 10 * 16, "{during}");
}

#[test]
fn a_single_row_that_is_always_throttled_fails_and_delays_no_others() {
    let ran = run(RunSetup::new(1_000, "100/s"), |a| {
        if a.row == 5 {
            (ms(20), throttled(None))
        } else {
            (ms(20), DONE)
        }
    });
    assert_eq!(ran.failed(), [(5, Code::RateLimited)]);
    assert_eq!(ran.succeeded(), 999);
    let others_done = ran
        .arrivals
        .iter()
        .filter(|a| a.row != 5)
        .map(|a| a.at)
        .max()
        .unwrap();
    // 10 s at this pace, and one pause for all.
    assert!(others_done < ms(14_000), "{others_done:?}");
}

#[test]
fn a_last_row_that_is_always_throttled_fails() {
    let ran = run(RunSetup::new(30, "unlimited"), |a| {
        if a.row == 30 {
            (ms(20), throttled(None))
        } else {
            (ms(20), DONE)
        }
    });
    assert_eq!(
        (ran.failed(), ran.succeeded()),
        (vec![(30, Code::RateLimited)], 29)
    );
}

#[test]
fn several_rows_that_are_always_throttled_all_fail() {
    let ran = run(RunSetup::new(600, "100/10s"), |a| {
        (
            ms(20),
            if [1, 51, 600].contains(&a.row) {
                throttled(None)
            } else {
                DONE
            },
        )
    });
    let mut failed = ran.failed();
    failed.sort_by_key(|(row, _)| *row);
    assert_eq!(failed, [1, 51, 600].map(|row| (row, Code::RateLimited)));
    assert_eq!((ran.succeeded(), ran.stop), (597, None));
}

#[test]
fn pauses_follow_every_retry_after() {
    let ran = run(RunSetup::new(1, "unlimited"), |a| {
        if a.attempt < 9 {
            (ms(10), throttled(Some(ms(2_000))))
        } else {
            (ms(10), DONE)
        }
    });
    // Eight waits of 2 s, with a little jitter each.
    assert!(
        (ms(16_000)..ms(19_000)).contains(&ran.took),
        "{:?}",
        ran.took
    );
}

#[test]
fn with_a_tenth_of_429_more_than_a_third_of_the_pace_is_used() {
    let ran = run(RunSetup::new(600, "20/2s"), |a| {
        let hash = (a.row + 1_000 * u64::from(a.attempt)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (
            ms(50),
            if (hash >> 40) % 10 == 0 {
                throttled(None)
            } else {
                DONE
            },
        )
    });
    assert_eq!(ran.succeeded(), 600);
    // The full pace would take 60 s.
    assert!(ran.took < ms(180_000), "{:?}", ran.took);
}

#[test]
fn a_wait_longer_than_max_wait_stops_the_run_with_the_time() {
    let ran = run(RunSetup::new(100, "unlimited"), |_| {
        (ms(10), throttled(Some(Duration::from_secs(86_400))))
    });
    let Some(reason @ StopReason::Unreachable(_)) = &ran.stop else {
        panic!("{:?}", ran.stop)
    };
    let text = stop_reason_text(reason);
    assert!(text.contains("until 20"), "{text}");
    assert_eq!(ran.unsettled(), ran.reports.len());
}

#[test]
fn only_429_for_longer_than_max_wait_stops_the_run() {
    let ran = run(RunSetup::new(1, "unlimited"), |_| (ms(10), throttled(None)));
    assert!(
        matches!(ran.stop, Some(StopReason::Unreachable(_))),
        "{:?}",
        ran.stop
    );
    assert!(
        (ms(900_000)..ms(930_000)).contains(&ran.took),
        "{:?}",
        ran.took
    );
    assert_eq!(ran.unsettled(), 1);
}

#[test]
fn a_retry_after_of_centuries_causes_no_panic() {
    let mut setup = RunSetup::new(1, "1/4294967295h");
    setup.max_wait = Duration::MAX;
    for first in [throttled(None), throttled(Some(ms(1_000))), transient()] {
        let ran = run(setup, move |a| {
            let verdict = if a.attempt == 1 { first.clone() } else { DONE };
            (ms(1), verdict)
        });
        assert_eq!((ran.succeeded(), ran.calls), (1, 2));
        assert!(ran.took > Duration::from_secs(5 * 365 * 86_400));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_window_is_exceeded_when_the_limit_changes(
        limits in prop::collection::vec(1u32..250, 2..5), window_ms in 6_000u64..20_000,
    ) {
        let window = ms(window_ms);
        let phase = window * 3;
        let at = move |time: Duration| (time.as_nanos() / phase.as_nanos()) as usize;
        let until = phase * u32::try_from(limits.len()).unwrap();
        let announced = limits.clone();
        let seen = serve(&[ClientKind::Run(Pace::Auto, Duration::ZERO)], QuotaHeaders::All, until, move |time| {
            let calls = announced[at(time).min(announced.len() - 1)];
            format!("{calls}/{window_ms}ms").parse().unwrap()
        });
        // Calls before the new limit was reported do not count.
        for (number, limit) in (0..).zip(&limits) {
            let settled = phase * number + window + ms(400)..phase * (number + 1);
            let times = seen.iter().map(|seen| seen.at).filter(|at| settled.contains(at));
            let most = most_in(&times.collect::<Vec<_>>(), window);
            prop_assert!(most <= *limit as usize, "{most} of {limit}");
        }
    }

    #[test]
    fn no_window_of_any_rate_is_ever_exceeded(
        calls in 1u32..200, window_ms in 200u64..20_000, concurrency in 1usize..64,
        slowest in 2u64..2_000,
    ) {
        let mut setup = RunSetup::new(u64::from(calls) * 3 + 7, &format!("{calls}/{window_ms}ms"));
        setup.concurrency = concurrency;
        let ran = run(setup, move |a| (latency(a, 1, slowest), DONE));
        let most = ran.most_in(ms(window_ms));
        prop_assert!(most <= calls as usize, "{most} of {calls} in {window_ms} ms");
    }
}

//! The cause of failed attempts: an outage fails no row, and bad rows are no outage.

use std::cell::Cell;

use hubassoc::{api::Verdict, code::Code, stop::StopReason};

use crate::support::{
    scripted_api::{DONE, RunSetup, failure, ms, refused_connection, run, transient},
    unavailable::{arrivals_between, assert_all_succeeded, unavailable_between},
};

#[test]
fn no_row_fails_in_an_outage_however_fast_its_attempts_are_used() {
    for concurrency in [1, 16] {
        for max_attempts in [1, 2, 8] {
            for rate in ["1/s", "100/10s", "unlimited"] {
                for begins in [0, 1] {
                    let mut setup = RunSetup::new(300, rate);
                    (setup.concurrency, setup.max_attempts) = (concurrency, max_attempts);
                    let ran = run(
                        setup,
                        unavailable_between(begins, 61, || (ms(1), transient())),
                    );
                    let case = format!("{concurrency}, {max_attempts}, {rate}, {begins}");
                    assert_all_succeeded(&ran, 300, &case);
                }
            }
        }
    }
}

#[test]
fn an_outage_after_the_first_row_fails_none() {
    let ran = run(RunSetup::new(100, "100/10s"), |a| {
        if a.row > 1 && a.at < ms(120_000) {
            (ms(1), refused_connection())
        } else {
            (ms(20), DONE)
        }
    });
    assert_all_succeeded(&ran, 100, "");
}

#[test]
fn a_server_with_rare_successes_fails_no_row() {
    for (away_for, back_for) in [(9_000, 0), (11_000, 0), (9_000, 9_000)] {
        let back_at = Cell::new(ms(0));
        let ran = run(RunSetup::new(500, "100/10s"), move |a| {
            let away_since = a.at - back_at.get();
            if a.row > 1 && away_since < ms(away_for) && a.at < ms(600_000) {
                return (ms(1), transient());
            }
            if away_since >= ms(away_for + back_for) {
                back_at.set(a.at);
            }
            (ms(1), DONE)
        });
        assert_all_succeeded(&ran, 500, &format!("{away_for} {back_for}"));
    }
}

#[test]
fn a_bad_row_neither_prolongs_the_outage_nor_survives_it() {
    for concurrency in [1, 16] {
        let mut setup = RunSetup::new(300, "100/10s");
        setup.concurrency = concurrency;
        let ran = run(setup, |a| {
            if a.row == 7 || (ms(2_000)..ms(60_000)).contains(&a.at) {
                (ms(1), transient())
            } else {
                (ms(20), DONE)
            }
        });
        assert_eq!(ran.failed(), [(7, Code::ServerError)]);
        assert_eq!((ran.succeeded(), &ran.stop), (299, &None));
        // The row takes its turn among the rows that probe.
        let back = ran.arrivals.iter().position(|a| a.at > ms(60_000)).unwrap();
        let after = arrivals_between(&ran, 60, 70).len();
        assert!(after > 60, "{after} from request {back} on");
    }
}

#[test]
fn a_bad_row_that_probes_does_not_decide() {
    for concurrency in [1, 16] {
        let mut setup = RunSetup::new(300, "100/10s");
        setup.concurrency = concurrency;
        let asked_first = Cell::new(0);
        let ran = run(setup, move |a| {
            if a.at > ms(20_000) && asked_first.get() == 0 {
                asked_first.set(a.row);
            }
            if a.row == asked_first.get() || (ms(2_000)..ms(60_000)).contains(&a.at) {
                (ms(1), transient())
            } else {
                (ms(20), DONE)
            }
        });
        let ended = (ran.failed().len(), ran.succeeded(), ran.stop);
        assert_eq!(ended, (1, 299, None), "{concurrency}");
    }
}

#[test]
fn bad_rows_are_no_outage_when_all_others_are_done() {
    for broken in [[3, 4, 5], [3, 50, 90]] {
        let ran = run(RunSetup::new(100, "unlimited"), move |a| {
            let verdict = if broken.contains(&a.row) {
                transient()
            } else {
                DONE
            };
            (ms(20), verdict)
        });
        let mut failed = ran.failed();
        failed.sort_by_key(|(row, _)| *row);
        assert_eq!(failed, broken.map(|row| (row, Code::ServerError)));
        assert_eq!((ran.succeeded(), &ran.stop), (97, &None));
        // Neighbouring rows that fail together get their first attempt back.
        assert!(ran.calls <= 97 + 3 * 9, "{}", ran.calls);
    }
}

#[test]
fn the_last_two_rows_count_their_attempts_and_the_last_three_do_not() {
    for (last, failed) in [(1, 1), (2, 2), (3, 0)] {
        for max_attempts in [1, 8] {
            let mut setup = RunSetup::new(50, "100/10s");
            setup.max_attempts = max_attempts;
            let ran = run(setup, move |a| {
                if a.row > 50 - last && a.at < ms(300_000) {
                    (ms(1), transient())
                } else {
                    (ms(20), DONE)
                }
            });
            assert_eq!(ran.failed().len(), failed, "{last} {max_attempts}");
            if failed > 0 {
                assert_eq!(ran.calls, 50 + last * u64::from(max_attempts - 1));
            }
        }
    }
}

/// The connection fails, so the request is never sent.
fn no_connection() -> Verdict {
    Verdict::NotSent(failure(Code::ConnectionFailed))
}

#[test]
fn a_request_that_was_not_sent_is_no_attempt() {
    // Only the last row is left, so no other row can show the cause.
    for away_for in [5_000, 60_000] {
        let mut setup = RunSetup::new(2, "unlimited");
        setup.max_attempts = 1;
        let ran = run(setup, move |a| {
            if a.row == 2 && a.at < ms(away_for) {
                (ms(1), no_connection())
            } else {
                (ms(1), DONE)
            }
        });
        assert_all_succeeded(&ran, 2, &away_for.to_string());
    }
}

#[test]
fn an_absent_server_for_the_last_row_ends_the_run_and_fails_none() {
    let ran = run(RunSetup::new(2, "unlimited"), |a| {
        if a.row == 2 {
            (ms(1), no_connection())
        } else {
            (ms(1), DONE)
        }
    });
    assert!(
        matches!(ran.stop, Some(StopReason::Unreachable(_))),
        "{:?}",
        ran.stop
    );
    assert_eq!((ran.succeeded(), ran.unsettled()), (1, 1));
}

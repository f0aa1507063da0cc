//! The pipeline with a scripted API: what it sends when, and the outcomes of rows.

use std::{cell::Cell, rc::Rc, time::Duration};

use hubassoc::{
    api::Verdict,
    code::Code,
    failure::AccessDenied,
    messages,
    stop::{Signal, StopReason, UnreachableReason},
};

use crate::support::scripted_api::{
    DONE, RunSetup, ScriptedRequest, failure, ms, run, run_recording, transient,
};

#[test]
fn every_row_is_reported_once_and_every_request_is_counted() {
    let ran = run(
        RunSetup::new(500, "unlimited"),
        |a: ScriptedRequest| match (a.row % 3, a.attempt) {
            (0, 1) => (ms(5), transient()),
            _ => (ms(7), DONE),
        },
    );
    let mut rows: Vec<_> = ran.reports.iter().map(|report| report.row.number).collect();
    rows.sort_unstable();
    assert_eq!(rows, (1..=500).collect::<Vec<_>>());
    assert_eq!(ran.calls, ran.arrivals.len() as u64);
    let attempts: u64 = ran
        .reports
        .iter()
        .map(|report| u64::from(report.attempts))
        .sum();
    assert_eq!(attempts, ran.calls);
}

#[test]
fn a_row_without_attempts_left_fails_and_says_how_many_it_had() {
    let mut setup = RunSetup::new(3, "unlimited");
    setup.max_attempts = 4;
    let ran = run(setup, |a| {
        if a.row == 2 {
            (ms(1), transient())
        } else {
            (ms(1), DONE)
        }
    });
    assert_eq!(ran.failed(), [(2, Code::ServerError)]);
    let report = ran
        .reports
        .iter()
        .find(|report| report.row.number == 2)
        .unwrap();
    assert_eq!(report.attempts, 4);
    let outcome = report.outcome.as_ref().unwrap();
    let message = messages::failure(outcome.failure().unwrap());
    assert!(message.starts_with("gave up after 4 attempts"), "{message}");
}

#[test]
fn rows_in_back_off_leave_their_permits_to_others() {
    // Fifteen of sixteen permits go to rows that the server always fails.
    let ran = run(RunSetup::new(2_000, "unlimited"), |a| {
        if a.row <= 15 && a.attempt < 8 {
            (ms(1), transient())
        } else {
            (ms(10), DONE)
        }
    });
    assert_eq!(ran.succeeded(), 2_000);
    let others_done = ran
        .arrivals
        .iter()
        .filter(|a| a.row > 15)
        .map(|a| a.at)
        .max()
        .unwrap();
    // 2,000 rows of 10 ms with 16 permits take 1.25 s; the back-offs take longer.
    assert!(others_done < ms(1_500), "{others_done:?}");
}

#[test]
fn one_permit_serves_more_waiting_rows_than_the_pipeline_holds() {
    let mut setup = RunSetup::new(3_000, "unlimited");
    setup.concurrency = 1;
    let ran = run(setup, |a| {
        if a.attempt == 1 {
            (ms(1), transient())
        } else {
            (ms(1), DONE)
        }
    });
    assert_eq!((ran.succeeded(), ran.calls), (3_000, 6_000));
}

#[test]
fn a_refused_token_stops_the_run_and_leaves_the_rest_unattempted() {
    let ran = run(RunSetup::new(1_000, "unlimited"), |a| match a.row {
        50 => (
            ms(1),
            Verdict::Fatal(StopReason::Credentials(AccessDenied::Expired.into())),
        ),
        _ => (ms(20), DONE),
    });
    assert_eq!(
        ran.stop,
        Some(StopReason::Credentials(AccessDenied::Expired.into()))
    );
    let refused = ran.arrivals.iter().find(|a| a.row == 50).unwrap().at + ms(1);
    // No request may follow once the answer has arrived.
    assert!(ran.arrivals.iter().all(|a| a.at <= refused));
    assert!(ran.failed().is_empty());
    assert_eq!(ran.succeeded() + ran.unsettled(), ran.reports.len());
}

#[test]
fn a_refused_token_stops_requests_that_wait_for_the_pace() {
    let ran = run(RunSetup::new(1_000, "1/s"), |a| match a.row {
        5 => (
            ms(500),
            Verdict::Fatal(StopReason::Credentials(AccessDenied::Expired.into())),
        ),
        _ => (ms(10_000 * u64::from(a.row > 1)), DONE),
    });
    let refused = ran.arrivals.iter().find(|a| a.row == 5).unwrap().at + ms(500);
    // Sixteen permits; requests that still wait for the pace are not sent.
    assert!(
        ran.arrivals.iter().all(|a| a.at <= refused),
        "{:?}",
        ran.arrivals
    );
    assert_eq!(ran.arrivals.len(), 5);
}

#[test]
fn a_refused_token_ends_the_waits_of_rows_in_back_off() {
    let ran = run(RunSetup::new(20, "unlimited"), |a| match a.row {
        20 => (
            ms(1),
            Verdict::Fatal(StopReason::Credentials(AccessDenied::Expired.into())),
        ),
        _ => (
            ms(1),
            Verdict::Transient {
                failure: failure(Code::Locked),
                wait: ms(600_000),
            },
        ),
    });
    assert!(ran.took < ms(1_000), "{:?}", ran.took);
}

#[test]
fn three_foreign_answers_at_the_start_stop_the_run_without_an_outcome() {
    let ran = run(RunSetup::new(100, "10/s"), |_| {
        (ms(1), Verdict::NotFromApi(failure(Code::UnexpectedAnswer)))
    });
    assert!(
        matches!(ran.stop, Some(StopReason::NotHubSpot(_))),
        "{:?}",
        ran.stop
    );
    assert_eq!(ran.arrivals.len(), 3);
    assert_eq!(ran.unsettled(), ran.reports.len());
}

#[test]
fn the_first_request_goes_alone_until_the_api_has_answered() {
    let ran = run(RunSetup::new(100, "unlimited"), |_| (ms(500), DONE));
    let before = ran.arrivals.iter().filter(|a| a.at < ms(500)).count();
    let after = ran.arrivals.iter().filter(|a| a.at < ms(999)).count();
    assert_eq!((before, after), (1, 17));
}

#[test]
fn a_single_row_with_foreign_answers_stays_unsettled_and_the_others_go_on() {
    let ran = run(RunSetup::new(100, "unlimited"), |a| {
        if a.row == 7 {
            (ms(1), Verdict::NotFromApi(failure(Code::UnexpectedAnswer)))
        } else {
            // Spread over time, so that other rows are answered between its attempts.
            (ms(a.row * 1_000), DONE)
        }
    });
    assert_eq!(
        (ran.succeeded(), ran.unsettled(), &ran.stop),
        (99, 1, &None)
    );
}

#[test]
fn no_answer_within_30_s_at_the_start_stops_the_run_without_a_failed_row() {
    let ran = run(RunSetup::new(1_000, "100/10s"), |_| {
        (
            ms(1),
            Verdict::ConnectionLost(failure(Code::ConnectionFailed)),
        )
    });
    assert!(
        matches!(ran.stop, Some(StopReason::Unreachable(_))),
        "{:?}",
        ran.stop
    );
    assert!(ran.failed().is_empty());
    // One row probes for all, with a growing back-off.
    assert!(ran.arrivals.iter().all(|a| a.row == 1));
    assert!(
        (ms(30_000)..ms(36_000)).contains(&ran.took),
        "{:?}",
        ran.took
    );
}

#[test]
fn a_failure_to_record_stops_the_run_and_nothing_more_is_recorded() {
    let recorded = Rc::new(Cell::new(0));
    let count = Rc::clone(&recorded);
    let before = Rc::new(Cell::new(None));
    let at_failure = Rc::clone(&before);
    let ran = run_recording(
        RunSetup::new(1_000, "unlimited"),
        |a| (ms(10 + a.row % 7), DONE),
        move |reports| {
            // Recording works again at once, but there must not be a gap.
            if count.get() >= 100 && at_failure.get().is_none() {
                at_failure.set(Some(count.get()));
                return Err("no space left on device".into());
            }
            count.set(count.get() + reports.len());
            Ok(())
        },
    );
    assert_eq!(
        ran.stop,
        Some(StopReason::Output(
            "no space left on device".to_owned().into()
        ))
    );
    assert_eq!(before.get(), Some(recorded.get()));
    assert_eq!(ran.reports.len(), recorded.get());
    assert!(
        ran.arrivals.len() <= recorded.get() + 32,
        "{}",
        ran.arrivals.len()
    );
}

#[test]
fn an_outcome_is_recorded_before_its_permit_is_reused() {
    let answered = Rc::new(Cell::new(0_usize));
    let (sent, recorded) = (Rc::clone(&answered), Cell::new(0));
    let most = Cell::new(0);
    let ran = run_recording(
        RunSetup::new(1_000, "unlimited"),
        move |_| {
            sent.set(sent.get() + 1);
            (Duration::ZERO, DONE)
        },
        |reports| {
            most.set(most.get().max(answered.get() - recorded.get()));
            recorded.set(recorded.get() + reports.len());
            Ok(())
        },
    );
    assert_eq!(ran.succeeded(), 1_000);
    assert!(
        most.get() <= 16,
        "{} requests were sent ahead of the record",
        most.get()
    );
}

#[test]
fn a_signal_bounds_the_wait_for_answers_even_after_another_stop() {
    let refusal = || Verdict::Fatal(StopReason::Credentials(AccessDenied::Expired.into()));
    // The second row is answered after a day; the third row ends the run, or nothing does.
    for (third, reason) in [
        (
            refusal(),
            StopReason::Credentials(AccessDenied::Expired.into()),
        ),
        (DONE, StopReason::Signal(Signal::Interrupt)),
    ] {
        let mut setup = RunSetup::new(3, "unlimited");
        setup.interrupted = Some(ms(60_000));
        let ran = run(setup, move |a| match a.row {
            2 => (ms(24 * 3_600_000), DONE),
            3 => (ms(1), third.clone()),
            _ => (ms(1), DONE),
        });
        assert_eq!(
            ran.stop,
            Some(reason),
            "the gravest is the one that is told"
        );
        assert_eq!(ran.took, ms(68_000));
    }
}

fn gone() -> StopReason {
    let max_wait = ms(1);
    StopReason::Unreachable(UnreachableReason::OnlyThrottled { max_wait })
}

#[test]
fn answers_shortly_after_a_signal_are_recorded_even_after_another_stop() {
    let mut setup = RunSetup::new(3, "unlimited");
    setup.interrupted = Some(ms(60_000));
    let ran = run(setup, |a| match a.row {
        2 => (ms(67_000), DONE),
        3 => (ms(1), Verdict::Fatal(gone())),
        _ => (ms(1), DONE),
    });
    assert_eq!((ran.succeeded(), ran.unsettled()), (2, 1));
}

//! The request for the account, on the paused clock: what a run expects, what stops it, and what
//! the request costs.

use std::{
    io,
    sync::{Arc, Mutex},
};

use hubassoc::{
    account::AccountId, api::Verdict, code::Code, exit::ExitCode, messages::stop_reason_text,
    stop::StopReason,
};

use crate::support::scripted_api::{
    DONE, RunResult, RunSetup, TOLD, account_refused, failure, ms, run_in_account, throttled,
    transient,
};

fn id(number: u64) -> AccountId {
    AccountId::new(number)
}

/// A run of a hundred successful rows in account 1.
fn in_account_1(expected: Option<AccountId>) -> RunResult {
    run_in_account(
        RunSetup::new(100, "unlimited"),
        expected,
        |_| (ms(300), TOLD, Some(id(1))),
        |_| (ms(300), DONE),
    )
}

#[test]
fn an_unexpected_account_stops_the_run_before_any_row() {
    let ran = in_account_1(Some(id(2)));
    let Some(reason @ StopReason::WrongAccount { .. }) = &ran.stop else {
        panic!("{:?}", ran.stop)
    };
    let text = stop_reason_text(reason);
    for words in [
        "the token belongs to account 1",
        "this run was started in account 2",
        "--results",
    ] {
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(ExitCode::of_stop(reason), ExitCode::Refused);
    assert_eq!((ran.questions, ran.arrivals.len()), (1, 0));
    assert_eq!(ran.unsettled(), ran.reports.len());
}

#[test]
fn the_expected_account_is_written_to_and_remembered() {
    for expected in [Some(id(1)), None] {
        let ran = in_account_1(expected);
        assert_eq!(
            (ran.succeeded(), ran.account, ran.questions),
            (100, Some(id(1)), 1)
        );
    }
}

#[test]
fn the_first_row_follows_the_answer_and_goes_alone() {
    let ran = in_account_1(None);
    let before = |at| ran.arrivals.iter().filter(|a| a.at < ms(at)).count();
    assert_eq!((before(300), before(600), before(900)), (0, 1, 17));
}

/// The log output of `work`.
pub(crate) fn logged(work: impl FnOnce()) -> String {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_max_level(tracing::Level::TRACE)
        .finish();
    tracing::subscriber::with_default(subscriber, work);
    String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn an_unknown_account_is_a_warning_only_if_one_is_expected() {
    for (expected, warned) in [(Some(id(2)), true), (None, false)] {
        let log = logged(|| {
            let setup = RunSetup::new(3, "unlimited");
            let ask = |_| (ms(1), account_refused(), None);
            let ran = run_in_account(setup, expected, ask, |_| (ms(1), DONE));
            assert_eq!((ran.succeeded(), ran.account), (3, None));
        });
        assert_eq!(
            log.contains("WARN") && log.contains("account 2"),
            warned,
            "{log}"
        );
    }
}

#[test]
fn the_account_request_counts_for_the_pace() {
    let setup = RunSetup::new(3, "1/10s");
    let ran = run_in_account(
        setup,
        None,
        |_| (ms(1), TOLD, Some(id(1))),
        |_| (ms(1), DONE),
    );
    assert!(ran.arrivals[0].at >= ms(10_000), "{:?}", ran.arrivals);
}

#[test]
fn no_answer_within_30_s_stops_the_run_before_any_row() {
    let ran = run_in_account(
        RunSetup::new(100, "100/10s"),
        None,
        |_| {
            (
                ms(1),
                Verdict::ConnectionLost(failure(Code::ConnectionFailed)),
                None,
            )
        },
        |_| (ms(1), DONE),
    );
    assert!(
        matches!(ran.stop, Some(StopReason::Unreachable(_))),
        "{:?}",
        ran.stop
    );
    assert_eq!(ran.arrivals.len(), 0);
    assert!(
        (ms(30_000)..ms(36_000)).contains(&ran.took),
        "{:?}",
        ran.took
    );
}

#[test]
fn the_run_waits_for_a_server_that_comes_back() {
    let ran = run_in_account(
        RunSetup::new(3, "unlimited"),
        Some(id(1)),
        |n| match n {
            1 => (
                ms(1),
                Verdict::ConnectionLost(failure(Code::ConnectionFailed)),
                None,
            ),
            2 => (ms(1), transient(), None),
            3 => (ms(1), throttled(Some(ms(5_000))), None),
            _ => (ms(1), TOLD, Some(id(1))),
        },
        |_| (ms(1), DONE),
    );
    assert_eq!(
        (ran.questions, ran.succeeded(), ran.account),
        (4, 3, Some(id(1)))
    );
    assert!(ran.arrivals[0].at >= ms(5_000), "{:?}", ran.arrivals);
}

#[test]
fn a_failing_account_request_uses_no_attempts_of_rows() {
    let mut setup = RunSetup::new(3, "unlimited");
    setup.max_attempts = 2;
    let ran = run_in_account(
        setup,
        None,
        |_| (ms(1), transient(), None),
        |a| (ms(1), if a.attempt == 1 { transient() } else { DONE }),
    );
    assert_eq!((ran.questions, ran.succeeded(), ran.calls), (2, 3, 6));
}

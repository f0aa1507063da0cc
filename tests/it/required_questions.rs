//! The question for an account that is expected, on the paused clock: the run cannot do without the
//! answer. An outage is waited for and ends with 4. Only a refusal is a refusal.

use std::cell::Cell;

use hubassoc::{
    account::AccountId,
    api::Verdict,
    exit::ExitCode,
    messages::stop_reason_text,
    stop::{AccountMismatch, StopReason},
};
use tokio::time::Instant;

use crate::support::scripted_api::{
    DONE, ExpectedAccounts, RunResult, RunSetup, ScriptedRequest, TOLD, account_refused, ms,
    refused_connection, run_in_account, throttled, token_replaced, transient, unexpected_answer,
};

const ONE: AccountId = AccountId::new(1);

/// Every way in which an account can be expected.
fn expectations() -> [ExpectedAccounts; 2] {
    let by_the_user = ExpectedAccounts {
        by_the_user: Some(ONE),
        ..ExpectedAccounts::default()
    };
    [by_the_user, Some(ONE).into()]
}

/// A run whose rows would all succeed. Its questions for the account get this answer, after a first
/// one that shows that HubSpot can be reached.
fn ran(expected: ExpectedAccounts, setup: RunSetup, answer: fn() -> Verdict) -> RunResult {
    let account = move |n| match n {
        1 => (ms(20), transient(), None),
        _ => (ms(20), answer(), None),
    };
    run_in_account(setup, expected, account, |_| (ms(1), DONE))
}

/// Asserts that no row was sent and that the run ended with 4. Returns the words.
fn assert_unavailable(ran: &RunResult) -> String {
    let Some(reason) = &ran.stop else {
        panic!("it did not stop")
    };
    assert_eq!(ExitCode::of_stop(reason), ExitCode::Unavailable);
    assert_eq!(ran.arrivals.len(), 0);
    stop_reason_text(reason)
}

#[test]
fn an_outage_at_the_question_for_an_expected_account_ends_with_4_after_max_wait() {
    for expected in expectations() {
        for max_attempts in [1, 8] {
            for answer in [transient, refused_connection] {
                let mut setup = RunSetup::new(10, "unlimited");
                setup.max_attempts = max_attempts;
                let ran = ran(expected, setup, answer);
                let text = assert_unavailable(&ran);
                assert!(text.contains("longer than --max-wait (900 s)"), "{text}");
                let within = ms(900_000)..ms(905_000);
                assert!(within.contains(&ran.took), "{:?}", ran.took);
                // After ten seconds there is one probe a second.
                assert!((800..930).contains(&ran.questions), "{}", ran.questions);
            }
        }
    }
}

#[test]
fn something_else_than_hubspot_at_the_question_for_an_expected_account_ends_with_4() {
    for expected in expectations() {
        let setup = RunSetup::new(10, "unlimited");
        let text = assert_unavailable(&ran(expected, setup, unexpected_answer));
        let words = "something other than HubSpot's API answers";
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn nothing_but_429s_at_the_question_for_an_expected_account_end_with_4() {
    for expected in expectations() {
        let mut setup = RunSetup::new(10, "unlimited");
        setup.max_wait = ms(120_000);
        let ran = ran(expected, setup, || throttled(Some(ms(5_000))));
        let text = assert_unavailable(&ran);
        assert!(text.contains("--max-wait"), "{text}");
    }
}

#[test]
fn an_outage_at_the_question_for_the_account_is_waited_for() {
    for expected in expectations() {
        let account = |n| match n {
            1..=300 => (ms(20), transient(), None),
            _ => (ms(20), TOLD, Some(ONE)),
        };
        let ran = run_in_account(RunSetup::new(100, "unlimited"), expected, account, |_| {
            (ms(1), DONE)
        });
        assert_eq!((ran.succeeded(), ran.stop.clone()), (100, None));
        assert!(ran.took > ms(250_000), "{:?}", ran.took);
    }
}

#[test]
fn the_answer_about_the_account_ends_the_outage() {
    for expected in expectations() {
        let mut setup = RunSetup::new(10, "unlimited");
        setup.max_wait = ms(60_000);
        let first_asked = Cell::new(None);
        let account = move |_| {
            let first = first_asked.get().unwrap_or_else(Instant::now);
            first_asked.set(Some(first));
            if first.elapsed() < ms(50_000) {
                (ms(20), transient(), None)
            } else {
                (ms(20), TOLD, Some(ONE))
            }
        };
        let away_again = |a: ScriptedRequest| {
            let is_away = a.at < ms(90_000);
            (ms(20), if is_away { transient() } else { DONE })
        };
        let ran = run_in_account(setup, expected, account, away_again);
        assert!(ran.arrivals[0].at > ms(50_000), "{:?}", ran.arrivals[0]);
        assert_eq!((ran.succeeded(), ran.stop.clone()), (10, None));
    }
}

#[test]
fn an_outage_at_the_question_after_a_new_token_is_no_refusal_of_the_token() {
    for expected in expectations() {
        for answer in [transient, || throttled(None)] {
            let account = move |n| match n {
                2..=50 => (ms(20), answer(), None),
                _ => (ms(20), TOLD, Some(ONE)),
            };
            let rows = move |a: ScriptedRequest| {
                let verdict = match (a.row, a.attempt) {
                    (50, 1) => token_replaced(),
                    _ => DONE,
                };
                (ms(1), verdict)
            };
            let mut setup = RunSetup::new(100, "unlimited");
            setup.concurrency = 1;
            let ran = run_in_account(setup, expected, account, rows);
            assert_eq!((ran.succeeded(), ran.stop.clone()), (100, None));
        }
    }
}

#[test]
fn a_refusal_after_an_outage_is_a_refusal() {
    let expected = expectations()[0];
    let ran = ran(expected, RunSetup::new(10, "unlimited"), account_refused);
    assert!(
        matches!(
            ran.stop,
            Some(StopReason::WrongAccount {
                mismatch: AccountMismatch::UnknownForExpected { .. },
                has_sent: false
            })
        ),
        "{:?}",
        ran.stop
    );
    assert_eq!((ran.questions, ran.arrivals.len()), (2, 0));
}

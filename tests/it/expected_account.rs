//! The account that the user requires, on the paused clock: no row goes to another or unknown
//! account.

use hubassoc::{
    account::AccountId,
    api::Verdict,
    exit::ExitCode,
    messages::{self, stop_reason_text},
    stop::StopReason,
};

use crate::support::scripted_api::{
    DONE, ExpectedAccounts, RunResult, RunSetup, TOLD, account_refused, ms, run_in_account,
    token_replaced,
};

fn id(number: u64) -> AccountId {
    AccountId::new(number)
}

/// A run of ten successful rows in an account with the answer `told`.
fn ran(by_the_user: u64, by_the_run: Option<AccountId>, account: Option<AccountId>) -> RunResult {
    let expected = ExpectedAccounts {
        by_the_run,
        by_the_user: Some(id(by_the_user)),
    };
    run_in_account(
        RunSetup::new(10, "unlimited"),
        expected,
        move |_| {
            (
                ms(1),
                account.map_or_else(account_refused, |_| TOLD),
                account,
            )
        },
        |_| (ms(1), DONE),
    )
}

/// Asserts that no row was sent, and that the run ended with code 2 and these words.
fn assert_refused(ran: &RunResult, words: &[&str]) {
    let Some(reason @ StopReason::WrongAccount { .. }) = &ran.stop else {
        panic!("{:?}", ran.stop)
    };
    let text = stop_reason_text(reason);
    for words in words {
        assert!(text.contains(words), "'{words}' is missing: {text}");
    }
    assert_eq!(ExitCode::of_stop(reason), ExitCode::Refused);
    assert_eq!(ran.arrivals.len(), 0);
}

#[test]
fn another_account_is_refused_before_any_row() {
    let ran = ran(2, None, Some(id(1)));
    assert_refused(
        &ran,
        &[
            "the token belongs to account 1",
            "--account is 2",
            "use a token of account 2, or change --account",
        ],
    );
}

#[test]
fn the_required_account_is_written_to() {
    for by_the_run in [None, Some(id(1))] {
        let ran = ran(1, by_the_run, Some(id(1)));
        assert_eq!(
            (ran.succeeded(), ran.questions, ran.account),
            (10, 1, Some(id(1)))
        );
    }
}

#[test]
fn an_unknown_account_is_refused_with_the_reason() {
    let ran = ran(1, None, None);
    let words = [
        "--account is 1",
        "hubassoc could not find out which account the token belongs to",
        "use a token that can read the account's details, or leave out --account",
    ];
    assert_refused(&ran, &words);
    let Verdict::Refused(failure) = account_refused() else {
        panic!()
    };
    assert_refused(&ran, &[&messages::failure(&failure)]);
}

#[test]
fn replacing_the_token_by_another_accounts_stops_the_run() {
    for (second, words) in [
        (Some(id(2)), "the token belongs to account 2"),
        (
            None,
            "hubassoc could not find out which account the token belongs to",
        ),
    ] {
        let expected = ExpectedAccounts {
            by_the_run: None,
            by_the_user: Some(id(1)),
        };
        let ran = run_in_account(
            RunSetup::new(100, "unlimited"),
            expected,
            move |n| match (n, second) {
                (1, _) => (ms(1), TOLD, Some(id(1))),
                (_, None) => (ms(1), account_refused(), None),
                (_, second) => (ms(1), TOLD, second),
            },
            |arrival| match arrival.row {
                50 => (ms(1), token_replaced()),
                _ => (ms(1), DONE),
            },
        );
        let Some(reason @ StopReason::WrongAccount { .. }) = &ran.stop else {
            panic!("{:?}", ran.stop)
        };
        assert_eq!(ExitCode::of_stop(reason), ExitCode::Credentials);
        let text = stop_reason_text(reason);
        assert!(text.contains(words), "{text}");
        assert_eq!(ran.questions, 2);
        assert!(ran.arrivals.len() < 100, "{}", ran.arrivals.len());
    }
}

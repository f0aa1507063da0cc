//! Lookups that fail while nothing else is under way: the rows behind them do not show whose fault it
//! is, because they wait for these calls. So no lookup waits for ever.

use std::{ops::Range, time::Duration};

use super::{DOMAIN, EMAIL, KeyRun, KeyRunResult, PRIMARY, account::KeyedAccount, key, keyed_row};

/// Rows to `count` companies of one contact, by keys. These reads and searches fail.
fn send(count: u64, failing: Range<usize>) -> KeyRunResult {
    let domain = |number| format!("firm{number}.com");
    let account = KeyedAccount::new()
        .failing(failing)
        .record(1, &["ann@x.com"]);
    let account = (1..=count).fold(account, |account, number| {
        account.record(100 + number, &[&domain(number)])
    });
    let row = |number| {
        let ends = [key(EMAIL, "ann@x.com"), key(DOMAIN, &domain(number))];
        keyed_row(number, ends, PRIMARY)
    };
    let rows: Vec<_> = (1..=count).map(row).collect();
    KeyRun::new(account).send(&rows)
}

#[test]
fn rows_are_sent_once_lookups_succeed_again() {
    for count in [1, 2, 3, 120] {
        for failing in [0..2, 0..5, 1..6, 0..9] {
            let result = send(count, failing.clone());
            assert_eq!(result.reports.len() as u64, count, "{failing:?}");
            for row in 1..=count {
                let verdict = result.verdict(row);
                assert_eq!(verdict, ("succeeded", None), "{count} rows, {failing:?}");
            }
            let minutes = result.took.as_secs() / 60;
            assert!(minutes < 5, "{count} rows, {failing:?}: {minutes} min");
        }
    }
}

#[test]
fn a_run_ends_although_a_read_of_the_archive_never_succeeds() {
    let account = KeyedAccount::new()
        .failing(1..usize::MAX)
        .record(1, &["ann@x.com"]);
    let contact = |number, email| {
        let company = hubassoc::association::RecordId::new(7).unwrap();
        keyed_row(number, [key(EMAIL, email), company.into()], PRIMARY)
    };
    let rows = [contact(1, "ann@x.com"), contact(2, "gone@x.com")];
    let result = KeyRun::new(account).send(&rows);
    assert_eq!(result.verdict(1), ("succeeded", None));
    assert_eq!(result.verdict(2), ("failed", Some("server_error")));
    assert!(result.took < Duration::from_secs(600), "{:?}", result.took);
}

//! How keys are asked for: each once, in full calls, within the limits, and in the order of the file
//! where that matters.

use std::{collections::BTreeSet, time::Duration};

use hubassoc::{
    caller::Pace,
    key_lookup::SEARCH_INDEX_LAG,
    pipeline::ConcurrencyLimits,
    row::Row,
    stop::{Signal, StopReason},
};

use super::{
    DEAL_TO_CONTACT, DOMAIN, EMAIL, KeyRun, KeyRunResult, PRIMARY,
    account::{KeyedAccount, SentCall},
    key, keyed_row,
};
use crate::support::verdicts::ms;

fn is_read(call: &SentCall) -> bool {
    matches!(call, SentCall::Read { .. })
}

fn is_archived_read(call: &SentCall) -> bool {
    matches!(call, SentCall::ReadArchived { .. })
}

fn is_search(call: &SentCall) -> bool {
    matches!(call, SentCall::Search { .. })
}

/// When the calls of a kind came.
fn times(result: &KeyRunResult, time: fn(&SentCall) -> Option<Duration>) -> Vec<Duration> {
    result.calls.iter().filter_map(time).collect()
}

fn read_at(call: &SentCall) -> Option<Duration> {
    if let SentCall::Read { at, .. } = call {
        Some(*at)
    } else {
        None
    }
}

fn search_at(call: &SentCall) -> Option<Duration> {
    if let SentCall::Search { at, .. } = call {
        Some(*at)
    } else {
        None
    }
}

fn email(number: u64) -> String {
    format!("person{number}@example.com")
}

/// An account with contacts of these numbers.
fn account_of(numbers: impl IntoIterator<Item = u64>) -> KeyedAccount {
    let account = KeyedAccount::new();
    numbers.into_iter().fold(account, |account, number| {
        account.record(1_000 + number, &[&email(number)])
    })
}

/// A row from deal 5 to the contact with this address.
fn to_contact(row: u64, number: u64) -> Row {
    let deal = hubassoc::association::RecordId::new(5).unwrap();
    let ends = [deal.into(), key(EMAIL, &email(number))];
    keyed_row(row, ends, DEAL_TO_CONTACT)
}

/// The values of all calls of a kind, in order.
fn asked(result: &KeyRunResult) -> Vec<&str> {
    let mut asked = Vec::new();
    for call in &result.calls {
        if let SentCall::Read { values, .. } = call {
            asked.extend(values.iter().map(String::as_str));
        }
    }
    asked
}

#[test]
fn each_key_is_asked_for_once_in_full_calls() {
    let people = 1_050;
    // Every seventh is missing.
    let run = KeyRun::new(account_of((0..people).filter(|number| number % 7 != 0)));
    let rows: Vec<_> = (1..=3_000)
        .map(|row| to_contact(row, row * 31 % people))
        .collect();
    let result = run.send(&rows);
    assert_eq!(result.reports.len(), 3_000);
    let asked = asked(&result);
    assert_eq!(asked.len() as u64, people);
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len());
    assert_eq!(result.count(is_read), 11, "1,050 keys in calls of 100");
    assert_eq!(
        result.count(is_archived_read),
        2,
        "150 misses in calls of 100"
    );
    for row in 1..=3_000 {
        let number = row * 31 % people;
        let expected = if number % 7 == 0 {
            ("failed", Some("record_not_found"))
        } else {
            ("succeeded", None)
        };
        assert_eq!(result.verdict(row), expected);
    }
}

#[test]
fn never_more_than_five_searches_in_a_second_and_misses_once_more_after_the_index() {
    let mut account = KeyedAccount::new();
    for number in 0..1_900 {
        account = account.record(5_000 + number, &[&format!("c{number}.com")]);
    }
    let account = account.record(1, &["a@x.com"]);
    let run = KeyRun::new(account.with_latency(ms(50)));
    let rows = (0..2_000).map(|number| {
        let ends = [
            key(EMAIL, "a@x.com"),
            key(DOMAIN, &format!("c{number}.com")),
        ];
        keyed_row(number + 1, ends, PRIMARY)
    });
    let result = run.send(&rows.collect::<Vec<_>>());
    let times = times(&result, search_at);
    // 50 domains in a call, and the 100 misses again.
    assert_eq!(times.len(), 40 + 2);
    for window in times.windows(6) {
        assert!(window[5] - window[0] > Duration::from_secs(1), "{window:?}");
    }
    let first_miss = times[38];
    assert!(times[40] >= first_miss + SEARCH_INDEX_LAG, "{times:?}");
    assert_eq!(result.verdict(2_000), ("failed", Some("record_not_found")));
    assert_eq!(result.verdict(1), ("succeeded", None));
}

#[test]
fn rows_that_set_the_same_primary_company_keep_the_order_of_the_file() {
    let account = KeyedAccount::new()
        .record(1, &["a@x.com"])
        .record(21, &["late.com"])
        .found_after(21, ms(3_000))
        .record(22, &["now.com"]);
    let run = KeyRun::new(account);
    let to = |row, domain| keyed_row(row, [key(EMAIL, "a@x.com"), key(DOMAIN, domain)], PRIMARY);
    let result = run.send(&[to(1, "late.com"), to(2, "now.com")]);
    let mut writes = Vec::new();
    for call in &result.calls {
        if let SentCall::Write(links) = call {
            writes.extend(links.iter().copied());
        }
    }
    assert_eq!(writes, [(1, 21), (1, 22)], "the last row of the file wins");
}

#[test]
fn what_an_earlier_session_knew_is_not_asked_again() {
    let run = KeyRun::new(account_of(0..250));
    let rows: Vec<_> = (1..=300).map(|row| to_contact(row, row)).collect();
    let first = run.send(&rows);
    assert_eq!(first.count(is_read), 3);
    let second = run.send(&rows);
    assert_eq!(
        second.count(|call| is_read(call) || is_archived_read(call) || is_search(call)),
        0
    );
    for row in 1..=300 {
        assert_eq!(second.verdict(row), first.verdict(row));
    }
}

#[test]
fn reads_use_nearly_all_of_the_general_window() {
    let people = 30_000;
    let run = KeyRun {
        bounds: ConcurrencyLimits {
            concurrency: 16,
            rows_per_call: 2_000,
        },
        pace: Pace::Limited("190/10s".parse().unwrap()),
        ..KeyRun::new(account_of(0..people).with_latency(ms(490)))
    };
    let rows: Vec<_> = (0..people)
        .map(|number| to_contact(number + 1, number))
        .collect();
    let result = run.send(&rows);
    let times = times(&result, read_at);
    assert_eq!(times.len(), 300);
    let took = (*times.last().unwrap() - times[0]).as_secs_f64();
    let share = 300.0 / (19.0 * took);
    assert!(share >= 0.97, "{share}");
    for window in times.windows(191) {
        assert!(window[190] - window[0] >= Duration::from_secs(10));
    }
}

#[test]
fn a_stop_drops_the_rows_that_wait() {
    let run = KeyRun::new(account_of(0..10));
    run.stop.request(StopReason::Signal(Signal::Interrupt));
    let rows: Vec<_> = (1..=100).map(|row| to_contact(row, row)).collect();
    let result = run.send(&rows);
    assert_eq!((result.reports.len(), result.calls.len()), (0, 0));
    assert_eq!(result.took, Duration::ZERO);
}

#[test]
fn answers_that_come_after_a_signal_are_kept() {
    let account = || account_of(0..250).with_latency(ms(400));
    let run = KeyRun {
        signal_after: Some(ms(500)),
        ..KeyRun::new(account())
    };
    let rows: Vec<_> = (1..=250).map(|row| to_contact(row, row - 1)).collect();
    let result = run.send(&rows);
    assert_eq!(result.reports.len(), 0);
    assert_eq!(
        result.took,
        ms(800),
        "for these answers, after that about the account"
    );
    let before: BTreeSet<_> = asked(&result).into_iter().map(str::to_owned).collect();
    assert_eq!(before.len(), 100, "the first call goes alone");

    let next = KeyRun {
        store: run.store,
        ..KeyRun::new(account())
    };
    let result = next.send(&rows);
    assert_eq!(result.reports.len(), 250);
    let after: BTreeSet<_> = asked(&result).into_iter().map(str::to_owned).collect();
    assert_eq!((after.len(), after.intersection(&before).count()), (150, 0));
}

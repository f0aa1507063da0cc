//! 3,000 rows of all kinds together: each has its verdict, the calls stay within their bounds, and
//! the same rows by ids make the same links.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use hubassoc::{
    association::{RecordId, RecordReference},
    row::Row,
};

use super::{
    DOMAIN, EMAIL, KeyRun, KeyRunResult, PRIMARY,
    account::{KeyedAccount, SentCall},
    key, keyed_row,
};
use crate::support::row;

const ROWS: u64 = 3_000;
const PEOPLE: u64 = 1_300;
const COMPANIES: u64 = 420;

/// What the rows are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Exists,
    /// The row has a secondary address.
    Secondary,
    Archived,
    Missing,
    /// Another record has it, too.
    Twice,
}

/// Every kind of contact and company is there, in shares that are no multiples of each other.
fn person(number: u64) -> Kind {
    match number % 13 {
        3 => Kind::Secondary,
        7 => Kind::Archived,
        11 => Kind::Missing,
        _ => Kind::Exists,
    }
}

fn company(number: u64) -> Kind {
    match number % 11 {
        4 => Kind::Twice,
        9 => Kind::Missing,
        _ => Kind::Exists,
    }
}

fn email(number: u64) -> String {
    format!("person{number}@example.com")
}

fn domain(number: u64) -> String {
    format!("firm{number}.example")
}

fn account() -> KeyedAccount {
    let mut account = KeyedAccount::new().with_latency(Duration::from_millis(200));
    for number in 0..PEOPLE {
        let (id, address) = (10_000 + number, email(number));
        let in_capitals = address.to_uppercase();
        account = match person(number) {
            Kind::Exists | Kind::Twice => account.record(id, &[&in_capitals]),
            Kind::Secondary => account.record(id, &["main@example.com", &address]),
            Kind::Archived => account.archived(id, &[&address]),
            Kind::Missing => account,
        };
    }
    for number in 0..COMPANIES {
        let (id, name) = (50_000 + number, domain(number));
        account = match company(number) {
            Kind::Missing => account,
            Kind::Twice => {
                let www = format!("www.{name}");
                account.record(id, &[&name]).record(id + 5_000, &[&www])
            }
            Kind::Exists | Kind::Secondary | Kind::Archived => account.record(id, &[&name]),
        };
    }
    account
}

/// The person and the company of a row.
fn ends(row: u64) -> (u64, u64) {
    (row * 37 % PEOPLE, row * 101 % COMPANIES)
}

/// The code of a row, and the ids if it succeeds.
fn expected(row: u64) -> (Option<&'static str>, Option<(u64, u64)>) {
    let (from, to) = ends(row);
    let of_person = match person(from) {
        Kind::Archived => Some("record_archived"),
        Kind::Missing => Some("record_not_found"),
        Kind::Exists | Kind::Secondary | Kind::Twice => None,
    };
    let of_company = match company(to) {
        Kind::Twice => Some("record_ambiguous"),
        Kind::Missing => Some("record_not_found"),
        Kind::Exists | Kind::Secondary | Kind::Archived => None,
    };
    let code = of_person.or(of_company);
    (code, code.is_none().then_some((10_000 + from, 50_000 + to)))
}

fn links(result: &KeyRunResult) -> BTreeMap<(u64, u64), usize> {
    let mut links = BTreeMap::new();
    for call in &result.calls {
        if let SentCall::Write(written) = call {
            for link in written {
                *links.entry(*link).or_default() += 1;
            }
        }
    }
    links
}

fn assert_at_most_five_searches_in_a_second(result: &KeyRunResult) {
    let mut searches = Vec::new();
    for call in &result.calls {
        if let SentCall::Search { at, .. } = call {
            searches.push(*at);
        }
    }
    for window in searches.windows(6) {
        assert!(window[5] - window[0] > Duration::from_secs(1), "{window:?}");
    }
}

#[test]
fn three_thousand_rows_have_their_verdicts_within_the_bounds_of_calls() {
    check_three_thousand_rows(account());
}

#[test]
fn the_bounds_hold_where_answers_only_leave_out_what_they_do_not_find() {
    check_three_thousand_rows(account().with_fault(|_, _, page| page.faults.clear()));
}

fn check_three_thousand_rows(account_of_run: KeyedAccount) {
    let run = KeyRun::new(account_of_run);
    let rows: Vec<Row> = (1..=ROWS)
        .map(|row| {
            let (from, to) = ends(row);
            keyed_row(
                row,
                [key(EMAIL, &email(from)), key(DOMAIN, &domain(to))],
                PRIMARY,
            )
        })
        .collect();
    let result = run.send(&rows);
    for row in 1..=ROWS {
        let (code, ids) = expected(row);
        let status = if code.is_none() {
            "succeeded"
        } else {
            "failed"
        };
        assert_eq!(result.verdict(row), (status, code), "{row}");
        let ids = ids.map_or([None, None], |(from, to)| [Some(from), Some(to)]);
        assert_eq!(result.ids(row), ids, "{row}");
    }
    let people: BTreeSet<_> = (1..=ROWS).map(|row| ends(row).0).collect();
    let is_missed = |number: &&u64| matches!(person(**number), Kind::Archived | Kind::Missing);
    let missed = people.iter().filter(is_missed).count();
    let reads =
        result.count(|call| matches!(call, SentCall::Read { .. } | SentCall::ReadArchived { .. }));
    assert!(
        reads <= people.len().div_ceil(100) + 3 * missed.div_ceil(100),
        "{reads}"
    );
    assert_at_most_five_searches_in_a_second(&result);
    let by_ids = (1..=ROWS).filter_map(|number| {
        let (from, to) = expected(number).1?;
        Some(row(number, (from, to, PRIMARY)))
    });
    let same = KeyRun::new(account()).send(&by_ids.collect::<Vec<_>>());
    assert_eq!(links(&result), links(&same));
    assert_eq!(
        same.count(|call| !matches!(call, SentCall::Write(_) | SentCall::Other)),
        0
    );
}

#[test]
fn a_row_may_have_a_key_at_one_end_and_an_id_at_the_other() {
    let run = KeyRun::new(account());
    let id = |id| RecordReference::from(RecordId::new(id).unwrap());
    let result = run.send(&[
        keyed_row(1, [key(EMAIL, &email(0)), id(7)], PRIMARY),
        keyed_row(2, [id(8), key(DOMAIN, &domain(0))], PRIMARY),
    ]);
    assert_eq!(
        (result.ids(1), result.ids(2)),
        ([Some(10_000), None], [None, Some(50_000)])
    );
    assert_eq!(
        links(&result).into_keys().collect::<Vec<_>>(),
        [(8, 50_000), (10_000, 7)]
    );
}

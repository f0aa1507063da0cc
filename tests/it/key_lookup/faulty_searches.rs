//! Searches whose pages do not fit together: no record is taken for missing, and no search is endless.

use hubassoc::{
    api::{KeyPage, KeyQuery},
    association::RecordId,
    messages,
};

use super::{
    DOMAIN, KeyRun, KeyRunResult, PRIMARY,
    account::{KeyedAccount, SentCall},
    key, keyed_row,
};

const THREE: [&str; 3] = ["one.com", "two.com", "three.com"];

const ALL: [Option<u64>; 3] = [Some(21), Some(22), Some(23)];

/// Three companies, each on a page of its own.
fn account() -> KeyedAccount {
    KeyedAccount::new()
        .with_pages_of(1)
        .record(21, &["one.com"])
        .record(22, &["two.com"])
        .record(23, &["three.com"])
}

/// Rows to these domains.
fn send(account: KeyedAccount, domains: &[&str]) -> KeyRunResult {
    let to = |(number, domain): (u64, &&str)| {
        let contact = RecordId::new(number).unwrap().into();
        keyed_row(number, [contact, key(DOMAIN, domain)], PRIMARY)
    };
    let rows: Vec<_> = (1..).zip(domains).map(to).collect();
    KeyRun::new(account).send(&rows)
}

/// How many domains each search was for.
fn searched(result: &KeyRunResult) -> Vec<usize> {
    let mut searched = Vec::new();
    for call in &result.calls {
        if let SentCall::Search { values, .. } = call {
            searched.push(values.len() / 2);
        }
    }
    searched
}

fn companies(result: &KeyRunResult) -> Vec<Option<u64>> {
    let rows = 1..=result.reports.len() as u64;
    rows.map(|row| result.ids(row)[1]).collect()
}

/// The code and the message of the first row.
fn failure(result: &KeyRunResult) -> (&'static str, String) {
    let note = result.report(1).note().unwrap().into_owned();
    (note.code.as_str(), messages::failure(&note).into_owned())
}

/// The second page has the record of the first.
fn repeat(query: &KeyQuery, page: &mut KeyPage) {
    if query.after.as_deref() == Some("1") {
        page.records[0].id = RecordId::new(21).unwrap();
        page.records[0].values = vec!["one.com".to_owned()];
    }
}

#[test]
fn records_on_several_pages_are_found() {
    let result = send(account(), &THREE);
    assert_eq!(companies(&result), ALL);
    assert_eq!(searched(&result), [3, 3, 3]);
}

#[test]
fn a_record_on_two_pages_does_not_hide_another_one() {
    let once = account().with_fault(|earlier, query, page| {
        if earlier == 1 {
            repeat(query, page);
        }
    });
    let result = send(once, &THREE);
    assert_eq!(companies(&result), ALL);
    assert_eq!(searched(&result), [3; 5], "all pages once more");
    // Searches for fewer domains have no second page.
    let always = account().with_fault(|_, query, page| repeat(query, page));
    let result = send(always, &THREE);
    assert_eq!(companies(&result), ALL);
    assert_eq!(searched(&result), [3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1]);
}

#[test]
fn pages_that_count_differently_are_asked_for_once_more() {
    let once = account().with_fault(|earlier, _, page| {
        if earlier == 0 {
            page.total = Some(4);
        }
    });
    let result = send(once, &THREE);
    assert_eq!(companies(&result), ALL);
    assert_eq!(searched(&result), [3; 6]);
    let always = account().with_fault(|_, query, page| {
        page.total = page
            .total
            .map(|total| total + u64::from(query.after.is_none()));
    });
    let result = send(always, &["none.com"]);
    assert_eq!(
        failure(&result),
        (
            "not_read",
            "the company with domain none.com could not be looked up: HubSpot's search counts 1 \
             record but returned 0, twice; send the failed rows again later (--resume \
             --retry-failed)"
                .to_owned()
        )
    );
    assert_eq!(searched(&result), [1, 1]);
}

#[test]
fn pages_without_end_are_not_followed() {
    let faults: [fn(usize, &KeyQuery, &mut KeyPage); 3] = [
        // Always one page.
        |_, _, page| page.next = Some("1".to_owned()),
        // Further and further pages without a record.
        |earlier, _, page| {
            page.records.clear();
            page.next = Some((earlier + 1).to_string());
        },
        // Further and further pages with the same record.
        |earlier, _, page| {
            let records = page.records.iter_mut();
            records.for_each(|record| record.id = RecordId::new(21).unwrap());
            page.next = Some((earlier + 1).to_string());
        },
    ];
    for fault in faults {
        let endless = account().record(24, &["one.com"]).record(25, &["one.com"]);
        let endless = endless.with_fault(fault);
        let result = send(endless, &["one.com"]);
        assert_eq!(failure(&result).0, "not_read");
        assert!(searched(&result).len() <= 4, "{:?}", searched(&result));
    }
}

#[test]
fn a_search_that_finds_too_many_records_is_made_for_fewer_domains() {
    fn with_many(query: &KeyQuery, page: &mut KeyPage) {
        if query.values.iter().any(|value| &**value == "one.com") {
            page.total = Some(10_001);
        }
    }
    let account = account().with_fault(|_, query, page| with_many(query, page));
    let result = send(account, &THREE);
    assert_eq!(companies(&result), [None, Some(22), Some(23)]);
    assert_eq!(searched(&result), [3, 2, 1, 1, 1]);
    assert_eq!(
        failure(&result),
        (
            "record_ambiguous",
            "the company with domain one.com could not be looked up: HubSpot's search finds 10,001 \
             records, more than it can return; write the id of the right record"
                .to_owned()
        )
    );
}

//! What the answers about keys mean for rows.

use hubassoc::{key_lookup::AmbiguousPolicy, messages};

use super::{
    DEAL_TO_CONTACT, DOMAIN, EMAIL, KeyRun, PRIMARY,
    account::{KeyedAccount, SentCall},
    key, keyed_row,
};
use crate::support::verdicts::ms;
use hubassoc::association::{KeyProperty, RecordId, RecordReference};

const URL: KeyProperty = KeyProperty {
    object_type: "contacts",
    name: "record_url",
};

const CASE: KeyProperty = KeyProperty {
    object_type: "deals",
    name: "case_number",
};

fn id(id: u64) -> RecordReference {
    RecordReference::Id(RecordId::new(id).unwrap())
}

#[test]
fn every_verdict_reaches_its_row() {
    let account = KeyedAccount::new()
        .record(11, &["ann@x.com", "Ann.Old@x.com"])
        .record(12, &["bob@x.com"])
        .archived(13, &["gone@x.com"])
        .record(21, &["x.com"])
        .record(22, &["www.two.com"])
        .created(90)
        .record(23, &["two.com"])
        .created(80)
        .record(24, &["late.com"])
        .found_after(24, ms(4_000));
    let run = KeyRun::new(account);
    let ends = [
        ("ann@x.com", "x.com"),
        ("ann.old@x.com", "x.com"),
        ("bob@x.com", "late.com"),
        ("gone@x.com", "x.com"),
        ("nobody@x.com", "x.com"),
        ("bob@x.com", "two.com"),
        ("bob@x.com", "none.com"),
    ];
    let rows = (1..).zip(ends).map(|(number, (email, domain))| {
        keyed_row(number, [key(EMAIL, email), key(DOMAIN, domain)], PRIMARY)
    });
    let rows: Vec<_> = rows.collect();
    let result = run.send(&rows);
    let verdicts: Vec<_> = (1..=7).map(|row| result.verdict(row)).collect();
    assert_eq!(
        verdicts,
        [
            ("succeeded", None),
            ("succeeded", None),
            ("succeeded", None),
            ("failed", Some("record_archived")),
            ("failed", Some("record_not_found")),
            ("failed", Some("record_ambiguous")),
            ("failed", Some("record_not_found")),
        ]
    );
    assert_eq!(result.ids(1), [Some(11), Some(21)]);
    assert_eq!(result.ids(2), [Some(11), Some(21)]);
    assert_eq!(result.ids(3), [Some(12), Some(24)]);
    assert_eq!(result.ids(6), [None, None]);
    assert_eq!(
        result.count(|call| matches!(call, SentCall::ReadArchived { .. })),
        1
    );
}

#[test]
fn the_oldest_of_several_is_taken_only_when_asked_for() {
    let account = KeyedAccount::new()
        .record(31, &["a@x.com"])
        .record(22, &["two.com"])
        .created(90)
        .record(23, &["two.com"])
        .created(80)
        .record(25, &["two.com"])
        .created(80);
    let run = KeyRun {
        ambiguous: AmbiguousPolicy::TakeOldest,
        ..KeyRun::new(account)
    };
    let ends = [key(EMAIL, "a@x.com"), key(DOMAIN, "two.com")];
    let result = run.send(&[keyed_row(1, ends, PRIMARY)]);
    assert_eq!(result.verdict(1), ("succeeded", Some("record_ambiguous")));
    assert_eq!(result.ids(1), [Some(31), Some(23)]);
    let report = result.report(1).note().unwrap().into_owned();
    assert_eq!(
        messages::failure(&report),
        "3 company records have domain two.com: 23 (Record 23, created 1970-01-01), 25 \
         (Record 25, created 1970-01-01), 22 (Record 22, created 1970-01-01); the oldest, 23, was \
         taken"
    );
}

#[test]
fn an_address_of_a_merged_record_leads_to_the_record_of_today() {
    let account = KeyedAccount::new()
        .record(7, &[])
        .merged(6, 7)
        .archived(5, &[]);
    let run = KeyRun::new(account);
    let rows = (1..)
        .zip(["9/7", "9/6", "9/5", "9/4"])
        .map(|(number, url)| keyed_row(number, [id(99), key(URL, url)], DEAL_TO_CONTACT));
    let result = run.send(&rows.collect::<Vec<_>>());
    let verdicts: Vec<_> = (1..=4).map(|row| result.verdict(row)).collect();
    assert_eq!(
        verdicts,
        [
            ("succeeded", None),
            ("succeeded", Some("record_merged")),
            ("failed", Some("record_archived")),
            ("failed", Some("record_not_found")),
        ]
    );
    assert_eq!(result.ids(1), [None, Some(7)]);
    assert_eq!(result.ids(2), [None, Some(7)]);
}

#[test]
fn a_key_that_hubspot_refuses_fails_its_own_row_only() {
    let mut account = KeyedAccount::new().refusing("K-13");
    for number in 0..40 {
        account = account.record(100 + number, &[&format!("K-{number}")]);
    }
    let run = KeyRun::new(account);
    let rows = (0..40).map(|number| {
        let deal = key(CASE, &format!("K-{number}"));
        keyed_row(number + 1, [deal, id(5)], DEAL_TO_CONTACT)
    });
    let result = run.send(&rows.collect::<Vec<_>>());
    for row in 1..=40 {
        let expected = if row == 14 {
            ("failed", Some("rejected"))
        } else {
            ("succeeded", None)
        };
        assert_eq!(result.verdict(row), expected, "{row}");
    }
}

#[test]
fn a_success_that_says_nothing_lacks_records() {
    let run = KeyRun::new(KeyedAccount::new().silent());
    let ends = [key(EMAIL, "a@x.com"), id(7)];
    let result = run.send(&[keyed_row(1, ends, PRIMARY)]);
    assert_eq!(result.verdict(1), ("failed", Some("unexpected_answer")));
    let note = result.report(1).note().unwrap().into_owned();
    assert_eq!(
        messages::failure(&note),
        "the contact with email a@x.com could not be looked up: HTTP 200 without records"
    );
}

#[test]
fn a_record_whose_key_looks_different_is_asked_for_alone() {
    let account = KeyedAccount::new().record(7, &["0042"]).record(8, &["A1"]);
    let run = KeyRun::new(account);
    let deal = |number, value| keyed_row(number, [key(CASE, value), id(5)], DEAL_TO_CONTACT);
    let result = run.send(&[deal(1, "0042"), deal(2, "a1"), deal(3, "none")]);
    assert_eq!(
        (result.ids(1), result.ids(2)),
        ([Some(7), None], [Some(8), None])
    );
    assert_eq!(result.verdict(3), ("failed", Some("record_not_found")));
}

#[test]
fn what_is_found_for_a_key_does_not_depend_on_its_neighbours() {
    let account = KeyedAccount::new()
        .record(7, &["ABC-1"])
        .record(8, &["K 2"])
        .record(9, &["Exact"]);
    let deal = |number, value| keyed_row(number, [key(CASE, value), id(5)], DEAL_TO_CONTACT);
    let values = ["abc-1", "ABC-1", "Abc-1", "k 2", "K 2", "Exact", "none"];
    let deals = [7, 7, 7, 8, 8, 9].map(|id| [Some(id), None]);
    let rows: Vec<_> = (1..)
        .zip(values)
        .map(|(number, value)| deal(number, value))
        .collect();
    let together = KeyRun::new(account.clone()).send(&rows);
    for (row, ids) in (1..).zip(deals) {
        assert_eq!(together.ids(row), ids, "{row}");
    }
    assert_eq!(together.verdict(7), ("failed", Some("record_not_found")));
    let mut alone = Vec::new();
    for call in &together.calls {
        if let SentCall::Read { values, .. } = call
            && let [value] = &values[..]
        {
            alone.push(&**value);
        }
    }
    assert_eq!(alone, ["abc-1", "Abc-1", "k 2"]);
    for row in rows {
        let number = row.number;
        let result = KeyRun::new(account.clone()).send(&[row]);
        assert_eq!(result.ids(number), together.ids(number));
        assert_eq!(result.verdict(number), together.verdict(number));
    }
}

/// The input gives domains in ASCII.
#[test]
fn a_domain_with_other_letters_is_found_in_either_form() {
    let account = KeyedAccount::new()
        .record(21, &["bücher.de"])
        .record(22, &["xn--mller-kva.de"])
        .record(23, &["www.käse.de"])
        .record(24, &["plain.de"]);
    let domains = [
        "xn--bcher-kva.de",
        "xn--mller-kva.de",
        "xn--kse-qla.de",
        "plain.de",
    ];
    let contact = || RecordId::new(5).unwrap().into();
    let row = |(number, domain)| keyed_row(number, [contact(), key(DOMAIN, domain)], PRIMARY);
    let rows: Vec<_> = (1..).zip(domains).map(row).collect();
    let result = KeyRun::new(account).send(&rows);
    let found: Vec<_> = (1..=4).map(|row| result.ids(row)[1]).collect();
    assert_eq!(found, [Some(21), Some(22), Some(23), Some(24)]);
}

#[test]
fn a_search_has_at_most_a_hundred_forms_of_domains() {
    let contact = || RecordId::new(5).unwrap().into();
    let domain = |number| format!("xn--bcher-kva.c{number}.de");
    let row = |number| keyed_row(number, [contact(), key(DOMAIN, &domain(number))], PRIMARY);
    let rows: Vec<_> = (1..=60).map(row).collect();
    let account = (1..=60).fold(KeyedAccount::new(), |account, number| {
        account.record(100 + number, &[&domain(number)])
    });
    let result = KeyRun::new(account).send(&rows);
    let mut searched = Vec::new();
    for call in &result.calls {
        if let SentCall::Search { values, .. } = call {
            searched.push(values.len());
        }
    }
    assert_eq!(searched, [100, 100, 40]);
}

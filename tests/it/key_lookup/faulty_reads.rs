//! Reads that say less than they should: a key that they do not speak of is asked for once more, and
//! doubt about one key is resolved alone.

use hubassoc::{
    api::KeyedRecord,
    association::RecordId,
    code::Code,
    failure::{Failure, ResponseFault},
    messages,
};

use super::{
    DEAL_TO_CONTACT, EMAIL, KeyRun, KeyRunResult,
    account::{KeyedAccount, SentCall},
    key, keyed_row,
};

/// Rows to the contacts with these addresses.
fn send(account: KeyedAccount, emails: &[&str]) -> KeyRunResult {
    let to = |(number, email): (u64, &&str)| {
        let deal = RecordId::new(5).unwrap().into();
        keyed_row(number, [deal, key(EMAIL, email)], DEAL_TO_CONTACT)
    };
    let rows: Vec<_> = (1..).zip(emails).map(to).collect();
    KeyRun::new(account).send(&rows)
}

/// The calls for keys: `read a@x.com`, `archive a@x.com`.
fn asked(result: &KeyRunResult) -> Vec<String> {
    let asked = result.calls.iter().filter_map(|call| match call {
        SentCall::Read { values, .. } => Some(format!("read {}", values.join(" "))),
        SentCall::ReadArchived { values } => Some(format!("archive {}", values.join(" "))),
        SentCall::Search { .. } | SentCall::Single(_) | SentCall::Write(_) | SentCall::Other => {
            None
        }
    });
    asked.collect()
}

/// The code of each row, or the id of its contact.
fn verdicts(result: &KeyRunResult) -> Vec<String> {
    let rows = 1..=result.reports.len() as u64;
    let verdicts = rows.map(|row| match (result.verdict(row).1, result.ids(row)[1]) {
        (Some(code), _) => code.to_owned(),
        (None, id) => id.unwrap().to_string(),
    });
    verdicts.collect()
}

fn stray() -> KeyedRecord {
    KeyedRecord {
        id: RecordId::new(99).unwrap(),
        values: vec!["other@x.com".to_owned()],
        name: None,
        created_at: None,
        is_archived: false,
    }
}

fn account() -> KeyedAccount {
    KeyedAccount::new()
        .record(1, &["a@x.com"])
        .record(2, &["b@x.com"])
        .archived(3, &["c@x.com"])
}

const FOUR: [&str; 4] = ["a@x.com", "b@x.com", "c@x.com", "d@x.com"];

const VERDICTS: [&str; 4] = ["1", "2", "record_archived", "record_not_found"];

#[test]
fn keys_that_an_answer_names_as_not_found_are_not_asked_for_again() {
    let result = send(account(), &FOUR);
    assert_eq!(verdicts(&result), VERDICTS);
    assert_eq!(
        asked(&result),
        [
            "read a@x.com b@x.com c@x.com d@x.com",
            "archive c@x.com d@x.com"
        ]
    );
}

#[test]
fn keys_that_an_answer_leaves_out_are_asked_for_once_more_together() {
    let silent = account().with_fault(|_, _, page| page.faults.clear());
    let result = send(silent, &FOUR);
    assert_eq!(verdicts(&result), VERDICTS);
    assert_eq!(
        asked(&result),
        [
            "read a@x.com b@x.com c@x.com d@x.com",
            "read c@x.com d@x.com",
            "archive c@x.com d@x.com"
        ]
    );
    // The first answer leaves out records that exist.
    let forgetful = account().with_fault(|earlier, _, page| {
        page.faults.clear();
        if earlier == 0 {
            page.records.truncate(1);
        }
    });
    let result = send(forgetful, &FOUR);
    assert_eq!(verdicts(&result), VERDICTS);
    assert_eq!(asked(&result)[1], "read b@x.com c@x.com d@x.com");
}

#[test]
fn left_out_keys_stay_within_the_bound_of_calls() {
    let mut account = KeyedAccount::new().with_fault(|_, _, page| page.faults.clear());
    let emails: Vec<_> = (0..950).map(|number| format!("p{number}@x.com")).collect();
    for (id, email) in (1_000..).zip(&emails) {
        if id % 3 != 0 {
            account = account.record(id, &[email]);
        }
    }
    let emails: Vec<_> = emails.iter().map(String::as_str).collect();
    let result = send(account, &emails);
    let missed = verdicts(&result);
    let missed = missed.iter().filter(|code| *code == "record_not_found");
    assert_eq!(missed.count(), 316);
    // All keys, and the 316 misses once more and in the archive.
    assert_eq!(asked(&result).len(), 10 + 4 + 4);
}

#[test]
fn doubt_in_the_archive_is_resolved_alone() {
    let with_stray = account().with_fault(|_, query, page| {
        if query.archived && query.values.len() > 1 {
            page.faults.clear();
            page.records.push(stray());
        }
    });
    let unlisted = account().with_fault(|_, query, page| {
        if query.archived && query.values.len() > 1 {
            page.faults.clear();
            page.unattributed = Some(Failure::new(Code::NotRead, ResponseFault::ErrorsMissing));
        }
    });
    for doubtful in [with_stray, unlisted] {
        let result = send(doubtful, &FOUR);
        assert_eq!(verdicts(&result), VERDICTS);
        assert_eq!(
            asked(&result)[1..],
            ["archive c@x.com d@x.com", "archive d@x.com"]
        );
    }
}

#[test]
fn a_key_that_is_in_doubt_alone_fails_with_what_hubspot_answered() {
    let doubtful = account().with_fault(|_, query, page| {
        if query.archived {
            page.faults.clear();
            page.unattributed = Some(Failure::new(Code::NotRead, ResponseFault::ErrorsMissing));
        }
    });
    let result = send(doubtful, &FOUR);
    assert_eq!(verdicts(&result), ["1", "2", "record_archived", "not_read"]);
    let note = result.report(4).note().unwrap().into_owned();
    assert_eq!(
        messages::failure(&note),
        "the contact with email d@x.com could not be looked up: the answer reports errors but does \
         not name them; send the failed rows again later (--resume --retry-failed)"
    );
    assert_eq!(
        asked(&result)[1..],
        ["archive c@x.com d@x.com", "archive d@x.com"]
    );
}

#[test]
fn a_key_in_another_unicode_form_is_found_beside_the_one_that_the_record_has() {
    let (composed, decomposed) = ("j\u{f6}rg@x.com", "jo\u{308}rg@x.com");
    // HubSpot finds both, and does not say which of them led to the record.
    let normalising = KeyedAccount::new()
        .record(7, &[composed])
        .with_fault(|_, query, page| {
            page.faults.clear();
            let asks_for = |text: &str| query.values.iter().any(|value| &**value == text);
            if asks_for("jo\u{308}rg@x.com") && page.records.is_empty() && !query.archived {
                let values = vec!["j\u{f6}rg@x.com".to_owned()];
                page.records.push(KeyedRecord {
                    id: RecordId::new(7).unwrap(),
                    values,
                    ..stray()
                });
            }
        });
    let result = send(normalising, &[composed, decomposed]);
    assert_eq!(verdicts(&result), ["7", "7"]);
    assert_eq!(
        asked(&result),
        [
            format!("read {composed} {decomposed}"),
            format!("read {decomposed}")
        ]
    );
}

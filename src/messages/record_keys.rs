//! Sentences about keys whose record is not certain.

use std::borrow::Cow;

use crate::{
    account::AccountId,
    association::{CandidateRecord, Candidates, KeyKind, RecordId, RecordKey, singular},
    failure::{FailureDetail, KeyFault, KeyFaultKind, LookupFault, ResponseFault},
    lookalike::show_exact,
    output::{number, plural},
};

/// How much of a key is shown.
const KEY_CHARS: usize = 60;

/// Words the reason of a failure.
pub(super) type DetailWording = for<'a> fn(&'a FailureDetail) -> Cow<'a, str>;

/// How a key and the records that have it are shown.
struct KeyTexts {
    key: String,
    /// What a record's address has in it, if the key is one and shown.
    address: Option<(AccountId, RecordId)>,
    candidates: ShownCandidates,
    wording: DetailWording,
}

/// What is shown of several records that have one key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ShownCandidates {
    WithNames,
    WithoutNames,
    /// Not even how many they are.
    None,
}

/// Why the record of a key is not certain.
pub(super) fn key_fault(fault: &KeyFault, wording: DetailWording) -> String {
    let KeyFault { key, kind } = fault;
    let value = show_exact(&key.value, KEY_CHARS);
    let address = key.address().map(|(account, (_, id))| (account, id));
    let texts = KeyTexts {
        key: match address {
            Some((_, id)) => format!("this address ({id})"),
            None => format!("{} {value}", key.property.name),
        },
        address,
        candidates: ShownCandidates::WithNames,
        wording,
    };
    sentence(key, kind, &texts)
}

/// Why the record of a key is not certain, without the key: it may be personal data.
pub(super) fn key_fault_without_key(
    fault: &KeyFault,
    candidates: ShownCandidates,
    wording: DetailWording,
) -> String {
    let KeyFault { key, kind } = fault;
    let texts = KeyTexts {
        key: match key.property.kind() {
            KeyKind::RecordUrl => "this address".to_owned(),
            KeyKind::Email | KeyKind::Domain | KeyKind::Unique => {
                format!("this {}", key.property.name)
            }
        },
        address: None,
        candidates,
        wording,
    };
    sentence(key, kind, &texts)
}

fn sentence(key: &RecordKey, kind: &KeyFaultKind, texts: &KeyTexts) -> String {
    let (one, with) = (singular(key.property.object_type), &texts.key);
    let is_address = key.property.kind() == KeyKind::RecordUrl;
    let record = format!("{one} {} {with}", if is_address { "of" } else { "with" });
    match kind {
        KeyFaultKind::NotFound if is_address => format!(
            "HubSpot does not have the {record}; correct the cell, then import the row again"
        ),
        KeyFaultKind::NotFound => format!(
            "HubSpot has no {record}; create it or correct the key, then import the row again"
        ),
        KeyFaultKind::Archived(id) => format!(
            "the {record} was deleted{}; restore it in HubSpot, then import the row again",
            unless_named(*id, texts)
        ),
        KeyFaultKind::Ambiguous(candidates) => format!(
            "{}; merge them in HubSpot, or write the id of the right one, or use --on-ambiguous \
             oldest",
            several(one, candidates, texts)
        ),
        KeyFaultKind::OldestChosen(candidates) => format!(
            "{}; the oldest, {}, was taken",
            several(one, candidates, texts),
            candidates.oldest
        ),
        KeyFaultKind::OtherAccount(account) => other_account(*account, texts),
        KeyFaultKind::NotLookedUp(why) => format!(
            "the {record} could not be looked up: {}{}",
            (texts.wording)(why),
            remedy(why)
        ),
    }
}

/// The id of a record, unless the key has said it.
fn unless_named(id: RecordId, texts: &KeyTexts) -> String {
    if texts.address.is_some_and(|(_, named)| named == id) {
        String::new()
    } else {
        format!(" ({id})")
    }
}

fn other_account(account: AccountId, texts: &KeyTexts) -> String {
    let found = match texts.address {
        Some((found, _)) => format!("account {found}"),
        None => "another account".to_owned(),
    };
    format!(
        "this is the address of a record in {found}, but this account is {account}; correct the cell"
    )
}

/// What to do about an answer that has no remedy of its own.
fn remedy(why: &FailureDetail) -> &'static str {
    match why {
        FailureDetail::Response(ResponseFault::ErrorsMissing | ResponseFault::IdMissing) => {
            "; send the failed rows again later (--resume --retry-failed)"
        }
        FailureDetail::Response(_)
        | FailureDetail::Link(_)
        | FailureDetail::Key(_)
        | FailureDetail::Cell(..)
        | FailureDetail::Row(_) => "",
    }
}

/// Why HubSpot's answers leave the record of a key uncertain, and what to do.
pub(super) fn lookup_fault(fault: LookupFault) -> String {
    match fault {
        LookupFault::SearchIncomplete { found, total } => format!(
            "HubSpot's search counts {} but returned {}, twice; send the failed rows again later \
             (--resume --retry-failed)",
            plural(total, "record", "records"),
            number(found)
        ),
        LookupFault::OtherRecords => {
            let what = "HubSpot answered with records that do not have it";
            format!(
                "{what}; send the failed rows again later (--resume --retry-failed), or write the id \
                 of the right record"
            )
        }
        LookupFault::SearchTooLarge { total } => format!(
            "HubSpot's search finds {}, more than it can return; write the id of the right record",
            plural(total, "record", "records")
        ),
    }
}

/// `2 company records have this domain: 7001 (Acme, created 2024-01-01), 7002`
fn several(one: &str, candidates: &Candidates, texts: &KeyTexts) -> String {
    let with = &texts.key;
    let is_named = match texts.candidates {
        ShownCandidates::WithNames => true,
        ShownCandidates::WithoutNames => false,
        ShownCandidates::None => return format!("several {one} records have {with}"),
    };
    let shown = candidates.shown.iter();
    let mut shown: Vec<_> = shown.map(|record| candidate(record, is_named)).collect();
    if (shown.len() as u64) < candidates.total {
        shown.push("…".to_owned());
    }
    format!(
        "{} {one} records have {with}: {}",
        number(candidates.total),
        shown.join(", ")
    )
}

fn candidate(candidate: &CandidateRecord, is_named: bool) -> String {
    let created = candidate.created_at;
    let created = created.map(|at| format!("created {}", at.strftime("%Y-%m-%d")));
    let name = candidate.name.iter().filter(|_| is_named).cloned();
    let known: Vec<_> = name.chain(created).collect();
    if known.is_empty() {
        candidate.id.to_string()
    } else {
        format!("{} ({})", candidate.id, known.join(", "))
    }
}

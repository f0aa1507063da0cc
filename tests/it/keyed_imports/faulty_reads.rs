//! Answers to reads by keys that are wrong, or say only a part: the verdict that a person sees.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use serde_json::json;

use super::{
    account::Account,
    call::{Answer, Call, CallKind},
    inputs::by_email,
    server::{KeyedServer, message, verdicts},
};
use crate::support::workdir::{Transcript, Workdir};

/// Imports links of contacts with these numbers, of whom 1 to 120 exist.
fn import(
    numbers: impl IntoIterator<Item = u64>,
    kind: CallKind,
    spoil: impl Fn(&Call, Answer) -> Answer + Send + Sync + 'static,
    code: i32,
) -> (KeyedServer, Workdir, Transcript) {
    let server = KeyedServer::spoiling(kind, Account::with_contacts(120), spoil);
    let workdir = Workdir::with(by_email(numbers));
    let options = "--batch max --max-attempts 2";
    let run = workdir.import(&server.base_url(), options).exits(code);
    (server, workdir, run)
}

/// A contact that nobody has asked for.
fn stranger() -> serde_json::Value {
    json!({"id": "900", "properties": {"email": "stranger@x.com"}, "archived": false})
}

fn all_succeeded(workdir: &Workdir) -> bool {
    verdicts(workdir)
        .iter()
        .all(|verdict| verdict == "succeeded")
}

#[test]
fn keys_that_a_partial_answer_does_not_tell_are_asked_for_alone() {
    let spoil = |call: &Call, answer: Answer| {
        if call.values().len() == 1 {
            return answer;
        }
        let mut answer = answer.without(2).without(3);
        answer.body["numErrors"] = json!(2);
        Answer {
            status: 207,
            ..answer
        }
    };
    let (server, workdir, _) = import(1..=10, CallKind::Read, spoil, 0);
    assert!(all_succeeded(&workdir));
    assert_eq!(server.written().len(), 10);
    let alone = server.asked(CallKind::Read);
    assert!(alone.contains(&vec!["p2@x.com".to_owned()]));
    assert!(alone.contains(&vec!["p3@x.com".to_owned()]));
}

#[test]
fn an_answer_without_results_is_not_hubspots_and_ends_the_run() {
    for status in [200, 207] {
        let spoil = move |_: &Call, _| Answer::new(status, json!({"status": "COMPLETE"}));
        let (server, workdir, run) = import(1..=5, CallKind::Read, spoil, 4);
        run.says(&[&format!(
            "stopped: something other than HubSpot's API answers: HTTP {status} without records; check --base-url, \
             the proxy and the network\n"
        )]);
        run.says(&[
            "5 rows read: 0 succeeded, 0 failed, 0 invalid, 5 not sent, or no answer yet\n",
        ]);
        assert_eq!(server.written(), []);
        assert!(!workdir.has("links.results.csv"));
    }
}

#[test]
fn a_stray_record_proves_nothing_about_the_keys_without_a_record() {
    let spoil = |call: &Call, answer: Answer| {
        if call.values().len() == 1 {
            return answer;
        }
        let mut answer = answer.without(2);
        answer.results().push(stranger());
        answer
    };
    let (server, workdir, _) = import(1..=5, CallKind::Read, spoil, 0);
    assert!(all_succeeded(&workdir));
    let written = server.written();
    assert_eq!(written, [1, 2, 3, 4, 5].map(|from| (from, 1001)));
}

#[test]
fn a_key_that_hubspot_refuses_is_found_among_a_hundred() {
    let spoil = |call: &Call, answer: Answer| {
        if call.values().iter().any(|value| value == "p50@x.com") {
            return Answer::error(400, "VALIDATION_ERROR", "p50@x.com is not valid");
        }
        answer
    };
    let (server, workdir, run) = import(1..=100, CallKind::Read, spoil, 1);
    let mut expected = vec!["succeeded".to_owned(); 100];
    "failed rejected".clone_into(&mut expected[49]);
    assert_eq!(verdicts(&workdir), expected);
    assert_eq!(server.written().len(), 99);
    // Each halving asks for both halves of a part that was refused.
    assert!(server.count(CallKind::Read) <= 15, "{:?}", server.counts());
    assert_eq!(
        message(&workdir, 50),
        "the contact with email p50@x.com could not be looked up: HTTP 400: … is not valid"
    );
    run.says(&["row 50 (line 51) rejected: the contact with this email could not be looked up: HTTP 400: … is not valid\n"]);
}

#[test]
fn keys_of_which_the_archive_says_nothing_do_not_count_as_missing() {
    let spoil = |_: &Call, _| Answer::error(500, "INTERNAL_ERROR", "internal error");
    let (server, workdir, _) = import([1, 2, 121], CallKind::ArchivedRead, spoil, 1);
    assert_eq!(
        verdicts(&workdir),
        ["succeeded", "succeeded", "failed server_error"]
    );
    assert_eq!(server.written(), [(1, 1001), (2, 1001)]);
}

#[test]
fn a_key_that_is_left_out_without_a_word_is_asked_for_once_more() {
    let asked_before = AtomicBool::new(false);
    let spoil = move |_: &Call, answer: Answer| {
        if asked_before.swap(true, SeqCst) {
            return answer;
        }
        answer.without(2)
    };
    let (server, workdir, _) = import(1..=5, CallKind::Read, spoil, 0);
    assert!(all_succeeded(&workdir));
    assert_eq!(server.count(CallKind::Read), 2);
    assert_eq!(server.asked(CallKind::Read)[1], ["p2@x.com"]);
}

#[test]
fn a_key_whose_error_is_not_named_is_sent_again_and_not_corrected() {
    let is_well = Arc::new(AtomicBool::new(false));
    let heals = Arc::clone(&is_well);
    let spoil = move |call: &Call, answer: Answer| {
        if is_well.load(SeqCst) || !call.values().iter().any(|value| value == "p2@x.com") {
            return answer;
        }
        let mut answer = answer.without(2);
        answer.body["numErrors"] = json!(1);
        Answer {
            status: 207,
            ..answer
        }
    };
    let (server, workdir, run) = import(1..=3, CallKind::Read, spoil, 1);
    assert_eq!(
        verdicts(&workdir),
        ["succeeded", "failed not_read", "succeeded"]
    );
    assert_eq!(
        message(&workdir, 2),
        "the contact with email p2@x.com could not be looked up: the answer reports errors but does \
         not name them; send the failed rows again later (--resume --retry-failed)"
    );
    run.says(&["next, when HubSpot works again: send the failed rows once more\n"]);
    run.never_says("correct the rows");
    heals.store(true, SeqCst);
    workdir
        .import(&server.base_url(), "--resume --retry-failed")
        .exits(0);
    assert_eq!(server.written(), [1, 2, 3].map(|from| (from, 1001)));
}

#[test]
fn a_refused_token_ends_the_run() {
    let spoil = |_: &Call, _| {
        let mut answer = Answer::error(
            403,
            "MISSING_SCOPES",
            "This app hasn't been granted all required scopes to make this call.",
        );
        answer.body["errors"] = json!([{
            "message": "One or more of the following scopes are required.",
            "context": {"requiredGranularScopes": ["crm.objects.contacts.read"]},
        }]);
        answer
    };
    let (server, workdir, run) = import(1..=5, CallKind::Read, spoil, 3);
    run.says(&[
        "stopped: HubSpot does not let this token look up contacts: HTTP 403: ",
        "; crm.objects.contacts.read; give it this scope\n",
    ]);
    let named = run.stderr.matches("crm.objects.contacts.read").count();
    assert_eq!(named, 1, "{run}");
    assert_eq!(
        (server.written(), server.count(CallKind::Read)),
        (vec![], 1)
    );
    assert!(!workdir.has("links.results.csv"));
}

#[test]
fn a_stray_record_in_the_archive_proves_nothing() {
    let spoil = |call: &Call, answer: Answer| {
        if call.values().len() == 1 {
            return answer;
        }
        Answer::of_read(&[stranger()], &[])
    };
    let (server, workdir, _) = import([1, 121, 122, 123], CallKind::ArchivedRead, spoil, 1);
    let missing = "failed record_not_found";
    assert_eq!(verdicts(&workdir), ["succeeded", missing, missing, missing]);
    assert_eq!(server.written(), [(1, 1001)]);
}

/// Whether the answer says that its first record was deleted.
fn with_archived(mut answer: Answer, archived: &serde_json::Value) -> Answer {
    if let Some(record) = answer.results().first_mut() {
        record["archived"] = archived.clone();
    }
    answer
}

#[test]
fn a_record_that_an_answer_calls_deleted_gets_no_link() {
    // Records come in reverse order.
    let spoil = |_: &Call, answer| with_archived(answer, &json!(true));
    let (server, workdir, _) = import([1, 2], CallKind::Read, spoil, 1);
    assert_eq!(verdicts(&workdir), ["succeeded", "failed record_archived"]);
    assert_eq!(server.written(), [(1, 1001)]);
    let calls = server.count(CallKind::ArchivedRead);
    assert_eq!(calls, 0, "the answer is not doubted");
}

#[test]
fn a_record_that_the_archive_calls_live_is_linked() {
    for (archived, verdict) in [
        (json!(false), "succeeded"),
        (json!(null), "failed record_archived"),
    ] {
        let account = Account::with_contacts(1).contact(2, "p2@x.com").archived();
        let spoil = move |_: &Call, answer| with_archived(answer, &archived);
        let server = KeyedServer::spoiling(CallKind::ArchivedRead, account, spoil);
        let workdir = Workdir::with(by_email([1, 2]));
        let run = workdir.import(&server.base_url(), "");
        run.exits(i32::from(verdict != "succeeded"));
        assert_eq!(verdicts(&workdir), ["succeeded", verdict]);
        let linked = server.written().len();
        assert_eq!(linked, if verdict == "succeeded" { 2 } else { 1 });
    }
}

#[test]
fn a_record_of_an_address_that_an_answer_calls_deleted_gets_no_link() {
    let account = Account::default().contact(7, "a@x.com").merged(6, 7);
    let server = KeyedServer::spoiling(CallKind::Record, account, |_, mut answer| {
        answer.body["archived"] = json!(true);
        answer
    });
    let workdir = Workdir::with(
        "from_record_url,to_object_id,definition_id\n\
         https://app.hubspot.com/contacts/62515/record/0-1/6,1001,contact_to_company\n",
    );
    workdir.import(&server.base_url(), "").exits(1);
    assert_eq!(verdicts(&workdir), ["failed record_archived"]);
    assert_eq!(server.written(), []);
}

#[test]
fn a_key_that_hubspot_failed_to_read_may_be_sent_again() {
    let spoil = |_: &Call, answer: Answer| {
        let mut answer = answer.without(2);
        answer.body["numErrors"] = json!(1);
        answer.body["errors"] = json!([{
            "status": "error",
            "category": "INTERNAL_ERROR",
            "message": "Could not read",
            "context": {"ids": ["p2@x.com"]},
        }]);
        Answer {
            status: 207,
            ..answer
        }
    };
    let (_, workdir, _) = import(1..=3, CallKind::Read, spoil, 1);
    assert_eq!(
        verdicts(&workdir),
        ["succeeded", "failed server_error", "succeeded"]
    );
}

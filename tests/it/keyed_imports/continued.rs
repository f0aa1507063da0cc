//! What follows an import by keys: it is resumed, its failed rows are sent again, it is verified and
//! undone. Nothing is looked up twice that is known.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use super::{
    account::Account,
    call::{Answer, Call, CallKind},
    inputs::by_email,
    server::{KeyedServer, last_verdicts, verdicts},
};
use crate::support::workdir::{ProgramRun, TOKEN, Workdir};

#[cfg(unix)]
use super::held_answer::HeldAnswer;

/// Another command about the import.
pub(super) fn command(workdir: &Workdir, line: &str) -> ProgramRun {
    let run = workdir.run(&format!("{line} links.results.csv --rate unlimited"));
    run.env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

/// The keys of all reads, each as often as it was asked for.
fn asked(server: &KeyedServer) -> Vec<String> {
    server.asked(CallKind::Read).concat()
}

#[cfg(unix)]
#[test]
fn an_interrupted_import_goes_on_without_asking_for_a_key_again() {
    let is_write = |call: &Call| call.kind == CallKind::Write;
    let (server, held) = HeldAnswer::hold(Account::with_contacts(20), is_write);
    let workdir = Workdir::with(by_email((0..60).map(|row| row % 20 + 1)));
    held.interrupt(&workdir, &server, "--rate unlimited --concurrency 2");
    let recorded = workdir.results().len();
    assert!((1..60).contains(&recorded), "{recorded}");
    assert!(workdir.has("links.results.csv.keys"));
    workdir.import(&server.base_url(), "--resume").exits(0);
    assert_eq!(verdicts(&workdir), vec!["succeeded"; 60]);
    assert_eq!(server.count(CallKind::Read), 1, "{:?}", asked(&server));
    assert_eq!(server.linked().len(), 20);
    assert!(!workdir.has("links.results.csv.keys"));
}

#[test]
fn a_changed_key_is_refused_before_anything_is_asked() {
    let server = KeyedServer::start(Account::with_contacts(4));
    let workdir = Workdir::with(by_email(1..=4));
    workdir.import(&server.base_url(), "--limit 2").exits(0);
    assert_eq!(verdicts(&workdir), ["succeeded"; 2]);
    workdir.write("links.csv", by_email([1, 4, 3, 4]));
    let (requests, results) = (server.requests(), workdir.bytes("links.results.csv"));
    let run = workdir
        .import(&server.base_url(), "--resume --limit off")
        .exits(2);
    run.says(&["row 2 (line 3) has changed since the run;"])
        .never_says("@x.com");
    assert_eq!(server.requests(), requests);
    assert_eq!(workdir.bytes("links.results.csv"), results);
}

#[test]
fn failed_rows_are_looked_up_again_and_only_these() {
    let server = KeyedServer::start(Account::with_contacts(3));
    let workdir = Workdir::with(by_email([1, 4, 2, 5, 3]));
    workdir.import(&server.base_url(), "").exits(1);
    let missing = "failed record_not_found";
    assert_eq!(
        verdicts(&workdir),
        ["succeeded", missing, "succeeded", missing, "succeeded"]
    );
    let before = asked(&server);
    server.change(|account| account.contact(4, "p4@x.com"));
    let run = workdir.import(&server.base_url(), "--resume --retry-failed");
    run.exits(1);
    assert_eq!(
        last_verdicts(&workdir),
        ["succeeded", "succeeded", "succeeded", missing, "succeeded"]
    );
    let again: BTreeSet<_> = asked(&server).split_off(before.len()).into_iter().collect();
    assert_eq!(
        again,
        BTreeSet::from(["p4@x.com".to_owned(), "p5@x.com".to_owned()])
    );
    assert_eq!(
        server.written(),
        [1, 2, 3, 4].map(|from| (from, 1001)),
        "each once"
    );
}

#[test]
fn a_row_whose_archive_could_not_be_read_is_sent_again() {
    let is_broken = Arc::new(AtomicBool::new(true));
    let shared = Arc::clone(&is_broken);
    let spoil = move |_: &Call, answer| {
        if shared.load(SeqCst) {
            return Answer::error(500, "INTERNAL_ERROR", "internal error");
        }
        answer
    };
    let account = Account::with_contacts(2).contact(3, "p3@x.com").archived();
    let server = KeyedServer::spoiling(CallKind::ArchivedRead, account, spoil);
    let workdir = Workdir::with(by_email([1, 2, 3]));
    let options = "--batch max --max-attempts 2";
    workdir.import(&server.base_url(), options).exits(1);
    assert_eq!(
        verdicts(&workdir),
        ["succeeded", "succeeded", "failed server_error"]
    );
    is_broken.store(false, SeqCst);
    let options = "--batch max --resume --retry-failed";
    workdir.import(&server.base_url(), options).exits(1);
    assert_eq!(
        last_verdicts(&workdir),
        ["succeeded", "succeeded", "failed record_archived"]
    );
    assert_eq!(server.written(), [(1, 1001), (2, 1001)]);
}

#[test]
fn an_input_with_keys_is_not_asked_for_if_a_spreadsheet_changed_the_results() {
    let server = KeyedServer::start(Account::with_contacts(3));
    let workdir = Workdir::with(by_email(1..=3));
    workdir.import(&server.base_url(), "").exits(0);
    let results = workdir.text("links.results.csv").replace('\n', "\r\n");
    workdir.write("links.results.csv", results.replace("p2@x.com", "P2@x.com"));
    let input = "the rows of links.csv name records by keys, and only the results say which \
                 records these were; nothing was changed; leave out --input\n";
    for line in ["verify", "undo --yes"] {
        let run = command(&workdir, line).exits(2);
        run.says(&[
            "links.results.csv was saved by another program, which changed cells of rows 1 to 3; they \
             no longer say which records they link, and only the results say which records the keys \
             of its input led to. Restore a copy of the results from before\n",
        ]);
        let run = command(&workdir, &format!("{line} --input links.csv")).exits(2);
        run.says(&["hubassoc: --input cannot help: ", input]);
    }
    assert_eq!(server.count(CallKind::Remove), 0);
}

#[test]
fn a_verification_and_an_undo_use_the_ids_that_were_found() {
    for (api, undo) in [
        ("v1", "undo --include-unchecked --yes"),
        ("2026-09", "undo --yes"),
    ] {
        let server = KeyedServer::start(Account::with_contacts(3));
        let workdir = Workdir::with(by_email([1, 2, 9, 3]));
        let options = format!("--api {api} --batch max");
        workdir.import(&server.base_url(), &options).exits(1);
        let lookups = server.lookups();
        let run = command(&workdir, "verify").exits(0);
        run.says(&["3 rows: 3 present, 0 missing, 0 unreadable\n"]);
        let run = command(&workdir, undo).exits(0);
        run.says(&["3 rows: 3 removed, 0 kept, 0 failed\n"]);
        assert_eq!(server.linked(), [], "{api}");
        assert_eq!(
            server.lookups(),
            lookups,
            "{api}: keys were looked up again"
        );
    }
}

#[test]
fn rows_that_were_sent_again_are_verified_and_undone_too() {
    let server = KeyedServer::start(Account::with_contacts(2));
    let workdir = Workdir::with(by_email([1, 3, 2, 4]));
    let options = "--api 2026-09 --batch max";
    workdir.import(&server.base_url(), options).exits(1);
    server.change(|account| account.contact(3, "p3@x.com"));
    let again = format!("{options} --resume --retry-failed");
    workdir.import(&server.base_url(), &again).exits(1);
    let lookups = server.lookups();
    let run = command(&workdir, "verify").exits(0);
    run.says(&["3 rows: 3 present, 0 missing, 0 unreadable\n"]);
    let run = command(&workdir, "undo --yes").exits(0);
    run.says(&["3 rows: 3 removed, 0 kept, 0 failed\n"]);
    assert_eq!(server.linked(), []);
    assert_eq!(server.lookups(), lookups, "keys were looked up again");
}

#[cfg(unix)]
#[test]
fn an_answer_that_comes_after_a_signal_is_kept() {
    let is_rest = |call: &Call| call.kind == CallKind::Read && call.values().len() == 50;
    let (server, held) = HeldAnswer::hold(Account::with_contacts(150), is_rest);
    let workdir = Workdir::with(by_email(1..=150));
    held.interrupt(&workdir, &server, "--rate unlimited --batch max");
    workdir.import(&server.base_url(), "--resume").exits(0);
    assert_eq!(verdicts(&workdir), vec!["succeeded"; 150]);
    let asked = asked(&server);
    let distinct: BTreeSet<_> = asked.iter().collect();
    assert_eq!(asked.len(), distinct.len(), "a key was asked for twice");
}

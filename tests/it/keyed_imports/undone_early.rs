//! Imports by keys that were stopped, and are undone or verified at once: rows that were never sent
//! do not matter, and rows that were under way have to be found out first.

use std::fs;

use super::{
    account::Account,
    call::{Answer, Call, CallKind},
    continued::command,
    held_answer::HeldAnswer,
    server::KeyedServer,
};
use crate::support::{terminal::TerminalSession, workdir::Workdir};

const OPTIONS: &str = "--api 2026-09 --rate unlimited --concurrency 2";

const UNDO: &str = "undo --yes";

/// Links of contacts with these numbers to a company.
fn links(numbers: impl IntoIterator<Item = u64>) -> String {
    let header = "from_email,to_object_id,definition_id\n".to_owned();
    let row = |number| format!("p{number}@x.com,1001,contact_to_company_unlabeled\n");
    header + &numbers.into_iter().map(row).collect::<String>()
}

/// Whether it writes the link of this row.
fn is_write_of(row: &str, call: &Call) -> bool {
    call.kind == CallKind::Write && call.parts[2] == row
}

/// An import of 60 rows that was interrupted while HubSpot had not answered the third one. The answer
/// came.
fn interrupted() -> (KeyedServer, Workdir) {
    let (server, held) =
        HeldAnswer::hold(Account::with_contacts(60), |call| is_write_of("3", call));
    let workdir = Workdir::with(links(1..=60));
    held.interrupt(&workdir, &server, OPTIONS);
    (server, workdir)
}

/// An import that was interrupted likewise. The answer was an error, although the link was written.
fn interrupted_in_doubt() -> (KeyedServer, Workdir) {
    let spoiled = |_| Answer::error(500, "INTERNAL_ERROR", "internal error");
    let (server, held) = HeldAnswer::hold_and_spoil(
        Account::with_contacts(60),
        |call| is_write_of("3", call),
        spoiled,
    );
    let workdir = Workdir::with(links(1..=60));
    held.interrupt(&workdir, &server, OPTIONS);
    (server, workdir)
}

/// The rows that were written and have no line.
fn written_without_line(server: &KeyedServer, workdir: &Workdir) -> usize {
    server.linked().len() - workdir.results().len()
}

#[test]
fn rows_that_were_never_sent_do_not_hold_up_an_undo() {
    let (server, workdir) = interrupted();
    assert!(server.linked().len() < 60);
    assert_eq!(written_without_line(&server, &workdir), 0);
    let run = command(&workdir, UNDO).exits(0);
    run.never_says("may have been sent").never_says("under way");
    assert_eq!(server.linked(), []);
}

#[test]
fn a_verification_tells_rows_that_were_never_sent_from_those_in_doubt() {
    let (_, workdir) = interrupted();
    let unsent = 60 - workdir.results().len();
    let run = command(&workdir, "verify").exits(0);
    let words = format!(
        "only rows that succeeded are verified; {unsent} rows are not: {unsent} not sent\n"
    );
    run.says(&[&words]);

    let (_, workdir) = interrupted_in_doubt();
    let unsent = 59 - workdir.results().len();
    let run = command(&workdir, "verify").exits(0);
    let words = format!(
        "only rows that succeeded are verified; {} rows are not: 1 possibly sent, {unsent} not sent\n",
        unsent + 1
    );
    run.says(&[&words]);
    // It would be refused.
    run.never_says("to remove the links that this import created");
}

#[test]
fn an_undo_waits_until_a_row_that_was_under_way_is_found_out() {
    let (server, workdir) = interrupted_in_doubt();
    assert_eq!(written_without_line(&server, &workdir), 1);
    let (before, log) = (server.linked(), workdir.bytes("links.results.csv.run"));
    for undo in [
        UNDO,
        "undo",
        "undo --yes --include-unchecked",
        "undo --yes --input links.csv",
    ] {
        let run = command(&workdir, undo).exits(2);
        run.says(&[
            "nothing was removed: 1 row was under way when the import stopped, so HubSpot \
             may have its link. It names records by keys, and only the import finds these records: \
             row 3 (line 4). Complete the import first, then run undo again:\n  hubassoc import \
             links.csv --resume\n",
        ]);
    }
    assert_eq!(server.count(CallKind::Remove), 0);
    assert_eq!(server.linked(), before);
    assert_eq!(workdir.bytes("links.results.csv.run"), log);
    assert!(!workdir.has("links.undo.csv"));
    workdir.import(&server.base_url(), "--resume").exits(0);
    assert_eq!(server.linked().len(), 60);
    command(&workdir, UNDO).exits(0);
    assert_eq!(server.linked(), []);
}

#[test]
fn after_a_kill_every_row_that_was_about_to_be_sent_counts() {
    let (server, held) =
        HeldAnswer::hold(Account::with_contacts(60), |call| is_write_of("1", call));
    let workdir = Workdir::with(links(1..=60));
    let options = format!("{OPTIONS} -o of-keys.csv");
    held.kill(&workdir, &server, &options);
    let undo = workdir.run("undo of-keys.csv --yes");
    let run = undo.env("HUBSPOT_ACCESS_TOKEN", "t").exits(2);
    run.says(&[
        "rows were under way when the import stopped, so HubSpot may have their links. They name \
         records by keys, and only the import finds these records: row 1 (line 2), row ",
        " more. Complete the import first, then run undo again:\n  hubassoc import links.csv -o \
         of-keys.csv --resume\n",
    ]);
    assert_eq!(server.count(CallKind::Remove), 0);
}

#[test]
fn without_its_input_only_a_person_may_go_on_without_the_rows_that_were_under_way() {
    let (server, workdir) = interrupted_in_doubt();
    fs::remove_file(workdir.path("links.csv")).unwrap();
    let run = command(&workdir, UNDO).exits(2);
    run.says(&[
        "row 3. The input links.csv was not found. Complete the import first, with the same input, \
         then run undo again. If the input is lost, run undo without --yes: it asks before it \
         removes the other links. To complete the import:\n  hubassoc import links.csv --resume\n",
    ]);
    let mut undo = TerminalSession::start(
        &workdir,
        "undo links.results.csv --progress never --rate unlimited",
    );
    undo.until(&["Remove these links?"]).types("yes\n");
    let warning = "1 row that may have been sent cannot be checked, because records are named by keys, \
                   and the results do not have their ids; the input links.csv was not found: if you \
                   have it, answer no, and complete the import first (hubassoc import links.csv \
                   --resume)";
    assert!(undo.said.contains(warning), "{}", undo.said);
    undo.until(&["look in HubSpot whether their records are linked"]);
    undo.exits(1);
    assert_eq!(server.linked(), [(3, 1001)]);
}

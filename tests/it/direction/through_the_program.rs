//! The same through the program: a file with rows for every definition is imported, found
//! to stand, read back, and taken back.

use hubassoc::hubspot::Dialect;

use super::{
    Links,
    account::Account,
    definitions::{Line, lines},
    server::Server,
};
use crate::support::workdir::{TOKEN, Workdir, column};

/// Two pairs of records for each line, which are in no other, with ids that the other side
/// has, too: several go in one call.
fn pairs(at: usize) -> [(u64, u64); 2] {
    let from = 2 * u64::try_from(at).unwrap() + 1;
    [from, from + 1].map(|from| (from, 2_000 - from))
}

fn file(lines: &[Line]) -> String {
    let row = |(at, line): (usize, &Line)| {
        pairs(at).map(|(from, to)| format!("{from},{to},{}\n", line.id))
    };
    let rows: String = lines.iter().enumerate().flat_map(row).collect();
    format!("from_object_id,to_object_id,definition_id\n{rows}")
}

fn linked(server: &Server<Account>) -> Links {
    server.with(|account| account.links.clone())
}

fn all_are(workdir: &Workdir, file: &str, status: &str, rows: usize) {
    let lines = workdir.lines(file);
    let statuses = column(&lines, "assoc_status");
    assert_eq!(statuses, vec![status; rows], "{file}: {lines:#?}");
}

fn goes_through(dialect: Dialect, batch: &str) {
    let lines = lines(dialect);
    let rows = 2 * lines.len();
    let server = Server::start(Account::new(dialect));
    let workdir = Workdir::with(file(&lines));
    let options = format!("--api {dialect} --skip-existing {batch}");
    let import = |more: &str| {
        let ran = workdir.import(&server.base_url(), &format!("{options} {more}"));
        ran.exits(0);
    };
    import("");
    all_are(&workdir, "links.results.csv", "succeeded", rows);
    let known = lines.iter().enumerate();
    let both = known.flat_map(|(at, known)| pairs(at).map(|pair| known.links(pair)));
    let expected: Links = both.flatten().collect();
    assert_eq!(linked(&server), expected);
    import("-o again.csv");
    all_are(&workdir, "again.csv", "already", rows);
    let about = |line: &str| {
        let run = workdir.run(&format!("{line} links.results.csv --rate unlimited"));
        run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(0)
    };
    about("verify");
    all_are(&workdir, "links.verify.csv", "present", rows);
    about(&format!("undo --yes {batch}"));
    all_are(&workdir, "links.undo.csv", "removed", rows);
    assert_eq!(linked(&server), Links::new());
}

#[test]
fn a_link_of_every_definition_goes_through_v1() {
    goes_through(Dialect::V1, "");
}

#[test]
fn a_link_of_every_definition_goes_through_batches_of_v1() {
    goes_through(Dialect::V1, "--batch max");
}

#[test]
fn a_link_of_every_definition_goes_through_the_dated_api() {
    goes_through(Dialect::V2026_09, "");
}

#[test]
fn a_link_of_every_definition_goes_through_batches_of_the_dated_api() {
    goes_through(Dialect::V2026_09, "--batch max");
}

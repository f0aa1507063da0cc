//! Directions in the real program: a file with rows for every definition is imported, imported
//! again as existing, verified and undone.

use hubassoc::hubspot::ApiVersion;

use super::{
    Links,
    account::Account,
    definitions::{DefinitionLine, definition_lines},
    server::HandlerServer,
};
use crate::support::workdir::{TOKEN, Workdir, column};

/// Two pairs of records for each definition, different from all others. Both sides use the same
/// ids, and a call may have several pairs.
fn pairs(at: usize) -> [(u64, u64); 2] {
    let from = 2 * u64::try_from(at).unwrap() + 1;
    [from, from + 1].map(|from| (from, 2_000 - from))
}

fn file(lines: &[DefinitionLine]) -> String {
    let row = |(at, line): (usize, &DefinitionLine)| {
        pairs(at).map(|(from, to)| format!("{from},{to},{}\n", line.id))
    };
    let rows: String = lines.iter().enumerate().flat_map(row).collect();
    format!("from_object_id,to_object_id,definition_id\n{rows}")
}

fn linked(server: &HandlerServer<Account>) -> Links {
    server.inspect(|account| account.links.clone())
}

fn assert_all_statuses(workdir: &Workdir, file: &str, status: &str, rows: usize) {
    let lines = workdir.lines(file);
    let statuses = column(&lines, "assoc_status");
    assert_eq!(statuses, vec![status; rows], "{file}: {lines:#?}");
}

fn import_verify_and_undo(api_version: ApiVersion, batch: &str) {
    let lines = definition_lines(api_version);
    let rows = 2 * lines.len();
    let server = HandlerServer::start(Account::new(api_version));
    let workdir = Workdir::with(file(&lines));
    let options = format!("--api {api_version} --skip-existing {batch}");
    let import = |more: &str| {
        let ran = workdir.import(&server.base_url(), &format!("{options} {more}"));
        ran.exits(0);
    };
    import("");
    assert_all_statuses(&workdir, "links.results.csv", "succeeded", rows);
    let known = lines.iter().enumerate();
    let both = known.flat_map(|(at, known)| pairs(at).map(|pair| known.links(pair)));
    let expected: Links = both.flatten().collect();
    assert_eq!(linked(&server), expected);
    import("-o again.csv");
    assert_all_statuses(&workdir, "again.csv", "already", rows);
    let run_command = |line: &str| {
        let run = workdir.run(&format!("{line} links.results.csv --rate unlimited"));
        run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(0)
    };
    run_command("verify");
    assert_all_statuses(&workdir, "links.verify.csv", "present", rows);
    run_command(&format!("undo --yes {batch}"));
    assert_all_statuses(&workdir, "links.undo.csv", "removed", rows);
    assert_eq!(linked(&server), Links::new());
}

#[test]
fn a_link_of_every_definition_goes_through_v1() {
    import_verify_and_undo(ApiVersion::V1, "");
}

#[test]
fn a_link_of_every_definition_goes_through_batches_of_v1() {
    import_verify_and_undo(ApiVersion::V1, "--batch max");
}

#[test]
fn a_link_of_every_definition_goes_through_the_dated_api() {
    import_verify_and_undo(ApiVersion::V2026_09, "");
}

#[test]
fn a_link_of_every_definition_goes_through_batches_of_the_dated_api() {
    import_verify_and_undo(ApiVersion::V2026_09, "--batch max");
}

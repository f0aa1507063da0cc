//! The account of an import, and the question before a large import, at a terminal.
#![cfg(unix)]

use crate::support::{
    checkup::json, fake_hubspot::FakeHubSpot, links, terminal::TerminalSession, workdir::Workdir,
};

const QUESTION: &[&str] = &["Continue? Type yes"];

/// An account of this kind; `None` refuses to answer.
fn account(kind: Option<&str>) -> FakeHubSpot {
    let fake = FakeHubSpot::with_handler(|_, _| 204.into());
    match kind {
        Some(kind) => fake.with_account_responses([json(&format!(
            r#"{{"portalId":4711,"accountType":"{kind}","timeZone":"US/Eastern","uiDomain":"app.hubspot.com"}}"#
        ))]),
        None => fake.with_account_responses([403]),
    }
}

fn at_terminal(workdir: &Workdir, fake: &FakeHubSpot, options: &str) -> TerminalSession {
    let url = fake.base_url();
    let line =
        format!("import links.csv --base-url {url} --rate unlimited --progress never {options}");
    TerminalSession::start(workdir, &line)
}

/// The number of rows that were sent.
fn sent(fake: &FakeHubSpot) -> usize {
    fake.requests().len()
}

#[test]
fn the_account_is_shown_before_the_first_row_with_number_kind_and_domain() {
    let fake = account(Some("STANDARD"));
    let workdir = Workdir::with(links(1..=3));
    let ran = workdir.import(&fake.base_url(), "").exits(0);
    ran.says(&["account: 4711, production (app.hubspot.com)\n"]);
    let ran = Workdir::with(links(1..=3))
        .import(&account(None).base_url(), "")
        .exits(0);
    ran.says(&["account: not known (HTTP 403"]);
}

#[test]
fn a_large_import_asks_once_and_a_run_that_goes_on_does_not() {
    for kind in [Some("STANDARD"), None] {
        let fake = account(kind);
        let workdir = Workdir::with(links(1..=500));
        let mut import = at_terminal(&workdir, &fake, "");
        import.until(QUESTION);
        // The files exist, so that no other run begins meanwhile, but are empty.
        assert_eq!(sent(&fake), 0);
        assert_eq!(workdir.names(), ["links.csv", "links.results.csv.run"]);
        assert!(workdir.bytes("links.results.csv.run").is_empty());
        import.types("yes\n").until(&["results:"]).exits(0);
        assert_eq!(sent(&fake), 500);

        workdir.write("links.csv", links(1..=1_200));
        let mut again = at_terminal(&workdir, &fake, "--resume");
        again.until(&["results:", QUESTION[0]]).exits(0);
        assert_eq!(sent(&fake), 1_200, "{}", again.said);
    }
}

#[test]
fn a_signal_or_another_answer_leaves_no_files() {
    let fake = account(Some("STANDARD"));
    let workdir = Workdir::with(links(1..=500));
    workdir.write("s.json", "");
    let before = workdir.names();
    let mut import = at_terminal(&workdir, &fake, "--resume");
    import.until(QUESTION).signal("-INT").types("yes\n");
    import.until(&["interrupted"]).exits(130);
    let mut import = at_terminal(&workdir, &fake, "");
    import.until(QUESTION).types("y\n");
    import.until(&["nothing was sent"]).exits(2);
    assert_eq!((sent(&fake), workdir.names()), (0, before));
}

#[test]
fn there_is_no_question_if_the_answer_is_given_or_the_import_is_small() {
    for (rows, kind, options) in [
        (499, "STANDARD", ""),
        (600, "STANDARD", "--limit 499"),
        (500, "SANDBOX", ""),
        (500, "DEVELOPER_TEST", ""),
        (500, "STANDARD", "--yes"),
        (500, "STANDARD", "--account 4711"),
    ] {
        let fake = account(Some(kind));
        let workdir = Workdir::with(links(1..=rows));
        let mut import = at_terminal(&workdir, &fake, options);
        import.until(&["results:", QUESTION[0]]).exits(0);
        assert_eq!(
            sent(&fake) as u64,
            rows.min(if options.contains("limit") { 499 } else { rows })
        );
    }
}

#[test]
fn without_a_terminal_there_is_no_question() {
    let fake = account(Some("STANDARD"));
    let workdir = Workdir::with(links(1..=500));
    workdir.import(&fake.base_url(), "").exits(0);
    assert_eq!(sent(&fake), 500);
}

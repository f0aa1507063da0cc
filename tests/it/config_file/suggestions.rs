//! The commands that a run with a configuration file suggests: they work as they are printed.

use hubassoc::sandbox::SandboxOptions;

use super::*;

const FAILURES: &str = "correct the rows in the failures file";

/// One row of two has an id that HubSpot cannot have, in an encoding that is not UTF-8.
const TWO_ROWS: &[u8] =
    b"from_object_id,to_object_id,definition_id,who\n1,7,1,J\xf6rg\nx,7,1,J\xf6rg\n";

#[test]
fn the_failures_are_imported_with_the_file_but_as_another_input() {
    let fake = FakeHubSpot::with_responses([204]);
    let further = "results = 'r.csv'\nencoding = 'windows-1252'\nmin-rows = 2\n";
    let workdir = Workdir::with(TWO_ROWS);
    workdir.write(NIGHTLY, for_server(&fake.base_url(), further));
    workdir.write("token", "pat-x");
    for (named, expected) in [
        (
            "--config nightly.toml",
            "import r.failures.csv --config nightly.toml --encoding auto --min-rows 0 -o \
             r.failures.results.csv",
        ),
        (
            "",
            "import r.failures.csv --encoding auto --min-rows 0 -o r.failures.results.csv",
        ),
    ] {
        let run = |line: &str| workdir.run(line).env("HUBASSOC_CONFIG", NIGHTLY);
        let ran = run(&format!("import links.csv {named}")).exits(1);
        let command = command_after(&ran, FAILURES);
        assert_eq!(command, expected);
        let corrected = workdir.text("r.failures.csv").replace("\nx,", "\n2,");
        assert!(corrected.contains("Jörg"), "{corrected}");
        workdir.write("r.failures.csv", corrected);
        let ran = run(&command).exits(0);
        ran.says(&["1 row read: 1 succeeded"]);
        assert!(workdir.text("r.failures.results.csv").contains("Jörg"));
        for name in workdir.names().iter().filter(|name| name.starts_with("r.")) {
            std::fs::remove_file(workdir.path(name)).unwrap();
        }
    }
}

#[test]
fn a_typed_number_of_rows_is_not_asked_of_the_failures() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(TWO_ROWS);
    let ran = workdir
        .import(&fake.base_url(), "--min-rows 2 --encoding windows-1252")
        .exits(1);
    assert_eq!(
        command_after(&ran, FAILURES),
        format!(
            "import links.failures.csv --base-url {} --rate unlimited",
            fake.base_url()
        )
    );
}

#[test]
fn a_stopped_run_is_resumed_and_a_rehearsal_repeated_with_the_file() {
    let fake = FakeHubSpot::with_handler(|n, _| (if n == 0 { 204 } else { 401 }).into());
    let config = for_server(&fake.base_url(), "concurrency = 1\nresults = 'r.csv'\n");
    let workdir = configured(1..=3, &config);
    let ran = workdir
        .run("import links.csv --config nightly.toml")
        .exits(3);
    assert_eq!(
        command_after(&ran, "continue where it stopped"),
        "import links.csv --config nightly.toml --resume"
    );
    let line = "import links.csv --config nightly.toml --sandbox -o s.csv";
    let ran = workdir.run(line).exits(0);
    assert_eq!(
        command_after(&ran, "for the real import"),
        "import links.csv --config nightly.toml -o s-2.csv"
    );
}

#[test]
fn a_report_that_the_file_names_is_another_one_the_next_time() {
    let fake = FakeHubSpot::with_handler(|n, _| (if n == 0 { 204 } else { 401 }).into());
    let workdir = configured([1, 2], &for_server(&fake.base_url(), "output = 'v.csv'\n"));
    workdir
        .run("import links.csv --config nightly.toml --limit 1")
        .exits(0);
    let verify = "verify links.results.csv --config nightly.toml";
    let ran = workdir.run(verify).exits(3);
    assert_eq!(
        command_after(&ran, "verify again"),
        format!("{verify} -o v-2.csv")
    );
    let ran = workdir.run(&format!("{verify} --output w.csv")).exits(3);
    assert_eq!(command_after(&ran, "verify again"), verify);
}

/// A command that is not made from the typed one does not name the file. The environment still does.
#[test]
fn what_follows_a_verification_works_with_the_file_of_the_environment() {
    let account = sandbox::start(&[]);
    let workdir = configured([1, 2], "");
    let further = "results = 'r.csv'\noutput = 'v.csv'\nmin-rows = 2\nencoding = 'utf-8'\n";
    workdir.write(NIGHTLY, for_server(&account.base_url(), further));
    let run = |line: &str| workdir.run(line).env("HUBASSOC_CONFIG", NIGHTLY).exits(0);
    run("import links.csv");
    let ran = run("verify r.csv");
    let undo = command_after(&ran, "every imported link exists");
    assert_eq!(undo, "undo r.csv --token-file token -o r.undo.csv");
    run(&format!("{undo} --yes"));
    assert!(workdir.has("r.undo.csv"));

    workdir.write("unwritten", "contact,2\n");
    let account = sandbox::start_with(SandboxOptions {
        unwritten: Some(workdir.path("unwritten")),
        ..SandboxOptions::default()
    });
    workdir.write(NIGHTLY, for_server(&account.base_url(), further));
    run("import links.csv -o s.csv");
    let line = "verify s.csv -o w.csv";
    let ran = workdir.run(line).env("HUBASSOC_CONFIG", NIGHTLY).exits(1);
    assert_eq!(
        command_after(&ran, "to create them again"),
        format!(
            "import s.missing.csv --api v1 --token-file token --base-url {}/ --encoding auto \
             --min-rows 0 -o s.missing.results.csv",
            account.base_url()
        )
    );
}

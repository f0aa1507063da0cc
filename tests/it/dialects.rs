//! One file through each API, in single calls and in batches: the results are the same, whatever
//! form the dated API's answers have.

use clap::ValueEnum;
use hubassoc::sandbox::{ErrorForm, ResponseForm, SandboxOptions};

use crate::support::{
    sandbox::{start, start_with},
    workdir::{TOKEN, Workdir, column},
};

const BOTH: [&str; 2] = ["v1", "2026-09"];

/// Valid and invalid rows of several object types; some are repeated, and some give a contact
/// several primary companies.
const FILE: &str = "from_object_id,to_object_id,definition_id\n\
    1,7,1\n2,7,1\n1404,7,1\n3,8404,1\n4,9,contact_to_deal\n9,4,3\n1,8,1\n,7,1\n5,7,279x\n\
    2,7,1\n7,6,2\n4404,9,4\n20,21,13\n1,1,15\n";

fn verdicts(api: &str, options: &str, answers: ResponseForm) -> Vec<String> {
    let sandbox = start_with(SandboxOptions {
        answers,
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(FILE);
    let options = format!("--api {api} {options}");
    workdir.import(&sandbox.base_url(), &options).exits(1);
    let results = workdir.results();
    let verdict = |line: &crate::support::workdir::CsvLine| {
        format!("{} {}", line["assoc_status"], line["assoc_code"])
    };
    results.iter().map(verdict).collect()
}

#[test]
fn a_file_has_the_same_results_through_each_api_and_batch_size() {
    let expected = verdicts("v1", "", ResponseForm::default());
    assert_eq!(expected.len(), 14);
    for (api, options) in [
        ("v1", "--batch max"),
        ("2026-09", ""),
        ("2026-09", "--batch max"),
        ("2026-09", "--batch 3"),
    ] {
        for answers in ResponseForm::value_variants() {
            let verdicts = verdicts(api, options, *answers);
            assert_eq!(verdicts, expected, "{api} {options} {answers:?}");
        }
    }
}

#[test]
fn links_are_verified_and_undone_in_every_form_of_answers() {
    for answers in ResponseForm::value_variants() {
        let sandbox = start_with(SandboxOptions {
            answers: *answers,
            ..SandboxOptions::default()
        });
        let (workdir, url) = (
            Workdir::with(crate::support::links(1..=40)),
            sandbox.base_url(),
        );
        workdir.import(&url, "--api 2026-09 --batch max").exits(0);
        assert!(!sandbox.links().is_empty());
        workdir.write("again.csv", workdir.bytes("links.csv"));
        let again = workdir.import_file("again.csv", &url, "--api 2026-09 --skip-existing");
        again.exits(0).says(&["40 already"]);
        let command = |line: &str| {
            let line = format!("{line} links.results.csv --base-url {url}");
            workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        };
        command("verify").exits(0);
        command("undo --yes").exits(0);
        assert!(sandbox.links().is_empty(), "{answers:?}");
    }
}

/// Two thousand contacts of one company; three contacts do not exist.
fn two_thousand() -> String {
    let header = "from_object_id,to_object_id,definition_id\n".to_owned();
    let rows = (1..=2_000_u64).map(|n| match n {
        700 | 1_400 | 2_000 => format!("{n}404,7,279\n"),
        n => format!("{},7,279\n", n * 1_000),
    });
    header + &rows.collect::<String>()
}

#[test]
fn errors_that_name_no_row_cost_few_calls_and_fail_the_right_rows() {
    for refusals in [ErrorForm::Strings, ErrorForm::Context, ErrorForm::Bare] {
        let sandbox = start_with(SandboxOptions {
            refusals: Some(refusals),
            ..SandboxOptions::default()
        });
        let workdir = Workdir::with(two_thousand());
        let options = "--api 2026-09 --batch max";
        workdir.import(&sandbox.base_url(), options).exits(1);
        let results = workdir.results();
        let failed = results
            .iter()
            .filter(|line| line["assoc_status"] == "failed");
        let failed: Vec<_> = failed.map(|line| line["assoc_row"].as_str()).collect();
        assert_eq!(failed, ["700", "1400", "2000"], "{refusals:?}");
        assert_eq!(column(&results, "assoc_status").len(), 2_000);
        let log = sandbox.request_log();
        let batches = log.calls.iter().filter(|call| call.associations > 1_000);
        let writes = log
            .calls
            .iter()
            .filter(|call| call.associations > 0)
            .count();
        let batches = batches.count();
        assert!(
            writes - batches <= 30,
            "{writes} calls, {batches} of them batches"
        );
    }
}

#[test]
fn a_success_that_wrote_nothing_is_detected_if_the_answer_omits_the_row() {
    for options in ["", "--batch max"] {
        let sandbox = start(&["silent=#2"]);
        let workdir = Workdir::with(crate::support::links(1..=40));
        let options = format!("--api 2026-09 {options}");
        workdir.import(&sandbox.base_url(), &options);
        workdir.import(&sandbox.base_url(), &options).finish();
        let good = workdir.results();
        let links = sandbox.links();
        for line in good
            .iter()
            .filter(|line| line["assoc_status"] == "succeeded")
        {
            let link = format!("contacts {} -> companies 7", line["from_object_id"]);
            assert!(links.iter().any(|text| text.starts_with(&link)), "{link}");
        }
        assert_eq!(good.len(), 40);
    }
}

#[test]
fn a_wrong_direction_is_named_with_the_expected_type() {
    for api in BOTH {
        let workdir = Workdir::with("from_object_id,to_object_id,definition_id\n38374264688,7,1\n");
        workdir.write("missing.txt", "contact,38374264688\n");
        let sandbox = start_with(SandboxOptions {
            missing: Some(workdir.path("missing.txt")),
            ..SandboxOptions::default()
        });
        let options = format!("--api {api}");
        workdir.import(&sandbox.base_url(), &options).exits(1);
        let message = &workdir.results()[0]["assoc_message"];
        let words = "this account has no contact 38374264688: definition 1 (contact_to_company) \
                     links contact → company, so the from id must be a contact; check the id, and \
                     that the from and to columns are not swapped";
        assert!(message.starts_with(words), "{message}");
    }
}

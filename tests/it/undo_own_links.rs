//! `undo` of links that existed when their row was read, because the run itself had created them:
//! "before the row" is not "before the run".

use std::collections::BTreeSet;

use hubassoc::sandbox::Sandbox;

use crate::support::{
    sandbox::start,
    workdir::{TOKEN, Workdir, column},
};

const LABELS: &str = "from_object_type,from_object_id,to_object_type,to_object_id,label\n";
const NUMBERS: &str = "from_object_id,to_object_id,definition_id\n";

const OPTIONS: [&str; 4] = [
    "",
    "--batch max",
    "--skip-existing",
    "--skip-existing --batch 2",
];

fn import(sandbox: &Sandbox, file: &str, options: &str) -> Workdir {
    let workdir = Workdir::with(file);
    let options = format!("--api 2026-09 {options}");
    workdir.import(&sandbox.base_url(), &options).exits(0);
    workdir
}

/// The status of each row in order, with the code of kept rows.
fn undone(workdir: &Workdir) -> Vec<String> {
    let line = "undo links.results.csv --yes --rate unlimited";
    let run = workdir.run(line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    run.exits(0);
    let mut lines = workdir.lines("links.undo.csv");
    lines.sort_by_key(|line| line["assoc_row"].parse::<u64>().unwrap());
    let codes = column(&lines, "assoc_code").into_iter();
    let statuses = column(&lines, "assoc_status").into_iter();
    let endings = statuses.zip(codes);
    endings
        .map(|(status, code)| format!("{status} {code}").trim().to_owned())
        .collect()
}

#[test]
fn a_link_implied_by_an_earlier_row_of_the_pair_belongs_to_the_run() {
    let label =
        |second: &str| format!("{LABELS}contacts,101,companies,201,Decision maker\n{second}\n");
    for file in [
        label("contacts,101,companies,201,"),
        label("companies,201,contacts,101,"),
        format!("{LABELS}companies,201,contacts,101,Decision maker\ncontacts,101,companies,201,\n"),
        format!("{NUMBERS}101,201,1\n101,201,279\n"),
        format!("{NUMBERS}101,201,1\n201,101,280\n"),
        format!("{NUMBERS}201,101,2\n101,201,279\n101,201,279\n"),
    ] {
        for options in OPTIONS {
            let sandbox = start(&[]);
            let workdir = import(&sandbox, &file, options);
            let rows = file.lines().count() - 1;
            assert_eq!(undone(&workdir), vec!["removed"; rows], "{options} {file}");
            assert_eq!(sandbox.links(), BTreeSet::new(), "{options} {file}");
        }
    }
}

#[test]
fn a_link_from_before_the_run_is_kept_even_with_a_label_of_the_run() {
    let before = format!("{NUMBERS}101,201,279\n");
    for (file, endings) in [
        (
            format!(
                "{LABELS}contacts,101,companies,201,Decision maker\ncontacts,101,companies,201,\n"
            ),
            ["removed", "kept existed_before"],
        ),
        (
            format!(
                "{LABELS}contacts,101,companies,201,Decision maker\ncompanies,201,contacts,101,\n"
            ),
            ["removed", "kept existed_before"],
        ),
        (
            format!("{NUMBERS}101,201,1\n101,201,279\n"),
            ["removed", "kept existed_before"],
        ),
        (
            format!("{NUMBERS}102,201,1\n101,201,279\n"),
            ["removed", "kept existed_before"],
        ),
    ] {
        for options in OPTIONS {
            let sandbox = start(&[]);
            import(&sandbox, &before, "");
            let initial_links = sandbox.links();
            let workdir = import(&sandbox, &file, options);
            assert_eq!(undone(&workdir), endings, "{options} {file}");
            assert_eq!(sandbox.links(), initial_links, "{options} {file}");
        }
    }
}

/// The first session was stopped after the labelled row.
#[test]
fn a_resumed_run_knows_what_its_first_session_created() {
    let file =
        format!("{LABELS}contacts,101,companies,201,Decision maker\ncontacts,101,companies,201,\n");
    for options in OPTIONS {
        let sandbox = start(&[]);
        let workdir = import(&sandbox, &file, &format!("--limit 1 {options}"));
        let resumed = workdir.import(&sandbox.base_url(), "--resume --limit off");
        resumed.exits(0);
        assert_eq!(undone(&workdir), ["removed", "removed"], "{options}");
        assert_eq!(sandbox.links(), BTreeSet::new(), "{options}");
    }
}

/// The first row could not be read, and was sent again after the second had created its link.
#[test]
fn a_resent_row_finds_the_link_of_a_later_row() {
    let file = format!("{NUMBERS}101,201,279\n101,201,279\n");
    let mut sent_again = 0;
    for (nth, options) in (1..=4).flat_map(|nth| [(nth, ""), (nth, "--skip-existing")]) {
        let sandbox = start(&[&format!("503=#{nth}")]);
        let workdir = Workdir::with(&file);
        let first = format!("--api 2026-09 --max-attempts 1 --concurrency 1 {options}");
        workdir.import(&sandbox.base_url(), &first).finish();
        if !workdir.endings()[0].starts_with("failed") {
            continue;
        }
        sent_again += 1;
        let again = workdir.import(&sandbox.base_url(), "--resume --retry-failed");
        again.exits(0);
        assert_eq!(undone(&workdir), ["removed", "removed"], "{options}");
        assert_eq!(sandbox.links(), BTreeSet::new(), "{options}");
    }
    assert_ne!(sent_again, 0);
}

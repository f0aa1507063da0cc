//! The preview before anything is sent: records with several primary companies, and what batches
//! save.

use std::fmt::Write as _;

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    workdir::{TOKEN, Transcript, Workdir},
};

/// Runs `check` on these links from contacts to companies.
fn check(links: &[(u64, u64)]) -> Transcript {
    let mut input = "from_object_id,to_object_id,definition_id\n".to_owned();
    for (contact, company) in links {
        writeln!(input, "{contact},{company},1").unwrap();
    }
    Workdir::with(input).run("check links.csv").exits(0)
}

const SEVERAL: &str = "more than one primary company, and the last row wins: ";

#[test]
fn a_record_with_several_primary_companies_is_named_with_its_rows() {
    let ran = check(&[(1, 7), (2, 7), (1, 8), (3, 7)]);
    ran.says(&[&format!(
        "note: 1 record gets {SEVERAL}contact 1 (2 rows, row 3 wins)\n"
    )]);
}

#[test]
fn a_repeated_company_is_not_counted_twice() {
    check(&[(1, 7), (1, 7)]).never_says(SEVERAL);
}

#[test]
fn a_record_is_counted_once_however_many_companies_it_gets() {
    let ran = check(&[(1, 7), (1, 8), (1, 8), (1, 9), (2, 7), (2, 8)]);
    ran.says(&[&format!(
        "note: 2 records get {SEVERAL}contact 1 (4 rows, row 4 wins), contact 2 (2 rows, row 6 wins)\n"
    )]);
}

#[test]
fn only_five_of_many_records_are_named() {
    let links: Vec<_> = (1..=7).flat_map(|n| [(n, 7), (n, 8)]).collect();
    let ran = check(&links);
    ran.says(&[
        &format!("note: 7 records get {SEVERAL}contact 1 (2 rows, row 2 wins), "),
        ", contact 5 (2 rows, row 10 wins) and 2 more\n",
    ]);
    ran.never_says("contact 6 (");
}

#[test]
fn both_directions_and_only_primaries_count() {
    let input = "from_object_id,to_object_id,definition_id\n1,7,1\n8,1,2\n2,7,279\n2,8,279\n";
    let ran = Workdir::with(input).run("check links.csv").exits(0);
    ran.says(&[&format!(
        "note: 1 record gets {SEVERAL}contact 1 (2 rows, row 2 wins)\n"
    )]);
}

#[test]
fn the_number_of_calls_and_their_duration_are_shown() {
    let workdir = Workdir::with(links(1..=1_001));
    let ran = workdir
        .run("check links.csv --rate 100/10s --batch 50")
        .exits(0);
    ran.says(&["import: 1,001 rows in 21 calls, at most 100 calls in 10 s: about 2.1 s"]);
    ran.never_says("tip: --batch max needs only");
}

#[test]
fn a_large_import_of_single_calls_hints_at_batches() {
    for (rows, is_told) in [(999, false), (1_000, true)] {
        let workdir = Workdir::with(links(1..=rows));
        let ran = workdir.run("check links.csv --rate 10/10s").exits(0);
        let hint = "tip: --batch max needs only 10 calls, about 10 s\n";
        assert_eq!(ran.stderr.contains(hint), is_told, "{ran}");
        assert_eq!(ran.stderr.contains("--batch"), is_told, "{ran}");
        ran.never_says(" rows in ");
    }
}

#[test]
fn import_shows_the_hint_too() {
    let workdir = Workdir::with(links(1..=1_000));
    let fake = FakeHubSpot::with_responses([401]);
    let ran = workdir.import(&fake.base_url(), "").exits(3);
    ran.says(&["tip: --batch max needs only 10 calls\n"]);
    let fake = FakeHubSpot::with_responses([401]);
    let options = "--batch max --results other.csv";
    let ran = workdir.import(&fake.base_url(), options).exits(3);
    ran.says(&["1,000 rows in 10 calls, without a limit\n"]);
    ran.never_says("tip: --batch max needs only");
}

#[test]
fn a_batch_is_as_many_rows_as_the_api_takes_or_max() {
    let workdir = Workdir::with(links([1]));
    for command in ["check", "import --sandbox"] {
        for batch in ["0", "2001", "x", "-1", "1.5", "MAX"] {
            let ran = workdir
                .run(&format!("{command} links.csv --batch={batch}"))
                .exits(2);
            ran.says(&["write a number of rows from 1 to 2000, or max"]);
        }
        let ran = workdir
            .run(&format!("{command} links.csv --batch 101"))
            .exits(2);
        ran.says(&[
            "--batch 101 is more than API v1 accepts in one call; give at most 100, or max",
        ]);
    }
    let newer = "check links.csv --api 2026-09 --batch 2000";
    workdir.run(newer).exits(0);
    for batch in ["1", "100", "max"] {
        workdir
            .run(&format!("check links.csv --batch {batch}"))
            .exits(0);
    }
}

#[test]
fn rows_of_one_record_need_one_call_each() {
    let links: Vec<_> = (1..=1_200).map(|company| (1, company)).collect();
    let ran = check(&links);
    ran.says(&["tip: --batch max needs only 1,200 calls"]);
}

#[test]
fn check_accepts_the_command_line_of_an_import() {
    let workdir = Workdir::with("from_object_id,to_object_id,definition_id\n1,7,1\n");
    let options = "--sandbox -o out.csv --resume --retry-failed --skip-existing --account 62515 \
                   --concurrency 4 --max-attempts 2 --max-wait 1min --max-errors 5% --timeout 5s \
                   --max-consecutive-failures off --daily-reserve 10% --on-quota wait --batch max \
                   --rate 19/s --summary summary.json --limit 5";
    let ran = workdir.run(&format!("check links.csv {options}")).exits(0);
    ran.says(&["1 row is ready to import", "at most 19 calls in 1 s"]);
    assert_eq!(workdir.names(), ["links.csv"]);
}

#[test]
fn check_refuses_the_options_that_import_refuses() {
    let workdir = Workdir::with("from_object_id,to_object_id,definition_id\n1,7,1\n");
    for options in [
        "--sandbox --base-url http://127.0.0.1:1",
        "--base-url http://api.hubapi.com",
        "--retry-failed",
        "--max-wait 0s",
        "--batch 101",
    ] {
        for verb in ["import", "check"] {
            let run = workdir.run(&format!("{verb} links.csv {options}"));
            run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(2);
        }
    }
}

const TYPED: &str = "from_object_type,from_object_id,to_object_type,to_object_id,label\n";

#[test]
fn both_commands_refuse_unknown_object_types() {
    let fake = FakeHubSpot::with_responses([500]);
    let input =
        format!("{TYPED}contacts,1,p62515_cars,2,\ncontacts,1,cars,2,\ncontcts,1,deals,2,\n");
    let workdir = Workdir::with(input);
    for verb in ["import", "check"] {
        let options = format!("--api 2026-09 --base-url {}", fake.base_url());
        let run = workdir.run(&format!("{verb} links.csv {options}"));
        let ran = run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(2);
        ran.says(&[
            "line 3: 'cars' is not an object type of HubSpot; line 4: 'contcts' is no",
            "(p123_cars) or its id (2-123456)",
        ]);
    }
    let workdir = Workdir::with("from_object_id,to_object_id\n1,2\n");
    for verb in ["import", "check"] {
        let types = "--from-type contacts --to-type cars";
        let options = format!("--api 2026-09 {types} --base-url {}", fake.base_url());
        let run = workdir.run(&format!("{verb} links.csv {options}"));
        let ran = run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(2);
        ran.says(&["--to-type: 'cars' is not an object type of HubSpot"]);
        ran.never_says("line 2");
    }
    assert!(fake.requests().is_empty() && fake.account_requests().is_empty());
}

#[test]
fn check_says_what_only_hubspot_knows() {
    let ran = Workdir::with("from_object_id,to_object_id,definition_id\n1,7,1\n");
    let ran = ran.run("check links.csv").exits(0);
    ran.says(&["not checked, because only HubSpot knows: whether the records exist\n"]);
    let input = format!(
        "{TYPED}contacts,1,companies,2,Boss\ndeals,1,2-77,2,\ncontacts,3,companies,2,Boss\n"
    );
    let ran = Workdir::with(input)
        .run("check links.csv --api 2026-09")
        .exits(0);
    ran.says(&[
        "whether the records exist; whether administrators limited these associations to one; \
         whether the account has these labels: contacts to companies, 'Boss' (first on line 2); \
         whether the account has these custom objects: 2-77\n",
    ]);
}

#[test]
fn check_says_which_keys_only_hubspot_can_find() {
    for (header, row, keys) in [
        (
            "from_email,to_domain",
            "a@x.com,x.com",
            "email and each domain",
        ),
        ("from_email,to_object_id", "a@x.com,7", "email"),
        ("from_erp_id,to_erp_id", "A1,B1", "erp_id"),
    ] {
        let input = format!("{header},definition_id\n{row},1\n");
        let ran = Workdir::with(input).run("check links.csv").exits(0);
        ran.says(&[&format!(
            "whether the records exist; whether each {keys} leads to one record (--online asks \
             HubSpot)\n"
        )]);
    }
}

#[test]
fn what_links_by_keys_mean_and_replace_is_said_before_they_are_sent() {
    let input = "from_email,to_domain,definition_id\na@x.com,x.com,1\nb@x.com,x.com,1\n";
    let meaning = [
        "definitions: 1 (contact_to_company)\n",
        "note: 1 (contact_to_company) sets the primary company\n",
    ];
    let workdir = Workdir::with(input);
    workdir.run("check links.csv").exits(0).says(&meaning);
    let split = workdir.run("check links.csv --split ;").exits(0);
    split.says(&["cells are split at ';': each id or key is a row of its own\n"]);
    let ran = workdir.run("import links.csv --sandbox --rate unlimited");
    let ran = ran.exits(0);
    ran.says(&meaning);
    ran.says(&["note: `undo` cannot restore primary companies that this import replaces"]);
}

#[test]
fn existing_results_are_reported() {
    let workdir = Workdir::with("from_object_id,to_object_id,definition_id\n1,7,1\n");
    workdir.write("links.results.csv", "mine");
    let ran = workdir.run("check links.csv").exits(0);
    ran.says(&[
        "note: links.results.csv exists: continue that run with --resume, or start another with -o",
    ]);
    workdir
        .run("check links.csv --resume")
        .exits(0)
        .never_says("exists");
}

#[test]
fn without_bad_rows_nothing_goes_to_standard_output() {
    let input = |cell| format!("from_object_id,to_object_id,definition_id\n{cell},7,1\n");
    let ran = Workdir::with(input("101")).run("check links.csv").exits(0);
    assert_eq!(ran.stdout, b"");
    let ran = Workdir::with(input("x")).run("check links.csv").exits(1);
    let text = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.starts_with("from_object_id,to_object_id,definition_id,assoc_row"));
}

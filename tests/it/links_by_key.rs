//! Imports and checks of files that name records by keys, as a person sees them.

use hubassoc::sandbox::{RecordOptions, Sandbox, SandboxOptions};

use crate::support::{
    killed_run::keep_result_lines,
    running::RunningProgram,
    sandbox::{arrivals, link, sent, start_with, start_with_records},
    workdir::{ProgramRun, TOKEN, Workdir, column},
};

const RECORDS: &str = "object_type,id,email,hs_additional_emails,domain,name,case_number,archived,created\n\
    contacts,11,ann@x.com,ann.old@x.com,,,,,\n\
    contacts,12,bob@x.com,,,,,,\n\
    contacts,13,gone@x.com,,,,,true,\n\
    companies,21,,,acme.com,Acme,,,2026-01-01T00:00:00Z\n\
    companies,22,,,two.com,Two A,,,2026-01-02T00:00:00Z\n\
    companies,23,,,www.two.com,Two B,,,2026-01-01T00:00:00Z\n\
    deals,31,,,,,K-1,,\n";

const LINKS: &str = "from_email,to_domain,definition_id\n\
    Ann@X.com,https://www.acme.com/about,1\n\
    mailto:ann.old@x.com,ACME.com.,1\n\
    gone@x.com,acme.com,1\n\
    bob@x.com,two.com,1\n\
    nobody@x.com,acme.com,1\n\
    bob,acme.com,1\n\
    bob@x.com,gmail.com,1\n";

const CODES: [&str; 7] = [
    "",
    "",
    "record_archived",
    "record_ambiguous",
    "record_not_found",
    "invalid_email",
    "free_mail_domain",
];

fn account(workdir: &Workdir) -> Sandbox {
    start_with_records(workdir, RECORDS, "deals:case_number")
}

/// The records of a file.
fn records_in(workdir: &Workdir, name: &str) -> RecordOptions {
    RecordOptions {
        records: Some(workdir.path(name)),
        ..RecordOptions::default()
    }
}

fn check_online(workdir: &Workdir, sandbox: &Sandbox, options: &str) -> ProgramRun {
    let url = sandbox.base_url();
    let line = format!("check links.csv --online --base-url {url} {options}");
    workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

/// The codes of the rows, in the order of the file.
fn codes(workdir: &Workdir, name: &str) -> Vec<String> {
    let lines = workdir.lines(name);
    let (rows, codes) = (column(&lines, "assoc_row"), column(&lines, "assoc_code"));
    let mut rows: Vec<(u64, &str)> = rows
        .into_iter()
        .map(|row| row.parse().unwrap())
        .zip(codes)
        .collect();
    rows.sort_unstable();
    rows.into_iter().map(|(_, code)| code.to_owned()).collect()
}

#[test]
fn each_row_has_its_verdict_and_the_same_file_by_ids_has_the_same_links() {
    let workdir = Workdir::with(LINKS);
    let by_keys = account(&workdir);
    workdir.import(&by_keys.base_url(), "").exits(1);
    assert_eq!(codes(&workdir, "links.results.csv"), CODES);
    assert_eq!(sent(&by_keys), [(11, 21, 1), (11, 21, 1)]);
    let lines = workdir.results();
    let mut ids: Vec<_> = column(&lines, "assoc_from_id")
        .into_iter()
        .zip(column(&lines, "assoc_to_id"))
        .collect();
    ids.retain(|ids| *ids != ("", ""));
    assert_eq!(ids, [("11", "21"), ("11", "21")]);
    assert!(!workdir.has("links.results.csv.keys"));
}

#[test]
fn a_log_has_keys_only_if_it_is_asked_for() {
    for (options, shows_keys) in [
        ("", false),
        ("--log-format json", false),
        ("-v", true),
        ("-v --redact", false),
        ("-vvv --redact", false),
    ] {
        let workdir = Workdir::with(LINKS);
        let sandbox = account(&workdir);
        let run = workdir.import(&sandbox.base_url(), options).exits(1);
        let stderr = &run.stderr;
        for key in ["gone@x.com", "nobody@x.com", "gmail.com", "two.com"] {
            assert_eq!(
                stderr.contains(key),
                shows_keys,
                "{options} {key}: {stderr}"
            );
        }
        assert!(workdir.text("links.results.csv").contains("nobody@x.com"));
    }
}

#[test]
fn another_row_does_not_change_which_company_a_domain_means() {
    let header = "from_email,to_domain,definition_id\n";
    let row = "ann@x.com,two.com,1\n";
    let beside = "ann@x.com,http://www.www.two.com/,1\n";
    for (option, to) in [("fail", ""), ("oldest", "23")] {
        for input in [header.to_owned() + row, format!("{header}{row}{beside}")] {
            let workdir = Workdir::with(&input);
            let sandbox = account(&workdir);
            let options = format!("--on-ambiguous {option}");
            workdir
                .import(&sandbox.base_url(), &options)
                .exits(i32::from(to.is_empty()));
            assert_eq!(
                codes(&workdir, "links.results.csv")[0],
                "record_ambiguous",
                "{input}"
            );
            let lines = workdir.results();
            let first = lines.iter().find(|line| line["assoc_row"] == "1").unwrap();
            assert_eq!(first["assoc_to_id"], to, "{input}");
        }
    }
}

#[test]
fn an_online_check_says_what_an_import_would_and_writes_nothing() {
    let workdir = Workdir::with(LINKS);
    let sandbox = account(&workdir);
    let run = check_online(&workdir, &sandbox, "").exits(1);
    run.says(&[
        "columns: from_email (by email) → to_domain (by domain)\n",
        "2 rows are ready to import, as far as HubSpot says before it writes; 5 rows are not\n",
        "correct these rows in links.check.csv, and import them from there\n",
    ]);
    assert_eq!(run.stdout(), "");
    assert_eq!(codes(&workdir, "links.check.csv"), CODES[2..]);
    assert_eq!(
        workdir.names(),
        ["links.check.csv", "links.csv", "records.csv"]
    );
    let log = sandbox.request_log();
    assert_eq!((log.applied, log.counts.removes), (0, 0));
    assert!(log.counts.records > 0 && log.counts.searches > 0);
}

#[test]
fn an_online_check_without_bad_rows_leaves_no_file() {
    let workdir = Workdir::with("from_email,to_domain,definition_id\nann@x.com,acme.com,1\n");
    let sandbox = account(&workdir);
    let run = check_online(&workdir, &sandbox, "--api 2026-09").exits(0);
    run.says(&["1 row is ready to import, as far as HubSpot says before it writes\n"]);
    assert_eq!(workdir.names(), ["links.csv", "records.csv"]);
}

#[test]
fn a_property_that_does_not_lead_to_one_record_is_refused_before_anything_is_sent() {
    for (property, questions, words) in [
        // Also among those that were archived.
        (
            "case_no",
            2,
            "HubSpot has no property case_no of deals; use one of: case_number",
        ),
        (
            "dealname",
            1,
            "several deals may have the same dealname; use one of: case_number",
        ),
    ] {
        let workdir = Workdir::with("from_case,to_object_id,definition_id\nK-1,12,3\n");
        let sandbox = account(&workdir);
        let options = format!("--from-column from_case --from-key {property}");
        let run = workdir.import(&sandbox.base_url(), &options).exits(2);
        run.says(&[words]);
        let log = sandbox.request_log();
        assert_eq!((log.applied, log.counts.properties), (0, questions));
        assert_eq!(workdir.names(), ["links.csv", "records.csv"]);
    }
}

#[test]
fn a_row_whose_record_was_created_meanwhile_does_not_win_over_a_later_one() {
    let workdir = Workdir::with(
        "from_email,to_domain,definition_id\nann@x.com,new.com,1\nann@x.com,acme.com,1\n",
    );
    let before = account(&workdir);
    let (url, listen) = (before.base_url(), before.address());
    workdir.import(&url, "").exits(1);
    assert_eq!(
        codes(&workdir, "links.results.csv"),
        ["record_not_found", ""]
    );
    before.stop();
    let company = "companies,24,,,new.com,New,,,2026-01-03T00:00:00Z\n";
    workdir.write("records.csv", format!("{RECORDS}{company}"));
    let after = start_with(SandboxOptions {
        listen,
        record_options: records_in(&workdir, "records.csv"),
        ..SandboxOptions::default()
    });
    workdir.import(&url, "--resume --retry-failed").exits(0);
    let arrived: Vec<_> = arrivals(&after).iter().map(link).collect();
    assert_eq!(
        arrived,
        [(11, 24, 1), (11, 21, 1)],
        "the last row of the file wins"
    );
}

#[test]
fn rows_of_a_stream_name_records_by_keys_too() {
    let workdir = Workdir::new();
    let sandbox = account(&workdir);
    let url = sandbox.base_url();
    let line = format!("import - -o out.csv --base-url {url} --rate unlimited");
    let run = workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    run.stdin(LINKS).exits(1);
    assert_eq!(codes(&workdir, "out.csv"), CODES);
}

/// Its first row fails, and is sent again when the account is another.
const SENT_AGAIN: &str =
    "from_email,to_domain,definition_id\nnew@x.com,acme.com,1\nbob@x.com,acme.com,1\n";

/// Imports it twice: the second time only what failed, when the account has the records of `after`.
fn import_twice(workdir: &Workdir, before: SandboxOptions, after: &str) -> Sandbox {
    workdir.write("before.csv", RECORDS);
    workdir.write("after.csv", after);
    let with_records = |name: &str, options| SandboxOptions {
        record_options: records_in(workdir, name),
        ..options
    };
    let first = start_with(with_records("before.csv", before));
    let (url, listen) = (first.base_url(), first.address());
    let options = "--api 2026-09 --skip-existing";
    workdir.import(&url, options).exits(1);
    first.stop();
    let options = SandboxOptions {
        listen,
        ..SandboxOptions::default()
    };
    let second = start_with(with_records("after.csv", options));
    workdir.import(&url, "--resume --retry-failed").exits(0);
    second
}

fn on_the_run(workdir: &Workdir, line: &str) -> ProgramRun {
    let line = format!("{line} --rate unlimited");
    workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

/// The rows of the results with the ids that were sent, line by line.
fn ids_by_line(workdir: &Workdir) -> Vec<String> {
    let lines = workdir.lines("links.results.csv");
    let ids = lines.iter().map(|line| {
        let names = ["assoc_row", "assoc_from_id", "assoc_to_id"];
        names.map(|name| line[name].as_str()).join(" ")
    });
    ids.collect()
}

#[test]
fn rows_that_were_found_only_when_they_were_sent_again_are_verified_and_undone() {
    let workdir = Workdir::with(SENT_AGAIN);
    let after = format!("{RECORDS}contacts,14,new@x.com,,,,,,\n");
    let sandbox = import_twice(&workdir, SandboxOptions::default(), &after);
    let arrived: Vec<_> = arrivals(&sandbox).iter().map(link).collect();
    assert_eq!(arrived, [(14, 21, 1)]);
    let mut lines = ids_by_line(&workdir);
    lines[..2].sort();
    assert_eq!(lines, ["1  ", "2 12 21", "1 14 21"]);

    // Row 2 was sent to the account before.
    let run = on_the_run(&workdir, "verify links.results.csv").exits(1);
    run.says(&["1 present, 1 missing"]);
    let run = on_the_run(&workdir, "undo links.results.csv --yes").exits(0);
    run.says(&["2 links will be removed"]);
    assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
}

/// The first row was refused for the company that had the domain, and made with another one.
#[test]
fn a_row_whose_key_led_to_another_record_is_verified_by_its_last_line_and_not_undone_unasked() {
    let workdir = Workdir::with("from_email,to_domain,definition_id\nann@x.com,acme.com,1\n");
    // The first five requests only ask, the next one writes.
    let before = SandboxOptions {
        faults: vec!["400=#6-".parse().unwrap()],
        ..SandboxOptions::default()
    };
    let after = RECORDS.replace("companies,21,,,acme.com", "companies,24,,,acme.com");
    let sandbox = import_twice(&workdir, before, &after);
    assert_eq!(ids_by_line(&workdir), ["1 11 21", "1 11 24"]);
    let run = on_the_run(&workdir, "verify links.results.csv").exits(0);
    run.says(&["1 present"]);
    let run = on_the_run(&workdir, "undo links.results.csv --yes").exits(0);
    run.says(&["1 link kept: the run did not check whether it existed before"]);
    assert!(!sandbox.links().is_empty());
    on_the_run(&workdir, "undo links.results.csv --yes --include-unchecked").exits(0);
    assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
}

#[test]
fn an_undo_says_which_row_of_a_killed_import_has_to_be_found_out_first() {
    let workdir = Workdir::with(SENT_AGAIN);
    let sandbox = account(&workdir);
    let options = "--api 2026-09 --skip-existing";
    workdir.import(&sandbox.base_url(), options).exits(1);
    keep_result_lines(&workdir, 1);
    let before = sandbox.links();
    let run = on_the_run(&workdir, "undo links.results.csv --yes").exits(2);
    run.says(&[
        "nothing was removed: 1 row was under way when the import stopped, so HubSpot may have its \
         link. It names records by keys, and only the import finds these records: row 2 (line 3). \
         Complete the import first, then run undo again:\n  hubassoc import links.csv --resume\n",
    ]);
    assert_eq!(sandbox.links(), before);
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_before_its_first_line_does_not_ask_for_its_keys_again() {
    let workdir = Workdir::with("from_email,to_domain,definition_id\nann@x.com,acme.com,1\n");
    workdir.write("records.csv", RECORDS);
    let with_faults = |listen, faults| SandboxOptions {
        listen,
        faults,
        record_options: records_in(&workdir, "records.csv"),
        ..SandboxOptions::default()
    };
    // The first three requests ask for the account and the keys, the next one writes.
    let faults = vec!["503=#4-".parse().unwrap()];
    let before = start_with(with_faults(SandboxOptions::default().listen, faults));
    let (url, listen) = (before.base_url(), before.address());
    let mut run = RunningProgram::start(&workdir, &url, "-vvv");
    run.until("503").signal("-KILL").wait();
    assert_eq!(before.request_log().counts.searches, 1);
    before.stop();
    assert_eq!(workdir.lines("links.results.csv").len(), 0);

    let after = start_with(with_faults(listen, Vec::new()));
    workdir.import(&url, "--resume").exits(0);
    let counts = after.request_log().counts;
    assert_eq!((counts.records, counts.searches), (0, 0));
    assert_eq!(sent(&after), [(11, 21, 1)]);
}

//! Cells with several ids (`--split`): one link, one row and one line of the results for each id,
//! in every command.

use crate::support::{
    fake_hubspot::FakeHubSpot,
    killed_run::{RESULTS, RUN_LOG, keep_result_lines},
    sandbox::{sent, start},
    workdir::{TOKEN, Transcript, Workdir, column, lines},
};

const HEADER: &str = "from_object_id,to_object_id,definition_id";

const FILE: &str = "from_object_id,note,to_object_id,definition_id\n\
                    1,a,7; 8;;9,3\n\
                    \n\
                    2;3,b,7,3\n\
                    4,c,x;8,3\n\
                    5;6,d,7;8,3\n";

/// What `FILE` means.
const LINKS: [(u64, u64, u32); 6] = [
    (1, 7, 3),
    (1, 8, 3),
    (1, 9, 3),
    (2, 7, 3),
    (3, 7, 3),
    (4, 8, 3),
];

fn past(workdir: &Workdir, line: &str) -> Transcript {
    let run = workdir.run(&format!("{line} --rate unlimited"));
    run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(0)
}

#[test]
fn no_second_character_is_advised_where_one_is_given() {
    for (header, cell, many, one) in [
        ("to_object_id", "7\n8", "2 ids", "id"),
        ("to_domain", "a.com\nb.com", "2 keys", "key"),
    ] {
        let file = format!("from_object_id,{header},definition_id\n1,\"{cell}\",279\n");
        let workdir = Workdir::with(file);
        let advice = |options: &str| {
            let ran = workdir.run(&format!("check links.csv --api 2026-09 {options}"));
            let ran = ran.exits(1);
            lines(&ran.stdout)[0]["assoc_message"].clone()
        };
        let without = advice("");
        assert!(
            without.contains(&format!("contains {many}; give --split newline")),
            "{without}"
        );
        let with = advice("--split ;");
        let only = format!("contains {many}; put each {one} in its own row");
        assert!(with.ends_with(&only), "{with}");
    }
}

#[test]
fn each_id_is_a_row_of_check_import_verify_and_undo() {
    for options in ["--api 2026-09 --batch max", "--api v1 --skip-existing"] {
        let sandbox = start(&[]);
        let workdir = Workdir::with(FILE);
        let ran = workdir.run(&format!("check links.csv --split ; {options}"));
        ran.exits(1).says(&[
            "\ncells are split at ';': each id is a row of its own\n",
            "\n6 rows are ready to import; 2 rows are invalid\n",
        ]);
        let ran = workdir.import(&sandbox.base_url(), &format!("--split ; {options}"));
        ran.exits(1)
            .says(&["8 rows read: 6 succeeded, 0 failed, 2 invalid"]);
        assert_eq!(sent(&sandbox), LINKS, "{options}");

        let results = workdir.results();
        let rows = results.iter().map(|line| {
            [
                "assoc_row",
                "assoc_line",
                "from_object_id",
                "to_object_id",
                "assoc_code",
            ]
            .map(|name| line[name].as_str())
            .join(",")
        });
        assert_eq!(
            rows.collect::<Vec<_>>(),
            [
                "1,2,1,7,",
                "2,2,1,8,",
                "3,2,1,9,",
                "4,4,2,7,",
                "5,4,3,7,",
                "6,5,4,x,invalid_id",
                "7,5,4,8,",
                "8,6,5;6,7;8,several_in_both_columns",
            ]
        );
        let failures = workdir.lines("links.failures.csv");
        assert_eq!(column(&failures, "to_object_id"), ["x", "7;8"]);

        past(&workdir, "verify links.results.csv");
        let report = workdir.lines("links.verify.csv");
        assert_eq!(column(&report, "assoc_status"), ["present"; 6], "{options}");
        past(&workdir, "undo links.results.csv --yes");
        let report = workdir.lines("links.undo.csv");
        assert_eq!(column(&report, "assoc_status"), ["removed"; 6], "{options}");
        assert!(sandbox.links().is_empty(), "{options}");
    }
}

#[test]
fn corrected_failures_are_imported_by_the_command_that_is_printed() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(format!("{HEADER}\n1,7;x;8,3\n"));
    let options = "--split ; --min-rows 1";
    let ran = workdir.import(&sandbox.base_url(), options).exits(1);
    let corrected = workdir.text("links.failures.csv").replace(",x,", ",9,");
    workdir.write("links.failures.csv", corrected);
    let command = ran
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("  hubassoc import links.failures.csv"))
        .unwrap();
    assert!(!command.contains("--split"), "{command}");
    let run = workdir.shell(&format!("hubassoc import links.failures.csv{command}"));
    // The environment says it again, which changes nothing.
    run.env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .env("HUBASSOC_SPLIT", ";")
        .exits(0);
    assert_eq!(sent(&sandbox), [(1, 7, 3), (1, 8, 3), (1, 9, 3)]);
}

/// An export of HubSpot, imported by the command that its refusal suggests.
#[test]
fn an_export_is_imported_by_the_suggested_command() {
    let export = "Record ID,First Name,Email,Associated Company IDs,Associated Deal IDs\n\
                  1,Ann,ann@a.example,7;8;9,\n\
                  2,Bob,bob@a.example,7,5;6\n";
    let sandbox = start(&[]);
    let workdir = Workdir::with(export);
    let line = format!(
        "hubassoc import links.csv --api 2026-09 --rate unlimited --base-url {}",
        sandbox.base_url()
    );
    let with_token = |line: &str| workdir.shell(line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    let refused = with_token(&line).exits(2);
    let mut commands = refused
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("  "));
    let command = commands.next().unwrap();
    let suggested = "--to-column 'Associated Company IDs' --to-type companies --split ';'";
    assert!(command.ends_with(suggested), "{command}");
    with_token(command)
        .exits(0)
        .says(&["4 rows read: 4 succeeded"]);
    let links = [(1, 7, 279), (1, 8, 279), (1, 9, 279), (2, 7, 279)];
    assert_eq!(sent(&sandbox), links);
}

#[test]
fn without_the_option_the_refused_cell_names_it() {
    let workdir = Workdir::with(format!("{HEADER}\n1,7001;7002,3\n"));
    let ran = workdir.run("check links.csv").exits(1);
    let message = "to_object_id: '7001;7002' contains 2 ids; give --split ';' to make one link of \
                   each, or put each id in its own row";
    let lines = lines(&ran.stdout);
    assert_eq!(column(&lines, "assoc_code"), ["invalid_id_several"]);
    assert_eq!(column(&lines, "assoc_message"), [message]);
}

#[test]
fn an_unfit_character_is_refused_with_those_that_fit() {
    let workdir = Workdir::with(format!("{HEADER}\n1,7,3\n"));
    let remedy = "write one character that is no letter, digit, blank, quote or minus, such as ; , \
                  | or /, or write newline";
    for unfit in ["7", "a", "'", "-", ";;"] {
        let ran = workdir
            .run("check links.csv")
            .arg(format!("--split={unfit}"));
        ran.exits(2)
            .says(&[&format!("'{unfit}' cannot be between ids; {remedy}")]);
    }
}

#[test]
fn the_environment_and_a_configuration_file_give_it_too() {
    let workdir = Workdir::with(format!("{HEADER}\n1,7|8,3\n2,7/8,3\n"));
    let run = || workdir.run("check links.csv");
    let ready = |ran: Transcript| {
        ran.says(&["2 rows are ready to import; 1 row is invalid"])
            .code
    };
    assert_eq!(ready(run().env("HUBASSOC_SPLIT", "pipe").finish()), Some(1));
    workdir.write("options.toml", "split = '/'");
    let with_file = run().arg("--config").arg("options.toml");
    assert_eq!(ready(with_file.finish()), Some(1));
}

#[test]
fn limit_and_min_rows_count_rows_of_the_file() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(format!("{HEADER}\n1,7;8;9,3\n2,7;8,3\n3,7,3\n"));
    let line = "check links.csv --split ; --min-rows";
    workdir.run(&format!("{line} 3")).exits(0);
    let short = workdir.run(&format!("{line} 4")).exits(2);
    short.says(&["has 3 rows"]);
    let stdin = |rows: u64| {
        let line = format!("check - --split ; --min-rows {rows}");
        workdir.run(&line).stdin(workdir.bytes("links.csv"))
    };
    stdin(3).exits(0);
    stdin(4).exits(2);

    let url = sandbox.base_url();
    let next = "only the first rows were read (--limit)";
    let first = workdir.import(&url, "--split ; --limit 2").exits(0);
    first.says(&["5 rows read: 5 succeeded", next]);
    // Fewer than are done already.
    let refused = workdir.import(&url, "--resume --limit 1").exits(2);
    refused.says(&["--limit 1 is below row 5, which is already done"]);
    let same = workdir.import(&url, "--resume").exits(0);
    same.says(&["nothing is left to send within --limit", next]);
    let rest = workdir.import(&url, "--resume --limit off").exits(0);
    rest.says(&["6 rows read"]).never_says("--limit)");
    assert_eq!(workdir.endings(), ["succeeded 1"; 6]);
    assert_eq!(sent(&sandbox).len(), 6);
}

#[test]
fn a_resume_continues_within_a_cell_and_refuses_another_meaning() {
    let input = format!("{HEADER}\n1,7;8;9,3\n2,7;8,3\n");
    for limit in ["", "--limit 2"] {
        let workdir = Workdir::with(&input);
        let sandbox = start(&[]);
        // Refused after two of the three links of the first cell.
        let fake = FakeHubSpot::with_handler(|n, _| if n < 2 { 204.into() } else { 401.into() });
        let options = format!("--split ; --concurrency 1 {limit}");
        workdir.import(&fake.base_url(), &options).exits(3);
        for name in [RESULTS, RUN_LOG] {
            let text = workdir.text(name);
            workdir.write(name, text.replace(&fake.base_url(), &sandbox.base_url()));
        }
        let url = sandbox.base_url();
        let other = workdir.import(&url, "--resume --split ,").exits(2);
        other.says(&["--split"]);
        let ran = workdir.import(&url, "--resume --split semicolon").exits(0);
        ran.says(&["2 rows already done", "5 rows read"]);
        assert_eq!(sent(&sandbox), [(1, 9, 3), (2, 7, 3), (2, 8, 3)], "{limit}");
        let rows: Vec<_> = (1..=5).map(|row| row.to_string()).collect();
        assert_eq!(column(&workdir.results(), "assoc_row"), rows);
    }
    // A run without it cannot continue with it.
    let workdir = Workdir::with("from_object_id,to_object_id,definition_id\n1,7,3\n2,7;8,3\n");
    let sandbox = start(&[]);
    workdir.import(&sandbox.base_url(), "").exits(1);
    let ran = workdir.import(&sandbox.base_url(), "--resume --split ;");
    ran.exits(2).says(&["without --split"]);
}

#[test]
fn a_stream_is_resumed_within_a_cell() {
    let workdir = Workdir::new();
    let sandbox = start(&[]);
    let input = format!("{HEADER}\n1,7;8;9,3\n2,7;8,3\n");
    let fake = FakeHubSpot::with_handler(|n, _| if n < 2 { 204.into() } else { 401.into() });
    let options = "-o links.results.csv --split ; --concurrency 1 --min-rows 1";
    let run = workdir.import_file("-", &fake.base_url(), options);
    run.stdin(input.clone()).exits(3);
    for name in [RESULTS, RUN_LOG] {
        let text = workdir.text(name);
        workdir.write(name, text.replace(&fake.base_url(), &sandbox.base_url()));
    }
    let options = "-o links.results.csv --resume";
    let run = workdir.import_file("-", &sandbox.base_url(), options);
    run.stdin(input).exits(0).says(&["5 rows read"]);
    assert_eq!(sent(&sandbox), [(1, 9, 3), (2, 7, 3), (2, 8, 3)]);
}

#[test]
fn rows_without_a_line_are_read_from_the_input_by_undo_and_resume() {
    for lines_left in [0, 1, 2, 4] {
        // What is behind the last row that was sent does not matter.
        let input = format!("{HEADER}\n1,7;8;9,3\n2,7;8,3\n3,\"open,1\n");
        let options = "--api 2026-09 --split ; --limit 2 --concurrency 1";
        let sandbox = start(&[]);
        let workdir = Workdir::with(&input);
        workdir.import(&sandbox.base_url(), options).exits(0);
        assert!(!sandbox.links().is_empty());
        keep_result_lines(&workdir, 1 + lines_left);
        past(&workdir, "undo links.results.csv --yes");
        assert!(sandbox.links().is_empty(), "{lines_left}");

        let sandbox = start(&[]);
        let workdir = Workdir::with(&input);
        workdir.import(&sandbox.base_url(), options).exits(0);
        keep_result_lines(&workdir, 1 + lines_left);
        workdir.import(&sandbox.base_url(), "--resume").exits(0);
        let results = workdir.results();
        assert_eq!(column(&results, "assoc_row"), ["1", "2", "3", "4", "5"]);
        assert_eq!(column(&results, "assoc_status"), ["succeeded"; 5]);
        past(&workdir, "undo links.results.csv --yes");
        assert!(sandbox.links().is_empty(), "{lines_left}");
    }
}

#[test]
fn rows_that_a_spreadsheet_changed_are_read_from_the_input_by_verify() {
    let sandbox = start(&[]);
    let options = "--api 2026-09 --split ; --concurrency 1";
    let workdir = Workdir::with(format!("{HEADER}\n100000000001,7;8;9,3\n2,7;8,3\n"));
    workdir.import(&sandbox.base_url(), options).exits(0);
    let results = workdir.text(RESULTS).replace("100000000001", "1E+11");
    workdir.write(RESULTS, results);
    past(&workdir, "verify links.results.csv");
    let report = workdir.lines("links.verify.csv");
    assert_eq!(column(&report, "assoc_status"), ["present"; 5]);
    past(&workdir, "undo links.results.csv --yes");
    assert!(sandbox.links().is_empty());
}

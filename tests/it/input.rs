//! All kinds of input files with the real program: `check` and `import` agree on each, and a
//! refused file leaves nothing behind.

use std::{collections::BTreeSet, fmt::Write as _, io::Write as _};

use flate2::{Compression, write::GzEncoder};

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    sample_files::{self, SampleFile},
    sandbox::{arrivals, sent, start},
    workdir::{CsvLine, Workdir, column, lines},
};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// Row and code of every invalid line.
fn invalid(lines: &[CsvLine]) -> BTreeSet<(u64, String)> {
    let bad = lines
        .iter()
        .filter(|line| line["assoc_status"] == "invalid");
    bad.map(|line| {
        (
            line["assoc_row"].parse().unwrap(),
            line["assoc_code"].clone(),
        )
    })
    .collect()
}

/// Runs both commands on one file and asserts the file's expected results.
fn check_and_import(file: &SampleFile) {
    let SampleFile {
        name,
        bytes,
        code,
        invalid: expected,
        sent: links,
    } = file;
    let sandbox = start(&[]);
    let workdir = Workdir::with(bytes);
    let checked = workdir.run("check links.csv").finish();
    let imported = workdir.import(&sandbox.base_url(), "").finish();
    assert_eq!(checked.code, Some(*code), "{name}\n{checked}");
    assert_eq!(imported.code, Some(*code), "{name}\n{imported}");
    let expected: BTreeSet<_> = expected
        .iter()
        .map(|(row, code)| (*row, (*code).to_owned()))
        .collect();
    assert_eq!(
        invalid(&lines(&checked.stdout)),
        expected,
        "{name}\n{checked}"
    );
    if workdir.has("links.results.csv") {
        assert_eq!(invalid(&workdir.results()), expected, "{name}\n{imported}");
    }
    let sent = sent(&sandbox);
    let sent: Vec<_> = sent.iter().map(|(from, to, _)| (*from, *to)).collect();
    assert_eq!(sent, *links, "{name}\n{imported}");
}

#[test]
fn readable_files_are_read_exactly() {
    for file in sample_files::readable() {
        check_and_import(&file);
    }
}

#[test]
fn an_uncertain_row_is_invalid_and_the_others_are_sent() {
    for file in sample_files::with_invalid_rows() {
        check_and_import(&file);
    }
}

#[test]
fn an_unreadable_file_is_refused_with_the_reason_and_leaves_nothing() {
    for (name, bytes, words) in sample_files::REFUSED {
        let sandbox = start(&[]);
        let workdir = Workdir::with(bytes);
        let checked = workdir.run("check links.csv").finish();
        let imported = workdir.import(&sandbox.base_url(), "").finish();
        for ran in [&checked, &imported] {
            assert_eq!(ran.code, Some(2), "{name}\n{ran}");
            ran.says(&["links.csv", words]);
            assert!(ran.stdout.is_empty(), "{name}\n{ran}");
        }
        assert_eq!(workdir.names(), ["links.csv"], "{name}");
        assert_eq!(sandbox.request_log().requests, 0, "{name}");
    }
}

#[test]
fn an_open_quote_ends_the_run_with_what_was_read_recorded() {
    let text = "from_object_id,to_object_id,definition_id,note\n1,7,1,a\n2,7,1,b\n3,7,1,\"open\n4,7,1,c\n5,7,1,d\n";
    let sandbox = start(&[]);
    let workdir = Workdir::with(text);
    let checked = workdir.run("check links.csv").exits(6);
    let imported = workdir
        .import(&sandbox.base_url(), "--summary s.json")
        .exits(6);
    for ran in [&checked, &imported] {
        ran.says(&[
            "line 4",
            "never closed",
            "a quote opens here and is never closed, so it includes the rest of the file",
        ]);
    }
    assert_eq!(column(&workdir.results(), "from_object_id"), ["1", "2"]);
    assert_eq!(workdir.json("s.json")["input_complete"], false);
}

#[test]
fn damaged_gzip_ends_the_run_with_what_was_read_recorded() {
    let whole = gzip(links((1..=5_000).map(|n| n * 10 + 1)).as_bytes());
    let mut wrong_sum = whole.clone();
    let at = whole.len() - 8;
    wrong_sum[at] ^= 1;
    for (case, bytes) in [
        ("cut off", &whole[..whole.len() / 2]),
        ("wrong checksum", &wrong_sum),
    ] {
        let sandbox = start(&[]);
        let workdir = Workdir::with(bytes);
        let ran = workdir.import(&sandbox.base_url(), "").exits(6);
        ran.says(&["gzip data is damaged"]);
        assert_eq!(workdir.results().len(), arrivals(&sandbox).len(), "{case}");
        workdir.run("check links.csv").exits(6);
    }
}

#[test]
fn results_of_a_gzip_file_are_named_after_the_unpacked_file() {
    let sandbox = start(&[]);
    let workdir = Workdir::new();
    workdir.write("links.csv.gz", gzip(links([1, 2]).as_bytes()));
    workdir
        .import_file("links.csv.gz", &sandbox.base_url(), "")
        .exits(0);
    assert_eq!(
        workdir.names(),
        ["links.csv.gz", "links.results.csv", "links.results.csv.run"]
    );
}

#[test]
fn standard_input_is_read_and_needs_a_name_for_the_results() {
    let sandbox = start(&[]);
    let workdir = Workdir::new();
    let url = sandbox.base_url();
    let ran = workdir
        .import_file("-", &url, "")
        .stdin(links([1]))
        .exits(2);
    ran.says(&["the input is a pipe", "--results"]);
    let text = "\u{feff}".to_owned() + &links([1, 2]);
    workdir
        .import_file("-", &url, "-o out.csv")
        .stdin(text)
        .exits(0);
    assert_eq!(
        column(&workdir.lines("out.csv"), "assoc_status"),
        ["succeeded"; 2]
    );
}

#[test]
fn a_file_of_nothing_but_a_header_is_a_success() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([]));
    let ran = workdir.import(&sandbox.base_url(), "").exits(0);
    ran.says(&["0 rows"]);
    workdir.run("check links.csv").exits(0);
}

#[test]
fn only_the_first_rows_are_read_with_a_limit() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=9) + "\"open quote behind the limit");
    workdir.import(&sandbox.base_url(), "--limit 3").exits(0);
    assert_eq!(sent(&sandbox), [(1, 7, 1), (2, 7, 1), (3, 7, 1)]);
}

#[test]
fn columns_of_other_names_and_one_definition_for_all() {
    let sandbox = start(&[]);
    let workdir = Workdir::with("deal,person\n8,9\n");
    let options = "--from-column deal --to-column person --definition 3";
    workdir.import(&sandbox.base_url(), options).exits(0);
    assert_eq!(sent(&sandbox), [(8, 9, 3)]);
}

#[test]
fn a_path_that_is_not_a_file_is_refused_by_name() {
    let workdir = Workdir::new();
    std::fs::create_dir(workdir.path("folder")).unwrap();
    for (input, words) in [
        ("nowhere.csv", "no such file"),
        ("folder", "is a folder"),
        (".", "is a folder"),
    ] {
        workdir
            .run(&format!("check {input}"))
            .exits(2)
            .says(&[input, words]);
        let ran = workdir
            .import_file(input, "http://127.0.0.1:1", "")
            .exits(2);
        ran.says(&[input, words]);
    }
    assert_eq!(workdir.names(), ["folder"]);
}

#[test]
fn lines_are_counted_as_an_editor_shows_them() {
    let text = "from_object_id,to_object_id,definition_id,note\r\n\r\n1,7,1,\"two\r\nlines\"\r\n,,,\r\nx,7,1,\r\n";
    let sandbox = start(&[]);
    let workdir = Workdir::with(text);
    workdir.import(&sandbox.base_url(), "").exits(1);
    assert_eq!(column(&workdir.results(), "assoc_line"), ["3", "6"]);
    assert_eq!(workdir.results()[0]["note"], "two\r\nlines");
}

#[test]
fn text_that_is_not_utf_8_is_kept_in_other_columns() {
    let sandbox = start(&[]);
    let workdir =
        Workdir::with(b"from_object_id,to_object_id,definition_id,name\n1,7,1,Andr\xe9\n");
    workdir.import(&sandbox.base_url(), "").exits(0);
    assert_eq!(workdir.results()[0]["name"], "André");
}

#[test]
fn check_prints_bad_rows_to_standard_output_and_messages_to_standard_error() {
    let workdir = Workdir::with(links([1]) + "x,7,1\n");
    let ran = workdir.run("check links.csv --rate 1/2s").exits(1);
    assert!(
        ran.stdout()
            .starts_with("from_object_id,to_object_id,definition_id,assoc_row,"),
        "{ran}"
    );
    assert_eq!(column(&lines(&ran.stdout), "from_object_id"), ["x"]);
    ran.says(&[
        "1 row is ready to import; 1 row is invalid",
        "1 row, at most 1 call in 2 s: about 2 s",
    ]);
}

/// Three rows and two blank ones.
const THREE_ROWS: &str =
    "from_object_id,to_object_id,definition_id\r\n1,7,1\r\n,,\r\n2,7,1\r\n\r\n3,7,1\r\n";

#[test]
fn a_file_below_min_rows_is_refused_before_anything_is_sent() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(THREE_ROWS);
    for options in [
        "--min-rows 4",
        "--min-rows 4 --limit 2",
        "--min-rows 4 --resume",
    ] {
        let ran = workdir.import(&fake.base_url(), options).exits(2);
        ran.says(&["links.csv has 3 rows, but --min-rows is 4: nothing was sent"]);
        let run = workdir.run(&format!("check links.csv {options}"));
        run.exits(2).says(&["has 3 rows, but --min-rows is 4"]);
    }
    let empty = Workdir::with("from_object_id,to_object_id,definition_id\n");
    let run = empty
        .import(&fake.base_url(), "")
        .env("HUBASSOC_MIN_ROWS", "1");
    run.exits(2).says(&["has 0 rows"]);
    assert!(fake.requests().is_empty() && fake.account_requests().is_empty());
    assert_eq!(workdir.names(), ["links.csv"]);
    workdir
        .import(&fake.base_url(), "--min-rows 3 --limit 2")
        .exits(0);
    assert_eq!(workdir.results().len(), 2);
}

#[test]
fn a_stream_is_held_until_it_has_min_rows() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::new();
    let import = |options: &str| {
        let options = format!("-o links.results.csv {options}");
        let run = workdir.import_file("-", &fake.base_url(), &options);
        run.stdin(THREE_ROWS)
    };
    let ran = import("--min-rows 4").exits(2);
    ran.says(&["standard input has 3 rows, but --min-rows is 4"]);
    assert!(fake.requests().is_empty() && workdir.names().is_empty());
    let check = workdir.run("check - --min-rows 4").stdin(THREE_ROWS);
    check.exits(2).says(&["has 3 rows"]);
    import("--min-rows 2")
        .exits(0)
        .says(&["3 rows read: 3 succeeded"]);
    let rows = workdir.results();
    let ids: Vec<_> = rows
        .iter()
        .map(|row| row["from_object_id"].as_str())
        .collect();
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!(fake.requests().len(), 3);
}

#[test]
fn the_rows_of_a_long_file_are_counted_and_not_estimated() {
    let fake = FakeHubSpot::with_responses([401]);
    let mut input = String::from("from_object_id,to_object_id,definition_id,note\n");
    for row in 1..=12_000_u64 {
        let long = if row < 1_000 {
            "x".repeat(400)
        } else {
            String::new()
        };
        writeln!(input, "{row},7,1,{long}").unwrap();
    }
    let ran = Workdir::with(input).import(&fake.base_url(), "").exits(3);
    let variants = [
        "12,000 rows, without a limit\n",
        "rows (still counting) in ",
    ];
    assert!(
        variants.iter().any(|words| ran.stderr.contains(words)),
        "{ran}"
    );
    ran.never_says("about");
}

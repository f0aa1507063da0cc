//! The files that `explain` reads, and those that it refuses.

use super::{causes, commands, explained, page_of};
use crate::support::{
    killed_run::keep_result_lines,
    links,
    running::RunningProgram,
    sandbox::start,
    workdir::{TOKEN, Workdir},
};

const RESULTS: &str = "links.results.csv";

/// Two rows that fail for one reason, one that is invalid, and one that succeeds.
const ROWS: &str =
    "from_object_id,to_object_id,definition_id\n1404,7,1\n1,7,1\n2404,7,1\n\"1;2\",7,1\n";

/// A rehearsal of an input.
fn rehearsed(rows: &str) -> Workdir {
    let workdir = Workdir::with(rows);
    let line = "import links.csv --sandbox -o links.results.csv --rate unlimited";
    let code = i32::from(rows.contains("404"));
    workdir.run(line).exits(code);
    workdir
}

/// The page without the time.
fn without_time(page: &str) -> String {
    let lines = page
        .lines()
        .map(|line| match line.split_once(", started ") {
            Some((before, _)) => before,
            None => line,
        });
    lines.map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn a_page_says_for_each_cause_what_happened_where_and_what_to_do() {
    let workdir = rehearsed(ROWS);
    insta::assert_snapshot!(without_time(&explained(&workdir, RESULTS)), @r"
    file:       links.results.csv
    run:        import of links.csv
    account:    a sandbox (a rehearsal), API v1
    rows:       4: 1 succeeded, 2 failed, 1 invalid
    causes:     2, of 3 rows

    1. 2 rows record_not_found
    happened:   HubSpot has no record with this id and object type (400), or with
                this key.
    message:    this account has no contact …: definition 1 (contact_to_company)
                links contact → company, so the from id must be a contact; check the
                id, and that the from and to columns are not swapped (HTTP 400: One
                or more associations are invalid: CONTACT=… is not valid)
    examples:   rows 1 (line 2), 3 (line 4)
    to do:      Check the id and the object type. The record may be deleted, or
                belong to another account.
    send again: helps only after the cause is corrected
    command:    correct these rows in the failures file, then import it:
      hubassoc import links.failures.csv --sandbox --api v1 --rate unlimited

    2. 1 row invalid_id_several
    happened:   The cell holds several ids (`7001;7002`), and `--split` does not say
                so.
    message:    from_object_id: '1;2' contains 2 ids; give --split ';' to make one
                link of each, or put each id in its own row
    examples:   row 4 (line 5)
    to do:      Give `--split ';'` to make one link of each, or write one row for
                each id.
    send again: helps only after the cause is corrected
    command:    correct these rows in the failures file, then import it:
      hubassoc import links.failures.csv --sandbox --api v1 --rate unlimited
    ");
}

#[test]
fn results_without_failures_have_nothing_to_explain() {
    let workdir = rehearsed(&links([1, 2]));
    insta::assert_snapshot!(without_time(&explained(&workdir, RESULTS)), @r"
    file:       links.results.csv
    run:        import of links.csv
    account:    a sandbox (a rehearsal), API v1
    rows:       2: 2 succeeded

    nothing to explain: no row failed or is invalid
    ");
}

#[test]
fn without_its_run_log_a_file_is_explained_and_what_is_not_known_is_said() {
    let workdir = rehearsed(ROWS);
    std::fs::remove_file(workdir.path("links.results.csv.run")).unwrap();
    let page = explained(&workdir, RESULTS);
    assert_eq!(
        causes(&page),
        ["2 rows record_not_found", "1 row invalid_id_several"]
    );
    assert_eq!(commands(&page), [""; 0]);
    insta::assert_snapshot!(page.split("rows: ").next().unwrap(), @r"
    file:       links.results.csv
    run:        not known, because links.results.csv.run is not there. So it is not
                known when it ran and to which account, and no commands are given.
                Keep that file beside the results.
    ");
}

#[test]
fn results_that_a_spreadsheet_saved_have_the_same_causes() {
    let workdir = rehearsed(ROWS);
    let written = explained(&workdir, RESULTS);
    let text = workdir.text(RESULTS);
    let excel = semicolons(&text);
    let utf_16 = |text: &str| -> Vec<u8> {
        let text = format!("\u{feff}{text}");
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let windows = encoding_rs::WINDOWS_1252.encode(&excel).0.into_owned();
    for saved in [
        format!("\u{feff}{excel}").into_bytes(),
        windows,
        utf_16(&text.replace(',', "\t")),
        text.replace('\n', ",,\r\n").into_bytes(),
    ] {
        workdir.write("saved.csv", saved);
        let page = explained(&workdir, "saved.csv");
        assert_eq!(causes(&page), causes(&written), "{page}");
        assert!(
            page.contains("rows:       4: 1 succeeded, 2 failed, 1 invalid\n"),
            "{page}"
        );
    }
}

/// As Excel saves it where a comma is part of a number.
fn semicolons(text: &str) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for record in reader.records() {
        writer.write_record(&record.unwrap()).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn results_that_a_spreadsheet_saved_over_are_not_resumed_by_a_command() {
    let sandbox = start(&["423=100%"]);
    let workdir = Workdir::with(links([1, 2]));
    workdir
        .import(&sandbox.base_url(), "--max-attempts 1")
        .exits(1);
    let resend = "hubassoc import links.csv --resume --retry-failed";
    assert_eq!(commands(&explained(&workdir, RESULTS)), [resend]);
    workdir.write(RESULTS, semicolons(&workdir.text(RESULTS)));
    let page = explained(&workdir, RESULTS);
    let [command] = commands(&page)[..] else {
        panic!("{page}");
    };
    assert!(
        command.starts_with("hubassoc import links.failures.csv "),
        "{page}"
    );
}

#[test]
fn of_several_lines_of_a_row_the_last_one_counts() {
    let workdir = rehearsed(ROWS);
    let text = workdir.text(RESULTS);
    let again = text.lines().find(|line| line.contains("1404")).unwrap();
    let good = again.replace("failed,400", "succeeded,204");
    let good =
        good.split("record_not_found").next().unwrap().to_owned() + ",,,2026-11-29T04:29:15.617Z,,";
    for (lines, failed) in [
        (vec![good.as_str()], 1),
        (vec![good.as_str(), again], 2),
        (vec![again, again, good.as_str()], 1),
        (vec![again, again, again, again], 2),
    ] {
        let added: String = lines.iter().map(|line| (*line).to_owned() + "\n").collect();
        workdir.write("more.csv", text.clone() + &added);
        let page = explained(&workdir, "more.csv");
        let count = format!(
            "rows:       4: {} succeeded, {failed} failed, 1 invalid\n",
            3 - failed
        );
        assert!(page.contains(&count), "{page}");
    }
}

#[test]
fn a_run_that_goes_on_is_explained_as_far_as_it_is_written() {
    let sandbox = start(&["silence=#3"]);
    let workdir = Workdir::with(links([404, 2, 3]));
    let options = "-vv --concurrency 1 --rate unlimited";
    let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), options);
    run.until("record_not_found");
    while sandbox.request_log().requests < 3 {
        std::thread::yield_now();
    }
    let page = explained(&workdir, RESULTS);
    assert_eq!(causes(&page), ["1 row record_not_found"]);
    assert_eq!(commands(&page), [""; 0]);
    assert!(
        page.contains("note:       the run is still going on; these are the rows so far."),
        "{page}"
    );
    run.signal("-KILL");
    run.wait();
    let mut torn = workdir.bytes(RESULTS);
    torn.extend_from_slice(b"3,7,1,3,4,failed,400,1,record_not_found,\"this acc");
    workdir.write(RESULTS, torn);
    let page = explained(&workdir, RESULTS);
    assert_eq!(causes(&page), ["1 row record_not_found"]);
    assert!(
        page.contains("note:       the last line is incomplete and is not counted\n"),
        "{page}"
    );
    let resume = "hubassoc import links.csv --resume";
    assert_eq!(commands(&page), [resume, resume]);
    let ran = workdir
        .shell(resume)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .exits(1);
    ran.says(&["3 rows read"]);
}

#[test]
fn another_file_is_refused_with_the_one_to_give() {
    let workdir = rehearsed(ROWS);
    workdir.write("links.failures.xlsx", b"PK\x03\x04");
    let give = "give links.results.csv\n";
    let any = "give the results file that import wrote (it ends in .results.csv)\n";
    workdir.write("other.csv", "a,assoc_status\n1,failed\n");
    for (file, problem, instead) in [
        (
            "links.csv",
            "links.csv has no column assoc_status, so it is not a results file; ",
            give,
        ),
        (
            "links.results.csv.run",
            "links.results.csv.run has no column assoc_row, so it is not a results file; ",
            give,
        ),
        (
            "links.failures.xlsx",
            "links.failures.xlsx is a workbook, and results are CSV; ",
            give,
        ),
        ("links.xlsx", "links.xlsx does not exist; ", give),
        (
            "other.csv",
            "other.csv has no column assoc_row, so it is not a results file; ",
            any,
        ),
        ("nothing.csv", "nothing.csv does not exist; ", any),
        (".", ". is not a file; ", any),
    ] {
        let ran = workdir.run("explain").arg(file).exits(2);
        assert_eq!(ran.stderr, format!("hubassoc: {problem}{instead}"), "{ran}");
        assert!(ran.stdout.is_empty(), "{ran}");
    }
}

#[test]
fn no_cell_is_shown_if_it_has_to_be_redacted() {
    let workdir = Workdir::with(
        "from_email,to_domain,definition_id\nann smith,acme.com,1\nbob@x.com,a b,1\n",
    );
    let line = "import links.csv --sandbox -o links.results.csv --rate unlimited";
    workdir.run(line).exits(1);
    let shown = explained(&workdir, RESULTS);
    assert!(
        shown.contains("'ann smith'") && shown.contains("'a b'"),
        "{shown}"
    );
    let redacted = page_of(&workdir.run("explain links.results.csv --redact").exits(0));
    assert_eq!(causes(&redacted), causes(&shown));
    assert!(
        !redacted.contains("smith") && !redacted.contains("a b"),
        "{redacted}"
    );
}

#[test]
fn characters_that_move_the_cursor_are_not_printed() {
    let workdir = rehearsed(ROWS);
    let text = workdir
        .text(RESULTS)
        .replace("record_not_found,", "\u{1b}[2Jodd,\u{1b}[31m");
    workdir.write("odd.csv", text);
    let page = explained(&workdir, "odd.csv");
    assert!(!page.contains('\u{1b}'), "{page:?}");
    assert!(
        page.contains("this version of hubassoc does not know the code"),
        "{page}"
    );
}

#[test]
fn lines_that_cannot_be_read_are_counted() {
    let workdir = rehearsed(ROWS);
    let text = workdir.text(RESULTS).replacen(",failed,", ",broken,", 1);
    workdir.write("odd.csv", text);
    let page = explained(&workdir, "odd.csv");
    assert_eq!(
        causes(&page),
        ["1 row invalid_id_several", "1 row record_not_found"]
    );
    let note = "note:       1 line has no row number or status that can be read; they are not\n";
    assert!(page.contains(note), "{page}");
}

#[test]
fn the_largest_causes_are_explained_and_the_others_counted() {
    let workdir = rehearsed(ROWS);
    let text = workdir.text(RESULTS);
    let line = text
        .lines()
        .find(|line| line.contains(",invalid,"))
        .unwrap()
        .to_owned();
    let word = |n: u32| {
        char::from_u32(u32::from('a') + n % 26)
            .unwrap()
            .to_string()
            .repeat(n as usize / 26 + 1)
    };
    let line = |n: u32| {
        line.replace(",4,5,", &format!(",{},5,", n + 10))
            .replace("contains", &word(n))
            + "\n"
    };
    workdir.write(
        "many.csv",
        text.clone() + &(0..60).map(line).collect::<String>(),
    );
    let page = explained(&workdir, "many.csv");
    assert_eq!(causes(&page).len(), 50);
    assert!(
        page.contains("causes:     62, of 63 rows; the 50 largest are explained\n"),
        "{page}"
    );
    assert!(
        page.ends_with("\n… and 12 more rows with other causes; many.csv has all of them\n"),
        "{page}"
    );
}

#[test]
fn rows_of_a_workbook_are_named_by_their_sheet() {
    let workdir = rehearsed(ROWS);
    let log = workdir
        .text("links.results.csv.run")
        .replace("links.csv", "links.xlsx");
    workdir.write("links.results.csv.run", log);
    let page = explained(&workdir, RESULTS);
    assert!(
        page.contains("examples:   rows 1 (sheet row 2), 3 (sheet row 4)\n"),
        "{page}"
    );
}

#[test]
fn a_stopped_import_says_how_its_other_rows_are_sent() {
    let workdir = rehearsed(ROWS);
    keep_result_lines(&workdir, 2);
    let page = explained(&workdir, RESULTS);
    assert!(page.contains("not ended:  "), "{page}");
}

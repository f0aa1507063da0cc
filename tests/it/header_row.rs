//! The line with the column names: what stands above it, and the option that says where it is.

use rust_xlsxwriter::Workbook;

use crate::support::{
    sandbox::start,
    workdir::{TOKEN, Workdir},
};

/// A workbook with a title, a blank row, and the header in row 3.
const WITH_TITLE: &[u8] = include_bytes!("workbooks/made/layout.xlsx");

/// A workbook with two empty sheets, Sheet2 and Sheet3.
const WITH_EMPTY_SHEETS: &[u8] = include_bytes!("workbooks/saved/excel_mac.xlsx");

const TITLE_AND_HEADER: &str =
    "Links of 2026\n\nfrom_object_id,to_object_id,definition_id\n1,2,1\n";

fn with_workbook(bytes: &[u8]) -> Workdir {
    let workdir = Workdir::new();
    workdir.write("links.xlsx", bytes);
    workdir
}

#[test]
fn text_above_the_header_is_refused_with_the_option_that_skips_it() {
    let workdir = with_workbook(WITH_TITLE);
    workdir.run("check links.xlsx").exits(2).says(&[
        "links.xlsx: the header seems to be row 3, below other text that begins in row 1; give \
         --header-row 3, or delete what is above the header\n",
    ]);
    workdir.run("check links.xlsx --header-row 3").exits(1);
    let text = Workdir::with(TITLE_AND_HEADER);
    text.run("check links.csv")
        .exits(2)
        .says(&["give --header-row 3, "]);
    text.run("check links.csv --header-row 3")
        .exits(0)
        .says(&["1 row is ready"]);
    text.run("check links.csv --header-row 4")
        .exits(2)
        .says(&["line 4 is data"]);
}

#[test]
fn a_header_row_below_the_text_is_refused_with_the_last_line() {
    for (text, row, last) in [
        (TITLE_AND_HEADER, 9, 4),
        ("Links of 2026", 2, 1),
        // The line is there, but blank.
        ("Links of 2026\r\n\r\n;;\r\n", 3, 1),
    ] {
        let workdir = Workdir::with(text);
        let ran = workdir.run(&format!("check links.csv --header-row {row}"));
        ran.exits(2).says(&[&format!(
            "links.csv: the last line with text is line {last}, but --header-row is {row}; give the \
             number of the line that has the column names\n"
        )]);
    }
    let workdir = with_workbook(WITH_TITLE);
    let ran = workdir.run("check links.xlsx --header-row 99").exits(2);
    ran.says(&[
        "links.xlsx: the last row with text is row 9, but --header-row is 99; give the number of the \
         row that has the column names\n",
    ]);
}

#[test]
fn a_header_row_without_text_is_refused_with_the_next_row_that_has_some() {
    let header = "from_object_id,to_object_id,definition_id";
    for (text, row, next) in [
        (TITLE_AND_HEADER.to_owned(), 2, 3),
        (format!("Title\r\n,,\r\n\r\n{header}\r\n1,2,1\r\n"), 2, 4),
        (format!("\n\n{header}\n1,2,1\n"), 1, 3),
    ] {
        let workdir = Workdir::with(text);
        let refused = workdir.run(&format!("check links.csv --header-row {row}"));
        refused.exits(2).says(&[&format!(
            "links.csv: line {row}, which --header-row names, has no text; the next line with text is \
             line {next}: if it has the column names, give --header-row {next}\n"
        )]);
        let checked = workdir.run(&format!("check links.csv --header-row {next}"));
        checked.exits(0).says(&["1 row is ready"]);
    }
    let workdir = with_workbook(WITH_TITLE);
    workdir
        .run("check links.xlsx --header-row 2")
        .exits(2)
        .says(&[
            "links.xlsx: row 2, which --header-row names, has no text; the next row with text is row \
             3: if it has the column names, give --header-row 3\n",
        ]);
    // The line that names the delimiter goes with the header.
    let workdir = Workdir::with(format!("sep=,\n{header}\n1,2,1\n"));
    workdir.run("check links.csv --header-row 1").exits(0);
}

#[test]
fn without_any_text_the_file_or_the_sheet_is_empty() {
    let blank = Workdir::with("\n;;\n");
    for options in ["", "--header-row 2", "--header-row 9"] {
        let ran = blank.run(&format!("check links.csv {options}")).exits(2);
        ran.says(&["links.csv: is empty; it needs a header line with the columns "]);
    }
    let workdir = with_workbook(WITH_EMPTY_SHEETS);
    for options in ["", "--header-row 2"] {
        let ran = workdir.run(&format!("check links.xlsx --sheet sheet2 {options}"));
        ran.exits(2).says(&[
            "links.xlsx: the sheet 'Sheet2' is empty; it needs a header row with the columns \
             from_object_id, to_object_id, definition_id; to read another sheet, give its name with \
             --sheet\n",
        ]);
    }
}

#[test]
fn a_header_row_that_is_no_number_of_a_line_is_refused_with_what_to_write() {
    let workdir = Workdir::with(TITLE_AND_HEADER);
    for text in ["0", "x"] {
        let ran = workdir.run(&format!("check links.csv --header-row {text}"));
        ran.exits(2).says(&[&format!(
            "invalid value '{text}' for '--header-row <N>': write the number of the line or row with \
             the column names, from 1\n"
        )]);
    }
}

/// What is said of a first row that is data.
fn data(unit: &str, needed: &str) -> String {
    format!(
        "{unit} 1 is data, but the first {unit} must be the header (3 cells); add a {unit} with the \
         column names {needed} above it"
    )
}

const OF_KEYS: &str =
    " (of e-mail addresses: from_email, to_email; of domains: from_domain, to_domain)";

#[test]
fn cells_of_data_that_are_given_as_names_do_not_make_a_header() {
    let ids = "from_object_id, to_object_id, definition_id";
    let with_keys = format!("{ids}{OF_KEYS}");
    for (row, options, needed, left_out) in [
        (
            "ann@x.com,123,1",
            "--from-column ann@x.com --to-column 123 --definition 1",
            format!("from_object_id, to_object_id{OF_KEYS}"),
            "--from-column and --to-column",
        ),
        (
            "ann@x.com,123,1",
            "--from-column ann@x.com --to-column 123 --definition-column 1 --from-key email",
            format!("from_email, to_object_id, definition_id{OF_KEYS}"),
            "--from-column, --to-column and --definition-column",
        ),
        (
            "101,102,1",
            "--from-column 101 --to-column 102 --definition-column 1",
            ids.to_owned(),
            "--from-column, --to-column and --definition-column",
        ),
        (
            "A-17;www.acme.de;1",
            "--from-column a-17 --to-column WWW.acme.de --definition-column 1",
            with_keys,
            "--from-column, --to-column and --definition-column",
        ),
    ] {
        let workdir = Workdir::with(format!("{row}\nbob@x.com,5,1\n"));
        let refused = workdir.run(&format!("import links.csv --sandbox {options}"));
        refused.exits(2).says(&[&format!(
            "links.csv: {}, and leave out {left_out}; if line 1 is the header, give --header-row 1\n",
            data("line", &needed)
        )]);
    }
}

#[test]
fn a_row_of_a_sheet_whose_cells_are_given_as_names_is_data() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, id) in (0..).zip([101, 102]) {
        sheet.write_number(0, column, id).unwrap();
    }
    let workdir = with_workbook(&workbook.save_to_buffer().unwrap());
    let refused = workdir.run("check links.xlsx --from-column 101 --to-column 102 --definition 1");
    refused.exits(2).says(&[
        "links.xlsx: row 1 is data, ",
        "; if row 1 is the header, give --header-row 1\n",
    ]);
}

#[test]
fn a_person_may_say_that_a_row_of_numbers_is_the_header() {
    let workdir = Workdir::with("2024,2025\n101,102\n");
    let options = "--from-column 2024 --to-column 2025 --definition 1";
    workdir.run(&format!("check links.csv {options}")).exits(2);
    workdir
        .run(&format!("check links.csv {options} --header-row 1"))
        .exits(0)
        .says(&["1 row is ready"]);
    // A column with a name of its own proves that the row is the header.
    for (header, options) in [
        (
            "2024,2025,definition_id",
            "--from-column 2024 --to-column 2025",
        ),
        ("2024,to_object_id,definition_id", "--from-column 2024"),
        (
            "from_object_id,x.com,1",
            "--to-column x.com --definition-column 1",
        ),
    ] {
        let workdir = Workdir::with(format!("{header}\n101,102,1\n"));
        let checked = workdir.run(&format!("check links.csv {options}")).exits(0);
        checked.says(&["1 row is ready"]);
    }
}

#[test]
fn a_header_is_not_sought_below_among_data() {
    let workdir = Workdir::with("bob@x.com,5,1\nann@x.com,123,1\n");
    let options = "--from-column ann@x.com --to-column 123 --definition-column 1";
    let refused = workdir.run(&format!("check links.csv {options}")).exits(2);
    refused.says(&[&format!(
        "links.csv: {}, and leave out --from-column, --to-column and --definition-column\n",
        data(
            "line",
            &format!("from_object_id, to_object_id, definition_id{OF_KEYS}")
        )
    )]);
}

#[test]
fn results_and_failures_of_a_header_of_numbers_are_read_again() {
    let workdir = Workdir::with("2024,2025\n101,102\n0,103\n");
    let options = "--from-column 2024 --to-column 2025 --definition 1";
    let sandbox = start(&[]);
    let url = sandbox.base_url();
    let imported = workdir.import(&url, &format!("--header-row 1 {options}"));
    imported.exits(1);
    let failures = workdir.run(&format!("check links.failures.csv {options}"));
    failures.exits(1).never_says("is data");
    let verified = workdir.run("verify links.results.csv --rate unlimited");
    let verified = verified.env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    verified.exits(0).says(&["1 present"]);
}

#[test]
fn a_header_below_a_title_is_found_if_its_columns_can_be_suggested() {
    let report =
        "Contacts and companies\n\nContact Name,Contact ID,Company ID,Owner ID\nAnn,1,7,3\n";
    let workdir = Workdir::with(report);
    let refused = workdir.run("check links.csv").exits(2);
    refused.says(&["the header seems to be line 3, ", "give --header-row 3, "]);
    // The next refusal has the whole command, and that one works.
    let refused = workdir.run("check links.csv --header-row 3").exits(2);
    let command = "check links.csv --header-row 3 --api 2026-09 --from-column 'Contact ID' \
                   --from-type contacts --to-column 'Company ID' --to-type companies";
    refused.says(&[&format!("with this command:\n  hubassoc {command}\n")]);
    workdir.shell(&format!("hubassoc {command}")).exits(0);
    // Files that were joined have the header twice.
    let joined = Workdir::with("Contact ID,Company ID\n1,7\nContact ID,Company ID\n2,7\n");
    joined
        .run("check links.csv")
        .exits(2)
        .says(&["with this command:"]);
}

//! The line with the column names: what stands above it, and the option that says where it is.

use crate::support::workdir::Workdir;

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

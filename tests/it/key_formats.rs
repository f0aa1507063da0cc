//! Keys in workbooks whose cells show something else than they store, as a person sees them.

use hubassoc::sandbox::Sandbox;
use rust_xlsxwriter::{Format, Workbook};

use crate::support::{
    sandbox::{sent, start_with_records},
    workdir::{Workdir, column},
};

/// Every number that a cell stores is the key of a deal.
const RECORDS: &str = "object_type,id,case_number\n\
    deals,31,123\n\
    deals,32,00123\n\
    deals,33,1.5\n\
    deals,34,0\n";

fn account(workdir: &Workdir) -> Sandbox {
    start_with_records(workdir, RECORDS, "deals:case_number")
}

/// What a cell stores.
enum Stored {
    Number(f64),
    Text(&'static str),
}

/// A cell with a key and its number format: a code, or the index of one that Excel has.
type FormattedKey = (Stored, Format);

fn number(number: f64, code: &str) -> FormattedKey {
    (Stored::Number(number), Format::new().set_num_format(code))
}

fn text(text: &'static str, code: &str) -> FormattedKey {
    (Stored::Text(text), Format::new().set_num_format(code))
}

/// A workbook with these keys of deals. The contacts have a format, too, which does not matter.
fn write_workbook(workdir: &Workdir, keys: &[FormattedKey]) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(["from_case_number", "to_object_id", "definition_id"]) {
        sheet.write_string(0, column, name).unwrap();
    }
    let of_ids = Format::new().set_num_format("00000");
    for (row, (key, format)) in (1..).zip(keys) {
        match key {
            Stored::Number(key) => sheet.write_number_with_format(row, 0, *key, format),
            Stored::Text(key) => sheet.write_string_with_format(row, 0, *key, format),
        }
        .unwrap();
        let contact = 100 + row;
        sheet
            .write_number_with_format(row, 1, contact, &of_ids)
            .unwrap();
        sheet.write_number(row, 2, 3).unwrap();
    }
    workbook.save(workdir.path("links.xlsx")).unwrap();
}

/// Keys of which each is shown in another way than it is stored.
fn altered_keys() -> Vec<FormattedKey> {
    let builtin = |index| Format::new().set_num_format_index(index);
    vec![
        number(123.0, "00000"),
        number(123.0, "\"EXT-\"0"),
        number(123.0, "00-00-00"),
        number(1.5, "0"),
        number(0.0, "#"),
        (Stored::Number(1.5), builtin(2)),
        (Stored::Number(123.0), builtin(3)),
        (Stored::Number(123.0), builtin(9)),
        text("123", "\"EXT-\"@"),
        text("123", ";;;"),
        // No day has so large a number.
        number(4_000_000.0, "yyyy-mm-dd"),
    ]
}

/// Number formats that no workbook defines, and that mean something else in each language of Excel.
const UNKNOWN_FORMATS: [u8; 7] = [59, 60, 61, 62, 67, 80, 100];

#[test]
fn a_key_in_a_format_that_is_not_known_becomes_no_key_in_a_spreadsheet_either() {
    let workdir = Workdir::new();
    let formats = UNKNOWN_FORMATS.map(|index| Format::new().set_num_format_index(index));
    let keys = formats.map(|format| (Stored::Number(123.0), format));
    write_workbook(&workdir, &keys);
    let sandbox = account(&workdir);
    workdir
        .import_file("links.xlsx", &sandbox.base_url(), "")
        .exits(1);
    let results = workdir.results();
    assert_eq!(column(&results, "assoc_code"), ["invalid_key_format"; 7]);
    // The result of the formula is #N/A.
    let cells = column(&results, "from_case_number");
    assert_eq!(cells, ["'=123&NA()"; 7]);
    let message = results[0]["assoc_message"].as_str();
    assert!(
        message.starts_with(
            "from_case_number: the workbook stores '123' but shows it in a number format, so \
             which of them is the key is not certain; "
        ),
        "{message}"
    );
    let again = workdir.import_file("links.failures.xlsx", &sandbox.base_url(), "");
    again.exits(1).says(&[
        "7 rows formula_without_value: from_case_number: the cell stands for a key",
        "7 rows read: 0 succeeded, 0 failed, 7 invalid\n",
    ]);
    assert_eq!(sent(&sandbox), []);
}

#[test]
fn a_key_that_a_workbook_shows_in_another_way_is_never_looked_up() {
    let workdir = Workdir::new();
    write_workbook(&workdir, &altered_keys());
    let sandbox = account(&workdir);
    let import = workdir.import_file("links.xlsx", &sandbox.base_url(), "");
    import.exits(1).says(&[
        "11 rows invalid_key_format: from_case_number: the workbook stores a key but \
         shows it in a number format, so which of them is the key is not certain; format the column \
         as text and enter the keys as they are shown, or save the sheet as CSV\n",
        "11 rows read: 0 succeeded, 0 failed, 11 invalid\n",
    ]);
    let results = workdir.results();
    assert_eq!(column(&results, "assoc_code"), ["invalid_key_format"; 11]);
    assert_eq!(
        column(&results, "from_case_number"),
        [
            "'=TEXT(123,\"00000\")",
            "'=TEXT(123,\"\"\"EXT-\"\"0\")",
            "'=TEXT(123,\"00-00-00\")",
            "'=TEXT(1.5,\"0\")",
            "'=TEXT(0,\"#\")",
            "'=TEXT(1.5,\"0.00\")",
            "'=TEXT(123,\"#,##0\")",
            "'=TEXT(123,\"0%\")",
            "'=TEXT(123,\"\"\"EXT-\"\"@\")",
            "'=TEXT(123,\";;;\")",
            "'=TEXT(4000000,\"yyyy-mm-dd\")",
        ]
    );
    let first = results[0]["assoc_message"].as_str();
    assert!(
        first.starts_with(
            "from_case_number: the workbook stores '123' but shows it in the number format '00000',"
        ),
        "{first}"
    );
    // Nor if the failures are imported without a correction.
    let again = workdir.import_file("links.failures.xlsx", &sandbox.base_url(), "");
    again.exits(1).says(&[
        "11 rows formula_without_value: from_case_number: the cell stands for a key that a workbook \
         stores in one way and shows in another; replace the whole cell by the key as it is shown, \
         as text\n",
        "11 rows read: 0 succeeded, 0 failed, 11 invalid\n",
    ]);
    assert_eq!(sent(&sandbox), []);
}

#[test]
fn a_key_that_a_workbook_shows_as_it_is_stored_is_looked_up() {
    let accounting = "_-* #,##0.00_-;-* #,##0.00_-;_-* \"-\"??_-;_-@_-";
    let workdir = Workdir::new();
    write_workbook(
        &workdir,
        &[
            number(123.0, "General"),
            number(123.0, "0"),
            number(123.0, "#"),
            number(123.0, "@"),
            number(1.5, "General"),
            number(0.0, "0"),
            text("00123", "@"),
            text("00123", "00000"),
            text("00123", accounting),
        ],
    );
    let sandbox = account(&workdir);
    let import = workdir.import_file("links.xlsx", &sandbox.base_url(), "");
    import.exits(0);
    let sent = sent(&sandbox).into_iter().map(|(from, to, _)| (to, from));
    let mut sent: Vec<_> = sent.collect();
    sent.sort_unstable();
    let deals = [31, 31, 31, 31, 33, 34, 32, 32, 32];
    assert_eq!(sent, (101..).zip(deals).collect::<Vec<_>>());
}

/// A cell that names no style has the first one.
#[test]
fn a_key_in_the_format_that_all_cells_of_the_workbook_have_is_not_looked_up_either() {
    let workdir = Workdir::new();
    let mut workbook = Workbook::new();
    let usual = Format::new().set_num_format("00000");
    workbook.set_default_format(&usual, 20, 64).unwrap();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(["from_case_number", "to_object_id", "definition_id"]) {
        sheet.write_string(0, column, name).unwrap();
    }
    for (column, number) in (0..).zip([123, 101, 3]) {
        sheet.write_number(1, column, number).unwrap();
    }
    workbook.save(workdir.path("links.xlsx")).unwrap();
    let sandbox = account(&workdir);
    let import = workdir.import_file("links.xlsx", &sandbox.base_url(), "");
    import.exits(1);
    assert_eq!(
        column(&workdir.results(), "assoc_code"),
        ["invalid_key_format"]
    );
    assert_eq!(sent(&sandbox), []);
}

//! Workbooks as input, with the real program: what other programs wrote is sent as it was meant,
//! and what no program should write is refused by name.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use calamine::{Data, DataType as _, Reader as _, Xlsx};
use serde::Deserialize;

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse},
    sandbox::{sent, start},
    workdir::{CsvLine, ProgramRun, Transcript, Workdir, column, lines},
};

/// The folder with the workbooks.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/workbooks")
}

fn workbook(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

/// A directory with this workbook as `links.xlsx`.
fn with_workbook(name: &str) -> Workdir {
    let workdir = Workdir::new();
    workdir.write("links.xlsx", workbook(name));
    workdir
}

fn names(of: &str) -> Vec<String> {
    let files = fs::read_dir(folder().join(of)).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let is_workbook = |name: &String| Path::new(name).extension() == Some("xlsx".as_ref());
    let mut names: Vec<_> = names.filter(is_workbook).collect();
    names.sort();
    names
}

#[derive(Deserialize)]
struct ExpectedWorkbook {
    sheets: Vec<ExpectedSheet>,
}

#[derive(Deserialize)]
struct ExpectedSheet {
    name: String,
    rows: Vec<ExpectedRow>,
}

/// The number of a row, and its cells: column, kind, text.
type ExpectedRow = (usize, Vec<(usize, String, String)>);

/// The text of a cell in the CSV that a spreadsheet program would save.
fn csv_text(kind: &str, text: &str) -> String {
    let number = text.parse::<f64>().ok().filter(|_| kind == "number");
    // A spreadsheet keeps 15 digits.
    let kept = number.map(|number| format!("{number:.14e}").parse::<f64>().unwrap());
    match kept {
        Some(large) if large.abs() >= 1e15 => format!("{large:E}").replace('E', "E+"),
        Some(number) => number.to_string(),
        None => text.to_owned(),
    }
}

/// The rows of a sheet as CSV, made from what other programs read in it.
fn as_csv(name: &str, sheet: &str) -> Vec<u8> {
    let path = folder().join(name).with_extension("json");
    let expected: ExpectedWorkbook = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let mut sheets = expected.sheets.into_iter();
    let rows = sheets.find(|found| found.name == sheet).unwrap().rows;
    let width = rows[0].1.len();
    let rows: BTreeMap<_, _> = rows.into_iter().collect();
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for number in 1..=*rows.keys().last().unwrap() {
        let cells = rows.get(&number).map(Vec::as_slice).unwrap_or_default();
        let width = cells.last().map_or(width, |(at, ..)| width.max(at + 1));
        let mut line = vec![String::new(); width];
        for (at, kind, text) in cells {
            line[*at] = csv_text(kind, text);
        }
        writer.write_record(line).unwrap();
    }
    writer.into_inner().unwrap()
}

/// The results by row, without what differs from run to run. The cells of rows that are too long are
/// left out, because only a workbook has them in certain columns.
fn comparable(workdir: &Workdir) -> BTreeMap<String, CsvLine> {
    let results = workdir.results().into_iter().map(|mut line| {
        for differs in ["assoc_finished_at", "assoc_line"] {
            line.remove(differs);
        }
        if line["assoc_code"] == "too_many_cells" {
            line.retain(|name, _| name.starts_with("assoc_") && name != "assoc_message");
        }
        (line["assoc_row"].clone(), line)
    });
    results.collect()
}

#[test]
fn a_workbook_of_all_kinds_of_cells_has_the_results_of_the_same_csv() {
    for (name, sheet) in [
        ("made/xlsxwriter.xlsx", "Zuordnungen"),
        ("made/form_of_google_sheets.xlsx", "Tabellenblatt1"),
        ("made/errors.xlsx", "Data"),
        ("made/number_formats.xlsx", "Data"),
        ("made/libreoffice_de.xlsx", "libreoffice_de"),
    ] {
        let (book, text) = (with_workbook(name), Workdir::with(as_csv(name, sheet)));
        let [of_book, of_text] =
            [(&book, "links.xlsx"), (&text, "links.csv")].map(|(workdir, file)| {
                let sandbox = start(&[]);
                let import = workdir.import_file(file, &sandbox.base_url(), "--api 2026-09");
                let import = match file {
                    "links.xlsx" => import.arg("--sheet").arg(sheet),
                    _ => import,
                };
                let imported = import.finish();
                (imported.code, sent(&sandbox), comparable(workdir))
            });
        assert_eq!(of_book, of_text, "{name}");
    }
}

#[test]
fn results_of_a_workbook_open_in_a_spreadsheet_and_name_its_rows() {
    let workdir = with_workbook("made/layout.xlsx");
    let hubspot = FakeHubSpot::with_responses([204; 8]);
    let options = "--header-row 3 --definition-column definition_id";
    let imported = workdir
        .import_file("links.xlsx", &hubspot.base_url(), options)
        .finish();
    imported.says(&["reading links.xlsx (workbook, sheet 'Data')\n"]);
    let bytes = workdir.bytes("links.results.csv");
    assert!(
        bytes.starts_with(b"\xEF\xBB\xBFfrom_object_id,to_object_id,definition_id,note,assoc_row")
    );
    let results = workdir.results();
    let rows = results
        .iter()
        .map(|line| format!("{} {}", line["assoc_line"], line["assoc_status"]));
    // The title is merged, too, but nobody takes it for rows.
    imported.says(&["note: the sheet has 1 merged cell; only the first row and column of each"]);
    assert_eq!(
        rows.collect::<Vec<_>>().join(", "),
        "4 succeeded, 5 succeeded, 6 succeeded, 9 invalid"
    );
    assert_eq!(
        workdir.text("links.results.csv").lines().count(),
        results.len() + 1
    );
}

#[test]
fn of_several_sheets_with_rows_one_has_to_be_named() {
    let workdir = with_workbook("made/several_sheets.xlsx");
    workdir.run("check links.xlsx").exits(2).says(&[
        "links.xlsx: several sheets of the workbook have cells: 'Second', 'Ünïcode 🙂'; give the one \
         to read with --sheet\n",
    ]);
    workdir
        .run("check links.xlsx --sheet second")
        .exits(0)
        .says(&[
            "(workbook, sheet 'Second')",
            "first link: record 351000000002 → record 352000000002",
        ]);
    // A hidden sheet is read only if it is named.
    let hidden = workdir.run("check links.xlsx --sheet Hidden").exits(0);
    hidden.says(&["first link: record 351000000003"]);
    workdir
        .run("check links.xlsx --sheet Third")
        .exits(2)
        .says(&[
            "links.xlsx: the workbook has no sheet 'Third'; it has 'Empty & \"first\"', 'Second', \
         'Hidden', 'Ünïcode 🙂'\n",
        ]);
    // A CSV has no sheets, so the option is not used.
    let text = Workdir::with("from_object_id,to_object_id,definition_id\n1,2,1\n");
    text.run("check links.csv --sheet Second").exits(0);
}

#[test]
fn a_workbook_has_to_be_a_file() {
    let workdir = Workdir::new();
    let piped = workdir.run("check -").stdin(workbook("made/openpyxl.xlsx"));
    piped
        .exits(2)
        .says(&["give the workbook as a file, not through a pipe"]);
}

#[test]
fn a_workbook_is_told_by_its_content_and_not_by_its_name() {
    let workdir = Workdir::with(workbook("made/smallest.xlsx"));
    workdir
        .run("check links.csv")
        .finish()
        .says(&["(workbook, sheet "]);
}

/// What `check` says of each hostile file: its exit code, and the last line on standard error.
#[test]
fn hostile_workbooks_are_read_right_or_refused_by_name() {
    let mut all = String::new();
    for name in names("hostile") {
        let workdir = Workdir::new();
        workdir.write("book.xlsx", workbook(&format!("hostile/{name}")));
        let ran = workdir.run("check book.xlsx").finish();
        let said = &ran.stderr;
        let said = |words: &str| said.lines().find(|line| line.contains(words));
        let last = said("hubassoc: ").or_else(|| said(" ready to import"));
        writeln!(all, "{name}: {} {}", ran.code.unwrap(), last.unwrap()).unwrap();
        for line in lines(&ran.stdout) {
            writeln!(all, "    {} {}", line["assoc_line"], line["assoc_message"]).unwrap();
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn an_interrupted_import_of_a_workbook_resumes_where_it_stopped() {
    let workdir = with_workbook("made/openpyxl.xlsx");
    let hubspot = FakeHubSpot::with_responses([204; 40]);
    let options = "--sheet Zuordnungen --limit 5";
    workdir
        .import_file("links.xlsx", &hubspot.base_url(), options)
        .finish();
    let before = hubspot.requests().len();
    let resume = "--resume --limit off";
    workdir
        .import_file("links.xlsx", &hubspot.base_url(), resume)
        .exits(1);
    let results = workdir.results();
    let rows = column(&results, "assoc_row");
    let all: Vec<_> = (1..=rows.len()).map(|row| row.to_string()).collect();
    assert_eq!(rows, all);
    let sent = column(&results, "assoc_status")
        .iter()
        .filter(|status| **status == "succeeded")
        .count();
    assert_eq!(hubspot.requests().len(), sent);
    assert!(before > 0 && before < sent);
    // Another workbook is not the recorded one.
    workdir.write("links.xlsx", workbook("made/perl.xlsx"));
    workdir
        .import_file("links.xlsx", &hubspot.base_url(), "--resume")
        .exits(2);
}

/// The texts of the first sheet of a workbook that the program wrote, read by another library.
fn cells_of(workdir: &Workdir, name: &str) -> Vec<Vec<String>> {
    let mut workbook: Xlsx<_> = calamine::open_workbook(workdir.path(name)).unwrap();
    let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
    let text = |cell: &Data| {
        assert!(cell.is_string() || cell.is_empty(), "not a text: {cell:?}");
        cell.to_string()
    };
    sheet
        .rows()
        .map(|row| row.iter().map(text).collect())
        .collect()
}

/// Imports a workbook of which one link is refused and many rows are invalid.
fn import_with_failures() -> (Workdir, FakeHubSpot, Transcript) {
    let workdir = with_workbook("made/openpyxl.xlsx");
    let hubspot = FakeHubSpot::with_handler(|_, request| {
        let is_refused = request.body.contains("351000000002");
        FakeResponse::from(if is_refused { 404 } else { 204 })
    });
    let options = "--sheet Zuordnungen";
    let imported = workdir.import_file("links.xlsx", &hubspot.base_url(), options);
    (workdir, hubspot, imported.exits(1))
}

#[test]
fn failures_of_a_workbook_are_a_workbook_in_which_ids_are_text() {
    let (workdir, _hubspot, imported) = import_with_failures();
    imported.says(&[
        "failures: links.failures.xlsx (",
        "hubassoc import links.failures.xlsx ",
    ]);
    imported.says(&["row 3 (sheet row 4) invalid_id_leading_zeros: "]);
    imported.never_says("--sheet");
    assert!(!workdir.has("links.failures.csv"));
    // It has what the results have, as text.
    let failures = cells_of(&workdir, "links.failures.xlsx");
    let results = workdir.bytes("links.results.csv");
    let mut reader = csv::Reader::from_reader(results.strip_prefix(b"\xEF\xBB\xBF").unwrap());
    let header: Vec<_> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(failures[0], header);
    let status = header
        .iter()
        .position(|name| name == "assoc_status")
        .unwrap();
    let bad = reader
        .records()
        .map(|line| line.unwrap())
        .filter(|line| &line[status] != "succeeded");
    let bad: Vec<Vec<_>> = bad
        .map(|line| line.iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(failures[1..], bad);
    assert!(bad.len() > 5);
}

/// Rows by their code, in the order of the file.
fn codes(lines: &[CsvLine]) -> Vec<(String, String)> {
    let bad = lines
        .iter()
        .filter(|line| line["assoc_status"] != "succeeded");
    let mut codes: Vec<_> = bad
        .map(|line| (line["note"].clone(), line["assoc_code"].clone()))
        .collect();
    codes.sort();
    codes
}

#[test]
fn failures_in_a_workbook_are_imported_as_they_are() {
    let (workdir, hubspot, _) = import_with_failures();
    let sent = hubspot.requests().len();
    // As it was written, and as a spreadsheet program saved it.
    for (name, results) in [
        ("links.failures.xlsx", "links.failures.results.csv"),
        ("saved.xlsx", "saved.results.csv"),
    ] {
        if !workdir.has(name) {
            workdir.write(name, workbook("failures_libreoffice.xlsx"));
        }
        workdir.import_file(name, &hubspot.base_url(), "").exits(1);
        assert_eq!(
            codes(&workdir.lines(results)),
            codes(&workdir.results()),
            "{name}"
        );
    }
    // Only the row that HubSpot had refused is sent again.
    assert_eq!(hubspot.requests().len(), sent + 2);
}

#[test]
fn failures_have_the_form_that_is_asked_for() {
    let csv = "from_object_id,to_object_id,definition_id,note\n0,7,1,=1+1\n2,7,1,\n";
    let workdir = Workdir::with(csv);
    let hubspot = FakeHubSpot::with_responses([204; 4]);
    let as_workbook = workdir
        .import(&hubspot.base_url(), "--failures xlsx")
        .exits(1);
    as_workbook.says(&["failures: links.failures.xlsx (1 row)"]);
    let cells = cells_of(&workdir, "links.failures.xlsx");
    assert_eq!(cells[1][..4], ["0", "7", "1", "'=1+1"]);
    // A resumed run keeps the form, and a changed one replaces the file.
    workdir.import(&hubspot.base_url(), "--resume").exits(1);
    assert!(workdir.has("links.failures.xlsx") && !workdir.has("links.failures.csv"));
    let other = "--resume --retry-failed --failures csv";
    workdir.import(&hubspot.base_url(), other).exits(1);
    let book = Workdir::new();
    book.write("links.xlsx", workbook("made/errors.xlsx"));
    book.import_file("links.xlsx", &hubspot.base_url(), "--failures csv")
        .exits(1);
    assert!(book.has("links.failures.csv") && !book.has("links.failures.xlsx"));
}

#[test]
fn failures_that_a_workbook_cannot_hold_are_text() {
    let long = "x".repeat(32_768);
    let workdir = Workdir::with(format!(
        "from_object_id,to_object_id,definition_id,note\n0,7,1,{long}\n"
    ));
    let hubspot = FakeHubSpot::with_responses([204; 1]);
    let imported = workdir
        .import(&hubspot.base_url(), "--failures xlsx")
        .exits(1);
    imported.says(&["failures: links.failures.csv (1 row)"]);
    assert!(!workdir.has("links.failures.xlsx"));
    assert_eq!(workdir.lines("links.failures.csv")[0]["note"], long);
}

#[cfg(unix)]
#[test]
fn without_space_for_a_workbook_failures_are_text() {
    let mut csv = "from_object_id,to_object_id,definition_id\n".to_owned();
    for row in 0..400 {
        writeln!(csv, "x{row},7,1").unwrap();
    }
    let workdir = Workdir::with(csv);
    // Files may have at most 150 KB. The results have less, and the text of a workbook has more.
    let limited =
        "trap '' XFSZ; ulimit -f 150; hubassoc import links.csv --sandbox --failures xlsx";
    let ran = workdir.shell(limited).exits(1);
    ran.says(&["failures: links.sandbox.failures.csv (400 rows)"]);
    ran.never_says("internal error");
    assert!(!workdir.has("links.sandbox.failures.xlsx"));
    assert_eq!(workdir.lines("links.sandbox.failures.csv").len(), 400);
}

#[test]
fn the_mark_of_an_open_workbook_is_named() {
    let workdir = Workdir::new();
    workdir.write("~$links.xlsx", [5_u8; 165]);
    let ran = workdir.run("check ~$links.xlsx").exits(2);
    ran.says(&["~$links.xlsx: is only the mark of a workbook that is open in Excel; "]);
}

#[test]
fn the_command_for_failures_works_whatever_the_environment_says_of_the_input() {
    let workdir = Workdir::with("Report\n\nContact ID,Company ID\n1404,7\n");
    let with_variables = |run: ProgramRun| {
        let run = run
            .env("HUBASSOC_HEADER_ROW", "3")
            .env("HUBASSOC_SHEET", "Links");
        run.env("HUBASSOC_FAILURES", "xlsx")
    };
    let import = workdir.run("import links.csv --api 2026-09 --sandbox");
    let failed = with_variables(import).exits(1);
    let next = "import links.sandbox.failures.xlsx --api 2026-09 --sandbox --header-row 1";
    failed.says(&[&format!("  hubassoc {next}\n")]);
    with_variables(workdir.run(next))
        .exits(1)
        .says(&["1 row read: 0 succeeded, 1 failed"]);
}

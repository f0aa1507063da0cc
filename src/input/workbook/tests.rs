//! Workbooks that other programs wrote are read as those programs meant them.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;

use super::{package::Package, records::cell_context, sheet::SheetReader, sheet_list::SheetList};
use crate::input::{record::RecordCells, shared_strings::SharedStringsCache};

/// What a workbook contains, according to other programs.
#[derive(Deserialize)]
struct ExpectedWorkbook {
    sheets: Vec<ExpectedSheet>,
}

#[derive(Deserialize)]
struct ExpectedSheet {
    name: String,
    hidden: bool,
    rows: Vec<ExpectedRow>,
}

/// The number of a row, and its cells: column, kind, text.
type ExpectedRow = (u32, Vec<(usize, String, String)>);

fn workbooks(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/workbooks")
        .join(folder);
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|it| it == "xlsx" || it == "xlsm")
    });
    paths.sort();
    paths
}

/// The cells with a text, by row and column.
fn cells(package: &Package, list: &SheetList, part: &str) -> Vec<(u32, Vec<(usize, String)>)> {
    let context = cell_context(package, list, &SharedStringsCache::default()).unwrap();
    let mut sheet = SheetReader::open(package, part, Arc::default()).unwrap();
    let (mut record, mut rows) = (RecordCells::new(), Vec::new());
    while let Some(row) = sheet.next_row(&context, &mut record).unwrap() {
        let cells = (0..record.len()).map(|at| (at, record.cell_text(at).into_owned()));
        let cells: Vec<_> = cells.filter(|(_, text)| !text.is_empty()).collect();
        if !cells.is_empty() {
            rows.push((row, cells));
        }
    }
    rows
}

/// The text that a cell of this kind has here.
fn expected_text(kind: &str, text: &str) -> String {
    match kind {
        "number" => {
            let number: f64 = text.parse().unwrap();
            // A spreadsheet keeps 15 digits.
            let number: f64 = format!("{number:.14e}").parse().unwrap();
            if number.abs() < 1e15 {
                format!("{number}")
            } else {
                format!("{number:E}").replace('E', "E+")
            }
        }
        // Which formula it is, the expectation does not say.
        "formula_without_value" => "=".to_owned(),
        _ => text.to_owned(),
    }
}

#[test]
fn workbooks_of_other_programs_are_read_as_they_meant_them() {
    let paths: Vec<_> = ["made", "saved"].into_iter().flat_map(workbooks).collect();
    assert!(paths.len() >= 40);
    for path in paths {
        let text = fs::read_to_string(path.with_extension("json")).unwrap();
        let expected: ExpectedWorkbook = serde_json::from_str(&text).unwrap();
        let package = Package::open(File::open(&path).unwrap()).unwrap();
        let part = package.workbook_part().unwrap().unwrap();
        let list = SheetList::read(&package, &part).unwrap();
        let names = list
            .sheets
            .iter()
            .map(|sheet| (sheet.name.as_str(), sheet.is_hidden));
        let expected_names = expected
            .sheets
            .iter()
            .map(|sheet| (sheet.name.as_str(), sheet.hidden));
        assert!(names.eq(expected_names), "{}", path.display());
        for (sheet, expected) in list.sheets.iter().zip(&expected.sheets) {
            let mut found = cells(&package, &list, &sheet.part);
            for (_, cells) in &mut found {
                for (_, text) in cells {
                    if text.starts_with('=') {
                        text.truncate(1);
                    }
                }
            }
            let expected = expected.rows.iter().map(|(row, cells)| {
                let cells = cells
                    .iter()
                    .map(|(at, kind, text)| (*at, expected_text(kind, text)));
                let cells = cells.map(|(at, text)| {
                    let is_formula = text.starts_with('=');
                    (at, if is_formula { "=".to_owned() } else { text })
                });
                (
                    *row,
                    cells
                        .filter(|(_, text)| !text.is_empty())
                        .collect::<Vec<_>>(),
                )
            });
            let expected: Vec<_> = expected.filter(|(_, cells)| !cells.is_empty()).collect();
            assert_eq!(found, expected, "{} {}", path.display(), sheet.name);
        }
    }
}

//! Property tests of framing: pieces do not matter, and well-formed files match the csv crate.

use proptest::prelude::*;

use super::*;
use crate::row_cells::RowCells;

/// Text with quotes, delimiters and line ends in all combinations.
fn mixed_text() -> impl Strategy<Value = String> {
    "[\",;\r\n1a \u{feff}é]{0,60}"
}

/// The sizes of the pieces.
fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1_usize..12, 1..5)
}

/// A table with cells of any text.
fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    let cell = prop_oneof!["[0-9]{1,5}", "[a-z\",\r\n' é€]{0,8}", "\\PC{0,6}"];
    (3_usize..6).prop_flat_map(move |width| {
        prop::collection::vec(prop::collection::vec(cell.clone(), width), 0..8)
    })
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_the_same_rows(text in mixed_text(), sizes in sizes()) {
        let file = format!("{HEADER}{text}");
        let whole = read_bytes(file.clone());
        let pieces = drain(open(Pieces::of(file.as_bytes(), &sizes), &options()).unwrap());
        prop_assert_eq!(pieces.links(), whole.links());
        prop_assert_eq!(pieces.lines(), whole.lines());
        prop_assert_eq!(pieces.cells(), whole.cells());
        prop_assert_eq!(pieces.blank_rows, whole.blank_rows);
        prop_assert_eq!(pieces.error.map(|e| messages::input(&e)), whole.error.map(|e| messages::input(&e)));
    }

    #[test]
    fn well_formed_files_read_as_the_csv_crate_reads_them(
        table in table(), crlf: bool, always: bool, sizes in sizes(),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).quote_style(style).from_writer(Vec::new());
        let width = table.first().map_or(3, Vec::len);
        writer.write_record(["from_object_id", "to_object_id", "definition_id", "x", "y"].iter().take(width)).unwrap();
        for row in &table {
            writer.write_record(row).unwrap();
        }
        let file = writer.into_inner().unwrap();

        let mut expected = csv::Reader::from_reader(file.as_slice());
        let expected: Vec<csv::StringRecord> = expected.records().map(Result::unwrap).collect();
        let blank = |record: &csv::StringRecord| record.iter().all(|cell| cell.trim_matches([' ', '\t']).is_empty());
        let result = drain(open(Pieces::of(&file, &sizes), &options()).unwrap());
        prop_assert!(result.error.is_none());
        let rows: Vec<_> = result.rows.into_iter().map(|row| row.cells).collect();
        prop_assert_eq!(rows, expected.into_iter().filter(|record| !blank(record)).map(|record| record.iter().collect::<RowCells>()).collect::<Vec<_>>());
    }

    #[test]
    fn the_line_of_a_row_is_where_its_text_begins(text in mixed_text()) {
        let file = format!("{HEADER}{text}");
        let lines = physical_lines(&file);
        let certain = |row: &Row| link(row) != Err(Code::BrokenQuote);
        for row in read_bytes(file).rows.into_iter().filter(certain) {
            let Some(line) = usize::try_from(row.line).ok().and_then(|line| lines.get(line - 1)) else {
                return Err(TestCaseError::fail("a line that is not there"));
            };
            let begins = row.cells[0].split(['\r', '\n', '"']).next().unwrap_or_default();
            prop_assert!(line.trim_start_matches('"').starts_with(begins), "{:?} {:?}", line, row.cells);
        }
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), with_header: bool) {
        let header = if with_header { HEADER } else { "" };
        if let Ok(input) = open(io::Cursor::new([header.as_bytes(), &bytes].concat()), &options()) {
            let width = input.shape().header.len();
            prop_assert!(drain(input).rows.iter().all(|row| row.cells.len() == width));
        }
    }
}

/// The physical lines, which end with CRLF, LF or CR.
fn physical_lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.split('\n').map(str::to_owned).collect()
}

//! Tests of quotes, line ends in cells, numbers of cells, blanks and sizes.

use super::*;
use crate::{
    input::{frame::MAX_RECORD_BYTES, record::MAX_CELLS},
    output::number,
};

fn read_failed(rows: &str) -> String {
    let error = read_rows(rows).error.unwrap();
    assert!(!error.is_refusal());
    messages::input(&error)
}

#[test]
fn i8_an_open_quote_is_an_error_with_its_position_and_length() {
    for rows in ["1,2,1\n3,4,\"2\n5,6,1\n", "1,2,1\n\"3,4,2\n5,6,1\n"] {
        let message = read_failed(rows);
        assert!(
            message.contains("line 3: a quote opens")
                && message.contains(
                    "a quote opens here and is never closed, so it includes the rest of the file \
                     (2 lines,"
                ),
            "{message}"
        );
        assert_eq!(read_rows(rows).links(), [Ok((1, 2, 1))]);
    }
    let inside = read_failed("\"a\nb\",\"c\nd,1\n");
    assert!(inside.contains("line 3: a quote opens"), "{inside}");
}

#[test]
fn i8_an_open_quote_swallows_millions_of_bytes_in_bounded_memory() {
    let rest = "1,2,1\n".repeat(400_000);
    let message = read_failed(&format!("1,2,\"{rest}"));
    assert!(
        message.contains("line 2")
            && message.contains(
                "a quote opens here and is never closed, so it includes the rest of the file \
                 (400,000 lines,"
            ),
        "{message}"
    );
    assert!(
        message.contains(&format!("{} bytes", number(rest.len() as u64 + 1))),
        "{message}"
    );
}

#[test]
fn i9_text_after_a_closing_quote_is_invalid_and_later_rows_are_read() {
    for row in [
        "\"12\"3,2,1",
        "1,\"2\" ,1",
        "1,2,\"1\"x",
        "\"\"1,2,1",
        "\"a\"b\",2,1",
    ] {
        let result = read_rows(&format!("{row}\n3,4,2\n"));
        assert_eq!(
            result.links(),
            [Err(Code::BrokenQuote), Ok((3, 4, 2))],
            "{row}"
        );
        assert_eq!(result.cells()[0].len(), 3);
    }
}

#[test]
fn i9_stray_quotes_are_text() {
    let header = "note,from_object_id,to_object_id,definition_id\n";
    for (cell, text) in [
        ("5\" disk", "5\" disk"),
        (" \"a\"", " \"a\""),
        ("'a", "'a"),
        ("a\\", "a\\"),
    ] {
        let result = read_bytes(format!("{header}{cell},1,2,1\n"));
        assert_eq!(result.links(), [Ok((1, 2, 1))], "{cell}");
        assert_eq!(result.cells()[0][0], text);
    }
    for (row, code) in [
        ("1\"2,2,1", Code::InvalidId),
        ("'1,2,1", Code::InvalidIdQuoted),
        ("\"\"\"1\"\"\",2,1", Code::InvalidIdQuoted),
        ("\"1\\\",2,1", Code::InvalidId),
    ] {
        assert_eq!(read_rows(&format!("{row}\n")).links(), [Err(code)], "{row}");
    }
}

#[test]
fn i10_line_ends_inside_cells_count_as_lines_and_not_as_rows() {
    let rows = "1,2,1,\"a\nb\r\nc\rd\"\r\n\n3,4,2,\"x\"\"\ny\"\n5,6,1,\n";
    let result = read_bytes(format!(
        "from_object_id,to_object_id,definition_id,n\n{rows}"
    ));
    assert_eq!(result.lines(), [2, 7, 9]);
    assert_eq!(
        result.rows.iter().map(|row| row.number).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(result.cells()[0][3], "a\nb\r\nc\rd");
    assert_eq!(result.cells()[1][3], "x\"\ny");
}

#[test]
fn i11_i12_a_wrong_number_of_cells_is_invalid() {
    for (row, code) in [
        ("1,2", Code::TooFewCells),
        ("1", Code::TooFewCells),
        ("1,234,567,27", Code::TooManyCells),
        ("1,2,1,,x", Code::TooManyCells),
    ] {
        let result = read_rows(&format!("{row}\n7,8,1\n"));
        assert_eq!(result.links(), [Err(code), Ok((7, 8, 1))], "{row}");
        assert_eq!(result.cells()[0].len(), 3, "{row}");
    }
    let message = message(&read_rows("1,234,567,27\n").rows[0]);
    assert!(
        message.contains("4 cells") && message.contains("'27'"),
        "{message}"
    );
}

#[test]
fn i12_empty_surplus_cells_are_allowed() {
    let result = read_rows("1,2,1,,\n3,4,2, ,\n");
    assert_eq!(result.links(), [Ok((1, 2, 1)), Ok((3, 4, 2))]);
    assert_eq!(result.cells()[0], ["1", "2", "1"]);
}

#[test]
fn i13_i14_blank_lines_and_blank_rows_are_counted_but_not_numbered() {
    let result = read_rows("\n,,\n1,2,1\n \t \n\r\n\"\",,\n3,4,2\n,,,,,\n\n");
    assert_eq!(result.links(), [Ok((1, 2, 1)), Ok((3, 4, 2))]);
    assert_eq!((result.lines(), result.blank_rows), (vec![4, 8], 7));
    assert_eq!(result.rows[1].number, 2);
    let above = read_bytes(format!("\r\n,,,\n \n{HEADER}1,2,1\n"));
    assert_eq!((above.lines(), above.blank_rows), (vec![5], 3));
}

#[test]
fn i13_blank_columns_are_ignored() {
    let result = read_bytes("from_object_id,to_object_id,definition_id,,\n1,2,1,,\n3,4,2\n");
    assert_eq!(result.links(), [Ok((1, 2, 1)), Ok((3, 4, 2))]);
    assert_eq!(result.cells()[1], ["3", "4", "2", "", ""]);
}

#[test]
fn i37_large_rows_are_skipped_and_later_ones_are_read() {
    let cell = |bytes: usize| "x".repeat(bytes);
    let header = "from_object_id,to_object_id,definition_id,note\n";
    let note = |text: &str| read_bytes(format!("{header}1,2,1,{text}\n3,4,2,\n"));
    assert_eq!(
        note(&cell(300 << 10)).links(),
        [Ok((1, 2, 1)), Ok((3, 4, 2))]
    );
    for large in [
        cell(MAX_RECORD_BYTES + 1),
        cell(9 * MAX_RECORD_BYTES),
        format!("\"{}\"", "a\"\"\n".repeat(MAX_RECORD_BYTES)),
        ",".repeat(MAX_CELLS),
        ",".repeat(1_000_000),
    ] {
        let result = note(&large);
        assert_eq!(result.links(), [Err(Code::RowTooLarge), Ok((3, 4, 2))]);
        // Text that fits is kept in a cell where it is not a valid id.
        let kept = if large.len() < MAX_RECORD_BYTES {
            &format!("1,2,1,{large}")
        } else {
            "(too large)"
        };
        assert!(result.cells()[0] == [kept, "", "", ""]);
        let lines = large.matches('\n').count() as u64;
        assert_eq!(result.lines(), [2, 3 + lines]);
    }
}

#[test]
fn i37_a_row_at_the_limits_is_read() {
    let prefix = "1,2,1";
    let surplus = ",".repeat(MAX_CELLS - 3);
    assert_eq!(
        read_rows(&format!("{prefix}{surplus}\n")).links(),
        [Ok((1, 2, 1))]
    );
    let header = "from_object_id,to_object_id,definition_id,note\n";
    let note = "x".repeat(MAX_RECORD_BYTES - prefix.len() - 1);
    assert_eq!(
        read_bytes(format!("{header}{prefix},{note}\n")).links(),
        [Ok((1, 2, 1))]
    );
}

#[test]
fn i37_memory_stays_bounded() {
    let endless = io::Cursor::new(HEADER).chain(io::repeat(b'x').take(64 << 20));
    let mut input = open(endless, &options()).unwrap();
    let mut row = InputReader::empty_row();
    assert!(input.next_row(&mut row).unwrap());
    assert_eq!(link(&row), Err(Code::RowTooLarge));
    assert!(input.records.buffer_bytes() <= 4 * MAX_RECORD_BYTES);
}

#[test]
fn the_row_limit_is_applied() {
    let options = InputOptions {
        limit: Some(InputLimit::Records(2)),
        ..options()
    };
    let file = format!("{HEADER}1,2,1\n\nx,y,z\n5,6,1\n\"");
    let result = drain(open(io::Cursor::new(file), &options).unwrap());
    assert_eq!(result.rows.len(), 2);
    assert!(result.error.is_none());
}

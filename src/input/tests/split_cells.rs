//! Tests of cells with several ids, from bytes to rows.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::input::{self, IdSeparator, count_rows};

/// The options with this separator.
fn split_at(separator: &str) -> InputOptions {
    InputOptions {
        split: Some(separator.parse().unwrap()),
        ..options()
    }
}

fn read_with(rows: &str, options: &InputOptions) -> InputResult {
    let file = format!("{HEADER}{rows}");
    drain(open(io::Cursor::new(file), options).unwrap())
}

fn read_split(rows: &str) -> InputResult {
    read_with(rows, &split_at(";"))
}

fn numbers(result: &InputResult) -> Vec<u64> {
    result.rows.iter().map(|row| row.number).collect()
}

#[test]
fn each_id_is_a_row_with_the_line_of_its_record() {
    let result = read_split("1,7;8,1\n\n\"2 ;;3;\",9,1\n4,5,1\n");
    let expected = [(1, 7, 1), (1, 8, 1), (2, 9, 1), (3, 9, 1), (4, 5, 1)];
    assert_eq!(result.links(), expected.map(Ok));
    assert_eq!(numbers(&result), [1, 2, 3, 4, 5]);
    assert_eq!(result.lines(), [2, 2, 4, 4, 5]);
    let cells = [
        ["1", "7", "1"],
        ["1", "8", "1"],
        ["2", "9", "1"],
        ["3", "9", "1"],
        ["4", "5", "1"],
    ];
    assert_eq!(result.cells(), cells);
}

#[test]
fn a_piece_that_is_no_id_is_a_row_of_its_own() {
    let result = read_split("1,7;x;8,1\n1,;,1\n1,\" \",1\n1;,7;7,1\n;,7;8,1\n");
    let empty = Err(Code::InvalidIdEmpty);
    let expected = [
        Ok((1, 7, 1)),
        Err(Code::InvalidId),
        Ok((1, 8, 1)),
        empty,
        empty,
        Ok((1, 7, 1)),
        Ok((1, 7, 1)),
        empty,
        empty,
    ];
    assert_eq!(result.links(), expected);
    assert_eq!(result.cells()[1], ["1", "x", "1"]);
    assert_eq!(result.cells()[3..5], [["1", "", "1"], ["1", " ", "1"]]);
    assert_eq!(result.cells()[7..], [["", "7", "1"], ["", "8", "1"]]);
}

#[test]
fn lists_in_both_columns_are_one_row_with_its_cells() {
    let result = read_split("1;2,7;8,1\n3,9,1\n");
    assert_eq!(
        result.links(),
        [Err(Code::SeveralInBothColumns), Ok((3, 9, 1))]
    );
    assert_eq!(result.cells()[0], ["1;2", "7;8", "1"]);
    assert_eq!(
        message(&result.rows[0]),
        "both cells name several records ('1;2' and '7;8'), so which of them belong together is not \
         known; write one row for each link"
    );
}

#[test]
fn a_cell_has_at_most_ten_thousand_ids() {
    for (ids, rows) in [(10_000, 10_000), (10_001, 1)] {
        let result = read_split(&format!("1,{},1\n", "7;".repeat(ids)));
        assert_eq!(result.rows.len(), rows);
    }
    let result = read_split(&format!("1,{},1\n2,7,1\n", "7;".repeat(10_001)));
    assert_eq!(result.links(), [Err(Code::TooManyIds), Ok((2, 7, 1))]);
    assert_eq!(
        message(&result.rows[0]),
        "to_object_id: the cell names 10,001 records, but the most are 10,000; divide them among \
         several rows"
    );
    assert_eq!(result.cells()[0][1].len(), 20_002);
}

#[test]
fn rows_with_uncertain_cells_are_not_split() {
    let result =
        read_split("1;2,7\n1;2,7,1,x\n\"1;2\"x,7,1\nfrom_object_id,to_object_id,definition_id\n");
    let expected = [
        Code::TooFewCells,
        Code::TooManyCells,
        Code::BrokenQuote,
        Code::RepeatedHeader,
    ];
    assert_eq!(result.links(), expected.map(Err));
}

#[test]
fn the_delimiter_of_the_file_can_be_between_quoted_ids() {
    let result = read_with("1,\"7,8\",1\n", &split_at(","));
    assert_eq!(result.links(), [Ok((1, 7, 1)), Ok((1, 8, 1))]);
    let result = read_with("1,\"7\r\n8\n\n9\",1\n2,7,1\n", &split_at("newline"));
    assert_eq!(result.links().len(), 4);
    assert_eq!(result.lines(), [2, 2, 2, 6]);
}

#[test]
fn without_the_option_the_refusal_names_it_with_its_character() {
    for (cell, option) in [
        ("7001;7002", Some("';'")),
        ("7001|7002", Some("'|'")),
        ("\"7001\r\n7002\"", Some("newline")),
        ("\"7001, 7002\"", Some("','")),
        ("7001 7002", None),
        ("[7001;7002]", None),
    ] {
        let message = message(&read_rows(&format!("1,{cell},1\n")).rows[0]);
        let remedy = "put each id in its own row";
        let expected = match option {
            Some(option) => {
                format!(
                    "contains 2 ids; give --split {option} to make one link of each, or {remedy}"
                )
            }
            None => format!("contains 2 ids; {remedy}"),
        };
        assert!(message.ends_with(&expected), "{message}");
    }
}

#[test]
fn a_limit_counts_records_or_rows() {
    let limited = |limit| InputOptions {
        limit: Some(limit),
        ..split_at(";")
    };
    let rows = "1,7;8,1\n2,7;8;9,1\n3,7,1\n";
    for (limit, read) in [
        (InputLimit::Records(0), 0),
        (InputLimit::Records(1), 2),
        (InputLimit::Records(2), 5),
        (InputLimit::Rows(1), 1),
        (InputLimit::Rows(4), 4),
        (InputLimit::Rows(9), 6),
    ] {
        let result = read_with(rows, &limited(limit));
        assert_eq!(result.rows.len(), read, "{limit:?}");
    }
}

/// The cells of one column, each with some ids.
fn cells() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(1..u32::MAX, 0..6), 0..20)
}

proptest! {
    #[test]
    fn all_ids_are_read_and_counted(cells in cells(), in_from: bool) {
        let separator = IdSeparator::SEMICOLON;
        let mut text = HEADER.to_owned();
        let mut expected = Vec::new();
        for (ids, n) in cells.iter().zip(1..) {
            let list = ids.iter().map(u32::to_string).collect::<Vec<_>>().join("; ");
            let line = if in_from { format!("{list},{n},1\n") } else { format!("{n},{list},1\n") };
            text += &line;
            let link = |id: &u32| {
                let pair = (u64::from(*id), n);
                Ok(if in_from { (pair.0, pair.1, 1) } else { (pair.1, pair.0, 1) })
            };
            expected.extend(ids.iter().map(link));
            if ids.is_empty() {
                expected.push(Err(Code::InvalidIdEmpty));
            }
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        let options = InputOptions {
            split: Some(separator),
            ..InputOptions::new(InputPath::File(file.path().to_owned()))
        };
        let result = drain(input::open(&options).unwrap());
        prop_assert_eq!(result.links(), expected);
        let (_counter, count) = count_rows(&options);
        count.wait(std::time::Duration::from_secs(60));
        prop_assert_eq!(count.rows(), Some(result.rows.len() as u64));
    }
}

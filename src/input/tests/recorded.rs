//! Tests of results files that are read as recorded.

use std::fmt::Write as _;

use super::*;
use crate::{association::RecordId, input::IdSeparator, results_column::ResultsColumn};

/// A results file with these lines: ids and definition, then row and line.
fn results(lines: &[&str]) -> String {
    let sent: Vec<_> = lines.iter().map(|line| (*line, ",")).collect();
    results_with_ids(&sent)
}

/// A results file with the ids that were sent in its last columns.
fn results_with_ids(lines: &[(&str, &str)]) -> String {
    let rest = [
        "succeeded",
        "204",
        "1",
        "",
        "",
        "",
        "2026-11-23T02:10:59.782Z",
    ]
    .join(",");
    let names: Vec<_> = ResultsColumn::ALL
        .iter()
        .map(|column| column.name())
        .collect();
    let mut file = format!("{},{}\n", HEADER.trim_end(), names.join(","));
    for (line, sent) in lines {
        writeln!(file, "{line},{rest},{sent}").unwrap();
    }
    file
}

fn recorded(file: &str, limit: Option<u64>) -> Result<InputResult, String> {
    let options = InputOptions {
        recorded: true,
        limit: limit.map(InputLimit::Records),
        ..options()
    };
    let input = open(io::Cursor::new(file.to_owned()), &options);
    input
        .map(drain)
        .map_err(|refusal| messages::refusal(&refusal))
}

fn places(result: &InputResult) -> Vec<(u64, u64)> {
    result
        .rows
        .iter()
        .map(|row| (row.number, row.line))
        .collect()
}

#[test]
fn rows_have_the_recorded_numbers_and_lines_even_if_repeated() {
    let file = results(&["1,2,1,7,9", "3,4,1,2,3", "1,2,1,7,9"]);
    let result = recorded(&file, None).unwrap();
    assert_eq!(places(&result), [(7, 9), (2, 3), (7, 9)]);
    assert_eq!(result.links()[1], Ok((3, 4, 1)));
}

#[test]
fn a_row_has_the_ids_that_were_sent() {
    let lines = [
        ("1,2,1,1,2", "1001,"),
        ("1,2,1,2,3", ",1002"),
        ("1,2,1,3,4", ","),
    ];
    let result = recorded(&results_with_ids(&lines), None).unwrap();
    let expected = [(1001, 2, 1), (1, 1002, 1), (1, 2, 1)];
    assert_eq!(result.links(), expected.map(Ok));
    let sent: Vec<_> = result.rows.iter().map(Row::sent_ids).collect();
    let id = RecordId::new;
    assert_eq!(
        sent,
        [[id(1001), None], [None, id(1002)], [None, None]],
        "and the cells are what they were"
    );
}

#[test]
fn an_invalid_sent_id_is_an_error() {
    for broken in ["x,", ",2026-11-23"] {
        let file = results_with_ids(&[("1,2,1,1,2", broken)]);
        let message = messages::input(&recorded(&file, None).unwrap().error.unwrap());
        assert!(
            message.contains("line 2: assoc_row or assoc_line of this line is not a number"),
            "{message}"
        );
    }
}

#[test]
fn a_row_with_a_shortened_sent_id_is_invalid() {
    for broken in [",0", "1.5,", "1.23E+11,"] {
        let file = results_with_ids(&[("1,2,1,1,2", broken)]);
        let result = recorded(&file, None).unwrap();
        assert_eq!(places(&result), [(1, 2)], "{broken}");
        assert!(result.links()[0].is_err(), "{broken}: {:?}", result.links());
    }
}

#[test]
fn without_the_option_rows_are_counted() {
    let result = read_bytes(results(&["1,2,1,7,9", "3,4,1,2,3"]));
    assert_eq!(places(&result), [(1, 2), (2, 3)]);
}

#[test]
fn the_limit_counts_lines_and_not_recorded_numbers() {
    let file = results(&["1,2,1,7,9", "3,4,1,8,10", "5,6,1,1,2"]);
    let result = recorded(&file, Some(2)).unwrap();
    assert_eq!(places(&result), [(7, 9), (8, 10)]);
}

#[test]
fn recorded_cells_are_never_split() {
    let options = InputOptions {
        recorded: true,
        split: Some(IdSeparator::SEMICOLON),
        ..options()
    };
    let file = results(&["1,7;8,1,4,9"]);
    let result = drain(open(io::Cursor::new(file), &options).unwrap());
    assert_eq!(places(&result), [(4, 9)]);
    assert_eq!(result.links(), [Err(Code::InvalidIdSeveral)]);
}

#[test]
fn an_invalid_row_stays_invalid_and_keeps_its_number() {
    let result = recorded(&results(&["x,2,1,7,9"]), None).unwrap();
    assert_eq!(places(&result), [(7, 9)]);
    assert_eq!(result.links(), [Err(Code::InvalidId)]);
}

#[test]
fn a_line_without_a_number_or_with_lost_cells_is_an_error() {
    for broken in ["3,4,1,,3", "3,4,1,x,3", "3,4,1,2,0", "3,4,1", "3,4,1,2,3,x"] {
        let result = recorded(&results(&["1,2,1,7,9", broken]), None).unwrap();
        assert_eq!(places(&result), [(7, 9)]);
        let message = messages::input(&result.error.unwrap());
        assert!(
            message.contains("line 3: assoc_row or assoc_line of this line is not a number"),
            "{message}"
        );
    }
}

#[test]
fn a_file_that_is_not_a_results_file_is_refused() {
    let message = recorded(&format!("{HEADER}1,2,1\n"), None).unwrap_err();
    assert!(
        message.contains(
            "is not a results file of hubassoc: the columns assoc_row, … are missing; give the \
             file that import wrote"
        ),
        "{message}"
    );
}

//! A results file that is read for what it records.

use std::fmt::Write as _;

use super::*;
use crate::row::RESULT_COLUMNS;

/// A results file with these lines: ids and definition, then row and line.
fn results(lines: &[&str]) -> String {
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
    let mut file = format!("{},{}\n", HEADER.trim_end(), RESULT_COLUMNS.join(","));
    for line in lines {
        writeln!(file, "{line},{rest}").unwrap();
    }
    file
}

fn recorded(file: &str, limit: Option<u64>) -> Result<Seen, String> {
    let options = InputOptions {
        recorded: true,
        limit,
        ..options()
    };
    let input = open(io::Cursor::new(file.to_owned()), &options);
    input.map(drain).map_err(|refusal| refusal.to_string())
}

fn places(seen: &Seen) -> Vec<(u64, u64)> {
    seen.rows.iter().map(|row| (row.number, row.line)).collect()
}

#[test]
fn rows_have_the_numbers_and_lines_that_are_recorded_as_often_as_they_stand() {
    let file = results(&["1,2,1,7,9", "3,4,1,2,3", "1,2,1,7,9"]);
    let seen = recorded(&file, None).unwrap();
    assert_eq!(places(&seen), [(7, 9), (2, 3), (7, 9)]);
    assert_eq!(seen.links()[1], Ok((3, 4, 1)));
}

#[test]
fn without_it_rows_are_counted() {
    let seen = see(results(&["1,2,1,7,9", "3,4,1,2,3"]));
    assert_eq!(places(&seen), [(1, 2), (2, 3)]);
}

#[test]
fn a_limit_counts_lines_and_not_recorded_numbers() {
    let file = results(&["1,2,1,7,9", "3,4,1,8,10", "5,6,1,1,2"]);
    let seen = recorded(&file, Some(2)).unwrap();
    assert_eq!(places(&seen), [(7, 9), (8, 10)]);
}

#[test]
fn a_row_that_was_invalid_is_so_and_has_its_number() {
    let seen = recorded(&results(&["x,2,1,7,9"]), None).unwrap();
    assert_eq!(places(&seen), [(7, 9)]);
    assert_eq!(seen.links(), [Err(Code::InvalidId)]);
}

#[test]
fn a_line_without_a_number_or_with_lost_cells_is_an_error() {
    for broken in ["3,4,1,,3", "3,4,1,x,3", "3,4,1,2,0", "3,4,1", "3,4,1,2,3,x"] {
        let seen = recorded(&results(&["1,2,1,7,9", broken]), None).unwrap();
        assert_eq!(places(&seen), [(7, 9)]);
        let said = seen.error.unwrap().to_string();
        assert!(said.contains("line 3: the line says no row"), "{said}");
    }
}

#[test]
fn a_file_that_is_no_results_file_is_refused() {
    let said = recorded(&format!("{HEADER}1,2,1\n"), None).unwrap_err();
    assert!(said.contains("no results file of this program"), "{said}");
}

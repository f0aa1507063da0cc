//! Tests of results files as inputs.

use proptest::prelude::*;

use super::*;
use crate::{cell::neutralise, results_column::ResultsColumn};

fn names(columns: &[ResultsColumn]) -> impl Iterator<Item = &'static str> {
    columns.iter().map(|column| column.name())
}

fn joined(columns: &[ResultsColumn]) -> String {
    names(columns).collect::<Vec<_>>().join(",")
}

/// A results file with these input columns.
fn results(header: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let ours = |text: &str| vec![text.to_owned(); ResultsColumn::COUNT];
    let mut write = |cells: &mut dyn Iterator<Item = &str>, more: Vec<String>| {
        let cells = cells.map(|cell| neutralise(cell).into_owned());
        writer.write_record(cells.chain(more)).unwrap();
    };
    write(
        &mut header.iter().copied(),
        names(ResultsColumn::ALL).map(str::to_owned).collect(),
    );
    for row in rows {
        write(&mut row.iter().map(String::as_str), ours("'=x"));
    }
    writer.into_inner().unwrap()
}

#[test]
fn exactly_the_added_columns_are_dropped() {
    let header = [
        "=note",
        "from_object_id",
        "to_object_id",
        "definition_id",
        "assoc_row2",
        "Assoc_Row",
    ];
    let row = ["-5", "1", "2", "1", "'a", "b"].map(str::to_owned).to_vec();
    let input = open(
        io::Cursor::new(results(&header, std::slice::from_ref(&row))),
        &options(),
    )
    .unwrap();
    assert!(input.shape().from_results);
    assert_eq!(input.shape().header.iter().collect::<Vec<_>>(), header);
    let result = drain(input);
    assert_eq!(
        (result.cells(), result.links()),
        (
            vec![row.iter().map(String::as_str).collect()],
            vec![Ok((1, 2, 1))]
        )
    );
}

#[test]
fn a_file_with_only_eight_added_columns_is_not_a_results_file() {
    let header = format!(
        "{},{}",
        HEADER.trim_end(),
        joined(&ResultsColumn::unlisted()[..8])
    );
    let input = open(
        io::Cursor::new(format!("{header}\n1,2,1,'=a,,,,,,,\n")),
        &options(),
    )
    .unwrap();
    assert!(!input.shape().from_results);
    assert_eq!(drain(input).cells()[0][3], "'=a");
}

#[test]
fn a_results_file_of_an_earlier_version_has_nine_added_columns() {
    let header = format!(
        "{},{}",
        HEADER.trim_end(),
        joined(ResultsColumn::unlisted())
    );
    let input = open(
        io::Cursor::new(format!("{header}\n1,2,1,'=a,,,,,,,,\n")),
        &options(),
    )
    .unwrap();
    assert!(input.shape().from_results);
    assert_eq!(drain(input).cells(), [["1", "2", "1"]]);
}

#[test]
fn an_invalid_id_stays_invalid() {
    let rows = ["-1", "'1", "=1", "1\u{a0}"].map(|id| vec![id.to_owned(), "2".into(), "1".into()]);
    let file = results(&["from_object_id", "to_object_id", "definition_id"], &rows);
    let codes = [
        Code::InvalidIdSign,
        Code::InvalidIdQuoted,
        Code::InvalidIdQuoted,
        Code::InvalidIdInvisible,
    ];
    assert_eq!(read_bytes(file).links(), codes.map(Err));
}

#[test]
fn a_wrong_encoding_is_reported_for_its_column() {
    let header = format!(
        "assoc_row,{},x,{}\n",
        HEADER.trim_end(),
        joined(&ResultsColumn::unlisted()[1..])
    );
    let row = |to: &[u8]| [header.as_bytes(), b"\xff,1,", to, b",1,\xff,,,,,,,,\n"].concat();
    assert_eq!(read_bytes(row(b"2")).links(), [Ok((1, 2, 1))]);
    assert_eq!(
        read_bytes(row(b"\xb2")).links(),
        [Err(Code::InvalidIdEncoding)]
    );
}

proptest! {
    #[test]
    fn a_results_file_gives_the_cells_of_its_input(
        rows in prop::collection::vec(prop::collection::vec("[-=+@'\ta1＝＠]{1,4}|\\PC{1,5}", 4), 1..6),
    ) {
        let file = results(&["from_object_id", "to_object_id", "definition_id", "note"], &rows);
        let blank = |row: &[String]| row.iter().all(|cell| cell.trim_matches([' ', '\t']).is_empty());
        let rows: Vec<_> = rows.into_iter().filter(|row| !blank(row)).collect();
        let result = read_bytes(file);
        prop_assert_eq!(result.cells(), rows);
    }
}

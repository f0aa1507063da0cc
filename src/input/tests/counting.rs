//! Tests of the row counter: it counts as many rows as are read.

use std::{fs, sync::mpsc, time::Duration};

use super::*;
use crate::{
    input::{self, RowCount, count_rows},
    output::TotalRows,
};

const LONG: Duration = Duration::from_secs(60);

/// The counted and the read rows of a file with these bytes.
fn counted(bytes: &[u8], limit: Option<u64>) -> (Option<u64>, u64) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    let options = InputOptions {
        limit: limit.map(InputLimit::Records),
        ..InputOptions::new(InputPath::File(file.path().to_owned()))
    };
    let (_counter, count) = count_rows(&options);
    count.wait(LONG);
    assert!(!count.is_counting());
    let mut input = input::open(&options).unwrap();
    let mut row = InputReader::empty_row();
    while let Ok(true) = input.next_row(&mut row) {}
    (count.rows(), input.rows_read())
}

#[test]
fn as_many_rows_are_counted_as_are_read() {
    let long = format!("9,8,1,\"{}\"\n", "long; ".repeat(9_000));
    let body = format!(
        "1,2,1,x\r\n\r\n , ,,\n\"\",\" \",,\n{long}\"\"\"\",,,\n1,2,1,\"two\r\nlines\"\rbad\n{}4,5,1,",
        ",,,\t\n"
    );
    let text = format!("from_object_id,to_object_id,definition_id,note\n{body}");
    for file in [
        text.clone(),
        text.replace(',', ";"),
        format!("sep=,\n{text}"),
    ] {
        let (counted, read) = counted(file.as_bytes(), None);
        assert_eq!((counted, read), (Some(6), 6), "{file}");
    }
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(counted(&utf16, None), (Some(6), 6));
    assert_eq!(counted(text.as_bytes(), Some(2)), (Some(2), 2));
}

#[test]
fn an_input_that_cannot_be_read_to_its_end_has_no_count() {
    let (counted, read) = counted(format!("{HEADER}1,2,1\n\"3,4,1\n").as_bytes(), None);
    assert_eq!((counted, read), (None, 1));
}

#[test]
fn the_count_is_open_until_all_rows_are_counted() {
    let count = RowCount::default();
    let total = TotalRows::Counted {
        count: count.clone(),
        done: 0,
    };
    assert_eq!(total.to_string(), "rows (still counting)");
    assert_eq!(total.rows(), None);
    let (sender, heard) = mpsc::channel();
    count.when_known(move |rows| sender.send(rows).unwrap());
    count.set(Some(300_000));
    assert_eq!(heard.recv(), Ok(Some(300_000)));
    assert_eq!(total.to_string(), "300,000 rows");
    assert_eq!(total.minus(100_000).rows(), Some(200_000));
    let unknown = RowCount::default();
    unknown.set(None);
    let total = TotalRows::Counted {
        count: unknown,
        done: 0,
    };
    assert_eq!(total.to_string(), "an unknown number of rows");
}

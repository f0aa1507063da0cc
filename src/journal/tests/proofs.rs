//! The proof that an input is the recorded one.

use proptest::prelude::*;

use super::{RunFolder, error_text, header, report, row};
use crate::{
    http_status::HttpStatus,
    journal::{InputProof, JournalError, ShownRows},
    row::{Outcome, Row},
};

/// Runs the proof over these rows, renumbered, for a run that recorded others.
fn prove(place: &RunFolder, rows: &[Row]) -> Result<(), JournalError> {
    let past = place.open().unwrap().unwrap();
    let mut proof = InputProof::new(&past, &header())?.showing(ShownRows::Whole);
    for (at, row) in rows.iter().enumerate() {
        let number = at as u64 + 1;
        proof.add(&Row {
            number,
            line: number + 1,
            ..row.clone()
        })?;
    }
    proof.finish()
}

fn rows(count: u64) -> Vec<Row> {
    (1..=count).map(|n| row(n, "x")).collect()
}

fn recorded(rows: &[Row], which: impl Fn(u64) -> bool) -> RunFolder {
    let reports: Vec<_> = rows
        .iter()
        .filter(|row| which(row.number))
        .map(|row| {
            report(
                row.clone(),
                Outcome::Succeeded {
                    http_status: HttpStatus::NO_CONTENT,
                },
            )
        })
        .collect();
    // In an order in which rows may complete.
    let (even, odd): (Vec<_>, Vec<_>) = reports
        .into_iter()
        .partition(|report| report.row.number % 2 == 0);
    RunFolder::recorded(&[even, odd].concat())
}

#[test]
fn the_same_rows_and_more_at_the_end_are_accepted() {
    let rows = rows(10_000);
    let place = recorded(&rows[..9_000], |_| true);
    prove(&place, &rows).unwrap();
}

#[test]
fn the_first_row_that_differs_is_named() {
    let mut rows = rows(10_000);
    let place = recorded(&rows, |_| true);
    for n in [9_000, 7_001, 7_000] {
        rows[n - 1] = row(n as u64, "y");
    }
    let error = error_text(prove(&place, &rows));
    assert!(
        error.contains("row 7000 (line 7001) has changed since the run (it was: 7000,7,x)"),
        "{error:?}"
    );
}

#[test]
fn unrecorded_rows_may_change() {
    let mut rows = rows(100);
    let place = recorded(&rows, |n| n % 10 != 0);
    rows[49] = row(50, "corrected");
    prove(&place, &rows).unwrap();
}

#[test]
fn an_input_that_is_too_short_is_refused() {
    let rows = rows(10_000);
    let place = recorded(&rows, |_| true);
    let error = error_text(prove(&place, &rows[..9_999]));
    assert!(
        error.contains("it ends with row 9999, but row 10000 is already done"),
        "{error:?}"
    );
}

#[test]
fn other_columns_are_refused() {
    let place = recorded(&rows(1), |_| true);
    let past = place.open().unwrap().unwrap();
    let renamed = ["from", "to", "remark"].into_iter().collect();
    let error = error_text(InputProof::new(&past, &renamed));
    assert!(error.contains("from, to, remark"), "{error:?}");
}

#[test]
fn a_text_that_moves_to_the_next_cell_makes_a_different_row() {
    let recorded_row = row(1, "x");
    let place = recorded(std::slice::from_ref(&recorded_row), |_| true);
    let mut now = recorded_row;
    now.cells = ["17", "", "x"].into_iter().collect();
    assert!(prove(&place, &[now]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Cells of every kind read back the same.
    #[test]
    fn any_text_reads_back_the_same(notes in proptest::collection::vec(".{0,12}|[-=+@'\"\r\n,;]{0,6}", 1..20)) {
        let rows: Vec<_> = (1..).zip(&notes).map(|(n, note)| row(n, note)).collect();
        let place = recorded(&rows, |_| true);
        prop_assert!(prove(&place, &rows).is_ok());
    }

    /// Inserting, deleting or swapping rows before the last one is noticed.
    #[test]
    fn moved_rows_are_noticed(count in 3_u64..60, at in 0_usize..58, how in 0..3) {
        let original = rows(count);
        let place = recorded(&original, |_| true);
        let at = at % (original.len() - 1);
        let mut edited = original.clone();
        match how {
            0 => edited.insert(at, row(999, "x")),
            1 => drop(edited.remove(at)),
            _ => edited.swap(at, at + 1),
        }
        prop_assert!(prove(&place, &edited).is_err());
    }
}

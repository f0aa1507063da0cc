//! The oracle for runs that skip existing links: a row may find links from before the run, but not
//! its own.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use hubassoc::sandbox::LoggedAssociation;

use super::{
    import_options::ImportOptions,
    input_file::{HEADER, InputFile, InputRow},
    links::link_text,
    oracle::{ImportState, Observation, Oracle, Violations},
};

const OURS: &str = "assoc_row,assoc_line,assoc_status,assoc_http_status,assoc_attempts,\
                    assoc_code,assoc_message,assoc_correlation_id,assoc_finished_at,assoc_from_id,\
                    assoc_to_id";

const TIME: &str = "2026-01-01T00:00:00.000Z";

/// Three rows: the third repeats the second, and the link of the first may exist before.
struct Case {
    oracle: Oracle,
    file: InputFile,
    started: Instant,
}

fn case(existed: bool) -> Case {
    let rows = ["1001", "2001", "2001"].map(|from| InputRow::of(from, 7, 1));
    let links = rows[..1].iter().filter(|_| existed);
    let initial_links: BTreeSet<_> = links
        .filter_map(|row| row.link.as_ref().map(link_text))
        .collect();
    let file = InputFile::of(rows.into());
    let options = ImportOptions {
        skips: true,
        ..ImportOptions::PLAIN
    };
    Case {
        oracle: Oracle::new(&file, Duration::ZERO, (options, &initial_links)),
        file,
        started: Instant::now(),
    }
}

impl Case {
    /// The state after these rows were sent, and applied or not, with these statuses of the first
    /// rows.
    fn state(
        &self,
        sent: &[usize],
        applied: bool,
        words: &[&str],
    ) -> Result<ImportState, Violations> {
        let arrival = |row: &usize| LoggedAssociation {
            request: *row as u64,
            at: self.started,
            association: self.file.rows[row - 1].link,
            status: Some(StatusCode::NO_CONTENT),
            applied,
        };
        let arrivals: Vec<_> = sent.iter().map(arrival).collect();
        let mut results = format!("{HEADER},{OURS}\n");
        for (number, word) in (1..).zip(words) {
            let ours = match *word {
                "already" => "already,,0",
                _ => "succeeded,204,1",
            };
            let [_, from, ..] = &self.file.rows[number - 1].cells;
            let line = number + 1;
            let cells = format!(",{from},7,1,{number},{line},{ours},,,,{TIME},,\n");
            results.push_str(&cells);
        }
        self.oracle.state(Observation {
            results: results.as_bytes(),
            arrivals: &arrivals,
            at: Instant::now(),
        })
    }
}

#[test]
fn existing_links_and_links_of_other_rows_may_be_found() {
    let words = ["already", "succeeded", "already"];
    let case = case(true);
    let state = case.state(&[2], true, &words).unwrap();
    assert!(case.oracle.check_end(&state).is_empty());
}

#[test]
fn a_row_that_finds_its_own_work_is_detected() {
    let violations = case(false).state(&[1], true, &["already"]).unwrap_err();
    assert!(violations[0].contains("its own work"), "{violations:?}");
}

#[test]
fn rows_that_found_a_link_nobody_created_are_detected() {
    let words = ["already", "already", "already"];
    let case = case(true);
    let state = case.state(&[2], true, &words).unwrap();
    assert_eq!(
        case.oracle.check_end(&state),
        ["rows [2, 3] found what no row has made"]
    );
}

#[test]
fn sending_an_existing_link_is_detected() {
    let violations = case(true).state(&[1], true, &[]).unwrap_err();
    assert!(
        violations[0].contains("that stood was sent"),
        "{violations:?}"
    );
}

#[test]
fn a_claim_of_a_link_that_was_not_written_is_detected() {
    let sent = case(false).state(&[1], false, &["succeeded"]);
    let violations = sent.unwrap_err();
    assert!(violations[0].contains("never sent"), "{violations:?}");
}

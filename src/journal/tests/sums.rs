//! The sums of lines in the run log: computed while a line is written, they equal the sums of
//! the line read back.

use proptest::prelude::*;

use super::{ResultsFormat, RunFolder, RunInfo, report, row, run_info, succeeded};
use crate::{
    association::{Association, RecordId},
    code::Code,
    failure::ResponseFault,
    http_status::HttpStatus,
    row::{Failure, Outcome, RowReport},
};

/// A line with these cells, with the status and code number `end`.
fn line(n: u64, cells: &[String; 3], end: u8, sent: bool) -> RowReport {
    let mut row = row(n, "");
    row.cells = cells.iter().map(String::as_str).collect();
    if sent {
        let today = row.association().map(|link| Association {
            to: RecordId::new(1001).unwrap(),
            ..*link
        });
        row.set_current_ids(today.unwrap());
    }
    let failure = |code| {
        Box::new(Failure::new(
            code,
            ResponseFault::Quoted("a, \"b\"\nc".to_owned()),
        ))
    };
    let outcome = match end {
        0 => Outcome::Succeeded {
            http_status: HttpStatus::CREATED,
        },
        1 => Outcome::Already,
        2 => Outcome::Failed(failure(Code::RecordNotFound)),
        _ => Outcome::Invalid(failure(Code::InvalidId)),
    };
    report(row, outcome)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn sums_of_written_lines_equal_sums_of_lines_read_back(
        lines in proptest::collection::vec(
            (
                proptest::array::uniform3("[-=+'\"\r\n,; a1é]{0,5}"),
                (0..4_u8, any::<bool>()),
                1..9_000_u64,
            ),
            1..20,
        ),
    ) {
        let line = |(cells, (end, sent), n): &([String; 3], (u8, bool), u64)| line(*n, cells, *end, *sent);
        let reports: Vec<_> = lines.iter().map(line).collect();
        let written = RunFolder::recorded(&reports).open().unwrap().unwrap();
        let read = RunFolder::killed(&reports).open().unwrap().unwrap();
        prop_assert!(!written.log.synced.sums.is_empty());
        prop_assert_eq!(&written.log.synced.sums, &read.results.sync_point().blocks);
        prop_assert!(read.log.synced.sums.is_empty());
    }
}

#[test]
fn without_key_columns_lines_have_no_sums() {
    let info = RunInfo {
        results_format: ResultsFormat {
            key_columns: Vec::new(),
            ..run_info().results_format
        },
        ..run_info()
    };
    let place = RunFolder::recorded_with(&info, &[succeeded(1)]);
    assert!(place.open().unwrap().unwrap().log.synced.sums.is_empty());
}

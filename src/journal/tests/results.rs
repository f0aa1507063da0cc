//! Results read back: what counts, what is cut off, what is refused.

use std::fs;

use super::{RunFolder, append, failed, header, lock, report, row, succeeded};
use crate::{
    code::Code,
    failure::ResponseFault,
    http_status::HttpStatus,
    journal::{JournalError, ResumeOptions},
    messages,
    output::{ResultsSink, ResultsWriter},
    plan_action::{LinksBefore, PlanAction},
    row::{Failure, Outcome, PlannedRow, RowReport, Status},
    stop::StopSwitch,
};

fn some() -> Vec<RowReport> {
    vec![
        succeeded(2),
        failed(1, Code::ServerError),
        failed(4, Code::RecordNotFound),
        report(
            row(5, "say \"no\",\r\n"),
            Outcome::Invalid(
                Failure::new(Code::InvalidId, ResponseFault::Quoted("=1+1".to_owned())).into(),
            ),
        ),
        report(row(3, ""), Outcome::Already),
    ]
}

#[test]
fn every_line_is_read_back_as_it_was_written() {
    let place = RunFolder::recorded(&some());
    let past = place.open().unwrap().unwrap();
    let rows = past.rows();
    assert_eq!(rows.recorded.iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(rows.failed.iter().collect::<Vec<_>>(), [1, 4]);
    assert_eq!(rows.transient.iter().collect::<Vec<_>>(), [1]);
    assert_eq!(rows.invalid.iter().collect::<Vec<_>>(), [5]);
    assert_eq!(rows.already.iter().collect::<Vec<_>>(), [3]);
    assert_eq!((past.torn_bytes(), past.last_recorded_row()), (0, 5));
}

#[test]
fn every_status_is_read_back_as_it_was_written() {
    let note = || {
        Failure::new(
            Code::ExistedBefore,
            ResponseFault::Quoted("it stood before".to_owned()),
        )
    };
    let outcomes = [
        Outcome::Succeeded {
            http_status: HttpStatus::NO_CONTENT,
        },
        Outcome::Already,
        Outcome::Failed(note().into()),
        Outcome::Invalid(note().into()),
        Outcome::Planned(Box::new(PlannedRow {
            action: PlanAction::Create,
            before: LinksBefore::default(),
            note: None,
        })),
        Outcome::Removed {
            http_status: None,
            unproven: None,
        },
        Outcome::Kept(note().into()),
        Outcome::Present,
        Outcome::Missing(note().into()),
        Outcome::Unreadable(note().into()),
    ];
    let statuses = outcomes.clone().map(|outcome| outcome.status());
    assert_eq!(statuses, Status::ALL, "none is left out");
    let reports = (1..).zip(outcomes);
    let reports: Vec<_> = reports
        .map(|(n, outcome)| report(row(n, "x"), outcome))
        .collect();
    let past = RunFolder::recorded(&reports).open().unwrap().unwrap();
    for (n, status) in (1..).zip(Status::ALL) {
        let rows: Vec<_> = past.rows().with_status(status).iter().collect();
        assert_eq!((rows, past.rows().counts()[status]), (vec![n], 1));
    }
    let standing: Vec<_> = past.rows().linked().iter().collect();
    assert_eq!(standing, [1, 2, 8]);
}

#[test]
fn a_row_that_was_kept_and_later_removed_counts_once() {
    let kept =
        Outcome::Kept(Failure::new(Code::NotChecked, ResponseFault::Quoted(String::new())).into());
    let removed = Outcome::Removed {
        http_status: Some(HttpStatus::NO_CONTENT),
        unproven: None,
    };
    let lines = [kept, removed].map(|outcome| report(row(1, "x"), outcome));
    let past = RunFolder::recorded(&lines).open().unwrap().unwrap();
    let counts = past.rows().counts();
    assert_eq!((counts[Status::Kept], counts[Status::Removed]), (0, 1));
}

#[test]
fn the_last_of_several_lines_counts() {
    let place = RunFolder::recorded(&[
        failed(1, Code::ServerError),
        failed(2, Code::Timeout),
        succeeded(1),
    ]);
    let past = place.open().unwrap().unwrap();
    assert_eq!(past.rows().failed.iter().collect::<Vec<_>>(), [2]);
    assert_eq!(past.rows().multi_line.iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn a_line_torn_anywhere_does_not_count_and_the_lines_before_it_do() {
    let whole = RunFolder::killed(&some());
    let bytes = fs::read(whole.results()).unwrap();
    let mut ends = vec![];
    let place = RunFolder::killed(&some());
    for length in 0..=bytes.len() {
        fs::write(place.results(), &bytes[..length]).unwrap();
        let rows = place.rows();
        if ends.last() != Some(&rows.len()) {
            ends.push(rows.len());
        }
        // With zeros where a power loss took bytes.
        let mut zeros = bytes.clone();
        zeros[length..].fill(0);
        fs::write(place.results(), zeros).unwrap();
        assert_eq!(place.rows(), rows, "{length} bytes, then zeros");
    }
    assert_eq!(ends, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn resuming_cuts_a_torn_tail_and_nothing_else() {
    let place = RunFolder::killed(&some());
    let whole = fs::read(place.results()).unwrap();
    append(&place.results(), b"6,7,x,6,7,succeeded,204,1,,,,1970-01");
    let locked = lock(&place.results(), |_| {}).unwrap();
    let past = locked.recorded_run().unwrap().unwrap();
    assert!(past.torn_bytes() > 0);
    drop(
        locked
            .resume(&past, ResumeOptions::default(), &StopSwitch::default())
            .unwrap(),
    );
    assert_eq!(fs::read(place.results()).unwrap(), whole);
}

#[test]
fn a_whole_line_that_is_not_ours_does_not_count() {
    for line in [
        "6,7,x,6,7,,204,1,,,,1970-01-01T00:00:00.000Z\n",
        "6,7,x,6,7,succeeded,204,1,,,,\n",
        "6,7,x,6,7,succeeded,204,1,,,1970-01-01T00:00:00.000Z\n",
        "6,7,x,0,7,succeeded,204,1,,,,1970-01-01T00:00:00.000Z\n",
        "6,7,x,+6,7,succeeded,204,1,,,,1970-01-01T00:00:00.000Z\n",
        "6,7,x,6,7,succeeded,204,1,timeout,,,1970-01-01T00:00:00.000Z\n",
        "6,7,x,6,7,removed,204,1,timeout,,,1970-01-01T00:00:00.000Z\n",
        "6,7,x,6,7,kept,,0,,,,1970-01-01T00:00:00.000Z\n",
        "6,7,x,6,7,failed,500,1,,,,1970-01-01T00:00:00.000Z\n",
        "6,7,x,6,7,succeeded,204,1,,,,1970-01-01T00:00:00.000Z\r\n",
        "6,7,x,6,7,succeeded,204,1,,,,1970-01-01T00:00:00.000Z,\n",
        "\n",
    ] {
        let place = RunFolder::killed(&[succeeded(1)]);
        append(&place.results(), line.as_bytes());
        assert_eq!(place.rows(), [1], "{line}");
    }
}

#[test]
fn damage_in_synced_lines_is_refused() {
    let place = RunFolder::recorded(&some());
    let whole = fs::read(place.results()).unwrap();
    let start = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for place_of_damage in start..whole.len() {
        let mut bytes = whole.clone();
        bytes[place_of_damage] ^= 1;
        fs::write(place.results(), bytes).unwrap();
        let error = place.open().unwrap_err();
        assert!(matches!(error, JournalError::Altered { .. }), "{error:?}");
    }
}

#[test]
fn results_shorter_than_the_synced_length_are_refused() {
    let place = RunFolder::recorded(&some());
    let bytes = fs::read(place.results()).unwrap();
    fs::write(place.results(), &bytes[..bytes.len() - 1]).unwrap();
    let error = place.open().unwrap_err();
    assert!(matches!(error, JournalError::Truncated { .. }), "{error:?}");
}

#[test]
fn results_saved_by_a_spreadsheet_are_refused_as_resaved() {
    let text = fs::read_to_string(RunFolder::recorded(&some()).results()).unwrap();
    let saved: [&dyn Fn(&str) -> String; 4] = [
        &|text| text.replace('\n', "\r\n"),
        &|text| format!("\u{feff}{text}"),
        &|text| text.replace(',', ";"),
        &|text| text.replace("from,to", "\"from\",\"to\""),
    ];
    for save in saved {
        for place in [RunFolder::recorded(&some()), RunFolder::killed(&some())] {
            fs::write(place.results(), save(&text)).unwrap();
            let error = place.open().unwrap_err();
            assert!(matches!(error, JournalError::Resaved(_)), "{error:?}");
        }
    }
}

#[test]
fn results_without_a_run_log_are_refused_by_name() {
    let place = RunFolder::recorded(&some());
    fs::remove_file(place.run_log()).unwrap();
    let error = place.open().unwrap_err();
    assert!(
        matches!(error, JournalError::NoRunLogToResume { .. }),
        "{error:?}"
    );
    assert!(!place.run_log().exists(), "and none is left there");
}

#[test]
fn a_run_log_without_results_has_no_rows_and_lost_some() {
    let place = RunFolder::recorded(&some());
    fs::remove_file(place.results()).unwrap();
    let past = place.open().unwrap().unwrap();
    assert!(past.is_without_results() && past.has_lost_results());
    assert!(past.is_empty());
}

#[test]
fn the_header_begins_with_the_columns_of_the_input() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    let text = fs::read_to_string(place.results()).unwrap();
    let columns: Vec<_> = text.lines().next().unwrap().split(',').take(3).collect();
    assert_eq!(header().iter().collect::<Vec<_>>(), columns);
}

#[test]
fn a_failed_write_leaves_no_part_of_its_lines() {
    struct Full(Vec<u8>);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let room = 200_usize.saturating_sub(self.0.len()).min(bytes.len());
            self.0.extend_from_slice(&bytes[..room]);
            if room == 0 {
                Err(std::io::ErrorKind::StorageFull.into())
            } else {
                Ok(room)
            }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl ResultsSink for Full {}
    let path = std::path::Path::new("r.csv");
    let mut results =
        ResultsWriter::create(Full(Vec::new()), path, &header(), b',', false).unwrap();
    let error = results.write(&some(), messages::failure).unwrap_err();
    let error = messages::results(&error);
    assert!(error.starts_with("r.csv could not be written"), "{error:?}");
}

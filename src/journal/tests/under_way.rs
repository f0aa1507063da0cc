//! Rows that were under way when a session ended: it lists them, and after a kill every row counts
//! that was about to be written.

use std::fs;

use jiff::Timestamp;

use super::{RunFolder, lock, report, row, succeeded};
use crate::{
    http_status::HttpStatus,
    journal::{Journal, ResultsFile, ResumeOptions, SessionEnd, Snapshot},
    messages,
    output::ResultsWriter,
    row::{Outcome, RowReport},
    stop::StopSwitch,
};

type OpenSession = (Journal, ResultsWriter<ResultsFile>);

/// A row without an outcome. A request that may have written it was sent, or none.
fn unsettled(n: u64, may_have_written: bool) -> RowReport {
    let outcome = Outcome::Succeeded {
        http_status: HttpStatus::NO_CONTENT,
    };
    RowReport {
        outcome: None,
        may_have_written,
        ..report(row(n, "x"), outcome)
    }
}

/// These rows are about to be written.
fn snapshot((journal, _): &mut OpenSession, rows: &[u64]) {
    let snapshots: Vec<_> = rows.iter().copied().map(Snapshot::Absent).collect();
    journal.write_snapshots(&snapshots, 0).unwrap();
}

/// These rows were sent, and one of them ended like this.
fn send((journal, results): &mut OpenSession, rows: &[u64], reports: &[RowReport]) {
    journal.begin_writes(rows.iter().copied());
    let with_outcome: Vec<_> = reports
        .iter()
        .filter(|one| one.outcome.is_some())
        .cloned()
        .collect();
    results.write(&with_outcome, messages::failure).unwrap();
    journal.end_rows(reports);
}

fn end((mut journal, _results): OpenSession) {
    journal.sync().unwrap();
    let ended = SessionEnd {
        at: Timestamp::UNIX_EPOCH,
        exit_code: 130,
        failures: None,
        rows_read: Some(20),
        counters: None,
        under_way: None,
    };
    journal.end(ended).unwrap();
}

fn resume(place: &RunFolder) -> OpenSession {
    let locked = lock(&place.results(), |_| {}).unwrap();
    let past = locked.recorded_run().unwrap().unwrap();
    locked
        .resume(&past, ResumeOptions::default(), &StopSwitch::default())
        .unwrap()
}

/// The rows under way, those of them without a line, and how many were not sent.
fn left(place: &RunFolder) -> (Vec<u64>, u64) {
    let past = place.open().unwrap().unwrap();
    assert_eq!(past.rows_under_way(), past.possibly_sent());
    (past.possibly_sent().iter().collect(), past.unsent_count())
}

#[test]
fn only_rows_that_may_have_been_written_are_under_way_at_the_end_of_a_session() {
    let place = RunFolder::new();
    let mut session = place.begin();
    snapshot(&mut session, &[1, 2, 3, 4, 5, 6, 7]);
    let reports = [succeeded(1), unsettled(2, true), unsettled(3, false)];
    send(&mut session, &[1, 2, 3, 4, 5], &reports);
    // Row 5 is ordered again, and its new start ends without a request.
    session.0.restart_row(5);
    session.0.end_rows(&[unsettled(5, false)]);
    end(session);
    // Row 4 has no report: its answer never came.
    assert_eq!(left(&place), (vec![2, 4, 5], 16));
}

#[test]
fn what_one_session_left_under_way_stays_so_until_it_has_a_line() {
    let place = RunFolder::new();
    let mut session = place.begin();
    snapshot(&mut session, &[1, 2, 3]);
    send(
        &mut session,
        &[1, 2],
        &[unsettled(1, true), unsettled(2, true)],
    );
    end(session);
    let mut session = resume(&place);
    send(&mut session, &[1, 2], &[succeeded(1), unsettled(2, false)]);
    end(session);
    assert_eq!(left(&place), (vec![2], 18));
    let mut session = resume(&place);
    send(&mut session, &[2], &[succeeded(2)]);
    end(session);
    assert_eq!(left(&place), (vec![], 18));
}

#[test]
fn after_a_kill_or_without_its_lines_every_row_with_a_snapshot_counts() {
    let place = RunFolder::new();
    let mut session = place.begin();
    snapshot(&mut session, &[1, 2, 3]);
    send(&mut session, &[1], &[succeeded(1)]);
    end(session);
    assert_eq!(left(&place), (vec![], 19));
    drop(resume(&place));
    assert_eq!(left(&place), (vec![2, 3], 0));
    end(resume(&place));
    assert_eq!(left(&place), (vec![2, 3], 17));
    fs::remove_file(place.results()).unwrap();
    assert_eq!(left(&place), (vec![1, 2, 3], 0));
    end(resume(&place));
    assert_eq!(left(&place), (vec![1, 2, 3], 17));
}

//! A disk that does not keep what it is given.
#![cfg(unix)]

use std::fs::OpenOptions;

use super::{RunFolder, succeeded};
use crate::{
    journal::{
        counters::{CounterSource, CounterTimer},
        results_file::ResultsFile,
        run_log::{ResultsMark, RunLogFile},
        running::{Journal, JournalState},
        snapshots::Snapshot,
        sync::{SyncWork, Syncer},
    },
    messages,
    stop::{StopReason, StopSwitch},
};

#[test]
fn a_failed_sync_stops_the_run_and_is_not_recorded() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    let run_log = OpenOptions::new().append(true).open(place.run_log());
    // It accepts everything and keeps nothing, and fsync reports that.
    let null = OpenOptions::new().append(true).open("/dev/null").unwrap();
    let mut results =
        ResultsFile::append_after(ResultsMark::default(), null.try_clone().unwrap(), &[]);
    std::io::Write::write_all(&mut results, b"a line\n").unwrap();
    let synced = SyncWork {
        results: null,
        path: place.results(),
        run_log: RunLogFile::new(run_log.unwrap(), place.run_log()),
        written: results.written(),
        mark: ResultsMark::default(),
        tail: Vec::new(),
        counters: CounterSource::default(),
        counter_timer: CounterTimer::start(),
    };
    let before = std::fs::read(place.run_log()).unwrap();
    let stop = StopSwitch::default();
    let error = Syncer::start(synced, stop.clone()).unwrap().finish();
    assert!(error.unwrap_err().is_write_failure());
    assert!(matches!(stop.reason(), Some(StopReason::Output(_))));
    assert_eq!(std::fs::read(place.run_log()).unwrap(), before);
}

#[test]
fn a_line_cut_by_a_full_disk_is_removed() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    let before = std::fs::read(place.run_log()).unwrap();
    let file = OpenOptions::new().append(true).open(place.run_log());
    let run_log = RunLogFile::new(file.unwrap(), place.run_log());
    let full = run_log.all_or_none(|mut file| {
        std::io::Write::write_all(&mut file, b"{\"absent\":[[1,")?;
        Err(std::io::ErrorKind::StorageFull.into())
    });
    assert!(full.is_err());
    assert_eq!(std::fs::read(place.run_log()).unwrap(), before);
}

#[test]
fn a_failed_snapshot_sync_is_an_error() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    let null = || OpenOptions::new().append(true).open("/dev/null").unwrap();
    let run_log = RunLogFile::new(null(), place.run_log());
    let results = ResultsFile::append_after(ResultsMark::default(), null(), &[]);
    let (state, stop) = (JournalState::default(), StopSwitch::default());
    let started = Journal::start(run_log, place.results(), &results, state, &stop);
    let mut journal = started.unwrap();
    let error = journal
        .write_snapshots(&[Snapshot::Absent(1)], 0)
        .unwrap_err();
    assert!(error.is_write_failure(), "{error:?}");
}

#[test]
fn results_overwritten_in_place_stop_the_run() {
    let place = RunFolder::new();
    let (mut journal, mut results) = place.begin();
    results.write(&[succeeded(1)], messages::failure).unwrap();
    let text = std::fs::read_to_string(place.results()).unwrap();
    // Equal text with longer line ends.
    std::fs::write(place.results(), text.replace('\n', "\r\n")).unwrap();
    let error = journal.sync().unwrap_err();
    assert!(
        messages::journal(&error).contains("another program replaced, moved or cut it"),
        "{error:?}"
    );
}

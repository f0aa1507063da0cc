//! A disk that does not keep what it is given.
#![cfg(unix)]

use std::fs::OpenOptions;

use super::{Place, succeeded};
use crate::{
    journal::{
        companion::{Companion, Mark},
        counters::{Counting, Due},
        file::ResultsFile,
        notes::Noted,
        running::{Journal, Known},
        sync::{Synced, Syncer},
    },
    messages,
    stop::{Stop, StopReason},
};

#[test]
fn a_sync_that_fails_stops_the_run_and_is_not_claimed() {
    let place = Place::recorded(&[succeeded(1)]);
    let companion = OpenOptions::new().append(true).open(place.companion());
    // It takes everything and keeps nothing, which fsync says.
    let null = OpenOptions::new().append(true).open("/dev/null").unwrap();
    let mut results = ResultsFile::after(Mark::default(), null.try_clone().unwrap(), &[]);
    std::io::Write::write_all(&mut results, b"a line\n").unwrap();
    let synced = Synced {
        results: null,
        path: place.results(),
        companion: Companion::new(companion.unwrap(), place.companion()),
        written: results.written(),
        mark: Mark::default(),
        tail: Vec::new(),
        counting: Counting::default(),
        counters_due: Due::begin(),
    };
    let before = std::fs::read(place.companion()).unwrap();
    let stop = Stop::default();
    let error = Syncer::start(synced, stop.clone()).unwrap().finish();
    assert!(error.unwrap_err().is_write());
    assert!(matches!(stop.reason(), Some(StopReason::Output(_))));
    assert_eq!(std::fs::read(place.companion()).unwrap(), before);
}

#[test]
fn a_line_that_a_full_disk_cut_is_taken_back() {
    let place = Place::recorded(&[succeeded(1)]);
    let before = std::fs::read(place.companion()).unwrap();
    let file = OpenOptions::new().append(true).open(place.companion());
    let companion = Companion::new(file.unwrap(), place.companion());
    let full = companion.all_or_none(|mut file| {
        std::io::Write::write_all(&mut file, b"{\"absent\":[[1,")?;
        Err(std::io::ErrorKind::StorageFull.into())
    });
    assert!(full.is_err());
    assert_eq!(std::fs::read(place.companion()).unwrap(), before);
}

#[test]
fn a_note_that_the_disk_does_not_keep_lets_no_row_be_sent() {
    let place = Place::recorded(&[succeeded(1)]);
    let null = || OpenOptions::new().append(true).open("/dev/null").unwrap();
    let companion = Companion::new(null(), place.companion());
    let results = ResultsFile::after(Mark::default(), null(), &[]);
    let (known, stop) = (Known::default(), Stop::default());
    let started = Journal::start(companion, place.results(), &results, known, &stop);
    let mut journal = started.unwrap();
    let error = journal.note(&[Noted::Absent(1)], 0).unwrap_err();
    assert!(error.is_write(), "{error:?}");
}

#[test]
fn results_that_are_written_over_in_place_while_the_run_writes_stop_it() {
    let place = Place::new();
    let (mut journal, mut results) = place.begin();
    results.write(&[succeeded(1)], messages::failure).unwrap();
    let text = std::fs::read_to_string(place.results()).unwrap();
    // The same file, and longer.
    std::fs::write(place.results(), text.replace('\n', "\r\n")).unwrap();
    let error = journal.sync().unwrap_err();
    assert!(
        messages::journal(&error).contains("by another program"),
        "{error:?}"
    );
}

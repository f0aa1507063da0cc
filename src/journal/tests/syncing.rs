//! A disk that does not keep what it is given.
#![cfg(unix)]

use std::fs::OpenOptions;

use super::{Place, succeeded};
use crate::{
    journal::{
        companion::{Companion, Mark},
        file::ResultsFile,
        sync::{Synced, Syncer},
    },
    stop::{Stop, StopReason},
};

#[test]
fn a_sync_that_fails_stops_the_run_and_is_not_claimed() {
    let place = Place::recorded(&[succeeded(1)]);
    let companion = OpenOptions::new().append(true).open(place.companion());
    // It takes everything and keeps nothing, which fsync says.
    let null = OpenOptions::new().append(true).open("/dev/null").unwrap();
    let mut results = ResultsFile::after(Mark::default(), null.try_clone().unwrap());
    std::io::Write::write_all(&mut results, b"a line\n").unwrap();
    let synced = Synced {
        results: null,
        path: place.results(),
        companion: Companion {
            file: companion.unwrap(),
            path: place.companion(),
        },
        written: results.written(),
        mark: Mark::default(),
    };
    let before = std::fs::read(place.companion()).unwrap();
    let stop = Stop::default();
    let error = Syncer::start(synced, stop.clone()).unwrap().finish();
    assert!(error.unwrap_err().is_write());
    assert!(matches!(stop.reason(), Some(StopReason::Output(_))));
    assert_eq!(std::fs::read(place.companion()).unwrap(), before);
}

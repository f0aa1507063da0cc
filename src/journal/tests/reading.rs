//! A run that is only read.

use std::fs;

use super::{RunFolder, append, error_text, lock, succeeded};
use crate::journal::{JournalError, open_recorded_run};

#[test]
fn a_run_is_read_without_changing_its_files() {
    let place = RunFolder::killed(&[succeeded(1)]);
    append(&place.results(), b"2,7,x,2,3,succ");
    append(&place.run_log(), b"{\"synced\":");
    let files = || [place.results(), place.run_log()].map(|path| fs::read(path).unwrap());
    let before = files();
    let (locked, past) = open_recorded_run(&place.results(), |_| {}).unwrap();
    assert_eq!(past.rows().recorded.iter().collect::<Vec<_>>(), [1]);
    drop((locked, past));
    assert_eq!(files(), before);
}

#[test]
fn write_protected_files_can_be_read() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    for path in [place.results(), place.run_log()] {
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
    }
    let (_locked, past) = open_recorded_run(&place.results(), |_| {}).unwrap();
    assert_eq!(past.last_recorded_row(), 1);
}

#[test]
fn a_running_run_cannot_be_read() {
    let place = RunFolder::new();
    let _running = place.begin();
    let error = open_recorded_run(&place.results(), |_| {}).unwrap_err();
    assert!(matches!(error, JournalError::InUse(_)), "{error:?}");
}

#[test]
fn a_run_cannot_be_resumed_while_it_is_read() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    let _looking = open_recorded_run(&place.results(), |_| {}).unwrap();
    let error = lock(&place.results(), |_| {}).unwrap_err();
    assert!(matches!(error, JournalError::InUse(_)), "{error:?}");
}

#[test]
fn results_without_a_run_log_are_refused_with_a_remedy() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    fs::remove_file(place.run_log()).unwrap();
    let error = error_text(open_recorded_run(&place.results(), |_| {}));
    assert!(
        error
            .contains("links.results.csv.run is missing or incomplete; keep it in the same folder")
            && error.contains("the .results.csv file of an import?"),
        "{error:?}"
    );
    assert!(!place.run_log().exists(), "and none is left there");
}

#[test]
fn missing_results_are_named_and_nothing_is_created() {
    let place = RunFolder::new();
    let error = open_recorded_run(&place.results(), |_| {}).unwrap_err();
    assert!(matches!(error, JournalError::NoResults(_)), "{error:?}");
    assert!(!place.run_log().exists());
}

//! A run that is only looked at.

use std::fs;

use super::{Place, append, lock, said, succeeded};
use crate::journal::{JournalError, open_past};

#[test]
fn a_run_is_read_and_nothing_of_it_is_touched() {
    let place = Place::killed(&[succeeded(1)]);
    append(&place.results(), b"2,7,x,2,3,succ");
    append(&place.companion(), b"{\"synced\":");
    let files = || [place.results(), place.companion()].map(|path| fs::read(path).unwrap());
    let before = files();
    let (locked, past) = open_past(&place.results(), |_| {}).unwrap();
    assert_eq!(past.rows().settled.iter().collect::<Vec<_>>(), [1]);
    drop((locked, past));
    assert_eq!(files(), before);
}

#[test]
fn files_that_are_protected_can_be_looked_at() {
    let place = Place::recorded(&[succeeded(1)]);
    for path in [place.results(), place.companion()] {
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
    }
    let (_locked, past) = open_past(&place.results(), |_| {}).unwrap();
    assert_eq!(past.highest(), 1);
}

#[test]
fn a_run_that_goes_on_is_not_looked_at_meanwhile() {
    let place = Place::new();
    let _running = place.begin();
    let error = open_past(&place.results(), |_| {}).unwrap_err();
    assert!(matches!(error, JournalError::InUse(_)), "{error:?}");
}

#[test]
fn no_run_goes_on_while_it_is_looked_at() {
    let place = Place::recorded(&[succeeded(1)]);
    let _looking = open_past(&place.results(), |_| {}).unwrap();
    let error = lock(&place.results(), |_| {}).unwrap_err();
    assert!(matches!(error, JournalError::InUse(_)), "{error:?}");
}

#[test]
fn results_without_their_companion_are_refused_with_the_cure() {
    let place = Place::recorded(&[succeeded(1)]);
    fs::remove_file(place.companion()).unwrap();
    let error = said(open_past(&place.results(), |_| {}));
    assert!(
        error.contains("links.results.csv.run beside it")
            && error.contains("give the results file"),
        "{error:?}"
    );
    assert!(!place.companion().exists(), "and none is left there");
}

#[test]
fn results_that_are_not_there_are_named_and_nothing_is_made() {
    let place = Place::new();
    let error = open_past(&place.results(), |_| {}).unwrap_err();
    assert!(matches!(error, JournalError::NoResults(_)), "{error:?}");
    assert!(!place.companion().exists());
}

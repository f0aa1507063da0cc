//! Run logs that are torn, damaged, foreign, newer or locked.

use std::fs;

use super::{RunFolder, append, error_text, lock, run_info, succeeded};
use crate::{
    journal::{JournalError, ResumeOptions},
    stop::StopSwitch,
};

#[test]
fn the_run_log_exists_before_the_results_and_only_its_owner_can_read_it() {
    let place = RunFolder::new();
    let locked = lock(&place.results(), |_| {}).unwrap();
    fs::create_dir(place.results()).unwrap();
    let error = locked
        .begin(&run_info(), &StopSwitch::default())
        .unwrap_err();
    assert!(matches!(error, JournalError::Exists(_)), "{error:?}");
    fs::remove_dir(place.results()).unwrap();
    let _files = place.begin();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(place.run_log()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_second_run_is_refused_until_the_first_has_ended() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    let first = lock(&place.results(), |_| {}).unwrap();
    assert!(matches!(
        lock(&place.results(), |_| {}),
        Err(JournalError::InUse(_))
    ));
    drop(first);
    assert_eq!(place.rows(), [1]);
}

#[cfg(unix)]
#[test]
fn results_are_also_locked_under_a_second_name() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    let other = RunFolder::new();
    fs::hard_link(place.results(), other.results()).unwrap();
    fs::copy(place.run_log(), other.run_log()).unwrap();
    let first = lock(&place.results(), |_| {}).unwrap();
    let past = first.recorded_run().unwrap().unwrap();
    let running = first
        .resume(&past, ResumeOptions::default(), &StopSwitch::default())
        .unwrap();
    let past = other.open().unwrap().unwrap();
    let second = lock(&other.results(), |_| {}).unwrap();
    let error = second
        .resume(&past, ResumeOptions::default(), &StopSwitch::default())
        .unwrap_err();
    assert!(matches!(error, JournalError::InUse(_)), "{error:?}");
    drop(running);
}

#[test]
fn an_unused_lock_leaves_no_file() {
    let place = RunFolder::new();
    drop(lock(&place.results(), |_| {}).unwrap());
    assert!(!place.run_log().exists());
}

#[test]
fn a_torn_last_line_is_not_damage() {
    for torn in [
        &b"{\"synced\":{\"len"[..],
        b"\0\0\0\0",
        b"{\"ended\":{}}\n",
        b"{\"handed_out\":9",
    ] {
        let place = RunFolder::recorded(&[succeeded(1), succeeded(2)]);
        append(&place.run_log(), torn);
        assert_eq!(place.rows(), [1, 2], "{torn:?}");
    }
}

#[test]
fn new_entries_are_written_after_the_last_whole_line() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    append(&place.run_log(), b"{\"synced\":{\"le");
    let locked = lock(&place.results(), |_| {}).unwrap();
    let past = locked.recorded_run().unwrap().unwrap();
    drop(
        locked
            .resume(&past, ResumeOptions::default(), &StopSwitch::default())
            .unwrap(),
    );
    let text = fs::read_to_string(place.run_log()).unwrap();
    for line in text.lines() {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).is_ok(),
            "{line}"
        );
    }
    assert_eq!(place.rows(), [1]);
}

#[test]
fn damage_before_the_last_line_is_refused_with_its_line_number() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    append(&place.run_log(), b"{\"synced\":\n{\"handed_out\":5}\n");
    let error = error_text(place.open());
    assert!(
        error.contains(
            "is damaged on line 3; restore a copy, or start again with another file (-o)"
        ),
        "{error:?}"
    );
}

#[test]
fn a_run_log_without_a_first_line_is_a_fresh_start() {
    for begun in [&b""[..], b"{\"begun\":{\"form", b"\0\0\0", b"{\"be\0\0"] {
        let place = RunFolder::new();
        fs::write(place.run_log(), begun).unwrap();
        assert!(place.open().unwrap().is_none(), "{begun:?}");
    }
}

#[test]
fn a_file_that_is_not_a_run_log_is_never_overwritten() {
    let place = RunFolder::new();
    fs::write(place.run_log(), "my,own,file\n1,2,3\n").unwrap();
    let locked = lock(&place.results(), |_| {}).unwrap();
    let error = locked
        .begin(&run_info(), &StopSwitch::default())
        .unwrap_err();
    assert!(matches!(error, JournalError::NotARunLog(_)), "{error:?}");
    assert!(
        fs::read_to_string(place.run_log())
            .unwrap()
            .starts_with("my,own")
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_the_run_log_is_refused() {
    let place = RunFolder::new();
    let made = std::process::Command::new("mkfifo")
        .arg(place.run_log())
        .status();
    assert!(made.unwrap().success());
    assert!(matches!(
        lock(&place.results(), |_| {}),
        Err(JournalError::NotAFile(_))
    ));
}

#[cfg(unix)]
#[test]
fn a_run_log_behind_a_symbolic_link_is_refused() {
    let place = RunFolder::new();
    let other = place.results().with_file_name("other");
    fs::write(&other, "").unwrap();
    std::os::unix::fs::symlink(&other, place.run_log()).unwrap();
    assert!(matches!(
        lock(&place.results(), |_| {}),
        Err(JournalError::NotAFile(_))
    ));
    assert_eq!(fs::read(&other).unwrap(), b"");
}

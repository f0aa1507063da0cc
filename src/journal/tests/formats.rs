//! The version of the format. Older programs refuse what is written now, older files are read
//! and continued, and newer ones are refused.

use std::fs;

use jiff::Timestamp;

use super::{RunFolder, error_text, lock, run_info, succeeded};
use crate::{
    journal::{ResultsFormat, ResumeOptions, RunInfo, SubjectRun},
    messages,
    results_column::ResultsColumn,
    stop::StopSwitch,
};

fn subject() -> SubjectRun {
    SubjectRun {
        command: "undo".to_owned(),
        results: "links.results.csv".into(),
        at: Timestamp::UNIX_EPOCH,
        account: Some(7),
    }
}

fn written(info: &RunInfo) -> RunInfo {
    let place = RunFolder::new();
    let locked = lock(&place.results(), |_| {}).unwrap();
    drop(locked.begin(info, &StopSwitch::default()).unwrap());
    place.open().unwrap().unwrap().info().clone()
}

#[test]
fn every_run_has_the_format_that_lists_the_columns_of_the_results() {
    let place = RunFolder::new();
    drop(place.begin());
    let text = fs::read_to_string(place.run_log()).unwrap();
    assert!(text.starts_with("{\"begun\":{\"format\":3,"), "{text}");
    let names = ResultsColumn::ALL.iter().map(|column| column.name());
    let names = serde_json::to_string(&names.collect::<Vec<_>>()).unwrap();
    let listed = format!("\"result_columns\":{names}");
    assert!(text.contains(&listed), "{text}");
}

#[test]
fn the_first_line_is_a_flat_list_in_this_order() {
    let undo = RunInfo {
        subject: Some(subject()),
        reads_before_write: true,
        ..run_info()
    };
    let input = "{\"name\":\"links.csv\",\"size\":null,\"sha256_of_first_64_kib\":null}";
    let names = serde_json::to_string(&undo.results_format.result_columns).unwrap();
    let expected = format!(
        "{{\"format\":3,\"version\":\"0\",\"at\":\"1970-01-01T00:00:00Z\",\"input\":{input},\
         \"api\":\"v1\",\"target\":\"sandbox\",\"columns\":[\"from\",\"to\",\"note\"],\
         \"result_columns\":{names},\"key_columns\":[0,1],\"delimiter\":\",\",\"bom\":false,\
         \"options\":{{}},\"looked\":true,\"of\":{{\"command\":\"undo\",\
         \"results\":\"links.results.csv\",\"at\":\"1970-01-01T00:00:00Z\",\"account\":7}}}}"
    );
    let line = serde_json::to_string(&undo).unwrap();
    assert_eq!(line, expected);
    assert_eq!(serde_json::from_str::<RunInfo>(&line).unwrap(), undo);
}

/// The columns that an older program writes.
fn of_format(format: u32) -> RunInfo {
    RunInfo {
        format,
        results_format: ResultsFormat {
            result_columns: Vec::new(),
            ..run_info().results_format
        },
        reads_before_write: format == 2,
        ..run_info()
    }
}

#[test]
fn a_run_in_an_older_format_is_resumed_with_its_own_columns() {
    for format in [1, 2] {
        let place = RunFolder::recorded_with(&of_format(format), &[succeeded(1), succeeded(2)]);
        assert_eq!(place.rows(), [1, 2], "format {format}");
        let locked = lock(&place.results(), |_| {}).unwrap();
        let past = locked.recorded_run().unwrap().unwrap();
        let gone_on = locked.resume(&past, ResumeOptions::default(), &StopSwitch::default());
        let (journal, mut results) = gone_on.unwrap();
        results.write(&[succeeded(3)], messages::failure).unwrap();
        drop((journal, results));
        assert_eq!(place.rows(), [1, 2, 3], "format {format}");
        let text = fs::read_to_string(place.results()).unwrap();
        let widths: Vec<_> = text.lines().map(|line| line.split(',').count()).collect();
        assert_eq!(widths, [3 + 9; 4], "{text}");
        assert!(!text.contains("assoc_from_id"), "{text}");
    }
}

#[test]
fn an_unknown_column_is_refused_by_name() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    let text = fs::read_to_string(place.run_log()).unwrap();
    let newer = text.replace("\"assoc_to_id\"", "\"assoc_to_id\",\"assoc_from_key\"");
    fs::write(place.run_log(), newer).unwrap();
    let error = error_text(place.open());
    assert!(error.contains("newer version"), "{error:?}");
    assert!(error.contains("assoc_from_key"), "{error:?}");
}

#[test]
fn the_subject_of_a_run_is_read_back() {
    let undo = RunInfo {
        subject: Some(subject()),
        ..run_info()
    };
    assert_eq!(written(&undo).subject, Some(subject()));
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    let text = fs::read_to_string(place.run_log()).unwrap();
    let newer = text.replace("\"format\":3", "\"format\":4,\"more\":{}");
    fs::write(place.run_log(), newer).unwrap();
    let error = error_text(place.open());
    assert!(error.contains("newer version"), "{error:?}");
}

/// Fields that a newer version adds to known entries are ignored.
#[test]
fn unknown_fields_are_ignored() {
    let place = RunFolder::recorded(&[succeeded(1)]);
    let text = fs::read_to_string(place.run_log()).unwrap();
    let more = text.replace("{\"synced\":{", "{\"synced\":{\"more\":{\"at\":1},");
    assert_ne!(more, text);
    let at = Timestamp::UNIX_EPOCH;
    let ended = format!(
        "{{\"ended\":{{\"more\":{{\"at\":1}},\"at\":\"{at}\",\"exit_code\":0,\"failures\":null}}}}\n"
    );
    fs::write(place.run_log(), more + &ended).unwrap();
    assert_eq!(place.rows(), [1]);
    let past = place.open().unwrap().unwrap();
    assert_eq!(past.last_end().map(|ended| ended.exit_code), Some(0));
}

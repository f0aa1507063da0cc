//! The version of the format: what is written is refused by older programs, what
//! these have written is read and continued, and what is newer is refused by name.

use std::fs;

use jiff::Timestamp;

use super::{Place, begun, lock, said, succeeded};
use crate::{
    column::Column,
    journal::{Begun, ResultsForm, RunOf, Session},
    messages,
    stop::Stop,
};

fn of() -> RunOf {
    RunOf {
        command: "undo".to_owned(),
        results: "links.results.csv".into(),
        at: Timestamp::UNIX_EPOCH,
        account: Some(7),
    }
}

fn written(begun: &Begun) -> Begun {
    let place = Place::new();
    let locked = lock(&place.results(), |_| {}).unwrap();
    drop(locked.begin(begun, &Stop::default()).unwrap());
    place.past().unwrap().unwrap().begun().clone()
}

#[test]
fn every_run_has_the_format_that_lists_the_columns_of_the_results() {
    let place = Place::new();
    drop(place.begin());
    let text = fs::read_to_string(place.companion()).unwrap();
    assert!(text.starts_with("{\"begun\":{\"format\":3,"), "{text}");
    let names = Column::ALL.iter().map(|column| column.name());
    let names = serde_json::to_string(&names.collect::<Vec<_>>()).unwrap();
    let listed = format!("\"result_columns\":{names}");
    assert!(text.contains(&listed), "{text}");
}

#[test]
fn the_first_line_is_a_flat_list_in_this_order() {
    let undo = Begun {
        of: Some(of()),
        looked: true,
        ..begun()
    };
    let input = "{\"name\":\"links.csv\",\"size\":null,\"sha256_of_first_64_kib\":null}";
    let names = serde_json::to_string(&undo.form.result_columns).unwrap();
    let expected = format!(
        "{{\"format\":3,\"version\":\"0\",\"at\":\"1970-01-01T00:00:00Z\",\"input\":{input},\
         \"api\":\"v1\",\"target\":\"sandbox\",\"columns\":[\"from\",\"to\",\"note\"],\
         \"result_columns\":{names},\"key_columns\":[0,1],\"delimiter\":\",\",\"bom\":false,\
         \"options\":{{}},\"looked\":true,\"of\":{{\"command\":\"undo\",\
         \"results\":\"links.results.csv\",\"at\":\"1970-01-01T00:00:00Z\",\"account\":7}}}}"
    );
    let line = serde_json::to_string(&undo).unwrap();
    assert_eq!(line, expected);
    assert_eq!(serde_json::from_str::<Begun>(&line).unwrap(), undo);
}

/// The columns of ours that an older program writes.
fn of_format(format: u32) -> Begun {
    Begun {
        format,
        form: ResultsForm {
            result_columns: Vec::new(),
            ..begun().form
        },
        looked: format == 2,
        ..begun()
    }
}

#[test]
fn a_run_of_an_earlier_format_is_read_and_continued_with_its_own_columns() {
    for format in [1, 2] {
        let place = Place::recorded_as(&of_format(format), &[succeeded(1), succeeded(2)]);
        assert_eq!(place.rows(), [1, 2], "format {format}");
        let locked = lock(&place.results(), |_| {}).unwrap();
        let past = locked.past().unwrap().unwrap();
        let gone_on = locked.go_on(&past, Session::default(), &Stop::default());
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
fn a_column_that_is_not_known_is_refused_by_name() {
    let place = Place::recorded(&[succeeded(1)]);
    let text = fs::read_to_string(place.companion()).unwrap();
    let newer = text.replace("\"assoc_to_id\"", "\"assoc_to_id\",\"assoc_from_key\"");
    fs::write(place.companion(), newer).unwrap();
    let error = said(place.past());
    assert!(error.contains("newer version"), "{error:?}");
    assert!(error.contains("assoc_from_key"), "{error:?}");
}

#[test]
fn what_a_run_is_about_is_read_back() {
    let undo = Begun {
        of: Some(of()),
        ..begun()
    };
    assert_eq!(written(&undo).of, Some(of()));
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let place = Place::recorded(&[succeeded(1)]);
    let text = fs::read_to_string(place.companion()).unwrap();
    let newer = text.replace("\"format\":3", "\"format\":4,\"more\":{}");
    fs::write(place.companion(), newer).unwrap();
    let error = said(place.past());
    assert!(error.contains("newer version"), "{error:?}");
}

/// What a newer version adds beside what lines say is no reason to refuse them.
#[test]
fn what_lines_say_more_is_left_alone() {
    let place = Place::recorded(&[succeeded(1)]);
    let text = fs::read_to_string(place.companion()).unwrap();
    let more = text.replace("{\"synced\":{", "{\"synced\":{\"more\":{\"at\":1},");
    assert_ne!(more, text);
    let at = Timestamp::UNIX_EPOCH;
    let ended = format!(
        "{{\"ended\":{{\"more\":{{\"at\":1}},\"at\":\"{at}\",\"exit_code\":0,\"failures\":null}}}}\n"
    );
    fs::write(place.companion(), more + &ended).unwrap();
    assert_eq!(place.rows(), [1]);
    let past = place.past().unwrap().unwrap();
    assert_eq!(past.ended().map(|ended| ended.exit_code), Some(0));
}

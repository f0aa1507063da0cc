//! The version of the format: as low as the run can do with, so that older
//! programs refuse what they would misread, and nothing else.

use std::fs;

use jiff::Timestamp;

use super::{Place, begun, lock, succeeded};
use crate::{
    journal::{Begun, RunOf},
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
    let locked = lock(&place.results()).unwrap();
    drop(locked.begin(begun, &Stop::default()).unwrap());
    place.past().unwrap().unwrap().begun().clone()
}

#[test]
fn a_plain_run_has_the_format_that_every_version_knows_and_nothing_new_in_it() {
    let place = Place::new();
    drop(place.begin());
    let text = fs::read_to_string(place.companion()).unwrap();
    assert!(text.starts_with("{\"begun\":{\"format\":1,"), "{text}");
    assert!(
        !text.contains("looked") && !text.contains("\"of\""),
        "{text}"
    );
}

#[test]
fn runs_that_older_programs_would_misread_have_another_format() {
    let looked = Begun {
        looked: true,
        ..begun()
    };
    let undo = Begun {
        of: Some(of()),
        ..begun()
    };
    assert_eq!([looked, undo].map(|begun| written(&begun).format), [2, 2]);
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
    let newer = text.replace("\"format\":1", "\"format\":3,\"more\":{}");
    fs::write(place.companion(), newer).unwrap();
    let error = place.past().unwrap_err().to_string();
    assert!(error.contains("newer version"), "{error}");
}

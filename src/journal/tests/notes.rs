//! What stood before a run wrote, as its companion keeps it.

use std::fs;

use super::{Place, append, lock};
use crate::{
    journal::{Displaced, Noted, Notes, Session, Stood, open_past},
    stop::Stop,
};

/// A row where nothing stood that matters.
fn stood(row: u64) -> Stood {
    Stood {
        row,
        from: 10 + row,
        to: 20,
        types: Vec::new(),
        had_it: false,
        displaces: None,
    }
}

fn typed(types: &[&str]) -> Vec<String> {
    types.iter().copied().map(str::to_owned).collect()
}

fn displaced(company: u64) -> Displaced {
    Displaced {
        record: 11,
        company,
        types: typed(&["HUBSPOT_DEFINED=1", "USER_DEFINED=37"]),
    }
}

/// A run that noted this, call by call, and was killed.
fn noted(calls: &[&[Noted]]) -> Place {
    let place = Place::new();
    let (mut journal, _results) = place.begin();
    for notes in calls {
        journal.note(notes, 0).unwrap();
    }
    place
}

fn absent<const N: usize>(rows: [u64; N]) -> [Noted; N] {
    rows.map(Noted::Absent)
}

/// The lines of the companion that begin like this.
fn lines(place: &Place, begin: &str) -> Vec<String> {
    let text = fs::read_to_string(place.companion()).unwrap();
    let lines = text.lines().filter(|line| line.starts_with(begin));
    lines.map(str::to_owned).collect()
}

fn rows_noted(place: &Place) -> Vec<u64> {
    let past = place.past().unwrap().unwrap();
    past.noted().iter().collect()
}

fn read_back(place: &Place) -> Vec<Stood> {
    let (locked, past) = open_past(&place.results(), |_| {}).unwrap();
    let stood = locked.stood_before(&past).unwrap();
    stood.map(Result::unwrap).collect()
}

fn notes(place: &Place) -> Notes {
    let (locked, past) = open_past(&place.results(), |_| {}).unwrap();
    locked.notes(&past).unwrap()
}

#[test]
fn rows_where_nothing_stood_cost_a_range_in_whatever_order_they_come() {
    let place = noted(&[&absent([3, 1, 7, 2, 9, 8])]);
    assert_eq!(
        lines(&place, "{\"absent\""),
        [r#"{"absent":[[1,3],[7,9]]}"#]
    );
    assert_eq!(rows_noted(&place), [1, 2, 3, 7, 8, 9]);
}

#[test]
fn what_stood_is_read_back_as_it_was_noted() {
    let rows = [
        Stood {
            types: typed(&["HUBSPOT_DEFINED=1"]),
            had_it: true,
            ..stood(2)
        },
        Stood {
            types: typed(&["OF_THE_FUTURE=5"]),
            ..stood(1)
        },
        Stood {
            displaces: Some(displaced(30)),
            ..stood(3)
        },
    ];
    let place = noted(&[&rows.clone().map(Noted::Stood)]);
    assert_eq!(read_back(&place), rows);
    assert_eq!(rows_noted(&place), [1, 2, 3]);
}

#[test]
fn nothing_to_note_writes_nothing() {
    let place = noted(&[&[]]);
    assert_eq!(
        lines(&place, "").len(),
        1,
        "what was begun, and nothing else"
    );
}

#[test]
fn many_rows_are_kept_in_lines_that_stay_short() {
    let rows: Vec<_> = (1..=1_000).map(|row| Noted::Stood(stood(row))).collect();
    let place = noted(&[&rows]);
    assert_eq!(lines(&place, "{\"before\"").len(), 4);
    assert_eq!(read_back(&place).len(), 1_000);
}

#[test]
fn of_a_row_the_first_note_counts() {
    let had = |row| {
        Noted::Stood(Stood {
            had_it: true,
            ..stood(row)
        })
    };
    let place = noted(&[
        &absent([1]),
        &[Noted::Stood(stood(2))],
        &[had(1), had(2), had(3)],
    ]);
    let rows: Vec<_> = read_back(&place)
        .iter()
        .map(|row| (row.row, row.had_it))
        .collect();
    assert_eq!(rows, [(2, false), (3, true)]);
}

#[test]
fn what_stood_is_told_together() {
    let place = noted(&[&[
        Noted::Stood(Stood {
            types: typed(&["HUBSPOT_DEFINED=279"]),
            displaces: Some(displaced(31)),
            ..stood(3)
        }),
        Noted::Stood(Stood {
            types: typed(&["HUBSPOT_DEFINED=1"]),
            had_it: true,
            ..stood(2)
        }),
        Noted::Stood(Stood {
            displaces: Some(displaced(30)),
            ..stood(1)
        }),
    ]]);
    let notes = notes(&place);
    assert_eq!(notes.had_it.iter().collect::<Vec<_>>(), [2]);
    assert_eq!(notes.had_pair.iter().collect::<Vec<_>>(), [3]);
    assert_eq!(notes.displaced, [(3, displaced(31)), (1, displaced(30))]);
}

#[test]
fn a_kill_takes_no_note_but_the_one_that_was_being_written() {
    let place = noted(&[&[Noted::Absent(1), Noted::Stood(stood(2))]]);
    let whole = fs::read(place.companion()).unwrap();
    let torn = b"{\"before\":[{\"r\":3,\"f\":1,\"t\":2,\"types\":[]}]}";
    for length in 0..=torn.len() {
        fs::write(place.companion(), &whole).unwrap();
        append(&place.companion(), &torn[..length]);
        assert_eq!(rows_noted(&place), [1, 2]);
        assert_eq!(read_back(&place), [stood(2)], "{length} bytes");
    }
}

#[test]
fn a_run_that_goes_on_keeps_its_notes() {
    let place = noted(&[&absent([1])]);
    append(&place.companion(), b"{\"absent\":[[2,");
    let locked = lock(&place.results(), |_| {}).unwrap();
    let past = locked.past().unwrap().unwrap();
    let session = Session::default();
    let (mut journal, results) = locked.go_on(&past, session, &Stop::default()).unwrap();
    journal.note(&absent([5]), 0).unwrap();
    drop((journal, results));
    assert_eq!(rows_noted(&place), [1, 5]);
}

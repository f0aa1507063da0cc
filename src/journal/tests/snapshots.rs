//! Snapshots, as the run log keeps them.

use std::fs;

use super::{RunFolder, append, lock};
use crate::{
    journal::{
        DisplacedLink, ResumeOptions, RowSnapshot, Snapshot, SnapshotSummary, open_recorded_run,
    },
    stop::StopSwitch,
};

/// A snapshot of a row whose details do not matter.
fn row_snapshot(row: u64) -> RowSnapshot {
    RowSnapshot {
        row,
        from: 10 + row,
        to: 20,
        types: Vec::new(),
        had_own_link: false,
        displaces: None,
    }
}

fn to_strings(types: &[&str]) -> Vec<String> {
    types.iter().copied().map(str::to_owned).collect()
}

fn displaced(company: u64) -> DisplacedLink {
    DisplacedLink {
        record: 11,
        company,
        types: to_strings(&["HUBSPOT_DEFINED=1", "USER_DEFINED=37"]),
    }
}

/// A run that wrote these snapshots, call by call, and was killed.
fn run_with_snapshots(calls: &[&[Snapshot]]) -> RunFolder {
    let place = RunFolder::new();
    let (mut journal, _results) = place.begin();
    for snapshots in calls {
        journal.write_snapshots(snapshots, 0).unwrap();
    }
    place
}

fn absent<const N: usize>(rows: [u64; N]) -> [Snapshot; N] {
    rows.map(Snapshot::Absent)
}

/// The lines of the run log with this beginning.
fn lines(place: &RunFolder, begin: &str) -> Vec<String> {
    let text = fs::read_to_string(place.run_log()).unwrap();
    let lines = text.lines().filter(|line| line.starts_with(begin));
    lines.map(str::to_owned).collect()
}

fn snapshot_rows(place: &RunFolder) -> Vec<u64> {
    let past = place.open().unwrap().unwrap();
    past.snapshot_rows().iter().collect()
}

fn read_back(place: &RunFolder) -> Vec<RowSnapshot> {
    let (locked, past) = open_recorded_run(&place.results(), |_| {}).unwrap();
    let snapshots = locked.read_snapshots(&past).unwrap();
    snapshots.map(Result::unwrap).collect()
}

fn summary(place: &RunFolder) -> SnapshotSummary {
    let (locked, past) = open_recorded_run(&place.results(), |_| {}).unwrap();
    locked.summarize_snapshots(&past).unwrap()
}

#[test]
fn rows_without_existing_links_are_stored_as_ranges_in_any_order() {
    let place = run_with_snapshots(&[&absent([3, 1, 7, 2, 9, 8])]);
    assert_eq!(
        lines(&place, "{\"absent\""),
        [r#"{"absent":[[1,3],[7,9]]}"#]
    );
    assert_eq!(snapshot_rows(&place), [1, 2, 3, 7, 8, 9]);
}

#[test]
fn snapshots_are_read_back_as_written() {
    let rows = [
        RowSnapshot {
            types: to_strings(&["HUBSPOT_DEFINED=1"]),
            had_own_link: true,
            ..row_snapshot(2)
        },
        RowSnapshot {
            types: to_strings(&["OF_THE_FUTURE=5"]),
            ..row_snapshot(1)
        },
        RowSnapshot {
            displaces: Some(displaced(30)),
            ..row_snapshot(3)
        },
    ];
    let place = run_with_snapshots(&[&rows.clone().map(Snapshot::Existing)]);
    assert_eq!(read_back(&place), rows);
    assert_eq!(snapshot_rows(&place), [1, 2, 3]);
}

#[test]
fn no_snapshots_write_nothing() {
    let place = run_with_snapshots(&[&[]]);
    assert_eq!(
        lines(&place, "").len(),
        1,
        "what was begun, and nothing else"
    );
}

#[test]
fn many_snapshots_are_split_into_short_lines() {
    let rows: Vec<_> = (1..=1_000)
        .map(|row| Snapshot::Existing(row_snapshot(row)))
        .collect();
    let place = run_with_snapshots(&[&rows]);
    assert_eq!(lines(&place, "{\"before\"").len(), 4);
    assert_eq!(read_back(&place).len(), 1_000);
}

#[test]
fn the_first_snapshot_of_a_row_counts() {
    let had = |row| {
        Snapshot::Existing(RowSnapshot {
            had_own_link: true,
            ..row_snapshot(row)
        })
    };
    let place = run_with_snapshots(&[
        &absent([1]),
        &[Snapshot::Existing(row_snapshot(2))],
        &[had(1), had(2), had(3)],
    ]);
    let rows: Vec<_> = read_back(&place)
        .iter()
        .map(|row| (row.row, row.had_own_link))
        .collect();
    assert_eq!(rows, [(2, false), (3, true)]);
}

#[test]
fn snapshots_are_summarised() {
    let place = run_with_snapshots(&[&[
        Snapshot::Existing(RowSnapshot {
            types: to_strings(&["HUBSPOT_DEFINED=279"]),
            displaces: Some(displaced(31)),
            ..row_snapshot(3)
        }),
        Snapshot::Existing(RowSnapshot {
            types: to_strings(&["HUBSPOT_DEFINED=1"]),
            had_own_link: true,
            ..row_snapshot(2)
        }),
        Snapshot::Existing(RowSnapshot {
            displaces: Some(displaced(30)),
            ..row_snapshot(1)
        }),
    ]]);
    let summary = summary(&place);
    assert_eq!(summary.had_own_link.iter().collect::<Vec<_>>(), [2]);
    assert_eq!(summary.had_other_types.iter().collect::<Vec<_>>(), [3]);
    assert_eq!(summary.displaced, [(3, displaced(31)), (1, displaced(30))]);
}

#[test]
fn a_kill_loses_only_the_snapshot_being_written() {
    let place = run_with_snapshots(&[&[Snapshot::Absent(1), Snapshot::Existing(row_snapshot(2))]]);
    let whole = fs::read(place.run_log()).unwrap();
    let torn = b"{\"before\":[{\"r\":3,\"f\":1,\"t\":2,\"types\":[]}]}";
    for length in 0..=torn.len() {
        fs::write(place.run_log(), &whole).unwrap();
        append(&place.run_log(), &torn[..length]);
        assert_eq!(snapshot_rows(&place), [1, 2]);
        assert_eq!(read_back(&place), [row_snapshot(2)], "{length} bytes");
    }
}

#[test]
fn a_resumed_run_keeps_its_snapshots() {
    let place = run_with_snapshots(&[&absent([1])]);
    append(&place.run_log(), b"{\"absent\":[[2,");
    let locked = lock(&place.results(), |_| {}).unwrap();
    let past = locked.recorded_run().unwrap().unwrap();
    let session = ResumeOptions::default();
    let (mut journal, results) = locked
        .resume(&past, session, &StopSwitch::default())
        .unwrap();
    journal.write_snapshots(&absent([5]), 0).unwrap();
    drop((journal, results));
    assert_eq!(snapshot_rows(&place), [1, 5]);
}

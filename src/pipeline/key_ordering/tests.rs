//! Which rows wait for which, and which are deferred with others.

use super::*;
use crate::{
    association::{AdminLimit, AdminLimits, Association},
    code::Code,
    failure::ResponseFault,
    row::Failure,
    row_cells::RowCells,
    tables::{link_of_table, v2026_09},
};

fn arrived(number: u64, from: u64, to: u64, definition: u32) -> ArrivedRow {
    arrives(number, link_of_table(from, to, definition))
}

fn arrives(number: u64, link: Association) -> ArrivedRow {
    let row = Row {
        number,
        line: number + 1,
        cells: RowCells::default(),
        link: Ok(link.into()),
        origin: None,
    };
    (row, CanonicalLink::new(&link), Instant::now())
}

/// Adds a row, and says whether it may go.
fn admits(ordering: &mut KeyOrdering, row: &ArrivedRow) -> bool {
    let admission = ordering.admit(row.0.number, &row.1);
    is_admitted(ordering, row, admission)
}

/// Adds a row that comes late.
fn admits_late(ordering: &mut KeyOrdering, row: &ArrivedRow) -> bool {
    let admission = ordering.admit_late(row.0.number, &row.1, |row| row);
    is_admitted(ordering, row, admission)
}

fn is_admitted(ordering: &mut KeyOrdering, row: &ArrivedRow, admission: Admission) -> bool {
    match admission {
        Admission::Go => return true,
        Admission::Wait(behind) => ordering.add_waiting((row.0.clone(), row.1, row.2), &behind),
        Admission::LeaveForResume => {}
    }
    false
}

/// The rows that go once this one is recorded.
fn rows_after(ordering: &mut KeyOrdering, row: &ArrivedRow, failed: bool) -> Vec<u64> {
    let failure = Failure::new(Code::Rejected, ResponseFault::Quoted("x".to_owned()));
    let report = RowReport::invalid(row.0.clone(), failure);
    let next = ordering.row_recorded(&report, failed);
    next.iter().map(|(row, ..)| row.number).collect()
}

#[tokio::test]
async fn parents_of_one_child_go_one_at_a_time_in_either_direction() {
    for replaces_types in [false, true] {
        let mut ordering = KeyOrdering::new(replaces_types);
        let rows = [
            arrived(1, 11, 100, 14),
            arrived(2, 101, 11, 13),
            arrived(3, 12, 100, 14),
            arrived(4, 11, 102, 14),
        ];
        let went = rows.iter().map(|row| admits(&mut ordering, row));
        assert_eq!(went.collect::<Vec<_>>(), [true, false, true, false]);
        assert_eq!(rows_after(&mut ordering, &rows[2], false), [] as [u64; 0]);
        assert_eq!(rows_after(&mut ordering, &rows[0], false), [2]);
        assert_eq!(rows_after(&mut ordering, &rows[1], false), [4]);
        assert_eq!(rows_after(&mut ordering, &rows[3], false), [] as [u64; 0]);
        assert_eq!((ordering.waiting.len(), ordering.states.len()), (0, 0));
    }
}

#[tokio::test]
async fn a_row_with_several_keys_waits_for_all_of_them() {
    let mut ordering = KeyOrdering::new(true);
    let other_label = arrived(1, 11, 101, 450);
    let parent = arrived(2, 11, 100, 14);
    let both = arrived(3, 11, 101, 14);
    assert!(admits(&mut ordering, &other_label) && admits(&mut ordering, &parent));
    assert!(!admits(&mut ordering, &both));
    assert_eq!(rows_after(&mut ordering, &parent, false), [] as [u64; 0]);
    assert_eq!(rows_after(&mut ordering, &other_label, false), [3]);
}

#[tokio::test]
async fn rows_that_compete_under_limits_of_one_wait_for_each_other_in_both_directions() {
    let limit = |id| AdminLimit {
        association_type: v2026_09::table().definition(id).unwrap().association_type(),
        label: None,
        max_records: Some(1),
    };
    let limits = AdminLimits::new(v2026_09::table(), vec![limit(3), limit(4)], None);
    for replaces_types in [false, true] {
        let mut ordering = KeyOrdering::new(replaces_types);
        let rows = [(1, 5, 21), (2, 5, 22), (3, 6, 22), (4, 7, 23)];
        let rows = rows.map(|(number, deal, contact)| {
            let mut link = link_of_table(deal, contact, 3);
            limits.apply(&mut link.definition);
            arrives(number, link)
        });
        let went = rows.iter().map(|row| admits(&mut ordering, row));
        assert_eq!(went.collect::<Vec<_>>(), [true, false, false, true]);
        assert_eq!(
            rows_after(&mut ordering, &rows[0], false),
            [2],
            "the same deal"
        );
        assert_eq!(
            rows_after(&mut ordering, &rows[1], false),
            [3],
            "the same contact"
        );
        assert_eq!(rows_after(&mut ordering, &rows[2], false), [] as [u64; 0]);
    }
}

#[tokio::test]
async fn a_late_row_goes_where_it_belongs() {
    let mut ordering = KeyOrdering::new(true);
    let rows = [2, 4].map(|number| arrived(number, 11, 100 + number, 1));
    assert!(admits(&mut ordering, &rows[0]));
    assert!(!admits(&mut ordering, &rows[1]));
    // The second is in flight: the late ones go behind it.
    let [one, three] = [1, 3].map(|number| arrived(number, 11, 100 + number, 1));
    assert!(!admits_late(&mut ordering, &three));
    assert!(!admits_late(&mut ordering, &one));
    // It was only looked up, and lets the first one go.
    assert!(ordering.must_let_earlier_row_pass(&rows[0].0, |row| row));
    let early = (rows[0].0.clone(), rows[0].1, rows[0].2);
    let first = ordering.wait_behind_earlier(early, |row| row);
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].0.number, 1);
    assert_eq!(rows_after(&mut ordering, &one, false), [2]);
    assert_eq!(rows_after(&mut ordering, &rows[0], false), [3]);
}

#[tokio::test]
async fn the_first_row_of_a_record_is_known_while_it_waits() {
    let mut ordering = KeyOrdering::new(true);
    // The child 11 is new with the second row, and known with the third.
    let label = arrived(1, 11, 100, 450);
    let rows = [arrived(2, 11, 100, 14), arrived(3, 11, 101, 14)];
    assert!(admits(&mut ordering, &label));
    let firsts = rows.each_ref().map(|row| {
        let Admission::Wait(behind) = ordering.admit(row.0.number, &row.1) else {
            panic!("it may not go");
        };
        ordering.add_waiting((row.0.clone(), row.1, row.2), &behind);
        behind.shows_record_first
    });
    assert_eq!(firsts, [true, false]);
    assert!(rows_after(&mut ordering, &label, true).is_empty());
    let left = ordering.take_deferred();
    assert_eq!(
        left.iter().map(|row| row.number).collect::<Vec<_>>(),
        [2, 3]
    );
    assert!(ordering.take_deferred().is_empty());
}

/// Abandons a key, and returns a late row that has it together with another key.
fn defer_first_and_get_late(ordering: &mut KeyOrdering) -> ArrivedRow {
    let failed = arrived(1, 11, 100, 14);
    assert!(admits(ordering, &failed));
    assert!(rows_after(ordering, &failed, true).is_empty());
    arrived(3, 11, 101, 14)
}

#[tokio::test]
async fn a_deferred_late_row_keeps_no_other_waiting() {
    let mut ordering = KeyOrdering::new(true);
    let late = defer_first_and_get_late(&mut ordering);
    assert!(!admits_late(&mut ordering, &late));
    assert!(
        !admits(&mut ordering, &arrived(4, 11, 101, 450)),
        "it follows"
    );
    assert_eq!(ordering.waiting.len(), 0);
}

#[tokio::test]
async fn rows_behind_a_deferred_late_row_are_deferred_too() {
    let mut ordering = KeyOrdering::new(true);
    let late = defer_first_and_get_late(&mut ordering);
    let labels = [0, 2, 5].map(|number| arrived(number, 11, 101, 450));
    let went = labels.iter().map(|row| admits(&mut ordering, row));
    assert_eq!(went.collect::<Vec<_>>(), [true, false, false]);
    assert!(!admits_late(&mut ordering, &late));
    assert_eq!(rows_after(&mut ordering, &labels[0], false), [2]);
    assert_eq!(rows_after(&mut ordering, &labels[1], false), [] as [u64; 0]);
    assert_eq!(ordering.waiting.len(), 0);
}

#[tokio::test]
async fn a_row_behind_a_deferred_late_row_is_deferred_even_if_it_was_admitted() {
    let mut ordering = KeyOrdering::new(true);
    let late = defer_first_and_get_late(&mut ordering);
    let looked_at = arrived(5, 11, 101, 450);
    assert!(admits(&mut ordering, &looked_at));
    assert!(!admits_late(&mut ordering, &late));
    assert!(ordering.must_let_earlier_row_pass(&looked_at.0, |row| row));
    let next = ordering.wait_behind_earlier(looked_at, |row| row);
    assert!(next.is_empty());
    assert!(!admits(&mut ordering, &arrived(6, 11, 101, 450)));
    assert_eq!(ordering.waiting.len(), 0);
}

#[tokio::test]
async fn a_waiting_row_behind_a_deferred_late_row_is_deferred() {
    let mut ordering = KeyOrdering::new(true);
    let late = defer_first_and_get_late(&mut ordering);
    // The second row waits for the first, and is next for the pair 11–101.
    let other = arrived(4, 101, 120, 14);
    let both = arrived(5, 101, 11, 14);
    assert!(admits(&mut ordering, &other) && !admits(&mut ordering, &both));
    assert!(!admits_late(&mut ordering, &late));
    assert_eq!(rows_after(&mut ordering, &other, false), [] as [u64; 0]);
    assert!(!admits(&mut ordering, &arrived(6, 11, 101, 450)));
    assert_eq!(ordering.waiting.len(), 0);
}

#[tokio::test]
async fn rows_behind_a_deferred_row_are_deferred_whatever_else_they_wait_for() {
    let mut ordering = KeyOrdering::new(true);
    let rows = [
        arrived(1, 11, 100, 14),
        arrived(2, 11, 101, 14),
        arrived(3, 101, 11, 450),
        arrived(4, 102, 11, 450),
    ];
    assert!(admits(&mut ordering, &rows[0]));
    assert!(!admits(&mut ordering, &rows[1]) && !admits(&mut ordering, &rows[2]));
    assert_eq!(rows_after(&mut ordering, &rows[0], true), [] as [u64; 0]);
    assert_eq!(ordering.waiting.len(), 0, "the third is behind the second");
    assert!(
        !admits(&mut ordering, &rows[1]),
        "and so is all that follows"
    );
    assert!(!admits(&mut ordering, &rows[2]));
    assert!(
        admits(&mut ordering, &rows[3]),
        "another pair of another key"
    );
}

//! Which rows wait for which, and which are abandoned with others.

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
        link: Ok(link),
        as_written: None,
    };
    (row, CanonicalLink::new(&link), Instant::now())
}

/// Adds a row, and says whether it may go.
fn goes(turns: &mut KeyOrdering, row: &ArrivedRow) -> bool {
    let admission = turns.admit(row.0.number, &row.1);
    settle(turns, row, admission)
}

/// Adds a row that comes late.
fn goes_late(turns: &mut KeyOrdering, row: &ArrivedRow) -> bool {
    let admission = turns.admit_late(row.0.number, &row.1, |row| row);
    settle(turns, row, admission)
}

fn settle(turns: &mut KeyOrdering, row: &ArrivedRow, admission: Admission) -> bool {
    match admission {
        Admission::Go => return true,
        Admission::Wait(behind) => turns.add_waiting((row.0.clone(), row.1, row.2), &behind),
        Admission::Abandon => {}
    }
    false
}

/// The rows that go once this one is recorded.
fn after(turns: &mut KeyOrdering, row: &ArrivedRow, failed: bool) -> Vec<u64> {
    let failure = Failure::new(Code::Rejected, ResponseFault::Quoted("x".to_owned()));
    let report = RowReport::invalid(row.0.clone(), failure);
    let next = turns.row_recorded(&report, failed);
    next.iter().map(|(row, ..)| row.number).collect()
}

#[tokio::test]
async fn parents_of_one_child_take_turns_whichever_way_they_are_written() {
    for replaces in [false, true] {
        let mut turns = KeyOrdering::new(replaces);
        let rows = [
            arrived(1, 11, 100, 14),
            arrived(2, 101, 11, 13),
            arrived(3, 12, 100, 14),
            arrived(4, 11, 102, 14),
        ];
        let went = rows.iter().map(|row| goes(&mut turns, row));
        assert_eq!(went.collect::<Vec<_>>(), [true, false, true, false]);
        assert_eq!(after(&mut turns, &rows[2], false), [] as [u64; 0]);
        assert_eq!(after(&mut turns, &rows[0], false), [2]);
        assert_eq!(after(&mut turns, &rows[1], false), [4]);
        assert_eq!(after(&mut turns, &rows[3], false), [] as [u64; 0]);
        assert_eq!((turns.waiting.len(), turns.states.len()), (0, 0));
    }
}

#[tokio::test]
async fn a_row_with_several_keys_waits_for_all_of_them() {
    let mut turns = KeyOrdering::new(true);
    let other_label = arrived(1, 11, 101, 450);
    let parent = arrived(2, 11, 100, 14);
    let both = arrived(3, 11, 101, 14);
    assert!(goes(&mut turns, &other_label) && goes(&mut turns, &parent));
    assert!(!goes(&mut turns, &both));
    assert_eq!(after(&mut turns, &parent, false), [] as [u64; 0]);
    assert_eq!(after(&mut turns, &other_label, false), [3]);
}

#[tokio::test]
async fn rows_that_compete_under_limits_of_one_wait_for_each_other_in_both_directions() {
    let limit = |id| AdminLimit {
        association_type: v2026_09::table().definition(id).unwrap().association_type(),
        label: None,
        max_records: Some(1),
    };
    let limits = AdminLimits::new(v2026_09::table(), vec![limit(3), limit(4)], None);
    for replaces in [false, true] {
        let mut turns = KeyOrdering::new(replaces);
        let rows = [(1, 5, 21), (2, 5, 22), (3, 6, 22), (4, 7, 23)];
        let rows = rows.map(|(number, deal, contact)| {
            let mut link = link_of_table(deal, contact, 3);
            limits.apply(&mut link);
            arrives(number, link)
        });
        let went = rows.iter().map(|row| goes(&mut turns, row));
        assert_eq!(went.collect::<Vec<_>>(), [true, false, false, true]);
        assert_eq!(after(&mut turns, &rows[0], false), [2], "the same deal");
        assert_eq!(after(&mut turns, &rows[1], false), [3], "the same contact");
        assert_eq!(after(&mut turns, &rows[2], false), [] as [u64; 0]);
    }
}

#[tokio::test]
async fn a_row_that_comes_late_goes_where_it_belongs() {
    let mut turns = KeyOrdering::new(true);
    let rows = [2, 4].map(|number| arrived(number, 11, 100 + number, 1));
    assert!(goes(&mut turns, &rows[0]));
    assert!(!goes(&mut turns, &rows[1]));
    // The second is in flight: the late ones go behind it.
    let [one, three] = [1, 3].map(|number| arrived(number, 11, 100 + number, 1));
    assert!(!goes_late(&mut turns, &three));
    assert!(!goes_late(&mut turns, &one));
    // It was only looked up, and lets the first one go.
    assert!(turns.is_too_early(&rows[0].0, |row| row));
    let early = (rows[0].0.clone(), rows[0].1, rows[0].2);
    let first = turns.wait_behind_earlier(early, |row| row);
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].0.number, 1);
    assert_eq!(after(&mut turns, &one, false), [2]);
    assert_eq!(after(&mut turns, &rows[0], false), [3]);
}

#[tokio::test]
async fn the_first_row_of_a_record_that_waits_for_another_is_known() {
    let mut turns = KeyOrdering::new(true);
    // The child 11 is new with the second row, and known with the third.
    let label = arrived(1, 11, 100, 450);
    let rows = [arrived(2, 11, 100, 14), arrived(3, 11, 101, 14)];
    assert!(goes(&mut turns, &label));
    let firsts = rows.each_ref().map(|row| {
        let Admission::Wait(behind) = turns.admit(row.0.number, &row.1) else {
            panic!("it may not go");
        };
        turns.add_waiting((row.0.clone(), row.1, row.2), &behind);
        behind.is_first
    });
    assert_eq!(firsts, [true, false]);
    assert!(after(&mut turns, &label, true).is_empty());
    let left = turns.take_abandoned();
    assert_eq!(
        left.iter().map(|row| row.number).collect::<Vec<_>>(),
        [2, 3]
    );
    assert!(turns.take_abandoned().is_empty());
}

/// Abandons a key, and returns a late row that has it together with another key.
fn left_and_late(turns: &mut KeyOrdering) -> ArrivedRow {
    let failed = arrived(1, 11, 100, 14);
    assert!(goes(turns, &failed));
    assert!(after(turns, &failed, true).is_empty());
    arrived(3, 11, 101, 14)
}

#[tokio::test]
async fn a_late_row_that_is_left_keeps_nobody_waiting() {
    let mut turns = KeyOrdering::new(true);
    let late = left_and_late(&mut turns);
    assert!(!goes_late(&mut turns, &late));
    assert!(!goes(&mut turns, &arrived(4, 11, 101, 450)), "it follows");
    assert_eq!(turns.waiting.len(), 0);
}

#[tokio::test]
async fn of_those_that_wait_with_a_late_row_that_is_left_the_later_are_left_too() {
    let mut turns = KeyOrdering::new(true);
    let late = left_and_late(&mut turns);
    let labels = [0, 2, 5].map(|number| arrived(number, 11, 101, 450));
    let went = labels.iter().map(|row| goes(&mut turns, row));
    assert_eq!(went.collect::<Vec<_>>(), [true, false, false]);
    assert!(!goes_late(&mut turns, &late));
    assert_eq!(after(&mut turns, &labels[0], false), [2]);
    assert_eq!(after(&mut turns, &labels[1], false), [] as [u64; 0]);
    assert_eq!(turns.waiting.len(), 0);
}

#[tokio::test]
async fn a_row_that_a_late_one_goes_before_is_left_with_it() {
    let mut turns = KeyOrdering::new(true);
    let late = left_and_late(&mut turns);
    let looked_at = arrived(5, 11, 101, 450);
    assert!(goes(&mut turns, &looked_at));
    assert!(!goes_late(&mut turns, &late));
    assert!(turns.is_too_early(&looked_at.0, |row| row));
    let next = turns.wait_behind_earlier(looked_at, |row| row);
    assert!(next.is_empty());
    assert!(!goes(&mut turns, &arrived(6, 11, 101, 450)));
    assert_eq!(turns.waiting.len(), 0);
}

#[tokio::test]
async fn a_waiting_row_that_a_late_one_goes_before_is_left_with_it() {
    let mut turns = KeyOrdering::new(true);
    let late = left_and_late(&mut turns);
    // The second row waits for the first, and is next for the pair 11–101.
    let other = arrived(4, 101, 120, 14);
    let both = arrived(5, 101, 11, 14);
    assert!(goes(&mut turns, &other) && !goes(&mut turns, &both));
    assert!(!goes_late(&mut turns, &late));
    assert_eq!(after(&mut turns, &other, false), [] as [u64; 0]);
    assert!(!goes(&mut turns, &arrived(6, 11, 101, 450)));
    assert_eq!(turns.waiting.len(), 0);
}

#[tokio::test]
async fn those_behind_a_row_that_is_left_are_left_whatever_else_they_wait_for() {
    let mut turns = KeyOrdering::new(true);
    let rows = [
        arrived(1, 11, 100, 14),
        arrived(2, 11, 101, 14),
        arrived(3, 101, 11, 450),
        arrived(4, 102, 11, 450),
    ];
    assert!(goes(&mut turns, &rows[0]));
    assert!(!goes(&mut turns, &rows[1]) && !goes(&mut turns, &rows[2]));
    assert_eq!(after(&mut turns, &rows[0], true), [] as [u64; 0]);
    assert_eq!(turns.waiting.len(), 0, "the third is behind the second");
    assert!(!goes(&mut turns, &rows[1]), "and so is all that follows");
    assert!(!goes(&mut turns, &rows[2]));
    assert!(goes(&mut turns, &rows[3]), "another pair of another key");
}

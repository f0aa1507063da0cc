//! Which rows have to wait for another: of several that depend on what the one
//! before has left, one is under way at a time, in the order of the file.
//!
//! Knows nothing of calls, or of how a row ends.

use std::collections::{HashMap, VecDeque, hash_map::Entry};

use smallvec::SmallVec;
use tokio::time::Instant;

use crate::{
    association::{Association, PrimaryOf, Turn},
    row::{Row, RowReport},
};

/// A row with its link, and since when it is here.
pub(super) type Arrived = (Row, Association, Instant);

/// What rows have in common that depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// The last one written is the one that stays: the primary company, the parent, what
    /// administrators have limited to one.
    Primary(PrimaryOf),
    /// Each is written with what stands beside it.
    Turn(Turn),
}

/// The keys of a row: it waits for the rows before it of each of them.
type Keys = SmallVec<[Key; 2]>;

/// What became of the last row of a key.
#[derive(Debug)]
enum Ahead {
    /// The row of this number may go as far as this key goes; those of the others wait for it. One
    /// that does not wait any more was left.
    UnderWay(u64, VecDeque<u64>),
    /// Its outcome is not known, so that a later run sends it; those behind it
    /// have to follow then.
    Left,
}

/// A row that waits, and for how many of its keys.
#[derive(Debug)]
struct Waiting {
    arrived: Arrived,
    blocked: usize,
}

/// Rows that wait, and what for.
#[derive(Debug)]
pub(super) struct Turns {
    /// Whether a write replaces what else stands between its records.
    replaces: bool,
    ahead: HashMap<Key, Ahead>,
    waiting: HashMap<u64, Waiting>,
    /// Whether any row came late.
    reordered: bool,
}

impl Turns {
    pub(super) fn new(replaces: bool) -> Self {
        Self {
            replaces,
            ahead: HashMap::new(),
            waiting: HashMap::new(),
            reordered: false,
        }
    }

    /// A turn of a primary company is its record's already.
    fn keys(&self, link: &Association) -> Keys {
        let turn = link.turn().filter(|_| self.replaces);
        let is_turn_enough = turn.is_some() && link.definition.sets_primary();
        let once = link.once().into_iter().map(|(record, _)| record);
        let once = once.filter(|record| record.is_limited() || !is_turn_enough);
        let turn = turn.map(Key::Turn);
        turn.into_iter().chain(once.map(Key::Primary)).collect()
    }

    /// Whether a row with these keys has to follow one that is left, and so is left, too. Those
    /// behind it are then left in their turn.
    fn is_any_left(&self, keys: &Keys) -> bool {
        let is_left = |key| matches!(self.ahead.get(key), Some(Ahead::Left));
        keys.iter().any(is_left)
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The row again if it may go; else it waits.
    pub(super) fn take(&mut self, arrived: Arrived) -> Option<Arrived> {
        let (keys, number) = (self.keys(&arrived.1), arrived.0.number);
        let leave = self.is_any_left(&keys);
        let mut blocked = 0;
        for key in keys {
            match self.ahead.entry(key) {
                Entry::Occupied(mut ahead) => {
                    if let Ahead::UnderWay(_, queue) = ahead.get_mut() {
                        queue.push_back(number);
                        blocked += 1;
                    }
                }
                Entry::Vacant(place) if leave => {
                    place.insert(Ahead::Left);
                }
                // Most keys have one row: nothing is allocated for it.
                Entry::Vacant(place) => {
                    place.insert(Ahead::UnderWay(number, VecDeque::new()));
                }
            }
        }
        if leave {
            return None;
        }
        if blocked == 0 {
            return Some(arrived);
        }
        self.waiting.insert(number, Waiting { arrived, blocked });
        None
    }

    /// Whether a row keeps its turn when its records turn out to have other ids.
    pub(super) fn keeps_its_turn(&self, before: &Association, today: &Association) -> bool {
        self.keys(before) == self.keys(today)
    }

    /// A row that was in its turn goes elsewhere: the next ones of its keys, which may
    /// go.
    pub(super) fn release(&mut self, link: &Association) -> SmallVec<[Arrived; 1]> {
        let keys = self.keys(link).into_iter();
        keys.filter_map(|key| self.advance(key)).collect()
    }

    /// The row again if it may go. It was in another turn and comes late: it goes before
    /// those that it is before in this order, also before one whose turn it is, if that
    /// still waits for another turn.
    pub(super) fn take_in_order<K: Ord>(
        &mut self,
        arrived: Arrived,
        order: impl Fn(u64) -> K,
    ) -> Option<Arrived> {
        self.reordered = true;
        let (keys, number) = (self.keys(&arrived.1), arrived.0.number);
        let leave = self.is_any_left(&keys);
        let mut blocked = 0;
        for key in keys {
            match self.ahead.entry(key) {
                Entry::Vacant(place) if leave => {
                    place.insert(Ahead::Left);
                }
                Entry::Vacant(place) => {
                    place.insert(Ahead::UnderWay(number, VecDeque::new()));
                }
                Entry::Occupied(mut ahead) => {
                    let Ahead::UnderWay(current, queue) = ahead.get_mut() else {
                        continue;
                    };
                    let later = order(*current) > order(number);
                    let waits = self.waiting.get_mut(current).filter(|_| later);
                    if let Some(waits) = waits {
                        waits.blocked += 1;
                        queue.push_front(*current);
                        *current = number;
                        if leave {
                            self.leave(key);
                        }
                    } else {
                        let place = queue.partition_point(|other| order(*other) < order(number));
                        queue.insert(place, number);
                        blocked += 1;
                    }
                }
            }
        }
        if leave {
            return None;
        }
        if blocked == 0 {
            return Some(arrived);
        }
        self.waiting.insert(number, Waiting { arrived, blocked });
        None
    }

    /// Whether any row was taken late.
    pub(super) fn are_reordered(&self) -> bool {
        self.reordered
    }

    /// Whether a row whose turn it is comes after one that waits behind it, and that
    /// came late.
    pub(super) fn is_too_early<K: Ord>(&self, row: &Row, order: impl Fn(u64) -> K) -> bool {
        let keys = row.link.as_ref().map(|link| self.keys(link));
        keys.unwrap_or_default().iter().any(|key| {
            let Some(Ahead::UnderWay(current, queue)) = self.ahead.get(key) else {
                return false;
            };
            let first = queue.front();
            *current == row.number && first.is_some_and(|first| order(*first) < order(row.number))
        })
    }

    /// Such a row waits behind those; returns which of them may go.
    pub(super) fn wait_behind_earlier<K: Ord>(
        &mut self,
        late: Arrived,
        order: impl Fn(u64) -> K,
    ) -> SmallVec<[Arrived; 1]> {
        let (mut keys, number) = (self.keys(&late.1), late.0.number);
        keys.retain(|key| {
            let Some(Ahead::UnderWay(current, queue)) = self.ahead.get_mut(key) else {
                return false;
            };
            let is_later = |first: &u64| order(*first) > order(number);
            if *current != number || queue.front().is_none_or(is_later) {
                return false;
            }
            let place = queue.partition_point(|other| order(*other) < order(number));
            queue.insert(place, number);
            true
        });
        let waiting = Waiting {
            arrived: late,
            blocked: keys.len(),
        };
        // Before it lets the others go: where one of them is left, it is left, too.
        self.waiting.insert(number, waiting);
        keys.into_iter()
            .filter_map(|key| self.advance(key))
            .collect()
    }

    /// A row's report is written: the next ones of its keys, which may go.
    /// Where it `failed`, those behind it wait for a later run.
    pub(super) fn recorded(&mut self, report: &RowReport, failed: bool) -> SmallVec<[Arrived; 1]> {
        let keys = report.row.link.as_ref().map(|link| self.keys(link));
        let mut next = SmallVec::new();
        for key in keys.unwrap_or_default() {
            if failed {
                self.leave(key);
            } else {
                next.extend(self.advance(key));
            }
        }
        next
    }

    /// The next row of a key has nothing before it there any more.
    fn advance(&mut self, key: Key) -> Option<Arrived> {
        let Entry::Occupied(mut ahead) = self.ahead.entry(key) else {
            return None;
        };
        let Ahead::UnderWay(current, queue) = ahead.get_mut() else {
            return None;
        };
        let Some(next) = queue.pop_front() else {
            ahead.remove();
            return None;
        };
        *current = next;
        let Entry::Occupied(mut waiting) = self.waiting.entry(next) else {
            self.leave(key);
            return None;
        };
        waiting.get_mut().blocked -= 1;
        (waiting.get().blocked == 0).then(|| waiting.remove().arrived)
    }

    /// The rows of a key wait for a later run, and with them those that wait for one of these
    /// elsewhere.
    fn leave(&mut self, key: Key) {
        let mut keys = vec![key];
        while let Some(key) = keys.pop() {
            let Some(Ahead::UnderWay(_, queue)) = self.ahead.insert(key, Ahead::Left) else {
                continue;
            };
            for number in queue {
                let Some(waiting) = self.waiting.remove(&number) else {
                    continue;
                };
                let is_current = |key: &Key| {
                    let ahead = self.ahead.get(key);
                    matches!(ahead, Some(Ahead::UnderWay(current, _)) if *current == number)
                };
                keys.extend(self.keys(&waiting.arrived.1).into_iter().filter(is_current));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        association::{LimitInfo, Limits, RecordId, Table},
        cells::Cells,
        code::Code,
        row::Failure,
    };

    fn arrived(number: u64, from: u64, to: u64, definition: u32) -> Arrived {
        let id = |id| RecordId::new(id).unwrap();
        let link = Association {
            from: id(from),
            to: id(to),
            definition: Table::v2026_09().definition(definition).unwrap(),
        };
        let row = Row {
            number,
            line: number + 1,
            cells: Cells::default(),
            link: Ok(link),
            as_written: None,
        };
        (row, link, Instant::now())
    }

    /// Takes a row, and says whether it may go.
    fn goes(turns: &mut Turns, row: &Arrived) -> bool {
        turns.take((row.0.clone(), row.1, row.2)).is_some()
    }

    /// The rows that go once this one is recorded.
    fn after(turns: &mut Turns, row: &Arrived, failed: bool) -> Vec<u64> {
        let failure = Failure::new(Code::Rejected, "x");
        let report = RowReport::invalid(row.0.clone(), failure);
        let next = turns.recorded(&report, failed);
        next.iter().map(|(row, ..)| row.number).collect()
    }

    #[tokio::test]
    async fn parents_of_one_child_take_turns_whichever_way_they_are_written() {
        for replaces in [false, true] {
            let mut turns = Turns::new(replaces);
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
            assert_eq!((turns.waiting(), turns.ahead.len()), (0, 0));
        }
    }

    #[tokio::test]
    async fn a_row_with_several_keys_waits_for_all_of_them() {
        let mut turns = Turns::new(true);
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
        let limit = |id| LimitInfo {
            spec: Table::v2026_09().definition(id).unwrap().spec(),
            label: None,
            most: Some(1),
        };
        let limits = Limits::of(vec![limit(3), limit(4)], None);
        for replaces in [false, true] {
            let mut turns = Turns::new(replaces);
            let rows = [(1, 5, 21), (2, 5, 22), (3, 6, 22), (4, 7, 23)];
            let rows = rows.map(|(number, deal, contact)| {
                let mut arrived = arrived(number, deal, contact, 3);
                limits.tell(&mut arrived.1);
                arrived.0.link = Ok(arrived.1);
                arrived
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
        let mut turns = Turns::new(true);
        let rows = [2, 4].map(|number| arrived(number, 11, 100 + number, 1));
        assert!(goes(&mut turns, &rows[0]));
        assert!(!goes(&mut turns, &rows[1]));
        // The second is under way: the late ones go behind it.
        let [one, three] = [1, 3].map(|number| arrived(number, 11, 100 + number, 1));
        assert!(turns.take_in_order(three, |row| row).is_none());
        let first = (one.0.clone(), one.1, one.2);
        assert!(turns.take_in_order(first, |row| row).is_none());
        // It was only looked at, and lets the first go.
        assert!(turns.is_too_early(&rows[0].0, |row| row));
        let early = (rows[0].0.clone(), rows[0].1, rows[0].2);
        let first = turns.wait_behind_earlier(early, |row| row);
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].0.number, 1);
        assert_eq!(after(&mut turns, &one, false), [2]);
        assert_eq!(after(&mut turns, &rows[0], false), [3]);
    }

    /// A key whose rows are left, and a late row that has it beside another.
    fn left_and_late(turns: &mut Turns) -> Arrived {
        let failed = arrived(1, 11, 100, 14);
        assert!(goes(turns, &failed));
        assert!(after(turns, &failed, true).is_empty());
        arrived(3, 11, 101, 14)
    }

    #[tokio::test]
    async fn a_late_row_that_is_left_keeps_nobody_waiting() {
        let mut turns = Turns::new(true);
        let late = left_and_late(&mut turns);
        assert!(turns.take_in_order(late, |row| row).is_none());
        assert!(!goes(&mut turns, &arrived(4, 11, 101, 450)), "it follows");
        assert_eq!(turns.waiting(), 0);
    }

    #[tokio::test]
    async fn of_those_that_wait_with_a_late_row_that_is_left_the_later_are_left_too() {
        let mut turns = Turns::new(true);
        let late = left_and_late(&mut turns);
        let labels = [0, 2, 5].map(|number| arrived(number, 11, 101, 450));
        let went = labels.iter().map(|row| goes(&mut turns, row));
        assert_eq!(went.collect::<Vec<_>>(), [true, false, false]);
        assert!(turns.take_in_order(late, |row| row).is_none());
        assert_eq!(after(&mut turns, &labels[0], false), [2]);
        assert_eq!(after(&mut turns, &labels[1], false), [] as [u64; 0]);
        assert_eq!(turns.waiting(), 0);
    }

    #[tokio::test]
    async fn a_row_that_a_late_one_goes_before_is_left_with_it() {
        let mut turns = Turns::new(true);
        let late = left_and_late(&mut turns);
        let looked_at = arrived(5, 11, 101, 450);
        assert!(goes(&mut turns, &looked_at));
        assert!(turns.take_in_order(late, |row| row).is_none());
        assert!(turns.is_too_early(&looked_at.0, |row| row));
        let next = turns.wait_behind_earlier(looked_at, |row| row);
        assert!(next.is_empty());
        assert!(!goes(&mut turns, &arrived(6, 11, 101, 450)));
        assert_eq!(turns.waiting(), 0);
    }

    #[tokio::test]
    async fn a_waiting_row_that_a_late_one_goes_before_is_left_with_it() {
        let mut turns = Turns::new(true);
        let late = left_and_late(&mut turns);
        // The second waits for the first, and is the next of the pair 11–101.
        let other = arrived(4, 101, 120, 14);
        let both = arrived(5, 101, 11, 14);
        assert!(goes(&mut turns, &other) && !goes(&mut turns, &both));
        assert!(turns.take_in_order(late, |row| row).is_none());
        assert_eq!(after(&mut turns, &other, false), [] as [u64; 0]);
        assert!(!goes(&mut turns, &arrived(6, 11, 101, 450)));
        assert_eq!(turns.waiting(), 0);
    }

    #[tokio::test]
    async fn those_behind_a_row_that_is_left_are_left_whatever_else_they_wait_for() {
        let mut turns = Turns::new(true);
        let rows = [
            arrived(1, 11, 100, 14),
            arrived(2, 11, 101, 14),
            arrived(3, 101, 11, 450),
            arrived(4, 102, 11, 450),
        ];
        assert!(goes(&mut turns, &rows[0]));
        assert!(!goes(&mut turns, &rows[1]) && !goes(&mut turns, &rows[2]));
        assert_eq!(after(&mut turns, &rows[0], true), [] as [u64; 0]);
        assert_eq!(turns.waiting(), 0, "the third is behind the second");
        assert!(!goes(&mut turns, &rows[1]), "and so is all that follows");
        assert!(!goes(&mut turns, &rows[2]));
        assert!(goes(&mut turns, &rows[3]), "another pair of another key");
    }
}

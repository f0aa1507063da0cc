//! Which rows have to wait for another: of several that depend on what the one
//! before has left, one is under way at a time, in the order of the file.
//!
//! Knows nothing of calls, or of how a row ends.

use std::collections::{HashMap, VecDeque, hash_map::Entry};

// Twice a row; who names records here harms nobody but himself.
use foldhash::fast::RandomState;
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

impl Key {
    /// Whether it is a record's: a look at a row of it tells which record that is today.
    fn is_of_record(&self) -> bool {
        match self {
            Self::Primary(_) => true,
            Self::Turn(turn) => turn.is_of_record(),
        }
    }

    /// Whether it is a record's of which a row with this link is the last one that stays.
    fn is_once(&self, link: &Association) -> bool {
        let is_turn = matches!(self, Self::Turn(_));
        self.is_of_record() && (!is_turn || link.definition.sets_primary())
    }
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
    /// Whether nothing before it tells of one of its records, which keeps the last row only,
    /// whether that is another one today.
    is_first: bool,
}

/// Rows that wait, and what for.
#[derive(Debug)]
pub(super) struct Turns {
    /// Whether a write replaces what else stands between its records.
    replaces: bool,
    ahead: HashMap<Key, Ahead, RandomState>,
    waiting: HashMap<u64, Waiting, RandomState>,
    /// Whether any row came late.
    reordered: bool,
    /// Rows that do not wait any more, for they are left.
    left: Vec<u64>,
}

impl Turns {
    pub(super) fn new(replaces: bool) -> Self {
        Self {
            replaces,
            ahead: HashMap::default(),
            waiting: HashMap::default(),
            reordered: false,
            left: Vec::new(),
        }
    }

    /// A turn of a primary company is its record's already.
    fn keys(&self, link: &Association) -> Keys {
        let turn = self.replaces.then(|| link.turn()).flatten();
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

    /// Whether a look at this link tells which record it is that others depend on, too.
    pub(super) fn tells_a_record(&self, link: &Association) -> bool {
        self.keys(link).iter().any(Key::is_of_record)
    }

    /// Whether a row waits that is the first of one of its records.
    pub(super) fn is_first(&self, number: u64) -> bool {
        let waiting = self.waiting.get(&number);
        waiting.is_some_and(|waiting| waiting.is_first)
    }

    /// Rows that were left since this was asked last.
    pub(super) fn take_left(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.left)
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The row again if it may go; else it waits.
    pub(super) fn take(&mut self, arrived: Arrived) -> Option<Arrived> {
        let (keys, number) = (self.keys(&arrived.1), arrived.0.number);
        let leave = self.is_any_left(&keys);
        let (mut blocked, mut is_first) = (0, false);
        for key in keys {
            match self.ahead.entry(key) {
                Entry::Occupied(mut ahead) => {
                    if let Ahead::UnderWay(current, queue) = ahead.get_mut() {
                        // That of a turn may not set what this row sets, and nobody asks about it then.
                        let is_turn = matches!(key, Key::Turn(_)) && key.is_once(&arrived.1);
                        is_first |= is_turn && self.waiting.contains_key(current);
                        queue.push_back(number);
                        blocked += 1;
                    }
                }
                Entry::Vacant(place) if leave => {
                    place.insert(Ahead::Left);
                }
                // Most keys have one row: nothing is allocated for it.
                Entry::Vacant(place) => {
                    is_first |= key.is_once(&arrived.1);
                    place.insert(Ahead::UnderWay(number, VecDeque::new()));
                }
            }
        }
        if leave {
            return None;
        }
        self.go_or_wait(Waiting {
            arrived,
            blocked,
            is_first,
        })
    }

    fn go_or_wait(&mut self, row: Waiting) -> Option<Arrived> {
        if row.blocked == 0 {
            return Some(row.arrived);
        }
        self.waiting.insert(row.arrived.0.number, row);
        None
    }

    /// Whether a row keeps its turn when its records turn out to have other ids.
    pub(super) fn keeps_its_turn(&self, before: &Association, today: &Association) -> bool {
        self.keys(before) == self.keys(today)
    }

    /// A row that was in its turn goes elsewhere: the next ones of its keys, which may
    /// go.
    pub(super) fn release(&mut self, link: &Association) -> SmallVec<[Arrived; 1]> {
        self.advance_all(self.keys(link))
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
        let (mut blocked, mut is_first) = (0, false);
        for key in keys {
            match self.ahead.entry(key) {
                Entry::Vacant(place) if leave => {
                    place.insert(Ahead::Left);
                }
                Entry::Vacant(place) => {
                    is_first |= key.is_once(&arrived.1);
                    place.insert(Ahead::UnderWay(number, VecDeque::new()));
                }
                Entry::Occupied(mut ahead) => {
                    let Ahead::UnderWay(current, queue) = ahead.get_mut() else {
                        continue;
                    };
                    let later = order(*current) > order(number);
                    let waits = self.waiting.get_mut(current).filter(|_| later);
                    if let Some(waits) = waits {
                        is_first |= key.is_once(&arrived.1);
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
            self.left.push(number);
            return None;
        }
        self.go_or_wait(Waiting {
            arrived,
            blocked,
            is_first,
        })
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
            is_first: false,
        };
        // Before it lets the others go: where one of them is left, it is left, too.
        self.waiting.insert(number, waiting);
        self.advance_all(keys)
    }

    /// A row's report is written: the next ones of its keys, which may go.
    /// Where it `failed`, those behind it wait for a later run.
    pub(super) fn recorded(&mut self, report: &RowReport, failed: bool) -> SmallVec<[Arrived; 1]> {
        let keys = report.row.link.as_ref().map(|link| self.keys(link));
        let keys = keys.unwrap_or_default();
        if !failed {
            return self.advance_all(keys);
        }
        keys.into_iter().for_each(|key| self.leave(key));
        SmallVec::new()
    }

    fn advance_all(&mut self, keys: Keys) -> SmallVec<[Arrived; 1]> {
        let keys = keys.into_iter();
        keys.filter_map(|key| self.advance(key)).collect()
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
                self.left.push(number);
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
mod tests;

//! Which rows have to wait for another: of several that depend on what the one
//! before has left, one is under way at a time, in the order of the file.
//!
//! Knows nothing of calls, or of how a row ends.

mod keys;

use std::collections::{HashMap, VecDeque, hash_map::Entry};

use foldhash::fast::RandomState;
use smallvec::SmallVec;
use tokio::time::Instant;

use keys::{Key, Keying};

use crate::{
    association::CanonicalLink,
    row::{Row, RowReport},
};

/// A row with its link, and since when it is here.
pub(super) type Arrived = (Row, CanonicalLink, Instant);

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

impl Ahead {
    /// Of a key whose first row is this, which may have to be left. Most keys have one row:
    /// nothing is allocated for it.
    fn first(number: u64, is_left: bool) -> Self {
        if is_left {
            return Self::Left;
        }
        Self::UnderWay(number, VecDeque::new())
    }
}

/// What a row does that has arrived.
#[derive(Debug)]
pub(super) enum Admission {
    /// It may go.
    Go,
    /// It has to [`wait`](Turns::wait).
    Wait(Behind),
    /// It follows a row that is left, and is left, too.
    Leave,
}

impl Admission {
    fn behind(blocked: usize, is_first: bool) -> Self {
        if blocked == 0 {
            return Self::Go;
        }
        Self::Wait(Behind { blocked, is_first })
    }
}

/// What a row waits for.
#[derive(Debug)]
pub(super) struct Behind {
    /// So many of its keys have a row before it.
    blocked: usize,
    /// Whether nothing before it tells of one of its records, which keeps the last row only,
    /// whether that is another one today.
    pub(super) is_first: bool,
}

/// A row that waits.
#[derive(Debug)]
struct Waiting {
    arrived: Arrived,
    blocked: usize,
}

/// Rows that wait, and what for.
#[derive(Debug)]
pub(super) struct Turns {
    keying: Keying,
    ahead: HashMap<Key, Ahead, RandomState>,
    waiting: HashMap<u64, Waiting, RandomState>,
    /// Whether the rows of any key are left.
    any_left: bool,
    /// Whether any row came late.
    reordered: bool,
    /// Rows that do not wait any more, for they are left.
    left: Vec<Row>,
}

impl Turns {
    /// For writes that replace what else stands between their records, or do not.
    pub(super) fn new(replaces: bool) -> Self {
        Self {
            keying: Keying::new(replaces),
            ahead: HashMap::default(),
            waiting: HashMap::default(),
            any_left: false,
            reordered: false,
            left: Vec::new(),
        }
    }

    /// The keys of a row with this link: it waits for the rows before it of each of them.
    fn keys(&mut self, link: &CanonicalLink) -> impl Iterator<Item = Key> + use<> {
        self.keying.keys(link)
    }

    /// Whether a row with this link has to follow one that is left, and so is left, too.
    /// Those behind it are then left in their turn.
    fn is_any_left(&mut self, link: &CanonicalLink) -> bool {
        let is_left = |key| matches!(self.ahead.get(&key), Some(Ahead::Left));
        self.any_left && self.keying.keys(link).any(is_left)
    }

    /// Whether a look at this link tells which record it is that others depend on, too.
    pub(super) fn tells_a_record(&mut self, link: &CanonicalLink) -> bool {
        self.keys(link).any(|key| key.is_of_record())
    }

    /// Rows that were left since this was asked last.
    pub(super) fn take_left(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.left)
    }

    /// Whether a row may go, which then is the next of its keys.
    pub(super) fn admit(&mut self, number: u64, link: &CanonicalLink) -> Admission {
        let leave = self.is_any_left(link);
        let (mut blocked, mut is_first) = (0, false);
        for key in self.keys(link) {
            match self.ahead.entry(key) {
                Entry::Occupied(mut ahead) => {
                    if let Ahead::UnderWay(current, queue) = ahead.get_mut() {
                        // That of a turn may not set what this row sets, and nobody asks about it then.
                        let is_turn = key.is_turn && key.is_once(link);
                        is_first |= is_turn && self.waiting.contains_key(current);
                        queue.push_back(number);
                        blocked += 1;
                    }
                }
                Entry::Vacant(place) => {
                    is_first |= key.is_once(link);
                    place.insert(Ahead::first(number, leave));
                }
            }
        }
        if leave {
            return Admission::Leave;
        }
        Admission::behind(blocked, is_first)
    }

    /// A row that may not go yet is kept until it may.
    pub(super) fn wait(&mut self, arrived: Arrived, behind: &Behind) {
        let blocked = behind.blocked;
        let number = arrived.0.number;
        self.waiting.insert(number, Waiting { arrived, blocked });
    }

    /// Whether a row keeps its turn when its records turn out to have other ids.
    pub(super) fn keeps_its_turn(&mut self, before: &CanonicalLink, today: &CanonicalLink) -> bool {
        self.keys(before).eq(self.keys(today))
    }

    /// A row that was in its turn goes elsewhere: the next ones of its keys, which may
    /// go.
    pub(super) fn release(&mut self, link: &CanonicalLink) -> Vec<Arrived> {
        let keys = self.keys(link);
        self.advance_all(keys)
    }

    /// Whether a row may go that was in another turn and comes late: it goes before those that
    /// it is before in this order, also before one whose turn it is, if that still waits for
    /// another turn.
    pub(super) fn admit_late<K: Ord>(
        &mut self,
        number: u64,
        link: &CanonicalLink,
        order: impl Fn(u64) -> K,
    ) -> Admission {
        self.reordered = true;
        let leave = self.is_any_left(link);
        let (mut blocked, mut is_first) = (0, false);
        for key in self.keys(link) {
            match self.ahead.entry(key) {
                Entry::Vacant(place) => {
                    is_first |= key.is_once(link);
                    place.insert(Ahead::first(number, leave));
                }
                Entry::Occupied(mut ahead) => {
                    let Ahead::UnderWay(current, queue) = ahead.get_mut() else {
                        continue;
                    };
                    let later = order(*current) > order(number);
                    let waits = self.waiting.get_mut(current).filter(|_| later);
                    if let Some(waits) = waits {
                        is_first |= key.is_once(link);
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
            return Admission::Leave;
        }
        Admission::behind(blocked, is_first)
    }

    /// Whether any row was taken late.
    pub(super) fn are_reordered(&self) -> bool {
        self.reordered
    }

    /// Whether a row whose turn it is comes after one that waits behind it, and that
    /// came late.
    pub(super) fn is_too_early<K: Ord>(&mut self, row: &Row, order: impl Fn(u64) -> K) -> bool {
        let Ok(link) = &row.link else {
            return false;
        };
        self.keys(&CanonicalLink::new(link)).any(|key| {
            let Some(Ahead::UnderWay(current, queue)) = self.ahead.get(&key) else {
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
    ) -> Vec<Arrived> {
        let (keys, number) = (self.keys(&late.1), late.0.number);
        let goes_behind = |key: &Key| {
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
        };
        let keys: SmallVec<[Key; 2]> = keys.filter(goes_behind).collect();
        let waiting = Waiting {
            arrived: late,
            blocked: keys.len(),
        };
        // Before it lets the others go: where one of them is left, it is left, too.
        self.waiting.insert(number, waiting);
        self.advance_all(keys)
    }

    /// A row's report is written: the next ones of its keys, which may go.
    /// Where it `failed`, those behind it wait for a later run.
    pub(super) fn recorded(&mut self, report: &RowReport, failed: bool) -> Vec<Arrived> {
        let Ok(link) = &report.row.link else {
            return Vec::new();
        };
        let keys = self.keys(&CanonicalLink::new(link));
        if !failed {
            return self.advance_all(keys);
        }
        keys.for_each(|key| self.leave(key));
        Vec::new()
    }

    fn advance_all(&mut self, keys: impl IntoIterator<Item = Key>) -> Vec<Arrived> {
        let mut next = Vec::new();
        for key in keys {
            next.extend(self.advance(key));
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
        self.any_left = true;
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
                let (row, link, _) = waiting.arrived;
                let others = self.keying.keys(&link);
                keys.extend(others.filter(is_current));
                self.left.push(row);
            }
        }
    }
}

#[cfg(test)]
mod tests;

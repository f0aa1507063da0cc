//! Per-key ordering: rows with the same conflict key go one at a time, in the order of the file,
//! because each depends on what the one before leaves.
//!
//! Knows nothing of calls, or of how a row ends.

mod keys;

use std::collections::{HashMap, VecDeque, hash_map::Entry};

use foldhash::fast::RandomState;
use smallvec::SmallVec;
use tokio::time::Instant;

use keys::{ConflictKey, KeyFinder};

use crate::{
    association::CanonicalLink,
    row::{Row, RowReport},
};

/// A row with its link, and since when it waits.
pub(super) type ArrivedRow = (Row, CanonicalLink, Instant);

/// The state of a conflict key.
#[derive(Debug)]
enum KeyState {
    /// The row with this number may go, as far as this key is concerned. The rows in the queue wait
    /// for it. A queued row that is not in `waiting` any more was deferred.
    Active(u64, VecDeque<u64>),
    /// The outcome of a row is not known, so a later run sends it. The rows behind it have to
    /// follow it then.
    DeferredToResume,
}

impl KeyState {
    /// The state of a key with its first row. Most keys have only one row, so the queue allocates
    /// nothing.
    fn new(number: u64, is_deferred: bool) -> Self {
        if is_deferred {
            return Self::DeferredToResume;
        }
        Self::Active(number, VecDeque::new())
    }
}

/// What happens to a row that arrives.
#[derive(Debug)]
pub(super) enum Admission {
    /// It may go.
    Go,
    /// It has to [wait](KeyOrdering::add_waiting).
    Wait(BlockedBy),
    /// It follows a deferred row, and is deferred, too.
    LeaveForResume,
}

impl Admission {
    fn from_blocked(blocked: usize, shows_record_first: bool) -> Self {
        if blocked == 0 {
            return Self::Go;
        }
        Self::Wait(BlockedBy {
            key_count: blocked,
            shows_record_first,
        })
    }
}

/// What a row waits for.
#[derive(Debug)]
pub(super) struct BlockedBy {
    /// How many of its keys have a row before it.
    key_count: usize,
    /// Whether the lookup of this row is the first that shows the current id of one of its records,
    /// which keeps only the last of its links. Later rows must not be written before this lookup: it
    /// may show that they are about the same record.
    pub(super) shows_record_first: bool,
}

/// A row that waits.
#[derive(Debug)]
struct WaitingRow {
    arrived: ArrivedRow,
    blocked_keys: usize,
}

/// The state of all keys, and the rows that wait.
#[derive(Debug)]
pub(super) struct KeyOrdering {
    key_finder: KeyFinder,
    states: HashMap<ConflictKey, KeyState, RandomState>,
    waiting: HashMap<u64, WaitingRow, RandomState>,
    /// Whether any key is deferred.
    any_deferred: bool,
    /// Whether any row came late.
    reordered: bool,
    /// Deferred rows that were waiting.
    deferred: Vec<Row>,
}

impl KeyOrdering {
    /// `orders_pairs` says whether rows of one pair of records depend on each other.
    pub(super) fn new(orders_pairs: bool) -> Self {
        Self {
            key_finder: KeyFinder::new(orders_pairs),
            states: HashMap::default(),
            waiting: HashMap::default(),
            any_deferred: false,
            reordered: false,
            deferred: Vec::new(),
        }
    }

    /// The keys of a row with this link. It waits for the earlier rows of each of them.
    fn keys(&mut self, link: &CanonicalLink) -> impl Iterator<Item = ConflictKey> + use<> {
        self.key_finder.keys(link)
    }

    /// Whether a row with this link follows a deferred row, and so is deferred. Then the rows
    /// behind it are deferred, too.
    fn follows_deferred(&mut self, link: &CanonicalLink) -> bool {
        let is_deferred = |key| matches!(self.states.get(&key), Some(KeyState::DeferredToResume));
        self.any_deferred && self.key_finder.keys(link).any(is_deferred)
    }

    /// Whether a lookup of this link shows the current id of a record that other rows depend on.
    pub(super) fn reveals_record(&mut self, link: &CanonicalLink) -> bool {
        self.keys(link).any(|key| key.is_of_record())
    }

    /// Takes the rows that were deferred since the last call.
    pub(super) fn take_deferred(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.deferred)
    }

    /// Whether a row may go: no earlier row has any of its keys. If one has, the row is queued behind
    /// it, once for each such key.
    pub(super) fn admit(&mut self, number: u64, link: &CanonicalLink) -> Admission {
        let defer = self.follows_deferred(link);
        let (mut blocked, mut shows_record_first) = (0, false);
        for key in self.keys(link) {
            match self.states.entry(key) {
                Entry::Occupied(mut state) => {
                    if let KeyState::Active(current, queue) = state.get_mut() {
                        // The row that has this key may have it for other types, without setting what
                        // this row sets. While it waits itself, its lookup does not show the record.
                        let keeps_types = key.keeps_other_types && key.is_exclusive_for(link);
                        shows_record_first |= keeps_types && self.waiting.contains_key(current);
                        queue.push_back(number);
                        blocked += 1;
                    }
                }
                Entry::Vacant(entry) => {
                    shows_record_first |= key.is_exclusive_for(link);
                    entry.insert(KeyState::new(number, defer));
                }
            }
        }
        if defer {
            return Admission::LeaveForResume;
        }
        Admission::from_blocked(blocked, shows_record_first)
    }

    /// Keeps a row until it may go.
    pub(super) fn add_waiting(&mut self, arrived: ArrivedRow, blocked_by: &BlockedBy) {
        let blocked = blocked_by.key_count;
        let number = arrived.0.number;
        self.waiting.insert(
            number,
            WaitingRow {
                arrived,
                blocked_keys: blocked,
            },
        );
    }

    /// Whether a row keeps its keys although its records turned out to have other ids.
    pub(super) fn keeps_keys(&mut self, before: &CanonicalLink, today: &CanonicalLink) -> bool {
        self.keys(before).eq(self.keys(today))
    }

    /// A row changes to other keys. Returns the next rows of its old keys that may go.
    pub(super) fn release(&mut self, link: &CanonicalLink) -> Vec<ArrivedRow> {
        let keys = self.keys(link);
        self.advance_all(keys)
    }

    /// Whether a row that changed its keys, and so comes late, may go. It goes before all rows that
    /// are later in this order. It also goes before the current row of a key if that row still
    /// waits for another key.
    pub(super) fn admit_late<K: Ord>(
        &mut self,
        number: u64,
        link: &CanonicalLink,
        order: impl Fn(u64) -> K,
    ) -> Admission {
        self.reordered = true;
        let defer = self.follows_deferred(link);
        let (mut blocked, mut shows_record_first) = (0, false);
        for key in self.keys(link) {
            match self.states.entry(key) {
                Entry::Vacant(entry) => {
                    shows_record_first |= key.is_exclusive_for(link);
                    entry.insert(KeyState::new(number, defer));
                }
                Entry::Occupied(mut state) => {
                    let KeyState::Active(current, queue) = state.get_mut() else {
                        continue;
                    };
                    let later = order(*current) > order(number);
                    let waiting = self.waiting.get_mut(current).filter(|_| later);
                    if let Some(waiting) = waiting {
                        shows_record_first |= key.is_exclusive_for(link);
                        waiting.blocked_keys += 1;
                        queue.push_front(*current);
                        *current = number;
                        if defer {
                            self.defer_key(key);
                        }
                    } else {
                        let place = queue.partition_point(|other| order(*other) < order(number));
                        queue.insert(place, number);
                        blocked += 1;
                    }
                }
            }
        }
        if defer {
            return Admission::LeaveForResume;
        }
        Admission::from_blocked(blocked, shows_record_first)
    }

    /// Whether any row came late.
    pub(super) fn is_reordered(&self) -> bool {
        self.reordered
    }

    /// Whether this row has a key although an earlier row waits for that key. This happens if the
    /// earlier row came late.
    pub(super) fn must_let_earlier_row_pass<K: Ord>(
        &mut self,
        row: &Row,
        order: impl Fn(u64) -> K,
    ) -> bool {
        let Some(link) = row.association() else {
            return false;
        };
        self.keys(&CanonicalLink::new(link)).any(|key| {
            let Some(KeyState::Active(current, queue)) = self.states.get(&key) else {
                return false;
            };
            let first = queue.front();
            *current == row.number && first.is_some_and(|first| order(*first) < order(row.number))
        })
    }

    /// Puts such a row behind the earlier ones. Returns those that may go.
    pub(super) fn wait_behind_earlier<K: Ord>(
        &mut self,
        late: ArrivedRow,
        order: impl Fn(u64) -> K,
    ) -> Vec<ArrivedRow> {
        let (keys, number) = (self.keys(&late.1), late.0.number);
        let goes_behind = |key: &ConflictKey| {
            let Some(KeyState::Active(current, queue)) = self.states.get_mut(key) else {
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
        let keys: SmallVec<[ConflictKey; 2]> = keys.filter(goes_behind).collect();
        let waiting = WaitingRow {
            arrived: late,
            blocked_keys: keys.len(),
        };
        // Before the others go: if one of them is deferred, this row is deferred, too.
        self.waiting.insert(number, waiting);
        self.advance_all(keys)
    }

    /// A row's report is recorded. Returns the next rows of its keys that may go. If the row
    /// `failed`, the rows behind it wait for a later run.
    pub(super) fn row_recorded(&mut self, report: &RowReport, failed: bool) -> Vec<ArrivedRow> {
        let Some(link) = report.row.association() else {
            return Vec::new();
        };
        let keys = self.keys(&CanonicalLink::new(link));
        if !failed {
            return self.advance_all(keys);
        }
        keys.for_each(|key| self.defer_key(key));
        Vec::new()
    }

    fn advance_all(&mut self, keys: impl IntoIterator<Item = ConflictKey>) -> Vec<ArrivedRow> {
        let mut next = Vec::new();
        for key in keys {
            next.extend(self.advance(key));
        }
        next
    }

    /// Moves on to the next row of a key, and returns it if it waits for nothing else.
    fn advance(&mut self, key: ConflictKey) -> Option<ArrivedRow> {
        let Entry::Occupied(mut state) = self.states.entry(key) else {
            return None;
        };
        let KeyState::Active(current, queue) = state.get_mut() else {
            return None;
        };
        let Some(next) = queue.pop_front() else {
            state.remove();
            return None;
        };
        *current = next;
        let Entry::Occupied(mut waiting) = self.waiting.entry(next) else {
            self.defer_key(key);
            return None;
        };
        waiting.get_mut().blocked_keys -= 1;
        (waiting.get().blocked_keys == 0).then(|| waiting.remove().arrived)
    }

    /// Abandons the rows of a key, and all rows that wait for one of them elsewhere. They wait for
    /// a later run.
    fn defer_key(&mut self, key: ConflictKey) {
        self.any_deferred = true;
        let mut keys = vec![key];
        while let Some(key) = keys.pop() {
            let Some(KeyState::Active(_, queue)) =
                self.states.insert(key, KeyState::DeferredToResume)
            else {
                continue;
            };
            for number in queue {
                let Some(waiting) = self.waiting.remove(&number) else {
                    continue;
                };
                let is_current = |key: &ConflictKey| {
                    let state = self.states.get(key);
                    matches!(state, Some(KeyState::Active(current, _)) if *current == number)
                };
                let (row, link, _) = waiting.arrived;
                let others = self.key_finder.keys(&link);
                keys.extend(others.filter(is_current));
                self.deferred.push(row);
            }
        }
    }
}

#[cfg(test)]
mod tests;

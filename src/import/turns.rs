//! Which rows have to wait for another: of several that depend on what the one
//! before has left, one is under way at a time, in the order of the file.
//!
//! Knows nothing of calls, or of how a row ends.

use std::collections::{HashMap, VecDeque, hash_map::Entry};

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
    /// The last one written is the primary company.
    Primary(PrimaryOf),
    /// Each is written with what stands beside it.
    Turn(Turn),
}

/// What became of the last row of a key.
#[derive(Debug)]
enum Ahead {
    /// It may go, or is under way; these wait for it.
    UnderWay(VecDeque<Arrived>),
    /// Its outcome is not known, so that a later run sends it; those behind it
    /// have to follow then.
    Left,
}

/// Rows that wait, and what for.
#[derive(Debug)]
pub(super) struct Turns {
    /// Whether a write replaces what else stands between its records.
    replaces: bool,
    ahead: HashMap<Key, Ahead>,
    waiting: usize,
}

impl Turns {
    pub(super) fn new(replaces: bool) -> Self {
        Self {
            replaces,
            ahead: HashMap::new(),
            waiting: 0,
        }
    }

    fn key(&self, link: &Association) -> Option<Key> {
        if self.replaces {
            link.turn().map(Key::Turn)
        } else {
            link.primary_of().map(Key::Primary)
        }
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// The row again if it may go; else it waits.
    pub(super) fn take(&mut self, arrived: Arrived) -> Option<Arrived> {
        let Some(key) = self.key(&arrived.1) else {
            return Some(arrived);
        };
        match self.ahead.entry(key) {
            Entry::Occupied(mut ahead) => {
                if let Ahead::UnderWay(waiting) = ahead.get_mut() {
                    waiting.push_back(arrived);
                    self.waiting += 1;
                }
                None
            }
            Entry::Vacant(place) => {
                // Most keys have one row: nothing is allocated for it.
                place.insert(Ahead::UnderWay(VecDeque::new()));
                Some(arrived)
            }
        }
    }

    /// A row's report is written: the next one of its key, which may go.
    /// Where it `failed`, those behind it wait for a later run.
    pub(super) fn recorded(&mut self, report: &RowReport, failed: bool) -> Option<Arrived> {
        let key = self.key(report.row.link.as_ref().ok()?)?;
        let Entry::Occupied(mut ahead) = self.ahead.entry(key) else {
            return None;
        };
        let Ahead::UnderWay(waiting) = ahead.get_mut() else {
            return None;
        };
        if failed {
            self.waiting -= waiting.len();
            ahead.insert(Ahead::Left);
            return None;
        }
        let next = waiting.pop_front();
        if next.is_some() {
            self.waiting -= 1;
        } else {
            ahead.remove();
        }
        next
    }
}

//! Which rows may travel together, and which have to wait for another.
//!
//! Of several rows that set the primary company of one record the last of the
//! file has to win, so that never two of them are under way together. The same
//! pair of records goes into a parcel once. Knows nothing of slots, pace or
//! how a row ends.

use std::{
    collections::{HashMap, HashSet, VecDeque, hash_map::Entry},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    association::{Association, PrimaryOf, RecordId},
    delivery::Parcel,
    row::{Row, RowReport},
};

/// Rows of a slow pipe do not wait longer for company.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Rows that have arrived and are in no parcel yet.
#[derive(Debug)]
pub(super) struct Packing {
    /// Rows in a parcel at most.
    most: usize,
    /// Rows that may go, in the order of the file, each with its arrival.
    free: VecDeque<(Row, Association, Instant)>,
    /// Records of which a row is free or under way.
    records: HashMap<PrimaryOf, Ahead>,
    /// How many wait so.
    waiting: usize,
    /// The pairs of the parcel that is being made.
    pairs: HashSet<(RecordId, RecordId)>,
}

/// What became of the last row of a record.
#[derive(Debug)]
enum Ahead {
    /// It is free or under way; these wait for it.
    UnderWay(VecDeque<(Row, Association, Instant)>),
    /// Its outcome is not known, so that a later run sends it; those behind it
    /// have to follow then.
    Left,
}

impl Packing {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            free: VecDeque::new(),
            records: HashMap::new(),
            waiting: 0,
            pairs: HashSet::new(),
        }
    }

    /// Takes a row that is to be sent.
    pub(super) fn take(&mut self, row: Row, link: Association, now: Instant) {
        if let Some(record) = link.primary_of() {
            match self.records.entry(record) {
                Entry::Occupied(mut ahead) => {
                    if let Ahead::UnderWay(waiting) = ahead.get_mut() {
                        waiting.push_back((row, link, now));
                        self.waiting += 1;
                    }
                    return;
                }
                Entry::Vacant(place) => {
                    // Most records have one row: nothing is allocated for it.
                    place.insert(Ahead::UnderWay(VecDeque::new()));
                }
            }
        }
        self.free.push_back((row, link, now));
    }

    /// Rows that are here.
    pub(super) fn len(&self) -> usize {
        self.free.len() + self.waiting
    }

    /// Rows that may go, now or before long.
    pub(super) fn free(&self) -> usize {
        self.free.len()
    }

    /// When there is a parcel to be sent: at once if it is full or no row can
    /// follow, else when its first row has waited long enough.
    pub(super) fn ready_at(&self, now: Instant, more_follows: bool) -> Option<Instant> {
        let (_, _, arrived) = self.free.front()?;
        let is_full = self.free.len() >= self.most;
        Some(if is_full || !more_follows {
            now
        } else {
            *arrived + LONGEST_WAIT
        })
    }

    /// The next rows that go together.
    pub(super) fn parcel(&mut self) -> Parcel {
        let mut parcel = Parcel::default();
        if self.most == 1 {
            // There are no others to be unlike.
            if let Some((row, link, _)) = self.free.pop_front() {
                parcel.push(row, link);
            }
            return parcel;
        }
        self.pairs.clear();
        let mut later = Vec::new();
        while parcel.len() < self.most
            && let Some(next) = self.free.pop_front()
        {
            let (_, link, _) = &next;
            if self.pairs.insert((link.from, link.to)) {
                let (row, link, _) = next;
                parcel.push(row, link);
            } else {
                later.push(next);
            }
        }
        for next in later.into_iter().rev() {
            self.free.push_front(next);
        }
        parcel
    }

    /// A row's report is written: the next row of its record may go.
    pub(super) fn recorded(&mut self, report: &RowReport) {
        let link = report.row.link.as_ref().ok();
        let Some(record) = link.and_then(Association::primary_of) else {
            return;
        };
        let Entry::Occupied(mut ahead) = self.records.entry(record) else {
            return;
        };
        let Ahead::UnderWay(waiting) = ahead.get_mut() else {
            return;
        };
        if report.outcome.is_none() {
            self.waiting -= waiting.len();
            ahead.insert(Ahead::Left);
        } else if let Some(next) = waiting.pop_front() {
            self.waiting -= 1;
            // It has waited since it arrived: for company no longer than others.
            let (_, _, arrived) = next;
            if self
                .free
                .front()
                .is_some_and(|(.., first)| arrived < *first)
            {
                self.free.push_front(next);
            } else {
                self.free.push_back(next);
            }
        } else {
            ahead.remove();
        }
    }
}

//! Which rows travel together. The same pair of records goes into a parcel once,
//! and a call takes what the API lets go in one.
//!
//! Knows nothing of slots, pace or how a row ends.

use std::{
    collections::{HashMap, HashSet, VecDeque, hash_map::Entry},
    time::Duration,
};

// Who names records here harms nobody but himself.
use foldhash::fast::RandomState;
use tokio::time::Instant;

use crate::{
    api::{Api, BatchGroup, LinkOperation},
    association::{Definition, RecordId, WriteRequest},
    delivery::{RowBatch, RowTask},
    row::Row,
};

/// Rows of a slow pipe do not wait longer for company.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// So many rows that do not fit are passed over to find company for the first,
/// or four times as many as there are to be in a parcel.
const PASSED_OVER: usize = 256;

/// So many rows are looked through at most for a parcel of so many.
pub(super) fn seen_for(most: usize) -> usize {
    most + most_passed_over(most)
}

fn most_passed_over(most: usize) -> usize {
    PASSED_OVER.max(4 * most)
}

/// A row that may go, what it asks for, and since when it is here.
type Free = (Row, WriteRequest, Instant);

/// Rows for which the same is to be done, and that may go.
#[derive(Debug)]
pub(super) struct Packing {
    task: RowTask,
    /// In order of arrival.
    free: VecDeque<Free>,
    /// The pairs of the parcel that is being made.
    pairs: HashSet<(RecordId, RecordId), RandomState>,
    /// Where a call asks one question, how many of them ask it: mostly one, and no company
    /// has to be looked for.
    questions: HashMap<(RecordId, Definition), usize, RandomState>,
}

impl Packing {
    pub(super) fn new(task: RowTask) -> Self {
        Self {
            task,
            free: VecDeque::new(),
            pairs: HashSet::default(),
            questions: HashMap::default(),
        }
    }

    /// What is done for them.
    pub(super) fn task(&self) -> RowTask {
        self.task
    }

    /// Takes a row; one that has waited since an earlier time goes first.
    #[inline]
    pub(super) fn take(&mut self, api: &impl Api, (row, order, arrived): Free) {
        if self.task.link_operation() == LinkOperation::Read
            && let Some(question) = api.batch_group(LinkOperation::Read, &order).query
        {
            *self.questions.entry(question).or_default() += 1;
        }
        let first = self.free.front();
        if first.is_some_and(|(.., first)| arrived < *first) {
            self.free.push_front((row, order, arrived));
        } else {
            self.free.push_back((row, order, arrived));
        }
    }

    /// Rows that are here.
    pub(super) fn len(&self) -> usize {
        self.free.len()
    }

    /// When there is a parcel of up to `most` rows to be sent: at once if it is
    /// full or no row can follow, else when its first row has waited long enough.
    pub(super) fn ready_at(
        &self,
        most: usize,
        now: Instant,
        more_follows: bool,
    ) -> Option<Instant> {
        let (_, _, arrived) = self.free.front()?;
        let is_full = self.free.len() >= most;
        Some(if is_full || !more_follows {
            now
        } else {
            *arrived + LONGEST_WAIT
        })
    }

    /// The next rows that go together.
    pub(super) fn parcel(&mut self, api: &impl Api, most: usize) -> RowBatch {
        let mut parcel = RowBatch::new(self.task);
        let Some((row, order, _)) = self.free.pop_front() else {
            return parcel;
        };
        let act = self.task.link_operation();
        if most == 1 {
            // There are no others to be unlike.
            if !self.questions.is_empty() {
                self.are_gone(api.batch_group(act, &order), 1);
            }
            parcel.push(row, order);
            return parcel;
        }
        parcel.reserve(most.min(self.free.len() + 1));
        let group = api.batch_group(act, &order);
        self.pairs.clear();
        self.pairs.insert((order.link.from(), order.link.to()));
        parcel.push(row, order);
        let mut company = self.company(group);
        let mut passed_over = Vec::new();
        while parcel.len() < most
            && company > 0
            && passed_over.len() < most_passed_over(most)
            && let Some(next) = self.free.pop_front()
        {
            let (_, order, _) = &next;
            let pair = (order.link.from(), order.link.to());
            if api.batch_group(act, order) == group && self.pairs.insert(pair) {
                let (row, order, _) = next;
                parcel.push(row, order);
                company -= 1;
            } else {
                passed_over.push(next);
            }
        }
        for next in passed_over.into_iter().rev() {
            self.free.push_front(next);
        }
        self.are_gone(group, parcel.len());
        parcel
    }

    /// Rows at most that may go with the first of this group, once that is taken.
    fn company(&self, group: BatchGroup) -> usize {
        let asking = group.query.and_then(|asked| self.questions.get(&asked));
        asking.map_or(self.free.len(), |asking| asking - 1)
    }

    /// So many rows of this group are here no more.
    fn are_gone(&mut self, group: BatchGroup, rows: usize) {
        if let Some(question) = group.query
            && let Entry::Occupied(mut asking) = self.questions.entry(question)
        {
            *asking.get_mut() -= rows;
            if *asking.get() == 0 {
                asking.remove();
            }
        }
    }
}

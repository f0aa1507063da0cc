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
const SKIPPED_ROWS: usize = 256;

/// So many rows are looked through at most for a parcel of so many.
pub(super) fn max_examined(most: usize) -> usize {
    most + max_skipped(most)
}

fn max_skipped(most: usize) -> usize {
    SKIPPED_ROWS.max(4 * most)
}

/// A row that may go, what it asks for, and since when it is here.
type ReadyRow = (Row, WriteRequest, Instant);

/// Rows for which the same is to be done, and that may go.
#[derive(Debug)]
pub(super) struct BatchBuilder {
    task: RowTask,
    /// In order of arrival.
    ready: VecDeque<ReadyRow>,
    /// The pairs of the parcel that is being made.
    pairs: HashSet<(RecordId, RecordId), RandomState>,
    /// Where a call asks one question, how many of them ask it: mostly one, and no company
    /// has to be looked for.
    questions: HashMap<(RecordId, Definition), usize, RandomState>,
}

impl BatchBuilder {
    pub(super) fn new(task: RowTask) -> Self {
        Self {
            task,
            ready: VecDeque::new(),
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
    pub(super) fn add(&mut self, api: &impl Api, (row, order, arrived): ReadyRow) {
        if self.task.link_operation() == LinkOperation::Read
            && let Some(question) = api.batch_group(LinkOperation::Read, &order).query
        {
            *self.questions.entry(question).or_default() += 1;
        }
        let first = self.ready.front();
        if first.is_some_and(|(.., first)| arrived < *first) {
            self.ready.push_front((row, order, arrived));
        } else {
            self.ready.push_back((row, order, arrived));
        }
    }

    /// Rows that are here.
    pub(super) fn len(&self) -> usize {
        self.ready.len()
    }

    /// When there is a parcel of up to `most` rows to be sent: at once if it is
    /// full or no row can follow, else when its first row has waited long enough.
    pub(super) fn ready_at(
        &self,
        most: usize,
        now: Instant,
        more_follows: bool,
    ) -> Option<Instant> {
        let (_, _, arrived) = self.ready.front()?;
        let is_full = self.ready.len() >= most;
        Some(if is_full || !more_follows {
            now
        } else {
            *arrived + LONGEST_WAIT
        })
    }

    /// The next rows that go together.
    pub(super) fn next_batch(&mut self, api: &impl Api, most: usize) -> RowBatch {
        let mut batch = RowBatch::new(self.task);
        let Some((row, order, _)) = self.ready.pop_front() else {
            return batch;
        };
        let act = self.task.link_operation();
        if most == 1 {
            // There are no others to be unlike.
            if !self.questions.is_empty() {
                self.remove_from_queries(api.batch_group(act, &order), 1);
            }
            batch.push(row, order);
            return batch;
        }
        batch.reserve(most.min(self.ready.len() + 1));
        let group = api.batch_group(act, &order);
        self.pairs.clear();
        self.pairs.insert((order.link.from(), order.link.to()));
        batch.push(row, order);
        let mut company = self.matching_rows(group);
        let mut passed_over = Vec::new();
        while batch.len() < most
            && company > 0
            && passed_over.len() < max_skipped(most)
            && let Some(next) = self.ready.pop_front()
        {
            let (_, order, _) = &next;
            let pair = (order.link.from(), order.link.to());
            if api.batch_group(act, order) == group && self.pairs.insert(pair) {
                let (row, order, _) = next;
                batch.push(row, order);
                company -= 1;
            } else {
                passed_over.push(next);
            }
        }
        for next in passed_over.into_iter().rev() {
            self.ready.push_front(next);
        }
        self.remove_from_queries(group, batch.len());
        batch
    }

    /// Rows at most that may go with the first of this group, once that is taken.
    fn matching_rows(&self, group: BatchGroup) -> usize {
        let asking = group.query.and_then(|asked| self.questions.get(&asked));
        asking.map_or(self.ready.len(), |asking| asking - 1)
    }

    /// So many rows of this group are here no more.
    fn remove_from_queries(&mut self, group: BatchGroup, rows: usize) {
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

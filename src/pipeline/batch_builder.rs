//! Collects rows into batches. A batch has each pair of records once, and only rows that the API
//! accepts in one call.
//!
//! Knows nothing of permits, pace or how a row ends.

use std::{
    collections::{HashMap, HashSet, VecDeque, hash_map::Entry},
    time::Duration,
};

// Somebody who chooses ids to slow this map down only harms himself.
use foldhash::fast::RandomState;
use tokio::time::Instant;

use crate::{
    api::{Api, BatchGroup, LinkOperation},
    association::{Definition, LinkRequest, RecordId},
    delivery::{RowBatch, RowTask},
    row::Row,
};

/// Rows from a slow pipe do not wait longer for a full batch.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// To fill a batch, this many rows that do not fit are skipped, or four times the batch size if
/// that is more.
const SKIPPED_ROWS: usize = 256;

/// The most rows that are examined for a batch of up to `most` rows.
pub(super) fn max_examined(most: usize) -> usize {
    most + max_skipped(most)
}

fn max_skipped(most: usize) -> usize {
    SKIPPED_ROWS.max(4 * most)
}

/// A row that may be sent, its request, and since when it waits.
type ReadyRow = (Row, LinkRequest, Instant);

/// Rows with the same task that may be sent.
#[derive(Debug)]
pub(super) struct BatchBuilder {
    task: RowTask,
    /// In order of arrival.
    ready: VecDeque<ReadyRow>,
    /// The pairs in the batch that is being built.
    pairs: HashSet<(RecordId, RecordId), RandomState>,
    /// If all rows of a call must ask the same question: how many rows ask it. Mostly there is one,
    /// and no other row has to be looked for.
    rows_per_query: HashMap<(RecordId, Definition), usize, RandomState>,
}

impl BatchBuilder {
    pub(super) fn new(task: RowTask) -> Self {
        Self {
            task,
            ready: VecDeque::new(),
            pairs: HashSet::default(),
            rows_per_query: HashMap::default(),
        }
    }

    /// What is done for the rows.
    pub(super) fn task(&self) -> RowTask {
        self.task
    }

    /// Adds a row. It goes first if it has waited longer than the first one.
    #[inline]
    pub(super) fn add(&mut self, api: &impl Api, (row, request, arrived): ReadyRow) {
        if self.task.link_operation() == LinkOperation::Read
            && let Some(query) = api.batch_group(LinkOperation::Read, &request).query
        {
            *self.rows_per_query.entry(query).or_default() += 1;
        }
        let first = self.ready.front();
        if first.is_some_and(|(.., first)| arrived < *first) {
            self.ready.push_front((row, request, arrived));
        } else {
            self.ready.push_back((row, request, arrived));
        }
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.ready.len()
    }

    /// When a batch of up to `most` rows can be sent: at once if it is full or no more rows follow.
    /// Otherwise when its first row has waited long enough.
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

    /// Takes the next batch.
    pub(super) fn next_batch(&mut self, api: &impl Api, most: usize) -> RowBatch {
        let mut batch = RowBatch::new(self.task);
        let Some((row, request, _)) = self.ready.pop_front() else {
            return batch;
        };
        let operation = self.task.link_operation();
        if most == 1 {
            // No other rows have to match.
            if !self.rows_per_query.is_empty() {
                self.remove_from_queries(api.batch_group(operation, &request), 1);
            }
            batch.push(row, request);
            return batch;
        }
        batch.reserve(most.min(self.ready.len() + 1));
        let group = api.batch_group(operation, &request);
        self.pairs.clear();
        self.pairs.insert((request.link.from(), request.link.to()));
        batch.push(row, request);
        let mut matching = self.matching_rows(group);
        let mut passed_over = Vec::new();
        while batch.len() < most
            && matching > 0
            && passed_over.len() < max_skipped(most)
            && let Some(next) = self.ready.pop_front()
        {
            let (_, request, _) = &next;
            let pair = (request.link.from(), request.link.to());
            if api.batch_group(operation, request) == group && self.pairs.insert(pair) {
                let (row, request, _) = next;
                batch.push(row, request);
                matching -= 1;
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

    /// The most rows that fit to the first of this group, once that is taken.
    fn matching_rows(&self, group: BatchGroup) -> usize {
        let asking = group
            .query
            .and_then(|asked| self.rows_per_query.get(&asked));
        asking.map_or(self.ready.len(), |asking| asking - 1)
    }

    /// This many rows of the group were taken.
    fn remove_from_queries(&mut self, group: BatchGroup, rows: usize) {
        if let Some(query) = group.query
            && let Entry::Occupied(mut asking) = self.rows_per_query.entry(query)
        {
            *asking.get_mut() -= rows;
            if *asking.get() == 0 {
                asking.remove();
            }
        }
    }
}

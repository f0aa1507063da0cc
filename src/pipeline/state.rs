//! What the event loop does between two waits: sorts arrived rows by what is done for them, and
//! builds batches. `recording` handles the results.

use std::vec;

use tokio::time::Instant;

use super::{
    batch_builder::BatchBuilder,
    capacity::{BatchSizes, ConcurrencyLimits, MAX_ROWS_PER_LOOKUP, RowCapacity},
    held_writes::{HeldWrites, QueuedWrite, RowOrder},
    key_ordering::{Admission, ArrivedRow, KeyOrdering},
    multi_link_rows::MultiLinkRows,
    resolve::ResolvedRows,
    row_strategy::RowStrategy,
};
use crate::{
    api::{Api, LinkOperation},
    association::{Association, CanonicalLink, LinkRequest},
    delivery::{Delivery, RowBatch, RowTask},
    row::{Row, RowLink, RowReport},
    stop::StopSwitch,
};

/// When there is a batch to send.
#[derive(Clone, Copy)]
pub(super) enum Readiness {
    Now,
    At(Instant),
    /// Not before something else happens.
    Never,
}

/// The state of the pipeline between two waits.
pub(super) struct PipelineState<'a, A, C> {
    delivery: &'a Delivery<A>,
    pub(super) stop: &'a StopSwitch,
    pub(super) strategy: C,
    pub(super) phase: RunPhase,
    pub(super) incoming: IncomingRows,
    pub(super) ordering: RowOrdering,
    queues: TaskQueues,
    /// Rows that are being looked up.
    pub(super) rows_in_lookup: usize,
    pub(super) sizes: BatchSizes,
}

/// How far the run is.
pub(super) struct RunPhase {
    /// Whether results are still recorded.
    pub(super) is_recording: bool,
    /// Whether nothing new is started.
    pub(super) is_stopping: bool,
}

/// Rows that come in.
pub(super) struct IncomingRows {
    arrived: vec::IntoIter<Row>,
    /// No more rows arrive.
    has_ended: bool,
    /// For rows without an outcome.
    pub(super) capacity: RowCapacity,
}

/// Rows that depend on each other.
pub(super) struct RowOrdering {
    pub(super) multi_link_rows: MultiLinkRows,
    pub(super) key_ordering: KeyOrdering,
    pub(super) held_writes: HeldWrites,
}

/// Rows that may go, by task.
struct TaskQueues {
    /// Rows whose records may have other ids now.
    identify: BatchBuilder,
    lookups: BatchBuilder,
    writes: [BatchBuilder; 3],
}

impl<'a, A: Api, C: RowStrategy> PipelineState<'a, A, C> {
    pub(super) fn new(
        delivery: &'a Delivery<A>,
        stop: &'a StopSwitch,
        bounds: ConcurrencyLimits,
        strategy: C,
    ) -> Self {
        let replaces_types = delivery.caller().api().replaces_types();
        let orders_pairs = replaces_types || strategy.orders_pairs();
        Self {
            delivery,
            stop,
            phase: RunPhase {
                is_recording: true,
                is_stopping: false,
            },
            incoming: IncomingRows {
                arrived: Vec::new().into_iter(),
                has_ended: false,
                capacity: RowCapacity::new(bounds, strategy.reads_existing()),
            },
            ordering: RowOrdering {
                multi_link_rows: MultiLinkRows::default(),
                key_ordering: KeyOrdering::new(orders_pairs),
                held_writes: HeldWrites::default(),
            },
            queues: TaskQueues {
                identify: BatchBuilder::new(RowTask::Identify),
                lookups: BatchBuilder::new(RowTask::ReadExisting),
                writes: [RowTask::Create, RowTask::Remove, RowTask::RestoreDisplaced]
                    .map(BatchBuilder::new),
            },
            rows_in_lookup: 0,
            sizes: BatchSizes::new(bounds, strategy.reads_existing()),
            strategy,
        }
    }

    fn api(&self) -> &'a A {
        self.delivery.caller().api()
    }

    pub(super) fn receive(&mut self, resolved: Option<ResolvedRows>) {
        match resolved {
            Some(ResolvedRows::Rows(rows)) => self.incoming.arrived = rows.into_iter(),
            Some(ResolvedRows::Links(row, others)) => {
                if row.link.is_ok() {
                    self.ordering.multi_link_rows.add(row.number, others);
                }
                self.incoming.arrived = vec![row].into_iter();
            }
            Some(ResolvedRows::Ended(reports)) => self.record_reports(&reports),
            None => self.incoming.has_ended = true,
        }
    }

    fn rows_to_write(&self) -> usize {
        self.queues.writes.iter().map(BatchBuilder::len).sum()
    }

    /// Rows that have to be looked up before they are written.
    fn rows_to_look_up(&self) -> usize {
        self.queues.identify.len() + self.queues.lookups.len()
    }

    fn has_room(&self) -> bool {
        self.incoming.capacity.has_room()
    }

    /// Whether more rows would help to choose batches, now or soon.
    fn wants_candidates(&self) -> bool {
        let to_look_up = self.rows_to_look_up();
        to_look_up < self.sizes.max_to_look_up
            && to_look_up + self.rows_to_write() < self.sizes.lookahead
    }

    /// Whether there is space for more rows than those that have arrived.
    fn accepts_rows(&self) -> bool {
        !self.incoming.has_ended
            && self.has_room()
            && self.ordering.multi_link_rows.waiting() < self.incoming.capacity.max_rows()
    }

    /// Whether rows may follow those that are here.
    fn has_more(&self) -> bool {
        self.incoming.arrived.len() > 0 && self.has_room() || self.accepts_rows()
    }

    /// Whether to read more rows.
    pub(super) fn wants_rows(&self) -> bool {
        !self.phase.is_stopping && self.incoming.arrived.len() == 0 && self.accepts_rows()
    }

    /// Whether rows may still be sent besides those in flight. The caller asks, because such rows could
    /// show whose fault a failure is. Lookups that wait for rows in flight do not count: each would
    /// wait for the other.
    pub(super) fn more_to_come(&self, now: Instant) -> bool {
        let lookups_wait =
            self.queues.lookups.len() > 0 && self.ready_at(&self.queues.lookups, now).is_none();
        let may_come = !lookups_wait && (self.queues.lookups.len() > 0 || self.has_more());
        !self.phase.is_stopping && (self.rows_to_write() > 0 || may_come)
    }

    /// The most rows in a batch of this queue.
    fn max_rows(&self, queue: &BatchBuilder) -> usize {
        let operation = queue.task().link_operation();
        let rows = match queue.task() {
            RowTask::Identify => MAX_ROWS_PER_LOOKUP,
            RowTask::ReadExisting => self.sizes.rows_per_lookup,
            RowTask::Create
            | RowTask::Remove
            | RowTask::RestoreDisplaced
            | RowTask::ReadBack(_) => self.sizes.rows_per_call,
        };
        self.api().max_links(operation, rows).min(rows)
    }

    /// When a queue has a batch to send.
    fn ready_at(&self, queue: &BatchBuilder, now: Instant) -> Option<Instant> {
        if queue.len() == 0 {
            return None;
        }
        let more = self.has_more();
        let is_lookup = queue.task() == RowTask::ReadExisting;
        let more = more || !is_lookup && (self.queues.lookups.len() > 0 || self.rows_in_lookup > 0);
        // Rows that can only be written later are not looked up yet, because what was read is soon
        // out of date. A full lookup may be ahead of the writes by a few lookups, so that writes
        // never wait for it. One that is not full waits while there is enough to write.
        let max_rows = self.max_rows(queue);
        let lead = if queue.len() < max_rows {
            0
        } else if self.sizes.rows_per_lookup > self.sizes.min_rows_per_lookup {
            // Most of the links exist: there will be little to write.
            4 * self.sizes.rows_per_lookup
        } else {
            2 * self.sizes.rows_per_lookup.min(self.sizes.in_flight)
        };
        let ahead = self.rows_to_write() + self.rows_in_lookup;
        let is_early = is_lookup && ahead >= self.sizes.in_flight + lead;
        queue.ready_at(max_rows, now, more).filter(|_| !is_early)
    }

    pub(super) fn readiness(&self, now: Instant) -> Readiness {
        if self.phase.is_stopping {
            return Readiness::Never;
        }
        let queues = self
            .queues
            .writes
            .iter()
            .chain([&self.queues.identify, &self.queues.lookups]);
        let first = queues.filter_map(|queue| self.ready_at(queue, now)).min();
        match first {
            Some(at) if at <= now => Readiness::Now,
            Some(at) => Readiness::At(at),
            None => Readiness::Never,
        }
    }

    /// Takes the next batch. A lookup goes first, so that there is always something to write. But a
    /// full batch does not have to wait for it.
    pub(super) fn next_batch(&mut self, now: Instant) -> RowBatch {
        let due = |queue: &BatchBuilder| self.ready_at(queue, now).is_some_and(|at| at <= now);
        let lookup = due(&self.queues.lookups);
        let is_batch = |queue: &BatchBuilder| (2..=queue.len()).contains(&self.max_rows(queue));
        let write = self.queues.writes.iter().position(due);
        match write {
            None if due(&self.queues.identify) => {
                let most = self.max_rows(&self.queues.identify);
                self.queues.identify.next_batch(self.api(), most)
            }
            Some(place) if !lookup || is_batch(&self.queues.writes[place]) => {
                let most = self.max_rows(&self.queues.writes[place]);
                let batch = self.queues.writes[place].next_batch(self.api(), most);
                self.strategy.begin_writes(&batch);
                batch
            }
            Some(_) | None => {
                let most = self.max_rows(&self.queues.lookups);
                let batch = self.queues.lookups.next_batch(self.api(), most);
                self.rows_in_lookup += batch.len();
                batch
            }
        }
    }

    /// Admits as many arrived rows as can be used soon. Invalid rows are recorded at once.
    pub(super) fn admit_arrived(&mut self, now: Instant) {
        let mut invalid = Vec::new();
        while self.wants_candidates()
            && self.has_room()
            && let Some(row) = self.incoming.arrived.next()
        {
            match &row.link {
                Ok(RowLink::Known(link)) => {
                    let link = *link;
                    self.incoming.capacity.reserve(&row);
                    self.admit(row, &link, now);
                }
                // Its records were not found, so it stays without an outcome.
                Ok(RowLink::Keyed(_)) => debug_assert!(false, "the resolver finds them"),
                Err(failure) => {
                    let failure = failure.clone();
                    invalid.push(RowReport::invalid(row, failure));
                }
            }
        }
        self.record_reports(&invalid);
    }

    /// Queues a row behind those that it has to wait for.
    pub(super) fn admit(&mut self, mut row: Row, link: &Association, now: Instant) {
        let current = self.use_current_ids(&mut row, link);
        let admission = self.ordering.key_ordering.admit(row.number, &current);
        self.enqueue_or_wait((row, current, now), admission);
    }

    /// Queues a row, or lets it wait. If it waits and has to be looked up first, later writes may
    /// have to wait for this lookup.
    pub(super) fn enqueue_or_wait(&mut self, arrived: ArrivedRow, admission: Admission) {
        match admission {
            Admission::Go => self.enqueue(arrived),
            Admission::Wait(blocked_by) => {
                if blocked_by.shows_record_first && only_reads(self.first_task(&arrived.1)) {
                    self.ordering
                        .held_writes
                        .add_lookup(self.row_order(arrived.0.number));
                }
                self.ordering.key_ordering.add_waiting(arrived, &blocked_by);
            }
            Admission::LeaveForResume => self.defer(&arrived.0),
        }
    }

    pub(super) fn enqueue(&mut self, (row, link, arrived): ArrivedRow) {
        let task = self.first_task(&link);
        let mut request = LinkRequest::from(link);
        if task == RowTask::ReadExisting {
            let other = self.strategy.paired_link(&link);
            request.then = other.map(|other| Box::new(other.into()));
        }
        self.enqueue_for(task, row, request, arrived);
    }

    /// If responses do not name the records that they are about, the records have to be identified
    /// first.
    fn first_task(&self, link: &CanonicalLink) -> RowTask {
        let must_identify = self.strategy.reads_existing() && !self.api().names_records();
        if must_identify && !self.delivery.identities().are_ends_known(link) {
            RowTask::Identify
        } else {
            self.strategy.first_task(link)
        }
    }

    /// Gives a row the current ids of its records, as far as they are known. From here on its link
    /// has one direction.
    pub(super) fn use_current_ids(&self, row: &mut Row, link: &Association) -> CanonicalLink {
        let current = self.delivery.identities().resolve(link);
        if current != *link {
            row.set_current_ids(current);
        }
        CanonicalLink::new(&current)
    }

    /// The order of a row among those that depend on each other.
    pub(super) fn row_order(&self, row: u64) -> RowOrder {
        self.strategy.row_order(row)
    }

    pub(super) fn enqueue_for(
        &mut self,
        task: RowTask,
        row: Row,
        request: LinkRequest,
        arrived: Instant,
    ) {
        let order = self.row_order(row.number);
        if only_reads(task) {
            if self.ordering.key_ordering.reveals_record(&request.link) {
                self.ordering.held_writes.add_lookup(order);
            }
        } else if self.ordering.held_writes.must_wait(order, &request.link) {
            self.ordering
                .held_writes
                .hold(order, (task, row, request, arrived));
            return;
        }
        self.add_to_queue((task, row, request, arrived));
    }

    /// Queues writes that waited for lookups of earlier rows.
    pub(super) fn release_held(&mut self) {
        for row in self.ordering.key_ordering.take_deferred() {
            self.defer(&row);
        }
        for write in self.ordering.held_writes.take_released() {
            self.add_to_queue(write);
        }
    }

    /// A row ends without an outcome, because a row that it depends on did.
    fn defer(&mut self, row: &Row) {
        let order = self.row_order(row.number);
        self.ordering.held_writes.remove_lookup(order);
        self.ordering.multi_link_rows.remove(row.number);
        self.incoming.capacity.release(row);
    }

    fn add_to_queue(&mut self, (task, row, request, arrived): QueuedWrite) {
        let api = self.api();
        self.queue(task).add(api, (row, request, arrived));
    }

    fn queue(&mut self, task: RowTask) -> &mut BatchBuilder {
        match task {
            RowTask::Identify => &mut self.queues.identify,
            RowTask::ReadExisting | RowTask::ReadBack(_) => &mut self.queues.lookups,
            RowTask::Create => &mut self.queues.writes[0],
            RowTask::Remove => &mut self.queues.writes[1],
            RowTask::RestoreDisplaced => &mut self.queues.writes[2],
        }
    }
}

/// Whether the task only reads.
fn only_reads(task: RowTask) -> bool {
    match task.link_operation() {
        LinkOperation::Identify | LinkOperation::Read => true,
        LinkOperation::Create | LinkOperation::Remove => false,
    }
}

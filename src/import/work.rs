//! What the loop does between two waits: rows that have arrived are sorted to
//! what is done for them, and parcels are made of them. What came of those is
//! `recording`'s.

use std::{slice, vec};

use tokio::time::Instant;

use super::{
    command::Command,
    held::{Held, Place, Write},
    links::Links,
    packing::Packing,
    resolve::Resolved,
    room::{Bounds, MOST_LOOKED_AT, Room, Sizes},
    turns::{Admission, Arrived, Turns},
};
use crate::{
    api::{Api, LinkOperation},
    association::{Association, CanonicalLink, WriteRequest},
    delivery::{Delivery, RowBatch, RowTask},
    row::{Row, RowReport},
    stop::StopSwitch,
};

/// When there is a parcel to be sent.
#[derive(Clone, Copy)]
pub(super) enum Ready {
    Now,
    At(Instant),
    /// Not before something else happens.
    Never,
}

/// What is done between two waits.
pub(super) struct Work<'a, A, C> {
    delivery: &'a Delivery<A>,
    pub(super) stop: &'a StopSwitch,
    pub(super) command: C,
    pub(super) phase: Phase,
    pub(super) incoming: Incoming,
    pub(super) order: Ordering,
    queues: Queues,
    /// Rows that are being looked at.
    pub(super) looked_at: usize,
    pub(super) sizes: Sizes,
}

/// How far the run is.
pub(super) struct Phase {
    /// What has ended is written down.
    pub(super) recording: bool,
    /// Nothing new is begun.
    pub(super) stopping: bool,
}

/// Rows that come in.
pub(super) struct Incoming {
    arrived: vec::IntoIter<Row>,
    /// No more of them arrive.
    ended: bool,
    /// For those that have no outcome yet.
    pub(super) room: Room,
}

/// Rows that depend on each other.
pub(super) struct Ordering {
    pub(super) links: Links,
    pub(super) turns: Turns,
    pub(super) held: Held,
}

/// Rows that may go, by what is done for them.
struct Queues {
    /// Rows whose records may be known under other ids today.
    identities: Packing,
    looks: Packing,
    writes: [Packing; 3],
}

impl<'a, A: Api, C: Command> Work<'a, A, C> {
    pub(super) fn new(
        delivery: &'a Delivery<A>,
        stop: &'a StopSwitch,
        bounds: Bounds,
        command: C,
    ) -> Self {
        let replaces = delivery.caller().api().replaces();
        Self {
            delivery,
            stop,
            phase: Phase {
                recording: true,
                stopping: false,
            },
            incoming: Incoming {
                arrived: Vec::new().into_iter(),
                ended: false,
                room: Room::of(bounds, command.looks()),
            },
            order: Ordering {
                links: Links::default(),
                turns: Turns::new(replaces),
                held: Held::default(),
            },
            queues: Queues {
                identities: Packing::new(RowTask::Identify),
                looks: Packing::new(RowTask::ReadExisting),
                writes: [RowTask::Create, RowTask::Remove, RowTask::Restore].map(Packing::new),
            },
            looked_at: 0,
            sizes: Sizes::of(bounds, command.looks()),
            command,
        }
    }

    fn api(&self) -> &'a A {
        self.delivery.caller().api()
    }

    pub(super) fn arrive(&mut self, resolved: Option<Resolved>) {
        match resolved {
            Some(Resolved::Rows(rows)) => self.incoming.arrived = rows.into_iter(),
            Some(Resolved::Links(row, others)) => {
                if row.link.is_ok() {
                    self.order.links.take(row.number, others);
                }
                self.incoming.arrived = vec![row].into_iter();
            }
            Some(Resolved::Ended(report)) => self.write(slice::from_ref(&report)),
            None => self.incoming.ended = true,
        }
    }

    fn to_write(&self) -> usize {
        self.queues.writes.iter().map(Packing::len).sum()
    }

    /// Rows of which has to be found out what stands before they are written.
    fn to_look_at(&self) -> usize {
        self.queues.identities.len() + self.queues.looks.len()
    }

    fn has_room(&self) -> bool {
        self.incoming.room.is_left()
    }

    /// Whether more rows that may go are of use: to choose parcels from, now or soon.
    fn wants_to_choose(&self) -> bool {
        let to_look_at = self.to_look_at();
        to_look_at < self.sizes.to_look_at && to_look_at + self.to_write() < self.sizes.looked_ahead
    }

    /// Whether there is room for more rows than those that have arrived.
    fn takes_more(&self) -> bool {
        !self.incoming.ended
            && self.has_room()
            && self.order.links.waiting() < self.incoming.room.most()
    }

    /// Whether rows may follow those that are here.
    fn has_more(&self) -> bool {
        self.incoming.arrived.len() > 0 && self.has_room() || self.takes_more()
    }

    /// Whether to look for more rows.
    pub(super) fn wants_rows(&self) -> bool {
        !self.phase.stopping && self.incoming.arrived.len() == 0 && self.takes_more()
    }

    /// Whether rows may come that are not under way yet. Looks that have to wait
    /// for those under way are none of them: these would wait for each other.
    pub(super) fn more_follows(&self, now: Instant) -> bool {
        let looks_wait =
            self.queues.looks.len() > 0 && self.ready_at(&self.queues.looks, now).is_none();
        let may_come = !looks_wait && (self.queues.looks.len() > 0 || self.has_more());
        !self.phase.stopping && (self.to_write() > 0 || may_come)
    }

    /// Rows in a parcel of this queue at most.
    fn most(&self, queue: &Packing) -> usize {
        let act = queue.task().link_operation();
        let rows = match queue.task() {
            RowTask::Identify => MOST_LOOKED_AT,
            RowTask::ReadExisting => self.sizes.rows_per_read,
            RowTask::Create | RowTask::Remove | RowTask::Restore | RowTask::Confirm(_) => {
                self.sizes.rows_per_call
            }
        };
        self.api().max_links(act, rows).min(rows)
    }

    /// When a queue has a parcel to be sent.
    fn ready_at(&self, queue: &Packing, now: Instant) -> Option<Instant> {
        if queue.len() == 0 {
            return None;
        }
        let more = self.has_more();
        let is_look = queue.task() == RowTask::ReadExisting;
        let more = more || !is_look && (self.queues.looks.len() > 0 || self.looked_at > 0);
        // What can be written only later is not looked at yet, for what was seen is
        // soon out of date; and few rows are not while there are enough to write.
        let most = self.most(queue);
        let further = if queue.len() < most {
            0
        } else if self.sizes.rows_per_read > self.sizes.fewest_per_look {
            // Most of them stand: there will be little to write.
            4 * self.sizes.rows_per_read
        } else {
            2 * self.sizes.rows_per_read.min(self.sizes.in_flight)
        };
        let ahead = self.to_write() + self.looked_at;
        let is_early = is_look && ahead >= self.sizes.in_flight + further;
        queue.ready_at(most, now, more).filter(|_| !is_early)
    }

    pub(super) fn ready(&self, now: Instant) -> Ready {
        if self.phase.stopping {
            return Ready::Never;
        }
        let queues = self
            .queues
            .writes
            .iter()
            .chain([&self.queues.identities, &self.queues.looks]);
        let first = queues.filter_map(|queue| self.ready_at(queue, now)).min();
        match first {
            Some(at) if at <= now => Ready::Now,
            Some(at) => Ready::At(at),
            None => Ready::Never,
        }
    }

    /// The next parcel. A look goes first, so that there is always something to
    /// write; but a whole batch is not held up.
    pub(super) fn next_parcel(&mut self, now: Instant) -> RowBatch {
        let due = |queue: &Packing| self.ready_at(queue, now).is_some_and(|at| at <= now);
        let look = due(&self.queues.looks);
        let is_batch = |queue: &Packing| (2..=queue.len()).contains(&self.most(queue));
        let write = self.queues.writes.iter().position(due);
        match write {
            None if due(&self.queues.identities) => {
                let most = self.most(&self.queues.identities);
                self.queues.identities.parcel(self.api(), most)
            }
            Some(place) if !look || is_batch(&self.queues.writes[place]) => {
                let most = self.most(&self.queues.writes[place]);
                self.queues.writes[place].parcel(self.api(), most)
            }
            Some(_) | None => {
                let most = self.most(&self.queues.looks);
                let parcel = self.queues.looks.parcel(self.api(), most);
                self.looked_at += parcel.len();
                parcel
            }
        }
    }

    /// Takes rows that have arrived, as many as can be used soon. Invalid ones
    /// pass straight through.
    pub(super) fn take_arrived(&mut self, now: Instant) {
        let mut invalid = Vec::new();
        while self.wants_to_choose()
            && self.has_room()
            && let Some(row) = self.incoming.arrived.next()
        {
            match &row.link {
                Ok(link) => {
                    let link = *link;
                    self.incoming.room.take(&row);
                    self.admit(row, &link, now);
                }
                Err(failure) => {
                    let failure = failure.clone();
                    invalid.push(RowReport::invalid(row, failure));
                }
            }
        }
        self.write(&invalid);
    }

    /// Puts a row behind those that it has to wait for.
    pub(super) fn admit(&mut self, mut row: Row, link: &Association, now: Instant) {
        let today = self.resolve(&mut row, link);
        let admission = self.order.turns.admit(row.number, &today);
        self.go_or_wait((row, today, now), admission);
    }

    /// A row goes, or waits for its turn: later writes may have to wait for the look at it
    /// then.
    pub(super) fn go_or_wait(&mut self, arrived: Arrived, admission: Admission) {
        match admission {
            Admission::Go => self.enqueue(arrived),
            Admission::Wait(behind) => {
                if behind.is_first && is_look(self.first_task(&arrived.1)) {
                    self.order.held.looks(self.place(arrived.0.number));
                }
                self.order.turns.wait(arrived, &behind);
            }
            Admission::Leave => self.leave(&arrived.0),
        }
    }

    pub(super) fn enqueue(&mut self, (row, link, arrived): Arrived) {
        let task = self.first_task(&link);
        let mut order = WriteRequest::from(link);
        if task == RowTask::ReadExisting {
            let other = self.command.other(&link);
            order.then = other.map(|other| Box::new(other.into()));
        }
        self.enqueue_for(task, row, order, arrived);
    }

    /// Where answers do not name the records that they are about, it has to be known
    /// before which these are.
    fn first_task(&self, link: &CanonicalLink) -> RowTask {
        let is_nameless = self.command.looks() && !self.api().names_records();
        if is_nameless && !self.delivery.identities().are_ends_known(link) {
            RowTask::Identify
        } else {
            self.command.first(link)
        }
    }

    /// Gives a row the ids that its records have today, as far as they are known: from here on
    /// its link has one direction.
    pub(super) fn resolve(&self, row: &mut Row, link: &Association) -> CanonicalLink {
        let today = self.delivery.identities().resolve(link);
        if today != *link {
            row.set_current_ids(today);
        }
        CanonicalLink::new(&today)
    }

    /// Where a row stands among those that depend on each other.
    pub(super) fn place(&self, row: u64) -> Place {
        self.command.order(row)
    }

    pub(super) fn enqueue_for(
        &mut self,
        task: RowTask,
        row: Row,
        order: WriteRequest,
        arrived: Instant,
    ) {
        let place = self.place(row.number);
        if is_look(task) {
            if self.order.turns.tells_a_record(&order.link) {
                self.order.held.looks(place);
            }
        } else if self.order.held.has_to_wait(place, &order.link) {
            self.order.held.wait(place, (task, row, order, arrived));
            return;
        }
        self.take((task, row, order, arrived));
    }

    /// Writes that waited for looks at earlier rows.
    pub(super) fn let_go(&mut self) {
        for row in self.order.turns.take_left() {
            self.leave(&row);
        }
        for write in self.order.held.released() {
            self.take(write);
        }
    }

    /// A row ends without an outcome, for one that it depends on did.
    fn leave(&mut self, row: &Row) {
        let place = self.place(row.number);
        self.order.held.has_looked(place);
        self.order.links.forget(row.number);
        self.incoming.room.give_back(row);
    }

    fn take(&mut self, (task, row, order, arrived): Write) {
        let api = self.api();
        self.queue(task).take(api, (row, order, arrived));
    }

    fn queue(&mut self, task: RowTask) -> &mut Packing {
        match task {
            RowTask::Identify => &mut self.queues.identities,
            RowTask::ReadExisting | RowTask::Confirm(_) => &mut self.queues.looks,
            RowTask::Create => &mut self.queues.writes[0],
            RowTask::Remove => &mut self.queues.writes[1],
            RowTask::Restore => &mut self.queues.writes[2],
        }
    }
}

/// Whether it tells of records what stands, and writes nothing.
fn is_look(task: RowTask) -> bool {
    match task.link_operation() {
        LinkOperation::Identify | LinkOperation::Read => true,
        LinkOperation::Create | LinkOperation::Remove => false,
    }
}

//! The rows of one call, and what is known of those that were a part of a
//! larger parcel before.
//!
//! Sends nothing and knows no verdicts.

use smallvec::SmallVec;
use tokio::time::Instant;

use crate::{
    api::LinkOperation,
    association::{CanonicalLink, WriteRequest},
    caller::{LoggedRows, PriorAttempts, SplitSiblings},
    http_status::HttpStatus,
    row::{Outcome, Row, RowReport},
};

/// Of single rows, which most parcels are, without memory of their own.
pub type RowReports = SmallVec<[RowReport; 1]>;

/// What is done for the rows of a parcel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowTask {
    /// Their links are made.
    #[default]
    Create,
    /// Their links are taken away.
    Remove,
    /// Their links are gone; what stood before is put back.
    Restore,
    /// It is found out which records they are about.
    Identify,
    /// It is found out what stands.
    ReadExisting,
    /// They were answered with success that tells nothing: it is found out
    /// whether that was done.
    Confirm(UnconfirmedWrite),
}

/// An answer of success that does not tell whether what was asked for is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnconfirmedWrite {
    /// Its status.
    pub http_status: HttpStatus,
    /// How many rows that call had.
    pub rows_in_call: usize,
    /// What was asked for.
    pub kind: WriteKind,
    /// Since when HubSpot is at it, where it says that it still is.
    pub pending_since: Option<Instant>,
}

/// What changes associations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteKind {
    /// See [`RowTask::Create`].
    Create,
    /// See [`RowTask::Remove`].
    Remove,
    /// See [`RowTask::PutBack`].
    Restore,
}

impl WriteKind {
    /// What is done for rows that are written.
    #[must_use]
    pub fn task(self) -> RowTask {
        match self {
            Self::Create => RowTask::Create,
            Self::Remove => RowTask::Remove,
            Self::Restore => RowTask::Restore,
        }
    }

    /// Whether it makes a link, or else takes one away.
    #[must_use]
    pub fn creates_link(self) -> bool {
        match self {
            Self::Create | Self::Restore => true,
            Self::Remove => false,
        }
    }
}

impl RowTask {
    /// The kind of call.
    #[must_use]
    pub fn link_operation(self) -> LinkOperation {
        match self {
            Self::Create | Self::Restore => LinkOperation::Create,
            Self::Remove => LinkOperation::Remove,
            Self::Identify => LinkOperation::Identify,
            Self::ReadExisting | Self::Confirm(_) => LinkOperation::Read,
        }
    }
}

/// The rows of one call.
#[derive(Debug, Default)]
pub struct RowBatch {
    task: RowTask,
    rows: SmallVec<[Row; 1]>,
    /// What each row asks for.
    orders: SmallVec<[WriteRequest; 1]>,
    /// Requests sent for these rows, those as parts of larger parcels included.
    requests_sent: u32,
    /// What it is left of, if it is.
    origin: Option<SplitOrigin>,
}

/// What is known of a parcel that is left of a larger one.
#[derive(Clone, Debug, Default)]
pub(super) struct SplitOrigin {
    /// Tries that were used up then.
    pub(super) tries_used: u32,
    /// Whether it failed then while others got through.
    pub(super) has_own_fault: bool,
    /// The other parts of it.
    siblings: SplitSiblings,
    /// Whether HubSpot named these rows, and not all of the parcel.
    pub(super) singled_out: bool,
    /// Whether a success of theirs turned out to be none.
    pub(super) write_lost_once: bool,
}

impl RowBatch {
    /// None yet, of rows for which this is to be done.
    #[must_use]
    pub fn new(task: RowTask) -> Self {
        Self {
            task,
            ..Self::default()
        }
    }

    /// Makes room for so many rows more.
    pub fn reserve(&mut self, rows: usize) {
        self.rows.reserve_exact(rows);
        self.orders.reserve_exact(rows);
    }

    /// Adds a row that asks for this.
    pub fn push(&mut self, row: Row, order: WriteRequest) {
        self.rows.push(row);
        self.orders.push(order);
    }

    /// Rows in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What is done for its rows.
    #[must_use]
    pub fn task(&self) -> RowTask {
        self.task
    }

    pub(super) fn orders(&self) -> &[WriteRequest] {
        &self.orders
    }

    pub(super) fn links(&self) -> impl Iterator<Item = &CanonicalLink> {
        self.orders.iter().map(|order| &order.link)
    }

    /// Links that are asked for with those of its rows.
    pub(super) fn paired_links(&self) -> impl Iterator<Item = &CanonicalLink> {
        let others = self.orders.iter().filter_map(WriteRequest::then_link);
        others.filter(|_| self.task == RowTask::ReadExisting)
    }

    /// Its rows with their orders.
    pub(super) fn into_rows(self) -> impl Iterator<Item = (Row, WriteRequest)> {
        self.rows.into_iter().zip(self.orders)
    }

    /// So many requests were sent for its rows.
    pub(super) fn set_requests_sent(&mut self, attempts: u32) {
        self.requests_sent = attempts;
    }

    /// What logs name it by.
    pub(super) fn logged_rows(&self) -> LoggedRows {
        LoggedRows {
            first_row: self.rows.first().map(|row| row.number),
            count: self.len(),
        }
    }

    /// Tries that were used up when its rows were a part of a larger parcel.
    pub(super) fn prior_tries(&self) -> u32 {
        self.origin.as_ref().map_or(0, |origin| origin.tries_used)
    }

    /// What is known of the larger parcel.
    pub(super) fn prior_attempts(&self) -> PriorAttempts {
        let origin = self.origin.as_ref();
        PriorAttempts {
            requests_sent: self.requests_sent,
            tries_used: self.prior_tries(),
            has_own_fault: origin.is_some_and(|origin| origin.has_own_fault),
            siblings: origin.map(|origin| origin.siblings.clone()),
        }
    }

    pub(super) fn origin(&self) -> Option<&SplitOrigin> {
        self.origin.as_ref()
    }

    pub(super) fn origin_mut(&mut self) -> Option<&mut SplitOrigin> {
        self.origin.as_mut()
    }

    /// The same rows for another task.
    pub(super) fn with_task(self, task: RowTask) -> Self {
        Self { task, ..self }
    }

    /// The same rows, once this is done.
    pub(super) fn into_next_step(mut self, task: RowTask) -> Self {
        for order in &mut self.orders {
            if let Some(next) = order.then.take() {
                *order = *next;
            }
        }
        self.with_task(task)
    }

    /// A report for each row, all with the same end.
    pub(super) fn into_reports(self, outcome: Option<&Outcome>) -> RowReports {
        let finished_at = jiff::Timestamp::now();
        let attempts = self.requests_sent;
        let singled_out = self.origin.is_some_and(|origin| origin.singled_out);
        let report = |row| RowReport {
            row,
            attempts,
            singled_out,
            outcome: outcome.cloned(),
            finished_at,
        };
        self.rows.into_iter().map(report).collect()
    }

    /// Two parcels of half the rows each; `origin` is what is known of this.
    pub(super) fn into_halves(self, origin: &SplitOrigin) -> Vec<Self> {
        let half = self.len().div_ceil(2);
        let numbers = (0..self.len()).map(|row| usize::from(row >= half));
        let mut left = self.partition(origin, numbers.collect::<Vec<_>>().into_iter());
        left.retain(|batch| !batch.is_empty());
        left
    }

    /// Sorts the rows into smaller parcels, of these numbers; some may be empty.
    pub(super) fn partition(
        self,
        origin: &SplitOrigin,
        numbers: impl Iterator<Item = usize>,
    ) -> Vec<Self> {
        let mut left = Vec::<Self>::new();
        for ((row, order), number) in self.rows.into_iter().zip(self.orders).zip(numbers) {
            if left.len() <= number {
                left.resize_with(number + 1, || Self {
                    task: self.task,
                    requests_sent: self.requests_sent,
                    origin: Some(origin.clone()),
                    ..Self::default()
                });
            }
            left[number].push(row, order);
        }
        left
    }
}

impl SplitOrigin {
    pub(super) fn new(tries: u32, has_own_fault: bool) -> Self {
        Self {
            tries_used: tries,
            has_own_fault,
            ..Self::default()
        }
    }
}

//! The rows of one call, and what happened to the larger batch that they were split from.
//!
//! Sends nothing and knows no verdicts.

use smallvec::SmallVec;
use tokio::time::Instant;

use crate::{
    api::LinkOperation,
    association::{CanonicalLink, LinkRequest},
    caller::{LoggedRows, OperationState, PriorAttempts, SplitSiblings},
    http_status::HttpStatus,
    row::{Outcome, Row, RowReport},
};

/// Most batches have a single row, which needs no heap allocation.
pub type RowReports = SmallVec<[RowReport; 1]>;

/// What is done for the rows of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowTask {
    /// Creates their links.
    #[default]
    Create,
    /// Removes their links.
    Remove,
    /// Their links were removed. Puts back what existed before.
    RestoreDisplaced,
    /// Finds out which records they are about.
    Identify,
    /// Reads what exists.
    ReadExisting,
    /// The response was a success that does not prove anything. Reads back whether the write was
    /// done.
    ReadBack(UnconfirmedWrite),
}

/// A successful response that does not say whether the write was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnconfirmedWrite {
    /// Its status.
    pub http_status: HttpStatus,
    /// How many rows the call had.
    pub rows_in_call: usize,
    /// What was to be done.
    pub kind: WriteKind,
    /// Since when HubSpot says that it is still working on it.
    pub pending_since: Option<Instant>,
}

/// What changes associations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteKind {
    /// See [`RowTask::Create`].
    Create,
    /// See [`RowTask::Remove`].
    Remove,
    /// See [`RowTask::RestoreDisplaced`].
    RestoreDisplaced,
}

impl WriteKind {
    /// The task of rows that are written.
    #[must_use]
    pub fn task(self) -> RowTask {
        match self {
            Self::Create => RowTask::Create,
            Self::Remove => RowTask::Remove,
            Self::RestoreDisplaced => RowTask::RestoreDisplaced,
        }
    }

    /// Whether it creates a link. Otherwise it removes one.
    #[must_use]
    pub fn creates_link(self) -> bool {
        match self {
            Self::Create | Self::RestoreDisplaced => true,
            Self::Remove => false,
        }
    }
}

impl RowTask {
    /// The kind of API operation.
    #[must_use]
    pub fn link_operation(self) -> LinkOperation {
        match self {
            Self::Create | Self::RestoreDisplaced => LinkOperation::Create,
            Self::Remove => LinkOperation::Remove,
            Self::Identify => LinkOperation::Identify,
            Self::ReadExisting | Self::ReadBack(_) => LinkOperation::Read,
        }
    }
}

/// The rows of one call.
#[derive(Debug, Default)]
pub struct RowBatch {
    task: RowTask,
    rows: SmallVec<[Row; 1]>,
    /// The request of each row.
    requests: SmallVec<[LinkRequest; 1]>,
    /// Requests sent for these rows, including those of larger batches.
    requests_sent: u32,
    /// Whether one of them may have written the links of these rows.
    may_have_written: bool,
    /// Set if it was split from a larger batch.
    origin: Option<DeliveryHistory>,
}

/// What happened to the larger batch that this one was split from.
#[derive(Clone, Debug, Default)]
pub(super) struct DeliveryHistory {
    /// Tries that it used up.
    pub(super) tries_used: u32,
    /// Whether it failed while others succeeded.
    pub(super) has_own_fault: bool,
    /// The other parts of it.
    siblings: SplitSiblings,
    /// Whether HubSpot named these rows as the cause, and not the whole batch.
    pub(super) singled_out: bool,
    /// Whether a successful write of these rows turned out not to be done.
    pub(super) write_lost_once: bool,
}

impl RowBatch {
    /// An empty batch for this task.
    #[must_use]
    pub fn new(task: RowTask) -> Self {
        Self {
            task,
            ..Self::default()
        }
    }

    /// Reserves space for more rows.
    pub fn reserve(&mut self, rows: usize) {
        self.rows.reserve_exact(rows);
        self.requests.reserve_exact(rows);
    }

    /// Adds a row with its request.
    pub fn push(&mut self, row: Row, request: LinkRequest) {
        self.rows.push(row);
        self.requests.push(request);
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What is done for the rows.
    #[must_use]
    pub fn task(&self) -> RowTask {
        self.task
    }

    pub(super) fn requests(&self) -> &[LinkRequest] {
        &self.requests
    }

    pub(super) fn links(&self) -> impl Iterator<Item = &CanonicalLink> {
        self.requests.iter().map(|request| &request.link)
    }

    /// Other links that are read together with those of the rows.
    pub(super) fn paired_links(&self) -> impl Iterator<Item = &CanonicalLink> {
        let others = self.requests.iter().filter_map(LinkRequest::then_link);
        others.filter(|_| self.task == RowTask::ReadExisting)
    }

    /// The rows with their requests.
    pub(super) fn into_rows(self) -> impl Iterator<Item = (Row, LinkRequest)> {
        self.rows.into_iter().zip(self.requests)
    }

    /// The numbers of the rows.
    pub fn row_numbers(&self) -> impl Iterator<Item = u64> {
        self.rows.iter().map(|row| row.number)
    }

    /// Takes over what was sent for the rows.
    pub(super) fn set_requests(&mut self, operation: &OperationState) {
        self.requests_sent = operation.requests_sent();
        self.may_have_written |= operation.may_have_written();
    }

    /// The rows, for log events.
    pub(super) fn logged_rows(&self) -> LoggedRows {
        LoggedRows {
            first_row: self.rows.first().map(|row| row.number),
            count: self.len(),
        }
    }

    /// Tries that the larger batch used up.
    pub(super) fn prior_tries(&self) -> u32 {
        self.origin.as_ref().map_or(0, |origin| origin.tries_used)
    }

    /// What happened to the larger batch.
    pub(super) fn prior_attempts(&self) -> PriorAttempts {
        let origin = self.origin.as_ref();
        PriorAttempts {
            requests_sent: self.requests_sent,
            tries_used: self.prior_tries(),
            has_own_fault: origin.is_some_and(|origin| origin.has_own_fault),
            siblings: origin.map(|origin| origin.siblings.clone()),
        }
    }

    pub(super) fn origin(&self) -> Option<&DeliveryHistory> {
        self.origin.as_ref()
    }

    pub(super) fn origin_mut(&mut self) -> Option<&mut DeliveryHistory> {
        self.origin.as_mut()
    }

    /// Changes the task.
    pub(super) fn with_task(self, task: RowTask) -> Self {
        Self { task, ..self }
    }

    /// Goes on with the requests that follow the current ones.
    pub(super) fn into_next_step(mut self, task: RowTask) -> Self {
        for request in &mut self.requests {
            if let Some(next) = request.then.take() {
                *request = *next;
            }
        }
        self.with_task(task)
    }

    /// A report for each row, all with the same outcome.
    pub(super) fn into_reports(self, outcome: Option<&Outcome>) -> RowReports {
        let finished_at = jiff::Timestamp::now();
        let (attempts, may_have_written) = (self.requests_sent, self.may_have_written);
        let singled_out = self.origin.is_some_and(|origin| origin.singled_out);
        let report = |row| RowReport {
            row,
            attempts,
            singled_out,
            may_have_written,
            outcome: outcome.cloned(),
            finished_at,
        };
        self.rows.into_iter().map(report).collect()
    }

    /// Two batches of half the rows each. `origin` says what happened to this one.
    pub(super) fn into_halves(self, origin: &DeliveryHistory) -> Vec<Self> {
        let half = self.len().div_ceil(2);
        let numbers = (0..self.len()).map(|row| usize::from(row >= half));
        let mut left = self.partition(origin, numbers.collect::<Vec<_>>().into_iter());
        left.retain(|batch| !batch.is_empty());
        left
    }

    /// Distributes the rows to smaller batches with these numbers. Some may be empty.
    pub(super) fn partition(
        self,
        origin: &DeliveryHistory,
        numbers: impl Iterator<Item = usize>,
    ) -> Vec<Self> {
        let mut left = Vec::<Self>::new();
        for ((row, request), number) in self.rows.into_iter().zip(self.requests).zip(numbers) {
            if left.len() <= number {
                left.resize_with(number + 1, || Self {
                    task: self.task,
                    requests_sent: self.requests_sent,
                    may_have_written: self.may_have_written,
                    origin: Some(origin.clone()),
                    ..Self::default()
                });
            }
            left[number].push(row, request);
        }
        left
    }
}

impl DeliveryHistory {
    pub(super) fn new(tries: u32, has_own_fault: bool) -> Self {
        Self {
            tries_used: tries,
            has_own_fault,
            ..Self::default()
        }
    }
}

//! What a command does with rows: what first, what next, and how results are recorded.
//!
//! Knows nothing of the pipeline.

use crate::{
    association::{CanonicalLink, LinkRequest},
    delivery::{RowBatch, RowTask, RowWithExisting},
    row::{Outcome, Row, RowReport},
};

/// What a command does with rows: what first, what once it is known what exists, and how results
/// are recorded.
pub trait RowStrategy {
    /// Whether existing associations of some rows are read first.
    fn reads_existing(&self) -> bool {
        false
    }

    /// What is done first for a row with this link.
    fn first_task(&self, _link: &CanonicalLink) -> RowTask {
        RowTask::Create
    }

    /// Whether rows of one pair of records go one by one, although a write of this API keeps the
    /// other types of the pair: each has to see what the one before leaves.
    fn orders_pairs(&self) -> bool {
        false
    }

    /// Whether rows that depend on a row may follow it after this outcome.
    fn releases_dependents(&self, outcome: Option<&Outcome>) -> bool {
        outcome.is_some()
    }

    /// The order of a row among those that depend on each other. This is the order of the file,
    /// unless a command has another.
    fn row_order(&self, row: u64) -> (bool, u64) {
        (false, row)
    }

    /// Another link that is read together with the row's own.
    fn paired_link(&self, _link: &CanonicalLink) -> Option<CanonicalLink> {
        None
    }

    /// Decides what follows for rows with what exists for them: one `NextStep` for each.
    ///
    /// # Errors
    /// If what has to be remembered could not be written to disk. Then the run ends.
    fn decide(&mut self, looked: Vec<RowWithExisting>) -> Result<Vec<NextStep>, String>;

    /// These rows are about to be written.
    fn begin_writes(&mut self, _rows: &RowBatch) {}

    /// A row goes on from the beginning, although its link may have been written.
    fn restart_row(&mut self, _row: u64) {}

    /// Records reports, in order of completion. Those without an outcome are not written down.
    ///
    /// # Errors
    /// If that is not possible. Then the run ends, and nothing more is recorded.
    fn record(&mut self, reports: &[RowReport]) -> Result<(), String>;
}

/// What follows for a row once it is known what exists.
#[derive(Debug)]
pub enum NextStep {
    /// It is written.
    Write(RowTask, Row, LinkRequest),
    /// Its records are identified. Then it is read again.
    Identify(Row, CanonicalLink),
    /// It has ended.
    Ended(RowReport),
}

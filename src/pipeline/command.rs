//! What a command over rows has to say of them: what first, what next, and how it is recorded.
//!
//! Knows nothing of the pipeline that asks.

use crate::{
    association::{CanonicalLink, WriteRequest},
    delivery::{RowTask, RowWithExisting},
    row::{Outcome, Row, RowReport},
};

/// What a command does with rows: what first, what once it is known what stands,
/// and how that is recorded.
pub trait RowCommand {
    /// Whether some rows are looked at first.
    fn reads_existing(&self) -> bool {
        false
    }

    /// What is done first for a row that asks for this.
    fn first_task(&self, _link: &CanonicalLink) -> RowTask {
        RowTask::Create
    }

    /// Whether rows that depend on one may follow it, once it ended like this.
    fn releases_dependents(&self, outcome: Option<&Outcome>) -> bool {
        outcome.is_some()
    }

    /// Where a row stands among those that depend on each other: by the order of the
    /// file, unless a command has another.
    fn row_order(&self, row: u64) -> (bool, u64) {
        (false, row)
    }

    /// Another link that is asked for with that of a row.
    fn paired_link(&self, _link: &CanonicalLink) -> Option<CanonicalLink> {
        None
    }

    /// What follows for rows that were looked at: one `NextStep` for each.
    ///
    /// # Errors
    /// If what has to be remembered could not be written down; the run ends.
    fn decide(&mut self, looked: Vec<RowWithExisting>) -> Result<Vec<NextStep>, String>;

    /// Records reports, in order of completion.
    ///
    /// # Errors
    /// If that is not possible; the run ends, and nothing more is recorded.
    fn record(&mut self, reports: &[RowReport]) -> Result<(), String>;
}

/// What follows for a row that was looked at.
#[derive(Debug)]
pub enum NextStep {
    /// It is written.
    Write(RowTask, Row, WriteRequest),
    /// It has ended.
    Ended(RowReport),
}

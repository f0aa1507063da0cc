//! Which rows are recorded, and with which status: compressed sets of row numbers.

use roaring::RoaringTreemap;

use super::results_line::ResultsLine;
use crate::{
    code::RowsByCode,
    row::{PerStatus, Status},
};

/// Which rows have a line, and what their last line says.
#[derive(Clone, Debug, Default)]
pub struct RecordedRows {
    /// Rows with a line.
    pub recorded: RoaringTreemap,
    /// Rows whose link existed before.
    pub already: RoaringTreemap,
    /// Rows that failed.
    pub failed: RoaringTreemap,
    /// Failed rows that may succeed unchanged later.
    pub transient: RoaringTreemap,
    /// Rows that are invalid in themselves.
    pub invalid: RoaringTreemap,
    /// Rows with several lines.
    pub multi_line: RoaringTreemap,
    /// Rows recorded by a resend of failed rows that was interrupted.
    pub resent_before_interruption: RoaringTreemap,
    /// Rows whose last line has a code.
    pub by_code: RowsByCode,
    /// The statuses of an undo or a verification.
    others: PerStatus<RoaringTreemap>,
}

impl RecordedRows {
    /// Rows whose link exists.
    #[must_use]
    pub fn linked(&self) -> RoaringTreemap {
        self.with_status(Status::Succeeded) | &self.already | self.with_status(Status::Present)
    }

    /// Rows with this status.
    #[must_use]
    pub fn with_status(&self, status: Status) -> RoaringTreemap {
        if let Some(set) = self.set(status) {
            return set.clone();
        }
        // Succeeded rows are most of an import, so they are computed as the rest.
        let others = Status::ALL.into_iter().filter_map(|other| self.set(other));
        others.fold(self.recorded.clone(), |left, other| left - other)
    }

    /// Rows per status.
    #[must_use]
    pub fn counts(&self) -> PerStatus<u64> {
        let mut counts = PerStatus::default();
        let mut others = 0;
        for status in Status::ALL {
            counts[status] = self.set(status).map_or(0, RoaringTreemap::len);
            others += counts[status];
        }
        counts[Status::Succeeded] = self.recorded.len() - others;
        counts
    }

    /// The set of this status, if it has one.
    fn set(&self, status: Status) -> Option<&RoaringTreemap> {
        match status {
            Status::Succeeded => None,
            Status::Already => Some(&self.already),
            Status::Failed => Some(&self.failed),
            Status::Invalid => Some(&self.invalid),
            Status::Planned
            | Status::Removed
            | Status::Kept
            | Status::Present
            | Status::Missing
            | Status::Unreadable => Some(&self.others[status]),
        }
    }

    /// Adds a line. `true` if it is the first line of its row.
    pub(super) fn add(&mut self, line: ResultsLine) -> bool {
        let row = line.row;
        let is_first = self.recorded.insert(row);
        if !is_first {
            self.multi_line.insert(row);
            let sets = [
                &mut self.already,
                &mut self.failed,
                &mut self.transient,
                &mut self.invalid,
            ];
            for set in sets.into_iter().chain(self.others.values_mut()) {
                set.remove(row);
            }
            self.by_code.remove(row);
        }
        if let Some(code) = line.code {
            self.by_code.insert(row, code);
        }
        match line.status {
            Status::Succeeded => {}
            Status::Already => drop(self.already.insert(row)),
            Status::Invalid => drop(self.invalid.insert(row)),
            Status::Failed => {
                self.failed.insert(row);
                if line.transient {
                    self.transient.insert(row);
                }
            }
            Status::Planned
            | Status::Removed
            | Status::Kept
            | Status::Present
            | Status::Missing
            | Status::Unreadable => drop(self.others[line.status].insert(row)),
        }
        is_first
    }
}

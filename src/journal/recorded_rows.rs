//! Which rows are recorded, and how: sets of row numbers, small however many
//! rows there are.

use roaring::RoaringTreemap;

use super::results_line::ResultsLine;
use crate::{
    code::RowsByCode,
    row::{PerStatus, Status},
};

/// Which rows have a line, and what the last one says.
#[derive(Clone, Debug, Default)]
pub struct RecordedRows {
    /// Rows with a line.
    pub settled: RoaringTreemap,
    /// Those whose link stood before.
    pub already: RoaringTreemap,
    /// Those that failed.
    pub failed: RoaringTreemap,
    /// Failed rows that may succeed as they are.
    pub passing: RoaringTreemap,
    /// Those that are wrong in themselves.
    pub invalid: RoaringTreemap,
    /// Those with several lines.
    pub multi_line: RoaringTreemap,
    /// Those that a retry which did not come to its end has recorded.
    pub resent: RoaringTreemap,
    /// Those whose last line has a code.
    pub by_code: RowsByCode,
    /// Those of an undo or a verification, by how they ended.
    others: PerStatus<RoaringTreemap>,
}

impl RecordedRows {
    /// Those whose link stands.
    #[must_use]
    pub fn linked(&self) -> RoaringTreemap {
        self.with_status(Status::Succeeded) | &self.already | self.with_status(Status::Present)
    }

    /// Those that ended like this.
    #[must_use]
    pub fn with_status(&self, status: Status) -> RoaringTreemap {
        if let Some(set) = self.set(status) {
            return set.clone();
        }
        // Most rows of an import: kept as what is left of all.
        let others = Status::ALL.into_iter().filter_map(|other| self.set(other));
        others.fold(self.settled.clone(), |left, other| left - other)
    }

    /// How many ended in which way.
    #[must_use]
    pub fn counts(&self) -> PerStatus<u64> {
        let mut counts = PerStatus::default();
        let mut others = 0;
        for status in Status::ALL {
            counts[status] = self.set(status).map_or(0, RoaringTreemap::len);
            others += counts[status];
        }
        counts[Status::Succeeded] = self.settled.len() - others;
        counts
    }

    /// The set of a status that has one.
    fn set(&self, status: Status) -> Option<&RoaringTreemap> {
        match status {
            Status::Succeeded => None,
            Status::Already => Some(&self.already),
            Status::Failed => Some(&self.failed),
            Status::Invalid => Some(&self.invalid),
            Status::Removed
            | Status::Kept
            | Status::Present
            | Status::Missing
            | Status::Unreadable => Some(&self.others[status]),
        }
    }

    /// Takes a line; `true` if it is the first of its row.
    pub(super) fn add(&mut self, record: ResultsLine) -> bool {
        let row = record.row;
        let first = self.settled.insert(row);
        if !first {
            self.multi_line.insert(row);
            let sets = [
                &mut self.already,
                &mut self.failed,
                &mut self.passing,
                &mut self.invalid,
            ];
            for set in sets.into_iter().chain(self.others.values_mut()) {
                set.remove(row);
            }
            self.by_code.remove(row);
        }
        if let Some(code) = record.code {
            self.by_code.insert(row, code);
        }
        match record.status {
            Status::Succeeded => {}
            Status::Already => drop(self.already.insert(row)),
            Status::Invalid => drop(self.invalid.insert(row)),
            Status::Failed => {
                self.failed.insert(row);
                if record.passing {
                    self.passing.insert(row);
                }
            }
            Status::Removed
            | Status::Kept
            | Status::Present
            | Status::Missing
            | Status::Unreadable => drop(self.others[record.status].insert(row)),
        }
        first
    }
}

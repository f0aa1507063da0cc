//! Which rows are recorded, and how: sets of row numbers, small however many
//! rows there are.

use roaring::RoaringTreemap;

use super::record::{Record, Status};

/// Which rows have a line, and what the last one says.
#[derive(Clone, Debug, Default)]
pub struct Rows {
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
    pub repeated: RoaringTreemap,
    /// Those that a retry which did not come to its end has recorded.
    pub retried: RoaringTreemap,
}

impl Rows {
    /// Those whose link stands.
    #[must_use]
    pub fn standing(&self) -> RoaringTreemap {
        &self.settled - &self.failed - &self.invalid
    }

    /// Takes a line; `true` if it is the first of its row.
    pub(super) fn take(&mut self, record: Record) -> bool {
        let row = record.row;
        let first = self.settled.insert(row);
        if !first {
            self.repeated.insert(row);
            for set in [
                &mut self.already,
                &mut self.failed,
                &mut self.passing,
                &mut self.invalid,
            ] {
                set.remove(row);
            }
        }
        match record.status {
            Status::Succeeded => {}
            Status::Already => drop(self.already.insert(row)),
            Status::Invalid => drop(self.invalid.insert(row)),
            Status::Failed { passing } => {
                self.failed.insert(row);
                if passing {
                    self.passing.insert(row);
                }
            }
        }
        first
    }
}

//! Rows whose links may have been written, but that have no line that says so.
//!
//! Knows nothing of requests: others say which rows are written, and how each of them ended.

use roaring::RoaringTreemap;

use super::snapshots::to_ranges;
use crate::row::RowReport;

/// Rows that may have been written, without a line.
#[derive(Debug, Default)]
pub(super) struct WritesUnderWay {
    /// Rows that are being written now.
    in_flight: RoaringTreemap,
    /// Rows that are not in flight any more, or were so in an earlier session, and may have been
    /// written.
    in_doubt: RoaringTreemap,
}

impl WritesUnderWay {
    /// Earlier sessions left these rows `in_doubt`.
    pub(super) fn new(in_doubt: RoaringTreemap) -> Self {
        Self {
            in_flight: RoaringTreemap::new(),
            in_doubt,
        }
    }

    /// These rows are about to be written.
    pub(super) fn begin(&mut self, rows: impl Iterator<Item = u64>) {
        self.in_flight.extend(rows);
    }

    /// A row goes on from the beginning. If it was being written, its link may exist.
    pub(super) fn restart(&mut self, row: u64) {
        if self.in_flight.remove(row) {
            self.in_doubt.insert(row);
        }
    }

    /// Rows have ended. Those with an outcome have a line now.
    pub(super) fn end(&mut self, reports: &[RowReport]) {
        for report in reports {
            let row = report.row.number;
            self.in_flight.remove(row);
            if report.outcome.is_some() {
                self.in_doubt.remove(row);
            } else if report.may_have_written {
                self.in_doubt.insert(row);
            }
        }
    }

    /// Whether no row may have been written without a line.
    pub(super) fn is_empty(&self) -> bool {
        self.in_flight.is_empty() && self.in_doubt.is_empty()
    }

    /// All of them, as ranges with their ends.
    pub(super) fn to_ranges(&self) -> Vec<(u64, u64)> {
        to_ranges((&self.in_flight | &self.in_doubt).iter().collect())
    }
}

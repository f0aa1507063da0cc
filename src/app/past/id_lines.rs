//! Which lines of the results have the ids of their row, if the run read keys.
//!
//! Only a line of a row whose records were found has ids. A row that was sent again has several
//! lines: those before the last may have none, or ids of a record that its key no longer leads to.

use std::collections::HashMap;

use roaring::RoaringTreemap;

use crate::{
    app::error::AppError,
    association::CanonicalLink,
    input::{self, InputOptions, InputReader},
    row::{Row, RowLink},
};

/// The lines with ids of a run.
#[derive(Debug, Default)]
pub(crate) struct IdLines {
    /// Rows without a line that has ids: they were never sent, as far as the results tell.
    pub(crate) without_ids: RoaringTreemap,
    /// Rows whose lines have different ids: their key led to another record when they were sent
    /// again.
    pub(crate) with_different_ids: RoaringTreemap,
    /// For rows with several lines with ids: how many.
    counts: HashMap<u64, u32>,
}

/// Rows to be read from the results or the input, each once.
pub(crate) struct RowPicker {
    left: RoaringTreemap,
    /// For rows with several lines with ids: how many of them are still to come.
    lines_left: HashMap<u64, u32>,
}

impl IdLines {
    /// Reads the results of a run with these rows, of which some have several lines.
    pub(super) fn read(
        options: &InputOptions,
        recorded: &RoaringTreemap,
        multi_line: &RoaringTreemap,
    ) -> Result<Self, AppError> {
        let mut lines = Self::default();
        let mut with_ids = RoaringTreemap::new();
        let mut first_links: HashMap<u64, Option<u64>> = HashMap::new();
        let mut results = input::open(options)?;
        let mut row = InputReader::empty_row();
        while results.next_row(&mut row)? {
            if !has_ids(&row) {
                continue;
            }
            with_ids.insert(row.number);
            if !multi_line.contains(row.number) {
                continue;
            }
            *lines.counts.entry(row.number).or_default() += 1;
            let link = row
                .association()
                .map(|link| CanonicalLink::new(link).fingerprint());
            if *first_links.entry(row.number).or_insert(link) != link {
                lines.with_different_ids.insert(row.number);
            }
        }
        lines.without_ids = recorded - with_ids;
        Ok(lines)
    }

    /// Picks these rows, each with the ids that it was sent with last.
    pub(super) fn picker(&self, rows: RoaringTreemap) -> RowPicker {
        let counts = self.counts.iter().map(|(row, count)| (*row, *count));
        RowPicker {
            lines_left: counts.filter(|(row, _)| rows.contains(*row)).collect(),
            left: rows,
        }
    }
}

impl RowPicker {
    /// Whether this is the line to read a row from.
    pub(crate) fn picks(&mut self, row: &Row) -> bool {
        if !has_ids(row) {
            return false;
        }
        if let Some(left) = self.lines_left.get_mut(&row.number) {
            *left = left.saturating_sub(1);
            if *left > 0 {
                return false;
            }
        }
        self.left.remove(row.number)
    }
}

/// A row that is not certain goes on, so that its fault is told.
fn has_ids(row: &Row) -> bool {
    match &row.link {
        Ok(RowLink::Keyed(_)) => false,
        Ok(RowLink::Known(_)) | Err(_) => true,
    }
}

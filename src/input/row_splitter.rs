//! One row for each id of a record whose cell has several.
//!
//! Knows the cells of one record and which columns have ids. Does not know what an id is, or where
//! rows go.

use std::{ops::Range, vec};

use crate::{
    code::Code,
    failure::{Failure, RowFault},
    lookalike::show_exact,
    row_cells::RowCells,
};

use super::{id, id_list::IdSeparator, link_columns::RowColumns};

/// The most ids of one cell.
const MAX_PIECES: usize = 10_000;

/// How much of a cell is shown.
const SHOWN_CHARS: usize = 40;

/// Splits the cells of one record after the other.
pub(super) struct RowSplitter {
    separator: IdSeparator,
    /// The columns of from and of to.
    columns: [usize; 2],
    /// Whether one of them has keys.
    has_keys: bool,
    /// The cells of the record that is being split.
    cells: RowCells,
    /// The column whose cell is split.
    column: usize,
    /// Where the ids are that have no row yet.
    left: vec::IntoIter<Range<usize>>,
}

impl RowSplitter {
    pub(super) fn new(separator: IdSeparator, link: RowColumns) -> Self {
        Self {
            separator,
            columns: [link.from.index, link.to.index],
            has_keys: link.have_keys(),
            cells: RowCells::default(),
            column: link.from.index,
            left: Vec::new().into_iter(),
        }
    }

    /// Whether a cell with several pieces may be valid as a whole: several keys may look like one.
    pub(super) fn is_always_needed(&self) -> bool {
        self.has_keys
    }

    /// Begins to split a record, and turns its cells into those of its first row. Returns whether
    /// that changed them.
    ///
    /// If the record cannot be split, its cells stay as they are.
    pub(super) fn begin(
        &mut self,
        header: &csv::StringRecord,
        cells: &mut RowCells,
    ) -> Result<bool, Failure> {
        let [from, to] = self.columns;
        let [of_from, of_to] = self
            .columns
            .map(|column| self.separator.pieces(&cells[column]));
        if of_from.len() > 1 && of_to.len() > 1 {
            let shown = |column: usize| show_exact(id::trim(&cells[column]), SHOWN_CHARS);
            let fault = RowFault::SeveralInBothColumns {
                from: shown(from),
                to: shown(to),
            };
            return Err(Failure::new(Code::SeveralInBothColumns, fault));
        }
        let (split, pieces, other, other_pieces) = if of_to.len() > 1 {
            (to, of_to, from, of_from)
        } else {
            (from, of_from, to, of_to)
        };
        if pieces.len() > MAX_PIECES {
            let fault = RowFault::TooManyIds {
                column: id::column_name(&header[split]),
                ids: pieces.len(),
                limit: MAX_PIECES,
            };
            return Err(Failure::new(Code::TooManyIds, fault));
        }
        self.cells.clear();
        for (column, cell) in cells.iter().enumerate() {
            let kept = other_pieces.first().filter(|_| column == other);
            self.cells
                .push(kept.map_or(cell, |piece| &cell[piece.clone()]));
        }
        self.column = split;
        self.left = pieces.into_iter();
        let whole_text = cells.text().len();
        self.next(cells);
        Ok(cells.text().len() != whole_text)
    }

    /// Writes the cells of the next row of the record. Returns `false` if there is none.
    pub(super) fn next(&mut self, cells: &mut RowCells) -> bool {
        let Some(piece) = self.left.next() else {
            return false;
        };
        cells.clear();
        for (column, cell) in self.cells.iter().enumerate() {
            cells.push(if column == self.column {
                &cell[piece.clone()]
            } else {
                cell
            });
        }
        true
    }
}

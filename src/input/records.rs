//! The interface between formats and columns: one record after the other, with its cells as text.
//!
//! The only place that knows all formats. It is an enum, so the compiler can inline the calls.
//! Knows nothing about columns or rows.

use std::{
    borrow::Cow,
    sync::{Arc, atomic::AtomicU64},
};

use super::{
    altering_format::AlteringFormat,
    delimited::{self, DelimitedRecords},
    error::{InputRefusal, ReadFault},
    format_types::{OpenedInput, ReadRecord, ReadStep},
    options::InputOptions,
    record::RecordCells,
    sniff::HEAD_BYTES,
    source::{CountingReader, PeekReader, SourceBytes},
    workbook::{self, WorkbookRecords},
};
use crate::{
    code::Code,
    failure::{Failure, RowFault},
};

/// The records of an open input after its header.
pub(super) enum InputRecords {
    /// Delimited text.
    Delimited(Box<DelimitedRecords>),
    /// A sheet of a workbook.
    Workbook(Box<WorkbookRecords>),
}

/// Detects the format and reads the header. `count` counts the bytes that are read.
pub(super) fn open(
    bytes: SourceBytes,
    count: &Arc<AtomicU64>,
    options: &InputOptions,
) -> Result<(InputRecords, OpenedInput), InputRefusal> {
    let bytes = PeekReader::new(bytes, HEAD_BYTES);
    let bytes = bytes.map_err(|error| InputRefusal::ReadFailed(ReadFault::from_io(error)))?;
    let count = Arc::clone(count);
    if let Some(file) = workbook::file(&bytes)? {
        let (workbook, opened) = workbook::open(file, count, options)?;
        return Ok((InputRecords::Workbook(Box::new(workbook)), opened));
    }
    let counted = CountingReader {
        source: bytes,
        count,
    };
    let (text, opened) = delimited::open(counted, options)?;
    Ok((InputRecords::Delimited(Box::new(text)), opened))
}

impl InputRecords {
    /// The next record that is not blank, if no read is needed.
    #[inline]
    pub(super) fn next(&mut self) -> ReadStep<ReadRecord> {
        match self {
            Self::Delimited(text) => text.next(),
            Self::Workbook(workbook) => workbook.next(),
        }
    }

    /// Skips the next record that is not blank, without its cells.
    pub(super) fn skip(&mut self) -> ReadStep<()> {
        match self {
            Self::Delimited(text) => text.skip(),
            Self::Workbook(workbook) => workbook.skip(),
        }
    }

    /// Makes one read, which may block.
    pub(super) fn fill(&mut self) -> Result<(), ReadFault> {
        match self {
            Self::Delimited(text) => text.fill(),
            Self::Workbook(workbook) => {
                workbook.fill();
                Ok(())
            }
        }
    }

    /// The line that has been reached.
    pub(super) fn line(&self) -> u64 {
        match self {
            Self::Delimited(text) => text.line(),
            Self::Workbook(workbook) => workbook.line(),
        }
    }

    /// How many cells are merged of several ones, of which only the first has a value. Known at the
    /// end.
    pub(super) fn merged_cells(&self) -> u64 {
        match self {
            Self::Delimited(_) => 0,
            Self::Workbook(workbook) => workbook.merged_cells(),
        }
    }

    /// The number of blank lines and records so far.
    pub(super) fn blank_rows(&self) -> u64 {
        match self {
            Self::Delimited(text) => text.blank_rows(),
            Self::Workbook(workbook) => workbook.blank_rows(),
        }
    }

    /// The cells of the last record.
    #[inline]
    pub(super) fn record(&self) -> &RecordCells {
        match self {
            Self::Delimited(text) => text.record(),
            Self::Workbook(workbook) => workbook.record(),
        }
    }

    /// The number format of a cell of the last record, if a sheet shows the cell in another way than it
    /// is stored.
    pub(super) fn altering_format(&self, column: usize) -> Option<AlteringFormat<'_>> {
        match self {
            Self::Delimited(_) => None,
            Self::Workbook(workbook) => workbook.altering_format(column),
        }
    }

    /// The text of the last record in the input, for rows with uncertain cells.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Delimited(text) => text.text(),
            Self::Workbook(workbook) => workbook.text(),
        }
    }

    /// The failure of a record with too few cells. `width` is the number of cells in the header,
    /// and `min_cells` the fewest that a record may have.
    pub(super) fn too_few(&self, width: usize, min_cells: usize) -> Failure {
        let is_quoted = match self {
            Self::Delimited(text) => text.is_in_one_cell(min_cells),
            // No record has too few: cells that are not in the file are empty.
            Self::Workbook(_) => false,
        };
        let fault = RowFault::TooFewCells {
            cells: self.record().len(),
            header: width,
            is_quoted,
        };
        Failure::new(Code::TooFewCells, fault)
    }

    /// Whether each cell is certainly in its column, even if there are more cells than the header
    /// has.
    pub(super) fn has_certain_columns(&self) -> bool {
        match self {
            Self::Delimited(_) => false,
            Self::Workbook(_) => true,
        }
    }

    /// The failure of a record with more cells than the header has. The first extra one is in
    /// this column.
    pub(super) fn too_many(&self, width: usize, column: usize) -> Failure {
        let surplus = &self.record().cell_text(column);
        match self {
            Self::Delimited(text) => text.too_many(width, surplus),
            Self::Workbook(workbook) => workbook.too_many(column, surplus),
        }
    }

    /// The current size of the buffer.
    #[cfg(test)]
    pub(super) fn buffer_bytes(&self) -> usize {
        match self {
            Self::Delimited(text) => text.buffer_bytes(),
            Self::Workbook(_) => 0,
        }
    }
}

//! The interface between formats and columns: one record after the other, with its cells as text.
//!
//! The only place that knows all formats. It is an enum, so the compiler can inline the calls.
//! Knows nothing about columns or rows.

use std::{borrow::Cow, io::Read};

use super::{
    delimited::{self, DelimitedRecords},
    error::{InputRefusal, ReadFault},
    format_types::{OpenedInput, ReadRecord, ReadStep},
    options::InputOptions,
    record::RecordCells,
};
use crate::failure::Failure;

/// The records of an open input after its header.
pub(super) enum InputRecords {
    /// Delimited text.
    Delimited(DelimitedRecords),
}

/// Detects the format and reads the header.
pub(super) fn open(
    bytes: impl Read + Send + 'static,
    options: &InputOptions,
) -> Result<(InputRecords, OpenedInput), InputRefusal> {
    let (text, opened) = delimited::open(bytes, options)?;
    Ok((InputRecords::Delimited(text), opened))
}

impl InputRecords {
    /// The next record that is not blank, if no read is needed.
    #[inline]
    pub(super) fn next(&mut self) -> ReadStep<ReadRecord> {
        match self {
            Self::Delimited(text) => text.next(),
        }
    }

    /// Skips the next record that is not blank, without its cells.
    pub(super) fn skip(&mut self) -> ReadStep<()> {
        match self {
            Self::Delimited(text) => text.skip(),
        }
    }

    /// Makes one read, which may block.
    pub(super) fn fill(&mut self) -> Result<(), ReadFault> {
        match self {
            Self::Delimited(text) => text.fill(),
        }
    }

    /// The line that has been reached.
    pub(super) fn line(&self) -> u64 {
        match self {
            Self::Delimited(text) => text.line(),
        }
    }

    /// The number of blank lines and records so far.
    pub(super) fn blank_rows(&self) -> u64 {
        match self {
            Self::Delimited(text) => text.blank_rows(),
        }
    }

    /// The cells of the last record.
    #[inline]
    pub(super) fn record(&self) -> &RecordCells {
        match self {
            Self::Delimited(text) => text.record(),
        }
    }

    /// The text of the last record in the input, for rows with uncertain cells.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Delimited(text) => text.text(),
        }
    }

    /// The failure of a record with too few cells. `width` is the number of cells in the header,
    /// and `min_cells` the fewest that a record may have.
    pub(super) fn too_few(&self, width: usize, min_cells: usize) -> Failure {
        match self {
            Self::Delimited(text) => text.too_few(width, min_cells),
        }
    }

    /// The failure of a record with more cells than the header; `surplus` is the first extra cell.
    pub(super) fn too_many(&self, width: usize, surplus: &str) -> Failure {
        match self {
            Self::Delimited(text) => text.too_many(width, surplus),
        }
    }

    /// The current size of the buffer.
    #[cfg(test)]
    pub(super) fn buffer_bytes(&self) -> usize {
        match self {
            Self::Delimited(text) => text.buffer_bytes(),
        }
    }
}

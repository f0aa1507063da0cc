//! The seam between a format and what its columns mean: one record after the other, its cells as
//! text, whatever they were read from.
//!
//! The only place that knows which formats there are; an enum, so that the compiler sees through
//! it. Knows nothing of columns or rows.

use std::{borrow::Cow, io::Read};

use super::{
    delimited::{self, DelimitedRecords},
    error::{InputRefusal, ReadFault},
    format_types::{OpenedInput, ReadRecord, ReadStep},
    options::InputOptions,
    record::RecordCells,
};
use crate::failure::Failure;

/// The records of an open input, below its header.
pub(super) enum InputRecords {
    /// Text with something between its cells.
    Delimited(DelimitedRecords),
}

/// Finds out of what format the bytes are, and reads the header.
pub(super) fn open(
    bytes: impl Read + Send + 'static,
    options: &InputOptions,
) -> Result<(InputRecords, OpenedInput), InputRefusal> {
    let (text, opened) = delimited::open(bytes, options)?;
    Ok((InputRecords::Delimited(text), opened))
}

impl InputRecords {
    /// The next record that is not blank, if no more has to be read for it.
    #[inline]
    pub(super) fn next(&mut self) -> ReadStep<ReadRecord> {
        match self {
            Self::Delimited(text) => text.next(),
        }
    }

    /// Passes over the next record that is not blank, without its cells.
    pub(super) fn skip(&mut self) -> ReadStep<()> {
        match self {
            Self::Delimited(text) => text.skip(),
        }
    }

    /// Reads once, and waits for it if need be.
    pub(super) fn fill(&mut self) -> Result<(), ReadFault> {
        match self {
            Self::Delimited(text) => text.fill(),
        }
    }

    /// The line up to which it has been read.
    pub(super) fn line(&self) -> u64 {
        match self {
            Self::Delimited(text) => text.line(),
        }
    }

    /// Blank lines and records so far.
    pub(super) fn blank(&self) -> u64 {
        match self {
            Self::Delimited(text) => text.blank(),
        }
    }

    /// The cells of the last record.
    #[inline]
    pub(super) fn record(&self) -> &RecordCells {
        match self {
            Self::Delimited(text) => text.record(),
        }
    }

    /// The last record as it stands in the input, for where its cells are uncertain.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Delimited(text) => text.text(),
        }
    }

    /// Why the last record has so few cells, `width` being those of the header, of which so many
    /// have a name.
    pub(super) fn too_few(&self, width: usize, named: usize) -> Failure {
        match self {
            Self::Delimited(text) => text.too_few(width, named),
        }
    }

    /// Why the last record has more cells than the header, of which this is the first.
    pub(super) fn too_many(&self, width: usize, surplus: &str) -> Failure {
        match self {
            Self::Delimited(text) => text.too_many(width, surplus),
        }
    }

    /// What the buffer has grown to.
    #[cfg(test)]
    pub(super) fn buffer_bytes(&self) -> usize {
        match self {
            Self::Delimited(text) => text.buffer_bytes(),
        }
    }
}

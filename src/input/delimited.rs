//! Records of delimited text (CSV and similar formats).
//!
//! Connects the stages of this format: text, delimiter, frames, cells. Does not know what the
//! columns mean.

use std::{borrow::Cow, io::Read};

use super::{
    delimiter,
    error::{InputRefusal, ReadFault},
    format_types::{InputFormat, OpenedInput, ReadRecord, ReadStep},
    frame::{FrameStep, Framer, MAX_RECORD_BYTES, RecordFrame},
    header_names::{NAME_CHARS, is_blank},
    options::{Delimiter, InputOptions},
    record::{MAX_CELLS, RecordCells, text_of},
    scan::OpenQuote,
    split::{self, RecordSplitter, SplitResult},
    text::{read_failed, unpack},
};
use crate::{
    code::Code,
    failure::{Failure, RowFault},
    lookalike::show_exact,
};

/// An open text file whose header has been read.
pub(super) struct DelimitedRecords {
    framer: Framer,
    splitter: RecordSplitter,
    delimiter: Delimiter,
    /// The last record that was read.
    last: Option<RecordFrame>,
    /// The number of records with only blank cells.
    blank_records: u64,
}

/// Detects the encoding and the delimiter, and reads the header.
pub(super) fn open(
    bytes: impl Read + Send + 'static,
    options: &InputOptions,
) -> Result<(DelimitedRecords, OpenedInput), InputRefusal> {
    let text = unpack(bytes, options.encoding)?;
    let mut framer = Framer::new(text.bytes).map_err(read_failed)?;
    let (delimiter, columns) = delimiter::find(&mut framer, options)?;
    let opened = OpenedInput {
        columns,
        delimiter,
        bom: text.bom,
        format: InputFormat::Delimited {
            encoding: text.encoding.name(),
            gzip: text.gzip,
        },
    };
    let records = DelimitedRecords {
        framer,
        splitter: RecordSplitter::new(delimiter.byte()),
        delimiter,
        last: None,
        blank_records: 0,
    };
    Ok((records, opened))
}

impl DelimitedRecords {
    /// The next record that is not blank, split into its cells.
    #[inline]
    pub(super) fn next(&mut self) -> ReadStep<ReadRecord> {
        loop {
            let frame = match self.framer.next() {
                FrameStep::Record(frame) => frame,
                FrameStep::NeedsRead => return ReadStep::NeedsRead,
                FrameStep::End => return ReadStep::End,
                FrameStep::OpenQuote { line, quote } => return open_quote(line, &quote),
            };
            let split = self.split(frame);
            if split != SplitResult::LimitExceeded && is_blank(self.splitter.record().text()) {
                self.blank_records += 1;
                continue;
            }
            self.last = Some(frame);
            let cells = match split {
                SplitResult::LimitExceeded => Err(Box::new(too_large())),
                SplitResult::Disagrees => Err(Box::new(broken_quote())),
                SplitResult::Cells(_) if frame.has_broken_quote => Err(Box::new(broken_quote())),
                SplitResult::Cells(count) => Ok(count),
            };
            let line = frame.line;
            return ReadStep::Record(ReadRecord { line, cells });
        }
    }

    #[inline]
    fn split(&mut self, frame: RecordFrame) -> SplitResult {
        if frame.too_large {
            return SplitResult::LimitExceeded;
        }
        let record = self.framer.bytes(frame);
        if frame.has_quotes {
            self.splitter.split(record)
        } else {
            self.splitter.split_plain(record)
        }
    }

    /// Skips the next record that is not blank. It is split into cells only if all of them may be
    /// blank.
    pub(super) fn skip(&mut self) -> ReadStep<()> {
        loop {
            match self.framer.next() {
                FrameStep::Record(frame) if self.is_row(frame) => return ReadStep::Record(()),
                FrameStep::Record(_) => {}
                FrameStep::NeedsRead => return ReadStep::NeedsRead,
                FrameStep::End => return ReadStep::End,
                FrameStep::OpenQuote { line, quote } => return open_quote(line, &quote),
            }
        }
    }

    /// Whether the record is a row: not all of its cells are blank.
    fn is_row(&mut self, frame: RecordFrame) -> bool {
        let delimiter = self.delimiter.byte();
        let may_be_blank = |byte: &u8| b" \t\"\r\n".contains(byte) || *byte == delimiter;
        if frame.too_large || !self.framer.bytes(frame).iter().all(may_be_blank) {
            return true;
        }
        let split = self.splitter.split(self.framer.bytes(frame));
        split == SplitResult::LimitExceeded || !is_blank(self.splitter.record().text())
    }

    /// Makes one read, which may block.
    pub(super) fn fill(&mut self) -> Result<(), ReadFault> {
        self.framer.fill().map_err(ReadFault::from_io)
    }

    /// The physical line that has been reached.
    pub(super) fn line(&self) -> u64 {
        self.framer.line()
    }

    /// The number of blank lines and records so far.
    pub(super) fn blank_rows(&self) -> u64 {
        self.framer.blank_lines() + self.blank_records
    }

    /// The cells of the last record.
    #[inline]
    pub(super) fn record(&self) -> &RecordCells {
        self.splitter.record()
    }

    /// The text of the last record in the file, for rows with uncertain cells.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self.last {
            Some(frame) if frame.too_large => "(too large)".into(),
            Some(frame) => text_of(self.framer.bytes(frame).trim_ascii_end()),
            None => "".into(),
        }
    }

    /// The current size of the buffer.
    #[cfg(test)]
    pub(super) fn buffer_bytes(&self) -> usize {
        self.framer.buffer_bytes()
    }

    /// Whether the first cell contains a whole row and the others are blank. `min_cells` is the fewest
    /// that a row may have.
    pub(super) fn is_in_one_cell(&self, min_cells: usize) -> bool {
        let record = self.record();
        let cells = split::cells(record.cell_text(0).as_bytes(), self.delimiter.byte());
        let has_all = cells.is_some_and(|cells| cells.len() >= min_cells.max(2));
        has_all && (1..record.len()).all(|cell| is_blank(record.cell(cell)))
    }

    /// The failure of a record with more cells than the header; `surplus` is the first extra cell.
    pub(super) fn too_many(&self, width: usize, surplus: &str) -> Failure {
        let fault = RowFault::TooManyCells {
            cells: self.record().len(),
            header: width,
            surplus: show_exact(surplus, NAME_CHARS),
            delimiter: self.delimiter.name(),
        };
        Failure::new(Code::TooManyCells, fault)
    }
}

/// The text ends inside a quote that was opened on this line.
fn open_quote<T>(line: u64, quote: &OpenQuote) -> ReadStep<T> {
    let (lines, bytes) = (quote.lines, quote.bytes);
    let fault = ReadFault::OpenQuote { lines, bytes };
    ReadStep::ReadFailed { line, fault }
}

/// The failure of a record that was skipped because of its size.
fn too_large() -> Failure {
    let fault = RowFault::TooLarge {
        bytes: MAX_RECORD_BYTES,
        cells: MAX_CELLS,
    };
    Failure::new(Code::RowTooLarge, fault)
}

/// The failure of a record with unbalanced quotes.
fn broken_quote() -> Failure {
    Failure::new(Code::BrokenQuote, RowFault::BrokenQuote)
}

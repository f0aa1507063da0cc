//! Delimited text (CSV and its kin) as records.
//!
//! Joins the stages of this format: text, delimiter, frames, cells. Knows nothing of what the
//! columns mean.

use std::{borrow::Cow, io::Read};

use super::{
    delimiter,
    error::{InputRefusal, ReadFault},
    format_types::{OpenedInput, ReadRecord, ReadStep},
    frame::{FrameStep, Framer, MAX_RECORD_BYTES, RecordFrame},
    header_names::{NAME_CHARS, is_blank},
    options::{Delimiter, InputOptions},
    record::{MAX_CELLS, RecordCells, text_of},
    scan::OpenQuote,
    split::{self, RecordSplitter, SplitResult},
    text::{broke_off, unpack},
};
use crate::{
    code::Code,
    failure::{Failure, RowFault},
    lookalike::show_exact,
};

/// An open text whose header has been read.
pub(super) struct DelimitedRecords {
    framer: Framer,
    splitter: RecordSplitter,
    delimiter: Delimiter,
    /// The record that was read last.
    last: Option<RecordFrame>,
    /// Records of blank cells only.
    blank_records: u64,
}

/// Finds out what the text is, and reads its header.
pub(super) fn open(
    bytes: impl Read + Send + 'static,
    options: &InputOptions,
) -> Result<(DelimitedRecords, OpenedInput), InputRefusal> {
    let text = unpack(bytes, options.encoding)?;
    let mut framer = Framer::new(text.bytes).map_err(broke_off)?;
    let (delimiter, columns) = delimiter::find(&mut framer, options)?;
    let opened = OpenedInput {
        columns,
        delimiter,
        bom: text.bom,
        encoding: text.encoding.name(),
        gzip: text.gzip,
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
                FrameStep::Wait => return ReadStep::Wait,
                FrameStep::End => return ReadStep::End,
                FrameStep::Open { line, quote } => return open_quote(line, &quote),
            };
            let split = self.split(frame);
            if split != SplitResult::TooMany && is_blank(self.splitter.record().text()) {
                self.blank_records += 1;
                continue;
            }
            self.last = Some(frame);
            let cells = match split {
                SplitResult::TooMany => Err(Box::new(too_large())),
                SplitResult::Disagrees => Err(Box::new(broken_quote())),
                SplitResult::Cells(_) if frame.broken => Err(Box::new(broken_quote())),
                SplitResult::Cells(count) => Ok(count),
            };
            let line = frame.line;
            return ReadStep::Record(ReadRecord { line, cells });
        }
    }

    #[inline]
    fn split(&mut self, frame: RecordFrame) -> SplitResult {
        if frame.too_large {
            return SplitResult::TooMany;
        }
        let record = self.framer.bytes(frame);
        if frame.quotes {
            self.splitter.split(record)
        } else {
            self.splitter.split_plain(record)
        }
    }

    /// Passes over the next record that is not blank; its cells are looked at only where all of
    /// them may be.
    pub(super) fn skip(&mut self) -> ReadStep<()> {
        loop {
            match self.framer.next() {
                FrameStep::Record(frame) if self.is_row(frame) => return ReadStep::Record(()),
                FrameStep::Record(_) => {}
                FrameStep::Wait => return ReadStep::Wait,
                FrameStep::End => return ReadStep::End,
                FrameStep::Open { line, quote } => return open_quote(line, &quote),
            }
        }
    }

    /// Whether the record is a row, and not one of blank cells only.
    fn is_row(&mut self, frame: RecordFrame) -> bool {
        let delimiter = self.delimiter.byte();
        let may_be_blank = |byte: &u8| b" \t\"\r\n".contains(byte) || *byte == delimiter;
        if frame.too_large || !self.framer.bytes(frame).iter().all(may_be_blank) {
            return true;
        }
        let split = self.splitter.split(self.framer.bytes(frame));
        split == SplitResult::TooMany || !is_blank(self.splitter.record().text())
    }

    /// Reads once, and waits for it if need be.
    pub(super) fn fill(&mut self) -> Result<(), ReadFault> {
        self.framer.fill().map_err(ReadFault::from_io)
    }

    /// The physical line up to which it has been read.
    pub(super) fn line(&self) -> u64 {
        self.framer.line()
    }

    /// Blank lines and records so far.
    pub(super) fn blank(&self) -> u64 {
        self.framer.blank_lines() + self.blank_records
    }

    /// The cells of the last record.
    #[inline]
    pub(super) fn record(&self) -> &RecordCells {
        self.splitter.record()
    }

    /// The last record as it stands in the file, for where its cells are uncertain.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self.last {
            Some(frame) if frame.too_large => "(too large)".into(),
            Some(frame) => text_of(self.framer.bytes(frame).trim_ascii_end()),
            None => "".into(),
        }
    }

    /// What the buffer has grown to.
    #[cfg(test)]
    pub(super) fn buffer_bytes(&self) -> usize {
        self.framer.buffer_bytes()
    }

    /// Why the last record has so few cells, `width` being those of the header, of which so many
    /// have a name.
    pub(super) fn too_few(&self, width: usize, named: usize) -> Failure {
        let fault = RowFault::TooFewCells {
            cells: self.record().len(),
            header: width,
            is_quoted: self.is_in_one_cell(named),
        };
        Failure::new(Code::TooFewCells, fault)
    }

    /// Whether the first of its cells has a whole row in it, and the others nothing.
    fn is_in_one_cell(&self, named: usize) -> bool {
        let record = self.record();
        let cells = split::cells(record.cell_text(0).as_bytes(), self.delimiter.byte());
        let has_all = cells.is_some_and(|cells| cells.len() >= named.max(2));
        has_all && (1..record.len()).all(|place| is_blank(record.cell(place)))
    }

    /// Why the last record has more cells than the header, of which this is the first.
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

/// The text ends in a quote that was opened on this line.
fn open_quote<T>(line: u64, quote: &OpenQuote) -> ReadStep<T> {
    let (lines, bytes) = (quote.lines, quote.bytes);
    let fault = ReadFault::OpenQuote { lines, bytes };
    ReadStep::BrokeOff { line, fault }
}

/// Why a record that was passed over is no row.
fn too_large() -> Failure {
    let fault = RowFault::TooLarge {
        bytes: MAX_RECORD_BYTES,
        cells: MAX_CELLS,
    };
    Failure::new(Code::RowTooLarge, fault)
}

/// Why a record whose quotes do not match is no row.
fn broken_quote() -> Failure {
    Failure::new(Code::BrokenQuote, RowFault::BrokenQuote)
}

//! Reads results back line by line, fast and in bounded memory: where a line ends, and what it
//! says.
//!
//! It reads only what this program wrote. There a quote always opens a cell or is doubled
//! inside one, so a line end is real if the number of quotes before it is even.

use std::io::{self, Read};

use csv_core::ReadRecordResult;
use memchr::{memchr, memchr_iter};

use super::results_line::{LineForm, LineLayout, ResultsLine};

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// The longest possible line: the cells of a row, every byte of which may be a doubled quote,
/// and our own columns.
const LONGEST_LINE: usize = 8 << 20;

/// The lines of a results file after its header.
pub(super) struct LineScanner<R> {
    source: R,
    buffer: Vec<u8>,
    /// The unread part of the buffer is `from..to`.
    from: usize,
    to: usize,
    /// Length of the line that was read last; it ends at `from`.
    last_length: usize,
    /// Where the next line begins in the file.
    offset: u64,
    /// Lines from this offset on get sums.
    sums_from: u64,
    cells: CellSplitter,
}

/// The next line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ScannedLine {
    /// A whole line.
    Whole(ResultsLine),
    /// A line that this program does not write, or that has no end.
    Torn,
    /// There are no more lines.
    End,
}

impl<R: Read> LineScanner<R> {
    /// `source` is positioned after the header, which is `offset` bytes long.
    pub(super) fn new(source: R, offset: u64, layout: LineLayout) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            from: 0,
            to: 0,
            last_length: 0,
            offset,
            sums_from: u64::MAX,
            cells: CellSplitter::new(layout),
        }
    }

    /// Computes sums for the lines from this offset on. Others get a sum of zero.
    pub(super) fn with_sums_from(mut self, offset: u64) -> Self {
        self.sums_from = offset;
        self
    }

    /// Where the next line begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads the next line, and passes its bytes to `checksum`.
    pub(super) fn next(&mut self, mut checksum: impl FnMut(&[u8])) -> io::Result<ScannedLine> {
        let Some(length) = self.line_length()? else {
            return Ok(if self.from == self.to {
                ScannedLine::End
            } else {
                ScannedLine::Torn
            });
        };
        let line = &self.buffer[self.from..self.from + length];
        let sums = self.offset >= self.sums_from;
        let Some(record) = self.cells.read(line, sums) else {
            return Ok(ScannedLine::Torn);
        };
        checksum(line);
        self.from += length;
        self.last_length = length;
        self.offset += length as u64;
        Ok(ScannedLine::Whole(record))
    }

    /// The last line that was read.
    pub(super) fn last_line(&self) -> &[u8] {
        &self.buffer[self.from - self.last_length..self.from]
    }

    /// The length of the next line, with its line end.
    fn line_length(&mut self) -> io::Result<Option<usize>> {
        let (mut searched, mut in_quotes) = (0, false);
        loop {
            let unread = &self.buffer[self.from..self.to];
            let line_end = memchr(b'\n', &unread[searched..]).map(|at| searched + at + 1);
            let end = line_end.unwrap_or(unread.len());
            in_quotes ^= memchr_iter(b'"', &unread[searched..end]).count() % 2 == 1;
            searched = end;
            if line_end.is_some() && !in_quotes {
                return Ok(Some(end));
            }
            if line_end.is_none() && (searched > LONGEST_LINE || !self.fill()?) {
                return Ok(None);
            }
        }
    }

    /// Reads more; `false` at the end of the file.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.from..self.to, 0);
        self.to -= self.from;
        self.from = 0;
        if self.buffer.len() < self.to + CHUNK {
            self.buffer.resize(self.to + CHUNK, 0);
        }
        let read = loop {
            match self.source.read(&mut self.buffer[self.to..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.to += read;
        Ok(read > 0)
    }
}

/// Splits a line into its cells.
struct CellSplitter {
    layout: LineLayout,
    reader: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl CellSplitter {
    fn new(layout: LineLayout) -> Self {
        let mut reader = csv_core::ReaderBuilder::new();
        Self {
            reader: reader.delimiter(layout.delimiter).build(),
            layout,
            text: Vec::new(),
            ends: Vec::new(),
        }
    }

    fn read(&mut self, line: &[u8], sums: bool) -> Option<ResultsLine> {
        let layout = &self.layout;
        let body = line.strip_suffix(b"\n")?;
        if memchr(b'"', body).is_none() {
            let mut from = 0;
            let ends = memchr_iter(layout.delimiter, body).chain([body.len()]);
            let cells = ends.map(|end| {
                let cell = &body[from..end];
                from = end + 1;
                cell
            });
            return ResultsLine::parse(cells, layout, LineForm::AsWritten, sums);
        }
        self.text.resize(line.len(), 0);
        let max_cells = layout.input_columns + layout.columns.len() + 1;
        self.ends.resize(max_cells, 0);
        self.reader.reset();
        let (result, read, _, cells) =
            self.reader
                .read_record(line, &mut self.text, &mut self.ends);
        if result != ReadRecordResult::Record || read != line.len() {
            return None;
        }
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        let bounds = starts.zip(self.ends[..cells].iter().copied());
        let cells = bounds.map(|(from, to)| &self.text[from..to]);
        ResultsLine::parse(cells, layout, LineForm::AsWritten, sums)
    }
}

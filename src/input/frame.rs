//! Divides text into records: the bytes of each, and the physical line on which it begins.
//!
//! CRLF, LF and a single CR end a line, also inside quotes. Knows nothing about columns, ids or
//! the source of the text.

use std::io::{self, Read};

use super::{
    buffer::{BufferSpan, TextBuffer},
    scan::{OpenQuote, RecordEnd, RecordScanner},
};

/// Longer records are skipped: their cells are never kept in memory.
pub(super) const MAX_RECORD_BYTES: usize = 1 << 20;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// One record in the framer's buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordFrame {
    span: BufferSpan,
    /// The physical line on which it begins, from 1.
    pub(super) line: u64,
    /// Whether it has a quote.
    pub(super) has_quotes: bool,
    /// Whether text follows a closing quote.
    pub(super) has_broken_quote: bool,
    /// Whether it was longer than [`MAX_RECORD_BYTES`] and was skipped.
    pub(super) too_large: bool,
}

/// The next step without another read.
#[derive(Debug)]
pub(super) enum FrameStep {
    Record(RecordFrame),
    /// The rest of the record has to be read.
    NeedsRead,
    /// The input is at its end.
    End,
    /// The input ended inside quotes, which opened on this line.
    OpenQuote {
        line: u64,
        quote: OpenQuote,
    },
}

/// Finds the records of a text.
pub(super) struct Framer {
    buffer: TextBuffer,
    scanner: RecordScanner,
    /// The line on which the next record begins.
    line: u64,
    /// The last record ended with CR; a following LF belongs to it.
    after_cr: bool,
    /// The record is too long and is being skipped.
    too_large: bool,
    blank_lines: u64,
}

impl Framer {
    /// Reads until the first byte after the byte order mark is known.
    pub(super) fn new(source: Box<dyn Read + Send>) -> io::Result<Self> {
        let mut framer = Self {
            buffer: TextBuffer::new(source),
            scanner: RecordScanner::new(b','),
            line: 1,
            after_cr: false,
            too_large: false,
            blank_lines: 0,
        };
        loop {
            while framer.text().starts_with(BOM) {
                framer.buffer.skip(BOM.len());
            }
            if framer.ended() || !BOM.starts_with(framer.text()) {
                return Ok(framer);
            }
            framer.fill()?;
        }
    }

    /// The text that has been read but not framed yet.
    #[inline]
    pub(super) fn text(&self) -> &[u8] {
        self.buffer.text()
    }

    /// Whether the source is at its end.
    pub(super) fn ended(&self) -> bool {
        self.buffer.ended()
    }

    /// The physical line on which the unframed text begins.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The number of blank lines.
    pub(super) fn blank_lines(&self) -> u64 {
        self.blank_lines
    }

    /// The current size of the buffer.
    #[cfg(test)]
    pub(super) fn buffer_bytes(&self) -> usize {
        self.buffer.size()
    }

    /// Uses this delimiter from now on.
    pub(super) fn set_delimiter(&mut self, delimiter: u8) {
        self.scanner = RecordScanner::new(delimiter);
    }

    /// The bytes of a record with its line end. Valid until the next [`Self::fill`].
    #[inline]
    pub(super) fn bytes(&self, frame: RecordFrame) -> &[u8] {
        self.buffer.bytes(frame.span)
    }

    /// The next record, if it is in the buffer.
    pub(super) fn next(&mut self) -> FrameStep {
        loop {
            self.skip_lf_of_crlf();
            let Some(end) = self.scanner.scan(self.buffer.text()) else {
                if !self.ended() {
                    self.drop_too_large();
                    return FrameStep::NeedsRead;
                }
                if let Some(quote) = self.scanner.open_quote(self.text()) {
                    let line = self.line + quote.opened.lines;
                    return FrameStep::OpenQuote { line, quote };
                }
                if self.text().is_empty() && !self.too_large {
                    return FrameStep::End;
                }
                // The last line may have no line end.
                self.buffer.push(b'\n');
                continue;
            };
            let frame = self.take_record(end);
            if end.at > 0 || frame.too_large {
                return FrameStep::Record(frame);
            }
            self.count_blank_line();
        }
    }

    /// Skips the LF of a CRLF whose CR ended the last record.
    pub(super) fn skip_lf_of_crlf(&mut self) {
        if !self.after_cr {
            return;
        }
        if let Some(first) = self.text().first() {
            let bytes = usize::from(*first == b'\n');
            self.buffer.skip(bytes);
            self.after_cr = false;
        }
    }

    /// Skips the first line of the unframed text, which has this number of bytes.
    pub(super) fn skip_line(&mut self, bytes: usize) {
        self.buffer.skip(bytes);
        let end = self.text().first().copied();
        self.after_cr = end == Some(b'\r');
        self.buffer.skip(usize::from(end.is_some()));
        self.line += 1;
    }

    /// Counts a line that was skipped as blank.
    pub(super) fn count_blank_line(&mut self) {
        self.blank_lines += 1;
    }

    fn take_record(&mut self, end: RecordEnd) -> RecordFrame {
        self.after_cr = self.text()[end.at] == b'\r';
        let frame = RecordFrame {
            span: self.buffer.take(end.at),
            line: self.line,
            has_quotes: end.has_quotes,
            has_broken_quote: end.has_broken_quote,
            too_large: self.too_large || end.at > MAX_RECORD_BYTES,
        };
        self.line += end.lines + 1;
        self.too_large = false;
        frame
    }

    /// Drops a record that is too long, except for its end.
    fn drop_too_large(&mut self) {
        if self.too_large || self.scanner.scanned_bytes() > MAX_RECORD_BYTES {
            self.too_large = true;
            self.buffer.skip(self.scanner.forget());
        }
    }

    /// Makes one read, of as much as is available, and updates `ended`.
    pub(super) fn fill(&mut self) -> io::Result<()> {
        self.buffer.fill()
    }
}

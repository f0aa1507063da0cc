//! Text into records: each one's bytes and the physical line it began on.
//!
//! CRLF, LF and a lone CR each end a line, inside quotes too.
//! Knows nothing of columns, ids or where the text comes from.

use std::io::{self, Read};

use super::{
    buffer::{BufferSpan, TextBuffer},
    scan::{OpenQuote, RecordEnd, RecordScanner},
};

/// A record of more bytes is skipped: its cells are never held.
pub(super) const MAX_RECORD_BYTES: usize = 1 << 20;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// One record in the framer's buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordFrame {
    span: BufferSpan,
    /// The physical line on which it begins, from 1.
    pub(super) line: u64,
    /// There is a quote in it.
    pub(super) quotes: bool,
    /// Text follows a closing quote.
    pub(super) broken: bool,
    /// It is longer than [`MAX_RECORD_BYTES`], and gone.
    pub(super) too_large: bool,
}

/// What can be said without reading more.
#[derive(Debug)]
pub(super) enum FrameStep {
    Record(RecordFrame),
    /// The rest of the record has to be read.
    Wait,
    /// Everything has been framed.
    End,
    /// The input ended inside quotes; the line is the one on which they opened.
    Open {
        line: u64,
        quote: OpenQuote,
    },
}

/// Yields the records of a text.
pub(super) struct Framer {
    buffer: TextBuffer,
    scanner: RecordScanner,
    /// The line on which the next record begins.
    line: u64,
    /// A CR ended the last record; a LF that follows belongs to it.
    after_cr: bool,
    /// The record has outgrown its limit and is being passed over.
    too_large: bool,
    blank_lines: u64,
}

impl Framer {
    /// Reads until the text's first byte that is no BOM is known.
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

    /// Text that has been read and not framed yet.
    #[inline]
    pub(super) fn text(&self) -> &[u8] {
        self.buffer.text()
    }

    /// Whether nothing more is to be read.
    pub(super) fn ended(&self) -> bool {
        self.buffer.ended()
    }

    /// The physical line on which the unframed text begins.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Lines without any cell that is not blank.
    pub(super) fn blank_lines(&self) -> u64 {
        self.blank_lines
    }

    /// What the buffer has grown to.
    #[cfg(test)]
    pub(super) fn buffer_bytes(&self) -> usize {
        self.buffer.size()
    }

    /// Frames what follows with this delimiter.
    pub(super) fn set_delimiter(&mut self, delimiter: u8) {
        self.scanner = RecordScanner::new(delimiter);
    }

    /// A record's bytes with the one that ends it, until the next [`Self::fill`].
    #[inline]
    pub(super) fn bytes(&self, frame: RecordFrame) -> &[u8] {
        self.buffer.bytes(frame.span)
    }

    /// The next record, if it is in the buffer.
    pub(super) fn next(&mut self) -> FrameStep {
        loop {
            self.settle_line_end();
            let Some(end) = self.scanner.scan(self.buffer.text()) else {
                if !self.ended() {
                    self.skip_too_large();
                    return FrameStep::Wait;
                }
                if let Some(quote) = self.scanner.open_quote(self.text()) {
                    let line = self.line + quote.opened.lines;
                    return FrameStep::Open { line, quote };
                }
                if self.text().is_empty() && !self.too_large {
                    return FrameStep::End;
                }
                // The last line may lack its end.
                self.buffer.push(b'\n');
                continue;
            };
            let frame = self.cut(end);
            if end.at > 0 || frame.too_large {
                return FrameStep::Record(frame);
            }
            self.count_blank();
        }
    }

    /// Completes a CRLF whose CR ended the last record.
    pub(super) fn settle_line_end(&mut self) {
        if !self.after_cr {
            return;
        }
        if let Some(first) = self.text().first() {
            let bytes = usize::from(*first == b'\n');
            self.buffer.skip(bytes);
            self.after_cr = false;
        }
    }

    /// Passes over the line that the unframed text begins with, of so many bytes.
    pub(super) fn skip_line(&mut self, bytes: usize) {
        self.buffer.skip(bytes);
        let end = self.text().first().copied();
        self.after_cr = end == Some(b'\r');
        self.buffer.skip(usize::from(end.is_some()));
        self.line += 1;
    }

    /// Counts a line that was skipped as blank.
    pub(super) fn count_blank(&mut self) {
        self.blank_lines += 1;
    }

    fn cut(&mut self, end: RecordEnd) -> RecordFrame {
        self.after_cr = self.text()[end.at] == b'\r';
        let frame = RecordFrame {
            span: self.buffer.take(end.at),
            line: self.line,
            quotes: end.quotes,
            broken: end.broken,
            too_large: self.too_large || end.at > MAX_RECORD_BYTES,
        };
        self.line += end.lines + 1;
        self.too_large = false;
        frame
    }

    /// Lets go of a record that has outgrown its limit, but for its end.
    fn skip_too_large(&mut self) {
        if self.too_large || self.scanner.seen() > MAX_RECORD_BYTES {
            self.too_large = true;
            self.buffer.skip(self.scanner.forget());
        }
    }

    /// One read, of as much as there is; tells `ended`.
    pub(super) fn fill(&mut self) -> io::Result<()> {
        self.buffer.fill()
    }
}

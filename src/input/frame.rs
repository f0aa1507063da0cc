//! Text into records: each one's bytes and the physical line it began on.
//!
//! Owns the buffer. CRLF, LF and a lone CR each end a line, inside quotes too.
//! Knows nothing of columns, ids or where the text comes from.

use std::io::{self, Read};

use super::scan::{End, OpenQuote, Scanner};

/// A record of more bytes is skipped: its cells are never held.
pub(super) const MAX_RECORD_BYTES: usize = 1 << 20;

/// What the buffer holds at first; it grows only for long records.
const BUFFER_BYTES: usize = 128 << 10;

/// Reading into less room than this is not worth a call.
const MIN_READ_BYTES: usize = 8 << 10;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// One record in the framer's buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    start: usize,
    end: usize,
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
pub(super) enum Next {
    Record(Frame),
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
    source: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// The part of the buffer that holds unframed text.
    start: usize,
    end: usize,
    ended: bool,
    scanner: Scanner,
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
            source,
            buffer: vec![0; BUFFER_BYTES],
            start: 0,
            end: 0,
            ended: false,
            scanner: Scanner::new(b','),
            line: 1,
            after_cr: false,
            too_large: false,
            blank_lines: 0,
        };
        loop {
            while framer.text().starts_with(BOM) {
                framer.start += BOM.len();
            }
            if framer.ended || !BOM.starts_with(framer.text()) {
                return Ok(framer);
            }
            framer.fill()?;
        }
    }

    /// Text that has been read and not framed yet.
    pub(super) fn text(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Whether nothing more is to be read.
    pub(super) fn ended(&self) -> bool {
        self.ended
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
        self.buffer.len()
    }

    /// Frames what follows with this delimiter.
    pub(super) fn set_delimiter(&mut self, delimiter: u8) {
        self.scanner = Scanner::new(delimiter);
    }

    /// A record's bytes with the one that ends it, until the next [`Self::fill`].
    pub(super) fn bytes(&self, frame: Frame) -> &[u8] {
        &self.buffer[frame.start..=frame.end]
    }

    /// The next record, if it is in the buffer.
    pub(super) fn next(&mut self) -> Next {
        loop {
            self.settle_line_end();
            let Some(end) = self.scanner.scan(&self.buffer[self.start..self.end]) else {
                if !self.ended {
                    self.skip_too_large();
                    return Next::Wait;
                }
                if let Some(quote) = self.scanner.open_quote(self.text()) {
                    let line = self.line + quote.opened.lines;
                    return Next::Open { line, quote };
                }
                if self.start == self.end && !self.too_large {
                    return Next::End;
                }
                self.end_last_line();
                continue;
            };
            let frame = self.cut(end);
            if end.at > 0 || frame.too_large {
                return Next::Record(frame);
            }
            self.count_blank();
        }
    }

    /// Completes a CRLF whose CR ended the last record.
    pub(super) fn settle_line_end(&mut self) {
        if self.after_cr && self.start < self.end {
            self.after_cr = false;
            self.start += usize::from(self.buffer[self.start] == b'\n');
        }
    }

    /// Passes over the line that the unframed text begins with, of so many bytes.
    pub(super) fn skip_line(&mut self, bytes: usize) {
        self.start += bytes;
        self.after_cr = self.text().first() == Some(&b'\r');
        self.start += usize::from(self.start < self.end);
        self.line += 1;
    }

    /// Counts a line that was skipped as blank.
    pub(super) fn count_blank(&mut self) {
        self.blank_lines += 1;
    }

    fn cut(&mut self, end: End) -> Frame {
        let frame = Frame {
            start: self.start,
            end: self.start + end.at,
            line: self.line,
            quotes: end.quotes,
            broken: end.broken,
            too_large: self.too_large || end.at > MAX_RECORD_BYTES,
        };
        self.after_cr = self.buffer[frame.end] == b'\r';
        self.start = frame.end + 1;
        self.line += end.lines + 1;
        self.too_large = false;
        frame
    }

    /// Lets go of a record that has outgrown its limit, but for its end.
    fn skip_too_large(&mut self) {
        if self.too_large || self.scanner.seen() > MAX_RECORD_BYTES {
            self.too_large = true;
            self.start += self.scanner.forget();
        }
    }

    /// The last line may lack its end.
    fn end_last_line(&mut self) {
        self.make_room();
        self.buffer[self.end] = b'\n';
        self.end += 1;
    }

    /// One read, of as much as there is; tells `ended`.
    pub(super) fn fill(&mut self) -> io::Result<()> {
        if self.ended {
            return Ok(());
        }
        self.make_room();
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(read) => {
                    self.end += read;
                    self.ended = read == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.buffer.len() - self.end < MIN_READ_BYTES {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.end < MIN_READ_BYTES {
            self.buffer.resize(2 * self.buffer.len(), 0);
        }
    }
}

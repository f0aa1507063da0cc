//! Finds the end of a record: the strict pass over the bytes.
//!
//! Knows quotes and line ends. It keeps no bytes and reads none. It continues where it stopped when
//! more bytes arrive, so every byte is scanned once.

use memchr::memchr3;

/// Finds the ends of records in bytes that arrive in pieces.
#[derive(Clone, Debug)]
pub(super) struct RecordScanner {
    delimiter: u8,
    state: ScanState,
    /// The bytes of the slice that have been scanned.
    pos: usize,
    /// The bytes of this record that are no longer in the slice.
    forgotten: u64,
    /// The line ends in this record so far; all are in quotes.
    lines: u64,
    has_quotes: bool,
    has_broken_quote: bool,
    opened: QuoteStart,
}

/// The position of an opening quote, relative to the start of its record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct QuoteStart {
    /// Line ends before it.
    pub(super) lines: u64,
    /// Bytes before it.
    pub(super) bytes: u64,
}

/// A quote that is not closed, and what follows it up to the end of the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenQuote {
    pub(super) opened: QuoteStart,
    pub(super) lines: u64,
    pub(super) bytes: u64,
}

/// The end of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordEnd {
    /// The index of the byte that ends it.
    pub(super) at: usize,
    /// The line ends inside the record.
    pub(super) lines: u64,
    /// Whether the record has any quote.
    pub(super) has_quotes: bool,
    /// Whether text follows a closing quote, so that its cells are uncertain.
    pub(super) has_broken_quote: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScanState {
    /// Outside quotes.
    Plain,
    /// Inside a quoted cell.
    Quoted,
    /// After a quote inside a quoted cell: it is the closing quote or the first half of `""`.
    Closing,
}

impl RecordScanner {
    pub(super) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            state: ScanState::Plain,
            pos: 0,
            forgotten: 0,
            lines: 0,
            has_quotes: false,
            has_broken_quote: false,
            opened: QuoteStart::default(),
        }
    }

    /// The end of the first record in `bytes`, if they contain it.
    pub(super) fn scan(&mut self, bytes: &[u8]) -> Option<RecordEnd> {
        loop {
            match self.state {
                ScanState::Plain => {
                    let at = self.next(bytes)?;
                    if bytes[at] != b'"' {
                        return Some(self.end(at));
                    }
                    self.has_quotes = true;
                    // A quote is plain text unless it is at the start of a cell.
                    if at == 0 || bytes[at - 1] == self.delimiter {
                        self.state = ScanState::Quoted;
                        self.opened = QuoteStart {
                            lines: self.lines,
                            bytes: self.forgotten + at as u64,
                        };
                    }
                }
                ScanState::Quoted => {
                    let at = self.next(bytes)?;
                    if bytes[at] == b'"' {
                        self.state = ScanState::Closing;
                    } else if bytes[at] == b'\r' || bytes[at - 1] != b'\r' {
                        self.lines += 1;
                    }
                }
                ScanState::Closing => match *bytes.get(self.pos)? {
                    b'"' => {
                        self.pos += 1;
                        self.state = ScanState::Quoted;
                    }
                    byte => {
                        let ends = matches!(byte, b'\n' | b'\r') || byte == self.delimiter;
                        self.has_broken_quote |= !ends;
                        self.state = ScanState::Plain;
                    }
                },
            }
        }
    }

    fn next(&mut self, bytes: &[u8]) -> Option<usize> {
        let found = memchr3(b'\n', b'\r', b'"', &bytes[self.pos..]);
        let at = found.map(|offset| self.pos + offset);
        self.pos = at.map_or(bytes.len(), |at| at + 1);
        at
    }

    fn end(&mut self, at: usize) -> RecordEnd {
        let end = RecordEnd {
            at,
            lines: self.lines,
            has_quotes: self.has_quotes,
            has_broken_quote: self.has_broken_quote,
        };
        *self = Self::new(self.delimiter);
        end
    }

    /// The bytes of the slice that have been scanned.
    pub(super) fn scanned_bytes(&self) -> usize {
        self.pos
    }

    /// Forgets the scanned bytes, except for the last one, which the next byte depends on. Returns
    /// the number of bytes at the front that are no longer needed.
    pub(super) fn forget(&mut self) -> usize {
        let front = self.pos.saturating_sub(1);
        self.forgotten += front as u64;
        self.pos -= front;
        front
    }

    /// The quote that is still open after all `bytes`, if there is one.
    pub(super) fn open_quote(&self, bytes: &[u8]) -> Option<OpenQuote> {
        (self.state == ScanState::Quoted).then(|| OpenQuote {
            opened: self.opened,
            lines: self.lines - self.opened.lines,
            bytes: self.forgotten + bytes.len() as u64 - self.opened.bytes,
        })
    }
}

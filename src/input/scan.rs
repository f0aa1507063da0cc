//! Where a record ends: the strict pass over the bytes.
//!
//! Knows quotes and line ends. Keeps no bytes and reads none, and goes on where
//! it stood when more arrive, so that every byte is looked at once.

use memchr::memchr3;

/// Finds the end of one record after another in bytes that arrive in pieces.
#[derive(Clone, Debug)]
pub(super) struct RecordScanner {
    delimiter: u8,
    state: ScanState,
    /// Bytes of the slice that have been looked at.
    pos: usize,
    /// Bytes of this record that are no longer in the slice.
    forgotten: u64,
    /// Line ends inside this record so far; they are all quoted.
    lines: u64,
    quotes: bool,
    broken: bool,
    opened: QuoteStart,
}

/// Where a quote opened, seen from where its record begins.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct QuoteStart {
    /// Line ends before it.
    pub(super) lines: u64,
    /// Bytes before it.
    pub(super) bytes: u64,
}

/// What stands between a quote without its partner and the end of the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenQuote {
    pub(super) opened: QuoteStart,
    pub(super) lines: u64,
    pub(super) bytes: u64,
}

/// A record's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordEnd {
    /// Index of the byte that ends it.
    pub(super) at: usize,
    /// Line ends inside it.
    pub(super) lines: u64,
    /// Whether there is any quote in it.
    pub(super) quotes: bool,
    /// Whether text follows a closing quote, so that its cells are uncertain.
    pub(super) broken: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScanState {
    /// Outside quotes.
    Plain,
    /// Inside a quoted cell.
    Quoted,
    /// Just after a quote inside a quoted cell: its end, or half of `""`.
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
            quotes: false,
            broken: false,
            opened: QuoteStart::default(),
        }
    }

    /// The end of the record with which `bytes` begin, if it is among them.
    pub(super) fn scan(&mut self, bytes: &[u8]) -> Option<RecordEnd> {
        loop {
            match self.state {
                ScanState::Plain => {
                    let at = self.next(bytes)?;
                    if bytes[at] != b'"' {
                        return Some(self.end(at));
                    }
                    self.quotes = true;
                    // Anywhere but at the start of a cell a quote is just text.
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
                        self.broken |= !ends;
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
            quotes: self.quotes,
            broken: self.broken,
        };
        *self = Self::new(self.delimiter);
        end
    }

    /// Bytes of the slice that have been looked at.
    pub(super) fn seen(&self) -> usize {
        self.pos
    }

    /// Forgets what has been looked at, except the last byte, by which the next
    /// one is judged; says how many bytes at the front are no longer needed.
    pub(super) fn forget(&mut self) -> usize {
        let front = self.pos.saturating_sub(1);
        self.forgotten += front as u64;
        self.pos -= front;
        front
    }

    /// The quote that is open after all `bytes`, if one is.
    pub(super) fn open_quote(&self, bytes: &[u8]) -> Option<OpenQuote> {
        (self.state == ScanState::Quoted).then(|| OpenQuote {
            opened: self.opened,
            lines: self.lines - self.opened.lines,
            bytes: self.forgotten + bytes.len() as u64 - self.opened.bytes,
        })
    }
}

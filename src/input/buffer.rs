//! Text that is read piece by piece, and what of it is still to be framed.
//!
//! Owns the buffer and the source that fills it. Knows nothing of lines or quotes.

use std::io::{self, Read};

/// What the buffer holds at first; it grows only for long records.
const BUFFER_BYTES: usize = 128 << 10;

/// Reading into less room than this is not worth a call.
const MIN_READ_BYTES: usize = 8 << 10;

/// Text in a buffer that grows, of which the front is framed.
pub(super) struct TextBuffer {
    source: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    /// The part that holds unframed text.
    start: usize,
    end: usize,
    ended: bool,
}

/// Where in the buffer a piece of text is, until more is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct BufferSpan {
    start: usize,
    last: usize,
}

impl TextBuffer {
    pub(super) fn new(source: Box<dyn Read + Send>) -> Self {
        Self {
            source,
            bytes: vec![0; BUFFER_BYTES],
            start: 0,
            end: 0,
            ended: false,
        }
    }

    /// Text that has been read and not framed yet.
    #[inline]
    pub(super) fn text(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Whether nothing more is to be read.
    #[inline]
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// What was taken, until the next [`Self::fill`].
    #[inline]
    pub(super) fn bytes(&self, span: BufferSpan) -> &[u8] {
        &self.bytes[span.start..=span.last]
    }

    /// What the buffer has grown to.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Takes the text up to the byte at this place, which belongs to it.
    #[inline]
    pub(super) fn take(&mut self, last: usize) -> BufferSpan {
        let (start, last) = (self.start, self.start + last);
        self.start = last + 1;
        BufferSpan { start, last }
    }

    /// Passes over so many bytes.
    #[inline]
    pub(super) fn skip(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// Ends the text with a byte that the source has not.
    pub(super) fn push(&mut self, byte: u8) {
        self.make_room();
        self.bytes[self.end] = byte;
        self.end += 1;
    }

    /// One read, of as much as there is; tells [`Self::ended`].
    pub(super) fn fill(&mut self) -> io::Result<()> {
        if self.ended {
            return Ok(());
        }
        self.make_room();
        loop {
            match self.source.read(&mut self.bytes[self.end..]) {
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
        } else if self.bytes.len() - self.end < MIN_READ_BYTES {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.bytes.len() - self.end < MIN_READ_BYTES {
            self.bytes.resize(2 * self.bytes.len(), 0);
        }
    }
}

//! A buffer for text that is read in pieces, and the part of it that is not framed yet.
//!
//! Owns the buffer and the source that fills it. Knows nothing about lines or quotes.

use std::io::{self, Read};

/// The initial size of the buffer. It grows only for long records.
const BUFFER_BYTES: usize = 128 << 10;

/// The smallest free space for a read. A read into less space is not worth the call.
const MIN_READ_BYTES: usize = 8 << 10;

/// A growing buffer. Records are framed at its front.
pub(super) struct TextBuffer {
    source: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    /// The range of the unframed text.
    start: usize,
    end: usize,
    ended: bool,
}

/// The position of a piece of text in the buffer. It is valid until the next read.
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

    /// The text that has been read but not framed yet.
    #[inline]
    pub(super) fn text(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Whether the source is at its end.
    #[inline]
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// The bytes of a span. It is valid until the next [`Self::fill`].
    #[inline]
    pub(super) fn bytes(&self, span: BufferSpan) -> &[u8] {
        &self.bytes[span.start..=span.last]
    }

    /// The current size of the buffer.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Takes the text up to and including the byte at this index.
    #[inline]
    pub(super) fn take(&mut self, last: usize) -> BufferSpan {
        let (start, last) = (self.start, self.start + last);
        self.start = last + 1;
        BufferSpan { start, last }
    }

    /// Skips this number of bytes.
    #[inline]
    pub(super) fn skip(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// Appends a byte that is missing at the end of the source.
    pub(super) fn push(&mut self, byte: u8) {
        self.make_room();
        self.bytes[self.end] = byte;
        self.end += 1;
    }

    /// Makes one read, of as much as is available, and updates [`Self::ended`].
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

//! Decodes text in any encoding into UTF-8 while it is read.
//!
//! Knows nothing about lines or cells. A byte order mark is kept as U+FEFF.

use std::io::{self, Read};

/// The size of the buffer for encoded bytes.
const PIECE_BYTES: usize = 32 << 10;

/// The space that a decoder needs for one step.
const MIN_ROOM_BYTES: usize = 16;

/// Reads UTF-8 from a source in another encoding. Invalid bytes become U+FFFD.
pub(crate) struct Utf8Decoder<R> {
    source: R,
    decoder: encoding_rs::Decoder,
    piece: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    finished: bool,
}

impl<R: Read> Utf8Decoder<R> {
    pub(crate) fn new(source: R, encoding: &'static encoding_rs::Encoding) -> Self {
        Self {
            source,
            decoder: encoding.new_decoder_without_bom_handling(),
            piece: vec![0; PIECE_BYTES],
            start: 0,
            end: 0,
            ended: false,
            finished: false,
        }
    }
}

impl<R: Read> Read for Utf8Decoder<R> {
    /// `into` needs space for a few characters.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        debug_assert!(into.len() >= MIN_ROOM_BYTES);
        while !self.finished {
            if self.start == self.end && !self.ended {
                // Reset first, because a failed read may be tried again.
                (self.start, self.end) = (0, 0);
                self.end = self.source.read(&mut self.piece)?;
                self.ended = self.end == 0;
            }
            let piece = &self.piece[self.start..self.end];
            let (result, read, written, _) = self.decoder.decode_to_utf8(piece, into, self.ended);
            self.start += read;
            self.finished = self.ended && result == encoding_rs::CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

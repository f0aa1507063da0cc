//! Decompresses gzip, and distinguishes damaged data from a failed read.
//!
//! Knows nothing about the content.

use std::{
    fmt,
    io::{self, ErrorKind, Read},
};

use flate2::read::MultiGzDecoder;

/// Reads the decompressed bytes of one or more gzip members.
pub(super) struct GzipReader<R>(MultiGzDecoder<R>);

/// Marks an error as damaged data.
#[derive(Debug)]
struct GzipDamage(io::Error);

impl<R: Read> GzipReader<R> {
    pub(super) fn new(source: R) -> Self {
        Self(MultiGzDecoder::new(source))
    }
}

impl<R: Read> Read for GzipReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into).map_err(|error| {
            // The decoder uses these kinds; a failed read has other kinds.
            let damage = [
                ErrorKind::UnexpectedEof,
                ErrorKind::InvalidData,
                ErrorKind::InvalidInput,
            ];
            if damage.contains(&error.kind()) {
                io::Error::new(error.kind(), GzipDamage(error))
            } else {
                error
            }
        })
    }
}

/// Whether the error means damaged gzip data.
pub(super) fn is_damage(error: &io::Error) -> bool {
    error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<GzipDamage>())
        .is_some()
}

impl fmt::Display for GzipDamage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.kind() == ErrorKind::UnexpectedEof {
            out.write_str("it ends too early")
        } else {
            self.0.fmt(out)
        }
    }
}

impl std::error::Error for GzipDamage {}

//! One part of a workbook: the bytes of an entry of the zip archive, decompressed and checked.
//!
//! Guards against entries that inflate to much more than they hold, and against damage. Knows
//! nothing about XML.

use std::{
    fmt,
    fs::File,
    io::{self, BufReader, Read, Seek as _, SeekFrom, Take},
    sync::{Arc, atomic::AtomicU64},
};

use flate2::bufread::DeflateDecoder;
use zip::CompressionMethod;

use crate::input::{
    source::CountingReader,
    workbook_fault::{Damage, WorkbookFault},
};

/// How much of the file one read fetches.
const READ_BYTES: usize = 64 << 10;

/// An entry may inflate to this size without being judged. It is enough for a sheet of some
/// thousands of rows.
const UNJUDGED_BYTES: u64 = 8 << 20;

/// A larger entry may inflate to this many times its compressed size. Sheets and texts of real
/// workbooks have 5 to 40; deflate can reach 1,032. What is kept in memory has less.
pub(super) const MAX_RATIO_STREAMED: u64 = 200;
pub(super) const MAX_RATIO_KEPT: u64 = 50;

/// Where an entry is in the file, and what the archive says about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct PartEntry {
    pub(super) start: u64,
    pub(super) compressed: u64,
    pub(super) size: u64,
    pub(super) crc32: u32,
    pub(super) compression: CompressionMethod,
    /// How many times its compressed size it may inflate to.
    pub(super) max_ratio: u64,
}

/// What is wrong with the bytes of a part, on its way through an `io::Error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PartFault {
    /// It inflates to more than any workbook would.
    Inflates,
    /// It is damaged.
    Damaged(Damage),
}

impl std::error::Error for PartFault {}

impl fmt::Display for PartFault {
    /// Nobody sees it: it is taken out of the error again.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}

impl From<PartFault> for io::Error {
    fn from(fault: PartFault) -> Self {
        Self::new(io::ErrorKind::InvalidData, fault)
    }
}

/// The fault of a workbook for an error while reading a part.
pub(super) fn workbook_fault(part: &str, error: &io::Error) -> WorkbookFault {
    let fault = error.get_ref().and_then(|inner| inner.downcast_ref());
    match fault {
        Some(PartFault::Inflates) => WorkbookFault::Inflates(part.to_owned()),
        Some(PartFault::Damaged(damage)) => WorkbookFault::damaged(part, damage.clone()),
        None if matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        ) =>
        {
            WorkbookFault::damaged(part, Damage::Bytes(error.to_string()))
        }
        None => WorkbookFault::Read(io::Error::new(error.kind(), error.to_string())),
    }
}

type RawBytes = BufReader<Take<CountingReader<FileRange>>>;

/// The bytes of a file from a position on. Parts share one file, so each seeks before it reads.
struct FileRange {
    file: File,
    position: u64,
}

impl Read for FileRange {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(self.position))?;
        let read = self.file.read(into)?;
        self.position += read as u64;
        Ok(read)
    }
}

/// The decompressed bytes of a part.
pub(super) struct PartReader {
    bytes: PartBytes,
    entry: PartEntry,
    inflated: u64,
    crc: crc32fast::Hasher,
}

enum PartBytes {
    Stored(RawBytes),
    Deflated(Box<DeflateDecoder<RawBytes>>),
}

impl PartReader {
    /// Starts to read an entry. `count` counts the bytes of the file.
    pub(super) fn new(file: File, entry: PartEntry, count: Arc<AtomicU64>) -> io::Result<Self> {
        let position = entry.start;
        let counted = CountingReader {
            source: FileRange { file, position },
            count,
        };
        let raw = BufReader::with_capacity(READ_BYTES, counted.take(entry.compressed));
        let bytes = if entry.compression == CompressionMethod::STORE {
            PartBytes::Stored(raw)
        } else if entry.compression == CompressionMethod::DEFLATE {
            PartBytes::Deflated(Box::new(DeflateDecoder::new(raw)))
        } else {
            return Err(PartFault::Damaged(Damage::Compression).into());
        };
        Ok(Self {
            bytes,
            entry,
            inflated: 0,
            crc: crc32fast::Hasher::new(),
        })
    }

    fn check_end(&self) -> io::Result<()> {
        let is_whole = self.inflated == self.entry.size;
        if is_whole && self.crc.clone().finalize() == self.entry.crc32 {
            Ok(())
        } else {
            Err(PartFault::Damaged(Damage::Checksum).into())
        }
    }
}

impl Read for PartReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.bytes {
            PartBytes::Stored(bytes) => bytes.read(into),
            PartBytes::Deflated(bytes) => bytes.read(into),
        }?;
        if read == 0 && !into.is_empty() {
            self.check_end()?;
        }
        self.inflated += read as u64;
        self.crc.update(&into[..read]);
        let limit = self.entry.compressed.saturating_mul(self.entry.max_ratio);
        if self.inflated > limit.max(UNJUDGED_BYTES) {
            return Err(PartFault::Inflates.into());
        }
        Ok(read)
    }
}

//! Turns bytes into UTF-8: decompresses and decodes them.
//!
//! Reads no more than the detection needs. Knows nothing about delimiters.

use std::io::{self, Read};

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};

use super::{
    error::{InputRefusal, ReadFault},
    gzip::GzipReader,
    options::InputEncoding,
    sniff::{self, HEAD_BYTES},
    source::PeekReader,
};
use crate::decode::Utf8Decoder;

/// The text in UTF-8, and what was detected.
pub(super) struct Utf8Text {
    pub(super) bytes: Box<dyn Read + Send>,
    pub(super) encoding: &'static encoding_rs::Encoding,
    pub(super) bom: bool,
    pub(super) gzip: bool,
}

pub(super) fn read_failed(error: io::Error) -> InputRefusal {
    InputRefusal::ReadFailed(ReadFault::from_io(error))
}

/// Decompresses and decodes the bytes.
pub(super) fn unpack(
    bytes: impl Read + Send + 'static,
    encoding: InputEncoding,
) -> Result<Utf8Text, InputRefusal> {
    let bytes = PeekReader::new(bytes, HEAD_BYTES).map_err(read_failed)?;
    if !sniff::is_gzip(bytes.head()) {
        return decode(bytes, encoding, false);
    }
    let unpacked = PeekReader::new(GzipReader::new(bytes), HEAD_BYTES).map_err(read_failed)?;
    decode(unpacked, encoding, true)
}

fn decode<R: Read + Send + 'static>(
    bytes: PeekReader<R>,
    encoding: InputEncoding,
    gzip: bool,
) -> Result<Utf8Text, InputRefusal> {
    let head = bytes.head();
    sniff::refuse_binary(head)?;
    let marked = encoding_rs::Encoding::for_bom(head).map(|(marked, _)| marked);
    let encoding = match encoding {
        InputEncoding::Auto => marked
            .or_else(|| sniff::utf16_without_bom(head))
            .unwrap_or(UTF_8),
        InputEncoding::Label(label) if label == UTF_8 => UTF_8,
        InputEncoding::Label(label) => marked.unwrap_or(label),
    };
    debug_assert!(marked.is_none_or(|marked| [UTF_8, UTF_16LE, UTF_16BE].contains(&marked)));
    Ok(Utf8Text {
        encoding,
        bom: marked == Some(encoding),
        gzip,
        // UTF-8 is passed unchanged; invalid bytes are handled cell by cell.
        bytes: if encoding == UTF_8 {
            Box::new(bytes)
        } else {
            Box::new(Utf8Decoder::new(bytes, encoding))
        },
    })
}

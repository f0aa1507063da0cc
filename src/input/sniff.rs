//! Detects the format of a file from its first bytes.
//!
//! Pure: bytes in, format out. Knows nothing about columns.

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::error::{FileKind, InputRefusal};

/// The number of bytes that identify every format. No CSV with two columns is shorter.
pub(super) const HEAD_BYTES: usize = 4;

/// How much of a text is searched for binary characters.
const TEXT_BYTES: usize = 4096;

/// First bytes of other formats that are often named `.csv`.
const MAGIC: &[(&[u8], FileKind)] = &[
    (b"PK\x03\x04", FileKind::Workbook),
    (b"PK\x05\x06", FileKind::EmptyZip),
    (b"\xd0\xcf\x11\xe0", FileKind::OldWorkbook),
    (b"%PDF", FileKind::Pdf),
    (b"{\\rt", FileKind::Rtf),
    (b"PAR1", FileKind::Parquet),
    (b"SQLi", FileKind::Sqlite),
    (b"\x28\xb5\x2f\xfd", FileKind::Zstd),
    (b"BZh", FileKind::Bzip2),
    (b"\xfd7zX", FileKind::Xz),
    (b"7z\xbc\xaf", FileKind::SevenZip),
    (b"Rar!", FileKind::Rar),
    (b"\x1f\x9d", FileKind::Compress),
];

/// Whether the bytes are gzip data.
pub(super) fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(b"\x1f\x8b")
}

/// Refuses formats that are known not to be text.
pub(super) fn refuse_binary(head: &[u8]) -> Result<(), InputRefusal> {
    for &(magic, kind) in MAGIC {
        if head.starts_with(magic) {
            return Err(InputRefusal::LooksLike(kind));
        }
    }
    match head {
        [0xff, 0xfe, 0, 0] | [0, 0, 0xfe, 0xff] | [1..=255, 0, 0, 0] | [0, 0, 0, 1..=255] => {
            Err(InputRefusal::LooksLike(FileKind::Utf32))
        }
        _ => Ok(()),
    }
}

/// Detects UTF-16 without a byte order mark by the zeros next to ASCII characters.
pub(super) fn utf16_without_bom(head: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match head {
        [1..=255, 0, 1..=255, 0] => Some(UTF_16LE),
        [0, 1..=255, 0, 1..=255] => Some(UTF_16BE),
        _ => None,
    }
}

/// Refuses a text without the needed columns if it has a known other format.
pub(super) fn refuse_other_text(text: &[u8]) -> Result<(), InputRefusal> {
    let start = text.trim_ascii_start();
    let begins = |word: &str| {
        start
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
    };
    let kind = if begins("<?xml") {
        FileKind::Xml
    } else if begins("<") {
        FileKind::Html
    } else if begins("{") || begins("[") {
        FileKind::Json
    } else if text.iter().take(TEXT_BYTES).any(|&byte| is_binary(byte)) {
        FileKind::Binary
    } else {
        return Ok(());
    };
    Err(InputRefusal::LooksLike(kind))
}

fn is_binary(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a)
}

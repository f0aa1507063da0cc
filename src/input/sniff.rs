//! What the first bytes say a file is.
//!
//! Pure: bytes in, kind out. Knows nothing of columns.

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::error::Refusal;

/// So many bytes tell every kind; a CSV with two columns is not shorter.
pub(super) const HEAD_BYTES: usize = 4;

/// How much of the text is searched for characters that no text has.
const TEXT_BYTES: usize = 4096;

const EXPORT: &str = "open it in the program that it comes from and save it as CSV UTF-8";
const UNPACK: &str = "unpack it first";
const UTF32: Refusal = Refusal::LooksLike {
    what: "UTF-32 text",
    remedy: "save it as CSV UTF-8",
};

/// First bytes of what is often named `.csv` and is not.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (
        b"PK\x03\x04",
        "an Excel workbook (xlsx) or another zip archive",
        "open it in Excel and save it as CSV UTF-8, or unpack it",
    ),
    (b"PK\x05\x06", "an empty zip archive", UNPACK),
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel workbook (xls)",
        "open it in Excel and save it as CSV UTF-8",
    ),
    (b"%PDF", "a PDF document", EXPORT),
    (b"{\\rt", "an RTF document", EXPORT),
    (b"PAR1", "a Parquet file", "convert it to CSV UTF-8"),
    (b"SQLi", "an SQLite database", "export the table as CSV"),
    (b"\x28\xb5\x2f\xfd", "zstd compressed data", UNPACK),
    (b"BZh", "bzip2 compressed data", UNPACK),
    (b"\xfd7zX", "xz compressed data", UNPACK),
    (b"7z\xbc\xaf", "a 7z archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"\x1f\x9d", "compress (.Z) data", UNPACK),
];

/// Whether the bytes are gzip data.
pub(super) fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(b"\x1f\x8b")
}

/// Refuses what is known to be no text.
pub(super) fn refuse_binary(head: &[u8]) -> Result<(), Refusal> {
    for &(magic, what, remedy) in MAGIC {
        if head.starts_with(magic) {
            return Err(Refusal::LooksLike { what, remedy });
        }
    }
    match head {
        [0xff, 0xfe, 0, 0] | [0, 0, 0xfe, 0xff] | [1..=255, 0, 0, 0] | [0, 0, 0, 1..=255] => {
            Err(UTF32)
        }
        _ => Ok(()),
    }
}

/// UTF-16 without a byte order mark, told by the zeros beside ASCII characters.
pub(super) fn utf16_without_bom(head: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match head {
        [1..=255, 0, 1..=255, 0] => Some(UTF_16LE),
        [0, 1..=255, 0, 1..=255] => Some(UTF_16BE),
        _ => None,
    }
}

/// What a text is that has not the columns it needs, if it is known.
pub(super) fn refuse_other_text(text: &[u8]) -> Result<(), Refusal> {
    let start = text.trim_ascii_start();
    let begins = |word: &str| {
        start
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
    };
    let (what, remedy) = if begins("<?xml") {
        ("XML", "export it as CSV UTF-8")
    } else if begins("<") {
        (
            "an HTML page, such as a login page",
            "download the file again while logged in",
        )
    } else if begins("{") || begins("[") {
        ("JSON", "convert it to CSV UTF-8")
    } else if text.iter().take(TEXT_BYTES).any(|&byte| is_binary(byte)) {
        ("binary data", EXPORT)
    } else {
        return Ok(());
    };
    Err(Refusal::LooksLike { what, remedy })
}

fn is_binary(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a)
}

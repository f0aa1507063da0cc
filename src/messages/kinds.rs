//! What a file is that cannot be read as rows, and what to do about it.

use crate::input::{Kind, Thing};

const EXPORT: &str = "open it in the program that made it and save it as CSV UTF-8";
const UNPACK: &str = "unpack it first";

/// What a path leads to that is no file.
pub(super) fn thing(thing: Thing) -> &'static str {
    match thing {
        Thing::Stream => "a stream",
        Thing::Directory => "a folder",
        Thing::Device => "a device",
        Thing::Socket => "a socket",
    }
}

/// What a file seems to be, and the remedy.
pub(super) fn looks_like(kind: Kind) -> String {
    let (what, remedy) = match kind {
        Kind::Utf32 => ("UTF-32 text", "save it as CSV UTF-8"),
        Kind::Workbook => (
            "an Excel workbook (xlsx) or another zip archive",
            "open it in Excel and save it as CSV UTF-8, or unpack it",
        ),
        Kind::EmptyZip => ("an empty zip archive", UNPACK),
        Kind::OldWorkbook => (
            "an old Excel workbook (xls)",
            "open it in Excel and save it as CSV UTF-8",
        ),
        Kind::Pdf => ("a PDF document", EXPORT),
        Kind::Rtf => ("an RTF document", EXPORT),
        Kind::Parquet => ("a Parquet file", "convert it to CSV UTF-8"),
        Kind::Sqlite => ("an SQLite database", "export the table as CSV"),
        Kind::Zstd => ("zstd compressed data", UNPACK),
        Kind::Bzip2 => ("bzip2 compressed data", UNPACK),
        Kind::Xz => ("xz compressed data", UNPACK),
        Kind::SevenZip => ("a 7z archive", UNPACK),
        Kind::Rar => ("a RAR archive", UNPACK),
        Kind::Compress => ("compress (.Z) data", UNPACK),
        Kind::Xml => ("XML", "export it as CSV UTF-8"),
        Kind::Html => (
            "an HTML page, such as a login page",
            "download the file again while logged in",
        ),
        Kind::Json => ("JSON", "convert it to CSV UTF-8"),
        Kind::Binary => ("binary data", EXPORT),
    };
    format!("looks like {what}, not CSV; {remedy}")
}

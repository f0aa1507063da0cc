//! Names of files that are not CSV, and what to do about them.

use crate::input::{FileKind, PathKind};

const EXPORT: &str = "open it in the program that made it and save it as CSV UTF-8";
const UNPACK: &str = "unpack it first";

/// What a path is that is not a file.
pub(super) fn path_kind(kind: PathKind) -> &'static str {
    match kind {
        PathKind::Stream => "a stream",
        PathKind::Directory => "a folder",
        PathKind::Device => "a device",
        PathKind::Socket => "a socket",
    }
}

/// What a file looks like, and the remedy.
pub(super) fn looks_like(kind: FileKind) -> String {
    let (what, remedy) = match kind {
        FileKind::Utf32 => ("UTF-32 text", "save it as CSV UTF-8"),
        FileKind::Workbook => (
            "an Excel workbook (xlsx) or another zip archive",
            "give the workbook as a file, not through a pipe or compressed once more",
        ),
        FileKind::EmptyZip => ("an empty zip archive", UNPACK),
        FileKind::OldWorkbook => (
            "an old Excel workbook (xls)",
            "open it in Excel and save it as an Excel workbook (xlsx)",
        ),
        FileKind::Pdf => ("a PDF document", EXPORT),
        FileKind::Rtf => ("an RTF document", EXPORT),
        FileKind::Parquet => ("a Parquet file", "convert it to CSV UTF-8"),
        FileKind::Sqlite => ("an SQLite database", "export the table as CSV"),
        FileKind::Zstd => ("zstd compressed data", UNPACK),
        FileKind::Bzip2 => ("bzip2 compressed data", UNPACK),
        FileKind::Xz => ("xz compressed data", UNPACK),
        FileKind::SevenZip => ("a 7z archive", UNPACK),
        FileKind::Rar => ("a RAR archive", UNPACK),
        FileKind::Compress => ("compress (.Z) data", UNPACK),
        FileKind::Xml => ("XML", "export it as CSV UTF-8"),
        FileKind::Html => (
            "an HTML page, such as a login page",
            "download the file again while logged in",
        ),
        FileKind::Json => ("JSON", "convert it to CSV UTF-8"),
        FileKind::Binary => ("binary data", EXPORT),
    };
    format!("looks like {what}, not CSV; {remedy}")
}

//! The header of the results: whether it is the one we wrote, was never fully written, or comes
//! from another program.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek as _},
    path::Path,
};

use csv::StringRecord;

use super::{error::JournalError, run_info::ResultsFormat};
use crate::{
    cell::fold,
    output::{ResultsError, ResultsSink, ResultsWriter},
};

/// Writes the header to `inner`. Errors name `path`.
pub(super) fn write_header<W: ResultsSink>(
    inner: W,
    path: &Path,
    format: &ResultsFormat,
) -> Result<ResultsWriter<W>, ResultsError> {
    let columns: StringRecord = format.columns.iter().collect();
    let (delimiter, bom) = (format.delimiter_byte(), format.bom);
    ResultsWriter::create_with_columns(
        inner,
        path,
        &columns,
        delimiter,
        bom,
        format.result_columns(),
    )
}

/// The header as we write it.
pub(super) fn header_bytes(format: &ResultsFormat) -> io::Result<Vec<u8>> {
    write_header(Vec::new(), Path::new("memory"), format)
        .map(ResultsWriter::into_inner)
        .map_err(ResultsError::into_io)
}

fn read_head(file: &mut File, length: usize) -> io::Result<Vec<u8>> {
    file.rewind()?;
    let mut head = Vec::with_capacity(length);
    file.take(length as u64).read_to_end(&mut head)?;
    Ok(head)
}

pub(super) fn has_header(file: &mut File, header: &[u8]) -> io::Result<bool> {
    read_head(file, header.len()).map(|head| head == header)
}

/// Whether the file is a header that did not fully reach the disk: its beginning, then zeros
/// where a power loss took the rest.
pub(super) fn is_unwritten(file: &mut File, header: &[u8]) -> io::Result<bool> {
    file.rewind()?;
    let mut rest = header;
    for byte in BufReader::new(file).bytes() {
        match byte? {
            byte if rest.first() == Some(&byte) => rest = &rest[1..],
            0 => rest = &[],
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// What happened to a file that is not as we wrote it.
pub(super) fn alteration_error(
    file: &mut File,
    path: &Path,
    header: &[u8],
    known: u64,
) -> JournalError {
    /// Enough for any header.
    const HEAD: usize = 1 << 20;
    let path = path.to_owned();
    let head = read_head(file, HEAD).unwrap_or_default();
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text = fold(&String::from_utf8_lossy(line));
    let is_utf_16 = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
    // A spreadsheet keeps the column names, but changes line ends, BOM or delimiter.
    if is_utf_16 || text.contains("assocrow") && !head.starts_with(header) {
        return JournalError::Resaved(path);
    }
    JournalError::Altered { path, known }
}

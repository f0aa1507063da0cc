//! The failures file: the results lines of bad rows (they have no link, or may have none),
//! ready to be corrected and imported.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Read as _, Seek as _},
    path::{Path, PathBuf},
};

use csv::ByteRecord;
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};

use super::{
    failures_format::{FailuresFormat, FailuresWriter, catching, exceeds_workbook},
    file_names::failures_path,
    results::{BOM, ResultsError},
};
use crate::{os_text, private_file, row::Status};

/// A failures file as we wrote it. If it differs, somebody has made corrections in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailuresFile {
    /// Its path.
    #[serde(with = "os_text")]
    pub path: PathBuf,
    /// Its length in bytes.
    pub length: u64,
    /// The CRC-32 of its bytes.
    pub crc32: u32,
}

impl FailuresFile {
    /// The file as it is now.
    fn inspect(path: &Path) -> io::Result<Self> {
        let mut file = BufReader::new(File::open(path)?);
        let (mut length, mut crc) = (0, crc32fast::Hasher::new());
        loop {
            let bytes = file.fill_buf()?;
            if bytes.is_empty() {
                break;
            }
            crc.update(bytes);
            let read = bytes.len();
            length += read as u64;
            file.consume(read);
        }
        Ok(Self {
            path: path.to_owned(),
            length,
            crc32: crc.finalize(),
        })
    }

    /// Whether it exists and is unchanged.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        Self::inspect(&self.path).is_ok_and(|current| current == *self)
    }
}

/// What the failures of a run are copied from, and how they are written.
#[derive(Clone, Copy, Debug)]
pub struct FailuresSource<'a> {
    /// The results file.
    pub results: &'a Path,
    /// Its delimiter.
    pub delimiter: u8,
    /// Rows that may have several lines, of which the last counts.
    pub multi_line: &'a RoaringTreemap,
}

impl FailuresSource<'_> {
    /// Copies the lines of bad rows to a new file beside the results. The new file replaces
    /// `previous`, an earlier one that nobody has changed. What a workbook cannot hold is written
    /// as delimited text.
    ///
    /// # Errors
    /// If the results cannot be read back, or the file cannot be written.
    pub fn write(
        self,
        format: &FailuresFormat,
        previous: Option<&Path>,
    ) -> Result<FailuresFile, ResultsError> {
        match self.write_as(format, previous) {
            Err(ResultsError::Write(_, error)) if exceeds_workbook(&error) => {
                self.write_as(&FailuresFormat::Delimited, previous)
            }
            written => written,
        }
    }

    fn write_as(
        self,
        format: &FailuresFormat,
        previous: Option<&Path>,
    ) -> Result<FailuresFile, ResultsError> {
        let results = self.results;
        let (path, file) =
            private_file::create_first(|n| failures_path(results, n, format.extension()))
                .map_err(|(path, error)| ResultsError::Create(path, error))?;
        let is_same_form = |previous: &&Path| previous.extension() == path.extension();
        let target = previous.filter(is_same_form).unwrap_or(&path);
        let copied = catching(|| self.copy(file, format, |_, status| status.is_bad()));
        let placed = copied.and_then(|()| fs::rename(&path, target));
        match placed.and_then(|()| FailuresFile::inspect(target)) {
            Ok(written) => {
                if let Some(previous) = previous.filter(|previous| *previous != target) {
                    // The new file has its rows. It does no harm if it stays.
                    let _ = fs::remove_file(previous);
                }
                Ok(written)
            }
            Err(error) => {
                // A part of the failures would be mistaken for all of them.
                let _ = fs::remove_file(&path);
                Err(ResultsError::Write(path, error))
            }
        }
    }

    fn copy(
        self,
        failures: File,
        format: &FailuresFormat,
        is_wanted: impl Fn(u64, Status) -> bool,
    ) -> io::Result<()> {
        let Self {
            results, delimiter, ..
        } = self;
        let last = last_lines(results, delimiter, self.multi_line)?;
        let (bom, mut lines) = open(results, delimiter)?;
        let mut copy = match format {
            FailuresFormat::Delimited => FailuresWriter::delimited(failures, delimiter, bom)?,
            FailuresFormat::Workbook { sheet } => {
                let folder = results
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty());
                let folder = folder.unwrap_or(Path::new("."));
                FailuresWriter::workbook(failures, sheet.as_deref(), folder)?
            }
        };
        let header = lines.byte_headers()?.clone();
        copy.write(&header)?;
        let (row, status) = (
            column_index(&header, "assoc_row"),
            column_index(&header, "assoc_status"),
        );
        let mut line = ByteRecord::new();
        for number in 0_u64.. {
            if !lines.read_byte_record(&mut line)? {
                break;
            }
            let is_last_line = last
                .get(&row_number(&line, row))
                .is_none_or(|last| *last == number);
            let status = line.get(status).and_then(Status::parse);
            let is_wanted = |status| is_wanted(row_number(&line, row), status);
            if is_last_line && status.is_some_and(is_wanted) {
                copy.write(&line)?;
            }
        }
        copy.finish()
    }
}

/// Copies the lines of these rows from a report, which has one line per row, to `file`. Errors
/// name `path`.
///
/// # Errors
/// If the report cannot be read back, or the file cannot be written.
pub fn copy_report_rows(
    report: &Path,
    delimiter: u8,
    rows: &RoaringTreemap,
    file: File,
    path: &Path,
) -> Result<(), ResultsError> {
    let source = FailuresSource {
        results: report,
        delimiter,
        multi_line: &RoaringTreemap::new(),
    };
    let copied = source.copy(file, &FailuresFormat::Delimited, |row, _| {
        rows.contains(row)
    });
    copied.map_err(|error| {
        // A part of the rows would be mistaken for all of them.
        let _ = fs::remove_file(path);
        ResultsError::Write(path.to_owned(), error)
    })
}

/// The number of the last line of each row that has several.
fn last_lines(
    results: &Path,
    delimiter: u8,
    multi_line: &RoaringTreemap,
) -> io::Result<HashMap<u64, u64>> {
    let mut last = HashMap::new();
    if multi_line.is_empty() {
        return Ok(last);
    }
    let (_, mut lines) = open(results, delimiter)?;
    let row = column_index(lines.byte_headers()?, "assoc_row");
    let mut line = ByteRecord::new();
    for number in 0.. {
        if !lines.read_byte_record(&mut line)? {
            break;
        }
        let row = row_number(&line, row);
        if multi_line.contains(row) {
            last.insert(row, number);
        }
    }
    Ok(last)
}

/// Whether it begins with a BOM, and a reader of its lines.
fn open(results: &Path, delimiter: u8) -> io::Result<(bool, csv::Reader<File>)> {
    let mut source = File::open(results)?;
    let mut start = [0; BOM.len()];
    let bom = source.read_exact(&mut start).is_ok() && start == *BOM;
    if !bom {
        source.rewind()?;
    }
    let mut lines = csv::ReaderBuilder::new();
    Ok((bom, lines.delimiter(delimiter).from_reader(source)))
}

/// The index of our own column: the last one with this name.
fn column_index(header: &ByteRecord, name: &str) -> usize {
    let index = header.iter().rposition(|cell| cell == name.as_bytes());
    index.unwrap_or(usize::MAX)
}

fn row_number(line: &ByteRecord, index: usize) -> u64 {
    let text = line.get(index).and_then(|cell| str::from_utf8(cell).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

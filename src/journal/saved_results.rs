//! Reads results for people: any file that has the columns of results, also without its run log,
//! while a run still writes it, or after a spreadsheet saved it.
//!
//! Owns which line of a row counts. Does not know what is done with the lines.

use std::{
    borrow::Cow,
    fs::{self, File},
    io::{self, BufReader, Read as _},
    path::Path,
};

use encoding_rs::WINDOWS_1252;
use roaring::RoaringTreemap;

use super::{
    record_reader::{RecordReader, SplitRecord},
    resaved::{DELIMITERS, decode},
};
use crate::{cell::restore, results_column::ResultsColumn, row::Status};

/// What has to be in the first bytes: a line end, or else they are not lines.
const HEAD_BYTES: u64 = 4 << 20;

/// How a workbook begins, as any other archive.
const ARCHIVE: &[u8] = b"PK\x03\x04";

/// The columns that say what happened to a row.
const NEEDED: [ResultsColumn; 5] = [
    ResultsColumn::Row,
    ResultsColumn::Line,
    ResultsColumn::Status,
    ResultsColumn::Code,
    ResultsColumn::Message,
];

/// Why a file cannot be read as results.
#[derive(Debug)]
pub enum SavedResultsError {
    /// There is no such file.
    NotFound,
    /// It is a folder, a pipe or a device.
    NotAFile,
    /// It is a workbook.
    Workbook,
    /// It does not have these columns of results. The first is the name of one of them.
    Columns(&'static str),
    /// A line is longer than any that is written.
    TooLongLine,
    /// It cannot be read.
    Io(io::Error),
}

impl From<io::Error> for SavedResultsError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            Self::NotFound
        } else if error.kind() == io::ErrorKind::InvalidData {
            Self::TooLongLine
        } else {
            Self::Io(error)
        }
    }
}

/// A file with the columns of results, as far as it was written when it was opened.
#[derive(Debug)]
pub struct SavedResults {
    file: File,
    /// Its bytes when it was opened. A run may still add lines.
    length: u64,
    delimiter: u8,
    /// Where the needed columns are, in their order.
    places: [usize; NEEDED.len()],
    /// Where the column is that every whole line has a text in.
    last_filled: Option<usize>,
}

/// What a line says of its row.
#[derive(Clone, Copy, Debug)]
pub struct SavedLine<'a> {
    /// The number of the row, from 1.
    pub row: u64,
    /// The physical line of the row in the input.
    pub line: u64,
    /// How the row ended.
    pub status: Status,
    code: &'a [u8],
    message: &'a [u8],
}

impl<'a> SavedLine<'a> {
    /// The code as it is written; empty if there is none.
    #[must_use]
    pub fn code(&self) -> Cow<'a, str> {
        text(self.code)
    }

    /// The reason, as a sentence.
    #[must_use]
    pub fn message(&self) -> Cow<'a, str> {
        match text(self.message) {
            Cow::Borrowed(text) => restore(text).into(),
            Cow::Owned(text) => restore(&text).to_owned().into(),
        }
    }
}

/// A cell as text. A spreadsheet may have saved it in the encoding of Windows.
fn text(cell: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(cell) {
        Ok(text) => text.into(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(cell).0,
    }
}

/// What is known of the lines once all are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadLines {
    /// Lines without a row or a status that can be read.
    pub unreadable: u64,
    /// Whether the last line is incomplete. It is not counted.
    pub is_torn: bool,
}

impl SavedResults {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// If it cannot be read, or is something else.
    pub fn open(path: &Path) -> Result<Self, SavedResultsError> {
        // Checked first, because opening a pipe could block forever.
        if !fs::metadata(path)?.is_file() {
            return Err(SavedResultsError::NotAFile);
        }
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut head = Vec::new();
        (&file).take(HEAD_BYTES).read_to_end(&mut head)?;
        if head.starts_with(ARCHIVE) {
            return Err(SavedResultsError::Workbook);
        }
        let missing = SavedResultsError::Columns(ResultsColumn::Status.name());
        if !head.contains(&b'\n') && length > HEAD_BYTES {
            return Err(missing);
        }
        let mut nearest = missing;
        for delimiter in DELIMITERS {
            let mut results = Self {
                file: file.try_clone()?,
                length,
                delimiter,
                places: [0; NEEDED.len()],
                last_filled: None,
            };
            match results.find_columns() {
                Ok(()) => return Ok(results),
                Err(SavedResultsError::Columns(name)) if name == ResultsColumn::Status.name() => {}
                Err(error) => nearest = error,
            }
        }
        Err(nearest)
    }

    /// Finds the needed columns in the header.
    fn find_columns(&mut self) -> Result<(), SavedResultsError> {
        let mut records = self.records()?;
        let header = records.next()?.unwrap_or_default();
        let names: Vec<_> = header.iter().map(text).collect();
        // An input may have columns with such names. Ours follow.
        let place = |column: ResultsColumn| {
            let is_name = |name: &Cow<'_, str>| name.trim() == column.name();
            names.iter().rposition(is_name)
        };
        // Without this one it is another file altogether.
        let first = [ResultsColumn::Status].into_iter();
        for column in first.chain(NEEDED) {
            place(column).ok_or(SavedResultsError::Columns(column.name()))?;
        }
        self.last_filled = place(ResultsColumn::FinishedAt);
        self.places = NEEDED.map(|column| place(column).unwrap_or_default());
        Ok(())
    }

    /// All records, with the header first.
    fn records(&self) -> io::Result<RecordReader<impl io::BufRead + use<>>> {
        let source = decode(self.file.try_clone()?, self.length)?;
        Ok(RecordReader::new(BufReader::new(source), self.delimiter))
    }

    /// Collects what the last line of each row says.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn collect<T: Default>(
        &self,
        mut add: impl FnMut(&mut T, SavedLine<'_>),
    ) -> Result<(T, ReadLines), SavedResultsError> {
        let (mut all, mut counts) = (T::default(), LinesOfRows::default());
        let read = self.each_line(|line| {
            counts.add(line.row);
            add(&mut all, line);
        })?;
        if !counts.has_several() {
            return Ok((all, read));
        }
        let mut last = T::default();
        self.each_line(|line| {
            if counts.remove(line.row) {
                add(&mut last, line);
            }
        })?;
        Ok((last, read))
    }

    fn each_line(
        &self,
        mut see: impl FnMut(SavedLine<'_>),
    ) -> Result<ReadLines, SavedResultsError> {
        let mut records = self.records()?;
        let mut read = ReadLines::default();
        records.next()?;
        while let Some(cells) = records.next()? {
            let is_short = self.last_filled.is_some_and(|at| cells.len() <= at);
            if cells.is_last && is_short {
                read.is_torn = true;
            } else if let Some(line) = self.line(cells) {
                see(line);
            } else if !cells.iter().all(<[u8]>::is_empty) {
                read.unreadable += 1;
            }
        }
        Ok(read)
    }

    fn line<'a>(&self, cells: SplitRecord<'a>) -> Option<SavedLine<'a>> {
        let [row, line, status, code, message] = self.places.map(|place| cells.get(place));
        Some(SavedLine {
            row: number(row).filter(|row| *row > 0)?,
            line: number(line).unwrap_or_default(),
            status: Status::parse(status)?,
            code,
            message,
        })
    }
}

fn number(cell: &[u8]) -> Option<u64> {
    str::from_utf8(cell).ok()?.trim().parse().ok()
}

/// How many lines each row has: one set of rows for each binary digit, so that also rows with many
/// lines take little memory.
#[derive(Debug, Default)]
struct LinesOfRows {
    digits: Vec<RoaringTreemap>,
}

impl LinesOfRows {
    /// Adds a line of this row.
    fn add(&mut self, row: u64) {
        for digit in &mut self.digits {
            if digit.insert(row) {
                return;
            }
            digit.remove(row);
        }
        self.digits.push(RoaringTreemap::from([row]));
    }

    /// Whether any row has several lines.
    fn has_several(&self) -> bool {
        self.digits.len() > 1
    }

    /// Takes a line of this row away. `true` if it was the last one.
    fn remove(&mut self, row: u64) -> bool {
        for digit in &mut self.digits {
            if digit.remove(row) {
                break;
            }
            digit.insert(row);
        }
        !self.digits.iter().any(|digit| digit.contains(row))
    }
}

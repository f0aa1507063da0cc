//! The form of a failures file: delimited text like the results, or a workbook.
//!
//! Writes lines; does not know which rows are bad.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufWriter, Write as _},
    panic::{self, AssertUnwindSafe},
    path::Path,
};

use csv::ByteRecord;
use rust_xlsxwriter::{ColNum, Format, IgnoreError, RowNum, Workbook, XlsxError};

use super::results::BOM;
use crate::results_column::ResultsColumn;

/// The name of the sheet, unless the input has one.
const SHEET: &str = "failures";

/// The last row of a sheet, from 0.
const LAST_ROW: RowNum = 1_048_575;

/// Widths of columns, in characters: of ids and most others, and of sentences.
const WIDTH: f64 = 18.0;
const MESSAGE_WIDTH: f64 = 80.0;

/// The form of a failures file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailuresFormat {
    /// Delimited text.
    Delimited,
    /// A workbook with one sheet of this name.
    Workbook {
        /// The name of the sheet, if the input has one.
        sheet: Option<String>,
    },
}

impl FailuresFormat {
    /// The ending of the file's name.
    #[must_use]
    pub fn extension(&self) -> &'static str {
        match self {
            Self::Delimited => "csv",
            Self::Workbook { .. } => "xlsx",
        }
    }
}

/// Writes the lines of a failures file.
pub(super) enum FailuresWriter {
    Delimited(Box<csv::Writer<BufWriter<File>>>),
    Workbook(Box<WorkbookWriter>),
}

/// There are more rows than a sheet can have, or a text that is too long for a cell, or anything
/// else that a workbook must not have.
const EXCEEDED: io::ErrorKind = io::ErrorKind::FileTooLarge;

impl FailuresWriter {
    pub(super) fn delimited(file: File, delimiter: u8, bom: bool) -> io::Result<Self> {
        let mut file = BufWriter::new(file);
        if bom {
            file.write_all(BOM)?;
        }
        let mut writer = csv::WriterBuilder::new();
        let writer = writer.delimiter(delimiter).from_writer(file);
        Ok(Self::Delimited(Box::new(writer)))
    }

    /// Temporary files are written to `folder`.
    pub(super) fn workbook(file: File, sheet: Option<&str>, folder: &Path) -> io::Result<Self> {
        let writer = WorkbookWriter::new(file, sheet, folder).map_err(workbook_error)?;
        Ok(Self::Workbook(Box::new(writer)))
    }

    /// Writes a line. The first one is the header.
    pub(super) fn write(&mut self, line: &ByteRecord) -> io::Result<()> {
        match self {
            Self::Delimited(writer) => Ok(writer.write_byte_record(line)?),
            Self::Workbook(writer) => writer.write(line),
        }
    }

    /// Completes the file and makes it durable.
    pub(super) fn finish(self) -> io::Result<()> {
        let file = match self {
            Self::Delimited(writer) => {
                let buffered = writer
                    .into_inner()
                    .map_err(csv::IntoInnerError::into_error)?;
                buffered
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)?
            }
            Self::Workbook(writer) => writer.finish()?,
        };
        file.sync_all()
    }
}

/// A workbook whose rows are written as they come.
pub(super) struct WorkbookWriter {
    workbook: Workbook,
    file: File,
    /// Text stays text when a person edits the cell, so that no digit of an id is lost.
    text: Format,
    header: Format,
    rows: RowNum,
    columns: ColNum,
}

impl WorkbookWriter {
    fn new(file: File, sheet: Option<&str>, folder: &Path) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder)?;
        let worksheet = workbook.add_worksheet_with_constant_memory()?;
        worksheet.set_name(sheet.unwrap_or(SHEET))?;
        worksheet.set_freeze_panes(1, 0)?;
        let text = Format::new().set_num_format("@");
        Ok(Self {
            workbook,
            file,
            header: text.clone().set_bold(),
            text,
            rows: 0,
            columns: 0,
        })
    }

    fn write(&mut self, line: &ByteRecord) -> io::Result<()> {
        if self.rows > LAST_ROW {
            return Err(EXCEEDED.into());
        }
        self.write_cells(line).map_err(workbook_error)
    }

    fn write_cells(&mut self, line: &ByteRecord) -> Result<(), XlsxError> {
        let is_header = self.rows == 0;
        let format = if is_header { &self.header } else { &self.text };
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (column, cell) in (0..).zip(line) {
            let cell = String::from_utf8_lossy(cell);
            if is_header {
                let is_message = cell == ResultsColumn::Message.name();
                let width = if is_message { MESSAGE_WIDTH } else { WIDTH };
                sheet.set_column_width(column, width)?;
                sheet.set_column_format(column, &self.text)?;
                self.columns = column + 1;
            }
            if !cell.is_empty() {
                sheet.write_string_with_format(self.rows, column, cell, format)?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(mut self) -> io::Result<File> {
        self.save().map_err(workbook_error)?;
        Ok(self.file)
    }

    fn save(&mut self) -> Result<(), XlsxError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        let (last_row, last_column) = (self.rows.saturating_sub(1), self.columns.saturating_sub(1));
        sheet.autofilter(0, 0, last_row, last_column)?;
        // Ids are text on purpose, so the spreadsheet need not point at them.
        let warning = IgnoreError::NumberStoredAsText;
        sheet.ignore_error_range(0, 0, last_row, last_column, warning)?;
        self.workbook.save_to_writer(&self.file)
    }
}

fn workbook_error(error: XlsxError) -> io::Error {
    if let XlsxError::IoError(error) = error {
        error
    } else {
        EXCEEDED.into()
    }
}

thread_local! {
    static PANICS_ARE_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread is no fault of the program, so nobody has to hear of it.
#[must_use]
pub fn panics_are_caught() -> bool {
    PANICS_ARE_CAUGHT.get()
}

/// Does this. The library panics if it cannot write its temporary files, for example on a full
/// disk. Then there is no workbook, and the lines are written as text, or the real error is found.
pub(super) fn catching<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    PANICS_ARE_CAUGHT.set(true);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    PANICS_ARE_CAUGHT.set(false);
    done.unwrap_or_else(|_| Err(EXCEEDED.into()))
}

/// Whether a workbook cannot hold the lines, though delimited text can.
pub(super) fn exceeds_workbook(error: &io::Error) -> bool {
    error.kind() == EXCEEDED
}

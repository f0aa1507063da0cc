//! Records of a workbook: the rows of one of its sheets.
//!
//! Opens the workbook, finds the sheet and its header. Does not know what the columns mean.

use std::{
    borrow::Cow,
    fs::File,
    sync::{Arc, atomic::AtomicU64},
};

use super::{
    package::Package,
    shared_strings,
    sheet::{CellContext, SheetReader},
    sheet_list::SheetList,
    styles::Styles,
};
use crate::{
    code::Code,
    failure::{Failure, RowFault},
    input::{
        altering_format::AlteringFormat,
        columns::{self, InputColumns, needed_names},
        data_refusal::{self, FirstRow},
        delimiter_candidate::RejectedHeader,
        error::{AbsentHeader, InputRefusal, ReadFault},
        format_types::{InputFormat, OpenedInput, ReadRecord, ReadStep},
        header_names::{HeaderMismatch, NAME_CHARS, is_blank},
        header_refusal::{self, HeaderRefusal, SEARCHED_LINES},
        options::{Delimiter, InputOptions},
        record::RecordCells,
        shared_strings::SharedStringsCache,
        source::{PeekReader, SourceBytes},
        workbook_fault::{ArchiveKind, WorkbookFault},
    },
    lookalike::show_exact,
};

/// After this many rows, callers get a chance to stop.
const ROWS_WITHOUT_PAUSE: u32 = 1024;

/// The first bytes of a zip archive.
const ZIP: &[u8] = b"PK\x03\x04";

/// The first bytes of a compound file: an old workbook, or a new one with a password.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0";

/// The stream of a compound file with the encrypted workbook.
const ENCRYPTED: &str = "/EncryptedPackage";

/// Parts that only files of other formats have.
const OTHER_FORMATS: [(&str, ArchiveKind); 6] = [
    ("xl/workbook.bin", ArchiveKind::BinaryWorkbook),
    ("content.xml", ArchiveKind::OpenDocument),
    ("word/document.xml", ArchiveKind::OtherDocument),
    ("ppt/presentation.xml", ArchiveKind::OtherDocument),
    ("index/document.iwa", ArchiveKind::Numbers),
    ("index.zip", ArchiveKind::Numbers),
];

/// An open workbook whose header has been read.
pub(crate) struct WorkbookRecords {
    sheet: SheetReader,
    context: CellContext,
    record: RecordCells,
    /// The row that the next record is expected in, if no rows are blank.
    next_row: u32,
    /// The rows of the last record and of the header that are blank.
    blank_rows: u64,
    rows_until_pause: u32,
    /// The number of cells in the header.
    width: usize,
}

/// Finds the sheet and reads the header. `count` counts the bytes of the sheet.
pub(crate) fn open(
    file: File,
    count: Arc<AtomicU64>,
    options: &InputOptions,
) -> Result<(WorkbookRecords, OpenedInput), InputRefusal> {
    let package = Package::open(file)?;
    if let Some(kind) = other_format(&package) {
        return Err(WorkbookFault::OtherFormat(kind).into());
    }
    let Some(part) = package.workbook_part()? else {
        return Err(WorkbookFault::OtherFormat(ArchiveKind::Archive).into());
    };
    let list = SheetList::read(&package, &part)?;
    let sheet = list.choose(&package, options.sheet.as_deref())?;
    let mut records = WorkbookRecords {
        sheet: SheetReader::open(&package, &sheet.part, count)?,
        context: cell_context(&package, &list, &options.shared_strings)?,
        record: RecordCells::new(),
        next_row: 1,
        blank_rows: 0,
        rows_until_pause: ROWS_WITHOUT_PAUSE,
        width: 0,
    };
    let columns = records.read_header(&sheet.name, options)?;
    records.sheet.set_header();
    records.width = columns.width;
    let opened = OpenedInput {
        columns,
        delimiter: Delimiter::COMMA,
        bom: true,
        format: InputFormat::Workbook {
            sheet: sheet.name.clone(),
        },
    };
    Ok((records, opened))
}

/// Reads what cells refer to. A workbook without texts or styles may have no parts for them.
pub(super) fn cell_context(
    package: &Package,
    list: &SheetList,
    cache: &SharedStringsCache,
) -> Result<CellContext, WorkbookFault> {
    let existing = |part: &Option<String>| part.clone().filter(|part| package.has(part));
    Ok(CellContext {
        date_system: list.date_system,
        strings: match existing(&list.shared_strings) {
            Some(part) => {
                let version = package.version()?;
                cache.get_or_read(version, || shared_strings::read(package, &part))?
            }
            None => Arc::default(),
        },
        styles: match existing(&list.styles) {
            Some(part) => Styles::read(package, &part)?,
            None => Styles::default(),
        },
    })
}

/// The file, if it is a workbook by its first bytes.
pub(crate) fn file(bytes: &PeekReader<SourceBytes>) -> Result<Option<File>, InputRefusal> {
    let SourceBytes::File(file) = bytes.source() else {
        return Ok(None);
    };
    let head = bytes.head();
    let is_archive = head.starts_with(ZIP);
    let is_compound = head.starts_with(COMPOUND);
    if !is_archive && !is_compound {
        return Ok(None);
    }
    let file = file.try_clone().map_err(WorkbookFault::Read)?;
    if is_compound {
        // An old workbook is refused later.
        return if has_password(file) {
            Err(WorkbookFault::Password.into())
        } else {
            Ok(None)
        };
    }
    Ok(Some(file))
}

/// Whether a compound file contains a workbook that is protected with a password.
fn has_password(file: File) -> bool {
    cfb::CompoundFile::open(file).is_ok_and(|compound| compound.exists(ENCRYPTED))
}

/// What an archive is that has a part of another format.
fn other_format(package: &Package) -> Option<ArchiveKind> {
    let mut known = OTHER_FORMATS.iter();
    let found = known.find(|(part, _)| package.has(part));
    found.map(|(_, kind)| *kind)
}

impl WorkbookRecords {
    /// Reads the header: the first row that is not blank, or the one that is given.
    fn read_header(
        &mut self,
        sheet: &str,
        options: &InputOptions,
    ) -> Result<InputColumns, InputRefusal> {
        let Some(row) = self.next_header_row(options)? else {
            return Err(self.no_header(sheet, options).into());
        };
        let cells = self.cells();
        let line = u64::from(row);
        if let Some(header_row) = options.header_row.filter(|header| *header < line) {
            let absent = AbsentHeader::AtBlankRow {
                header_row,
                next: line,
                in_sheet: true,
            };
            return Err(absent.into());
        }
        match columns::find(&cells, line, options) {
            Ok(columns) => Ok(columns),
            Err(HeaderMismatch::Refused(fault)) => Err(fault.into()),
            Err(HeaderMismatch::Data) => {
                let row = FirstRow {
                    cells: &cells,
                    line,
                    in_sheet: true,
                };
                Err(data_refusal::with_given_names(row, options).into())
            }
            Err(HeaderMismatch::Missing(missing)) => {
                if let Some(columns) = columns::find_by_usual_names(&cells, line, options) {
                    return Ok(columns);
                }
                let rejected = RejectedHeader {
                    cells,
                    missing,
                    has_broken_quote: false,
                };
                let refusal = HeaderRefusal::new(line, &rejected, options);
                let elsewhere = if refusal.seeks_header_below() {
                    self.header_below(options)?
                } else {
                    None
                };
                Err(refusal.explain_in_sheet(elsewhere))
            }
        }
    }

    /// Why there is no header at the end of the sheet.
    fn no_header(&self, sheet: &str, options: &InputOptions) -> AbsentHeader {
        let last = u64::from(self.next_row) - 1;
        match options.header_row {
            Some(header_row) if last > 0 => AbsentHeader::BelowText {
                header_row,
                last,
                in_sheet: true,
            },
            Some(_) | None => AbsentHeader::EmptySheet {
                sheet: sheet.to_owned(),
                needed: needed_names(options),
            },
        }
    }

    fn next_header_row(&mut self, options: &InputOptions) -> Result<Option<u32>, InputRefusal> {
        loop {
            let row = self.next_row()?;
            let is_before = |row: u32| {
                options
                    .header_row
                    .is_some_and(|header| u64::from(row) < header)
            };
            match row {
                Some(row) if is_before(row) => {}
                row => return Ok(row),
            }
        }
    }

    /// The row of a header that follows within some rows, if there is one.
    fn header_below(&mut self, options: &InputOptions) -> Result<Option<u64>, WorkbookFault> {
        for _ in 0..SEARCHED_LINES {
            let Some(row) = self.next_row()? else {
                return Ok(None);
            };
            let row = u64::from(row);
            let cells = self.cells();
            let is_header = header_refusal::may_be_header(&cells, row, options);
            if is_header {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn cells(&self) -> Vec<String> {
        let cells = 0..self.record.len();
        cells
            .map(|cell| self.record.cell_text(cell).into_owned())
            .collect()
    }

    /// The number of the next row that is not blank.
    fn next_row(&mut self) -> Result<Option<u32>, WorkbookFault> {
        loop {
            let Some(row) = self.sheet.next_row(&self.context, &mut self.record)? else {
                return Ok(None);
            };
            if !is_blank(self.record.text()) {
                self.blank_rows += u64::from(row - self.next_row);
                self.next_row = row + 1;
                return Ok(Some(row));
            }
        }
    }

    /// The next record that is not blank. Blank rows at the end of the sheet are not counted,
    /// because only their format is in the file.
    pub(crate) fn next(&mut self) -> ReadStep<ReadRecord> {
        if self.rows_until_pause == 0 {
            return ReadStep::NeedsRead;
        }
        self.rows_until_pause -= 1;
        match self.next_row() {
            Ok(Some(row)) => ReadStep::Record(ReadRecord {
                line: row.into(),
                cells: Ok(self.record.len().max(self.width)),
            }),
            Ok(None) => ReadStep::End,
            Err(fault) => ReadStep::ReadFailed {
                line: self.line(),
                fault: ReadFault::Workbook(fault),
            },
        }
    }

    /// Skips the next record that is not blank.
    pub(crate) fn skip(&mut self) -> ReadStep<()> {
        match self.next() {
            ReadStep::Record(_) => ReadStep::Record(()),
            ReadStep::NeedsRead => ReadStep::NeedsRead,
            ReadStep::End => ReadStep::End,
            ReadStep::ReadFailed { line, fault } => ReadStep::ReadFailed { line, fault },
        }
    }

    /// Continues after a pause.
    pub(crate) fn fill(&mut self) {
        self.rows_until_pause = ROWS_WITHOUT_PAUSE;
    }

    /// The row that has been reached.
    pub(crate) fn line(&self) -> u64 {
        self.sheet.row().into()
    }

    /// How many cells of the sheet are merged of several ones; 0 before the end.
    pub(crate) fn merged_cells(&self) -> u64 {
        self.sheet.merged_cells()
    }

    /// The number of blank rows so far.
    pub(crate) fn blank_rows(&self) -> u64 {
        self.blank_rows
    }

    /// The cells of the last record.
    pub(crate) fn record(&self) -> &RecordCells {
        &self.record
    }

    /// The number format of a cell of the last record, if the sheet shows the cell in another way than
    /// it is stored.
    pub(crate) fn altering_format(&self, column: usize) -> Option<AlteringFormat<'_>> {
        let style = self.sheet.altering_style(column)?;
        let code = self.context.styles.format_code(style);
        Some(code.map_or(AlteringFormat::Unknown, AlteringFormat::Code))
    }

    /// The text of the last record: its cells.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        self.cells().join(",").into()
    }

    /// The failure of a record with a text in a column that has no name.
    pub(crate) fn too_many(&self, column: usize, surplus: &str) -> Failure {
        let fault = RowFault::BesideTable {
            cell: format!("{}{}", column_letters(column), self.line()),
            text: show_exact(surplus, NAME_CHARS),
        };
        Failure::new(Code::TooManyCells, fault)
    }
}

/// The letters of a column, which is counted from 0: `A`, …, `Z`, `AA`, ….
fn column_letters(column: usize) -> String {
    const LETTERS: [char; 26] = [
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R',
        'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
    ];
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(LETTERS[(rest - 1) % LETTERS.len()]);
        rest = (rest - 1) / LETTERS.len();
    }
    letters.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (column, letters) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (16_383, "XFD"),
        ] {
            assert_eq!(column_letters(column), letters);
        }
    }
}

//! The cells of a sheet, one row after the other.
//!
//! Rows and cells have to come in order, as every program writes them. Does not know what the
//! columns mean.

use std::sync::{Arc, atomic::AtomicU64};

use super::{
    attributes::CellAttributes,
    cell_reference::column_in_row,
    number::{DateSystem, append_number},
    package::Package,
    plain_cell,
    styles::{CellStyle, Styles},
    text::{append_text, unescape},
    xml::{XmlElement, XmlPiece, XmlReader},
};
use crate::input::{
    record::{MAX_CELLS, RecordCells},
    shared_strings::SharedStrings,
    workbook_fault::{Damage, WorkbookFault},
};

/// The last row that a sheet can have.
const MAX_ROW: u32 = 1 << 20;

/// What cells refer to.
#[derive(Default)]
pub(super) struct CellContext {
    pub(super) strings: Arc<SharedStrings>,
    pub(super) styles: Styles,
    pub(super) date_system: DateSystem,
}

/// Reads the cells of a sheet.
pub(super) struct SheetReader {
    xml: XmlReader,
    /// The number of the last row, from 1.
    row: u32,
    /// The text of the current cell, and whether it has one, which may be empty.
    value: String,
    has_value: bool,
    /// The formula of the current cell, if it has one.
    formula: Option<String>,
    ended: bool,
    /// The row of the header. What is merged above it is a title.
    header: u32,
    /// How many cells below the header are merged of several ones; known at the end.
    merged_cells: u64,
    /// The cells of the current row that are shown in another way than they are stored.
    altered: Vec<AlteredCell>,
}

/// A cell that is shown in another way than it is stored.
struct AlteredCell {
    /// The column, from 0.
    column: usize,
    style: CellStyle,
}

/// The start of a row or a cell.
#[derive(Clone, Copy)]
enum RowStart {
    /// A row with cells.
    Row,
    /// A row without cells.
    BlankRow,
    /// The end of the sheet.
    End,
}

/// How the value of a cell is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ValueKind {
    Number,
    SharedText,
    Text,
    Boolean,
}

/// A cell that has begun.
struct CellStart {
    /// The column, from 0.
    column: usize,
    kind: ValueKind,
    style: CellStyle,
}

impl SheetReader {
    /// Starts to read a sheet, and counts the bytes of the file.
    pub(super) fn open(
        package: &Package,
        part: &str,
        count: Arc<AtomicU64>,
    ) -> Result<Self, WorkbookFault> {
        let mut sheet = Self {
            xml: package.streamed_xml(part, count)?,
            row: 0,
            value: String::new(),
            has_value: false,
            formula: None,
            ended: false,
            header: 0,
            merged_cells: 0,
            altered: Vec::new(),
        };
        loop {
            match sheet.xml.next()? {
                XmlPiece::Start(element) if element.name() == "sheetData" => return Ok(sheet),
                XmlPiece::Empty(element) if element.name() == "sheetData" => break,
                XmlPiece::Eof => break,
                XmlPiece::Start(_)
                | XmlPiece::Empty(_)
                | XmlPiece::End
                | XmlPiece::Text(_)
                | XmlPiece::Other => {}
            }
        }
        sheet.ended = true;
        Ok(sheet)
    }

    /// Whether a sheet has a cell with a value or a formula.
    pub(super) fn has_cells(package: &Package, part: &str) -> Result<bool, WorkbookFault> {
        let mut sheet = Self::open(package, part, Arc::default())?;
        while !sheet.ended {
            match sheet.xml.next()? {
                XmlPiece::Start(element) => match element.name() {
                    "v" | "f" | "is" => return Ok(true),
                    _ => {}
                },
                XmlPiece::Eof => sheet.ended = true,
                XmlPiece::Empty(_) | XmlPiece::End | XmlPiece::Text(_) | XmlPiece::Other => {}
            }
        }
        Ok(false)
    }

    /// The number of the next row with cells, which are written to `into`. `None` at the end.
    pub(super) fn next_row(
        &mut self,
        context: &CellContext,
        into: &mut RecordCells,
    ) -> Result<Option<u32>, WorkbookFault> {
        into.clear();
        self.altered.clear();
        loop {
            match self.next_row_start()? {
                RowStart::End => return Ok(None),
                RowStart::BlankRow => {}
                RowStart::Row => {
                    self.read_cells(context, into)?;
                    return Ok(Some(self.row));
                }
            }
        }
    }

    /// The style of a cell of the row that was read last, if it shows the cell in another way than it
    /// is stored.
    pub(super) fn altering_style(&self, column: usize) -> Option<CellStyle> {
        let mut altered = self.altered.iter();
        let cell = altered.find(|cell| cell.column == column)?;
        Some(cell.style)
    }

    /// Sets the row that was read last as the header.
    pub(super) fn set_header(&mut self) {
        self.header = self.row;
    }

    /// How many cells below the header are merged of several ones; 0 before the end.
    pub(super) fn merged_cells(&self) -> u64 {
        self.merged_cells
    }

    /// Reads what follows the rows.
    fn read_merged_cells(&mut self) -> Result<(), WorkbookFault> {
        let Self {
            xml,
            header,
            merged_cells,
            ..
        } = self;
        xml.read_rest(|element| {
            if element.name() == "mergeCell" {
                // Such as `D5:D6`.
                let range = element.attribute("ref")?;
                let first = range.as_deref().and_then(|range| range.split(':').next());
                let row = first.map(|cell| cell.trim_start_matches(|c: char| c.is_alphabetic()));
                let row = row.and_then(|row| row.parse::<u32>().ok());
                *merged_cells += u64::from(row.is_some_and(|row| row > *header));
            }
            Ok(())
        })
    }

    /// The number of the last row.
    pub(super) fn row(&self) -> u32 {
        self.row
    }

    /// Finds the next row, and checks that it comes after the last one.
    fn next_row_start(&mut self) -> Result<RowStart, WorkbookFault> {
        while !self.ended {
            let (number, start) = match self.xml.next()? {
                XmlPiece::Start(row) if row.name() == "row" => (row_number(&row)?, RowStart::Row),
                XmlPiece::Empty(row) if row.name() == "row" => {
                    (row_number(&row)?, RowStart::BlankRow)
                }
                XmlPiece::End => {
                    self.ended = true;
                    self.read_merged_cells()?;
                    break;
                }
                XmlPiece::Eof => return Err(self.xml.ends_early()),
                XmlPiece::Start(_) => {
                    self.xml.skip_element()?;
                    continue;
                }
                XmlPiece::Empty(_) | XmlPiece::Text(_) | XmlPiece::Other => continue,
            };
            let number = number.unwrap_or(self.row + 1);
            if number <= self.row || number > MAX_ROW {
                let (row, after) = (number, self.row);
                return Err(self.damaged(Damage::RowOrder { row, after }));
            }
            self.row = number;
            return Ok(start);
        }
        Ok(RowStart::End)
    }

    /// Reads the cells of the row that has begun.
    fn read_cells(
        &mut self,
        context: &CellContext,
        into: &mut RecordCells,
    ) -> Result<(), WorkbookFault> {
        let mut next_column = 0;
        loop {
            if let Some(column) = self.read_plain_cell(next_column, context, into)? {
                next_column = column + 1;
                continue;
            }
            let (cell, has_content) = match self.xml.next()? {
                XmlPiece::Start(cell) if cell.name() == "c" => (
                    CellStart::read(&cell, self.row, next_column, &context.styles)?,
                    true,
                ),
                XmlPiece::Empty(cell) if cell.name() == "c" => (
                    CellStart::read(&cell, self.row, next_column, &context.styles)?,
                    false,
                ),
                XmlPiece::Start(_) => {
                    self.xml.skip_element()?;
                    continue;
                }
                XmlPiece::End => return Ok(()),
                XmlPiece::Eof => return Err(self.xml.ends_early()),
                XmlPiece::Empty(_) | XmlPiece::Text(_) | XmlPiece::Other => continue,
            };
            next_column = cell.column + 1;
            if has_content {
                self.read_value()?;
                self.append_cell(&cell, context, into)?;
            }
        }
    }

    /// Reads the next cell, if it has the usual form, and returns its column.
    #[inline]
    fn read_plain_cell(
        &mut self,
        next_column: usize,
        context: &CellContext,
        into: &mut RecordCells,
    ) -> Result<Option<usize>, WorkbookFault> {
        let Self {
            xml,
            row,
            value,
            altered,
            ..
        } = self;
        let Some((plain, length)) = plain_cell::parse(xml.peek()?) else {
            return Ok(None);
        };
        let cell = CellStart::new(plain.attributes, *row, next_column, &context.styles);
        let cell = cell.map_err(|reference| misplaced(reference, *row));
        let column = cell.and_then(|cell| {
            let is_shown = append_value(&cell, plain.value, *row, context, value, into)?;
            altered.extend(cell.altered(is_shown));
            Ok(cell.column)
        });
        xml.consume(length);
        column
            .map(Some)
            .map_err(|damage| WorkbookFault::damaged(xml.part(), damage))
    }

    /// Reads the value and the formula of the cell that has begun, up to its end.
    fn read_value(&mut self) -> Result<(), WorkbookFault> {
        self.value.clear();
        (self.has_value, self.formula) = (false, None);
        loop {
            match self.xml.next()? {
                XmlPiece::Start(element) => match element.name() {
                    "v" => {
                        self.has_value = true;
                        self.xml.append_plain_text(&mut self.value)?;
                        unescape(&mut self.value, 0);
                    }
                    "is" => append_text(&mut self.xml, &mut self.value)?,
                    "f" => {
                        let formula = self.formula.insert(String::new());
                        self.xml.append_plain_text(formula)?;
                    }
                    _ => self.xml.skip_element()?,
                },
                // A formula that it shares with another cell.
                XmlPiece::Empty(element) if element.name() == "f" => {
                    self.formula = Some(String::new());
                }
                XmlPiece::End => return Ok(()),
                XmlPiece::Eof => return Err(self.xml.ends_early()),
                XmlPiece::Empty(_) | XmlPiece::Text(_) | XmlPiece::Other => {}
            }
        }
    }

    /// Appends the text of the cell that was read. A formula without a value is shown as a formula.
    fn append_cell(
        &mut self,
        cell: &CellStart,
        context: &CellContext,
        into: &mut RecordCells,
    ) -> Result<(), WorkbookFault> {
        if self.value.is_empty() {
            let is_empty_text = cell.kind == ValueKind::Text && self.has_value;
            if let Some(formula) = self.formula.take().filter(|_| !is_empty_text) {
                into.push_at(cell.column, format!("={formula}").as_bytes());
            }
            return Ok(());
        }
        let written = std::mem::take(&mut self.value);
        let appended = append_value(cell, &written, self.row, context, &mut self.value, into);
        self.value = written;
        let is_shown = appended.map_err(|damage| self.damaged(damage))?;
        self.altered.extend(cell.altered(is_shown));
        Ok(())
    }

    fn damaged(&self, damage: Damage) -> WorkbookFault {
        WorkbookFault::damaged(self.xml.part(), damage)
    }
}

/// Appends the text that the written value of a cell stands for, and returns whether the sheet shows
/// it like this. `text` is a buffer. An error says what is wrong.
#[inline]
fn append_value(
    cell: &CellStart,
    written: &str,
    row: u32,
    context: &CellContext,
    text: &mut String,
    into: &mut RecordCells,
) -> Result<bool, Damage> {
    text.clear();
    let shown = cell.style.shown;
    let (value, is_shown) = match cell.kind {
        ValueKind::SharedText => {
            let index = written.trim_ascii().parse().ok();
            let shared = index.and_then(|index| context.strings.get(index));
            let shared = shared.ok_or_else(|| Damage::NoText {
                index: written.to_owned(),
                row,
            })?;
            (shared, shown.has_texts())
        }
        ValueKind::Number => {
            append_number(written, cell.style.numbers, context.date_system, text);
            let is_shown = shown.has_number(text);
            (&**text, is_shown)
        }
        ValueKind::Boolean => {
            let word = match written.trim_ascii() {
                "1" | "true" => "TRUE",
                "0" | "false" => "FALSE",
                other => other,
            };
            (word, true)
        }
        ValueKind::Text => (written, shown.has_texts()),
    };
    into.push_at(cell.column, value.as_bytes());
    Ok(is_shown)
}

impl CellStart {
    /// What the attributes of a cell say. It must not come before `next_column`. An error is the
    /// reference of a cell that is not at its place.
    #[inline]
    fn new<'a>(
        attributes: CellAttributes<'a>,
        row: u32,
        next_column: usize,
        styles: &Styles,
    ) -> Result<Self, &'a str> {
        let kind = match attributes.kind {
            None | Some("n") => ValueKind::Number,
            Some("s") => ValueKind::SharedText,
            Some("b") => ValueKind::Boolean,
            // Results of formulas, texts in the cell, errors, and days in ISO 8601.
            Some(_) => ValueKind::Text,
        };
        let column = match attributes.reference {
            None => Some(next_column),
            Some(reference) => column_in_row(reference, row),
        };
        let in_order = column.filter(|column| (next_column..MAX_CELLS).contains(column));
        Ok(Self {
            column: in_order.ok_or_else(|| attributes.reference.unwrap_or_default())?,
            kind,
            style: styles.style(attributes.style),
        })
    }

    /// The cell, if it is not shown as it is stored.
    #[inline]
    fn altered(&self, is_shown: bool) -> Option<AlteredCell> {
        let Self { column, style, .. } = *self;
        (!is_shown).then_some(AlteredCell { column, style })
    }

    /// Like `new`, for an element.
    fn read(
        element: &XmlElement<'_>,
        row: u32,
        next_column: usize,
        styles: &Styles,
    ) -> Result<Self, WorkbookFault> {
        let cell = Self::new(element.cell_attributes()?, row, next_column, styles);
        cell.map_err(|reference| element.damaged(misplaced(reference, row)))
    }
}

fn misplaced(reference: &str, row: u32) -> Damage {
    Damage::Misplaced {
        reference: reference.to_owned(),
        row,
    }
}

/// The number of a row, if it is written.
fn row_number(row: &XmlElement<'_>) -> Result<Option<u32>, WorkbookFault> {
    let number = row.cell_attributes()?.reference;
    let damaged = |number: &str| row.damaged(Damage::RowNumber(number.to_owned()));
    number
        .map(|number| number.parse().map_err(|_| damaged(number)))
        .transpose()
}

//! Reads the rows of an input, one after the other.
//!
//! Connects the records of any format with what their columns mean. Knows nothing about
//! threads or what happens to a row.

use std::sync::{Arc, atomic::AtomicU64};

use crate::{
    code::Code,
    failure::{CellFault, Failure, FailureDetail, InvalidIdKind},
    row::Row,
    row_cells::RowCells,
};

use super::{
    error::{InputError, ReadFault},
    format_types::{InputShape, ReadRecord, ReadStep},
    options::{InputLimit, InputPath},
    records::InputRecords,
    row_builder::RowBuilder,
    source::FileWatch,
};

/// An open input whose header has been read.
pub struct InputReader {
    pub(super) path: InputPath,
    pub(super) records: InputRecords,
    pub(super) row_builder: RowBuilder,
    pub(super) limit: Option<InputLimit>,
    pub(super) watch: Option<FileWatch>,
    pub(super) bytes_read: Arc<AtomicU64>,
    pub(super) position: ReadPosition,
    pub(super) ended: bool,
}

/// How far an input has been read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ReadPosition {
    /// The number of records.
    records: u64,
    /// The number of rows: more than records, if cells with several ids are split.
    rows: u64,
    /// The line of the last record.
    line: u64,
}

/// The next step without another read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowStep {
    Row,
    NeedsRead,
    End,
}

impl InputReader {
    /// What is known about the file before its first row.
    #[must_use]
    pub fn shape(&self) -> &InputShape {
        &self.row_builder.shape
    }

    /// The bytes of the file on disk that have been read so far.
    #[must_use]
    pub fn bytes_read(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.bytes_read)
    }

    /// Whether it can be read again from its beginning.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.watch.is_some()
    }

    /// The rows that have been read so far.
    #[must_use]
    pub fn rows_read(&self) -> u64 {
        self.position.rows
    }

    /// The records that have been read so far: rows of the file, however many ids their cells have.
    #[must_use]
    pub fn records_read(&self) -> u64 {
        self.position.records
    }

    /// Whether the limit has been reached.
    #[must_use]
    pub fn is_at_limit(&self) -> bool {
        let ReadPosition { records, rows, .. } = self.position;
        self.limit.is_some_and(|limit| match limit {
            InputLimit::Records(limit) => records >= limit,
            InputLimit::Rows(limit) => rows >= limit,
        })
    }

    /// The lines and rows that have been skipped because all their cells are blank.
    #[must_use]
    pub fn blank_rows(&self) -> u64 {
        self.records.blank_rows()
    }

    /// How many cells of a sheet are merged of several ones, of which only the first has a value. 0
    /// before the end.
    #[must_use]
    pub fn merged_cells(&self) -> u64 {
        self.records.merged_cells()
    }

    /// An empty row for [`Self::next_row`].
    #[must_use]
    pub fn empty_row() -> Row {
        let nothing = FailureDetail::Cell(
            String::new(),
            CellFault::NotAnId(String::new(), InvalidIdKind::Other),
        );
        Row {
            number: 0,
            line: 0,
            cells: RowCells::default(),
            link: Err(Failure::new(Code::InvalidId, nothing).into()),
            origin: None,
        }
    }

    /// Reads the next row into `row` and reuses its buffers. Returns `false` at the end. Rows
    /// before an error are valid.
    ///
    /// # Errors
    ///
    /// If the input cannot be read to its end, or was changed while it was read.
    pub fn next_row(&mut self, row: &mut Row) -> Result<bool, InputError> {
        loop {
            match self.step(row)? {
                RowStep::Row => return Ok(true),
                RowStep::End => return Ok(false),
                RowStep::NeedsRead => self.fill()?,
            }
        }
    }

    /// The next row, if no read is needed.
    pub(super) fn step(&mut self, row: &mut Row) -> Result<RowStep, InputError> {
        if self.next_of_record(row) {
            return Ok(RowStep::Row);
        }
        if self.ended || self.is_at_limit() {
            self.ended = true;
            return Ok(RowStep::End);
        }
        match self.records.next() {
            ReadStep::Record(found) => {
                self.build_row(found, row);
                if self.row_builder.read_recorded(self.records.record(), row) {
                    return Ok(RowStep::Row);
                }
                self.ended = true;
                Err(self.read_failed(row.line, ReadFault::NotRecorded))
            }
            ReadStep::NeedsRead => Ok(RowStep::NeedsRead),
            ReadStep::End => {
                self.ended = true;
                self.refuse_changed()?;
                Ok(RowStep::End)
            }
            ReadStep::ReadFailed { line, fault } => {
                self.ended = true;
                self.refuse_changed()?;
                Err(self.read_failed(line, fault))
            }
        }
    }

    /// The physical line that has been reached.
    pub(super) fn line(&self) -> u64 {
        self.records.line()
    }

    /// Makes one read, which may block.
    pub(super) fn fill(&mut self) -> Result<(), InputError> {
        self.records.fill().or_else(|fault| {
            self.ended = true;
            self.refuse_changed()?;
            Err(self.read_failed(self.records.line(), fault))
        })
    }

    fn refuse_changed(&self) -> Result<(), InputError> {
        match &self.watch {
            Some(watch) if watch.changed() => {
                Err(self.read_failed(self.records.line(), ReadFault::Changed))
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn read_failed(&self, line: u64, fault: ReadFault) -> InputError {
        InputError::ReadFailed {
            path: self.path.clone(),
            line,
            fault,
        }
    }

    /// Builds the first row of a record.
    #[inline]
    fn build_row(&mut self, found: ReadRecord, row: &mut Row) {
        self.position.records += 1;
        self.position.line = found.line;
        self.begin_row(row);
        row.cells.clear();
        row.link = found.cells.and_then(|count| {
            let link = self.row_builder.read(&self.records, count, &mut row.cells);
            link.map_err(Box::new)
        });
        if row.cells.is_empty() {
            self.row_builder
                .keep_text(&self.records.text(), &mut row.cells);
        }
    }

    /// Builds the next row of the last record, if it has one more within the limit.
    #[inline]
    fn next_of_record(&mut self, row: &mut Row) -> bool {
        if self.row_builder.splitter.is_none() || self.is_at_last_row() {
            return false;
        }
        let Some(link) = self.row_builder.next_of_record(&mut row.cells) else {
            return false;
        };
        self.begin_row(row);
        row.link = link.map_err(Box::new);
        true
    }

    /// Whether the last row that is wanted was read, whatever else its record has.
    fn is_at_last_row(&self) -> bool {
        matches!(self.limit, Some(InputLimit::Rows(_))) && self.is_at_limit()
    }

    /// Numbers the next row.
    #[inline]
    fn begin_row(&mut self, row: &mut Row) {
        self.position.rows += 1;
        row.number = self.position.rows;
        row.line = self.position.line;
        row.origin = None;
    }
}

//! Results that another program has saved. A spreadsheet changes line ends, byte order mark,
//! delimiter and quotes. It may also shorten long ids, reformat dates and reorder rows.
//!
//! The sums of lines in the run log show whether the lines still say what the run wrote.

use std::{
    fs::File,
    io::{self, Read, Seek as _, SeekFrom},
};

use csv::{ByteRecord, Reader, ReaderBuilder};
use encoding_rs::{Encoding, UTF_8};
use roaring::RoaringTreemap;

use super::{
    recorded_rows::RecordedRows,
    results_header::header_bytes,
    results_line::{LineForm, LineLayout, ResultsLine},
    run_info::ResultsFormat,
    sums::{LineSums, block_of, rows_in_block},
};
use crate::decode::Utf8Decoder;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The delimiters that a spreadsheet may save with.
pub(super) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Resaved results in which every line has its status and code.
#[derive(Debug)]
pub(super) struct ResavedResults {
    pub(super) lines: u64,
    pub(super) rows: RecordedRows,
    /// Sums over the lines as they are now.
    sums: LineSums,
    /// Every further line of a row that has several.
    repeats: Vec<u64>,
    /// Rows in blocks whose ids, or the cells that say how they are linked, have changed.
    pub(super) altered_rows: RoaringTreemap,
}

/// Why resaved results cannot be used.
#[derive(Debug)]
pub(super) enum ResavedError {
    /// Their columns are not the run's columns.
    Columns,
    /// In this range of rows, a line is missing or new, or its status or code has changed.
    Rows(u64, u64),
    /// The run log has no sums to compare with.
    NoSums,
    /// They cannot be read.
    Io(io::Error),
}

impl From<io::Error> for ResavedError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl ResavedResults {
    /// Reads all lines, and compares their sums with the run log's.
    pub(super) fn read(
        file: &File,
        format: &ResultsFormat,
        recorded: &LineSums,
    ) -> Result<Self, ResavedError> {
        let layout = LineLayout::new(format);
        if layout.key_columns.is_empty() {
            return Err(ResavedError::NoSums);
        }
        let Some(mut records) = open(file, format)? else {
            return Err(ResavedError::Columns);
        };
        let mut resaved = Self {
            lines: 0,
            rows: RecordedRows::default(),
            sums: LineSums::default(),
            repeats: Vec::new(),
            altered_rows: RoaringTreemap::new(),
        };
        let mut cells = ByteRecord::new();
        while records
            .read_byte_record(&mut cells)
            .map_err(io::Error::from)?
        {
            resaved.lines += 1;
            match ResultsLine::parse(cells.iter(), &layout, LineForm::Resaved, true) {
                Some(record) => resaved.add(record),
                None => return Err(resaved.error_after_last()),
            }
        }
        resaved.compare(recorded)
    }

    /// Adds a line. The order may have changed: of several lines of a row, one that did not
    /// fail was the last.
    fn add(&mut self, record: ResultsLine) {
        let ResultsLine { row, sum, .. } = record;
        self.sums.add(row, sum);
        let is_known = self.rows.recorded.contains(row);
        if is_known {
            self.repeats.push(row);
        }
        let ended_well = is_known && !self.rows.failed.contains(row);
        if ended_well && record.has_failed() {
            return;
        }
        let was_transient = self.rows.transient.contains(row);
        self.rows.add(record);
        if was_transient && record.has_failed() {
            self.rows.transient.insert(row);
        }
    }

    /// The unreadable line follows the last readable one.
    fn error_after_last(&self) -> ResavedError {
        let last = self.rows.recorded.max().unwrap_or(1);
        let (from, to) = rows_in_block(block_of(last));
        ResavedError::Rows(from, to)
    }

    fn compare(mut self, recorded: &LineSums) -> Result<Self, ResavedError> {
        for block in recorded.blocks().chain(self.sums.blocks()) {
            let (from, to) = rows_in_block(block);
            let (current, recorded) = (self.sums.get(block), recorded.get(block));
            if current.outcome != recorded.outcome {
                let last = self.rows.recorded.max().unwrap_or(to).max(from);
                return Err(ResavedError::Rows(from, to.min(last)));
            }
            if (current.keys, current.sent) != (recorded.keys, recorded.sent) {
                self.altered_rows.insert_range(from..=to);
            }
        }
        self.altered_rows &= &self.rows.recorded;
        Ok(self)
    }

    /// Whether these rows, by their `hash`, are the recorded ones in blocks whose cells have
    /// changed.
    pub(super) fn is_proven_by(&self, hash: impl Fn(u64) -> u64, recorded: &LineSums) -> bool {
        let mut sums = std::collections::BTreeMap::<u64, u64>::new();
        let repeats = self.repeats.iter().copied();
        let repeats = repeats.filter(|row| self.altered_rows.contains(*row));
        for row in self.altered_rows.iter().chain(repeats) {
            let sum = sums.entry(block_of(row)).or_default();
            *sum = sum.wrapping_add(hash(row));
        }
        sums.into_iter()
            .all(|(block, keys)| keys == recorded.get(block).keys)
    }
}

/// Opens results that have the run's columns, with any delimiter.
fn open(file: &File, format: &ResultsFormat) -> io::Result<Option<Reader<Box<dyn Read>>>> {
    let written = header_bytes(format)?;
    let written = written.strip_prefix(BOM).unwrap_or(&written);
    let mut written = ReaderBuilder::new()
        .delimiter(format.delimiter_byte())
        .from_reader(written);
    let written = written.byte_headers()?.clone();
    for delimiter in DELIMITERS {
        let mut records = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(decode(file.try_clone()?, u64::MAX)?);
        let header = records.byte_headers()?;
        // A spreadsheet may add empty columns at the end.
        let mut extra = header.iter().skip(written.len());
        let names = header.iter().take(written.len());
        if names.eq(written.iter()) && extra.all(<[u8]>::is_empty) {
            return Ok(Some(records));
        }
    }
    Ok(None)
}

/// The first `length` bytes of the file, as UTF-8 without a byte order mark.
pub(super) fn decode(mut file: File, length: u64) -> io::Result<Box<dyn Read>> {
    let mut first_bytes = Vec::new();
    file.rewind()?;
    (&mut file)
        .take(BOM.len() as u64)
        .read_to_end(&mut first_bytes)?;
    let bom = Encoding::for_bom(&first_bytes);
    let start = bom.map_or(0, |(_, length)| length) as u64;
    file.seek(SeekFrom::Start(start))?;
    let bytes = file.take(length.saturating_sub(start));
    Ok(match bom {
        Some((encoding, _)) if encoding != UTF_8 => Box::new(Utf8Decoder::new(bytes, encoding)),
        Some(_) | None => Box::new(bytes),
    })
}

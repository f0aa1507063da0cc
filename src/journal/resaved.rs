//! Results that another program has saved: a spreadsheet changes line ends, byte
//! order mark, delimiter and quotes, and may show long ids shortened, dates in its
//! own form, and rows in another order.
//!
//! What the run log sums up of the lines tells whether they say what the run wrote.

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
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Such results, of which every line ends as it did.
#[derive(Debug)]
pub(super) struct ResavedResults {
    pub(super) lines: u64,
    pub(super) rows: RecordedRows,
    /// What the lines say whose cells are as the run wrote them, and of the rest how
    /// they ended.
    sums: LineSums,
    /// Every further line of a row that has several.
    repeats: Vec<u64>,
    /// Rows of blocks whose ids, or what says how they are linked, are not as they
    /// were.
    pub(super) unproven: RoaringTreemap,
}

/// What is wrong with results.
#[derive(Debug)]
pub(super) enum ResavedError {
    /// They have not the columns of the run.
    Columns,
    /// These lines do not end as they did, or are missing or new: from row, to row.
    Rows(u64, u64),
    /// The run log does not say enough.
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
    /// Reads them all, and compares them with what the run log says.
    pub(super) fn read(
        file: &File,
        form: &ResultsFormat,
        then: &LineSums,
    ) -> Result<Self, ResavedError> {
        let layout = LineLayout::new(form);
        if layout.key_columns.is_empty() {
            return Err(ResavedError::NoSums);
        }
        let Some(mut records) = open(file, form)? else {
            return Err(ResavedError::Columns);
        };
        let mut resaved = Self {
            lines: 0,
            rows: RecordedRows::default(),
            sums: LineSums::default(),
            repeats: Vec::new(),
            unproven: RoaringTreemap::new(),
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
        resaved.compare(then)
    }

    /// Takes a line. Their order may be another than it was: of several the one
    /// counts that did not fail, for after that there were no others.
    fn add(&mut self, record: ResultsLine) {
        let ResultsLine { row, sum, .. } = record;
        self.sums.add(row, sum);
        let is_known = self.rows.settled.contains(row);
        if is_known {
            self.repeats.push(row);
        }
        let ended_well = is_known && !self.rows.failed.contains(row);
        if ended_well && record.has_failed() {
            return;
        }
        let was_passing = self.rows.passing.contains(row);
        self.rows.add(record);
        if was_passing && record.has_failed() {
            self.rows.passing.insert(row);
        }
    }

    /// A line that cannot be read stands after the last that could.
    fn error_after_last(&self) -> ResavedError {
        let last = self.rows.settled.max().unwrap_or(1);
        let (from, to) = rows_in_block(block_of(last));
        ResavedError::Rows(from, to)
    }

    fn compare(mut self, then: &LineSums) -> Result<Self, ResavedError> {
        for block in then.blocks().chain(self.sums.blocks()) {
            let (from, to) = rows_in_block(block);
            let (now, then) = (self.sums.get(block), then.get(block));
            if now.ends != then.ends {
                let last = self.rows.settled.max().unwrap_or(to).max(from);
                return Err(ResavedError::Rows(from, to.min(last)));
            }
            if (now.keys, now.sent) != (then.keys, then.sent) {
                self.unproven.insert_range(from..=to);
            }
        }
        self.unproven &= &self.rows.settled;
        Ok(self)
    }

    /// Whether these rows, by their `hash`, are those that the run recorded in the
    /// blocks whose cells are not as they were.
    pub(super) fn is_proven_by(&self, hash: impl Fn(u64) -> u64, then: &LineSums) -> bool {
        let mut now = std::collections::BTreeMap::<u64, u64>::new();
        let again = self.repeats.iter().copied();
        let again = again.filter(|row| self.unproven.contains(*row));
        for row in self.unproven.iter().chain(again) {
            let sum = now.entry(block_of(row)).or_default();
            *sum = sum.wrapping_add(hash(row));
        }
        now.into_iter()
            .all(|(block, keys)| keys == then.get(block).keys)
    }
}

/// Opens results that have the columns of the run, whatever separates them.
fn open(file: &File, form: &ResultsFormat) -> io::Result<Option<Reader<Box<dyn Read>>>> {
    let written = header_bytes(form)?;
    let written = written.strip_prefix(BOM).unwrap_or(&written);
    let mut written = ReaderBuilder::new()
        .delimiter(form.delimiter_byte())
        .from_reader(written);
    let written = written.byte_headers()?.clone();
    for delimiter in DELIMITERS {
        let mut records = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(decode(file.try_clone()?)?);
        let header = records.byte_headers()?;
        // A spreadsheet may save empty columns at the end.
        let mut more = header.iter().skip(written.len());
        let names = header.iter().take(written.len());
        if names.eq(written.iter()) && more.all(<[u8]>::is_empty) {
            return Ok(Some(records));
        }
    }
    Ok(None)
}

/// The file from its beginning as UTF-8, without a byte order mark.
fn decode(mut file: File) -> io::Result<Box<dyn Read>> {
    let mut start = Vec::new();
    file.rewind()?;
    (&mut file).take(BOM.len() as u64).read_to_end(&mut start)?;
    let marked = Encoding::for_bom(&start);
    let begins = marked.map_or(0, |(_, length)| length);
    file.seek(SeekFrom::Start(begins as u64))?;
    Ok(match marked {
        Some((encoding, _)) if encoding != UTF_8 => Box::new(Utf8Decoder::new(file, encoding)),
        Some(_) | None => Box::new(file),
    })
}

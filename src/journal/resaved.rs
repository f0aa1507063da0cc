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
    begun::ResultsForm,
    header::header,
    record::{Form, Layout, Record},
    rows::Rows,
    sums::{LineSums, block, rows_of},
};
use crate::decode::Decode;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The delimiters that a spreadsheet may save with.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Such results, of which every line ends as it did.
#[derive(Debug)]
pub(super) struct Resaved {
    pub(super) lines: u64,
    pub(super) rows: Rows,
    /// What the lines say whose cells are as the run wrote them, and of the rest how
    /// they ended.
    sums: LineSums,
    /// Every further line of a row that has several.
    again: Vec<u64>,
    /// Rows of blocks whose ids, or what says how they are linked, are not as they
    /// were.
    pub(super) unproven: RoaringTreemap,
}

/// What is wrong with results.
#[derive(Debug)]
pub(super) enum Wrong {
    /// They have not the columns of the run.
    Columns,
    /// These lines do not end as they did, or are missing or new: from row, to row.
    Ends(u64, u64),
    /// The run log does not say enough.
    Unsaid,
    /// They cannot be read.
    Unread(io::Error),
}

impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Self {
        Self::Unread(error)
    }
}

impl Resaved {
    /// Reads them all, and compares them with what the run log says.
    pub(super) fn read(file: &File, form: &ResultsForm, then: &LineSums) -> Result<Self, Wrong> {
        let layout = Layout::of(form);
        if layout.keys.is_empty() {
            return Err(Wrong::Unsaid);
        }
        let Some(mut records) = open(file, form)? else {
            return Err(Wrong::Columns);
        };
        let mut resaved = Self {
            lines: 0,
            rows: Rows::default(),
            sums: LineSums::default(),
            again: Vec::new(),
            unproven: RoaringTreemap::new(),
        };
        let mut cells = ByteRecord::new();
        while records
            .read_byte_record(&mut cells)
            .map_err(io::Error::from)?
        {
            resaved.lines += 1;
            match Record::read(cells.iter(), &layout, Form::Resaved, true) {
                Some(record) => resaved.take(record),
                None => return Err(resaved.wrong_after()),
            }
        }
        resaved.compare(then)
    }

    /// Takes a line. Their order may be another than it was: of several the one
    /// counts that did not fail, for after that there were no others.
    fn take(&mut self, record: Record) {
        let Record { row, sum, .. } = record;
        self.sums.add(row, sum);
        let is_known = self.rows.settled.contains(row);
        if is_known {
            self.again.push(row);
        }
        let ended_well = is_known && !self.rows.failed.contains(row);
        if ended_well && record.has_failed() {
            return;
        }
        let was_passing = self.rows.passing.contains(row);
        self.rows.take(record);
        if was_passing && record.has_failed() {
            self.rows.passing.insert(row);
        }
    }

    /// A line that cannot be read stands after the last that could.
    fn wrong_after(&self) -> Wrong {
        let last = self.rows.settled.max().unwrap_or(1);
        let (from, to) = rows_of(block(last));
        Wrong::Ends(from, to)
    }

    fn compare(mut self, then: &LineSums) -> Result<Self, Wrong> {
        for block in then.blocks().chain(self.sums.blocks()) {
            let (from, to) = rows_of(block);
            let (now, then) = (self.sums.of(block), then.of(block));
            if now.ends != then.ends {
                let last = self.rows.settled.max().unwrap_or(to).max(from);
                return Err(Wrong::Ends(from, to.min(last)));
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
        let again = self.again.iter().copied();
        let again = again.filter(|row| self.unproven.contains(*row));
        for row in self.unproven.iter().chain(again) {
            let sum = now.entry(block(row)).or_default();
            *sum = sum.wrapping_add(hash(row));
        }
        now.into_iter()
            .all(|(block, keys)| keys == then.of(block).keys)
    }
}

/// Opens results that have the columns of the run, whatever separates them.
fn open(file: &File, form: &ResultsForm) -> io::Result<Option<Reader<Box<dyn Read>>>> {
    let written = header(form)?;
    let written = written.strip_prefix(BOM).unwrap_or(&written);
    let mut written = ReaderBuilder::new()
        .delimiter(form.delimiter_byte())
        .from_reader(written);
    let written = written.byte_headers()?.clone();
    for delimiter in DELIMITERS {
        let mut records = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(text(file.try_clone()?)?);
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
fn text(mut file: File) -> io::Result<Box<dyn Read>> {
    let mut start = Vec::new();
    file.rewind()?;
    (&mut file).take(BOM.len() as u64).read_to_end(&mut start)?;
    let marked = Encoding::for_bom(&start);
    let begins = marked.map_or(0, |(_, length)| length);
    file.seek(SeekFrom::Start(begins as u64))?;
    Ok(match marked {
        Some((encoding, _)) if encoding != UTF_8 => Box::new(Decode::new(file, encoding)),
        Some(_) | None => Box::new(file),
    })
}

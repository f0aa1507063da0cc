//! One line of the results, read as strictly as it was written: what it says of its row, or
//! that it is not one of ours.

use std::hash::{DefaultHasher, Hasher as _};

use smallvec::SmallVec;

use super::{
    run_info::ResultsFormat,
    sums::{LineSum, hash_texts},
};
use crate::{code::Code, results_column::ResultsColumn, row::Status};

/// The columns of a line.
#[derive(Clone, Debug)]
pub(super) struct LineLayout {
    /// The delimiter between cells.
    pub(super) delimiter: u8,
    /// The number of the input's columns.
    pub(super) input_columns: usize,
    /// Which of the input's columns say what a row links.
    pub(super) key_columns: SmallVec<[usize; Self::MAX_KEYS]>,
    /// Our own columns, which follow.
    pub(super) columns: Vec<ResultsColumn>,
}

impl LineLayout {
    /// From, to, and up to three cells that say how the two are linked.
    pub(super) const MAX_KEYS: usize = 5;

    /// The layout of a run's results.
    pub(super) fn new(form: &ResultsFormat) -> Self {
        let keys = form.key_columns.iter().copied();
        Self {
            delimiter: form.delimiter_byte(),
            input_columns: form.columns.len(),
            key_columns: keys.take(Self::MAX_KEYS).collect(),
            columns: form.result_columns(),
        }
    }
}

/// What a line says of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ResultsLine {
    pub(super) row: u64,
    pub(super) status: Status,
    pub(super) code: Option<Code>,
    /// Whether it may succeed unchanged at another time.
    pub(super) transient: bool,
    /// Hash of the input's cells as they were written; see [`CellsHash`].
    pub(super) cells_hash: u64,
    /// Its sum for the run log, if requested.
    pub(super) sum: LineSum,
}

/// How strictly a line is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineForm {
    /// As this program writes it.
    AsWritten,
    /// As another program may have saved it. Only status, code and row must be unchanged. Empty
    /// cells at the end may be missing or added.
    Resaved,
}

/// A hash of a row's number and cells, to compare rows without keeping them.
pub(super) struct CellsHash(DefaultHasher);

impl CellsHash {
    pub(super) fn new() -> Self {
        Self(DefaultHasher::new())
    }

    /// Adds a cell as it is in the results.
    pub(super) fn add(&mut self, cell: &[u8]) {
        /// Never occurs in UTF-8, so cells cannot run into each other.
        const END: u8 = 0xff;
        self.0.write(cell);
        self.0.write_u8(END);
    }

    pub(super) fn finish(mut self, row: u64) -> u64 {
        self.0.write_u64(row);
        self.0.finish()
    }
}

impl ResultsLine {
    pub(super) fn has_failed(self) -> bool {
        self.status == Status::Failed
    }

    /// Parses the cells of a line with this layout, and computes its sum if `sums` is set.
    pub(super) fn parse<'a>(
        mut cells: impl Iterator<Item = &'a [u8]>,
        layout: &LineLayout,
        form: LineForm,
        sums: bool,
    ) -> Option<Self> {
        let mut hash = CellsHash::new();
        let mut keys: [&[u8]; LineLayout::MAX_KEYS] = Default::default();
        for column in 0..layout.input_columns {
            let cell = cells.next()?;
            if form == LineForm::AsWritten {
                hash.add(cell);
            }
            if let Some(key) = layout.key_columns.iter().position(|key| *key == column) {
                keys[key] = cell;
            }
        }
        let mut ours: [&[u8]; ResultsColumn::COUNT] = Default::default();
        for column in &layout.columns {
            let cell = match form {
                LineForm::AsWritten => cells.next().filter(|cell| is_well_formed(*column, cell))?,
                LineForm::Resaved => cells.next().unwrap_or_default(),
            };
            ours[*column as usize] = cell;
        }
        let cell = |column| ours[column as usize];
        let is_whole = match form {
            LineForm::AsWritten => cells.next().is_none(),
            // A spreadsheet pads every line to the width of the widest one.
            LineForm::Resaved => cells.all(<[u8]>::is_empty),
        };
        let row = parse_digits(cell(ResultsColumn::Row)).filter(|row| *row > 0 && is_whole)?;
        let [word, code] = [cell(ResultsColumn::Status), cell(ResultsColumn::Code)];
        let sum = if layout.key_columns.is_empty() || !sums {
            LineSum::default()
        } else {
            let keys = hash_texts(row, keys[..layout.key_columns.len()].iter().copied());
            let sent = [cell(ResultsColumn::FromId), cell(ResultsColumn::ToId)];
            LineSum::new(row, keys, sent, [word, code])
        };
        let (status, code) = parse_ending(word, code)?;
        Some(Self {
            row,
            status,
            code,
            transient: status == Status::Failed && code.is_some_and(Code::is_transient),
            cells_hash: hash.finish(row),
            sum,
        })
    }
}

/// `assoc_finished_at` always has this form.
const TIME_EXAMPLE: &str = "2026-11-23T02:10:59.782Z";

/// Whether a cell has the form that this program writes.
fn is_well_formed(column: ResultsColumn, cell: &[u8]) -> bool {
    match column {
        ResultsColumn::Row | ResultsColumn::Line | ResultsColumn::Attempts => {
            parse_digits(cell).is_some()
        }
        ResultsColumn::HttpStatus | ResultsColumn::FromId | ResultsColumn::ToId => {
            cell.is_empty() || parse_digits(cell).is_some()
        }
        ResultsColumn::FinishedAt => cell.len() == TIME_EXAMPLE.len() && cell.ends_with(b"Z"),
        // Checked together later, or free text.
        ResultsColumn::Status
        | ResultsColumn::Code
        | ResultsColumn::Message
        | ResultsColumn::CorrelationId => true,
    }
}

/// The status and code of the row: some statuses need a code, and any may have one.
fn parse_ending(word: &[u8], code: &[u8]) -> Option<(Status, Option<Code>)> {
    let status = Status::parse(word)?;
    if code.is_empty() {
        return (!status.needs_code()).then_some((status, None));
    }
    Some((status, Some(Code::parse(code)?)))
}

/// Accepts only digits.
fn parse_digits(cell: &[u8]) -> Option<u64> {
    if cell.is_empty() || cell.len() > 20 {
        return None;
    }
    cell.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

//! Proves that an input is the one that the results record: every recorded row must read as it
//! did then.
//!
//! Rows are compared by one sum of hashes per block, in whatever order they were recorded. So a
//! file of any length takes little memory.

use std::{collections::HashMap, io};

use super::{
    error::{InputDifference, JournalError},
    line_scanner::ScannedLine,
    recorded_run::RecordedRun,
    results_line::CellsHash,
    sums::block_of,
};
use crate::{
    cell::{clean, neutralise},
    lookalike::show_distinct,
    redaction::cell_without_address,
    row::Row,
};

/// A row is shown up to this length.
const ROW_CHARS: usize = 120;

/// A recorded row as the input has it now.
#[derive(Clone, Copy)]
struct InputRow {
    row: u64,
    line: u64,
    hash: u64,
}

/// Columns as they are shown next to others. If either list is too long, it starts at the first
/// column that differs.
fn show_columns(all: &[&str], others: &[&str]) -> String {
    let is_long = |names: &[&str]| names.join(", ").chars().count() > ROW_CHARS;
    let same = |(one, other): &(&&str, &&str)| one == other;
    let (start, more) = if is_long(all) || is_long(others) {
        (all.iter().zip(others).take_while(same).count(), "…, ")
    } else {
        (0, "")
    };
    let shown = all[start..].iter().map(|name| {
        let others = others.iter().copied();
        show_distinct(name, others, ROW_CHARS)
    });
    let shown = shown.collect::<Vec<_>>().join(", ");
    clean(&format!("{more}{shown}"), ROW_CHARS)
}

/// A proof in progress. It gets the rows in the order of the input.
pub struct InputProof<'a> {
    past: &'a RecordedRun,
    block: u64,
    /// The recorded rows of the current block.
    rows: Vec<InputRow>,
    last_row: u64,
    /// The input must not end before this row.
    min_rows: u64,
    shown: ShownRows,
}

/// What an error shows of a row as it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownRows {
    /// All cells.
    Whole,
    /// All cells without an e-mail address.
    WithoutAddresses,
    /// No cell.
    None,
}

impl<'a> InputProof<'a> {
    /// Begins a proof. Different columns are refused at once.
    ///
    /// # Errors
    /// If the input's columns differ from those of the results.
    pub fn new(past: &'a RecordedRun, header: &csv::StringRecord) -> Result<Self, JournalError> {
        let recorded = &past.info().results_format.columns;
        let current: Vec<_> = header.iter().collect();
        if current != *recorded {
            let recorded: Vec<_> = recorded.iter().map(String::as_str).collect();
            let how = InputDifference::Columns {
                current: show_columns(&current, &recorded),
                recorded: show_columns(&recorded, &current),
            };
            let results = past.path.clone();
            return Err(JournalError::OtherInput { results, how });
        }
        Ok(Self {
            past,
            block: 0,
            rows: Vec::new(),
            last_row: 0,
            min_rows: past.rows_seen(),
            shown: ShownRows::None,
        })
    }

    /// Says what errors show of a row. Otherwise they show no cell: it may be personal data.
    #[must_use]
    pub fn showing(self, shown: ShownRows) -> Self {
        Self { shown, ..self }
    }

    /// For an input that is read up to this row: those behind it are not required, unless they are
    /// recorded.
    #[must_use]
    pub fn limited_to(mut self, last_row: u64) -> Self {
        self.min_rows = self
            .min_rows
            .min(last_row)
            .max(self.past.last_recorded_row());
        self
    }

    /// Whether it needs more rows.
    #[must_use]
    pub fn needs_more(&self) -> bool {
        self.last_row < self.min_rows
    }

    /// Adds the next row.
    ///
    /// # Errors
    /// If a row of the previous block differs; it names the first one.
    pub fn add(&mut self, row: &Row) -> Result<(), JournalError> {
        if block_of(row.number) != self.block {
            self.end_block()?;
            self.block = block_of(row.number);
        }
        self.last_row = row.number;
        if self.past.rows().recorded.contains(row.number) {
            let mut hash = CellsHash::new();
            for cell in row.cells.iter() {
                hash.add(neutralise(cell).as_bytes());
            }
            self.rows.push(InputRow {
                row: row.number,
                line: row.line,
                hash: hash.finish(row.number),
            });
        }
        Ok(())
    }

    /// Ends the proof, at the end of the input or of what is recorded.
    ///
    /// # Errors
    /// If a row differs, or recorded rows are missing.
    pub fn finish(mut self) -> Result<(), JournalError> {
        self.end_block()?;
        let (rows, recorded) = (self.last_row, self.past.last_recorded_row());
        let how = if rows < recorded {
            InputDifference::Shorter { rows, recorded }
        } else if self.needs_more() {
            InputDifference::FewerRows {
                rows,
                seen: self.min_rows,
            }
        } else {
            return Ok(());
        };
        let results = self.past.path.clone();
        Err(JournalError::OtherInput { results, how })
    }

    /// Compares a finished block. Only a block that differs is compared row by row.
    fn end_block(&mut self) -> Result<(), JournalError> {
        let rows = std::mem::take(&mut self.rows);
        let sum = rows
            .iter()
            .fold(0, |sum: u64, row| sum.wrapping_add(row.hash));
        if sum == self.past.results.sums.get(self.block) {
            return Ok(());
        }
        let failed = |error| JournalError::Read(self.past.path.clone(), error);
        match self.first_difference(&rows).map_err(failed)? {
            None => Ok(()),
            Some((InputRow { row, line, .. }, results_line)) => Err(JournalError::OtherInput {
                results: self.past.path.clone(),
                how: InputDifference::Row {
                    row,
                    line,
                    recorded: self.shown_cells(&results_line),
                },
            }),
        }
    }

    /// The cells of the input in a line of the results, without our own columns, as they are shown.
    fn shown_cells(&self, line: &str) -> Option<String> {
        let shown: fn(&str) -> &str = match self.shown {
            ShownRows::Whole => |cell| cell,
            ShownRows::WithoutAddresses => cell_without_address,
            ShownRows::None => return None,
        };
        let format = &self.past.info().results_format;
        let delimiter = format.delimiter_byte();
        let mut lines = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(delimiter)
            .from_reader(line.as_bytes());
        let cells = lines.records().next().and_then(Result::ok);
        let cells = cells
            .as_ref()
            .map(|cells| cells.iter().take(format.columns.len()));
        let cells: Vec<_> = cells.into_iter().flatten().map(shown).collect();
        let row = cells.join(&char::from(delimiter).to_string());
        Some(clean(&row, ROW_CHARS))
    }

    /// The first of these rows that differs from its line, and that line. `None` if rows are
    /// only missing.
    fn first_difference(&self, rows: &[InputRow]) -> io::Result<Option<(InputRow, String)>> {
        let by_number: HashMap<u64, InputRow> = rows.iter().map(|row| (row.row, *row)).collect();
        let mut lines = self.past.lines()?;
        let mut first: Option<(InputRow, String)> = None;
        while let ScannedLine::Whole(record) = lines.next(|_| {})? {
            let Some(row) = by_number.get(&record.row) else {
                continue;
            };
            let is_earlier = first.as_ref().is_none_or(|(first, _)| row.row < first.row);
            if record.cells_hash != row.hash && is_earlier {
                let text = String::from_utf8_lossy(lines.last_line()).into_owned();
                first = Some((*row, text));
            }
        }
        Ok(first)
    }
}

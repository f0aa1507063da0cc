//! Proves that an input is the one that results record: every row that is
//! settled has to read the same as then.
//!
//! Rows are compared by a sum of hashes for each block, in whatever order they
//! were recorded, so that a file of any length takes little memory.

use std::{collections::HashMap, io};

use super::{
    error::{Difference, JournalError},
    past::Past,
    record::CellsHash,
    scan::Line,
    sums::block,
};
use crate::{
    alike::beside,
    cell::{clean, neutralise},
    row::Row,
};

/// So much of a row is shown.
const ROW_CHARS: usize = 120;

/// A settled row as the input has it now.
#[derive(Clone, Copy)]
struct Seen {
    row: u64,
    line: u64,
    hash: u64,
}

/// Columns as they are shown beside others: where all of them would be too long, from the first on
/// that is another.
fn columns(all: &[&str], others: &[&str]) -> String {
    let is_long = |names: &[&str]| names.join(", ").chars().count() > ROW_CHARS;
    let same = |(one, other): &(&&str, &&str)| one == other;
    let (start, more) = if is_long(all) || is_long(others) {
        (all.iter().zip(others).take_while(same).count(), "…, ")
    } else {
        (0, "")
    };
    let shown = all[start..].iter().map(|name| {
        let others = others.iter().copied();
        beside(name, others, ROW_CHARS)
    });
    let shown = shown.collect::<Vec<_>>().join(", ");
    clean(&format!("{more}{shown}"), ROW_CHARS)
}

/// The proof under way: rows are shown to it in the input's order.
pub struct Proof<'a> {
    past: &'a Past,
    block: u64,
    /// The settled rows of the block so far.
    seen: Vec<Seen>,
    last: u64,
    /// The input may not end before this row.
    least: u64,
}

impl<'a> Proof<'a> {
    /// Begins a proof; other columns are refused at once.
    ///
    /// # Errors
    /// If the input has not the columns that the results have.
    pub fn begin(past: &'a Past, header: &csv::StringRecord) -> Result<Self, JournalError> {
        let then = &past.begun().form.columns;
        let now: Vec<_> = header.iter().collect();
        if now != *then {
            let then: Vec<_> = then.iter().map(String::as_str).collect();
            let (now, then) = (columns(&now, &then), columns(&then, &now));
            let how = Difference::Columns { now, then };
            let results = past.path.clone();
            return Err(JournalError::OtherInput { results, how });
        }
        Ok(Self {
            past,
            block: 0,
            seen: Vec::new(),
            last: 0,
            least: past.rows_seen(),
        })
    }

    /// Of an input that is read up to a limit, no rows behind it are asked for
    /// but those that are recorded.
    #[must_use]
    pub fn limited_to(mut self, limit: Option<u64>) -> Self {
        let limit = limit.unwrap_or(u64::MAX);
        self.least = self.least.min(limit).max(self.past.highest());
        self
    }

    /// Whether rows after this one still have to be shown.
    #[must_use]
    pub fn wants_more(&self) -> bool {
        self.last < self.least
    }

    /// Shows the next row.
    ///
    /// # Errors
    /// If a row of the block before differs, naming the first.
    pub fn see(&mut self, row: &Row) -> Result<(), JournalError> {
        if block(row.number) != self.block {
            self.end_block()?;
            self.block = block(row.number);
        }
        self.last = row.number;
        if self.past.rows().settled.contains(row.number) {
            let mut hash = CellsHash::new();
            for cell in row.cells.iter() {
                hash.add(neutralise(cell).as_bytes());
            }
            self.seen.push(Seen {
                row: row.number,
                line: row.line,
                hash: hash.of_row(row.number),
            });
        }
        Ok(())
    }

    /// The end of the input, or of what is recorded.
    ///
    /// # Errors
    /// If a row differs, or recorded ones are missing.
    pub fn finish(mut self) -> Result<(), JournalError> {
        self.end_block()?;
        let (rows, recorded) = (self.last, self.past.highest());
        let how = if rows < recorded {
            Difference::Shorter { rows, recorded }
        } else if self.wants_more() {
            let seen = self.least;
            Difference::FewerRows { rows, seen }
        } else {
            return Ok(());
        };
        let results = self.past.path.clone();
        Err(JournalError::OtherInput { results, how })
    }

    /// Compares the block that ends; only one that differs is looked at row
    /// by row.
    fn end_block(&mut self) -> Result<(), JournalError> {
        let seen = std::mem::take(&mut self.seen);
        let sum = seen
            .iter()
            .fold(0, |sum: u64, seen| sum.wrapping_add(seen.hash));
        if sum == self.past.recorded.sums.of(self.block) {
            return Ok(());
        }
        let failed = |error| JournalError::Read(self.past.path.clone(), error);
        match self.first_difference(&seen).map_err(failed)? {
            None => Ok(()),
            Some((Seen { row, line, .. }, then)) => Err(JournalError::OtherInput {
                results: self.past.path.clone(),
                how: Difference::Row {
                    row,
                    line,
                    then: clean(then.trim_end(), ROW_CHARS),
                },
            }),
        }
    }

    /// The first of these rows that does not read as it is recorded, and what
    /// is recorded. `None` if rows are only missing.
    fn first_difference(&self, seen: &[Seen]) -> io::Result<Option<(Seen, String)>> {
        let now: HashMap<u64, Seen> = seen.iter().map(|seen| (seen.row, *seen)).collect();
        let mut lines = self.past.lines()?;
        let mut first: Option<(Seen, String)> = None;
        while let Line::Whole(record) = lines.next(|_| {})? {
            let Some(seen) = now.get(&record.row) else {
                continue;
            };
            let is_earlier = first.as_ref().is_none_or(|(first, _)| seen.row < first.row);
            if record.cells != seen.hash && is_earlier {
                let text = String::from_utf8_lossy(lines.last_line()).into_owned();
                first = Some((*seen, text));
            }
        }
        Ok(first)
    }
}

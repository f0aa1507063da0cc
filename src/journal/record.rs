//! One line of the results, as strictly as it was written: what it says of
//! its row, or that it is none of ours.

use std::hash::{DefaultHasher, Hasher as _};

use crate::{
    code::Code,
    row::{RESULT_COLUMNS, Status},
};

/// What a line says of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) row: u64,
    pub(super) status: Status,
    /// Whether it may succeed as it is when HubSpot is well again.
    pub(super) passing: bool,
    /// Of the input's cells; see [`CellsHash`].
    pub(super) cells: u64,
}

/// A row's number and cells in one number, so that rows can be compared
/// without keeping them.
pub(super) struct CellsHash(DefaultHasher);

impl CellsHash {
    pub(super) fn new() -> Self {
        Self(DefaultHasher::new())
    }

    /// Adds a cell as it stands in the results.
    pub(super) fn add(&mut self, cell: &[u8]) {
        /// In no UTF-8 text, so that cells cannot run into each other.
        const END: u8 = 0xff;
        self.0.write(cell);
        self.0.write_u8(END);
    }

    pub(super) fn of_row(mut self, row: u64) -> u64 {
        self.0.write_u64(row);
        self.0.finish()
    }
}

impl Record {
    /// Reads the cells of a line that has so many `columns` of the input.
    pub(super) fn read<'a>(
        mut cells: impl Iterator<Item = &'a [u8]>,
        columns: usize,
    ) -> Option<Self> {
        let mut hash = CellsHash::new();
        for _ in 0..columns {
            hash.add(cells.next()?);
        }
        let mut ours: [&[u8]; RESULT_COLUMNS.len()] = Default::default();
        for cell in &mut ours {
            *cell = cells.next()?;
        }
        let [row, line, status, http, attempts, code, _, _, at] = ours;
        let is_whole = cells.next().is_none()
            && number(line).is_some()
            && (http.is_empty() || number(http).is_some())
            && number(attempts).is_some()
            && at.len() == TIME.len()
            && at.ends_with(b"Z");
        let row = number(row).filter(|row| *row > 0 && is_whole)?;
        let (status, code) = ended(status, code)?;
        Some(Self {
            row,
            status,
            passing: status == Status::Failed && code.is_some_and(Code::is_passing),
            cells: hash.of_row(row),
        })
    }
}

/// `assoc_finished_at` always has this form.
const TIME: &str = "2026-11-23T02:10:59.782Z";

/// How the row ended: a code stands beside just those words that need one.
fn ended(word: &[u8], code: &[u8]) -> Option<(Status, Option<Code>)> {
    let status = Status::parse(word)?;
    if !status.has_code() {
        return code.is_empty().then_some((status, None));
    }
    let mut all = Code::ALL.iter().copied();
    let code = all.find(|known| known.as_str().as_bytes() == code)?;
    Some((status, Some(code)))
}

/// Plain digits only.
fn number(cell: &[u8]) -> Option<u64> {
    if cell.is_empty() || cell.len() > 20 {
        return None;
    }
    cell.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

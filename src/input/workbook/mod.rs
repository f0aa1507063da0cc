//! Workbooks of Excel and other programs (`.xlsx`, `.xlsm`) as a format of the input.
//!
//! ```text
//! file ─▶ package ─▶ part ─▶ xml ─▶ sheet ─▶ RecordCells
//!         (zip)      bytes    pieces  (shared_strings, styles, shown_values, number, text)
//! ```
//!
//! Reads one sheet, row by row. Only the shared texts are kept in memory. Knows nothing about what
//! the columns mean.

mod attributes;
mod cell_reference;
mod number;
mod package;
mod part;
mod plain_cell;
mod records;
mod shared_strings;
mod sheet;
mod sheet_list;
mod shown_values;
mod styles;
mod text;
mod xml;

#[cfg(test)]
mod tests;

pub(super) use records::{WorkbookRecords, file, open};

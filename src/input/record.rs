//! The cells of one record, whatever the format: their bytes, one after the other.
//!
//! A format fills it, and what the columns mean is read from it. Knows of neither.

use std::{borrow::Cow, ops::Range};

/// A record of more cells is no row of a table.
pub(super) const MAX_CELLS: usize = 16_384;

/// The cells of the last record that was read.
pub(super) struct RecordCells {
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    cells: usize,
}

impl RecordCells {
    pub(super) fn new() -> Self {
        Self {
            text: Vec::new(),
            text_len: 0,
            // One to spare, so that the limit itself still ends in a record.
            ends: vec![0; MAX_CELLS + 1],
            cells: 0,
        }
    }

    /// Where to put the text of cells of so many bytes, and where each of them ends.
    pub(super) fn room(&mut self, bytes: usize) -> (&mut [u8], &mut [usize]) {
        if self.text.len() <= bytes {
            self.text.resize(2 * bytes, 0);
        }
        (&mut self.text, &mut self.ends)
    }

    /// Says how much of the room was filled.
    pub(super) fn set(&mut self, text_len: usize, cells: usize) {
        (self.text_len, self.cells) = (text_len, cells.min(MAX_CELLS));
    }

    /// How many cells it has.
    pub(super) fn len(&self) -> usize {
        self.cells
    }

    /// All cells' bytes, one after the other.
    pub(super) fn text(&self) -> &[u8] {
        &self.text[..self.text_len]
    }

    /// Where in [`Self::text`] a cell stands.
    pub(super) fn bounds(&self, cell: usize) -> Range<usize> {
        let start = if cell == 0 { 0 } else { self.ends[cell - 1] };
        start..self.ends[cell]
    }

    /// One cell's bytes.
    pub(super) fn cell(&self, cell: usize) -> &[u8] {
        &self.text[self.bounds(cell)]
    }

    /// One cell as text.
    pub(super) fn cell_text(&self, cell: usize) -> Cow<'_, str> {
        text_of(self.cell(cell))
    }
}

/// Bytes as text; those that are no UTF-8 are taken for Windows-1252.
pub(super) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
        }
    }
}

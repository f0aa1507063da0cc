//! The cells of one record of any format, as bytes.
//!
//! A format writes the cells, and the columns read them. Knows neither.

use std::{borrow::Cow, ops::Range};

/// The most cells of a record. One with more is not a row of a table.
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
            // One extra, so that a record with exactly the limit still fits.
            ends: vec![0; MAX_CELLS + 1],
            cells: 0,
        }
    }

    /// The buffers for the text of the cells and for their ends.
    pub(super) fn buffers(&mut self, bytes: usize) -> (&mut [u8], &mut [usize]) {
        if self.text.len() <= bytes {
            self.text.resize(2 * bytes, 0);
        }
        (&mut self.text, &mut self.ends)
    }

    /// Removes all cells.
    pub(super) fn clear(&mut self) {
        self.set(0, 0);
    }

    /// Adds a cell at this index, and empty ones before it. Cells are added in order, and none
    /// after the last that a record can have.
    pub(super) fn push_at(&mut self, cell: usize, text: &[u8]) {
        let start = self.text_len;
        self.buffers(start + text.len());
        self.text_len += text.len();
        self.text[start..self.text_len].copy_from_slice(text);
        self.ends[self.cells..cell].fill(start);
        self.ends[cell] = self.text_len;
        self.cells = cell + 1;
    }

    /// Sets how much of the buffers was filled.
    pub(super) fn set(&mut self, text_len: usize, cells: usize) {
        (self.text_len, self.cells) = (text_len, cells.min(MAX_CELLS));
    }

    /// The number of cells.
    pub(super) fn len(&self) -> usize {
        self.cells
    }

    /// The bytes of all cells, without separators.
    pub(super) fn text(&self) -> &[u8] {
        &self.text[..self.text_len]
    }

    /// The range of a cell in [`Self::text`].
    pub(super) fn bounds(&self, cell: usize) -> Range<usize> {
        let start = if cell == 0 { 0 } else { self.ends[cell - 1] };
        start..self.ends[cell]
    }

    /// The bytes of one cell.
    pub(super) fn cell(&self, cell: usize) -> &[u8] {
        &self.text[self.bounds(cell)]
    }

    /// The text of one cell.
    pub(super) fn cell_text(&self, cell: usize) -> Cow<'_, str> {
        text_of(self.cell(cell))
    }
}

/// Decodes bytes as UTF-8, or else as Windows-1252.
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

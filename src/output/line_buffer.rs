//! Lines of a results file as text: cells are quoted where needed, and no spreadsheet would run
//! one as a formula.
//!
//! Collects lines until they are taken. Knows nothing of files.

use jiff::Timestamp;
use memchr::{memchr, memchr3};

use crate::{cell::guard, row_cells::RowCells};

/// Whole lines, and the one that is being written.
#[derive(Debug)]
pub(super) struct LineBuffer {
    /// One of the delimiters that a user can choose. No number, time or word contains it.
    delimiter: u8,
    text: Vec<u8>,
    /// The last time as text, with its millisecond: many rows share one.
    time: (i64, String),
}

impl LineBuffer {
    /// `prefix` comes before the first line.
    pub(super) fn new(prefix: &[u8], delimiter: u8) -> Self {
        Self {
            delimiter,
            text: prefix.to_vec(),
            time: (i64::MIN, String::new()),
        }
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
    }

    /// Adds the cells of the input.
    pub(super) fn cells(&mut self, cells: &RowCells) {
        // One check for all of them: most rows have nothing to quote.
        let is_plain = !self.is_special(cells.text());
        for cell in cells.iter() {
            if is_plain {
                self.text.extend_from_slice(guard(cell).as_bytes());
                self.word(cell);
            } else {
                self.cell(cell);
            }
        }
    }

    /// Adds any text.
    pub(super) fn cell(&mut self, text: &str) {
        if text.is_empty() {
            return self.word("");
        }
        let quoted = self.is_special(text);
        if quoted {
            self.text.push(b'"');
        }
        self.text.extend_from_slice(guard(text).as_bytes());
        if !quoted {
            return self.word(text);
        }
        for piece in text.split_inclusive('"') {
            self.text.extend_from_slice(piece.as_bytes());
            if piece.ends_with('"') {
                self.text.push(b'"');
            }
        }
        self.word("\"");
    }

    /// Adds a word of this program, which never needs quotes.
    pub(super) fn word(&mut self, word: &str) {
        self.text.extend_from_slice(word.as_bytes());
        self.text.push(self.delimiter);
    }

    pub(super) fn number(&mut self, number: u64) {
        self.word(itoa::Buffer::new().format(number));
    }

    /// Adds a number, or an empty cell.
    pub(super) fn number_or_none(&mut self, number: Option<u64>) {
        match number {
            Some(number) => self.number(number),
            None => self.word(""),
        }
    }

    /// Adds a time: RFC 3339 in UTC, to the millisecond.
    pub(super) fn time(&mut self, at: Timestamp) {
        let millisecond = at.as_millisecond();
        if self.time.0 != millisecond {
            self.time = (millisecond, format!("{at:.3}"));
        }
        self.text.extend_from_slice(self.time.1.as_bytes());
        self.text.push(self.delimiter);
    }

    /// Ends a line of at least one cell.
    pub(super) fn end(&mut self) {
        if let Some(last) = self.text.last_mut() {
            *last = b'\n';
        }
    }

    /// Whether the text needs quotes.
    fn is_special(&self, text: &str) -> bool {
        let text = text.as_bytes();
        memchr3(b'"', b'\n', b'\r', text).is_some() || memchr(self.delimiter, text).is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cell::neutralise;

    proptest! {
        #[test]
        fn lines_are_those_of_the_csv_crate(
            rows in proptest::collection::vec(
                (proptest::collection::vec("[-=+'\"\r\n,;a1é]{0,5}|.*", 2), any::<u64>()),
                0..4,
            ),
            delimiter in prop::sample::select(&b",;\t|"[..]),
        ) {
            let mut lines = LineBuffer::new(b"", delimiter);
            let mut csv = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            for (cells, number) in &rows {
                lines.cells(&cells.iter().map(String::as_str).collect());
                lines.cell(&cells[0]);
                lines.number(*number);
                lines.end();
                for cell in cells.iter().chain(&cells[..1]) {
                    csv.write_field(neutralise(cell).as_bytes()).unwrap();
                }
                csv.write_field(number.to_string()).unwrap();
                csv.write_record(None::<&[u8]>).unwrap();
            }
            let expected = csv.into_inner().unwrap();
            prop_assert_eq!(lines.text(), expected.as_slice());
        }
    }

    #[test]
    fn each_line_has_its_own_millisecond() {
        let mut lines = LineBuffer::new(b"", b',');
        for nanosecond in [1_999_999, 2_000_000, 2_999_999, 1_000_000] {
            lines.time(Timestamp::from_nanosecond(nanosecond).unwrap());
        }
        let [one, two] = ["1970-01-01T00:00:00.001Z", "1970-01-01T00:00:00.002Z"];
        assert_eq!(lines.text(), format!("{one},{two},{two},{one},").as_bytes());
    }
}

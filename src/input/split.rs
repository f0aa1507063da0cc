//! Splits a record into cells. Records with quotes are split by the parser of the csv crate.
//!
//! The parser gets exactly one record. If it finds another end than the strict pass, the cells are
//! uncertain. Knows nothing about columns.

use csv_core::ReadRecordResult;
use memchr::memchr_iter;

use super::record::{MAX_CELLS, RecordCells};

/// The result of splitting a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SplitResult {
    /// The number of cells.
    Cells(usize),
    /// More than [`MAX_CELLS`].
    LimitExceeded,
    /// The parser finds another end of the record.
    Disagrees,
}

/// Splits records, and keeps the cells of the last one.
pub(super) struct RecordSplitter {
    delimiter: u8,
    parser: csv_core::Reader,
    record: RecordCells,
}

impl RecordSplitter {
    pub(super) fn new(delimiter: u8) -> Self {
        let mut parser = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        pass_start(&mut parser);
        Self {
            delimiter,
            parser,
            record: RecordCells::new(),
        }
    }

    /// Splits one record, which includes its line end.
    pub(super) fn split(&mut self, record: &[u8]) -> SplitResult {
        let (text, ends) = self.record.buffers(record.len());
        let (result, read, text_len, cells) = self.parser.read_record(record, text, ends);
        self.record.set(text_len, cells);
        let whole = result == ReadRecordResult::Record && read == record.len();
        if whole && cells <= MAX_CELLS {
            return SplitResult::Cells(cells);
        }
        self.parser.reset();
        pass_start(&mut self.parser);
        if cells > MAX_CELLS {
            SplitResult::LimitExceeded
        } else {
            SplitResult::Disagrees
        }
    }

    /// Splits a record without quotes, in which every delimiter ends a cell. Most records have
    /// none, and the parser takes twice as long.
    pub(super) fn split_plain(&mut self, record: &[u8]) -> SplitResult {
        let (text, ends) = self.record.buffers(record.len());
        let record = &record[..record.len() - 1];
        let (mut start, mut len, mut cells) = (0, 0, 0);
        for end in memchr_iter(self.delimiter, record).chain([record.len()]) {
            if cells == MAX_CELLS {
                return SplitResult::LimitExceeded;
            }
            let cell = &record[start..end];
            text[len..len + cell.len()].copy_from_slice(cell);
            len += cell.len();
            ends[cells] = len;
            cells += 1;
            start = end + 1;
        }
        self.record.set(len, cells);
        SplitResult::Cells(cells)
    }

    /// The cells of the last record.
    #[inline]
    pub(super) fn record(&self) -> &RecordCells {
        &self.record
    }
}

/// The cells of one record; `None` if there are too many.
pub(super) fn cells(record: &[u8], delimiter: u8) -> Option<Vec<String>> {
    let mut splitter = RecordSplitter::new(delimiter);
    let split = splitter.split(&[record, b"\n"].concat());
    let cell = |i| splitter.record().cell_text(i).into_owned();
    match split {
        SplitResult::Cells(count) => Some((0..count).map(cell).collect()),
        // The strict pass found another end, so there are no columns.
        SplitResult::Disagrees => Some(Vec::new()),
        SplitResult::LimitExceeded => None,
    }
}

/// A new parser would strip a byte order mark from its first record, but inside a file the mark is
/// part of a cell.
fn pass_start(parser: &mut csv_core::Reader) {
    let _nothing = parser.read_record(b"\n", &mut [0], &mut [0]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(splitter: &RecordSplitter, split: SplitResult) -> (SplitResult, Vec<&[u8]>) {
        let cells = (0..splitter.record().len()).map(|cell| splitter.record().cell(cell));
        (split, cells.collect())
    }

    proptest! {
        #[test]
        fn without_quotes_the_cells_are_those_of_the_parser(
            text in "[,;#\\\\ ab\u{feff}]{1,9}",
            end in prop::sample::select(&b"\r\n"[..]),
        ) {
            let record = [text.as_bytes(), &[end]].concat();
            let (mut parser, mut plain) = (RecordSplitter::new(b','), RecordSplitter::new(b','));
            let (by_parser, by_plain) = (parser.split(&record), plain.split_plain(&record));
            prop_assert_eq!(cells(&plain, by_plain), cells(&parser, by_parser));
        }
    }

    #[test]
    fn records_without_quotes_can_have_too_many_cells() {
        let record = [vec![b','; MAX_CELLS], vec![b'\n']].concat();
        assert_eq!(
            RecordSplitter::new(b',').split_plain(&record),
            SplitResult::LimitExceeded
        );
        let most = SplitResult::Cells(MAX_CELLS);
        assert_eq!(RecordSplitter::new(b',').split_plain(&record[1..]), most);
    }
}

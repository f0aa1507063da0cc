//! Splits delimited text into records, whatever is in it, in bounded memory.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// The longest record. A line of results is shorter, also if all its bytes are doubled quotes.
const LONGEST_RECORD: usize = 16 << 20;

/// Reads records.
pub(super) struct RecordReader<R> {
    source: R,
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// The cells of a record.
#[derive(Clone, Copy, Default)]
pub(super) struct SplitRecord<'a> {
    text: &'a [u8],
    ends: &'a [usize],
    /// Whether nothing follows.
    pub(super) is_last: bool,
}

impl<'a> SplitRecord<'a> {
    /// How many there are.
    pub(super) fn len(self) -> usize {
        self.ends.len()
    }

    /// The cell at this place; empty if there is none.
    pub(super) fn get(self, place: usize) -> &'a [u8] {
        let Some(end) = self.ends.get(place) else {
            return &[];
        };
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..*end]
    }

    /// All of them.
    pub(super) fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        (0..self.len()).map(move |place| self.get(place))
    }
}

impl<R: BufRead> RecordReader<R> {
    pub(super) fn new(source: R, delimiter: u8) -> Self {
        Self {
            source,
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            text: vec![0; 1 << 12],
            ends: vec![0; 1 << 6],
        }
    }

    /// The next record that is not a blank line; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<SplitRecord<'_>>> {
        let (mut text, mut ends) = (0, 0);
        loop {
            let bytes = self.source.fill_buf()?;
            let (result, read, written, ended) =
                self.reader
                    .read_record(bytes, &mut self.text[text..], &mut self.ends[ends..]);
            self.source.consume(read);
            text += written;
            ends += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => grow(&mut self.text)?,
                ReadRecordResult::OutputEndsFull => grow(&mut self.ends)?,
                ReadRecordResult::Record => {
                    let is_last = self.source.fill_buf()?.is_empty();
                    return Ok(Some(SplitRecord {
                        text: &self.text[..text],
                        ends: &self.ends[..ends],
                        is_last,
                    }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }
}

/// Doubles a buffer, up to the longest record.
fn grow<T: Clone + Default>(buffer: &mut Vec<T>) -> io::Result<()> {
    let length = buffer.len() * 2;
    if length > LONGEST_RECORD {
        return Err(io::ErrorKind::InvalidData.into());
    }
    buffer.resize(length, T::default());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read as _};

    use super::*;

    #[test]
    fn records_of_any_length_have_their_cells() {
        let long = "x".repeat(10_000);
        let text = format!("a;\"b\n\"\"c\";\n\r\n{long};{}1", ";".repeat(100));
        for buffer in [1, 7, 1 << 16] {
            let source = BufReader::with_capacity(buffer, text.as_bytes());
            let mut records = RecordReader::new(source, b';');
            let first = records.next().unwrap().unwrap();
            assert_eq!(
                first.iter().collect::<Vec<_>>(),
                [&b"a"[..], b"b\n\"c", b""]
            );
            let second = records.next().unwrap().unwrap();
            assert_eq!(
                (second.len(), second.get(0).len(), second.get(101)),
                (102, 10_000, &b"1"[..])
            );
            assert_eq!(second.get(102), b"");
            assert!(records.next().unwrap().is_none());
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_fill_the_memory() {
        let source = io::repeat(b'x').take(LONGEST_RECORD as u64 * 2);
        let text = b"\"".chain(source);
        let mut records = RecordReader::new(BufReader::new(text), b',');
        assert!(records.next().is_err());
    }
}

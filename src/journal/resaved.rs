//! Results that another program has saved, as the run wrote them: a spreadsheet
//! changes line ends, byte order mark, delimiter and quotes, and none of that
//! changes what the cells say.
//!
//! Whether the cells are the same is told by the checksum of what is read here.

use std::{
    fs::File,
    io::{self, Read, Seek as _, SeekFrom},
};

use csv::ByteRecord;

use super::companion::Begun;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The delimiters that a spreadsheet may save with.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// So much is made at once.
const CHUNK: usize = 64 << 10;

/// Reads a results file as the run would have written it.
pub(super) struct Rewritten {
    records: csv::Reader<File>,
    record: ByteRecord,
    delimiter: u8,
    text: Vec<u8>,
    /// The part of the text that has been read.
    read: usize,
}

impl Rewritten {
    /// `None` if the file has not the columns of this run.
    pub(super) fn open(file: &File, begun: &Begun) -> io::Result<Option<Self>> {
        let columns = begun.columns.len() + begun.result_columns().len();
        for delimiter in DELIMITERS {
            let mut file = file.try_clone()?;
            let mut start = [0; BOM.len()];
            file.rewind()?;
            let has_bom = file.read_exact(&mut start).is_ok() && start == *BOM;
            let begins = if has_bom { BOM.len() as u64 } else { 0 };
            file.seek(SeekFrom::Start(begins))?;
            let mut records = csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .flexible(true)
                .from_reader(file);
            let header = records.byte_headers()?.clone();
            if header.len() == columns {
                let text = if begun.bom { BOM.to_vec() } else { Vec::new() };
                let mut rewritten = Self {
                    records,
                    record: ByteRecord::new(),
                    delimiter: begun.delimiter_byte(),
                    text,
                    read: 0,
                };
                rewritten.write(&[header])?;
                return Ok(Some(rewritten));
            }
        }
        Ok(None)
    }

    fn write(&mut self, records: &[ByteRecord]) -> io::Result<()> {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .from_writer(&mut self.text);
        for record in records {
            writer.write_byte_record(record)?;
        }
        writer.flush()
    }

    /// The next lines; none at the end.
    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.read = 0;
        let (mut records, mut bytes) = (Vec::new(), 0);
        while bytes < CHUNK && self.records.read_byte_record(&mut self.record)? {
            bytes += self.record.as_slice().len();
            records.push(self.record.clone());
        }
        self.write(&records)
    }
}

impl Read for Rewritten {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.text.len() {
            self.refill()?;
        }
        let unread = &self.text[self.read..];
        let length = unread.len().min(buffer.len());
        buffer[..length].copy_from_slice(&unread[..length]);
        self.read += length;
        Ok(length)
    }
}

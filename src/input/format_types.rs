//! What is found in an input: what the file is, a header, and then one record after the
//! other, or none.
//!
//! Plain data between a format and who reads its records.

use super::{columns::InputColumns, error::ReadFault, options::Delimiter};
use crate::failure::Failure;

/// What is known once the header has been read.
pub(super) struct OpenedInput {
    pub(super) columns: InputColumns,
    /// What results that look like the input have between their cells.
    pub(super) delimiter: Delimiter,
    pub(super) bom: bool,
    pub(super) encoding: &'static str,
    pub(super) gzip: bool,
}

/// What there is without reading more.
#[derive(Debug)]
pub(super) enum ReadStep<T> {
    /// A record that is not blank.
    Record(T),
    /// More has to be read.
    Wait,
    /// There is nothing more.
    End,
    /// It cannot be read beyond this line.
    BrokeOff { line: u64, fault: ReadFault },
}

/// A record.
#[derive(Debug)]
pub(super) struct ReadRecord {
    /// Where it begins, from 1.
    pub(super) line: u64,
    /// How many cells it has, or why they are uncertain.
    pub(super) cells: Result<usize, Box<Failure>>,
}

/// What the file is, as far as it is known before its first row.
#[derive(Clone, Debug)]
pub struct InputShape {
    /// The input's columns, without those that this program adds to its results.
    pub header: csv::StringRecord,
    /// Those of them that say what a row links: from, to, and how.
    pub key_columns: Vec<usize>,
    /// What separates the cells.
    pub delimiter: Delimiter,
    /// Whether it begins with a byte order mark.
    pub bom: bool,
    /// The encoding's name, such as `UTF-8`.
    pub encoding: String,
    /// Whether it is compressed.
    pub gzip: bool,
    /// The size on disk, for a regular file.
    pub bytes_total: Option<u64>,
    /// Whether it is one of our own results files.
    pub from_results: bool,
}

//! What a format finds: a header, and then one record after the other, or none.
//!
//! Plain data between a format and who reads its records.

use super::{columns::Columns, error::Fault, options::Delimiter};
use crate::failure::Failure;

/// What is known once the header has been read.
pub(super) struct Opened {
    pub(super) columns: Columns,
    /// What results that look like the input have between their cells.
    pub(super) delimiter: Delimiter,
    pub(super) bom: bool,
    pub(super) encoding: &'static str,
    pub(super) gzip: bool,
}

/// What there is without reading more.
#[derive(Debug)]
pub(super) enum Next<T> {
    /// A record that is not blank.
    Record(T),
    /// More has to be read.
    Wait,
    /// There is nothing more.
    End,
    /// It cannot be read beyond this line.
    BrokeOff { line: u64, fault: Fault },
}

/// A record.
#[derive(Debug)]
pub(super) struct Found {
    /// Where it begins, from 1.
    pub(super) line: u64,
    /// How many cells it has, or why they are uncertain.
    pub(super) cells: Result<usize, Box<Failure>>,
}

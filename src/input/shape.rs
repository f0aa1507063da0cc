//! What an input turned out to be.
//!
//! Plain data, known once the header has been read.

use super::options::Delimiter;

/// What the file is, as far as it is known before its first row.
#[derive(Clone, Debug)]
pub struct Shape {
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

//! The number format of a cell that a sheet shows in another way than it is stored.
//!
//! Plain data. Does not know which formats do that.

/// Such a format.
#[derive(Clone, Copy, Debug)]
pub(super) enum AlteringFormat<'a> {
    /// It has this code.
    Code(&'a str),
    /// It is not known what it shows: no workbook defines it, and it depends on the language of Excel.
    Unknown,
}

//! How many rows there will be, as far as that is known.

use std::fmt;

use super::formatting::plural;
use crate::input::RowCount;

/// How many rows there will be.
#[derive(Clone, Debug)]
pub enum TotalRows {
    /// Known.
    Exact(u64),
    /// Counted beside the run; so many of them are done already.
    Counted {
        /// The number, once it is known.
        count: RowCount,
        /// Not to be counted.
        done: u64,
    },
    /// Nobody knows, as with a pipe.
    Unknown,
}

impl TotalRows {
    /// The number, if it is known.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        match self {
            Self::Exact(rows) => Some(*rows),
            Self::Counted { count, done } => Some(count.rows()?.saturating_sub(*done)),
            Self::Unknown => None,
        }
    }

    /// Whether the rows are still being counted.
    #[must_use]
    pub fn is_counting(&self) -> bool {
        match self {
            Self::Exact(_) | Self::Unknown => false,
            Self::Counted { count, .. } => count.is_open(),
        }
    }

    /// What is left of it after so many.
    #[must_use]
    pub fn minus(&self, more: u64) -> Self {
        match self {
            Self::Exact(rows) => Self::Exact(rows.saturating_sub(more)),
            Self::Counted { count, done } => Self::Counted {
                count: count.clone(),
                done: done + more,
            },
            Self::Unknown => Self::Unknown,
        }
    }
}

/// `1,200 rows`, that they are being counted, or nothing known.
impl fmt::Display for TotalRows {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rows() {
            Some(rows) => out.write_str(&plural(rows, "row", "rows")),
            None if self.is_counting() => out.write_str("rows (still counting)"),
            None => out.write_str("an unknown number of rows"),
        }
    }
}
